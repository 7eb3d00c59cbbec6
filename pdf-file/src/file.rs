//! The file: opened once, read lazily, seen as of any of its revisions.

use std::sync::{Arc, Mutex, OnceLock};

use crate::access::Cache;
use crate::crypt::Crypt;
use crate::reader::{Reader, find_bytes};
use crate::xref::{self, Chain, Entry, recover};
use crate::{
    Dict, EncryptionInfo, ObjId, Object, OpenOptions, PdfError, PdfVersion, Revision, RevisionId,
    Source, Structure,
};

/// An open PDF.
pub struct PdfFile {
    pub(crate) reader: Reader,
    pub(crate) chain: Chain,
    pub(crate) crypt: Option<Crypt>,
    pub(crate) cache: Mutex<Cache>,
    /// Objects found by scanning, once one was not where it should be.
    pub(crate) scan: OnceLock<Vec<recover::Found>>,
    /// What reading an object revealed about the cross-reference data.
    pub(crate) late_damage: OnceLock<String>,
    header: u64,
    version: PdfVersion,
    recovered: bool,
}

impl std::fmt::Debug for PdfFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PdfFile")
            .field("len", &self.len())
            .field("version", &self.version)
            .field("revisions", &self.chain.revisions.len())
            .finish_non_exhaustive()
    }
}

impl PdfFile {
    /// Reads the header and the cross-reference chain, and opens the encryption if there is one.
    ///
    /// # Errors
    /// [`PdfError::NotPdf`], [`PdfError::Unrecoverable`], [`PdfError::PasswordRequired`] and
    /// their kin; [`PdfError::Budget`] for files that want too much.
    pub fn open(source: Arc<dyn Source>, options: OpenOptions) -> Result<Self, PdfError> {
        if source.is_empty() {
            return Err(PdfError::Empty);
        }
        let mut reader = Reader::new(source, options.budgets.clone());
        let header = find_header(&reader)?;
        let (offset, version) = header.unwrap_or((0, PdfVersion { major: 1, minor: 4 }));
        let damage = match xref::read(&reader, offset) {
            Ok(chain) => {
                let mut file = Self::assemble(reader, chain, offset, version, false);
                match file.authenticate(&options).and_then(|()| file.has_pages()) {
                    // If the very first objects are misplaced, no entry deserves belief.
                    Ok(true) if file.late_damage.get().is_none() => {
                        file.raise_version();
                        return Ok(file);
                    }
                    Err(error @ (PdfError::Budget { .. } | PdfError::Io { .. })) => {
                        return Err(error);
                    }
                    // A scan would not change what the encryption is.
                    Err(error) if error.is_about_encryption() && file.encryption_is_sound() => {
                        return Err(error);
                    }
                    Ok(_) | Err(_) => {}
                }
                reader = file.reader;
                let misplaced = file.late_damage.into_inner();
                misplaced.unwrap_or_else(|| "the trailer leads to no catalog with pages".to_owned())
            }
            Err(error @ (PdfError::Budget { .. } | PdfError::Io { .. })) => return Err(error),
            Err(error) => error.to_string(),
        };
        Self::recover(reader, offset, header.is_some(), version, damage, &options)
    }

    /// Opens the file by scanning it.
    fn recover(
        reader: Reader,
        header: u64,
        has_header: bool,
        version: PdfVersion,
        damage: String,
        options: &OpenOptions,
    ) -> Result<Self, PdfError> {
        let recovery = match recover::recover(&reader, header, damage.clone()) {
            Err(PdfError::Unrecoverable { .. }) if !has_header => {
                return Err(PdfError::NotPdf {
                    why: "it has neither a %PDF- header nor objects",
                });
            }
            other => other?,
        };
        let mut file = Self::assemble(reader, recovery.chain, header, version, true);
        file.authenticate(options)?;
        let mut contained = Vec::new();
        let mut left = file.reader.budgets.objects;
        for found in recovery.object_streams {
            if let Ok(stream) = file.object_stream(found.id.number, found.offset) {
                let numbers = stream.numbers();
                left = left
                    .checked_sub(numbers.len())
                    .ok_or_else(|| recover::too_many(&file.reader))?;
                contained.push((found, numbers));
            }
        }
        file.chain.history = recover::with_contained(&file.chain, contained);
        file.find_contained_catalog();
        if file.catalog().is_none() {
            return Err(PdfError::Unrecoverable {
                damage,
                found: "no document catalog",
            });
        }
        if !matches!(file.pages(file.latest()).next(), Some(Ok(_))) {
            return Err(PdfError::Unrecoverable {
                damage,
                found: "no page",
            });
        }
        file.raise_version();
        Ok(file)
    }

