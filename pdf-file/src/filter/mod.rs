//! Stream filters (ISO 32000-2, 7.4), each bounded in what it may produce.

mod ascii;
mod flate;
mod lzw;
mod predictor;
mod run_length;

use std::borrow::Cow;

use crate::{BudgetKind, Dict, Object, PdfError};

/// One step of a `/Filter` chain with its `/DecodeParms`, both resolved.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) parameters: Dict,
}

/// How many bytes a filter may produce.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit(pub(crate) u64);

impl Limit {
    /// Fails once `length` bytes are more than allowed.
    fn check(self, length: usize) -> Result<(), PdfError> {
        if length as u64 > self.0 {
            return Err(PdfError::budget(BudgetKind::StreamBytes, self.0));
        }
        Ok(())
    }

    /// The longest output, for buffers that are filled in place.
    fn room(self, length: usize) -> usize {
        usize::try_from(self.0)
            .unwrap_or(usize::MAX)
            .saturating_add(1)
            .saturating_sub(length)
    }
}

/// Decodes `data` through the steps in order. `Crypt` is a no-op here: decryption comes first.
pub(crate) fn decode<'d>(
    data: Cow<'d, [u8]>,
    steps: &[Step],
    limit: Limit,
) -> Result<Cow<'d, [u8]>, PdfError> {
    let mut data = data;
    for step in steps {
        let decoded = match step.name.as_str() {
            "FlateDecode" | "Fl" => {
                predictor::undo(flate::decode(&data, limit)?, &step.parameters)?
            }
            "LZWDecode" | "LZW" => predictor::undo(
                lzw::decode(&data, &step.parameters, limit)?,
                &step.parameters,
            )?,
            "ASCIIHexDecode" | "AHx" => ascii::hex(&data),
            "ASCII85Decode" | "A85" => ascii::base85(&data, limit)?,
            "RunLengthDecode" | "RL" => run_length::decode(&data, limit)?,
            "Crypt" => continue,
            name => {
                return Err(PdfError::UnsupportedFilter {
                    name: name.to_owned(),
                });
            }
        };
        data = Cow::Owned(decoded);
    }
    limit.check(data.len())?;
    Ok(data)
}

fn failed(filter: &'static str, why: &'static str) -> PdfError {
    PdfError::Filter {
        filter: filter.to_owned(),
        why,
    }
}

/// An integer parameter, or its default. Parameters out of range count as hostile, not as default.
fn integer(parameters: &Dict, key: &str, default: usize) -> Option<usize> {
    match parameters.get(key) {
        None | Some(Object::Null) => Some(default),
        Some(value) => usize::try_from(value.as_integer()?).ok(),
    }
}
