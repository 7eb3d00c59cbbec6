//! Tells the demo: once on the terminal, once as `transcript.md`, with the same words.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use sceau_tests::{Call, Outcome};

use crate::terminal;

/// Both forms of the story so far.
pub(crate) struct Story {
    markdown: String,
    chapter: usize,
    started: Instant,
}

/// How much of a program's output belongs to the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// Only the command.
    Command,
    /// The command and what it printed.
    Output,
}

impl Story {
    pub(crate) fn new(title: &str) -> Self {
        println!("\n{}", terminal::bold(title));
        Self {
            markdown: format!("# {title}\n"),
            chapter: 0,
            started: Instant::now(),
        }
    }

    /// Opens the next chapter.
    pub(crate) fn chapter(&mut self, title: &str) {
        self.chapter += 1;
        let heading = format!("{}. {title}", self.chapter);
        println!("\n{}", terminal::bold(&heading));
        let _ = write!(self.markdown, "\n## {heading}\n");
    }

    /// A paragraph, wrapped for a terminal.
    pub(crate) fn say(&mut self, text: &str) {
        for line in wrap(text, 96) {
            println!("   {line}");
        }
        let _ = write!(self.markdown, "\n{text}\n");
    }

    /// A command line, for people who repeat the step; nothing is run.
    pub(crate) fn command(&mut self, line: &str) {
        println!("   {}", terminal::dim(&format!("$ {line}")));
        let _ = write!(self.markdown, "\n```console\n$ {line}\n```\n");
    }

    /// Runs a call that must succeed.
    pub(crate) fn run(&mut self, call: &Call, show: Show) -> Result<Outcome> {
        self.run_expecting(call, show, &[0])
    }

    /// Runs a call that must end with one of these statuses.
    pub(crate) fn run_expecting(
        &mut self,
        call: &Call,
        show: Show,
        statuses: &[i32],
    ) -> Result<Outcome> {
        let line = call.command_line();
        println!("   {}", terminal::dim(&format!("$ {line}")));
        let outcome = call.run()?;
        if outcome.hung || !outcome.code.is_some_and(|code| statuses.contains(&code)) {
            anyhow::bail!(
                "the demo cannot go on, because this did not do what it should:\n\n{outcome}"
            );
        }
        let output = outcome.text();
        let _ = write!(self.markdown, "\n```console\n$ {line}\n");
        if show == Show::Output {
            for line in output.lines() {
                println!("     {}", verdict_colours(line));
            }
            self.markdown += output.trim_end();
            self.markdown.push('\n');
        }
        self.markdown += "```\n";
        Ok(outcome)
    }

    /// A table; the first row is its heading.
    pub(crate) fn table(&mut self, rows: &[Vec<String>]) {
        let columns = rows.first().map_or(0, Vec::len);
        let width = |column: usize| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        self.markdown.push('\n');
        for (index, row) in rows.iter().enumerate() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let _ = write!(line, "{cell:<width$}  ");
            }
            let line = line.trim_end();
            println!(
                "   {}",
                if index == 0 {
                    terminal::bold(line)
                } else {
                    verdict_colours(line)
                }
            );
            let _ = writeln!(self.markdown, "| {} |", row.join(" | "));
            if index == 0 {
                let _ = writeln!(self.markdown, "|{}", " --- |".repeat(columns));
            }
        }
    }

    /// Seconds since the story began.
    pub(crate) fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Writes the transcript.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        std::fs::write(path, &self.markdown)
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Colours the three words that a reader looks for.
fn verdict_colours(line: &str) -> String {
    line.replace("TOTAL-PASSED", &terminal::green("TOTAL-PASSED"))
        .replace("TOTAL-FAILED", &terminal::red("TOTAL-FAILED"))
        .replace("INDETERMINATE", &terminal::yellow("INDETERMINATE"))
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let current = lines.last().map_or(0, |line| line.chars().count());
        if current > 0 && current + 1 + word.chars().count() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
