//! Carrying out one order: its request, its key, its certificate, its files. Several threads at once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ca_core::batch::{BatchRow, ChainFile, Qscd, RequestSource, RowKey};
use ca_core::store::CertificateEntry;
use ca_core::{
    Actors, AuthorityKey, CaError, CertificationRequest, IssueRequest, Once, QscdEvidence,
    StoreError, SubjectKey,
};
use cli_support::{Exit, Failure, ResultExt as _, input};
use hsm_pkcs11::{KeyLocation, KeySpec, PinSource};
use pki_asn1::Certificate;

use super::files::{self, Files};
use super::line::{Line, Status};
use crate::actors::actors;
use crate::cli::Issue;
use crate::explain::Explained as _;
use crate::folder::Folder;
use crate::keys;

/// A request with an RSA-16384 key and every attribute there is stays far below.
const REQUEST_LIMIT: u64 = 1 << 18;

/// What the requesters share.
pub(super) struct Worker<'a> {
    folder: &'a Folder,
    batch: &'a Path,
    name: &'a str,
    out_dir: &'a Path,
    actors: Actors,
    pin: PinSource,
    key_pin: PinSource,
    /// Authorities by name, opened once each. A PIN that was refused is not tried again: tokens lock.
    authorities: Mutex<HashMap<String, Result<AuthorityKey, Reason>>>,
    /// Why nothing can go on.
    stop: Mutex<Option<Failure>>,
}

/// Why an authority cannot sign, for each line that needs it.
#[derive(Clone)]
struct Reason {
    text: String,
    hint: Option<String>,
}

/// Why an order did not end with a certificate in its file.
enum Trouble {
    /// It is not acceptable.
    Refused(Failure),
    /// Something else went wrong.
    Failed(Failure),
    /// The authority's key no longer signs.
    KeyGone(Failure),
    /// Nothing can go on.
    Stop(Failure),
    /// It was issued; this serial number exists.
    Unwritten(String, Failure),
}

impl<'a> Worker<'a> {
    pub(super) fn new(
        folder: &'a Folder,
        args: &'a Issue,
        batch: &'a Path,
        out_dir: &'a Path,
    ) -> Self {
        Self {
            folder,
            batch,
            name: args.batch.name.as_deref().unwrap_or_default(),
            out_dir,
            actors: actors(&args.acting.actors),
            pin: args.pins.signing.source(),
            key_pin: args.pins.key_source(),
            authorities: Mutex::default(),
            stop: Mutex::default(),
        }
    }

    /// Opens an authority's key, once.
    pub(super) fn unlock(&self, name: &str) -> Result<AuthorityKey, Failure> {
        let mut authorities = locked(&self.authorities);
        if let Some(known) = authorities.get(name) {
            return known.clone().map_err(Failure::from);
        }
        let opened = keys::unlock(self.folder, name, &self.pin);
        let kept = opened.as_ref().map(AuthorityKey::clone).map_err(Reason::of);
        authorities.insert(name.to_owned(), kept);
        opened
    }

    pub(super) fn is_stopped(&self) -> bool {
        locked(&self.stop).is_some()
    }

