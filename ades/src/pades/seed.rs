//! What an empty signature field demands of its signature: its lock (ISO 32000-2, 12.7.5.5, table
//! 236) and its seed values (tables 237 and 238; the certificate's are in [`super::seed_certificate`]).
//!
//! A seed value binds where its bit in `/Ff` is set. Whatever cannot be fulfilled, or is not known
//! here, refuses the signature: a field's author is never overruled in silence.

use pdf_file::{Dict, Object, PdfError, PdfFile};

use super::form::{Field, Form};
use super::{Certification, PadesError, PadesOptions, SUB_FILTER, seed_certificate};
use crate::cms::build::CmsIdentity;

/// The signature handler (`/Filter`) that every signature names.
pub(super) const FILTER: &str = "Adobe.PPKLite";
/// The parser that PDF 2.0 describes (table 237, `/V`).
const PARSER_VERSION: f64 = 3.0;

/// Bits of the seed value dictionary's `/Ff`.
mod binding {
    pub(super) const FILTER: i64 = 1;
    pub(super) const SUB_FILTER: i64 = 1 << 1;
    pub(super) const VERSION: i64 = 1 << 2;
    pub(super) const REASONS: i64 = 1 << 3;
    pub(super) const LEGAL_ATTESTATION: i64 = 1 << 4;
    pub(super) const ADD_REV_INFO: i64 = 1 << 5;
    pub(super) const DIGEST_METHOD: i64 = 1 << 6;
    pub(super) const LOCK_DOCUMENT: i64 = 1 << 7;
    pub(super) const APPEARANCE_FILTER: i64 = 1 << 8;
    pub(super) const KNOWN: i64 = (1 << 9) - 1;
}

/// What is about to be made, as far as seed values ask.
pub(super) struct Offer<'a> {
    pub(super) signer: &'a CmsIdentity,
    pub(super) time_stamp: TimeStamped,
}

/// Whether the signature will carry a time-stamp.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum TimeStamped {
    Yes,
    No,
}

/// What the field adds to its signature.
#[derive(Debug, Default)]
pub(super) struct Locks {
    /// The `/Reference` entries that make the field's lock binding.
    pub(super) references: Vec<Object>,
    /// The `/Lock` that the field has to get, where its seed values demand one that is not there.
    pub(super) added: Option<Dict>,
    /// `/P` of the lock: a certification in this field permits no more.
    pub(super) permitted: Option<i64>,
}

/// Checks the field's seed values against what is about to be made, and says how it locks.
pub(super) fn honour(
    pdf: &PdfFile,
    form: &Form,
    field: &Field,
    options: &PadesOptions,
    offer: &Offer<'_>,
) -> Result<Locks, PadesError> {
    let at = pdf.latest();
    let lock = pdf.get(&field.dict, "Lock", at)?;
    let mut lock = lock.as_dict().cloned();
    let mut permitted = match &lock {
        Some(lock) => pdf.get(lock, "P", at)?.as_integer(),
        None => None,
    };
    let seed = pdf.get(&field.dict, "SV", at)?;
    let mut added = None;
    if let Some(dict) = seed.as_dict() {
        let seed = Seed::read(pdf, field, dict)?;
        seed.check_format(offer)?;
        seed.check_words(options)?;
        seed.check_additions(offer)?;
        seed.check_certification(options)?;
        if let Some(demand) = seed_certificate::unmet(pdf, dict, offer.signer)? {
            return Err(PadesError::SeedValue {
                field: field.name.clone(),
                demand: demand.what,
                remedy: demand.remedy,
            });
        }
        if seed.wants_lock(options, permitted)? {
            let mut dict = lock.take().unwrap_or_else(no_fields);
            dict.set("P", Object::Integer(NOTHING));
            permitted = Some(NOTHING);
            added = Some(dict.clone());
            lock = Some(dict);
        }
    }
    Ok(Locks {
        references: match &lock {
            Some(lock) => vec![reference(pdf, form, lock)?],
            None => Vec::new(),
        },
        added,
        permitted,
    })
}

const NOTHING: i64 = Certification::NoChanges.level();

