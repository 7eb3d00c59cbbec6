//! Where a signature goes, and the incremental update that puts it there.

use pdf_file::{Appended, Dict, ObjId, Object, PdfError, PdfFile, ReservedKey, Stream, Update};
use pki_asn1::UnixTime;

use super::appearance::{Placed, is_pdf_a_1};
use super::form::{Form, last_reference};
use super::seed::{FILTER, Locks, Offer};
use super::{PadesError, PadesOptions, SUB_FILTER, doc_time_stamp, extensions, permissions, seed};

pub(super) const CONTENTS: ReservedKey = ReservedKey(0);
pub(super) const BYTE_RANGE: ReservedKey = ReservedKey(1);
/// Room for `[0 n n n]` whatever the size of the file.
const BYTE_RANGE_WIDTH: usize = 3 + 3 * 20 + 2;

/// A decision about one document, made before anything is written.
#[derive(Debug)]
pub(super) struct Plan<'p> {
    pdf: &'p PdfFile,
    form: Form,
    target: Target,
    /// The field's full name.
    pub(super) field: String,
    /// What the field demands of its signature.
    locks: Locks,
    options: &'p PadesOptions,
    kind: Kind,
    /// What is seen of it.
    placed: Option<Placed>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Signature,
    TimeStamp,
}

#[derive(Debug)]
enum Target {
    Existing(ObjId, Dict),
    New,
}

impl<'p> Plan<'p> {
    pub(super) fn new(
        pdf: &'p PdfFile,
        options: &'p PadesOptions,
        offer: &Offer<'_>,
    ) -> Result<Self, PadesError> {
        let form = Form::read(pdf)?;
        let field = options.field_name(&form);
        permissions::check(pdf, &form, &field, options.certify)?;
        if options.legal_attestation.is_some() && options.certify.is_none() {
            return Err(PadesError::AttestationWithoutCertification);
        }
        let mut locks = Locks::default();
        let target = match form.field(&field) {
            Some(existing) if !existing.is_signature => {
                return Err(PadesError::FieldNotSignature { field });
            }
            Some(existing) if existing.signature.is_some() => {
                return Err(PadesError::FieldSigned { field });
            }
            Some(existing) if existing.read_only => {
                return Err(PadesError::FieldReadOnly { field });
            }
            Some(existing) => {
                locks = seed::honour(pdf, &form, existing, options, offer)?;
                let id = existing.id.ok_or(PadesError::Structure(
                    "the signature field is not an object of its own",
                ))?;
                Target::Existing(id, existing.dict.clone())
            }
            None => {
                let why = match field.as_str() {
                    "" => Some("it is empty"),
                    name if name.contains('.') => {
                        Some("a full stop separates a field from its parent")
                    }
                    name if !form.is_free(name) => Some("other fields stand below that name"),
                    _ => None,
                };
                if let Some(why) = why {
                    return Err(PadesError::FieldName { field, why });
                }
                Target::New
            }
        };
        if let Some(certification) = options.certify {
            let level = certification.level();
            // Of the field's lock and what was asked for, the stricter counts (table 236).
            let level = locks.permitted.map_or(level, |p| p.clamp(1, level));
            locks.references.push(doc_mdp(level));
        }
        let placed = match &options.appearance {
            Some(appearance) => Some(Placed::new(pdf, &form, &field, appearance)?),
            None => None,
        };
        Ok(Self {
            pdf,
            form,
            target,
            field,
            locks,
            options,
            kind: Kind::Signature,
            placed,
        })
    }

    /// A document time-stamp in a new field. DocMDP and FieldMDP do not concern it: neither
    /// validation data nor a document time-stamp counts as a change (ISO 32000-2, table 257).
    pub(super) fn document_time_stamp(
        pdf: &'p PdfFile,
        options: &'p PadesOptions,
    ) -> Result<Self, PadesError> {
        permissions::check_encryption(pdf)?;
        let form = Form::read(pdf)?;
        Ok(Self {
            pdf,
            field: form.free_name("DocTimeStamp"),
            form,
            target: Target::New,
            locks: Locks::default(),
            options,
            kind: Kind::TimeStamp,
            placed: None,
        })
    }

