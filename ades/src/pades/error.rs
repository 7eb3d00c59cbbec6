//! Why a PDF was not signed.

use std::io;

use pdf_file::PdfError;

use super::AppearanceError;
use crate::cms::build::BuildError;
use crate::tsp::TspError;

/// Why a PDF was not signed. Nothing of the signature was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PadesError {
    /// The document cannot be read or appended to.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// The document's structure leaves no place for a signature.
    #[error("the document cannot take a signature: {0}")]
    Structure(&'static str),
    /// Two ways of saying why it is signed.
    #[error("a reason and a commitment cannot both be given: they say the same thing")]
    ReasonAndCommitment,
    /// The field asked for holds a signature already.
    #[error("the signature field {field:?} is signed already")]
    FieldSigned {
        /// The field's full name.
        field: String,
    },
    /// The field asked for is a text field, a button or the like.
    #[error("the field {field:?} is not a signature field")]
    FieldNotSignature {
        /// The field's full name.
        field: String,
    },
    /// The field's flags forbid changing its value (ISO 32000-2, table 227).
    #[error("the signature field {field:?} is read-only")]
    FieldReadOnly {
        /// The field's full name.
        field: String,
    },
    /// No field can be given this name.
    #[error("no signature field can be called {field:?}: {why}")]
    FieldName {
        /// The name.
        field: String,
        /// The reason.
        why: &'static str,
    },
    /// An earlier signature certifies the document as final (DocMDP, ISO 32000-2, 12.8.2.2).
    #[error(
        "the signature in field {by:?} certifies the document as final: it permits no change, not even another signature"
    )]
    ChangesForbidden {
        /// The field of the certification signature.
        by: String,
    },
    /// An earlier signature locks the field (FieldMDP, ISO 32000-2, 12.8.2.4).
    #[error("the signature in field {by:?} locks the field {field:?}")]
    FieldLocked {
        /// The field of the signature that locks.
        by: String,
        /// The field that would be signed.
        field: String,
    },
    /// The document is encrypted, was opened with the user's password, and its permissions exclude
    /// signing (ISO 32000-2, table 22).
    #[error("the document's owner does not permit signing it, nor filling in its forms")]
    NotPermitted,
    /// Certification is for the first signature only (ISO 32000-2, 12.8.2.2.1).
    #[error("the document cannot be certified any more: field {signed:?} is signed already")]
    CertifyNotFirst {
        /// The field that is signed.
        signed: String,
    },
    /// The field's seed value dictionary demands something else (ISO 32000-2, 12.7.5.5).
    #[error("the field {field:?} does not accept this signature: it demands {demand}")]
    SeedValue {
        /// The field.
        field: String,
        /// What it demands.
        demand: String,
        /// What its author says one can do, where that is more than to fulfil it.
        remedy: Option<String>,
    },
    /// A legal attestation is part of a certification (ISO 32000-2, 12.8.7).
    #[error("a legal attestation needs a signature that certifies the document")]
    AttestationWithoutCertification,
    /// The input cannot be read to its end.
    #[error("the document cannot be read")]
    Read(#[source] io::Error),
    /// The output cannot be written.
    #[error("the signed document cannot be written")]
    Write(#[source] io::Error),
    /// It cannot be made visible as asked.
    #[error(transparent)]
    Appearance(#[from] AppearanceError),
    /// The signature itself.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The time-stamp.
    #[error(transparent)]
    TimeStamp(#[from] TspError),
    /// The document is not the one that a signature was prepared for.
    #[error("the document is not the one that was prepared: {0}")]
    Changed(&'static str),
    /// What was kept of a prepared signature is damaged.
    #[error("what was prepared is damaged: {0}")]
    Prepared(&'static str),
    /// A prepared signature is longer than the space that was reserved for it.
    #[error("the signature has {needed} octets, and {room} were reserved when it was prepared")]
    PreparedRoom {
        /// Octets of the whole signature.
        needed: usize,
        /// Octets reserved.
        room: usize,
    },
    /// The signature outgrew its space each time it was made anew.
    #[error("the signature did not fit into the space reserved for it, {tries} times in a row")]
    Room {
        /// How often it was tried.
        tries: usize,
    },
}

impl PadesError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Pdf(e) => return e.hint(),
            Self::Appearance(e) => return e.hint(),
            Self::Build(e) => return e.hint(),
            Self::TimeStamp(e) => return e.hint(),
            Self::Structure(_) => {
                "open it in a PDF editor and save it under a new name, then sign the copy"
            }
            Self::FieldSigned { .. }
            | Self::FieldNotSignature { .. }
            | Self::FieldReadOnly { .. } => "name another field, or none to have a new one made",
            Self::ReasonAndCommitment => "leave out one of them",
            Self::FieldName { .. } => "choose a name without a full stop",
            Self::ChangesForbidden { .. } => {
                "sign the file as a whole instead (--format cades), or ask its author for an uncertified copy"
            }
            Self::FieldLocked { .. } => {
                "sign a field that is not locked, or sign the file as a whole (--format cades)"
            }
            Self::NotPermitted => {
                "open it with the owner password, or sign the file as a whole (--format cades)"
            }
            Self::Changed(_) => "give the document as it was, or prepare it again",
            Self::Prepared(_) => "prepare it again",
            Self::PreparedRoom { .. } => {
                "prepare it again with the level and the time-stamping authority that it is completed with"
            }
            Self::CertifyNotFirst { .. } => "sign it without certifying it",
            Self::SeedValue {
                remedy: Some(remedy),
                ..
            } => return Some(remedy.clone()),
            Self::AttestationWithoutCertification => "certify the document, or leave it out",
            Self::SeedValue { .. } => "choose what the field demands, or sign another field",
            _ => return None,
        };
        Some(text.to_owned())
    }
}
