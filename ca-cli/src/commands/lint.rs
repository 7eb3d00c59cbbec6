//! `sceau-ca lint`: it needs no folder, no key and no record.

use std::fmt::Write as _;
use std::path::Path;

use ca_core::CaError;
use ca_core::profile::{Profile, built_in};
use cli_support::{Exit, Failure, OutputArgs, ResultExt as _, input};
use pki_asn1::pem;
use pki_lint::{
    Artifact, Context, CrlContext, Expectation, Finding, OcspContext, Severity, detect, kind_of,
    lint_certificate, lint_crl, lint_ocsp_response, worst,
};
use serde::Serialize;

use super::shown;
use crate::cli::{FailOn, Lint};
use crate::explain::Explained as _;

/// The largest CRL that anybody publishes; everything else is smaller.
const LIMIT: u64 = 1 << 29;
/// A profile is a page of text.
const PROFILE_LIMIT: u64 = 1 << 16;

#[derive(Serialize)]
struct Report {
    file: String,
    artifact: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    findings: Vec<Found>,
}

#[derive(Serialize)]
struct Found {
    rule: &'static str,
    severity: &'static str,
    clause: &'static str,
    message: String,
}

#[derive(Serialize)]
struct ListedRule {
    artifact: &'static str,
    rule: &'static str,
    severity: &'static str,
    clause: &'static str,
    defect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'static str>,
}

pub(super) fn run(args: &Lint, output: &OutputArgs) -> Result<Exit, Failure> {
    if args.rules {
        return list_rules(output);
    }
    let profile = args.profile.as_deref().map(profile).transpose()?;
    let issuer = args.issuer.as_deref().map(issuer).transpose()?;
    let mut reports = Vec::new();
    let mut worst_of_all = None;
    for path in &args.files {
        for (label, der) in values(path)? {
            let artifact = label.or_else(|| detect(&der));
            let artifact = artifact.ok_or_else(|| not_lintable(path))?;
            let findings = lint(artifact, &der, profile.as_ref(), issuer.as_deref());
            worst_of_all = worst_of_all.max(worst(&findings));
            reports.push(Report {
                file: shown(path),
                artifact: artifact.as_str(),
                kind: match artifact {
                    Artifact::Certificate => kind(&der, profile.as_ref()),
                    Artifact::Crl | Artifact::OcspResponse => None,
                },
                findings: findings.into_iter().map(Found::from).collect(),
            });
        }
    }
    output.result(&reports, || text(&reports))?;
    let threshold = match args.fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
        FailOn::Notice => Severity::Notice,
    };
    Ok(if worst_of_all >= Some(threshold) {
        Exit::Failed
    } else {
        Exit::Ok
    })
}

fn lint(
    artifact: Artifact,
    der: &[u8],
    profile: Option<&Profile>,
    issuer: Option<&[u8]>,
) -> Vec<Finding> {
    match artifact {
        Artifact::Certificate => {
            let expectation = profile.map(|profile| expectation(profile, der));
            let context = Context {
                expectation: expectation.as_ref(),
                issuer,
                ..Context::default()
            };
            lint_certificate(der, &context)
        }
        Artifact::Crl => {
            let context = CrlContext {
                issuer,
                ..CrlContext::default()
            };
            lint_crl(der, &context)
        }
        Artifact::OcspResponse => {
            let context = OcspContext {
                issuer,
                ..OcspContext::default()
            };
            lint_ocsp_response(der, &context)
        }
    }
}

/// By the law that the certificate itself claims.
fn expectation(profile: &Profile, der: &[u8]) -> Expectation {
    profile.expectation_of(&pki_lint::claimed_legislation(der))
}

fn kind(der: &[u8], profile: Option<&Profile>) -> Option<&'static str> {
    let kind = match profile {
        Some(profile) => Some(expectation(profile, der).kind),
        None => kind_of(der),
    };
    kind.map(pki_lint::Kind::as_str)
}

impl From<Finding> for Found {
    fn from(finding: Finding) -> Self {
        Self {
            rule: finding.rule,
            severity: finding.severity.as_str(),
            clause: finding.clause,
            message: finding.message,
        }
    }
}

