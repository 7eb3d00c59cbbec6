//! SVG within limits: looked over as XML before it is expanded, and again as a tree before it is
//! drawn. Nothing outside the file is ever read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use roxmltree::{Document, Node, ParsingOptions};
use usvg::{ImageHrefResolver, ImageKind, Options, Tree};

use super::raster::Raster;
use super::{ImageError, MAX_PIXELS};

const SVG: &str = "http://www.w3.org/2000/svg";
const MAX_FILE: usize = 4 << 20;
const MAX_NODES: u32 = 50_000;
/// A PDF's graphics state can be saved 28 times (ISO 19005-1, 6.1.12); a drawing nests less.
const MAX_DEPTH: usize = 64;
/// What `use` may multiply a drawing to, in elements and parts of paths.
const MAX_COST: u64 = 1_000_000;
const MAX_IMAGES: usize = 16;
/// Conversion and drawing recurse; threads of a batch have small stacks.
const STACK: usize = 32 << 20;

/// A drawing that is known to be drawn in bounded time.
#[derive(Debug)]
pub(crate) struct Svg {
    tree: Tree,
}

impl Svg {
    pub(super) fn read(text: &str) -> Result<Self, ImageError> {
        if text.len() > MAX_FILE {
            return Err(ImageError::FileSize { len: text.len() });
        }
        with_stack(|| {
            let options = ParsingOptions {
                allow_dtd: true,
                nodes_limit: MAX_NODES,
                ..ParsingOptions::default()
            };
            let document = Document::parse_with_options(text, options).map_err(|e| match e {
                roxmltree::Error::NodesLimitReached => ImageError::Complexity("too many elements"),
                roxmltree::Error::EntityReferenceLoop(_) => {
                    ImageError::Complexity("its entities stand for too much")
                }
                e => ImageError::Damaged(e.to_string()),
            })?;
            look_over(&document)?;
            let tree = expand(&document)?;
            let mut cost = Cost {
                spent: 0,
                area: tree.size().width() * tree.size().height(),
            };
            cost.group(tree.root(), 0)?;
            Ok(Self { tree })
        })
    }

    pub(super) fn size(&self) -> (f32, f32) {
        let size = self.tree.size();
        (size.width(), size.height())
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }
}

/// Runs `work` where recursion as deep as the limits allow fits.
pub(crate) fn with_stack<T: Send>(
    work: impl FnOnce() -> Result<T, ImageError> + Send,
) -> Result<T, ImageError> {
    let failed = || ImageError::Damaged("the system gives no thread to read it in".into());
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .map_err(|_| failed())?;
        thread.join().map_err(|_| failed())?
    })
}

fn look_over(document: &Document<'_>) -> Result<(), ImageError> {
    let root = document.root_element();
    if root.tag_name().name() != "svg" {
        return Err(ImageError::Format { what: "XML" });
    }
    let mut ids = HashMap::new();
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        match name {
            "text" | "marker" | "filter" | "foreignObject" | "script" | "animate"
            | "animateTransform" | "animateMotion" | "set" => {
                return Err(ImageError::Unsupported(format!("<{name}>")));
            }
            _ => {}
        }
        if let Some(id) = node.attribute("id") {
            ids.insert(id, node);
        }
        let href = href(node).map(str::trim);
        match (name, href) {
            // Links are for viewers that can be clicked.
            ("a", _) => {}
            (_, Some(href)) if href.starts_with('#') || href.is_empty() => {}
            ("image", Some(href)) if href.starts_with("data:") => {}
            (_, Some(href)) => {
                return Err(ImageError::External(href.chars().take(80).collect()));
            }
            _ => {}
        }
    }
    // A style sheet may refer from anywhere to anything: only what is cheap to draw is followed.
    for style in document
        .descendants()
        .filter(|n| n.has_tag_name((SVG, "style")))
    {
        for text in style.children().filter_map(|child| child.text()) {
            if text.contains("@import") {
                return Err(ImageError::Unsupported(
                    "a style sheet that imports another".into(),
                ));
            }
            for target in references(text).filter_map(|id| ids.get(id)) {
                if !is_gradient(*target) {
                    let name = target.tag_name().name();
                    return Err(ImageError::Unsupported(format!(
                        "a style sheet that refers to a <{name}>"
                    )));
                }
            }
        }
    }
    let mut known = HashMap::new();
    if uses(root, &ids, &mut known, 0)? > MAX_COST {
        return Err(ImageError::Complexity("its parts are used too often"));
    }
    Ok(())
}

