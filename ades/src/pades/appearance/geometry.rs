//! From the page as it is seen to the page's own units, and back upright.

use pdf_file::{Object, Page, PdfFile};

use super::place::MARGIN;
use super::{AppearanceError, Area, Corner};

/// A page's visible part.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Left, bottom, right, top in the page's own units.
    visible: [f64; 4],
    rotate: u16,
    /// Points (1/72 inch) of one of its units (`/UserUnit`, ISO 32000-2, table 31).
    pub(super) unit: f64,
}

impl Sheet {
    pub(super) fn of(pdf: &PdfFile, page: &Page) -> Result<Self, AppearanceError> {
        let [l, b, r, t] = page.media_box;
        let crop = page.crop_box;
        // Beyond the media box a crop box shows nothing (14.11.2.1).
        let both = [
            l.max(crop[0]),
            b.max(crop[1]),
            r.min(crop[2]),
            t.min(crop[3]),
        ];
        let visible = if both[0] < both[2] && both[1] < both[3] {
            both
        } else {
            page.media_box
        };
        let unit = match page.dict.as_dict() {
            Some(dict) => pdf.get(dict, "UserUnit", pdf.latest())?.as_number(),
            None => None,
        };
        Ok(Self {
            visible,
            rotate: page.rotate,
            unit: unit.filter(|u| *u > 0.0 && u.is_finite()).unwrap_or(1.0),
        })
    }

    /// As the reader sees it, in points.
    fn size(&self) -> (f64, f64) {
        let [l, b, r, t] = self.visible;
        let (width, height) = ((r - l) * self.unit, (t - b) * self.unit);
        match self.rotate {
            90 | 270 => (height, width),
            _ => (width, height),
        }
    }

    /// The area as a rectangle in the page's own units.
    pub(super) fn place(&self, area: Area, index: usize) -> Result<[f64; 4], AppearanceError> {
        let (page_width, page_height) = self.size();
        let (x, y, width, height) = match area {
            Area::Box {
                x,
                y,
                width,
                height,
            } => (x, y, width, height),
            Area::Corner {
                corner,
                width,
                height,
            } => {
                let right = page_width - width - MARGIN;
                let top = page_height - height - MARGIN;
                let middle = (page_width - width) / 2.0;
                let (x, y) = match corner {
                    Corner::TopLeft => (MARGIN, top),
                    Corner::Top => (middle, top),
                    Corner::TopRight => (right, top),
                    Corner::BottomLeft => (MARGIN, MARGIN),
                    Corner::Bottom => (middle, MARGIN),
                    Corner::BottomRight => (right, MARGIN),
                };
                (x, y, width, height)
            }
        };
        if !(width > 0.0 && height > 0.0 && x.is_finite() && y.is_finite()) {
            return Err(AppearanceError::Empty { area });
        }
        // Numbers are written with five decimals; a box as wide as the page is on it.
        const TOLERANCE: f64 = 0.001;
        if x < -TOLERANCE
            || y < -TOLERANCE
            || x + width > page_width + TOLERANCE
            || y + height > page_height + TOLERANCE
        {
            return Err(AppearanceError::Outside {
                area,
                page: index + 1,
                width: page_width,
                height: page_height,
            });
        }
        let [l, b, r, t] = self.visible;
        let (x1, y1) = (x / self.unit, y / self.unit);
        let (x2, y2) = ((x + width) / self.unit, (y + height) / self.unit);
        Ok(match self.rotate {
            90 => [r - y2, b + x1, r - y1, b + x2],
            180 => [r - x2, t - y2, r - x1, t - y1],
            270 => [l + y1, t - x2, l + y2, t - x1],
            _ => [l + x1, b + y1, l + x2, b + y2],
        })
    }
}

/// What turns an upright picture of this size counter-clockwise, so that a page turned clockwise
/// shows it upright; its lower left stays at the origin.
pub(super) fn matrix(degrees: u16, width: f64, height: f64) -> Option<[f64; 6]> {
    match degrees {
        90 => Some([0.0, 1.0, -1.0, 0.0, height, 0.0]),
        180 => Some([-1.0, 0.0, 0.0, -1.0, width, height]),
        270 => Some([0.0, -1.0, 1.0, 0.0, 0.0, width]),
        _ => None,
    }
}

/// A rectangle (7.9.5) with its corners in order; `None` where it has no extent.
pub(super) fn rectangle(
    pdf: &PdfFile,
    value: Option<&Object>,
) -> Result<Option<[f64; 4]>, AppearanceError> {
    let Some(value) = value else { return Ok(None) };
    let array = pdf.resolve(value, pdf.latest())?;
    let Some([a, b, c, d]) = array.as_array() else {
        return Ok(None);
    };
    let mut corners = [0.0; 4];
    for (corner, value) in corners.iter_mut().zip([a, b, c, d]) {
        match pdf.resolve(value, pdf.latest())?.as_number() {
            Some(number) if number.is_finite() => *corner = number,
            _ => return Ok(None),
        }
    }
    let [x1, y1, x2, y2] = corners;
    let rectangle = [x1.min(x2), y1.min(y2), x1.max(x2), y1.max(y2)];
    Ok((rectangle[0] < rectangle[2] && rectangle[1] < rectangle[3]).then_some(rectangle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_follow_rotation_offset_and_unit() {
        // 200 by 100 units of 2 points, from (10, 20) on.
        let sheet = |rotate| Sheet {
            visible: [10.0, 20.0, 210.0, 120.0],
            rotate,
            unit: 2.0,
        };
        let area = Area::Box {
            x: 20.0,
            y: 40.0,
            width: 60.0,
            height: 20.0,
        };
        let placed = |rotate| sheet(rotate).place(area, 0).unwrap();
        assert_eq!(placed(0), [20.0, 40.0, 50.0, 50.0]);
        // Turned clockwise, the left edge of the page is seen at its top.
        assert_eq!(placed(90), [180.0, 30.0, 190.0, 60.0]);
        assert_eq!(placed(180), [170.0, 90.0, 200.0, 100.0]);
        assert_eq!(placed(270), [30.0, 80.0, 40.0, 110.0]);
    }

    #[test]
    fn box_beside_the_turned_page_is_named_with_what_is_seen() {
        let sheet = Sheet {
            visible: [0.0, 0.0, 595.0, 842.0],
            rotate: 90,
            unit: 1.0,
        };
        let area = Area::Box {
            x: 700.0,
            y: 500.0,
            width: 100.0,
            height: 96.0,
        };
        let error = sheet.place(area, 2).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the box 700,500,100,96 is not on page 3, which is 842 by 595 points as it is seen"
        );
    }
}
