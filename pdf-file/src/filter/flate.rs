//! FlateDecode (7.4.4).

use flate2::{Decompress, FlushDecompress, Status};

use super::{Limit, failed};
use crate::PdfError;

/// Inflates as much as there is. Data after the end is ignored; data that breaks off gives what
/// came before, as readers do, but data that gives nothing at all is an error.
pub(super) fn decode(data: &[u8], limit: Limit) -> Result<Vec<u8>, PdfError> {
    if data.is_empty() {
        return Ok(Vec::new());
    }
    let zlib = inflate(data, Decompress::new(true), limit)?;
    if zlib.is_empty() {
        // A damaged two-byte header; the rest may still be deflate data.
        let raw = inflate(
            data.get(2..).unwrap_or_default(),
            Decompress::new(false),
            limit,
        )?;
        let empty_on_purpose = data.len() <= 16;
        if raw.is_empty() && !empty_on_purpose {
            return Err(failed(
                "FlateDecode",
                "the data is not compressed with deflate",
            ));
        }
        return Ok(raw);
    }
    Ok(zlib)
}

fn inflate(data: &[u8], mut state: Decompress, limit: Limit) -> Result<Vec<u8>, PdfError> {
    let mut out = Vec::with_capacity(data.len().saturating_mul(3).min(1 << 20).min(limit.room(0)));
    loop {
        if out.len() == out.capacity() {
            let more = out.len().clamp(4096, 16 << 20).min(limit.room(out.len()));
            out.reserve_exact(more);
        }
        let consumed = usize::try_from(state.total_in()).unwrap_or(usize::MAX);
        let (before, room) = (out.len(), out.capacity());
        let rest = data.get(consumed..).unwrap_or_default();
        let status = state.decompress_vec(rest, &mut out, FlushDecompress::None);
        limit.check(out.len())?;
        let stuck = out.len() == before && before < room && state.total_in() as usize == consumed;
        match status {
            Ok(Status::StreamEnd) | Err(_) => return Ok(out),
            Ok(_) if stuck => return Ok(out),
            Ok(_) => {}
        }
    }
}
