//! `sceau-ca ca renew | rollover | link | cross | issuing`: generations of an authority, and
//! certificates between CAs.

use std::path::Path;

use ca_core::hierarchy::{CaTerms, ForeignCa, PolicySet};
use ca_core::store::IssuesBesideSuccessor;
use ca_core::{
    Actors, CertificationRequest, CrossOrder, GenerationName, LinkOrder, NewAuthority, Renewal,
    SubjectDn,
};
use cli_support::{Exit, Failure, OutputArgs, Overwrite, ResultExt as _, input};
use pki_asn1::name::{self, NameBuilder};
use pki_asn1::{Certificate, oid};
use serde::Serialize;

use super::decide::{Decided, decide_order};
use super::issued::Outputs;
use super::{show, subject, validity};
use crate::cli::{Cross, Issuing, Link, RenewAuthority, Rollover};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;

const REQUEST_LIMIT: u64 = 1 << 18;

pub(super) fn renew(
    dir: &Path,
    args: &RenewAuthority,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    let authority = folder.engine.authority(&args.name).explained()?;
    let out = args.out.as_deref().map(|path| (path, Overwrite::Refuse));
    let outputs = Outputs::prepare(out, None, &[], &[])?;
    let by = authority.issuer.as_ref().unwrap_or(&authority.name);
    let mut order = Renewal {
        authority: args.name.clone(),
        validity: validity(args.days),
        actors: Actors::default(),
    };
    let to_decide = folder.engine.order_to_renew(&order).explained()?;
    let Decided::Yes(actors) = decide_order(&folder.engine, &args.acting, to_decide, output)?
    else {
        return Ok(Exit::Ok);
    };
    order.actors = actors;
    let key = keys::unlock(&folder, by, &args.pin.source())?;
    let issued = folder.engine.renew_authority(&order, &key).explained()?;
    outputs.finish(&issued, by, &authority.profile, output)
}

pub(super) fn rollover(dir: &Path, args: &Rollover, output: &OutputArgs) -> Result<Exit, Failure> {
    let given = args.subject.as_deref().map(subject).transpose()?;
    let folder = Folder::open(dir, Access::Write)?;
    let engine = &folder.engine;
    let old = engine.authority(&args.name).explained()?;
    let location = super::authority::location(&args.key)?;
    let out = args.out.as_deref().map(|path| (path, Overwrite::Refuse));
    let outputs = Outputs::prepare(out, None, &[], &[location])?;
    let by = args.issuer.as_ref().or(old.issuer.as_ref());
    let (naming, dn) = match (args.same_name, given) {
        (true, _) => (GenerationName::Shared, dn_of(&old.certificate)?),
        (false, Some(dn)) => (GenerationName::Own, dn),
        (false, None) => (GenerationName::Own, next_name(&old.certificate)?),
    };
    let mut order = NewAuthority {
        name: args.new_name.clone(),
        profile: old.profile.clone(),
        subject: dn,
        key_location: keys::recorded(dir, location)?,
        validity: validity(args.days),
        actors: Actors::default(),
    };
    let to_decide = engine
        .order_to_follow(&order, &args.name, naming, by.map(String::as_str))
        .explained()?;
    let Decided::Yes(actors) = decide_order(engine, &args.acting, to_decide, output)? else {
        return Ok(Exit::Ok);
    };
    order.actors = actors;
    let issuer = match by {
        None => None,
        Some(name) => Some(keys::unlock(&folder, name, &args.pins.signing.source())?),
    };
    engine
        .check_generation(&order, &args.name, naming, issuer.as_ref())
        .explained()?;
    let pin = args.pins.key_source();
    let generated = args.key.key.as_ref();
    let signer = match generated {
        Some(location) => keys::generate(location, args.key.key_type, &pin)?,
        None => keys::open(location, &pin)?,
    };
    let issued = engine
        .create_generation(&order, &args.name, naming, signer, issuer.as_ref())
        .explained()
        .map_err(|failure| match generated {
            Some(location) => keys::kept(failure, location),
            None => failure,
        })?;
    let by = by.unwrap_or(&args.new_name).clone();
    outputs.finish(&issued, &by, &old.profile, output)
}

pub(super) fn link(dir: &Path, args: &Link, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    folder.engine.authority(&args.name).explained()?;
    let outputs = Outputs::prepare(Some((&args.out, Overwrite::Refuse)), None, &[], &[])?;
    let mut order = LinkOrder {
        certified: args.name.clone(),
        actors: Actors::default(),
    };
    let to_decide = folder.engine.order_to_link(&order, &args.by).explained()?;
    let Decided::Yes(actors) = decide_order(&folder.engine, &args.acting, to_decide, output)?
    else {
        return Ok(Exit::Ok);
    };
    order.actors = actors;
    let key = keys::unlock(&folder, &args.by, &args.pin.source())?;
    let issued = folder.engine.issue_link(&order, &key).explained()?;
    outputs.finish(&issued, &args.by, "cross-ca", output)
}

