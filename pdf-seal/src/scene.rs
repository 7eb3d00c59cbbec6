//! What is drawn where, for whoever draws it. Points (1/72 inch) from the top left corner,
//! downwards.

use std::sync::Arc;

use crate::image::Picture;
use crate::style::Colour;
use crate::text::GlyphRun;

/// A drawing.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) items: Vec<Item>,
    /// What transparent images are flattened onto where transparency is not possible.
    pub(crate) ground: Colour,
}

#[derive(Debug)]
pub(crate) enum Item {
    /// A filled rectangle, with rounded corners.
    Fill {
        rect: Rect,
        radius: f32,
        colour: Colour,
    },
    /// The outline of one; the line's middle is the rectangle's edge.
    Outline {
        rect: Rect,
        radius: f32,
        width: f32,
        colour: Colour,
    },
    /// Rectangles of one colour, filled as one shape.
    Squares { rects: Vec<Rect>, colour: Colour },
    /// An image that fills the rectangle.
    Picture { picture: Arc<Picture>, rect: Rect },
    /// Text.
    Glyphs(GlyphRun),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

impl Rect {
    pub(crate) fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self {
            x,
            y,
            width: width.max(0.0),
            height: height.max(0.0),
        }
    }

    pub(crate) fn inset(self, by: f32) -> Self {
        Self::new(
            self.x + by,
            self.y + by,
            self.width - 2.0 * by,
            self.height - 2.0 * by,
        )
    }

    /// The largest rectangle of these proportions in the middle of this one.
    pub(crate) fn contain(self, (width, height): (f32, f32)) -> Self {
        let scale = (self.width / width).min(self.height / height);
        let (w, h) = (width * scale, height * scale);
        Self::new(
            self.x + (self.width - w) / 2.0,
            self.y + (self.height - h) / 2.0,
            w,
            h,
        )
    }
}
