//! Checking the journal record after record: the chain, and every checkpoint in it. The same checks
//! for the record itself and for an export, in one pass and in constant memory.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pki_asn1::UnixTime;
use pki_crypto::{Digest, DigestAlgorithm};

use super::broken::{BreakReason, JournalBreak};
use super::checkpoint::SignedCheckpoint;
use super::entry::{AuditEntry, Handover};
use super::key::JournalKey;
use super::merkle::{Frontier, leaf_hash};
use super::stamp::{Stamp, TimeStampCheck};
use super::window::Window;
use super::{ChainHash, GENESIS, JournalRow, chain};

/// Journal keys in one journal at most.
const MAX_KEYS: usize = 256;

/// What verifying the journal found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JournalReport {
    /// The first record checked.
    pub first: u64,
    /// The number of the last record; where `first` is 1, how many there are.
    pub records: u64,
    /// The hash of the last record, hexadecimal. Written down elsewhere, it also shows whether
    /// records were cut off the end.
    pub head: String,
    /// The root of the tree, hexadecimal.
    pub root: String,
    /// Checkpoints that hold, the journal's own and those that were given.
    pub checkpoints: u64,
    /// The largest of them that a key signed which is believed.
    pub covered: Option<Covered>,
    /// Checkpoints whose root is right and whose key nobody vouches for.
    pub unvouched: u64,
    /// Time-stamps whose imprint is right.
    pub time_stamps: u64,
    /// The latest of them.
    pub time_stamped: Option<TimeStamped>,
}

/// Up to where a signature protects the journal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Covered {
    /// Records.
    pub size: u64,
    /// The time the checkpoint states.
    pub at: UnixTime,
    /// SHA-256 of the key's `SubjectPublicKeyInfo`, hexadecimal.
    pub key: String,
}

/// Up to where a time-stamp protects the journal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TimeStamped {
    /// Records.
    pub size: u64,
    /// genTime.
    pub at: UnixTime,
    /// Whether its authority was checked.
    pub authority: StampAuthority,
}

/// What is known of who made a time-stamp.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StampAuthority {
    /// Its signature verifies and its certificate chains to a trust anchor.
    Trusted,
    /// No trust anchor was given: only the imprint was compared.
    NotChecked,
}

/// What to check the journal against.
#[derive(Default)]
pub struct Checks<'a> {
    /// Keys that are believed. Where there are none, the first key that the journal names is.
    pub keys: Vec<JournalKey>,
    /// Checkpoints kept elsewhere, each with a name for messages.
    pub checkpoints: Vec<(String, SignedCheckpoint)>,
    /// Who checks time-stamps; imprints alone are compared where nobody does.
    pub time_stamps: Option<&'a dyn TimeStampCheck>,
}

impl fmt::Debug for Checks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checks")
            .field("keys", &self.keys.len())
            .field("checkpoints", &self.checkpoints.len())
            .finish_non_exhaustive()
    }
}

/// Checks record after record.
#[derive(Debug, Default)]
pub struct Verifier<'a> {
    /// The first record's number less one.
    before: u64,
    records: u64,
    head: ChainHash,
    window: Window,
    keys: Keyring,
    /// Given checkpoints that were not reached yet, the smallest last.
    wanted: Vec<(String, SignedCheckpoint)>,
    time_stamps: Option<CheckWith<'a>>,
    origin: Option<String>,
    /// The last checkpoint in the journal: its size and the SHA-256 of its note.
    last: Option<(u64, Digest)>,
    checkpoints: u64,
    covered: Option<Covered>,
    unvouched: u64,
    stamps: u64,
    stamped: Option<TimeStamped>,
}

struct CheckWith<'a>(&'a dyn TimeStampCheck);

impl fmt::Debug for CheckWith<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimeStampCheck")
    }
}

impl<'a> Verifier<'a> {
    /// A verifier of a whole journal.
    #[must_use]
    pub fn new(checks: Checks<'a>) -> Self {
        Self::starting_at(checks, Frontier::default(), GENESIS)
    }