    fn assemble(
        reader: Reader,
        chain: Chain,
        header: u64,
        version: PdfVersion,
        recovered: bool,
    ) -> Self {
        Self {
            reader,
            chain,
            crypt: None,
            cache: Mutex::default(),
            scan: OnceLock::new(),
            late_damage: OnceLock::new(),
            header,
            version,
            recovered,
        }
    }

    /// Opens the encryption that the newest trailer names.
    fn authenticate(&mut self, options: &OpenOptions) -> Result<(), PdfError> {
        let at = self.latest();
        let trailer = self.trailer(at);
        let Some(entry) = trailer.get("Encrypt").filter(|e| !e.is_null()) else {
            return Ok(());
        };
        let dictionary = entry.as_reference();
        let resolved = self.resolve(entry, at)?;
        let Some(dict) = resolved.as_dict() else {
            return Err(PdfError::Encryption {
                why: "/Encrypt is no dictionary",
            });
        };
        let dict = self.resolved_entries(dict, at)?;
        let id = self.get(trailer, "ID", at)?;
        let first = id
            .as_array()
            .and_then(|id| id.first())
            .map(|first| self.resolve(first, at))
            .transpose()?;
        let file_id = first
            .as_ref()
            .and_then(|first| first.as_string())
            .map(|s| s.bytes.clone())
            .unwrap_or_default();
        self.crypt = Some(Crypt::open(
            &dict,
            dictionary,
            &file_id,
            options.password.as_ref(),
        )?);
        // What was read so far was read without a key.
        self.cache = Mutex::default();
        Ok(())
    }

    /// Whether the encryption dictionary could be read at all, so that its verdict counts.
    fn encryption_is_sound(&self) -> bool {
        let at = self.latest();
        let entry = self.trailer(at).get("Encrypt");
        entry
            .and_then(|entry| self.resolve(entry, at).ok())
            .is_some_and(|o| o.as_dict().is_some_and(|d| d.contains("Filter")))
    }

    /// A copy of a dictionary with its values resolved, two levels deep.
    fn resolved_entries(&self, dict: &Dict, at: RevisionId) -> Result<Dict, PdfError> {
        let mut dict = dict.clone();
        for (_, value) in dict.values_mut() {
            let mut resolved = (*self.resolve(value, at)?).clone();
            if let Object::Dict(inner) = &mut resolved {
                for (_, value) in inner.values_mut() {
                    *value = (*self.resolve(value, at)?).clone();
                }
            }
            *value = resolved;
        }
        Ok(dict)
    }

    fn catalog(&self) -> Option<Arc<Object>> {
        let at = self.latest();
        let root = self.trailer(at).get("Root")?;
        self.resolve(root, at)
            .ok()
            .filter(|catalog| catalog.as_dict().is_some())
    }

