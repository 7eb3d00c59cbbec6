//! Reading a container: a ZIP archive that every reader understands in the same way (EN 319 162-1
//! annex A.1), within bounds.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use pdf_file::Source;
use zip::ZipArchive;

use super::names::{self, check_name};
use super::{AsicError, META_INF, MIMETYPE, layout};
use crate::validate::ContentStream;

/// Which of the two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// One file, one signature file (clause 4.3).
    Simple,
    /// Any number of each (clause 4.4).
    Extended,
}

impl Kind {
    /// The media type that the mimetype file holds (annex A.1).
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Simple => "application/vnd.etsi.asic-s+zip",
            Self::Extended => "application/vnd.etsi.asic-e+zip",
        }
    }

    /// For people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simple => "ASiC-S",
            Self::Extended => "ASiC-E",
        }
    }
}

/// Bounds on what is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Files.
    pub members: u64,
    /// Octets of the central directory.
    pub directory: u64,
    /// Octets in all, when unpacked, up to which nothing is asked.
    pub unpacked: u64,
    /// Octets unpacked for one of the archive, above that.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            members: 10_000,
            directory: 16 << 20,
            unpacked: 1 << 30,
            ratio: 200,
        }
    }
}

/// One file of the container.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// Its name, which is safe to use.
    pub name: String,
    /// Octets, by the archive's word.
    pub size: u64,
    index: usize,
}

impl Member {
    /// Whether it is neither `mimetype` nor in `META-INF/` nor a folder.
    #[must_use]
    pub fn is_data(&self) -> bool {
        !self.is_folder() && self.name != MIMETYPE && !self.is_meta()
    }

    pub(crate) fn is_meta(&self) -> bool {
        self.name
            .get(..META_INF.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(META_INF))
    }

    /// Whether it is in `META-INF/` and none of what EN 319 162-1 puts there: to whoever unpacks the
    /// container, a file like any other.
    pub(crate) fn is_stranger(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        let Some(own) = name.strip_prefix(&META_INF.to_ascii_lowercase()) else {
            return false;
        };
        let of_manifest = [
            "asicmanifest",
            "asicarchivemanifest",
            "asicevidencerecordmanifest",
        ];
        let known = [".p7s", ".tst", ".ers"]
            .iter()
            .any(|end| own.ends_with(end))
            || self.is_xades()
            || matches!(own, "container.xml" | "manifest.xml" | "metadata.xml")
            || (own.ends_with(".xml") && of_manifest.iter().any(|start| own.starts_with(start)))
            || (own.ends_with(".xml") && own.contains("evidencerecord"));
        !self.is_folder() && (!known || own.contains('/'))
    }

    /// Whether its name says that it is a signature, a time-stamp, an evidence record or a manifest of one. What
    /// has such a name and was not looked at is no better than a file that nobody signed.
    pub(crate) fn is_evidence(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        let own = name.strip_prefix(&META_INF.to_ascii_lowercase());
        own.is_some_and(|own| {
            [".p7s", ".tst", ".ers"]
                .iter()
                .any(|end| own.ends_with(end))
                || own.starts_with("asic")
                || self.is_xades()
        })
    }

    fn is_xades(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        self.is_meta() && name.contains("signatures") && name.ends_with(".xml")
    }

    fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }
}

/// A container whose directory was read and found to be unambiguous.
#[derive(Clone)]
pub struct Container {
    archive: ZipArchive<SourceReader>,
    octets: u64,
    members: Vec<Member>,
    /// Where each name is among them.
    places: HashMap<String, usize>,
    media_type: Option<String>,
    problems: Vec<String>,
}

impl core::fmt::Debug for Container {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Container")
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}

/// Whether a file that begins like this is a ZIP archive.
#[must_use]
pub(crate) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04")
}

impl Container {
    /// Opens `source`.
    ///
    /// # Errors
    /// Where it is no ZIP archive, two programs could read it differently, or a bound is reached.
    pub fn open(source: Arc<dyn Source>) -> Result<Self, AsicError> {
        Self::open_within(source, &Limits::default())
    }

