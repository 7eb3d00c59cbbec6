//! Every variant says in English what the error says, and in French something else.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use pki_asn1::{Certificate, UnixTime, oid};
use pki_crypto::suites::Retired;
use pki_crypto::{
    DigestAlgorithm, KeyError, KeyKind, SignatureAlgorithm, UnsupportedAlgorithm, VerifyError,
};
use pki_path::{
    BudgetKind, Distrust, PathErrorKind, RevocationUnknown, RevokedInfo, SignatureError,
};

use crate::report::Language;
use crate::text::Text;

const AT: UnixTime = UnixTime::EPOCH;
const RSA: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256);

fn certificate() -> Certificate {
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::default();
    let der = parameters.self_signed(&key).unwrap().der().to_vec();
    Certificate::from_der(der).unwrap()
}

fn name() -> String {
    "CN=Acme: a, O=b".into()
}

fn said<'e, E: Display + 'e>(errors: &'e [E], of: fn(&'e E) -> Text) -> usize {
    for error in errors {
        let text = of(error);
        assert_eq!(text.to_string(), error.to_string());
        let french = Language::French.say(&text);
        assert_ne!(french, text.to_string());
        // No template is left over: what stands around the holes is French.
        for word in [" the ", " is ", " was ", "its ", " not ", " keys "] {
            assert!(!french.contains(word), "{french}");
        }
    }
    errors.len()
}

/// How many variants the source has; those that pass another error on say nothing themselves.
fn variants(source: &str) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(source);
    let source = fs::read_to_string(path).unwrap();
    source.matches("#[error(").count() - source.matches("#[error(transparent)]").count()
}

fn signature_errors() -> Vec<SignatureError> {
    vec![
        SignatureError::Broken(RSA),
        SignatureError::AlgorithmsDiffer,
        SignatureError::Key(KeyError::Algorithm(oid::RSA_ENCRYPTION)),
        SignatureError::Algorithm(UnsupportedAlgorithm::Signature(oid::DSA)),
        SignatureError::Verify(VerifyError::Invalid),
    ]
}

fn unknown() -> Vec<RevocationUnknown> {
    vec![
        RevocationUnknown::NoEvidence {
            issuer: name(),
            urls: Vec::new(),
        },
        RevocationUnknown::NotCurrent {
            what: "OCSP response",
            this_update: AT,
            covers: AT,
        },
        RevocationUnknown::AfterTheEnd {
            what: "CRL",
            this_update: AT,
            ended: AT,
        },
        RevocationUnknown::BeforeTheBeginning {
            what: "OCSP response",
            this_update: AT,
            began: AT,
        },
        RevocationUnknown::NotTrusted {
            what: "CRL",
            why: Box::new(Distrust::CriticalExtension),
        },
        RevocationUnknown::SignerEnded {
            what: "OCSP response",
            signer: name(),
            not_after: AT,
        },
        RevocationUnknown::NotCovered,
        RevocationUnknown::ResponderDoesNotKnow,
    ]
}

#[test]
fn an_error_of_a_path_is_said_in_english() {
    let revoked = |reason| PathErrorKind::Revoked(RevokedInfo { at: AT, reason });
    let all = [
        PathErrorKind::IssuerNotFound { issuer: name() },
        PathErrorKind::NoPathToAnchor,
        PathErrorKind::PathTooLong { limit: 20 },
        PathErrorKind::Budget(BudgetKind::Candidates),
        PathErrorKind::Signature {
            issuer: name(),
            source: SignatureError::Verify(VerifyError::Invalid),
        },
        PathErrorKind::Key(SignatureError::AlgorithmsDiffer),
        PathErrorKind::NotYetValid {
            not_before: AT,
            at: AT,
        },
        PathErrorKind::Expired {
            not_after: AT,
            at: AT,
        },
        PathErrorKind::NameChaining {
            expected: name(),
            found: "CN=other".into(),
        },
        PathErrorKind::MalformedExtension(oid::CE_KEY_USAGE),
        PathErrorKind::DuplicateExtension(oid::CE_KEY_USAGE),
        PathErrorKind::UnknownCriticalExtension(oid::CE_KEY_USAGE),
        PathErrorKind::NotACa,
        PathErrorKind::KeyCertSignMissing,
        PathErrorKind::PathLenExceeded,
        PathErrorKind::NameNotPermitted { name: name() },
        PathErrorKind::NameExcluded { name: name() },
        PathErrorKind::NameConstraintNotSupported,
        PathErrorKind::AnyPolicyMapped,
        PathErrorKind::PolicyRequired,
        PathErrorKind::PurposeNotAllowed(oid::KP_OCSP_SIGNING),
        PathErrorKind::RevocationUnknown(RevocationUnknown::NotCovered),
        revoked(None),
    ];
    // One is PathError itself.
    assert_eq!(
        said(&all, |e| e.into()) + 1,
        variants("pki-path/src/error.rs")
    );
    said(
        &[revoked(Some(x509_cert::ext::pkix::CrlReason::Superseded))],
        |e| e.into(),
    );
    let budgets = [
        BudgetKind::Signatures,
        BudgetKind::Paths,
        BudgetKind::Candidates,
        BudgetKind::NameComparisons,
        BudgetKind::PolicyNodes,
    ];
    said(&budgets, |e| e.into());
}