    /// Why nothing could go on, if that happened.
    pub(super) fn into_stop(self) -> Option<Failure> {
        self.stop
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries out one order.
    pub(super) fn issue(&self, line: u64, row: &BatchRow) -> Line {
        if self.is_stopped() {
            return Line::not_tried(line, row);
        }
        match self.carry_out(line, row) {
            Ok(done) => done,
            Err(Trouble::Refused(f)) => Line::failure(line, row, Status::Refused, &f),
            Err(Trouble::Failed(f)) => Line::failure(line, row, Status::Failed, &f),
            Err(Trouble::KeyGone(f)) => {
                let told = Line::failure(line, row, Status::Failed, &f);
                let reason = Reason::of(&f);
                locked(&self.authorities).insert(row.ca.clone(), Err(reason));
                told
            }
            Err(Trouble::Stop(f)) => {
                let told = Line::failure(line, row, Status::Failed, &f);
                locked(&self.stop).get_or_insert(f);
                told
            }
            Err(Trouble::Unwritten(serial, f)) => {
                let mut told = Line::failure(line, row, Status::Failed, &f);
                told.serial = serial;
                told.hint = Some(match told.hint {
                    Some(hint) => {
                        format!("{hint}; it is recorded: the same batch, run again, writes it")
                    }
                    None => "it is recorded: the same batch, run again, writes it".into(),
                });
                if files::ends_all(&f) {
                    locked(&self.stop).get_or_insert(f);
                }
                told
            }
        }
    }

    fn carry_out(&self, line: u64, row: &BatchRow) -> Result<Line, Trouble> {
        let request = match &row.key {
            RowKey::Request(source) => Some(self.request(source).map_err(Trouble::Refused)?),
            RowKey::Generate(_) => None,
        };
        let request_key = request.as_ref().map(|r| r.public_key().spki_der());
        let order = row.digest(self.name, request_key);
        let files = Files::of(row, self.out_dir, &order);
        let engine = &self.folder.engine;
        if let Some(entry) = engine.find_order(order).map_err(trouble)? {
            return self.again(line, row, &files, &entry);
        }
        files.check_free(row).map_err(Trouble::Refused)?;
        // Before a key is generated for a subject that the profile refuses.
        let profile = engine.profile(&row.profile).map_err(trouble)?;
        profile
            .subject_name(&row.subject)
            .map_err(|e| trouble(e.into()))?;
        engine.authority(&row.ca).map_err(trouble)?;
        let authority = self.unlock(&row.ca).map_err(Trouble::Failed)?;
        let key = match (&row.key, request) {
            (RowKey::Generate(spec), _) => self.new_key(*spec, &files)?,
            (RowKey::Request(_), Some(request)) => SubjectKey::Request(request),
            (RowKey::Request(_), None) => return Ok(Line::not_tried(line, row)),
        };
        let order_request = IssueRequest {
            profile: row.profile.clone(),
            subject: row.subject.clone(),
            key,
            qscd: self.qscd(line, row),
            legislation: row.legislation.clone(),
            validity: row.validity,
            actors: self.actors.clone(),
        };
        match engine
            .issue_once(&authority, &order_request, order)
            .map_err(trouble)?
        {
            Once::Already(entry) => self.again(line, row, &files, &entry),
            Once::Issued(issued) => {
                let certificate = &issued.certificate;
                self.write(row, &files, certificate, &issued.chain)?;
                let reason = issued.warnings.join("; ");
                Ok(done(line, row, Status::Issued, certificate, &files, reason))
            }
        }
    }

    /// An order that an earlier run carried out: what it did not come to write is written now.
    fn again(
        &self,
        line: u64,
        row: &BatchRow,
        files: &Files,
        entry: &CertificateEntry,
    ) -> Result<Line, Trouble> {
        let Some(certificate) = &entry.certificate else {
            let what = "the record holds no certificate for this order";
            return Err(Trouble::Failed(Failure::message(Exit::Internal, what)));
        };
        let chain = self.folder.engine.chain(&row.ca).map_err(trouble)?;
        self.write(row, files, certificate, &chain)?;
        let reason = match &entry.revocation {
            None => String::new(),
            Some(revocation) => format!("revoked on {}", revocation.at),
        };
        Ok(done(
            line,
            row,
            Status::AlreadyIssued,
            certificate,
            files,
            reason,
        ))
    }

    fn write(
        &self,
        row: &BatchRow,
        files: &Files,
        certificate: &Certificate,
        chain: &[Certificate],
    ) -> Result<(), Trouble> {
        let written = || {
            if matches!(row.key, RowKey::Generate(_)) && self.is_its_key(files, certificate)? {
                files::name_key(files)?;
            }
            files::write(&files.certificate, std::slice::from_ref(certificate))?;
            if row.chain == ChainFile::Write {
                files::write(&files.chain, chain)?;
            }
            Ok(())
        };
        written().map_err(|f: Failure| {
            let serial = certificate.serial_hex();
            let what =
                format!("certificate {serial} was issued, but its files are not all written");
            Trouble::Unwritten(serial, f.with_context(what))
        })
    }

    fn request(&self, source: &RequestSource) -> Result<CertificationRequest, Failure> {
        match source {
            RequestSource::Inline(bytes) => CertificationRequest::parse(bytes)
                .explained()
                .context("cannot accept the request in the line"),
            RequestSource::File(name) => {
                let path = self.beside(name);
                let bytes = input::read(&path, "the certification request", REQUEST_LIMIT)?;
                CertificationRequest::parse(&bytes)
                    .explained()
                    .context(format_args!("cannot accept {}", path.display()))
            }
        }
    }

    /// Files are named relative to the batch's folder.
    fn beside(&self, name: &str) -> PathBuf {
        let folder = self.batch.parent().unwrap_or(Path::new(""));
        folder.join(name)
    }

    /// The key that is generated for the order, or that a run that was killed had generated for it.
    fn new_key(&self, spec: KeySpec, files: &Files) -> Result<SubjectKey, Trouble> {
        let location = KeyLocation::File(files.new_key.clone());
        let signer = if files.new_key.exists() {
            keys::open(&location, &self.key_pin)
        } else {
            keys::generate(&location, spec, &self.key_pin)
        };
        match signer {
            Ok(signer) => Ok(SubjectKey::Held(signer.public_key().clone())),
            Err(failure) if files::ends_all(&failure) => Err(Trouble::Stop(failure)),
            Err(failure) => Err(Trouble::Failed(
                failure.with_context("cannot generate the key of this order"),
            )),
        }
    }

    /// Whether the new key that lies here is the certificate's. A run that was killed may have left its
    /// key here before another one, with another folder, generated the one that was certified.
    fn is_its_key(&self, files: &Files, certificate: &Certificate) -> Result<bool, Failure> {
        if !files.new_key.exists() {
            return Ok(false);
        }
        let location = KeyLocation::File(files.new_key.clone());
        let signer = keys::open(&location, &self.key_pin)?;
        Ok(signer.public_key().spki_der() == certificate.spki_der())
    }

    fn qscd(&self, line: u64, row: &BatchRow) -> QscdEvidence {
        match row.qscd {
            Qscd::Undeclared => QscdEvidence::None,
            Qscd::Declared => QscdEvidence::Attested(format!(
                "batch {}, line {line}, id {}, declared by {}",
                self.batch.display(),
                row.id.as_str(),
                self.actors.names().join(", ")
            )),
        }
    }
}

impl Reason {
    fn of(failure: &Failure) -> Self {
        Self {
            text: failure.causes().join(": "),
            hint: failure.hint.clone(),
        }
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        let failure = Self::message(Exit::Failed, reason.text);
        match reason.hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

/// Whether an error is about the order, the authority's key, or everything.
fn trouble(error: CaError) -> Trouble {
    let kind: fn(Failure) -> Trouble = match &error {
        CaError::Store(StoreError::Conflict(_)) => Trouble::Failed,
        CaError::Store(_) | CaError::Random(_) => Trouble::Stop,
        CaError::Signing { .. } | CaError::Verification { .. } => Trouble::KeyGone,
        CaError::Encoding { .. } => Trouble::Failed,
        _ => Trouble::Refused,
    };
    match Err::<(), _>(error).explained() {
        Err(failure) => kind(failure),
        Ok(()) => Trouble::Failed(Failure::message(Exit::Internal, "no error")),
    }
}

fn done(
    line: u64,
    row: &BatchRow,
    status: Status,
    certificate: &Certificate,
    files: &Files,
    reason: String,
) -> Line {
    Line {
        line,
        id: row.id.as_str().to_owned(),
        status,
        serial: certificate.serial_hex(),
        file: files.certificate.display().to_string(),
        reason,
        hint: None,
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
