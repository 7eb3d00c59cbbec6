//! The picture of a visible signature (ISO 32000-2, 12.5.5): text, image and QR code in a box, as a
//! form XObject for a PDF or as a PNG.
//!
//! Nothing here knows signatures or keys: what the text says is given as [`Fields`].
//!
//! ```
//! use pdf_seal::{Fields, Language, Seal, Signatory, Template, Transparency};
//!
//! let mut seal = Seal::new(Language::French);
//! seal.text = Some(Template::usual(Language::French, Signatory::Person));
//! seal.qr = Some(Template::parse("https://verify.example/{serial}")?);
//! let fields = Fields {
//!     name: Some("Zoé Kouyaté".into()),
//!     serial: Some("2f9a".into()),
//!     ..Fields::default()
//! };
//! // For a person to look at, and for `pdf_file::Update::graft`.
//! let png = seal.png(&fields, 220.0, 80.0)?;
//! let form = seal.form(&fields, 220.0, 80.0, Transparency::Permitted)?;
//! # assert!(png.starts_with(b"\x89PNG"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod draw;
mod error;
mod fields;
mod image;
mod layout;
pub mod pages;
mod qr;
mod scene;
mod seal;
mod style;
mod template;
mod text;
mod time_format;

pub use draw::pdf::Transparency;
pub use error::SealError;
pub use fields::{Fields, Language, LocalTime};
pub use image::ImageError;
pub use seal::Seal;
pub use style::{Border, Colour, Direction, ImagePlace, InvalidColour, Style};
pub use template::{Signatory, Template, TemplateError};
pub use text::{Fonts, SMALLEST_TYPE};