    /// As [`Self::open`], within these limits.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_within(source: Arc<dyn Source>, limits: &Limits) -> Result<Self, AsicError> {
        let octets = source.len();
        // The library reads all of the directory before it can be asked anything.
        layout::check(&*source, limits)?;
        let mut archive =
            ZipArchive::new(SourceReader { source, at: 0 }).map_err(AsicError::reading)?;
        let ambiguous = |why: &str| AsicError::Ambiguous(why.to_owned());
        if archive.len() as u64 > limits.members {
            return Err(AsicError::Budget {
                what: "files",
                limit: limits.members,
            });
        }
        if archive.offset() != 0 {
            return Err(ambiguous("something stands before it"));
        }
        if archive.has_duplicate_names() {
            return Err(ambiguous("two files have one name"));
        }
        if archive
            .has_overlapping_entries()
            .map_err(AsicError::reading)?
        {
            return Err(ambiguous("files share their octets"));
        }
        archive
            .validate_header_consistency()
            .map_err(|e| AsicError::Ambiguous(e.to_string()))?;
        let mut members = Vec::with_capacity(archive.len());
        let mut unpacked = 0u64;
        let mut folded = BTreeSet::new();
        for index in 0..archive.len() {
            let file = archive.by_index_raw(index).map_err(AsicError::reading)?;
            let name = core::str::from_utf8(file.name_raw())
                .map_err(|_| AsicError::Name {
                    name: String::from_utf8_lossy(file.name_raw()).into_owned(),
                    why: "it is not UTF-8",
                })?
                .to_owned();
            check_name(&name)?;
            if file.encrypted() {
                return Err(AsicError::Zip(format!("{name:?} is encrypted")));
            }
            if file.is_symlink() {
                return Err(AsicError::Name {
                    name,
                    why: "it is a symbolic link",
                });
            }
            if !matches!(
                file.compression(),
                zip::CompressionMethod::Stored | zip::CompressionMethod::Deflated
            ) {
                return Err(AsicError::Zip(format!(
                    "{name:?} is compressed with {}",
                    file.compression()
                )));
            }
            if !folded.insert(names::folded(&name)) {
                return Err(AsicError::Ambiguous(format!(
                    "{name:?} is there twice where case, accents or dots at an end do not count"
                )));
            }
            if name.ends_with('/') && file.size() != 0 {
                return Err(AsicError::Ambiguous(format!(
                    "the folder {name:?} has content of its own"
                )));
            }
            unpacked = unpacked.saturating_add(file.size());
            members.push(Member {
                size: file.size(),
                name,
                index,
            });
        }
        if unpacked > limits.unpacked && unpacked / limits.ratio > octets {
            return Err(AsicError::Budget {
                what: "octets when unpacked",
                limit: limits.unpacked.max(octets.saturating_mul(limits.ratio)),
            });
        }
        check_folders(&folded)?;
        let mut container = Self {
            archive,
            octets,
            places: members
                .iter()
                .enumerate()
                .map(|(place, m)| (m.name.clone(), place))
                .collect(),
            members,
            media_type: None,
            problems: Vec::new(),
        };
        container.read_media_type()?;
        Ok(container)
    }

    /// Annex A.1: the first file, stored, without extra fields, so that its text stands at octet 38.
    fn read_media_type(&mut self) -> Result<(), AsicError> {
        let Some(member) = self.member(MIMETYPE).cloned() else {
            return Ok(());
        };
        let text = self.read(&member, 256)?;
        self.media_type = Some(String::from_utf8_lossy(&text).trim().to_owned());
        let raw = self
            .archive
            .by_index_raw(member.index)
            .map_err(AsicError::reading)?;
        let at_38 = raw.header_start() == 0
            && raw.data_start() == Some(38)
            && raw.compression() == zip::CompressionMethod::Stored;
        if !at_38 {
            self.problems.push(
                "the mimetype file is not the first one, stored without compression and extra fields".into(),
            );
        }
        Ok(())
    }

    /// All files, in their order.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Octets of the archive.
    pub(crate) fn octets(&self) -> u64 {
        self.octets
    }

    /// The file of this name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.get(*self.places.get(name)?)
    }

    /// The files that are to be signed, without the container's own.
    pub fn data(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|m| m.is_data())
    }

    /// The text of the mimetype file.
    #[must_use]
    pub fn media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }

    /// What is not as EN 319 162-1 wants it, and harms nothing.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Which of the two it is, by its mimetype, or where that is missing by what is in it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match &self.media_type {
            Some(t) if t == Kind::Simple.media_type() => Kind::Simple,
            Some(t) if t == Kind::Extended.media_type() => Kind::Extended,
            _ if self.manifests().next().is_none() && self.data().count() == 1 => Kind::Simple,
            _ => Kind::Extended,
        }
    }

    /// The manifests, which are not those of archive time-stamps.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = &Member> {
        self.meta("asicmanifest", ".xml")
    }

    /// The archive manifests.
    pub(crate) fn archive_manifests(&self) -> impl Iterator<Item = &Member> {
        self.meta("asicarchivemanifest", ".xml")
    }

    /// The manifests of evidence records.
    pub(crate) fn record_manifests(&self) -> impl Iterator<Item = &Member> {
        self.meta("asicevidencerecordmanifest", ".xml")
    }

    /// CAdES signatures.
    pub(crate) fn cades(&self) -> impl Iterator<Item = &Member> {
        self.members
            .iter()
            .filter(|m| m.is_meta() && m.name.to_ascii_lowercase().ends_with(".p7s"))
    }

    /// Whether there are signatures in XML.
    pub(crate) fn has_xades(&self) -> bool {
        self.members.iter().any(Member::is_xades)
    }

    fn meta<'c>(&'c self, start: &'c str, end: &'c str) -> impl Iterator<Item = &'c Member> {
        self.members.iter().filter(move |m| {
            let name = m.name.to_ascii_lowercase();
            m.is_meta()
                && name
                    .get(META_INF.len()..)
                    .is_some_and(|rest| rest.starts_with(start) && rest.ends_with(end))
        })
    }

    /// A small file.
    ///
    /// # Errors
    /// Where it cannot be read, is damaged, or has more than `max` octets.
    pub fn read(&self, member: &Member, max: u64) -> Result<Vec<u8>, AsicError> {
        if member.size > max {
            return Err(AsicError::Budget {
                what: "octets in a file of META-INF",
                limit: max,
            });
        }
        let mut out = Vec::new();
        self.stream(member)
            .for_each(&mut |part| {
                out.extend_from_slice(part);
                Ok(())
            })
            .map_err(|e| match e.kind() {
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                    AsicError::Zip(format!("{:?} is damaged: {e}", member.name))
                }
                _ => AsicError::Read(e),
            })?;
        Ok(out)
    }

    /// A file of any size.
    #[must_use]
    pub fn stream(&self, member: &Member) -> MemberStream {
        MemberStream {
            archive: self.archive.clone(),
            index: member.index,
            size: member.size,
        }
    }

    /// The archive, to copy files from as they are.
    pub(super) fn archive(&self) -> ZipArchive<SourceReader> {
        self.archive.clone()
    }
}

