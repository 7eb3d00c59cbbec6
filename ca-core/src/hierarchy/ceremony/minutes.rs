//! The minutes of a ceremony (EN 319 411-1 clause 6.5.1: a report that proves it followed the
//! script), in Markdown, English and French, from the recorded events and nothing else.

use core::fmt::Write as _;
use core::str::FromStr;

use pki_asn1::UnixTime;

use super::config::{Phase, Role};
use super::event::{CeremonyEvent, ConfirmedBy, Held, MadeCertificate, MadeCrl, MadeKey};
use super::script::Script;

/// The languages of minutes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
}

impl Language {
    /// ISO 639-1.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    pub(in crate::hierarchy) const fn pick<'a>(self, english: &'a str, french: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::French => french,
        }
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "en" => Ok(Self::English),
            "fr" => Ok(Self::French),
            _ => Err(format!("{s:?} is neither en nor fr")),
        }
    }
}

/// An event with its time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recorded {
    /// When, by the CA's clock.
    pub at: UnixTime,
    /// The journal's number of its record.
    pub seq: u64,
    /// What.
    pub event: CeremonyEvent,
}

/// What minutes are written from.
#[derive(Clone, Copy, Debug)]
pub struct Minutes<'a> {
    /// The script that was followed.
    pub script: &'a Script,
    /// Everything that happened, in order.
    pub events: &'a [Recorded],
    /// Journal records and head hash after it.
    pub after: (u64, &'a str),
}

impl Minutes<'_> {
    /// The minutes.
    #[must_use]
    pub fn to_markdown(&self, language: Language) -> String {
        let mut page = Page {
            minutes: *self,
            language,
            out: String::new(),
        };
        page.heading();
        page.facts();
        page.participants();
        page.confirmations();
        page.keys();
        page.certificates();
        page.crls();
        page.unfinished();
        page.signatures();
        page.out
    }
}

struct Page<'a> {
    minutes: Minutes<'a>,
    language: Language,
    out: String,
}

impl<'a> Page<'a> {
    fn t<'b>(&self, english: &'b str, french: &'b str) -> &'b str {
        self.language.pick(english, french)
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn section(&mut self, english: &str, french: &str) {
        let title = self.t(english, french).to_owned();
        self.line(&format!("\n## {title}\n"));
    }

    fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        let row = |cells: &mut dyn Iterator<Item = String>| {
            let cells: Vec<_> = cells.collect();
            format!("| {} |", cells.join(" | "))
        };
        let titles = row(&mut head.iter().map(|h| (*h).to_owned()));
        self.line(&titles);
        let rule = row(&mut head.iter().map(|_| "---".to_owned()));
        self.line(&rule);
        for cells in rows {
            let cells = row(&mut cells.iter().map(|c| escaped(c)));
            self.line(&cells);
        }
    }

    fn events(&self) -> impl Iterator<Item = &'a Recorded> + use<'a> {
        self.minutes.events.iter()
    }

    fn heading(&mut self) {
        let config = self.minutes.script.config();
        let title = match (self.language, &config.title_fr) {
            (Language::French, Some(title)) => title,
            _ => &config.title,
        };
        let kind = self.t(
            "Minutes of a key ceremony",
            "Procès-verbal de cérémonie de clés",
        );
        let colon = self.t(":", " :");
        let heading = format!("# {kind}{colon} {}", escaped(title));
        self.line(&heading);
        let rehearsal = self.events().any(|e| {
            matches!(
                &e.event,
                CeremonyEvent::Opened {
                    held: Held::AsRehearsal,
                    ..
                }
            )
        });
        if rehearsal {
            let note = self.t(
                "**REHEARSAL.** Confirmations were read from a prepared file. What was made here must never be put into service.",
                "**RÉPÉTITION.** Les confirmations proviennent d’un fichier préparé. Rien de ce qui a été créé ici ne doit être mis en service.",
            );
            let note = format!("\n{note}");
            self.line(&note);
        }
    }

