//! Protecting the journal and giving it out: its key, checkpoints and their time-stamps, verification,
//! exports, proofs.

use core::ops::RangeInclusive;
use core::time::Duration;
use std::io::{self, Write};

use hsm_pkcs11::{KeySpec, Signer};
use pki_asn1::UnixTime;
use pki_crypto::{Digest, DigestAlgorithm};

use super::{Actors, CaEngine};
use crate::error::CaError;
use crate::journal::{
    AuditEntry, Checkpoint, CheckpointError, Checks, ExportEnd, ExportStart, Handover, JournalKey,
    JournalReport, MAX_PROOF_RECORDS, Proof, ProvenRecord, SignedCheckpoint, Stamp, Verifier,
    export_line,
};
use crate::store::{
    Act, AuditAct, CheckpointRow, CheckpointStamp, Conflict, JournalKeyRow, NewJournalKey,
    StoreError,
};

/// Records after a checkpoint that are looked at for whether they are anything but its own.
const OWN_RECORDS: u64 = 16;
/// Attempts where other processes commit too much while a checkpoint is being signed.
const ATTEMPTS: usize = 3;

/// When a checkpoint is due, where one is not made at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CheckpointSchedule {
    /// After this long.
    pub every: Duration,
    /// After this many records.
    pub records: u64,
}

/// Why the audit refuses.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The journal has no key yet.
    #[error("the journal has no key")]
    NoKey,
    /// The key is the journal's already, or was.
    #[error("this key was named as the journal's before")]
    KeyUsed,
    /// A predecessor is said to be lost that never was.
    #[error("there is no earlier journal key that could be lost")]
    NoPredecessor,
    /// The signer is not the key that has to sign.
    #[error(
        "the next checkpoint has to be signed by the journal key {wanted}, and this is {given}"
    )]
    WrongKey {
        /// The fingerprint of the right one.
        wanted: String,
        /// The fingerprint of this one.
        given: String,
    },
    /// A key or checkpoint is not usable.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The journal grew too fast while the checkpoint was being signed, or another process made one.
    #[error("the journal went on while the checkpoint was being signed")]
    Overtaken,
    /// There is no checkpoint of this size.
    #[error("there is no checkpoint over {size} records")]
    NoCheckpoint {
        /// The size asked for.
        size: u64,
    },
    /// There is no checkpoint at all.
    #[error("the journal has no checkpoint yet")]
    NoCheckpoints,
    /// The time-stamp is not over the latest checkpoint.
    #[error("the time-stamp is refused: {0}")]
    Stamp(String),
    /// No checkpoint covers the record.
    #[error("record {seq} is not covered by the checkpoint over {size} records")]
    NotCovered {
        /// The record.
        seq: u64,
        /// The checkpoint.
        size: u64,
    },
    /// The sizes are in the wrong order.
    #[error("the journal with {from} records is not the beginning of the one with {to}")]
    Order {
        /// From.
        from: u64,
        /// To.
        to: u64,
    },
    /// No record speaks of the certificate.
    #[error("the first {size} records of the journal do not speak of a certificate {serial}")]
    NoRecord {
        /// The serial number, hexadecimal.
        serial: String,
        /// The checkpoint's size.
        size: u64,
    },
    /// More records than one proof may hold.
    #[error("more than {MAX_PROOF_RECORDS} records speak of the certificate {serial}")]
    TooManyRecords {
        /// The serial number, hexadecimal.
        serial: String,
    },
    /// The export is of another journal, or the journal was changed.
    #[error("the export does not continue: its first {to} records are not this journal's")]
    NotContinued {
        /// How far the export goes.
        to: u64,
    },
    /// The range asked for is not in the journal.
    #[error("the journal has {records} records, and {from} to {to} were asked for")]
    Range {
        /// From.
        from: u64,
        /// To.
        to: u64,
        /// How many there are.
        records: u64,
    },
}

