//! What can be read in a seal, in which order and with which fonts.

use crate::common::{Office, succeeded, there};
use crate::tools::{TOOLS, sign};

/// The words of the first page that are on one line with `word`, from left to right.
fn beside(office: &Office, word: &str) -> Vec<String> {
    let boxes = office.run("pdftotext", &["-bbox", "-l", "1", "out.pdf", "-"]);
    let boxes = String::from_utf8(boxes.stdout).unwrap();
    let number = |line: &str, key: &str| -> f64 {
        let rest = line.split(&format!("{key}=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let words: Vec<(f64, f64, String)> = boxes
        .lines()
        .filter(|line| line.contains("<word "))
        .map(|line| {
            let text = line.split(['>', '<']).nth(2).unwrap();
            // Poppler turns parentheses, and Arabic letters, as it sees fit.
            let text = text.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '.');
            (number(line, "yMax"), number(line, "xMin"), text.to_owned())
        })
        .collect();
    let found = words.iter().find(|(_, _, text)| text == word);
    let (y, _, _) = found.unwrap_or_else(|| panic!("no {word} in {words:?}"));
    let mut line: Vec<_> = words.iter().filter(|w| (w.0 - y).abs() < 3.0).collect();
    line.sort_by(|a, b| a.1.total_cmp(&b.1));
    line.into_iter().map(|w| w.2.clone()).collect()
}

#[test]
fn a_foreign_name_is_read_in_the_order_of_the_lines_around_it() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    let shown = |template: &str, word: &str, more: &[&str]| {
        let args = ["--visible", "1:20,20,220,70", "--text", template];
        succeeded(&sign(
            &office,
            "contract.pdf",
            "out.pdf",
            &[&args, more].concat(),
        ));
        beside(&office, word)
    };
    let arabic = "~ Signed by\\nوزارة 2026 (Monaco)";
    assert_eq!(shown(arabic, "Monaco", &[]), ["Monaco", "2026", ""]);
    // The full stop stays at the end of the word it is of.
    let latin = "~ وقع\\nAcme S.A.";
    assert_eq!(shown(latin, "S.A.", &[]), ["Acme", "S.A."]);
    // Unless somebody decides otherwise.
    let decided = shown(arabic, "Monaco", &["--text-direction", "ltr"]);
    assert_eq!(decided, ["2026", "", "Monaco"]);
}

#[test]
fn text_and_fonts_are_lost_to_readers_and_archives() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    for (template, said) in [
        (
            "# Zoé Ångström-N’Diaye\\nŠkoda, Żółć, Ελλάδα, Владимир",
            &["Zoé Ångström-N’Diaye", "Škoda, Żółć, Ελλάδα, Владимир"][..],
        ),
        // Poppler gives right-to-left text in logical order, within marks of direction.
        (
            "# محمد عبد الرحمن\\nوزارة العدل",
            &["محمد عبد الرحمن", "وزارة العدل"],
        ),
        ("# דוד בן־גוריון\\nהאוצר", &["דוד בן־גוריון", "האוצר"]),
        ("{name}, Dr. \u{202e}evil", &["acme"]),
    ] {
        let args = ["--visible", "1:20,20,200,70", "--text", template];
        succeeded(&sign(&office, "contract.pdf", "out.pdf", &args));
        let text = office.run("pdftotext", &["out.pdf", "-"]);
        let marks = |c: &char| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{200e}' | '\u{200f}');
        let text: String = String::from_utf8(text.stdout)
            .unwrap()
            .chars()
            .filter(marks)
            .collect();
        for said in said {
            assert!(text.contains(said), "{said:?} is not in {text:?}");
        }
        let fonts = office.run("pdffonts", &["out.pdf"]);
        let fonts = String::from_utf8(fonts.stdout).unwrap();
        let ours: Vec<_> = fonts.lines().filter(|l| l.contains('+')).collect();
        assert!(!ours.is_empty(), "{fonts}");
        for font in ours {
            assert!(font.contains("yes yes yes"), "{font}");
        }
    }
}
