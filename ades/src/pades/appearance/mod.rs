//! Visible signatures: where one stands on its page, and its appearance stream (ISO 32000-2, 12.5.5
//! and 12.7.5.5).
//!
//! What it looks like is up to a [`Draw`]; here it is put upright where the reader of the page sees
//! the place that was asked for, whatever the page's rotation, boxes and unit.

mod error;
mod geometry;
mod place;

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use pdf_file::{Dict, Fragment, ObjId, Object, Page, PdfError, PdfFile, Update};

pub use error::AppearanceError;
pub use place::{Area, Corner, InvalidPlace, PageNumber, Place};

use super::form::{Field, Form, last_reference};
use super::{PadesError, PadesOptions, permissions};
use geometry::Sheet;

/// A visible signature: where, and what it looks like.
#[derive(Clone, Debug)]
pub struct Appearance {
    /// Where.
    pub place: Place,
    /// What.
    pub draw: Arc<dyn Draw>,
}

/// Draws an appearance.
pub trait Draw: fmt::Debug + Send + Sync {
    /// A form XObject with its resources, whose `/BBox` is `[0 0 width height]` of the canvas and
    /// whose content is upright.
    ///
    /// # Errors
    /// Why it cannot be drawn.
    fn draw(&self, canvas: &Canvas) -> Result<Fragment, DrawError>;
}

/// What an appearance is drawn for.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Canvas {
    /// Points (1/72 inch) as the reader sees them.
    pub width: f64,
    /// Points.
    pub height: f64,
    /// The document says that it is PDF/A-1, which knows no transparency (ISO 19005-1, 6.4).
    pub is_pdf_a_1: bool,
}

/// Why an appearance was not drawn.
#[derive(Debug)]
pub struct DrawError {
    /// The reason.
    pub cause: Box<dyn Error + Send + Sync>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// An appearance that was drawn and has its place.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) page: Page,
    /// The field's widget, where it is an object apart from the field.
    pub(super) widget: Option<(ObjId, Dict)>,
    /// Left, bottom, right, top in the page's own units.
    pub(super) rect: [f64; 4],
    form: Fragment,
}

/// A place for an appearance that is still to be drawn.
struct Spot {
    page: Page,
    widget: Option<(ObjId, Dict)>,
    rect: [f64; 4],
    /// Counter-clockwise.
    turned: u16,
    canvas: Canvas,
}

/// What the appearance that `options` ask for would be drawn for: for a preview. `None` where the
/// signature is not to be seen.
///
/// # Errors
/// As [`super::sign_pdf`], where there is no place for it.
pub fn appearance_canvas(
    pdf: &PdfFile,
    options: &PadesOptions,
) -> Result<Option<Canvas>, PadesError> {
    let Some(appearance) = &options.appearance else {
        return Ok(None);
    };
    let form = Form::read(pdf)?;
    let name = options.field_name(&form);
    let spot = Spot::find(pdf, &form, &name, appearance.place)?;
    Ok(Some(spot.canvas))
}

impl Placed {
    /// Finds the place for the signature in the field `name`, an existing or a new one, and draws
    /// it.
    pub(super) fn new(
        pdf: &PdfFile,
        form: &Form,
        name: &str,
        appearance: &Appearance,
    ) -> Result<Self, AppearanceError> {
        let spot = Spot::find(pdf, form, name, appearance.place)?;
        if draws_anew(pdf, &form.catalog)? {
            tracing::warn!(
                field = name,
                "the form has readers draw its fields anew (NeedAppearances), and some then do not show how the signature looks"
            );
        }
        let canvas = spot.canvas;
        let mut drawn = appearance
            .draw
            .draw(&canvas)
            .map_err(AppearanceError::Draw)?;
        if let Some(matrix) = geometry::matrix(spot.turned, canvas.width, canvas.height)
            && let Object::Stream(stream) = drawn.root_mut()
        {
            let matrix = matrix.map(Object::number);
            stream.dict.set("Matrix", matrix.to_vec());
        }
        Ok(Self {
            page: spot.page,
            widget: spot.widget,
            rect: spot.rect,
            form: drawn,
        })
    }

    /// `/AP`, with the stream it names added to the update.
    pub(super) fn dictionary(&self, update: &mut Update<'_>) -> Dict {
        Dict::new().with("N", update.graft(&self.form))
    }
}

