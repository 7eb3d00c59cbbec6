//! `sceau-ca ceremony check | run | confirmation | abort`.

mod confirm;
mod hold;

use std::path::Path;

use ca_core::hierarchy::HierarchyError;
use ca_core::hierarchy::ceremony::{CeremonyEvent, Phase, Script, ScriptError};
use ca_core::profile::{Profile, built_in};
use cli_support::{Exit, Failure, OutputArgs, input, print};
use serde::Serialize;

use crate::actors::actors;
use crate::cli::CeremonyCommand;
use crate::config;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};

/// A day's work is a few pages.
const SCRIPT_LIMIT: u64 = 1 << 18;

pub(super) fn run(
    dir: &Path,
    command: &CeremonyCommand,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    match command {
        CeremonyCommand::Check { script } => check(dir, script, output),
        CeremonyCommand::Run(args) => hold::hold(dir, args, output),
        CeremonyCommand::Confirmation {
            script,
            before,
            participant,
        } => confirmation(dir, script, before, participant),
        CeremonyCommand::Abort {
            script,
            reason,
            out,
            actors: args,
        } => {
            let folder = Folder::open(dir, Access::Write)?;
            let script = read(script, folder.engine.profiles())?;
            hold::abort(&folder, &script, (reason, out), &actors(args), output)
        }
    }
}

/// Reads and checks a script.
fn read(path: &Path, profiles: &[Profile]) -> Result<Script, Failure> {
    let text = input::read_text(path, "the ceremony script", SCRIPT_LIMIT)?;
    Script::parse(&text, profiles).map_err(|error| refused(path, error))
}

fn refused(path: &Path, error: ScriptError) -> Failure {
    let refused: Result<(), _> = Err(HierarchyError::Script(error)).explained();
    match refused {
        Err(failure) => failure.with_context(format_args!("{} cannot be followed", path.display())),
        Ok(()) => Failure::message(Exit::Internal, "a script was refused without a reason"),
    }
}

/// The profiles of the folder, or the built-in ones where there is no folder.
fn profiles(dir: &Path) -> Result<Vec<Profile>, Failure> {
    if dir.join(config::FILE_NAME).exists() {
        let folder = Folder::open(dir, Access::Read)?;
        return Ok(folder.engine.profiles().to_vec());
    }
    built_in().explained()
}

#[derive(Serialize)]
struct Checked {
    script: String,
    sha256: Option<String>,
    problems: Vec<String>,
}

fn check(dir: &Path, path: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let text = input::read_text(path, "the ceremony script", SCRIPT_LIMIT)?;
    let mut report = Checked {
        script: super::shown(path),
        sha256: None,
        problems: Vec::new(),
    };
    match Script::parse(&text, &profiles(dir)?) {
        Ok(script) => {
            report.sha256 = Some(script.sha256().to_owned());
            output.result(&report, || summary(&script))?;
            Ok(Exit::Ok)
        }
        Err(error) => {
            report.problems = error.problems();
            output.result(&report, || {
                let lines = report.problems.iter();
                lines.map(|problem| format!("{problem}\n")).collect()
            })?;
            let count = report.problems.len();
            let hint = error.hint().unwrap_or_default();
            let s = if count == 1 { "" } else { "s" };
            Err(Failure::message(
                Exit::Data,
                format_args!("{} has {count} problem{s}", path.display()),
            )
            .with_hint(hint))
        }
    }
}

fn summary(script: &Script) -> String {
    let config = script.config();
    format!(
        "{}: {} participants, {} keys, {} certificates, {} CRLs\nSHA-256 {}\n",
        config.title,
        config.participant.len(),
        script.keys().len(),
        script.certificates().len(),
        script.crls().len(),
        script.sha256()
    )
}

fn confirmation(dir: &Path, path: &Path, before: &str, participant: &str) -> Result<Exit, Failure> {
    let script = read(path, &profiles(dir)?)?;
    let phase = Phase::ALL.into_iter().find(|p| p.name() == before);
    let known = script
        .config()
        .participant
        .iter()
        .any(|p| p.id == participant);
    let Some(phase) = phase.filter(|_| known) else {
        return Err(Failure::message(
            Exit::Usage,
            format_args!("the script has no phase {before:?} or no participant {participant:?}"),
        )
        .with_hint(
            "phases: opening, keys, certificates, crls, closing; participants by their id",
        ));
    };
    print(script.confirmation(phase, participant))?;
    Ok(Exit::Ok)
}

/// Whether a ceremony with these events can go on.
fn is_open(events: &[ca_core::hierarchy::ceremony::Recorded]) -> bool {
    events.last().is_some_and(|last| {
        !matches!(
            last.event,
            CeremonyEvent::Closed | CeremonyEvent::Aborted { .. }
        )
    })
}
