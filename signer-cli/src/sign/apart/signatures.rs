//! The signature values that come back: octets, or base64 as tools print it, in lines of any length.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cli_support::{Failure, input};

/// Signature values are some hundred octets each, and may come as base64 in lines.
const MAX_SIGNATURES: u64 = 64 << 20;

/// The values in these files, for so many documents.
pub(super) fn read(files: &[PathBuf], documents: usize) -> Result<Vec<Vec<u8>>, Failure> {
    // Each file has the values of its share of the documents, where that can be told.
    let share = match files.len() {
        1 => Some(documents),
        n if n == documents => Some(1),
        _ => None,
    };
    let mut out = Vec::new();
    for file in files {
        let bytes = input::read(file, "the signature", MAX_SIGNATURES)?;
        match str::from_utf8(&bytes).ok().and_then(|t| base64(t, share)) {
            Some(values) => out.extend(values),
            None => out.push(bytes),
        }
    }
    Ok(out)
}

/// A line for each value; or, where there are several times as many lines, as many for each: `base64`
/// breaks lines after 76 characters, `openssl base64` after 64.
fn base64(text: &str, share: Option<usize>) -> Option<Vec<Vec<u8>>> {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if lines.is_empty() {
        return None;
    }
    let each = share
        .filter(|share| *share > 0 && lines.len().is_multiple_of(*share))
        .map_or(1, |share| lines.len() / share);
    let values = lines
        .chunks(each)
        .map(|lines| STANDARD.decode(lines.concat()));
    values.collect::<Result<_, _>>().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(value: &[u8], length: usize) -> String {
        let text = STANDARD.encode(value).into_bytes();
        let lines = text.chunks(length).map(|l| str::from_utf8(l).unwrap());
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }

    #[test]
    fn a_value_in_several_lines_is_taken_for_several() {
        // RSA-3072 fills its last line of 64, ECDSA on P-256 does not.
        for length in [384, 70] {
            let (a, b) = (vec![7; length], vec![9; length]);
            for wrap in [64, 76, 1024] {
                let one = lines(&a, wrap);
                assert_eq!(base64(&one, Some(1)), Some(vec![a.clone()]));
                let both = one + &lines(&b, wrap);
                assert_eq!(base64(&both, Some(2)), Some(vec![a.clone(), b.clone()]));
            }
        }
    }

    #[test]
    fn a_missing_value_is_not_noticed() {
        let two = lines(&[7; 70], 1024) + &lines(&[9; 70], 1024);
        assert_eq!(base64(&two, Some(3)).unwrap().len(), 2);
        assert_eq!(base64(&two, None).unwrap().len(), 2);
        assert_eq!(base64("\n", Some(1)), None);
    }
}
