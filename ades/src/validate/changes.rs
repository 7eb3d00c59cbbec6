//! What changed between revisions of a PDF, default-deny: every change of an object that was there
//! must be cleared by a rule, or it counts as [`Modifications::Other`] and gets the name of the attack
//! that it looks like.
//!
//! New objects are harmless by themselves: to be shown they must be reached from an object that was
//! there, and that is a change which a rule must clear. The exceptions are checked: numbers that the
//! signed document referred to before they existed, and objects that its cross-reference data placed
//! outside the signed bytes. One pass over the revisions serves all signatures.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pdf_file::{Dict, Location, Name, ObjId, Object, PdfFile, RevisionId};

use super::facts::{Change, Changes, Finding, Modifications, PdfAttack, RevisionFacts};
use crate::text::Text;
use denied::Denied;
use known::{Known, references};
use roles::Role;
use roots::Roots;

mod ambiguity;
mod denied;
mod drawn;
mod fields;
mod known;
mod pages;
mod roles;
mod roots;

pub(super) use ambiguity::{ambiguities, skeleton};

/// The changes that each revision made to the one before it.
#[derive(Debug)]
pub(super) struct History {
    first: usize,
    steps: Vec<Changes>,
    /// What makes the first analysed revision itself doubtful.
    base: Vec<Finding>,
    /// Bytes after the last revision, which some readers take for a part of the document.
    stray: Vec<Finding>,
    /// Objects of the first analysed revision that can be read in two ways.
    conflicts: Vec<Finding>,
    /// Every revision in words.
    revisions: Arc<Vec<RevisionFacts>>,
}

/// Changes named per revision in messages.
const NAMED: usize = 20;
/// How many ancestors a field may have.
const DEPTH: usize = 32;
/// Pages whose place in the document is looked up.
const PAGES: usize = 20_000;
/// What it means that XMP metadata were replaced. They may hold the title as well as the time of the
/// change, so the strictest certification (P = 1) does not permit it.
const METADATA: Modifications = Modifications::FormFilling;

impl History {
    /// Analyses every revision after `first`.
    pub(super) fn analyse(pdf: &PdfFile, first: usize) -> Self {
        let mut revisions: Vec<RevisionFacts> = pdf
            .revisions()
            .iter()
            .map(|r| RevisionFacts {
                number: r.id.0,
                end: r.end,
                changes: Vec::new(),
            })
            .collect();
        let mut history = Self {
            first,
            steps: Vec::new(),
            base: Vec::new(),
            stray: stray(pdf),
            conflicts: Vec::new(),
            revisions: Arc::default(),
        };
        let last = pdf.latest().0;
        if first < last {
            history.walk(pdf, last, &mut revisions);
        }
        history.revisions = Arc::new(revisions);
        history
    }

    fn walk(&mut self, pdf: &PdfFile, last: usize, revisions: &mut [RevisionFacts]) {
        let mut known = Known::default();
        let shared = Shared::default();
        let end = |at: usize| pdf.revisions().get(at).map_or(0, |r| r.end);
        let base = RevisionId(self.first);
        for id in pdf.objects(base) {
            if self.base.len() > NAMED {
                break;
            }
            self.base
                .extend(known.read(pdf, id, base, end(self.first)).err());
        }
        self.conflicts = known.take_conflicts();
        known.settle(pdf.trailer(base));
        for k in self.first + 1..=last {
            let step = Step {
                pdf,
                before: RevisionId(k - 1),
                after: RevisionId(k),
                known: &known,
                shared: &shared,
                said: RefCell::default(),
                overlays: RefCell::default(),
                added: RefCell::default(),
            };
            let mut changes = step.run();
            let mut said = step.said.into_inner();
            changes.overlays = step.overlays.into_inner();
            changes.fields.extend(step.added.into_inner());
            for id in pdf.changed_objects(RevisionId(k)) {
                if let Err(why) = known.read(pdf, id, RevisionId(k), end(k)) {
                    changes.denied.push(why);
                }
            }
            known.settle(pdf.trailer(RevisionId(k)));
            changes.denied.extend(known.take_conflicts());
            changes
                .denied
                .extend(ambiguity::in_revision(pdf, RevisionId(k)));
            if !changes.denied.is_empty() {
                changes.level = Modifications::Other;
            }
            changes.denied.truncate(NAMED);
            changes.overlays.truncate(NAMED);
            said.extend(changes.denied.iter().map(|f| Change {
                level: Modifications::Other,
                attack: Some(f.attack),
                message: f.message.clone(),
            }));
            if let Some(revision) = revisions.get_mut(k) {
                revision.changes = said;
            }
            self.steps.push(changes);
        }
    }

