//! Predictors of Flate and LZW data (7.4.4.4): PNG and TIFF.

use super::{failed, integer};
use crate::{Dict, PdfError};

/// Undoes the prediction that `/DecodeParms` names. The output is never longer than the input.
pub(super) fn undo(data: Vec<u8>, parameters: &Dict) -> Result<Vec<u8>, PdfError> {
    let unusable = || failed("predictor", "its parameters are out of range");
    let predictor = integer(parameters, "Predictor", 1).ok_or_else(unusable)?;
    if predictor <= 1 {
        return Ok(data);
    }
    let colors = integer(parameters, "Colors", 1).ok_or_else(unusable)?;
    let bits = integer(parameters, "BitsPerComponent", 8).ok_or_else(unusable)?;
    let columns = integer(parameters, "Columns", 1).ok_or_else(unusable)?;
    let pixel_bits = colors
        .checked_mul(bits)
        .filter(|&b| (1..=1 << 16).contains(&b))
        .ok_or_else(unusable)?;
    let row_bits = pixel_bits.checked_mul(columns).ok_or_else(unusable)?;
    let row_bytes = row_bits.div_ceil(8);
    let pixel_bytes = pixel_bits.div_ceil(8);
    if row_bytes == 0 || row_bytes > 1 << 30 {
        return Err(unusable());
    }
    match predictor {
        2 => tiff(data, colors, bits, row_bytes)
            .ok_or_else(|| failed("predictor", "unsupported TIFF component size")),
        10..=15 => Ok(png(&data, row_bytes, pixel_bytes)),
        _ => Err(failed("predictor", "unknown predictor")),
    }
}

/// PNG prediction: each row begins with the number of its filter.
fn png(data: &[u8], row_bytes: usize, pixel_bytes: usize) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(data.len());
    let mut above_start = None;
    for row in data.chunks(row_bytes.saturating_add(1)) {
        let Some((&filter, row)) = row.split_first() else {
            break;
        };
        let start = out.len();
        for (x, &byte) in row.iter().enumerate() {
            let left = x.checked_sub(pixel_bytes).map_or(0, |x| out[start + x]);
            let above = |x: usize| above_start.map_or(0, |above: usize| out[above + x]);
            let predicted = match filter {
                1 => left,
                2 => above(x),
                3 => u16::midpoint(u16::from(left), u16::from(above(x))).to_le_bytes()[0],
                4 => paeth(left, above(x), x.checked_sub(pixel_bytes).map_or(0, above)),
                _ => 0,
            };
            out.push(byte.wrapping_add(predicted));
        }
        above_start = Some(start);
    }
    out
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(above), i16::from(corner));
    let p = a + b - c;
    let (da, db, dc) = ((p - a).abs(), (p - b).abs(), (p - c).abs());
    if da <= db && da <= dc {
        left
    } else if db <= dc {
        above
    } else {
        corner
    }
}

/// TIFF prediction: each component is the difference to the one left of it.
fn tiff(mut data: Vec<u8>, colors: usize, bits: usize, row_bytes: usize) -> Option<Vec<u8>> {
    for row in data.chunks_mut(row_bytes) {
        match bits {
            8 => {
                for x in colors..row.len() {
                    row[x] = row[x].wrapping_add(row[x - colors]);
                }
            }
            16 => {
                for x in (2 * colors..row.len().saturating_sub(1)).step_by(2) {
                    let before = u16::from_be_bytes([row[x - 2 * colors], row[x - 2 * colors + 1]]);
                    let sum = u16::from_be_bytes([row[x], row[x + 1]])
                        .wrapping_add(before)
                        .to_be_bytes();
                    row[x..x + 2].copy_from_slice(&sum);
                }
            }
            1 if colors == 1 => {
                let mut left = 0;
                for byte in row {
                    let mut out = 0;
                    for shift in (0..8).rev() {
                        left ^= *byte >> shift & 1;
                        out |= left << shift;
                    }
                    *byte = out;
                }
            }
            _ => return None,
        }
    }
    Some(data)
}
