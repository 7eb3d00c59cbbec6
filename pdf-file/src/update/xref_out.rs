//! The update's cross-reference section: table (ISO 32000-2, 7.5.4) or stream (7.5.8).

use std::collections::BTreeMap;

use super::Update;
use super::serialize::Serializer;
use crate::xref::Entry;
use crate::{Object, PdfError, Stream, XrefKind};

/// What a table has ten digits for.
const TABLE_LIMIT: u64 = 9_999_999_999;

/// Writes section, trailer, `startxref` and `%%EOF`. `written` are the update's own objects with
/// generation and offset in the file.
pub(super) fn write(
    update: &Update<'_>,
    out: &mut Serializer,
    written: BTreeMap<u32, (u16, u64)>,
) -> Result<(), PdfError> {
    let pdf = update.pdf;
    let base = pdf.chain.base;
    let latest = pdf.latest();
    let mut entries: BTreeMap<u32, Entry> = BTreeMap::new();
    let last = if pdf.is_recovered() {
        None
    } else {
        pdf.revisions().last()
    };
    if last.is_none() {
        entries.extend(
            pdf.chain
                .history
                .in_force(latest)
                .map(|(number, _, entry)| (number, entry)),
        );
        entries.insert(0, Entry::Free);
    }
    entries.extend(
        written
            .into_iter()
            .map(|(number, (generation, offset))| (number, Entry::InFile { offset, generation })),
    );
    let compressed = entries
        .values()
        .any(|entry| matches!(entry, Entry::InStream { .. }));
    let as_stream = last.is_some_and(|last| last.xref_kind == XrefKind::Stream)
        || compressed
        || out.offset().saturating_sub(base) > TABLE_LIMIT;

    let at = out.offset();
    let mut trailer = update.trailer.clone();
    let mut next = update.next;
    if as_stream {
        entries.insert(
            next,
            Entry::InFile {
                offset: at,
                generation: 0,
            },
        );
        next += 1;
    }
    trailer.set("Size", i64::from(next));
    if let Some(last) = last {
        let previous = last.startxref.saturating_sub(base);
        trailer.set("Prev", i64::try_from(previous).unwrap_or(i64::MAX));
    }
    if as_stream {
        let id = crate::ObjId::new(next - 1, 0);
        trailer.set("Type", Object::name("XRef"));
        let rows = Rows::new(&entries, base);
        trailer.set("W", rows.widths());
        trailer.set("Index", index(&entries));
        let mut stream = Stream::deflated(trailer, &rows.bytes);
        if let crate::StreamData::Owned(data) = &stream.data {
            stream
                .dict
                .set("Length", i64::try_from(data.len()).unwrap_or(i64::MAX));
        }
        out.indirect(id, &Object::from(stream))?;
    } else {
        table(out, &entries, base);
        out.text("trailer\n");
        out.dict(&trailer)?;
        out.text("\n");
    }
    out.text(&format!("startxref\n{}\n%%EOF\n", at - base));
    Ok(())
}

/// Runs of consecutive numbers.
fn runs(entries: &BTreeMap<u32, Entry>) -> Vec<(u32, Vec<Entry>)> {
    let mut runs: Vec<(u32, Vec<Entry>)> = Vec::new();
    for (&number, &entry) in entries {
        match runs.last_mut() {
            Some((first, run)) if u64::from(*first) + run.len() as u64 == u64::from(number) => {
                run.push(entry)
            }
            _ => runs.push((number, vec![entry])),
        }
    }
    runs
}

fn table(out: &mut Serializer, entries: &BTreeMap<u32, Entry>, base: u64) {
    out.text("xref\n");
    for (first, run) in runs(entries) {
        out.text(&format!("{first} {}\n", run.len()));
        for entry in run {
            let line = match entry {
                Entry::InFile { offset, generation } if offset >= base => {
                    format!("{:010} {generation:05} n \n", offset - base)
                }
                _ => "0000000000 65535 f \n".to_owned(),
            };
            out.text(&line);
        }
    }
}

fn index(entries: &BTreeMap<u32, Entry>) -> Vec<Object> {
    let pairs = runs(entries)
        .into_iter()
        .map(|(first, run)| (i64::from(first), run.len() as i64));
    pairs
        .flat_map(|(first, count)| [Object::Integer(first), Object::Integer(count)])
        .collect()
}

/// The rows of a cross-reference stream.
struct Rows {
    bytes: Vec<u8>,
    second: usize,
    third: usize,
}

impl Rows {
    fn new(entries: &BTreeMap<u32, Entry>, base: u64) -> Self {
        let rows: Vec<(u8, u64, u64)> = entries
            .values()
            .map(|entry| match *entry {
                Entry::InFile { offset, generation } if offset >= base => {
                    (1, offset - base, u64::from(generation))
                }
                Entry::InStream { stream, index } => (2, u64::from(stream), u64::from(index)),
                _ => (0, 0, 65_535),
            })
            .collect();
        let width = |values: &mut dyn Iterator<Item = u64>| {
            let highest = values.max().unwrap_or(0);
            (1..8)
                .find(|&bytes| highest >> (8 * bytes) == 0)
                .unwrap_or(8)
        };
        let second = width(&mut rows.iter().map(|row| row.1));
        let third = width(&mut rows.iter().map(|row| row.2));
        let mut bytes = Vec::with_capacity(rows.len() * (1 + second + third));
        for (kind, a, b) in rows {
            bytes.push(kind);
            bytes.extend(a.to_be_bytes().iter().skip(8 - second));
            bytes.extend(b.to_be_bytes().iter().skip(8 - third));
        }
        Self {
            bytes,
            second,
            third,
        }
    }

    fn widths(&self) -> Vec<Object> {
        [1, self.second, self.third]
            .iter()
            .map(|&w| Object::Integer(w as i64))
            .collect()
    }
}
