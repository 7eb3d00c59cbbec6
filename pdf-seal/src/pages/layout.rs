//! Where each line stands.

use super::{Block, Sheets};
use crate::SealError;
use crate::style::Colour;
use crate::text::{Fonts, GlyphRun, Lines, Weight};

/// A report of more sheets is not read by anybody on paper, and all of them are in memory.
pub const MOST_SHEETS: usize = 500;

/// How much of it is set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Extent {
    /// All.
    Whole,
    /// As much as there is room for, and that there is more.
    Shortened,
}

/// Why setting stops.
enum Stop {
    /// There is no further sheet.
    Full,
    Failed(SealError),
}

impl From<SealError> for Stop {
    fn from(error: SealError) -> Self {
        Self::Failed(error)
    }
}

pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;
const MARGIN: f32 = 54.0;
const BOTTOM: f32 = HEIGHT - 64.0;
const COLUMN: f32 = 118.0;
const LEADING: f32 = 1.4;
const BODY: f32 = 9.5;

const INK: Colour = Colour::new(0x1c, 0x1c, 0x1c);
const PALE: Colour = Colour::new(0x44, 0x44, 0x44);
/// Of the bar beside what is said of the rest.
const NOTICE: Colour = Colour::new(0x8a, 0x5a, 0x00);

/// What a line belongs to, for whoever reads it aloud.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    Title,
    Heading,
    Text,
}

/// A sheet.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) lines: Vec<Placed>,
    /// Left, top, height, and colour.
    pub(super) bars: Vec<(f32, f32, f32, Colour)>,
}

/// A line in its place.
pub(super) struct Placed {
    pub(super) role: Role,
    /// Those with the same number are one element of the structure.
    pub(super) element: usize,
    pub(super) runs: Vec<GlyphRun>,
}

struct Setter<'a> {
    fonts: &'a Fonts,
    sheets: Vec<Sheet>,
    /// There are no more sheets than these.
    most: usize,
    y: f32,
    element: usize,
}

/// The sheets; none where there are too many of them.
pub(super) fn layout(
    sheets: &Sheets,
    extent: Extent,
    fonts: &Fonts,
) -> Result<Option<Vec<Sheet>>, SealError> {
    let mut setter = Setter {
        fonts,
        sheets: vec![Sheet::default()],
        most: match extent {
            Extent::Whole => MOST_SHEETS,
            // The last one says that there is more.
            Extent::Shortened => MOST_SHEETS - 1,
        },
        y: MARGIN,
        element: 0,
    };
    match (setter.set(sheets, extent), extent) {
        (Ok(()), _) => {}
        (Err(Stop::Failed(error)), _) => return Err(error),
        (Err(Stop::Full), Extent::Whole) => return Ok(None),
        (Err(Stop::Full), Extent::Shortened) => setter.end(&sheets.shortened)?,
    }
    setter.foot(&sheets.footer)?;
    Ok(Some(setter.sheets))
}

