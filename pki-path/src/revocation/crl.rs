//! CRLs as evidence (RFC 5280 section 6.3), asked twice about a certificate: what any of them says against it
//! ([`listed`]), and whether those that are current together clear it of every reason.

use core::ops::ControlFlow;
use std::cell::RefCell;
use std::collections::HashMap;

use der::Decode;
use der::asn1::{GeneralizedTime, Uint};
use pki_asn1::crl::CrlEntry;
use pki_asn1::oid::{self, ObjectIdentifier as Oid};
use pki_asn1::{Certificate, CertificateList, UnixTime, name};
use x509_cert::ext::pkix::crl::dp::{DistributionPoint, ReasonFlags};
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{CrlDistributionPoints, CrlReason};

use super::{
    Distrust, EvidenceWindow, Finding, Issuer, RevocationStatus, RevocationUnknown, RevokedInfo,
    Source, Stack, merge, speaks_of_expired, unknown_critical,
};
use crate::build::Validator;
use crate::signature;
use crate::validate;

mod listed;
mod scope;
mod signer;

use scope::{all_reasons, in_scope, some_reasons};
use signer::{Asked, Known, Whose};

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
            as_of: None,
            unknown: RevocationUnknown::NoEvidence {
                issuer: certificate.display_issuer().to_string(),
                urls: Vec::new(),
            },
            entries: RefCell::default(),
            signers: RefCell::default(),
        };
        let lookups = inquiry.lookups(&points);
        let held = match inquiry.revocations(&lookups, stack) {
            ControlFlow::Break(revoked) => return revoked,
            ControlFlow::Continue(held) => held,
        };
        let cleared = match inquiry.clear(&lookups, stack) {
            ControlFlow::Break(status) => status,
            ControlFlow::Continue(()) => RevocationStatus::Unknown(inquiry.unknown.clone()),
        };
        match (held, &cleared) {
            (Some(held), RevocationStatus::Good(_)) if inquiry.as_of.as_ref() > Some(&held.age) => {
                cleared
            }
            (Some(held), RevocationStatus::Revoked(..)) => merge(cleared, held.status()),
            (Some(held), _) => held.status(),
            // It may be that nobody looked at the list that says otherwise.
            (None, _) if inquiry.unknown.is_exhausted() => {
                merge(cleared, RevocationStatus::Unknown(inquiry.unknown))
            }
            (None, _) => cleared,
        }
    }

    /// Whether all that is critical in a CRL is known, and every entry decodes.
    fn understood(&self, index: usize, crl: &CertificateList) -> Result<(), Distrust> {
        let ask = || {
            !unknown_critical(crl.extensions(), KNOWN)
                && crl.is_readable()
                && crl.entries().all(|entry| {
                    entry
                        .crl_entry_extensions
                        .as_deref()
                        .is_none_or(|list| !unknown_critical(list, KNOWN_IN_ENTRIES))
                })
        };
        let known = self.evidence.understood.get(index);
        match known.map_or_else(ask, |known| *known.get_or_init(ask)) {
            true => Ok(()),
            false if crl.is_readable() => Err(Distrust::CriticalExtension),
            false => Err(Distrust::MalformedEntry),
        }
    }
}

/// Which of two CRLs of an authority is newer: thisUpdate, then the length and octets of the number.
type Age = (UnixTime, usize, Vec<u8>);

fn age(crl: &CertificateList) -> Age {
    let number = crl.crl_number().unwrap_or_default();
    (crl.this_update(), number.len(), number)
}

/// A CRL that may speak of the certificate, and the distribution point that it was looked up for.
#[derive(Clone, Copy)]
struct Lookup<'p, 'e> {
    index: usize,
    crl: &'e CertificateList,
    point: &'p DistributionPoint,
}

impl Lookup<'_, '_> {
    fn whose(&self) -> Whose {
        match self.point.crl_issuer {
            Some(_) => Whose::Another,
            None => Whose::TheAuthority,
        }
    }

    fn is_delta(&self) -> bool {
        let indicator = &oid::CE_DELTA_CRL_INDICATOR;
        self.crl.extension(indicator).is_some()
    }