    /// Whether the newest trailer leads to a catalog with pages. Damage on the way is the answer no;
    /// a spent budget is no damage.
    fn has_pages(&self) -> Result<bool, PdfError> {
        let at = self.latest();
        let found =
            self.get(self.trailer(at), "Root", at)
                .and_then(|catalog| match catalog.as_dict() {
                    Some(catalog) => self.get(catalog, "Pages", at),
                    None => Ok(catalog),
                });
        match found {
            Ok(pages) => Ok(pages.as_dict().is_some()),
            Err(error @ (PdfError::Budget { .. } | PdfError::Io { .. })) => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// A recovered file may keep its catalog in an object stream, and have no trailer left.
    fn find_contained_catalog(&mut self) {
        if self.catalog().is_some() {
            return;
        }
        let at = self.latest();
        let candidates: Vec<u32> = self
            .chain
            .history
            .in_force(at)
            .filter(|(_, _, entry)| matches!(entry, Entry::InStream { .. }))
            .map(|(number, ..)| number)
            .collect();
        let is_catalog = |id| {
            self.object(id, at)
                .is_ok_and(|o| o.as_dict().is_some_and(|d| d.is("Type", "Catalog")))
        };
        let found = candidates
            .into_iter()
            .map(|number| ObjId::new(number, 0))
            .find(|&id| is_catalog(id));
        if let (Some(found), Some(revision)) = (found, self.chain.revisions.last_mut()) {
            revision.trailer.set("Root", found);
        }
    }

    fn raise_version(&mut self) {
        let catalog = self.catalog();
        let name = catalog.as_ref().and_then(|c| c.as_dict()?.name("Version"));
        if let Some(version) = name.and_then(|name| parse_version(name.as_bytes())) {
            self.version = self.version.max(version);
        }
    }

    /// Where the bytes come from.
    #[must_use]
    pub fn source(&self) -> &Arc<dyn Source> {
        self.reader.source()
    }

    /// Bytes in the file.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // an empty file does not open
    pub fn len(&self) -> u64 {
        self.reader.len()
    }

    /// The header's version, or the catalog's `/Version` as of the latest revision if higher.
    #[must_use]
    pub fn version(&self) -> PdfVersion {
        self.version
    }

    /// Bytes before `%PDF-`. Offsets in the file's cross-reference data are relative to the
    /// header; all offsets in this API are relative to the first byte of the file.
    #[must_use]
    pub fn header_offset(&self) -> u64 {
        self.header
    }

    /// The revisions, oldest first; never empty. A linearized file's two parts are one revision,
    /// and so are a hybrid file's table and stream.
    #[must_use]
    pub fn revisions(&self) -> &[Revision] {
        &self.chain.revisions
    }

    /// The newest revision.
    #[must_use]
    pub fn latest(&self) -> RevisionId {
        RevisionId(self.chain.revisions.len().saturating_sub(1))
    }

    /// The bytes after the end of the latest revision, which no cross-reference section accounts
    /// for: empty in a sound file, padding in some, the hidden part of an attack in others.
    #[must_use]
    pub fn bytes_after_latest(&self) -> std::ops::Range<u64> {
        let end = self
            .chain
            .revisions
            .last()
            .map_or(self.len(), |revision| revision.end);
        end..self.len()
    }

    /// Whether the file's own cross-reference data could be used. Damage that only shows when an
    /// object is read counts from then on.
    #[must_use]
    pub fn structure(&self) -> Structure {
        match self.chain.damage.as_ref().or(self.late_damage.get()) {
            Some(why) => Structure::Recovered { why: why.clone() },
            None => Structure::Clean,
        }
    }

    /// What other readers may take otherwise in the cross-reference data.
    #[must_use]
    pub fn ambiguities(&self) -> &[crate::Ambiguity] {
        &self.chain.ambiguities
    }

    /// The trailer as of a revision. An unknown revision counts as the latest.
    #[must_use]
    pub fn trailer(&self, at: RevisionId) -> &Dict {
        static EMPTY: std::sync::LazyLock<Dict> = std::sync::LazyLock::new(Dict::new);
        let revisions = &self.chain.revisions;
        revisions
            .get(at.0)
            .or(revisions.last())
            .map_or(&EMPTY, |revision| &revision.trailer)
    }

    /// The highest object number in use, freed, or announced by `/Size`.
    #[must_use]
    pub fn max_object_number(&self) -> u32 {
        // A `/Size` beyond what readers accept as object number is not believed.
        const HIGHEST: i64 = 8_388_607;
        let size = self
            .trailer(self.latest())
            .integer("Size")
            .filter(|size| (1..=HIGHEST).contains(size));
        let announced = size
            .and_then(|size| u32::try_from(size - 1).ok())
            .unwrap_or(0);
        self.chain.history.max_number().max(announced)
    }

    /// The encryption, if the document has one.
    #[must_use]
    pub fn encryption(&self) -> Option<&EncryptionInfo> {
        self.crypt.as_ref().map(Crypt::info)
    }

    pub(crate) fn has_objects_before_header(&self) -> bool {
        let mut entries = self.chain.history.in_force(self.latest());
        entries.any(|(_, _, entry)| matches!(entry, Entry::InFile { offset, .. } if offset < self.chain.base))
    }

    /// Whether the whole cross-reference data was made up by scanning.
    pub(crate) fn is_recovered(&self) -> bool {
        self.recovered
    }
}

/// `%PDF-` in the first 1024 bytes, as readers look for it, and the version after it.
fn find_header(reader: &Reader) -> Result<Option<(u64, PdfVersion)>, PdfError> {
    let start = reader.read(0..1024 + 16)?;
    let Some(at) = find_bytes(&start, b"%PDF-") else {
        return Ok(None);
    };
    let version = start
        .get(at + 5..)
        .and_then(parse_version)
        .unwrap_or(PdfVersion { major: 1, minor: 4 });
    Ok(Some((at as u64, version)))
}

/// `1.7` at the start.
fn parse_version(text: &[u8]) -> Option<PdfVersion> {
    match text {
        [major @ b'1'..=b'9', b'.', minor @ b'0'..=b'9', ..] => Some(PdfVersion {
            major: major - b'0',
            minor: minor - b'0',
        }),
        _ => None,
    }
}
