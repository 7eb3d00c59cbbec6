//! Markdown: tables, and text that must not become markup.

/// Rows under a heading, ending with a line end. Cells are Markdown already.
pub(super) fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::from("|");
        for cell in cells {
            line.push(' ');
            line.push_str(cell);
            line.push_str(" |");
        }
        line.push('\n');
        line
    };
    let mut out = line(&mut columns.iter().copied());
    out += &line(&mut columns.iter().map(|_| "---"));
    for row in rows {
        out += &line(&mut row.iter().map(String::as_str));
    }
    out
}

/// As code. What could end it, or the cell, is replaced.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|"))
}

/// As text: what Markdown or HTML would read as markup is escaped.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
