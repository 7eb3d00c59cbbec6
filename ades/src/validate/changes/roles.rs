//! What each object of a document is used for, found by following the document's structure from the
//! trailer down (ISO 32000-2, 7.7): a later revision may change an object by the rule of a role only
//! where it has no other. A prepared document may give one object two roles, such as a security store
//! that is also the layers, and change the one under the name of the other.

use std::collections::{BTreeMap, VecDeque};

use pdf_file::{Dict, ObjId, Object};

/// What an object is used for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    Catalog,
    /// Page or node of the page tree.
    Page,
    /// The interactive form.
    Form,
    /// An array of fields or annotations.
    List,
    /// A form field or an annotation.
    Field,
    /// Part of the document security store.
    Store,
    Metadata,
    Information,
    Structure,
    Action,
    /// Whatever else: what is drawn, above all.
    Other,
}

/// The roles of one object.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Roles(u16);

impl Roles {
    fn has(self, role: Role) -> bool {
        self.0 & Self::bit(role) != 0
    }

    fn bit(role: Role) -> u16 {
        1 << role as u16
    }
}

/// The keys that lead to a role.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Key {
    /// Any other.
    Any,
    /// No key: an element of an array that is an object of its own.
    Item,
    Pages,
    AcroForm,
    Store,
    Metadata,
    StructTreeRoot,
    /// Of a structure element that stands for an object (OBJR).
    ObjectReference,
    Action,
    Kids,
    Annots,
    Parent,
    /// Of an annotation, to another one.
    Annotation,
    Page,
    /// The fields of a form, or their order of calculation.
    Fields,
    /// What an action is about: `/Fields` too.
    Target,
    /// To a structure element from outside of the structure.
    Element,
    /// What a signature's transform is computed over.
    Data,
}

/// How one object refers to another.
#[derive(Clone, Copy, Debug)]
struct Edge {
    to: u32,
    /// The key of the object itself.
    outer: Key,
    /// The key of the innermost dictionary.
    inner: Key,
    /// Dictionaries around the reference inside the object's own.
    depth: u8,
    /// Whether it stands in an array under the innermost key.
    in_array: bool,
}

/// The roles of all objects as of the revision that was added last. A role that an object ever had
/// stays.
#[derive(Debug, Default)]
pub(super) struct RoleMap {
    edges: BTreeMap<u32, Box<[Edge]>>,
    roles: BTreeMap<u32, Roles>,
    catalog: Option<u32>,
    changed: Vec<u32>,
}

impl RoleMap {
    /// Takes an object as the newest revision has it.
    pub(super) fn read(&mut self, id: ObjId, object: &Object) {
        let mut edges = Vec::new();
        match object {
            Object::Dict(dict) => outer(dict, &mut edges),
            Object::Stream(stream) if stream.dict.is("Type", "XRef") => return,
            Object::Stream(stream) => outer(&stream.dict, &mut edges),
            other => below(other, Key::Item, Key::Item, 0, false, &mut edges),
        }
        self.edges.insert(id.number, edges.into());
        self.changed.push(id.number);
    }

    /// Gives every object its roles, once all objects of a revision were read.
    pub(super) fn settle(&mut self, trailer: &Dict) {
        let mut queue = Queue::default();
        for (key, value) in trailer.iter() {
            let role = match (key.as_str(), value) {
                (Some("Root"), Object::Reference(root)) => {
                    self.catalog = Some(root.number);
                    Role::Catalog
                }
                (Some("Info"), Object::Reference(_)) => Role::Information,
                // Sizes and places of the cross-reference data.
                (Some("Prev" | "XRefStm" | "ID"), _) => continue,
                _ => Role::Other,
            };
            super::references(value, &mut |to| queue.push(to.number, role));
        }
        for number in core::mem::take(&mut self.changed) {
            let roles = self.roles.get(&number).copied().unwrap_or_default();
            for role in ALL.iter().copied().filter(|role| roles.has(*role)) {
                queue.again(number, role);
            }
        }
        while let Some((number, role, again)) = queue.pop() {
            let had = self.roles.entry(number).or_default();
            // A page is judged as one, whatever else refers to it: bookmarks do.
            let beside = matches!(role, Role::Other | Role::Action | Role::Structure);
            if beside && had.has(Role::Page) || had.has(role) && !again {
                continue;
            }
            had.0 |= Roles::bit(role);
            for edge in self.edges.get(&number).into_iter().flatten() {
                if let Some(next) = self.next(role, edge) {
                    queue.push(edge.to, next);
                }
            }
        }
    }

