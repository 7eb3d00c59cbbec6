//! The last resort: finding objects by scanning the file, where its cross-reference data is
//! missing or wrong. Linear in the file, whatever it contains; memory grows with the number of its
//! objects, which is budgeted, not with its length.

use std::collections::VecDeque;

use super::{Chain, Entry, history};
use crate::lexer::is_space;
use crate::parser::{Parser, Record};
use crate::reader::{Reader, find_bytes};
use crate::{Dict, ObjId, Object, PdfError, Revision, RevisionId, XrefKind};

/// `N G obj` at `offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) id: ObjId,
    pub(crate) offset: u64,
}

/// What a scan found, in file order.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) objects: Vec<Found>,
    /// Offsets after the keyword `trailer`: of the last ones, where there are very many.
    trailers: VecDeque<u64>,
}

/// A chain of one revision, made up of what the scan found.
#[derive(Debug)]
pub(crate) struct Recovery {
    pub(crate) chain: Chain,
    /// Object streams in file order, to be looked into once encryption is open.
    pub(crate) object_streams: Vec<Found>,
}

const CHUNK: u64 = 1 << 20;
/// How much of an object is looked at to tell what kind of stream it is.
const PEEK: u64 = 4096;
/// Enough before `obj` for two numbers and the space between them.
const BEHIND: u64 = 48;
const AHEAD: u64 = 16;

/// Scans the whole file. Stream data is skipped where its `endstream` is found.
pub(crate) fn scan(reader: &Reader) -> Result<Scan, PdfError> {
    let mut scan = Scan::default();
    let mut skip_streams = true;
    let mut at = 0;
    while at < reader.len() {
        let start = at.saturating_sub(BEHIND);
        let bytes = reader.read(start..at.saturating_add(CHUNK + AHEAD))?;
        let end = (at + CHUNK).min(reader.len());
        reader.count_scan(end - at)?;
        let mut index = usize::try_from(at - start).unwrap_or(0);
        let stop = usize::try_from(end - start)
            .unwrap_or(bytes.len())
            .min(bytes.len());
        let mut resume = end;
        while index < stop {
            let rest = bytes.get(index..).unwrap_or_default();
            let before = bytes.get(..index).unwrap_or_default();
            if rest.starts_with(b"obj") {
                // Number 0 heads the free list; no object has it.
                if let Some((id, length)) = header_before(before).filter(|(id, _)| id.number != 0) {
                    if scan.objects.len() >= reader.budgets.objects {
                        return Err(too_many(reader));
                    }
                    scan.objects.push(Found {
                        id,
                        offset: start + (index - length) as u64,
                    });
                }
                index += 3;
            } else if rest.starts_with(b"trailer") {
                if scan.trailers.len() >= reader.budgets.xref_sections {
                    scan.trailers.pop_front();
                }
                scan.trailers.push_back(start + index as u64 + 7);
                index += 7;
            } else if skip_streams && rest.starts_with(b"stream") && begins_stream(before, rest) {
                match find_bytes(rest, b"endstream") {
                    Some(length) => index += length + 9,
                    None => match reader.find(b"endstream", start + index as u64..reader.len())? {
                        Some(offset) => {
                            resume = (offset + 9).max(at + 1);
                            break;
                        }
                        None => {
                            skip_streams = false;
                            index += 6;
                        }
                    },
                }
            } else {
                index += 1;
            }
        }
        at = resume.max(start + index as u64);
    }
    Ok(scan)
}

/// The two numbers right before `obj`, and how many bytes they take with the space around them.
pub(super) fn header_before(before: &[u8]) -> Option<(ObjId, usize)> {
    let (rest, _) = split_back(before, is_space);
    let (rest, generation) = split_back(rest, |b| b.is_ascii_digit());
    let (rest, space) = split_back(rest, is_space);
    let (rest, number) = split_back(rest, |b| b.is_ascii_digit());
    if space.is_empty() {
        return None;
    }
    let number = std::str::from_utf8(number).ok()?.parse().ok()?;
    let generation = std::str::from_utf8(generation).ok()?.parse().ok()?;
    Some((ObjId { number, generation }, before.len() - rest.len()))
}

fn split_back(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let count = bytes.iter().rev().take_while(|&&b| belongs(b)).count();
    bytes.split_at(bytes.len() - count)
}

fn begins_stream(before: &[u8], rest: &[u8]) -> bool {
    let (dict, _) = split_back(before, is_space);
    dict.ends_with(b">>")
        && rest
            .get(6)
            .is_some_and(|b| matches!(b, b'\r' | b'\n' | b' '))
}

