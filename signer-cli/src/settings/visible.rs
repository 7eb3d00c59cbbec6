//! `[[visible]]`: what visible signatures look like.

use std::path::PathBuf;

use cli_support::{Exit, Failure};
use pdf_seal::Colour;
use serde::{Deserialize, Deserializer};

use crate::sign::{Beside, Border, Direction, Language, VisibleArgs, font_size, offset};

/// `[[visible]]`: one without a name is for every visible signature, one with a name for those that
/// ask for it with `--look`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct VisibleTable {
    pub(crate) name: Option<String>,
    text: Option<String>,
    qr: Option<String>,
    language: Option<Language>,
    image: Option<PathBuf>,
    image_place: Option<Beside>,
    font: Option<PathBuf>,
    font_bold: Option<PathBuf>,
    #[serde(default, deserialize_with = "size")]
    font_size: Option<f32>,
    text_direction: Option<Direction>,
    #[serde(default, deserialize_with = "zone")]
    time_zone: Option<i32>,
    #[serde(default, deserialize_with = "colour")]
    colour: Option<Colour>,
    #[serde(default, deserialize_with = "colour")]
    background: Option<Colour>,
    border: Option<Border>,
}

impl VisibleTable {
    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let files = [&mut self.image, &mut self.font, &mut self.font_bold];
        files.into_iter().flatten()
    }

    pub(super) fn check(tables: &[Self]) -> Result<(), (String, &'static str)> {
        for (index, table) in tables.iter().enumerate() {
            if tables.iter().skip(index + 1).any(|t| t.name == table.name) {
                let which = match &table.name {
                    Some(name) => format!("two [[visible]] are called {name:?}"),
                    None => "two [[visible]] have no name".to_owned(),
                };
                return Err((which, "give each a name of its own, for --look"));
            }
        }
        Ok(())
    }

    /// What the command line does not say.
    fn fill(&self, args: &mut VisibleArgs) {
        fn or<T: Clone>(given: &mut Option<T>, usual: &Option<T>) {
            if given.is_none() {
                given.clone_from(usual);
            }
        }
        or(&mut args.text, &self.text);
        or(&mut args.qr, &self.qr);
        or(&mut args.language, &self.language);
        or(&mut args.image, &self.image);
        or(&mut args.image_place, &self.image_place);
        or(&mut args.font, &self.font);
        or(&mut args.font_bold, &self.font_bold);
        or(&mut args.font_size, &self.font_size);
        or(&mut args.text_direction, &self.text_direction);
        or(&mut args.time_zone, &self.time_zone);
        or(&mut args.colour, &self.colour);
        or(&mut args.background, &self.background);
        or(&mut args.border, &self.border);
    }
}

impl VisibleArgs {
    /// The command line goes before the look that it names, and that before the one without name.
    pub(crate) fn fill(&mut self, tables: &[VisibleTable]) -> Result<(), Failure> {
        if let Some(look) = self.look.clone() {
            let named = tables.iter().find(|t| t.name.as_ref() == Some(&look));
            let Some(named) = named else {
                let names: Vec<&str> = tables.iter().filter_map(|t| t.name.as_deref()).collect();
                let hint = if names.is_empty() {
                    "the settings file has no [[visible]] with a name".to_owned()
                } else {
                    format!("the settings file has {}", names.join(", "))
                };
                let message = format!("there is no look {look:?}");
                return Err(Failure::message(Exit::Usage, message).with_hint(hint));
            };
            named.fill(self);
        }
        if self.visible.is_some()
            && let Some(usual) = tables.iter().find(|t| t.name.is_none())
        {
            usual.fill(self);
        }
        Ok(())
    }
}

fn colour<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Colour>, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

fn zone<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i32>, D::Error> {
    let text = String::deserialize(from)?;
    offset(&text).map(Some).map_err(serde::de::Error::custom)
}

fn size<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f32>, D::Error> {
    let number = f64::deserialize(from)?;
    font_size(&number.to_string())
        .map(Some)
        .map_err(serde::de::Error::custom)
}
