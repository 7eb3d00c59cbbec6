//! The ciphers of ISO 32000-2, 7.6: RC4, and AES in CBC mode.

use aes::cipher::block_padding::{NoPadding, Pkcs7};
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit, StreamCipher};
use aes::{Aes128, Aes256};

use crate::PdfError;

pub(super) const BLOCK: usize = 16;

const BAD_KEY: PdfError = PdfError::Encryption {
    why: "a key of impossible length",
};

pub(super) fn rc4(key: &[u8], data: &[u8]) -> Result<Vec<u8>, PdfError> {
    let mut cipher = rc4::Rc4::new_from_slice(key).map_err(|_| BAD_KEY)?;
    let mut data = data.to_vec();
    cipher.apply_keystream(&mut data);
    Ok(data)
}

/// Data whose first block is the initialization vector, padded by PKCS#7. Bad padding and a last
/// block cut short are overlooked, as readers do: nothing here authenticates anything.
pub(super) fn aes_open(key: &[u8], data: &[u8]) -> Result<Vec<u8>, PdfError> {
    let Some((iv, data)) = data.split_at_checked(BLOCK) else {
        return Ok(Vec::new());
    };
    let whole = data.len() / BLOCK * BLOCK;
    let mut clear = aes_cbc_open(key, iv, data.get(..whole).unwrap_or_default())?;
    if let Some(&padding @ 1..=16) = clear.last() {
        let keep = clear.len().saturating_sub(usize::from(padding));
        if clear.iter().skip(keep).all(|&b| b == padding) {
            clear.truncate(keep);
        }
    }
    Ok(clear)
}

/// A random initialization vector, then the padded data.
pub(super) fn aes_seal(key: &[u8], data: &[u8]) -> Result<Vec<u8>, PdfError> {
    let mut iv = [0; BLOCK];
    getrandom::fill(&mut iv).map_err(|_| PdfError::Random)?;
    let sealed = match key.len() {
        16 => cbc::Encryptor::<Aes128>::new_from_slices(key, &iv)
            .map_err(|_| BAD_KEY)?
            .encrypt_padded_vec::<Pkcs7>(data),
        32 => cbc::Encryptor::<Aes256>::new_from_slices(key, &iv)
            .map_err(|_| BAD_KEY)?
            .encrypt_padded_vec::<Pkcs7>(data),
        _ => return Err(BAD_KEY),
    };
    let mut out = iv.to_vec();
    out.extend(sealed);
    Ok(out)
}

/// Whole blocks without padding.
pub(super) fn aes_cbc_open(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, PdfError> {
    let ragged = |_| PdfError::Encryption {
        why: "data that is no whole number of cipher blocks",
    };
    match key.len() {
        16 => cbc::Decryptor::<Aes128>::new_from_slices(key, iv)
            .map_err(|_| BAD_KEY)?
            .decrypt_padded_vec::<NoPadding>(data)
            .map_err(ragged),
        32 => cbc::Decryptor::<Aes256>::new_from_slices(key, iv)
            .map_err(|_| BAD_KEY)?
            .decrypt_padded_vec::<NoPadding>(data)
            .map_err(ragged),
        _ => Err(BAD_KEY),
    }
}

/// Whole blocks, AES-128, without padding: the mixing step of revision 6 (algorithm 2.B).
pub(super) fn aes128_cbc_seal(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, PdfError> {
    Ok(cbc::Encryptor::<Aes128>::new_from_slices(key, iv)
        .map_err(|_| BAD_KEY)?
        .encrypt_padded_vec::<NoPadding>(data))
}
