//! Who and what, in the words of the two languages; revocation and registration, which are prose.

use super::Annex;
use super::table::{code, table};
use crate::profile::{
    DuplicateKey, DuplicateSubject, QualifiedType, Renewal, RevocationInformation, SubjectType,
};

impl Annex<'_> {
    pub(super) fn kind(&self) -> &'static str {
        match self.profile.subject_type() {
            SubjectType::RootCa => self.say(
                "root certification authority",
                "autorité de certification racine",
            ),
            SubjectType::IssuingCa => self.say(
                "issuing certification authority",
                "autorité de certification émettrice",
            ),
            SubjectType::LegalPerson => self.say(
                "legal person (EN 319 412-3)",
                "personne morale (EN 319 412-3)",
            ),
            SubjectType::NaturalPerson => self.say(
                "natural person (EN 319 412-2)",
                "personne physique (EN 319 412-2)",
            ),
            SubjectType::Professional => self.say(
                "natural person acting for an organisation (EN 319 412-2)",
                "personne physique agissant pour une organisation (EN 319 412-2)",
            ),
            SubjectType::OcspSigner => self.say(
                "delegated OCSP responder (RFC 6960)",
                "répondeur OCSP délégué (RFC 6960)",
            ),
            SubjectType::TimeStampingUnit => self.say(
                "time-stamping unit (EN 319 421)",
                "unité d'horodatage (EN 319 421)",
            ),
        }
    }

    pub(super) fn qualification(&self) -> &'static str {
        match self.profile.config().qualified {
            None => self.say("never", "jamais"),
            Some(QualifiedType::Esign) => self.say(
                "certificate for electronic signature, where issued under a law",
                "certificat de signature électronique, s'il est émis sous une législation",
            ),
            Some(QualifiedType::Eseal) => self.say(
                "certificate for electronic seal, where issued under a law",
                "certificat de cachet électronique, s'il est émis sous une législation",
            ),
        }
    }

    pub(super) fn revocation(&self) -> String {
        let title = self.say("Revocation", "Révocation");
        let body = match self.profile.config().extensions.revocation {
            RevocationInformation::OcspAndCrl => format!(
                "{}\n\n{} {}.\n",
                self.say(
                    "The certificate can be revoked at any time. Its status is published by OCSP and in the \
                     CRL of the issuing authority, at the addresses that the certificate names: at most \
                     24 hours after the request, and at most 60 minutes after the decision \
                     (EN 319 411-1 clause 6.2.4).",
                    "Le certificat peut être révoqué à tout moment. Son statut est publié par OCSP et dans \
                     la liste de certificats révoqués (LCR) de l'autorité de certification émettrice, aux \
                     adresses indiquées dans le certificat : au plus tard 24 heures après la demande et \
                     60 minutes après la décision (EN 319 411-1, clause 6.2.4).",
                ),
                self.say(
                    "Revocation reasons (RFC 5280 section 5.3.1) :",
                    "Motifs de révocation (RFC 5280, section 5.3.1) :",
                ),
                self.reasons()
            ),
            RevocationInformation::NoCheck => format!(
                "{}\n",
                self.say(
                    "Relying parties do not check the status of this certificate: it carries \
                     id-pkix-ocsp-nocheck, lives briefly, and is replaced before it ends \
                     (RFC 6960 section 4.2.2.2.1).",
                    "Le statut de ce certificat n'est pas vérifié par les utilisateurs de certificats : il \
                     porte l'extension id-pkix-ocsp-nocheck, sa durée de validité est brève et il est \
                     remplacé avant son terme (RFC 6960, section 4.2.2.2.1).",
                )
            ),
            RevocationInformation::TrustAnchor => format!(
                "{}\n",
                self.say(
                    "The certificate is a trust anchor and names no revocation information. It is withdrawn \
                     by removing it from the stores and lists that relying parties trust.",
                    "Le certificat est une ancre de confiance et n'indique aucune information de révocation. \
                     Son retrait s'effectue par sa suppression des magasins et listes de confiance des \
                     utilisateurs de certificats.",
                )
            ),
            RevocationInformation::ShortTerm => format!(
                "{}\n",
                self.say(
                    "The certificate is a validity-assured short-term certificate: it ends before a \
                     revocation would be published, names neither OCSP nor a CRL, and is never revoked \
                     (EN 319 412-1 clause 5.2, RFC 9608).",
                    "Le certificat est un certificat à courte durée de validité assurée : il expire avant \
                     qu'une révocation ne soit publiée, n'indique ni service OCSP ni LCR, et n'est jamais \
                     révoqué (EN 319 412-1, clause 5.2 ; RFC 9608).",
                )
            ),
        };
        self.section(7, title, body)
    }

    fn reasons(&self) -> String {
        let own = if self.profile.subject_type().is_ca() {
            "cACompromise"
        } else {
            "affiliationChanged"
        };
        let reasons = [
            "unspecified",
            "keyCompromise",
            own,
            "superseded",
            "cessationOfOperation",
            "privilegeWithdrawn",
        ]
        .map(code)
        .join(", ");
        if !self.profile.subject_type().is_subscriber() {
            return reasons;
        }
        let hold = self.say("while it is suspended", "tant qu'il est suspendu");
        format!("{reasons} ; {} {hold}", code("certificateHold"))
    }

    pub(super) fn registration(&self) -> String {
        let policy = self.profile.registration();
        let row = |what: &str, value: String, clause: &str| {
            vec![what.to_owned(), value, self.language.clause(clause)]
        };
        let rows = vec![
            row(
                self.say(
                    "Decisions besides the registrar's",
                    "Décisions en plus de celle de l'opérateur d'enregistrement",
                ),
                policy.approvals.to_string(),
                "EN 319 411-1 clause 6.4.3",
            ),
            row(
                self.say("A key that was certified before", "Clé déjà certifiée"),
                match policy.duplicate_key {
                    DuplicateKey::Refuse => self.say("refused", "refusée"),
                    DuplicateKey::SameSubject => self.say(
                        "accepted for the same subject only",
                        "admise pour le même sujet seulement",
                    ),
                    DuplicateKey::Allow => self.say("accepted", "admise"),
                }
                .to_owned(),
                "EN 319 411-1 clause 6.3.3",
            ),
            row(
                self.say(
                    "A subject that has a valid certificate of this profile",
                    "Sujet déjà titulaire d'un certificat valide de ce profil",
                ),
                match policy.duplicate_subject {
                    DuplicateSubject::Allow => self.say("accepted", "admis"),
                    DuplicateSubject::Warn => {
                        self.say("accepted with a warning", "admis avec avertissement")
                    }
                    DuplicateSubject::Refuse => self.say("refused", "refusé"),
                }
                .to_owned(),
                "EN 319 411-1 clause 6.3.3",
            ),
            row(
                self.say("Renewal", "Renouvellement"),
                match policy.renewal {
                    Renewal::NewKey => {
                        self.say("with a new key only", "avec une nouvelle clé seulement")
                    }
                    Renewal::SameKey => self.say(
                        "with the same key while its algorithm lasts, or with a new one",
                        "avec la même clé tant que son algorithme le permet, ou avec une nouvelle",
                    ),
                }
                .to_owned(),
                "EN 319 411-1 clauses 6.3.6 and 6.3.7",
            ),
        ];
        let columns = [
            self.say("Rule", "Règle"),
            self.say("Value", "Valeur"),
            self.say("Source", "Référence"),
        ];
        let title = self.say("Registration", "Enregistrement");
        self.section(8, title, table(&columns, &rows))
    }
}