    fn facts(&mut self) {
        let script = self.minutes.script;
        let config = script.config();
        let mut programs = Vec::new();
        let mut before = (0, String::new());
        let (mut begun, mut ended) = (None, None);
        for recorded in self.events() {
            begun.get_or_insert(recorded.at);
            ended = Some(recorded.at);
            match &recorded.event {
                CeremonyEvent::Opened {
                    program,
                    records,
                    head,
                    ..
                } => {
                    before = (*records, head.clone());
                    programs.push(program.clone());
                }
                CeremonyEvent::Resumed { program } if !programs.contains(program) => {
                    programs.push(program.clone());
                }
                _ => {}
            }
        }
        let time = |t: Option<UnixTime>| t.map_or("-".to_owned(), |t| t.to_string());
        let record = |n: u64, head: &str| {
            format!(
                "{} {n}, {} `{head}`",
                self.t("record", "enregistrement"),
                self.t("head", "tête")
            )
        };
        let rows = vec![
            vec![self.t("Outcome", "Issue").to_owned(), self.outcome()],
            vec![
                self.t("Planned for", "Date prévue").to_owned(),
                config.date.clone(),
            ],
            vec![self.t("Place", "Lieu").to_owned(), config.place.clone()],
            vec![self.t("Begun (UTC)", "Début (UTC)").to_owned(), time(begun)],
            vec![self.t("Ended (UTC)", "Fin (UTC)").to_owned(), time(ended)],
            vec![
                self.t("Script, SHA-256", "Script, SHA-256").to_owned(),
                format!("`{}`", script.sha256()),
            ],
            vec![
                self.t("Program", "Programme").to_owned(),
                programs.join(", "),
            ],
            vec![
                self.t("Journal before", "Journal avant").to_owned(),
                record(before.0, &before.1),
            ],
            vec![
                self.t("Journal after", "Journal après").to_owned(),
                record(self.minutes.after.0, self.minutes.after.1),
            ],
        ];
        self.section("The ceremony", "La cérémonie");
        self.table(&["", ""], &rows);
    }

    fn outcome(&self) -> String {
        for recorded in self.events().collect::<Vec<_>>().into_iter().rev() {
            match &recorded.event {
                CeremonyEvent::Closed => {
                    return self
                        .t(
                            "complete: every step of the script was carried out",
                            "complète : chaque étape du script a été exécutée",
                        )
                        .to_owned();
                }
                CeremonyEvent::Aborted { reason } => {
                    return format!("{}: {reason}", self.t("**ABORTED**", "**ABANDONNÉE**"));
                }
                CeremonyEvent::Interrupted { reason } => {
                    return format!(
                        "{}: {reason}",
                        self.t(
                            "**INTERRUPTED**, not complete",
                            "**INTERROMPUE**, incomplète"
                        )
                    );
                }
                _ => {}
            }
        }
        self.t("**NOT COMPLETE**", "**INCOMPLÈTE**").to_owned()
    }

    fn person(&self, id: &str) -> String {
        let people = &self.minutes.script.config().participant;
        people
            .iter()
            .find(|p| p.id == id)
            .map_or_else(|| id.to_owned(), |p| p.name.clone())
    }

    fn participants(&mut self) {
        self.section("Participants", "Participants");
        let rows: Vec<_> = self
            .minutes
            .script
            .config()
            .participant
            .iter()
            .map(|p| {
                vec![
                    p.name.clone(),
                    role(self.language, p.role).to_owned(),
                    p.organisation.clone().unwrap_or_default(),
                ]
            })
            .collect();
        let head = [
            self.t("Name", "Nom"),
            self.t("Role", "Rôle"),
            self.t("Organisation", "Organisation"),
        ];
        self.table(&head, &rows);
    }

    fn confirmations(&mut self) {
        self.section("Confirmations", "Confirmations");
        let rows: Vec<_> = self
            .events()
            .filter_map(|recorded| match &recorded.event {
                CeremonyEvent::Confirmed {
                    before,
                    participant,
                    by,
                } => Some(vec![
                    phase(self.language, *before).to_owned(),
                    self.person(participant),
                    self.how(by),
                    recorded.at.to_string(),
                    recorded.seq.to_string(),
                ]),
                _ => None,
            })
            .collect();
        let head = [
            self.t("Before", "Avant"),
            self.t("Participant", "Participant"),
            self.t("How", "Comment"),
            self.t("Time (UTC)", "Heure (UTC)"),
            self.t("Journal record", "Enregistrement du journal"),
        ];
        self.table(&head, &rows);
    }

    /// When something was recorded, and under which number.
    fn place(&self, recorded: &Recorded) -> String {
        let record = self.t("record", "enregistrement");
        format!("{}, {record} {}", recorded.at, recorded.seq)
    }

    fn how(&self, by: &ConfirmedBy) -> String {
        match by {
            ConfirmedBy::Terminal => self.t("at the terminal", "au terminal").to_owned(),
            ConfirmedBy::Answers => self.t("prepared answer", "réponse préparée").to_owned(),
            ConfirmedBy::Signature {
                certificate_sha256,
                signature_sha256,
            } => format!(
                "{} `{signature_sha256}`, {} `{certificate_sha256}`",
                self.t("signature, SHA-256", "signature, SHA-256"),
                self.t("certificate", "certificat")
            ),
        }
    }

