//! CRLs as evidence (RFC 5280 section 6.3): distribution points, partitions by certificate kind and
//! reason, indirect CRLs, deltas, and the path of whoever signed.

use core::ops::ControlFlow;

use der::asn1::{GeneralizedTime, Uint};
use der::{Decode, Encode};
use pki_asn1::crl::{CrlEntry, IssuingDistributionPoint};
use pki_asn1::oid::{self, ObjectIdentifier as Oid};
use pki_asn1::{Certificate, CertificateList, UnixTime, name};
use x509_cert::ext::pkix::crl::dp::{DistributionPoint, ReasonFlags, Reasons};
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{CrlDistributionPoints, CrlReason, KeyUsage};

use super::{
    Distrust, EvidenceWindow, Finding, Issuer, RevocationStatus, RevocationUnknown, RevokedInfo,
    Source, Stack, speaks_of_expired, unknown_critical,
};
use crate::build::{Path, Validator};
use crate::parameters::{Parameters, PolicyParameters};
use crate::signature;
use crate::validate;

const WHAT: &str = "CRL";

const KNOWN: &[Oid] = &[
    oid::CE_AUTHORITY_KEY_IDENTIFIER,
    oid::CE_ISSUER_ALT_NAME,
    oid::CE_CRL_NUMBER,
    oid::CE_DELTA_CRL_INDICATOR,
    oid::CE_ISSUING_DISTRIBUTION_POINT,
    oid::CE_FRESHEST_CRL,
    oid::PE_AUTHORITY_INFO_ACCESS,
    oid::CE_EXPIRED_CERTS_ON_CRL,
];

const KNOWN_IN_ENTRIES: &[Oid] = &[
    oid::CE_REASON_CODE,
    oid::CE_INVALIDITY_DATE,
    oid::CE_CERTIFICATE_ISSUER,
];

/// The reasons of `ReasonFlags`, without the unused bit 0: what "all-reasons" means.
fn all_reasons() -> ReasonFlags {
    ReasonFlags::full() - Reasons::Unused
}