pub(super) fn cross(dir: &Path, args: &Cross, output: &OutputArgs) -> Result<Exit, Failure> {
    let foreign = foreign(args)?;
    let terms = terms(args)?;
    let folder = Folder::open(dir, Access::Write)?;
    folder.engine.authority(&args.by).explained()?;
    let inputs: Vec<_> = [&args.whom.certificate, &args.whom.csr]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let outputs = Outputs::prepare(Some((&args.out, Overwrite::Refuse)), None, &inputs, &[])?;
    let mut order = CrossOrder {
        foreign,
        terms,
        validity: validity(args.days),
        actors: Actors::default(),
    };
    let to_decide = folder.engine.order_to_cross(&order, &args.by);
    let Decided::Yes(actors) = decide_order(&folder.engine, &args.acting, to_decide, output)?
    else {
        return Ok(Exit::Ok);
    };
    order.actors = actors;
    let key = keys::unlock(&folder, &args.by, &args.pin.source())?;
    let issued = folder.engine.issue_cross(&order, &key).explained()?;
    outputs.finish(&issued, &args.by, "cross-ca", output)
}

fn foreign(args: &Cross) -> Result<ForeignCa, Failure> {
    match (&args.whom.certificate, &args.whom.csr) {
        (Some(path), _) => {
            let certificate = show::read_certificate(path)?;
            ForeignCa::from_certificate(&certificate)
                .explained()
                .context(format_args!("cannot certify {}", path.display()))
        }
        (None, Some(path)) => {
            let bytes = input::read(path, "the certification request", REQUEST_LIMIT)?;
            let request = CertificationRequest::parse(&bytes)
                .explained()
                .context(format_args!("cannot accept {}", path.display()))?;
            ForeignCa::from_request(&request).explained()
        }
        (None, None) => Err(Failure::message(Exit::Usage, "no CA is named")),
    }
}

fn terms(args: &Cross) -> Result<CaTerms, Failure> {
    let names = |given: &[String]| {
        given
            .iter()
            .map(|text| {
                let dn = subject(text)?;
                dn.attributes()
                    .iter()
                    .try_fold(NameBuilder::new(), |n, (t, v)| n.push(*t, v))
                    .map(NameBuilder::build)
                    .context(format_args!("cannot encode {text}"))
                    .exit(Exit::Usage)
            })
            .collect::<Result<Vec<_>, Failure>>()
    };
    let terms = CaTerms {
        path_length: args.path_length,
        policies: if args.policy.is_empty() {
            PolicySet::Any
        } else {
            PolicySet::Only(args.policy.clone())
        },
        mappings: args.map.iter().map(|m| (m.0, m.1)).collect(),
        require_explicit_policy: args.require_explicit_policy,
        inhibit_policy_mapping: args.inhibit_policy_mapping,
        inhibit_any_policy: args.inhibit_any_policy,
        permitted: names(&args.permitted)?,
        excluded: names(&args.excluded)?,
        subject_key_id: None,
    };
    terms.check().explained()?;
    Ok(terms)
}

#[derive(Serialize)]
struct IssuingReport<'a> {
    authority: &'a str,
    issuing: &'static str,
}

pub(super) fn issuing(dir: &Path, args: &Issuing, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    let beside = if args.decision.beside_successor {
        IssuesBesideSuccessor::Yes
    } else {
        IssuesBesideSuccessor::No
    };
    let engine = &folder.engine;
    let to_decide = engine.order_to_issue_beside(&args.name, beside);
    let Decided::Yes(actors) = decide_order(engine, &args.acting, to_decide, output)? else {
        return Ok(Exit::Ok);
    };
    engine
        .set_issuing(&args.name, beside, &actors)
        .explained()?;
    let report = IssuingReport {
        authority: &args.name,
        issuing: beside.name(),
    };
    output.result(&report, || match beside {
        IssuesBesideSuccessor::Yes => {
            format!("{} issues beside its successor\n", args.name)
        }
        IssuesBesideSuccessor::No => format!("{} leaves issuing to its successor\n", args.name),
    })?;
    Ok(Exit::Ok)
}

/// The subject of a certificate of ours, as it is written on the command line.
pub(super) fn dn_of(certificate: &Certificate) -> Result<SubjectDn, Failure> {
    renamed(certificate, str::to_owned)
}

/// The old name with its number in the row: `Example CA`, `Example CA G2`, `Example CA G3`.
fn next_name(certificate: &Certificate) -> Result<SubjectDn, Failure> {
    renamed(certificate, |name| {
        let numbered = name.rsplit_once(" G").and_then(|(front, number)| {
            let n: u32 = number.parse().ok()?;
            Some(format!("{front} G{}", n.checked_add(1)?))
        });
        numbered.unwrap_or_else(|| format!("{name} G2"))
    })
}

fn renamed(
    certificate: &Certificate,
    common_name: impl Fn(&str) -> String,
) -> Result<SubjectDn, Failure> {
    let parts: Vec<_> = name::attributes(certificate.subject())
        .map(|(attribute, value)| {
            let value = if attribute == oid::AT_COMMON_NAME {
                common_name(&value)
            } else {
                value
            };
            let label = oid::label(&attribute).map_or_else(|| attribute.to_string(), str::to_owned);
            format!("{label}={}", super::ocsp_signer::escaped(&value))
        })
        .collect();
    subject(&parts.join(","))
}
