//! The report in words, for a terminal.

use core::fmt::Write as _;

use super::Report;
use super::language::Language;
use super::page::{Page, Row, Times};

pub(super) fn render(report: &Report) -> String {
    let page = Page::new(report, Times::Rfc3339);
    let colon = match page.language {
        Language::English => ":",
        Language::French => "\u{a0}:",
    };
    // Short labels in a column; a long one takes what it needs.
    let column = match page.language {
        Language::English => 14,
        Language::French => 18,
    };
    let mut out = format!("{}{colon} {}\n", page.file, page.headline);
    for row in &page.notes {
        line(&mut out, "", row, colon, column);
    }
    for part in &page.parts {
        // Writing to a `String` does not fail.
        let _ = writeln!(out, "\n{}", part.heading);
        for row in &part.rows {
            line(&mut out, "  ", row, colon, column);
        }
    }
    out
}

fn line(out: &mut String, indent: &str, row: &Row, colon: &str, column: usize) {
    let mut lines = row.lines.iter();
    if row.label.is_empty() {
        for line in lines {
            let _ = writeln!(out, "{indent}{line}");
        }
        return;
    }
    let label = format!("{}{colon}", row.label);
    match label.chars().count() < column {
        true => {
            let first = lines.next().map_or("", String::as_str);
            let _ = writeln!(out, "{indent}{label:<column$}{first}");
        }
        // A heading of its own where more follows.
        false if row.lines.len() != 1 => {
            let _ = writeln!(out, "{indent}{label}");
            for line in lines {
                let step = if line.ends_with(':') { 2 } else { 4 };
                let _ = writeln!(out, "{indent}{:step$}{line}", "");
            }
            return;
        }
        false => {
            let first = lines.next().map_or("", String::as_str);
            let _ = writeln!(out, "{indent}{label} {first}");
        }
    }
    for line in lines {
        let _ = writeln!(out, "{indent}{:column$}{line}", "");
    }
}
