//! What one file may cost of the network and of memory. The certificates in it say who is asked, so without
//! bounds a stranger could have us ask, wait and hold as much as he likes.

use core::time::Duration;
use std::time::Instant;

/// Requests that may help nothing.
const IN_VAIN: usize = 100;
/// Waiting for answers, useful ones too.
const WAITING: Duration = Duration::from_secs(180);
/// Octets of answers that are kept: a stranger's CRL need not be one of anybody's.
const KEPT: u64 = 256 << 20;

/// Octets that a file may bring itself, in all its signatures and time-stamps together. Parsed, certificates and
/// OCSP responses take many times that.
const CERTIFICATES: usize = 8 << 20;
const RESPONSES: usize = 8 << 20;
const LISTS: usize = 96 << 20;

/// What a file brings along.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Brought {
    Certificate,
    Response,
    List,
}

/// What one file has cost so far.
#[derive(Clone, Debug, Default)]
pub struct Spent {
    in_vain: usize,
    waiting: Duration,
    kept: u64,
    certificates: usize,
    responses: usize,
    lists: usize,
}

impl Spent {
    /// Why nothing more is asked for this file.
    pub(super) fn enough(&self) -> Option<&'static str> {
        if self.in_vain >= IN_VAIN {
            Some("it was not asked: too many others that this file names did not help")
        } else if self.waiting >= WAITING {
            Some("it was not asked: others that this file names took too long")
        } else if self.kept >= KEPT {
            Some("it was not asked: what others sent for this file is too large already")
        } else {
            None
        }
    }

    /// Counts how long `ask` takes.
    pub(super) fn waiting<T>(&mut self, ask: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let answer = ask();
        self.waiting += begun.elapsed();
        answer
    }

    /// Counts what is held on to.
    pub(super) fn keep(&mut self, octets: usize) {
        self.kept = self.kept.saturating_add(octets as u64);
    }

    /// Octets of this kind that the file may still bring.
    pub(crate) fn left(&self, kind: Brought) -> usize {
        match kind {
            Brought::Certificate => CERTIFICATES - self.certificates,
            Brought::Response => RESPONSES - self.responses,
            Brought::List => LISTS - self.lists,
        }
    }

    /// Counts what the file itself brings; whether there is room for it.
    pub(super) fn take(&mut self, kind: Brought, octets: usize) -> bool {
        let fits = self.left(kind) >= octets;
        if fits {
            *match kind {
                Brought::Certificate => &mut self.certificates,
                Brought::Response => &mut self.responses,
                Brought::List => &mut self.lists,
            } += octets;
        }
        fits
    }

    /// Counts a request that did not help.
    pub(super) fn note_vain(&mut self) {
        self.in_vain += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_brings_has_room_by_kind() {
        let mut spent = Spent::default();
        assert!(spent.take(Brought::Response, RESPONSES - 10));
        assert!(!spent.take(Brought::Response, 11));
        assert!(spent.take(Brought::Response, 10));
        assert_eq!(spent.left(Brought::Response), 0);
        assert!(spent.take(Brought::Certificate, CERTIFICATES) && spent.take(Brought::List, LISTS));
    }

    #[test]
    fn each_limit_alone_ends_it() {
        let mut slow = Spent::default();
        slow.waiting(|| std::thread::sleep(Duration::from_millis(2)));
        assert!(slow.waiting >= Duration::from_millis(2) && slow.enough().is_none());
        slow.waiting += WAITING;
        assert!(slow.enough().unwrap().contains("too long"));

        let mut large = Spent::default();
        large.keep(200 << 20);
        assert!(large.enough().is_none());
        large.keep(200 << 20);
        assert!(large.enough().unwrap().contains("too large"));

        let mut vain = Spent::default();
        (0..IN_VAIN).for_each(|_| vain.note_vain());
        assert!(vain.enough().unwrap().contains("did not help"));
    }
}
