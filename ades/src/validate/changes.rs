//! What changed between revisions of a PDF, default-deny: every change of an object that was there
//! must be cleared by a rule, or it counts as [`Modifications::Other`].
//!
//! New objects are harmless by themselves: to be shown they must be reached from an object that was
//! there, and that is a change which a rule must clear. The exceptions are checked: numbers that the
//! signed document referred to before they existed, and objects that its cross-reference data placed
//! outside the signed bytes. One pass over the revisions serves all signatures.

use std::collections::BTreeSet;
use std::sync::Arc;

use pdf_file::{Dict, Name, ObjId, Object, PdfFile, RevisionId};

use super::facts::{Changes, Modifications};
use known::{Known, references};
use roots::Roots;

mod known;
mod roots;

/// The changes that each revision made to the one before it.
#[derive(Debug)]
pub(super) struct History {
    first: usize,
    steps: Vec<Changes>,
    /// What makes the first analysed revision itself doubtful.
    base: Vec<String>,
    /// Bytes after the last revision, which some readers take for a part of the document.
    stray: Option<String>,
}

/// Changes named per revision in messages.
const NAMED: usize = 20;
/// How many ancestors a field may have.
const DEPTH: usize = 32;
/// What it means that XMP metadata were replaced. They may hold the title as well as the time of the
/// change, so the strictest certification (P = 1) does not permit it.
const METADATA: Modifications = Modifications::FormFilling;

impl History {
    /// Analyses every revision after `first`.
    pub(super) fn analyse(pdf: &PdfFile, first: usize) -> Self {
        let mut history = Self {
            first,
            steps: Vec::new(),
            base: Vec::new(),
            stray: None,
        };
        let last = pdf.latest().0;
        history.stray = stray(pdf);
        if first >= last {
            return history;
        }
        let mut known = Known::default();
        let end = pdf.revisions().get(first).map_or(0, |r| r.end);
        for id in pdf.objects(RevisionId(first)) {
            if let Err(why) = known.read(pdf, id, RevisionId(first), end) {
                history.base.push(why);
            }
        }
        for k in first + 1..=last {
            let mut step = Step {
                pdf,
                before: RevisionId(k - 1),
                after: RevisionId(k),
                known: &known,
                level: Modifications::None,
                denied: Vec::new(),
                fields: BTreeSet::new(),
                visible: BTreeSet::new(),
            };
            step.run();
            let mut changes = Changes {
                level: step.level,
                denied: step.denied,
                fields: step.fields.into_iter().collect(),
                visible: step.visible.into_iter().collect(),
            };
            let end = pdf.revisions().get(k).map_or(0, |r| r.end);
            for id in pdf.changed_objects(RevisionId(k)) {
                if let Err(why) = known.read(pdf, id, RevisionId(k), end) {
                    changes.denied.push(why);
                }
            }
            if !changes.denied.is_empty() {
                changes.level = Modifications::Other;
            }
            changes.denied.truncate(NAMED);
            history.steps.push(changes);
        }
        history
    }

    /// Everything that changed after revision `signed`.
    pub(super) fn after(&self, signed: usize) -> Changes {
        let mut all = Changes {
            level: Modifications::None,
            denied: Vec::new(),
            fields: Vec::new(),
            visible: Vec::new(),
        };
        all.denied.extend(self.stray.clone());
        let skip = signed.saturating_sub(self.first);
        if let Some(steps @ [_, ..]) = self.steps.get(skip..) {
            all.denied.extend(self.base.iter().cloned());
            for step in steps {
                all.level = all.level.max(step.level);
                all.denied.extend(step.denied.iter().cloned());
                all.fields.extend(step.fields.iter().cloned());
                all.visible.extend(step.visible.iter().cloned());
            }
        }
        if !all.denied.is_empty() {
            all.level = Modifications::Other;
        }
        all.denied.truncate(NAMED);
        all
    }
}

