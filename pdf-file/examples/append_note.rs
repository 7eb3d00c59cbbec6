//! Appends a note to a PDF: `append_note IN OUT`. The smallest use of the update writer, and a
//! handle for trying out what other readers make of its output.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;

use pdf_file::{Dict, FileSource, Object, OpenOptions, PdfFile, Update};

fn main() -> Result<(), Box<dyn Error>> {
    let [input, output] = std::env::args_os()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "append_note IN OUT")?;
    let pdf = PdfFile::open(Arc::new(FileSource::open(&input)?), OpenOptions::new())?;
    let mut update = Update::new(&pdf)?;
    let note = update.add(Dict::new().with("Note", Object::text("noted")));
    let root = pdf
        .trailer(pdf.latest())
        .reference("Root")
        .ok_or("no catalog")?;
    let mut catalog = update
        .object(root)?
        .as_dict()
        .cloned()
        .ok_or("no catalog")?;
    catalog.set("SceauNote", note);
    update.set(root, catalog);
    let appended = update.finish()?;
    std::fs::copy(&input, &output)?;
    std::fs::OpenOptions::new()
        .append(true)
        .open(&output)?
        .write_all(appended.bytes())?;
    Ok(())
}
