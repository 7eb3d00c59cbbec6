//! LZWDecode (7.4.4).

use weezl::{BitOrder, LzwStatus, decode::Decoder};

use super::{Limit, integer};
use crate::{Dict, PdfError};

/// Decodes as much as there is; broken data gives what came before.
pub(super) fn decode(data: &[u8], parameters: &Dict, limit: Limit) -> Result<Vec<u8>, PdfError> {
    let mut decoder = match integer(parameters, "EarlyChange", 1) {
        Some(0) => Decoder::new(BitOrder::Msb, 8),
        _ => Decoder::with_tiff_size_switch(BitOrder::Msb, 8),
    };
    let mut out = Vec::new();
    let mut buffer = vec![0; 16 << 10];
    let mut rest = data;
    loop {
        let result = decoder.decode_bytes(rest, &mut buffer);
        out.extend_from_slice(buffer.get(..result.consumed_out).unwrap_or_default());
        limit.check(out.len())?;
        rest = rest.get(result.consumed_in..).unwrap_or_default();
        let stuck = result.consumed_in == 0 && result.consumed_out == 0;
        match result.status {
            Ok(LzwStatus::Ok) if !stuck => {}
            _ => return Ok(out),
        }
    }
}
