//! RunLengthDecode (7.4.5).

use super::Limit;
use crate::PdfError;

/// Up to the end-of-data marker or the end of the data.
pub(super) fn decode(data: &[u8], limit: Limit) -> Result<Vec<u8>, PdfError> {
    let mut out = Vec::new();
    let mut rest = data;
    while let Some((&length, tail)) = rest.split_first() {
        rest = match length {
            0..=127 => {
                let copied = (usize::from(length) + 1).min(tail.len());
                let (run, tail) = tail.split_at(copied);
                out.extend_from_slice(run);
                tail
            }
            128 => break,
            129..=255 => {
                let Some((&byte, tail)) = tail.split_first() else {
                    break;
                };
                out.resize(out.len() + 257 - usize::from(length), byte);
                tail
            }
        };
        limit.check(out.len())?;
    }
    Ok(out)
}
