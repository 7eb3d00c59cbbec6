//! The page tree (ISO 32000-2, 7.7.3), walked without trusting it.

use std::sync::Arc;

use crate::{BudgetKind, Dict, ObjId, Object, PdfError, PdfFile, RevisionId};

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
    file: &'p PdfFile,
    at: RevisionId,
    /// From the root down to the node whose kids come next.
    path: Vec<Node>,
    started: bool,
    nodes_left: usize,
    index: usize,
}

/// An inner node being walked.
#[derive(Debug)]
struct Node {
    id: Option<ObjId>,
    kids: Arc<Object>,
    next: usize,
    inherited: Inherited,
}

/// Values as written, perhaps references.
#[derive(Debug, Clone, Default)]
struct Inherited {
    resources: Option<Object>,
    media_box: Option<Object>,
    crop_box: Option<Object>,
    rotate: Option<Object>,
}

impl Inherited {
    fn with(&self, dict: &Dict) -> Self {
        let own = |key: &str, above: &Option<Object>| {
            dict.get(key)
                .filter(|v| !v.is_null())
                .or(above.as_ref())
                .cloned()
        };
        Self {
            resources: own("Resources", &self.resources),
            media_box: own("MediaBox", &self.media_box),
            crop_box: own("CropBox", &self.crop_box),
            rotate: own("Rotate", &self.rotate),
        }
    }
}

impl PdfFile {
    /// Walks the page tree as of a revision, depth first. Kids that are null are passed over, as
    /// readers do; the first error ends the walk.
    pub fn pages(&self, at: RevisionId) -> Pages<'_> {
        Pages {
            file: self,
            at,
            path: Vec::new(),
            started: false,
            nodes_left: self.reader.budgets.page_nodes,
            index: 0,
        }
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

impl Iterator for Pages<'_> {
    type Item = Result<Page, PdfError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.advance() {
            Ok(page) => page.map(Ok),
            Err(error) => {
                self.path.clear();
                Some(Err(error))
            }
        }
    }
}

impl Pages<'_> {
    fn advance(&mut self) -> Result<Option<Page>, PdfError> {
        if !self.started {
            self.started = true;
            let catalog = self.file.get(self.file.trailer(self.at), "Root", self.at)?;
            let root = catalog
                .as_dict()
                .and_then(|catalog| catalog.get("Pages"))
                .cloned();
            let root = root.ok_or(PdfError::PageTree {
                why: "the catalog names no page tree",
            })?;
            if let Some(page) = self.visit(&root, &Inherited::default())? {
                return Ok(Some(page));
            }
        }
        while let Some(node) = self.path.last_mut() {
            let Some(kid) = node
                .kids
                .as_array()
                .and_then(|kids| kids.get(node.next))
                .cloned()
            else {
                self.path.pop();
                continue;
            };
            node.next += 1;
            let inherited = node.inherited.clone();
            if let Some(page) = self.visit(&kid, &inherited)? {
                return Ok(Some(page));
            }
        }
        Ok(None)
    }

    /// Enters an inner node, or returns a page.
    fn visit(&mut self, kid: &Object, above: &Inherited) -> Result<Option<Page>, PdfError> {
        let limit = self.file.reader.budgets.page_nodes;
        self.nodes_left = self
            .nodes_left
            .checked_sub(1)
            .ok_or(PdfError::budget(BudgetKind::PageNodes, limit))?;
        let resolved = self.file.resolve(kid, self.at)?;
        let Some(dict) = resolved.as_dict() else {
            return Ok(None);
        };
        let inherited = above.with(dict);
        let kids = self.file.get(dict, "Kids", self.at)?;
        if kids.as_array().is_some() {
            let id = kid.as_reference();
            if id.is_some() && self.path.iter().any(|node| node.id == id) {
                return Err(PdfError::PageTree {
                    why: "a node is its own ancestor",
                });
            }
            if self.path.len() >= self.file.reader.budgets.depth() {
                return Err(PdfError::PageTree {
                    why: "it is too deep",
                });
            }
            self.path.push(Node {
                id,
                kids,
                next: 0,
                inherited,
            });
            return Ok(None);
        }
        if dict.is("Type", "Pages") {
            return Ok(None);
        }
        let id = kid.as_reference().ok_or(PdfError::PageTree {
            why: "a page is not an indirect object",
        })?;
        let media_box = self
            .rectangle(inherited.media_box.as_ref())?
            .unwrap_or([0.0, 0.0, 612.0, 792.0]);
        let page = Page {
            id,
            index: self.index,
            dict: Arc::clone(&resolved),
            media_box,
            crop_box: self
                .rectangle(inherited.crop_box.as_ref())?
                .unwrap_or(media_box),
            rotate: self.rotation(inherited.rotate.as_ref())?,
            resources: inherited.resources,
        };
        self.index += 1;
        Ok(Some(page))
    }

    /// A rectangle (7.9.5) with its corners in order; `None` where it is unusable.
    fn rectangle(&self, value: Option<&Object>) -> Result<Option<[f64; 4]>, PdfError> {
        let Some(value) = value else { return Ok(None) };
        let array = self.file.resolve(value, self.at)?;
        let Some([a, b, c, d, ..]) = array.as_array() else {
            return Ok(None);
        };
        let mut corners = [0.0; 4];
        for (corner, value) in corners.iter_mut().zip([a, b, c, d]) {
            match self.file.resolve(value, self.at)?.as_number() {
                Some(number) => *corner = number,
                None => return Ok(None),
            }
        }
        let [x1, y1, x2, y2] = corners;
        let rectangle = [x1.min(x2), y1.min(y2), x1.max(x2), y1.max(y2)];
        Ok((rectangle[0] < rectangle[2] && rectangle[1] < rectangle[3]).then_some(rectangle))
    }

    fn rotation(&self, value: Option<&Object>) -> Result<u16, PdfError> {
        let Some(value) = value else { return Ok(0) };
        let degrees = self
            .file
            .resolve(value, self.at)?
            .as_integer()
            .unwrap_or(0)
            .rem_euclid(360);
        Ok(u16::try_from(degrees / 90 * 90).unwrap_or(0))
    }
}
