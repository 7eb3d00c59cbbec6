//! Validation: facts first, then a verdict (EN 319 102-1).
//!
//! [`gather`] reads a file and, where a [`Fetch`] is given, the network, into one plain [`Facts`].
//! [`verdict`] turns facts, a [`ValidationPolicy`] and a time into indications; it touches no file,
//! no clock and no network.

mod asic;
mod carried;
mod changes;
mod cms;
mod facts;
mod gather;
mod mime;
mod pdf;
mod pkcs1;
mod policy;
mod record;
mod signer;
mod smime;
mod stamp;
mod structures;
mod token;
mod verdict;

pub use crate::evidence::{Fetch, FetchNote, HttpFetch, Material};
pub(crate) use asic::{SIGNATURE_OCTETS, gather_asic, hash as hash_stream};
pub use carried::{Carried, Location, ObjectId, object_id};
pub(crate) use cms::{content_of as cms_content, gather_cms, open as open_cms};
pub use facts::{
    ArchiveFacts, ArchiveForm, Archived, CertificateDigest, Change, Changes, Check, CmsFacts,
    ContainerFacts, Countersigned, Coverage, CoveredFile, CoveredObject, DocMdp, Facts, FieldLock,
    FileFormat, Finding, Modifications, PdfAttack, PdfFacts, RecordChain, RecordFacts, RecordPlace,
    RecordStamp, RevisionFacts, SignatureFacts, SignatureFormat, SignatureKind, SignedFacts,
    SignerFacts, SigningCertificateAttribute, TimestampFacts,
};
pub(crate) use gather::from_pdf as gather_pdf;
pub use gather::{GatherError, Input, gather, gather_record, is_evidence_record};
pub(crate) use policy::digest_good_until;
pub use policy::{
    Acceptance, AlgorithmTable, CertificateConstraints, EndedAlgorithms, Ends, Freshness,
    PolicyFile, Requirement, RevocationRule, SHIPPED as SHIPPED_POLICIES, Scheme,
    SignatureConstraints, SignedAttribute, SigningUsages, TimestampConstraints, ValidationPolicy,
};
pub(crate) use record::in_cms::has_records;
pub(crate) use signer::check as check_signer;
pub use signer::{Content, ContentStream, SharedContent};
pub use structures::{Structure, signature_structures};
pub(crate) use token::may_sign_tokens;
#[cfg(test)]
pub(crate) use verdict::remedy;
pub use verdict::{
    Block, ChainEntry, Code, Indication, Level, Message, Outcome, ProofOfExistence, ProofSource,
    Proofs, Prover, RecordVerdict, SignatureVerdict, Step, SubIndication, Thing, TimestampVerdict,
    Verdict, Warning, verdict,
};
