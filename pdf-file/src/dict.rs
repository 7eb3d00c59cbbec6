//! Dictionaries (ISO 32000-2, 7.3.7).

use std::collections::HashMap;
use std::fmt;

use crate::{Name, ObjId, Object, PdfString};

/// A dictionary (7.3.7) in the order it was written.
///
/// Where a file gives a key twice the last value counts, as in most readers;
/// [`Dict::has_duplicate_keys`] tells.
#[derive(Clone, Default)]
pub struct Dict {
    entries: Vec<(Name, Object)>,
    duplicates: bool,
    /// Of the duplicates, some have different values.
    conflicts: bool,
}

impl PartialEq for Dict {
    /// The same entries in the same order.
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Dict {
    /// An empty dictionary.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a key; `None` where it is missing.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<&Object> {
        let key = key.as_ref();
        self.entries
            .iter()
            .find(|(name, _)| *name.as_bytes() == *key)
            .map(|(_, value)| value)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: impl AsRef<[u8]>) -> Option<&mut Object> {
        let key = key.as_ref();
        self.entries
            .iter_mut()
            .find(|(name, _)| *name.as_bytes() == *key)
            .map(|(_, value)| value)
    }

    /// Whether the key is there.
    pub fn contains(&self, key: impl AsRef<[u8]>) -> bool {
        self.get(key).is_some()
    }

    /// Replaces the value of a key in its place, or appends the entry. Returns the former value.
    pub fn set(&mut self, key: impl Into<Name>, value: impl Into<Object>) -> Option<Object> {
        let (key, value) = (key.into(), value.into());
        if let Some(old) = self.get_mut(&key) {
            return Some(std::mem::replace(old, value));
        }
        self.entries.push((key, value));
        None
    }

    /// [`Dict::set`] for building a dictionary in one expression.
    #[must_use]
    pub fn with(mut self, key: impl Into<Name>, value: impl Into<Object>) -> Self {
        self.set(key, value);
        self
    }

    /// Removes an entry and returns its value.
    pub fn remove(&mut self, key: impl AsRef<[u8]>) -> Option<Object> {
        let key = key.as_ref();
        let at = self
            .entries
            .iter()
            .position(|(name, _)| *name.as_bytes() == *key)?;
        Some(self.entries.remove(at).1)
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &Object)> {
        self.entries.iter().map(|(name, value)| (name, value))
    }

    /// The values in order, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = (&Name, &mut Object)> {
        self.entries.iter_mut().map(|(name, value)| (&*name, value))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the file gave a key more than once. Readers differ in which value they take.
    #[must_use]
    pub fn has_duplicate_keys(&self) -> bool {
        self.duplicates
    }

    /// Whether the file gave a key more than once, and different values with it: readers show
    /// different documents.
    #[must_use]
    pub fn has_conflicting_keys(&self) -> bool {
        self.conflicts
    }

    /// The value of a key if it is an integer.
    pub fn integer(&self, key: impl AsRef<[u8]>) -> Option<i64> {
        self.get(key)?.as_integer()
    }

    /// The value of a key if it is a boolean.
    pub fn bool(&self, key: impl AsRef<[u8]>) -> Option<bool> {
        self.get(key)?.as_bool()
    }

    /// The value of a key if it is a name.
    pub fn name(&self, key: impl AsRef<[u8]>) -> Option<&Name> {
        self.get(key)?.as_name()
    }

    /// The value of a key if it is a string.
    pub fn string(&self, key: impl AsRef<[u8]>) -> Option<&PdfString> {
        self.get(key)?.as_string()
    }

    /// The value of a key if it is an array.
    pub fn array(&self, key: impl AsRef<[u8]>) -> Option<&[Object]> {
        self.get(key)?.as_array()
    }

    /// The value of a key if it is a dictionary (directly, not by reference).
    pub fn dict(&self, key: impl AsRef<[u8]>) -> Option<&Dict> {
        self.get(key)?.as_dict()
    }

    /// The value of a key if it is a reference.
    pub fn reference(&self, key: impl AsRef<[u8]>) -> Option<ObjId> {
        self.get(key)?.as_reference()
    }

    /// Whether the value of a key is this name: `dict.is("Type", "Catalog")`.
    pub fn is(&self, key: impl AsRef<[u8]>, name: &str) -> bool {
        self.name(key).is_some_and(|n| n == name)
    }
}

impl fmt::Debug for Dict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl FromIterator<(Name, Object)> for Dict {
    /// Later values replace earlier ones of the same key, in time linear in the input.
    fn from_iter<I: IntoIterator<Item = (Name, Object)>>(iter: I) -> Self {
        let mut entries: Vec<(Name, Object)> = iter.into_iter().collect();
        let (mut duplicates, mut conflicts) = (false, false);
        if entries.len() <= 16 {
            let mut at = 0;
            while let Some((name, value)) = entries.get(at) {
                let mut later = entries.iter().skip(at + 1);
                if let Some((_, other)) = later.find(|(other, _)| other == name) {
                    conflicts |= other != value;
                    duplicates = true;
                    entries.remove(at);
                } else {
                    at += 1;
                }
            }
        } else {
            let last: HashMap<Name, usize> = entries
                .iter()
                .enumerate()
                .map(|(at, (name, _))| (name.clone(), at))
                .collect();
            if last.len() < entries.len() {
                duplicates = true;
                conflicts = entries.iter().any(|(name, value)| {
                    let kept = last.get(name).and_then(|at| entries.get(*at));
                    kept.is_some_and(|(_, kept)| kept != value)
                });
                let mut at = 0;
                entries.retain(|(name, _)| {
                    at += 1;
                    last.get(name) == Some(&(at - 1))
                });
            }
        }
        Self {
            entries,
            duplicates,
            conflicts,
        }
    }
}