    /// The update, with `room` octets for the signature.
    pub(super) fn lay_out(&self, room: usize) -> Result<Appended, PadesError> {
        let mut update = Update::new(self.pdf)?;
        let signature = update.add(self.signature_dictionary(room));
        let mut catalog = Catalog {
            dict: self.form.catalog.clone(),
            changed: false,
        };
        let added = match &self.target {
            Target::Existing(id, dict) => {
                let mut dict = dict.clone().with("V", signature);
                if let Some(lock) = &self.locks.added {
                    dict.set("Lock", lock.clone());
                }
                if let Some(placed) = &self.placed {
                    let appearance = placed.dictionary(&mut update);
                    match &placed.widget {
                        Some((id, widget)) => {
                            update.set(*id, widget.clone().with("AP", appearance));
                        }
                        None => {
                            dict.set("AP", appearance);
                        }
                    }
                }
                update.set(*id, dict);
                None
            }
            Target::New => Some(self.add_field(&mut update, signature)?),
        };
        self.enter_in_form(&mut update, &mut catalog, added)?;
        if self.options.certify.is_some() {
            let perms = self.pdf.get(&catalog.dict, "Perms", self.pdf.latest())?;
            let perms = perms.as_dict().cloned().unwrap_or_default();
            catalog.set("Perms", perms.with("DocMDP", signature));
        }
        if self.kind == Kind::TimeStamp
            && let Some(extensions) = extensions::missing(self.pdf, &catalog.dict)?
        {
            catalog.set("Extensions", extensions);
        }
        if let Some(attestation) = &self.options.legal_attestation {
            let legal = self.pdf.get(&catalog.dict, "Legal", self.pdf.latest())?;
            let legal = legal.as_dict().cloned().unwrap_or_default();
            catalog.set(
                "Legal",
                legal.with("Attestation", Object::text(attestation)),
            );
        }
        if catalog.changed {
            update.set(self.form.catalog_id, catalog.dict);
        }
        Ok(update.finish()?)
    }

