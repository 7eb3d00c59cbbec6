//! The subject template as a table.

use pki_asn1::oid::{self, ObjectIdentifier};

use super::Annex;
use super::table::{code, escaped, table};
use crate::names::attribute_label;
use crate::profile::subject::length_limit;

impl Annex<'_> {
    pub(super) fn subject(&self) -> String {
        let profile = self.profile;
        let mut rows: Vec<_> = profile
            .mandatory_attributes()
            .iter()
            .map(|a| self.attribute(a, self.say("mandatory", "obligatoire")))
            .collect();
        let optional = profile.optional_attributes().iter();
        rows.extend(optional.map(|a| self.attribute(a, self.say("optional", "facultatif"))));
        let columns = [
            self.say("Attribute", "Attribut"),
            "OID",
            self.say("Presence", "Présence"),
            self.say("Value", "Valeur"),
            self.say("Source", "Référence"),
        ];
        let mut note = self
            .say(
                "Every other attribute is forbidden. Attributes stand in the order of registration, one in \
                 each relative distinguished name; each occurs once, except organizational units.",
                "Tout autre attribut est interdit. Les attributs suivent l'ordre de l'enregistrement, un \
                 par nom distinctif relatif ; chacun figure une seule fois, sauf les unités \
                 organisationnelles.",
            )
            .to_owned();
        let forbidden = &profile.config().subject.forbidden;
        if !forbidden.is_empty() {
            let labels: Vec<_> = forbidden.iter().map(|label| code(label)).collect();
            note += &format!(
                " {} {}.",
                self.say("Forbidden expressly :", "Sont expressément interdits :"),
                labels.join(", ")
            );
        }
        if profile.subject_type().is_natural() {
            note += self.say(
                " The subject has a given name or a surname, or a pseudonym, and never both \
                 (EN 319 412-2 NAT-4.2.4-1 and NAT-4.2.4-4).",
                " Le sujet comporte un prénom ou un nom, ou bien un pseudonyme, jamais les deux \
                 (EN 319 412-2, NAT-4.2.4-1 et NAT-4.2.4-4).",
            );
        }
        let title = self.say("Subject", "Sujet");
        self.section(3, title, format!("{}\n{note}\n", table(&columns, &rows)))
    }

    fn attribute(&self, attribute: &ObjectIdentifier, presence: &str) -> Vec<String> {
        let mandatory = self.profile.mandatory_attributes().contains(attribute);
        vec![
            code(attribute_label(attribute)),
            code(&attribute.to_string()),
            presence.to_owned(),
            self.attribute_value(attribute),
            match self.profile.clause_of(attribute) {
                // What is optional is so because the profile says so.
                clause if clause != "this profile" && mandatory => self.language.clause(clause),
                _ => self.say("this profile", "le présent profil").to_owned(),
            },
        ]
    }

    fn attribute_value(&self, attribute: &ObjectIdentifier) -> String {
        let constraint = self.profile.constraint(attribute);
        if let Some(value) = constraint.and_then(|c| c.value.as_ref()) {
            return format!("{} {}", self.say("always", "toujours"), escaped(value));
        }
        let mut parts = Vec::new();
        let natural =
            self.profile.subject_type().is_natural() && *attribute == oid::AT_SERIAL_NUMBER;
        let legal = *attribute == oid::AT_ORGANIZATION_IDENTIFIER;
        if *attribute == oid::AT_COUNTRY {
            parts.push(self.say("ISO 3166-1 code", "code ISO 3166-1").to_owned());
        } else if natural || legal {
            parts.push(self.identifier(attribute, natural));
        }
        let own = constraint
            .and_then(|c| c.maximum_length)
            .map(|n| n as usize);
        let limit = own.unwrap_or(length_limit(attribute));
        if *attribute != oid::AT_COUNTRY {
            parts.push(format!(
                "{} {limit} {}",
                self.say("at most", "au plus"),
                self.say("characters", "caractères")
            ));
        }
        parts.join(", ")
    }

    fn identifier(&self, attribute: &ObjectIdentifier, natural: bool) -> String {
        let constraint = self.profile.constraint(attribute);
        let authorities = &self.profile.config().subject.name_registration_authorities;
        let schemes: Vec<String> = match constraint.map(|c| &c.schemes) {
            Some(schemes) if !schemes.is_empty() => schemes.clone(),
            _ => {
                let all: &[&str] = if natural {
                    &["PAS", "IDC", "PNO", "TIN"]
                } else {
                    &["NTR", "VAT", "LEI", "PSD"]
                };
                let mut all: Vec<_> = all.iter().map(|s| (*s).to_owned()).collect();
                if !authorities.is_empty() {
                    all.push("XX:".into());
                }
                all
            }
        };
        let schemes: Vec<_> = schemes.iter().map(|s| code(s)).collect();
        let mut out = format!("{} {}", self.say("scheme", "schéma"), schemes.join(", "));
        let countries = constraint
            .map(|c| c.countries.as_slice())
            .unwrap_or_default();
        if !countries.is_empty() {
            out += &format!(" {} {}", self.say("of", "de"), countries.join(", "));
        }
        out
    }
}
