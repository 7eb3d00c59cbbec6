//! `sceau verify --report json`, as a stranger reads it: the fields of schema `sceau.verify/1` that the suites and the demo use.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::environment::sceau_program;
use crate::program::{Call, Outcome};

/// One report.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyReport {
    /// Always `sceau.verify/1`.
    pub schema: String,
    /// The indication over all signatures.
    pub indication: Option<String>,
    /// The signatures, oldest first.
    pub signatures: Vec<SignatureReport>,
}

/// One signature of a report.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureReport {
    /// Name of the PDF field.
    pub field: Option<String>,
    /// `B-B`, `B-T`, ...
    pub level: Option<String>,
    /// `TOTAL-PASSED`, `INDETERMINATE` or `TOTAL-FAILED`.
    pub indication: String,
    /// Why not passed.
    pub sub_indication: Option<String>,
    /// Purely cryptographic integrity.
    pub intact: bool,
    /// `whole-file`, `whole-revision`, `partial`, `unclear`.
    pub coverage: Option<String>,
    /// What was changed after this signature.
    pub modifications: Option<String>,
    /// Time that is proven for the signature.
    pub best_signature_time: Option<String>,
    /// Who signed.
    pub signer: Option<SignerReport>,
}

/// The signer of a report.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignerReport {
    /// Subject name, RFC 4514.
    pub subject: Option<String>,
    /// EN 319 412-1 identifier of the organisation.
    pub organization_identifier: Option<String>,
}

/// A `sceau verify --report json` call of `file` under `trust`; add options before it runs.
///
/// # Errors
/// When `sceau` is not built.
pub fn verify_call(file: &Path, trust: &[PathBuf]) -> Result<Call> {
    let mut call = sceau_program("sceau")?
        .arg("verify")
        .arg(file)
        .args(["--report", "json"]);
    for anchor in trust {
        call = call.arg("--trust").arg(anchor);
    }
    Ok(call)
}

impl VerifyReport {
    /// Runs `call` and reads its report, whatever the indication.
    ///
    /// # Errors
    /// When the program prints no report.
    pub fn of(call: &Call) -> Result<(Self, Outcome)> {
        let outcome = call.run()?;
        let report = serde_json::from_slice(&outcome.stdout)
            .with_context(|| format!("no report: {outcome}"))?;
        Ok((report, outcome))
    }

    /// The report of `file` under `trust`, checked online.
    ///
    /// # Errors
    /// As [`VerifyReport::of`].
    pub fn online(file: &Path, trust: &[PathBuf]) -> Result<Self> {
        Self::of(&verify_call(file, trust)?).map(|(report, _)| report)
    }

    /// The indications in order, for comparison in one line.
    pub fn indications(&self) -> Vec<&str> {
        self.signatures
            .iter()
            .map(|signature| signature.indication.as_str())
            .collect()
    }
}
