//! A certificate that nobody has looked at yet: the to-be-signed bytes and what they were made from.

use der::Encode;
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::PublicKey;
use pki_lint::{Severity, SubjectName};
use spki::AlgorithmIdentifierOwned;
use x509_cert::name::Name;

use super::Linted;
use super::expectation::expectation;
use super::throw_away::throw_away_signature;
use crate::authority::{Authority, CaKey};
use crate::certificate::extensions::CrlLocation;
use crate::certificate::{TbsCertificate, assemble, extensions, serial_number};
use crate::crl::{CrlName, CrlScope};
use crate::error::CaError;
use crate::hierarchy::CaTerms;
use crate::profile::{Profile, Qualification};
use crate::settings::Settings;

/// Who signs.
#[derive(Clone, Copy)]
pub(crate) enum Issuer<'a> {
    /// An authority of the record.
    Authority(&'a Authority),
    /// The subject itself: a root in the making.
    Itself,
}

/// What a draft is made from, all of it checked by the caller.
pub(crate) struct DraftInputs<'a> {
    pub(crate) issuer: Issuer<'a>,
    pub(crate) key: &'a CaKey,
    pub(crate) profile: &'a Profile,
    pub(crate) settings: &'a Settings,
    pub(crate) qualification: &'a Qualification,
    pub(crate) subject: &'a Name,
    pub(crate) subject_key: &'a PublicKey,
    pub(crate) not_before: UnixTime,
    pub(crate) not_after: UnixTime,
    /// What a certificate for another CA's key lets through.
    pub(crate) terms: Option<&'a CaTerms>,
}

/// To-be-signed bytes, and the certificate they would become with a throw-away key's signature.
pub(crate) struct Draft<'a> {
    inputs: DraftInputs<'a>,
    algorithm: AlgorithmIdentifierOwned,
    tbs: Vec<u8>,
    preview: Certificate,
}

impl<'a> Draft<'a> {
    /// Encodes the certificate under a fresh serial number.
    pub(crate) fn prepare(inputs: DraftInputs<'a>) -> Result<Self, CaError> {
        let failed = CaError::encoding("the certificate");
        let algorithm = inputs
            .key
            .algorithm()
            .to_identifier()
            .map_err(CaError::Algorithm)?;
        let serial = serial_number().map_err(|e| CaError::Random(e.to_string()))?;
        let subject_der = inputs.subject.to_der().map_err(failed)?;
        let key_id;
        let (issuer_der, issuer) = match inputs.issuer {
            Issuer::Authority(authority) => {
                let certificate = &authority.certificate;
                // Its own identifier as it stands in its certificate, whoever computed it.
                key_id = match certificate.subject_key_id() {
                    Some(id) => id.as_bytes().to_vec(),
                    None => {
                        pki_crypto::subject_key_identifier(certificate.public_key_bits()).to_vec()
                    }
                };
                (
                    certificate.subject_der(),
                    Some((authority.name.as_str(), key_id.as_slice())),
                )
            }
            Issuer::Itself => (subject_der.as_slice(), None),
        };
        let mut extensions = extensions::build(&extensions::Inputs {
            profile: inputs.profile,
            settings: inputs.settings,
            qualification: inputs.qualification,
            subject_key: inputs.subject_key,
            issuer,
            crl: match inputs.issuer {
                Issuer::Authority(authority) => {
                    Some(crl_location(authority, inputs.settings, &serial))
                }
                Issuer::Itself => None,
            },
            not_before: inputs.not_before,
            not_after: inputs.not_after,
        })
        .map_err(failed)?;
        if let Some(terms) = inputs.terms {
            terms.apply(&mut extensions).map_err(failed)?;
        }
        let tbs = TbsCertificate {
            serial: &serial,
            signature: &algorithm,
            issuer_der,
            not_before: inputs.not_before,
            not_after: inputs.not_after,
            subject_der: &subject_der,
            spki_der: inputs.subject_key.spki_der(),
            extensions,
        }
        .into_der()
        .map_err(failed)?;
        let signature = throw_away_signature(inputs.key.algorithm(), inputs.key.public_key());
        let preview = assemble(&tbs, &algorithm, &signature)
            .and_then(Certificate::from_der)
            .map_err(failed)?;
        Ok(Self {
            inputs,
            algorithm,
            tbs,
            preview,
        })
    }

    /// Runs every rule of the linter over the encoded certificate. Errors and warnings refuse it;
    /// notices, which no text forbids, do not.
    pub(crate) fn lint(self) -> Result<Linted, CaError> {
        let inputs = &self.inputs;
        let mut expectation = expectation(inputs.profile, inputs.settings, inputs.qualification);
        if let Some(terms) = inputs.terms {
            terms.expect(&mut expectation);
            let issuer = match inputs.issuer {
                Issuer::Authority(authority) => authority.certificate.subject_der(),
                Issuer::Itself => &[],
            };
            // Generations of one CA that share a name certify each other.
            if self.preview.subject_der() == issuer {
                expectation.subject_name = SubjectName::OfItsIssuer;
            }
        }
        let mut findings = pki_lint::lint_certificate(
            self.preview.der(),
            &pki_lint::Context {
                expectation: Some(&expectation),
                issuer: match inputs.issuer {
                    Issuer::Authority(authority) => Some(authority.certificate.der()),
                    Issuer::Itself => None,
                },
                signature: pki_lint::SignatureValue::Real,
            },
        );
        findings.retain(|finding| finding.severity > Severity::Notice);
        if !findings.is_empty() {
            return Err(CaError::Refused {
                profile: inputs.profile.name().to_owned(),
                findings,
            });
        }
        Ok(Linted::new(self.tbs, self.algorithm, self.preview))
    }
}

/// The CRLs that this serial number can be on.
fn crl_location(authority: &Authority, settings: &Settings, serial: &[u8]) -> CrlLocation {
    let scope = CrlScope::of(serial, authority.crl_partitions);
    let url = |name| settings.crl_url_of(&authority.name, name);
    let freshest = settings.crl().freshest_in_certificates(authority.rank());
    CrlLocation {
        complete: url(CrlName::complete(scope)),
        freshest: freshest.then(|| url(CrlName::delta(scope))),
    }
}