/// Whether something other than white space follows the last revision. A reader that repairs files
/// would find objects there (incremental saving attacks without a cross-reference section).
fn stray(pdf: &PdfFile) -> Option<String> {
    let mut at = pdf.revisions().last()?.eof;
    let mut buffer = [0; 4096];
    while at < pdf.len() {
        let n = (pdf.len() - at).min(buffer.len() as u64) as usize;
        if pdf.source().read_exact_at(at, &mut buffer[..n]).is_err()
            || buffer[..n].iter().any(|b| !b" \r\n\t\0\x0c".contains(b))
        {
            return Some("bytes that belong to no revision were appended to the file".into());
        }
        at += n as u64;
    }
    None
}

/// One revision compared with the one before it.
struct Step<'a> {
    pdf: &'a PdfFile,
    before: RevisionId,
    after: RevisionId,
    known: &'a Known,
    level: Modifications,
    denied: Vec<String>,
    /// Full names of the fields that were changed, and of the signature fields that were added.
    fields: BTreeSet<String>,
    /// Of the added ones, those that are seen on a page.
    visible: BTreeSet<String>,
}

type Rule = Result<Modifications, String>;

/// Whether a field is seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Extent {
    None,
    Visible,
}

impl Step<'_> {
    fn run(&mut self) {
        let (old, new) = (
            self.pdf.trailer(self.before).clone(),
            self.pdf.trailer(self.after).clone(),
        );
        for key in ["Root", "Encrypt"] {
            if old.get(key) != new.get(key) {
                self.denied
                    .push(format!("the trailer's /{key} was replaced"));
            }
        }
        let roots = Roots::find(self.pdf, self.before, self.after);
        for id in self.pdf.changed_objects(self.after) {
            if self.denied.len() > NAMED {
                return;
            }
            match self.object(id, &roots) {
                Ok(level) => {
                    self.level = self.level.max(level);
                    if level > Modifications::None
                        && !self.is_new(id)
                        && let Some(name) = self.field_name(id, self.before)
                    {
                        self.fields.insert(name);
                    }
                }
                Err(why) => self.denied.push(why),
            }
        }
        if old.get("Info") != new.get("Info") {
            let before = self.resolved(old.get("Info"), self.before);
            let after = self.resolved(new.get("Info"), self.after);
            let empty = Dict::new();
            let judged = before.and_then(|before| {
                let after = after?;
                information(
                    before.as_dict().unwrap_or(&empty),
                    after.as_dict().unwrap_or(&empty),
                )
            });
            match judged {
                Ok(level) => self.level = self.level.max(level),
                Err(why) => self.denied.push(why),
            }
        }
    }

    fn is_new(&self, id: ObjId) -> bool {
        !self.known.defined.contains(&id.number)
    }

    fn at(&self, id: ObjId, revision: RevisionId) -> Result<Arc<Object>, String> {
        self.pdf
            .object(id, revision)
            .map_err(|e| format!("object {id} cannot be read: {e}"))
    }

    fn object(&mut self, id: ObjId, roots: &Roots) -> Rule {
        if self.is_new(id) {
            return if self.known.dangling(id.number) {
                Err(format!(
                    "object {id} was added, and the signed document referred to it already"
                ))
            } else {
                Ok(Modifications::None)
            };
        }
        let (old, new) = (self.at(id, self.before)?, self.at(id, self.after)?);
        if self.same(&old, &new) {
            return Ok(Modifications::None);
        }
        if new.is_null() {
            return Err(format!("object {id} was removed"));
        }
        if roots.catalog == Some(id) {
            return self.catalog(dict(&old)?, dict(&new)?, roots);
        }
        if roots.acro_form == Some(id) {
            return self.acro_form(dict(&old)?, dict(&new)?);
        }
        // An object that the document also uses elsewhere is judged as what it is there: a page may
        // have been prepared to pass for the document information.
        let catalog = roots.catalog.map(|c| c.number);
        if roots.info == Some(id)
            && !self.known.used_by_others(id, &|_| false)
            && let (Object::Dict(old), Object::Dict(new)) = (&*old, &*new)
        {
            return information(old, new);
        }
        if roots.dss.contains(&id)
            && !matches!(*new, Object::Stream(_))
            && !matches!(*old, Object::Stream(_))
            && !self.known.used_by_others(id, &|from| {
                Some(from) == catalog || roots.dss.iter().any(|d| d.number == from)
            })
        {
            return Ok(Modifications::LtaUpdates);
        }
        match (&*old, &*new) {
            (Object::Stream(a), Object::Stream(b))
                if roots.metadata == Some(id)
                    && a.dict.is("Type", "Metadata")
                    && b.dict.is("Type", "Metadata")
                    && !self.known.used_by_others(id, &|from| Some(from) == catalog) =>
            {
                Ok(METADATA)
            }
            // Arrays of fields or annotations, and used as nothing else.
            (Object::Array(a), Object::Array(b))
                if self.known.lists.contains(&id.number)
                    && !self.known.used_by_others(id, &|_| false) =>
            {
                self.grown(a, b)
                    .map_err(|why| format!("array {id} was changed: {why}"))
            }
            (Object::Dict(a), Object::Dict(b)) if a.is("Type", "Page") => self.page(id, a, b),
            (Object::Dict(a), Object::Dict(b)) if is_field(a) => self.field(id, a, b),
            (Object::Dict(a), Object::Dict(b)) if is_annotation(a) && is_annotation(b) => {
                Ok(Modifications::Annotations)
            }
            (Object::Stream(_), _) | (_, Object::Stream(_)) => {
                Err(format!("the content of stream {id} was replaced"))
            }
            _ => Err(format!("object {id} was changed")),
        }
    }

    fn catalog(&mut self, old: &Dict, new: &Dict, roots: &Roots) -> Rule {
        let mut level = Modifications::None;
        for key in differing(old, new) {
            let allowed = match key.as_str() {
                Some("DSS") => {
                    for id in &roots.new_dss {
                        if !self.is_new(*id) && !roots.dss.contains(id) {
                            return Err(format!(
                                "the document security store refers to object {id} of the document"
                            ));
                        }
                    }
                    Modifications::LtaUpdates
                }
                Some("Extensions" | "Version") => Modifications::LtaUpdates,
                Some("Metadata") if new.reference("Metadata").is_some_and(|id| self.is_new(id)) => {
                    METADATA
                }
                Some("AcroForm") => {
                    let empty = Dict::new();
                    let before = self.resolved(old.get("AcroForm"), self.before)?;
                    let after = self.resolved(new.get("AcroForm"), self.after)?;
                    if let Some(Object::Reference(id)) = new.get("AcroForm")
                        && !self.is_new(*id)
                        && old.get("AcroForm") != new.get("AcroForm")
                    {
                        return Err("the form was replaced by another object".into());
                    }
                    self.acro_form(
                        before.as_dict().unwrap_or(&empty),
                        after.as_dict().ok_or("the form was removed")?,
                    )?
                }
                _ => {
                    return Err(format!("/{} of the catalog was changed", key.to_text()));
                }
            };
            level = level.max(allowed);
        }
        Ok(level)
    }

    fn acro_form(&mut self, old: &Dict, new: &Dict) -> Rule {
        let mut level = Modifications::None;
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
                Some("DA" | "DR" | "NeedAppearances") if !old.contains(key) => {
                    Modifications::FormFilling
                }
                _ => return Err(format!("/{} of the form was changed", key.to_text())),
            };
            level = level.max(allowed);
        }
        Ok(level)
    }

    fn page(&mut self, id: ObjId, old: &Dict, new: &Dict) -> Rule {
        for key in differing(old, new) {
            if key != "Annots" {
                return Err(format!("/{} of page {id} was changed", key.to_text()));
            }
        }
        let before = self.resolved(old.get("Annots"), self.before)?;
        let after = self.resolved(new.get("Annots"), self.after)?;
        if let Some(Object::Reference(array)) = new.get("Annots")
            && old.get("Annots") != new.get("Annots")
            && !self.is_new(*array)
        {
            return Err(format!(
                "/Annots of page {id} was replaced by another object"
            ));
        }
        self.grown(
            before.as_array().unwrap_or_default(),
            after.as_array().unwrap_or_default(),
        )
        .map_err(|why| format!("/Annots of page {id} was changed: {why}"))
    }

    /// Nothing may be gone or reordered; what was added must be signature fields or annotations.
    fn grown(&mut self, old: &[Object], new: &[Object]) -> Rule {
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
                return Err(format!(
                    "object {id}, no field and no annotation, was added"
                ));
            };
            let kind = self.field_type(added);
            let allowed = if kind.as_deref() == Some(b"Sig".as_slice()) {
                if let Some(key) = unfit_for_signature_field(added) {
                    return Err(format!(
                        "{id} was added, which calls itself a signature field and has /{key}"
                    ));
                }
                let (level, extent) = self.signature_level(added)?;
                // A time-stamp that nobody sees is no change, whatever is locked.
                if level > Modifications::LtaUpdates {
                    let name = self.field_name(id, self.after).unwrap_or_default();
                    if extent == Extent::Visible {
                        self.visible.insert(name.clone());
                    }
                    self.fields.insert(name);
                }
                level
            } else if self.is_new(id) && kind.is_none() && is_annotation(added) {
                Modifications::Annotations
            } else {
                return Err(format!("{id}, no signature field, was added"));
            };
            level = level.max(allowed);
        }
        if rest.peek().is_some() {
            return Err("an element was removed or moved".into());
        }
        Ok(level)
    }

    /// An invisible document time-stamp is validation data; any other signature fills in a form.
    fn signature_level(&self, field: &Dict) -> Result<(Modifications, Extent), String> {
        let value = self.resolved(field.get("V"), self.after)?;
        let stamp = value
            .as_dict()
            .is_some_and(|v| v.is("Type", "DocTimeStamp") && v.is("SubFilter", "ETSI.RFC3161"));
        let rectangle = self.resolved(field.get("Rect"), self.after)?;
        let visible = rectangle.as_array().is_some_and(|r| {
            let n: Vec<f64> = r.iter().filter_map(Object::as_number).collect();
            n.len() != 4 || (n[0] != n[2] && n[1] != n[3])
        });
        let level = match (stamp, visible, self.is_signed(field)) {
            (true, false, _) => Modifications::LtaUpdates,
            // A picture laid over the page under the name of a signature that nobody made.
            (_, true, false) => Modifications::Annotations,
            _ => Modifications::FormFilling,
        };
        let extent = match visible {
            true => Extent::Visible,
            false => Extent::None,
        };
        Ok((level, extent))
    }

    /// Whether the field, or the one it is a widget of, has a signature, which is then judged too.
    fn is_signed(&self, field: &Dict) -> bool {
        let mut current = field.clone();
        for _ in 0..DEPTH {
            if let Ok(value) = self.resolved(current.get("V"), self.after)
                && value.as_dict().is_some_and(|v| v.contains("ByteRange"))
            {
                return true;
            }
            match self.pdf.get(&current, "Parent", self.after) {
                Ok(parent) if parent.as_dict().is_some() => {
                    current = parent.as_dict().cloned().unwrap_or_default();
                }
                _ => return false,
            }
        }
        false
    }

    fn field(&mut self, id: ObjId, old: &Dict, new: &Dict) -> Rule {
        let is_signature = self.field_type(old).as_deref() == Some(b"Sig".as_slice());
        let mut level = Modifications::None;
        for key in differing(old, new) {
            let name = key.as_str().unwrap_or_default();
            let allowed = match name {
                "V" if is_signature => {
                    if !self.resolved(old.get("V"), self.before)?.is_null() {
                        return Err(format!("the signature in field {id} was replaced"));
                    }
                    if !new.reference("V").is_some_and(|v| self.is_new(v)) {
                        return Err(format!(
                            "field {id} was signed with an object that was there"
                        ));
                    }
                    self.signature_level(new)?.0
                }
                "F" | "M" if is_signature && !old.contains("V") => Modifications::FormFilling,
                "V" | "AS" | "M" | "I" | "TI" | "RV" if !is_signature => Modifications::FormFilling,
                "AP" if !is_signature || !old.contains("V") => {
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
                    if let Some(to) = foreign {
                        return Err(format!("field {id} now shows object {to} of the document"));
                    }
                    Modifications::FormFilling
                }
                "Kids" => {
                    let before = self.resolved(old.get("Kids"), self.before)?;
                    let after = self.resolved(new.get("Kids"), self.after)?;
                    self.grown(
                        before.as_array().unwrap_or_default(),
                        after.as_array().unwrap_or_default(),
                    )?
                }
                _ => return Err(format!("/{} of field {id} was changed", key.to_text())),
            };
            level = level.max(allowed);
        }
        Ok(level)
    }

    /// The full name of a field (12.7.4.2).
    fn field_name(&self, id: ObjId, at: RevisionId) -> Option<String> {
        let object = self.pdf.object(id, at).ok()?;
        let mut current = object.as_dict().filter(|d| is_field(d))?.clone();
        let mut parts = Vec::new();
        for _ in 0..DEPTH {
            parts.extend(current.string("T").map(|t| t.to_text()));
            match self.pdf.get(&current, "Parent", at) {
                Ok(parent) if parent.as_dict().is_some() => {
                    current = parent.as_dict().cloned().unwrap_or_default();
                }
                _ => break,
            }
        }
        parts.reverse();
        Some(parts.join("."))
    }

    /// /FT, own or inherited.
    fn field_type(&self, field: &Dict) -> Option<Vec<u8>> {
        let mut current = field.clone();
        for _ in 0..DEPTH {
            if let Some(kind) = current.name("FT") {
                return Some(kind.as_bytes().to_vec());
            }
            let parent = self.pdf.get(&current, "Parent", self.after).ok()?;
            current = parent.as_dict()?.clone();
        }
        None
    }

    fn resolved(&self, object: Option<&Object>, at: RevisionId) -> Result<Arc<Object>, String> {
        match object {
            None => Ok(Arc::new(Object::Null)),
            Some(object) => self.pdf.resolve(object, at).map_err(|e| e.to_string()),
        }
    }

    /// Equal in content; where a stream lies in the file does not matter.
    fn same(&self, old: &Object, new: &Object) -> bool {
        match (old, new) {
            (Object::Stream(a), Object::Stream(b)) => {
                differing(&a.dict, &b.dict).is_empty()
                    && match (
                        self.pdf.raw_stream_data(a, self.before),
                        self.pdf.raw_stream_data(b, self.after),
                    ) {
                        (Ok(a), Ok(b)) => a == b,
                        _ => false,
                    }
            }
            (a, b) => a == b,
        }
    }
}

