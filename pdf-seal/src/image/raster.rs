//! PNG and JPEG as rows of points in sRGB.
//!
//! A JPEG that a PDF can hold as it is stays as it is; everything else is decoded: 16 bit, palettes,
//! CMYK, transparency, photographs taken with the camera held sideways. An animated PNG shows its
//! still picture.

use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};

use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::orientation::orientation;
use super::{ImageError, MAX_PIXELS};
use crate::style::Colour;

/// Points to the point (1/72 inch): 600 to the inch. More is not seen on paper.
const MAX_DENSITY: f32 = 600.0 / 72.0;
const RGBA: usize = 4;

/// Decoded points.
#[derive(Debug)]
pub(crate) struct Raster {
    points: Arc<Points>,
    /// The file, where a PDF can hold it as it is.
    jpeg: Option<Arc<Vec<u8>>>,
    /// The last reduction, which documents of one run share.
    reduced: Mutex<Option<(u32, Arc<Points>)>>,
}

/// Rows from the top, four octets a point, not multiplied by alpha.
#[derive(Debug)]
pub(crate) struct Points {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgba: Vec<u8>,
}

impl Raster {
    pub(super) fn png(bytes: &[u8]) -> Result<Self, ImageError> {
        let damaged = |e: png::DecodingError| ImageError::Damaged(e.to_string());
        let limits = png::Limits { bytes: 64 << 20 };
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        decoder.set_ignore_text_chunk(true);
        let header = decoder.read_header_info().map_err(damaged)?;
        check(header.width, header.height)?;
        let mut reader = decoder.read_info().map_err(damaged)?;
        let len = reader
            .output_buffer_size()
            .ok_or_else(|| ImageError::Damaged("it has no size".into()))?;
        let mut decoded = vec![0; len];
        let info = reader.next_frame(&mut decoded).map_err(damaged)?;
        decoded.truncate(info.buffer_size());
        let rgba = match info.color_type {
            png::ColorType::Rgba => decoded,
            png::ColorType::Rgb => expand(&decoded, |&[r, g, b]| [r, g, b, 255]),
            png::ColorType::GrayscaleAlpha => expand(&decoded, |&[v, a]| [v, v, v, a]),
            png::ColorType::Grayscale | png::ColorType::Indexed => {
                expand(&decoded, |&[v]| [v, v, v, 255])
            }
        };
        Self::decoded(info.width, info.height, rgba, None)
    }

    pub(super) fn jpeg(bytes: Vec<u8>) -> Result<Self, ImageError> {
        let damaged = |e: zune_jpeg::errors::DecodeErrors| ImageError::Damaged(e.to_string());
        let options = DecoderOptions::default()
            .set_strict_mode(false)
            .set_max_width(usize::from(u16::MAX))
            .set_max_height(usize::from(u16::MAX));
        let mut decoder = JpegDecoder::new_with_options(Cursor::new(&bytes), options);
        decoder.decode_headers().map_err(damaged)?;
        let info = decoder
            .info()
            .ok_or_else(|| ImageError::Damaged("it has no size".into()))?;
        check(u32::from(info.width), u32::from(info.height))?;
        let stored = decoder.input_colorspace();
        let turned = decoder.exif().map_or(1, |exif| orientation(exif));
        decoder.set_options(options.jpeg_set_out_colorspace(ColorSpace::RGB));
        let decoded = decoder.decode().map_err(damaged)?;
        let rgba = expand(&decoded, |&[r, g, b]| [r, g, b, 255]);
        let as_it_is = turned == 1 && matches!(stored, Some(ColorSpace::YCbCr | ColorSpace::RGB));
        let upright = turn(
            Points {
                width: u32::from(info.width),
                height: u32::from(info.height),
                rgba,
            },
            turned,
        );
        let jpeg = as_it_is.then(|| Arc::new(bytes));
        Self::decoded(upright.width, upright.height, upright.rgba, jpeg)
    }

    fn decoded(
        width: u32,
        height: u32,
        rgba: Vec<u8>,
        jpeg: Option<Arc<Vec<u8>>>,
    ) -> Result<Self, ImageError> {
        if rgba.len() as u64 != u64::from(width) * u64::from(height) * RGBA as u64 {
            return Err(ImageError::Damaged("its end is missing".into()));
        }
        let points = Points {
            width,
            height,
            rgba,
        };
        Ok(Self {
            points: Arc::new(points),
            jpeg,
            reduced: Mutex::new(None),
        })
    }

    #[allow(clippy::cast_precision_loss)]
    pub(super) fn size(&self) -> (f32, f32) {
        (self.points.width as f32, self.points.height as f32)
    }

    /// The points for a place of this width in points (1/72 inch): no more than are seen.
    pub(crate) fn points(&self, width: f32) -> Arc<Points> {
        let density = self.size().0 / width.max(1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let factor = (density / MAX_DENSITY).floor() as u32;
        if factor < 2 {
            return Arc::clone(&self.points);
        }
        let mut reduced = self.reduced.lock().unwrap_or_else(PoisonError::into_inner);
        match &*reduced {
            Some((for_factor, points)) if *for_factor == factor => Arc::clone(points),
            _ => {
                let points = Arc::new(reduce(&self.points, factor));
                *reduced = Some((factor, Arc::clone(&points)));
                points
            }
        }
    }

    /// The JPEG file, where it is no longer than the points for this width would be.
    pub(crate) fn jpeg_for(&self, width: f32) -> Option<Arc<Vec<u8>>> {
        let jpeg = self.jpeg.as_ref()?;
        (jpeg.len() <= self.points(width).rgba.len()).then(|| Arc::clone(jpeg))
    }
}

impl Points {
    pub(crate) fn is_opaque(&self) -> bool {
        self.rgba.chunks_exact(RGBA).all(|p| p[3] == 255)
    }