    /// ISO 32000-2, table 255, with what EN 319 142-1 clause 6.3 asks for and forbids.
    fn signature_dictionary(&self, room: usize) -> Dict {
        let (kind, sub_filter) = match self.kind {
            Kind::Signature => ("Sig", SUB_FILTER),
            Kind::TimeStamp => ("DocTimeStamp", doc_time_stamp::SUB_FILTER),
        };
        let mut dict = Dict::new()
            .with("Type", Object::name(kind))
            .with("Filter", Object::name(FILTER))
            .with("SubFilter", Object::name(sub_filter))
            .with(
                "ByteRange",
                Object::reserved_text(BYTE_RANGE, BYTE_RANGE_WIDTH),
            )
            .with("Contents", Object::reserved_hex(CONTENTS, room));
        if self.kind == Kind::TimeStamp {
            return dict;
        }
        dict.set("M", Object::string(pdf_date(self.options.signing_time)));
        let texts = [
            ("Name", &self.options.name),
            ("Reason", &self.options.reason),
            ("Location", &self.options.location),
            ("ContactInfo", &self.options.contact),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                dict.set(key, Object::text(text));
            }
        }
        if !self.locks.references.is_empty() {
            dict.set("Reference", self.locks.references.clone());
        }
        dict
    }

    /// A new field that is its own widget: where it is to be seen, else invisible on the first page.
    fn add_field(&self, update: &mut Update<'_>, signature: ObjId) -> Result<ObjId, PadesError> {
        // Printed and locked; neither hidden nor shown, because it has no extent (PDF/A, 6.3.2).
        const PRINT_AND_LOCKED: i64 = 4 | 128;
        let rect = match &self.placed {
            Some(placed) => placed.rect.map(Object::number).to_vec(),
            None => vec![Object::Integer(0); 4],
        };
        let field = update.allocate();
        let mut dict = Dict::new()
            .with("Type", Object::name("Annot"))
            .with("Subtype", Object::name("Widget"))
            .with("FT", Object::name("Sig"))
            .with("T", Object::text(&self.field))
            .with("F", Object::Integer(PRINT_AND_LOCKED))
            .with("Rect", rect)
            .with("V", signature);
        let page = match &self.placed {
            Some(placed) => {
                dict.set("AP", placed.dictionary(update));
                Ok(placed.page.clone())
            }
            None => self.pdf.page(0, self.pdf.latest()),
        };
        match page {
            Ok(page) => {
                dict.set("P", page.id);
                let page_dict = page.dict.as_dict().cloned().unwrap_or_default();
                self.append(update, &page_dict, "Annots", field, |update, page_dict| {
                    update.set(page.id, page_dict);
                })?;
            }
            // A document without a page to stand on can still be signed.
            Err(PdfError::NoSuchPage { .. } | PdfError::PageTree { .. }) => {}
            Err(e) => return Err(e.into()),
        }
        // To PDF/A-1 (6.9) every field has an appearance, one without extent too. Elsewhere a document
        // time-stamp goes without: readers may take an appearance for more than an archive's upkeep.
        let wants_appearance =
            self.kind == Kind::Signature || is_pdf_a_1(self.pdf, &self.form.catalog)?;
        if !dict.contains("AP") && wants_appearance {
            let nothing = Dict::new()
                .with("Type", Object::name("XObject"))
                .with("Subtype", Object::name("Form"))
                .with("BBox", vec![Object::Integer(0); 4]);
            let nothing = update.add(Stream::new(nothing, Vec::new()));
            dict.set("AP", Dict::new().with("N", nothing));
        }
        update.set(field, dict);
        Ok(field)
    }

    /// Enters a new field into `/AcroForm /Fields` and says that there are signatures.
    fn enter_in_form(
        &self,
        update: &mut Update<'_>,
        catalog: &mut Catalog,
        added: Option<ObjId>,
    ) -> Result<(), PadesError> {
        // SignaturesExist and AppendOnly (ISO 32000-2, table 225).
        const SIGNATURES: i64 = 3;
        let at = self.pdf.latest();
        let entry = catalog
            .dict
            .get("AcroForm")
            .cloned()
            .unwrap_or(Object::Null);
        let (id, form) = last_reference(self.pdf, &entry)?;
        let existing = form.as_dict();
        let mut form = existing.cloned().unwrap_or_default();
        let mut changed = false;
        if let Some(field) = added {
            self.append(update, &form.clone(), "Fields", field, |_, dict| {
                form = dict;
                changed = true;
            })?;
        }
        let flags = self
            .pdf
            .get(&form, "SigFlags", at)?
            .as_integer()
            .unwrap_or(0);
        if flags & SIGNATURES != SIGNATURES {
            form.set("SigFlags", Object::Integer(flags | SIGNATURES));
            changed = true;
        }
        if !changed {
            return Ok(());
        }
        match (id, existing) {
            (Some(id), Some(_)) => update.set(id, form),
            (None, Some(_)) => catalog.set("AcroForm", form),
            (_, None) => {
                let id = update.add(form);
                catalog.set("AcroForm", id);
            }
        }
        Ok(())
    }

    /// Appends a reference to the array under `key`. Where the array is an object of its own, only
    /// that object changes; else `changed` is given the dictionary with the longer array.
    fn append<'u>(
        &self,
        update: &mut Update<'u>,
        dict: &Dict,
        key: &'static str,
        element: ObjId,
        changed: impl FnOnce(&mut Update<'u>, Dict),
    ) -> Result<(), PadesError> {
        let entry = dict.get(key).cloned().unwrap_or(Object::Null);
        let (id, array) = last_reference(self.pdf, &entry)?;
        let mut elements = array.as_array().unwrap_or_default().to_vec();
        elements.push(element.into());
        match id {
            Some(id) if array.as_array().is_some() => update.set(id, elements),
            _ => changed(update, dict.clone().with(key, elements)),
        }
        Ok(())
    }
}

struct Catalog {
    dict: Dict,
    changed: bool,
}

impl Catalog {
    fn set(&mut self, key: &'static str, value: impl Into<Object>) {
        self.dict.set(key, value);
        self.changed = true;
    }
}

/// The `/Reference` of a certification signature (ISO 32000-2, tables 256 and 257).
fn doc_mdp(level: i64) -> Object {
    let params = Dict::new()
        .with("Type", Object::name("TransformParams"))
        .with("P", Object::Integer(level))
        .with("V", Object::name("1.2"));
    Dict::new()
        .with("Type", Object::name("SigRef"))
        .with("TransformMethod", Object::name("DocMDP"))
        .with("TransformParams", params)
        .into()
}

/// `D:YYYYMMDDHHmmSSZ` (ISO 32000-2, 7.9.4).
pub(super) fn pdf_date(time: UnixTime) -> String {
    let digits: String = time
        .to_string()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    format!("D:{digits}Z")
}
