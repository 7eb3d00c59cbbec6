//! The profile annex of a certification policy: Markdown in English or French, rendered from the
//! checked profile, so that what is published and what is issued are one thing. The same profile and
//! settings always give the same bytes.

mod extensions;
mod language;
mod statements;
mod subject;
mod table;
mod terms;

pub use self::language::{Language, UnknownLanguage};
use self::table::{code, escaped, table};
use super::algorithm::{ALGORITHMS, Algorithm, CLAUSE, Date};
use super::{KeyAlgorithm, Legislations, Profile, RevocationInformation};
use crate::settings::{Legislation, Settings};

/// What an annex is about.
struct Annex<'a> {
    profile: &'a Profile,
    /// The installation's, for URLs and policy identifiers; placeholders without.
    settings: Option<&'a Settings>,
    language: Language,
}

/// Renders the annex of `profile`. With `settings`, URLs and identifiers are the installation's.
#[must_use]
pub fn annex(profile: &Profile, settings: Option<&Settings>, language: Language) -> String {
    let annex = Annex {
        profile,
        settings,
        language,
    };
    let parts = [
        annex.heading(),
        annex.basic_fields(),
        annex.keys(),
        annex.subject(),
        annex.extensions(),
        annex.statements(),
        annex.validity(),
        annex.revocation(),
        annex.registration(),
    ];
    language.typeset(&parts.join("\n"))
}

