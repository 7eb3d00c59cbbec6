//! Whether what signs is strong enough today (TS 119 312): refused where it ended, warned of where it
//! ends on a day that is known.

use ades::cms::build::CmsIdentity;
use cli_support::{Exit, Failure};
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::SignatureAlgorithm;
use pki_crypto::suites::{self, End, Standing};

/// Refuses a key, a digest or a certificate's signature that has ended.
pub(super) fn check(identity: &CmsIdentity, now: UnixTime) -> Result<(), Failure> {
    let certificate = identity.certificate();
    match suites::standing(
        identity.public_key().kind(),
        identity.signature_algorithm(),
        now,
    ) {
        Standing::Good => {}
        Standing::Ends(End { what, last_use }) => tracing::warn!(
            "{what} are good for signatures until {last_use} ({}); have a stronger key certified before",
            suites::CLAUSE
        ),
        Standing::Ended(end) => {
            return Err(
                ended(&end.what, &end, "the signature would not be accepted")
                    .with_hint("have a P-256, P-384 or RSA-3072 key certified and sign with it"),
            );
        }
    }
    if let Some((algorithm, end)) = certificate_ended(certificate, now) {
        let what = format!("the certificate is signed with {algorithm}, which");
        return Err(ended(&what, &end, "no signature by it would be accepted")
            .with_hint("have a new certificate issued"));
    }
    Ok(())
}

fn certificate_ended(
    certificate: &Certificate,
    now: UnixTime,
) -> Option<(SignatureAlgorithm, End)> {
    let algorithm = SignatureAlgorithm::from_identifier(certificate.signature_algorithm()).ok()?;
    let last_use = suites::digest_last_use(algorithm.digest()?)?;
    let end = End {
        what: algorithm.to_string(),
        last_use,
    };
    (now >= last_use.after()).then_some((algorithm, end))
}

fn ended(what: &str, end: &End, consequence: &str) -> Failure {
    let message = format!(
        "{what} ended for signatures on {} (TS 119 312): {consequence}",
        end.last_use
    );
    Failure::message(Exit::Data, message)
}
