//! Where image, text and QR code go in the box.
//!
//! In a wide box they stand side by side, in the order of reading: image, text, code. In a high one
//! the image is above the text and the code below.

use std::sync::Arc;

use crate::image::Picture;
use crate::qr::{QUIET, Qr};
use crate::scene::{Item, Rect, Scene};
use crate::style::{Border, Colour, ImagePlace, Style};
use crate::text::{Fonts, Reading, SMALLEST_TYPE, Shaped, TooLarge};
use crate::{SealError, template::Line};

/// The smallest side that shows anything, in points.
const SMALLEST_SIDE: f64 = 8.0;
/// A metre and a half: beyond any page that is looked at whole.
const LARGEST_SIDE: f64 = 4320.0;
/// Characters of the whole text: more than fit into any box at the smallest size that is read.
const MAX_TEXT: usize = 8192;
/// The thin line around.
const LINE: f32 = 0.6;
/// The strong line where reading begins.
const ACCENT: f32 = 3.0;
/// Of the box's side: what an image beside the text may take.
const IMAGE_SHARE: f32 = 0.34;

/// What there is to arrange.
pub(crate) struct Content<'a> {
    pub(crate) lines: &'a [Line],
    pub(crate) picture: Option<&'a Arc<Picture>>,
    pub(crate) qr: Option<&'a Qr>,
}

pub(crate) fn arrange(
    content: &Content<'_>,
    style: &Style,
    fonts: &Fonts,
    width: f64,
    height: f64,
) -> Result<Scene, SealError> {
    let refuse = |why| Err(SealError::Size { width, height, why });
    if !(width.is_finite() && height.is_finite()) || width <= 0.0 || height <= 0.0 {
        return refuse("it has no extent");
    }
    if width < SMALLEST_SIDE || height < SMALLEST_SIDE {
        return refuse("nobody could read it");
    }
    if width > LARGEST_SIDE || height > LARGEST_SIDE {
        return refuse("it is larger than a page");
    }
    if content.lines.is_empty() && content.picture.is_none() && content.qr.is_none() {
        return Err(SealError::Nothing);
    }
    #[allow(clippy::cast_possible_truncation)]
    let whole = Rect::new(0.0, 0.0, width as f32, height as f32);
    let reading = Reading::of(content.lines, style.direction);
    let ground = style.background.unwrap_or(Colour::new(255, 255, 255));
    let mut page = Page {
        content,
        style,
        reading,
        items: Vec::new(),
    };
    let inner = page.frame(whole);
    let text = page.pictures(inner)?;
    if !content.lines.is_empty() {
        let does_not_fit = |TooLarge(line): TooLarge| SealError::DoesNotFit {
            width,
            height,
            smallest: SMALLEST_TYPE,
            line,
        };
        let length: usize = content.lines.iter().map(|line| line.text.len()).sum();
        if length > MAX_TEXT {
            let first = content.lines.iter().max_by_key(|line| line.text.len());
            let start = first.map(|line| line.text.chars().take(80).collect());
            return Err(does_not_fit(TooLarge(start.unwrap_or_default())));
        }
        let shaped = Shaped::new(content.lines, reading, style.direction, fonts)?;
        let runs = shaped
            .fit(text.x, text.y, text.width, text.height, style)
            .map_err(does_not_fit)?;
        page.items.extend(runs.into_iter().map(Item::Glyphs));
    }
    Ok(Scene {
        width: whole.width,
        height: whole.height,
        items: page.items,
        ground,
    })
}

struct Page<'a> {
    content: &'a Content<'a>,
    style: &'a Style,
    reading: Reading,
    items: Vec<Item>,
}

