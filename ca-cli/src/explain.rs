//! The engine's errors as exit codes. What happened and what to do about it, the errors say
//! themselves.

use ca_core::crl::CrlError;
use ca_core::engine::AuditError;
use ca_core::hierarchy::HierarchyError;
use ca_core::import::ImportError;
use ca_core::journal::CheckpointError;
use ca_core::registration::{DecisionError, RegistrationError};
use ca_core::store::Conflict;
use ca_core::{CaError, StoreError};
use cli_support::{Exit, Failure, ResultExt as _, failure};

/// Gives an engine error its exit code and hint.
pub(crate) trait Explained<T> {
    /// Classifies the error.
    fn explained(self) -> Result<T, Failure>;
}

impl<T, E: Into<CaError>> Explained<T> for Result<T, E> {
    fn explained(self) -> Result<T, Failure> {
        self.map_err(Into::into)
            .explain(|e: &CaError| (exit(e), e.hint()))
    }
}

fn exit(error: &CaError) -> Exit {
    match error {
        CaError::Hierarchy(e) => hierarchy_exit(e),
        CaError::Settings(_) | CaError::Crl(CrlError::Setting { .. }) => Exit::Config,
        CaError::Crl(CrlError::Spool(e)) => failure::io_exit(e.kind()),
        CaError::Crl(_) => Exit::Failed,
        CaError::Registration(e) => registration_exit(e),
        CaError::Store(e) => store_exit(e),
        CaError::Dn(_) | CaError::AuthorityName(_) => Exit::Usage,
        CaError::Request(_)
        | CaError::WrongAuthorityKey(_)
        | CaError::KeyInUse(_)
        | CaError::Profile(_) => Exit::Data,
        CaError::UnknownAuthority(_) | CaError::UnknownProfile(_) => Exit::Unavailable,
        CaError::DuplicateAuthority(_) => Exit::CantCreate,
        // The request was understood, and the answer is no.
        CaError::Subject(_)
        | CaError::ProfileRecord(_)
        | CaError::NoSpecimenKey
        | CaError::Claim(_)
        | CaError::AlgorithmEnd(_)
        | CaError::AuthorityExpired { .. }
        | CaError::AuthorityNotYetValid { .. }
        | CaError::AuthorityRevoked { .. }
        | CaError::NotItsTask { .. }
        | CaError::ProfileKind { .. }
        | CaError::Key { .. }
        | CaError::RequestMismatch { .. }
        | CaError::ValidityTooLong { .. }
        | CaError::OutlivesAuthority { .. }
        | CaError::UnknownSerial { .. }
        | CaError::AlreadyRevoked { .. }
        | CaError::Revocation(_)
        | CaError::Future { .. }
        | CaError::CrlValidity { .. }
        | CaError::Refused { .. }
        | CaError::JournalBroken(_)
        | CaError::RecordDiffers(_) => Exit::Failed,
        CaError::Signing { source, .. } => failure::key_exit(source.kind()),
        CaError::Verification { .. } => Exit::Unavailable,
        CaError::Audit(e) => audit_exit(e),
        CaError::Import(e) => import_exit(e),
        CaError::Export(e) => failure::io_exit(e.kind()),
        _ => Exit::Internal,
    }
}

fn hierarchy_exit(error: &HierarchyError) -> Exit {
    match error {
        HierarchyError::NotConfirmed { .. } | HierarchyError::Terms { .. } => Exit::Usage,
        HierarchyError::Script(_)
        | HierarchyError::Foreign(_)
        | HierarchyError::Chain(_)
        | HierarchyError::NotTheRequested { .. }
        | HierarchyError::Crl { .. }
        | HierarchyError::UnknownCrlIssuer(_) => Exit::Data,
        HierarchyError::KeyElsewhere(_) | HierarchyError::NoRequest(_) => Exit::Unavailable,
        _ => Exit::Failed,
    }
}

fn registration_exit(error: &RegistrationError) -> Exit {
    match error {
        RegistrationError::Name(_)
        | RegistrationError::Text { .. }
        | RegistrationError::Identifier(_)
        | RegistrationError::Roles(_) => Exit::Usage,
        RegistrationError::Key(_)
        | RegistrationError::Code(_)
        | RegistrationError::Document(_)
        | RegistrationError::Decision(DecisionError::NotAStatement) => Exit::Data,
        RegistrationError::UnknownOperator(_)
        | RegistrationError::UnknownRequest(_)
        | RegistrationError::UnknownOrganisation(_) => Exit::Unavailable,
        RegistrationError::Meanwhile(_)
        | RegistrationError::OrganisationBusy(_)
        | RegistrationError::TooManyCodes => Exit::Temporary,
        _ => Exit::Failed,
    }
}

fn audit_exit(error: &AuditError) -> Exit {
    match error {
        AuditError::NoKey
        | AuditError::NoCheckpoint { .. }
        | AuditError::NoCheckpoints
        | AuditError::NoRecord { .. } => Exit::Unavailable,
        AuditError::WrongKey { .. } => Exit::Data,
        AuditError::Checkpoint(CheckpointError::Signing(e)) => failure::key_exit(e.kind()),
        AuditError::Checkpoint(CheckpointError::WrongSignature) => Exit::Unavailable,
        AuditError::Checkpoint(_) => Exit::Data,
        AuditError::Overtaken => Exit::Temporary,
        AuditError::Order { .. } | AuditError::Range { .. } => Exit::Usage,
        _ => Exit::Failed,
    }
}

pub(crate) fn store_exit(error: &StoreError) -> Exit {
    match error {
        StoreError::Missing(_) => Exit::Unavailable,
        StoreError::Exists(_) => Exit::CantCreate,
        StoreError::NotARecord(_)
        | StoreError::Version { .. }
        | StoreError::Older { .. }
        | StoreError::Damaged { .. } => Exit::Data,
        StoreError::InUse(_) | StoreError::Locked(_) => Exit::Temporary,
        StoreError::Unreachable { .. } | StoreError::Lost(_) | StoreError::Unknown(_) => {
            Exit::Temporary
        }
        StoreError::ReadOnly(_)
        | StoreError::ReaderNotAllowed(_)
        | StoreError::NotAllowed { .. } => Exit::Permission,
        StoreError::NotDurable { .. } | StoreError::ServerVersion { .. } => Exit::Config,
        StoreError::Open { source, .. } => failure::io_exit(source.kind()),
        StoreError::Spool(e) => failure::io_exit(e.kind()),
        StoreError::Conflict(Conflict::Registration(e)) => registration_exit(e),
        StoreError::Conflict(_) | StoreError::Interrupted | StoreError::Random(_) => Exit::Internal,
        _ => Exit::Io,
    }
}

fn import_exit(error: &ImportError) -> Exit {
    match error {
        ImportError::Nothing => Exit::Usage,
        ImportError::NotAdopted(_) => Exit::Failed,
        ImportError::Read { source, .. } | ImportError::Report(source) => {
            failure::io_exit(source.kind())
        }
        _ => Exit::Data,
    }
}