impl Validator<'_> {
    /// What the CRLs say; `NoEvidence` where none is for the certificate.
    pub(super) fn crl_status(
        &self,
        certificate: &Certificate,
        issuer: &Issuer,
        window: EvidenceWindow,
        stack: &mut Stack,
    ) -> RevocationStatus {
        let mut points = match validate::extension::<CrlDistributionPoints>(
            certificate,
            &oid::CE_CRL_DISTRIBUTION_POINTS,
        ) {
            Ok(points) => points.map_or_else(Vec::new, |p| p.0),
            Err(_) => Vec::new(),
        };
        // Section 6.3.3, last paragraph: the issuer's own CRL, found by other means.
        points.push(DistributionPoint {
            distribution_point: Some(DistributionPointName::FullName(vec![
                GeneralName::DirectoryName(certificate.issuer().clone()),
            ])),
            reasons: None,
            crl_issuer: None,
        });
        let mut inquiry = Inquiry {
            validator: self,
            certificate,
            issuer,
            window,
            covered: ReasonFlags::default(),
            oldest: None,
            unknown: RevocationUnknown::NoEvidence {
                issuer: certificate.display_issuer().to_string(),
                urls: Vec::new(),
            },
        };
        if let ControlFlow::Break(status) = inquiry.ask(&points, stack) {
            return status;
        }
        if inquiry.covered.is_empty() {
            return RevocationStatus::Unknown(inquiry.unknown);
        }
        RevocationStatus::Unknown(inquiry.unknown.more_specific(RevocationUnknown::NotCovered))
    }

    /// Verifies a CRL's signature and that its signer may sign it (section 6.3.3 (f) and (g)).
    fn crl_signer(
        &self,
        crl: &CertificateList,
        issuer: &Issuer,
        who: Whose,
        stack: &mut Stack,
    ) -> Result<Certificate, Distrust> {
        let verify = |key: &pki_crypto::PublicKey| {
            signature::verify(
                &self.meter,
                signature::Over::Status,
                key,
                crl.signature_algorithm(),
                crl.tbs_der(),
                crl.signature(),
            )
            .map_err(Distrust::Budget)
        };
        let mut why = None;
        if name::matches(crl.issuer(), issuer.certificate.subject()) {
            match verify(&issuer.key)? {
                Ok(()) => {
                    if may_sign(&issuer.certificate) {
                        return Ok(issuer.certificate.clone());
                    }
                    why = Some(may_not_sign(&issuer.certificate));
                }
                Err(e) => why = Some(e.into()),
            }
        }
        let anchor = issuer.anchor.certificate();
        if name::matches(crl.issuer(), anchor.subject()) && verify(issuer.anchor.key())?.is_ok() {
            if may_sign(anchor) {
                return Ok(anchor.clone());
            }
            why = Some(may_not_sign(anchor));
        }
        // Another certificate of the CRL issuer: a second key of the CA, or an indirect CRL issuer.
        let wanted = crl.authority_key_id();
        let mut candidates: Vec<&Certificate> = self.pool.by_subject(crl.issuer()).iter().collect();
        candidates.sort_by_key(|c| wanted.is_some() && c.subject_key_id() != wanted);
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
            if let Err(e) = verify(&key)? {
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
                policy: PolicyParameters::default(),
                purpose: None,
                ..self.parameters.clone()
            };
            let path = self.validate_within(candidate, stack, Some(&issuer.anchor), &parameters);
            stack.0.pop();
            match path {
                Ok(path) if who == Whose::TheAuthority && !vouched(&path, issuer) => {
                    why = Some(Distrust::SignerNotAbove {
                        signer: candidate.display_subject().to_string(),
                    });
                }
                Ok(_) => return Ok(candidate.clone()),
                Err(e) => why = Some(Distrust::SignerNotValid(Box::new(e))),
            }
        }
        Err(why.unwrap_or_else(|| Distrust::IssuerNotFound {
            issuer: name::DisplayName(crl.issuer()).to_string(),
        }))
    }

    fn understood(&self, index: usize, crl: &CertificateList) -> bool {
        *self.evidence.understood[index].get_or_init(|| {
            !unknown_critical(crl.extensions(), KNOWN)
                && crl.is_readable()
                && crl.entries().all(|entry| {
                    entry
                        .crl_entry_extensions
                        .as_deref()
                        .is_none_or(|list| !unknown_critical(list, KNOWN_IN_ENTRIES))
                })
        })
    }
}

/// One certificate's way through the CRLs (section 6.3.3).
struct Inquiry<'v, 'a> {
    validator: &'v Validator<'a>,
    certificate: &'v Certificate,
    issuer: &'v Issuer,
    window: EvidenceWindow,
    /// reasons_mask
    covered: ReasonFlags,
    oldest: Option<Finding>,
    unknown: RevocationUnknown,
}