#[test]
fn an_unknown_status_is_said_in_english() {
    assert_eq!(
        said(&unknown(), |e| e.into()),
        variants("pki-path/src/revocation.rs")
    );
    let signer = name;
    let all = [
        Distrust::CriticalExtension,
        Distrust::FromTheFuture,
        Distrust::AlgorithmEnded {
            algorithm: RSA,
            until: AT,
        },
        Distrust::AlgorithmNotAccepted { algorithm: RSA },
        Distrust::MalformedDistributionPoint,
        Distrust::MalformedEntry,
        Distrust::SignerNotAbove { signer: signer() },
        Distrust::Budget(BudgetKind::Signatures),
        Distrust::IssuerNotFound { issuer: name() },
        Distrust::ResponderNotFound,
        Distrust::MayNotSignCrls { signer: signer() },
        Distrust::TooManyCrls,
        Distrust::SignerNotValid(Box::new(pki_path::PathError {
            certificate: certificate(),
            kind: PathErrorKind::NotACa,
            path: Vec::new(),
        })),
        Distrust::DelegateOfAnother {
            signer: signer(),
            issuer: name(),
        },
        Distrust::DelegateNotSigned {
            signer: signer(),
            why: SignatureError::AlgorithmsDiffer,
        },
        Distrust::DelegateNotForOcsp { signer: signer() },
        Distrust::DelegateMayNotSign { signer: signer() },
        Distrust::DelegateNotValid {
            signer: signer(),
            at: AT,
        },
        Distrust::VouchesForItself { signer: signer() },
        Distrust::SignerRevoked {
            signer: signer(),
            at: AT,
        },
        Distrust::DelegateStatusNotKnown { signer: signer() },
    ];
    assert_eq!(
        said(&all, |e| e.into()),
        variants("pki-path/src/revocation/distrust.rs")
    );
    let passed_on: Vec<Distrust> = signature_errors()
        .into_iter()
        .map(Distrust::Signature)
        .collect();
    said(&passed_on, |e| e.into());
}

#[test]
fn an_error_of_a_key_is_said_in_english() {
    said(&signature_errors(), |e| e.into());
    let keys = [
        KeyError::Malformed("not an RSAPublicKey"),
        KeyError::Algorithm(oid::RSA_ENCRYPTION),
        KeyError::Curve(oid::SECP224R1),
    ];
    let verify = [
        VerifyError::Invalid,
        VerifyError::KeyMismatch {
            algorithm: RSA,
            key: KeyKind::EcP256,
        },
        VerifyError::Unsupported {
            algorithm: RSA,
            key: KeyKind::EcP256,
        },
        VerifyError::WrongDigest {
            algorithm: RSA,
            given: DigestAlgorithm::Sha1,
        },
    ];
    assert_eq!(
        said(&keys, |e| e.into()) + said(&verify, |e| e.into()),
        variants("pki-crypto/src/public_key.rs")
    );
    let algorithms = [
        UnsupportedAlgorithm::Signature(oid::DSA),
        UnsupportedAlgorithm::Digest(oid::DSA),
        UnsupportedAlgorithm::PssParameters("cannot be encoded"),
    ];
    assert_eq!(
        said(&algorithms, |e| e.into()),
        variants("pki-crypto/src/algorithm.rs")
    );
    let retired = [oid::DSA, oid::SECP192R1, oid::SECP224R1].map(|id| Retired::of(&id).unwrap());
    said(&retired, |e| e.into());
    said(&[Retired::SHORT_RSA], |e| e.into());
}
