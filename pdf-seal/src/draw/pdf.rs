//! A scene as a form XObject (ISO 32000-2, 8.10), by the rules of PDF/A whatever the document is:
//! fonts embedded as subsets with ToUnicode, colours by ICC profile. A document that is PDF/A-1 gets
//! no transparency either.

use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Size, Transform};
use krilla::image::{BitsPerComponent, CustomImage, Image, ImageColorspace};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};
use krilla_svg::{SurfaceExt as _, SvgSettings};
use std::sync::Arc;

use pdf_file::{Dict, Fragment, MemorySource, Object, OpenOptions, PdfFile, Stream};

use crate::SealError;
use crate::image::{Picture, Points, with_stack};
use crate::scene::{Item, Rect, Scene};
use crate::style::Colour;
use crate::text::GlyphRun;

/// What the document that the seal goes into permits.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Transparency {
    /// As most.
    #[default]
    Permitted,
    /// PDF/A-1 (ISO 19005-1, 6.4).
    Forbidden,
}

/// The scene's form XObject with everything it needs.
pub(crate) fn form(scene: &Scene, transparency: Transparency) -> Result<Fragment, SealError> {
    // Drawings nest as deep as their limits allow.
    let page = with_stack(|| Ok(page(scene, transparency)))
        .map_err(|e| SealError::Draw(e.to_string()))??;
    import(page, scene)
}

/// A document of one page.
fn page(scene: &Scene, transparency: Transparency) -> Result<Vec<u8>, SealError> {
    let archival = match transparency {
        Transparency::Permitted => Archival::A2_B,
        Transparency::Forbidden => Archival::A1_B,
    };
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(archival)
        .finish()
        .map_err(|_| SealError::Draw("the PDF writer has no PDF/A rules".into()))?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        enable_tagging: false,
        ..SerializeSettings::default()
    });
    // PDF/A wants a date. It stays behind with the page.
    document.set_metadata(Metadata::new().creation_date(DateTime::new(2000)));
    let size = PageSettings::from_wh(scene.width, scene.height)
        .ok_or_else(|| SealError::Draw("the box is too small".into()))?;
    let mut page = document.start_page_with(size);
    let mut surface = page.surface();
    let mut result = Ok(());
    for item in &scene.items {
        result = result.and_then(|()| draw(&mut surface, item, scene, transparency));
    }
    surface.finish();
    page.finish();
    result?;
    document.finish().map_err(refused)
}

fn draw(
    surface: &mut Surface<'_>,
    item: &Item,
    scene: &Scene,
    transparency: Transparency,
) -> Result<(), SealError> {
    match item {
        Item::Fill {
            rect,
            radius,
            colour,
        } => fill(surface, &[*rect], *radius, *colour),
        Item::Squares { rects, colour } => fill(surface, rects, 0.0, *colour),
        Item::Outline {
            rect,
            radius,
            width,
            colour,
        } => {
            let mut path = PathBuilder::new();
            outline(&mut path, *rect, *radius);
            if let Some(path) = path.finish() {
                surface.set_fill(None);
                surface.set_stroke(Some(Stroke {
                    paint: paint(*colour).into(),
                    width: *width,
                    ..Stroke::default()
                }));
                surface.draw_path(&path);
                surface.set_stroke(None);
            }
        }
        Item::Glyphs(run) => return glyphs(surface, run),
        Item::Picture { picture, rect } => {
            return draw_picture(surface, picture, *rect, scene, transparency);
        }
    }
    Ok(())
}

pub(crate) fn fill(surface: &mut Surface<'_>, rects: &[Rect], radius: f32, colour: Colour) {
    let mut path = PathBuilder::new();
    for rect in rects {
        outline(&mut path, *rect, radius);
    }
    if let Some(path) = path.finish() {
        surface.set_stroke(None);
        surface.set_fill(Some(opaque(colour)));
        surface.draw_path(&path);
    }
}

fn outline(path: &mut PathBuilder, rect: Rect, radius: f32) {
    /// Control points of a quarter of a circle, by a cubic curve.
    const ROUND: f32 = 0.552_285;
    let (l, t) = (rect.x, rect.y);
    let (r, b) = (l + rect.width, t + rect.height);
    let o = radius.min(rect.width / 2.0).min(rect.height / 2.0);
    if o <= 0.0 {
        path.move_to(l, t);
        path.line_to(r, t);
        path.line_to(r, b);
        path.line_to(l, b);
        path.close();
        return;
    }
    let c = o * (1.0 - ROUND);
    path.move_to(l + o, t);
    path.line_to(r - o, t);
    path.cubic_to(r - c, t, r, t + c, r, t + o);
    path.line_to(r, b - o);
    path.cubic_to(r, b - c, r - c, b, r - o, b);
    path.line_to(l + o, b);
    path.cubic_to(l + c, b, l, b - c, l, b - o);
    path.line_to(l, t + o);
    path.cubic_to(l, t + c, l + c, t, l + o, t);
    path.close();
}

pub(crate) fn glyphs(surface: &mut Surface<'_>, run: &GlyphRun) -> Result<(), SealError> {
    let font = run.face.krilla();
    let font = font.ok_or_else(|| SealError::Draw("a font cannot be embedded".into()))?;
    let glyphs: Vec<KrillaGlyph> = run
        .glyphs
        .iter()
        .map(|glyph| {
            KrillaGlyph::new(
                GlyphId::new(u32::from(glyph.id)),
                glyph.advance,
                glyph.dx,
                glyph.dy,
                0.0,
                glyph.range.clone(),
                None,
            )
        })
        .collect();
    surface.set_stroke(None);
    surface.set_fill(Some(opaque(run.colour)));
    let start = Point::from_xy(run.x, run.y);
    surface.draw_glyphs(start, &glyphs, font, &run.text, run.size, false);
    Ok(())
}