fn href<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    let mut attributes = node.attributes();
    attributes
        .find(|attribute| attribute.name() == "href")
        .map(|attribute| attribute.value())
}

/// What an element becomes once each `use` is replaced by what it refers to, and each pattern, mask
/// and clip path by what it draws. Paint is inherited, so a reference counts for all children.
fn uses<'a, 'i>(
    node: Node<'a, 'i>,
    ids: &HashMap<&'a str, Node<'a, 'i>>,
    known: &mut HashMap<roxmltree::NodeId, Option<u64>>,
    depth: usize,
) -> Result<u64, ImageError> {
    if depth > 8 * MAX_DEPTH {
        return Err(ImageError::Complexity("its elements are nested too deep"));
    }
    match known.insert(node.id(), None) {
        Some(Some(cost)) => {
            known.insert(node.id(), Some(cost));
            return Ok(cost);
        }
        Some(None) => return Err(ImageError::Complexity("a part of it contains itself")),
        None => {}
    }
    let path = node.attribute("d").or(node.attribute("points"));
    let mut cost = 1 + path.map_or(0, |data| data.len() as u64 / 8);
    if node.tag_name().name() == "use"
        && let Some(target) = href(node).and_then(|href| href.trim().strip_prefix('#'))
        && let Some(&target) = ids.get(target)
    {
        cost = cost.saturating_add(uses(target, ids, known, depth + 1)?);
    }
    for child in node.children().filter(Node::is_element) {
        cost = cost.saturating_add(uses(child, ids, known, depth + 1)?);
    }
    let mut drawn: u64 = 1;
    for target in node.attributes().flat_map(|a| references(a.value())) {
        if let Some(&target) = ids.get(target)
            && !is_gradient(target)
        {
            drawn = drawn.saturating_add(uses(target, ids, known, depth + 1)?);
        }
    }
    let cost = cost.saturating_mul(drawn);
    known.insert(node.id(), Some(cost));
    Ok(cost)
}

/// What `url(#...)` names.
fn references(value: &str) -> impl Iterator<Item = &str> {
    value.split("url(").skip(1).filter_map(|after| {
        let name = after.split(')').next()?;
        let name = name.trim().trim_matches(['"', '\'']);
        name.trim().strip_prefix('#')
    })
}

fn is_gradient(node: Node<'_, '_>) -> bool {
    matches!(node.tag_name().name(), "linearGradient" | "radialGradient")
}

/// Converts, with images only from the file itself.
fn expand(document: &Document<'_>) -> Result<Tree, ImageError> {
    let refused: Mutex<Option<ImageError>> = Mutex::new(None);
    let count = Mutex::new((0, 0_u64));
    let refuse = |error| {
        let mut refused = refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get_or_insert(error);
        None
    };
    let options = Options {
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, data: Arc<Vec<u8>>, _| {
                let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
                let is_png = data.starts_with(b"\x89PNG");
                let raster = if is_png {
                    Raster::png(&data)
                } else if data.starts_with(b"\xff\xd8\xff") {
                    Raster::jpeg(data.to_vec())
                } else {
                    Err(ImageError::Unsupported(
                        "an image that is neither PNG nor JPEG".into(),
                    ))
                };
                let (width, height) = match raster {
                    Ok(raster) => raster.size(),
                    Err(error) => return refuse(error),
                };
                count.0 += 1;
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let points = (width * height) as u64;
                count.1 += points;
                if count.0 > MAX_IMAGES || count.1 > MAX_PIXELS {
                    return refuse(ImageError::Complexity("it has too many images"));
                }
                Some(if is_png {
                    ImageKind::PNG(data)
                } else {
                    ImageKind::JPEG(data)
                })
            }),
            resolve_string: Box::new(|href: &str, _| {
                refuse(ImageError::External(href.chars().take(80).collect()))
            }),
        },
        ..Options::default()
    };
    let tree = Tree::from_xmltree(document, &options);
    drop(options);
    if let Some(error) = refused.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    tree.map_err(|e| ImageError::Damaged(e.to_string()))
}

