//! Progress on long work: on a terminal, on standard error, and only there.

use std::io::IsTerminal as _;

use cli_support::OutputArgs;
use indicatif::{ProgressBar, ProgressStyle};

/// A bar over the octets of a file, with a count beside it.
pub(super) fn over_file(octets: u64, output: &OutputArgs) -> ProgressBar {
    if !wanted(output) {
        return ProgressBar::hidden();
    }
    styled(
        ProgressBar::new(octets),
        "{bar:40} {percent}% {msg}, {eta} left",
    )
}

/// A count of things whose number nobody knows before.
pub(super) fn counting(output: &OutputArgs) -> ProgressBar {
    if !wanted(output) {
        return ProgressBar::hidden();
    }
    styled(
        ProgressBar::new_spinner(),
        "{spinner} {pos} entries, {per_sec}",
    )
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn wanted(output: &OutputArgs) -> bool {
    !output.quiet && !output.json && std::io::stderr().is_terminal()
}
