//! The extensions as a table, in the order of the certificate.

use pki_asn1::oid::{self, ObjectIdentifier};

use super::Annex;
use super::table::{code, escaped, table};
use crate::profile::{
    Claim, Criticality, Legislations, Qualification, QualifiedType, RevocationInformation,
    SubjectType,
};
use crate::settings::Legislation;

impl Annex<'_> {
    pub(super) fn extensions(&self) -> String {
        let columns = [
            self.say("Extension", "Extension"),
            "OID",
            self.say("Presence", "Présence"),
            self.say("Critical", "Critique"),
            self.say("Value", "Valeur"),
            self.say("Source", "Référence"),
        ];
        let note = match self.profile.config().extensions.revocation {
            RevocationInformation::OcspAndCrl => self.say(
                "The certificate has no other extension, except `freshestCRL` (`2.5.29.46`, not critical, \
                 RFC 5280 section 4.2.1.15) where the authority is configured to name its delta CRLs.",
                "Le certificat ne comporte aucune autre extension, sauf `freshestCRL` (`2.5.29.46`, non \
                 critique, RFC 5280, section 4.2.1.15) si l'autorité est configurée pour indiquer ses LCR \
                 delta.",
            ),
            _ => self.say(
                "The certificate has no other extension.",
                "Le certificat ne comporte aucune autre extension.",
            ),
        };
        let title = self.say("Extensions", "Extensions");
        let rows = self.extension_rows();
        self.section(4, title, format!("{}\n{note}\n", table(&columns, &rows)))
    }

    fn row(
        &self,
        extension: ObjectIdentifier,
        critical: bool,
        value: impl Into<String>,
        clause: &str,
    ) -> Vec<String> {
        vec![
            code(oid::label(&extension).unwrap_or_default()),
            code(&extension.to_string()),
            self.say("always", "toujours").into(),
            if critical {
                self.say("yes", "oui")
            } else {
                self.say("no", "non")
            }
            .into(),
            value.into(),
            self.language.clause(clause),
        ]
    }

    fn extension_rows(&self) -> Vec<Vec<String>> {
        let profile = self.profile;
        let config = profile.config();
        let kind = profile.subject_type();
        let root = kind == SubjectType::RootCa;
        let mut rows = Vec::new();
        if !root {
            rows.push(self.row(
                oid::CE_AUTHORITY_KEY_IDENTIFIER,
                false,
                self.say(
                    "key identifier of the issuing authority",
                    "identifiant de la clé de l'autorité de certification émettrice",
                ),
                "EN 319 412-2 GEN-4.3.1-1",
            ));
        }
        rows.push(self.row(
            oid::CE_SUBJECT_KEY_IDENTIFIER,
            false,
            self.say(
                "derived from the subject's key",
                "dérivé de la clé publique du sujet",
            ),
            "RFC 5280 section 4.2.1.2",
        ));
        if kind.is_ca() {
            let length = match config.extensions.path_length {
                Some(n) => format!("cA, pathLenConstraint {n}"),
                None => "cA".into(),
            };
            rows.push(self.row(
                oid::CE_BASIC_CONSTRAINTS,
                true,
                length,
                "RFC 5280 section 4.2.1.9",
            ));
        }
        let usage: Vec<_> = config
            .extensions
            .key_usage
            .iter()
            .map(|u| u.as_str())
            .collect();
        let clause = if kind.is_person() {
            "EN 319 412-2 NAT-4.3.2-1"
        } else {
            "RFC 5280 section 4.2.1.3"
        };
        rows.push(self.row(oid::CE_KEY_USAGE, true, usage.join(", "), clause));
        if !profile.extended_key_usage().is_empty() {
            let critical = config.extensions.extended_key_usage_is == Criticality::Critical;
            let usages = config.extensions.extended_key_usage.join(", ");
            let clause = match kind {
                SubjectType::TimeStampingUnit => "RFC 3161 section 2.3",
                SubjectType::OcspSigner => "RFC 6960 section 4.2.2.2",
                _ => "EN 319 412-2 GEN-4.3.10-1",
            };
            rows.push(self.row(oid::CE_EXT_KEY_USAGE, critical, escaped(&usages), clause));
        }
        if let Some(days) = config.validity.private_key_days {
            let value = format!(
                "{} {days} {}",
                self.say("from notBefore on,", "à compter de notBefore,"),
                self.say("days", "jours")
            );
            let clause = "RFC 3280 section 4.2.1.4";
            rows.push(self.row(oid::CE_PRIVATE_KEY_USAGE_PERIOD, false, value, clause));
        }
        if !root {
            let clause = if kind.is_ca() {
                "RFC 5280 section 4.2.1.4"
            } else {
                "EN 319 412-2 clause 4.3.3"
            };
            rows.push(self.row(oid::CE_CERTIFICATE_POLICIES, false, self.policies(), clause));
        }
        self.revocation_rows(&mut rows);
        if kind.is_person() {
            rows.push(self.row(
                oid::PE_QC_STATEMENTS,
                false,
                self.say("see section 5", "voir section 5"),
                "EN 319 412-5 QCS-4.1-02",
            ));
        }
        rows
    }

    fn policies(&self) -> String {
        let profile = self.profile;
        let kind = profile.subject_type();
        let cps = match self.settings {
            Some(settings) => code(&settings.config().cps_uri),
            None => code("{cps-uri}"),
        };
        let own = if kind.is_ca() {
            format!("{} (anyPolicy)", code(&oid::ANY_POLICY.to_string()))
        } else {
            code(&self.policy())
        };
        let mut parts = vec![format!(
            "{own} {} {cps}",
            self.say(
                "with the practice statement",
                "avec la déclaration des pratiques de certification"
            )
        )];
        let etsi = self.etsi_policies();
        if !etsi.is_empty() {
            let or = self.say(" or ", " ou ");
            parts.push(etsi.join(or));
        }
        parts.extend(profile.config().additional_policies.iter().map(|p| code(p)));
        parts.join(" ; ")
    }

    /// The ETSI policies that certificates of the profile may carry, one each.
    fn etsi_policies(&self) -> Vec<String> {
        use crate::profile::DevicePolicy::{Excluded, Optional, Required};
        let profile = self.profile;
        let devices: &[bool] = match profile.config().statements.device {
            Optional => &[false, true],
            Required => &[true],
            Excluded => &[false],
        };
        let claims: Vec<Claim> = match (profile.config().qualified, profile.legislations()) {
            (None, _) => vec![Claim::None],
            (Some(use_), laws) => {
                let claimed = self.any_law().map(|law| Claim::Qualified(use_, law));
                let unclaimed = laws.allow(&Legislation::None).then_some(Claim::None);
                claimed.into_iter().chain(unclaimed).collect()
            }
        };
        let mut out = Vec::new();
        for claim in claims {
            for secure_device in devices {
                let qualification = Qualification {
                    claim: claim.clone(),
                    secure_device: *secure_device,
                };
                if let Some(policy) = qualification.etsi_policy(profile.subject_type()) {
                    let label = oid::label(&policy).unwrap_or_default();
                    out.push(format!("{} ({label})", code(&policy.to_string())));
                }
            }
        }
        out
    }

    /// Some law under which certificates of the profile may be qualified.
    fn any_law(&self) -> Option<Legislation> {
        match self.profile.legislations() {
            Legislations::Any => Some(Legislation::Eu),
            Legislations::These(laws) => laws.iter().find(|l| **l != Legislation::None).cloned(),
        }
    }

    /// Whether every certificate of the profile is qualified.
    pub(super) fn always_qualified(&self) -> bool {
        let claims = self.profile.config().qualified;
        matches!(claims, Some(QualifiedType::Esign | QualifiedType::Eseal))
            && !self.profile.legislations().allow(&Legislation::None)
    }

    fn revocation_rows(&self, rows: &mut Vec<Vec<String>>) {
        let (ocsp, issuers, crl) = match self.settings {
            Some(settings) => (
                settings.ocsp_url(),
                settings.ca_issuers_url("{ca}"),
                settings.crl_url("{ca}"),
            ),
            None => (
                "{base-url}/ocsp".to_owned(),
                "{base-url}/ca/{ca}.cer".to_owned(),
                "{base-url}/crl/{ca}.crl".to_owned(),
            ),
        };
        match self.profile.config().extensions.revocation {
            RevocationInformation::TrustAnchor => {}
            RevocationInformation::NoCheck => rows.push(self.row(
                oid::OCSP_NO_CHECK,
                false,
                "NULL",
                "RFC 6960 section 4.2.2.2.1",
            )),
            RevocationInformation::ShortTerm => {
                let clause = "EN 319 412-1 clause 5.2";
                rows.push(self.row(oid::EXT_VALASSURED_SHORT_TERM, false, "NULL", clause));
                rows.push(self.row(oid::CE_NO_REV_AVAIL, false, "NULL", "RFC 9608 section 2"));
                rows.push(self.row(
                    oid::PE_AUTHORITY_INFO_ACCESS,
                    false,
                    format!("caIssuers {}", code(&issuers)),
                    "EN 319 412-2 GEN-4.4.1-2",
                ));
            }
            RevocationInformation::OcspAndCrl => {
                rows.push(self.row(
                    oid::CE_CRL_DISTRIBUTION_POINTS,
                    false,
                    code(&crl),
                    "EN 319 412-2 clause 4.3.11",
                ));
                rows.push(self.row(
                    oid::PE_AUTHORITY_INFO_ACCESS,
                    false,
                    format!("ocsp {} ; caIssuers {}", code(&ocsp), code(&issuers)),
                    "EN 319 412-2 GEN-4.4.1-2",
                ));
            }
        }
    }
}
