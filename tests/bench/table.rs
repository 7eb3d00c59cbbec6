//! The result: one row for each figure, printed as it is measured and at the end as a whole, one table for each part.

use std::path::Path;

use anyhow::{Context, Result, bail};

/// Tables in Markdown, one for each part that was measured.
pub(crate) struct Table {
    parts: Vec<Part>,
}

/// One table.
struct Part {
    name: &'static str,
    rows: Vec<[String; 4]>,
}

const BEGIN: &str = "<!-- figures: written by `cargo xtask bench --write` -->";
const END: &str = "<!-- end of figures -->";

impl Table {
    pub(crate) fn new() -> Self {
        Self { parts: Vec::new() }
    }

    /// The rows from here on belong to this part.
    pub(crate) fn part(&mut self, name: &'static str) {
        self.parts.push(Part {
            name,
            rows: vec![["work", "who", "figure", "beside"].map(str::to_owned)],
        });
    }

    /// Adds a row: what was done, by whom, the figure with its unit, and its ratio to a peer or ceiling (may be empty).
    pub(crate) fn row(&mut self, work: &str, who: &str, figure: &str, beside: &str) {
        eprintln!("  {work}: {who}: {figure}  {beside}");
        if let Some(part) = self.parts.last_mut() {
            part.rows
                .push([work, who, figure, beside].map(str::to_owned));
        }
    }

    pub(crate) fn print(&self) {
        for part in &self.parts {
            print!("\n{}", part.section());
        }
    }

    /// Puts the tables of the parts that were measured into `file`, between the two marks; those of other parts stay.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let (before, rest) = text
            .split_once(BEGIN)
            .with_context(|| format!("{} has no line {BEGIN}", file.display()))?;
        let Some((figures, after)) = rest.split_once(END) else {
            bail!("{} has no line {END}", file.display())
        };
        let figures = self.merged(figures);
        std::fs::write(file, format!("{before}{BEGIN}\n\n{figures}\n{END}{after}"))?;
        Ok(())
    }

    /// The sections that were there, each in its place, with the new ones instead of their older selves or at the end.
    fn merged(&self, figures: &str) -> String {
        let mut sections: Vec<(String, String)> = figures
            .split("\n### ")
            .skip(1)
            .filter_map(|section| {
                let (name, _) = section.split_once('\n')?;
                Some((name.to_owned(), format!("### {}\n", section.trim_end())))
            })
            .collect();
        for part in &self.parts {
            match sections.iter_mut().find(|(name, _)| name == part.name) {
                Some((_, section)) => *section = part.section(),
                None => sections.push((part.name.to_owned(), part.section())),
            }
        }
        let texts: Vec<String> = sections.into_iter().map(|(_, section)| section).collect();
        texts.join("\n")
    }
}

impl Part {
    fn section(&self) -> String {
        format!("### {}\n\n{}\n{}", self.name, machine(), self.markdown())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measuring_one_part_again_leaves_the_others_as_they_were() {
        let old = "\n\n### sign\n\nOld machine.\n\n| work |\n\n### ocsp\n\n| stays |\n\n";
        let mut table = Table::new();
        table.part("sign");
        table.row("a document", "sceau sign", "1 ms", "");
        table.part("lint");
        let merged = table.merged(old);
        let places: Vec<Option<usize>> = [
            "### sign",
            "a document",
            "### ocsp\n\n| stays |\n",
            "### lint",
        ]
        .iter()
        .map(|text| merged.find(text))
        .collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{merged}"
        );
        assert!(!merged.contains("Old machine"), "{merged}");
    }
}