fn dict(object: &Object) -> Result<&Dict, String> {
    match object {
        Object::Dict(dict) => Ok(dict),
        _ => Err("a dictionary of the document's structure was replaced".into()),
    }
}

fn differing<'d>(old: &'d Dict, new: &'d Dict) -> Vec<&'d Name> {
    let mut keys: Vec<&Name> = old
        .iter()
        .filter(|(key, value)| new.get(key) != Some(value))
        .map(|(key, _)| key)
        .collect();
    keys.extend(
        new.iter()
            .map(|(key, _)| key)
            .filter(|key| !old.contains(key)),
    );
    keys
}

fn is_field(dict: &Dict) -> bool {
    let page = dict.is("Type", "Page") || dict.is("Type", "Pages");
    !page
        && (dict.contains("FT")
            || dict.is("Subtype", "Widget")
            || (dict.contains("T") && dict.contains("Kids")))
}

/// The document information: programs note there when they wrote; what it says of the document
/// is the document's (ISO 32000-2, 14.3.3).
fn information(old: &Dict, new: &Dict) -> Rule {
    for key in differing(old, new) {
        if !matches!(key.as_str(), Some("ModDate" | "Producer" | "Creator")) {
            return Err(format!(
                "/{} of the document information was changed",
                key.to_text()
            ));
        }
    }
    Ok(Modifications::LtaUpdates)
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

fn is_annotation(dict: &Dict) -> bool {
    dict.contains("Rect") && dict.name("Subtype").is_some_and(|s| s != "Widget")
}
