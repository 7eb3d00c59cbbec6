//! Who signed a CRL, and whether that one may (RFC 5280 section 6.3.3 (f) and (g)).

use std::cell::RefCell;
use std::collections::HashMap;

use pki_asn1::{Certificate, CertificateList, UnixTime, name, oid};
use pki_crypto::PublicKey;
use x509_cert::ext::pkix::KeyUsage;

use super::super::{
    Distrust, EvidenceWindow, Issuer, RevocationStatus, RevokedInfo, Source, Stack,
};
use super::Lookup;
use crate::budget::BudgetKind;
use crate::build::{Path, Validator};
use crate::error::{PathError, PathErrorKind};
use crate::parameters::{Parameters, PolicyParameters, RevocationMode};
use crate::signature::{self, SignatureError};
use crate::validate;

/// What is asked of a signer whose certificate is not the one of the certificate's issuer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Asked {
    /// When it has to be valid.
    pub(super) at: UnixTime,
    /// Where its CRL is to clear the certificate, the signer has to be cleared itself (RFC 5280 section 6.3.3 (f)),
    /// by evidence of this window: whoever stole its key would take back what was revoked. What is said against
    /// a certificate is heard.
    pub(super) cleared: Option<EvidenceWindow>,
}

/// What came of looking for the path of a signer: when it was revoked, where nothing else is wrong.
pub(super) type Known = HashMap<(Certificate, Asked), Result<Option<RevokedInfo>, Distrust>>;

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
        (asked, known): (Asked, &RefCell<Known>),
        stack: &mut Stack,
    ) -> Result<Certificate, Distrust> {
        let why = match self.crl_signer_known(lookup, issuer) {
            Err(why) if !matches!(why, Distrust::Budget(_)) => why,
            settled => return settled,
        };
        match self.crl_signer_found(lookup, issuer, (asked, known), stack) {
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
    /// CRL issuer.
    pub(super) fn crl_signer_found(
        &self,
        lookup: &Lookup<'_, '_>,
        issuer: &Issuer,
        (asked, known): (Asked, &RefCell<Known>),
        stack: &mut Stack,
    ) -> Result<Certificate, Distrust> {
        let (crl, who) = (lookup.crl, lookup.whose());
        let wanted = crl.authority_key_id();
        let mut candidates: Vec<&Certificate> = self.pool.by_subject(crl.issuer()).iter().collect();
        candidates.sort_by_key(|c| wanted.is_some() && c.subject_key_id() != wanted);
        let mut why = None;
        let mut beside = None;
        let mut signed_with = None;
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
            // Nobody else signed it.
            if signed_with.as_ref().is_some_and(|known| *known != key) {
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
            signed_with = Some(key);
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
            let question = (candidate.clone(), asked);
            let before = known.borrow().get(&question).cloned();
            let judged = match before {
                Some(judged) => judged,
                None => {
                    let judged = self.signer_judged(candidate, (issuer, who), asked, stack);
                    known.borrow_mut().insert(question, judged.clone());
                    judged
                }
            };
            match judged {
                Ok(None) => return Ok(candidate.clone()),
                Ok(Some(info)) if self.stands(&info, lookup) => return Ok(candidate.clone()),
                Ok(Some(info)) => {
                    let signer = candidate.display_subject().to_string();
                    why = Some(Distrust::SignerRevoked {
                        signer,
                        at: info.at,
                    });
                }
                // Whether it may is not known, and others have no work left either.
                Err(spent @ Distrust::Budget(_)) => return Err(spent),
                Err(e) => why = Some(e),
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

    /// Whether a path leads to the signer, and, where its CRL is to clear a certificate, when it was revoked.
    fn signer_judged(
        &self,
        signer: &Certificate,
        (issuer, who): (&Issuer, Whose),
        asked: Asked,
        stack: &mut Stack,
    ) -> Result<Option<RevokedInfo>, Distrust> {
        let parameters = Parameters {
            at: asked.at,
            policy: PolicyParameters::default(),
            purpose: None,
            revocation: RevocationMode::None,
            ..self.parameters.clone()
        };
        stack.0.push(signer.clone());
        let mut within = Stack(stack.0.clone());
        let mut refused = None;
        let mut revoked = None;
        let mut accepts = |path: &Path| {
            let cleared = match asked.cleared {
                _ if who == Whose::TheAuthority && !vouched(path, issuer) => Err(not_above(signer)),
                None => sound(path, issuer).map(|()| None),
                Some(window) => sound(path, issuer)
                    .and_then(|()| self.signer_status(path, issuer, window, &mut within)),
            };
            match cleared {
                Ok(info) => {
                    revoked = info;
                    true
                }
                Err(why) => {
                    refused = Some(why);
                    false
                }
            }
        };
        let path = self.search(
            signer,
            stack,
            Some(&issuer.anchor),
            &parameters,
            &mut accepts,
        );
        stack.0.pop();
        match (path, refused) {
            (Ok(_), _) => Ok(revoked),
            (Err(e), refused) => match (e.kind, refused) {
                (PathErrorKind::Budget(kind), _) => Err(Distrust::Budget(kind)),
                (_, Some(refused)) => Err(refused),
                (kind, None) => Err(Distrust::SignerNotValid(Box::new(PathError { kind, ..e }))),
            },
        }
    }

    /// When the signer was revoked. What stands above the certificate as well is asked for there.
    fn signer_status(
        &self,
        path: &Path,
        issuer: &Issuer,
        window: EvidenceWindow,
        stack: &mut Stack,
    ) -> Result<Option<RevokedInfo>, Distrust> {
        let mut revoked = None;
        for (index, one) in path.certificates().iter().enumerate().rev() {
            if issuer.path.contains(one) {
                continue;
            }
            let fail = |kind| {
                let error = PathError::new(one, kind, path.certificates());
                Distrust::SignerNotValid(Box::new(error))
            };
            let above = self.issuer_at(path.certificates(), path.anchor(), index);
            let above = above.map_err(|e| fail(PathErrorKind::Key(e)))?;
            match self.status(one, &above, window, stack) {
                RevocationStatus::Good(_) | RevocationStatus::NotApplicable => {}
                RevocationStatus::Revoked(info, _) if index == 0 => revoked = Some(info),
                RevocationStatus::Revoked(info, _) => {
                    return Err(fail(PathErrorKind::Revoked(info)));
                }
                RevocationStatus::Unknown(why) => {
                    return Err(match why.exhausted() {
                        Some(kind) => Distrust::Budget(kind),
                        None => fail(PathErrorKind::RevocationUnknown(why)),
                    });
                }
            }
        }
        Ok(revoked)
    }

    /// Whether a CRL counts although its signer was revoked since.
    fn stands(&self, info: &RevokedInfo, lookup: &Lookup<'_, '_>) -> bool {
        self.signed_before(info, lookup.crl.this_update(), Source::Crl(lookup.index))
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

/// Whether no certificate of a signer's path is signed so that it may be forged. What stands above the
/// certificate as well is looked at there.
fn sound(path: &Path, issuer: &Issuer) -> Result<(), Distrust> {
    let certificates = path.certificates();
    let own = certificates.iter().enumerate();
    for (index, one) in own.filter(|(_, one)| !issuer.path.contains(one)) {
        if one == path.anchor().certificate() {
            continue;
        }
        if let Err(source) = signature::certified_soundly(one) {
            let issuer = path.issuer_of(index).display_subject().to_string();
            let kind = PathErrorKind::Signature { issuer, source };
            let error = PathError::new(one, kind, certificates);
            return Err(Distrust::SignerNotValid(Box::new(error)));
        }
    }
    Ok(())
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
