//! What an element is called and what is in it, in one line.

use core::fmt::Write as _;

use const_oid::ObjectIdentifier;

use super::{Class, Element};
use crate::oid;

/// Octets of a value that are shown.
const SHOWN: usize = 48;
/// Characters of a text that are shown.
const CHARACTERS: usize = 200;

/// The type's name, such as `OCTET STRING` or `[0]`.
#[must_use]
pub fn tag_name(element: &Element<'_>) -> String {
    let number = element.number;
    let class = match element.class {
        Class::Universal => {
            return universal(number)
                .map_or_else(|| format!("[UNIVERSAL {number}]"), str::to_owned);
        }
        Class::Application => "APPLICATION ",
        Class::Context => "",
        Class::Private => "PRIVATE ",
    };
    format!("[{class}{number}]")
}

fn universal(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "end-of-contents",
        1 => "BOOLEAN",
        2 => "INTEGER",
        3 => "BIT STRING",
        4 => "OCTET STRING",
        5 => "NULL",
        6 => "OBJECT IDENTIFIER",
        7 => "ObjectDescriptor",
        8 => "EXTERNAL",
        9 => "REAL",
        10 => "ENUMERATED",
        11 => "EMBEDDED PDV",
        12 => "UTF8String",
        13 => "RELATIVE-OID",
        16 => "SEQUENCE",
        17 => "SET",
        18 => "NumericString",
        19 => "PrintableString",
        20 => "TeletexString",
        21 => "VideotexString",
        22 => "IA5String",
        23 => "UTCTime",
        24 => "GeneralizedTime",
        25 => "GraphicString",
        26 => "VisibleString",
        27 => "GeneralString",
        28 => "UniversalString",
        29 => "CHARACTER STRING",
        30 => "BMPString",
        _ => return None,
    })
}

/// The content of a primitive element in words; `None` where it has none, or is elements.
#[must_use]
pub fn value(element: &Element<'_>) -> Option<String> {
    let content = element.content;
    if element.constructed || content.is_empty() {
        return None;
    }
    if element.class != Class::Universal {
        let is_text = content.iter().all(|b| matches!(b, b' '..=b'~'));
        return Some(if is_text {
            text(content.iter().map(|b| char::from(*b)))
        } else {
            octets(content)
        });
    }
    Some(match element.number {
        1 => match content {
            [0] => "FALSE".into(),
            [0xff] => "TRUE".into(),
            _ => octets(content),
        },
        2 | 10 => integer(content),
        3 => bits(content),
        6 => identifier(content),
        13 => arcs(content).map_or_else(|| octets(content), |arcs| arcs.join(".")),
        12 => match core::str::from_utf8(content) {
            Ok(string) => text(string.chars()),
            Err(_) => octets(content),
        },
        23 | 24 => time(content, element.number == 24),
        // T.61 is Latin 1 where anybody wrote it.
        18..=22 | 25..=27 => text(content.iter().map(|b| char::from(*b))),
        28 => match content
            .chunks(4)
            .map(|c| char::from_u32(number(c)?))
            .collect::<Option<Vec<_>>>()
        {
            Some(characters) => text(characters.into_iter()),
            None => octets(content),
        },
        30 if content.len().is_multiple_of(2) => {
            let units = content
                .chunks_exact(2)
                .map(|c| u16::from_be_bytes([c[0], c[1]]));
            text(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)))
        }
        _ => octets(content),
    })
}

fn number(octets: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(octets.try_into().ok()?))
}

/// In quotes, and nothing in it that would move a cursor.
fn text(characters: impl Iterator<Item = char>) -> String {
    let mut out = String::from("\"");
    let mut left = CHARACTERS;
    for character in characters {
        if left == 0 {
            out.push_str("\"...");
            return out;
        }
        left -= 1;
        let _ = write!(out, "{}", character.escape_debug());
    }
    out.push('"');
    out
}

fn octets(content: &[u8]) -> String {
    let mut out = String::with_capacity(2 * SHOWN + 24);
    for octet in content.iter().take(SHOWN) {
        let _ = write!(out, "{octet:02x}");
    }
    if content.len() > SHOWN {
        let _ = write!(out, "... ({} octets)", content.len());
    }
    out
}

fn integer(content: &[u8]) -> String {
    if content.len() > 8 {
        return octets(content);
    }
    let negative = content.first().is_some_and(|b| b & 0x80 != 0);
    let start = if negative { -1i64 } else { 0 };
    content
        .iter()
        .fold(start, |n, b| n << 8 | i64::from(*b))
        .to_string()
}