/// A lock of no field, to carry `/P`.
fn no_fields() -> Dict {
    Dict::new()
        .with("Type", Object::name("SigFieldLock"))
        .with("Action", Object::name("Include"))
        .with("Fields", Vec::new())
}

/// The FieldMDP `/Reference` of a lock (table 259).
fn reference(pdf: &PdfFile, form: &Form, lock: &Dict) -> Result<Object, PadesError> {
    let mut params = Dict::new()
        .with("Type", Object::name("TransformParams"))
        .with("V", Object::name("1.2"));
    for key in ["Action", "Fields", "P"] {
        if let Some(value) = lock.get(key) {
            params.set(key, (*pdf.resolve(value, pdf.latest())?).clone());
        }
    }
    Ok(Dict::new()
        .with("Type", Object::name("SigRef"))
        .with("TransformMethod", Object::name("FieldMDP"))
        .with("TransformParams", params)
        .with("Data", form.catalog_id)
        .into())
}

/// A seed value dictionary being checked.
struct Seed<'a> {
    pdf: &'a PdfFile,
    field: &'a Field,
    dict: &'a Dict,
    required: i64,
}

impl<'a> Seed<'a> {
    fn read(pdf: &'a PdfFile, field: &'a Field, dict: &'a Dict) -> Result<Self, PadesError> {
        let required = pdf.get(dict, "Ff", pdf.latest())?.as_integer().unwrap_or(0);
        let seed = Self {
            pdf,
            field,
            dict,
            required,
        };
        if required & !binding::KNOWN != 0 {
            return seed.refuse("something that no edition of the PDF standard names".into());
        }
        Ok(seed)
    }

    fn refuse<T>(&self, demand: String) -> Result<T, PadesError> {
        Err(PadesError::SeedValue {
            field: self.field.name.clone(),
            demand,
            remedy: None,
        })
    }

    fn binds(&self, bit: i64) -> bool {
        self.required & bit != 0
    }

    /// The names or texts in the array under `key`.
    fn list(&self, key: &str) -> Result<Vec<String>, PdfError> {
        texts(self.pdf, self.dict, key)
    }

    fn check_format(&self, offer: &Offer<'_>) -> Result<(), PadesError> {
        let at = self.pdf.latest();
        let version = self.pdf.get(self.dict, "V", at)?.as_number();
        if self.binds(binding::VERSION) && version.is_some_and(|v| v > PARSER_VERSION) {
            return self.refuse("a signer that knows a later edition of PDF than 2.0".into());
        }
        let filter = self.pdf.get(self.dict, "Filter", at)?;
        if self.binds(binding::FILTER)
            && let Some(filter) = filter.as_name()
            && *filter != FILTER
        {
            return self.refuse(format!("the signature handler {}", filter.to_text()));
        }
        let formats = self.list("SubFilter")?;
        if self.binds(binding::SUB_FILTER) && !formats.iter().any(|f| f == SUB_FILTER) {
            return self.refuse(one_of("the formats", &formats));
        }
        let plain = |name: &str| name.replace('-', "").to_ascii_uppercase();
        let ours = plain(offer.signer.digest_algorithm().name());
        let digests = self.list("DigestMethod")?;
        if self.binds(binding::DIGEST_METHOD)
            && !digests.is_empty()
            && !digests.iter().any(|d| plain(d) == ours)
        {
            return self.refuse(one_of("the digests", &digests));
        }
        Ok(())
    }

    /// Reason, legal attestation, and the appearance by its name.
    fn check_words(&self, options: &PadesOptions) -> Result<(), PadesError> {
        if self.binds(binding::REASONS) {
            let reasons = self.list("Reasons")?;
            let none_allowed = reasons.is_empty() || reasons == ["."];
            match &options.reason {
                Some(_) if none_allowed => return self.refuse("that no reason is given".into()),
                Some(reason) if reasons.contains(reason) => {}
                None if none_allowed => {}
                _ => return self.refuse(one_of("the reasons", &reasons)),
            }
        }
        if self.binds(binding::LEGAL_ATTESTATION) {
            let attestations = self.list("LegalAttestation")?;
            let given = options.legal_attestation.as_ref();
            if !attestations.is_empty() && !given.is_some_and(|a| attestations.contains(a)) {
                return self.refuse(one_of("the legal attestations", &attestations));
            }
        }
        let appearance = self
            .pdf
            .get(self.dict, "AppearanceFilter", self.pdf.latest())?;
        if self.binds(binding::APPEARANCE_FILTER)
            && let Some(name) = appearance.as_string()
        {
            return self.refuse(format!(
                "the appearance that its author calls {:?}",
                name.to_text()
            ));
        }
        Ok(())
    }