    /// The role that an object of this role gives to what it refers to; `None` where that says
    /// nothing of how it is used.
    fn next(&self, role: Role, edge: &Edge) -> Option<Role> {
        let own = edge.depth == 0;
        let listed = if edge.in_array {
            Role::Field
        } else {
            Role::List
        };
        Some(match (role, edge.outer) {
            (Role::Catalog, Key::Pages) if own => Role::Page,
            (Role::Catalog, Key::AcroForm) if own => Role::Form,
            (Role::Catalog, Key::AcroForm) if edge.depth == 1 && edge.inner == Key::Fields => {
                listed
            }
            (Role::Catalog, Key::Store) => Role::Store,
            (Role::Catalog, Key::Metadata) if own && !edge.in_array => Role::Metadata,
            (Role::Catalog, Key::StructTreeRoot) => Role::Structure,
            (Role::Form, Key::Fields) if own => listed,
            (Role::Page, Key::Kids | Key::Parent | Key::Item) if own => Role::Page,
            (Role::Page, Key::Annots) if own => listed,
            // An annotation that is no object of its own.
            (Role::Page, Key::Annots) if edge.depth == 1 => match edge.inner {
                Key::Parent | Key::Annotation if !edge.in_array => Role::Field,
                Key::Page => Role::Page,
                _ => Role::Other,
            },
            (Role::List, Key::Item) if own => Role::Field,
            (Role::Field, Key::Kids) if own => listed,
            (Role::Field, Key::Parent | Key::Annotation) if own && !edge.in_array => Role::Field,
            (Role::Field, Key::Page) if own => Role::Page,
            (Role::Catalog | Role::Page | Role::Field, Key::Action) | (Role::Action, _)
                if matches!(edge.inner, Key::Target | Key::Fields) =>
            {
                return None;
            }
            (Role::Catalog | Role::Page | Role::Field, Key::Action) | (Role::Action, _) => {
                Role::Action
            }
            (Role::Structure, _) if edge.inner == Key::ObjectReference => return None,
            (Role::Structure, _) => Role::Structure,
            (Role::Store, _) => Role::Store,
            _ if edge.inner == Key::Element => Role::Structure,
            _ if edge.inner == Key::Data && self.catalog == Some(edge.to) => return None,
            _ => Role::Other,
        })
    }

    /// Whether the object is used as this, and as nothing else.
    pub(super) fn is(&self, id: ObjId, role: Role) -> bool {
        self.of(id).0 == Roles::bit(role)
    }

    /// Whether the object is used as nothing else than this.
    pub(super) fn is_at_most(&self, id: ObjId, role: Role) -> bool {
        self.of(id).0 & !Roles::bit(role) == 0
    }

    fn of(&self, id: ObjId) -> Roles {
        self.roles.get(&id.number).copied().unwrap_or_default()
    }
}

const ALL: [Role; 11] = [
    Role::Catalog,
    Role::Page,
    Role::Form,
    Role::List,
    Role::Field,
    Role::Store,
    Role::Metadata,
    Role::Information,
    Role::Structure,
    Role::Action,
    Role::Other,
];

/// Objects to be looked at under a role. Pages come first, and whatever has no role of its own last:
/// which objects are pages is known by then.
#[derive(Debug, Default)]
struct Queue([VecDeque<(u32, Role, bool)>; 3]);

impl Queue {
    fn push(&mut self, number: u32, role: Role) {
        self.insert(number, role, false);
    }

    /// An object that changed, whose roles are known.
    fn again(&mut self, number: u32, role: Role) {
        self.insert(number, role, true);
    }

    fn insert(&mut self, number: u32, role: Role, again: bool) {
        let at = match role {
            Role::Catalog | Role::Page => 0,
            Role::Other | Role::Action | Role::Structure => 2,
            _ => 1,
        };
        self.0[at].push_back((number, role, again));
    }

    fn pop(&mut self) -> Option<(u32, Role, bool)> {
        self.0.iter_mut().find_map(VecDeque::pop_front)
    }
}

/// The references in the dictionary that an object is.
fn outer(dict: &Dict, edges: &mut Vec<Edge>) {
    for (name, value) in dict.iter() {
        let key = key(name.as_str().unwrap_or_default(), dict);
        below(value, key, key, 0, false, edges);
    }
}

/// Values are as deep as the reader allows, no deeper.
fn below(value: &Object, outer: Key, inner: Key, depth: u8, in_array: bool, edges: &mut Vec<Edge>) {
    match value {
        Object::Reference(to) => edges.push(Edge {
            to: to.number,
            outer,
            inner,
            depth,
            in_array,
        }),
        Object::Array(list) => {
            for one in list {
                below(one, outer, inner, depth, true, edges);
            }
        }
        Object::Dict(dict) => {
            for (name, value) in dict.iter() {
                let inner = key(name.as_str().unwrap_or_default(), dict);
                below(value, outer, inner, depth.saturating_add(1), false, edges);
            }
        }
        _ => {}
    }
}

fn key(name: &str, dict: &Dict) -> Key {
    match name {
        "Pages" => Key::Pages,
        "AcroForm" => Key::AcroForm,
        "DSS" => Key::Store,
        "Metadata" => Key::Metadata,
        "StructTreeRoot" => Key::StructTreeRoot,
        "Obj" if dict.is("Type", "OBJR") => Key::ObjectReference,
        "A" | "AA" | "PA" | "OpenAction" => Key::Action,
        "Kids" => Key::Kids,
        "Annots" => Key::Annots,
        "Parent" => Key::Parent,
        "Popup" | "IRT" => Key::Annotation,
        "P" => Key::Page,
        "Fields" | "CO" => Key::Fields,
        "T" | "AN" | "Annotation" | "TA" => Key::Target,
        "SE" | "SD" => Key::Element,
        "Data" => Key::Data,
        _ => Key::Any,
    }
}