impl Setter<'_> {
    fn set(&mut self, sheets: &Sheets, extent: Extent) -> Result<(), Stop> {
        let setter = self;
        let wide = WIDTH - 2.0 * MARGIN;
        setter.element(
            Role::Title,
            MARGIN,
            wide,
            &sheets.title,
            Weight::Bold,
            18.0,
            INK,
        )?;
        setter.y += 6.0;
        let mut noticed = extent == Extent::Whole;
        for (index, block) in sheets.blocks.iter().enumerate() {
            match block {
                Block::Heading { text, colour } => {
                    if !noticed {
                        noticed = true;
                        setter.notice(&sheets.shortened)?;
                    }
                    if index > 0 {
                        setter.y += 12.0;
                    }
                    // Not alone at the foot of a sheet.
                    setter.room(60.0)?;
                    let indent = MARGIN + 10.0;
                    let width = wide - 10.0;
                    setter.barred(Role::Heading, indent, width, text, 11.5, *colour)?;
                    setter.y += 4.0;
                }
                Block::Banner { text, colour } => {
                    setter.y += 4.0;
                    let indent = MARGIN + 10.0;
                    setter.barred(Role::Text, indent, wide - 10.0, text, 12.0, *colour)?;
                    setter.y += 6.0;
                }
                Block::Paragraph(text) => {
                    setter.element(Role::Text, MARGIN, wide, text, Weight::Regular, BODY, PALE)?;
                    setter.y += 3.0;
                }
                Block::Entry {
                    label,
                    lines,
                    colour,
                } => setter.entry(label, lines, *colour)?,
            }
        }
        Ok(())
    }

    /// That there is more.
    fn notice(&mut self, text: &str) -> Result<(), Stop> {
        self.y += 4.0;
        let (indent, width) = (MARGIN + 10.0, WIDTH - 2.0 * MARGIN - 10.0);
        self.barred(Role::Text, indent, width, text, 11.0, NOTICE)?;
        self.y += 4.0;
        Ok(())
    }

    /// The same on a sheet of its own, the last one.
    fn end(&mut self, text: &str) -> Result<(), SealError> {
        self.sheets.push(Sheet::default());
        self.y = MARGIN;
        match self.notice(text) {
            Err(Stop::Failed(error)) => Err(error),
            Ok(()) | Err(Stop::Full) => Ok(()),
        }
    }

    /// A new sheet where less than `height` is left.
    fn room(&mut self, height: f32) -> Result<(), Stop> {
        if self.y + height <= BOTTOM {
            return Ok(());
        }
        if self.sheets.len() >= self.most {
            return Err(Stop::Full);
        }
        self.sheets.push(Sheet::default());
        self.y = MARGIN;
        Ok(())
    }

    fn lines(
        &self,
        text: &str,
        weight: Weight,
        size: f32,
        width: f32,
    ) -> Result<Vec<Vec<GlyphRun>>, SealError> {
        Lines::of(text, weight, self.fonts)?.set(width, size)
    }

    fn place(&mut self, role: Role, x: f32, y: f32, colour: Colour, mut runs: Vec<GlyphRun>) {
        for run in &mut runs {
            run.x += x;
            run.y = y + run.size;
            run.colour = colour;
        }
        let element = self.element;
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.lines.push(Placed {
                role,
                element,
                runs,
            });
        }
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "a line of text has so many properties"
    )]
    fn element(
        &mut self,
        role: Role,
        x: f32,
        width: f32,
        text: &str,
        weight: Weight,
        size: f32,
        colour: Colour,
    ) -> Result<(), Stop> {
        self.element += 1;
        for runs in self.lines(text, weight, size, width)? {
            self.room(size * LEADING)?;
            self.place(role, x, self.y, colour, runs);
            self.y += size * LEADING;
        }
        Ok(())
    }

    /// A line with a bar beside it, which nothing but its colour tells.
    fn barred(
        &mut self,
        role: Role,
        x: f32,
        width: f32,
        text: &str,
        size: f32,
        colour: Colour,
    ) -> Result<(), Stop> {
        self.element += 1;
        for runs in self.lines(text, Weight::Bold, size, width)? {
            self.room(size * LEADING)?;
            let top = self.y - size * (LEADING - 1.0) / 4.0;
            if let Some(sheet) = self.sheets.last_mut() {
                sheet.bars.push((x - 10.0, top, size * LEADING, colour));
            }
            self.place(role, x, self.y, INK, runs);
            self.y += size * LEADING;
        }
        Ok(())
    }

    fn entry(&mut self, label: &str, lines: &[String], colour: Colour) -> Result<(), Stop> {
        self.element += 1;
        let labels = self.lines(label, Weight::Bold, BODY, COLUMN - 8.0)?;
        let mut text = Vec::new();
        for line in lines {
            let width = WIDTH - 2.0 * MARGIN - COLUMN;
            text.extend(self.lines(line, Weight::Regular, BODY, width)?);
        }
        let mut labels = labels.into_iter();
        let mut text = text.into_iter();
        loop {
            let (left, right) = (labels.next(), text.next());
            if left.is_none() && right.is_none() {
                break;
            }
            self.room(BODY * LEADING)?;
            let y = self.y;
            if let Some(runs) = left {
                self.place(Role::Text, MARGIN, y, PALE, runs);
            }
            if let Some(runs) = right {
                self.place(Role::Text, MARGIN + COLUMN, y, colour, runs);
            }
            self.y += BODY * LEADING;
        }
        self.y += 2.0;
        Ok(())
    }

    /// The number of each sheet, of how many.
    fn foot(&mut self, footer: &str) -> Result<(), SealError> {
        const SIZE: f32 = 8.0;
        let count = self.sheets.len();
        for (index, sheet) in self.sheets.iter_mut().enumerate() {
            let text = format!("{footer}   {} / {count}", index + 1);
            let lines = Lines::of(&text, Weight::Regular, self.fonts)?;
            let lines = lines.set(WIDTH - 2.0 * MARGIN, SIZE)?;
            for (line, mut runs) in lines.into_iter().take(2).enumerate() {
                for run in &mut runs {
                    run.x += MARGIN;
                    run.y = HEIGHT - 44.0 + line as f32 * SIZE * LEADING;
                    run.colour = PALE;
                }
                sheet.lines.push(Placed {
                    role: Role::Text,
                    // No element: the number of a sheet is no part of what it says.
                    element: 0,
                    runs,
                });
            }
        }
        Ok(())
    }
}