/// A file of a container, unpacked as it is read.
#[derive(Clone)]
pub struct MemberStream {
    archive: ZipArchive<SourceReader>,
    index: usize,
    size: u64,
}

impl ContentStream for MemberStream {
    fn for_each(&self, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut archive = self.archive.clone();
        let raw = archive.by_index_raw(self.index).map_err(|e| match e {
            zip::result::ZipError::Io(e) => e,
            other => io::Error::new(io::ErrorKind::InvalidData, other),
        })?;
        let (crc, packed) = (raw.crc32(), raw.compressed_size());
        let is_stored = raw.compression() == zip::CompressionMethod::Stored;
        let mut raw = BufReader::with_capacity(1 << 16, raw);
        let (sum, read) = if is_stored {
            (self.drain(&mut raw, sink)?, packed)
        } else {
            let mut inflate = DeflateDecoder::new(raw);
            let sum = self.drain(&mut inflate, sink)?;
            (sum, inflate.total_in())
        };
        let invalid = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, why));
        if sum != crc {
            return invalid("its checksum is another one");
        }
        // Who reads from the front goes on where the packed octets really end.
        if read != packed {
            return invalid("something follows its packed octets");
        }
        Ok(())
    }
}

impl MemberStream {
    /// All of it, never more than the directory says: that is what the bound was checked for. Gives the
    /// checksum.
    fn drain(
        &self,
        file: &mut dyn Read,
        sink: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<u32> {
        let mut file = file.take(self.size.saturating_add(1));
        let mut buffer = vec![0; 1 << 16];
        let mut sum = Crc::new();
        let mut len = 0u64;
        loop {
            let n = match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            len += n as u64;
            let part = buffer.get(..n).unwrap_or_default();
            sum.update(part);
            sink(part)?;
        }
        if len != self.size {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "its length is not the one in the directory",
            ));
        }
        Ok(sum.sum())
    }
}

/// A source as a reader with a position.
#[derive(Clone)]
pub(super) struct SourceReader {
    source: Arc<dyn Source>,
    at: u64,
}

impl Read for SourceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.source.len().saturating_sub(self.at);
        let n = left.min(buffer.len() as u64) as usize;
        let part = buffer.get_mut(..n).unwrap_or_default();
        self.source.read_exact_at(self.at, part)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for SourceReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let invalid = || io::Error::new(io::ErrorKind::InvalidInput, "before the beginning");
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.source.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(invalid)?;
        Ok(self.at)
    }
}

/// A file cannot be a folder as well: of two such entries a program that unpacks them keeps one.
fn check_folders(folded: &BTreeSet<String>) -> Result<(), AsicError> {
    for name in folded.iter().filter(|n| !n.ends_with('/')) {
        let folder = format!("{name}/");
        let below = folded.range(folder.clone()..).next();
        if below.is_some_and(|n| n.starts_with(&folder)) {
            return Err(AsicError::Ambiguous(format!(
                "{name:?} is a file and a folder"
            )));
        }
    }
    Ok(())
}
