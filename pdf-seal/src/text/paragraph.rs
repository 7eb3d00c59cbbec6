//! One paragraph: its characters in runs of one face, script and direction, shaped once, broken
//! into lines for any width.

use std::ops::Range;
use std::str::FromStr as _;
use std::sync::Arc;

use unicode_bidi::{BidiInfo, Level};
use unicode_linebreak::BreakOpportunity;
use unicode_script::{Script, UnicodeScript as _};

use super::fonts::{Face, Fonts, Weight};
use super::{Glyph, Reading};
use crate::SealError;

/// A shaped paragraph.
#[derive(Debug)]
pub(super) struct Paragraph {
    text: String,
    base: Level,
    /// In logical order.
    items: Vec<Item>,
    /// Where a line may end, and where the white space before that begins.
    breaks: Vec<Break>,
}

/// Characters of one face, script and embedding level.
#[derive(Debug)]
struct Item {
    range: Range<usize>,
    face: Arc<Face>,
    /// As they are drawn, from left to right.
    glyphs: Vec<Glyph>,
}

#[derive(Debug)]
struct Break {
    visible_end: usize,
    end: usize,
}

/// A line that fits.
#[derive(Debug)]
pub(super) struct SetLine {
    /// In units of the type.
    pub(super) width: f32,
    /// From left to right.
    pub(super) runs: Vec<Run>,
}

#[derive(Debug)]
pub(super) struct Run {
    pub(super) face: Arc<Face>,
    pub(super) text: String,
    pub(super) glyphs: Vec<Glyph>,
}

