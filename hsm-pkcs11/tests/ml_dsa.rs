//! ML-DSA (FIPS 204) in key files, against RustCrypto's implementation, both ways.
#![cfg(feature = "ml-dsa")]
#![allow(clippy::unwrap_used)]

mod common;

use common::pass;
use hsm_pkcs11::{
    AlgorithmChoice, KeyLocation, KeySpec, OpenOptions, SignError, Signer as _, SoftwareKey,
    generate, open,
};
use ml_dsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use ml_dsa::{MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Signature, SigningKey, VerifyingKey};
use ml_dsa::{SignatureEncoding as _, Signer as _, Verifier as _};
use pki_crypto::{DigestAlgorithm, Message, MlDsa, PublicKey, SignatureAlgorithm, VerifyError};

const MESSAGE: &[u8] = b"What is agreed for a long time.";

/// Their verifier takes what we sign, ours what they sign, and neither what differs in a bit.
fn agree<P: MlDsaParams>(set: MlDsa)
where
    VerifyingKey<P>: DecodePublicKey,
    SigningKey<P>: DecodePrivateKey,
{
    let dir = tempfile::tempdir().unwrap();
    let spec: KeySpec = set.to_string().to_lowercase().parse().unwrap();
    let location = KeyLocation::File(dir.path().join("key.pem"));
    let options = OpenOptions::default();
    let made = generate(&location, spec, &pass("secret"), &options).unwrap();
    let key = open(&location, &pass("secret"), &options).unwrap().signer;
    assert_eq!(key.public_key(), made.signer.public_key());
    let algorithm = SignatureAlgorithm::MlDsa(set);
    assert_eq!(key.algorithm(), algorithm);
    let signature = key.sign(Message::Bytes(MESSAGE)).unwrap();
    assert_eq!(signature.len(), key.public_key().kind().max_signature_len());
    let theirs = VerifyingKey::<P>::from_public_key_der(key.public_key().spki_der()).unwrap();
    let value = Signature::<P>::try_from(&signature[..]).unwrap();
    theirs.verify(MESSAGE, &value).unwrap();
    assert!(theirs.verify(b"something else", &value).is_err());
    // It signs messages, never digests, and leaves nothing to choose.
    let digest = DigestAlgorithm::Sha512.digest(MESSAGE);
    let refused = key.sign(Message::Digest(&digest)).unwrap_err();
    assert!(matches!(refused, SignError::DigestNotPossible(_)));
    let choice = AlgorithmChoice {
        digest: Some(DigestAlgorithm::Sha512),
        rsa: None,
    };
    assert!(choice.algorithm(spec.kind).is_err());
    // Their reading of our private key makes signatures that ours verifies.
    let pkcs8 = SoftwareKey::generate(spec).unwrap();
    let public: PublicKey = pkcs8.public_key().clone();
    let theirs = SigningKey::<P>::from_pkcs8_der(&pkcs8.to_pkcs8().unwrap()).unwrap();
    let signature = theirs.sign(MESSAGE).to_bytes().to_vec();
    let verify = |value: &[u8]| public.verify(algorithm, Message::Bytes(MESSAGE), value);
    assert_eq!(verify(&signature), Ok(()));
    let mut changed = signature.clone();
    changed[100] ^= 1;
    assert_eq!(verify(&changed), Err(VerifyError::Invalid));
    assert_eq!(verify(&signature[1..]), Err(VerifyError::Invalid));
}

#[test]
fn ml_dsa_44_agrees_with_another_implementation() {
    agree::<MlDsa44>(MlDsa::MlDsa44);
}

#[test]
fn ml_dsa_65_agrees_with_another_implementation() {
    agree::<MlDsa65>(MlDsa::MlDsa65);
}

#[test]
fn ml_dsa_87_agrees_with_another_implementation() {
    agree::<MlDsa87>(MlDsa::MlDsa87);
}
