//! `docs/CONFORMANCE.md` claims nothing that is not there: every file and function it cites exists, and every clause has a test.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use sceau_tests::environment::project;

#[test]
fn a_citation_that_points_nowhere_is_named() -> Result<()> {
    let page = page()?;
    let mut sources = Sources::default();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (number, line) in lines(&page) {
        for cited in line.split('`').skip(1).step_by(2).filter(is_citation) {
            seen += 1;
            let (file, function) = match cited.split_once("::") {
                Some((file, function)) => (file, Some(function)),
                None => (cited, None),
            };
            let path = project().join(file);
            match function {
                None if path.exists() => {}
                Some(function) if sources.has_function(path, function) => {}
                _ => wrong.push(format!("line {number}: {cited}")),
            }
        }
    }
    ensure!(seen > 100, "only {seen} citations were found");
    ensure!(
        wrong.is_empty(),
        "not there any more, or never was:\n{}",
        wrong.join("\n")
    );
    Ok(())
}

#[test]
fn a_clause_without_a_test_is_named() -> Result<()> {
    let page = page()?;
    // Rows of tables with a column `test`; in "Not yet" there is none.
    let mut column = None;
    let mut rows = 0;
    let mut wrong = Vec::new();
    for (number, line) in lines(&page) {
        if !line.starts_with('|') {
            column = None;
            continue;
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        match column {
            None => column = Some(cells.iter().position(|cell| *cell == "test")),
            Some(_) if cells.iter().all(|cell| *cell == "---") => {}
            Some(Some(test)) => {
                rows += 1;
                if !cells.get(test).is_some_and(|cell| cell.contains("::")) {
                    wrong.push(format!("line {number}: {line}"));
                }
            }
            Some(None) => {}
        }
    }
    ensure!(rows > 50, "only {rows} clauses were found");
    ensure!(wrong.is_empty(), "no test is cited:\n{}", wrong.join("\n"));
    Ok(())
}

fn page() -> Result<String> {
    let path = project().join("docs/CONFORMANCE.md");
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// The lines with their numbers, as editors count them.
fn lines(page: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(page.lines())
}

/// Code spans that name a file or folder of the project, or a function in one.
fn is_citation(span: &&str) -> bool {
    let file = span.split("::").next().unwrap_or(span);
    file.contains('/') && !file.starts_with('/') && !file.contains([' ', '{', '*'])
}

/// Sources that were read already.
#[derive(Default)]
struct Sources(BTreeMap<PathBuf, String>);

impl Sources {
    fn has_function(&mut self, file: PathBuf, function: &str) -> bool {
        let source = self
            .0
            .entry(file.clone())
            .or_insert_with(|| std::fs::read_to_string(file).unwrap_or_default());
        source.contains(&format!("fn {function}("))
    }
}
