//! Characters that make one name pass for another (RFC 4518, which RFC 5280 section 7.1 compares names
//! by, and Unicode Technical Standard 39).

/// Whether string preparation refuses it: private use, non-characters, the replacement character
/// (RFC 4518 section 2.4).
pub(crate) fn is_prohibited(c: char) -> bool {
    let code = u32::from(c);
    c == '\u{FFFD}'
        || matches!(code, 0xE000..=0xF8FF | 0xF_0000..=0xF_FFFD | 0x10_0000..=0x10_FFFD)
        || matches!(code, 0xFDD0..=0xFDEF)
        || code & 0xFFFE == 0xFFFE
}

/// Whether string preparation leaves it out (RFC 4518 section 2.2) and it is no control character,
/// which have a rule of their own.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{06DD}' | '\u{070F}' | '\u{1806}'
        | '\u{180B}'..='\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFC}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E01EF}')
}

/// Whether white space stands at an end, or twice in a row.
pub(crate) fn has_idle_space(text: &str) -> bool {
    let mut before = true;
    for c in text.chars() {
        let space = c.is_whitespace();
        if space && before {
            return true;
        }
        before = space;
    }
    before && !text.is_empty()
}

/// Whether a word has letters of two scripts whose letters look alike.
pub(crate) fn mixes_scripts(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphabetic());
    words.into_iter().any(|word| {
        let mut scripts = word.chars().filter_map(script);
        scripts
            .next()
            .is_some_and(|first| scripts.any(|other| other != first))
    })
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
}

/// The letters that look like each other's; `None` for every other letter.
fn script(c: char) -> Option<Script> {
    match c {
        // The ordinal indicators and the micro sign go with any script.
        '\u{AA}' | '\u{B5}' | '\u{BA}' => None,
        'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => {
            Some(Script::Latin)
        }
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => Some(Script::Greek),
        '\u{400}'..='\u{52F}' | '\u{1C80}'..='\u{1C8F}' | '\u{A640}'..='\u{A69F}' => {
            Some(Script::Cyrillic)
        }
        '\u{530}'..='\u{58F}' => Some(Script::Armenian),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_and_companies_are_left_in_peace() {
        for name in [
            "Société Générale & Cie, S.A.",
            "Ångström-Łódź",
            "Αθήνα Α.Ε.",
            "ООО «Пример»",
            "東京 Tower",
            "می\u{62E}",
            "Ελλάς Telecom",
            "5 µm",
            "L'Oréal",
        ] {
            assert!(!mixes_scripts(name), "{name}");
            assert!(!has_idle_space(name), "{name}");
            assert!(
                !name.chars().any(|c| is_prohibited(c) || is_invisible(c)),
                "{name}"
            );
        }
    }

    #[test]
    fn names_that_pass_for_another_are_not() {
        assert!(mixes_scripts("\u{410}cme") && mixes_scripts("Ac\u{43C}e SAM"));
        assert!(mixes_scripts("\u{391}lpha"));
        for name in [" Acme", "Acme ", "Ac  me", " ", "Acme\u{A0}"] {
            assert!(has_idle_space(name), "{name:?}");
        }
        for c in ['\u{200B}', '\u{202E}', '\u{E0041}', '\u{FE0F}', '\u{AD}'] {
            assert!(is_invisible(c), "{c:?}");
        }
        for c in ['\u{E000}', '\u{FFFE}', '\u{10FFFF}', '\u{FDD0}', '\u{FFFD}'] {
            assert!(is_prohibited(c), "{c:?}");
        }
    }
}
