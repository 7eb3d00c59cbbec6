//! Whether a certificate, and so a signature or seal, is qualified (TS 119 615 clauses 4.3 to 4.6): what
//! the trusted lists say of its issuer, at the time the certificate was issued and at the time it was used,
//! and what the certificate says of itself.
//!
//! A certificate that names countries in QcCClegislation is judged by their lists alone; one that names none
//! is judged by those of the European Union (EN 319 412-5 clause 4.2.4).

mod claims;
mod moment;
mod services;
mod table;

use core::fmt;
use std::collections::HashMap;

use pki_asn1::{Certificate, UnixTime};

use crate::list::{State, uri};
use crate::load::TrustedLists;
use claims::{Called, Claims};
use moment::Moment;
pub use services::Found;

/// Regulation (EU) No 910/2014 applies from 2016-07-01T00:00:00+02:00 on.
fn eidas() -> UnixTime {
    UnixTime::from_secs(1_467_324_000)
}

/// What a qualified certificate is for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Purpose {
    /// Electronic signatures, of natural persons.
    Signature,
    /// Electronic seals, of legal persons.
    Seal,
    /// Website authentication.
    Website,
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "electronic signatures",
            Self::Seal => "electronic seals",
            Self::Website => "website authentication",
        })
    }
}

/// An answer that may not be there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// What the lists say does not allow an answer.
    Indeterminate,
}

impl Answer {
    /// `yes`, `no` or `indeterminate`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Indeterminate => "indeterminate",
        }
    }
}

/// What a signature with this certificate is, if it is valid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Level {
    /// A qualified electronic signature.
    QESig,
    /// A qualified electronic seal.
    QESeal,
    /// An advanced electronic signature with a qualified certificate.
    AdESigWithQc,
    /// An advanced electronic seal with a qualified certificate.
    AdESealWithQc,
    /// No certificate for signatures or seals is qualified.
    NotQualified,
    /// What the lists say does not allow an answer.
    Indeterminate,
}

impl Level {
    /// As it is written in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QESig => "QESig",
            Self::QESeal => "QESeal",
            Self::AdESigWithQc => "AdESig-QC",
            Self::AdESealWithQc => "AdESeal-QC",
            Self::NotQualified => "not-qualified",
            Self::Indeterminate => "indeterminate",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QESig => "qualified electronic signature",
            Self::QESeal => "qualified electronic seal",
            Self::AdESigWithQc => "advanced electronic signature with a qualified certificate",
            Self::AdESealWithQc => "advanced electronic seal with a qualified certificate",
            Self::NotQualified => "not qualified",
            Self::Indeterminate => "qualification not determined",
        })
    }
}

/// Everything that is known of a certificate's qualification.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Qualification {
    /// What a signature with it is.
    pub level: Level,
    /// Whether the certificate is qualified, when it was issued and when it was used.
    pub certificate: Answer,
    /// What it is qualified for.
    pub purpose: Option<Purpose>,
    /// Whether the key was in a qualified device when it was used.
    pub qscd: Answer,
    /// The countries whose law the certificate names; none for that of the European Union.
    pub legislation: Vec<String>,
    /// The service that decided, as it was when the certificate was used.
    pub service: Option<Found>,
    /// Why it is so, in sentences.
    pub reasons: Vec<String>,
}

/// Whether a signature is qualified that was made at `at` with the first certificate of `chain`; the others
/// are those above it, the trust anchor among them.
#[must_use]
pub fn certificate(lists: &TrustedLists, chain: &[Certificate], at: UnixTime) -> Qualification {
    let Some(target) = chain.first() else {
        return Qualification {
            level: Level::Indeterminate,
            certificate: Answer::Indeterminate,
            purpose: None,
            qscd: Answer::Indeterminate,
            legislation: Vec::new(),
            service: None,
            reasons: vec!["there is no certificate".into()],
        };
    };
    let claims = Claims::of(target);
    let issued = Moment::of(lists, chain, &claims, target.not_before());
    let used = Moment::of(lists, chain, &claims, at);
    let mut reasons = used.reasons.clone();
    for reason in &issued.reasons {
        if !reasons.contains(reason) {
            reasons.push(format!("when the certificate was issued: {reason}"));
        }
    }
    let mut certificate = both(issued.certificate, used.certificate);
    if certificate == Answer::Yes && issued.purpose != used.purpose {
        certificate = Answer::Indeterminate;
        reasons.push(
            "the lists say of it that it is for something else than when it was issued".into(),
        );
    }
    let level = match (certificate, used.purpose, used.qscd) {
        (Answer::Indeterminate, ..) => Level::Indeterminate,
        (Answer::No, ..) | (_, Some(Purpose::Website) | None, _) => Level::NotQualified,
        (_, _, Answer::Indeterminate) => Level::Indeterminate,
        (_, Some(Purpose::Signature), Answer::Yes) => Level::QESig,
        (_, Some(Purpose::Seal), Answer::Yes) => Level::QESeal,
        (_, Some(Purpose::Signature), Answer::No) => Level::AdESigWithQc,
        (_, Some(Purpose::Seal), Answer::No) => Level::AdESealWithQc,
    };
    if certificate == Answer::Yes && used.purpose == Some(Purpose::Website) {
        reasons.push("it is qualified for websites, which neither signs nor seals".into());
    }
    if certificate == Answer::Yes
        && let Some(found) = used.service.as_ref().filter(|f| !f.is_european())
    {
        let territory = found.territory.as_deref().unwrap_or_default();
        reasons.push(match &found.recognition {
            Some(_) => format!(
                "it is qualified by the law of {territory}; the agreement on mutual recognition in the list of lists is not interpreted"
            ),
            None => format!("it is qualified by the law of {territory}, not by that of the European Union"),
        });
    }
    if certificate == Answer::Yes && used.qscd == Answer::No {
        reasons.push("its key is not known to be in a qualified device".into());
    }
    Qualification {
        level,
        certificate,
        purpose: used.purpose.filter(|_| certificate == Answer::Yes),
        qscd: if certificate == Answer::No {
            Answer::No
        } else {
            used.qscd
        },
        legislation: claims.legislation,
        service: used.service,
        reasons,
    }
}