impl Annex<'_> {
    fn say(&self, english: &'static str, french: &'static str) -> &'static str {
        self.language.choose(english, french)
    }

    fn heading(&self) -> String {
        let config = self.profile.config();
        let title = match (&config.title_fr, self.language) {
            (Some(french), Language::French) => french,
            _ => &config.title,
        };
        let unsaid = self.say("not stated", "non précisée");
        let policy = match (self.policy(), config.subject_type.is_ca()) {
            (_, true) => self.say("none of its own", "aucune en propre").to_owned(),
            (policy, false) => code(&policy),
        };
        let rows = vec![
            vec![
                self.say("Profile", "Profil").into(),
                code(self.profile.name()),
            ],
            vec![
                self.say("Version", "Version").into(),
                config.version.to_string(),
            ],
            vec![
                self.say("In use from", "En vigueur à compter du").into(),
                config.date.map_or(unsaid.to_owned(), |d| d.to_string()),
            ],
            vec![
                self.say(
                    "SHA-256 of the profile file",
                    "Empreinte SHA-256 du fichier de profil",
                )
                .into(),
                code(&self.profile.digest().to_hex()),
            ],
            vec![
                self.say("Subject of the certificate", "Sujet du certificat")
                    .into(),
                self.kind().into(),
            ],
            vec![
                self.say("Certificate policy", "Politique de certification")
                    .into(),
                policy,
            ],
            vec![
                self.say("Qualified", "Qualification").into(),
                self.qualification().into(),
            ],
            vec![self.say("Legislation", "Législation").into(), self.laws()],
        ];
        format!(
            "# {}\n\n{}\n\n{}",
            format_args!(
                "{} : {}",
                self.say("Annex, certificate profile", "Annexe, profil de certificat"),
                escaped(title)
            ),
            self.say(
                "This annex belongs to the certification policy. It is generated from the profile file \
                 that the certification authority issues under; the SHA-256 below identifies that file.",
                "La présente annexe fait partie de la politique de certification. Elle est produite à \
                 partir du fichier de profil selon lequel l'autorité de certification émet ses \
                 certificats ; l'empreinte SHA-256 ci-dessous identifie ce fichier.",
            ),
            table(&[self.say("Item", "Élément"), self.say("Value", "Valeur")], &rows)
        )
    }

    /// The profile's own policy, under the installation's arc.
    fn policy(&self) -> String {
        let arcs = &self.profile.config().policy;
        match self.settings {
            Some(settings) => format!("{}.{arcs}", settings.policy_arc()),
            None => format!("{{policy-arc}}.{arcs}"),
        }
    }

    fn laws(&self) -> String {
        if self.profile.config().qualified.is_none() {
            return self
                .say("does not matter: nothing is claimed", "sans objet")
                .into();
        }
        match self.profile.legislations() {
            Legislations::Any => self.say("any, or none", "toutes, ou aucune").into(),
            Legislations::These(laws) => {
                let words: Vec<_> = laws.iter().map(|law| self.law(law)).collect();
                words.join(", ")
            }
        }
    }

    fn law(&self, law: &Legislation) -> String {
        match law {
            Legislation::None => self.say("none", "aucune").into(),
            Legislation::Eu => self
                .say(
                    "EU, Regulation (EU) No 910/2014",
                    "UE, règlement (UE) nº 910/2014",
                )
                .into(),
            Legislation::Country(country) => country.to_string(),
        }
    }

    fn basic_fields(&self) -> String {
        let always = self.say("always", "toujours");
        let root =
            self.profile.config().extensions.revocation == RevocationInformation::TrustAnchor;
        let issuer = if root {
            self.say(
                "the subject itself, byte for byte",
                "le sujet lui-même, octet pour octet",
            )
        } else {
            self.say(
                "the subject of the issuing authority's certificate, byte for byte",
                "le sujet du certificat de l'autorité de certification émettrice, octet pour octet",
            )
        };
        let row = |name: &str, value: &str, clause: &str| {
            vec![
                code(name),
                always.into(),
                value.into(),
                self.language.clause(clause),
            ]
        };
        let rows = vec![
            row("version", "v3", "RFC 5280 section 4.1.2.1"),
            row(
                "serialNumber",
                self.say(
                    "20 octets, positive, 158 of its bits random; unique for the authority",
                    "20 octets, positif, dont 158 bits aléatoires ; unique pour l'autorité",
                ),
                "RFC 5280 section 4.1.2.2",
            ),
            row(
                "signature",
                self.say("as the issuing key", "selon la clé de l'émetteur"),
                "TS 119 312",
            ),
            row("issuer", issuer, "RFC 5280 section 4.1.2.4"),
            row(
                "validity",
                self.say(
                    "see section 6; UTCTime through 2049, GeneralizedTime after",
                    "voir section 6 ; UTCTime jusqu'en 2049, GeneralizedTime ensuite",
                ),
                "RFC 5280 section 4.1.2.5",
            ),
            row(
                "subject",
                self.say("see section 3", "voir section 3"),
                "RFC 5280 section 4.1.2.6",
            ),
            row(
                "subjectPublicKeyInfo",
                self.say("see section 2", "voir section 2"),
                "RFC 5280 section 4.1.2.7",
            ),
        ];
        self.section(
            1,
            self.say("Fields of the certificate", "Champs du certificat"),
            table(&self.field_columns(), &rows),
        )
    }

    fn field_columns(&self) -> [&'static str; 4] {
        [
            self.say("Field", "Champ"),
            self.say("Presence", "Présence"),
            self.say("Value", "Valeur"),
            self.say("Source", "Référence"),
        ]
    }

    fn section(&self, number: u8, title: &str, body: String) -> String {
        format!("## {number}. {title}\n\n{body}")
    }

    fn keys(&self) -> String {
        let key = &self.profile.config().key;
        let taken = |row: &&Algorithm| match row.algorithm {
            KeyAlgorithm::Rsa => key.minimum_rsa_bits.is_some_and(|bits| bits <= row.bits.1),
            other => key.curves.iter().any(|c| KeyAlgorithm::from(*c) == other),
        };
        let none = self.say("no end date", "sans échéance");
        let date = |date: Option<Date>| date.map_or(none.to_owned(), |d| d.to_string());
        let rows: Vec<_> = ALGORITHMS
            .iter()
            .filter(taken)
            .map(|row| {
                let own = key.ends.get(&row.algorithm).copied();
                let last = match (row.last_validity, own) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
                let bits = match (row.algorithm, key.minimum_rsa_bits) {
                    (KeyAlgorithm::Rsa, Some(minimum)) => {
                        format!("{}–{}", minimum.max(row.bits.0), row.bits.1)
                    }
                    _ => row.bits.0.to_string(),
                };
                let table = match row.last_validity {
                    Some(_) => self.language.clause(CLAUSE),
                    None => "TS 119 312 V2.1.1".to_owned(),
                };
                let source = match own {
                    Some(_) => format!("{table}, `key.ends`"),
                    None => table,
                };
                vec![
                    row.label.into(),
                    bits,
                    date(row.last_issuance),
                    date(last),
                    source,
                ]
            })
            .collect();
        let columns = [
            self.say("Algorithm", "Algorithme"),
            self.say("Bits", "Taille (bits)"),
            self.say("Last new certificate", "Dernière émission"),
            self.say("Last day of validity", "Dernier jour de validité"),
            self.say("Source", "Référence"),
        ];
        let note = self.say(
            "A key of any other algorithm or size is refused, and so is a key whose algorithm ends \
             before the certificate does. The key of a certification request (PKCS#10) is certified only \
             where the request proves possession of the private key.",
            "Toute clé d'un autre algorithme ou d'une autre taille est refusée, de même qu'une clé dont \
             l'algorithme vient à échéance avant le certificat. La clé d'une demande de certificat \
             (PKCS#10) n'est certifiée que si la demande prouve la possession de la clé privée.",
        );
        let title = self.say("Keys", "Clés");
        self.section(2, title, format!("{}\n{note}\n", table(&columns, &rows)))
    }

    fn validity(&self) -> String {
        let validity = &self.profile.config().validity;
        let days = |n: u32| format!("{n} {}", self.say("days", "jours"));
        let mut rows = Vec::new();
        match validity.hours {
            Some(hours) => rows.push(vec![
                self.say("Lifetime", "Durée de validité").into(),
                format!("{hours} {}", self.say("hours", "heures")),
                "EN 319 412-1 clause 5.2".into(),
            ]),
            None => {
                rows.push(vec![
                    self.say(
                        "Lifetime unless ordered otherwise",
                        "Durée de validité par défaut",
                    )
                    .into(),
                    days(validity.default_days),
                    self.language.clause("RFC 5280 section 4.1.2.5"),
                ]);
                rows.push(vec![
                    self.say("Longest lifetime", "Durée de validité maximale")
                        .into(),
                    days(validity.maximum_days),
                    self.language.clause("RFC 5280 section 4.1.2.5"),
                ]);
            }
        }
        if let Some(n) = validity.private_key_days {
            rows.push(vec![
                self.say("Use of the private key", "Usage de la clé privée")
                    .into(),
                days(n),
                self.language.clause("RFC 3280 section 4.2.1.4"),
            ]);
        }
        let columns = [
            self.say("Period", "Période"),
            self.say("Value", "Valeur"),
            self.say("Source", "Référence"),
        ];
        let note = if self.profile.config().extensions.revocation
            == RevocationInformation::TrustAnchor
        {
            self.say(
                "A day is 86,400 seconds; both ends are counted in.",
                "Un jour compte 86 400 secondes, bornes incluses.",
            )
        } else {
            self.say(
                "A day is 86,400 seconds; both ends are counted in. No certificate outlives that of its \
                 issuing authority.",
                "Un jour compte 86 400 secondes, bornes incluses. Aucun certificat ne survit à celui de \
                 l'autorité de certification émettrice.",
            )
        };
        let title = self.say("Validity", "Durée de validité");
        self.section(6, title, format!("{}\n{note}\n", table(&columns, &rows)))
    }
}

#[cfg(test)]
mod tests;
