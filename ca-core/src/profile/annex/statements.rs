//! The qualified statements as a table.

use pki_asn1::oid::{self, ObjectIdentifier};

use super::Annex;
use super::table::{code, table};
use crate::profile::{DevicePolicy, QualifiedType};
use crate::settings::Legislation;

impl Annex<'_> {
    pub(super) fn statements(&self) -> String {
        let title = self.say(
            "Qualified statements",
            "Déclarations de qualification (QCStatements)",
        );
        let rows = self.statement_rows();
        if rows.is_empty() {
            let none = self.say("None.", "Aucune.");
            return self.section(5, title, format!("{none}\n"));
        }
        let columns = [
            self.say("Statement", "Déclaration"),
            "OID",
            self.say("Presence", "Présence"),
            self.say("Value", "Valeur"),
            self.say("Source", "Référence"),
        ];
        self.section(5, title, table(&columns, &rows))
    }

    fn statement(
        &self,
        statement: ObjectIdentifier,
        presence: &str,
        value: impl Into<String>,
        clause: &str,
    ) -> Vec<String> {
        vec![
            code(oid::label(&statement).unwrap_or_default()),
            code(&statement.to_string()),
            presence.to_owned(),
            value.into(),
            self.language.clause(clause),
        ]
    }

    fn statement_rows(&self) -> Vec<Vec<String>> {
        let config = self.profile.config();
        let mut rows = Vec::new();
        if let Some(use_) = config.qualified {
            self.claim(use_, &mut rows);
        }
        if self.profile.subject_type().is_person() {
            let natural = self.profile.subject_type().is_natural();
            let semantics = if natural {
                oid::SEMANTICS_NATURAL
            } else {
                oid::SEMANTICS_LEGAL
            };
            let mut value = format!(
                "{} ({})",
                code(&semantics.to_string()),
                oid::label(&semantics).unwrap_or_default()
            );
            for authority in &config.subject.name_registration_authorities {
                value += &format!(" ; {}", code(authority));
            }
            rows.push(self.statement(
                oid::QCS_PKIX_SYNTAX_V2,
                self.say("always", "toujours"),
                value,
                "EN 319 412-1 clause 5.1",
            ));
        }
        rows
    }

    fn claim(&self, use_: QualifiedType, rows: &mut Vec<Vec<String>>) {
        let config = self.profile.config();
        let under_law = if self.always_qualified() {
            self.say("always", "toujours")
        } else {
            self.say("where issued under a law", "si émis sous une législation")
        };
        let none = self.say("no value", "sans valeur");
        rows.push(self.statement(
            oid::QCS_COMPLIANCE,
            under_law,
            none,
            "EN 319 412-5 clause 4.2.1",
        ));
        let device = match config.statements.device {
            DevicePolicy::Excluded => None,
            DevicePolicy::Required => Some(under_law.to_owned()),
            DevicePolicy::Optional => Some(format!(
                "{}{}",
                if self.always_qualified() {
                    ""
                } else {
                    under_law
                },
                if self.always_qualified() {
                    self.say(
                        "where the key is attested to be in a qualified device",
                        "si la présence de la clé dans un dispositif qualifié est attestée",
                    )
                } else {
                    self.say(
                        " and the key is attested to be in a qualified device",
                        " et si la présence de la clé dans un dispositif qualifié est attestée",
                    )
                }
            )),
        };
        if let Some(presence) = &device {
            rows.push(self.statement(oid::QCS_SSCD, presence, none, "EN 319 412-5 clause 4.2.2"));
        }
        let use_ = match use_ {
            QualifiedType::Esign => oid::QCT_ESIGN,
            QualifiedType::Eseal => oid::QCT_ESEAL,
        };
        rows.push(self.statement(
            oid::QCS_TYPE,
            under_law,
            format!(
                "{} ({})",
                code(&use_.to_string()),
                oid::label(&use_).unwrap_or_default()
            ),
            "EN 319 412-5 clause 4.2.3",
        ));
        rows.push(self.statement(
            oid::QCS_PDS,
            under_law,
            self.disclosure(),
            "EN 319 412-5 clause 4.3.4",
        ));
        let eu_only = |law: &Legislation| matches!(law, Legislation::Eu | Legislation::None);
        let laws_are_eu = match self.profile.legislations() {
            crate::profile::Legislations::Any => false,
            crate::profile::Legislations::These(laws) => laws.iter().all(eu_only),
        };
        if !laws_are_eu {
            rows.push(self.statement(
                oid::QCS_CC_LEGISLATION,
                self.say(
                    "where issued under a law other than the EU's",
                    "si émis sous une législation autre que celle de l'UE",
                ),
                self.say("the country of that law", "le pays de cette législation"),
                "EN 319 412-5 clause 4.2.4",
            ));
        }
        self.further(under_law, device, rows);
    }

    fn further(&self, under_law: &str, device: Option<String>, rows: &mut Vec<Vec<String>>) {
        let statements = &self.profile.config().statements;
        if let Some(limit) = &statements.limit_value {
            let value = format!(
                "{} × 10^{} {}",
                limit.amount, limit.exponent, limit.currency
            );
            let clause = "EN 319 412-5 clause 4.3.2";
            rows.push(self.statement(oid::QCS_LIMIT_VALUE, under_law, value, clause));
        }
        if let Some(years) = statements.retention_years {
            let value = format!("{years} {}", self.say("years", "ans"));
            let clause = "EN 319 412-5 clause 4.3.3";
            rows.push(self.statement(oid::QCS_RETENTION_PERIOD, under_law, value, clause));
        }
        if let Some(method) = statements.identification
            && self.profile.legislations().allow(&Legislation::Eu)
        {
            rows.push(self.statement(
                oid::QCS_IDENT_METHOD,
                self.say(
                    "where issued under the EU's law",
                    "si émis sous la législation de l'UE",
                ),
                format!("{} ({})", code(&method.oid().to_string()), method.as_str()),
                "EN 319 412-5 V2.5.1",
            ));
        }
        if let Some(presence) = device.filter(|_| !statements.device_legislation.is_empty()) {
            rows.push(self.statement(
                oid::QCS_QSCD_LEGISLATION,
                &presence,
                statements.device_legislation.join(", "),
                "EN 319 412-5 V2.5.1",
            ));
        }
    }

    fn disclosure(&self) -> String {
        let own = &self.profile.config().pds;
        let all = match self.settings {
            Some(settings) => self.profile.disclosure(settings),
            None => own.as_slice(),
        };
        if all.is_empty() {
            return self
                .say(
                    "the provider's disclosure statements",
                    "les déclarations d'information du prestataire",
                )
                .to_owned();
        }
        let all: Vec<_> = all
            .iter()
            .map(|pds| format!("{} ({})", code(&pds.url), pds.language))
            .collect();
        all.join(", ")
    }
}