    /// A verifier of a journal's records after those of `tree`, the last of which has the hash
    /// `head`. Both are believed only once a checkpoint proves them.
    #[must_use]
    pub fn starting_at(checks: Checks<'a>, tree: Frontier, head: ChainHash) -> Self {
        let mut wanted = checks.checkpoints;
        wanted.sort_by_key(|(_, c)| core::cmp::Reverse(c.checkpoint().size));
        Self {
            before: tree.size(),
            records: tree.size(),
            head,
            window: Window::new(tree, head),
            keys: Keyring::new(checks.keys),
            wanted,
            time_stamps: checks.time_stamps.map(CheckWith),
            ..Self::default()
        }
    }

    /// Checks the next record.
    ///
    /// # Errors
    /// Where it is missing, does not follow the previous one, was changed, or is a checkpoint that
    /// the records before it contradict.
    pub fn push(&mut self, row: &JournalRow) -> Result<(), JournalBreak> {
        self.given_checkpoints()?;
        let seq = self.records + 1;
        let broken = |reason| Err(JournalBreak { seq, reason });
        if row.seq != seq {
            return broken(BreakReason::Missing);
        }
        if row.prev != self.head {
            return broken(BreakReason::DoesNotFollow);
        }
        let hash = chain(seq, &self.head, &row.record);
        if row.hash != hash {
            return broken(BreakReason::Changed);
        }
        let entry = AuditEntry::read(&row.record);
        match entry {
            Err(_) => return broken(BreakReason::NotARecord),
            Ok(None) => {}
            Ok(Some(entry)) => self
                .audit_entry(seq, &entry)
                .map_err(|reason| self.placed(seq, reason))?,
        }
        self.window.push(leaf_hash(&row.record), hash);
        self.records = seq;
        self.head = hash;
        Ok(())
    }

    /// Checks what remains once there are no more records.
    ///
    /// # Errors
    /// Where a given checkpoint covers more records than there are, or where keys are given and none
    /// of them signed any checkpoint.
    pub fn finish(mut self) -> Result<JournalReport, JournalBreak> {
        self.given_checkpoints()?;
        if let Some((name, beyond)) = self.wanted.pop() {
            return Err(JournalBreak {
                seq: self.records + 1,
                reason: BreakReason::CutOff {
                    size: beyond.checkpoint().size,
                    checkpoint: name,
                },
            });
        }
        if self.covered.is_none() && !self.keys.pinned.is_empty() {
            return Err(JournalBreak {
                seq: self.before + 1,
                reason: BreakReason::NothingSigned,
            });
        }
        let root = self.window.at(self.records).map(|(root, _)| root);
        Ok(JournalReport {
            first: self.before + 1,
            records: self.records,
            head: hex::encode(self.head),
            root: root.map(hex::encode).unwrap_or_default(),
            checkpoints: self.checkpoints,
            covered: self.covered,
            unvouched: self.unvouched,
            time_stamps: self.stamps,
            time_stamped: self.stamped,
        })
    }

    /// The last record's number.
    pub(super) fn state_records(&self) -> u64 {
        self.records
    }

    /// How many records were read, the hash of the last one and the root of all.
    pub(super) fn state(&self) -> (u64, ChainHash, super::TreeHash) {
        let root = self.window.at(self.records).map(|(root, _)| root);
        (self.records, self.head, root.unwrap_or_default())
    }

    /// The given checkpoints over as many records as were read.
    fn given_checkpoints(&mut self) -> Result<(), JournalBreak> {
        while let Some((_, next)) = self.wanted.last()
            && next.checkpoint().size <= self.records
        {
            let Some((name, signed)) = self.wanted.pop() else {
                break;
            };
            let size = signed.checkpoint().size;
            let fault = |reason| Err(self.placed(size.max(1), reason));
            if size < self.before {
                return fault(BreakReason::CheckpointBefore { checkpoint: name });
            }
            if !self.keys.vouch_for(&signed) {
                return fault(BreakReason::CheckpointKey { checkpoint: name });
            }
            if let Err(reason) = self.matches(&signed, self.window.at(size), name) {
                return fault(reason);
            }
            self.cover(&signed);
        }
        Ok(())
    }

