//! From the operators named on the command line to signed decisions: signed here, or prepared here,
//! signed elsewhere and brought back.

use std::path::Path;

use ca_core::registration::{MAX_DECISIONS, Matter, Order, SignedDecision, Statement};
use ca_core::{Actors, CaEngine, CaError, Service};
use cli_support::{Exit, Failure, OutputArgs, Overwrite, ResultExt as _, atomic_file, input, pin};
use hsm_pkcs11::KeyLocation;
use pki_asn1::UnixTime;
use pki_crypto::Message;
use serde::Serialize;

use super::shown;
use crate::actors::actors;
use crate::cli::{Acting, DecisionArgs};
use crate::explain::Explained as _;
use crate::keys;

/// A statement has some 400 octets, a signature with an RSA-16384 key 2,048.
const LIMIT: u64 = 4_096;

/// What the command line led to.
pub(super) enum Decided {
    /// Go on with these people, and with the operators' decisions where they were named.
    Yes(Actors),
    /// The statement was written; nothing else is done.
    Prepared,
}

#[derive(Serialize)]
struct Prepared {
    statement: String,
    sha256: String,
    /// What is decided, where it is an order: its SHA-256 is the digest in the statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
}

/// Has operators decide `matter`.
pub(super) fn decide(
    engine: &CaEngine,
    acting: &Acting,
    matter: &Matter,
    output: &OutputArgs,
) -> Result<Decided, Failure> {
    deciding(engine, acting, (matter, None), output)
}

/// Has operators decide an order, and refuses to go on where too few did.
pub(super) fn decide_order(
    engine: &CaEngine,
    acting: &Acting,
    order: Order,
    output: &OutputArgs,
) -> Result<Decided, Failure> {
    let order = engine.order(order);
    let matter = order.matter();
    let decided = deciding(engine, acting, (&matter, Some(order.text())), output)?;
    if let Decided::Yes(actors) = &decided {
        engine.check_decided(&order, actors).explained()?;
    }
    Ok(decided)
}

/// Has operators decide on the certificate of a service, where it is not the renewal of one.
pub(super) fn decide_service(
    engine: &CaEngine,
    acting: &Acting,
    service: &Service<'_>,
    output: &OutputArgs,
) -> Result<Decided, Failure> {
    let decision = &acting.decision;
    let nobody = decision.operators.is_empty() && decision.decisions.is_empty();
    match engine.order_of_service(service).explained()? {
        None if nobody => Ok(Decided::Yes(actors(&acting.actors))),
        None => Err(Failure::message(
            Exit::Usage,
            format_args!(
                "certificates of profile {:?} are not decided here",
                service.profile
            ),
        )
        .with_hint("register a request for it: sceau-ca request new")),
        Some(_) if nobody && engine.is_renewal_of_service(service).explained()? => {
            Ok(Decided::Yes(actors(&acting.actors)))
        }
        Some(order) => decide_order(engine, acting, order, output),
    }
}

fn deciding(
    engine: &CaEngine,
    acting: &Acting,
    (matter, order): (&Matter, Option<&str>),
    output: &OutputArgs,
) -> Result<Decided, Failure> {
    let args = &acting.decision;
    let mut actors = actors(&acting.actors);
    if let (Some(path), [operator, rest @ ..]) = (&args.prepare, args.operators.as_slice()) {
        if !rest.is_empty() {
            return Err(
                Failure::message(Exit::Usage, "--prepare is for one operator's statement")
                    .with_hint("prepare one for each operator, into files of their own"),
            );
        }
        prepare(engine, (operator, path), (matter, order), output)?;
        return Ok(Decided::Prepared);
    }
    check_pairs(args)?;
    for (statement, signature) in args.decisions.iter().zip(&args.signatures) {
        let statement = read_statement(statement)?;
        let signature = input::read(signature, "the signature", LIMIT)?;
        actors = actors.decided(decision(statement, signature)?);
    }
    for (n, (operator, location)) in args.operators.iter().zip(&args.operator_keys).enumerate() {
        let files = &args.operator_pin_files;
        let pin = files.get(n).or(files.first().filter(|_| files.len() == 1));
        let statement = engine.statement(matter, operator).explained()?;
        let signature = sign((operator, location), pin.map(AsRef::as_ref), &statement)?;
        actors = actors.decided(decision(statement, signature)?);
    }
    Ok(Decided::Yes(actors))
}

