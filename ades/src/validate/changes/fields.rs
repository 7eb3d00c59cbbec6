//! Form fields and signatures after a signature (ISO 32000-2, 12.7): what may be filled in, signed and
//! added, and what a field shows has to be what it says.

use std::collections::BTreeSet;

use pdf_file::{Dict, ObjId, Object, RevisionId};

use super::denied::Denied;
use super::drawn::{self, Drawn};
use super::roles::Role;
use super::{DEPTH, Rule, Step, differing, is_annotation, is_field, references};
use crate::text;
use crate::text::Quoted;
use crate::validate::facts::{Modifications, PdfAttack};

impl Step<'_> {
    pub(super) fn acro_form(&self, old: &Dict, new: &Dict) -> Rule {
        let mut level = Modifications::None;
        let need = self.resolved(new.get("NeedAppearances"), self.after)?;
        for key in differing(old, new) {
            let allowed = match key.as_str() {
                Some("Fields") => {
                    let before = self.resolved(old.get("Fields"), self.before)?;
                    let after = self.resolved(new.get("Fields"), self.after)?;
                    self.grown(
                        before.as_array().unwrap_or_default(),
                        after.as_array().ok_or("the form's /Fields was removed")?,
                    )?
                }
                Some("SigFlags") => Modifications::None,
                // Fields that readers draw anew would be drawn with another font.
                Some("DA" | "DR")
                    if !old.contains(key)
                        && need.as_bool() == Some(true)
                        && self.has_other_fields(old) =>
                {
                    return Err(Denied::as_attack(
                        PdfAttack::ShadowReplace,
                        format!("/{} of the form was changed", key.to_text()),
                    ));
                }
                // Programs that sign take it out, so that fields are not drawn anew, or put it in.
                Some("NeedAppearances") => {
                    self.fields_show_their_values(old)?;
                    self.say(
                        Modifications::FormFilling,
                        format!("/{} of the form was set", key.to_text()),
                    );
                    Modifications::FormFilling
                }
                Some("DA" | "DR") if !old.contains(key) => {
                    self.say(
                        Modifications::FormFilling,
                        format!("/{} of the form was set", key.to_text()),
                    );
                    Modifications::FormFilling
                }
                _ => return Err(format!("/{} of the form was changed", key.to_text()).into()),
            };
            level = level.max(allowed);
        }
        Ok(level)
    }

    /// Whether it makes no difference if readers show the appearances of text fields or their values.
    /// Where that cannot be told, it is let pass.
    fn fields_show_their_values(&self, form: &Dict) -> Result<(), Denied> {
        const FIELDS: usize = 10_000;
        let mut seen = BTreeSet::new();
        let mut left = Vec::new();
        let list = |holder: &Dict, key, left: &mut Vec<ObjId>| {
            let found = self.resolved(holder.get(key), self.before).ok();
            let found = found.as_ref().and_then(|f| f.as_array());
            let found = found.unwrap_or_default().iter().take(FIELDS);
            left.extend(found.filter_map(Object::as_reference));
        };
        list(form, "Fields", &mut left);
        while let Some(id) = left.pop() {
            if seen.len() >= FIELDS || !seen.insert(id) {
                continue;
            }
            let Ok(object) = self.at(id, self.before) else {
                continue;
            };
            let Some(field) = object.as_dict() else {
                continue;
            };
            list(field, "Kids", &mut left);
            if !field.contains("AP") || !self.is_compared(field) {
                continue;
            }
            let mut value = None;
            self.climb(field, self.before, &mut |dict| {
                value = dict.get("V").cloned();
                value.is_some()
            });
            let value = self.resolved(value.as_ref(), self.before)?;
            let says = value.as_string().map(|v| v.to_text()).unwrap_or_default();
            let shown = self.drawn(field.get("AP"), self.before);
            if shown.plain && (shown.pictures || !agree(&says, &shown.text)) {
                return Err(Denied::as_attack(
                    PdfAttack::ShadowReplace,
                    format!(
                        "field {:?} shows {:?}, and its value is {:?}",
                        self.full_name(field, self.before),
                        short(&shown.text),
                        short(&says)
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Whether what a field shows is to be its value: it is text, and no script formats it.
    fn is_compared(&self, field: &Dict) -> bool {
        let (mut flags, mut scripts) = (None, false);
        self.climb(field, self.before, &mut |dict| {
            flags = flags.or(dict.integer("Ff"));
            scripts |= dict.contains("AA");
            false
        });
        let password = flags.is_some_and(|flags| flags & (1 << 13) != 0);
        !scripts && !password && self.field_type(field).as_deref() == Some(b"Tx".as_slice())
    }

    /// Whether a form has fields that are no signatures.
    fn has_other_fields(&self, form: &Dict) -> bool {
        let fields = self.resolved(form.get("Fields"), self.before).ok();
        let fields = fields.as_ref().and_then(|f| f.as_array());
        fields.unwrap_or_default().iter().any(|field| {
            let field = self.resolved(Some(field), self.before).ok();
            let kind = field.as_ref().and_then(|f| f.as_dict());
            !kind.is_some_and(|dict| dict.is("FT", "Sig"))
        })
    }

    /// Nothing may be gone or reordered; what was added must be signature fields or annotations.
    pub(super) fn grown(&self, old: &[Object], new: &[Object]) -> Rule {
        let mut rest = old.iter().peekable();
        let mut level = Modifications::None;
        for element in new {
            if rest.peek().is_some_and(|o| self.same(o, element)) {
                rest.next();
                continue;
            }
            let id = element
                .as_reference()
                .ok_or("something else than a reference was added")?;
            let object = self.at(id, self.after)?;
            let Object::Dict(added) = &*object else {
                return Err(format!("object {id}, no field and no annotation, was added").into());
            };
            let kind = self.field_type(added);
            let allowed = if kind.as_deref() == Some(b"Sig".as_slice()) {
                if let Some(key) = unfit_for_signature_field(added) {
                    return Err(Denied::as_attack(
                        PdfAttack::OverlaidSignature,
                        format!(
                            "{id} was added, which calls itself a signature field and has /{key}"
                        ),
                    ));
                }
                self.added_signature(id, added)?
            } else if self.is_new(id) && kind.is_none() && is_annotation(added) {
                self.annotation(id, added, "added")?
            } else if kind.is_none() && added.is("Type", "Page") {
                return Err(Denied::as_attack(
                    PdfAttack::PagesAdded,
                    format!("page {id} was added"),
                ));
            } else if kind.is_some() {
                return Err(format!("{id}, a form field that was not there, was added").into());
            } else {
                return Err(format!("{id}, no signature field, was added").into());
            };
            level = level.max(allowed);
        }
        if let Some(gone) = rest.peek() {
            let id = gone.as_reference();
            let signed = id
                .and_then(|id| self.at(id, self.before).ok())
                .is_some_and(|o| o.as_dict().is_some_and(|d| d.is("FT", "Sig")));
            let message = "an element was removed or moved";
            return Err(if signed {
                Denied::as_attack(PdfAttack::SignatureRemoved, message)
            } else {
                message.into()
            });
        }
        Ok(level)
    }

    /// A signature field that was not there.
    fn added_signature(&self, id: ObjId, field: &Dict) -> Rule {
        let level = self.signature_level(field)?;
        let name = self.name_of(field);
        let visible = self.is_visible(field)?;
        // A time-stamp that nobody sees is no change, whatever is locked.
        if level > Modifications::LtaUpdates {
            self.added.borrow_mut().insert(name.clone());
        }
        match (level, self.is_signed(field)) {
            (Modifications::LtaUpdates, _) => {
                self.say(
                    level,
                    format!("a document time-stamp was added (field {name:?})"),
                );
            }
            (_, true) => self.say(
                level,
                format!("the document was signed in a new field {name:?}"),
            ),
            (_, false) => self.say(
                level,
                format!("an empty signature field {name:?} was added"),
            ),
        }
        if visible {
            let page = field
                .reference("P")
                .map_or_else(|| "a page".into(), |page| self.page_name(page));
            self.overlay(
                PdfAttack::OverlaidSignature,
                level,
                format!("the new signature field {name:?} ({id}) shows something on {page}"),
            );
        }
        Ok(level)
    }

    /// An invisible document time-stamp is validation data; any other signature fills in a form.
    fn signature_level(&self, field: &Dict) -> Rule {
        let value = self.resolved(field.get("V"), self.after)?;
        let stamp = value
            .as_dict()
            .is_some_and(|v| v.is("Type", "DocTimeStamp") && v.is("SubFilter", "ETSI.RFC3161"));
        let visible = self.is_visible(field)?;
        Ok(match (stamp, visible, self.is_signed(field)) {
            (true, false, _) => Modifications::LtaUpdates,
            // A picture laid over the page under the name of a signature that nobody made.
            (_, true, false) => Modifications::Annotations,
            _ => Modifications::FormFilling,
        })
    }

    fn is_visible(&self, field: &Dict) -> Result<bool, String> {
        let rectangle = self.resolved(field.get("Rect"), self.after)?;
        Ok(rectangle.as_array().is_some_and(|r| {
            let n: Vec<f64> = r.iter().filter_map(Object::as_number).collect();
            n.len() != 4 || (n[0] != n[2] && n[1] != n[3])
        }))
    }

    /// Whether the field, or the one it is a widget of, has a signature, which is then judged too.
    fn is_signed(&self, field: &Dict) -> bool {
        self.has_signature(field, self.after)
    }

    fn has_signature(&self, field: &Dict, at: RevisionId) -> bool {
        let mut signed = false;
        self.climb(field, at, &mut |dict| {
            signed = self
                .resolved(dict.get("V"), at)
                .is_ok_and(|v| v.as_dict().is_some_and(|v| v.contains("ByteRange")));
            signed
        });
        signed
    }

    /// A field and those above it, until `look` has seen enough. Nothing is copied: a field may have
    /// as many children as the file has room for, and each of them leads here.
    fn climb(&self, field: &Dict, at: RevisionId, look: &mut dyn FnMut(&Dict) -> bool) {
        if look(field) {
            return;
        }
        let mut above = self.pdf.get(field, "Parent", at);
        for _ in 1..DEPTH {
            let Ok(Some(dict)) = above.as_ref().map(|o| o.as_dict()) else {
                return;
            };
            if look(dict) {
                return;
            }
            above = self.pdf.get(dict, "Parent", at);
        }
    }

    pub(super) fn field(&self, id: ObjId, old: &Dict, new: &Dict) -> Rule {
        let is_signature = self.field_type(old).as_deref() == Some(b"Sig".as_slice());
        // The widget of a signature is drawn when it is made, not later; it may be a child of the field.
        let is_sealed = is_signature && (old.contains("V") || self.has_signature(old, self.before));
        let name = self.name_of(new);
        let mut level = Modifications::None;
        for key in differing(old, new) {
            let allowed = match key.as_str().unwrap_or_default() {
                "V" if is_signature => {
                    if !self.resolved(old.get("V"), self.before)?.is_null() {
                        return Err(Denied::as_attack(
                            PdfAttack::SignatureRemoved,
                            format!("the signature in field {name:?} was replaced or removed"),
                        ));
                    }
                    if !new.reference("V").is_some_and(|v| self.is_new(v)) {
                        return Err(Denied::as_attack(
                            PdfAttack::ShadowHideAndReplace,
                            format!("field {name:?} was signed with an object that was there"),
                        ));
                    }
                    let level = self.signature_level(new)?;
                    self.say(
                        level,
                        match level {
                            Modifications::LtaUpdates => {
                                format!("a document time-stamp was made in field {name:?}")
                            }
                            _ => format!("field {name:?} was signed"),
                        },
                    );
                    level
                }
                "M" if is_signature && !is_sealed => Modifications::FormFilling,
                "F" if is_signature && !is_sealed => self.dressed(&name, id, new)?,
                "V" if !is_signature => {
                    self.say(
                        Modifications::FormFilling,
                        format!(
                            "field {name:?} was filled in: {} became {}",
                            self.value(old, self.before),
                            self.value(new, self.after)
                        ),
                    );
                    Modifications::FormFilling
                }
                "AS" | "M" | "I" | "TI" | "RV" if !is_signature => {
                    self.say(
                        Modifications::FormFilling,
                        format!("field {name:?} was filled in"),
                    );
                    Modifications::FormFilling
                }
                "AP" if !is_sealed => {
                    self.only_new_appearances(&name, old, new)?;
                    if is_signature {
                        self.dressed(&name, id, new)?
                    } else {
                        self.shows_its_value(&name, old, new)?
                    }
                }
                "Kids" => {
                    let before = self.resolved(old.get("Kids"), self.before)?;
                    let after = self.resolved(new.get("Kids"), self.after)?;
                    self.grown(
                        before.as_array().unwrap_or_default(),
                        after.as_array().unwrap_or_default(),
                    )?
                }
                other => {
                    let message = format!("/{other} of field {name:?} ({id}) was changed");
                    return Err(match other {
                        // Where it is, what it hides, what is drawn.
                        "AP" | "Rect" | "F" | "MK" | "DA" | "P" => {
                            Denied::as_attack(PdfAttack::ShadowReplace, message)
                        }
                        _ => message.into(),
                    });
                }
            };
            level = level.max(allowed);
        }
        Ok(level)
    }

    /// A field may show what was made for it, not another object of the document.
    fn only_new_appearances(&self, name: &str, old: &Dict, new: &Dict) -> Result<(), Denied> {
        let mut had = BTreeSet::new();
        if let Some(ap) = old.get("AP") {
            references(ap, &mut |to| {
                had.insert(to);
            });
        }
        let mut foreign = None;
        if let Some(ap) = new.get("AP") {
            references(ap, &mut |to| {
                if !self.is_new(to) && !had.contains(&to) {
                    foreign = Some(to);
                }
            });
        }
        foreign.map_or(Ok(()), |to| {
            Err(Denied::as_attack(
                PdfAttack::ShadowHideAndReplace,
                format!("field {name:?} now shows object {to} of the document"),
            ))
        })
    }

    /// A signature field that shows something else. Without a signature it is a picture that nobody
    /// answers for.
    fn dressed(&self, name: &str, id: ObjId, field: &Dict) -> Rule {
        if self.is_signed(field) || !self.is_visible(field)? {
            return Ok(Modifications::FormFilling);
        }
        let level = Modifications::Annotations;
        self.overlay(
            PdfAttack::OverlaidSignature,
            level,
            text!(
                "the signature field {} ({}), which nobody signed, shows something else",
                Quoted(name),
                id.to_string()
            ),
        );
        Ok(level)
    }

    /// What a field shows after the change is its value. Where that cannot be told (fonts with codes
    /// of their own, formats made by scripts), the value has to have changed with it.
    fn shows_its_value(&self, name: &str, old: &Dict, new: &Dict) -> Rule {
        let filled = Modifications::FormFilling;
        if !new.contains("AP") {
            // The reader draws the value.
            return Ok(filled);
        }
        let value = self.resolved(new.get("V"), self.after)?;
        let has_value = new.get("V").is_some() || new.contains("Parent");
        let changed = old.get("V") != new.get("V") || old.get("AS") != new.get("AS");
        let was = self.drawn(old.get("AP"), self.before);
        let is = self.drawn(new.get("AP"), self.after);
        if was == is && old.contains("AP") {
            return Ok(filled);
        }
        if self.is_push_button(new) {
            // It has no value: what it shows is a picture on the page.
            let level = Modifications::Annotations;
            self.overlay(
                PdfAttack::OverlaidAnnotation,
                level,
                text!("the button {} shows something else", Quoted(name)),
            );
            return Ok(level);
        }
        let text = self.field_type(new).as_deref() == Some(b"Tx".as_slice());
        let password = new
            .integer("Ff")
            .is_some_and(|flags| flags & (1 << 13) != 0);
        let replaced = |shown: &str| {
            Err(Denied::as_attack(
                PdfAttack::ShadowReplace,
                format!(
                    "field {name:?} shows {shown}, and its value is {}",
                    self.value(new, self.after)
                ),
            ))
        };
        if text && !password && !new.contains("AA") && is.plain && new.get("V").is_some() {
            let says = value.as_string().map(|v| v.to_text()).unwrap_or_default();
            return if !is.pictures && agree(&says, &is.text) {
                Ok(filled)
            } else if is.pictures {
                replaced("a picture")
            } else {
                replaced(&format!("{:?}", short(&is.text)))
            };
        }
        if changed || !has_value && self.is_button(new) {
            return Ok(filled);
        }
        replaced("something else than before")
    }

    fn is_button(&self, field: &Dict) -> bool {
        self.field_type(field).as_deref() == Some(b"Btn".as_slice())
    }

    /// A button without a state (table 229, bit 17).
    fn is_push_button(&self, field: &Dict) -> bool {
        let mut flags = None;
        self.climb(field, self.after, &mut |dict| {
            flags = dict.integer("Ff");
            flags.is_some()
        });
        self.is_button(field) && flags.is_some_and(|flags| flags & (1 << 16) != 0)
    }

    /// An appearance stream that was replaced under the widget of a field that is not signed.
    pub(super) fn appearance(&self, id: ObjId) -> Option<Rule> {
        let mut owners = Vec::new();
        for number in self.known.referrers_of(id).take(16) {
            let owner = ObjId::new(number, 0);
            let (old, new) = (
                self.at(owner, self.before).ok()?,
                self.at(owner, self.after).ok()?,
            );
            let (old, new) = (old.as_dict()?, new.as_dict()?);
            let mut shown = false;
            references(old.get("AP")?, &mut |to| shown |= to == id);
            let signature = self.field_type(old).as_deref() == Some(b"Sig".as_slice());
            let only = self.known.roles.is_at_most(owner, Role::Field);
            if !shown || !is_field(old) || !only || signature {
                return None;
            }
            owners.push((old.clone(), new.clone()));
        }
        if owners.is_empty() {
            return None;
        }
        let mut shown = owners.iter().map(|(old, new)| {
            let name = self.name_of(new);
            self.shows_its_value(&name, old, new)
        });
        Some(shown.try_fold(Modifications::FormFilling, |level, one| Ok(level.max(one?))))
    }

    /// What the appearances of a field or annotation draw, all together.
    pub(super) fn drawn(&self, appearance: Option<&Object>, at: RevisionId) -> Drawn {
        drawn::appearances(self.pdf, appearance, at, &self.shared.content)
    }

    /// A field's value for people.
    fn value(&self, field: &Dict, at: RevisionId) -> String {
        match self.resolved(field.get("V"), at).as_deref() {
            Ok(Object::String(text)) => format!("{:?}", short(&text.to_text())),
            Ok(Object::Name(name)) => format!("{:?}", short(&name.to_text())),
            Ok(Object::Null) => "nothing".into(),
            _ => "another value".into(),
        }
    }

    /// The full name of a field (12.7.4.2), as it was before.
    pub(super) fn field_name(&self, id: ObjId) -> Option<String> {
        let object = self.pdf.object(id, self.before).ok()?;
        let field = object.as_dict().filter(|d| is_field(d))?;
        Some(self.full_name(field, self.before))
    }

    /// The full name of a field as it is after the change.
    fn name_of(&self, field: &Dict) -> String {
        self.full_name(field, self.after)
    }

    fn full_name(&self, field: &Dict, at: RevisionId) -> String {
        let mut parts = Vec::new();
        self.climb(field, at, &mut |dict| {
            parts.extend(dict.string("T").map(|t| t.to_text()));
            false
        });
        parts.reverse();
        parts.join(".")
    }

    /// /FT, own or inherited.
    pub(super) fn field_type(&self, field: &Dict) -> Option<Vec<u8>> {
        let mut kind = None;
        self.climb(field, self.after, &mut |dict| {
            kind = dict.name("FT").map(|n| n.as_bytes().to_vec());
            kind.is_some()
        });
        kind
    }
}

/// Whether what is shown has the letters and digits of the value, in their order.
fn agree(value: &str, shown: &str) -> bool {
    let essence = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    essence(value) == essence(shown)
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The key, or key and value, that makes an added "signature field" something else. Only what a
/// field, its widget and a signature need is allowed: no action, no other kind of annotation.
fn unfit_for_signature_field(field: &Dict) -> Option<String> {
    const KEYS: &[&str] = &[
        "AP",
        "AS",
        "BS",
        "Border",
        "C",
        "CreationDate",
        "DA",
        "F",
        "FT",
        "Ff",
        "H",
        "Kids",
        "Lock",
        "M",
        "MK",
        "NM",
        "P",
        "Parent",
        "Q",
        "Rect",
        "SV",
        "StructParent",
        "Subtype",
        "T",
        "TM",
        "TU",
        "Type",
        "V",
    ];
    field.iter().find_map(|(key, _)| {
        let name = key.to_text();
        let fits = match name.as_str() {
            "Type" => field.is("Type", "Annot"),
            "Subtype" => field.is("Subtype", "Widget"),
            "FT" => field.is("FT", "Sig"),
            other => KEYS.contains(&other),
        };
        (!fits).then_some(name)
    })
}
