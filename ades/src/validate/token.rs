//! Time-stamp tokens (RFC 3161 section 2.4.2, RFC 5816, EN 319 422).

use std::sync::Arc;
use std::time::Duration;

use der::Decode;
use pki_asn1::tsp::{Accuracy, TstInfo};
use pki_asn1::{Certificate, oid};
use pki_crypto::DigestAlgorithm;
use pki_path::CertificatePool;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, KeyUsages};

use super::facts::{Check, SigningCertificateAttribute, TimestampFacts};
use super::signer::{self, Content, Place};
use crate::cms::parse::SignedData;
use crate::text;
use crate::text::Text;

/// What a token's imprint was made with; `None` where it is no token, or not supported.
pub(super) fn imprint_algorithm(token: &SignedData) -> Option<DigestAlgorithm> {
    let info = TstInfo::from_der(token.content.as_deref()?).ok()?;
    DigestAlgorithm::from_oid(&info.message_imprint.hash_algorithm.oid)
}

/// Reads and checks a token over `stamped`. The certificates and revocation values in it are for
/// the caller to collect, so the `SignedData` comes along.
pub(super) fn check(
    token: &[u8],
    stamped: &Content,
    pool: &CertificatePool,
) -> Result<(TimestampFacts, SignedData), Text> {
    let data = SignedData::parse(token).map_err(|e| Text::from(e.to_string()))?;
    if data.content_type != oid::CT_TST_INFO {
        return Err("its content is no TSTInfo".into());
    }
    let content = data.content.as_deref().ok_or("its content is missing")?;
    let info = TstInfo::from_der(content).map_err(|_| "its TSTInfo is malformed")?;
    let [one] = data.signers.as_slice() else {
        return Err("it does not have exactly one signer".into());
    };
    let own = Content::Bytes(Arc::from(content));
    let mut facts = signer::check_as(&data, one, &own, (pool, &[]), Place::Token);
    match facts.attribute {
        SigningCertificateAttribute::Matches => {}
        SigningCertificateAttribute::Absent => facts.problems.push(
            "the token lacks the signing-certificate attribute (RFC 3161 section 2.4.2)".into(),
        ),
        SigningCertificateAttribute::Mismatch => facts.problems.push(
            "the token's signing-certificate attribute names another certificate (RFC 5816)".into(),
        ),
    }
    if info.version != 1 {
        let why = "its TSTInfo is not of version 1 (RFC 3161 section 2.4.2)";
        facts.problems.push(why.into());
    }
    if info.extensions.iter().flatten().any(|e| e.critical) {
        let why = "its TSTInfo has a critical extension that is not known (RFC 3161 section 2.4.2)";
        facts.problems.push(why.into());
    }
    if let Some(certificate) = &facts.certificate {
        let made = info.gen_time.0.into();
        if !certificate.is_valid_at(made) {
            facts.problems.push(text!(
                "its time {} lies outside the validity of its certificate ({} to {})",
                made,
                certificate.not_before(),
                certificate.not_after()
            ));
        }
        let alone = certificate
            .extension(&oid::CE_EXT_KEY_USAGE)
            .is_some_and(|ext| {
                ext.critical
                    && ExtendedKeyUsage::from_der(ext.extn_value.as_bytes())
                        .is_ok_and(|u| u.0 == [oid::KP_TIME_STAMPING])
            });
        if !alone {
            facts.problems.push(
                "the certificate's extendedKeyUsage is not timeStamping alone and critical (RFC 3161 section 2.3)"
                    .into(),
            );
        }
        if !may_sign_tokens(certificate) {
            facts.problems.push(
                "the certificate's keyUsage is not digitalSignature or nonRepudiation alone (RFC 5280 section 4.2.1.12)"
                    .into(),
            );
        }
    }
    let imprint_oid = info.message_imprint.hash_algorithm.oid;
    let imprint_algorithm = DigestAlgorithm::from_oid(&imprint_oid);
    let imprint = match imprint_algorithm {
        None => Check::NotPossible(text!("digest algorithm {} is not supported", imprint_oid)),
        Some(algorithm) => match stamped.digest(algorithm) {
            Ok(Some(digest))
                if digest.as_bytes() == info.message_imprint.hashed_message.as_bytes() =>
            {
                Check::Ok
            }
            Ok(Some(_)) => Check::Failed(
                "the time-stamp is over something else than what it is attached to".into(),
            ),
            Ok(None) => Check::NotPossible("what was time-stamped is not at hand".into()),
            Err(e) => Check::NotPossible(text!("what was time-stamped cannot be read: {}", e)),
        },
    };
    let facts = TimestampFacts {
        gen_time: info.gen_time.0.into(),
        accuracy: info.accuracy.as_ref().map(duration),
        imprint,
        imprint_algorithm,
        policy: info.policy,
        serial: hex::encode(info.serial_number.as_bytes()),
        signer: facts,
        token: Arc::from(token),
    };
    Ok((facts, data))
}

/// A key usage beside timeStamping (RFC 5280 section 4.2.1.12) is digitalSignature, nonRepudiation or both; with
/// any other the key is not for time-stamps exclusively, as RFC 3161 section 2.3 asks.
pub(crate) fn may_sign_tokens(certificate: &Certificate) -> bool {
    let Some(usage) = certificate.extension(&oid::CE_KEY_USAGE) else {
        return true;
    };
    let signing = KeyUsages::DigitalSignature | KeyUsages::NonRepudiation;
    KeyUsage::from_der(usage.extn_value.as_bytes())
        .is_ok_and(|usage| !usage.0.is_empty() && (usage.0 - signing).is_empty())
}

fn duration(accuracy: &Accuracy) -> Duration {
    let below = Duration::from_millis(accuracy.millis.unwrap_or(0).into())
        + Duration::from_micros(accuracy.micros.unwrap_or(0).into());
    Duration::from_secs(accuracy.seconds.unwrap_or(0)).saturating_add(below)
}