impl Inquiry<'_, '_> {
    /// Asks every CRL for every distribution point, the newest first whichever point it is for: an older
    /// one that covers all reasons must not hide a newer revocation. Breaks with the answer.
    fn ask(
        &mut self,
        points: &[DistributionPoint],
        stack: &mut Stack,
    ) -> ControlFlow<RevocationStatus> {
        let evidence = self.validator.evidence;
        let mut pairs: Vec<(usize, &DistributionPoint)> = Vec::new();
        for point in points {
            let issuers = match &point.crl_issuer {
                None => vec![name::comparison_key(self.certificate.issuer())],
                Some(names) => names
                    .iter()
                    .filter_map(|n| match n {
                        GeneralName::DirectoryName(n) => Some(name::comparison_key(n)),
                        _ => None,
                    })
                    .collect(),
            };
            let indexes = issuers.iter().flat_map(|i| evidence.crls_of(i)).copied();
            pairs.extend(
                indexes
                    .filter(|i| self.validator.admits.allows(Source::Crl(*i)))
                    .map(|i| (i, point)),
            );
        }
        // Two CRLs may be of the same second; their numbers tell which one is newer. Where these do not
        // either, what one of them says against the certificate counts, in whatever order they came.
        let age = |i: usize| {
            let crl = &evidence.crls[i];
            let number = crl.crl_number().unwrap_or_default();
            core::cmp::Reverse((crl.this_update(), number.len(), number))
        };
        pairs.sort_by_cached_key(|(i, _)| age(*i));
        for twins in pairs.chunk_by_mut(|a, b| a.0 == b.0 || age(a.0) == age(b.0)) {
            if twins
                .iter()
                .any(|(i, _)| Some(*i) != twins.first().map(|(i, _)| *i))
            {
                twins.sort_by_cached_key(|(i, _)| {
                    let crl = &evidence.crls[*i];
                    (self.milder(crl), crl.der().to_vec())
                });
            }
        }
        for (index, point) in pairs {
            let crl = &evidence.crls[index];
            if crl.extension(&oid::CE_DELTA_CRL_INDICATOR).is_some() {
                continue;
            }
            if let Err(why) = self.consider(index, crl, point, stack)? {
                self.note(why);
            }
        }
        ControlFlow::Continue(())
    }

    /// How little a CRL says against the certificate.
    fn milder(&self, crl: &CertificateList) -> u8 {
        let idp = crl.issuing_distribution_point().ok().flatten();
        match self.entry(crl, idp.as_ref()).map(|entry| entry.reason()) {
            Some(Some(CrlReason::RemoveFromCRL)) | None => 2,
            Some(Some(CrlReason::CertificateHold)) => 1,
            Some(_) => 0,
        }
    }

    fn note(&mut self, why: RevocationUnknown) {
        self.unknown = self.unknown.clone().more_specific(why);
    }

    fn consider(
        &mut self,
        index: usize,
        crl: &CertificateList,
        point: &DistributionPoint,
        stack: &mut Stack,
    ) -> ControlFlow<RevocationStatus, Result<(), RevocationUnknown>> {
        let go_on = |why| ControlFlow::Continue(Err(why));
        let distrust = |why| RevocationUnknown::not_trusted(WHAT, why);
        let Ok(idp) = crl.issuing_distribution_point() else {
            return go_on(distrust(Distrust::MalformedDistributionPoint));
        };
        if !self.in_scope(crl, idp.as_ref(), point) {
            return go_on(RevocationUnknown::NotCovered);
        }
        let reasons = point.reasons.unwrap_or_else(all_reasons)
            & idp.as_ref().map_or_else(all_reasons, some_reasons);
        if (reasons - self.covered).is_empty() {
            return ControlFlow::Continue(Ok(()));
        }
        let kept = expired_certs_on_crl(crl);
        if !self.window.admits(crl.this_update(), crl.next_update()) {
            return go_on(self.not_current(crl));
        }
        if !self.validator.understood(index, crl) {
            return go_on(distrust(match crl.is_readable() {
                true => Distrust::CriticalExtension,
                false => Distrust::MalformedEntry,
            }));
        }
        let who = match point.crl_issuer {
            Some(_) => Whose::Another,
            None => Whose::TheAuthority,
        };
        let signer = match self.validator.crl_signer(crl, self.issuer, who, stack) {
            Ok(signer) => signer,
            Err(why) => return go_on(distrust(why)),
        };
        let finding = Finding {
            source: Source::Crl(index),
            this_update: crl.this_update(),
            next_update: crl.next_update(),
            produced_at: None,
            signer,
        };
        let entry = match self.delta_entry(crl, &finding.signer) {
            Some(entry) => Some(entry),
            None => self.entry(crl, idp.as_ref()),
        };
        match entry {
            Some(entry) if entry.reason() != Some(CrlReason::RemoveFromCRL) => {
                let info = RevokedInfo {
                    at: entry.revocation_date.into(),
                    reason: entry.reason(),
                };
                ControlFlow::Break(RevocationStatus::Revoked(info, finding))
            }
            _ if !speaks_of_expired(self.certificate, crl.this_update(), kept) => {
                let ended = self.certificate.not_after();
                go_on(RevocationUnknown::after_the_end(
                    WHAT,
                    crl.this_update(),
                    ended,
                ))
            }
            _ => {
                self.covered |= reasons;
                let oldest = match self.oldest.take() {
                    Some(known) if known.this_update <= finding.this_update => known,
                    _ => finding,
                };
                if self.covered == all_reasons() {
                    return ControlFlow::Break(RevocationStatus::Good(oldest));
                }
                self.oldest = Some(oldest);
                ControlFlow::Continue(Ok(()))
            }
        }
    }

