//! A scene as PNG.

use resvg::render;
use rustybuzz::ttf_parser::{GlyphId, OutlineBuilder};
use tiny_skia::{
    FillRule, FilterQuality, IntSize, Paint, PathBuilder, Pixmap, PixmapPaint, Stroke, Transform,
};

use crate::SealError;
use crate::image::{Picture, with_stack};
use crate::scene::{Item, Rect, Scene};
use crate::style::Colour;
use crate::text::GlyphRun;

/// Points of the picture to the point (1/72 inch).
const DENSITY: f32 = 3.0;
/// Points of the longest side.
const LONGEST: f32 = 4096.0;

/// White where the seal is transparent: as on an empty page.
pub(crate) fn png(scene: &Scene) -> Result<Vec<u8>, SealError> {
    with_stack(|| Ok(draw(scene))).map_err(|e| SealError::Draw(e.to_string()))?
}

fn draw(scene: &Scene) -> Result<Vec<u8>, SealError> {
    let failed = || SealError::Draw("the preview is too large".into());
    let density = DENSITY.min(LONGEST / scene.width.max(scene.height));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let side = |points: f32| (points * density).ceil() as u32;
    let mut pixmap = Pixmap::new(side(scene.width), side(scene.height)).ok_or_else(failed)?;
    pixmap.fill(tiny_skia::Color::WHITE);
    let to = Transform::from_scale(density, density);
    for item in &scene.items {
        match item {
            Item::Fill {
                rect,
                radius,
                colour,
            } => fill(&mut pixmap, &[*rect], *radius, *colour, to),
            Item::Squares { rects, colour } => fill(&mut pixmap, rects, 0.0, *colour, to),
            Item::Outline {
                rect,
                radius,
                width,
                colour,
            } => {
                let mut path = PathBuilder::new();
                outline(&mut path, *rect, *radius);
                if let Some(path) = path.finish() {
                    let stroke = Stroke {
                        width: *width,
                        ..Stroke::default()
                    };
                    pixmap.stroke_path(&path, &paint(*colour), &stroke, to, None);
                }
            }
            Item::Glyphs(run) => glyphs(&mut pixmap, run, to),
            Item::Picture { picture, rect } => draw_picture(&mut pixmap, picture, *rect, to),
        }
    }
    pixmap
        .encode_png()
        .map_err(|e| SealError::Draw(e.to_string()))
}

fn paint(colour: Colour) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(colour.red, colour.green, colour.blue, 255);
    paint.anti_alias = true;
    paint
}

fn fill(pixmap: &mut Pixmap, rects: &[Rect], radius: f32, colour: Colour, to: Transform) {
    let mut path = PathBuilder::new();
    for rect in rects {
        outline(&mut path, *rect, radius);
    }
    if let Some(path) = path.finish() {
        pixmap.fill_path(&path, &paint(colour), FillRule::Winding, to, None);
    }
}

fn outline(path: &mut PathBuilder, rect: Rect, radius: f32) {
    let (l, t) = (rect.x, rect.y);
    let (r, b) = (l + rect.width, t + rect.height);
    let o = radius.min(rect.width / 2.0).min(rect.height / 2.0).max(0.0);
    path.move_to(l + o, t);
    path.line_to(r - o, t);
    path.quad_to(r, t, r, t + o);
    path.line_to(r, b - o);
    path.quad_to(r, b, r - o, b);
    path.line_to(l + o, b);
    path.quad_to(l, b, l, b - o);
    path.line_to(l, t + o);
    path.quad_to(l, t, l + o, t);
    path.close();
}

fn glyphs(pixmap: &mut Pixmap, run: &GlyphRun, to: Transform) {
    let Some(face) = run.face.shaper() else {
        return;
    };
    #[allow(clippy::cast_precision_loss)]
    let unit = run.size / face.units_per_em() as f32;
    let mut x = run.x;
    for glyph in &run.glyphs {
        let mut contour = Contour(PathBuilder::new());
        face.outline_glyph(GlyphId(glyph.id), &mut contour);
        if let Some(path) = contour.0.finish() {
            let at = to
                .pre_translate(x + glyph.dx * run.size, run.y - glyph.dy * run.size)
                .pre_scale(unit, -unit);
            pixmap.fill_path(&path, &paint(run.colour), FillRule::Winding, at, None);
        }
        x += glyph.advance * run.size;
    }
}

struct Contour(PathBuilder);

impl OutlineBuilder for Contour {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

fn draw_picture(pixmap: &mut Pixmap, picture: &Picture, rect: Rect, to: Transform) {
    let (width, height) = picture.size();
    match picture {
        Picture::Svg(svg) => {
            let at = to
                .pre_translate(rect.x, rect.y)
                .pre_scale(rect.width / width, rect.height / height);
            render(svg.tree(), at, &mut pixmap.as_mut());
        }
        Picture::Raster(raster) => {
            let points = raster.points(rect.width);
            let mut rgba = points.rgba.clone();
            for point in rgba.chunks_exact_mut(4) {
                let alpha = u16::from(point[3]);
                for value in &mut point[..3] {
                    *value = u8::try_from(u16::from(*value) * alpha / 255).unwrap_or(u8::MAX);
                }
            }
            let size = IntSize::from_wh(points.width, points.height);
            let Some(image) = size.and_then(|size| Pixmap::from_vec(rgba, size)) else {
                return;
            };
            #[allow(clippy::cast_precision_loss)]
            let at = to.pre_translate(rect.x, rect.y).pre_scale(
                rect.width / points.width as f32,
                rect.height / points.height as f32,
            );
            let how = PixmapPaint {
                quality: FilterQuality::Bicubic,
                ..PixmapPaint::default()
            };
            pixmap.draw_pixmap(0, 0, image.as_ref(), &how, at, None);
        }
    }
}
