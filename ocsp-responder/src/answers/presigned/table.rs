//! The signatures made ahead for the certificates of one CA key.
//!
//! A response about one certificate differs from the next in its serial number, three times, the status
//! and the signature; everything else is constant and spliced in when it is asked for. So a certificate
//! takes 21 octets of serial number, four of bucket, 24 of times and status, and its signatures: about
//! 130 octets with one CertID digest and P-256, about 200 with two.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use ca_core::RevocationReason;
use ca_core::status::Status;
use pki_asn1::UnixTime;
use pki_crypto::DigestAlgorithm;

use super::Progress;
use super::index::{Index, Serial};
use crate::keys::delegate::Delegate;

/// `Facts::reason` where there is no signature, and where the status is good.
const UNSIGNED: u8 = 0xFF;
const GOOD: u8 = 0xFE;
/// Octets of the length before a signature.
const LEN: usize = 2;
/// Slots looked at in one sweep: the table is locked meanwhile.
const SWEEP: usize = 250_000;

/// Slots remembered that are asked for; those beyond come in turn, or when they are asked for again.
const MAX_ASKED: usize = 4096;

/// What is known of one certificate, in columns: the sweep for what is due reads only one of them.
#[derive(Debug)]
pub(super) struct Table {
    digests: Vec<DigestAlgorithm>,
    /// Who signed; the last one signs now. Answers of those before are replaced one by one.
    signers: Vec<Arc<Delegate>>,
    index: Index,
    serials: Vec<Serial>,
    not_after: Vec<u32>,
    /// When a new signature is to be made.
    due: Vec<u32>,
    facts: Vec<Facts>,
    /// `digests.len()` signatures a slot, each with its length before it, in `stride` octets.
    signatures: Vec<u8>,
    stride: usize,
    /// Slots that may be used again.
    free: Vec<u32>,
    signed: usize,
    /// Slots being signed. One whose status changes meanwhile is taken out, and so is its signature.
    in_flight: HashSet<u32>,
    /// Slots whose status changed.
    urgent: VecDeque<u32>,
    /// Slots that were asked for while the answer was still one of a former signer.
    asked: Mutex<VecDeque<u32>>,
    /// How many answers are of former signers.
    former: usize,
    /// Where the sweep goes on.
    sweep: usize,
    /// How many changes of status of this authority are in here.
    pub(super) position: u64,
}

#[derive(Clone, Copy, Debug)]
struct Facts {
    produced_at: u32,
    next_update: u32,
    revoked_at: u32,
    reason: u8,
    /// Position in `signers`.
    signer: u8,
}

impl Facts {
    const NONE: Self = Self {
        produced_at: 0,
        next_update: 0,
        revoked_at: 0,
        reason: UNSIGNED,
        signer: 0,
    };
}

/// A signature made ahead and what it is over.
#[derive(Debug)]
pub(super) struct Ahead {
    pub(super) signer: Arc<Delegate>,
    pub(super) status: Status,
    pub(super) produced_at: UnixTime,
    pub(super) next_update: UnixTime,
    pub(super) signature: Vec<u8>,
}

/// A certificate to be signed about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    slot: u32,
    pub(super) serial: Serial,
}

/// What was signed about a certificate: one signature for each digest, in the order of the table's.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) signer: Arc<Delegate>,
    pub(super) status: Status,
    pub(super) produced_at: UnixTime,
    pub(super) next_update: UnixTime,
    pub(super) refresh_at: UnixTime,
    pub(super) signatures: Vec<Vec<u8>>,
}

impl Table {
    /// An empty table for answers by `signer` to CertIDs with these digests, with all changes of status
    /// up to `position` in it.
    pub(super) fn new(signer: Arc<Delegate>, digests: &[DigestAlgorithm], position: u64) -> Self {
        Self {
            digests: digests.to_vec(),
            stride: LEN + signer.max_signature(),
            signers: vec![signer],
            index: Index::default(),
            serials: Vec::new(),
            not_after: Vec::new(),
            due: Vec::new(),
            facts: Vec::new(),
            signatures: Vec::new(),
            free: Vec::new(),
            signed: 0,
            in_flight: HashSet::new(),
            urgent: VecDeque::new(),
            asked: Mutex::default(),
            former: 0,
            sweep: 0,
            position,
        }
    }

    /// Who signs now.
    pub(super) fn signer(&self) -> &Arc<Delegate> {
        &self.signers[self.signers.len() - 1]
    }