    /// Whether a checkpoint says what the records say.
    fn matches(
        &self,
        signed: &SignedCheckpoint,
        state: Option<(super::TreeHash, ChainHash)>,
        name: String,
    ) -> Result<(), BreakReason> {
        let checkpoint = signed.checkpoint();
        if self
            .origin
            .as_ref()
            .is_some_and(|o| *o != checkpoint.origin)
        {
            return Err(BreakReason::Origin { checkpoint: name });
        }
        if state != Some((checkpoint.root, checkpoint.head)) {
            return Err(BreakReason::NotThose {
                size: checkpoint.size,
                checkpoint: name,
            });
        }
        Ok(())
    }

    fn cover(&mut self, signed: &SignedCheckpoint) {
        let checkpoint = signed.checkpoint();
        self.checkpoints += 1;
        let key = self.keys.signer(signed);
        match key {
            None => self.unvouched += 1,
            Some(key) => {
                if self
                    .covered
                    .as_ref()
                    .is_none_or(|c| c.size <= checkpoint.size)
                {
                    self.covered = Some(Covered {
                        size: checkpoint.size,
                        at: checkpoint.at,
                        key: key.fingerprint(),
                    });
                }
            }
        }
    }

    /// A wrong checkpoint says that something before it is wrong: from the first record that no
    /// right checkpoint covers.
    fn placed(&self, seq: u64, reason: BreakReason) -> JournalBreak {
        let seq = match &reason {
            BreakReason::NotThose { .. } => {
                let covered = self.last.as_ref().map_or(self.before, |(size, _)| *size);
                let given = self.covered.as_ref().map_or(self.before, |c| c.size);
                covered.max(given).min(seq.saturating_sub(1)) + 1
            }
            _ => seq,
        };
        JournalBreak { seq, reason }
    }

    fn audit_entry(&mut self, seq: u64, entry: &AuditEntry) -> Result<(), BreakReason> {
        match entry {
            AuditEntry::JournalKey {
                origin,
                spki,
                handover,
                ..
            } => {
                let key = STANDARD
                    .decode(spki)
                    .ok()
                    .and_then(|spki| JournalKey::from_spki_der(&spki).ok())
                    .ok_or(BreakReason::NotARecord)?;
                if self.origin.get_or_insert_with(|| origin.clone()) != origin {
                    return Err(BreakReason::KeyOrigin);
                }
                self.keys.named(seq, key, *handover, self.before == 0)
            }
            AuditEntry::Checkpoint { size, root, note } => {
                let signed = SignedCheckpoint::parse(note.as_bytes())
                    .map_err(|_| BreakReason::CheckpointMalformed)?;
                let checkpoint = signed.checkpoint();
                if checkpoint.size != *size || hex::encode(checkpoint.root) != *root {
                    return Err(BreakReason::CheckpointMalformed);
                }
                if self.last.as_ref().is_some_and(|(last, _)| last >= size) {
                    return Err(BreakReason::CheckpointOrder);
                }
                let whole = self.before == 0;
                if whole && !self.keys.knows(&signed) {
                    return Err(BreakReason::CheckpointSignature);
                }
                // One that speaks of records before this export's cannot be compared.
                let inside = *size >= self.before;
                if inside {
                    let state = self.window.advance(*size);
                    self.matches(&signed, state, format!("recorded as record {seq}"))?;
                    self.cover(&signed);
                    self.keys.hand_over(&signed);
                }
                let digest = DigestAlgorithm::Sha256.digest(signed.note().as_bytes());
                self.last = Some((*size, digest));
                Ok(())
            }
            AuditEntry::CheckpointTimeStamp {
                size,
                note_sha256,
                time,
                token,
            } => {
                let imprint = hex::decode(note_sha256)
                    .ok()
                    .and_then(|d| Digest::from_bytes(DigestAlgorithm::Sha256, &d))
                    .ok_or(BreakReason::NotARecord)?;
                let right = match &self.last {
                    Some((last, digest)) => last == size && *digest == imprint,
                    // Its checkpoint is before this export's first record.
                    None => self.before > 0,
                };
                if !right {
                    return Err(BreakReason::StampOrder);
                }
                self.time_stamp(*size, &imprint, time, token)
            }
        }
    }

