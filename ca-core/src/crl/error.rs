//! What can go wrong with a CRL, and what the operator can do about it.

use pki_asn1::UnixTime;
use pki_lint::Finding;

use super::CrlName;

/// Why a CRL was not issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CrlError {
    /// A value under `[crl]` that cannot be used.
    #[error("crl.{setting} = {value} cannot be used: {reason}")]
    Setting {
        /// The setting's name.
        setting: &'static str,
        /// What was written.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The authority has no such partition.
    #[error("{authority:?} has {}, and no partition {asked}", partitions(*.found))]
    Partition {
        /// Which CA.
        authority: String,
        /// What was asked for.
        asked: u32,
        /// How many there are.
        found: u32,
    },
    /// A delta where none are configured.
    #[error("no deltas are configured for {authority:?}")]
    NoDeltas {
        /// Which CA.
        authority: String,
    },
    /// A delta needs a complete CRL to start from.
    #[error("{authority:?} has published no complete CRL that a delta could start from")]
    NoBase {
        /// Which CA.
        authority: String,
    },
    /// The CA's last CRL was published.
    #[error("{authority:?} has published its last CRL, so none follows")]
    AfterLast {
        /// Which CA.
        authority: String,
    },
    /// The clock stands before the latest CRL.
    #[error("the latest {name} CRL of {authority:?} was issued on {this_update}, and it is {now}")]
    ClockBehind {
        /// Which CA.
        authority: String,
        /// Which CRL.
        name: CrlName,
        /// When the latest one was issued.
        this_update: UnixTime,
        /// The time by the CA's clock.
        now: UnixTime,
    },
    /// An algorithm that signs the whole message at once, and a message too large for that.
    #[error(
        "the CRL has {octets} octets, and {authority:?} signs with an algorithm that needs all of them at once, at most {limit}"
    )]
    TooLargeToSign {
        /// Which CA.
        authority: String,
        /// The length of the to-be-signed bytes.
        octets: u64,
        /// The most that is held in memory.
        limit: u64,
    },
    /// The temporary file that holds the entries until they are signed.
    #[error("the entries of the CRL cannot be kept in a temporary file")]
    Spool(#[source] std::io::Error),
    /// A rule of CRLs was broken; nothing was signed.
    #[error("the linter refuses this CRL: {}", join(.findings))]
    Refused {
        /// Each broken rule with its clause.
        findings: Vec<Finding>,
    },
}

impl CrlError {
    pub(super) fn setting(setting: &'static str, value: u32, reason: &'static str) -> Self {
        Self::Setting {
            setting,
            value: value.to_string(),
            reason,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Setting { .. } => "correct the table [crl] of sceau-ca.toml; docs/crl.md has a timing diagram".into(),
            Self::Partition { found: 0, .. } => "leave out --partition".into(),
            Self::Partition { found, .. } => format!("give a number from 1 to {found}"),
            Self::NoDeltas { .. } => "add a table [crl.delta] to sceau-ca.toml".into(),
            Self::NoBase { authority } => format!("publish one: sceau-ca crl --ca {authority}"),
            Self::AfterLast { .. } => {
                "an authority that was terminated stays so; its last CRL is valid for ever".into()
            }
            Self::ClockBehind { .. } => "check this machine's clock".into(),
            Self::TooLargeToSign { .. } => {
                "issue deltas, or let expired certificates leave CRLs (crl.expired = \"drop\"); a CA \
                 with so many certificates is better partitioned, or signs with ECDSA or RSA"
                    .into()
            }
            Self::Spool(_) => "check that the folder for temporary files (TMPDIR) has space".into(),
            Self::Refused { .. } => {
                "nothing was signed; this is a fault of this program or of the record: keep both and report it"
                    .into()
            }
        })
    }
}

fn partitions(found: u32) -> String {
    match found {
        0 => "one CRL for all certificates".to_owned(),
        n => format!("{n} partitions"),
    }
}

fn join(findings: &[Finding]) -> String {
    let texts: Vec<_> = findings.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
