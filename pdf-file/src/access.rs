//! Objects as of a revision: looked up, parsed, decrypted, and kept for the next reader.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use crate::file::PdfFile;
use crate::filter::{self, Limit};
use crate::load::{self, Lengths, Loaded};
use crate::object_stream::ObjectStream;
use crate::parser::Record;
use crate::xref::{Entry, recover};
use crate::{Dict, Location, ObjId, Object, PdfError, RevisionId, Spanned, Stream, StreamData};

/// Parsed objects and decoded object streams, thrown away together once they outgrow the budget.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    objects: HashMap<Key, Arc<Object>>,
    pub(crate) streams: HashMap<u64, Arc<ObjectStream>>,
    weight: usize,
}

/// An object is one thing in all revisions that see it in the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    InFile {
        offset: u64,
        number: u32,
    },
    InStream {
        stream_offset: u64,
        index: u32,
        number: u32,
    },
}

impl PdfFile {
    /// An object as of a revision, decrypted. A missing or free object, or another generation of
    /// it, is [`Object::Null`] (ISO 32000-2, 7.3.10).
    ///
    /// # Errors
    /// [`PdfError::Syntax`] where the bytes cannot be parsed; budgets; I/O.
    pub fn object(&self, id: ObjId, at: RevisionId) -> Result<Arc<Object>, PdfError> {
        let null = || Ok(Arc::new(Object::Null));
        match self.chain.history.lookup(id.number, at) {
            // Number 0 heads the free list; no object has it.
            _ if id.number == 0 => null(),
            Some((_, Entry::InFile { offset, generation })) if generation == id.generation => {
                self.object_in_file(id, offset, at)
            }
            Some((_, Entry::InStream { stream, index })) if id.generation == 0 => {
                // The container as of the same revision; one inside another is not allowed.
                match self.chain.history.lookup(stream, at) {
                    Some((_, Entry::InFile { offset, .. })) => {
                        self.object_in_stream(id.number, stream, offset, index)
                    }
                    _ => null(),
                }
            }
            _ => null(),
        }
    }

    /// Where an object is as of a revision; `None` where no section mentions it.
    #[must_use]
    pub fn location(&self, id: ObjId, at: RevisionId) -> Option<Location> {
        let (revision, entry) = self.chain.history.lookup(id.number, at)?;
        Some(match entry {
            Entry::InFile { offset, generation } if generation == id.generation => {
                let span = match self.load(id, offset, at, Record::Nothing) {
                    Ok(Some(loaded)) => loaded.start..loaded.end,
                    _ => offset..offset,
                };
                Location::InFile { span, revision }
            }
            Entry::InStream { stream, index } if id.generation == 0 => Location::InStream {
                stream: ObjId::new(stream, 0),
                index,
                revision,
            },
            _ => Location::Free { revision },
        })
    }

    /// The revision that said last, as of `at`, where the object is or the object stream that holds
    /// it; `None` where no section mentions it. Two revisions with the same answer have the same
    /// object. Reads nothing.
    #[must_use]
    pub fn version_of(&self, id: ObjId, at: RevisionId) -> Option<RevisionId> {
        let (revision, entry) = self.chain.history.lookup(id.number, at)?;
        let container = match entry {
            Entry::InStream { stream, .. } => self.chain.history.lookup(stream, at).map(|c| c.0),
            _ => None,
        };
        Some(container.map_or(revision, |container| container.max(revision)))
    }

    /// An object with the exact file span of each value in it.
    ///
    /// # Errors
    /// [`PdfError::NoSpan`] for objects that are missing or lie in an object stream, else like
    /// [`PdfFile::object`].
    pub fn spanned(&self, id: ObjId, at: RevisionId) -> Result<Spanned, PdfError> {
        let no_span = |why| Err(PdfError::NoSpan { id, why });
        match self.chain.history.lookup(id.number, at) {
            Some((revision, Entry::InFile { offset, generation }))
                if generation == id.generation =>
            {
                match self.load(id, offset, at, Record::Spans)? {
                    Some(loaded) => Ok(Spanned {
                        whole: loaded.start..loaded.end,
                        spans: loaded.spans,
                        object: Arc::new(loaded.value),
                        revision,
                    }),
                    None => no_span("it is not where the cross-reference data says"),
                }
            }
            Some((_, Entry::InStream { .. })) => no_span("it lies in an object stream"),
            _ => no_span("it does not exist"),
        }
    }

