//! What the commands print: the JSON shapes (documented in docs/sceau-ca.md, kept stable) and their
//! texts.

use ca_core::store::{CaCertificate, CertificateEntry, IssuesBesideSuccessor, Life, PublishedCrl};
use ca_core::{Authority, CaEngine, CaError, CertificateState};
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::DigestAlgorithm;
use serde::Serialize;

/// A certificate as the record has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CertificateReport {
    pub(crate) serial: String,
    pub(crate) authority: String,
    pub(crate) profile: String,
    pub(crate) status: &'static str,
    pub(crate) subject: String,
    pub(crate) not_before: String,
    pub(crate) not_after: String,
    pub(crate) sha256: Option<String>,
    pub(crate) revocation: Option<RevocationReport>,
}

/// A revocation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RevocationReport {
    pub(crate) at: String,
    pub(crate) reason: &'static str,
    pub(crate) invalidity_date: Option<String>,
    pub(crate) requested_at: String,
    pub(crate) decided_at: String,
}

/// A certification authority.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthorityReport {
    pub(crate) name: String,
    pub(crate) profile: String,
    pub(crate) issuer: Option<String>,
    pub(crate) subject: String,
    pub(crate) serial: String,
    pub(crate) not_before: String,
    pub(crate) not_after: String,
    pub(crate) sha256: String,
    pub(crate) key: String,
    pub(crate) crl: Option<CrlReport>,
    /// The issuer's name where it is no authority here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issued_by: Option<String>,
    /// The generation before it, the one after it, when it ended, and its certificates beside the present
    /// one.
    #[serde(flatten)]
    pub(crate) life: LifeReport,
}

/// What became of an authority.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LifeReport {
    pub(crate) state: &'static str,
    pub(crate) predecessor: Option<String>,
    pub(crate) successor: Option<String>,
    pub(crate) terminated_at: Option<String>,
    pub(crate) certificates: Vec<CaCertificateReport>,
}

/// A renewal, link or cross-certificate that an authority got or gave.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaCertificateReport {
    pub(crate) kind: &'static str,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) serial: String,
    pub(crate) not_after: String,
}

impl LifeReport {
    /// Of the authority of this name.
    pub(crate) fn new(name: &str, life: Life, all: &[CaCertificate]) -> Self {
        let beside = life.issues == IssuesBesideSuccessor::Yes;
        let state = match (&life.terminated_at, &life.successor) {
            (Some(_), _) => "terminated",
            (None, Some(_)) if !beside => "superseded",
            _ => "active",
        };
        let certificates = all
            .iter()
            .filter(|c| c.issuer == name || c.authority.as_deref() == Some(name))
            .map(|c| CaCertificateReport {
                kind: c.kind.name(),
                issuer: c.issuer.clone(),
                subject: c.certificate.display_subject().to_string(),
                serial: c.certificate.serial_hex(),
                not_after: c.certificate.not_after().to_string(),
            })
            .collect();
        Self {
            state,
            predecessor: life.predecessor,
            successor: life.successor,
            terminated_at: life.terminated_at.map(|t| t.to_string()),
            certificates,
        }
    }

    fn lines(&self, out: &mut Vec<(&'static str, String)>) {
        if let Some(name) = &self.predecessor {
            out.push(("predecessor", name.clone()));
        }
        if let Some(name) = &self.successor {
            out.push(("successor", name.clone()));
        }
        match &self.terminated_at {
            Some(at) => out.push(("state", format!("terminated on {at}"))),
            None if self.state != "active" => out.push(("state", self.state.to_owned())),
            None => {}
        }
        for c in &self.certificates {
            let what = format!(
                "{} by {}, {}, until {}",
                c.serial, c.issuer, c.subject, c.not_after
            );
            out.push((c.kind, what));
        }
    }
}

/// A published CRL.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CrlReport {
    pub(crate) number: u64,
    pub(crate) this_update: String,
    pub(crate) next_update: String,
}

impl CertificateReport {
    pub(crate) fn new(entry: &CertificateEntry, now: UnixTime) -> Self {
        let status = match (entry.state, &entry.revocation) {
            (CertificateState::Intended, _) => "unfinished",
            (CertificateState::Abandoned, _) => "abandoned",
            (CertificateState::Issued, Some(r)) if r.is_suspension() => "suspended",
            (CertificateState::Issued, Some(_)) => "revoked",
            (CertificateState::Issued, None) if entry.not_after < now => "expired",
            (CertificateState::Issued, None) => "good",
        };
        Self {
            serial: entry.serial_hex(),
            authority: entry.authority.clone(),
            profile: entry.profile.clone(),
            status,
            subject: entry.subject.clone(),
            not_before: entry.not_before.to_string(),
            not_after: entry.not_after.to_string(),
            sha256: entry.certificate.as_ref().map(sha256),
            revocation: entry.revocation.map(|r| RevocationReport {
                at: r.at.to_string(),
                reason: r.reason.name(),
                invalidity_date: r.invalidity_date.map(|t| t.to_string()),
                requested_at: r.requested_at.to_string(),
                decided_at: r.decided_at.to_string(),
            }),
        }
    }

