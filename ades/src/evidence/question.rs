//! When the status of a certificate counts as known, and when something newer is worth asking for
//! (EN 319 102-1 clause 5.2.5, revocation freshness).

use core::time::Duration;

use pki_asn1::{Certificate, UnixTime};
use pki_path::{
    Evidence, EvidenceWindow, Finding, Parameters, Path, RevocationMode, RevocationStatus,
    Validator,
};

use super::Material;

/// Evidence of this age, in seconds, is not asked for again by validation.
const RECENT: i64 = 300;
/// Evidence without nextUpdate is taken for newest information this long, in seconds.
const WITHOUT_NEXT_UPDATE: i64 = 86_400;
/// How far ahead of this system's clock an authority's may be.
pub(super) const CLOCK_SKEW: Duration = Duration::from_secs(300);

/// How new evidence has to be that is kept with a signature.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Freshness {
    /// The newest there is: made after the time of use, or still within its own dates (nextUpdate).
    /// What is made after the time of use is asked for first.
    #[default]
    Current,
    /// Made at least this long after the time of use: the certificate cannot have been revoked in
    /// between. The duration is a grace period, the time that a revocation may take to be published.
    After(Duration),
}

/// What evidence is wanted for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Demand {
    /// A verdict now.
    Verdict,
    /// To be kept with the signature.
    Evidence(Freshness),
}

/// The time a certificate was used, the time it is now, and what the answer is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    pub(crate) at: UnixTime,
    pub(crate) now: UnixTime,
    pub(crate) demand: Demand,
}

impl Need {
    pub(super) fn window(&self) -> EvidenceWindow {
        EvidenceWindow {
            covers: self.at,
            known_by: self.now.max(self.at) + CLOCK_SKEW,
        }
    }

    /// Whether the network is to be asked although there is this answer.
    pub(super) fn wants_more(&self, status: &RevocationStatus) -> bool {
        match (status, self.demand) {
            (RevocationStatus::Unknown(_), _) => true,
            (RevocationStatus::Good(f), Demand::Verdict) => {
                // The file may have brought evidence from just before the revocation.
                self.at == self.now && self.now.since(f.this_update) > RECENT
            }
            (RevocationStatus::Good(f), Demand::Evidence(freshness)) => {
                f.this_update < self.wanted_since(freshness)
            }
            _ => false,
        }
    }

    /// Whether the answer will do, and why not.
    pub(super) fn accepts(
        &self,
        certificate: &Certificate,
        status: &RevocationStatus,
    ) -> Result<(), Unsettled> {
        match status {
            RevocationStatus::Unknown(why) => Err(Unsettled::Unknown(why.to_string())),
            RevocationStatus::Good(f) => match self.demand {
                Demand::Verdict => Ok(()),
                Demand::Evidence(freshness) => self.accepts_good(certificate, f, freshness),
            },
            _ => Ok(()),
        }
    }

    fn accepts_good(
        &self,
        certificate: &Certificate,
        finding: &Finding,
        freshness: Freshness,
    ) -> Result<(), Unsettled> {
        let wanted = self.wanted_since(freshness);
        // Nothing newer will come: authorities say nothing of certificates that expired.
        if finding.this_update >= wanted || certificate.not_after() < wanted.max(self.now) {
            return Ok(());
        }
        let current = match finding.next_update {
            Some(next) => next >= self.now,
            None => self.now.since(finding.this_update) <= WITHOUT_NEXT_UPDATE,
        };
        match freshness {
            Freshness::Current if current => Ok(()),
            Freshness::Current => Err(Unsettled::Unknown(format!(
                "the newest evidence is of {} and no longer current",
                finding.this_update
            ))),
            Freshness::After(_) => Err(Unsettled::TooEarly {
                this_update: finding.this_update,
                wanted,
                next_update: finding.next_update,
            }),
        }
    }

    fn wanted_since(&self, freshness: Freshness) -> UnixTime {
        match freshness {
            Freshness::Current => self.at,
            Freshness::After(grace) => self.at + grace,
        }
    }
}

/// Why an answer will not do.
#[derive(Clone, Debug)]
pub(super) enum Unsettled {
    Unknown(String),
    TooEarly {
        this_update: UnixTime,
        wanted: UnixTime,
        next_update: Option<UnixTime>,
    },
}

impl core::fmt::Display for Unsettled {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Unknown(why) => f.write_str(why),
            Self::TooEarly {
                this_update,
                wanted,
                ..
            } => write!(
                f,
                "the newest evidence is of {this_update}, and evidence from {wanted} on is wanted"
            ),
        }
    }
}

/// One certificate of a path, as of when its status is wanted.
pub(super) struct Question<'p> {
    pub(super) path: &'p Path,
    pub(super) index: usize,
    pub(super) need: Need,
}

impl Question<'_> {
    pub(super) fn ask(&self, material: &Material) -> RevocationStatus {
        self.ask_of(material, &material.evidence)
    }

    /// The answer of this evidence alone.
    pub(super) fn ask_of(&self, material: &Material, evidence: &Evidence) -> RevocationStatus {
        validator(material, evidence, self.need.at).revocation_status(
            self.path,
            self.index,
            self.need.window(),
        )
    }
}

pub(super) fn validator<'a>(
    material: &'a Material,
    evidence: &'a Evidence,
    at: UnixTime,
) -> Validator<'a> {
    let parameters = Parameters {
        revocation: RevocationMode::None,
        ..Parameters::at(at)
    };
    Validator::new(&material.anchors, &material.pool, evidence, parameters)
}
