//! The interactive form as a signer sees it (ISO 32000-2, 12.7): fields by full name, which of them
//! are signature fields, which of those are signed.

use std::collections::HashSet;
use std::sync::Arc;

use pdf_file::{Dict, ObjId, Object, PdfError, PdfFile, RevisionId};

use super::PadesError;

/// Field nodes visited before the form counts as hostile.
const MAX_NODES: usize = 200_000;
/// Deeper field trees do not exist outside attacks.
const MAX_DEPTH: usize = 32;
/// Bit 1 of a field's `/Ff`.
const READ_ONLY: i64 = 1;

/// The catalog and the fields of the latest revision.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) catalog_id: ObjId,
    pub(super) catalog: Dict,
    fields: Vec<Field>,
}

/// A terminal field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// The partial names from the root, joined by full stops.
    pub(super) name: String,
    /// `None` where the field stands directly in an array, which no writer may do.
    pub(super) id: Option<ObjId>,
    pub(super) dict: Dict,
    pub(super) is_signature: bool,
    /// `/Ff`, own or inherited, says that its value stays as it is.
    pub(super) read_only: bool,
    /// The signature dictionary, where the field is signed.
    pub(super) signature: Option<Arc<Object>>,
}

impl Form {
    pub(super) fn read(pdf: &PdfFile) -> Result<Self, PadesError> {
        let at = pdf.latest();
        let root = pdf.trailer(at).get("Root").cloned();
        let root = root.unwrap_or(Object::Null);
        let (catalog_id, catalog) = last_reference(pdf, &root)?;
        let catalog_id = catalog_id.ok_or(PadesError::Structure(
            "its catalog is not an object of its own",
        ))?;
        let catalog = catalog
            .as_dict()
            .ok_or(PadesError::Structure("its catalog is not a dictionary"))?
            .clone();
        let mut walk = Walk {
            pdf,
            at,
            fields: Vec::new(),
            seen: HashSet::new(),
            nodes: 0,
        };
        let form = pdf.get(&catalog, "AcroForm", at)?;
        if let Some(form) = form.as_dict() {
            let roots = pdf.get(form, "Fields", at)?;
            for field in roots.as_array().unwrap_or_default() {
                walk.node(field, "", &Inherited::default(), 0)?;
            }
        }
        Ok(Self {
            catalog_id,
            catalog,
            fields: walk.fields,
        })
    }

    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The signed fields.
    pub(super) fn signed(&self) -> impl Iterator<Item = (&Field, &Dict)> {
        self.fields.iter().filter_map(|field| {
            let signature = field.signature.as_ref()?.as_dict()?;
            Some((field, signature))
        })
    }

    /// Whether a new field at the top could have this partial name.
    pub(super) fn is_free(&self, partial: &str) -> bool {
        !self.fields.iter().any(|f| {
            f.name == partial
                || f.name
                    .strip_prefix(partial)
                    .is_some_and(|rest| rest.starts_with('.'))
        })
    }

    /// `Signature1` of the stem `Signature`, or the next number that is free.
    pub(super) fn free_name(&self, stem: &str) -> String {
        (1..)
            .map(|n: usize| format!("{stem}{n}"))
            .find(|name| self.is_free(name))
            .unwrap_or_default()
    }
}

/// Follows a value to the object it stands for, and tells the last reference on the way.
pub(super) fn last_reference(
    pdf: &PdfFile,
    value: &Object,
) -> Result<(Option<ObjId>, Arc<Object>), PdfError> {
    let at = pdf.latest();
    let mut last = None;
    let mut current = Arc::new(value.clone());
    // `resolve` below meets the same chain and refuses a cycle.
    let resolved = pdf.resolve(value, at)?;
    while let Object::Reference(id) = &*current {
        last = Some(*id);
        let next = pdf.object(*id, at)?;
        current = next;
    }
    Ok((last, resolved))
}

/// What a field takes from its ancestors (ISO 32000-2, table 226).
#[derive(Clone, Default)]
struct Inherited {
    is_signature: bool,
    read_only: bool,
    value: Option<Object>,
}

struct Walk<'p> {
    pdf: &'p PdfFile,
    at: RevisionId,
    fields: Vec<Field>,
    seen: HashSet<ObjId>,
    nodes: usize,
}

impl Walk<'_> {
    fn node(
        &mut self,
        node: &Object,
        parent: &str,
        inherited: &Inherited,
        depth: usize,
    ) -> Result<(), PadesError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES || depth > MAX_DEPTH {
            return Err(PadesError::Structure(
                "its form has more fields, or deeper ones, than any real form",
            ));
        }
        let (id, object) = last_reference(self.pdf, node)?;
        let Some(dict) = object.as_dict() else {
            return Ok(());
        };
        if id.is_some_and(|id| !self.seen.insert(id)) {
            return Ok(());
        }
        let partial = self.pdf.get(dict, "T", self.at)?;
        let name = match partial.as_string().map(|s| s.to_text()) {
            Some(partial) if parent.is_empty() => partial,
            Some(partial) => format!("{parent}.{partial}"),
            None => parent.to_owned(),
        };
        let mut own = inherited.clone();
        let kind = self.pdf.get(dict, "FT", self.at)?;
        if let Some(kind) = kind.as_name() {
            own.is_signature = *kind == "Sig";
        }
        if let Some(flags) = self.pdf.get(dict, "Ff", self.at)?.as_integer() {
            own.read_only = flags & READ_ONLY != 0;
        }
        if let Some(value) = dict.get("V") {
            own.value = Some(value.clone());
        }
        let kids = self.pdf.get(dict, "Kids", self.at)?;
        let kids = kids.as_array().unwrap_or_default();
        let mut terminal = true;
        for kid in kids {
            // A kid with a name of its own is a field; one without is a widget of this field.
            let object = self.pdf.resolve(kid, self.at)?;
            if object.as_dict().is_some_and(|d| d.contains("T")) {
                terminal = false;
                self.node(kid, &name, &own, depth + 1)?;
            }
        }
        if terminal {
            self.terminal(id, dict, name, &own)?;
        }
        Ok(())
    }

    fn terminal(
        &mut self,
        id: Option<ObjId>,
        dict: &Dict,
        name: String,
        own: &Inherited,
    ) -> Result<(), PadesError> {
        let value = match &own.value {
            Some(value) if own.is_signature => self.pdf.resolve(value, self.at)?,
            _ => Arc::new(Object::Null),
        };
        self.fields.push(Field {
            name,
            id,
            dict: dict.clone(),
            is_signature: own.is_signature,
            read_only: own.read_only,
            signature: value.as_dict().is_some().then_some(value),
        });
        Ok(())
    }
}
