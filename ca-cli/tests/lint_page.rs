//! The table of `docs/lint.md` is what the program prints.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn the_page_has_every_rule_as_the_program_lists_it() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/lint.md");
    let page = std::fs::read_to_string(page).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sceau-ca"))
        .args(["lint", "--rules"])
        .output()
        .unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && table.lines().count() > 300);
    assert!(
        page.contains(&table),
        "docs/lint.md is out of date: replace its table by what `sceau-ca lint --rules` prints"
    );
}