    fn check_additions(&self, offer: &Offer<'_>) -> Result<(), PadesError> {
        let at = self.pdf.latest();
        if self.binds(binding::ADD_REV_INFO)
            && self.pdf.get(self.dict, "AddRevInfo", at)?.as_bool() == Some(true)
        {
            // EN 319 142-1 clause 6.2.2 puts it into the document security store instead.
            return self.refuse(
                "revocation information inside the signature, where PAdES has none".into(),
            );
        }
        let time_stamp = self.pdf.get(self.dict, "TimeStamp", at)?;
        if let Some(time_stamp) = time_stamp.as_dict()
            && self.pdf.get(time_stamp, "Ff", at)?.as_integer() == Some(1)
            && offer.time_stamp == TimeStamped::No
        {
            // The address comes from the document, so nobody is asked there unbidden.
            let url = self.pdf.get(time_stamp, "URL", at)?;
            let url = url.as_string().map(|url| url.to_text());
            return Err(PadesError::SeedValue {
                field: self.field.name.clone(),
                demand: "a time-stamp (level b-t)".into(),
                remedy: url.map(|url| format!("give a time-stamping authority; it names {url}")),
            });
        }
        Ok(())
    }

    /// `/MDP`, which needs no bit: 0 wants an approval, 1 to 3 a certification.
    fn check_certification(&self, options: &PadesOptions) -> Result<(), PadesError> {
        let at = self.pdf.latest();
        let mdp = self.pdf.get(self.dict, "MDP", at)?;
        let Some(mdp) = mdp.as_dict() else {
            return Ok(());
        };
        let ours = options.certify.map_or(0, Certification::level);
        match self.pdf.get(mdp, "P", at)?.as_integer() {
            Some(0) if ours != 0 => self.refuse("that it does not certify the document".into()),
            Some(p) if p != ours => {
                self.refuse(format!("that it certifies the document at level {p}"))
            }
            _ => Ok(()),
        }
    }

    /// Whether the document has to be locked in a way that the field's `/Lock` (whose `/P` is
    /// `permitted`) does not say.
    fn wants_lock(
        &self,
        options: &PadesOptions,
        permitted: Option<i64>,
    ) -> Result<bool, PadesError> {
        if !self.binds(binding::LOCK_DOCUMENT) {
            return Ok(false);
        }
        let wish = self.pdf.get(self.dict, "LockDocument", self.pdf.latest())?;
        let wish = match &*wish {
            Object::Name(name) => name.to_text(),
            Object::Bool(wish) => wish.to_string(),
            _ => return Ok(false),
        };
        let certifies = options.certify.map(Certification::level);
        let locked = [permitted, certifies].contains(&Some(NOTHING));
        match wish.as_str() {
            "true" => match (certifies, permitted) {
                (Some(NOTHING), _) | (None, Some(NOTHING)) => Ok(false),
                (Some(_), _) => self.refuse("that it permits no change (no-changes)".into()),
                (None, Some(_)) => self
                    .refuse("that the document is locked, and by its /Lock that it is not".into()),
                (None, None) => Ok(true),
            },
            "false" if locked => self.refuse("that the document is not locked".into()),
            _ => Ok(false),
        }
    }
}

/// The names or texts in the array under `key`.
pub(super) fn texts(pdf: &PdfFile, dict: &Dict, key: &str) -> Result<Vec<String>, PdfError> {
    let at = pdf.latest();
    let mut out = Vec::new();
    for value in pdf.get(dict, key, at)?.as_array().unwrap_or_default() {
        match &*pdf.resolve(value, at)? {
            Object::Name(name) => out.push(name.to_text()),
            Object::String(text) => out.push(text.to_text()),
            _ => {}
        }
    }
    Ok(out)
}

fn one_of(what: &str, values: &[String]) -> String {
    format!("one of {what} {}", values.join(", "))
}
