//! Whether a CAdES signature that lies there is one of this content: by its message-digest, or by the
//! content inside it. What it is worth is for [`crate::validate`] to say.

use std::io::{self, Read, Seek, SeekFrom};

use pki_crypto::DigestAlgorithm;

use crate::cms::parse::SignedData;

/// Detached signatures are some kilobytes; with evidence in them some megabytes.
const MAX_DETACHED: u64 = 64 << 20;

/// Whether `signature` (in DER, as Sceau writes it) is a signature of `content`, attached or detached.
/// Content inside it is compared as a stream.
///
/// # Errors
/// Where either cannot be read.
pub fn is_signature_of<S: Read + Seek>(
    signature: &mut S,
    content: &mut dyn Read,
) -> io::Result<bool> {
    if let Some(len) = seek_content(signature)? {
        return same(&mut signature.take(len), len, content);
    }
    signature.rewind()?;
    let mut bytes = Vec::new();
    signature.take(MAX_DETACHED).read_to_end(&mut bytes)?;
    let Ok(signed) = SignedData::parse(&bytes) else {
        return Ok(false);
    };
    let Some(signer) = signed.signers.first() else {
        return Ok(false);
    };
    let Some(algorithm) = DigestAlgorithm::from_oid(&signer.digest_algorithm.oid) else {
        return Ok(false);
    };
    let mut hasher = algorithm.hasher();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match content.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => hasher.update(&buffer[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(signer.message_digest().as_deref() == Some(hasher.finish().as_bytes()))
}

/// Moves to the value octets of eContent and gives their number; `None` where there is none.
fn seek_content<S: Read + Seek>(signature: &mut S) -> io::Result<Option<u64>> {
    const SEQUENCE: u8 = 0x30;
    const EXPLICIT: u8 = 0xa0;
    const OCTET_STRING: u8 = 0x04;
    // ContentInfo, contentType, [0], SignedData, version, digestAlgorithms, encapContentInfo,
    // eContentType, [0], eContent: which of them are entered, which stepped over.
    let path = [
        (SEQUENCE, true),
        (0x06, false),
        (EXPLICIT, true),
        (SEQUENCE, true),
        (0x02, false),
        (0x31, false),
        (SEQUENCE, true),
        (0x06, false),
        (EXPLICIT, true),
        (OCTET_STRING, true),
    ];
    let mut found = 0;
    for (tag, enter) in path {
        let Some((at, len)) = header(signature)? else {
            return Ok(None);
        };
        if at != tag {
            return Ok(None);
        }
        if !enter {
            let Ok(len) = i64::try_from(len) else {
                return Ok(None);
            };
            signature.seek(SeekFrom::Current(len))?;
        }
        found = len;
    }
    Ok(Some(found))
}

/// A tag and a definite length; `None` where there is none.
fn header(from: &mut dyn Read) -> io::Result<Option<(u8, u64)>> {
    let mut start = [0; 2];
    if let Err(e) = from.read_exact(&mut start) {
        return match e.kind() {
            io::ErrorKind::UnexpectedEof => Ok(None),
            _ => Err(e),
        };
    }
    let [tag, first] = start;
    let octets = match first {
        0..=0x7f => return Ok(Some((tag, u64::from(first)))),
        0x81..=0x88 => usize::from(first - 0x80),
        _ => return Ok(None),
    };
    let mut len = [0; 8];
    match from.read_exact(&mut len[8 - octets..]) {
        Ok(()) => Ok(Some((tag, u64::from_be_bytes(len)))),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(e) => Err(e),
    }
}

/// Whether both give the same bytes, `len` of them.
fn same(one: &mut dyn Read, len: u64, other: &mut dyn Read) -> io::Result<bool> {
    let (mut a, mut b) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut left = len;
    while left > 0 {
        let n = usize::try_from(left).map_or(a.len(), |left| left.min(a.len()));
        let read = one.read_exact(&mut a[..n]);
        match read.and_then(|()| other.read_exact(&mut b[..n])) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(e) => return Err(e),
        }
        if a[..n] != b[..n] {
            return Ok(false);
        }
        left -= n as u64;
    }
    Ok(other.read(&mut [0])? == 0)
}
