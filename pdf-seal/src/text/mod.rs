//! From lines of text to glyphs in places: direction (UAX #9), fonts, shaping, line breaks (UAX #14)
//! and the size that fits.

mod fonts;
mod lines;
mod paragraph;

use std::sync::Arc;

pub use fonts::Fonts;
pub(crate) use fonts::{Face, Weight};
pub(crate) use lines::Lines;
use paragraph::Paragraph;

use crate::SealError;
use crate::style::{Colour, Direction, Style};
use crate::template::{Line, LineStyle};

/// Smaller type cannot be read on paper.
pub const SMALLEST_TYPE: f32 = 5.0;
/// How much smaller the type may become so that no line needs to be broken.
const FOR_WHOLE_LINES: f32 = 0.75;
/// How much smaller each try is.
const STEP: f32 = 0.25;
/// From one base line to the next, in units of the type.
const LEADING: f32 = 1.3;
/// The part of a line above the base line.
const ASCENT: f32 = 1.0;

/// Glyphs of one face in a row, from a point on the base line to the right.
#[derive(Clone, Debug)]
pub(crate) struct GlyphRun {
    pub(crate) face: Arc<Face>,
    pub(crate) size: f32,
    pub(crate) colour: Colour,
    pub(crate) x: f32,
    /// Of the base line, downwards.
    pub(crate) y: f32,
    /// What the glyphs stand for; their ranges are in it.
    pub(crate) text: String,
    pub(crate) glyphs: Vec<Glyph>,
}

/// Lengths are in units of the type.
#[derive(Clone, Debug)]
pub(crate) struct Glyph {
    pub(crate) id: u16,
    pub(crate) range: std::ops::Range<usize>,
    pub(crate) advance: f32,
    pub(crate) dx: f32,
    pub(crate) dy: f32,
}

/// Which way a text is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reading {
    LeftToRight,
    RightToLeft,
}

impl Reading {
    /// The given one, or that of the first letter with a direction.
    pub(crate) fn of(lines: &[Line], direction: Direction) -> Self {
        match direction {
            Direction::LeftToRight => Self::LeftToRight,
            Direction::RightToLeft => Self::RightToLeft,
            Direction::Auto => lines
                .iter()
                .find_map(|line| Self::of_text(&line.text))
                .unwrap_or(Self::LeftToRight),
        }
    }

    fn of_text(text: &str) -> Option<Self> {
        text.chars().find_map(|c| {
            use unicode_bidi::BidiClass;
            match unicode_bidi::bidi_class(c) {
                BidiClass::L => Some(Self::LeftToRight),
                BidiClass::R | BidiClass::AL => Some(Self::RightToLeft),
                _ => None,
            }
        })
    }
}

/// A text that is shaped and can be set at any size.
#[derive(Debug)]
pub(crate) struct Shaped {
    paragraphs: Vec<(LineStyle, Paragraph)>,
    reading: Reading,
}

/// A text at one size.
struct SetText {
    runs: Vec<GlyphRun>,
    height: f32,
    /// Line breaks that the template does not have.
    broken: usize,
}

/// Why it was not set; the line at fault.
pub(crate) struct TooLarge(pub(crate) String);

impl Shaped {
    pub(crate) fn new(
        lines: &[Line],
        reading: Reading,
        direction: Direction,
        fonts: &Fonts,
    ) -> Result<Self, SealError> {
        let mut paragraphs = Vec::new();
        for line in lines {
            let weight = match line.style {
                LineStyle::Headline => Weight::Bold,
                LineStyle::Body | LineStyle::Note => Weight::Regular,
            };
            paragraphs.push((
                line.style,
                // On whichever side it stands, a line is read as its own first letter says: a foreign
                // name keeps the order of its words, and its full stop at its end.
                Paragraph::shape(
                    &line.text,
                    match direction {
                        Direction::Auto => Reading::of_text(&line.text).unwrap_or(reading),
                        Direction::LeftToRight | Direction::RightToLeft => reading,
                    },
                    weight,
                    fonts,
                )?,
            ));
        }
        Ok(Self {
            paragraphs,
            reading,
        })
    }

    /// Sets the text into a box at the largest size that fits, centred vertically.
    pub(crate) fn fit(
        &self,
        left: f32,
        top: f32,
        width: f32,
        height: f32,
        style: &Style,
    ) -> Result<Vec<GlyphRun>, TooLarge> {
        let mut size = style.font_size.max(SMALLEST_TYPE);
        let mut set = loop {
            match self.set(width, height, size, style) {
                Ok(set) => break set,
                Err(too_large) if size <= SMALLEST_TYPE => return Err(too_large),
                Err(_) => size = (size - STEP).max(SMALLEST_TYPE),
            }
        };
        let least = (size * FOR_WHOLE_LINES).max(SMALLEST_TYPE);
        let mut smaller = size - STEP;
        while set.broken > 0 && smaller >= least {
            if let Ok(whole) = self.set(width, height, smaller, style)
                && whole.broken == 0
            {
                set = whole;
            }
            smaller -= STEP;
        }
        let down = top + ((height - set.height) / 2.0).max(0.0);
        for run in &mut set.runs {
            run.x += left;
            run.y += down;
        }
        Ok(set.runs)
    }

    /// The runs from (0, 0) on.
    fn set(&self, width: f32, height: f32, size: f32, style: &Style) -> Result<SetText, TooLarge> {
        let mut runs = Vec::new();
        let mut broken = 0;
        let mut y = 0.0;
        let pale = style.text.towards(Colour::new(255, 255, 255), 0.3);
        for (kind, paragraph) in &self.paragraphs {
            let (scale, colour) = match kind {
                LineStyle::Headline => (1.25, style.accent),
                LineStyle::Body => (1.0, style.text),
                LineStyle::Note => (0.85, pale),
            };
            let own = (size * scale).max(SMALLEST_TYPE);
            if paragraph.is_empty() {
                y += own * LEADING / 2.0;
                continue;
            }
            let lines = paragraph
                .lines(width / own)
                .ok_or_else(|| TooLarge(paragraph.text().to_owned()))?;
            broken += lines.len().saturating_sub(1);
            for line in lines {
                let free = width - line.width * own;
                let mut x = match self.reading {
                    Reading::LeftToRight => 0.0,
                    Reading::RightToLeft => free,
                };
                for run in line.runs {
                    let advance: f32 = run.glyphs.iter().map(|g| g.advance).sum();
                    runs.push(GlyphRun {
                        face: run.face,
                        size: own,
                        colour,
                        x,
                        y: y + own * ASCENT,
                        text: run.text,
                        glyphs: run.glyphs,
                    });
                    x += advance * own;
                }
                y += own * LEADING;
                // The last line needs its descenders, not its leading.
                if y - own * (LEADING - 1.25) > height {
                    return Err(TooLarge(paragraph.text().to_owned()));
                }
            }
        }
        Ok(SetText {
            runs,
            height: y,
            broken,
        })
    }
}
