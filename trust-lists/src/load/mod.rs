//! From one list to all that it leads to: a national list, or a list of lists with the national lists that
//! it points at, each checked with the signers that the pointer names (TS 119 612 clause 5.3.13, TS 119 615
//! clauses 4.1 and 4.2).
//!
//! Where lists come from is the caller's: a [`Source`] is asked for what lies behind a URL. One list that
//! cannot be had is a [`Problem`], and the others are there.

mod pivot;

use pki_asn1::{Certificate, UnixTime};

use crate::list::{ListError, Pointer, TrustedList, VerifiedList};

/// Where lists that a list points at come from.
pub trait Source {
    /// The octets behind a URL.
    ///
    /// # Errors
    /// In words, where there are none.
    fn get(&self, url: &str) -> Result<Vec<u8>, String>;

    /// The latest edition that was ever relied on of the list behind a URL, where that is remembered.
    fn latest(&self, _url: &str) -> Option<Edition> {
        None
    }

    /// This edition was relied on.
    fn remember(&self, _url: &str, _edition: Edition) {}
}

/// Which of the lists that follow each other (TS 119 612 clauses 5.3.2 and 5.3.14).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Edition {
    /// TSLSequenceNumber.
    pub sequence_number: u64,
    /// ListIssueDateTime.
    pub issued: UnixTime,
}

impl Edition {
    /// Whether it came before the other, by number and by date: whoever numbers anew still has a later date.
    #[must_use]
    pub fn is_before(self, other: Self) -> bool {
        self.sequence_number < other.sequence_number && self.issued <= other.issued
    }
}

/// What to do with a list that should have been replaced: its NextUpdate has passed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Expired {
    /// Nothing in it counts.
    #[default]
    Refuse,
    /// It counts, with a problem noted.
    Accept,
}

/// How lists are loaded.
#[derive(Clone, Copy)]
pub struct Loader<'s> {
    /// Where other lists come from; without it, pointers lead nowhere.
    pub source: Option<&'s dyn Source>,
    /// The time by which lists are judged to be current.
    pub now: UnixTime,
    /// What to do with those that are not.
    pub expired: Expired,
}

/// The largest list of lists has some forty pointers.
const LISTS: usize = 100;
/// Lists that are read at the same time: each costs some ten times its octets while it is read.
const AT_ONCE: usize = 4;

/// Lists that may be relied on.
#[derive(Clone, Debug, Default)]
pub struct TrustedLists {
    lists: Vec<Loaded>,
    problems: Vec<Problem>,
}

/// A list and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its file or URL.
    pub origin: String,
    /// The list.
    pub verified: VerifiedList,
    /// With whom the pointer that led here tells of an agreement on mutual recognition ([`Pointer::recognition`]).
    pub recognition: Option<String>,
}

impl Loaded {
    /// Whether the other is a later edition of the same list.
    fn is_outdated_by(&self, other: &Self) -> bool {
        let (own, later) = (self.verified.list(), other.verified.list());
        own.list_type == later.list_type
            && own.territory == later.territory
            && own.operator == later.operator
            && own.edition().is_before(later.edition())
    }

    fn older_than(&self, later: &Self) -> Problem {
        Problem {
            origin: self.origin.clone(),
            error: LoadError::Older {
                found: self.verified.list().sequence_number,
                known: later.verified.list().sequence_number,
            },
        }
    }
}

/// A list that cannot be relied on, or not fully.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Its file or URL.
    pub origin: String,
    /// What is wrong.
    pub error: LoadError,
}

/// Why a list is left out.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// It is not what it should be.
    #[error(transparent)]
    List(#[from] ListError),
    /// It could not be had.
    #[error("the trusted list cannot be fetched: {0}")]
    Fetch(String),
    /// A newer one should be there.
    #[error("the trusted list has run out: its next update was due at {0}")]
    Expired(UnixTime),
    /// It says that the scheme has ceased.
    #[error("the trusted list is the last of a scheme that has ceased")]
    Ceased,
    /// The pointer says something else of the list than the list itself.
    #[error("the pointer leads to a list of {expected:?}, and this one is of {found:?}")]
    Pointer {
        /// The pointer's.
        expected: String,
        /// The list's.
        found: String,
    },
    /// The pointer names nobody who could sign the list.
    #[error("the pointer names no signer of the trusted list")]
    NoSigner,
    /// A later one was relied on before: whoever gives this one may hide what was withdrawn since.
    #[error("the trusted list is number {found}, and number {known} was there before")]
    Older {
        /// Its sequence number.
        found: u64,
        /// That of the latest that was relied on.
        known: u64,
    },
    /// The certificate of its signer has ended since. The list still counts.
    #[error("the certificate of {signer}, who signed the trusted list, ended at {until}")]
    SignerEnded {
        /// Who signed.
        signer: String,
        /// The end of the certificate's validity.
        until: UnixTime,
    },
    /// There are more lists than are looked at.
    #[error("there are more than {LISTS} trusted lists")]
    TooMany,
}

impl LoadError {
    /// What would help.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::List(e) => e.hint(),
            Self::Fetch(_) => Some("check the URL and the network, or give the list as a file"),
            Self::Expired(_) => Some("get the current list; an old one may be accepted by choice"),
            Self::Ceased => Some("find out who keeps the lists of this territory now"),
            Self::Older { .. } => Some(
                "somebody may be replaying an old list: get the current one from the scheme's operator by another way",
            ),
            Self::SignerEnded { .. } => {
                Some("look for a newer list, and for its signers in the list of lists")
            }
            Self::NoSigner | Self::Pointer { .. } => Some(
                "tell the operator of the list of lists, or give the list itself with its signers",
            ),
            _ => None,
        }
    }
}

