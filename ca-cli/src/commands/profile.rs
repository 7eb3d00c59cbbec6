//! `sceau-ca profile list | show | check | diff | add | retire`. The first four work without a folder,
//! on the built-in profiles; with one, its own are there too.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use ca_core::profile::{Problem, Profile, ProfileError, annex, built_in, differences};
use ca_core::settings::{LegislationConfig, PdsConfig};
use ca_core::{CaEngine, CaError, Issued, ProfileOrigin, Settings, SettingsConfig};
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt as _, Table, input};
use pki_asn1::SystemClock;
use serde::Serialize;

use super::decide::{Decided, decide};
use crate::cli::{AddProfile, DiffProfiles, RetireProfile, ShowProfile};
use crate::config;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::report::fields;

/// A profile is a page of text.
const PROFILE_LIMIT: u64 = 1 << 16;

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    version: u32,
    origin: &'static str,
    sha256: String,
    title: &'a str,
}

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    version: u32,
    sha256: String,
    toml: &'a str,
}

#[derive(Serialize)]
struct AnnexReport {
    name: String,
    version: u32,
    sha256: String,
    language: String,
    markdown: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    file: String,
    acceptable: bool,
    name: Option<String>,
    version: Option<u32>,
    sha256: Option<String>,
    problems: Vec<ProblemReport>,
    notices: Vec<ProblemReport>,
    specimen: Option<Specimen>,
}

#[derive(Serialize)]
struct ProblemReport {
    line: Option<usize>,
    key: String,
    reason: String,
    clause: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Specimen {
    subject: String,
    policies: Vec<String>,
    not_before: String,
    not_after: String,
}

#[derive(Serialize)]
struct DiffReport {
    a: Side,
    b: Side,
    differences: Vec<Difference>,
}

#[derive(Serialize)]
struct Side {
    name: String,
    version: u32,
    sha256: String,
}

#[derive(Serialize)]
struct Difference {
    key: String,
    words: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    act: &'static str,
    name: String,
    version: u32,
    sha256: String,
    journal_seq: u64,
}

/// The profiles there are: those of the folder, or without one the built-in ones.
struct Offered {
    folder: Option<Folder>,
    built_in: Vec<Profile>,
}

impl Offered {
    fn open(dir: &Path) -> Result<Self, Failure> {
        // A folder that was named is meant; the current one need not be an authority's.
        let meant = dir != Path::new(".") || dir.join(config::FILE_NAME).exists();
        Ok(Self {
            folder: meant.then(|| Folder::open(dir, Access::Read)).transpose()?,
            built_in: built_in().explained()?,
        })
    }

    fn all(&self) -> &[Profile] {
        match &self.folder {
            Some(folder) => folder.engine.profiles(),
            None => &self.built_in,
        }
    }

    fn origin(&self, name: &str) -> ProfileOrigin {
        match &self.folder {
            Some(folder) => folder.engine.profile_origin(name),
            None => ProfileOrigin::BuiltIn,
        }
    }

    fn find(&self, name: &str) -> Result<Profile, Failure> {
        match &self.folder {
            Some(folder) => folder.engine.profile(name).cloned(),
            None => {
                let found = self.built_in.iter().find(|p| p.name() == name).cloned();
                found.ok_or_else(|| CaError::UnknownProfile(name.to_owned()))
            }
        }
        .explained()
    }

