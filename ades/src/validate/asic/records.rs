//! Evidence records in a container (EN 319 162-1 clause 4.3.3 and 4.4.4, annex A.7): over the one file of
//! ASiC-S, or over what a manifest names.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{CoveredFile, Kind, MANIFEST_OCTETS, Member, Walk};
use crate::asic::{AsicError, Manifest};
use crate::evidence_record::{EvidenceRecord, Limits};
use crate::text;
use crate::text::Text;
use crate::validate::facts::{Check, RecordFacts, RecordPlace};
use crate::validate::gather::GatherError;
use crate::validate::record;
use crate::validate::signer::Content;

/// What ASiC-S calls its record.
const SIMPLE: &str = "META-INF/evidencerecord.ers";

impl Walk<'_> {
    pub(super) fn evidence_records(&mut self) -> Result<(), GatherError> {
        let container = self.container;
        let data: Vec<&Member> = container.data().collect();
        if let (Kind::Simple, [one], Some(member)) =
            (container.kind(), data.as_slice(), container.member(SIMPLE))
        {
            self.evidence_record(member, &[*one], Arc::default())?;
        }
        for member in container.record_manifests() {
            let xml = container.read(member, MANIFEST_OCTETS)?;
            let manifest = match Manifest::parse(&member.name, &xml) {
                Ok(manifest) => manifest,
                Err(e) => {
                    self.problems.push(e.to_string());
                    continue;
                }
            };
            let Some(record) = container.member(&manifest.signature) else {
                self.problems.push(format!(
                    "{} belongs to {}, which is not there",
                    member.name, manifest.signature
                ));
                continue;
            };
            self.used.insert(member.name.clone());
            let mut files = self.check_files(member, &manifest)?.to_vec();
            // The manifest names the files; the record is about them, not about the manifest.
            files.retain(|file| file.name != member.name);
            let named: Vec<&Member> = (manifest.objects.iter())
                .filter_map(|object| container.member(&object.name))
                .collect();
            self.evidence_record(record, &named, files.into())?;
        }
        Ok(())
    }

    /// One record over these files, which a manifest may name with their digests.
    fn evidence_record(
        &mut self,
        member: &Member,
        files: &[&Member],
        named: Arc<[CoveredFile]>,
    ) -> Result<(), GatherError> {
        let bytes = self
            .container
            .read(member, Limits::default().octets as u64)?;
        let id = format!("evidence-record-{}", self.records.len() + 1);
        let record = match EvidenceRecord::parse(&bytes) {
            Ok(record) => record,
            Err(e) => {
                let problem = text!(
                    "{} cannot be read: {}",
                    member.name,
                    Text::from(e.to_string())
                );
                self.records.push(RecordFacts::unreadable(
                    id,
                    member.name.clone(),
                    &bytes,
                    problem,
                ));
                return Ok(());
            }
        };
        let chains = record.chains.len() as u64;
        for file in files {
            self.hashed = self.hashed.saturating_add(file.size.saturating_mul(chains));
        }
        self.check_hashed()?;
        let objects: Vec<record::Named> = (files.iter())
            .map(|file| {
                let content = Content::Stream(Arc::new(self.container.stream(file)));
                (file.name.clone(), content.shared())
            })
            .collect();
        let place = RecordPlace::Member(member.name.clone());
        let mut facts = record::check(&record, &id, place, &objects, &mut self.material);
        facts.record = bytes.into();
        for file in named.iter() {
            if let Check::Failed(why) | Check::NotPossible(why) = &file.check {
                let problem = text!("its manifest names {}: {}", file.name, why);
                facts.problems.push(problem);
            }
        }
        let covered: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let signatures = self.signatures.iter().enumerate();
        facts.signatures = signatures
            .filter(|(_, one)| {
                let member = one.cms.as_ref().and_then(|c| c.member.as_deref());
                member.is_some_and(|member| covered.contains(member))
            })
            .map(|(index, _)| index)
            .collect();
        self.count(1, &named)?;
        self.records.push(facts);
        Ok(())
    }

    pub(super) fn check_hashed(&self) -> Result<(), AsicError> {
        let often = self.container.octets().saturating_mul(super::HASHED_OFTEN);
        let limit = super::HASHED_OCTETS.max(often);
        if self.hashed > limit {
            return Err(AsicError::Budget {
                what: "octets to be hashed",
                limit,
            });
        }
        Ok(())
    }
}
