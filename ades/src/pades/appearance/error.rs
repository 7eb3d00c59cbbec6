//! Why a signature cannot be made visible.

use pdf_file::PdfError;

use super::{Area, DrawError};

/// Why a signature cannot be made visible. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppearanceError {
    /// The box is not on the page.
    #[error(
        "the box {area} is not on page {page}, which is {width:.0} by {height:.0} points as it is seen"
    )]
    Outside {
        /// The box asked for.
        area: Area,
        /// From 1.
        page: usize,
        /// Points.
        width: f64,
        /// Points.
        height: f64,
    },
    /// The box has no extent, or is not made of numbers.
    #[error("the box {area} has no extent")]
    Empty {
        /// The box asked for.
        area: Area,
    },
    /// The document is shorter.
    #[error("there is no page {number} to show the signature on: the document has {count}")]
    NoSuchPage {
        /// From 1.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// The document has no pages.
    #[error("the document has no page to show the signature on")]
    NoPages,
    /// The field's own place cannot be used, or is to be used and is not there.
    #[error("the signature in field {field:?} cannot be shown there: {why}")]
    Field {
        /// The field's full name.
        field: String,
        /// The reason.
        why: &'static str,
    },
    /// Validators take a new visible field for a change that no certification permits.
    #[error(
        "the signature in field {by:?} certifies the document: a new visible signature field would break it"
    )]
    Certified {
        /// The field of the certification signature.
        by: String,
    },
    /// The page, or the field, cannot be read.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// It cannot be drawn.
    #[error("the visible signature cannot be drawn: {}", .0.cause)]
    Draw(DrawError),
}

impl AppearanceError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Outside { .. } => {
                "coordinates count from the lower left corner of the page as it is seen, in points (1/72 inch)"
            }
            Self::Empty { .. } => "give a width and a height of more than 0 points",
            Self::NoSuchPage { .. } => "pages count from 1; the last one is called last",
            Self::NoPages => "leave --visible out: the signature is made without being shown",
            Self::Field { .. } => {
                "--visible field shows it in an existing field that is seen; --visible PAGE:x,y,w,h makes a new one"
            }
            Self::Certified { .. } => {
                "sign an empty field of the document (--field NAME --visible field), or leave --visible out"
            }
            Self::Pdf(e) => return e.hint(),
            Self::Draw(e) => return e.hint.clone(),
        };
        Some(text.to_owned())
    }
}