/// Builds a chain from a scan. `damage` says why that was necessary.
pub(crate) fn recover(reader: &Reader, header: u64, damage: String) -> Result<Recovery, PdfError> {
    let scan = scan(reader)?;
    if scan.objects.is_empty() {
        return Err(PdfError::Unrecoverable {
            damage,
            found: "no object",
        });
    }
    let latest = latest(&scan.objects, reader.len());
    let mut trailers = Vec::new();
    let trailer_ends = scan.trailers.iter().skip(1).copied().chain([reader.len()]);
    for (&offset, end) in scan.trailers.iter().zip(trailer_ends) {
        if let Some(dict) = peek(reader, offset, end.min(offset + (64 << 10)), |parser| {
            parser.dict()
        })? {
            trailers.push((offset, dict));
        }
    }
    let mut object_streams = Vec::new();
    let mut catalog = None;
    for &(found, end) in &latest {
        let end = end.min(found.offset.saturating_add(PEEK));
        let Some(indirect) = peek(reader, found.offset, end, |parser| parser.indirect())? else {
            continue;
        };
        let Object::Dict(dict) = indirect.value else {
            continue;
        };
        match dict.name("Type").and_then(|name| name.as_str()) {
            Some("XRef") => trailers.push((found.offset, dict)),
            Some("ObjStm") => object_streams.push(found),
            Some("Catalog") => catalog = Some(found.id),
            _ => {}
        }
    }
    object_streams.sort_by_key(|found| found.offset);
    trailers.sort_by_key(|(offset, _)| *offset);
    let trailer = merge_trailers(trailers.into_iter().map(|(_, dict)| dict), catalog);
    let entries = latest
        .into_iter()
        .map(|(found, _)| {
            (
                found.id.number,
                Entry::InFile {
                    offset: found.offset,
                    generation: found.id.generation,
                },
            )
        })
        .collect();
    Ok(Recovery {
        chain: chain(reader, header, trailer, entries, damage),
        object_streams,
    })
}

/// Of each number the last object in the file, ascending, and where the next object begins.
fn latest(objects: &[Found], len: u64) -> Vec<(Found, u64)> {
    let ends = objects.iter().skip(1).map(|next| next.offset).chain([len]);
    let mut latest: Vec<(Found, u64)> = objects.iter().copied().zip(ends).collect();
    latest.sort_unstable_by_key(|(found, _)| (found.id.number, std::cmp::Reverse(found.offset)));
    latest.dedup_by_key(|(found, _)| found.id.number);
    latest
}

pub(crate) fn too_many(reader: &Reader) -> PdfError {
    PdfError::budget(crate::BudgetKind::Objects, reader.budgets.objects)
}

fn chain(
    reader: &Reader,
    header: u64,
    trailer: Dict,
    entries: Vec<(u32, Entry)>,
    damage: String,
) -> Chain {
    let mut history = history::Builder::default();
    history.revision(entries);
    let len = reader.len();
    let revision = Revision {
        id: RevisionId(0),
        end: len,
        eof: len,
        closed: false,
        startxref: 0,
        xref_kind: XrefKind::Scanned,
        sections: Vec::new(),
        trailer,
    };
    Chain {
        base: header,
        revisions: vec![revision],
        history: history.build(),
        damage: Some(damage),
        ambiguities: Vec::new(),
    }
}

/// The entries of a recovered chain together with what its object streams contain: of two places
/// for one number the later in the file counts.
pub(crate) fn with_contained(chain: &Chain, contained: Vec<(Found, Vec<u32>)>) -> history::History {
    let in_file = chain.history.in_force(RevisionId(0));
    let mut entries: Vec<(u32, u64, Entry)> = in_file
        .map(|(number, _, entry)| match entry {
            Entry::InFile { offset, .. } => (number, offset, entry),
            _ => (number, 0, entry),
        })
        .collect();
    for (stream, numbers) in contained {
        for (index, number) in (0..).zip(numbers) {
            if number != stream.id.number {
                let stream_number = stream.id.number;
                let entry = Entry::InStream {
                    stream: stream_number,
                    index,
                };
                entries.push((number, stream.offset, entry));
            }
        }
    }
    // Stable: of two places in one stream the first counts.
    entries.sort_by_key(|&(number, offset, _)| (number, std::cmp::Reverse(offset)));
    entries.dedup_by_key(|(number, ..)| *number);
    let mut history = history::Builder::default();
    history.revision(
        entries
            .into_iter()
            .map(|(number, _, entry)| (number, entry))
            .collect(),
    );
    history.build()
}

/// The newest value of each key that a trailer needs.
fn merge_trailers(trailers: impl DoubleEndedIterator<Item = Dict>, catalog: Option<ObjId>) -> Dict {
    let mut merged = Dict::new();
    for trailer in trailers.rev() {
        for key in ["Root", "Info", "ID", "Encrypt", "Size"] {
            if let Some(value) = trailer.get(key)
                && !merged.contains(key)
                && (key != "Root" || value.as_reference().is_some())
            {
                merged.set(key, value.clone());
            }
        }
    }
    if !merged.contains("Root")
        && let Some(catalog) = catalog
    {
        merged.set("Root", catalog);
    }
    merged
}

/// Parses inside a fixed window; what does not parse there is of no use.
fn peek<T>(
    reader: &Reader,
    offset: u64,
    end: u64,
    parse: impl FnOnce(&mut Parser<'_>) -> Result<T, PdfError>,
) -> Result<Option<T>, PdfError> {
    let bytes = reader.read(offset..end)?;
    Ok(parse(&mut Parser::new(
        &bytes,
        offset,
        &reader.budgets,
        Record::Nothing,
    ))
    .ok())
}
