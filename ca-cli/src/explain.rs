//! The engine's errors as the operator sees them: the exit code, and hints that name commands.

use ca_core::{CaError, StoreError};
use cli_support::{Exit, Failure, ResultExt as _, failure};

/// Gives an engine error its exit code and hint.
pub(crate) trait Explained<T> {
    /// Classifies the error.
    fn explained(self) -> Result<T, Failure>;
}

impl<T> Explained<T> for Result<T, CaError> {
    fn explained(self) -> Result<T, Failure> {
        self.explain(|e| (exit(e), hint(e).or_else(|| e.hint())))
    }
}

fn exit(error: &CaError) -> Exit {
    match error {
        CaError::Settings(_) => Exit::Config,
        CaError::Store(e) => store_exit(e),
        CaError::Subject(_) | CaError::AuthorityName(_) => Exit::Usage,
        CaError::Request(_) | CaError::WrongAuthorityKey(_) => Exit::Data,
        CaError::UnknownAuthority(_) | CaError::UnknownProfile(_) => Exit::Unavailable,
        CaError::DuplicateAuthority(_) => Exit::CantCreate,
        CaError::AuthorityExpired { .. }
        | CaError::Key { .. }
        | CaError::UnknownSerial { .. }
        | CaError::AlreadyRevoked { .. }
        | CaError::Refused { .. }
        | CaError::JournalBroken { .. } => Exit::Failed,
        CaError::Signing { source, .. } => failure::key_exit(source.kind()),
        _ => Exit::Internal,
    }
}

fn store_exit(error: &StoreError) -> Exit {
    match error {
        StoreError::Missing(_) => Exit::Unavailable,
        StoreError::Exists(_) => Exit::CantCreate,
        StoreError::NotARecord(_) => Exit::Data,
        StoreError::InUse(_) | StoreError::Locked(_) => Exit::Temporary,
        StoreError::ReadOnly(_) => Exit::Permission,
        StoreError::DiskFull(_) => Exit::Io,
        _ => Exit::Io,
    }
}

/// Hints that name this program's commands; the engine knows none.
fn hint(error: &CaError) -> Option<String> {
    Some(match error {
        CaError::UnknownAuthority(_) => "sceau-ca ca list shows the authorities there are".into(),
        CaError::DuplicateAuthority(name) => {
            format!("choose another name; sceau-ca ca show {name} shows the one there is")
        }
        CaError::UnknownProfile(_) => "sceau-ca profile list shows the profiles there are".into(),
        CaError::UnknownSerial { authority, .. } => {
            format!("sceau-ca list --ca {authority} shows what it issued")
        }
        CaError::AlreadyRevoked { serial, .. } => {
            format!("nothing was changed; sceau-ca show --serial {serial} shows the revocation")
        }
        CaError::WrongAuthorityKey(name) => {
            format!("sceau-ca ca show {name} shows where its key was")
        }
        CaError::Signing { source, .. } => return source.hint(),
        _ => return None,
    })
}
