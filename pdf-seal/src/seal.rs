//! A seal: what it shows and how, for any number of documents.

use std::sync::Arc;

use pdf_file::Fragment;

use crate::draw::pdf::Transparency;
use crate::draw::{pdf, preview};
use crate::image::Picture;
use crate::layout::{Content, arrange};
use crate::qr::Qr;
use crate::scene::Scene;
use crate::{Fields, Fonts, Language, SealError, Style, Template};

/// What a seal shows and how. Drawing does not change it, so that threads can share it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Seal {
    /// The text; none for an image or a QR code alone.
    pub text: Option<Template>,
    /// What a QR code says.
    pub qr: Option<Template>,
    /// Of dates.
    pub language: Language,
    /// Colours, border, arrangement.
    pub style: Style,
    /// The fonts.
    pub fonts: Fonts,
    picture: Option<Arc<Picture>>,
}

impl Seal {
    /// A seal with nothing on it yet.
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self {
            text: None,
            qr: None,
            language,
            style: Style::default(),
            fonts: Fonts::new(),
            picture: None,
        }
    }

    /// Puts a PNG, JPEG or SVG on it.
    ///
    /// # Errors
    /// [`SealError::Image`]
    pub fn set_image(&mut self, file: Vec<u8>) -> Result<(), SealError> {
        self.picture = Some(Arc::new(Picture::read(file)?));
        Ok(())
    }

    /// The seal as a form XObject whose `/BBox` is the box: `width` by `height` points (1/72 inch),
    /// the origin at its lower left.
    ///
    /// # Errors
    /// See [`SealError`].
    pub fn form(
        &self,
        fields: &Fields,
        width: f64,
        height: f64,
        transparency: Transparency,
    ) -> Result<Fragment, SealError> {
        pdf::form(&self.scene(fields, width, height)?, transparency)
    }

    /// The same as PNG, at 216 points to the inch on white.
    ///
    /// # Errors
    /// See [`SealError`].
    pub fn png(&self, fields: &Fields, width: f64, height: f64) -> Result<Vec<u8>, SealError> {
        preview::png(&self.scene(fields, width, height)?)
    }

    fn scene(&self, fields: &Fields, width: f64, height: f64) -> Result<Scene, SealError> {
        let lines = match &self.text {
            Some(text) => text.fill(fields, self.language),
            None => Vec::new(),
        };
        let qr = match &self.qr {
            Some(qr) => Some(Qr::new(&qr.fill_text(fields, self.language))?),
            None => None,
        };
        let content = Content {
            lines: &lines,
            picture: self.picture.as_ref(),
            qr: qr.as_ref(),
        };
        arrange(&content, &self.style, &self.fonts, width, height)
    }
}
