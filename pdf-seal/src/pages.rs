//! Sheets of A4 with headings and labelled lines, as somebody puts them on file: PDF/A-2a (ISO 19005-2), tagged,
//! fonts embedded. The same sheets give the same octets.
//!
//! Whatever the text is, it is text: characters that no font has become U+FFFD, and words that are wider
//! than the column are broken.

mod layout;
mod write;

use crate::SealError;
use crate::style::Colour;
use crate::text::Fonts;

use layout::Extent;
pub use layout::MOST_SHEETS;

/// What is set.
#[derive(Clone, Debug)]
pub struct Sheets {
    /// Its language (BCP 47).
    pub language: String,
    /// The title: of the document, and its first heading.
    pub title: String,
    /// When it was made: year, month, day, hour, minute and second, in UTC.
    pub made: (u16, u8, u8, u8, u8, u8),
    /// What made it.
    pub producer: String,
    /// At the foot of every sheet, before its number.
    pub footer: String,
    /// What comes below the title.
    pub blocks: Vec<Block>,
    /// What is said, before the first heading and at the end, where there is more than [`MOST_SHEETS`] hold.
    pub shortened: String,
}

/// A piece that is set from the left margin on.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading over what follows, up to the next one.
    Heading {
        /// The heading.
        text: String,
        /// Of the bar beside it.
        colour: Colour,
    },
    /// A line that stands out.
    Banner {
        /// The line.
        text: String,
        /// Of the bar beside it.
        colour: Colour,
    },
    /// A paragraph.
    Paragraph(String),
    /// A label and what belongs to it, beside it.
    Entry {
        /// The label.
        label: String,
        /// One or more lines.
        lines: Vec<String>,
        /// Of the lines.
        colour: Colour,
    },
}

impl Sheets {
    /// The PDF, of [`MOST_SHEETS`] at most: what is more is left out, and that is said.
    ///
    /// # Errors
    /// Where it cannot be drawn.
    pub fn to_pdf(&self, fonts: &Fonts) -> Result<Vec<u8>, SealError> {
        let sheets = match layout::layout(self, Extent::Whole, fonts)? {
            Some(sheets) => sheets,
            None => layout::layout(self, Extent::Shortened, fonts)?.unwrap_or_default(),
        };
        write::write(self, &sheets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets(blocks: Vec<Block>) -> Sheets {
        Sheets {
            language: "en".into(),
            title: "A report".into(),
            made: (2026, 11, 22, 12, 0, 0),
            producer: "test".into(),
            footer: "A report".into(),
            blocks,
            shortened: "There is more.".into(),
        }
    }

    #[test]
    fn text_of_strangers_breaks_the_sheet() {
        let ink = Colour::new(0, 0, 0);
        for text in [
            "W".repeat(3_000),
            "\u{0}\u{1}\u{feff}\u{fffe}\u{e000}\u{10ffff}".into(),
            "\u{202e}fdp\u{2066} \u{5d0}\u{5d1} \u{627}\u{644}".into(),
            "<script>(\\) Tj ET".into(),
            String::new(),
            "\u{301}\u{301}\u{301} \u{200d}".into(),
            " ".repeat(500),
        ] {
            let blocks = vec![
                Block::Heading {
                    text: text.clone(),
                    colour: ink,
                },
                Block::Banner {
                    text: text.clone(),
                    colour: ink,
                },
                Block::Paragraph(text.clone()),
                Block::Entry {
                    label: text.clone(),
                    lines: vec![text.clone(); 3],
                    colour: ink,
                },
            ];
            let pdf = sheets(blocks)
                .to_pdf(&Fonts::new())
                .unwrap_or_else(|e| panic!("{:.40?}: {e}", text));
            assert!(pdf.starts_with(b"%PDF-"), "{text:.40?}");
        }
    }

    #[test]
    fn the_same_sheets_differ() {
        let blocks = vec![Block::Paragraph("The same.".into())];
        let make = || sheets(blocks.clone()).to_pdf(&Fonts::new()).unwrap();
        assert_eq!(make(), make());
    }

    #[test]
    fn sheets_are_made_without_end() {
        let blocks = vec![Block::Paragraph("line".into()); MOST_SHEETS * 100];
        let all = sheets(blocks);
        assert!(
            layout::layout(&all, Extent::Whole, &Fonts::new())
                .unwrap()
                .is_none()
        );
        let shortened = layout::layout(&all, Extent::Shortened, &Fonts::new());
        assert_eq!(shortened.unwrap().unwrap().len(), MOST_SHEETS);
    }
}