    /// The objects that a revision added, replaced or freed, in ascending order: those whose
    /// cross-reference entry differs from the one before, and those in an object stream that was
    /// replaced under them.
    pub fn changed_objects(&self, revision: RevisionId) -> impl Iterator<Item = ObjId> + '_ {
        let history = &self.chain.history;
        let mut changed: Vec<u32> = history
            .numbers(revision)
            .iter()
            .copied()
            .filter(|&number| {
                let now = history.lookup(number, revision).map(|(_, entry)| entry);
                let before = history.before(number, revision).map(|(_, entry)| entry);
                now != before && !(now == Some(Entry::Free) && before.is_none())
            })
            .collect();
        // Only a revision that replaces an object stream pays for the search.
        let replaced: std::collections::HashSet<u32> = changed
            .iter()
            .copied()
            .filter(|&number| history.before(number, revision).is_some())
            .collect();
        if !replaced.is_empty() && history.any_container(&replaced) {
            let moved = history
                .in_force(revision)
                .filter_map(|(number, _, entry)| match entry {
                    Entry::InStream { stream, .. } if replaced.contains(&stream) => Some(number),
                    _ => None,
                });
            changed.extend(moved);
            changed.sort_unstable();
            changed.dedup();
        }
        changed
            .into_iter()
            // Object 0 heads the free list; where an entry places it, some readers show it.
            .filter(move |&number| {
                let entry = history.lookup(number, revision).map(|(_, entry)| entry);
                number != 0 || !matches!(entry, Some(Entry::Free) | None)
            })
            .map(move |number| {
                let entry = |e: Option<(RevisionId, Entry)>| match e {
                    Some((_, Entry::InFile { generation, .. })) => Some(generation),
                    Some((_, Entry::InStream { .. })) => Some(0),
                    _ => None,
                };
                let now = entry(history.lookup(number, revision));
                let generation = now.or_else(|| entry(history.before(number, revision)));
                ObjId::new(number, generation.unwrap_or(0))
            })
    }

    /// Every object in use as of a revision, in ascending order.
    pub fn objects(&self, at: RevisionId) -> impl Iterator<Item = ObjId> + '_ {
        self.chain
            .history
            .in_force(at)
            .filter_map(|(number, _, entry)| match entry {
                Entry::InFile { generation, .. } => Some(ObjId::new(number, generation)),
                Entry::InStream { .. } => Some(ObjId::new(number, 0)),
                Entry::Free => None,
            })
    }

    /// Follows references until there is a value.
    ///
    /// # Errors
    /// [`PdfError::ReferenceCycle`]; else like [`PdfFile::object`].
    pub fn resolve(&self, object: &Object, at: RevisionId) -> Result<Arc<Object>, PdfError> {
        let Object::Reference(first) = object else {
            return Ok(Arc::new(object.clone()));
        };
        let mut id = *first;
        for _ in 0..self.reader.budgets.reference_hops {
            let found = self.object(id, at)?;
            match &*found {
                Object::Reference(next) if next == first || *next == id => {
                    return Err(PdfError::ReferenceCycle { id });
                }
                Object::Reference(next) => id = *next,
                _ => return Ok(found),
            }
        }
        Err(PdfError::budget(
            crate::BudgetKind::ReferenceHops,
            self.reader.budgets.reference_hops,
        ))
    }

    /// The resolved value of a dictionary's key; [`Object::Null`] where it is missing.
    ///
    /// # Errors
    /// Like [`PdfFile::resolve`].
    pub fn get(&self, dict: &Dict, key: &str, at: RevisionId) -> Result<Arc<Object>, PdfError> {
        dict.get(key).map_or_else(
            || Ok(Arc::new(Object::Null)),
            |value| self.resolve(value, at),
        )
    }

    /// A stream's data, decrypted and decoded through all its filters: Flate and LZW with their
    /// predictors, ASCIIHex, ASCII85, RunLength, Crypt. `at` is the revision in which filters and
    /// parameters given by reference are looked up.
    ///
    /// # Errors
    /// [`PdfError::UnsupportedFilter`] for image filters, [`PdfError::Filter`], budgets.
    pub fn stream_data(&self, stream: &Stream, at: RevisionId) -> Result<Vec<u8>, PdfError> {
        self.stream_data_within(stream, at, self.reader.budgets.stream_bytes)
    }

    /// The same, of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`PdfFile::stream_data`]; [`PdfError::Budget`] for longer data.
    pub fn stream_data_within(
        &self,
        stream: &Stream,
        at: RevisionId,
        limit: u64,
    ) -> Result<Vec<u8>, PdfError> {
        let raw = self.raw_stream_data(stream, at)?;
        let steps = self.filter_steps(stream, at)?;
        let limit = Limit(self.reader.budgets.stream_bytes.min(limit));
        Ok(filter::decode(raw.as_ref().into(), &steps, limit)?.into_owned())
    }

    /// A stream's data, decrypted but still encoded by its filters.
    ///
    /// # Errors
    /// Budgets, I/O, and data that does not decrypt.
    pub fn raw_stream_data(&self, stream: &Stream, at: RevisionId) -> Result<Arc<[u8]>, PdfError> {
        let raw = load::raw_data(&self.reader, stream)?;
        match (&self.crypt, &stream.data) {
            (Some(crypt), StreamData::InFile { owner, .. }) => {
                let steps = self.filter_steps(stream, at)?;
                Ok(crypt
                    .decrypt_stream(*owner, &stream.dict, &steps, &raw)?
                    .into())
            }
            _ => Ok(raw),
        }
    }

    pub(crate) fn filter_steps(
        &self,
        stream: &Stream,
        at: RevisionId,
    ) -> Result<Vec<filter::Step>, PdfError> {
        load::steps(&self.reader, &stream.dict, &mut |object| {
            Ok((*self.resolve(object, at)?).clone())
        })
    }

    pub(crate) fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn cached(&self, key: Key) -> Option<Arc<Object>> {
        self.cache().objects.get(&key).cloned()
    }

    /// `bytes` is the object's length as written; in memory it takes a multiple.
    pub(crate) fn keep(&self, key: Key, object: Object, bytes: usize) -> Arc<Object> {
        let object = Arc::new(object);
        let mut cache = self.cache();
        self.make_room(&mut cache, bytes.saturating_mul(4).saturating_add(128));
        cache.objects.insert(key, Arc::clone(&object));
        object
    }

    pub(crate) fn make_room(&self, cache: &mut Cache, weight: usize) {
        if cache.weight.saturating_add(weight) > self.reader.budgets.cache_bytes {
            *cache = Cache::default();
        }
        cache.weight = cache.weight.saturating_add(weight);
    }

    fn object_in_file(
        &self,
        id: ObjId,
        offset: u64,
        at: RevisionId,
    ) -> Result<Arc<Object>, PdfError> {
        let key = Key::InFile {
            offset,
            number: id.number,
        };
        if let Some(object) = self.cached(key) {
            return Ok(object);
        }
        let (value, length) = match self.load(id, offset, at, Record::Nothing)? {
            Some(loaded) => (
                loaded.value,
                loaded.spans.span.end - loaded.spans.span.start,
            ),
            None => (Object::Null, 0),
        };
        Ok(self.keep(key, value, usize::try_from(length).unwrap_or(usize::MAX)))
    }

    /// Parses and decrypts the object at `offset`, or where it really is. `None` where it is nowhere.
    pub(crate) fn load(
        &self,
        id: ObjId,
        offset: u64,
        at: RevisionId,
        record: Record,
    ) -> Result<Option<Loaded>, PdfError> {
        let parse = |offset| {
            self.reader.parse(offset, record, |parser| {
                let indirect = parser.indirect()?;
                if indirect.id.number == id.number {
                    return Ok(indirect);
                }
                Err(PdfError::Syntax {
                    offset: indirect.start,
                    expected: "the object that the cross-reference data announces",
                })
            })
        };
        let indirect = match parse(offset) {
            Ok(indirect) => indirect,
            Err(error @ (PdfError::Budget { .. } | PdfError::Io { .. })) => return Err(error),
            Err(error) => match self.find_misplaced(id, offset, at)? {
                Some(offset) => parse(offset)?,
                // There is an object, but it is broken.
                None if self.header_at(id, offset)? => return Err(error),
                None => return Ok(None),
            },
        };
        let lookup = |id| self.simple_integer(id, at);
        let mut loaded = load::complete(&self.reader, indirect, Lengths::Lookup(&lookup))?;
        if let Some(crypt) = &self.crypt {
            // The key depends on the numbers by which the object is known.
            crypt.decrypt_strings(loaded.id, &mut loaded.value)?;
        }
        Ok(Some(loaded))
    }

    /// Whether `N G obj` is at the offset.
    fn header_at(&self, id: ObjId, offset: u64) -> Result<bool, PdfError> {
        match self
            .reader
            .parse(offset, Record::Nothing, |parser| parser.object_header())
        {
            Ok(found) => Ok(found.number == id.number),
            Err(error @ PdfError::Io { .. }) => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// The last place where a scan of the file saw the object, before the end of the revision that
    /// claims to have written it.
    fn find_misplaced(
        &self,
        id: ObjId,
        offset: u64,
        at: RevisionId,
    ) -> Result<Option<u64>, PdfError> {
        if self.header_at(id, offset)? {
            return Ok(None);
        }
        let _ = self.late_damage.set(format!(
            "object {id} is not at offset {offset}, where the cross-reference data puts it"
        ));
        let scan = match self.scan.get() {
            Some(scan) => scan,
            None => {
                let mut objects = recover::scan(&self.reader)?.objects;
                objects.sort_by_key(|found| (found.id.number, found.offset));
                self.scan.get_or_init(|| objects)
            }
        };
        let (wrote, _) = self
            .chain
            .history
            .lookup(id.number, at)
            .unwrap_or((at, Entry::Free));
        let end = self
            .chain
            .revisions
            .get(wrote.0)
            .or(self.chain.revisions.last())
            .map_or(u64::MAX, |r| r.end);
        let after =
            scan.partition_point(|found| (found.id.number, found.offset) < (id.number, end));
        let found = after.checked_sub(1).and_then(|last| scan.get(last));
        Ok(found
            .filter(|found| found.id.number == id.number)
            .map(|found| found.offset))
    }

    /// An integer given as an object of its own, such as a `/Length`, without recursion: only
    /// where it is written directly, or in an object stream that is decoded already.
    pub(crate) fn simple_integer(&self, id: ObjId, at: RevisionId) -> Option<u64> {
        let value = match self.chain.history.lookup(id.number, at)?.1 {
            Entry::InFile { offset, .. } => {
                let parsed = self.reader.parse(offset, Record::Nothing, |parser| {
                    let found = parser.object_header()?;
                    Ok((found, parser.value()?.0))
                });
                parsed
                    .ok()
                    .filter(|(found, _)| found.number == id.number)?
                    .1
            }
            Entry::InStream { stream, index } => {
                let Entry::InFile { offset, .. } = self.chain.history.lookup(stream, at)?.1 else {
                    return None;
                };
                let stream = self.cache().streams.get(&offset).cloned()?;
                self.parse_contained(&stream, id.number, index).ok()?.0
            }
            Entry::Free => return None,
        };
        value
            .as_integer()
            .and_then(|length| u64::try_from(length).ok())
    }
}
