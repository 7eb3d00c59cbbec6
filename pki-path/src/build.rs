//! Path building: from the target up to an anchor, depth first, best candidates first.
//!
//! A certificate that repeats a name and key already in the path is passed over, so loops end;
//! signatures are verified as the path grows, so a hostile pool costs its budget and no more.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use pki_asn1::oid::ObjectIdentifier as Oid;
use pki_asn1::{Certificate, UnixTime, name};
use pki_crypto::PublicKey;

use crate::budget::{BudgetKind, Meter};
use crate::error::{PathError, PathErrorKind};
use crate::parameters::{Parameters, RevocationMode};
use crate::pool::{CertificatePool, TrustAnchor};
use crate::revocation::{
    Admits, Evidence, EvidenceWindow, Issuer, Proves, RevocationStatus, Source, Stack,
};
use crate::signature::{self, SignatureError};
use crate::validate;

/// A path that was validated; there is no other way to make one.
#[derive(Clone, Debug)]
pub struct Path {
    certificates: Vec<Certificate>,
    anchor: TrustAnchor,
    policies: BTreeSet<Oid>,
    revocation: Vec<RevocationStatus>,
}

impl Path {
    /// The target first, the certificate below the anchor last. The anchor is not part of it, unless
    /// the target itself is the anchor.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Where trust comes from.
    #[must_use]
    pub fn anchor(&self) -> &TrustAnchor {
        &self.anchor
    }

    /// The user-constrained-policy-set (RFC 5280 section 6.1.6).
    #[must_use]
    pub fn policies(&self) -> &BTreeSet<Oid> {
        &self.policies
    }

    /// The status of each certificate, in the order of [`Self::certificates`]; empty in mode
    /// [`RevocationMode::None`].
    #[must_use]
    pub fn revocation(&self) -> &[RevocationStatus] {
        &self.revocation
    }

    /// The certificate above the one at `index`: the next in the path, or the anchor's.
    #[must_use]
    pub fn issuer_of(&self, index: usize) -> &Certificate {
        self.certificates
            .get(index + 1)
            .unwrap_or_else(|| self.anchor.certificate())
    }
}

/// Builds and validates paths over one set of anchors, candidates and evidence. The budget is for
/// all the work of one validator.
#[derive(Debug)]
pub struct Validator<'a> {
    pub(crate) anchors: &'a [TrustAnchor],
    pub(crate) pool: &'a CertificatePool,
    pub(crate) evidence: &'a Evidence,
    pub(crate) admits: Admits<'a>,
    pub(crate) proves: Proves<'a>,
    pub(crate) parameters: Parameters,
    pub(crate) meter: Meter,
    /// Certificates whose signature was verified with which key, so that no pair is checked twice.
    verified: RefCell<HashMap<(Certificate, PublicKey), Result<(), SignatureError>>>,
}

impl<'a> Validator<'a> {
    /// A validator over what it is given and nothing else.
    #[must_use]
    pub fn new(
        anchors: &'a [TrustAnchor],
        pool: &'a CertificatePool,
        evidence: &'a Evidence,
        parameters: Parameters,
    ) -> Self {
        Self {
            anchors,
            pool,
            evidence,
            admits: Admits::default(),
            proves: Proves::default(),
            meter: Meter::new(&parameters.budget),
            parameters,
            verified: RefCell::default(),
        }
    }

    /// The same, relying on the evidence alone for which `admits` says so.
    #[must_use]
    pub fn admitting(mut self, admits: &'a dyn Fn(Source) -> bool) -> Self {
        self.admits = Admits::only(admits);
        self
    }

    /// The same, told since when each piece of evidence is proven to exist: what is older than the revocation of
    /// who signed it stands.
    #[must_use]
    pub fn proving(mut self, since: &'a dyn Fn(Source) -> Option<UnixTime>) -> Self {
        self.proves = Proves::by(since);
        self
    }

    /// Finds a valid path from `target` to one of the anchors. A target that is an anchor itself is
    /// trusted as it is.
    ///
    /// # Errors
    /// The most specific reason why there is none.
    pub fn validate(&self, target: &Certificate) -> Result<Path, PathError> {
        self.validate_where(target, &mut |_| true)
    }