    fn keys(&mut self) {
        let made: Vec<(&Recorded, &MadeKey)> = self
            .events()
            .filter_map(|r| match &r.event {
                CeremonyEvent::KeyMade(key) => Some((r, key)),
                _ => None,
            })
            .collect();
        if made.is_empty() {
            return;
        }
        self.section("Keys", "Clés");
        for (recorded, key) in made {
            let name = format!("### {}\n", escaped(&key.key));
            self.line(&name);
            let mut rows = vec![
                vec![
                    self.t("Where", "Emplacement").to_owned(),
                    format!("`{}`", key.location),
                ],
                vec![
                    self.t("Algorithm", "Algorithme").to_owned(),
                    key.algorithm.clone(),
                ],
                vec![
                    self.t("Public key (SPKI), SHA-256", "Clé publique (SPKI), SHA-256")
                        .to_owned(),
                    format!("`{}`", key.spki_sha256),
                ],
                vec![
                    self.t("Recorded (UTC)", "Enregistrée (UTC)").to_owned(),
                    self.place(recorded),
                ],
            ];
            for (attribute, value) in &key.attributes {
                rows.push(vec![attribute.clone(), self.value(value)]);
            }
            if key.attributes.is_empty() {
                rows.push(vec![
                    self.t("Protection", "Protection").to_owned(),
                    self.t(
                        "encrypted key file, no token",
                        "fichier de clé chiffré, sans jeton",
                    )
                    .to_owned(),
                ]);
            }
            let head = [self.t("Attribute", "Attribut"), self.t("Value", "Valeur")];
            self.table(&head, &rows);
            self.line("");
        }
        self.out.pop();
    }

    /// What a token says, in words of the language.
    fn value(&self, value: &str) -> String {
        match value {
            "true" => self.t("true", "vrai"),
            "false" => self.t("false", "faux"),
            "not told" => self.t("not told", "non communiqué"),
            other => other,
        }
        .to_owned()
    }

    fn certificates(&mut self) {
        let made: Vec<(&Recorded, &MadeCertificate)> = self
            .events()
            .filter_map(|r| match &r.event {
                CeremonyEvent::CertificateMade(certificate) => Some((r, certificate)),
                _ => None,
            })
            .collect();
        if made.is_empty() {
            return;
        }
        self.section("Certificates", "Certificats");
        for (recorded, c) in made {
            let name = format!("### {}\n", escaped(&c.authority));
            self.line(&name);
            let code = |text: &str| format!("`{text}`");
            let rows = [
                ("Subject", "Sujet", c.subject.clone()),
                ("Issued by", "Émis par", c.issuer.clone()),
                ("Profile", "Profil", c.profile.clone()),
                ("Serial number", "Numéro de série", code(&c.serial)),
                ("Valid from", "Valable du", c.not_before.clone()),
                ("Valid until", "Valable jusqu’au", c.not_after.clone()),
                (
                    "Certificate, SHA-256",
                    "Certificat, SHA-256",
                    code(&c.sha256),
                ),
                (
                    "Public key (SPKI), SHA-256",
                    "Clé publique (SPKI), SHA-256",
                    code(&c.spki_sha256),
                ),
                ("File", "Fichier", c.file.clone()),
                ("File, SHA-256", "Fichier, SHA-256", code(&c.file_sha256)),
                ("Recorded (UTC)", "Enregistré (UTC)", self.place(recorded)),
            ]
            .map(|(en, fr, value)| vec![self.t(en, fr).to_owned(), value]);
            let head = [self.t("Attribute", "Attribut"), self.t("Value", "Valeur")];
            self.table(&head, &rows);
            self.line("");
        }
        self.out.pop();
    }

    fn crls(&mut self) {
        let made: Vec<(&Recorded, &MadeCrl)> = self
            .events()
            .filter_map(|r| match &r.event {
                CeremonyEvent::CrlMade(crl) => Some((r, crl)),
                _ => None,
            })
            .collect();
        if made.is_empty() {
            return;
        }
        self.section(
            "Certificate revocation lists",
            "Listes de certificats révoqués",
        );
        for (recorded, crl) in made {
            let name = format!("### {}\n", escaped(&crl.authority));
            self.line(&name);
            let rows = [
                ("Number", "Numéro", crl.number.to_string()),
                ("Entries", "Entrées", crl.entries.to_string()),
                ("Issued", "Émise", crl.this_update.clone()),
                (
                    "Next one by",
                    "Prochaine au plus tard",
                    crl.next_update.clone(),
                ),
                ("CRL, SHA-256", "LCR, SHA-256", format!("`{}`", crl.sha256)),
                ("File", "Fichier", crl.file.clone()),
                ("Recorded (UTC)", "Enregistrée (UTC)", self.place(recorded)),
            ]
            .map(|(en, fr, value)| vec![self.t(en, fr).to_owned(), value]);
            let head = [self.t("Attribute", "Attribut"), self.t("Value", "Valeur")];
            self.table(&head, &rows);
            self.line("");
        }
        self.out.pop();
    }

