//! Reading certificates, CRLs and requests from files that may be PEM (RFC 7468) or DER.

use der::pem;

/// A PEM block: its label and its decoded bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
    /// The text between `-----BEGIN ` and `-----`.
    pub label: String,
    /// The decoded content (DER).
    pub der: Vec<u8>,
}

/// Why no block could be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PemError {
    /// A `-----BEGIN` line whose block does not decode.
    #[error("PEM block {index} is damaged: {reason}")]
    Damaged {
        /// Which block of the input, counted from 1.
        index: usize,
        /// What the decoder said.
        reason: String,
    },
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

/// Whether the input looks like PEM: it contains a line that begins a block.
#[must_use]
pub fn is_pem(input: &[u8]) -> bool {
    find(input, BEGIN).is_some()
}

/// All PEM blocks of the input in order; text between them is passed over. Empty for DER input.
///
/// # Errors
/// Where a block is begun and does not decode.
pub fn blocks(input: &[u8]) -> Result<Vec<Block>, PemError> {
    let mut out = Vec::new();
    let mut rest = input;
    while let Some(start) = find(rest, BEGIN) {
        let index = out.len() + 1;
        let damaged = |reason: String| PemError::Damaged { index, reason };
        let from = &rest[start..];
        let end = find(from, END).ok_or_else(|| damaged("no -----END line".into()))?;
        let tail = &from[end + END.len()..];
        let close = find(tail, b"-----").ok_or_else(|| damaged("no -----END line".into()))?;
        let stop = end + END.len() + close + 5;
        let block = &from[..stop];
        let decoded = pem::decode_vec(block).map(|(label, der)| (label.to_owned(), der));
        let (label, der) = decoded
            .or_else(|e| rewrapped(block).ok_or(e))
            .map_err(|e| damaged(e.to_string()))?;
        out.push(Block { label, der });
        rest = &from[stop..];
    }
    Ok(out)
}

/// Lines of any length, as RFC 7468 section 2 lets parsers take them: they are broken anew.
fn rewrapped(block: &[u8]) -> Option<(String, Vec<u8>)> {
    const LINE: usize = 64;
    let text = core::str::from_utf8(block).ok()?;
    let (head, rest) = text.split_once('\n')?;
    let (body, end) = rest.split_at(rest.rfind("-----END ")?);
    let body: String = body.split_ascii_whitespace().collect();
    let mut out = format!("{}\n", head.trim_end());
    for line in body.as_bytes().chunks(LINE) {
        out.push_str(core::str::from_utf8(line).ok()?);
        out.push('\n');
    }
    out.push_str(end);
    let (label, der) = pem::decode_vec(out.as_bytes()).ok()?;
    Some((label.to_owned(), der))
}

/// The DER objects of an input that is either one DER value or any number of PEM blocks with one of
/// the given labels.
///
/// # Errors
/// Where a PEM block is damaged.
pub fn der_or_pem(input: &[u8], labels: &[&str]) -> Result<Vec<Vec<u8>>, PemError> {
    if !is_pem(input) {
        return Ok(vec![input.to_vec()]);
    }
    Ok(blocks(input)?
        .into_iter()
        .filter(|b| labels.contains(&b.label.as_str()))
        .map(|b| b.der)
        .collect())
}

/// Encodes one PEM block with LF line ends.
///
/// # Errors
/// Where the label holds characters RFC 7468 does not allow.
pub fn encode(label: &str, der: &[u8]) -> Result<String, pem::Error> {
    pem::encode_string(label, pem::LineEnding::LF, der)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

#[cfg(test)]
mod line_tests {
    use super::*;

    #[test]
    fn lines_of_any_length_are_read() {
        let der = vec![7; 100];
        let text = encode("CERTIFICATE", &der).unwrap();
        let (head, rest) = text.split_once('\n').unwrap();
        let (body, end) = rest.split_at(rest.find("-----END").unwrap());
        let one_line: String = body.split_whitespace().collect();
        for body in [one_line.clone(), one_line.replacen("Bw", "\r\n Bw", 3)] {
            let text = format!("{head}\n{body}\n{end}");
            assert_eq!(blocks(text.as_bytes()).unwrap()[0].der, der, "{text}");
        }
    }
}