    fn time_stamp(
        &mut self,
        size: u64,
        imprint: &Digest,
        time: &str,
        token: &str,
    ) -> Result<(), BreakReason> {
        let fault = |what: &str| BreakReason::Stamp(what.to_owned());
        let token = STANDARD
            .decode(token)
            .map_err(|_| fault("it is not base64"))?;
        let stamp = Stamp::read(&token).map_err(fault)?;
        if !stamp.is_over(imprint) {
            return Err(fault("it is over something else"));
        }
        if stamp.time.to_string() != time {
            return Err(fault("its time is another one"));
        }
        let authority = match &self.time_stamps {
            None => StampAuthority::NotChecked,
            Some(CheckWith(check)) => {
                check.check(&token, imprint).map_err(BreakReason::Stamp)?;
                StampAuthority::Trusted
            }
        };
        self.stamps += 1;
        self.stamped = Some(TimeStamped {
            size,
            at: stamp.time,
            authority,
        });
        Ok(())
    }
}

/// The journal keys seen, and which of them are believed.
#[derive(Debug, Default)]
struct Keyring {
    pinned: Vec<JournalKey>,
    /// Named by the journal.
    named: Vec<Named>,
}

#[derive(Debug)]
struct Named {
    seq: u64,
    key: JournalKey,
    believed: bool,
}

impl Keyring {
    fn new(pinned: Vec<JournalKey>) -> Self {
        Self {
            pinned,
            named: Vec::new(),
        }
    }

    /// A record names a key.
    fn named(
        &mut self,
        seq: u64,
        key: JournalKey,
        handover: Handover,
        whole: bool,
    ) -> Result<(), BreakReason> {
        if self.named.len() == MAX_KEYS {
            return Err(BreakReason::TooManyKeys);
        }
        // Without a key from elsewhere, the journal's own word has to do.
        let on_its_word = self.pinned.is_empty()
            && whole
            && (self.named.is_empty() || handover == Handover::PredecessorLost);
        let believed = on_its_word || self.pinned.contains(&key);
        self.named.push(Named { seq, key, believed });
        Ok(())
    }

    fn believed(&self) -> impl Iterator<Item = &JournalKey> {
        let named = self.named.iter().filter(|n| n.believed).map(|n| &n.key);
        self.pinned.iter().chain(named)
    }

    /// The key that is believed and signed.
    fn signer(&self, signed: &SignedCheckpoint) -> Option<&JournalKey> {
        self.believed().find(|key| signed.is_signed_by(key))
    }

    fn vouch_for(&self, signed: &SignedCheckpoint) -> bool {
        self.signer(signed).is_some()
    }

    /// Whether any key signed that is believed or that the journal names.
    fn knows(&self, signed: &SignedCheckpoint) -> bool {
        self.vouch_for(signed) || self.named.iter().any(|n| signed.is_signed_by(&n.key))
    }

    /// A checkpoint of a believed key vouches for the keys that the records below it name.
    fn hand_over(&mut self, signed: &SignedCheckpoint) {
        if !self.vouch_for(signed) {
            return;
        }
        let size = signed.checkpoint().size;
        for named in &mut self.named {
            named.believed |= named.seq <= size;
        }
    }
}
