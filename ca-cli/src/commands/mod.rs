//! One file per command: parse what is left to parse, open, call the engine, print.

mod archive;
mod audit;
mod authority;
mod backup;
mod batch;
mod ceremony;
mod crl;
mod decide;
mod import;
mod init;
mod issue;
mod issued;
mod lint;
mod ocsp_signer;
mod offline;
mod operator;
mod organisation;
mod profile;
mod progress;
mod renew;
mod report_file;
mod request;
mod revocation_code;
mod revoke;
mod rollover;
mod services;
mod show;
mod stats;
mod terminate;

use std::path::Path;

use ca_core::{SubjectDn, Validity};
use cli_support::{Exit, Failure, ResultExt as _};

use crate::cli::{
    ArchiveCommand, AuthorityCommand, Cli, Command, OcspSignerCommand, ProfileCommand,
};
use crate::explain::Explained as _;

/// Runs the command.
pub(crate) fn run(cli: &Cli) -> Result<Exit, Failure> {
    let (dir, output) = (cli.dir.as_path(), &cli.output);
    match &cli.command {
        Command::Init(args) => init::run(args, output),
        Command::Authority(AuthorityCommand::Create(args)) => authority::create(dir, args, output),
        Command::Authority(AuthorityCommand::List) => authority::list(dir, output),
        Command::Authority(AuthorityCommand::Show { name, out }) => {
            authority::show(dir, name, out.as_deref(), output)
        }
        Command::Profile(ProfileCommand::List) => profile::list(dir, output),
        Command::Profile(ProfileCommand::Show(args)) => profile::show(dir, args, output),
        Command::Profile(ProfileCommand::Check(args)) => profile::check(dir, &args.file, output),
        Command::Profile(ProfileCommand::Diff(args)) => profile::diff(dir, args, output),
        Command::Profile(ProfileCommand::Add(args)) => profile::add(dir, args, output),
        Command::Profile(ProfileCommand::Retire(args)) => profile::retire(dir, args, output),
        Command::Authority(AuthorityCommand::Adopt(args)) => import::adopt(dir, args, output),
        Command::Issue(args) => issue::run(dir, args, output),
        Command::List(args) => show::list(dir, args, output),
        Command::Show(args) => show::show(dir, args, output),
        Command::Revoke(args) => revoke::run(dir, args, output),
        Command::Suspend(args) => revoke::suspend(dir, &args.hold, output),
        Command::Resume(args) => revoke::resume(dir, &args.hold, output),
        Command::Crl(args) => crl::run(dir, args, output),
        Command::OcspSigner(OcspSignerCommand::Renew(args)) => {
            ocsp_signer::renew(dir, args, output)
        }
        Command::Audit(command) => audit::run(dir, command, output),
        Command::Stats => stats::run(dir, output),
        Command::Authority(AuthorityCommand::Renew(args)) => rollover::renew(dir, args, output),
        Command::Authority(AuthorityCommand::Rollover(args)) => {
            rollover::rollover(dir, args, output)
        }
        Command::Authority(AuthorityCommand::Link(args)) => rollover::link(dir, args, output),
        Command::Authority(AuthorityCommand::Cross(args)) => rollover::cross(dir, args, output),
        Command::Authority(AuthorityCommand::Issuing(args)) => rollover::issuing(dir, args, output),
        Command::Authority(AuthorityCommand::Request(args)) => offline::request(dir, args, output),
        Command::Authority(AuthorityCommand::SignRequest(args)) => {
            offline::sign_request(dir, args, output)
        }
        Command::Authority(AuthorityCommand::ImportCertificate(args)) => {
            offline::import_certificate(dir, args, output)
        }
        Command::Authority(AuthorityCommand::ImportCrl(args)) => {
            offline::import_crl(dir, args, output)
        }
        Command::Backup(args) => backup::backup(dir, args, output),
        Command::Restore(args) => backup::restore(args, output),
        Command::Migrate => backup::migrate(dir, output),
        Command::Operator(command) => operator::run(dir, command, output),
        Command::Request(command) => request::run(dir, command, output),
        Command::Organisation(command) => organisation::run(dir, command, output),
        Command::Renew(args) => renew::run(dir, args, output),
        Command::Expiring(args) => renew::expiring(dir, args, output),
        Command::Authority(AuthorityCommand::Terminate(args)) => {
            terminate::terminate(dir, args, output)
        }
        Command::Ceremony(command) => ceremony::run(dir, command, output),
        Command::Services(command) => services::run(dir, command, output),
        Command::Archive(ArchiveCommand::Verify { dir }) => archive::verify(dir, output),
        Command::Import(command) => import::run(dir, command, output),
        Command::Lint(args) => lint::run(args, output),
        Command::Manual(command) => command.run::<Cli>(),
    }
}

/// Reads a subject.
fn subject(text: &str) -> Result<SubjectDn, Failure> {
    text.parse::<SubjectDn>()
        .explained()
        .context("cannot read --subject")
}

fn validity(days: Option<u32>) -> Validity {
    days.map_or(Validity::ProfileDefault, Validity::Days)
}

/// How messages and reports name a file.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
