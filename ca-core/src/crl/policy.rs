//! The checked form of `[crl]`: when each CRL of an authority is due, and what it lists.

use core::time::Duration;

use super::config::{
    AfterRevocation, CrlConfig, CrlIssuers, DeltaConfig, ExpiredEntries, FreshestCrl,
};
use super::{CrlError, CrlKind};

/// The most CRLs that may share one authority's certificates.
pub const MAX_PARTITIONS: u32 = 4_096;

/// What is published and when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CrlPolicy {
    config: CrlConfig,
    root: Schedule,
    issuing: Schedule,
    delta: Option<(DeltaConfig, Schedule)>,
}

/// How long CRLs of one kind are valid and when the next is due.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Schedule {
    /// From thisUpdate to nextUpdate.
    pub validity: Duration,
    /// From thisUpdate until the next one is due: less than `validity`, so that two CRLs overlap and
    /// a relying party is never without one.
    pub renewal: Duration,
}

/// Which place an authority has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rank {
    /// It signs itself.
    Root,
    /// It has an issuer.
    Issuing,
}

const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

impl Default for CrlPolicy {
    fn default() -> Self {
        let schedule = |validity, renewal| Schedule {
            validity: Duration::from_secs(validity),
            renewal: Duration::from_secs(renewal),
        };
        Self {
            config: CrlConfig::default(),
            root: schedule(180 * DAY, 90 * DAY),
            issuing: schedule(72 * HOUR, 24 * HOUR),
            delta: None,
        }
    }
}

impl CrlPolicy {
    /// Checks what was written.
    ///
    /// # Errors
    /// [`CrlError::Setting`] where two CRLs would not overlap, or a number is out of its range.
    pub fn new(config: CrlConfig) -> Result<Self, CrlError> {
        let bounded = |setting, value: u32, maximum: u32| match value {
            0 => Err(CrlError::setting(setting, value, "it is zero")),
            n if n > maximum => Err(CrlError::setting(setting, value, "it is out of range")),
            n => Ok(u64::from(n)),
        };
        let root_days = bounded("root-days", config.root_days, 3_660)?;
        let root_renewal = match config.root_renew_days {
            Some(days) => bounded("root-renew-days", days, 3_660)? * DAY,
            None => root_days * DAY / 2,
        };
        let issuing_hours = bounded("issuing-hours", config.issuing_hours, 87_840)?;
        let issuing_renewal = match config.issuing_renew_hours {
            Some(hours) => bounded("issuing-renew-hours", hours, 87_840)? * HOUR,
            None if issuing_hours > 24 => 24 * HOUR,
            None => issuing_hours * HOUR / 2,
        };
        let root = Schedule::new("root-renew-days", root_days * DAY, root_renewal)?;
        let issuing = Schedule::new("issuing-renew-hours", issuing_hours * HOUR, issuing_renewal)?;
        bounded("late-minutes", config.late_minutes, 44_640)?;
        bounded(
            "complete-within-minutes",
            config.complete_within_minutes,
            44_640,
        )?;
        if let Some(partitions) = &config.partitions {
            bounded("partitions.number", partitions.number, MAX_PARTITIONS)?;
        }
        let delta = match config.delta {
            None => None,
            Some(delta) => {
                let hours = bounded("delta.hours", delta.hours, 87_840)?;
                let renewal = match delta.renew_hours {
                    Some(hours) => bounded("delta.renew-hours", hours, 87_840)? * HOUR,
                    None => hours * HOUR / 2,
                };
                let schedule = Schedule::new("delta.renew-hours", hours * HOUR, renewal)?;
                if schedule.renewal > issuing.renewal {
                    // RFC 5280 section 5.2.4: deltas are there to be fresher than complete CRLs.
                    return Err(CrlError::Setting {
                        setting: "delta.renew-hours",
                        value: (schedule.renewal.as_secs() / HOUR).to_string(),
                        reason: "complete CRLs come more often than deltas",
                    });
                }
                Some((delta, schedule))
            }
        };
        Ok(Self {
            config,
            root,
            issuing,
            delta,
        })
    }

    /// The table as written.
    #[must_use]
    pub fn config(&self) -> &CrlConfig {
        &self.config
    }

    /// When CRLs of this kind are issued; `None` where the authority has none of it.
    #[must_use]
    pub fn schedule(&self, rank: Rank, kind: CrlKind) -> Option<Schedule> {
        match (kind, rank) {
            (CrlKind::Complete, Rank::Root) => Some(self.root),
            (CrlKind::Complete, Rank::Issuing) => Some(self.issuing),
            (CrlKind::Delta, _) => self
                .delta
                .filter(|(delta, _)| delta.of.includes(rank))
                .map(|(_, schedule)| schedule),
        }
    }