impl AuditError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::NoKey => "name one: sceau-ca audit key set --key KEY --generate p256",
            Self::KeyUsed => "generate a key of its own for each purpose and period",
            Self::NoPredecessor => "leave --predecessor-lost out for the first key",
            Self::WrongKey { .. } => {
                "sceau-ca audit key show says where it is; a new key signs once the one before it has signed for it, or is declared lost"
            }
            Self::Checkpoint(e) => return e.hint(),
            Self::Overtaken => "try again",
            Self::NoCheckpoint { .. } => "sceau-ca audit checkpoints shows those there are",
            Self::NoCheckpoints => "make one: sceau-ca audit checkpoint",
            Self::Stamp(_) => "ask another authority with --tsa",
            Self::NotCovered { .. } => {
                "make a checkpoint first (sceau-ca audit checkpoint), or leave --size out"
            }
            Self::Order { .. } => "give the smaller size first: --from 100 --to 200",
            Self::NoRecord { .. } => {
                "check the serial number with sceau-ca list; if it was issued after the checkpoint, make a new one"
            }
            Self::TooManyRecords { .. } => "prove them one by one with --record",
            Self::NotContinued { .. } => {
                "verify the export and the record (audit verify); one of them was changed, or they are two"
            }
            Self::Range { .. } => "leave --to out for all there are",
        };
        Some(text.to_owned())
    }
}

