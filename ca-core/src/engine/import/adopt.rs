//! Adopting an authority: its certificate, its key, and the way up to its root.

use std::sync::Arc;

use hsm_pkcs11::Signer;
use pki_asn1::Certificate;
use x509_cert::ext::pkix::KeyUsages;

use super::NewAdoption;
use crate::authority::Authority;
use crate::engine::CaEngine;
use crate::engine::issue::check_name;
use crate::error::CaError;
use crate::import::{ForeignIssuer, ImportError};
use crate::store::{Act, AdoptedAuthority, AuthorityRef, Conflict, ImportAct, StoreError};

/// More than any hierarchy has.
const MAX_CHAIN: usize = 16;

impl CaEngine {
    /// Makes an authority of another product one of this record. `signer` is its key; it signs nothing
    /// here.
    ///
    /// # Errors
    /// Where the name is taken, the certificate is no CA's, the key is another one, or the certificates
    /// up to the root are not all there.
    pub fn adopt(&self, order: &NewAdoption, signer: &dyn Signer) -> Result<Authority, CaError> {
        check_name(&order.name)?;
        let authorities = self.authorities()?;
        if authorities.iter().any(|a| a.name == order.name) {
            return Err(CaError::DuplicateAuthority(order.name.clone()));
        }
        let certificate = &order.certificate;
        check_is_ca(certificate)?;
        if signer.public_key().spki_der() != certificate.spki_der()
            && signer.public_key().bits() != certificate.public_key_bits()
        {
            return Err(ImportError::Key.into());
        }
        self.refuse_authority_key(signer.public_key())?;
        let (issuer, chain) = way_up(certificate, &order.chain, &authorities)?;
        let profile = if certificate.is_self_issued() {
            "root-ca"
        } else {
            "issuing-ca"
        };
        let act = Act::Import(ImportAct::Adopt(AdoptedAuthority {
            name: order.name.clone(),
            profile: profile.into(),
            key_location: order.key_location.clone(),
            issuer,
            certificate: certificate.der().to_vec(),
            chain: chain.iter().map(|c| c.der().to_vec()).collect(),
        }));
        let decided = self.order_to_adopt(&order.name, certificate);
        let done = self.commit_ordered(decided, &order.actors, act);
        done.map_err(|e| match e {
            StoreError::Conflict(Conflict::AuthorityName) => {
                CaError::DuplicateAuthority(order.name.clone())
            }
            e => e.into(),
        })?;
        self.authority(&order.name)
    }

    /// As [`CaEngine::adopt`], and joins authority and key.
    ///
    /// # Errors
    /// As [`CaEngine::adopt`] and [`CaEngine::unlock`].
    pub fn adopt_and_unlock(
        &self,
        order: &NewAdoption,
        signer: Arc<dyn Signer>,
    ) -> Result<crate::AuthorityKey, CaError> {
        self.adopt(order, &*signer)?;
        self.unlock(&order.name, signer)
    }
}

fn check_is_ca(certificate: &Certificate) -> Result<(), ImportError> {
    if !certificate.is_ca() {
        return Err(ImportError::NotACa(
            "basicConstraints does not say so (RFC 5280 section 4.2.1.9)",
        ));
    }
    let Some(usage) = certificate.key_usage() else {
        return Ok(());
    };
    if !usage.0.contains(KeyUsages::KeyCertSign) {
        return Err(ImportError::NotACa(
            "its keyUsage does not have keyCertSign (RFC 5280 section 4.2.1.3)",
        ));
    }
    if !usage.0.contains(KeyUsages::CRLSign) {
        return Err(ImportError::NotACa(
            "its keyUsage does not have cRLSign, so it could not publish status (RFC 5280 section 4.2.1.3)",
        ));
    }
    Ok(())
}

/// The authority of this record that issued the certificate, or the certificates from its issuer to the
/// root.
fn way_up(
    certificate: &Certificate,
    given: &[Certificate],
    authorities: &[Authority],
) -> Result<(Option<AuthorityRef>, Vec<Certificate>), ImportError> {
    if certificate.is_self_issued() {
        check_issued(certificate, certificate)?;
        return Ok((None, Vec::new()));
    }
    let issued_by = |issuer: &Certificate| check_issued(certificate, issuer).is_ok();
    if let Some(authority) = authorities.iter().find(|a| issued_by(&a.certificate)) {
        return Ok((Some(authority.reference()), Vec::new()));
    }
    let here = authorities.iter().map(|a| &a.certificate);
    let known: Vec<&Certificate> = given.iter().chain(here).collect();
    let mut chain: Vec<Certificate> = Vec::new();
    loop {
        let last = chain.last().unwrap_or(certificate);
        if last.is_self_issued() {
            check_issued(last, last)?;
            return Ok((None, chain));
        }
        let named = |c: &&&Certificate| c.subject_der() == last.issuer_der();
        let mut failed = None;
        let next = known
            .iter()
            .filter(named)
            .find(|c| match check_issued(last, c) {
                Ok(()) => true,
                Err(e) => {
                    failed = Some(e);
                    false
                }
            });
        match (next, failed) {
            (Some(next), _) if chain.len() < MAX_CHAIN => chain.push((**next).clone()),
            (None, Some(failed)) => return Err(failed),
            _ => {
                return Err(ImportError::ChainMissing {
                    issuer: last.display_issuer().to_string(),
                });
            }
        }
    }
}

fn check_issued(subject: &Certificate, issuer: &Certificate) -> Result<(), ImportError> {
    ForeignIssuer::new(issuer)?
        .check(subject)
        .map_err(|source| ImportError::Chain {
            subject: subject.display_subject().to_string(),
            issuer: issuer.display_subject().to_string(),
            source,
        })
}
