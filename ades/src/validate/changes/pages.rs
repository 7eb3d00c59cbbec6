//! Pages and annotations after a signature: a page may get annotations and widgets, nothing else; and
//! an annotation that can pass for content is named.

use pdf_file::{Dict, ObjId, Object};

use super::denied::Denied;
use super::{Rule, Step, differing};
use crate::validate::facts::{Modifications, PdfAttack};

/// Annotations that mark or comment on what is there and cannot pass for it, unless their appearance
/// draws text, pictures or opaque areas (ISO 32000-2, table 171).
const MARKS: &[&str] = &[
    "Text",
    "Popup",
    "Highlight",
    "Underline",
    "Squiggly",
    "StrikeOut",
    "Caret",
];
/// Content streams of a page that are compared.
const ELEMENTS: usize = 1_000;
/// The icon of a note is not larger, in points.
const ICON: f64 = 40.0;

impl Step<'_> {
    pub(super) fn page(&self, id: ObjId, old: &Dict, new: &Dict) -> Rule {
        let page = self.page_name(id);
        for key in differing(old, new) {
            if key != "Annots" {
                return Err(Denied::as_attack(
                    self.page_attack(key.as_str().unwrap_or_default(), old, new),
                    format!("/{} of {page} was changed", key.to_text()),
                ));
            }
        }
        let before = self.resolved(old.get("Annots"), self.before)?;
        let after = self.resolved(new.get("Annots"), self.after)?;
        if let Some(Object::Reference(array)) = new.get("Annots")
            && old.get("Annots") != new.get("Annots")
            && !self.is_new(*array)
        {
            return Err(format!("/Annots of {page} was replaced by another object").into());
        }
        self.grown(
            before.as_array().unwrap_or_default(),
            after.as_array().unwrap_or_default(),
        )
        .map_err(|why| why.within(&format!("/Annots of {page} was changed")))
    }

    /// What the change of a page looks like.
    fn page_attack(&self, key: &str, old: &Dict, new: &Dict) -> PdfAttack {
        let list = |dict: &Dict, at| -> Vec<Object> {
            match self.resolved(dict.get(key), at).as_deref() {
                Ok(Object::Array(list)) => list.iter().take(ELEMENTS).cloned().collect(),
                _ => dict.get(key).cloned().into_iter().collect(),
            }
        };
        match key {
            "Contents" => {
                let (old, new) = (list(old, self.before), list(new, self.after));
                let added: Vec<&Object> = new.iter().filter(|o| !old.contains(o)).collect();
                let hidden = |o: &&Object| o.as_reference().is_some_and(|id| !self.is_new(id));
                if added.is_empty() && new.len() < old.len() {
                    PdfAttack::ShadowHide
                } else if !added.is_empty() && added.iter().all(hidden) {
                    PdfAttack::ShadowHideAndReplace
                } else {
                    PdfAttack::PagesChanged
                }
            }
            "Resources" => PdfAttack::ShadowReplace,
            _ => PdfAttack::PagesChanged,
        }
    }

    /// An annotation that was added or changed.
    pub(super) fn annotation(&self, id: ObjId, annotation: &Dict, done: &str) -> Rule {
        let level = Modifications::Annotations;
        let kind = annotation
            .name("Subtype")
            .map(|n| n.to_text())
            .unwrap_or_default();
        let page = annotation
            .reference("P")
            .map_or_else(|| "a page".into(), |page| self.page_name(page));
        let message = format!("an annotation ({kind}, {id}) was {done} on {page}");
        match self.passes_for_content(&kind, annotation) {
            None => self.say(level, message),
            Some(why) => self.overlay(
                PdfAttack::OverlaidAnnotation,
                level,
                format!("{message}, which {why}"),
            ),
        }
        Ok(level)
    }

    /// Why a reader may take an annotation for a part of the page.
    fn passes_for_content(&self, kind: &str, annotation: &Dict) -> Option<&'static str> {
        if annotation.contains("A") || annotation.contains("AA") {
            return Some("acts when it is used");
        }
        if !MARKS.contains(&kind) {
            return Some("may hide or imitate what is on the page");
        }
        let drawn = self.drawn(annotation.get("AP"), self.after);
        if kind == "Text" && self.is_icon(annotation) && !drawn.pictures {
            return None;
        }
        if drawn.pictures || !drawn.text.is_empty() || !drawn.plain {
            return Some("draws text or pictures");
        }
        drawn.opaque.then_some("covers what is under it")
    }

    fn is_icon(&self, annotation: &Dict) -> bool {
        let rectangle = self.resolved(annotation.get("Rect"), self.after).ok();
        let sides: Option<Vec<f64>> = rectangle
            .as_ref()
            .and_then(|r| r.as_array()?.iter().map(Object::as_number).collect());
        match sides.as_deref() {
            Some([a, b, c, d]) => (c - a).abs() <= ICON && (d - b).abs() <= ICON,
            _ => false,
        }
    }

    pub(super) fn page_name(&self, id: ObjId) -> String {
        match self.shared.page(self.pdf, self.before, id) {
            Some(number) => format!("page {number}"),
            None => format!("page object {id}"),
        }
    }
}
