//! Colours on a terminal, plain text everywhere else (and under `NO_COLOR`).

use std::io::IsTerminal;

fn coloured(code: &str, text: &str) -> String {
    let colours = std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if colours {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// For headings.
pub(crate) fn bold(text: &str) -> String {
    coloured("1", text)
}

/// For commands and asides.
pub(crate) fn dim(text: &str) -> String {
    coloured("2", text)
}

/// For what is right.
pub(crate) fn green(text: &str) -> String {
    coloured("32", text)
}

/// For what is wrong.
pub(crate) fn red(text: &str) -> String {
    coloured("31", text)
}

/// For what is not known or not done.
pub(crate) fn yellow(text: &str) -> String {
    coloured("33", text)
}