/// Few bits one by one, as KeyUsage has them; more as octets.
fn bits(content: &[u8]) -> String {
    let Some((unused, bits)) = content.split_first() else {
        return String::new();
    };
    if *unused > 7 || bits.len() > 2 {
        return format!("{} ({unused} bits unused)", octets(bits));
    }
    let all: String = bits.iter().map(|b| format!("{b:08b}")).collect();
    let used = all.len().saturating_sub(usize::from(*unused));
    format!("{}b", &all[..used])
}

fn identifier(content: &[u8]) -> String {
    if let Ok(known) = ObjectIdentifier::from_bytes(content) {
        return match oid::label(&known) {
            Some(label) => format!("{known} ({label})"),
            None => known.to_string(),
        };
    }
    let Some(mut arcs) = arcs(content) else {
        return octets(content);
    };
    // X.690 clause 8.19.4: the first two arcs are one number.
    if let Some(both) = arcs.first().and_then(|first| first.parse::<u128>().ok()) {
        let first = (both / 40).min(2);
        arcs[0] = format!("{first}.{}", both - first * 40);
    }
    arcs.join(".")
}

/// Numbers in base 128; `None` where one does not end, is very large, or there are very many.
fn arcs(content: &[u8]) -> Option<Vec<String>> {
    const MOST: usize = 64;
    let mut out = Vec::new();
    let mut arc = 0u128;
    for octet in content {
        if arc > u128::MAX >> 7 || out.len() == MOST {
            return None;
        }
        arc = arc << 7 | u128::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            out.push(arc.to_string());
            arc = 0;
        }
    }
    (content.last()? & 0x80 == 0).then_some(out)
}

/// As written; where it is in the form that DER has, readable.
fn time(content: &[u8], generalized: bool) -> String {
    let written = text(content.iter().map(|b| char::from(*b)));
    let digits = content.strip_suffix(b"Z").unwrap_or_default();
    let plain = digits.len() == if generalized { 14 } else { 12 };
    if !plain || !digits.iter().all(u8::is_ascii_digit) {
        return written;
    }
    let digits = String::from_utf8_lossy(digits);
    let (year, rest) = digits.split_at(digits.len() - 10);
    let century = match (generalized, year) {
        (true, _) => "",
        // RFC 5280 section 4.1.2.5.1
        (false, year) if year < "50" => "20",
        (false, _) => "19",
    };
    let at = |from: usize| &rest[from..from + 2];
    format!(
        "{century}{year}-{}-{}T{}:{}:{}Z",
        at(0),
        at(2),
        at(4),
        at(6),
        at(8)
    )
}

#[cfg(test)]
mod tests {
    use core::ops::ControlFlow;

    use super::super::{DumpLimits, walk};
    use super::*;

    fn shown(input: &[u8]) -> String {
        let mut out = String::new();
        walk(input, DumpLimits::default(), &mut |e| {
            out = format!("{} {}", tag_name(e), value(e).unwrap_or_default());
            ControlFlow::Break(())
        })
        .unwrap();
        out
    }

    #[test]
    fn a_value_reads_as_another() {
        for (input, expected) in [
            (&b"\x02\x01\xff"[..], "INTEGER -1"),
            (b"\x02\x02\x00\x80", "INTEGER 128"),
            (
                b"\x02\x09\x00\xff\xff\xff\xff\xff\xff\xff\xff",
                "INTEGER 00ffffffffffffffff",
            ),
            (b"\x03\x02\x06\xc0", "BIT STRING 11b"),
            (b"\x06\x03\x55\x04\x03", "OBJECT IDENTIFIER 2.5.4.3 (CN)"),
            (b"\x06\x03\x88\x37\x81", "OBJECT IDENTIFIER 883781"),
            (
                b"\x06\x0a\x88\x37\x80\x80\x80\x80\x80\x80\x80\x01",
                "OBJECT IDENTIFIER 2.999.1",
            ),
            (b"\x17\x0d500101000000Z", "UTCTime 1950-01-01T00:00:00Z"),
            (
                b"\x18\x0f20261122143000Z",
                "GeneralizedTime 2026-11-22T14:30:00Z",
            ),
            (
                b"\x18\x0d202611221430Z",
                "GeneralizedTime \"202611221430Z\"",
            ),
            (b"\x0c\x03a\x1bb", "UTF8String \"a\\u{1b}b\""),
            (b"\x1e\x04\0S\0\xe9", "BMPString \"S\u{e9}\""),
            (b"\x86\x03abc", "[6] \"abc\""),
            (b"\x7f\x81\x01\0", "[APPLICATION 129] "),
        ] {
            assert_eq!(shown(input), expected);
        }
        assert!(
            shown(&[&b"\x04\x82\x01\x00"[..], &[7; 256]].concat()).ends_with("... (256 octets)")
        );
    }
}
