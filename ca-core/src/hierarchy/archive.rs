//! The archive of an authority that ended (EN 319 411-1 clause 6.4.9): every certificate, its status,
//! the CRLs and the journal, in a folder that is checked with nothing but itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use pki_asn1::{Certificate, CertificateList, UnixTime, pem};
use pki_crypto::{DigestAlgorithm, Message, PublicKey, SignatureAlgorithm};
use serde::{Deserialize, Serialize};

use crate::journal::{GENESIS, JournalRow, chain, read_line};
use crate::store::{CertificateEntry, CertificateState};

/// The manifest's format.
pub const SCHEMA: &str = "sceau.archive/1";
/// The manifest's name in the folder.
pub const MANIFEST: &str = "manifest.json";

/// A manifest has a line for each CRL.
const MANIFEST_LIMIT: u64 = 1 << 28;
/// No record and no certificate is longer.
const LINE_LIMIT: u64 = 1 << 26;

/// What is in the archive.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// The program that wrote it.
    pub program: String,
    /// Whose it is.
    pub authority: String,
    /// When it was written.
    pub written_at: String,
    /// When the authority ended.
    pub terminated_at: Option<String>,
    /// Why.
    pub termination: Option<String>,
    /// The hash of the journal's last record, hexadecimal.
    pub journal_head: String,
    /// How many of everything.
    pub counts: Counts,
    /// Every file but the manifest and SHA256SUMS, by name.
    pub files: Vec<FileEntry>,
}

/// How many of everything.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Counts {
    /// Certificates, interrupted issuances included.
    pub certificates: u64,
    /// Of these, revoked ones.
    pub revoked: u64,
    /// CRLs.
    pub crls: u64,
    /// Records of the whole installation's journal.
    pub journal_records: u64,
}

/// One file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its name, relative to the folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// One certificate with its status: a line of `certificates.jsonl`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArchivedCertificate {
    /// Hexadecimal.
    pub serial: String,
    /// `issued`, or `abandoned` where no certificate was ever released.
    pub state: String,
    /// The profile's name.
    pub profile: String,
    /// The subject for people.
    pub subject: String,
    /// RFC 3339.
    pub not_before: String,
    /// RFC 3339.
    pub not_after: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub sha256: Option<String>,
    /// The certificate (DER, hexadecimal).
    pub der: Option<String>,
    /// Its revocation.
    pub revocation: Option<ArchivedRevocation>,
}

/// A revocation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArchivedRevocation {
    /// RFC 3339.
    pub at: String,
    /// RFC 5280 section 5.3.1.
    pub reason: String,
    /// RFC 3339.
    pub invalidity_date: Option<String>,
}

/// Why an archive is not whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// There is no manifest.
    #[error("there is no archive in {}: no {MANIFEST}", .0.display())]
    NoArchive(PathBuf),
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what the manifest says.
    #[error("{name}: {what}")]
    File {
        /// Which.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// The journal's chain is broken.
    #[error("journal.jsonl: record {seq} does not follow the one before it")]
    Journal {
        /// The first record that does not fit.
        seq: u64,
    },
    /// A certificate is not the authority's, or not what was recorded.
    #[error("certificate {serial}: {what}")]
    Certificate {
        /// Hexadecimal.
        serial: String,
        /// What is wrong.
        what: &'static str,
    },
}

impl ArchiveError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NoArchive(_) => "name the folder that sceau-ca ca terminate wrote",
            Self::Read { .. } => "check the folder and who may read it",
            _ => "this copy was changed or is incomplete: take another one, and compare its manifest with the SHA-256 in the minutes",
        }
        .into()
    }
}

impl Manifest {
    /// As it is written.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings and numbers are always JSON.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

impl ArchivedCertificate {
    /// What the record has.
    #[must_use]
    pub fn new(entry: &CertificateEntry) -> Self {
        let der = entry.certificate.as_ref().map(Certificate::der);
        Self {
            serial: entry.serial_hex(),
            state: match entry.state {
                CertificateState::Issued => "issued",
                CertificateState::Intended => "unfinished",
                CertificateState::Abandoned => "abandoned",
            }
            .into(),
            profile: entry.profile.clone(),
            subject: entry.subject.clone(),
            not_before: entry.not_before.to_string(),
            not_after: entry.not_after.to_string(),
            sha256: der.map(|der| DigestAlgorithm::Sha256.digest(der).to_hex()),
            der: der.map(hex::encode),
            revocation: entry.revocation.map(|r| ArchivedRevocation {
                at: r.at.to_string(),
                reason: r.reason.name().into(),
                invalidity_date: r.invalidity_date.map(|t| t.to_string()),
            }),
        }
    }

