//! One import from its first source to its last: read, check on every core, compare with the record,
//! commit many entries at once, report each.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;

use pki_asn1::{Certificate, UnixTime};

use super::{ImportMode, ImportSummary, Imported, ImportedLine, Sources};
use crate::authority::Authority;
use crate::engine::{Actors, CaEngine};
use crate::error::CaError;
use crate::import::{
    Candidate, CrlFacts, Decision, Evidence, Existing, ForeignCrl, ForeignIssuer, ImportError,
    IndexLine, IndexStatus, Loaded, Origin, PastRevocation, Source, decide, is_listable, load,
    read_crl, sources,
};
use crate::issuance::sha256;
use crate::store::{
    Act, Conflict, ImportAct, ImportedCertificate, ImportedCrlNumber, ImportedEntries,
    ImportedEntry, RevocationAct, StoreError,
};

/// Entries checked and committed together.
const CHUNK: usize = 512;

type Report<'a> = &'a mut dyn FnMut(&ImportedLine) -> io::Result<()>;

pub(super) struct Run<'a> {
    engine: &'a CaEngine,
    authority: Authority,
    issuer: ForeignIssuer,
    mode: ImportMode,
    actors: &'a Actors,
    report: Report<'a>,
    crl_facts: CrlFacts,
    /// Serial numbers dealt with, with their certificates' digests.
    seen: HashMap<Box<[u8]>, Option<[u8; 32]>>,
    /// Lines of the index whose certificate was not found by its name.
    waiting: HashMap<Box<[u8]>, (Origin, IndexLine)>,
    chunk: Vec<Candidate>,
    /// Second lines of the index that say revoked, and their serial numbers.
    second: Vec<Fresh>,
    second_serials: HashSet<Box<[u8]>>,
    summary: ImportSummary,
}

/// An entry whose serial number is not dealt with yet.
struct Fresh {
    origin: Origin,
    serial: Vec<u8>,
    certificate: Option<Certificate>,
    fingerprint: Option<[u8; 32]>,
    index: Option<IndexLine>,
    crl: Option<PastRevocation>,
    remarks: Vec<String>,
    line: Line,
}

/// What an entry changes in the record.
enum Change {
    None,
    /// A row, or a revocation of one.
    Entry(Box<ImportedEntry>),
    /// A suspension ends as a revocation.
    Final(PastRevocation),
}

/// Whether an entry is the first about its serial number.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Line {
    First,
    /// It is a line of the index that contradicts an earlier one.
    Second,
}

/// What is said where two lines of the index are about one serial number, and one says revoked.
const REVOKED_BY_ONE: &str = "the index has two lines with this serial number, and one of them says revoked; it was taken as revoked";

impl<'a> Run<'a> {
    /// Checks the authority and its CRLs, and goes on from their highest number.
    pub(super) fn begin(
        engine: &'a CaEngine,
        authority: &str,
        sources: &Sources,
        mode: ImportMode,
        actors: &'a Actors,
        report: Report<'a>,
    ) -> Result<Self, CaError> {
        let authority = engine.authority(authority)?;
        if engine.store.adopted_chain(authority.id)?.is_none() {
            return Err(ImportError::NotAdopted(authority.name).into());
        }
        let named = sources.index.iter().count() + sources.certificates.len() + sources.crls.len();
        if named == 0 {
            return Err(ImportError::Nothing.into());
        }
        let issuer = ForeignIssuer::new(&authority.certificate).map_err(ImportError::from)?;
        let mut crls = Vec::new();
        for path in &sources.crls {
            crls.push(read_crl(path, &issuer)?);
        }
        let mut run = Self {
            engine,
            authority,
            issuer,
            mode,
            actors,
            report,
            crl_facts: CrlFacts::default(),
            seen: HashMap::new(),
            waiting: HashMap::new(),
            chunk: Vec::with_capacity(CHUNK),
            second: Vec::new(),
            second_serials: HashSet::new(),
            summary: ImportSummary::default(),
        };
        run.go_on_from(&crls)?;
        run.crl_facts = CrlFacts::gather(crls);
        run.summary.foreign = run.crl_facts.foreign_entries;
        Ok(run)
    }

