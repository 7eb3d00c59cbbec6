//! Paths in the manner of NIST's PKITS, over authorities that the real programs made: each case is a certificate, what
//! accompanies it, and the verdict, which `openssl verify` and `sceau verify-path` must both reach, for the same reason.
//!
//! What our CA would never sign (a CA below an issuing CA, a certificate signed with a seal) is forged here with openssl and the
//! CA's own key, so that the relying party's side is tried too.

mod authorities;
mod cases;
mod judges;

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use sceau_tests::Backend;
use sceau_tests::environment::{Need, available};
use sceau_tests::hierarchy::{Office, Published};
use tempfile::TempDir;

use self::judges::Judge;

/// The policy of the company seal below our arc, as docs/profiles.md numbers it.
const SEAL_POLICY: &str = "4.1";

#[test]
fn every_path_has_the_verdict_of_openssl_and_of_the_table() -> Result<()> {
    if !available(&[Need::Tool("openssl")]) {
        return Ok(());
    }
    let folder = TempDir::with_prefix("sceau-")?;
    let office = Office::open(folder.path(), Backend::KeyFile, Published::PublicName)?;
    authorities::build(&office)?;
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in cases::all() {
        ensure!(names.insert(case.name), "two cases {}", case.name);
        for judge in [Judge::Openssl, Judge::Sceau] {
            let said = judge.verdict(&office, &case)?;
            let right = match case.verdict {
                Verdict::Accepted => said.accepted,
                Verdict::Refused { openssl, sceau } => {
                    let reason = match judge {
                        Judge::Openssl => openssl,
                        Judge::Sceau => sceau,
                    };
                    !said.accepted && said.text.contains(reason)
                }
            };
            if !right {
                wrong.push(format!(
                    "{} ({judge:?}), expected {:?}: {}",
                    case.name, case.verdict, said.text
                ));
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// A certificate, what accompanies it, and what both judges must say.
struct Case {
    name: &'static str,
    target: &'static str,
    intermediates: &'static [&'static str],
    /// Every certificate's status must be known from these; where there are none, nobody asks.
    crls: &'static [&'static str],
    /// Days from now.
    after_days: u64,
    policies: Policies,
    verdict: Verdict,
}

/// The four settings of RFC 5280 section 6.1.1 that a relying party has.
#[derive(Clone, Copy, Default)]
struct Policies {
    /// Of the user-initial-policy-set, one: below our arc, or whole.
    wanted: Option<&'static str>,
    explicit: bool,
    no_mapping: bool,
    no_any: bool,
}

#[derive(Clone, Copy, Debug)]
enum Verdict {
    Accepted,
    /// With this in each judge's reason.
    Refused {
        openssl: &'static str,
        sceau: &'static str,
    },
}
