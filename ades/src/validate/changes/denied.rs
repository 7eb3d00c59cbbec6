//! Changes that no rule permits, and which of the published attacks they look like.

use pdf_file::{Dict, ObjId, Object};

use super::Step;
use crate::text;
use crate::text::Text;
use crate::validate::facts::{Finding, PdfAttack};

/// Why no rule permits a change; the name follows from what the object is used for, unless the rule
/// knows better.
#[derive(Debug)]
pub(super) struct Denied {
    attack: Option<PdfAttack>,
    message: Text,
}

impl Denied {
    pub(super) fn as_attack(attack: PdfAttack, message: impl Into<Text>) -> Self {
        Self {
            attack: Some(attack),
            message: message.into(),
        }
    }

    /// The same with where it happened.
    pub(super) fn within(mut self, place: &str) -> Self {
        self.message = text!("{}: {}", place, self.message);
        self
    }

    pub(super) fn named(self, looks_like: impl FnOnce() -> PdfAttack) -> Finding {
        Finding::new(self.attack.unwrap_or_else(looks_like), self.message)
    }
}

impl From<String> for Denied {
    fn from(message: String) -> Self {
        Self {
            attack: None,
            message: message.into(),
        }
    }
}

impl From<&'static str> for Denied {
    fn from(message: &'static str) -> Self {
        Text::from(message).into()
    }
}

impl From<Text> for Denied {
    fn from(message: Text) -> Self {
        Self {
            attack: None,
            message,
        }
    }
}

/// Objects that refer to a changed one and are looked at.
const REFERRERS: usize = 8;
/// Elements of a page tree's node that are compared one by one.
const KIDS: usize = 2_000;

impl Step<'_> {
    /// What the change of an object looks like, by what the object is and where it is used.
    pub(super) fn looks_like(&self, id: ObjId) -> PdfAttack {
        let Some(left) = self.shared.naming.get().checked_sub(1) else {
            return PdfAttack::IncrementalSaving;
        };
        self.shared.naming.set(left);
        let old = self.at(id, self.before).ok();
        if let Some(Object::Dict(dict)) = old.as_deref() {
            if dict.is("Type", "Pages") {
                return self.page_tree(id, dict);
            }
            if dict.is("Type", "Page") {
                return PdfAttack::PagesChanged;
            }
            if ["Font", "FontDescriptor", "Encoding", "ExtGState"]
                .iter()
                .any(|kind| dict.is("Type", kind))
            {
                return PdfAttack::ShadowReplace;
            }
            if dict.is("Type", "OCG") || dict.is("Type", "OCMD") {
                return PdfAttack::ShadowHide;
            }
            if dict.contains("ByteRange") && dict.contains("Contents") {
                return PdfAttack::SignatureRemoved;
            }
        }
        for from in self.known.referrers_of(id).take(REFERRERS) {
            let Ok(holder) = self.at(ObjId::new(from, 0), self.before) else {
                continue;
            };
            let found = match &*holder {
                Object::Dict(dict) => self.role(id, dict),
                Object::Stream(stream) => self.role(id, &stream.dict),
                // An array of its own, such as /Contents or /Kids.
                Object::Array(_) => self
                    .known
                    .referrers_of(ObjId::new(from, 0))
                    .take(REFERRERS)
                    .find_map(|above| {
                        let above = self.at(ObjId::new(above, 0), self.before).ok()?;
                        self.role(ObjId::new(from, 0), above.as_dict()?)
                    }),
                _ => None,
            };
            if let Some(found) = found {
                return found;
            }
        }
        PdfAttack::IncrementalSaving
    }

    /// What a holder uses the object for.
    fn role(&self, id: ObjId, holder: &Dict) -> Option<PdfAttack> {
        let refers = |value: &Object| {
            let mut found = false;
            super::references(value, &mut |to| found |= to.number == id.number);
            found
        };
        let (key, _) = holder.iter().find(|(_, value)| refers(value))?;
        Some(match key.as_str()? {
            "Contents" if holder.is("Type", "Page") => PdfAttack::PagesChanged,
            "Kids" if holder.is("Type", "Pages") => self.page_tree(id, holder),
            "Pages" | "Parent" | "MediaBox" | "CropBox" => PdfAttack::PagesChanged,
            // Drawn through: fonts, pictures, forms, colours, appearances of fields.
            "Resources" | "XObject" | "Font" | "FontDescriptor" | "FontFile" | "FontFile2"
            | "FontFile3" | "ToUnicode" | "Encoding" | "DescendantFonts" | "CIDToGIDMap"
            | "ExtGState" | "Pattern" | "Shading" | "ColorSpace" | "SMask" | "AP" | "N"
            | "Properties" => PdfAttack::ShadowReplace,
            "OCProperties" | "OC" => PdfAttack::ShadowHide,
            _ => return None,
        })
    }

    /// Whether a page tree only grew.
    fn page_tree(&self, id: ObjId, node: &Dict) -> PdfAttack {
        let kids = |object: Option<&Object>, at| {
            let list = self.resolved(object, at).ok()?;
            Some(list.as_array()?.to_vec())
        };
        let now = self.at(id, self.after).ok();
        let now = match now.as_deref() {
            Some(Object::Dict(dict)) => kids(dict.get("Kids"), self.after),
            Some(Object::Array(list)) => Some(list.clone()),
            _ => None,
        };
        match (kids(node.get("Kids"), self.before), now) {
            (Some(old), Some(new))
                if new.len() > old.len()
                    && (new.starts_with(&old)
                        || new.len() <= KIDS && old.iter().all(|kid| new.contains(kid))) =>
            {
                PdfAttack::PagesAdded
            }
            _ => PdfAttack::PagesChanged,
        }
    }
}
