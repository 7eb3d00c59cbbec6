//! How a seal looks, apart from what it says.

use std::str::FromStr;

/// An opaque colour in sRGB.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Colour {
    /// 0 to 255.
    pub red: u8,
    /// 0 to 255.
    pub green: u8,
    /// 0 to 255.
    pub blue: u8,
}

/// The text is not a colour.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is not a colour: write #1f3a5f, or black, white, grey, red, green, blue, navy")]
pub struct InvalidColour(String);

impl Colour {
    /// `Colour::new(0, 0, 0)` is black.
    #[must_use]
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// The colour `share` of the way (0 to 1) from this one to `other`.
    pub(crate) fn towards(self, other: Self, share: f32) -> Self {
        let mix = |from: u8, to: u8| {
            let value = f32::from(from) + (f32::from(to) - f32::from(from)) * share;
            // Between two octets.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let octet = value.round() as u8;
            octet
        };
        Self::new(
            mix(self.red, other.red),
            mix(self.green, other.green),
            mix(self.blue, other.blue),
        )
    }
}

impl FromStr for Colour {
    type Err = InvalidColour;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = match text.to_ascii_lowercase().as_str() {
            "black" => Some(Self::new(0, 0, 0)),
            "white" => Some(Self::new(255, 255, 255)),
            "grey" | "gray" => Some(Self::new(0x60, 0x60, 0x60)),
            "red" => Some(Self::new(0xb0, 0x1c, 0x1c)),
            "green" => Some(Self::new(0x1b, 0x6b, 0x3a)),
            "blue" => Some(Self::new(0x1d, 0x4e, 0x9e)),
            "navy" => Some(Self::new(0x1f, 0x3a, 0x5f)),
            _ => None,
        };
        let invalid = || InvalidColour(text.to_owned());
        if let Some(colour) = named {
            return Ok(colour);
        }
        let digits = text.strip_prefix('#').ok_or_else(invalid)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(invalid());
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| invalid())?;
        let [_, red, green, blue] = value.to_be_bytes();
        match digits.len() {
            6 => Ok(Self::new(red, green, blue)),
            3 => {
                let [_, _, high, low] = value.to_be_bytes();
                Ok(Self::new(high * 17, (low >> 4) * 17, (low & 15) * 17))
            }
            _ => Err(invalid()),
        }
    }
}

/// What surrounds the seal.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Border {
    /// A thin line around, and a strong one where reading begins.
    #[default]
    Accent,
    /// A thin line around.
    Line,
    /// Nothing.
    None,
}

/// Where reading begins.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Direction {
    /// As the first letter of the text that has a direction (UAX #9, P2).
    #[default]
    Auto,
    /// On the left.
    LeftToRight,
    /// On the right.
    RightToLeft,
}

/// Where the image goes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ImagePlace {
    /// Where reading begins in a wide box, above the text in a high one.
    #[default]
    Auto,
    /// On the left.
    Left,
    /// On the right.
    Right,
    /// Above the text.
    Top,
    /// Under the text, as large as the box; pale images are best.
    Behind,
}

/// How a seal looks.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Style {
    /// Of the headline, the border and the QR code.
    pub accent: Colour,
    /// Of the text.
    pub text: Colour,
    /// Under everything; none lets the page be seen.
    pub background: Option<Colour>,
    /// Around everything.
    pub border: Border,
    /// Of the text and the arrangement.
    pub direction: Direction,
    /// Of the image.
    pub image_place: ImagePlace,
    /// The largest type of the text in points; it becomes smaller where the box demands it.
    pub font_size: f32,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            accent: Colour::new(0x1f, 0x3a, 0x5f),
            text: Colour::new(0x22, 0x26, 0x2b),
            background: None,
            border: Border::default(),
            direction: Direction::default(),
            image_place: ImagePlace::default(),
            font_size: 11.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_by_digits_and_by_name() {
        assert_eq!("#1F3a5f".parse(), Ok(Colour::new(0x1f, 0x3a, 0x5f)));
        assert_eq!("#fa0".parse(), Ok(Colour::new(0xff, 0xaa, 0)));
        assert_eq!("Navy".parse(), Ok(Colour::new(0x1f, 0x3a, 0x5f)));
        for wrong in ["", "#", "#12345", "#+12345", "1f3a5f", "#ééé", "purple?"] {
            assert_eq!(wrong.parse::<Colour>(), Err(InvalidColour(wrong.into())));
        }
    }
}