/// Each operator has a key, each statement a signature.
fn check_pairs(args: &DecisionArgs) -> Result<(), Failure> {
    let usage =
        |what: String, hint: &'static str| Err(Failure::message(Exit::Usage, what).with_hint(hint));
    if let Some(operator) = args.operators.get(args.operator_keys.len()) {
        return usage(
            format!("operator {operator} is named, and no key to sign with"),
            "give --operator-key, or --prepare to sign elsewhere",
        );
    }
    if args.operator_keys.len() > args.operators.len() {
        return usage(
            "there are more keys of operators than operators".to_owned(),
            "give --operator and --operator-key once for each, in the same order",
        );
    }
    if args.decisions.len() != args.signatures.len() {
        return usage(
            format!(
                "{} statements and {} signatures are given",
                args.decisions.len(),
                args.signatures.len()
            ),
            "give --decision and --signature once for each operator, in the same order",
        );
    }
    let pins = args.operator_pin_files.len();
    if pins > 1 && pins != args.operator_keys.len() {
        return usage(
            format!(
                "{pins} PIN files are given for {} keys",
                args.operator_keys.len()
            ),
            "give one --operator-pin-file for each key, or one for all",
        );
    }
    if args.operators.len() + args.decisions.len() > usize::from(MAX_DECISIONS) {
        return usage(
            format!("more than {MAX_DECISIONS} decisions are given"),
            "name those that are needed",
        );
    }
    Ok(())
}

fn prepare(
    engine: &CaEngine,
    (operator, path): (&str, &Path),
    (matter, order): (&Matter, Option<&str>),
    output: &OutputArgs,
) -> Result<(), Failure> {
    let statement = engine.statement(matter, operator).explained()?;
    atomic_file::write(path, statement.as_bytes(), Overwrite::Refuse)?;
    let report = Prepared {
        sha256: pki_crypto::DigestAlgorithm::Sha256
            .digest(statement.as_bytes())
            .to_hex(),
        statement: shown(path),
        order: order.map(str::to_owned),
    };
    output.result(&report, || {
        let mut text = format!(
            "statement of {operator} on {} written to {}; sign it within a day\n",
            matter.object, report.statement
        );
        if let Some(order) = &report.order {
            text += &format!("it decides {order}\n");
        }
        text
    })
}

fn sign(
    (operator, location): (&str, &KeyLocation),
    pin_file: Option<&Path>,
    statement: &str,
) -> Result<Vec<u8>, Failure> {
    let signer = keys::open(location, &pin::source(pin_file))
        .context(format_args!("cannot open the key of operator {operator}"))?;
    signer
        .sign(Message::Bytes(statement.as_bytes()))
        .explain(|e| (cli_support::failure::key_exit(e.kind()), e.hint()))
        .context(format_args!("the key of operator {operator} did not sign"))
}

fn decision(statement: String, signature: Vec<u8>) -> Result<SignedDecision, Failure> {
    SignedDecision::new(statement, signature)
        .map_err(registration)
        .explained()
}

/// The time that a document gets: that of the statement which was signed elsewhere, or now.
pub(super) fn time(engine: &CaEngine, args: &DecisionArgs) -> Result<UnixTime, Failure> {
    match args.decisions.first() {
        None => Ok(engine.now()),
        Some(path) => Ok(statement(path)?.at()),
    }
}

/// The first operator who decides, by name.
pub(super) fn operator(args: &DecisionArgs) -> Result<Option<String>, Failure> {
    match args.decisions.first() {
        None => Ok(args.operators.first().cloned()),
        Some(path) => Ok(Some(statement(path)?.operator().to_owned())),
    }
}

fn statement(path: &Path) -> Result<Statement, Failure> {
    Statement::parse(&read_statement(path)?)
        .map_err(registration)
        .explained()
}

fn read_statement(path: &Path) -> Result<String, Failure> {
    input::read_text(path, "the statement", LIMIT)
}

fn registration(error: impl Into<ca_core::registration::RegistrationError>) -> CaError {
    error.into().into()
}
