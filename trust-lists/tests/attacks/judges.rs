//! Those who are asked too, and the page that says where they differ.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sceau_tests::environment::{self, project, skipped};
use sceau_tests::program::Call;

use crate::base::Base;
use crate::support::has;

/// What signxml says of all of them: what was signed, or nothing.
pub(crate) fn signxml(
    python: &std::path::Path,
    base: &Base,
    documents: &[Vec<u8>],
) -> Vec<Result<Vec<u8>, String>> {
    let judge = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/verify.py");
    let input: String = documents
        .iter()
        .map(|d| STANDARD.encode(d) + "\n")
        .collect();
    let answers = Call::new(python)
        .arg(judge)
        .arg(base.operator.pem())
        .input(input)
        .succeed()
        .unwrap()
        .out();
    let answers: Vec<_> = answers
        .lines()
        .map(|line| match line.strip_prefix("no ") {
            Some(why) => Err(why.to_owned()),
            None => Ok(STANDARD.decode(line).unwrap()),
        })
        .collect();
    assert_eq!(answers.len(), documents.len());
    answers
}

/// The rows of the table in docs/DIVERGENCES.md: who accepts what, and that the rows are those that there are.
pub(crate) fn compare(title: &str, happened: &BTreeMap<String, &'static str>) {
    let page = std::fs::read_to_string(project().join("docs/DIVERGENCES.md")).unwrap();
    let section = page.split("\n## ").find(|s| s.starts_with(title)).unwrap();
    let rows: BTreeMap<String, String> = section
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, name, who, _, _] = cells.as_slice() else {
                return None;
            };
            (!name.starts_with("---") && *name != "case")
                .then(|| ((*name).to_owned(), (*who).to_owned()))
        })
        .collect();
    let happened: BTreeMap<String, String> = happened
        .iter()
        .map(|(k, v)| (k.clone(), (*v).to_owned()))
        .collect();
    assert_eq!(happened, rows, "docs/DIVERGENCES.md, {title}");
}

pub(crate) fn python() -> Option<std::path::PathBuf> {
    let python = environment::python();
    if python.is_none() {
        skipped("no Python with signxml");
    }
    python.filter(|_| has("xmlsec1"))
}