    /// Everything that changed after revision `signed`.
    pub(super) fn after(&self, signed: usize) -> Changes {
        let mut all = Changes::none();
        all.denied.extend(self.stray.iter().cloned());
        let skip = signed.saturating_sub(self.first);
        if let Some(steps @ [_, ..]) = self.steps.get(skip..) {
            all.denied.extend(self.base.iter().cloned());
            for step in steps {
                all.level = all.level.max(step.level);
                all.fields.extend(step.fields.iter().cloned());
                if all.denied.len() < NAMED {
                    all.denied.extend(step.denied.iter().cloned());
                }
                if all.overlays.len() < NAMED {
                    all.overlays.extend(step.overlays.iter().cloned());
                }
            }
        }
        if !all.denied.is_empty() {
            all.level = Modifications::Other;
        }
        all.denied.truncate(NAMED);
        all.overlays.truncate(NAMED);
        all
    }

    /// What of the first analysed revision can be read in two ways.
    pub(super) fn conflicts(&self) -> &[Finding] {
        &self.conflicts
    }

    /// Every revision in words.
    pub(super) fn revisions(&self) -> &Arc<Vec<RevisionFacts>> {
        &self.revisions
    }
}

/// What other than white space follows the last revision. A reader that repairs files would find
/// objects there (incremental saving without a cross-reference section).
fn stray(pdf: &PdfFile) -> Vec<Finding> {
    let Some(from) = pdf.revisions().last().map(|r| r.eof) else {
        return Vec::new();
    };
    match ambiguity::objects_in(pdf, from..pdf.len()) {
        ambiguity::Bytes::Blank => Vec::new(),
        ambiguity::Bytes::Other => vec![Finding::new(
            PdfAttack::ObjectsAfterEnd,
            "bytes that belong to no revision were appended to the file",
        )],
        ambiguity::Bytes::Objects => vec![
            Finding::new(
                PdfAttack::IncrementalSaving,
                "objects that belong to no revision were appended to the file",
            ),
            Finding::new(
                PdfAttack::ObjectsAfterEnd,
                "there are objects after the last %%EOF, which readers that repair files show",
            ),
        ],
    }
}

/// What all revisions share: what was looked up, and what may still be.
#[derive(Debug)]
struct Shared {
    /// The places of pages in the document, looked up once they are needed.
    pages: OnceCell<BTreeMap<u32, usize>>,
    /// Changes that are still named by what the object is used for.
    naming: Cell<usize>,
    /// Octets of appearances that may still be read.
    content: Cell<u64>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            pages: OnceCell::new(),
            naming: Cell::new(200),
            content: Cell::new(drawn::WHOLE),
        }
    }
}

impl Shared {
    fn page(&self, pdf: &PdfFile, at: RevisionId, page: ObjId) -> Option<usize> {
        let numbers = self.pages.get_or_init(|| {
            let pages = pdf.pages(at).take(PAGES).map_while(Result::ok);
            pages.map(|p| (p.id.number, p.index + 1)).collect()
        });
        numbers.get(&page.number).copied()
    }
}

/// One revision compared with the one before it.
struct Step<'a> {
    pdf: &'a PdfFile,
    before: RevisionId,
    after: RevisionId,
    known: &'a Known,
    shared: &'a Shared,
    /// What was cleared, in words.
    said: RefCell<Vec<Change>>,
    /// What was laid over the pages.
    overlays: RefCell<Vec<Finding>>,
    /// Full names of the signature fields that were added.
    added: RefCell<BTreeSet<String>>,
}

type Rule = Result<Modifications, Denied>;