impl CaEngine {
    /// The journal keys in the order they were named.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn journal_keys(&self) -> Result<Vec<JournalKeyRow>, CaError> {
        Ok(self.store.journal_keys()?)
    }

    /// Names the key that signs checkpoints from now on. A first key does at once; a further one once
    /// the one before it has signed a checkpoint over this record, or at once where that one is lost.
    ///
    /// # Errors
    /// [`AuditError::KeyUsed`], [`AuditError::NoPredecessor`], [`AuditError::Checkpoint`], or where
    /// the record cannot be written.
    pub fn name_journal_key(
        &self,
        signer: &dyn Signer,
        location: String,
        handover: Handover,
        actors: &Actors,
    ) -> Result<JournalKeyRow, CaError> {
        let key = JournalKey::new(signer.public_key().clone());
        let spec = KeySpec {
            kind: key.public_key().kind(),
            algorithm: signer.algorithm(),
        };
        self.check_journal_key(spec, handover)?;
        let keys = self.store.journal_keys()?;
        let origin = match keys.first() {
            Some(first) => first.key.origin.clone(),
            None => self.origin()?,
        };
        let key = NewJournalKey {
            origin,
            spki: key.public_key().spki_der().to_vec(),
            location,
            handover,
        };
        let act = Act::Audit(AuditAct::JournalKey(key.clone()));
        match self.commit(actors, act) {
            Ok(seq) => Ok(JournalKeyRow { seq, key }),
            Err(StoreError::Conflict(Conflict::JournalKeyUsed)) => Err(AuditError::KeyUsed.into()),
            Err(e) => Err(e.into()),
        }
    }

    /// Whether a key of this kind could be named: to be asked before one is generated.
    ///
    /// # Errors
    /// [`AuditError::NoPredecessor`], [`AuditError::Checkpoint`], or where the record cannot be read.
    pub fn check_journal_key(&self, spec: KeySpec, handover: Handover) -> Result<(), CaError> {
        if handover == Handover::PredecessorLost && self.store.journal_keys()?.is_empty() {
            return Err(AuditError::NoPredecessor.into());
        }
        let (uses, wanted) = (spec.algorithm, KeySpec::default_algorithm(spec.kind));
        if uses != wanted {
            return Err(AuditError::from(CheckpointError::Algorithm { uses, wanted }).into());
        }
        Ok(())
    }

    /// Host and port of the base URL, and half of the first record's hash: two journals never share it.
    fn origin(&self) -> Result<String, CaError> {
        let (_, first) = self.store.journal_state(1)?;
        let url = self.settings.config().base_url.as_str();
        let host = url.split_once("://").map_or(url, |(_, rest)| rest);
        Ok(format!("{host}/journal/{}", hex::encode(&first[..16])))
    }

    /// The key that has to sign the next checkpoint: the last one that is believed.
    ///
    /// # Errors
    /// [`AuditError::NoKey`], or where the record cannot be read.
    pub fn signing_journal_key(&self) -> Result<JournalKeyRow, CaError> {
        let covered = self
            .store
            .latest_checkpoint()?
            .map_or(0, |c| c.signed.checkpoint().size);
        let mut keys = self.store.journal_keys()?.into_iter();
        let mut current = keys.next().ok_or(AuditError::NoKey)?;
        for key in keys {
            if key.key.handover == Handover::PredecessorLost || key.seq <= covered {
                current = key;
            }
        }
        Ok(current)
    }

    /// All checkpoints in order.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn checkpoints(&self) -> Result<Vec<CheckpointRow>, CaError> {
        Ok(self.store.checkpoints()?)
    }

    /// The last checkpoint.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn latest_checkpoint(&self) -> Result<Option<CheckpointRow>, CaError> {
        Ok(self.store.latest_checkpoint()?)
    }

    /// The checkpoint of this size.
    ///
    /// # Errors
    /// [`AuditError::NoCheckpoint`], or where the record cannot be read.
    pub fn checkpoint_of_size(&self, size: u64) -> Result<CheckpointRow, CaError> {
        let mut all = self.store.checkpoints()?.into_iter();
        all.find(|c| c.signed.checkpoint().size == size)
            .ok_or_else(|| AuditError::NoCheckpoint { size }.into())
    }

    /// Whether the journal has any record that no checkpoint covers, those about the last checkpoint
    /// itself aside.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn has_news(&self) -> Result<bool, CaError> {
        let records = self.store.journal_size()?;
        let Some(last) = self.store.latest_checkpoint()? else {
            return Ok(true);
        };
        let size = last.signed.checkpoint().size;
        if records > size + OWN_RECORDS {
            return Ok(true);
        }
        let mut news = false;
        self.store.journal(size + 1..=records, &mut |row| {
            let own = matches!(
                AuditEntry::read(&row.record),
                Ok(Some(
                    AuditEntry::Checkpoint { .. } | AuditEntry::CheckpointTimeStamp { .. }
                ))
            );
            news |= !own;
            Ok(())
        })?;
        Ok(news)
    }

    /// Whether a checkpoint is due.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn checkpoint_is_due(&self, schedule: &CheckpointSchedule) -> Result<bool, CaError> {
        if !self.has_news()? {
            return Ok(false);
        }
        let Some(last) = self.store.latest_checkpoint()? else {
            return Ok(true);
        };
        let last = last.signed.checkpoint();
        let records = self.store.journal_size()?.saturating_sub(last.size);
        let age = self.now().since(last.at);
        let due = i64::try_from(schedule.every.as_secs()).unwrap_or(i64::MAX);
        Ok(records >= schedule.records || age >= due)
    }

    /// Signs the journal as it stands, and records that. `None` where there is nothing new
    /// ([`Self::has_news`]). The cost does not grow with the journal: O(log n) reads.
    ///
    /// # Errors
    /// [`AuditError::NoKey`], [`AuditError::WrongKey`], [`AuditError::Checkpoint`],
    /// [`AuditError::Overtaken`], or where the record cannot be read or written.
    pub fn checkpoint(
        &self,
        signer: &dyn Signer,
        actors: &Actors,
    ) -> Result<Option<CheckpointRow>, CaError> {
        if !self.has_news()? {
            return Ok(None);
        }
        for _ in 0..ATTEMPTS {
            let key = self.signing_journal_key()?.key;
            let given = JournalKey::new(signer.public_key().clone());
            let wanted = JournalKey::from_spki_der(&key.spki).map_err(AuditError::from)?;
            if given != wanted {
                return Err(AuditError::WrongKey {
                    wanted: wanted.fingerprint(),
                    given: given.fingerprint(),
                }
                .into());
            }
            let size = self.store.journal_size()?;
            let (tree, head) = self.store.journal_state(size)?;
            let checkpoint = Checkpoint {
                origin: key.origin,
                size,
                root: tree.root(),
                head,
                at: self.now(),
            };
            let signed = checkpoint.sign(signer).map_err(AuditError::from)?;
            let act = Act::Audit(AuditAct::Checkpoint(signed.clone()));
            match self.commit(actors, act) {
                Ok(seq) => {
                    return Ok(Some(CheckpointRow {
                        seq,
                        signed,
                        stamps: Vec::new(),
                    }));
                }
                Err(StoreError::Conflict(Conflict::CheckpointOrder { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(AuditError::Overtaken.into())
    }

    /// Records a time-stamp over the latest checkpoint. The imprint is compared; who made the token
    /// is for the caller to have checked.
    ///
    /// # Errors
    /// [`AuditError::Stamp`], [`AuditError::NoCheckpoint`] where a later checkpoint was made, or where
    /// the record cannot be written.
    pub fn add_time_stamp(
        &self,
        checkpoint: &SignedCheckpoint,
        token: &[u8],
        actors: &Actors,
    ) -> Result<UnixTime, CaError> {
        let digest = note_digest(checkpoint);
        let stamp = Stamp::read(token).map_err(|e| AuditError::Stamp(e.to_owned()))?;
        if !stamp.is_over(&digest) {
            return Err(AuditError::Stamp("it is over something else".into()).into());
        }
        let size = checkpoint.checkpoint().size;
        let act = Act::Audit(AuditAct::TimeStamp(CheckpointStamp {
            size,
            note_sha256: digest.as_bytes().try_into().unwrap_or_default(),
            time: stamp.time,
            token: token.to_vec(),
        }));
        match self.commit(actors, act) {
            Ok(_) => Ok(stamp.time),
            Err(StoreError::Conflict(Conflict::CheckpointOrder { .. })) => {
                Err(AuditError::Overtaken.into())
            }
            Err(e) => Err(e.into()),
        }
    }

    /// Checks the journal's chain from the first record to the last and its checkpoints, and that the
    /// tables, from which OCSP and CRLs are answered, say what the records say and nothing more.
    ///
    /// # Errors
    /// [`CaError::JournalBroken`] names the first record that does not fit,
    /// [`CaError::RecordDiffers`] the first that the tables contradict.
    pub fn verify_journal(&self) -> Result<JournalReport, CaError> {
        self.verify_journal_against(Checks::default())
    }

    /// The same, against keys, checkpoints and time-stamping authorities known from elsewhere.
    ///
    /// # Errors
    /// As [`Self::verify_journal`].
    pub fn verify_journal_against(&self, checks: Checks<'_>) -> Result<JournalReport, CaError> {
        let mut verifier = Verifier::new(checks);
        let mut broken = None;
        let walked = self.store.audit(&mut |row| {
            verifier.push(row).map_err(|e| {
                broken = Some(e);
                StoreError::Interrupted
            })
        });
        if let Some(broken) = broken {
            return Err(broken.into());
        }
        let difference = walked?;
        let report = verifier.finish()?;
        match difference {
            Some(difference) => Err(CaError::RecordDiffers(difference)),
            None => Ok(report),
        }
    }

    /// Writes the whole journal as JSON lines and returns how many records.
    ///
    /// # Errors
    /// Where the record cannot be read or `out` not written.
    pub fn export_journal(&self, out: &mut dyn Write) -> Result<u64, CaError> {
        let records = self.store.journal_size()?;
        self.export_range(1..=records, out)
    }

    /// Writes these records as JSON lines and returns how many. An empty range, `n + 1..=n`, may
    /// follow the last record.
    ///
    /// # Errors
    /// [`AuditError::Range`], or where the record cannot be read or `out` not written.
    pub fn export_range(
        &self,
        range: RangeInclusive<u64>,
        out: &mut dyn Write,
    ) -> Result<u64, CaError> {
        let (from, to) = range.clone().into_inner();
        let records = self.store.journal_size()?;
        let before = match from.checked_sub(1) {
            Some(before) if before <= to && to <= records => before,
            _ => return Err(AuditError::Range { from, to, records }.into()),
        };
        let (tree, prev) = self.store.journal_state(before)?;
        let start = ExportStart { tree, prev };
        out.write_all(&start.line()).map_err(CaError::Export)?;
        let mut failed = None;
        let mut next = from;
        let walked = self.store.journal(range, &mut |row| {
            next += 1;
            out.write_all(&export_line(&row)).map_err(|e: io::Error| {
                failed = Some(e);
                StoreError::Interrupted
            })
        });
        if let Some(failed) = failed {
            return Err(CaError::Export(failed));
        }
        walked?;
        let (tree, head) = self.store.journal_state(to)?;
        let end = ExportEnd {
            to,
            head,
            root: tree.root(),
        };
        out.write_all(&end.line()).map_err(CaError::Export)?;
        Ok(next - from)
    }

    /// Checks that an export which ended so can be continued.
    ///
    /// # Errors
    /// [`AuditError::NotContinued`], or where the record cannot be read.
    pub fn continues(&self, end: &ExportEnd) -> Result<(), CaError> {
        let records = self.store.journal_size()?;
        let not = AuditError::NotContinued { to: end.to };
        if end.to > records {
            return Err(not.into());
        }
        let (tree, head) = self.store.journal_state(end.to)?;
        if (tree.root(), head) != (end.root, end.head) {
            return Err(not.into());
        }
        Ok(())
    }

    /// How many records the journal has.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn journal_size(&self) -> Result<u64, CaError> {
        Ok(self.store.journal_size()?)
    }

    /// Proves that these records are in the journal that a checkpoint was signed for. O(log n) reads
    /// for each.
    ///
    /// # Errors
    /// [`AuditError::NotCovered`], or where the record cannot be read.
    pub fn prove_records(
        &self,
        seqs: &[u64],
        checkpoint: &SignedCheckpoint,
    ) -> Result<Proof, CaError> {
        let size = checkpoint.checkpoint().size;
        let mut records = Vec::new();
        for &seq in seqs {
            if seq == 0 || seq > size {
                return Err(AuditError::NotCovered { seq, size }.into());
            }
            let (record, path) = self.store.record_and_path(seq, size)?;
            let record = String::from_utf8(record).map_err(|_| {
                CaError::JournalBroken(crate::journal::JournalBreak {
                    seq,
                    reason: crate::journal::BreakReason::NotARecord,
                })
            })?;
            records.push(ProvenRecord { seq, record, path });
        }
        Ok(Proof::Inclusion {
            checkpoint: checkpoint.clone(),
            records,
        })
    }

    /// The numbers of the records among the first `size` that speak of a certificate with this serial
    /// number (content octets). Reads them all.
    ///
    /// # Errors
    /// [`AuditError::NoRecord`], [`AuditError::TooManyRecords`], or where the record cannot be read.
    pub fn records_about(&self, serial: &[u8], size: u64) -> Result<Vec<u64>, CaError> {
        let serial = hex::encode(serial);
        let member = format!("\"serial\":\"{serial}\"").into_bytes();
        let mut found = Vec::new();
        self.store.journal(1..=size, &mut |row| {
            if found.len() <= MAX_PROOF_RECORDS
                && row.record.windows(member.len()).any(|w| w == member)
            {
                found.push(row.seq);
            }
            Ok(())
        })?;
        if found.is_empty() {
            return Err(AuditError::NoRecord { serial, size }.into());
        }
        if found.len() > MAX_PROOF_RECORDS {
            return Err(AuditError::TooManyRecords { serial }.into());
        }
        Ok(found)
    }

    /// Proves that the journal of one checkpoint begins with that of an earlier one. O(log n) reads.
    ///
    /// # Errors
    /// [`AuditError::Order`], or where the record cannot be read.
    pub fn prove_consistency(
        &self,
        from: &SignedCheckpoint,
        to: &SignedCheckpoint,
    ) -> Result<Proof, CaError> {
        let (old, new) = (from.checkpoint().size, to.checkpoint().size);
        if old > new {
            return Err(AuditError::Order { from: old, to: new }.into());
        }
        Ok(Proof::Consistency {
            from: from.clone(),
            to: to.clone(),
            path: self.store.consistency(old, new)?,
        })
    }
}

/// What a time-stamp over a checkpoint is over: SHA-256 of the whole note.
#[must_use]
pub fn note_digest(checkpoint: &SignedCheckpoint) -> Digest {
    DigestAlgorithm::Sha256.digest(checkpoint.note().as_bytes())
}
