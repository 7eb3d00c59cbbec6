//! Images that strangers made: recognised by their first bytes, bounded before they are decoded.

mod orientation;
mod raster;
mod svg;

pub(crate) use raster::Points;
pub(crate) use svg::with_stack;

use raster::Raster;
use svg::Svg;

/// Octets of an image file.
const MAX_FILE: usize = 16 << 20;
/// Points of an image; 25 million are 12 by 20 cm at 1000 to the inch.
pub(crate) const MAX_PIXELS: u64 = 25_000_000;

/// Why an image cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// Neither PNG nor JPEG nor SVG.
    #[error("it is {what}, not PNG, JPEG or SVG")]
    Format {
        /// What it seems to be.
        what: &'static str,
    },
    /// More octets than a picture on a seal needs.
    #[error("it has {len} octets; at most {MAX_FILE} are possible")]
    FileSize {
        /// Its length.
        len: usize,
    },
    /// More points than a picture on a seal needs.
    #[error("it has {width} by {height} points; at most {MAX_PIXELS} in all are possible")]
    Pixels {
        /// Points across.
        width: u32,
        /// Points down.
        height: u32,
    },
    /// Damaged.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// An SVG that asks for another file or address.
    #[error("the SVG refers to {0:?}, which is not in the file")]
    External(String),
    /// An SVG with something that is not drawn.
    #[error("the SVG contains {0}, which is not drawn in a seal")]
    Unsupported(String),
    /// An SVG that would grow beyond its limits.
    #[error("the SVG is too complicated: {0}")]
    Complexity(&'static str),
}

impl ImageError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Format { .. } => "convert it to PNG",
            Self::FileSize { .. } | Self::Pixels { .. } => {
                "reduce it: 1000 points across are enough for a seal"
            }
            Self::Damaged(_) => "open it in an image editor and save it anew",
            Self::External(_) => "embed what it refers to, or export it as PNG",
            Self::Unsupported(_) => {
                "convert text to paths and export it as plain SVG, or export it as PNG"
            }
            Self::Complexity(_) => "simplify it, or export it as PNG",
        };
        Some(text.to_owned())
    }
}

/// An image that can be drawn.
#[derive(Debug)]
pub(crate) enum Picture {
    Raster(Raster),
    Svg(Box<Svg>),
}

impl Picture {
    pub(crate) fn read(bytes: Vec<u8>) -> Result<Self, ImageError> {
        if bytes.len() > MAX_FILE {
            return Err(ImageError::FileSize { len: bytes.len() });
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Raster::png(&bytes).map(Self::Raster);
        }
        if bytes.starts_with(b"\xff\xd8\xff") {
            return Raster::jpeg(bytes).map(Self::Raster);
        }
        let known: [(&[u8], &str); 9] = [
            (b"GIF8", "GIF"),
            (b"RIFF", "WebP"),
            (b"BM", "a Windows bitmap"),
            (b"II*\0", "TIFF"),
            (b"MM\0*", "TIFF"),
            (b"%PDF", "a PDF"),
            (b"\x1f\x8b", "compressed (SVGZ?)"),
            (b"\xff\xfe", "UTF-16"),
            (b"\xfe\xff", "UTF-16"),
        ];
        for (start, what) in known {
            if bytes.starts_with(start) {
                return Err(ImageError::Format { what });
            }
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) if text.trim().is_empty() => {
                return Err(ImageError::Format { what: "empty" });
            }
            Ok(text) => text,
            Err(_) => {
                return Err(ImageError::Format {
                    what: "an unknown format",
                });
            }
        };
        let start = text.trim_start_matches('\u{feff}').trim_start();
        if !start.starts_with('<') {
            return Err(ImageError::Format {
                what: "an unknown format",
            });
        }
        Svg::read(start).map(|svg| Self::Svg(Box::new(svg)))
    }

    /// Width by height, in units of its own.
    pub(crate) fn size(&self) -> (f32, f32) {
        match self {
            Self::Raster(raster) => raster.size(),
            Self::Svg(svg) => svg.size(),
        }
    }
}
