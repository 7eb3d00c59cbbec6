//! How participants confirm: at the terminal, by a signature, or from prepared answers for a rehearsal.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use ca_core::hierarchy::ceremony::{ConfirmedBy, Held, Phase, Script};
use cli_support::{Exit, Failure, ResultExt as _, config, input};
use pki_crypto::{DigestAlgorithm, KeyKind, Message, PublicKey, SignatureAlgorithm};
use serde::Deserialize;

use super::super::show;
use crate::cli::RunCeremony;

/// Where confirmations come from.
pub(super) enum Source {
    Terminal,
    Answers(Vec<Answer>),
    Signatures(PathBuf),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Answers {
    #[serde(default)]
    answer: Vec<Answer>,
}

/// Who confirms before a phase, in a rehearsal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Answer {
    before: Phase,
    participants: Vec<String>,
}

impl Source {
    pub(super) fn open(args: &RunCeremony) -> Result<Self, Failure> {
        match (&args.answers, &args.confirmations) {
            (Some(path), _) => {
                let answers: Answers = config::load(path)?;
                Ok(Self::Answers(answers.answer))
            }
            (None, Some(dir)) => Ok(Self::Signatures(dir.clone())),
            (None, None) => Ok(Self::Terminal),
        }
    }

    /// Whether the ceremony counts.
    pub(super) fn held(&self) -> Held {
        match self {
            Self::Answers(_) => Held::AsRehearsal,
            _ => Held::ForReal,
        }
    }

    /// The participants who may be asked before `phase` and have not confirmed, in order.
    pub(super) fn ask<'a>(
        &self,
        script: &'a Script,
        phase: Phase,
        confirmed: &[String],
    ) -> Vec<&'a str> {
        let Some(quorum) = script.quorum(phase) else {
            return Vec::new();
        };
        quorum
            .required
            .iter()
            .chain(&quorum.of)
            .filter(|id| !confirmed.contains(id))
            .map(String::as_str)
            .collect()
    }

    /// Whether and how this participant confirms.
    pub(super) fn confirm(
        &self,
        script: &Script,
        phase: Phase,
        id: &str,
    ) -> Result<Option<ConfirmedBy>, Failure> {
        match self {
            Self::Answers(answers) => {
                let yes = answers
                    .iter()
                    .any(|a| a.before == phase && a.participants.iter().any(|p| p == id));
                Ok(yes.then_some(ConfirmedBy::Answers))
            }
            Self::Terminal => at_terminal(script, phase, id),
            Self::Signatures(dir) => signed(script, phase, id, dir),
        }
    }
}

fn at_terminal(script: &Script, phase: Phase, id: &str) -> Result<Option<ConfirmedBy>, Failure> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(Failure::message(
            Exit::Usage,
            "the participants confirm at a terminal, and there is none",
        )
        .with_hint(
            "run it on a terminal, or give --confirmations DIR, or --answers FILE for a rehearsal",
        ));
    }
    let people = &script.config().participant;
    let name = people.iter().find(|p| p.id == id).map_or(id, |p| &p.name);
    let question = format!(
        "\nscript SHA-256 {}\n{name}: before {}, type {id} to confirm, nothing to pass: ",
        script.sha256(),
        phase.name()
    );
    {
        use std::io::Write as _;
        let mut terminal = io::stderr().lock();
        terminal.write_all(question.as_bytes())?;
        terminal.flush()?;
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok((line.trim() == id).then_some(ConfirmedBy::Terminal))
}

/// A signature in `DIR/PHASE-ID.sig` by the key of `DIR/ID.pem`, whose digest the script names.
fn signed(
    script: &Script,
    phase: Phase,
    id: &str,
    dir: &Path,
) -> Result<Option<ConfirmedBy>, Failure> {
    let path = dir.join(format!("{}-{id}.sig", phase.name()));
    if !path.exists() {
        return Ok(None);
    }
    let refuse = |what: &str| {
        Failure::message(Exit::Data, format_args!("{}: {what}", path.display())).with_hint(
            "sign what sceau-ca ceremony confirmation prints with the key of the certificate that the script names",
        )
    };
    let people = &script.config().participant;
    let wanted = people
        .iter()
        .find(|p| p.id == id)
        .and_then(|p| p.certificate_sha256.as_ref())
        .ok_or_else(|| refuse("the script names no certificate-sha256 for this participant"))?;
    let certificate = show::read_certificate(&dir.join(format!("{id}.pem")))?;
    let found = DigestAlgorithm::Sha256.digest(certificate.der()).to_hex();
    if found != *wanted {
        return Err(refuse(
            "the certificate beside it is not the one that the script names",
        ));
    }
    let signature = input::read(&path, "the confirmation", 1 << 16)?;
    let key = PublicKey::from_spki_der(certificate.spki_der())
        .context("the participant's key cannot be used")
        .exit(Exit::Data)?;
    let text = script.confirmation(phase, id);
    let message = Message::Bytes(text.as_bytes());
    if !algorithms(key.kind()).any(|a| key.verify(a, message, &signature).is_ok()) {
        return Err(refuse(
            "the signature does not verify for this script, phase and participant",
        ));
    }
    Ok(Some(ConfirmedBy::Signature {
        certificate_sha256: found,
        signature_sha256: DigestAlgorithm::Sha256.digest(&signature).to_hex(),
    }))
}

/// What a person's tools may have signed with.
fn algorithms(kind: KeyKind) -> impl Iterator<Item = SignatureAlgorithm> {
    let digests = [
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sha384,
        DigestAlgorithm::Sha512,
    ];
    digests.into_iter().flat_map(move |d| match kind {
        KeyKind::Rsa { .. } => vec![
            SignatureAlgorithm::RsaPkcs1(d),
            SignatureAlgorithm::RsaPss(d),
        ],
        KeyKind::Ed25519 => vec![SignatureAlgorithm::Ed25519],
        _ => vec![SignatureAlgorithm::Ecdsa(d)],
    })
}