    /// Before anything else: no CRL with a lower number may follow, whatever interrupts this.
    fn go_on_from(&mut self, crls: &[ForeignCrl]) -> Result<(), CaError> {
        let last = self
            .engine
            .store
            .last_crl_number(self.authority.id, crate::crl::CrlScope::All)?;
        self.summary.crl_number = last;
        let Some(highest) = crls.iter().max_by_key(|crl| crl.number) else {
            return Ok(());
        };
        if highest.number <= last {
            return Ok(());
        }
        self.summary.crl_number = highest.number;
        let act = ImportAct::CrlNumber(ImportedCrlNumber {
            authority: self.authority.reference(),
            number: highest.number,
            sha256: highest.sha256,
            this_update: highest.this_update(),
        });
        if self.mode == ImportMode::Record {
            self.engine.commit(self.actors, Act::Import(act))?;
        }
        Ok(())
    }

    /// Reads all sources.
    pub(super) fn finish(mut self, sources: &Sources) -> Result<ImportSummary, CaError> {
        if let Some(index) = &sources.index {
            self.index(index, &sources.certificates)?;
        }
        for path in &sources.certificates {
            for file in sources::files(path)? {
                sources::certificates(&file, &mut |origin, found| match found {
                    Ok(der) => self.push(Candidate {
                        origin,
                        index: None,
                        source: Source::Der(der),
                    }),
                    Err(error) => self.refuse(
                        origin,
                        None,
                        error.to_string(),
                        Some("remove it, or get the file again from the other product".into()),
                    ),
                })?;
            }
        }
        self.flush()?;
        self.without_certificate()?;
        self.only_on_crl()?;
        self.second_lines()?;
        Ok(self.summary)
    }

