//! Text that is set whatever it is, in lines of a given width: for sheets, where a seal would be refused.

use super::paragraph::{Paragraph, Run, SetLine};
use super::{Fonts, GlyphRun, Reading, Weight};
use crate::SealError;
use crate::style::{Colour, Direction};
use crate::template::{Line, LineStyle};

/// Longer words are broken after so many letters: the first that makes all of them fit.
const WORDS: [usize; 5] = [64, 32, 16, 8, 1];
/// What no font has, and what a PDF/A may not hold.
const UNKNOWN: char = '\u{fffd}';

/// A text that can be set in any width.
pub(crate) struct Lines<'f> {
    text: String,
    whole: Paragraph,
    weight: Weight,
    fonts: &'f Fonts,
}

impl<'f> Lines<'f> {
    pub(crate) fn of(text: &str, weight: Weight, fonts: &'f Fonts) -> Result<Self, SealError> {
        let known = |c: char| {
            let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
            let never = c.is_control() || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}');
            match private || never || fonts.find(c, weight).is_none() {
                true => UNKNOWN,
                false => c,
            }
        };
        let text: String = text.chars().map(known).collect();
        Ok(Self {
            whole: shape(&text, weight, fonts)?,
            text,
            weight,
            fonts,
        })
    }

    /// The runs of each line, from its left end and from its base line on.
    pub(crate) fn set(&self, width: f32, size: f32) -> Result<Vec<Vec<GlyphRun>>, SealError> {
        if self.whole.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(lines) = self.whole.lines(width / size) {
            return Ok(placed(lines, size));
        }
        for word in WORDS {
            let set = pieces(&self.text, word).into_iter().map(|piece| {
                let piece = shape(piece, self.weight, self.fonts)?;
                Ok(piece.lines(width / size).map(|lines| placed(lines, size)))
            });
            let set: Result<Vec<Option<_>>, SealError> = set.collect();
            if let Some(set) = set?.into_iter().collect::<Option<Vec<_>>>() {
                return Ok(set.into_iter().flatten().collect());
            }
        }
        Err(SealError::Draw(format!(
            "no letter of {:?} fits into {width} points",
            self.text
        )))
    }
}

fn shape(text: &str, weight: Weight, fonts: &Fonts) -> Result<Paragraph, SealError> {
    let line = Line {
        text: text.to_owned(),
        style: LineStyle::Body,
    };
    let reading = Reading::of(core::slice::from_ref(&line), Direction::Auto);
    Paragraph::shape(text, reading, weight, fonts)
}

fn placed(lines: Vec<SetLine>, size: f32) -> Vec<Vec<GlyphRun>> {
    let line = |line: SetLine| {
        let mut x = 0.0;
        let run = |run: Run| {
            let advance: f32 = run.glyphs.iter().map(|g| g.advance).sum();
            let placed = GlyphRun {
                face: run.face,
                size,
                colour: Colour::new(0, 0, 0),
                x,
                y: 0.0,
                text: run.text,
                glyphs: run.glyphs,
            };
            x += advance * size;
            placed
        };
        line.runs.into_iter().map(run).collect()
    };
    lines.into_iter().map(line).collect()
}

/// The text in pieces that begin a line, so that no word has more than so many letters.
fn pieces(text: &str, most: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut letters) = (0, 0);
    for (at, c) in text.char_indices() {
        letters = if c.is_whitespace() { 0 } else { letters + 1 };
        if letters > most {
            out.extend(text.get(start..at));
            (start, letters) = (at, 1);
        }
    }
    out.extend(text.get(start..));
    out
}
