//! Cross-reference streams (ISO 32000-2, 7.5.8). Never encrypted (7.5.8.2).

use super::{Entry, Section};
use crate::load::{self, Lengths};
use crate::parser::Record;
use crate::reader::Reader;
use crate::{BudgetKind, Dict, Object, PdfError, XrefKind};

/// Reads the stream object at `offset`.
pub(super) fn read(
    reader: &Reader,
    base: u64,
    offset: u64,
    entries_left: &mut usize,
) -> Result<Section, PdfError> {
    let bad = |why| PdfError::Xref { offset, why };
    let indirect = reader.parse(offset, Record::Nothing, |parser| parser.indirect())?;
    // `/Length` is direct by rule; one that is not cannot be looked up yet.
    let loaded = load::complete(reader, indirect, Lengths::DirectOnly)?;
    let Object::Stream(stream) = &loaded.value else {
        return Err(bad("the object is no stream"));
    };
    if !stream.dict.is("Type", "XRef") && !stream.dict.contains("W") {
        return Err(bad("the stream is no cross-reference stream"));
    }
    let data = load::structure_data(reader, stream)?;
    let entries = entries(reader, base, &stream.dict, &data, entries_left)
        .ok_or_else(|| bad("its /W or /Index is unusable"))?;
    Ok(Section {
        offset,
        kind: XrefKind::Stream,
        entries: entries?,
        trailer: stream.dict.clone(),
        end: loaded.end,
    })
}

type Entries = Vec<(u32, Entry)>;

/// `None` where the dictionary makes no sense.
fn entries(
    reader: &Reader,
    base: u64,
    dict: &Dict,
    data: &[u8],
    entries_left: &mut usize,
) -> Option<Result<Entries, PdfError>> {
    let widths: Vec<usize> = numbers(dict.array("W")?)?;
    let &[kind_width, second, third, ..] = widths.as_slice() else {
        return None;
    };
    let row = widths
        .iter()
        .try_fold(0usize, |sum, &w| sum.checked_add(w))?;
    if row == 0 || widths.iter().any(|&w| w > 8) {
        return None;
    }
    let index: Vec<usize> = match dict.get("Index") {
        Some(index) => numbers(index.as_array()?)?,
        None => vec![0, usize::try_from(dict.integer("Size")?).ok()?],
    };
    let mut rows = data.chunks_exact(row);
    let mut entries = Vec::new();
    for pair in index.chunks_exact(2) {
        let &[start, count] = pair else { continue };
        // Rows that are missing are objects that are missing.
        for (number, row) in (start..start.checked_add(count)?).zip(rows.by_ref()) {
            let Some(left) = entries_left.checked_sub(1) else {
                return Some(Err(PdfError::budget(
                    BudgetKind::Objects,
                    reader.budgets.objects,
                )));
            };
            *entries_left = left;
            let (kind, rest) = row.split_at(kind_width);
            let (second, rest) = rest.split_at(second);
            let third = big_endian(rest.get(..third)?);
            let second = big_endian(second);
            let entry = match if kind_width == 0 { 1 } else { big_endian(kind) } {
                1 => Entry::InFile {
                    offset: base.saturating_add(second),
                    generation: u16::try_from(third).unwrap_or(u16::MAX),
                },
                2 => Entry::InStream {
                    stream: u32::try_from(second).ok()?,
                    index: u32::try_from(third).ok()?,
                },
                // Unknown kinds refer to null (7.5.8.3), as free ones do.
                _ => Entry::Free,
            };
            entries.push((u32::try_from(number).ok()?, entry));
        }
    }
    Some(Ok(entries))
}

fn numbers(array: &[Object]) -> Option<Vec<usize>> {
    array
        .iter()
        .map(|n| usize::try_from(n.as_integer()?).ok())
        .collect()
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |value, &byte| value << 8 | u64::from(byte))
}