/// What drawing a tree takes: patterns, masks and clip paths count as often as they are drawn.
struct Cost {
    spent: u64,
    /// Of the whole drawing.
    area: f32,
}

impl Cost {
    fn spend(&mut self, cost: u64) -> Result<(), ImageError> {
        self.spent = self.spent.saturating_add(cost);
        if self.spent > MAX_COST {
            return Err(ImageError::Complexity("it would take too long to draw"));
        }
        Ok(())
    }

    fn group(&mut self, group: &usvg::Group, depth: usize) -> Result<(), ImageError> {
        if depth > MAX_DEPTH {
            return Err(ImageError::Complexity("its elements are nested too deep"));
        }
        self.spend(1)?;
        if !group.filters().is_empty() {
            return Err(ImageError::Unsupported("a filter".into()));
        }
        let mut clip = group.clip_path();
        while let Some(path) = clip {
            self.group(path.root(), depth + 1)?;
            clip = path.clip_path();
        }
        let mut mask = group.mask();
        while let Some(inner) = mask {
            self.group(inner.root(), depth + 1)?;
            mask = inner.mask();
        }
        for child in group.children() {
            match child {
                usvg::Node::Group(group) => self.group(group, depth + 1)?,
                usvg::Node::Path(path) => self.path(path, depth)?,
                usvg::Node::Image(image) => match image.kind() {
                    ImageKind::SVG(tree) => self.group(tree.root(), depth + 1)?,
                    _ => self.spend(1)?,
                },
                usvg::Node::Text(_) => return Err(ImageError::Unsupported("text".into())),
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &usvg::Path, depth: usize) -> Result<(), ImageError> {
        self.spend(path.data().len() as u64)?;
        let paints = [
            path.fill().map(usvg::Fill::paint),
            path.stroke().map(usvg::Stroke::paint),
        ];
        for paint in paints.into_iter().flatten() {
            if let usvg::Paint::Pattern(pattern) = paint {
                let (rect, to) = (pattern.rect(), pattern.transform());
                let scale = (to.sx * to.sy - to.kx * to.ky).abs();
                if rect.width() * rect.height() * scale > 4.0 * self.area {
                    return Err(ImageError::Complexity(
                        "a pattern is larger than the drawing",
                    ));
                }
                let before = self.spent;
                self.group(pattern.root(), depth + 1)?;
                let once = self.spent - before;
                let seen = path.abs_bounding_box();
                let seen = (seen.width() * seen.height()).min(self.area);
                let own = path.abs_transform();
                let tile = rect.width() * rect.height() * scale;
                let tile = tile * (own.sx * own.sy - own.kx * own.ky).abs();
                self.spend(once.saturating_mul(times(seen / tile)))?;
            }
        }
        if let Some(dashes) = path.stroke().and_then(usvg::Stroke::dasharray) {
            let period: f32 = dashes.iter().sum();
            let number = length(path.data()) / period * dashes.len() as f32;
            self.spend(times(number))?;
        }
        Ok(())
    }
}

/// How often something is drawn; what is no number is drawn without end.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn times(number: f32) -> u64 {
    // Beyond the range of integers the largest is meant.
    match number.is_nan() {
        true => u64::MAX,
        false => number.ceil() as u64,
    }
}

/// The length of a path, of its control points where it is curved: never less than it is.
fn length(path: &usvg::tiny_skia_path::Path) -> f32 {
    use usvg::tiny_skia_path::PathSegment;
    let mut sum = 0.0;
    let (mut first, mut last) = ((0.0, 0.0), (0.0, 0.0));
    let mut to = |last: &mut (f32, f32), x: f32, y: f32| {
        sum += (x - last.0).hypot(y - last.1);
        *last = (x, y);
    };
    for segment in path.segments() {
        match segment {
            PathSegment::MoveTo(p) => {
                first = (p.x, p.y);
                last = first;
            }
            PathSegment::LineTo(p) => to(&mut last, p.x, p.y),
            PathSegment::QuadTo(a, p) => {
                to(&mut last, a.x, a.y);
                to(&mut last, p.x, p.y);
            }
            PathSegment::CubicTo(a, b, p) => {
                to(&mut last, a.x, a.y);
                to(&mut last, b.x, b.y);
                to(&mut last, p.x, p.y);
            }
            PathSegment::Close => to(&mut last, first.0, first.1),
        }
    }
    sum
}
