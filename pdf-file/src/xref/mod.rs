//! Cross-reference data (ISO 32000-2, 7.5.4 to 7.5.8): from `startxref` down the `/Prev` chain to
//! the history of every object number.

pub(crate) mod history;
pub(crate) mod recover;
mod stream;
mod table;

use std::collections::HashSet;

use crate::parser::Record;
use crate::reader::{Reader, find_bytes, rfind_bytes};
use crate::{Ambiguity, BudgetKind, Dict, PdfError, Revision, RevisionId, XrefKind};
use history::History;

/// Where a section says that an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Free,
    /// `offset` counts from the first byte of the file.
    InFile {
        offset: u64,
        generation: u16,
    },
    InStream {
        stream: u32,
        index: u32,
    },
}

/// One table or stream. Entries are as written: several may be for one number.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) offset: u64,
    pub(crate) kind: XrefKind,
    pub(crate) entries: Vec<(u32, Entry)>,
    pub(crate) trailer: Dict,
    /// Offset of the byte after the trailer dictionary, or after the stream object.
    pub(crate) end: u64,
}

/// The chain as read, or as recovered.
#[derive(Debug)]
pub(crate) struct Chain {
    /// What offsets in the file count from: the header, or the first byte where a file with bytes
    /// before its header counts from there nevertheless.
    pub(crate) base: u64,
    pub(crate) revisions: Vec<Revision>,
    pub(crate) history: History,
    /// What had to be overlooked.
    pub(crate) damage: Option<String>,
    /// What other readers may take otherwise.
    pub(crate) ambiguities: Vec<Ambiguity>,
}

/// Ambiguities kept: one is enough to doubt a file.
const AMBIGUITIES: usize = 100;

/// How far off an offset in the file may be and still be understood.
const NEARBY: u64 = 64;

