//! People and evidence as they are written on the command line.

use core::str::FromStr;
use std::path::PathBuf;

use ca_core::registration::{Evidence, EvidenceKind, Person, PersonRole};
use cli_support::{Failure, input};
use pki_asn1::UnixTime;
use pki_crypto::DigestAlgorithm;

/// A scan of many pages.
const EVIDENCE_LIMIT: u64 = 1 << 28;

/// `ROLE:NAME[:IDENTIFIER[:CONTACT]]`.
#[derive(Clone, Debug)]
pub(crate) struct PersonArg(pub(crate) Person);

/// `KIND:REFERENCE[=FILE]`.
#[derive(Clone, Debug)]
pub(crate) struct EvidenceArg {
    kind: EvidenceKind,
    reference: String,
    file: Option<PathBuf>,
}

impl FromStr for PersonArg {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let mut parts = s.splitn(4, ':');
        let role: PersonRole = parts.next().unwrap_or_default().parse()?;
        let name = parts
            .next()
            .ok_or("expected ROLE:NAME, such as applicant:Jane Doe")?
            .to_owned();
        let filled = |part: Option<&str>| part.filter(|p| !p.is_empty()).map(str::to_owned);
        Ok(Self(Person {
            role,
            name,
            identifier: filled(parts.next()),
            contact: filled(parts.next()),
        }))
    }
}

impl FromStr for EvidenceArg {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let (kind, rest) = s
            .split_once(':')
            .ok_or("expected KIND:REFERENCE, such as identity-document:passport 12AB")?;
        let (reference, file) = match rest.split_once('=') {
            Some((reference, file)) => (reference, Some(file.into())),
            None => (rest, None),
        };
        Ok(Self {
            kind: kind.parse()?,
            reference: reference.to_owned(),
            file,
        })
    }
}

impl EvidenceArg {
    /// Reads the file's digest; the file itself stays where it is.
    pub(crate) fn read(&self, seen_by: &str, seen_at: UnixTime) -> Result<Evidence, Failure> {
        let sha256 = match &self.file {
            None => None,
            Some(path) => {
                let bytes = input::read(path, "the evidence", EVIDENCE_LIMIT)?;
                Some(DigestAlgorithm::Sha256.digest(&bytes).to_hex())
            }
        };
        Ok(Evidence {
            kind: self.kind,
            reference: self.reference.clone(),
            sha256,
            seen_by: seen_by.to_owned(),
            seen_at,
        })
    }
}