    fn not_current(&self, crl: &CertificateList) -> RevocationUnknown {
        RevocationUnknown::NotCurrent {
            what: WHAT,
            this_update: crl.this_update(),
            covers: self.window.covers,
        }
    }

    /// Section 6.3.3 (b).
    fn in_scope(
        &self,
        crl: &CertificateList,
        idp: Option<&IssuingDistributionPoint>,
        point: &DistributionPoint,
    ) -> bool {
        let Some(idp) = idp else {
            // Without the extension a CRL is complete for its own issuer only.
            return point.crl_issuer.is_none();
        };
        if point.crl_issuer.is_some() && !idp.indirect_crl {
            return false;
        }
        let is_ca = self.certificate.is_ca();
        if idp.only_contains_user_certs && is_ca
            || idp.only_contains_ca_certs && !is_ca
            || idp.only_contains_attribute_certs
        {
            return false;
        }
        let Some(own) = &idp.distribution_point else {
            return true;
        };
        let own = full_names(own, &name::comparison_key(crl.issuer()));
        let wanted = match (&point.distribution_point, &point.crl_issuer) {
            (Some(name), Some(issuers)) => {
                let base = issuers.iter().find_map(|n| match n {
                    GeneralName::DirectoryName(n) => Some(name::comparison_key(n)),
                    _ => None,
                });
                full_names(name, &base.unwrap_or_default())
            }
            (Some(name), None) => {
                full_names(name, &name::comparison_key(self.certificate.issuer()))
            }
            (None, Some(issuers)) => issuers.iter().filter_map(general_key).collect(),
            (None, None) => return false,
        };
        own.iter().any(|n| wanted.contains(n))
    }

    /// The entry of the certificate in a CRL (section 6.3.3 (j)).
    fn entry(
        &self,
        crl: &CertificateList,
        idp: Option<&IssuingDistributionPoint>,
    ) -> Option<CrlEntry> {
        if !idp.is_some_and(|i| i.indirect_crl) {
            return crl.find(self.certificate.serial()).next();
        }
        // Entries of indirect CRLs inherit the issuer of the entry before (section 5.3.3).
        let wanted = name::comparison_key(self.certificate.issuer());
        let mut current = name::comparison_key(crl.issuer());
        for entry in crl.entries() {
            if let Some(names) = entry.certificate_issuer() {
                current = names
                    .iter()
                    .find_map(|n| match n {
                        GeneralName::DirectoryName(n) => Some(name::comparison_key(n)),
                        _ => None,
                    })
                    .unwrap_or_default();
            }
            if current == wanted && entry.serial_number.as_bytes() == self.certificate.serial() {
                return Some(entry);
            }
        }
        None
    }

