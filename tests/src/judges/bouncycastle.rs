//! BouncyCastle's evidence records (`judges/Ers.java`): made by it, and judged by it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::environment::{bouncycastle_jars, project};
use crate::program::Call;

/// A record that BouncyCastle made.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its file.
    pub path: PathBuf,
    /// When it is to be judged.
    pub at: String,
    /// The data that it is about.
    pub data: Vec<PathBuf>,
}

/// Makes records of every shape in `folder`, with `root.pem`, under which their tokens were made.
///
/// # Errors
/// When Java or BouncyCastle fails.
pub fn make(folder: &Path) -> Result<Vec<Record>> {
    let outcome = java("make")?.arg(folder).run()?;
    ensure!(outcome.success(), "{outcome}");
    let plan = std::fs::read_to_string(folder.join("plan.tsv"))?;
    let record = |line: &str| {
        let mut fields = line.split('\t');
        let path = folder.join(fields.next()?);
        let at = fields.next()?.to_owned();
        let data = fields.map(|name| folder.join(name)).collect();
        Some(Record { path, at, data })
    };
    plan.lines()
        .map(|line| record(line).with_context(|| line.to_owned()))
        .collect()
}

/// Takes the self-issued certificates out of the tokens of `records` into `folder`.
///
/// # Errors
/// When Java or BouncyCastle fails.
pub fn anchors(folder: &Path, records: &[PathBuf]) -> Result<()> {
    let outcome = java("anchors")?.arg(folder).args(records).run()?;
    ensure!(outcome.success(), "{outcome}");
    Ok(())
}

/// What BouncyCastle says of each: nothing where it is valid, else why not.
///
/// # Errors
/// When Java fails.
pub fn check(records: &[Record]) -> Result<Vec<Option<String>>> {
    let mut lines = String::new();
    for record in records {
        lines.push_str(&format!("{}\t{}", record.path.display(), record.at));
        for data in &record.data {
            lines.push_str(&format!("\t{}", data.display()));
        }
        lines.push('\n');
    }
    let outcome = java("check")?.input(lines).run()?;
    ensure!(outcome.success(), "{outcome}");
    let said = outcome.out();
    let answers: Vec<_> = said
        .lines()
        .map(|line| (line != "valid").then(|| line.to_owned()))
        .collect();
    ensure!(answers.len() == records.len(), "{outcome}");
    Ok(answers)
}

fn java(command: &str) -> Result<Call> {
    let jars = bouncycastle_jars().context("BouncyCastle is not installed")?;
    let path: Vec<_> = jars.iter().map(|jar| jar.display().to_string()).collect();
    Ok(Call::new("java")
        .args(["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"])
        .args(["-cp", &path.join(":")])
        .arg(project().join("tests/judges/Ers.java"))
        .arg(command))
}