    /// Has another delegate of the same CA key sign from now on. What was signed before is all due, and
    /// goes on until its turn comes, what is asked for before the rest. `false` where its signatures do not fit into this table.
    pub(super) fn succeed(&mut self, signer: &Arc<Delegate>) -> bool {
        if Arc::ptr_eq(self.signer(), signer) {
            return true;
        }
        if self.signer().certificate() == signer.certificate() {
            // The same again, from a reload that changed nothing.
            let last = self.signers.len() - 1;
            self.signers[last] = Arc::clone(signer);
            return true;
        }
        if LEN + signer.max_signature() > self.stride || self.signers.len() > usize::from(u8::MAX) {
            return false;
        }
        self.signers.push(Arc::clone(signer));
        self.former = self.signed;
        for (due, facts) in self.due.iter_mut().zip(&self.facts) {
            if facts.reason != UNSIGNED {
                *due = 0;
            }
        }
        true
    }

    /// Forgets every answer of the signer whose certificate has this serial number, unless it signs now:
    /// who revokes it may know that its key is bad.
    pub(super) fn disown(&mut self, serial: &[u8]) {
        let present = self.signers.len() - 1;
        let disowned: Vec<bool> = self.signers[..present]
            .iter()
            .map(|signer| signer.certificate().serial() == serial)
            .collect();
        if !disowned.contains(&true) {
            return;
        }
        for slot in 0..self.facts.len() {
            let facts = self.facts[slot];
            let of_it = disowned.get(usize::from(facts.signer)).copied();
            if facts.reason != UNSIGNED && of_it == Some(true) {
                self.forget(slot as u32);
            }
        }
    }

    /// How far it is.
    pub(super) fn progress(&self) -> Progress {
        Progress {
            certificates: self.serials.len() - self.free.len(),
            signed: self.signed,
            former: self.former,
        }
    }

