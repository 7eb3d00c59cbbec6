//! Who signed a CRL, and whether that one may (RFC 5280 section 6.3.3 (f) and (g)).

use pki_asn1::{Certificate, CertificateList, UnixTime, name, oid};
use pki_crypto::PublicKey;
use x509_cert::ext::pkix::KeyUsage;

use super::super::{Distrust, Issuer, Stack};
use super::Lookup;
use crate::budget::BudgetKind;
use crate::build::{Path, Validator};
use crate::parameters::{Parameters, PolicyParameters};
use crate::signature::{self, SignatureError};
use crate::validate;

/// Whose CRL it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Whose {
    /// The authority's own, with perhaps another key.
    TheAuthority,
    /// That of an issuer whom the certificate names.
    Another,
}

impl Validator<'_> {
    /// The signer, whoever it is.
    pub(super) fn crl_signer(
        &self,
        lookup: &Lookup<'_, '_>,
        issuer: &Issuer,
        at: UnixTime,
        stack: &mut Stack,
    ) -> Result<Certificate, Distrust> {
        let why = match self.crl_signer_known(lookup, issuer) {
            Err(why) if !matches!(why, Distrust::Budget(_)) => why,
            settled => return settled,
        };
        match self.crl_signer_found(lookup, issuer, at, stack) {
            Err(Distrust::IssuerNotFound { .. } | Distrust::Signature(_)) => Err(why),
            settled => settled,
        }
    }

    /// The signer, where it is the certificate's issuer or the anchor above.
    pub(super) fn crl_signer_known(
        &self,
        lookup: &Lookup<'_, '_>,
        issuer: &Issuer,
    ) -> Result<Certificate, Distrust> {
        let crl = lookup.crl;
        let mut why = issuer_not_found(crl);
        if name::matches(crl.issuer(), issuer.certificate.subject()) {
            match self.crl_signed_by(lookup, &issuer.key)? {
                Ok(()) => {
                    if may_sign(&issuer.certificate) {
                        return Ok(issuer.certificate.clone());
                    }
                    why = may_not_sign(&issuer.certificate);
                }
                Err(e) => why = e.into(),
            }
        }
        let anchor = &issuer.anchor;
        if name::matches(crl.issuer(), anchor.certificate().subject())
            && *anchor.key() != issuer.key
            && self.crl_signed_by(lookup, anchor.key())?.is_ok()
        {
            if may_sign(anchor.certificate()) {
                return Ok(anchor.certificate().clone());
            }
            why = may_not_sign(anchor.certificate());
        }
        Err(why)
    }

    /// The signer, where it has another certificate of the CRL issuer: a second key of the CA, or an indirect
    /// CRL issuer. `at` is when it has to be valid.
    pub(super) fn crl_signer_found(
        &self,
        lookup: &Lookup<'_, '_>,
        issuer: &Issuer,
        at: UnixTime,
        stack: &mut Stack,
    ) -> Result<Certificate, Distrust> {
        let (crl, who) = (lookup.crl, lookup.whose());
        let wanted = crl.authority_key_id();
        let mut candidates: Vec<&Certificate> = self.pool.by_subject(crl.issuer()).iter().collect();
        candidates.sort_by_key(|c| wanted.is_some() && c.subject_key_id() != wanted);
        let mut why = None;
        let mut beside = None;
        for candidate in candidates {
            if *candidate == issuer.certificate {
                continue;
            }
            let Ok(key) = signature::key_of(candidate) else {
                continue;
            };
            if key == issuer.key && !name_differs(candidate, issuer) {
                continue;
            }
            // Certificates of anybody's making cost one signature each, not one for every CRL.
            if who == Whose::TheAuthority && !self.is_certified_above(candidate, issuer)? {
                beside.get_or_insert((candidate, key));
                continue;
            }
            if let Err(e) = self.crl_signed_by(lookup, &key)? {
                why.get_or_insert(e.into());
                continue;
            }
            if !may_sign(candidate) {
                why = Some(may_not_sign(candidate));
                continue;
            }
            if stack.0.contains(candidate) {
                // A CRL issuer whose own status stands in the CRL it signs: its path is being
                // validated further up, and the question here is only what its CRL says.
                return Ok(candidate.clone());
            }
            if stack.0.len() >= Stack::DEPTH {
                why = Some(Distrust::TooManyCrls);
                continue;
            }
            stack.0.push(candidate.clone());
            let parameters = Parameters {
                at,
                policy: PolicyParameters::default(),
                purpose: None,
                ..self.parameters.clone()
            };
            let path = self.validate_within(candidate, stack, Some(&issuer.anchor), &parameters);
            stack.0.pop();
            match path {
                Ok(path) if who == Whose::TheAuthority && !vouched(&path, issuer) => {
                    why = Some(not_above(candidate));
                }
                Ok(_) => return Ok(candidate.clone()),
                Err(e) => why = Some(Distrust::SignerNotValid(Box::new(e))),
            }
        }
        // Of those whom nobody above certified, the one that the CRL names best is worth being told.
        if let Some((candidate, key)) = beside.filter(|_| why.is_none())
            && self.crl_signed_by(lookup, &key)?.is_ok()
        {
            why = Some(not_above(candidate));
        }
        Err(why.unwrap_or_else(|| issuer_not_found(crl)))
    }

    pub(super) fn crl_signed_by(
        &self,
        lookup: &Lookup<'_, '_>,
        key: &PublicKey,
    ) -> Result<Result<(), SignatureError>, Distrust> {
        let Lookup { index, crl, .. } = *lookup;
        let known = &self.evidence.crls_verified;
        if let Some(known) = known.borrow().get(&(index, key.clone())) {
            return Ok(known.clone());
        }
        let result = signature::verify(
            self,
            signature::Over::Status,
            key,
            crl.signature_algorithm(),
            crl.tbs_der(),
            crl.signature(),
        )
        .map_err(Distrust::Budget)?;
        known
            .borrow_mut()
            .insert((index, key.clone()), result.clone());
        Ok(result)
    }

    /// Whether the authority itself or one above it signed `candidate`: what [`vouched`] asks of its path,
    /// before there is one.
    fn is_certified_above(
        &self,
        candidate: &Certificate,
        issuer: &Issuer,
    ) -> Result<bool, Distrust> {
        let signed = |key: &PublicKey| -> Result<bool, BudgetKind> {
            // A key that inherits its parameters verifies nothing before the path is known.
            Ok(key.lacks_parameters() || self.signed_by(candidate, key)?.is_ok())
        };
        let names = |one: &Certificate| name::matches(one.subject(), candidate.issuer());
        let anchor = &issuer.anchor;
        if names(anchor.certificate()) && signed(anchor.key()).map_err(Distrust::Budget)? {
            return Ok(true);
        }
        for one in issuer.path.iter().filter(|one| names(one)) {
            let Ok(key) = signature::key_of(one) else {
                continue;
            };
            if signed(&key).map_err(Distrust::Budget)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether the signer of an authority's CRL was certified by the authority itself or by one above it. RFC 5280
/// asks for the same anchor only; then any authority below it could issue a certificate in another's name, and
/// take back what that one revoked.
fn vouched(path: &Path, issuer: &Issuer) -> bool {
    let by = path.issuer_of(0);
    let same = |one: &Certificate| {
        one.spki_der() == by.spki_der() && name::matches(one.subject(), by.subject())
    };
    same(issuer.anchor.certificate()) || issuer.path.iter().any(same)
}

fn not_above(signer: &Certificate) -> Distrust {
    Distrust::SignerNotAbove {
        signer: signer.display_subject().to_string(),
    }
}

fn may_not_sign(signer: &Certificate) -> Distrust {
    Distrust::MayNotSignCrls {
        signer: signer.display_subject().to_string(),
    }
}

fn issuer_not_found(crl: &CertificateList) -> Distrust {
    Distrust::IssuerNotFound {
        issuer: name::DisplayName(crl.issuer()).to_string(),
    }
}

fn name_differs(candidate: &Certificate, issuer: &Issuer) -> bool {
    !name::matches(candidate.subject(), issuer.certificate.subject())
}

/// keyUsage, where present, must include cRLSign (section 6.3.3 (f)).
fn may_sign(certificate: &Certificate) -> bool {
    match validate::extension::<KeyUsage>(certificate, &oid::CE_KEY_USAGE) {
        Ok(usage) => usage.is_none_or(|u| u.crl_sign()),
        Err(_) => false,
    }
}
