//! Taking over from another product: an authority with its key, then what it issued and revoked.

mod adopt;
mod run;

use std::path::PathBuf;

use pki_asn1::Certificate;

use super::{Actors, CaEngine};
use crate::error::CaError;
use crate::import::Origin;

/// An authority that another product made.
#[derive(Clone, Debug)]
pub struct NewAdoption {
    /// Its name in commands and URLs.
    pub name: String,
    /// Its certificate.
    pub certificate: Certificate,
    /// Certificates above it, in any order.
    pub chain: Vec<Certificate>,
    /// Where its key is (a PKCS#11 URI or a path; never a secret).
    pub key_location: String,
    /// Who.
    pub actors: Actors,
}

/// Where to import from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The database of `openssl ca`.
    pub index: Option<PathBuf>,
    /// Files with one or many certificates (PEM or DER), and folders of such files.
    pub certificates: Vec<PathBuf>,
    /// Full CRLs (PEM or DER).
    pub crls: Vec<PathBuf>,
}

/// Whether anything is recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ImportMode {
    /// It is.
    Record,
    /// It is not: everything is read, checked and reported.
    DryRun,
}

/// What became of one entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Imported {
    /// The certificate was taken over.
    Certificate,
    /// Its serial number was; there is no certificate.
    SerialOnly,
    /// It was here, and its revocation was taken over.
    Revocation,
    /// It was here already.
    Already,
    /// It was not taken over.
    Refused,
}

/// What became of one entry, for the report.
#[derive(Clone, Debug)]
pub struct ImportedLine {
    /// Where it stands.
    pub origin: Origin,
    /// Its serial number (content octets), where it could be read.
    pub serial: Option<Vec<u8>>,
    /// What became of it.
    pub outcome: Imported,
    /// Whether it is revoked by what was taken over.
    pub revoked: bool,
    /// What is wrong or contradictory.
    pub remarks: Vec<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ImportSummary {
    /// Certificates taken over.
    pub certificates: u64,
    /// Serial numbers taken over without a certificate.
    pub serials: u64,
    /// Revocations taken over, those of new certificates included.
    pub revocations: u64,
    /// Entries that were here.
    pub already: u64,
    /// Entries that were refused.
    pub refused: u64,
    /// Entries about which the sources contradict each other or the record.
    pub contradictions: u64,
    /// Entries of other issuers on indirect CRLs, passed over.
    pub foreign: u64,
    /// The number above which the next CRL's will be.
    pub crl_number: u64,
}

impl CaEngine {
    /// Takes over certificates and revocations of an adopted authority. Every entry is shown to `report`
    /// after it is recorded; what was recorded before is found and not recorded again, so an import that
    /// was interrupted is simply repeated.
    ///
    /// # Errors
    /// Where a source cannot be read, a CRL is not the authority's, `report` fails, or the record cannot
    /// be written. What is wrong with an entry is reported, and the next one goes on.
    pub fn import(
        &self,
        authority: &str,
        sources: &Sources,
        mode: ImportMode,
        actors: &Actors,
        report: &mut dyn FnMut(&ImportedLine) -> std::io::Result<()>,
    ) -> Result<ImportSummary, CaError> {
        let run = run::Run::begin(self, authority, sources, mode, actors, report)?;
        run.finish(sources)
    }

    /// The certificates above an authority that the record does not hold otherwise.
    pub(super) fn adopted_chain(&self, authority: i64) -> Result<Vec<Certificate>, CaError> {
        let ders = self.store.adopted_chain(authority)?.unwrap_or_default();
        let mut rest = ders.as_slice();
        let mut chain = Vec::new();
        while !rest.is_empty() {
            let end = pki_asn1::raw::tlv_range(rest, 0)
                .map_err(CaError::encoding("the chain of an adopted authority"))?
                .end;
            let certificate = Certificate::from_der(&rest[..end])
                .map_err(CaError::encoding("the chain of an adopted authority"))?;
            chain.push(certificate);
            rest = &rest[end..];
        }
        Ok(chain)
    }
}