    /// The entry in the newest delta that applies to `base` (section 5.2.4 and 6.3.3 (c), (h), (i)).
    fn delta_entry(&self, base: &CertificateList, signer: &Certificate) -> Option<CrlEntry> {
        let evidence = self.validator.evidence;
        let scope = |crl: &CertificateList| {
            crl.extension(&oid::CE_ISSUING_DISTRIBUTION_POINT)
                .map(|e| e.extn_value.as_bytes().to_vec())
        };
        let base_number = base.crl_number()?;
        let key = signature::key_of(signer).ok()?;
        let mut deltas: Vec<&CertificateList> = evidence
            .crls_of(&name::comparison_key(base.issuer()))
            .iter()
            .filter(|i| self.validator.admits.allows(Source::Crl(**i)))
            .filter(|i| self.validator.understood(**i, &evidence.crls[**i]))
            .map(|i| &evidence.crls[*i])
            .filter(|delta| {
                let Some(indicator) = delta
                    .extension(&oid::CE_DELTA_CRL_INDICATOR)
                    .and_then(|e| Uint::from_der(e.extn_value.as_bytes()).ok())
                else {
                    return false;
                };
                let Some(number) = delta.crl_number() else {
                    return false;
                };
                scope(delta) == scope(base)
                    && delta.authority_key_id() == base.authority_key_id()
                    && !greater(indicator.as_bytes(), &base_number)
                    && greater(&number, &base_number)
                    && self.window.admits(delta.this_update(), delta.next_update())
            })
            .collect();
        deltas.sort_by_key(|d| core::cmp::Reverse(d.this_update()));
        let delta = deltas.into_iter().find(|delta| {
            matches!(
                signature::verify(
                    &self.validator.meter,
                    signature::Over::Status,
                    &key,
                    delta.signature_algorithm(),
                    delta.tbs_der(),
                    delta.signature(),
                ),
                Ok(Ok(()))
            )
        })?;
        let idp = delta.issuing_distribution_point().ok()?;
        self.entry(delta, idp.as_ref())
    }
}

/// Whose CRL it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Whose {
    /// The authority's own, with perhaps another key.
    TheAuthority,
    /// That of an issuer whom the certificate names.
    Another,
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

/// `a > b` for unsigned integers without leading zeros.
fn greater(a: &[u8], b: &[u8]) -> bool {
    (a.len(), a) > (b.len(), b)
}

fn may_not_sign(signer: &Certificate) -> Distrust {
    Distrust::MayNotSignCrls {
        signer: signer.display_subject().to_string(),
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

/// onlySomeReasons; all where absent.
fn some_reasons(idp: &IssuingDistributionPoint) -> ReasonFlags {
    let Some(bits) = &idp.only_some_reasons else {
        return all_reasons();
    };
    [
        Reasons::Unused,
        Reasons::KeyCompromise,
        Reasons::CaCompromise,
        Reasons::AffiliationChanged,
        Reasons::Superseded,
        Reasons::CessationOfOperation,
        Reasons::CertificateHold,
        Reasons::PrivilegeWithdrawn,
        Reasons::AaCompromise,
    ]
    .into_iter()
    .enumerate()
    .skip(1)
    .filter(|(bit, _)| bits.bits().nth(*bit) == Some(true))
    .fold(ReasonFlags::default(), |all, (_, reason)| all | reason)
}

/// The names of a distribution point as comparable strings; a relative name is completed with the
/// key of the CRL issuer's name.
fn full_names(point: &DistributionPointName, crl_issuer: &str) -> Vec<String> {
    match point {
        DistributionPointName::FullName(names) => names.iter().filter_map(general_key).collect(),
        DistributionPointName::NameRelativeToCRLIssuer(rdn) => {
            vec![format!("{crl_issuer}{}", name::rdn_key(rdn))]
        }
    }
}

fn general_key(name: &GeneralName) -> Option<String> {
    Some(match name {
        GeneralName::DirectoryName(n) => name::comparison_key(n),
        GeneralName::UniformResourceIdentifier(uri) => format!("uri:{}", uri.as_str()),
        other => {
            let der = other.to_der().ok()?;
            der.iter().map(|b| format!("{b:02x}")).collect()
        }
    })
}

fn expired_certs_on_crl(crl: &CertificateList) -> Option<UnixTime> {
    let ext = crl.extension(&oid::CE_EXPIRED_CERTS_ON_CRL)?;
    GeneralizedTime::from_der(ext.extn_value.as_bytes())
        .ok()
        .map(UnixTime::from)
}
