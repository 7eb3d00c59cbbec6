//! `sceau-ca archive verify`, and the writing of the archive of an authority that ended.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use ca_core::CaEngine;
use ca_core::hierarchy::archive::{self, ArchivedCertificate, FileEntry, Manifest};
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt as _};
use pki_crypto::DigestAlgorithm;

use super::issued;
use crate::explain::Explained as _;

/// Writes the archive into `dir`, which must not be there, and returns its manifest's SHA-256. The
/// manifest is written last: a folder without one is no archive.
pub(super) fn write(
    engine: &CaEngine,
    authority: &str,
    dir: &Path,
) -> Result<(Manifest, String), Failure> {
    let create = |path: &Path| {
        fs::DirBuilder::new()
            .mode(0o755)
            .create(path)
            .context(format_args!("cannot create {}", path.display()))
            .exit(Exit::CantCreate)
    };
    create(dir)?;
    create(&dir.join("crls"))?;
    let mut files = Vec::new();
    let mut add = |name: &str, digest: (u64, String)| {
        files.push(FileEntry {
            name: name.to_owned(),
            bytes: digest.0,
            sha256: digest.1,
        });
    };

    let own = own_certificates(engine, authority)?;
    let text = issued::to_pem(&own)?;
    add("authority.pem", put(dir, "authority.pem", text.as_bytes())?);
    let chain = engine.chain(authority).explained()?;
    let text = issued::to_pem(&chain)?;
    add("chain.pem", put(dir, "chain.pem", text.as_bytes())?);

    let mut counts = archive::Counts::default();
    let mut out = Digesting::create(&dir.join("certificates.jsonl"))?;
    let mut failed = None;
    engine
        .certificates_of(authority, &mut |entry| {
            let line = ArchivedCertificate::new(entry);
            counts.certificates += 1;
            counts.revoked += u64::from(line.revocation.is_some());
            out.line(&line).map_err(|e| failed = Some(e)).is_ok()
        })
        .explained()?;
    if let Some(error) = failed {
        return Err(error);
    }
    add("certificates.jsonl", out.finish()?);

    let mut failed = None;
    engine
        .crls_of(authority, &mut |crl| {
            counts.crls += 1;
            let name = format!("crls/{}.crl", crl.number);
            match put(dir, &name, &crl.der) {
                Ok(digest) => add(&name, digest),
                Err(error) => failed = Some(error),
            }
            failed.is_none()
        })
        .explained()?;
    if let Some(error) = failed {
        return Err(error);
    }

    let mut out = Digesting::create(&dir.join("journal.jsonl"))?;
    counts.journal_records = engine.export_journal(&mut out).explained()?;
    add("journal.jsonl", out.finish()?);

    let journal = engine.verify_journal().explained()?;
    let life = engine.life(authority).explained()?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let sums: String = files
        .iter()
        .map(|f| format!("{}  {}\n", f.sha256, f.name))
        .collect();
    put(dir, "SHA256SUMS", sums.as_bytes())?;
    let manifest = Manifest {
        schema: archive::SCHEMA.to_owned(),
        program: format!("sceau-ca {}", env!("CARGO_PKG_VERSION")),
        authority: authority.to_owned(),
        written_at: engine.now().to_string(),
        terminated_at: life.terminated_at.map(|t| t.to_string()),
        termination: life.termination,
        journal_head: journal.head,
        counts,
        files,
    };
    let text = manifest.to_json();
    let (_, sha256) = put(dir, archive::MANIFEST, text.as_bytes())?;
    Ok((manifest, sha256))
}

/// The authority's first certificate, its renewals, and what others issued for its key.
fn own_certificates(
    engine: &CaEngine,
    authority: &str,
) -> Result<Vec<pki_asn1::Certificate>, Failure> {
    let current = engine.authority(authority).explained()?.certificate;
    let mut own = vec![current.clone()];
    for other in engine.ca_certificates().explained()? {
        if other.certificate.spki_der() == current.spki_der() && !own.contains(&other.certificate) {
            own.push(other.certificate);
        }
    }
    Ok(own)
}

fn put(dir: &Path, name: &str, bytes: &[u8]) -> Result<(u64, String), Failure> {
    let mut file = AtomicFile::create(dir.join(name), Overwrite::Refuse)?;
    file.write_all(bytes)?;
    file.commit()?;
    let digest = DigestAlgorithm::Sha256.digest(bytes).to_hex();
    Ok((bytes.len() as u64, digest))
}

/// A file that is hashed as it is written.
struct Digesting {
    file: BufWriter<AtomicFile>,
    hasher: pki_crypto::Hasher,
    bytes: u64,
}

impl Digesting {
    fn create(path: &Path) -> Result<Self, Failure> {
        Ok(Self {
            file: BufWriter::new(AtomicFile::create(path, Overwrite::Refuse)?),
            hasher: DigestAlgorithm::Sha256.hasher(),
            bytes: 0,
        })
    }

    fn line(&mut self, value: &ArchivedCertificate) -> Result<(), Failure> {
        let mut line = value.to_json();
        line.push('\n');
        Ok(self.write_all(line.as_bytes())?)
    }

    fn finish(self) -> Result<(u64, String), Failure> {
        let file = self
            .file
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        file.commit()?;
        Ok((self.bytes, self.hasher.finish().to_hex()))
    }
}

impl std::io::Write for Digesting {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.hasher.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

pub(super) fn verify(dir: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let report = archive::verify(dir).map_err(|error| {
        let exit = match &error {
            archive::ArchiveError::Read { .. } => Exit::Io,
            archive::ArchiveError::NoArchive(_) => Exit::Unavailable,
            _ => Exit::Failed,
        };
        let hint = error.hint();
        Failure::new(exit, error).with_hint(hint)
    })?;
    output.result(&report, || {
        format!(
            "the archive of {} is whole: {} certificates ({} revoked), {} CRLs, {} journal records\nhead {}\n",
            report.authority,
            report.counts.certificates,
            report.counts.revoked,
            report.counts.crls,
            report.counts.journal_records,
            report.journal_head
        )
    })?;
    Ok(Exit::Ok)
}