fn draw_picture(
    surface: &mut Surface<'_>,
    picture: &Picture,
    rect: Rect,
    scene: &Scene,
    transparency: Transparency,
) -> Result<(), SealError> {
    let Some(size) = Size::from_wh(rect.width, rect.height) else {
        return Ok(());
    };
    surface.push_transform(&Transform::from_translate(rect.x, rect.y));
    match picture {
        Picture::Svg(svg) => {
            let settings = SvgSettings::default();
            surface.draw_svg(svg.tree(), size, settings);
        }
        Picture::Raster(raster) => {
            let image = match raster.jpeg_for(rect.width) {
                Some(jpeg) => Image::from_jpeg(jpeg.into(), false),
                None => {
                    let mut points = raster.points(rect.width);
                    if transparency == Transparency::Forbidden && !points.is_opaque() {
                        points = Arc::new(points.flattened(scene.ground));
                    }
                    Image::from_custom(Samples::of(&points), false)
                }
            };
            surface.draw_image(image.map_err(SealError::Draw)?, size);
        }
    }
    surface.pop();
    Ok(())
}

/// Points with colour and alpha apart, as a PDF has them.
#[derive(Clone)]
struct Samples(Arc<Planes>);

struct Planes {
    size: (u32, u32),
    colour: Vec<u8>,
    alpha: Option<Vec<u8>>,
}

impl Samples {
    fn of(points: &Points) -> Self {
        let (quads, _) = points.rgba.as_chunks::<4>();
        Self(Arc::new(Planes {
            size: (points.width, points.height),
            colour: quads.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect(),
            alpha: (!points.is_opaque()).then(|| quads.iter().map(|&[.., a]| a).collect()),
        }))
    }
}

impl std::hash::Hash for Samples {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.size.hash(state);
        self.0.colour.hash(state);
        self.0.alpha.hash(state);
    }
}

impl CustomImage for Samples {
    fn color_channel(&self) -> &[u8] {
        &self.0.colour
    }

    fn alpha_channel(&self) -> Option<&[u8]> {
        self.0.alpha.as_deref()
    }

    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }

    fn size(&self) -> (u32, u32) {
        self.0.size
    }

    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }

    fn color_space(&self) -> ImageColorspace {
        ImageColorspace::Rgb
    }
}

fn paint(colour: Colour) -> rgb::Color {
    rgb::Color::new(colour.red, colour.green, colour.blue)
}

fn opaque(colour: Colour) -> Fill {
    Fill {
        paint: paint(colour).into(),
        opacity: NormalizedF32::ONE,
        rule: krilla::paint::FillRule::NonZero,
    }
}

/// The rules of PDF/A by which the writer refuses, in words.
pub(crate) fn refused(error: KrillaError) -> SealError {
    use krilla::configure::ValidationError as Rule;
    let KrillaError::Validation(rules) = &error else {
        return SealError::Draw(error.to_string());
    };
    let what = match rules.first().map(|(rule, _)| rule) {
        Some(Rule::Transparency(_)) => "transparency",
        Some(Rule::MissingCMYKProfile) => "colours for print (CMYK)",
        Some(Rule::TooHighQNestingLevel) => "drawings nested that deep",
        Some(Rule::ContainsPostScript(_)) => "colour gradients that repeat",
        Some(Rule::RestrictedLicense(_)) => "a font whose licence forbids embedding",
        _ => return SealError::Draw(error.to_string()),
    };
    SealError::Archival {
        what: what.to_owned(),
    }
}

/// The page's content as a form of the same size.
fn import(bytes: Vec<u8>, scene: &Scene) -> Result<Fragment, SealError> {
    let unreadable = |e: pdf_file::PdfError| SealError::Draw(e.to_string());
    let source = Arc::new(MemorySource::new(bytes));
    let pdf = PdfFile::open(source, OpenOptions::new()).map_err(unreadable)?;
    let at = pdf.latest();
    let page = pdf.page(0, at).map_err(unreadable)?;
    let contents = page
        .dict
        .as_dict()
        .map(|page| pdf.get(page, "Contents", at));
    let contents = contents
        .transpose()
        .map_err(unreadable)?
        .ok_or_else(|| SealError::Draw("the page is empty".into()))?;
    let stream = contents
        .as_stream()
        .ok_or_else(|| SealError::Draw("the page's content is in several pieces".into()))?;
    let bbox = [0.0, 0.0, f64::from(scene.width), f64::from(scene.height)];
    let mut dict = Dict::new()
        .with("Type", Object::name("XObject"))
        .with("Subtype", Object::name("Form"))
        .with("BBox", bbox.map(Object::number).to_vec());
    if let Some(resources) = page.resources {
        dict.set("Resources", resources);
    }
    for key in ["Filter", "DecodeParms"] {
        if let Some(value) = stream.dict.get(key) {
            dict.set(key, value.clone());
        }
    }
    let form = Stream {
        dict,
        data: stream.data.clone(),
    };
    Fragment::extract(&pdf, form.into()).map_err(unreadable)
}