impl TrustedLists {
    /// All lists, in the order they were loaded.
    #[must_use]
    pub fn lists(&self) -> &[Loaded] {
        &self.lists
    }

    /// What was left out, or should be known.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// Takes what another has.
    pub fn extend(&mut self, other: Self) {
        for one in other.lists {
            self.push(one);
        }
        self.problems.extend(other.problems);
    }

    /// Of several editions of one list the latest counts: an earlier one trusts whom it does not.
    fn push(&mut self, new: Loaded) {
        if let Some(known) = self.lists.iter().find(|known| new.is_outdated_by(known)) {
            let problem = new.older_than(known);
            self.problems.push(problem);
            return;
        }
        let problems = &mut self.problems;
        self.lists.retain(|known| {
            let outdated = known.is_outdated_by(&new);
            if outdated {
                problems.push(known.older_than(&new));
            }
            !outdated
        });
        self.lists.push(new);
    }
}

impl Loader<'_> {
    /// Loads the list in `octets`, which one of `signers` signed, and those that it points at. `origin` is
    /// what it is called in problems.
    ///
    /// # Errors
    /// Where this list itself cannot be relied on.
    pub fn load(
        &self,
        origin: &str,
        octets: &[u8],
        signers: &[Certificate],
    ) -> Result<TrustedLists, LoadError> {
        let verified = pivot::verify(octets, signers, self.source)?;
        let mut out = TrustedLists::default();
        self.add(origin, verified, None, &mut out)?;
        let first = out.lists.iter().map(|l| l.verified.list());
        let of_lists = first.filter(|l| l.is_list_of_lists());
        // The list of lists points at itself, and at documents for people.
        let elsewhere = |p: &&Pointer| {
            let itself = p
                .list_type
                .as_deref()
                .is_some_and(crate::list::uri::is_list_of_lists);
            !itself && p.is_machine_readable()
        };
        let pointers: Vec<Pointer> = of_lists
            .flat_map(|l| l.pointers.iter().filter(elsewhere).cloned())
            .collect();
        let Some(source) = self.source else {
            return Ok(out);
        };
        let at_once = std::thread::available_parallelism().map_or(1, |n| n.get().min(AT_ONCE));
        for some in pointers[..pointers.len().min(LISTS)].chunks(at_once) {
            let read = verify_all(some, source);
            for (pointer, result) in some.iter().zip(read) {
                let recognition = pointer.recognition.clone();
                let result = result
                    .and_then(|list| self.add(&pointer.location, list, recognition, &mut out));
                if let Err(error) = result {
                    out.problems.push(Problem {
                        origin: pointer.location.clone(),
                        error,
                    });
                }
            }
        }
        if let Some(beyond) = pointers.get(LISTS) {
            out.problems.push(Problem {
                origin: beyond.location.clone(),
                error: LoadError::TooMany,
            });
        }
        Ok(out)
    }

    fn add(
        &self,
        origin: &str,
        verified: VerifiedList,
        recognition: Option<String>,
        out: &mut TrustedLists,
    ) -> Result<(), LoadError> {
        let list = verified.list();
        // A file is what somebody chose; what comes from elsewhere may be what somebody else chose.
        let source = self.source.filter(|_| origin.contains("://"));
        if let Some(known) = source.and_then(|s| s.latest(origin))
            && list.edition().is_before(known)
        {
            return Err(LoadError::Older {
                found: list.sequence_number,
                known: known.sequence_number,
            });
        }
        if list.is_expired(self.now) {
            let error = list
                .next_update
                .map_or(LoadError::Ceased, LoadError::Expired);
            if self.expired == Expired::Refuse {
                return Err(error);
            }
            out.problems.push(Problem {
                origin: origin.to_owned(),
                error,
            });
        }
        let until = verified.signer().not_after();
        if until < self.now {
            out.problems.push(Problem {
                origin: origin.to_owned(),
                error: LoadError::SignerEnded {
                    signer: verified.signer().display_subject().to_string(),
                    until,
                },
            });
        }
        if let Some(source) = source {
            source.remember(origin, list.edition());
        }
        out.push(Loaded {
            origin: origin.to_owned(),
            verified,
            recognition,
        });
        Ok(())
    }
}

/// Fetches the lists that pointers lead to, one after the other, and checks them all at once.
fn verify_all(pointers: &[Pointer], source: &dyn Source) -> Vec<Result<VerifiedList, LoadError>> {
    let fetched: Vec<_> = pointers
        .iter()
        .map(|p| {
            if p.signers.is_empty() {
                return Err(LoadError::NoSigner);
            }
            source.get(&p.location).map_err(LoadError::Fetch)
        })
        .collect();
    std::thread::scope(|scope| {
        let started: Vec<_> = pointers
            .iter()
            .zip(fetched)
            .map(|(p, octets)| octets.map(|o| scope.spawn(move || verify(p, &o))))
            .collect();
        started
            .into_iter()
            .map(|one| match one?.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}

/// Checks a list with the signers of the pointer that led to it, and what that says of it.
fn verify(pointer: &Pointer, octets: &[u8]) -> Result<VerifiedList, LoadError> {
    let verified = TrustedList::verify(octets, &pointer.signers)?;
    let list = verified.list();
    let same = |expected: Option<&str>, found: Option<&str>| match expected {
        Some(expected) if !found.is_some_and(|f| f.eq_ignore_ascii_case(expected)) => {
            Err(LoadError::Pointer {
                expected: expected.to_owned(),
                found: found.unwrap_or_default().to_owned(),
            })
        }
        _ => Ok(()),
    };
    same(pointer.territory.as_deref(), list.territory.as_deref())?;
    same(pointer.list_type.as_deref(), Some(&list.list_type))?;
    Ok(verified)
}
