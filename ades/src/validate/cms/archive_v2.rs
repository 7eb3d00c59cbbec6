//! archive-time-stamp-v2 attributes: what each is over is what was there when it was made, and of that only
//! the other archive time-stamps tell when they came.

use std::collections::BTreeSet;
use std::io;

use pki_asn1::UnixTime;
use pki_asn1::oid;
use pki_crypto::{DigestAlgorithm, Hasher};

use super::super::facts::{ArchiveFacts, ArchiveForm, Check};
use super::super::gather::collect;
use super::super::signer::Content;
use super::super::{record, token};
use super::Walk;
use crate::cades::archive_v2::{beginning, imprints};
use crate::cms::original::{OriginalSigner, UnsignedValue};
use crate::cms::parse::SignedData;
use crate::text;
use crate::text::Text;

impl Walk<'_> {
    pub(super) fn archive_stamp_v2(
        &mut self,
        raw: &OriginalSigner,
        values: &[UnsignedValue],
        content: &Content,
        position: usize,
        value: &[u8],
    ) -> Result<(ArchiveFacts, SignedData), Text> {
        let parsed = SignedData::parse(value).map_err(|e| Text::from(e.to_string()))?;
        let made = record::made(value);
        let later = later(values, position, made);
        let digests = match token::imprint_algorithm(&parsed) {
            None => Vec::new(),
            Some(algorithm) => match self.beginning(content, algorithm)? {
                Some(beginning) => imprints(self.original, raw, &beginning, &later)
                    .map_err(|e| Text::from(e.to_string()))?,
                None => Vec::new(),
            },
        };
        let mut found = None;
        for digest in &digests {
            let stamped = Content::Digests(vec![*digest]);
            let checked = token::check(value, &stamped, &self.material.pool)?;
            let fits = checked.0.imprint.is_ok();
            if found.is_none() || fits {
                found = Some(checked);
            }
            if fits {
                break;
            }
        }
        let (stamp, data) = match found {
            Some(found) => found,
            None => token::check(value, &Content::Missing, &self.material.pool)?,
        };
        collect(&data, self.material);
        let places = |count: usize| (0..count).collect::<BTreeSet<usize>>();
        let certificates = self.original.certificates().len();
        let revocation = self.original.revocation().len();
        let all = places(values.len());
        let facts = ArchiveFacts {
            form: ArchiveForm::Version2,
            stamp,
            index: Check::Ok,
            position,
            values: all.difference(&later).copied().collect(),
            certificates: (certificates, certificates),
            certificate_places: places(certificates),
            revocation: (revocation, revocation),
            revocation_places: places(revocation),
        };
        Ok((facts, data))
    }

    /// Content may be large, and have many signers with many time-stamps: it is read once for each algorithm.
    fn beginning(
        &mut self,
        content: &Content,
        algorithm: DigestAlgorithm,
    ) -> Result<Option<Hasher>, Text> {
        if let Some(known) = self.begun.get(&algorithm) {
            return Ok(known.clone());
        }
        let outside = |sink: &mut dyn FnMut(&[u8]) -> io::Result<()>| content.feed(sink);
        let begun = beginning(self.original, &outside, algorithm)
            .map_err(|e| text!("the signed content cannot be read: {}", e))?;
        self.begun.insert(algorithm, begun.clone());
        Ok(begun)
    }
}

/// The value itself, and the archive time-stamps that were made with it or after it.
fn later(values: &[UnsignedValue], position: usize, made: Option<UnixTime>) -> BTreeSet<usize> {
    const ARCHIVE: [oid::ObjectIdentifier; 3] = [
        oid::ATTR_ARCHIVE_TIMESTAMP_V1,
        oid::ATTR_ARCHIVE_TIMESTAMP_V2,
        oid::ATTR_ARCHIVE_TIMESTAMP_V3,
    ];
    let came_later =
        |value: &UnsignedValue| ARCHIVE.contains(&value.oid) && record::made(&value.value) >= made;
    let all = values.iter().enumerate();
    all.filter(|(place, value)| *place == position || came_later(value))
        .map(|(place, _)| place)
        .collect()
}