    /// Adds a certificate that was issued, unless it is there or has expired.
    pub(super) fn add(&mut self, serial: &[u8], not_after: UnixTime, now: UnixTime) {
        let Some(serial) = Serial::new(serial) else {
            return;
        };
        if not_after < now || self.index.get(&serial, &self.serials).is_some() {
            return;
        }
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                let Ok(slot) = u32::try_from(self.serials.len()) else {
                    return;
                };
                self.serials.push(serial);
                self.not_after.push(0);
                self.due.push(0);
                self.facts.push(Facts::NONE);
                let end = self.signatures.len() + self.stride * self.digests.len();
                self.signatures.resize(end, 0);
                slot
            }
        };
        let at = slot as usize;
        self.serials[at] = serial;
        self.not_after[at] = seconds(not_after);
        self.due[at] = 0;
        self.index.insert(slot, &self.serials);
    }

    /// The signature about this certificate that holds at `now`.
    pub(super) fn get(
        &self,
        serial: &[u8],
        digest: DigestAlgorithm,
        now: UnixTime,
    ) -> Option<Ahead> {
        let slot = self.index.get(&Serial::new(serial)?, &self.serials)?;
        let column = self.digests.iter().position(|d| *d == digest)?;
        let facts = self.facts[slot as usize];
        let now = seconds(now);
        if facts.reason == UNSIGNED || now >= facts.next_update || now < facts.produced_at {
            return None;
        }
        if self.is_former(facts) {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            if asked.len() < MAX_ASKED {
                asked.push_back(slot);
            }
        }
        let at = (slot as usize * self.digests.len() + column) * self.stride;
        let (len, rest) = self.signatures.get(at..at + self.stride)?.split_at(LEN);
        let len = usize::from(u16::from_be_bytes([len[0], len[1]]));
        Some(Ahead {
            signer: Arc::clone(&self.signers[usize::from(facts.signer)]),
            status: facts.status(),
            produced_at: time(facts.produced_at),
            next_update: time(facts.next_update),
            signature: rest.get(..len)?.to_vec(),
        })
    }

    /// Forgets what was signed about a certificate whose status changed, and has it signed first.
    pub(super) fn changed(&mut self, serial: &[u8]) {
        self.disown(serial);
        let found = Serial::new(serial).and_then(|s| self.index.get(&s, &self.serials));
        if let Some(slot) = found {
            self.in_flight.remove(&slot);
            self.forget(slot);
            self.urgent.push_back(slot);
        }
    }

    /// At most `limit` certificates to sign about now: first those whose status changed, then those that
    /// are asked for and have an answer of a former signer, then the others in turn.
    /// Certificates that have expired leave the table on the way.
    pub(super) fn take_due(&mut self, now: UnixTime, limit: usize) -> Vec<Due> {
        let now = seconds(now);
        let mut taken = Vec::new();
        while taken.len() < limit
            && let Some(slot) = self.urgent.pop_front()
        {
            self.take(slot, now, &mut taken);
        }
        let asked = self.asked.get_mut();
        let mut asked = std::mem::take(asked.unwrap_or_else(PoisonError::into_inner));
        while taken.len() < limit
            && let Some(slot) = asked.pop_front()
        {
            self.take(slot, now, &mut taken);
        }
        *self.asked.get_mut().unwrap_or_else(PoisonError::into_inner) = asked;
        for _ in 0..self.due.len().min(SWEEP) {
            if taken.len() >= limit {
                break;
            }
            let slot = self.sweep;
            self.sweep = (self.sweep + 1) % self.due.len();
            if self.due[slot] <= now {
                self.take(slot as u32, now, &mut taken);
            }
        }
        taken
    }

    fn take(&mut self, slot: u32, now: u32, taken: &mut Vec<Due>) {
        let at = slot as usize;
        if self.due[at] > now || self.in_flight.contains(&slot) {
            return;
        }
        if self.not_after[at] < now {
            return self.remove(slot);
        }
        self.in_flight.insert(slot);
        taken.push(Due {
            slot,
            serial: self.serials[at],
        });
    }

    /// Puts in what was signed by the present signer about a certificate from [`Self::take_due`], unless
    /// its status changed meanwhile.
    pub(super) fn put(&mut self, due: &Due, made: &Made) {
        if !Arc::ptr_eq(&made.signer, self.signer()) {
            return self.give_back(due);
        }
        if !self.in_flight.remove(&due.slot) {
            return;
        }
        let (reason, revoked_at) = match made.status {
            Status::Good => (GOOD, UnixTime::EPOCH),
            Status::Revoked { at, reason, .. } => (reason.code(), at),
        };
        if [made.next_update, revoked_at]
            .map(seconds)
            .contains(&u32::MAX)
        {
            // What was signed could not be told again.
            return self.remove(due.slot);
        }
        let at = due.slot as usize;
        let first = at * self.digests.len() * self.stride;
        for (n, signature) in made.signatures.iter().enumerate() {
            let place = first + n * self.stride;
            let Some(place) = self
                .signatures
                .get_mut(place..place + self.stride)
                .filter(|place| LEN + signature.len() <= place.len())
            else {
                return;
            };
            place[..LEN].copy_from_slice(&(signature.len() as u16).to_be_bytes());
            place[LEN..LEN + signature.len()].copy_from_slice(signature);
        }
        if self.facts[at].reason == UNSIGNED {
            self.signed += 1;
        } else if self.is_former(self.facts[at]) {
            self.former -= 1;
        }
        self.facts[at] = Facts {
            produced_at: seconds(made.produced_at),
            next_update: seconds(made.next_update),
            revoked_at: seconds(revoked_at),
            reason,
            signer: (self.signers.len() - 1) as u8,
        };
        self.due[at] = seconds(made.refresh_at);
    }

    /// Gives a certificate from [`Self::take_due`] back unsigned, because the record or the key is out
    /// of reach. What was signed before holds on.
    pub(super) fn give_back(&mut self, due: &Due) {
        if self.in_flight.remove(&due.slot) {
            self.urgent.push_back(due.slot);
        }
    }

    /// Takes a certificate from [`Self::take_due`] out: it is not one that was issued.
    pub(super) fn take_out(&mut self, due: &Due) {
        if self.in_flight.remove(&due.slot) {
            self.remove(due.slot);
        }
    }

    fn is_former(&self, facts: Facts) -> bool {
        facts.reason != UNSIGNED && usize::from(facts.signer) + 1 < self.signers.len()
    }

    fn forget(&mut self, slot: u32) {
        let at = slot as usize;
        if self.facts[at].reason != UNSIGNED {
            self.signed -= 1;
        }
        if self.is_former(self.facts[at]) {
            self.former -= 1;
        }
        self.facts[at] = Facts::NONE;
        self.due[at] = 0;
    }

    fn remove(&mut self, slot: u32) {
        self.forget(slot);
        let serial = self.serials[slot as usize];
        self.index.remove(&serial, &self.serials);
        // Never due, until another certificate takes the place.
        self.due[slot as usize] = u32::MAX;
        self.free.push(slot);
    }
}

impl Facts {
    fn status(&self) -> Status {
        match RevocationReason::from_code(self.reason) {
            Some(reason) => Status::Revoked {
                at: time(self.revoked_at),
                reason,
                invalidity_date: None,
            },
            None => Status::Good,
        }
    }
}

/// Until 2106; later than that is as good as then.
fn seconds(time: UnixTime) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
}

fn time(seconds: u32) -> UnixTime {
    UnixTime::from_secs(i64::from(seconds))
}