    /// What the script says and nobody did; interruptions on the way.
    fn unfinished(&mut self) {
        let script = self.minutes.script;
        let mut left = Vec::new();
        for key in script.keys() {
            let mut begun = false;
            let mut made = false;
            for recorded in self.events() {
                match &recorded.event {
                    CeremonyEvent::KeyBegun { key: k } if *k == key.name => begun = true,
                    CeremonyEvent::KeyMade(k) if k.key == key.name => made = true,
                    _ => {}
                }
            }
            match (begun, made) {
                (_, true) => {}
                (true, false) => left.push(format!(
                    "{} {:?}: {}",
                    self.t("key", "clé"),
                    key.name,
                    self.t(
                        "its generation was begun; it may be in the token and must be looked for",
                        "sa génération a été commencée ; elle peut se trouver dans le jeton et doit y être cherchée",
                    )
                )),
                (false, false) => left.push(format!("{} {:?}", self.t("key", "clé"), key.name)),
            }
        }
        for certificate in script.certificates() {
            let name = &certificate.authority;
            let made = self.events().any(
                |r| matches!(&r.event, CeremonyEvent::CertificateMade(c) if c.authority == *name),
            );
            if !made {
                left.push(format!(
                    "{} {name:?}",
                    self.t("certificate of", "certificat de")
                ));
            }
        }
        for crl in script.crls() {
            let name = &crl.authority;
            let made = self
                .events()
                .any(|r| matches!(&r.event, CeremonyEvent::CrlMade(c) if c.authority == *name));
            if !made {
                left.push(format!("{} {name:?}", self.t("CRL of", "LCR de")));
            }
        }
        if !left.is_empty() {
            self.section("Not done", "Non exécuté");
            for item in left {
                let item = format!("- {item}");
                self.line(&item);
            }
        }
        let incidents: Vec<_> = self
            .events()
            .filter_map(|r| match &r.event {
                CeremonyEvent::Interrupted { reason } => Some(format!(
                    "- {}, {}: {reason}",
                    r.at,
                    self.t("interrupted", "interruption")
                )),
                CeremonyEvent::Resumed { .. } => {
                    Some(format!("- {}, {}", r.at, self.t("resumed", "reprise")))
                }
                CeremonyEvent::Aborted { reason } => Some(format!(
                    "- {}, {}: {reason}",
                    r.at,
                    self.t("aborted", "abandon")
                )),
                _ => None,
            })
            .collect();
        if !incidents.is_empty() {
            self.section("Incidents", "Incidents");
            for incident in incidents {
                self.line(&incident);
            }
        }
    }

    fn signatures(&mut self) {
        self.section("Signatures", "Signatures");
        let words = self
            .t(
                "Each of the undersigned was present, saw the script being followed, and compared the hashes above with those on the screen.",
                "Chacun des soussignés était présent, a vu le script être suivi et a comparé les empreintes ci-dessus avec celles affichées à l’écran.",
            )
            .to_owned();
        self.line(&words);
        self.line("");
        let rows: Vec<_> = self
            .minutes
            .script
            .config()
            .participant
            .iter()
            .map(|p| {
                vec![
                    p.name.clone(),
                    role(self.language, p.role).to_owned(),
                    String::new(),
                    String::new(),
                ]
            })
            .collect();
        let head = [
            self.t("Name", "Nom"),
            self.t("Role", "Rôle"),
            self.t("Date", "Date"),
            self.t("Signature", "Signature"),
        ];
        self.table(&head, &rows);
    }
}

fn role(language: Language, role: Role) -> &'static str {
    let (english, french) = match role {
        Role::MasterOfCeremony => ("master of ceremony", "maître de cérémonie"),
        Role::Operator => ("operator", "opérateur"),
        Role::KeyCustodian => ("key custodian", "porteur de secret"),
        Role::Witness => ("witness", "témoin"),
        Role::Auditor => ("auditor", "auditeur"),
        Role::Notary => ("notary", "notaire"),
    };
    language.pick(english, french)
}

fn phase(language: Language, phase: Phase) -> &'static str {
    let (english, french) = match phase {
        Phase::Opening => ("opening", "l’ouverture"),
        Phase::Keys => ("the keys", "les clés"),
        Phase::Certificates => ("the certificates", "les certificats"),
        Phase::Crls => ("the CRLs", "les LCR"),
        Phase::Closing => ("closing", "la clôture"),
    };
    language.pick(english, french)
}

/// Text that stays one cell of a Markdown table and forms no markup of its own. Code spans and the
/// bold words of the outcome are ours.
pub(in crate::hierarchy) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' => out.push_str("\\|"),
            '<' => out.push_str("&lt;"),
            '\n' | '\r' => out.push(' '),
            c => {
                let _ = write!(out, "{c}");
            }
        }
    }
    out
}
