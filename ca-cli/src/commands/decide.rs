//! From the operator named on the command line to a signed decision: signed here, or prepared here,
//! signed elsewhere and brought back.

use std::path::Path;

use ca_core::registration::{Matter, SignedDecision, Statement};
use ca_core::{Actors, CaEngine, CaError};
use cli_support::{Exit, Failure, OutputArgs, Overwrite, ResultExt as _, atomic_file, input, pin};
use pki_asn1::UnixTime;
use pki_crypto::Message;
use serde::Serialize;

use super::shown;
use crate::actors::actors;
use crate::cli::{ActorArgs, DecisionArgs};
use crate::explain::Explained as _;
use crate::keys;

/// A statement has some 400 octets, a signature with an RSA-16384 key 2,048.
const LIMIT: u64 = 4_096;

/// What the command line led to.
pub(super) enum Decided {
    /// Go on with these people, and with the operator's decision where one was named.
    Yes(Actors),
    /// The statement was written; nothing else is done.
    Prepared,
}

#[derive(Serialize)]
struct Prepared {
    statement: String,
    sha256: String,
}

/// Has the operator decide `matter`.
pub(super) fn decide(
    engine: &CaEngine,
    args: &DecisionArgs,
    people: &ActorArgs,
    matter: &Matter,
    output: &OutputArgs,
) -> Result<Decided, Failure> {
    let actors = actors(people);
    if let (Some(statement), Some(signature)) = (&args.decision, &args.signature) {
        let statement = read_statement(statement)?;
        let signature = input::read(signature, "the signature", LIMIT)?;
        let decision = SignedDecision::new(statement, signature)
            .map_err(registration)
            .explained()?;
        return Ok(Decided::Yes(actors.decided(decision)));
    }
    let Some(operator) = &args.operator else {
        return Ok(Decided::Yes(actors));
    };
    let statement = engine.statement(matter, operator).explained()?;
    if let Some(path) = &args.prepare {
        atomic_file::write(path, statement.as_bytes(), Overwrite::Refuse)?;
        let report = Prepared {
            sha256: pki_crypto::DigestAlgorithm::Sha256
                .digest(statement.as_bytes())
                .to_hex(),
            statement: shown(path),
        };
        output.result(&report, || {
            format!(
                "statement of {operator} on {} written to {}; sign it within a day\n",
                matter.object, report.statement
            )
        })?;
        return Ok(Decided::Prepared);
    }
    let Some(location) = &args.operator_key else {
        return Err(Failure::message(
            Exit::Usage,
            format_args!("operator {operator} is named, and no key to sign with"),
        )
        .with_hint("give --operator-key, or --prepare to sign elsewhere"));
    };
    let pin = pin::source(args.operator_pin_file.as_deref());
    let signer = keys::open(location, &pin)
        .context(format_args!("cannot open the key of operator {operator}"))?;
    let signature = signer
        .sign(Message::Bytes(statement.as_bytes()))
        .explain(|e| (cli_support::failure::key_exit(e.kind()), e.hint()))
        .context(format_args!("the key of operator {operator} did not sign"))?;
    let decision = SignedDecision::new(statement, signature)
        .map_err(registration)
        .explained()?;
    Ok(Decided::Yes(actors.decided(decision)))
}

/// The time that a document gets: that of the statement which was signed elsewhere, or now.
pub(super) fn time(engine: &CaEngine, args: &DecisionArgs) -> Result<UnixTime, Failure> {
    let Some(path) = &args.decision else {
        return Ok(engine.now());
    };
    let statement = read_statement(path)?;
    let statement = Statement::parse(&statement)
        .map_err(registration)
        .explained()?;
    Ok(statement.at())
}

/// The operator who decides, by name.
pub(super) fn operator(args: &DecisionArgs) -> Result<Option<String>, Failure> {
    let Some(path) = &args.decision else {
        return Ok(args.operator.clone());
    };
    let statement = read_statement(path)?;
    let statement = Statement::parse(&statement)
        .map_err(registration)
        .explained()?;
    Ok(Some(statement.operator().to_owned()))
}

fn read_statement(path: &Path) -> Result<String, Failure> {
    input::read_text(path, "the statement", LIMIT)
}

fn registration(error: impl Into<ca_core::registration::RegistrationError>) -> CaError {
    error.into().into()
}