/// Reads the chain that the last `startxref` begins.
pub(crate) fn read(reader: &Reader, header: u64) -> Result<Chain, PdfError> {
    let startxref = find_startxref(reader)?;
    let mut bases = vec![header];
    if header != 0 {
        bases.push(0);
    }
    let mut first_error = None;
    for base in bases {
        match read_from(reader, base, startxref) {
            Ok(mut chain) => {
                let other = if base == 0 { header } else { 0 };
                if other != base && begins_section(reader, other.saturating_add(startxref))? {
                    chain.ambiguities.push(Ambiguity::TwoBeginnings);
                }
                return Ok(chain);
            }
            Err(error @ (PdfError::Budget { .. } | PdfError::Io { .. })) => return Err(error),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or(PdfError::Xref {
        offset: startxref,
        why: "there is none",
    }))
}

/// Whether a section begins exactly there.
fn begins_section(reader: &Reader, offset: u64) -> Result<bool, PdfError> {
    if offset >= reader.len() {
        return Ok(false);
    }
    let window = reader.read(offset..offset.saturating_add(64))?;
    let text = window.trim_ascii_start();
    let mut words = text.split(|b| b.is_ascii_whitespace());
    let numbered = text.first().is_some_and(u8::is_ascii_digit) && words.nth(2) == Some(b"obj");
    Ok(text.starts_with(b"xref") || numbered)
}

/// The value of the last `startxref` (7.5.5), looked for further and further from the end.
fn find_startxref(reader: &Reader) -> Result<u64, PdfError> {
    let len = reader.len();
    for tail in [1024, 4096, 64 << 10] {
        let start = len.saturating_sub(tail);
        let bytes = reader.read(start..len)?;
        if let Some(at) = rfind_bytes(&bytes, b"startxref") {
            let offset = start + at as u64;
            let digits = bytes.get(at + 9..).and_then(leading_number);
            return digits.ok_or(PdfError::Xref {
                offset,
                why: "`startxref` without a number",
            });
        }
        if start == 0 {
            break;
        }
    }
    Err(PdfError::Xref {
        offset: len,
        why: "no `startxref` near the end of the file",
    })
}

/// A decimal number after white space.
fn leading_number(bytes: &[u8]) -> Option<u64> {
    let text = bytes.trim_ascii_start();
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    std::str::from_utf8(text.get(..digits)?).ok()?.parse().ok()
}

fn read_from(reader: &Reader, base: u64, startxref: u64) -> Result<Chain, PdfError> {
    let mut damage = None;
    let mut sections: Vec<Vec<Section>> = Vec::new();
    let mut seen = HashSet::new();
    let mut entries_left = reader.budgets.objects;
    let mut next = Some(startxref);
    while let Some(relative) = next.take() {
        let offset = base.saturating_add(relative);
        if !seen.insert(offset) {
            return Err(PdfError::Xref {
                offset,
                why: "the chain of sections leads back to it",
            });
        }
        if seen.len() > reader.budgets.xref_sections {
            return Err(PdfError::budget(
                BudgetKind::XrefSections,
                reader.budgets.xref_sections,
            ));
        }
        let section = read_section(reader, base, offset, &mut entries_left)?;
        seen.insert(section.offset);
        next = previous(&section.trailer);
        let mut group = Vec::new();
        if section.kind == XrefKind::Table
            && let Some(relative) = section
                .trailer
                .integer("XRefStm")
                .and_then(|n| u64::try_from(n).ok())
        {
            // Readers that know only tables never look at it, so damage there is no reason to give up.
            match stream::read(
                reader,
                base,
                base.saturating_add(relative),
                &mut entries_left,
            ) {
                Ok(hidden) => group.push(hidden),
                Err(error @ (PdfError::Budget { .. } | PdfError::Io { .. })) => return Err(error),
                Err(_) => {
                    damage = Some(format!("no cross-reference stream at /XRefStm {relative}"))
                }
            }
        }
        group.insert(0, section);
        sections.push(group);
    }
    join_linearized(reader, base, &mut sections)?;
    sections.reverse();
    let mut revisions = Vec::with_capacity(sections.len());
    let mut history = history::Builder::default();
    let mut ambiguities = Vec::new();
    for (index, group) in sections.into_iter().enumerate() {
        let id = RevisionId(index);
        revisions.push(describe(reader, base, id, &group)?);
        history.revision(merge(id, group, &mut ambiguities));
    }
    inherit_root(&mut revisions);
    Ok(Chain {
        base,
        revisions,
        history: history.build(),
        damage,
        ambiguities,
    })
}

/// `/Prev` (table 15). Zero is how some writers say that there is none.
fn previous(trailer: &Dict) -> Option<u64> {
    let value = trailer.get("Prev")?.as_number()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (value >= 1.0).then_some(value as u64)
}

/// A section at `offset` or, where there is none, close by.
fn read_section(
    reader: &Reader,
    base: u64,
    offset: u64,
    entries_left: &mut usize,
) -> Result<Section, PdfError> {
    if offset >= reader.len() {
        return Err(PdfError::Xref {
            offset,
            why: "the offset is beyond the end of the file",
        });
    }
    let window = reader.read(offset..offset.saturating_add(64))?;
    let text = window.trim_ascii_start();
    let skipped = (window.len() - text.len()) as u64;
    if text.starts_with(b"xref") {
        return table::read(reader, base, offset + skipped, entries_left);
    }
    if text.first().is_some_and(u8::is_ascii_digit)
        && let Ok(section) = stream::read(reader, base, offset + skipped, entries_left)
    {
        return Ok(section);
    }
    match nearby_table(reader, offset)? {
        Some(offset) => table::read(reader, base, offset, entries_left),
        None => read_stream(reader, base, offset, entries_left),
    }
}

/// A cross-reference stream at `offset`, or a few bytes off.
fn read_stream(
    reader: &Reader,
    base: u64,
    offset: u64,
    entries_left: &mut usize,
) -> Result<Section, PdfError> {
    let error = match stream::read(reader, base, offset, entries_left) {
        Err(PdfError::Syntax { .. }) => PdfError::Xref {
            offset,
            why: "there is neither a table nor a stream",
        },
        result => return result,
    };
    let start = offset.saturating_sub(NEARBY);
    let window = reader.read(start..offset.saturating_add(NEARBY))?;
    let mut from = 0;
    while let Some(at) = window.get(from..).and_then(|rest| find_bytes(rest, b"obj")) {
        let at = from + at;
        if let Some((_, length)) = window.get(..at).and_then(recover::header_before)
            && let Ok(section) =
                stream::read(reader, base, start + (at - length) as u64, entries_left)
        {
            return Ok(section);
        }
        from = at + 3;
    }
    Err(error)
}

/// The keyword `xref` a few bytes off.
fn nearby_table(reader: &Reader, offset: u64) -> Result<Option<u64>, PdfError> {
    let start = offset.saturating_sub(32);
    let window = reader.read(start..offset.saturating_add(64))?;
    let mut from = 0;
    while let Some(at) = window
        .get(from..)
        .and_then(|rest| find_bytes(rest, b"xref"))
    {
        let at = from + at;
        if !window
            .get(..at)
            .is_some_and(|before| before.ends_with(b"start"))
        {
            return Ok(Some(start + at as u64));
        }
        from = at + 4;
    }
    Ok(None)
}

/// A linearized file begins with the section for its first page, whose `/Prev` leads forward to
/// the main section (annex F): one save, one revision.
fn join_linearized(
    reader: &Reader,
    base: u64,
    sections: &mut Vec<Vec<Section>>,
) -> Result<(), PdfError> {
    let [.., first, main] = sections.as_slice() else {
        return Ok(());
    };
    let offsets = (
        first.first().map(|s| s.offset),
        main.first().map(|s| s.offset),
    );
    if offsets.0 >= offsets.1 || !is_linearized(reader, base)? {
        return Ok(());
    }
    if let Some(main) = sections.pop()
        && let Some(first) = sections.last_mut()
    {
        first.extend(main);
    }
    Ok(())
}

/// Whether the first object is a linearization parameter dictionary.
fn is_linearized(reader: &Reader, base: u64) -> Result<bool, PdfError> {
    match reader.parse(base, Record::Nothing, |parser| parser.indirect()) {
        Ok(first) => Ok(first
            .value
            .as_dict()
            .is_some_and(|dict| dict.contains("Linearized"))),
        Err(error @ PdfError::Io { .. }) => Err(error),
        Err(_) => Ok(false),
    }
}

fn describe(
    reader: &Reader,
    base: u64,
    id: RevisionId,
    group: &[Section],
) -> Result<Revision, PdfError> {
    let (Some(first), Some(end)) = (group.first(), group.iter().map(|s| s.end).max()) else {
        return Err(PdfError::Xref {
            offset: base,
            why: "an empty chain",
        });
    };
    let hybrid = first.kind == XrefKind::Table && group.iter().any(|s| s.kind == XrefKind::Stream);
    let closing = find_closing(reader, first.offset - base.min(first.offset), end)?;
    Ok(Revision {
        id,
        end: closing.end,
        eof: closing.eof,
        closed: closing.closed,
        startxref: first.offset,
        xref_kind: if hybrid { XrefKind::Hybrid } else { first.kind },
        sections: group.iter().map(|s| s.offset).collect(),
        trailer: first.trailer.clone(),
    })
}

struct Closing {
    eof: u64,
    end: u64,
    closed: bool,
}

/// The `startxref`, number and `%%EOF` that close the revision whose section ends at `after`.
/// Failing one that names the section: the first `%%EOF`; failing that, the end of the file.
fn find_closing(reader: &Reader, section: u64, after: u64) -> Result<Closing, PdfError> {
    let limit = after.saturating_add(1 << 20).min(reader.len());
    let mut from = after;
    let mut fallback = None;
    for _ in 0..16 {
        let Some(at) = reader.find(b"%%EOF", from..limit)? else {
            break;
        };
        let eof = at + 5;
        let closing = |closed| -> Result<Closing, PdfError> {
            let end = match reader.read(eof..eof + 2)?.as_slice() {
                [b'\r', b'\n'] => eof + 2,
                [b'\r' | b'\n', ..] => eof + 1,
                _ => eof,
            };
            Ok(Closing { eof, end, closed })
        };
        let before = reader.read(at.saturating_sub(64).max(after.min(at))..at)?;
        let named =
            rfind_bytes(&before, b"startxref").and_then(|at| leading_number(before.get(at + 9..)?));
        if named.is_some_and(|named| named.abs_diff(section) <= 64) {
            return closing(true);
        }
        if fallback.is_none() {
            fallback = Some(closing(false)?);
        }
        from = eof;
    }
    let len = reader.len();
    Ok(fallback.unwrap_or(Closing {
        eof: len,
        end: len,
        closed: false,
    }))
}

/// One entry for each number: what is in use in the first section counts most, then what later
/// ones say, then what the first calls free (7.5.8.4: hidden objects are free in the table).
fn merge(
    revision: RevisionId,
    group: Vec<Section>,
    ambiguities: &mut Vec<Ambiguity>,
) -> Vec<(u32, Entry)> {
    let hides = group.len() > 1 && group.first().is_some_and(|s| s.kind == XrefKind::Table);
    let kinds: Vec<XrefKind> = group.iter().map(|s| s.kind).collect();
    let mut ranked = Vec::new();
    for (rank, section) in group.into_iter().enumerate() {
        for (number, entry) in section.entries {
            let late = hides && rank == 0 && entry == Entry::Free;
            ranked.push((number, if late { usize::MAX } else { rank }, entry));
        }
    }
    // Stable: of several entries in one section the first counts.
    ranked.sort_by_key(|&(number, rank, _)| (number, rank));
    for pair in ranked.windows(2) {
        let [(number, rank, entry), (other, other_rank, other_entry)] = pair else {
            continue;
        };
        let same_section = rank == other_rank;
        // A table that hides an object calls it free; one that places it elsewhere disagrees.
        let hybrid = kinds.get(*rank) == Some(&XrefKind::Table)
            && kinds.get(*other_rank) == Some(&XrefKind::Stream);
        if number == other
            && *number != 0
            && entry != other_entry
            && (same_section || hybrid)
            && ambiguities.len() < AMBIGUITIES
        {
            ambiguities.push(Ambiguity::TwoEntries {
                number: *number,
                revision,
            });
        }
    }
    ranked.dedup_by_key(|&mut (number, _, _)| number);
    ranked
        .into_iter()
        .map(|(number, _, entry)| (number, entry))
        .collect()
}

/// A trailer without `/Root` stands for what the one before it says.
fn inherit_root(revisions: &mut [Revision]) {
    let mut root = None;
    for revision in revisions {
        match revision.trailer.get("Root") {
            Some(own) => root = Some(own.clone()),
            None => {
                if let Some(root) = root.clone() {
                    revision.trailer.set("Root", root);
                }
            }
        }
    }
}