fn text(reports: &[Report]) -> String {
    let mut out = String::new();
    for report in reports {
        let what = match report.kind {
            Some(kind) => format!("{} ({kind})", report.artifact),
            None => report.artifact.to_owned(),
        };
        let verdict = match report.findings.len() {
            0 => "nothing found".to_owned(),
            1 => "1 finding".to_owned(),
            n => format!("{n} findings"),
        };
        // Writing to a String does not fail.
        let _ = writeln!(out, "{}: {what}: {verdict}", report.file);
        for finding in &report.findings {
            let (severity, message) = (finding.severity, &finding.message);
            let _ = writeln!(out, "  {severity}: {message} [{}]", finding.rule);
        }
    }
    out
}

/// A DER value, and what the label of its PEM block says it is.
type Labelled = (Option<Artifact>, Vec<u8>);

/// The DER values of a file, one or as many as it has PEM blocks, with what their labels say.
fn values(path: &Path) -> Result<Vec<Labelled>, Failure> {
    let bytes = input::read(path, "the file to lint", LIMIT)?;
    if !pem::is_pem(&bytes) {
        return Ok(vec![(None, bytes)]);
    }
    let blocks = pem::blocks(&bytes)
        .map_err(|e| Failure::new(Exit::Data, e))
        .context(format_args!("cannot read {}", path.display()))?;
    let labelled = |block: pem::Block| {
        let label = match block.label.as_str() {
            "CERTIFICATE" => Some(Artifact::Certificate),
            "X509 CRL" => Some(Artifact::Crl),
            "OCSP RESPONSE" => Some(Artifact::OcspResponse),
            _ => None,
        };
        (label, block.der)
    };
    Ok(blocks.into_iter().map(labelled).collect())
}

fn not_lintable(path: &Path) -> Failure {
    let path = path.display();
    let message = format!("{path} is no certificate, CRL or OCSP response");
    Failure::message(Exit::Data, message).with_hint(
        "give PEM or DER as it was issued; `openssl asn1parse -in FILE` shows what it is",
    )
}

/// A built-in profile by its name, or one in a file.
fn profile(name: &str) -> Result<Profile, Failure> {
    let built_in = built_in().explained()?;
    if let Some(profile) = built_in.into_iter().find(|p| p.name() == name) {
        return Ok(profile);
    }
    let path = Path::new(name);
    if !path.exists() {
        return Err(CaError::UnknownProfile(name.to_owned())).explained();
    }
    let source = input::read_text(path, "the profile", PROFILE_LIMIT)?;
    Profile::parse(&source)
        .explained()
        .context(format_args!("cannot accept {}", path.display()))
}

fn issuer(path: &Path) -> Result<Vec<u8>, Failure> {
    let first = values(path)?.into_iter().next().map(|(_, der)| der);
    let found = first.filter(|der| detect(der) == Some(Artifact::Certificate));
    found.ok_or_else(|| {
        Failure::message(Exit::Data, format!("{} is no certificate", path.display()))
            .with_hint("give the certificate of the CA that issued what is linted")
    })
}

fn list_rules(output: &OutputArgs) -> Result<Exit, Failure> {
    let rules: Vec<_> = pki_lint::rules()
        .map(|(artifact, rule)| ListedRule {
            artifact: artifact.as_str(),
            rule: rule.id,
            severity: rule.severity.as_str(),
            clause: rule.clause,
            defect: rule.defect,
            since: rule.since,
        })
        .collect();
    output.result(&rules, || {
        let mut out = String::from("| rule | severity | clause | what is wrong |\n");
        out.push_str("| --- | --- | --- | --- |\n");
        for rule in &rules {
            let since = match rule.since {
                Some(day) => format!(" (from {day})"),
                None => String::new(),
            };
            let (id, severity, clause) = (rule.rule, rule.severity, rule.clause);
            let _ = writeln!(
                out,
                "| `{id}` | {severity} | {clause} | {}{since} |",
                rule.defect
            );
        }
        out
    })?;
    Ok(Exit::Ok)
}
