//! Places as people write them: `1:50,60,200,70`, `last:bottom-right,200,70`, `field`.

use std::fmt;
use std::str::FromStr;

/// Points between a corner and the edges of the page.
pub(super) const MARGIN: f64 = 28.0;

/// Where a visible signature stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// In the rectangle of the existing field that is signed.
    Field,
    /// On a page.
    Page {
        /// Which one.
        page: PageNumber,
        /// Where on it.
        area: Area,
    },
}

/// A page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PageNumber {
    /// From 1.
    Number(usize),
    /// The last one.
    Last,
}

/// A rectangle in points (1/72 inch), on the page as its reader sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Area {
    /// From the lower left corner of the page.
    Box {
        /// To the right.
        x: f64,
        /// Upwards.
        y: f64,
        /// To the right of that.
        width: f64,
        /// Upwards from that.
        height: f64,
    },
    /// A centimetre from a corner.
    Corner {
        /// Which one.
        corner: Corner,
        /// Across.
        width: f64,
        /// Upwards.
        height: f64,
    },
}

/// A corner of a page, or the middle between two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Corner {
    /// `top-left`
    TopLeft,
    /// `top`
    Top,
    /// `top-right`
    TopRight,
    /// `bottom-left`
    BottomLeft,
    /// `bottom`
    Bottom,
    /// `bottom-right`
    BottomRight,
}

const CORNERS: [(&str, Corner); 6] = [
    ("top-left", Corner::TopLeft),
    ("top", Corner::Top),
    ("top-right", Corner::TopRight),
    ("bottom-left", Corner::BottomLeft),
    ("bottom", Corner::Bottom),
    ("bottom-right", Corner::BottomRight),
];

/// The text names no place.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "{0}; a place is PAGE:x,y,width,height or PAGE:CORNER,width,height (PAGE from 1, or last; CORNER as bottom-right), or field"
)]
pub struct InvalidPlace(String);

impl FromStr for Place {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = |why: String| Err(InvalidPlace(why));
        if text == "field" {
            return Ok(Self::Field);
        }
        let Some((page, area)) = text.split_once(':') else {
            return invalid(format!("{text:?} has no colon after the page"));
        };
        let page = match page.trim() {
            "last" => PageNumber::Last,
            page => match page.parse() {
                Ok(0) => return invalid("pages count from 1".into()),
                Ok(n) => PageNumber::Number(n),
                Err(_) => return invalid(format!("{page:?} is not a page")),
            },
        };
        let parts: Vec<&str> = area.split(',').map(str::trim).collect();
        let number = |text: &str| match text.parse::<f64>() {
            Ok(n) if n.is_finite() => Ok(n),
            _ => Err(InvalidPlace(format!("{text:?} is not a number of points"))),
        };
        let area = match parts.as_slice() {
            [x, y, width, height] => Area::Box {
                x: number(x)?,
                y: number(y)?,
                width: number(width)?,
                height: number(height)?,
            },
            [corner, width, height] => {
                let known = CORNERS.iter().find(|(name, _)| name == corner);
                let Some((_, corner)) = known else {
                    return invalid(format!("{corner:?} is no corner"));
                };
                Area::Corner {
                    corner: *corner,
                    width: number(width)?,
                    height: number(height)?,
                }
            }
            _ => return invalid(format!("{area:?} is no box")),
        };
        let (Area::Box { width, height, .. } | Area::Corner { width, height, .. }) = area;
        if width <= 0.0 || height <= 0.0 {
            return invalid(format!("a box of {width} by {height} points has no extent"));
        }
        Ok(Self::Page { page, area })
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Box {
                x,
                y,
                width,
                height,
            } => write!(f, "{x},{y},{width},{height}"),
            Self::Corner {
                corner,
                width,
                height,
            } => {
                let name = CORNERS.iter().find(|(_, c)| c == corner);
                write!(f, "{},{width},{height}", name.map_or("", |(name, _)| name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_nonsense_is_named() {
        assert_eq!("field".parse(), Ok(Place::Field));
        assert_eq!(
            "last: 10, 20.5 ,200,70".parse(),
            Ok(Place::Page {
                page: PageNumber::Last,
                area: Area::Box {
                    x: 10.0,
                    y: 20.5,
                    width: 200.0,
                    height: 70.0
                }
            })
        );
        assert!("3:bottom-right,200,70".parse::<Place>().is_ok());
        for (text, why) in [
            ("10,20,30,40", "\"10,20,30,40\" has no colon after the page"),
            ("0:1,1,1,1", "pages count from 1"),
            ("-1:1,1,1,1", "\"-1\" is not a page"),
            ("1:1,1,1", "\"1\" is no corner"),
            ("1:1,1", "\"1,1\" is no box"),
            ("1:1,1,NaN,1", "\"NaN\" is not a number of points"),
            ("1:1,1,inf,1", "\"inf\" is not a number of points"),
            ("1:1,1,0,9", "a box of 0 by 9 points has no extent"),
            ("1:top,-5,9", "a box of -5 by 9 points has no extent"),
        ] {
            let error = text.parse::<Place>().unwrap_err().to_string();
            assert!(error.starts_with(why), "{text}: {error}");
        }
    }
}