impl Page<'_> {
    /// Background and border; what is left inside.
    fn frame(&mut self, whole: Rect) -> Rect {
        let side = whole.width.min(whole.height);
        let radius = (side * 0.04).clamp(0.0, 3.0);
        if let Some(colour) = self.style.background {
            self.items.push(Item::Fill {
                rect: whole,
                radius: if self.style.border == Border::None {
                    0.0
                } else {
                    radius
                },
                colour,
            });
        }
        if self.style.border == Border::None {
            return whole;
        }
        let padding = (side * 0.08).clamp(2.0, 7.0);
        let rect = whole.inset(LINE / 2.0);
        self.items.push(Item::Outline {
            rect,
            radius,
            width: LINE,
            colour: self.style.accent.towards(Colour::new(255, 255, 255), 0.35),
        });
        let mut inner = whole.inset(LINE + padding);
        if self.style.border == Border::Accent && side > 24.0 {
            let x = match self.reading {
                Reading::LeftToRight => 0.0,
                Reading::RightToLeft => whole.width - ACCENT,
            };
            self.items.push(Item::Fill {
                rect: Rect::new(x, 0.0, ACCENT, whole.height),
                radius: 0.0,
                colour: self.style.accent,
            });
            if self.reading == Reading::LeftToRight {
                inner.x += ACCENT;
            }
            inner.width = (inner.width - ACCENT).max(0.0);
        }
        inner
    }

    /// Image and code; what is left for the text.
    fn pictures(&mut self, inner: Rect) -> Result<Rect, SealError> {
        let wide = inner.width >= 1.5 * inner.height;
        let gap = (inner.width.min(inner.height) * 0.1).clamp(3.0, 9.0);
        let has_text = !self.content.lines.is_empty();
        let mut left = inner;
        if let Some(picture) = self.content.picture {
            let alone = !has_text && self.content.qr.is_none();
            let place = match self.style.image_place {
                ImagePlace::Auto if !wide => ImagePlace::Top,
                ImagePlace::Auto if self.reading == Reading::RightToLeft => ImagePlace::Right,
                ImagePlace::Auto => ImagePlace::Left,
                place => place,
            };
            let rect = if alone || place == ImagePlace::Behind {
                inner.contain(picture.size())
            } else {
                let (w, h) = picture.size();
                if place == ImagePlace::Top {
                    let height = (inner.height * 0.4).min(inner.width * h / w);
                    let rect = Rect::new(left.x, left.y, left.width, height);
                    left.y += height + gap;
                    left.height -= height + gap;
                    rect.contain((w, h))
                } else {
                    let width = (inner.width * IMAGE_SHARE).min(inner.height * w / h);
                    let at = beside(&mut left, width, gap, place == ImagePlace::Left);
                    at.contain((w, h))
                }
            };
            let item = Item::Picture {
                picture: Arc::clone(picture),
                rect,
            };
            self.items.push(item);
        }
        if let Some(qr) = self.content.qr {
            let alone = !has_text && self.content.picture.is_none();
            let side = if alone || wide {
                left.height.min(left.width)
            } else {
                left.width.min(left.height * 0.45)
            };
            // On paper of its own: dark on the page's text no camera reads it.
            let module = qr.module(side)?;
            #[allow(clippy::cast_precision_loss)]
            let side = module * qr.extent() as f32;
            let at = if alone {
                left.contain((1.0, 1.0))
            } else if wide {
                let at = beside(&mut left, side, gap, self.reading == Reading::RightToLeft);
                at.contain((1.0, 1.0))
            } else {
                let at = Rect::new(left.x, left.y + left.height - side, left.width, side);
                left.height -= side + gap;
                at.contain((1.0, 1.0))
            };
            self.qr(qr, at, module);
        }
        left.width = left.width.max(0.0);
        left.height = left.height.max(0.0);
        Ok(left)
    }

    fn qr(&mut self, qr: &Qr, at: Rect, module: f32) {
        self.items.push(Item::Fill {
            rect: at,
            radius: 0.0,
            colour: Colour::new(255, 255, 255),
        });
        #[allow(clippy::cast_precision_loss)]
        let place = |index: usize| (index + QUIET) as f32 * module;
        #[allow(clippy::cast_precision_loss)]
        let bar = |(row, column, count): (usize, usize, usize)| {
            Rect::new(
                at.x + place(column),
                at.y + place(row),
                count as f32 * module,
                module,
            )
        };
        self.items.push(Item::Squares {
            rects: qr.bars().into_iter().map(bar).collect(),
            colour: Colour::new(0, 0, 0),
        });
    }
}

/// Cuts a strip off the left or the right.
fn beside(left: &mut Rect, width: f32, gap: f32, on_the_left: bool) -> Rect {
    let x = if on_the_left {
        left.x
    } else {
        left.x + left.width - width
    };
    let strip = Rect::new(x, left.y, width, left.height);
    if on_the_left {
        left.x += width + gap;
    }
    left.width -= width + gap;
    strip
}
