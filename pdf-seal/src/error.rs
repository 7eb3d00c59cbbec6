//! Why a seal cannot be drawn.

use crate::image::ImageError;

/// Why a seal cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The image cannot be used.
    #[error("the image of the seal cannot be used: {0}")]
    Image(#[from] ImageError),
    /// A font file is none.
    #[error("the font {file} cannot be used: {why}")]
    Font {
        /// Its name.
        file: String,
        /// What is wrong.
        why: &'static str,
    },
    /// No font has the character.
    #[error("no font has the character {character:?} (U+{:04X}) of {text:?}", u32::from(*character))]
    MissingGlyph {
        /// The character.
        character: char,
        /// The line it is in.
        text: String,
    },
    /// The box is not a box.
    #[error("a box of {width} by {height} points is no place for a seal: {why}")]
    Size {
        /// Points.
        width: f64,
        /// Points.
        height: f64,
        /// What is wrong.
        why: &'static str,
    },
    /// The text does not fit, even in small type.
    #[error(
        "the text does not fit into a box of {width:.0} by {height:.0} points, even at {smallest} points: {line:?}"
    )]
    DoesNotFit {
        /// Of the whole box, in points.
        width: f64,
        /// Of the whole box, in points.
        height: f64,
        /// The smallest type, in points.
        smallest: f32,
        /// The line that is too long, or the first of too many.
        line: String,
    },
    /// Nothing would be drawn.
    #[error("there is nothing to draw: no text, no image, no QR code")]
    Nothing,
    /// The content is too long for a QR code.
    #[error("{len} octets do not fit into a QR code")]
    QrContent {
        /// Its length.
        len: usize,
    },
    /// The QR code would be too small to be read.
    #[error(
        "a QR code of {modules} by {modules} squares cannot be read in {side:.0} points: its squares would be {module:.2} points"
    )]
    QrTooSmall {
        /// Squares along a side.
        modules: usize,
        /// Points along a side.
        side: f32,
        /// Points of one square.
        module: f32,
    },
    /// The document's PDF/A part forbids what the image does.
    #[error("the document is PDF/A, which does not permit {what} in it")]
    Archival {
        /// What is forbidden.
        what: String,
    },
    /// The libraries that write PDF or PNG refused.
    #[error("the seal cannot be drawn: {0}")]
    Draw(String),
}

impl SealError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Image(e) => return e.hint(),
            Self::Font { .. } => "give a TrueType or OpenType font (.ttf, .otf, .ttc)",
            Self::MissingGlyph { .. } => {
                "give a font that has it (--font FILE), or install one on this system"
            }
            Self::Size { .. } => "200 by 70 points is a good size",
            Self::DoesNotFit { .. } => "give it a larger box, or a shorter text (--text)",
            Self::Nothing => "leave --text out for the usual text, or give --image or --qr",
            Self::QrContent { .. } => "give --qr less to say: an address, an identifier",
            Self::QrTooSmall { .. } => "give the seal a larger box, or the QR code less to say",
            Self::Archival { .. } => {
                "give the image as PNG, which is flattened onto the background; --background white gives it one"
            }
            Self::Draw(_) => return None,
        };
        Some(text.to_owned())
    }
}
