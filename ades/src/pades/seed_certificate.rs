//! What a seed value's certificate dictionary (ISO 32000-2, table 238) demands of the signer.
//!
//! Each constraint binds where its bit in `/Ff` is set. Certificates are compared byte for byte;
//! whether the signer's leads up to an issuer is decided by signatures, not by names.

use pdf_file::{Dict, Object, PdfError, PdfFile};
use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::{Certificate, name, oid};
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};

use super::seed::texts;
use crate::cms::build::CmsIdentity;

/// Longer chains do not exist outside attacks.
const MAX_CHAIN: usize = 16;
/// Certificates looked at in one list.
const MAX_LISTED: usize = 1000;

/// Bits of the certificate dictionary's `/Ff`.
mod binding {
    pub(super) const SUBJECT: i64 = 1;
    pub(super) const ISSUER: i64 = 1 << 1;
    pub(super) const POLICY: i64 = 1 << 2;
    pub(super) const SUBJECT_DN: i64 = 1 << 3;
    pub(super) const KEY_USAGE: i64 = 1 << 5;
    pub(super) const URL: i64 = 1 << 6;
    pub(super) const KNOWN: i64 = SUBJECT | ISSUER | POLICY | SUBJECT_DN | KEY_USAGE | URL;
}

/// A constraint that the signer does not meet.
pub(super) struct Demand {
    pub(super) what: String,
    pub(super) remedy: Option<String>,
}

/// The first constraint in the seed value dictionary's `/Cert` that the signer does not meet.
pub(super) fn unmet(
    pdf: &PdfFile,
    seed: &Dict,
    signer: &CmsIdentity,
) -> Result<Option<Demand>, PdfError> {
    let at = pdf.latest();
    let demands = pdf.get(seed, "Cert", at)?;
    let Some(dict) = demands.as_dict() else {
        return Ok(None);
    };
    let required = pdf.get(dict, "Ff", at)?.as_integer().unwrap_or(0);
    let demands = Demands {
        pdf,
        dict,
        required,
    };
    let url = pdf.get(dict, "URL", at)?;
    let url = url.as_string().map(|url| url.to_text());
    let kind = pdf.get(dict, "URLType", at)?;
    let by_server = kind.as_name().is_some_and(|kind| *kind != "Browser");
    if demands.binds(binding::URL) && by_server {
        return Ok(Some(Demand {
            what: format!(
                "a signature made by the server {}",
                url.as_deref().unwrap_or("that it does not name")
            ),
            remedy: None,
        }));
    }
    let remedy = url.filter(|_| !by_server).map(|url| {
        format!("sign with such a certificate; its author says where to get one: {url}")
    });
    Ok(demands.unmet(signer)?.map(|what| Demand { what, remedy }))
}

struct Demands<'a> {
    pdf: &'a PdfFile,
    dict: &'a Dict,
    required: i64,
}

