//! A checked ceremony script: what will happen, in which order, in whose presence. Every problem of
//! the text is found in one pass, because a ceremony is prepared in an office and held in a vault.

use core::fmt;
use std::collections::HashSet;

use hsm_pkcs11::{KeyAttributes, KeyLocation, KeySpec, Pkcs11Uri};
use pki_asn1::UnixTime;
use pki_crypto::DigestAlgorithm;

use super::config::{
    AttributesConfig, CertificateConfig, CrlConfig, KeyConfig, Phase, QuorumConfig, Role,
    ScriptConfig, TokenConfig,
};
use crate::names::SubjectDn;
use crate::profile::{Profile, SubjectType};

/// The format this program reads.
pub const FORMAT: &str = "sceau.ceremony/1";

/// Names in the folder of the minutes that the program writes itself.
pub const OWN_FILES: [&str; 4] = [
    "minutes-en.md",
    "minutes-fr.md",
    "script.toml",
    "journal.jsonl",
];

/// Longest title, place, name.
const MAX_TEXT: usize = 200;
/// Most people, keys, certificates: a ceremony is one day.
const MAX_ITEMS: usize = 64;

/// A ceremony that can be held.
#[derive(Clone, Debug)]
pub struct Script {
    source: String,
    sha256: String,
    config: ScriptConfig,
    keys: Vec<ScriptKey>,
    certificates: Vec<ScriptCertificate>,
}

/// A key to generate.
#[derive(Clone, Debug)]
pub struct ScriptKey {
    /// Its name in the script.
    pub name: String,
    /// Where it will be; a file is relative to the installation's folder.
    pub location: KeyLocation,
    /// What it will be.
    pub spec: KeySpec,
    wanted: AttributesConfig,
}

/// A CA certificate to issue.
#[derive(Clone, Debug)]
pub struct ScriptCertificate {
    /// The authority's name.
    pub authority: String,
    /// Its profile.
    pub profile: String,
    /// Who issues it; `None` for a root.
    pub issuer: Option<String>,
    /// The key, by its name in the script.
    pub key: String,
    /// Its subject.
    pub subject: SubjectDn,
    /// How many days; the profile's default where `None`.
    pub days: Option<u32>,
    /// The file's name.
    pub out: String,
}

/// One thing that is wrong with a script.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Where: `key "root"`.
    pub at: String,
    /// What.
    pub what: String,
}

/// Why a script cannot be followed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// Not TOML, or an unknown or missing key.
    #[error("line {line} of the ceremony script cannot be read: {reason}")]
    Syntax {
        /// Where, counted from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// It can be read and makes no sense; all that is wrong with it.
    #[error("the ceremony script has {}: {}", count(.0.len()), list(.0))]
    Problems(Vec<Problem>),
}

