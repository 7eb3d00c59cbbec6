//! Real numbers (ISO 32000-2, 7.3.3), well formed or not.

use std::fmt;

/// A real number (7.3.3), kept as text so that it is written back as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Real(Box<str>);

impl Real {
    /// `text` as found in a file. It need not be well formed; see [`Real::as_str`].
    pub(crate) fn from_file(text: &[u8]) -> Self {
        let mut real: String = text.iter().map(|&b| char::from(b)).collect();
        if !is_wellformed_number(&real) {
            real = format_real(lenient_value(&real));
        }
        Self(real.into())
    }

    /// The number as text that any reader accepts. Numbers that were malformed in the file
    /// (`--1`, `1.2.3`) are given with the value that readers commonly take from them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.0.parse().unwrap_or(0.0)
    }
}

impl fmt::Debug for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<f64> for Real {
    fn from(value: f64) -> Self {
        Self(format_real(value).into())
    }
}

fn is_wellformed_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    !(whole.is_empty() && fraction.is_empty())
        && whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit())
}

/// Signs may repeat, a second point or an inner sign ends the number.
fn lenient_value(text: &str) -> f64 {
    let negative = text.starts_with('-');
    let digits = text.trim_start_matches(['+', '-']);
    let mut points = 0;
    let end = digits
        .find(|c: char| {
            points += usize::from(c == '.');
            !(c.is_ascii_digit() || c == '.') || points > 1
        })
        .unwrap_or(digits.len());
    let value: f64 = digits
        .get(..end)
        .and_then(|d| d.parse().ok())
        .unwrap_or(0.0);
    if negative { -value } else { value }
}

/// Never an exponent: PDF has none.
fn format_real(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.5}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}
