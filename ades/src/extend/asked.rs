//! The validation data of signers and time-stamping units, collected as of the times that are proven.

use std::collections::HashMap;

use pki_asn1::{Certificate, UnixTime};
use pki_path::TrustAnchor;

use crate::evidence::{Collector, EvidenceError, Material, Role, Subject, ValidationData};
use crate::validate::{SignatureFacts, TimestampFacts};

/// What was found for each certificate and time, so that a hundred signatures by one signer ask
/// once.
pub(crate) struct Asked<'c> {
    collector: &'c Collector,
    known: HashMap<(Certificate, UnixTime), Result<ValidationData, EvidenceError>>,
    /// What is on top of the paths.
    tops: Vec<TrustAnchor>,
}

impl<'c> Asked<'c> {
    pub(crate) fn new(collector: &'c Collector) -> Self {
        Self {
            collector,
            known: HashMap::new(),
            tops: Vec::new(),
        }
    }

    pub(crate) fn collect(
        &mut self,
        subject: Subject,
        material: &mut Material,
    ) -> Result<ValidationData, EvidenceError> {
        let key = (subject.certificate.clone(), subject.at);
        let collector = self.collector;
        let found = self.known.entry(key);
        found
            .or_insert_with(|| collector.collect(&[subject], material))
            .clone()
    }

    /// As [`Self::collect`], for the material alone.
    pub(crate) fn complete(
        &mut self,
        subject: Subject,
        material: &mut Material,
    ) -> Result<(), EvidenceError> {
        let data = self.collect(subject, material)?;
        // Nobody said whom to trust, so what is on top of the path is.
        if material.anchors.is_empty() {
            let tops = data.certificates.into_iter().filter(|c| c.is_self_issued());
            self.tops
                .extend(tops.filter_map(|c| TrustAnchor::from_certificate(c).ok()));
        }
        Ok(())
    }

    /// When everybody was asked.
    pub(crate) fn finish(self, material: &mut Material) {
        if material.anchors.is_empty() {
            material.anchors = self.tops;
        }
    }
}

/// Whoever signed.
pub(crate) fn signer(one: &SignatureFacts, at: UnixTime) -> Option<Subject> {
    Some(Subject {
        certificate: one.signer.as_ref()?.certificate.clone()?,
        at,
        role: Role::Signer,
    })
}

/// Whoever made a time-stamp.
pub(crate) fn unit(token: &TimestampFacts, at: UnixTime) -> Option<Subject> {
    Some(Subject {
        certificate: token.signer.certificate.clone()?,
        at,
        role: Role::TimeStampingUnit,
    })
}