    fn settings(&self) -> Option<&Settings> {
        self.folder.as_ref().map(|folder| folder.engine.settings())
    }
}

pub(super) fn list(dir: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let offered = Offered::open(dir)?;
    let listed: Vec<_> = offered
        .all()
        .iter()
        .map(|p| Listed {
            name: p.name(),
            version: p.version(),
            origin: match offered.origin(p.name()) {
                ProfileOrigin::BuiltIn => "built-in",
                ProfileOrigin::Recorded => "own",
            },
            sha256: p.digest().to_hex(),
            title: &p.config().title,
        })
        .collect();
    output.result(&listed, || {
        let mut table = Table::new(["NAME", "VERSION", "FROM", "CERTIFIES"]);
        for profile in &listed {
            let version = profile.version.to_string();
            table.row([profile.name, &version, profile.origin, profile.title]);
        }
        table.to_string()
    })?;
    Ok(Exit::Ok)
}

pub(super) fn show(dir: &Path, args: &ShowProfile, output: &OutputArgs) -> Result<Exit, Failure> {
    let out = args
        .out
        .as_ref()
        .map(|path| AtomicFile::create(path, Overwrite::Refuse))
        .transpose()?;
    let offered = Offered::open(dir)?;
    let profile = offered.find(&args.name)?;
    let (name, version) = (profile.name(), profile.version());
    let sha256 = profile.digest().to_hex();
    let text = if args.annex {
        annex(&profile, offered.settings(), args.language)
    } else {
        profile.source().to_owned()
    };
    if let Some(mut file) = out {
        let path = super::shown(file.path());
        file.write_all(text.as_bytes())?;
        file.commit()?;
        let report = serde_json::json!({
            "name": name, "version": version, "sha256": sha256, "out": path,
        });
        output.result(&report, || format!("written to {path}\n"))?;
    } else if args.annex {
        let report = AnnexReport {
            name: name.to_owned(),
            version,
            sha256,
            language: args.language.to_string(),
            markdown: text.clone(),
        };
        output.result(&report, || text)?;
    } else {
        let report = Shown {
            name,
            version,
            sha256,
            toml: &text,
        };
        output.result(&report, || text.clone())?;
    }
    Ok(Exit::Ok)
}

pub(super) fn check(dir: &Path, path: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let source = input::read_text(path, "the profile", PROFILE_LIMIT)?;
    let file = super::shown(path);
    let profile = match Profile::parse(&source) {
        Ok(profile) => profile,
        Err(error) => return refused(&error, file, output),
    };
    let specimen = specimen(dir, &profile)?;
    let certificate = &specimen.certificate;
    let report = Checked {
        file,
        acceptable: true,
        name: Some(profile.name().to_owned()),
        version: Some(profile.version()),
        sha256: Some(profile.digest().to_hex()),
        problems: Vec::new(),
        notices: profile.notices().iter().map(Into::into).collect(),
        specimen: Some(Specimen {
            subject: certificate.display_subject().to_string(),
            policies: certificate
                .policy_oids()
                .iter()
                .map(ToString::to_string)
                .collect(),
            not_before: certificate.not_before().to_string(),
            not_after: certificate.not_after().to_string(),
        }),
    };
    for notice in profile.notices() {
        tracing::warn!("{notice}");
    }
    output.result(&report, || {
        fields(&[
            (
                "acceptable",
                format!("{} version {}", profile.name(), profile.version()),
            ),
            ("sha256", profile.digest().to_hex()),
            ("specimen", certificate.display_subject().to_string()),
        ])
    })?;
    Ok(Exit::Ok)
}

/// Everything that is wrong goes to standard output: it is what was asked for.
fn refused(error: &ProfileError, file: String, output: &OutputArgs) -> Result<Exit, Failure> {
    let problems = error.problems();
    let report = Checked {
        file,
        acceptable: false,
        name: error.name().map(str::to_owned),
        version: None,
        sha256: None,
        problems: problems.iter().map(Into::into).collect(),
        notices: Vec::new(),
        specimen: None,
    };
    output.result(&report, || {
        problems
            .iter()
            .map(|problem| format!("{problem}\n"))
            .collect()
    })?;
    if output.json {
        return Ok(Exit::Data);
    }
    let count = match problems.len() {
        1 => "1 problem".to_owned(),
        n => format!("{n} problems"),
    };
    let message = format_args!("cannot accept {}: {count}", report.file).to_string();
    let failure = Failure::message(Exit::Data, message);
    Err(match error.hint() {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    })
}

pub(super) fn diff(dir: &Path, args: &DiffProfiles, output: &OutputArgs) -> Result<Exit, Failure> {
    let offered = Offered::open(dir)?;
    let a = named_or_file(&offered, &args.a)?;
    let b = named_or_file(&offered, &args.b)?;
    let report = DiffReport {
        a: side(&a),
        b: side(&b),
        differences: differences(&a, &b)
            .into_iter()
            .map(|d| Difference {
                key: d.key,
                words: d.words,
            })
            .collect(),
    };
    output.result(&report, || {
        if report.differences.is_empty() {
            return "they say the same\n".to_owned();
        }
        let lines = report.differences.iter();
        lines.map(|d| format!("{}: {}\n", d.key, d.words)).collect()
    })?;
    Ok(if report.differences.is_empty() {
        Exit::Ok
    } else {
        Exit::Failed
    })
}

pub(super) fn add(dir: &Path, args: &AddProfile, output: &OutputArgs) -> Result<Exit, Failure> {
    let source = input::read_text(&args.file, "the profile", PROFILE_LIMIT)?;
    let profile = Profile::parse(&source)
        .explained()
        .context(format_args!("cannot accept {}", args.file.display()))?;
    let mut folder = Folder::open(dir, Access::Write)?;
    rehearse(&profile, folder.engine.settings().clone())?;
    let matter = folder.engine.addition_matter(&profile);
    let decided = decide(&folder.engine, &args.acting, &matter, output)?;
    let Decided::Yes(actors) = decided else {
        return Ok(Exit::Ok);
    };
    let added = folder.engine.add_profile(&profile, &actors);
    let report = Recorded {
        act: "added",
        name: profile.name().to_owned(),
        version: profile.version(),
        sha256: profile.digest().to_hex(),
        journal_seq: added.explained()?,
    };
    output.result(&report, || report.text())?;
    Ok(Exit::Ok)
}

pub(super) fn retire(
    dir: &Path,
    args: &RetireProfile,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let mut folder = Folder::open(dir, Access::Write)?;
    let engine = &mut folder.engine;
    let matter = engine.retirement_matter(&args.name);
    let decided = decide(engine, &args.acting, &matter, output)?;
    let Decided::Yes(actors) = decided else {
        return Ok(Exit::Ok);
    };
    let retired = engine.retire_profile(&args.name, &actors);
    let journal_seq = retired.explained()?;
    let last = engine.profile_ever(&args.name);
    let report = Recorded {
        act: "retired",
        name: args.name.clone(),
        version: last.map_or(0, Profile::version),
        sha256: last.map(|p| p.digest().to_hex()).unwrap_or_default(),
        journal_seq,
    };
    output.result(&report, || report.text())?;
    Ok(Exit::Ok)
}

impl Recorded {
    fn text(&self) -> String {
        fields(&[
            (self.act, format!("{} version {}", self.name, self.version)),
            ("sha256", self.sha256.clone()),
            ("journal", self.journal_seq.to_string()),
        ])
    }
}

impl From<&Problem> for ProblemReport {
    fn from(problem: &Problem) -> Self {
        Self {
            line: problem.line,
            key: problem.key.clone(),
            reason: problem.reason.clone(),
            clause: problem.clause.to_owned(),
        }
    }
}

/// A name that is offered, or else a file.
fn named_or_file(offered: &Offered, text: &str) -> Result<Profile, Failure> {
    let path = Path::new(text);
    if offered.all().iter().any(|p| p.name() == text) || !path.exists() {
        return offered.find(text);
    }
    let source = input::read_text(path, "the profile", PROFILE_LIMIT)?;
    Profile::parse(&source)
        .explained()
        .context(format_args!("cannot read {text}"))
}

fn side(profile: &Profile) -> Side {
    Side {
        name: profile.name().to_owned(),
        version: profile.version(),
        sha256: profile.digest().to_hex(),
    }
}

/// A specimen under the folder's settings, or without a folder under those of an example.
fn specimen(dir: &Path, profile: &Profile) -> Result<Issued, Failure> {
    let offered = Offered::open(dir)?;
    let settings = match offered.settings() {
        Some(settings) => settings.clone(),
        None => Settings::new(example()).explained()?,
    };
    rehearse(profile, settings)
}

fn rehearse(profile: &Profile, settings: Settings) -> Result<Issued, Failure> {
    let folder = tempfile::tempdir()
        .context("cannot make a temporary folder for the specimen")
        .exit(Exit::Io)?;
    CaEngine::rehearse(folder.path(), profile, settings, Arc::new(SystemClock))
        .explained()
        .context(format_args!(
            "cannot issue a specimen of profile {}",
            profile.name()
        ))
}

fn example() -> SettingsConfig {
    SettingsConfig {
        base_url: "http://pki.sceau.example".into(),
        country: "MC".into(),
        policy_arc: "1.3.6.1.4.1.32473.1".into(),
        cps_uri: "https://sceau.example/cps".into(),
        pds: vec![PdsConfig {
            language: "en".into(),
            url: "https://sceau.example/pds-en.pdf".into(),
        }],
        legislation: LegislationConfig::default(),
    }
}
