//! Raising signatures that exist, ours or another product's, to a level that lasts longer
//! (EN 319 142-1 and EN 319 122-1 clause 6): what is common to PDF and CMS.
//!
//! Nothing is raised that would not be valid afterwards: what is broken, revoked, expired without a
//! proof or changed after it was signed is refused with the reason ([`Refusal`]).

mod asked;
mod refusal;

use core::fmt;
use core::time::Duration;

use pki_asn1::Clock;

use crate::asic::AsicError;
use crate::cades::CadesError;
use crate::cms::original::ScanError;
use crate::evidence::{Collector, EvidenceError};
use crate::pades::PadesError;
use crate::tsp::{TimeStamper, TspError};
use crate::validate::{GatherError, Level, SignatureKind, ValidationPolicy};

pub(crate) use asked::{Asked, signer, unit};
pub use refusal::{Refusal, RefusalCode};
pub(crate) use refusal::{judge, warnings};

/// The level to reach.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Target {
    /// A time-stamp.
    BT,
    /// And validation data.
    BLt,
    /// And an archive time-stamp over both.
    BLta,
}

impl Target {
    /// The level as verdicts name it.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::BT => Level::BT,
            Self::BLt => Level::BLt,
            Self::BLta => Level::BLta,
        }
    }
}

/// What becomes of a file where one of its signatures cannot be raised.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Others {
    /// It is refused.
    #[default]
    Refuse,
    /// The signatures that can be raised are.
    Raise,
}

/// When an archive time-stamp that still holds is followed by another one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Renewal {
    /// Whenever level B-LTA is asked for.
    #[default]
    Always,
    /// Where its certificate ends within this time.
    Within(Duration),
}

/// What is wanted.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ExtendOptions {
    /// The level.
    pub to: Target,
    /// What to do about signatures that cannot be raised.
    pub others: Others,
    /// When to renew.
    pub renewal: Renewal,
    /// Whether a PDF lists validation data for each signature as well.
    pub vri: crate::pades::Vri,
}

impl ExtendOptions {
    /// To this level, every signature or none, renewing always.
    #[must_use]
    pub fn new(to: Target) -> Self {
        Self {
            to,
            others: Others::default(),
            renewal: Renewal::default(),
            vri: crate::pades::Vri::default(),
        }
    }
}

/// What extension works with.
#[derive(Clone, Copy)]
pub struct Services<'s> {
    /// Finds validation data.
    pub collector: &'s Collector,
    /// Gives time-stamps; not needed where only validation data is added.
    pub time_stamper: Option<&'s dyn TimeStamper>,
    /// What a signature must satisfy to be worth raising.
    pub policy: &'s ValidationPolicy,
    /// The time.
    pub clock: &'s dyn Clock,
}

impl fmt::Debug for Services<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services")
            .field("collector", self.collector)
            .field("time_stamps", &self.time_stamper.is_some())
            .finish_non_exhaustive()
    }
}

/// What became of one signature.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExtendedSignature {
    /// As in the report of `validate`.
    pub id: String,
    /// The form field, in a PDF.
    pub field: Option<String>,
    /// Signature or document time-stamp.
    pub kind: SignatureKind,
    /// Its level before.
    pub before: Level,
    /// Its level now.
    pub after: Level,
    /// Why it was not raised, where it was to be.
    pub refusal: Option<Refusal>,
}

/// Why nothing was extended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtendError {
    /// The file cannot be looked into.
    #[error(transparent)]
    Gather(#[from] GatherError),
    /// There is nothing to extend.
    #[error("there is no signature in the file")]
    NoSignature,
    /// Signatures that cannot honestly be raised.
    #[error("{}", list(.0))]
    Refused(Vec<(String, Refusal)>),
    /// A time-stamp is needed and no authority was given.
    #[error("level {} needs a time-stamping authority", .to.level().as_str())]
    NoAuthority {
        /// The level wanted.
        to: Target,
    },
    /// Validation data of a signature or time-stamp that is being made is not to be had.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// No time-stamp.
    #[error(transparent)]
    TimeStamp(#[from] TspError),
    /// The PDF.
    #[error(transparent)]
    Pades(PadesError),
    /// The container.
    #[error(transparent)]
    Asic(#[from] AsicError),
    /// The signature that was to be raised.
    #[error(transparent)]
    Cades(CadesError),
    /// The CMS structure.
    #[error("the signature cannot be read")]
    Cms(#[from] ScanError),
    /// The extended file could not be written, or its content not read.
    #[error("the extended file cannot be written")]
    Write(#[source] std::io::Error),
    /// A value could not be encoded.
    #[error("validation data could not be encoded in DER")]
    Der(#[from] der::Error),
}

impl From<PadesError> for ExtendError {
    fn from(error: PadesError) -> Self {
        match error {
            PadesError::TimeStamp(error) => Self::TimeStamp(error),
            error => Self::Pades(error),
        }
    }
}

impl From<CadesError> for ExtendError {
    fn from(error: CadesError) -> Self {
        match error {
            CadesError::TimeStamp(error) => Self::TimeStamp(error),
            CadesError::Asic(error) => Self::Asic(error),
            error => Self::Cades(error),
        }
    }
}

impl ExtendError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Gather(e) => e.hint(),
            Self::Asic(e) => e.hint(),
            Self::Cades(e) => e.hint(),
            Self::Evidence(e) => e.hint(),
            Self::TimeStamp(e) => e.hint(),
            Self::Pades(e) => e.hint(),
            Self::NoSignature => {
                Some("sign it first (sceau sign), or give the file that is signed".into())
            }
            Self::Refused(all) => all.iter().find_map(|(_, r)| r.hint.clone()),
            Self::NoAuthority { .. } => Some("give its address with --tsa URL".into()),
            Self::Der(_) | Self::Cms(_) | Self::Write(_) => None,
        }
    }

    /// Whether another try later may succeed.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Evidence(e) => e.is_temporary(),
            Self::TimeStamp(_) => true,
            Self::Refused(all) => all.iter().all(|(_, r)| r.temporary),
            _ => false,
        }
    }
}

fn list(all: &[(String, Refusal)]) -> String {
    let each: Vec<String> = all
        .iter()
        .map(|(name, refusal)| format!("{name} cannot be raised: {}", refusal.reason))
        .collect();
    each.join("; ")
}
