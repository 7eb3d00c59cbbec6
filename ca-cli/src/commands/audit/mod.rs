//! `sceau-ca audit ...`: the journal and its protection.

mod checkpoint;
mod export;
mod files;
mod key;
mod prove;
mod stamps;
mod verify;

use std::path::Path;

use cli_support::{Exit, Failure, OutputArgs};

use crate::cli::{AuditCommand, JournalKeyCommand};

pub(super) fn run(
    dir: &Path,
    command: &AuditCommand,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    match command {
        AuditCommand::Verify(args) => verify::run(dir, args, output),
        AuditCommand::Export(args) => export::run(dir, args, output),
        AuditCommand::Key(JournalKeyCommand::Set(args)) => key::set(dir, args, output),
        AuditCommand::Key(JournalKeyCommand::Show { out }) => {
            key::show(dir, out.as_deref(), output)
        }
        AuditCommand::Checkpoint(args) => checkpoint::make(dir, args, output),
        AuditCommand::Checkpoints(args) => checkpoint::list(dir, args, output),
        AuditCommand::Prove(args) => prove::run(dir, args, output),
        AuditCommand::CheckProof(args) => prove::check(args, output),
    }
}