    fn found_by(&self, signer: Certificate) -> Finding {
        Finding {
            source: Source::Crl(self.index),
            this_update: self.crl.this_update(),
            next_update: self.crl.next_update(),
            produced_at: None,
            signer,
        }
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
    /// How old the oldest of what cleared the certificate is, with the deltas that apply to it.
    as_of: Option<Age>,
    unknown: RevocationUnknown,
    /// By the number of the CRL: large ones are walked through once.
    entries: RefCell<HashMap<usize, Option<CrlEntry>>>,
    /// Those whose paths were looked for: one may have signed many lists.
    signers: RefCell<Known>,
}

impl<'a> Inquiry<'_, 'a> {
    /// Every CRL for every distribution point, the newest first whichever point it is for: an older one that
    /// covers all reasons must not hide a newer revocation.
    fn lookups<'p>(&self, points: &'p [DistributionPoint]) -> Vec<Lookup<'p, 'a>> {
        let evidence = self.validator.evidence;
        let mut lookups: Vec<Lookup<'p, 'a>> = Vec::new();
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
            lookups.extend(indexes.filter_map(|index| {
                let crl = evidence.crls.get(index)?;
                Some(Lookup { index, crl, point })
            }));
        }
        // Two CRLs may be of the same second; their numbers tell which one is newer. Where these do not
        // either, what one of them says against the certificate counts, in whatever order they came.
        lookups.sort_by_cached_key(|l| core::cmp::Reverse(age(l.crl)));
        for twins in lookups.chunk_by_mut(|a, b| a.index == b.index || age(a.crl) == age(b.crl)) {
            let first = twins.first().map(|l| l.index);
            if twins.iter().any(|l| Some(l.index) != first) {
                twins.sort_by_cached_key(|l| (self.milder(l), l.crl.der().to_vec()));
            }
        }
        lookups
    }

    /// Whether what is current and admitted clears the certificate of all reasons. Breaks with the answer.
    fn clear(
        &mut self,
        lookups: &[Lookup<'_, 'a>],
        stack: &mut Stack,
    ) -> ControlFlow<RevocationStatus> {
        for lookup in lookups {
            let admitted = self.validator.admits.allows(Source::Crl(lookup.index));
            if !admitted || lookup.is_delta() {
                continue;
            }
            if let Err(why) = self.consider(lookup, stack)? {
                self.note(why);
            }
        }
        if !self.covered.is_empty() {
            self.note(RevocationUnknown::NotCovered);
        }
        ControlFlow::Continue(())
    }

    /// How little a CRL says against the certificate.
    fn milder(&self, lookup: &Lookup<'_, 'a>) -> u8 {
        self.entry(lookup)
            .map_or(3, |entry| mildness(entry.reason()))
    }

    fn note(&mut self, why: RevocationUnknown) {
        self.unknown = self.unknown.clone().more_specific(why);
    }

    fn consider(
        &mut self,
        lookup: &Lookup<'_, 'a>,
        stack: &mut Stack,
    ) -> ControlFlow<RevocationStatus, Result<(), RevocationUnknown>> {
        let crl = lookup.crl;
        let go_on = |why| ControlFlow::Continue(Err(why));
        let distrust = |why| RevocationUnknown::not_trusted(WHAT, why);
        let Ok(idp) = crl.issuing_distribution_point() else {
            return go_on(distrust(Distrust::MalformedDistributionPoint));
        };
        if !in_scope(self.certificate, crl, idp.as_ref(), lookup.point) {
            return go_on(RevocationUnknown::NotCovered);
        }
        let reasons = lookup.point.reasons.unwrap_or_else(all_reasons)
            & idp.as_ref().map_or_else(all_reasons, some_reasons);
        if (reasons - self.covered).is_empty() {
            return ControlFlow::Continue(Ok(()));
        }
        if !self.window.admits(crl.this_update(), crl.next_update()) {
            return go_on(self.not_current(crl));
        }
        if let Err(why) = self.validator.understood(lookup.index, crl) {
            return go_on(distrust(why));
        }
        let asked = Asked {
            at: self.validator.parameters.at,
            cleared: Some(self.window),
        };
        let asked = (asked, &self.signers);
        let signer = self.validator.crl_signer(lookup, self.issuer, asked, stack);
        let signer = match signer {
            Ok(signer) => signer,
            Err(why) => return go_on(distrust(why)),
        };
        let delta = match self.delta(lookup, &signer) {
            Ok(delta) => delta,
            Err(why) => return go_on(distrust(why)),
        };
        let entry = match delta.and_then(|delta| self.entry(&delta)) {
            Some(entry) => Some(entry),
            None => self.entry(lookup),
        };
        let finding = lookup.found_by(signer);
        match entry {
            Some(entry) if entry.reason() != Some(CrlReason::RemoveFromCRL) => {
                ControlFlow::Break(RevocationStatus::Revoked(info(&entry), finding))
            }
            _ if !speaks_of_expired(
                self.certificate,
                crl.this_update(),
                expired_certs_on_crl(crl),
            ) =>
            {
                let ended = self.certificate.not_after();
                go_on(RevocationUnknown::after_the_end(
                    WHAT,
                    crl.this_update(),
                    ended,
                ))
            }
            _ => {
                self.covered |= reasons;
                let age = age(delta.map_or(crl, |delta| delta.crl));
                self.as_of = Some(
                    self.as_of
                        .take()
                        .map_or(age.clone(), |known| known.min(age)),
                );
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

    /// The entry of the certificate in a CRL (section 6.3.3 (j)); of several, one that is final.
    fn entry(&self, lookup: &Lookup<'_, 'a>) -> Option<CrlEntry> {
        let mut known = self.entries.borrow_mut();
        known
            .entry(lookup.index)
            .or_insert_with(|| self.find(lookup.crl))
            .clone()
    }

    fn find(&self, crl: &CertificateList) -> Option<CrlEntry> {
        let idp = crl.issuing_distribution_point().ok().flatten();
        let serial = self.certificate.serial();
        if !idp.is_some_and(|idp| idp.indirect_crl) {
            return gravest(crl.find(serial));
        }
        // Entries of indirect CRLs inherit the issuer of the entry before (section 5.3.3).
        let wanted = name::comparison_key(self.certificate.issuer());
        let mut current = name::comparison_key(crl.issuer());
        gravest(crl.entries().filter(|entry| {
            if let Some(names) = entry.certificate_issuer() {
                current = names
                    .iter()
                    .find_map(|n| match n {
                        GeneralName::DirectoryName(n) => Some(name::comparison_key(n)),
                        _ => None,
                    })
                    .unwrap_or_default();
            }
            current == wanted && entry.serial_number.as_bytes() == serial
        }))
    }

    /// The newest delta that applies to `base` (section 5.2.4 and 6.3.3 (c), (h), (i)).
    fn delta<'p>(
        &self,
        base: &Lookup<'p, 'a>,
        signer: &Certificate,
    ) -> Result<Option<Lookup<'p, 'a>>, Distrust> {
        let Lookup {
            crl: base, point, ..
        } = *base;
        let evidence = self.validator.evidence;
        let scope = |crl: &CertificateList| {
            crl.extension(&oid::CE_ISSUING_DISTRIBUTION_POINT)
                .map(|e| e.extn_value.as_bytes().to_vec())
        };
        let (Some(base_number), Ok(key)) = (base.crl_number(), signature::key_of(signer)) else {
            return Ok(None);
        };
        let mut deltas: Vec<Lookup<'p, 'a>> = evidence
            .crls_of(&name::comparison_key(base.issuer()))
            .iter()
            .filter(|i| self.validator.admits.allows(Source::Crl(**i)))
            .filter_map(|i| Some((*i, evidence.crls.get(*i)?)))
            .map(|(index, crl)| Lookup { index, crl, point })
            .filter(|Lookup { crl: delta, .. }| {
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
            .filter(|delta| self.validator.understood(delta.index, delta.crl).is_ok())
            .collect();
        deltas.sort_by_cached_key(|delta| core::cmp::Reverse(age(delta.crl)));
        for delta in deltas {
            if self.validator.crl_signed_by(&delta, &key)?.is_ok() {
                return Ok(Some(delta));
            }
        }
        Ok(None)
    }
}

/// Of entries of one certificate the one that says most against it.
fn gravest(entries: impl Iterator<Item = CrlEntry>) -> Option<CrlEntry> {
    entries.min_by_key(|entry| mildness(entry.reason()))
}

fn mildness(reason: Option<CrlReason>) -> u8 {
    match reason {
        Some(CrlReason::RemoveFromCRL) => 2,
        Some(CrlReason::CertificateHold) => 1,
        _ => 0,
    }
}

fn info(entry: &CrlEntry) -> RevokedInfo {
    RevokedInfo {
        at: entry.revocation_date.into(),
        reason: entry.reason(),
    }
}

/// `a > b` for unsigned integers without leading zeros.
fn greater(a: &[u8], b: &[u8]) -> bool {
    (a.len(), a) > (b.len(), b)
}

fn expired_certs_on_crl(crl: &CertificateList) -> Option<UnixTime> {
    let ext = crl.extension(&oid::CE_EXPIRED_CERTS_ON_CRL)?;
    GeneralizedTime::from_der(ext.extn_value.as_bytes())
        .ok()
        .map(UnixTime::from)
}