    /// The kinds of CRL an authority issues.
    pub fn kinds(&self, rank: Rank) -> impl Iterator<Item = CrlKind> + '_ {
        [CrlKind::Complete, CrlKind::Delta]
            .into_iter()
            .filter(move |kind| self.schedule(rank, *kind).is_some())
    }

    /// Into how many partitions the certificates of a new authority are divided; 0 for none.
    #[must_use]
    pub fn partitions_of_new(&self, rank: Rank) -> u32 {
        self.config
            .partitions
            .filter(|partitions| partitions.of.includes(rank))
            .map_or(0, |partitions| partitions.number)
    }

    /// Whether certificates of this authority carry freshestCRL.
    #[must_use]
    pub fn freshest_in_certificates(&self, rank: Rank) -> bool {
        self.delta.is_some_and(|(delta, _)| {
            delta.of.includes(rank) && delta.freshest_crl == FreshestCrl::CrlsAndCertificates
        })
    }

    /// How long after it is due a CRL is late.
    #[must_use]
    pub fn late_after(&self) -> Duration {
        Duration::from_secs(u64::from(self.config.late_minutes) * 60)
    }

    /// How long a revocation may wait for the next complete CRL of its scope.
    #[must_use]
    pub fn complete_within(&self) -> Duration {
        Duration::from_secs(u64::from(self.config.complete_within_minutes) * 60)
    }

    /// What becomes of expired entries.
    #[must_use]
    pub fn expired(&self) -> ExpiredEntries {
        self.config.expired
    }

    /// The kinds that are issued when a status has changed.
    #[must_use]
    pub fn after_revocation(&self, rank: Rank) -> Vec<CrlKind> {
        let deltas = self.schedule(rank, CrlKind::Delta).is_some();
        match (self.config.after_revocation, deltas) {
            (AfterRevocation::Nothing, _) => Vec::new(),
            (AfterRevocation::Freshest, true) => vec![CrlKind::Delta],
            (AfterRevocation::Complete, true) => vec![CrlKind::Complete, CrlKind::Delta],
            (_, false) => vec![CrlKind::Complete],
        }
    }
}

impl Schedule {
    fn new(setting: &'static str, validity: u64, renewal: u64) -> Result<Self, CrlError> {
        if renewal >= validity {
            return Err(CrlError::Setting {
                setting,
                value: (renewal / HOUR).to_string() + " hours",
                reason: "the next CRL would come after nextUpdate of the one before (RFC 5280 section 5.1.2.5)",
            });
        }
        Ok(Self {
            validity: Duration::from_secs(validity),
            renewal: Duration::from_secs(renewal),
        })
    }
}

impl CrlIssuers {
    fn includes(self, rank: Rank) -> bool {
        self == Self::All || rank == Rank::Issuing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> Result<CrlPolicy, String> {
        let config: CrlConfig = toml::from_str(text).map_err(|e| e.to_string())?;
        CrlPolicy::new(config).map_err(|e| e.to_string())
    }

    #[test]
    fn the_default_is_what_an_empty_table_says() {
        assert_eq!(policy("").unwrap(), CrlPolicy::default());
    }

    #[test]
    fn crls_that_would_not_overlap_are_refused() {
        for text in [
            "root-days = 0",
            "root-days = 10\nroot-renew-days = 10",
            "issuing-hours = 24\nissuing-renew-hours = 25",
            "issuing-hours = 4294967295",
            "late-minutes = 0",
            "complete-within-minutes = 0",
            "[partitions]\nnumber = 0",
            "[partitions]\nnumber = 4097",
            "[delta]\nhours = 0",
            "[delta]\nhours = 4\nrenew-hours = 4",
            "[delta]\nhours = 100",
            "[delta]\nminutes = 5",
            "expired = \"sometimes\"",
        ] {
            assert!(policy(text).is_err(), "{text}");
        }
        // A shorter CRL needs no further setting.
        let short = policy("issuing-hours = 12").unwrap();
        let schedule = short.schedule(Rank::Issuing, CrlKind::Complete).unwrap();
        assert_eq!(schedule.renewal.as_secs(), 6 * HOUR);
    }

    #[test]
    fn a_revocation_costs_no_more_than_what_is_freshest() {
        let plain = policy("").unwrap();
        assert_eq!(plain.after_revocation(Rank::Issuing), [CrlKind::Complete]);
        let delta = policy("[delta]").unwrap();
        assert_eq!(delta.after_revocation(Rank::Issuing), [CrlKind::Delta]);
        assert_eq!(delta.after_revocation(Rank::Root), [CrlKind::Complete]);
        let both = policy("after-revocation = \"complete\"\n[delta]\nof = \"all\"").unwrap();
        let kinds = [CrlKind::Complete, CrlKind::Delta];
        assert_eq!(both.after_revocation(Rank::Root), kinds);
        let none = policy("after-revocation = \"nothing\"").unwrap();
        assert!(none.after_revocation(Rank::Issuing).is_empty());
    }
}