/// Whether a time-stamp is qualified that was made at `at` by the first certificate of `chain` (TS 119 615
/// clauses 4.6 and 4.7): its own service, or one above it, is a granted service of qualified time-stamps, of
/// which there are some since 2016-07-01.
#[must_use]
pub fn time_stamp(
    lists: &TrustedLists,
    chain: &[Certificate],
    at: UnixTime,
) -> (Answer, Option<Found>) {
    let mut all = services::services(lists, chain, at, uri::TSA_QTST);
    let (Some(unit), Some(first)) = (chain.first(), all.first()) else {
        return (Answer::No, None);
    };
    let disagree = all.iter().any(|f| f.status != first.status);
    let answer = if at < eidas() {
        Answer::No
    } else if disagree || services::objection(&all, &Called::by(unit.subject())).is_some() {
        Answer::Indeterminate
    } else {
        match uri::status(&first.status) {
            Some("granted") => Answer::Yes,
            _ => Answer::No,
        }
    };
    (answer, Some(all.swap_remove(0)))
}

/// A certificate that a list lends trust to, and when (TS 119 615 clause 4.3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListedAnchor {
    /// The service's certificate.
    pub certificate: Certificate,
    /// When the service was granted.
    pub periods: Vec<Period>,
}

/// What a listed service makes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Makes {
    /// Qualified certificates.
    Certificates,
    /// Qualified time-stamps.
    TimeStamps,
}

/// A time in which a service was granted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Period {
    /// For what.
    pub makes: Makes,
    /// Its first second.
    pub from: UnixTime,
    /// The first second after it; nothing where it lasts.
    pub until: Option<UnixTime>,
}

impl Period {
    /// Whether a time lies in it.
    #[must_use]
    pub fn contains(&self, at: UnixTime) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// The certificates of services that issue qualified certificates or time-stamps, with the times at which
/// they were granted.
#[must_use]
pub fn anchors(lists: &TrustedLists) -> Vec<ListedAnchor> {
    let period = |state: &State, until| {
        let makes = match state.service_type.as_str() {
            uri::CA_QC => Makes::Certificates,
            uri::TSA_QTST => Makes::TimeStamps,
            _ => return None,
        };
        uri::is_granted(&state.status).then_some(Period {
            makes,
            from: state.since,
            until,
        })
    };
    let mut out: Vec<ListedAnchor> = Vec::new();
    let mut places: HashMap<Certificate, usize> = HashMap::new();
    for loaded in lists.lists() {
        for (_, service) in loaded.verified.list().services() {
            let granted = service.periods();
            let periods: Vec<Period> = granted.filter_map(|(s, until)| period(s, until)).collect();
            if periods.is_empty() {
                continue;
            }
            let all = service.states.iter().flat_map(|s| &s.identity.certificates);
            for certificate in all {
                let place = *places.entry(certificate.clone()).or_insert_with(|| {
                    out.push(ListedAnchor {
                        certificate: certificate.clone(),
                        periods: Vec::new(),
                    });
                    out.len() - 1
                });
                let known = &mut out[place].periods;
                for one in &periods {
                    if !known.contains(one) {
                        known.push(*one);
                    }
                }
            }
        }
    }
    out
}

fn both(a: Answer, b: Answer) -> Answer {
    match (a, b) {
        (Answer::No, _) | (_, Answer::No) => Answer::No,
        (Answer::Yes, Answer::Yes) => Answer::Yes,
        _ => Answer::Indeterminate,
    }
}
