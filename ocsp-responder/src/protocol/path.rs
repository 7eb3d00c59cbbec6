//! The GET form of a request (RFC 6960 appendix A.1): the URL's last part is the base64 of the DER,
//! percent-encoded, as clients and proxies really send it.
//!
//! Seen in the field: `+`, `/` and `=` raw or percent-encoded, once or twice; padding missing;
//! base64url; `+` turned into a space; a slash doubled where the URL ended in one; a double slash
//! inside merged into one by a proxy.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Octets of the encoded request; RFC 9919 has clients use POST from 255 octets on.
pub const MAX_ENCODED: usize = 8192;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The DER that `encoded`, the part of the path after the responder's own, may stand for: one
/// candidate, or several where a proxy seems to have merged double slashes, one or two of them. Which
/// is meant only the request's content can tell.
#[must_use]
pub fn candidates(encoded: &str) -> Vec<Vec<u8>> {
    if encoded.len() > MAX_ENCODED {
        return Vec::new();
    }
    let text = normalise(encoded);
    if let Ok(der) = LENIENT.decode(&text)
        && is_whole(&der)
    {
        return vec![der];
    }
    // The outer length says how much is missing: give as many slashes their twins back.
    let slashes: Vec<_> = (0..text.len()).filter(|at| text[*at] == b'/').collect();
    let slashes = &slashes[..slashes.len().min(16)];
    let twins: Vec<Vec<usize>> = match missing(&text) {
        Some(1) => slashes.iter().map(|at| vec![*at]).collect(),
        // Two runs of two, or one of three.
        Some(2) => (0..slashes.len())
            .flat_map(|i| {
                slashes[i..]
                    .iter()
                    .map(move |later| vec![slashes[i], *later])
            })
            .collect(),
        _ => Vec::new(),
    };
    twins
        .iter()
        .filter_map(|twins| {
            let mut doubled = text.clone();
            for at in twins.iter().rev() {
                doubled.insert(*at, b'/');
            }
            LENIENT.decode(&doubled).ok().filter(|der| is_whole(der))
        })
        .fold(Vec::new(), |mut found, der| {
            if !found.contains(&der) {
                found.push(der);
            }
            found
        })
}

/// How many characters this base64 lacks for the SEQUENCE that it begins.
fn missing(text: &[u8]) -> Option<usize> {
    let padding = text
        .iter()
        .rev()
        .take_while(|octet| **octet == b'=')
        .count();
    let text = &text[..text.len() - padding];
    // Tag and length, as far as they matter for what a path may hold.
    let head = LENIENT.decode(text.get(..8)?).ok()?;
    let octets = match head[..4] {
        [0x30, length @ ..=0x7F, ..] => 2 + usize::from(length),
        [0x30, 0x81, length, _] => 3 + usize::from(length),
        [0x30, 0x82, high, low] => 4 + usize::from(u16::from_be_bytes([high, low])),
        _ => return None,
    };
    (octets * 8).div_ceil(6).checked_sub(text.len())
}

/// Undoes percent-encoding and the substitutions, down to plain base64.
fn normalise(encoded: &str) -> Vec<u8> {
    let mut text = encoded.as_bytes().to_vec();
    // Twice: some proxies encode the percent signs again.
    for _ in 0..2 {
        if !text.contains(&b'%') {
            break;
        }
        percent_decode(&mut text);
    }
    for octet in &mut text {
        match octet {
            b' ' | b'-' => *octet = b'+',
            b'_' => *octet = b'/',
            _ => {}
        }
    }
    // No base64 of a SEQUENCE begins with a slash, so these come from joining the URL.
    let slashes = text.iter().take_while(|octet| **octet == b'/').count();
    text.drain(..slashes);
    text
}

/// In place: what is decoded is never longer. A percent sign without two digits stays, and is no base64.
fn percent_decode(text: &mut Vec<u8>) {
    let digit = |at: Option<&u8>| (*at? as char).to_digit(16);
    let (mut from, mut to) = (0, 0);
    while let Some(&octet) = text.get(from) {
        let decoded = match octet {
            b'%' => digit(text.get(from + 1)).zip(digit(text.get(from + 2))),
            _ => None,
        };
        (text[to], from) = match decoded {
            Some((high, low)) => ((high << 4 | low) as u8, from + 3),
            None => (octet, from + 1),
        };
        to += 1;
    }
    text.truncate(to);
}

/// Whether the outer SEQUENCE ends exactly where the bytes end.
fn is_whole(der: &[u8]) -> bool {
    der.first() == Some(&0x30)
        && pki_asn1::raw::tlv_range(der, 0).is_ok_and(|range| range.end == der.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD as STRICT;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    /// Bytes whose base64 holds `+`, `/`, `//` and padding.
    fn awkward() -> Vec<u8> {
        let mut der = vec![0x30, 14];
        der.extend([
            0xFB, 0xFF, 0xFF, 0xFE, 0xFB, 0xEF, 0xBE, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4,
        ]);
        der
    }

    #[test]
    fn every_encoding_clients_send_reads_as_the_same_bytes() {
        let der = awkward();
        let plain = STRICT.encode(&der);
        assert!(plain.contains("//") && plain.contains('+') && plain.ends_with('='));
        let percent = utf8_percent_encode(&plain, NON_ALPHANUMERIC).to_string();
        let forms = [
            plain.clone(),
            percent.clone(),
            percent
                .to_lowercase()
                .replace(&plain.to_lowercase(), &plain),
            percent.replace('%', "%25"),
            plain.trim_end_matches('=').to_owned(),
            plain.replace('+', "%20"),
            plain.replace('+', "-").replace('/', "_"),
            format!("/{plain}"),
            format!("//{percent}"),
        ];
        for form in forms {
            if form.contains("%2b") {
                continue; // lower-casing would change the base64 itself
            }
            assert_eq!(candidates(&form), std::slice::from_ref(&der), "{form}");
        }
    }

    #[test]
    fn a_double_slash_merged_by_a_proxy_is_among_the_candidates() {
        let der = awkward();
        let merged = STRICT.encode(&der).replacen("//", "/", 1);
        assert!(candidates(&merged).contains(&der));
    }

    #[test]
    fn two_slashes_that_a_proxy_took_are_given_back_apart_and_together() {
        let apart = [0x30, 12, 0, 0xFF, 0xF0, 0, 1, 2, 3, 0xFF, 0xF0, 0, 4, 5];
        let together = [0x30, 7, 0, 0xFF, 0xFF, 0xC0, 1, 2, 3];
        for (der, run) in [(&apart[..], "//AA"), (&together, "///A")] {
            let plain = STRICT.encode(der);
            assert!(plain.contains(run), "{plain}");
            let mut merged = plain.clone();
            while merged.contains("//") {
                merged = merged.replace("//", "/");
            }
            assert_eq!(plain.len() - merged.len(), 2, "{plain}");
            for sent in [merged.as_str(), merged.trim_end_matches('=')] {
                assert!(candidates(sent).contains(&der.to_vec()), "{plain}");
            }
        }
        // Three are too many to guess at.
        let three = STRICT.encode([0x30, 7, 0, 0xFF, 0xFF, 0xFF, 1, 2, 3]);
        assert!(candidates(&three.replace("////", "/")).is_empty());
    }

    #[test]
    fn garbage_has_no_candidates() {
        for garbage in ["", "/", "%", "%zz", "MA", "AAAA", "é", "%ff%fe"] {
            assert!(candidates(garbage).is_empty(), "{garbage}");
        }
        assert!(candidates(&"M".repeat(MAX_ENCODED + 1)).is_empty());
    }
}
