//! CA certificates in bundles: which belong together, and the certs-only CMS message they travel in
//! (RFC 5280 section 4.2.2.1, RFC 8551 section 3.8, RFC 5652 section 5).

use pki_asn1::{Certificate, oid, write};

use crate::record::source::CaCertificateView;

/// The certificates for an authority's key: its own, renewals, link and cross-certificates.
pub(crate) fn of<'a>(authority: &str, all: &'a [CaCertificateView]) -> Vec<&'a Certificate> {
    all.iter()
        .filter(|c| c.authority.as_deref() == Some(authority))
        .map(|c| &c.certificate)
        .collect()
}

/// These certificates and every certificate of a CA above them.
pub(crate) fn chain<'a>(
    certificates: Vec<&'a Certificate>,
    all: &'a [CaCertificateView],
) -> Vec<&'a Certificate> {
    let mut chain = certificates;
    let mut next = 0;
    while let Some(certificate) = chain.get(next).copied() {
        next += 1;
        for issuer in all.iter().map(|c| &c.certificate) {
            if may_have_issued(issuer, certificate) && !chain.contains(&issuer) {
                chain.push(issuer);
            }
        }
    }
    chain
}

/// The CA certificates that an authority's key issued to others (RFC 5280 section 4.2.2.2).
pub(crate) fn issued_by<'a>(
    authority: &Certificate,
    all: &'a [CaCertificateView],
) -> Vec<&'a Certificate> {
    all.iter()
        .map(|c| &c.certificate)
        .filter(|c| may_have_issued(authority, c) && c.spki_der() != authority.spki_der())
        .collect()
}

/// By name and key identifier; the record holds nothing whose signature was not verified.
fn may_have_issued(issuer: &Certificate, certificate: &Certificate) -> bool {
    let keys = (certificate.authority_key_id(), issuer.subject_key_id());
    certificate.issuer_der() == issuer.subject_der()
        && match keys {
            (Some(wanted), Some(has)) => wanted == has,
            _ => true,
        }
}

/// A `ContentInfo` with a `SignedData` that holds certificates and nothing else, in DER. A SET has no
/// order, so neither have they.
pub(crate) fn certs_only(certificates: &[&[u8]]) -> Vec<u8> {
    const EMPTY_SET: [u8; 2] = [write::SET, 0];
    let content = write::tlv(write::SEQUENCE, &[&write::oid(&oid::CT_DATA)]);
    let certificates = write::set_of(write::context(0), certificates);
    let signed_data = write::tlv(
        write::SEQUENCE,
        &[
            &write::small_integer(1),
            &EMPTY_SET,
            &content,
            &certificates,
            &EMPTY_SET,
        ],
    );
    let signed_data = write::tlv(write::context(0), &[&signed_data]);
    write::tlv(
        write::SEQUENCE,
        &[&write::oid(&oid::CT_SIGNED_DATA), &signed_data],
    )
}
