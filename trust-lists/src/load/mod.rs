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
        self.lists.extend(other.lists);
        self.problems.extend(other.problems);
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
        self.add(origin, verified, &mut out)?;
        let first = out.lists.iter().map(|l| l.verified.list());
        let of_lists = first.filter(|l| l.is_list_of_lists());
        let pointers: Vec<Pointer> = of_lists.flat_map(|l| l.pointers.iter().cloned()).collect();
        let mut followed = 0;
        for pointer in pointers {
            // The list of lists points at itself, and at documents for people.
            let itself = pointer
                .list_type
                .as_deref()
                .is_some_and(crate::list::uri::is_list_of_lists);
            if itself || !pointer.is_machine_readable() {
                continue;
            }
            let Some(source) = self.source else { break };
            followed += 1;
            let result = if followed > LISTS {
                Err(LoadError::TooMany)
            } else {
                self.follow(&pointer, source)
                    .and_then(|list| self.add(&pointer.location, list, &mut out))
            };
            if let Err(error) = result {
                let stop = error == LoadError::TooMany;
                out.problems.push(Problem {
                    origin: pointer.location,
                    error,
                });
                if stop {
                    break;
                }
            }
        }
        Ok(out)
    }

    fn follow(&self, pointer: &Pointer, source: &dyn Source) -> Result<VerifiedList, LoadError> {
        if pointer.signers.is_empty() {
            return Err(LoadError::NoSigner);
        }
        let octets = source.get(&pointer.location).map_err(LoadError::Fetch)?;
        let verified = TrustedList::verify(&octets, &pointer.signers)?;
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

    fn add(
        &self,
        origin: &str,
        verified: VerifiedList,
        out: &mut TrustedLists,
    ) -> Result<(), LoadError> {
        let list = verified.list();
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
        out.lists.push(Loaded {
            origin: origin.to_owned(),
            verified,
        });
        Ok(())
    }
}