    /// Once their first lines are in the record.
    fn second_lines(&mut self) -> Result<(), CaError> {
        let mut rest = core::mem::take(&mut self.second).into_iter();
        loop {
            let chunk: Vec<_> = rest.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                return Ok(());
            }
            self.settle(chunk)?;
        }
    }

    fn index(&mut self, path: &Path, folders: &[std::path::PathBuf]) -> Result<(), CaError> {
        sources::lines(path, &mut |origin, line| match IndexLine::parse(line) {
            Ok(None) => Ok(()),
            Ok(Some(line)) => match sources::file_of(&line, path, folders) {
                Some(file) => self.push(Candidate {
                    origin,
                    index: Some(line),
                    source: Source::File(file),
                }),
                None => self.wait(origin, line),
            },
            Err(error) => {
                let hint = Some(error.hint().to_owned());
                self.refuse(origin, None, error.to_string(), hint)
            }
        })?;
        self.flush()
    }

    /// Keeps a line until the certificates have all been read: one of them may be its.
    fn wait(&mut self, origin: Origin, line: IndexLine) -> Result<(), CaError> {
        if let Some((_, first)) = self.waiting.get_mut(line.serial.as_slice()) {
            let revoked = |line: &IndexLine| matches!(line.status, IndexStatus::Revoked(_));
            if revoked(&line) && !revoked(first) {
                first.status = line.status;
                first.remark = Some(REVOKED_BY_ONE);
                return Ok(());
            }
            return self.refuse_twice(origin, line.serial);
        }
        self.waiting
            .insert(line.serial.clone().into(), (origin, line));
        Ok(())
    }

    fn without_certificate(&mut self) -> Result<(), CaError> {
        let mut left: Vec<_> = core::mem::take(&mut self.waiting).into_values().collect();
        left.sort_by_key(|(origin, _)| origin.line);
        for (origin, line) in left {
            self.push(Candidate {
                origin,
                index: Some(line),
                source: Source::None,
            })?;
        }
        self.flush()
    }

    fn only_on_crl(&mut self) -> Result<(), CaError> {
        let rest = core::mem::take(&mut self.crl_facts).into_rest();
        let mut fresh = Vec::with_capacity(CHUNK);
        for (serial, past) in rest {
            if !is_listable(&serial) {
                self.refuse_unlistable(Origin::crl(), serial.into_vec())?;
                continue;
            }
            fresh.push(Fresh {
                origin: Origin::crl(),
                serial: serial.into_vec(),
                certificate: None,
                fingerprint: None,
                index: None,
                crl: Some(past),
                remarks: Vec::new(),
                line: Line::First,
            });
            if fresh.len() == CHUNK {
                self.settle(core::mem::take(&mut fresh))?;
            }
        }
        self.settle(fresh)
    }

    fn push(&mut self, candidate: Candidate) -> Result<(), CaError> {
        self.chunk.push(candidate);
        if self.chunk.len() == CHUNK {
            self.flush()?;
        }
        Ok(())
    }

    /// Checks what has gathered, and settles what is new.
    fn flush(&mut self) -> Result<(), CaError> {
        let chunk = core::mem::take(&mut self.chunk);
        let loaded = load(chunk, &self.issuer, &self.seen);
        let mut fresh = Vec::with_capacity(loaded.len());
        for one in loaded {
            if let Some(entry) = self.sift(one)? {
                fresh.push(entry);
            }
        }
        self.settle(fresh)
    }

    /// Sorts out what is wrong, and what was seen before.
    fn sift(&mut self, loaded: Loaded) -> Result<Option<Fresh>, CaError> {
        let Loaded {
            candidate,
            certificate,
        } = loaded;
        let Candidate { origin, index, .. } = candidate;
        let mut remarks = Vec::new();
        let certificate = match certificate {
            None => None,
            Some(Ok(certificate)) => Some(certificate),
            // Its status goes on all the same, under its serial number.
            Some(Err(error)) if error.is_unchecked() && index.is_some() => {
                remarks.push(error.to_string());
                None
            }
            Some(Err(error)) => {
                let serial = index.map(|line| line.serial);
                let hint = Some(error.hint().to_owned());
                self.refuse(origin, serial, error.to_string(), hint)?;
                return Ok(None);
            }
        };
        let fingerprint = certificate.as_ref().map(|c| sha256(c.der()));
        let serial = match (&index, &certificate) {
            (Some(line), Some(certificate)) if certificate.serial() != line.serial => {
                let found = certificate.serial_hex();
                let what = format!("the file of its serial number holds certificate {found}");
                let hint = Some("give the certificate that the index means".to_owned());
                self.refuse(origin, Some(line.serial.clone()), what, hint)?;
                return Ok(None);
            }
            (_, Some(certificate)) => certificate.serial().to_vec(),
            (Some(line), None) => line.serial.clone(),
            (None, None) => return Ok(None),
        };
        if !is_listable(&serial) {
            self.refuse_unlistable(origin, serial)?;
            return Ok(None);
        }
        if let Some(earlier) = self.seen.get(serial.as_slice()) {
            if index.is_none() && *earlier == fingerprint {
                // The same certificate in another file, or one that the index has led to.
                return Ok(None);
            }
            let revoked = index.filter(|line| matches!(line.status, IndexStatus::Revoked(_)));
            let mut new = || self.second_serials.insert(serial.clone().into());
            let Some(line) = revoked.filter(|_| new()) else {
                self.refuse_twice(origin, serial)?;
                return Ok(None);
            };
            self.second.push(Fresh {
                origin,
                serial,
                certificate: None,
                fingerprint: None,
                index: Some(line),
                crl: None,
                remarks: vec![REVOKED_BY_ONE.to_owned()],
                line: Line::Second,
            });
            return Ok(None);
        }
        self.seen.insert(serial.clone().into(), fingerprint);
        // A line of the index that waited for this certificate.
        let (origin, index) = match self.waiting.remove(serial.as_slice()) {
            Some((line_origin, line)) => (line_origin, Some(line)),
            None => (origin, index),
        };
        let crl = self.crl_facts.take(&serial);
        Ok(Some(Fresh {
            origin,
            serial,
            certificate,
            fingerprint,
            index,
            crl,
            remarks,
            line: Line::First,
        }))
    }

    /// Decides about each with the record, commits all in one act, and reports.
    fn settle(&mut self, fresh: Vec<Fresh>) -> Result<(), CaError> {
        if fresh.is_empty() {
            return Ok(());
        }
        let now = self.engine.now();
        let (lines, revocations, finals) = loop {
            let serials: Vec<&[u8]> = fresh.iter().map(|f| f.serial.as_slice()).collect();
            let existing = self.engine.store.existing(self.authority.id, &serials)?;
            let mut entries = Vec::new();
            let mut finals = Vec::new();
            let mut lines = Vec::with_capacity(fresh.len());
            for (one, existing) in fresh.iter().zip(&existing) {
                let (change, line) = one.decide(existing.as_ref(), now);
                match change {
                    Change::None => {}
                    Change::Entry(entry) => entries.push(*entry),
                    Change::Final(past) => finals.push((one.serial.clone(), past)),
                }
                lines.push(line);
            }
            let revocations = entries.iter().filter(|e| e.revocation.is_some()).count();
            if entries.is_empty() || self.mode == ImportMode::DryRun {
                break (lines, revocations, finals);
            }
            let act = Act::Import(ImportAct::Entries(ImportedEntries {
                authority: self.authority.reference(),
                entries,
            }));
            match self.engine.commit(self.actors, act) {
                Ok(_) => break (lines, revocations, finals),
                // Somebody else recorded one of them meanwhile; each loser means one winner.
                Err(StoreError::Conflict(Conflict::Serial | Conflict::AlreadyRevoked { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        };
        self.summary.revocations += (revocations + finals.len()) as u64;
        if self.mode == ImportMode::Record {
            for (serial, past) in finals {
                self.finalise(serial, past, now)?;
            }
        }
        for line in lines {
            self.tell(&line)?;
        }
        Ok(())
    }

    /// Makes a suspension final. It keeps its date, as `sceau-ca revoke` does, and is no import any more.
    fn finalise(
        &self,
        serial: Vec<u8>,
        past: PastRevocation,
        now: UnixTime,
    ) -> Result<(), CaError> {
        let act = Act::Revoke(RevocationAct {
            authority: self.authority.reference(),
            serial,
            reason: past.reason,
            invalidity_date: past.invalidity_date,
            requested_at: now,
        });
        match self.engine.commit(self.actors, act) {
            // Somebody else made it final meanwhile.
            Ok(_) | Err(StoreError::Conflict(Conflict::AlreadyRevoked { .. })) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// In the record it would stand on every CRL from now on, and none could be issued any more.
    fn refuse_unlistable(&mut self, origin: Origin, serial: Vec<u8>) -> Result<(), CaError> {
        let what = "no CRL may list its serial number, which is not positive or has more than 20 octets (RFC 5280 section 4.1.2.2)";
        let hint =
            "let its status end with the other product's last CRL; nobody here answers for it";
        self.refuse(origin, Some(serial), what.into(), Some(hint.into()))
    }

    fn refuse_twice(&mut self, origin: Origin, serial: Vec<u8>) -> Result<(), CaError> {
        let what = "the serial number occurs a second time".to_owned();
        let hint = "find out which of the two the authority issued".to_owned();
        self.refuse(origin, Some(serial), what, Some(hint))
    }

    fn refuse(
        &mut self,
        origin: Origin,
        serial: Option<Vec<u8>>,
        what: String,
        hint: Option<String>,
    ) -> Result<(), CaError> {
        self.tell(&ImportedLine {
            origin,
            serial,
            outcome: Imported::Refused,
            revoked: false,
            remarks: vec![what],
            hint,
        })
    }

    fn tell(&mut self, line: &ImportedLine) -> Result<(), CaError> {
        let counter = match line.outcome {
            Imported::Certificate => Some(&mut self.summary.certificates),
            Imported::SerialOnly => Some(&mut self.summary.serials),
            Imported::Revocation => None,
            Imported::Already => Some(&mut self.summary.already),
            Imported::Refused => Some(&mut self.summary.refused),
        };
        if let Some(counter) = counter {
            *counter += 1;
        }
        if line.outcome != Imported::Refused && !line.remarks.is_empty() {
            self.summary.contradictions += 1;
        }
        (self.report)(line).map_err(|e| ImportError::Report(e).into())
    }
}

impl Fresh {
    fn decide(&self, existing: Option<&Existing>, now: UnixTime) -> (Change, ImportedLine) {
        let mut remarks = self.remarks.clone();
        let already = remarks.len();
        let mut past = |past| no_later(past, now, &mut remarks);
        let evidence = Evidence {
            certificate: self.certificate.as_ref(),
            index: self.index.as_ref().map(|line| match line.status {
                IndexStatus::Revoked(revocation) => Some(past(revocation)),
                IndexStatus::Valid | IndexStatus::Expired => None,
            }),
            index_not_after: self.index.as_ref().map(|line| line.not_after),
            crl: self.crl.map(&mut past),
        };
        let hint = (remarks.len() > already).then(|| FUTURE_HINT.to_owned());
        let (decision, told) = decide(&evidence, self.fingerprint, existing);
        remarks.extend(told.iter().map(ToString::to_string));
        if let Some(remark) = self.index.as_ref().and_then(|line| line.remark) {
            remarks.push(remark.to_owned());
        }
        let entry = |certificate, revocation| {
            Change::Entry(Box::new(ImportedEntry {
                serial: self.serial.clone(),
                certificate,
                revocation,
            }))
        };
        let (change, outcome, revoked) = match decision {
            // Only where nothing is recorded: its first line was not.
            Decision::New(past) if self.line == Line::Second => {
                (Change::None, Imported::Revocation, past.is_some())
            }
            Decision::New(past) => {
                let outcome = match &self.certificate {
                    Some(_) => Imported::Certificate,
                    None => Imported::SerialOnly,
                };
                (entry(Some(self.row()), past), outcome, past.is_some())
            }
            Decision::Revoke(past) => (entry(None, Some(past)), Imported::Revocation, true),
            Decision::Finalise(past) => (Change::Final(past), Imported::Revocation, true),
            Decision::Nothing => {
                let revoked = existing.is_some_and(|e| e.revocation.is_some());
                (Change::None, Imported::Already, revoked)
            }
            Decision::OtherCertificate => {
                remarks
                    .push("this record holds another certificate under its serial number".into());
                (Change::None, Imported::Refused, false)
            }
        };
        let line = ImportedLine {
            origin: self.origin.clone(),
            serial: Some(self.serial.clone()),
            outcome,
            revoked,
            remarks,
            hint,
        };
        (change, line)
    }

    fn row(&self) -> ImportedCertificate {
        match (&self.certificate, &self.index) {
            (Some(certificate), _) => ImportedCertificate {
                subject: certificate.display_subject().to_string(),
                not_before: certificate.not_before(),
                not_after: certificate.not_after(),
                der: Some(certificate.der().to_vec()),
            },
            (None, Some(line)) => ImportedCertificate {
                subject: line.subject.clone(),
                not_before: UnixTime::EPOCH,
                not_after: line.not_after,
                der: None,
            },
            (None, None) => ImportedCertificate {
                subject: String::new(),
                not_before: UnixTime::EPOCH,
                not_after: UnixTime::MAX,
                der: None,
            },
        }
    }
}

/// What to do about a date that has not come.
const FUTURE_HINT: &str = "check the clock of the other product, and correct the date in a copy of the file if the true one is known before the import";

/// A revocation that is not later than now: a CRL with a date in the future would be wrong, and a
/// certificate that is known to be revoked is not good until then (RFC 5280 section 5.1.2.6).
fn no_later(mut past: PastRevocation, now: UnixTime, remarks: &mut Vec<String>) -> PastRevocation {
    if past.at > now {
        let at = past.at;
        remarks.push(format!(
            "the revocation date {at} is in the future; it was taken as revoked from now on"
        ));
        past.at = now;
    }
    if let Some(date) = past.invalidity_date.filter(|date| *date > now) {
        remarks.push(format!(
            "the invalidity date {date} is in the future; it was left out"
        ));
        past.invalidity_date = None;
    }
    past
}