impl Paragraph {
    pub(super) fn shape(
        text: &str,
        reading: Reading,
        weight: Weight,
        fonts: &Fonts,
    ) -> Result<Self, SealError> {
        let base = match reading {
            Reading::LeftToRight => Level::ltr(),
            Reading::RightToLeft => Level::rtl(),
        };
        let bidi = BidiInfo::new(text, Some(base));
        let mut items = Vec::new();
        for run in split(text, &bidi.levels, weight, fonts)? {
            items.push(run.shape(text)?);
        }
        let breaks = unicode_linebreak::linebreaks(text)
            .map(|(end, _): (usize, BreakOpportunity)| Break {
                visible_end: text
                    .get(..end)
                    .map_or(end, |before| before.trim_end().len()),
                end,
            })
            .collect();
        Ok(Self {
            text: text.to_owned(),
            base,
            items,
            breaks,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Lines of at most this width, in units of the type; `None` where a word is wider.
    pub(super) fn lines(&self, width: f32) -> Option<Vec<SetLine>> {
        let mut lines = Vec::new();
        let mut start = 0;
        let mut end = None;
        for at in &self.breaks {
            if self.width(start..at.visible_end) <= width {
                end = Some(at);
                continue;
            }
            let last: &Break = end?;
            lines.push(self.line(start..last.visible_end));
            start = last.end;
            if self.width(start..at.visible_end) > width {
                return None;
            }
            end = Some(at);
        }
        if let Some(last) = end {
            lines.push(self.line(start..last.visible_end));
        }
        Some(lines)
    }

    fn width(&self, range: Range<usize>) -> f32 {
        let inside = self.items.iter().flat_map(|item| &item.glyphs);
        inside
            .filter(|glyph| range.contains(&glyph.range.start))
            .map(|glyph| glyph.advance)
            .sum()
    }

    /// The line's runs in the order they are seen in (UAX #9, L2).
    fn line(&self, range: Range<usize>) -> SetLine {
        let bidi = BidiInfo::new(&self.text, Some(self.base));
        let mut runs = Vec::new();
        if let Some(paragraph) = bidi.paragraphs.first() {
            let (levels, visual) = bidi.visual_runs(paragraph, range.clone());
            for part in visual {
                let rtl = levels.get(part.start).is_some_and(|level| level.is_rtl());
                let inside =
                    |item: &&Item| item.range.start < part.end && part.start < item.range.end;
                let mut items: Vec<&Item> = self.items.iter().filter(inside).collect();
                if rtl {
                    items.reverse();
                }
                runs.extend(items.into_iter().map(|item| item.part(&self.text, &part)));
            }
        }
        runs.retain(|run| !run.glyphs.is_empty());
        let glyphs = runs.iter().flat_map(|run| &run.glyphs);
        SetLine {
            width: glyphs.map(|glyph| glyph.advance).sum(),
            runs,
        }
    }
}

impl Item {
    /// The glyphs of the characters in `range`, with these characters as their text.
    fn part(&self, text: &str, range: &Range<usize>) -> Run {
        let start = self.range.start.max(range.start);
        let end = self.range.end.min(range.end);
        let glyphs = self
            .glyphs
            .iter()
            .filter(|glyph| (start..end).contains(&glyph.range.start))
            .map(|glyph| Glyph {
                range: glyph.range.start - start..glyph.range.end.min(end) - start,
                ..glyph.clone()
            });
        Run {
            face: Arc::clone(&self.face),
            text: text.get(start..end).unwrap_or_default().to_owned(),
            glyphs: glyphs.collect(),
        }
    }
}

/// Characters that are shaped together.
struct Unshaped {
    range: Range<usize>,
    level: Level,
    script: Script,
    face: Arc<Face>,
}

/// Cuts the text where face, script or level change.
fn split(
    text: &str,
    levels: &[Level],
    weight: Weight,
    fonts: &Fonts,
) -> Result<Vec<Unshaped>, SealError> {
    let mut runs: Vec<Unshaped> = Vec::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let level = levels.get(at).copied().unwrap_or(Level::ltr());
        let script = c.script();
        let neutral = matches!(script, Script::Common | Script::Inherited);
        if let Some(last) = runs.last_mut()
            && last.level == level
        {
            let same_script = neutral || last.script == script || last.script == Script::Common;
            let drawn = !is_invisible(c);
            let same_face = !drawn
                || fonts
                    .find(c, weight)
                    .is_some_and(|face| Arc::ptr_eq(&face, &last.face))
                || (neutral && has_glyph(&last.face, c));
            if same_script && same_face {
                last.range.end = end;
                if !neutral {
                    last.script = script;
                }
                continue;
            }
        }
        // What draws nothing needs no font of its own.
        let lookup = if is_invisible(c) { ' ' } else { c };
        let face = fonts.find(lookup, weight).ok_or(SealError::MissingGlyph {
            character: c,
            text: text.to_owned(),
        })?;
        runs.push(Unshaped {
            range: at..end,
            level,
            script: if neutral { Script::Common } else { script },
            face,
        });
    }
    Ok(runs)
}

fn has_glyph(face: &Face, c: char) -> bool {
    face.shaper()
        .is_some_and(|face| face.glyph_index(c).is_some())
}

/// Joiners, directional marks, variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{61c}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

impl Unshaped {
    fn shape(self, text: &str) -> Result<Item, SealError> {
        let unreadable = || SealError::Draw("a font became unreadable".to_owned());
        let face = self.face.shaper().ok_or_else(unreadable)?;
        let inside = text.get(self.range.clone()).unwrap_or_default();
        let mut buffer = rustybuzz::UnicodeBuffer::new();
        buffer.push_str(inside);
        buffer.set_direction(if self.level.is_rtl() {
            rustybuzz::Direction::RightToLeft
        } else {
            rustybuzz::Direction::LeftToRight
        });
        if let Ok(script) = rustybuzz::Script::from_str(self.script.short_name())
            && self.script != Script::Common
        {
            buffer.set_script(script);
        }
        let before = text.get(..self.range.start).unwrap_or_default();
        let after = text.get(self.range.end..).unwrap_or_default();
        buffer.set_pre_context(before);
        buffer.set_post_context(after);
        let shaped = rustybuzz::shape(&face, &[], buffer);
        // Where each cluster ends is where the next one, in logical order, begins.
        let mut starts: Vec<usize> = shaped
            .glyph_infos()
            .iter()
            .map(|info| info.cluster as usize)
            .collect();
        starts.sort_unstable();
        starts.dedup();
        #[allow(clippy::cast_precision_loss)]
        let em = face.units_per_em() as f32;
        #[allow(clippy::cast_precision_loss)]
        let scaled = |units: i32| units as f32 / em;
        let mut glyphs = Vec::with_capacity(shaped.len());
        for (info, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            let start = info.cluster as usize;
            let next = starts.iter().find(|&&s| s > start).copied();
            let end = next.unwrap_or(inside.len());
            let id = u16::try_from(info.glyph_id).unwrap_or(0);
            if id == 0 {
                return Err(SealError::MissingGlyph {
                    character: inside
                        .get(start..)
                        .and_then(|rest| rest.chars().next())
                        .unwrap_or(char::REPLACEMENT_CHARACTER),
                    text: text.to_owned(),
                });
            }
            glyphs.push(Glyph {
                id,
                range: self.range.start + start..self.range.start + end,
                advance: scaled(position.x_advance),
                dx: scaled(position.x_offset),
                dy: scaled(position.y_offset),
            });
        }
        Ok(Item {
            range: self.range,
            face: self.face,
            glyphs,
        })
    }
}