impl ScriptError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Syntax { .. } => {
                "compare it with the example in docs/hierarchy.md; every key is explained there"
                    .into()
            }
            Self::Problems(_) => {
                "correct them all and run sceau-ca ceremony check again before anybody travels"
                    .into()
            }
        })
    }

    /// Everything that is wrong, one line each.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        match self {
            Self::Syntax { .. } => vec![self.to_string()],
            Self::Problems(all) => all.iter().map(ToString::to_string).collect(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

fn count(n: usize) -> String {
    if n == 1 {
        "1 problem".into()
    } else {
        format!("{n} problems")
    }
}

fn list(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

impl Script {
    /// Reads and checks a script. `profiles` are those that certificates may name.
    ///
    /// # Errors
    /// [`ScriptError::Syntax`], or all problems at once.
    pub fn parse(source: &str, profiles: &[Profile]) -> Result<Self, ScriptError> {
        let config: ScriptConfig = toml::from_str(source).map_err(|e| ScriptError::Syntax {
            line: e
                .span()
                .and_then(|span| source.get(..span.start))
                .map_or(1, |before| 1 + before.matches('\n').count()),
            reason: e.message().lines().next().unwrap_or_default().to_owned(),
        })?;
        let mut check = Checker::default();
        check.frame(&config);
        check.people(&config);
        check.quorums(&config);
        let tokens = check.tokens(&config.token);
        let keys = check.keys(&config.key, &tokens);
        let certificates = check.certificates(&config, profiles);
        check.crls(&config);
        check.unused_keys(&config);
        if !check.problems.is_empty() {
            return Err(ScriptError::Problems(check.problems));
        }
        Ok(Self {
            sha256: DigestAlgorithm::Sha256.digest(source.as_bytes()).to_hex(),
            source: source.to_owned(),
            config,
            keys,
            certificates,
        })
    }

    /// SHA-256 of the text, hexadecimal: what participants confirm and the journal records.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What was written.
    #[must_use]
    pub fn config(&self) -> &ScriptConfig {
        &self.config
    }

    /// The keys to generate, in order.
    #[must_use]
    pub fn keys(&self) -> &[ScriptKey] {
        &self.keys
    }

    /// The certificates to issue, in order.
    #[must_use]
    pub fn certificates(&self) -> &[ScriptCertificate] {
        &self.certificates
    }

    /// The CRLs to issue, in order.
    #[must_use]
    pub fn crls(&self) -> &[CrlConfig] {
        &self.config.crl
    }

    /// Who confirms before `phase`; `None` where nobody needs to.
    #[must_use]
    pub fn quorum(&self, phase: Phase) -> Option<&QuorumConfig> {
        self.config.quorum.iter().find(|q| q.before == phase)
    }

    /// Whether these participants are enough for `phase`.
    #[must_use]
    pub fn is_met(&self, phase: Phase, confirmed: &[&str]) -> bool {
        self.quorum(phase).is_none_or(|quorum| {
            let has = |id: &String| confirmed.contains(&id.as_str());
            quorum.required.iter().all(has)
                && quorum.of.iter().filter(|id| has(id)).count() >= quorum.at_least
        })
    }

    /// The phases that this ceremony has, in order.
    #[must_use]
    pub fn phases(&self) -> Vec<Phase> {
        let has = |phase: &Phase| match phase {
            Phase::Opening | Phase::Closing => true,
            Phase::Keys => !self.keys.is_empty(),
            Phase::Certificates => !self.certificates.is_empty(),
            Phase::Crls => !self.config.crl.is_empty(),
        };
        Phase::ALL.into_iter().filter(has).collect()
    }

    /// What a participant signs to confirm `phase` by a token: these octets, UTF-8.
    #[must_use]
    pub fn confirmation(&self, phase: Phase, participant: &str) -> String {
        format!(
            "{FORMAT} confirmation\nscript {}\nbefore {}\nparticipant {participant}\n",
            self.sha256,
            phase.name()
        )
    }
}

impl ScriptKey {
    /// The attributes that are not as the script wants them. A token that does not tell is a
    /// contradiction too: the script asked.
    #[must_use]
    pub fn contradictions(&self, found: Option<&KeyAttributes>) -> Vec<String> {
        let of = |pick: fn(&KeyAttributes) -> Option<bool>| found.and_then(pick);
        let w = &self.wanted;
        let pairs = [
            ("CKA_SENSITIVE", w.sensitive, of(|a| a.sensitive)),
            (
                "CKA_ALWAYS_SENSITIVE",
                w.always_sensitive,
                of(|a| a.always_sensitive),
            ),
            ("CKA_EXTRACTABLE", w.extractable, of(|a| a.extractable)),
            (
                "CKA_NEVER_EXTRACTABLE",
                w.never_extractable,
                of(|a| a.never_extractable),
            ),
            ("CKA_LOCAL", w.local, of(|a| a.local)),
            ("CKA_PRIVATE", w.private, of(|a| a.private)),
            ("CKA_SIGN", w.sign, of(|a| a.sign)),
            ("CKA_DECRYPT", w.decrypt, of(|a| a.decrypt)),
        ];
        pairs
            .into_iter()
            .filter(|(_, wanted, found)| wanted.is_some() && wanted != found)
            .map(|(name, wanted, found)| {
                let found = found.map_or("not told".to_owned(), |f| f.to_string());
                format!("{name} is {found}, wanted {}", wanted.unwrap_or_default())
            })
            .collect()
    }
}

/// Collects problems.
#[derive(Default)]
struct Checker {
    problems: Vec<Problem>,
    outputs: HashSet<String>,
}

impl Checker {
    fn problem(&mut self, at: impl Into<String>, what: impl Into<String>) {
        self.problems.push(Problem {
            at: at.into(),
            what: what.into(),
        });
    }

    fn text(&mut self, at: &str, value: &str) {
        if value.trim().is_empty() {
            self.problem(at, "is empty");
        } else if value.chars().count() > MAX_TEXT {
            self.problem(at, format!("has more than {MAX_TEXT} characters"));
        } else if value.chars().any(char::is_control) {
            self.problem(at, "has a control character in it");
        }
    }

    fn plain(&mut self, at: &str, value: &str) {
        if !is_plain(value) {
            self.problem(
                at,
                format!("{value:?} is not made of 1 to 63 small letters, digits and hyphens"),
            );
        }
    }

    fn frame(&mut self, config: &ScriptConfig) {
        if config.format != FORMAT {
            self.problem("format", format!("{:?} is not {FORMAT:?}", config.format));
        }
        self.text("title", &config.title);
        if let Some(title) = &config.title_fr {
            self.text("title-fr", title);
        }
        self.text("place", &config.place);
        let day: Result<UnixTime, _> = format!("{}T00:00:00Z", config.date).parse();
        if config.date.len() != 10 || day.is_err() {
            self.problem(
                "date",
                format!("{:?} is no day such as 2026-12-01", config.date),
            );
        }
        let sizes = [
            ("participant", config.participant.len()),
            ("token", config.token.len()),
            ("key", config.key.len()),
            ("certificate", config.certificate.len()),
            ("crl", config.crl.len()),
        ];
        for (what, size) in sizes {
            if size > MAX_ITEMS {
                self.problem(what, format!("there are {size}, more than {MAX_ITEMS}"));
            }
        }
        if config.certificate.is_empty() && config.crl.is_empty() {
            self.problem("script", "it makes neither a certificate nor a CRL");
        }
    }

    fn people(&mut self, config: &ScriptConfig) {
        let mut seen = HashSet::new();
        for person in &config.participant {
            let at = format!("participant {:?}", person.id);
            self.plain(&at, &person.id);
            self.text(&format!("{at}, name"), &person.name);
            if let Some(organisation) = &person.organisation {
                self.text(&format!("{at}, organisation"), organisation);
            }
            if let Some(digest) = &person.certificate_sha256 {
                let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
                if digest.len() != 64 || !digest.bytes().all(hex) {
                    self.problem(&at, "certificate-sha256 is not 64 hexadecimal digits");
                }
            }
            if !seen.insert(person.id.as_str()) {
                self.problem(at, "occurs twice");
            }
        }
        let count = |role| config.participant.iter().filter(|p| p.role == role).count();
        if count(Role::MasterOfCeremony) != 1 {
            self.problem("participants", "exactly one is master-of-ceremony");
        }
        let root = config.certificate.iter().any(|c| c.issuer.is_none());
        if root && !config.participant.iter().any(|p| p.role.is_independent()) {
            self.problem(
                "participants",
                "a root's key is made before a witness, an auditor or a notary \
                 (EN 319 411-1 clause 6.5.1)",
            );
        }
    }

    fn quorums(&mut self, config: &ScriptConfig) {
        let mut seen = HashSet::new();
        for quorum in &config.quorum {
            let at = format!("quorum before {}", quorum.before.name());
            if !seen.insert(quorum.before) {
                self.problem(&at, "occurs twice");
            }
            let mut named = HashSet::new();
            for id in quorum.required.iter().chain(&quorum.of) {
                if !config.participant.iter().any(|p| p.id == *id) {
                    self.problem(&at, format!("{id:?} is no participant"));
                }
                if !named.insert(id) {
                    self.problem(&at, format!("{id:?} is named twice"));
                }
            }
            if quorum.at_least > quorum.of.len() {
                let of = quorum.of.len();
                self.problem(&at, format!("at-least is {} of {of}", quorum.at_least));
            }
            if !quorum.of.is_empty() && quorum.at_least == 0 {
                self.problem(&at, "of is named without at-least");
            }
            if quorum.required.len() + quorum.at_least == 0 {
                self.problem(&at, "nobody needs to confirm");
            }
        }
        for phase in [Phase::Opening, Phase::Closing] {
            if !seen.contains(&phase) {
                self.problem(
                    format!("quorum before {}", phase.name()),
                    "is missing: somebody confirms the beginning and the end",
                );
            }
        }
        let dual = config
            .quorum
            .iter()
            .find(|q| q.before == Phase::Keys)
            .is_some_and(|q| q.required.len() + q.at_least >= 2);
        if !config.key.is_empty() && !dual {
            self.problem(
                "quorum before keys",
                "two persons at least confirm that keys are generated \
                 (EN 319 411-1 clause 6.5.1: dual control)",
            );
        }
    }

    fn tokens(&mut self, tokens: &[TokenConfig]) -> Vec<(String, Option<Pkcs11Uri>)> {
        let mut found: Vec<(String, Option<Pkcs11Uri>)> = Vec::new();
        for token in tokens {
            let at = format!("token {:?}", token.name);
            self.plain(&at, &token.name);
            if found.iter().any(|(name, _)| *name == token.name) {
                self.problem(&at, "occurs twice");
            }
            let uri = match token.uri.parse::<Pkcs11Uri>() {
                Ok(uri) if uri.object.is_some() || uri.id.is_some() => {
                    self.problem(&at, "its URI names an object; keys say their own");
                    None
                }
                Ok(uri) => Some(uri),
                Err(error) => {
                    self.problem(&at, format!("{error}"));
                    None
                }
            };
            found.push((token.name.clone(), uri));
        }
        found
    }

    fn keys(
        &mut self,
        keys: &[KeyConfig],
        tokens: &[(String, Option<Pkcs11Uri>)],
    ) -> Vec<ScriptKey> {
        let mut out: Vec<ScriptKey> = Vec::new();
        let mut names = HashSet::new();
        for key in keys {
            let at = format!("key {:?}", key.name);
            self.plain(&at, &key.name);
            if !names.insert(key.name.as_str()) {
                self.problem(&at, "occurs twice");
            }
            let spec = match key.kind.parse::<KeySpec>() {
                Ok(spec) => Some(spec),
                Err(error) => {
                    self.problem(&at, error);
                    None
                }
            };
            let location = self.location(&at, key, tokens);
            let (Some(spec), Some(location)) = (spec, location) else {
                continue;
            };
            if out.iter().any(|k| k.location == location) {
                self.problem(&at, format!("another key is generated at {location} too"));
            }
            out.push(ScriptKey {
                name: key.name.clone(),
                location,
                spec,
                wanted: key.attributes.clone(),
            });
        }
        out
    }

    fn location(
        &mut self,
        at: &str,
        key: &KeyConfig,
        tokens: &[(String, Option<Pkcs11Uri>)],
    ) -> Option<KeyLocation> {
        match (&key.token, &key.object, &key.file) {
            (Some(token), Some(object), None) => {
                if object.is_empty() || object.chars().any(char::is_control) {
                    self.problem(at, "its object is no label");
                    return None;
                }
                match tokens.iter().find(|(name, _)| name == token) {
                    None => {
                        self.problem(at, format!("{token:?} is no token of the script"));
                        None
                    }
                    Some((_, uri)) => uri.clone().map(|uri| {
                        KeyLocation::Pkcs11(Pkcs11Uri {
                            object: Some(object.clone()),
                            ..uri
                        })
                    }),
                }
            }
            (None, None, Some(file)) => {
                if key.attributes != AttributesConfig::default() {
                    self.problem(at, "attributes are for tokens; a key file has none");
                }
                if is_below(file) {
                    Some(KeyLocation::File(file.into()))
                } else {
                    self.problem(at, format!("{file:?} is no path below the folder"));
                    None
                }
            }
            _ => {
                self.problem(
                    at,
                    "it is either in a token (token and object) or in a file",
                );
                None
            }
        }
    }

    fn certificates(
        &mut self,
        config: &ScriptConfig,
        profiles: &[Profile],
    ) -> Vec<ScriptCertificate> {
        let mut out = Vec::new();
        let mut keys = HashSet::new();
        for (i, certificate) in config.certificate.iter().enumerate() {
            let at = format!("certificate of {:?}", certificate.authority);
            self.plain(&at, &certificate.authority);
            let names =
                |list: &[CertificateConfig], name: &str| list.iter().any(|c| c.authority == name);
            if names(&config.certificate[..i], &certificate.authority) {
                self.problem(&at, "occurs twice");
            }
            let later = certificate
                .issuer
                .as_ref()
                .filter(|issuer| names(&config.certificate[i..], issuer));
            if let Some(issuer) = later {
                self.problem(&at, format!("its issuer {issuer:?} comes after it"));
            }
            if !config.key.iter().any(|k| k.name == certificate.key) {
                self.problem(
                    &at,
                    format!("{:?} is no key of the script", certificate.key),
                );
            }
            if !keys.insert(certificate.key.as_str()) {
                self.problem(
                    &at,
                    format!("key {:?} has an authority already", certificate.key),
                );
            }
            if certificate.days == Some(0) {
                self.problem(&at, "days is 0");
            }
            self.output(&at, &certificate.out);
            let subject = self.subject(&at, certificate, profiles);
            out.extend(subject.map(|subject| ScriptCertificate {
                authority: certificate.authority.clone(),
                profile: certificate.profile.clone(),
                issuer: certificate.issuer.clone(),
                key: certificate.key.clone(),
                subject,
                days: certificate.days,
                out: certificate.out.clone(),
            }));
        }
        out
    }

    fn subject(
        &mut self,
        at: &str,
        certificate: &CertificateConfig,
        profiles: &[Profile],
    ) -> Option<SubjectDn> {
        let profile = profiles.iter().find(|p| p.name() == certificate.profile);
        let fits = match profile.map(Profile::subject_type) {
            None => {
                self.problem(at, format!("there is no profile {:?}", certificate.profile));
                return None;
            }
            Some(SubjectType::RootCa) => certificate.issuer.is_none(),
            Some(SubjectType::IssuingCa) => certificate.issuer.is_some(),
            Some(_) => {
                self.problem(
                    at,
                    format!("profile {:?} is for end entities", certificate.profile),
                );
                return None;
            }
        };
        if !fits {
            self.problem(at, "a root has no issuer, and an issuing CA has one");
        }
        match certificate.subject.parse::<SubjectDn>() {
            Ok(subject) => {
                let refused = profile.and_then(|p| p.subject_name(&subject).err());
                if let Some(error) = refused {
                    self.problem(at, error.to_string());
                }
                Some(subject)
            }
            Err(error) => {
                self.problem(at, error.to_string());
                None
            }
        }
    }

    fn crls(&mut self, config: &ScriptConfig) {
        let mut seen = HashSet::new();
        for crl in &config.crl {
            let at = format!("CRL of {:?}", crl.authority);
            self.plain(&at, &crl.authority);
            if !seen.insert(crl.authority.as_str()) {
                self.problem(&at, "occurs twice");
            }
            if !(1..=3_660).contains(&crl.days) {
                self.problem(&at, format!("days is {}, not 1 to 3660", crl.days));
            }
            self.output(&at, &crl.out);
        }
    }

    fn unused_keys(&mut self, config: &ScriptConfig) {
        for key in &config.key {
            if !config.certificate.iter().any(|c| c.key == key.name) {
                self.problem(format!("key {:?}", key.name), "no certificate is for it");
            }
        }
    }

    /// One file name, no path, nobody else's.
    fn output(&mut self, at: &str, name: &str) {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.chars().all(plain)
        {
            self.problem(at, format!("{name:?} is no file name"));
        } else if OWN_FILES.contains(&name) {
            self.problem(at, format!("{name:?} is a file of the ceremony's own"));
        } else if !self.outputs.insert(name.to_owned()) {
            self.problem(at, format!("file {name:?} is written twice"));
        }
    }
}

fn is_plain(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('-')
}

/// A relative path that stays below where it starts.
fn is_below(path: &str) -> bool {
    use std::path::{Component, Path};
    !path.is_empty()
        && !path.to_ascii_lowercase().starts_with("pkcs11:")
        && Path::new(path)
            .components()
            .all(|c| matches!(c, Component::Normal(_)))
}
