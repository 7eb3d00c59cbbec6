//! The result: one row for each figure, printed as it is measured and at the end as a whole.

use std::path::Path;

use anyhow::{Context, Result, bail};

/// Rows of a Markdown table.
pub(crate) struct Table {
    rows: Vec<[String; 4]>,
}

const BEGIN: &str = "<!-- figures: written by `cargo xtask bench --write` -->";
const END: &str = "<!-- end of figures -->";

impl Table {
    pub(crate) fn new() -> Self {
        Self {
            rows: vec![["work", "who", "figure", "beside"].map(str::to_owned)],
        }
    }

    /// Adds a row: what was done, by whom, the figure with its unit, and its ratio to a peer or ceiling (may be empty).
    pub(crate) fn row(&mut self, work: &str, who: &str, figure: &str, beside: &str) {
        eprintln!("  {work}: {who}: {figure}  {beside}");
        self.rows
            .push([work, who, figure, beside].map(str::to_owned));
    }

    pub(crate) fn print(&self) {
        print!("\n{}\n{}", machine(), self.markdown());
    }

    /// Replaces the figures in `file`, between the two marks.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let (before, rest) = text
            .split_once(BEGIN)
            .with_context(|| format!("{} has no line {BEGIN}", file.display()))?;
        let Some((_, after)) = rest.split_once(END) else {
            bail!("{} has no line {END}", file.display())
        };
        std::fs::write(
            file,
            format!(
                "{before}{BEGIN}\n\n{}\n{}\n{END}{after}",
                machine(),
                self.markdown()
            ),
        )?;
        Ok(())
    }

    fn markdown(&self) -> String {
        let widths: Vec<usize> = (0..4)
            .map(|column| {
                self.rows
                    .iter()
                    .map(|row| row[column].chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            text += &format!("| {} |\n", cells.join(" | "));
            if index == 0 {
                let lines: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
                text += &format!("| {} |\n", lines.join(" | "));
            }
        }
        text
    }
}

/// One line about the machine, so that figures are not compared across machines by mistake.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |name| {
            name.trim_start_matches([' ', '\t', ':'])
        });
    format!(
        "Measured on {cores} cores of {model}; medians; load generator and program share the cores.\n"
    )
}
