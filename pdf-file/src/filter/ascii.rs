//! ASCIIHexDecode (7.4.2) and ASCII85Decode (7.4.3).

use super::{Limit, failed};
use crate::PdfError;
use crate::lexer::is_space;

/// Up to `>`; characters that are no digits are skipped.
pub(super) fn hex(data: &[u8]) -> Vec<u8> {
    let digits = data
        .iter()
        .take_while(|&&b| b != b'>')
        .filter_map(|&b| char::from(b).to_digit(16));
    let mut out = Vec::with_capacity(data.len() / 2);
    let mut high = None;
    for digit in digits {
        let digit = digit.to_le_bytes()[0];
        match high.take() {
            None => high = Some(digit << 4),
            Some(high) => out.push(high | digit),
        }
    }
    out.extend(high);
    out
}

/// Up to `~>` or the end of the data, an optional leading `<~` skipped.
pub(super) fn base85(data: &[u8], limit: Limit) -> Result<Vec<u8>, PdfError> {
    let data = data.strip_prefix(b"<~").unwrap_or(data);
    let mut out = Vec::with_capacity(data.len() / 5 * 4);
    let mut group = [84u8; 5];
    let mut filled = 0;
    for &byte in data {
        match byte {
            b'~' => break,
            // Four zero bytes; the only way to grow.
            b'z' if filled == 0 => out.extend([0; 4]),
            b'!'..=b'u' => {
                group[filled] = byte - b'!';
                filled += 1;
                if filled == 5 {
                    out.extend(word(group));
                    (group, filled) = ([84; 5], 0);
                }
            }
            byte if is_space(byte) => {}
            _ => return Err(failed("ASCII85Decode", "a character outside the alphabet")),
        }
        limit.check(out.len())?;
    }
    if filled > 1 {
        out.extend(word(group).iter().take(filled - 1));
    }
    Ok(out)
}

fn word(group: [u8; 5]) -> [u8; 4] {
    group
        .iter()
        .fold(0u32, |word, &digit| {
            word.wrapping_mul(85).wrapping_add(u32::from(digit))
        })
        .to_be_bytes()
}
