//! The report as a PDF for the file: what is said, as headings and labelled lines.

use ades::report::{Page, Row, Tone};
use pdf_seal::pages::{Block, MOST_SHEETS, Sheets};
use pdf_seal::{Colour, Fonts, SealError};
use pki_asn1::UnixTime;

/// As dark as print needs it (WCAG 2.1, 1.4.3); the words say the same.
fn colour(tone: Tone) -> Colour {
    match tone {
        Tone::Plain => Colour::new(0x1c, 0x1c, 0x1c),
        Tone::Good => Colour::new(0x1b, 0x6e, 0x3c),
        Tone::Doubtful => Colour::new(0x8a, 0x5a, 0x00),
        Tone::Bad => Colour::new(0xa6, 0x1b, 0x1b),
    }
}

/// The PDF; `at` is when it was judged.
pub(super) fn pdf(page: &Page, at: UnixTime) -> Result<Vec<u8>, SealError> {
    let mut blocks = vec![
        Block::Paragraph(page.file.clone()),
        Block::Banner {
            text: page.headline.clone(),
            colour: colour(page.tone),
        },
    ];
    blocks.extend(page.notes.iter().map(block));
    for part in &page.parts {
        blocks.push(Block::Heading {
            text: part.heading.clone(),
            colour: colour(part.tone),
        });
        blocks.extend(part.rows.iter().map(block));
    }
    blocks.push(Block::Paragraph(page.colophon.clone()));
    let time = at.to_offset();
    let sheets = Sheets {
        language: page.language.tag().into(),
        title: page.title.clone(),
        made: (
            u16::try_from(time.year()).unwrap_or_default(),
            time.month().into(),
            time.day(),
            time.hour(),
            time.minute(),
            time.second(),
        ),
        producer: concat!("sceau ", env!("CARGO_PKG_VERSION")).into(),
        footer: page.title.clone(),
        blocks,
        shortened: page.shortened(MOST_SHEETS),
    };
    sheets.to_pdf(&Fonts::new())
}

fn block(row: &Row) -> Block {
    match row.label.as_str() {
        "" => Block::Paragraph(row.lines.join("\n")),
        label => Block::Entry {
            label: label.to_owned(),
            lines: row.lines.clone(),
            colour: colour(row.tone),
        },
    }
}
