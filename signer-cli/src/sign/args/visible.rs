//! What a visible signature looks like, and where.

use std::path::PathBuf;

use ades::pades::Place;
use clap::ValueEnum;
use pdf_seal::Colour;
use serde::Deserialize;

/// A signature that is seen.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Visible signature (PDF)")]
pub(crate) struct VisibleArgs {
    /// Show the signature: PAGE:x,y,width,height or PAGE:CORNER,width,height, or field
    ///
    /// PAGE counts from 1, or is `last`. Points (1/72 inch) from the lower left corner of the page as it
    /// is seen. CORNER: top-left, top, top-right, bottom-left, bottom, bottom-right. `field`: in the
    /// existing field that --field names.
    #[arg(long, value_name = "PLACE", conflicts_with = "complete")]
    pub(crate) visible: Option<Place>,

    /// Take what is not given here from the [[visible]] of this name in the settings file
    #[arg(long, value_name = "NAME", requires = "visible")]
    pub(crate) look: Option<String>,

    /// The text, with {name} {organisation} {organization-identifier} {serial} {issuer} {time} {reason}
    /// {location} {contact}; an empty one for none
    ///
    /// \n breaks the line. `# ` begins a headline, `~ ` a note. {time:%d/%m/%Y %H:%M %Z} has a format. A
    /// line whose fields are all unknown is left out.
    #[arg(long, value_name = "TEMPLATE", requires = "visible")]
    pub(crate) text: Option<String>,

    /// An image: PNG, JPEG or SVG
    #[arg(long, value_name = "FILE", requires = "visible")]
    pub(crate) image: Option<PathBuf>,

    /// Where the image goes. Default: beside the text in a wide box, above it in a high one
    #[arg(long, value_enum, requires = "visible")]
    pub(crate) image_place: Option<Beside>,

    /// A QR code that says this, with the fields of --text
    #[arg(long, value_name = "TEMPLATE", requires = "visible")]
    pub(crate) qr: Option<String>,

    /// The language of the usual text and of dates (default: en)
    #[arg(long, value_enum, requires = "visible")]
    pub(crate) language: Option<Language>,

    /// The offset from UTC in which {time} is shown, such as +01:00 (default: UTC)
    #[arg(long, value_name = "OFFSET", requires = "visible", value_parser = offset, allow_hyphen_values = true)]
    pub(crate) time_zone: Option<i32>,

    /// A font to prefer to the built-in ones: TrueType or OpenType
    #[arg(long, value_name = "FILE", requires = "visible")]
    pub(crate) font: Option<PathBuf>,

    /// The same for the headline
    #[arg(long, value_name = "FILE", requires = "visible")]
    pub(crate) font_bold: Option<PathBuf>,

    /// The largest type in points (default: 11); it becomes smaller, down to 5, where the box demands it
    #[arg(long, value_name = "POINTS", requires = "visible", value_parser = font_size)]
    pub(crate) font_size: Option<f32>,

    /// Which way the text is read. Default: as its first letter
    #[arg(long, value_enum, requires = "visible")]
    pub(crate) text_direction: Option<Direction>,

    /// Of headline and border: #1f3a5f, or a name such as navy
    #[arg(long, value_name = "COLOUR", requires = "visible")]
    pub(crate) colour: Option<Colour>,

    /// Under everything: a colour. Default: none, the page is seen through
    #[arg(long, value_name = "COLOUR", requires = "visible")]
    pub(crate) background: Option<Colour>,

    /// The line around it (default: accent)
    #[arg(long, value_enum, requires = "visible")]
    pub(crate) border: Option<Border>,

    /// Write a picture (PNG) of what the signature would look like into this file, and sign nothing
    ///
    /// Needs no key where --cert names the certificate.
    #[arg(long, value_name = "PNG", requires = "visible", conflicts_with_all = ["out", "out_dir", "prepare"])]
    pub(crate) preview: Option<PathBuf>,
}

/// `--language`
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Language {
    /// English
    En,
    /// French
    Fr,
}

/// `--text-direction`
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Direction {
    /// As the first letter of the text
    Auto,
    /// From left to right
    Ltr,
    /// From right to left
    Rtl,
}

/// `--image-place`
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Beside {
    /// By the shape of the box
    Auto,
    /// On the left
    Left,
    /// On the right
    Right,
    /// Above the text
    Top,
    /// Under the text
    Behind,
}

/// `--border`
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Border {
    /// A thin line, and a strong one where reading begins
    Accent,
    /// A thin line
    Line,
    /// None
    None,
}

impl From<Language> for pdf_seal::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::English,
            Language::Fr => Self::French,
        }
    }
}

impl From<Direction> for pdf_seal::Direction {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Auto => Self::Auto,
            Direction::Ltr => Self::LeftToRight,
            Direction::Rtl => Self::RightToLeft,
        }
    }
}

impl From<Beside> for pdf_seal::ImagePlace {
    fn from(place: Beside) -> Self {
        match place {
            Beside::Auto => Self::Auto,
            Beside::Left => Self::Left,
            Beside::Right => Self::Right,
            Beside::Top => Self::Top,
            Beside::Behind => Self::Behind,
        }
    }
}

impl From<Border> for pdf_seal::Border {
    fn from(border: Border) -> Self {
        match border {
            Border::Accent => Self::Accent,
            Border::Line => Self::Line,
            Border::None => Self::None,
        }
    }
}

/// `UTC`, `Z`, `+01:00`, `-0330`, `+1`: minutes east of Greenwich.
pub(crate) fn offset(text: &str) -> Result<i32, String> {
    let invalid = || format!("{text:?} is no offset from UTC: write UTC, +01:00 or -03:30");
    if text.eq_ignore_ascii_case("utc") || text == "Z" {
        return Ok(0);
    }
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => return Err(invalid()),
    };
    if rest.is_empty() || !rest.bytes().all(|b| b.is_ascii_digit() || b == b':') {
        return Err(invalid());
    }
    let (hours, minutes) = match rest.split_once(':') {
        Some(parts) => parts,
        None if rest.len() == 4 => rest.split_at(2),
        None => (rest, "0"),
    };
    match (hours.parse::<i32>(), minutes.parse::<i32>()) {
        (Ok(h), Ok(m)) if h <= 14 && m < 60 => Ok(sign * (h * 60 + m)),
        _ => Err(invalid()),
    }
}

/// Points of type.
pub(crate) fn font_size(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(size) if (pdf_seal::SMALLEST_TYPE..=144.0).contains(&size) => Ok(size),
        _ => Err(format!("{text:?} is not a size between 5 and 144 points")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_from_utc() {
        for (text, minutes) in [
            ("UTC", 0),
            ("+01:00", 60),
            ("-0330", -210),
            ("+1", 60),
            ("+14", 840),
        ] {
            assert_eq!(offset(text), Ok(minutes), "{text}");
        }
        for text in ["", "+", "1", "+15", "+01:60", "+1:2:3", "Paris", "+1é"] {
            assert!(offset(text).is_err(), "{text}");
        }
    }
}