impl Step<'_> {
    fn run(&self) -> Changes {
        let mut changes = Changes::none();
        let mut fields = BTreeSet::new();
        let (old, new) = (self.pdf.trailer(self.before), self.pdf.trailer(self.after));
        changes.denied.extend(self.trailer(old, new));
        let roots = Roots::find(self.pdf, self.before, self.after);
        for id in self.pdf.changed_objects(self.after) {
            if changes.denied.len() > NAMED {
                return changes;
            }
            match self.object(id, &roots) {
                Ok(level) => {
                    changes.level = changes.level.max(level);
                    if level > Modifications::None
                        && !self.is_new(id)
                        && !self.only_has_more_kids(id)
                        && let Some(name) = self.field_name(id)
                    {
                        fields.insert(name);
                    }
                }
                Err(why) => changes.denied.push(why.named(|| self.looks_like(id))),
            }
        }
        if old.get("Info") != new.get("Info") {
            let before = self.resolved(old.get("Info"), self.before);
            let after = self.resolved(new.get("Info"), self.after);
            let empty = Dict::new();
            let judged = before.map_err(Denied::from).and_then(|before| {
                let after = after?;
                self.information(
                    before.as_dict().unwrap_or(&empty),
                    after.as_dict().unwrap_or(&empty),
                )
            });
            match judged {
                Ok(level) => changes.level = changes.level.max(level),
                Err(why) => changes
                    .denied
                    .push(why.named(|| PdfAttack::IncrementalSaving)),
            }
        }
        changes.fields = fields.into_iter().collect();
        changes
    }

    /// The catalog and the encryption stay the same objects.
    fn trailer(&self, old: &Dict, new: &Dict) -> Vec<Finding> {
        let mut denied = Vec::new();
        if old.get("Root") != new.get("Root") {
            let hidden = new.reference("Root").is_some_and(|id| self.was_written(id));
            denied.push(Finding::new(
                if hidden {
                    PdfAttack::ShadowHideAndReplace
                } else {
                    PdfAttack::IncrementalSaving
                },
                "the trailer's /Root was replaced: the file shows another document",
            ));
        }
        if old.get("Encrypt") != new.get("Encrypt") {
            denied.push(Finding::new(
                PdfAttack::IncrementalSaving,
                "the trailer's /Encrypt was replaced",
            ));
        }
        denied
    }

    fn say(&self, level: Modifications, message: impl Into<Text>) {
        self.tell(level, None, message.into());
    }

    fn tell(&self, level: Modifications, attack: Option<PdfAttack>, message: Text) {
        const SAID: usize = 200;
        let mut said = self.said.borrow_mut();
        if said.len() < SAID && said.iter().all(|c| c.message != message) {
            said.push(Change {
                level,
                attack,
                message,
            });
        }
    }

    /// Something that may pass for content was laid over a page.
    fn overlay(&self, attack: PdfAttack, level: Modifications, message: impl Into<Text>) {
        let message = message.into();
        self.tell(level, Some(attack), message.clone());
        let mut overlays = self.overlays.borrow_mut();
        let finding = Finding::new(attack, message);
        if overlays.len() < NAMED && !overlays.contains(&finding) {
            overlays.push(finding);
        }
    }

    /// A field that was added below is judged by itself.
    fn only_has_more_kids(&self, id: ObjId) -> bool {
        let (old, new) = (self.at(id, self.before), self.at(id, self.after));
        let (Ok(old), Ok(new)) = (old, new) else {
            return false;
        };
        match (old.as_dict(), new.as_dict()) {
            (Some(old), Some(new)) => differing(old, new).iter().all(|key| **key == "Kids"),
            _ => false,
        }
    }

    fn is_new(&self, id: ObjId) -> bool {
        !self.known.defined.contains(&id.number)
    }

    /// Whether the bytes of the object, as it is now, were in the file before this revision.
    fn was_written(&self, id: ObjId) -> bool {
        let end = self.pdf.revisions().get(self.before.0).map_or(0, |r| r.end);
        match self.pdf.location(id, self.after) {
            Some(Location::InFile { span, .. }) => span.end <= end,
            _ => false,
        }
    }

    fn at(&self, id: ObjId, revision: RevisionId) -> Result<Arc<Object>, String> {
        self.pdf
            .object(id, revision)
            .map_err(|e| format!("object {id} cannot be read: {e}"))
    }

    fn object(&self, id: ObjId, roots: &Roots) -> Rule {
        if self.is_new(id) {
            if self.known.dangling(id.number) {
                return Err(Denied::as_attack(
                    PdfAttack::ShadowReplace,
                    format!(
                        "object {id} was added, and the signed document referred to it already"
                    ),
                ));
            }
            return Ok(Modifications::None);
        }
        let (old, new) = (self.at(id, self.before)?, self.at(id, self.after)?);
        if self.same(&old, &new) {
            return Ok(Modifications::None);
        }
        if new.is_null() {
            return Err(Denied::as_attack(
                PdfAttack::ShadowHide,
                format!("object {id} was removed"),
            ));
        }
        if self.was_written(id) {
            return Err(Denied::as_attack(
                PdfAttack::ShadowHideAndReplace,
                format!(
                    "object {id} was exchanged for another one that lay hidden in the signed file"
                ),
            ));
        }
        if roots.catalog == Some(id) {
            return self.catalog(dict(&old)?, dict(&new)?, roots);
        }
        // An object that the document also uses elsewhere is none of these: a page may have been
        // prepared to pass for the document information.
        let roles = &self.known.roles;
        if roots.acro_form == Some(id) && roles.is(id, Role::Form) {
            return self.acro_form(dict(&old)?, dict(&new)?);
        }
        if roots.info == Some(id)
            && roles.is(id, Role::Information)
            && let (Object::Dict(old), Object::Dict(new)) = (&*old, &*new)
        {
            return self.information(old, new);
        }
        if roots.dss.contains(&id)
            && !matches!(*new, Object::Stream(_))
            && !matches!(*old, Object::Stream(_))
            && roles.is(id, Role::Store)
        {
            self.say_dss(roots);
            return Ok(Modifications::LtaUpdates);
        }
        match (&*old, &*new) {
            (Object::Stream(a), Object::Stream(b))
                if roots.metadata == Some(id)
                    && a.dict.is("Type", "Metadata")
                    && b.dict.is("Type", "Metadata")
                    && roles.is(id, Role::Metadata) =>
            {
                self.say(METADATA, "the metadata (XMP) were replaced");
                Ok(METADATA)
            }
            // Arrays of fields or annotations.
            (Object::Array(a), Object::Array(b)) if roles.is(id, Role::List) => self
                .grown(a, b)
                .map_err(|why| why.within(&format!("array {id} was changed"))),
            (Object::Dict(a), Object::Dict(b)) if a.is("Type", "Page") => self.page(id, a, b),
            (Object::Dict(a), Object::Dict(b))
                if is_field(a) && roles.is_at_most(id, Role::Field) =>
            {
                self.field(id, a, b)
            }
            (Object::Dict(a), Object::Dict(b))
                if is_annotation(a) && is_annotation(b) && roles.is_at_most(id, Role::Field) =>
            {
                self.annotation(id, b, "changed")
            }
            (Object::Stream(_), Object::Stream(_)) => self
                .appearance(id)
                .unwrap_or_else(|| Err(format!("the content of stream {id} was replaced").into())),
            (Object::Stream(_), _) | (_, Object::Stream(_)) => {
                Err(format!("the content of stream {id} was replaced").into())
            }
            _ => Err(format!("object {id} was changed").into()),
        }
    }

    fn catalog(&self, old: &Dict, new: &Dict, roots: &Roots) -> Rule {
        let mut level = Modifications::None;
        for key in differing(old, new) {
            let allowed = match key.as_str() {
                Some("DSS") => {
                    for id in &roots.new_dss {
                        if !self.is_new(*id) && !roots.dss.contains(id) {
                            return Err(format!(
                                "the document security store refers to object {id} of the document"
                            )
                            .into());
                        }
                    }
                    self.say_dss(roots);
                    Modifications::LtaUpdates
                }
                Some("Extensions" | "Version") => {
                    self.say(
                        Modifications::LtaUpdates,
                        "a later version or an extension of PDF was declared",
                    );
                    Modifications::LtaUpdates
                }
                Some("Metadata") if new.reference("Metadata").is_some_and(|id| self.is_new(id)) => {
                    self.say(METADATA, "the metadata (XMP) were replaced");
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
                Some("Pages") => {
                    let hidden = new.reference("Pages").is_some_and(|id| !self.is_new(id));
                    return Err(Denied::as_attack(
                        if hidden {
                            PdfAttack::ShadowHideAndReplace
                        } else {
                            PdfAttack::PagesChanged
                        },
                        "the catalog leads to other pages",
                    ));
                }
                Some("OCProperties") => {
                    return Err(Denied::as_attack(
                        PdfAttack::ShadowHide,
                        "layers (/OCProperties) were shown or hidden",
                    ));
                }
                _ => {
                    return Err(format!("/{} of the catalog was changed", key.to_text()).into());
                }
            };
            level = level.max(allowed);
        }
        Ok(level)
    }

    fn say_dss(&self, roots: &Roots) {
        let added = roots.new_dss.difference(&roots.dss).count();
        self.say(
            Modifications::LtaUpdates,
            format!("validation data (/DSS) was added: {added} objects"),
        );
    }

    /// The document information: programs note there when they wrote; what it says of the document
    /// is the document's (ISO 32000-2, 14.3.3).
    fn information(&self, old: &Dict, new: &Dict) -> Rule {
        for key in differing(old, new) {
            if !matches!(key.as_str(), Some("ModDate" | "Producer" | "Creator")) {
                return Err(
                    format!("/{} of the document information was changed", key.to_text()).into(),
                );
            }
            self.say(
                Modifications::LtaUpdates,
                format!("/{} of the document information was set", key.to_text()),
            );
        }
        Ok(Modifications::LtaUpdates)
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

fn is_annotation(dict: &Dict) -> bool {
    dict.contains("Rect") && dict.name("Subtype").is_some_and(|s| s != "Widget")
}