    /// As [`Self::validate`], going on to the next path where `accepts` refuses one: for whoever asks more
    /// of a path than section 6.1 does (EN 319 102-1 clause 5.2.6.4, "shall go to step 2").
    ///
    /// # Errors
    /// As [`Self::validate`]; [`PathErrorKind::NoPathToAnchor`] where nothing was wrong but that every
    /// path was refused.
    pub fn validate_where(
        &self,
        target: &Certificate,
        accepts: &mut dyn FnMut(&Path) -> bool,
    ) -> Result<Path, PathError> {
        self.search(
            target,
            &mut Stack::default(),
            None,
            &self.parameters,
            accepts,
        )
    }

    /// The revocation status of the certificate at `index` of a path, judged by evidence that is
    /// acceptable in `window`.
    #[must_use]
    pub fn revocation_status(
        &self,
        path: &Path,
        index: usize,
        window: EvidenceWindow,
    ) -> RevocationStatus {
        let Some(certificate) = path.certificates.get(index) else {
            return RevocationStatus::NotApplicable;
        };
        if self.is_anchor(certificate) {
            return RevocationStatus::NotApplicable;
        }
        let issuer = match self.issuer_at(&path.certificates, &path.anchor, index) {
            Ok(issuer) => issuer,
            Err(_) => return RevocationStatus::NotApplicable,
        };
        self.status(certificate, &issuer, window, &mut Stack::default())
    }

    pub(crate) fn search(
        &self,
        target: &Certificate,
        stack: &mut Stack,
        anchor: Option<&TrustAnchor>,
        parameters: &Parameters,
        accepts: &mut dyn FnMut(&Path) -> bool,
    ) -> Result<Path, PathError> {
        let asked = |one: &TrustAnchor| anchor.is_none_or(|a| a.certificate() == one.certificate());
        let itself = self.anchors.iter().find(|a| a.certificate() == target);
        if let Some(anchor) = itself.filter(|one| asked(one)) {
            let path = Path {
                certificates: vec![target.clone()],
                anchor: anchor.clone(),
                policies: BTreeSet::new(),
                revocation: vec![RevocationStatus::NotApplicable],
            };
            return match accepts(&path) {
                true => Ok(path),
                false => Err(PathError::new(target, PathErrorKind::NoPathToAnchor, &[])),
            };
        }
        let mut search = Search {
            validator: self,
            parameters,
            only: anchor,
            stack,
            path: vec![target.clone()],
            keys: vec![identity(target)],
            best: None,
            accepts,
        };
        match search.extend() {
            Ok(Some(path)) => Ok(path),
            Ok(None) => {
                let none = PathError::new(target, PathErrorKind::NoPathToAnchor, &search.path);
                Err(match search.best {
                    Some(best) => best.more_specific(none),
                    None => none,
                })
            }
            Err(kind) => Err(PathError::new(target, kind.into(), &search.path)),
        }
    }

    pub(crate) fn is_anchor(&self, certificate: &Certificate) -> bool {
        self.anchors.iter().any(|a| a.certificate() == certificate)
    }

    pub(crate) fn signed_by(
        &self,
        certificate: &Certificate,
        key: &PublicKey,
    ) -> Result<Result<(), SignatureError>, BudgetKind> {
        let pair = (certificate.clone(), key.clone());
        if let Some(known) = self.verified.borrow().get(&pair) {
            return Ok(known.clone());
        }
        let result = signature::verify_certificate(self, key, certificate)?;
        self.verified.borrow_mut().insert(pair, result.clone());
        Ok(result)
    }

    /// The working public key after the certificate at `index` (RFC 5280 section 6.1.4 (d) to (f)): its own,
    /// with the parameters of the one above where it has none.
    fn working_key(
        &self,
        path: &[Certificate],
        anchor: &TrustAnchor,
        index: usize,
    ) -> Result<PublicKey, SignatureError> {
        let mut lacking = Vec::new();
        for certificate in path.get(index..).unwrap_or_default() {
            let key = signature::key_of(certificate)?;
            if !key.lacks_parameters() {
                return Ok(inherit(key, &lacking));
            }
            lacking.push(key);
        }
        Ok(inherit(anchor.key().clone(), &lacking))
    }