impl Demands<'_> {
    fn binds(&self, bit: i64) -> bool {
        self.required & bit != 0
    }

    fn unmet(&self, signer: &CmsIdentity) -> Result<Option<String>, PdfError> {
        let certificate = signer.certificate();
        if self.required & !binding::KNOWN != 0 {
            let what = "properties of the certificate that no edition of the PDF standard names";
            return Ok(Some(what.into()));
        }
        if self.binds(binding::SUBJECT) {
            let listed = self.certificates("Subject")?;
            if !listed.iter().any(|der| der == certificate.der()) {
                return Ok(Some("one of the certificates it lists".into()));
            }
        }
        if self.binds(binding::ISSUER) {
            let listed = self.certificates("Issuer")?;
            if !leads_up_to(certificate, signer.chain(), &listed) {
                return Ok(Some(
                    "a certificate below one of the issuers it lists".into(),
                ));
            }
        }
        if self.binds(binding::POLICY) {
            let policies: Vec<String> = certificate
                .policy_oids()
                .iter()
                .map(ToString::to_string)
                .collect();
            let wanted = texts(self.pdf, self.dict, "OID")?;
            if let Some(missing) = wanted.iter().find(|p| !policies.contains(p)) {
                return Ok(Some(format!("a certificate under the policy {missing}")));
            }
        }
        if self.binds(binding::SUBJECT_DN)
            && let Some(missing) = self.missing_attribute(certificate)?
        {
            return Ok(Some(format!("a certificate whose subject has {missing}")));
        }
        if self.binds(binding::KEY_USAGE) {
            let wanted = texts(self.pdf, self.dict, "KeyUsage")?;
            if !wanted.is_empty() && !wanted.iter().any(|w| has_key_usage(certificate, w)) {
                return Ok(Some(format!(
                    "a certificate with the key usage {}",
                    wanted.join(" or ")
                )));
            }
        }
        Ok(None)
    }

    /// The DER in an array of byte strings.
    fn certificates(&self, key: &str) -> Result<Vec<Vec<u8>>, PdfError> {
        let at = self.pdf.latest();
        let mut out = Vec::new();
        let values = self.pdf.get(self.dict, key, at)?;
        for value in values
            .as_array()
            .unwrap_or_default()
            .iter()
            .take(MAX_LISTED)
        {
            if let Object::String(der) = &*self.pdf.resolve(value, at)? {
                out.push(der.bytes.clone());
            }
        }
        Ok(out)
    }

    /// The first attribute in `/SubjectDN` that the subject does not have: all of all its
    /// dictionaries are wanted.
    fn missing_attribute(&self, certificate: &Certificate) -> Result<Option<String>, PdfError> {
        let at = self.pdf.latest();
        let subject: Vec<_> = name::attributes(certificate.subject()).collect();
        let wanted = self.pdf.get(self.dict, "SubjectDN", at)?;
        let one = std::slice::from_ref(&*wanted);
        for part in wanted.as_array().unwrap_or(one) {
            let part = self.pdf.resolve(part, at)?;
            let Some(part) = part.as_dict() else { continue };
            for (key, value) in part.iter() {
                let value = self.pdf.resolve(value, at)?;
                let Some(value) = value.as_string().map(|v| v.to_text()) else {
                    continue;
                };
                let key = key.to_text();
                let kind = attribute_type(&key);
                let there = subject
                    .iter()
                    .any(|(k, v)| Some(*k) == kind && folded(v) == folded(&value));
                if !there {
                    return Ok(Some(format!("{key}={value}")));
                }
            }
        }
        Ok(None)
    }
}

/// Whether one of the listed certificates is the signer's issuer, or above it.
fn leads_up_to(certificate: &Certificate, chain: &[Certificate], listed: &[Vec<u8>]) -> bool {
    let listed: Vec<Certificate> = listed
        .iter()
        .filter_map(|der| Certificate::from_der(der.clone()).ok())
        .collect();
    let mut current = certificate;
    for _ in 0..MAX_CHAIN {
        if listed.iter().any(|issuer| issued(issuer, current)) {
            return true;
        }
        let above = chain.iter().find(|c| *c != current && issued(c, current));
        let Some(above) = above else { return false };
        current = above;
    }
    false
}

/// Whether `issuer` signed `certificate`.
fn issued(issuer: &Certificate, certificate: &Certificate) -> bool {
    if !name::matches(issuer.subject(), certificate.issuer()) {
        return false;
    }
    let Ok(key) = PublicKey::from_spki_der(issuer.spki_der()) else {
        return false;
    };
    let Ok(algorithm) = SignatureAlgorithm::from_identifier(certificate.signature_algorithm())
    else {
        return false;
    };
    let message = Message::Bytes(certificate.tbs_der());
    key.verify(algorithm, message, certificate.signature())
        .is_ok()
}

/// An attribute type by its short name in any case, or by its OID.
fn attribute_type(key: &str) -> Option<ObjectIdentifier> {
    const OTHER_NAMES: [(&str, ObjectIdentifier); 8] = [
        ("commonName", oid::AT_COMMON_NAME),
        ("surname", oid::AT_SURNAME),
        ("countryName", oid::AT_COUNTRY),
        ("organizationName", oid::AT_ORGANIZATION),
        ("organizationalUnitName", oid::AT_ORGANIZATIONAL_UNIT),
        ("email", oid::AT_EMAIL),
        ("e", oid::AT_EMAIL),
        ("mail", oid::AT_EMAIL),
    ];
    let other = OTHER_NAMES
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(key));
    other
        .map(|(_, oid)| *oid)
        .or_else(|| oid::with_label(key))
        .or_else(|| ObjectIdentifier::new(key).ok())
}

/// Whether the certificate's key usage is as `pattern` wants it: a character for each bit in the
/// order of RFC 5280 section 4.2.1.3, `1` set, `0` not set, anything else either.
fn has_key_usage(certificate: &Certificate, pattern: &str) -> bool {
    let usage = certificate.key_usage().map_or(0, |usage| usage.0.bits());
    pattern.bytes().take(9).enumerate().all(|(bit, wanted)| {
        let set = usage & 1 << bit != 0;
        match wanted {
            b'1' => set,
            b'0' => !set,
            _ => true,
        }
    })
}

/// As directory strings are compared (RFC 5280 section 7.1).
fn folded(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}