    pub(crate) fn text(&self) -> String {
        let mut lines = vec![
            ("serial", self.serial.clone()),
            ("authority", self.authority.clone()),
            ("profile", self.profile.clone()),
            ("subject", self.subject.clone()),
            (
                "valid",
                format!("{} to {}", self.not_before, self.not_after),
            ),
        ];
        if let Some(sha256) = &self.sha256 {
            lines.push(("SHA-256", sha256.clone()));
        }
        lines.push(("status", self.status.to_owned()));
        if let Some(revocation) = &self.revocation {
            let label = match self.status {
                "suspended" => "suspended",
                _ => "revoked",
            };
            lines.push((label, format!("{}, {}", revocation.at, revocation.reason)));
            if let Some(date) = &revocation.invalidity_date {
                lines.push(("invalid since", date.clone()));
            }
            lines.push(("requested", revocation.requested_at.clone()));
            if revocation.decided_at != revocation.at {
                lines.push(("decided", revocation.decided_at.clone()));
            }
        }
        fields(&lines)
    }
}

impl AuthorityReport {
    pub(crate) fn new(authority: &Authority, crl: Option<&PublishedCrl>) -> Self {
        let certificate = &authority.certificate;
        Self {
            name: authority.name.clone(),
            profile: authority.profile.clone(),
            issuer: authority.issuer.clone(),
            subject: certificate.display_subject().to_string(),
            serial: certificate.serial_hex(),
            not_before: certificate.not_before().to_string(),
            not_after: certificate.not_after().to_string(),
            sha256: sha256(certificate),
            key: authority.key_location.clone(),
            crl: crl.map(CrlReport::new),
            issued_by: (authority.issuer.is_none() && !certificate.is_self_issued())
                .then(|| certificate.display_issuer().to_string()),
            life: LifeReport {
                state: "active",
                ..LifeReport::default()
            },
        }
    }

    /// With what became of it.
    pub(crate) fn with_life(mut self, engine: &CaEngine) -> Result<Self, CaError> {
        let all = engine.ca_certificates()?;
        self.life = LifeReport::new(&self.name, engine.life(&self.name)?, &all);
        Ok(self)
    }

    /// An authority that was adopted without those above it has an issuer that is no authority here.
    fn issuer_text(&self) -> String {
        let elsewhere = self
            .issued_by
            .as_ref()
            .map(|name| format!("{name} (not here)"));
        let issuer = self.issuer.clone().or(elsewhere);
        issuer.unwrap_or_else(|| "itself".into())
    }

    pub(crate) fn text(&self) -> String {
        let crl = match &self.crl {
            None => "none yet".to_owned(),
            Some(crl) => crl.text(),
        };
        let key = match self.key.as_str() {
            "" => "elsewhere".to_owned(),
            key => key.to_owned(),
        };
        let mut lines = vec![
            ("name", self.name.clone()),
            ("profile", self.profile.clone()),
            ("issuer", self.issuer_text()),
            ("subject", self.subject.clone()),
            ("serial", self.serial.clone()),
            (
                "valid",
                format!("{} to {}", self.not_before, self.not_after),
            ),
            ("SHA-256", self.sha256.clone()),
            ("key", key),
            ("CRL", crl),
        ];
        self.life.lines(&mut lines);
        fields(&lines)
    }
}

impl CrlReport {
    pub(crate) fn new(crl: &PublishedCrl) -> Self {
        Self::of(crl.number, crl.this_update, crl.next_update)
    }

    /// Of a CRL that has these.
    pub(crate) fn of(number: u64, this_update: UnixTime, next_update: UnixTime) -> Self {
        Self {
            number,
            this_update: this_update.to_string(),
            next_update: next_update.to_string(),
        }
    }

    pub(crate) fn text(&self) -> String {
        format!(
            "number {}, {}, the next by {}",
            self.number, self.this_update, self.next_update
        )
    }
}

/// A day, for tables; the JSON has the second.
pub(crate) fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}

/// The fingerprint people compare.
pub(crate) fn sha256(certificate: &Certificate) -> String {
    DigestAlgorithm::Sha256.digest(certificate.der()).to_hex()
}

/// Aligned `label  value` lines.
pub(crate) fn fields(lines: &[(&str, String)]) -> String {
    let width = lines
        .iter()
        .map(|(label, _)| label.len())
        .max()
        .unwrap_or(0);
    let line = |(label, value): &(&str, String)| format!("{label:<width$}  {value}\n");
    lines.iter().map(line).collect()
}
