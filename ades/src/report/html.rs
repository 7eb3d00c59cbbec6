//! The report as one HTML file: no scripts, nothing fetched, readable on a screen, on paper and aloud.
//!
//! What comes from strangers is text and nothing else: it is escaped, and a policy in the head forbids
//! whatever might come through all the same.

use std::io::{self, Write};

use super::page::{Page, Part, Row, Tone};

/// Dark on light and light on dark alike at 4.5 to 1 or more (WCAG 2.1, 1.4.3); nothing is said by colour
/// alone.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,\"Noto Sans\",\"DejaVu Sans\",sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c;background:#fff}\
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:0 0 .75rem;overflow-wrap:anywhere}\
.file{overflow-wrap:anywhere;margin:0 0 1rem;color:#444}\
.verdict{font-size:1.15rem;font-weight:700;padding:.75rem 1rem;border-left:.5rem solid;margin:0 0 1.5rem}\
section{border:1px solid #b5b5b5;border-left-width:.5rem;border-radius:.25rem;padding:1rem 1.25rem;margin:0 0 1.25rem}\
dl{display:grid;grid-template-columns:minmax(8rem,12rem) 1fr;gap:.4rem 1rem;margin:0}\
dt{font-weight:600;color:#444}dd{margin:0;overflow-wrap:anywhere;border-left:.2rem solid transparent;padding-left:.5rem}dd p,.notes p{margin:0}.notes{margin:0 0 1.25rem;overflow-wrap:anywhere}footer p{overflow-wrap:anywhere}\
.good{border-left-color:#1b6e3c;color:inherit}.doubtful{border-left-color:#8a5a00}.bad{border-left-color:#a61b1b}\
dd.good{border-left-color:#1b6e3c}dd.doubtful{border-left-color:#8a5a00}dd.bad{border-left-color:#a61b1b;font-weight:600}\
footer{font-size:.875rem;color:#555;border-top:1px solid #b5b5b5;padding-top:.75rem}\
@media(max-width:36rem){dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .5rem}}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}dt,.file,footer{color:#c8c8c8}\
.good,dd.good{border-left-color:#57c785}.doubtful,dd.doubtful{border-left-color:#e0a93b}.bad,dd.bad{border-left-color:#ff7b72}}\
@media print{:root{color-scheme:light}body{max-width:none;margin:0;font-size:10pt;color:#000;background:#fff}section{break-inside:auto}h2{break-after:avoid}dt,dd{break-inside:avoid}\
dt,.file,footer{color:#222}@page{size:A4;margin:18mm}}";

impl Page {
    /// Writes the page as HTML.
    ///
    /// # Errors
    /// Where `out` fails.
    pub fn write_html(&self, out: &mut dyn Write) -> io::Result<()> {
        let title = format!("{}: {}", self.title, self.file);
        write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n",
            self.language.tag(),
            escape(&title)
        )?;
        writeln!(out, "<h1>{}</h1>", escape(&self.title))?;
        writeln!(
            out,
            "<p class=\"file\"><bdi>{}</bdi></p>",
            escape(&self.file)
        )?;
        writeln!(
            out,
            "<p class=\"verdict {}\">{}</p>",
            class(self.tone),
            escape(&self.headline)
        )?;
        if !self.notes.is_empty() {
            out.write_all(b"<div class=\"notes\">\n")?;
            for row in &self.notes {
                lines(out, row)?;
            }
            out.write_all(b"</div>\n")?;
        }
        for (index, part) in self.parts.iter().enumerate() {
            section(out, index + 1, part)?;
        }
        write!(
            out,
            "</main>\n<footer><p>{}</p></footer>\n</body>\n</html>\n",
            escape(&self.colophon)
        )
    }
}

fn section(out: &mut dyn Write, number: usize, part: &Part) -> io::Result<()> {
    writeln!(
        out,
        "<section class=\"{}\" aria-labelledby=\"part-{number}\">\n<h2 id=\"part-{number}\">{}</h2>",
        class(part.tone),
        escape(&part.heading)
    )?;
    let mut listed = false;
    for row in &part.rows {
        if row.label.is_empty() {
            if listed {
                out.write_all(b"</dl>\n")?;
                listed = false;
            }
            lines(out, row)?;
            continue;
        }
        if !listed {
            out.write_all(b"<dl>\n")?;
            listed = true;
        }
        write!(
            out,
            "<dt>{}</dt><dd class=\"{}\">",
            escape(&row.label),
            class(row.tone)
        )?;
        match row.lines.as_slice() {
            [one] => write!(out, "<bdi>{}</bdi>", escape(one))?,
            _ => lines(out, row)?,
        }
        out.write_all(b"</dd>\n")?;
    }
    if listed {
        out.write_all(b"</dl>\n")?;
    }
    out.write_all(b"</section>\n")
}

fn lines(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    for line in &row.lines {
        writeln!(out, "<p><bdi>{}</bdi></p>", escape(line))?;
    }
    Ok(())
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "plain",
        Tone::Good => "good",
        Tone::Doubtful => "doubtful",
        Tone::Bad => "bad",
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