    /// As it is written: one line without its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Checks an archive: every file against the manifest, the journal's chain and its head, every
/// certificate against the authority's key and the journal, every CRL's signature, and the last CRL
/// against the status of the certificates.
///
/// # Errors
/// The first thing that does not fit.
pub fn verify(dir: &Path) -> Result<Manifest, ArchiveError> {
    let manifest = read_manifest(dir)?;
    let listed: HashSet<_> = manifest.files.iter().map(|f| f.name.as_str()).collect();
    for name in [
        "authority.pem",
        "chain.pem",
        "certificates.jsonl",
        "journal.jsonl",
    ] {
        if !listed.contains(name) {
            return Err(wrong(name, "the manifest does not list it"));
        }
    }
    for file in &manifest.files {
        check_file(dir, file)?;
    }
    refuse_others(dir, &listed)?;
    let own = certificates(dir, "authority.pem")?;
    let recorded = check_journal(dir, &manifest)?;
    let status = check_certificates(dir, &manifest, &own, &recorded)?;
    check_crls(dir, &manifest, &own, &status)?;
    Ok(manifest)
}

fn wrong(name: &str, what: impl Into<String>) -> ArchiveError {
    ArchiveError::File {
        name: name.to_owned(),
        what: what.into(),
    }
}

fn open(dir: &Path, name: &str) -> Result<File, ArchiveError> {
    let path = dir.join(name);
    File::open(&path).map_err(|source| ArchiveError::Read { path, source })
}

fn read_manifest(dir: &Path) -> Result<Manifest, ArchiveError> {
    let path = dir.join(MANIFEST);
    if !path.is_file() {
        return Err(ArchiveError::NoArchive(dir.to_owned()));
    }
    let mut text = Vec::new();
    open(dir, MANIFEST)?
        .take(MANIFEST_LIMIT)
        .read_to_end(&mut text)
        .map_err(|source| ArchiveError::Read { path, source })?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|e| wrong(MANIFEST, format!("it is not of the format {SCHEMA}: {e}")))?;
    if manifest.schema != SCHEMA {
        return Err(wrong(
            MANIFEST,
            format!("its schema is {:?}", manifest.schema),
        ));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    for file in &manifest.files {
        let name = &file.name;
        if name.starts_with('/') || name.contains("..") || !name.chars().all(plain) {
            return Err(wrong(
                MANIFEST,
                format!("it lists {name:?}, which is outside"),
            ));
        }
    }
    Ok(manifest)
}

fn check_file(dir: &Path, file: &FileEntry) -> Result<(), ArchiveError> {
    let mut source = open(dir, &file.name)?;
    let mut hasher = DigestAlgorithm::Sha256.hasher();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0_u64;
    loop {
        let n = source
            .read(&mut buffer)
            .map_err(|source| ArchiveError::Read {
                path: dir.join(&file.name),
                source,
            })?;
        if n == 0 {
            break;
        }
        hasher.update(&buffer[..n]);
        bytes += n as u64;
    }
    if bytes != file.bytes || hasher.finish().to_hex() != file.sha256 {
        return Err(wrong(&file.name, "it is not the file that was archived"));
    }
    Ok(())
}

/// A file that nobody listed may be taken for part of the archive.
fn refuse_others(dir: &Path, listed: &HashSet<&str>) -> Result<(), ArchiveError> {
    for (folder, prefix) in [(dir.to_owned(), ""), (dir.join("crls"), "crls/")] {
        let failed = |source| ArchiveError::Read {
            path: folder.clone(),
            source,
        };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let own = [MANIFEST, "SHA256SUMS", "crls"].contains(&name.as_str());
            if !own && !listed.contains(name.as_str()) {
                return Err(wrong(&name, "the manifest does not list it"));
            }
        }
    }
    Ok(())
}

fn certificates(dir: &Path, name: &str) -> Result<Vec<Certificate>, ArchiveError> {
    let mut bytes = Vec::new();
    open(dir, name)?
        .take(LINE_LIMIT)
        .read_to_end(&mut bytes)
        .map_err(|source| ArchiveError::Read {
            path: dir.join(name),
            source,
        })?;
    let ders = pem::der_or_pem(&bytes, &["CERTIFICATE"]);
    let found: Option<Vec<_>> = ders
        .ok()
        .map(|ders| ders.into_iter().map(Certificate::from_der).collect())
        .and_then(Result::ok);
    found
        .filter(|list: &Vec<Certificate>| !list.is_empty())
        .ok_or_else(|| wrong(name, "it holds no certificates"))
}

/// The lines of a file, each bounded.
fn lines(
    dir: &Path,
    name: &str,
    mut visit: impl FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<u64, ArchiveError> {
    let mut source = BufReader::new(open(dir, name)?);
    let mut count = 0;
    loop {
        let mut line = Vec::new();
        let n = (&mut source)
            .take(LINE_LIMIT)
            .read_until(b'\n', &mut line)
            .map_err(|source| ArchiveError::Read {
                path: dir.join(name),
                source,
            })?;
        if n == 0 {
            return Ok(count);
        }
        if line.pop() != Some(b'\n') {
            return Err(wrong(
                name,
                "its last line is cut off or a line is too long",
            ));
        }
        count += 1;
        visit(&line)?;
    }
}

/// What the journal says of certificates: SHA-256 by issuer and serial.
type Recorded = HashMap<(String, String), String>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultRecord {
    #[serde(rename = "type")]
    kind: String,
    authority: Option<String>,
    issuer: Option<String>,
    serial: Option<String>,
    certificate_sha256: Option<String>,
}

/// Walks the chain from the first record to the head that the manifest names.
fn check_journal(dir: &Path, manifest: &Manifest) -> Result<Recorded, ArchiveError> {
    let mut recorded = Recorded::new();
    let mut head = GENESIS;
    let mut last = 0;
    let mut row = JournalRow {
        seq: 0,
        prev: Vec::new(),
        record: Vec::new(),
        hash: Vec::new(),
    };
    lines(dir, "journal.jsonl", |line| {
        // What stands around the records, such as a heading or an end, is not chained.
        if read_line(line, &mut row).is_none() {
            return Ok(());
        }
        let hash = chain(row.seq, &head, &row.record);
        if row.seq != last + 1 || hash[..] != row.hash || head[..] != row.prev {
            return Err(ArchiveError::Journal { seq: last + 1 });
        }
        last = row.seq;
        head = hash;
        if let Ok(record) = serde_json::from_slice::<ResultRecord>(&row.record) {
            let issuer = match record.kind.as_str() {
                "result" => record.authority,
                "adopted" => record.issuer,
                _ => None,
            };
            if let (Some(issuer), Some(serial), Some(sha256)) =
                (issuer, record.serial, record.certificate_sha256)
            {
                recorded.insert((issuer, serial), sha256);
            }
        }
        Ok(())
    })?;
    if last != manifest.counts.journal_records || hex::encode(head) != manifest.journal_head {
        return Err(ArchiveError::Journal { seq: last + 1 });
    }
    Ok(recorded)
}

/// Which serials are revoked, with the end of their certificates.
type Status = BTreeMap<String, UnixTime>;

fn check_certificates(
    dir: &Path,
    manifest: &Manifest,
    own: &[Certificate],
    recorded: &Recorded,
) -> Result<Status, ArchiveError> {
    let mut status = Status::new();
    let mut released = 0;
    let count = lines(dir, "certificates.jsonl", |line| {
        let entry: ArchivedCertificate = serde_json::from_slice(line)
            .map_err(|e| wrong("certificates.jsonl", format!("a line cannot be read: {e}")))?;
        let fail = |what| {
            Err(ArchiveError::Certificate {
                serial: entry.serial.clone(),
                what,
            })
        };
        let end: UnixTime = match entry.not_after.parse() {
            Ok(end) => end,
            Err(_) => return fail("its end is no time"),
        };
        if entry.revocation.is_some() {
            status.insert(entry.serial.clone(), end);
        }
        let Some(der) = &entry.der else {
            return Ok(());
        };
        released += 1;
        let certificate = hex::decode(der)
            .ok()
            .and_then(|der| Certificate::from_der(der).ok());
        let Some(certificate) = certificate else {
            return fail("it does not decode");
        };
        let sha256 = DigestAlgorithm::Sha256.digest(certificate.der()).to_hex();
        let key = (manifest.authority.clone(), entry.serial.clone());
        if entry.sha256.as_ref() != Some(&sha256) || recorded.get(&key) != Some(&sha256) {
            return fail("it is not the one that the journal recorded");
        }
        if hex::encode(certificate.serial()) != entry.serial
            || certificate.not_after().to_string() != entry.not_after
        {
            return fail("what is said of it is not what stands in it");
        }
        let parts = (
            certificate.signature_algorithm(),
            certificate.tbs_der(),
            certificate.signature(),
        );
        if !signed_by(own, parts) {
            return fail("its signature is not the authority's");
        }
        Ok(())
    })?;
    let expected = recorded
        .keys()
        .filter(|(issuer, _)| *issuer == manifest.authority)
        .count() as u64;
    if count != manifest.counts.certificates
        || status.len() as u64 != manifest.counts.revoked
        || released != expected
    {
        return Err(wrong(
            "certificates.jsonl",
            "it has not as many certificates as were recorded",
        ));
    }
    Ok(status)
}

fn check_crls(
    dir: &Path,
    manifest: &Manifest,
    own: &[Certificate],
    status: &Status,
) -> Result<(), ArchiveError> {
    let mut crls = 0;
    let mut last: Option<HashSet<String>> = None;
    let mut last_at = UnixTime::EPOCH;
    for file in manifest
        .files
        .iter()
        .filter(|f| f.name.starts_with("crls/"))
    {
        crls += 1;
        let mut der = Vec::new();
        open(dir, &file.name)?
            .read_to_end(&mut der)
            .map_err(|source| ArchiveError::Read {
                path: dir.join(&file.name),
                source,
            })?;
        let crl = CertificateList::from_der(der)
            .map_err(|e| wrong(&file.name, format!("it is no CRL: {e}")))?;
        let parts = (crl.signature_algorithm(), crl.tbs_der(), crl.signature());
        if !signed_by(own, parts) {
            return Err(wrong(&file.name, "its signature is not the authority's"));
        }
        if crl.next_update() == Some(UnixTime::MAX) {
            let entries = last.get_or_insert_with(HashSet::new);
            for entry in crl.entries() {
                entries.insert(hex::encode(entry.serial_number.as_bytes()));
            }
            last_at = crl.this_update();
        }
    }
    if crls != manifest.counts.crls {
        return Err(wrong(
            "crls",
            "there are not as many CRLs as the manifest says",
        ));
    }
    // EN 319 411-1 CSS-6.3.9: what the last CRL says is the status for good.
    let Some(entries) = last else {
        return match manifest.terminated_at {
            None => Ok(()),
            Some(_) => Err(wrong(
                "crls",
                "there is no last CRL (nextUpdate 99991231235959Z)",
            )),
        };
    };
    let unknown = entries.iter().find(|serial| !status.contains_key(*serial));
    let missing = status
        .iter()
        .find(|(serial, end)| **end > last_at && !entries.contains(*serial));
    match (unknown, missing) {
        (Some(serial), _) => Err(ArchiveError::Certificate {
            serial: serial.clone(),
            what: "the last CRL has it, and its status is not revoked",
        }),
        (None, Some((serial, _))) => Err(ArchiveError::Certificate {
            serial: serial.clone(),
            what: "it is revoked, and the last CRL does not have it",
        }),
        (None, None) => Ok(()),
    }
}

fn signed_by(
    own: &[Certificate],
    (algorithm, tbs, signature): (&spki::AlgorithmIdentifierOwned, &[u8], &[u8]),
) -> bool {
    let Ok(algorithm) = SignatureAlgorithm::from_identifier(algorithm) else {
        return false;
    };
    own.iter().any(|certificate| {
        PublicKey::from_spki_der(certificate.spki_der()).is_ok_and(|key| {
            key.verify(algorithm, Message::Bytes(tbs), signature)
                .is_ok()
        })
    })
}
