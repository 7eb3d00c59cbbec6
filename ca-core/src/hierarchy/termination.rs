//! The minutes of a termination: what was decided, by whom, and the hashes that identify what is left
//! (EN 319 411-1 clause 6.4.9), in Markdown, with a place for signatures.

use super::ceremony::{Language, escaped};

/// What the minutes say.
#[derive(Clone, Debug)]
pub struct TerminationMinutes {
    /// The authority's name.
    pub authority: String,
    /// Its subject, for people.
    pub subject: String,
    /// SHA-256 of its certificate, hexadecimal.
    pub certificate_sha256: String,
    /// When it ended.
    pub terminated_at: String,
    /// Why.
    pub reason: String,
    /// What became of its certificates: `revoked` or `left`.
    pub certificates: String,
    /// How many certificates it issued, and how many of them are revoked or suspended.
    pub counts: (u64, u64),
    /// The last CRL of each scope: file, number, thisUpdate, SHA-256.
    pub crls: Vec<[String; 4]>,
    /// Where the archive is, and the SHA-256 of its manifest.
    pub archive: (String, String),
    /// What became of the key, and how: the statement that was recorded.
    pub key: Option<(String, String)>,
    /// The security-officers who decided, with the journal's word on them.
    pub deciders: Vec<String>,
    /// Others who were named.
    pub actors: Vec<String>,
    /// The journal: records and head.
    pub journal: (u64, String),
    /// The program and its version.
    pub program: String,
}

impl TerminationMinutes {
    /// The page, in one language.
    #[must_use]
    pub fn to_markdown(&self, language: Language) -> String {
        let t = |english, french| language.pick(english, french);
        let mut page = format!(
            "# {} {}\n\n",
            t(
                "Minutes of the termination of",
                "Procès-verbal de cessation d'activité de"
            ),
            escaped(&self.authority)
        );
        let revoked = match self.certificates.as_str() {
            "revoked" => t(
                "revoked (cessationOfOperation)",
                "révoqués (cessationOfOperation)",
            ),
            _ => t(
                "left as they are until they end",
                "laissés en l'état jusqu'à leur terme",
            ),
        };
        let hash = |sha256: &str| format!("`{sha256}`");
        let key = match &self.key {
            Some((about, statement)) => {
                let fate = match about.as_str() {
                    "key-destroyed" => t("destroyed", "détruite"),
                    _ => t("retained, unused", "conservée, hors d'usage"),
                };
                format!("{fate}: {}", escaped(statement))
            }
            None => t("not recorded", "non consigné").to_owned(),
        };
        let rows = [
            (t("Subject", "Sujet"), escaped(&self.subject)),
            (
                t("Certificate, SHA-256", "Certificat, SHA-256"),
                hash(&self.certificate_sha256),
            ),
            (
                t("Ended (UTC)", "Cessation (UTC)"),
                self.terminated_at.clone(),
            ),
            (t("Reason", "Motif"), escaped(&self.reason)),
            (
                t("Certificates that had not ended", "Certificats non échus"),
                revoked.to_owned(),
            ),
            (
                t("Certificates issued", "Certificats émis"),
                self.counts.0.to_string(),
            ),
            (
                t(
                    "Of these revoked or suspended",
                    "Dont révoqués ou suspendus",
                ),
                self.counts.1.to_string(),
            ),
            (t("Private key", "Clé privée"), key),
            (t("Archive", "Archive"), format!("`{}`", self.archive.0)),
            (
                t(
                    "Archive's manifest, SHA-256",
                    "Manifeste de l'archive, SHA-256",
                ),
                hash(&self.archive.1),
            ),
            (
                t("Journal records", "Enregistrements du journal"),
                self.journal.0.to_string(),
            ),
            (t("Journal head", "Tête du journal"), hash(&self.journal.1)),
            (t("Program", "Programme"), self.program.clone()),
        ];
        page += "| | |\n| --- | --- |\n";
        for (what, value) in rows {
            page += &format!("| {what} | {value} |\n");
        }
        page += &format!(
            "\n## {}\n\n| {} | {} | {} | SHA-256 |\n| --- | --- | --- | --- |\n",
            t("Last CRLs", "Dernières LCR"),
            t("File", "Fichier"),
            t("Number", "Numéro"),
            t("Issued (UTC)", "Émise (UTC)")
        );
        for [file, number, this_update, sha256] in &self.crls {
            page += &format!("| {file} | {number} | {this_update} | `{sha256}` |\n");
        }
        page += &format!(
            "\n{}\n\n## {}\n\n| {} | {} | {} |\n| --- | --- | --- |\n",
            t(
                "Their nextUpdate is 99991231235959Z (EN 319 411-1): none follows them.",
                "Leur nextUpdate est 99991231235959Z (EN 319 411-1) : aucune autre ne les suit."
            ),
            t("Participants", "Participants"),
            t("Who", "Qui"),
            t("Part", "Rôle"),
            t("Signature", "Signature")
        );
        for decider in &self.deciders {
            let part = t(
                "security-officer, decided by a signature that the journal keeps",
                "responsable de la sécurité, a décidé par une signature que le journal conserve",
            );
            page += &format!("| {} | {part} | |\n", escaped(decider));
        }
        for actor in &self.actors {
            let part = t("named", "cité");
            page += &format!("| {} | {part} | |\n", escaped(actor));
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written on the command line must not make rows or columns of its own.
    #[test]
    fn a_reason_with_bars_stays_in_its_cell_in_both_languages() {
        let minutes = TerminationMinutes {
            authority: "companies".into(),
            subject: "CN=Example Companies CA".into(),
            certificate_sha256: "ab".repeat(32),
            terminated_at: "2026-11-22T09:00:00Z".into(),
            reason: "a | b <c>".into(),
            certificates: "left".into(),
            counts: (3, 1),
            crls: vec![[
                "companies.crl".into(),
                "17".into(),
                "2026-11-22T09:00:01Z".into(),
                "cd".repeat(32),
            ]],
            archive: ("end".into(), "ef".repeat(32)),
            key: Some(("key-destroyed".into(), "before N. Notaire".into())),
            deciders: vec!["anna".into(), "sven".into()],
            actors: vec!["os-user ca (uid 990)".into()],
            journal: (42, "01".repeat(32)),
            program: "sceau-ca 0".into(),
        };
        let english = minutes.to_markdown(Language::English);
        let french = minutes.to_markdown(Language::French);
        for page in [&english, &french] {
            assert!(page.contains("a \\| b &lt;c>"), "{page}");
            for said in [
                "| companies.crl | 17 |",
                "| anna |",
                "| sven |",
                "before N. Notaire",
            ] {
                assert!(page.contains(said), "{said}: {page}");
            }
        }
        assert!(english.contains("until they end") && french.contains("jusqu'à leur terme"));
    }
}
