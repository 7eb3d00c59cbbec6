//! Every built-in profile renders in both languages, the same each time, and hostile text stays text.

use super::*;
use crate::profile::builtin::SOURCES;

#[test]
fn every_annex_has_the_same_tables_in_both_languages() {
    for source in SOURCES {
        let profile = Profile::parse(source).unwrap();
        let english = annex(&profile, None, Language::English);
        let french = annex(&profile, None, Language::French);
        assert_eq!(english, annex(&profile, None, Language::English));
        // The same rows with the same identifiers; only the words differ.
        let shape = |text: &str| -> Vec<usize> {
            text.lines().map(|line| line.matches('|').count()).collect()
        };
        assert_eq!(shape(&english), shape(&french), "{}", profile.name());
        for text in [&english, &french] {
            assert!(text.contains(&profile.digest().to_hex()));
            assert!(text.ends_with('\n') && !text.contains("  \n"));
            // Each line of a table has as many cells as its heading.
            let mut columns = 0;
            for line in text.lines() {
                let cells = line.replace("\\|", "").matches('|').count();
                assert!(columns == 0 || cells == 0 || cells == columns, "{line}");
                columns = cells;
            }
        }
        assert!(!french.contains(" :") && !french.contains(" ;"), "{french}");
        for word in [" the ", " where ", "always", "Source"] {
            assert!(
                !french.contains(word),
                "{word:?} in the French annex:\n{french}"
            );
        }
    }
}

#[test]
fn a_hostile_title_is_no_markup() {
    let source = SOURCES[2].replace("Electronic seal", "<script>|`*_[x](y)&");
    let profile = Profile::parse(&source).unwrap();
    let text = annex(&profile, None, Language::English);
    assert!(
        text.contains("&lt;script&gt;\\|\\`\\*\\_\\[x\\](y)&amp;"),
        "{text}"
    );
}
