//! From a parsed indirect object to a usable one: finding where its stream data ends, and the
//! data itself.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::filter::{self, Limit, Step};
use crate::lexer::is_space;
use crate::parser::{Follow, Indirect};
use crate::reader::Reader;
use crate::{BudgetKind, Dict, ObjId, Object, PdfError, Spans, Stream, StreamData};

/// How to find out a `/Length` given as a reference.
pub(crate) enum Lengths<'f> {
    DirectOnly,
    Lookup(&'f dyn Fn(ObjId) -> Option<u64>),
}

/// An indirect object whose extent is known.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) id: ObjId,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) value: Object,
    pub(crate) spans: Spans,
}

/// Finds the end of the stream data, if there is any, and of the object.
pub(crate) fn complete(
    reader: &Reader,
    indirect: Indirect,
    lengths: Lengths<'_>,
) -> Result<Loaded, PdfError> {
    let Indirect {
        id,
        start,
        value,
        spans,
        follow,
    } = indirect;
    let (value, end) = match (follow, value) {
        (Follow::Stream(data), Object::Dict(dict)) => {
            let (span, end) = stream_extent(reader, data, &dict, &lengths)?;
            let stream = Stream {
                dict,
                data: StreamData::InFile { span, owner: id },
            };
            (Object::from(stream), end)
        }
        (Follow::EndObj(end) | Follow::Nothing(end) | Follow::Stream(end), value) => (value, end),
    };
    Ok(Loaded {
        id,
        start,
        end,
        value,
        spans,
    })
}

/// The data's span, and the end of `endobj`. Believes `/Length` only where `endstream` follows.
fn stream_extent(
    reader: &Reader,
    data: u64,
    dict: &Dict,
    lengths: &Lengths<'_>,
) -> Result<(Range<u64>, u64), PdfError> {
    let declared = match dict.get("Length") {
        Some(Object::Integer(length)) => u64::try_from(*length).ok(),
        Some(Object::Reference(id)) => match lengths {
            Lengths::DirectOnly => None,
            Lengths::Lookup(lookup) => lookup(*id),
        },
        _ => None,
    };
    if let Some(end) = declared.and_then(|length| data.checked_add(length))
        && end <= reader.len()
        && let Some(object_end) = stream_closing(reader, end)?
    {
        return Ok((data..end, object_end));
    }
    if let Some(keyword) = reader.find(b"endstream", data..reader.len())? {
        let end = before_line_end(reader, data, keyword)?;
        let object_end = stream_closing(reader, keyword)?.unwrap_or(keyword + 9);
        return Ok((data..end, object_end));
    }
    if let Some(keyword) = reader.find(b"endobj", data..reader.len())? {
        let end = before_line_end(reader, data, keyword)?;
        return Ok((data..end, keyword + 6));
    }
    // Cut off in the middle of its data.
    Ok((data..reader.len(), reader.len()))
}

/// Whether `endstream` follows after white space; the end of `endobj` after it.
fn stream_closing(reader: &Reader, at: u64) -> Result<Option<u64>, PdfError> {
    let window = reader.read(at..at.saturating_add(128))?;
    let rest = skip_space(&window);
    let Some(after) = rest.strip_prefix(b"endstream") else {
        return Ok(None);
    };
    let closing = skip_space(after);
    let rest = closing.strip_prefix(b"endobj").unwrap_or(after);
    Ok(Some(at + (window.len() - rest.len()) as u64))
}

fn skip_space(bytes: &[u8]) -> &[u8] {
    let spaces = bytes.iter().take_while(|&&b| is_space(b)).count();
    bytes.get(spaces..).unwrap_or_default()
}

/// The end-of-line marker before `endstream` is not part of the data (7.3.8.1).
fn before_line_end(reader: &Reader, data: u64, keyword: u64) -> Result<u64, PdfError> {
    let before = reader.read(keyword.saturating_sub(2).max(data)..keyword)?;
    let marker = match before.as_slice() {
        [b'\r', b'\n'] => 2,
        [.., b'\r' | b'\n'] => 1,
        _ => 0,
    };
    Ok(keyword - marker)
}

/// The data as it is in the file or in memory, neither decrypted nor decoded.
pub(crate) fn raw_data(reader: &Reader, stream: &Stream) -> Result<Arc<[u8]>, PdfError> {
    match &stream.data {
        StreamData::Owned(data) => Ok(Arc::clone(data)),
        StreamData::InFile { span, .. } => {
            let limit = reader.budgets.stream_bytes;
            if span.end.saturating_sub(span.start) > limit {
                return Err(PdfError::budget(BudgetKind::StreamBytes, limit));
            }
            Ok(reader.read(span.clone())?.into())
        }
    }
}

/// The decoded data of a stream that no encryption covers and whose filters are given directly:
/// a cross-reference stream.
pub(crate) fn structure_data(reader: &Reader, stream: &Stream) -> Result<Vec<u8>, PdfError> {
    let raw = raw_data(reader, stream)?;
    let steps = steps(reader, &stream.dict, &mut |object| Ok(object.clone()))?;
    decode_structure(reader, &raw, &steps)
}

/// Decodes, and charges the result to the budget for structure.
pub(crate) fn decode_structure(
    reader: &Reader,
    raw: &[u8],
    steps: &[Step],
) -> Result<Vec<u8>, PdfError> {
    let left = reader.structure_left();
    let decoded = filter::decode(
        Cow::Borrowed(raw),
        steps,
        Limit(reader.budgets.stream_bytes.min(left)),
    );
    let data = match decoded {
        Err(PdfError::Budget {
            what: BudgetKind::StreamBytes,
            limit,
        }) if limit == left => {
            return Err(PdfError::budget(
                BudgetKind::StructureBytes,
                reader.budgets.structure_bytes,
            ));
        }
        other => other?.into_owned(),
    };
    // Data that decodes to nothing was read all the same.
    reader.count_structure(data.len().max(raw.len()) as u64)?;
    Ok(data)
}

/// The filters of a stream with their parameters; `resolve` follows references.
pub(crate) fn steps(
    reader: &Reader,
    dict: &Dict,
    resolve: &mut dyn FnMut(&Object) -> Result<Object, PdfError>,
) -> Result<Vec<Step>, PdfError> {
    let get = |long: &str, short: &str| {
        dict.get(long)
            .or_else(|| dict.get(short))
            .unwrap_or(&Object::Null)
    };
    let filters = match resolve(get("Filter", "F"))? {
        Object::Array(filters) => filters,
        Object::Name(name) => vec![Object::Name(name)],
        _ => return Ok(Vec::new()),
    };
    if filters.len() > reader.budgets.filters {
        return Err(PdfError::budget(
            BudgetKind::Filters,
            reader.budgets.filters,
        ));
    }
    let parameters = match resolve(get("DecodeParms", "DP"))? {
        Object::Array(parameters) => parameters,
        one => vec![one],
    };
    let mut steps = Vec::with_capacity(filters.len());
    for (index, filter) in filters.iter().enumerate() {
        let Object::Name(name) = resolve(filter)? else {
            return Err(PdfError::WrongType {
                what: "an element of /Filter",
                expected: "a name",
            });
        };
        let mut parameters = match parameters.get(index).map(&mut *resolve).transpose()? {
            Some(Object::Dict(dict)) => dict,
            _ => Dict::new(),
        };
        for (_, value) in parameters.values_mut() {
            if matches!(value, Object::Reference(_)) {
                *value = resolve(value)?;
            }
        }
        steps.push(Step {
            name: name.to_text(),
            parameters,
        });
    }
    Ok(steps)
}