impl Spot {
    fn find(pdf: &PdfFile, form: &Form, name: &str, place: Place) -> Result<Self, AppearanceError> {
        let refuse = |why| AppearanceError::Field {
            field: name.to_owned(),
            why,
        };
        let (page, widget, rect, turned) = match (form.field(name), place) {
            (None, Place::Field) => return Err(refuse("the document has no such field")),
            (None, Place::Page { page, area }) => {
                if let Some(by) = permissions::certified_by(pdf, form)? {
                    return Err(AppearanceError::Certified { by });
                }
                let page = find_page(pdf, page)?;
                let rect = Sheet::of(pdf, &page)?.place(area, page.index)?;
                let turned = page.rotate;
                (page, None, rect, turned)
            }
            (Some(_), Place::Page { .. }) => {
                return Err(refuse("it has its own place in the document"));
            }
            (Some(field), Place::Field) => {
                let (widget, dict) = widget(pdf, field)?;
                // Strict validators permit a field's own entries to be filled in, not a kid's.
                if widget.is_some() && form.signed().next().is_some() {
                    return Err(refuse(
                        "its widget stands apart from it, and earlier signatures cover that",
                    ));
                }
                let flags = dict.integer("F").unwrap_or(0);
                // Hidden or NoView (table 167).
                if flags & (1 << 1 | 1 << 5) != 0 {
                    return Err(refuse("the document hides it"));
                }
                let rect = geometry::rectangle(pdf, dict.get("Rect"))?;
                let rect = rect.ok_or(refuse("it has no extent"))?;
                let id = widget.as_ref().map(|(id, _)| *id).or(field.id);
                let page = page_of(pdf, &dict, id)?.ok_or(refuse("it stands on no page"))?;
                let turned = rotation(pdf, &dict)?.unwrap_or(page.rotate);
                (page, widget, rect, turned)
            }
        };
        let unit = Sheet::of(pdf, &page)?.unit;
        let (mut width, mut height) = ((rect[2] - rect[0]) * unit, (rect[3] - rect[1]) * unit);
        if matches!(turned, 90 | 270) {
            (width, height) = (height, width);
        }
        Ok(Self {
            page,
            widget,
            rect,
            turned,
            canvas: Canvas {
                width,
                height,
                is_pdf_a_1: is_pdf_a_1(pdf, &form.catalog)?,
            },
        })
    }
}

fn find_page(pdf: &PdfFile, number: PageNumber) -> Result<Page, AppearanceError> {
    match number {
        PageNumber::Number(n) => match pdf.page(n.saturating_sub(1), pdf.latest()) {
            Ok(page) => Ok(page),
            Err(PdfError::NoSuchPage { number, count }) => {
                Err(AppearanceError::NoSuchPage { number, count })
            }
            Err(e) => Err(e.into()),
        },
        PageNumber::Last => {
            let mut last = None;
            for page in pdf.pages(pdf.latest()) {
                last = Some(page?);
            }
            last.ok_or(AppearanceError::NoPages)
        }
    }
}

/// The widget of an existing field with its entries: the field itself, or its first kid.
fn widget(pdf: &PdfFile, field: &Field) -> Result<(Option<(ObjId, Dict)>, Dict), AppearanceError> {
    if field.dict.contains("Rect") {
        return Ok((None, field.dict.clone()));
    }
    let kids = pdf.get(&field.dict, "Kids", pdf.latest())?;
    for kid in kids.as_array().unwrap_or_default() {
        let (id, object) = last_reference(pdf, kid)?;
        if let (Some(id), Some(dict)) = (id, object.as_dict()) {
            return Ok((Some((id, dict.clone())), dict.clone()));
        }
    }
    Ok((None, field.dict.clone()))
}

/// The page a widget stands on: the one it names, or the one that names it.
fn page_of(
    pdf: &PdfFile,
    widget: &Dict,
    id: Option<ObjId>,
) -> Result<Option<Page>, AppearanceError> {
    let named = widget.reference("P");
    let mut found = None;
    for page in pdf.pages(pdf.latest()) {
        let page = page?;
        if named == Some(page.id) {
            return Ok(Some(page));
        }
        if found.is_none()
            && let Some(dict) = page.dict.as_dict()
        {
            let annotations = pdf.get(dict, "Annots", pdf.latest())?;
            let mut annotations = annotations.as_array().unwrap_or_default().iter();
            if annotations.any(|a| id.is_some() && a.as_reference() == id) {
                found = Some(page);
            }
        }
    }
    Ok(found)
}

/// How a form's author turned the widget, counter-clockwise (`/MK /R`, table 192).
fn rotation(pdf: &PdfFile, widget: &Dict) -> Result<Option<u16>, AppearanceError> {
    let characteristics = pdf.get(widget, "MK", pdf.latest())?;
    let Some(characteristics) = characteristics.as_dict() else {
        return Ok(None);
    };
    let degrees = pdf.get(characteristics, "R", pdf.latest())?.as_integer();
    Ok(degrees.and_then(|d| u16::try_from(d.rem_euclid(360) / 90 * 90).ok()))
}

/// Whether readers are to make the appearances of fields themselves (table 224; deprecated in PDF 2.0).
fn draws_anew(pdf: &PdfFile, catalog: &Dict) -> Result<bool, PdfError> {
    let form = pdf.get(catalog, "AcroForm", pdf.latest())?;
    let Some(form) = form.as_dict() else {
        return Ok(false);
    };
    let flag = pdf.get(form, "NeedAppearances", pdf.latest())?;
    Ok(matches!(*flag, Object::Bool(true)))
}

/// Whether the XMP metadata say `pdfaid:part` 1 (ISO 19005-1, 6.7.11).
pub(super) fn is_pdf_a_1(pdf: &PdfFile, catalog: &Dict) -> Result<bool, PdfError> {
    let metadata = pdf.get(catalog, "Metadata", pdf.latest())?;
    let Some(stream) = metadata.as_stream() else {
        return Ok(false);
    };
    // Metadata that cannot be read claim nothing.
    let Ok(xmp) = pdf.stream_data(stream, pdf.latest()) else {
        return Ok(false);
    };
    let xmp: Vec<u8> = xmp
        .into_iter()
        .filter(|b| !b.is_ascii_whitespace())
        .collect();
    let says = |text: &[u8]| xmp.windows(text.len()).any(|w| w == text);
    Ok(says(b"pdfaid:part>1<") || says(b"pdfaid:part=\"1\"") || says(b"pdfaid:part='1'"))
}
