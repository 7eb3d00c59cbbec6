//! What can change in the record: each variant is one act of the CA and one journal record. The acts
//! of an area are in a file of its own.

mod audit;
mod crl;
mod hierarchy;
mod import;
mod issuance;
mod mandate;
mod profile;
mod registration;
mod revocation;

use pki_asn1::UnixTime;

pub use self::audit::{AuditAct, CheckpointStamp, NewJournalKey};
pub use self::crl::{CrlIntent, CrlPublication, Occasion};
pub use self::hierarchy::{
    Adoption, CaCertificateKind, CertificatesAtEnd, CrlImport, HierarchyAct, ImportedRevocation,
    IssuesBesideSuccessor, RequestIntent, Termination,
};
pub use self::import::{
    AdoptedAuthority, ImportAct, ImportedCertificate, ImportedCrlNumber, ImportedEntries,
    ImportedEntry,
};
pub use self::issuance::{Abandonment, CertifiedAuthority, Completion, Intent, NewAuthorityRow};
pub use self::mandate::Mandate;
pub use self::profile::{ProfileAct, ProfileAddition};
pub use self::registration::{
    CodeRefusal, IndexedCertificate, IntentRegistration, IntentRequest, KeyOrigin, RegistrationAct,
    RequestNeed, Step,
};
pub use self::revocation::{RevocationAct, SuspensionAct};

/// One act, with its time and the people behind it.
#[derive(Clone, Debug)]
pub struct Change {
    /// When, by the CA's clock.
    pub at: UnixTime,
    /// Who.
    pub actors: Vec<String>,
    /// What.
    pub act: Act,
    /// Who may say so, where operators must have decided.
    pub mandate: Option<Mandate>,
}

/// What is done.
#[derive(Clone, Debug)]
pub enum Act {
    /// The record is begun.
    Create {
        /// Random: what tells it from every other record, with its first record's hash.
        id: [u8; 32],
    },
    /// A certificate will be signed: INTENT.
    Intend(Intent),
    /// It was signed and verified: RESULT.
    Complete(Completion),
    /// It will never be released, and is revoked in case a signature exists.
    Abandon(Abandonment),
    /// A certificate is revoked.
    Revoke(RevocationAct),
    /// A CRL will be signed; its number is used up.
    IntendCrl(CrlIntent),
    /// It was signed and verified.
    PublishCrl(CrlPublication),
    /// A certificate is suspended (certificateHold).
    Suspend(SuspensionAct),
    /// A suspension ends, and the certificate is good again.
    Resume(SuspensionAct),
    /// The life of authorities.
    Hierarchy(HierarchyAct),
    /// The journal's own protection.
    Audit(AuditAct),
    /// Registration: a step of an operator, a request, an organisation.
    Register(Box<RegistrationAct>),
    /// A profile is added or retired.
    Profile(ProfileAct),
    /// Something is taken over from another product.
    Import(ImportAct),
}

/// An authority by its key in the record and its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthorityRef {
    /// The key in the record; ignored for a root that is being created.
    pub id: i64,
    /// The name.
    pub name: String,
}