    pub(crate) fn issuer_at(
        &self,
        path: &[Certificate],
        anchor: &TrustAnchor,
        index: usize,
    ) -> Result<Issuer, SignatureError> {
        Ok(match path.get(index + 1) {
            Some(above) => Issuer {
                key: self.working_key(path, anchor, index + 1)?,
                certificate: above.clone(),
                anchor: anchor.clone(),
                path: path.get(index + 1..).unwrap_or_default().to_vec(),
            },
            None => Issuer {
                key: anchor.key().clone(),
                certificate: anchor.certificate().clone(),
                anchor: anchor.clone(),
                path: Vec::new(),
            },
        })
    }
}

struct Search<'v, 'a> {
    validator: &'v Validator<'a>,
    parameters: &'v Parameters,
    /// Only this anchor counts (the path of a CRL issuer must end where the target's does).
    only: Option<&'v TrustAnchor>,
    stack: &'v mut Stack,
    path: Vec<Certificate>,
    keys: Vec<(String, Vec<u8>)>,
    best: Option<PathError>,
    /// Whether a path that is valid will do.
    accepts: &'v mut dyn FnMut(&Path) -> bool,
}

impl Search<'_, '_> {
    /// Extends the path by one issuer after another until one leads to a valid path.
    fn extend(&mut self) -> Result<Option<Path>, BudgetKind> {
        let validator = self.validator;
        let Some(top) = self.path.last().cloned() else {
            return Ok(None);
        };
        let issuer_key = name::comparison_key(top.issuer());
        let anchors: Vec<&TrustAnchor> = validator
            .anchors
            .iter()
            .filter(|a| a.name_key() == issuer_key)
            .filter(|a| self.only.is_none_or(|o| o.certificate() == a.certificate()))
            .collect();
        let mut candidates: Vec<&Certificate> =
            validator.pool.by_subject_key(&issuer_key).iter().collect();
        if anchors.is_empty() && candidates.is_empty() {
            self.note(PathError::new(
                &top,
                PathErrorKind::IssuerNotFound {
                    issuer: top.display_issuer().to_string(),
                },
                &self.path,
            ));
            return Ok(None);
        }
        for anchor in anchors {
            validator.meter.spend(BudgetKind::Candidates)?;
            match validator.signed_by(&top, anchor.key())? {
                Ok(()) => {
                    validator.meter.spend(BudgetKind::Paths)?;
                    match self.finish(anchor) {
                        Ok(path) if (self.accepts)(&path) => return Ok(Some(path)),
                        Ok(_) => {}
                        Err(error) => {
                            if let PathErrorKind::Budget(kind) = error.kind {
                                return Err(kind);
                            }
                            self.note(error);
                        }
                    }
                }
                Err(source) => self.note_signature(&top, anchor.certificate(), source),
            }
        }
        if self.path.len() >= validator.meter.path_length {
            self.note(PathError::new(
                &top,
                PathErrorKind::PathTooLong {
                    limit: validator.meter.path_length,
                },
                &self.path,
            ));
            return Ok(None);
        }
        let wanted = top.authority_key_id();
        let at = self.parameters.at;
        candidates.sort_by_cached_key(|c| {
            let key_matches = match (&wanted, c.subject_key_id()) {
                (Some(wanted), Some(have)) => u8::from(*wanted != have) * 2,
                _ => 1,
            };
            // The newest first; the octets, so that it does not matter who came first into the pool.
            let newest = core::cmp::Reverse(c.not_before());
            (key_matches, !c.is_valid_at(at), newest, c.der().to_vec())
        });
        for candidate in candidates {
            validator.meter.spend(BudgetKind::Candidates)?;
            let identity = identity(candidate);
            if self.keys.contains(&identity) || validator.is_anchor(candidate) {
                continue;
            }
            let key = match signature::key_of(candidate) {
                Ok(key) => key,
                Err(source) => {
                    self.note(PathError::new(
                        candidate,
                        PathErrorKind::Key(source),
                        &self.path,
                    ));
                    continue;
                }
            };
            // A key without parameters has those of whatever comes above, which is not known yet.
            if !key.lacks_parameters()
                && let Err(source) = validator.signed_by(&top, &key)?
            {
                self.note_signature(&top, candidate, source);
                continue;
            }
            self.path.push(candidate.clone());
            self.keys.push(identity);
            let found = self.extend()?;
            self.path.pop();
            self.keys.pop();
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// A complete path: sections 6.1.3 to 6.1.5, then revocation from the anchor down.
    fn finish(&mut self, anchor: &TrustAnchor) -> Result<Path, PathError> {
        let validator = self.validator;
        let parameters = self.parameters;
        self.check_inherited(anchor)?;
        let policies = validate::check(&self.path, anchor, parameters, &validator.meter)?;
        let mut revocation = Vec::new();
        if parameters.revocation != RevocationMode::None {
            let window = EvidenceWindow::current(parameters.at);
            for (index, certificate) in self.path.iter().enumerate().rev() {
                let fail = |kind| PathError::new(certificate, kind, &self.path);
                let issuer = validator
                    .issuer_at(&self.path, anchor, index)
                    .map_err(|e| fail(PathErrorKind::Key(e)))?;
                let status = validator.status(certificate, &issuer, window, self.stack);
                match &status {
                    RevocationStatus::Revoked(info, _) => {
                        return Err(fail(PathErrorKind::Revoked(info.clone())));
                    }
                    RevocationStatus::Unknown(why)
                        if parameters.revocation == RevocationMode::Hard || why.is_exhausted() =>
                    {
                        return Err(fail(PathErrorKind::RevocationUnknown(why.clone())));
                    }
                    _ => {}
                }
                revocation.push(status);
            }
            revocation.reverse();
        }
        Ok(Path {
            certificates: self.path.clone(),
            anchor: anchor.clone(),
            policies,
            revocation,
        })
    }

    /// Verifies the signatures of keys whose parameters stand further up, now that all of the path is there.
    fn check_inherited(&self, anchor: &TrustAnchor) -> Result<(), PathError> {
        for (index, above) in self.path.iter().enumerate().skip(1) {
            let fail = |kind| PathError::new(above, kind, &self.path);
            let own = signature::key_of(above).map_err(|e| fail(PathErrorKind::Key(e)))?;
            let below = self.path.get(index - 1);
            if let Some(below) = below.filter(|_| own.lacks_parameters()) {
                let key = self.validator.working_key(&self.path, anchor, index);
                let key = key.map_err(|e| fail(PathErrorKind::Key(e)))?;
                let signed = self.validator.signed_by(below, &key);
                if let Err(source) = signed.map_err(|kind| fail(kind.into()))? {
                    let kind = PathErrorKind::Signature {
                        issuer: above.display_subject().to_string(),
                        source,
                    };
                    return Err(PathError::new(below, kind, &self.path));
                }
            }
        }
        Ok(())
    }

    fn note_signature(&mut self, below: &Certificate, above: &Certificate, source: SignatureError) {
        self.note(PathError::new(
            below,
            PathErrorKind::Signature {
                issuer: above.display_subject().to_string(),
                source,
            },
            &self.path,
        ));
    }

    fn note(&mut self, error: PathError) {
        self.best = Some(match self.best.take() {
            Some(best) => best.more_specific(error),
            None => error,
        });
    }
}

/// The lowest of the keys that lack parameters, with those of `complete`. A key that cannot inherit stays as
/// it is and verifies nothing.
fn inherit(complete: PublicKey, lacking: &[PublicKey]) -> PublicKey {
    lacking.iter().rev().fold(complete, |above, key| {
        key.with_parameters_of(&above)
            .unwrap_or_else(|| key.clone())
    })
}

/// Two certificates with the same name and key are the same link (RFC 4158 section 2.4.2).
fn identity(certificate: &Certificate) -> (String, Vec<u8>) {
    (
        name::comparison_key(certificate.subject()),
        certificate.spki_der().to_vec(),
    )
}