    /// Without transparency, on a ground.
    pub(crate) fn flattened(&self, ground: Colour) -> Self {
        let ground = [ground.red, ground.green, ground.blue];
        let mut rgba = self.rgba.clone();
        for point in rgba.chunks_exact_mut(RGBA) {
            let alpha = u32::from(point[3]);
            for (value, under) in point.iter_mut().zip(ground) {
                let mixed = (u32::from(*value) * alpha + u32::from(under) * (255 - alpha)) / 255;
                *value = u8::try_from(mixed).unwrap_or(u8::MAX);
            }
            point[3] = 255;
        }
        Self { rgba, ..*self }
    }
}

fn check(width: u32, height: u32) -> Result<(), ImageError> {
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageError::Pixels { width, height });
    }
    if width == 0 || height == 0 {
        return Err(ImageError::Damaged("it has no points".into()));
    }
    Ok(())
}

fn expand<const N: usize>(decoded: &[u8], point: impl Fn(&[u8; N]) -> [u8; RGBA]) -> Vec<u8> {
    let (points, _) = decoded.as_chunks::<N>();
    points.iter().flat_map(point).collect()
}

/// Each `factor` by `factor` points become one: their mean, weighted by alpha.
fn reduce(points: &Points, factor: u32) -> Points {
    let width = (points.width / factor).max(1);
    let height = (points.height / factor).max(1);
    let row = points.width as usize * RGBA;
    let mut rgba = Vec::with_capacity(width as usize * height as usize * RGBA);
    for y in 0..height {
        for x in 0..width {
            let mut sum = [0_u64; RGBA];
            for down in 0..factor {
                let start = (y * factor + down) as usize * row + (x * factor) as usize * RGBA;
                let across = points.rgba.get(start..start + factor as usize * RGBA);
                for point in across.unwrap_or_default().chunks_exact(RGBA) {
                    let alpha = u64::from(point[3]);
                    for (sum, value) in sum.iter_mut().zip(&point[..3]) {
                        *sum += u64::from(*value) * alpha;
                    }
                    sum[3] += alpha;
                }
            }
            let alpha = sum[3].max(1);
            let count = u64::from(factor) * u64::from(factor);
            rgba.extend(sum[..3].iter().map(|s| octet((s + alpha / 2) / alpha)));
            rgba.push(octet((sum[3] + count / 2) / count));
        }
    }
    Points {
        width,
        height,
        rgba,
    }
}

fn octet(value: u64) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

/// Upright, from how the camera was held (Exif 3.0, table 6).
fn turn(points: Points, orientation: u8) -> Points {
    if orientation == 1 {
        return points;
    }
    let (w, h) = (points.width, points.height);
    let swapped = orientation >= 5;
    let (width, height) = if swapped { (h, w) } else { (w, h) };
    let mut rgba = Vec::with_capacity(points.rgba.len());
    for y in 0..height {
        for x in 0..width {
            let (from_x, from_y) = match orientation {
                2 => (w - 1 - x, y),
                3 => (w - 1 - x, h - 1 - y),
                4 => (x, h - 1 - y),
                5 => (y, x),
                6 => (y, h - 1 - x),
                7 => (w - 1 - y, h - 1 - x),
                _ => (w - 1 - y, x),
            };
            let at = (from_y as usize * w as usize + from_x as usize) * RGBA;
            rgba.extend_from_slice(points.rgba.get(at..at + RGBA).unwrap_or(&[0; RGBA]));
        }
    }
    Points {
        width,
        height,
        rgba,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(points: &[u8]) -> Vec<u8> {
        points.iter().flat_map(|&v| [v, v, v, 255]).collect()
    }

    #[test]
    fn photographs_are_upright_however_the_camera_was_held() {
        // 1 2 3
        // 4 5 6
        let turned = |orientation| {
            let points = turn(
                Points {
                    width: 3,
                    height: 2,
                    rgba: row(&[1, 2, 3, 4, 5, 6]),
                },
                orientation,
            );
            let values: Vec<u8> = points.rgba.chunks_exact(4).map(|p| p[0]).collect();
            (points.width, values)
        };
        assert_eq!(turned(2), (3, vec![3, 2, 1, 6, 5, 4]));
        assert_eq!(turned(3), (3, vec![6, 5, 4, 3, 2, 1]));
        assert_eq!(turned(4), (3, vec![4, 5, 6, 1, 2, 3]));
        assert_eq!(turned(5), (2, vec![1, 4, 2, 5, 3, 6]));
        assert_eq!(turned(6), (2, vec![4, 1, 5, 2, 6, 3]));
        assert_eq!(turned(7), (2, vec![6, 3, 5, 2, 4, 1]));
        assert_eq!(turned(8), (2, vec![3, 6, 2, 5, 1, 4]));
    }

    #[test]
    fn reduction_does_not_mix_in_what_is_transparent() {
        let mut rgba = row(&[200, 100]);
        rgba[7] = 0;
        let reduced = reduce(
            &Points {
                width: 2,
                height: 1,
                rgba: [rgba.clone(), rgba].concat(),
            },
            2,
        );
        assert_eq!(reduced.rgba, [200, 200, 200, 128]);
    }
}
