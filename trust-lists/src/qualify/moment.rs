//! What the lists say of a certificate at one time (TS 119 615 clauses 4.3, 4.4 and 4.5).

use pki_asn1::{Certificate, UnixTime};

use super::claims::Claims;
use super::services::{self, Found};
use super::table::{Cell, Said};
use super::{Answer, Purpose, eidas};
use crate::list::uri;
use crate::load::TrustedLists;

/// What is so at one time.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) certificate: Answer,
    pub(super) purpose: Option<Purpose>,
    pub(super) qscd: Answer,
    pub(super) service: Option<Found>,
    pub(super) reasons: Vec<String>,
}

/// What the services say of one purpose.
struct Check {
    purpose: Purpose,
    cell: Cell,
    said: Said,
    service: Option<Found>,
}

const UNDERSTOOD: [&str; 13] = [
    "QCForESig",
    "QCForESeal",
    "QCForWSA",
    "QCForLegalPerson",
    "QCStatement",
    "NotQualified",
    "QCWithQSCD",
    "QCNoQSCD",
    "QCQSCDStatusAsInCert",
    "QCQSCDManagedOnBehalf",
    "QCWithSSCD",
    "QCNoSSCD",
    "QCSSCDStatusAsInCert",
];

impl Moment {
    pub(super) fn of(
        lists: &TrustedLists,
        chain: &[Certificate],
        claims: &Claims,
        at: UnixTime,
    ) -> Self {
        let Some((target, above)) = chain.split_first() else {
            return Self::answer(Answer::Indeterminate, None, "there is no certificate");
        };
        let all = services::services(lists, above, at, uri::CA_QC);
        if all.is_empty() {
            return Self::unlisted(lists, above, at);
        }
        let (mut lawful, others): (Vec<Found>, Vec<Found>) =
            all.into_iter().partition(|f| f.is_of(&claims.legislation));
        if lawful.is_empty() {
            let law = match claims.legislation.as_slice() {
                [] => "the European Union".to_owned(),
                countries => countries.join(", "),
            };
            return Self::answer(
                Answer::No,
                others.into_iter().next(),
                format!("it claims to be qualified by the law of {law}, and the list is another's"),
            );
        }
        if let Some(reason) = services::objection(&lawful, &claims.issuer) {
            return Self::answer(Answer::Indeterminate, Some(lawful.swap_remove(0)), reason);
        }
        let checks = if at < eidas() || claims.by_directive {
            vec![by_directive(&lawful, target, claims, at)]
        } else {
            let purposes = [Purpose::Signature, Purpose::Seal, Purpose::Website];
            purposes
                .map(|p| by_regulation(&lawful, target, claims, at, p))
                .into()
        };
        let mut moment = Self::together(checks, claims, at);
        moment.service = moment.service.or_else(|| lawful.into_iter().next());
        moment
    }

    /// PRO-4.4.4-05.
    fn unlisted(lists: &TrustedLists, above: &[Certificate], at: UnixTime) -> Self {
        if let Some(found) = services::by_name_alone(lists, above, at, uri::CA_QC) {
            let reason = format!(
                "the list knows {} by its name alone, which anybody can take",
                found.label()
            );
            return Self::answer(Answer::Indeterminate, Some(found), reason);
        }
        Self::answer(
            Answer::No,
            None,
            format!("no list has a service above it that issued qualified certificates at {at}"),
        )
    }

    /// PRO-4.4.4-32 and table 4: one purpose can be confirmed, not two.
    fn together(checks: Vec<Check>, claims: &Claims, at: UnixTime) -> Self {
        let of = |wanted: Answer| checks.iter().filter(move |c| c.cell.0 == wanted);
        let mut confirmed = of(Answer::Yes);
        match (confirmed.next(), confirmed.next()) {
            (Some(_), Some(_)) => {
                return Self::answer(
                    Answer::Indeterminate,
                    None,
                    "the list says that it is qualified for several things",
                );
            }
            (Some(one), None) => {
                let (qscd, reason) = if at < eidas() {
                    one.said.device_by_directive(claims)
                } else {
                    one.said.device_by_regulation(claims)
                };
                return Self {
                    certificate: Answer::Yes,
                    purpose: Some(one.purpose),
                    qscd,
                    service: one.service.clone(),
                    reasons: reason.into_iter().collect(),
                };
            }
            (None, _) => {}
        }
        let answer = match of(Answer::Indeterminate).next() {
            Some(_) => Answer::Indeterminate,
            None => Answer::No,
        };
        // What is said of a purpose that it does not claim helps nobody, unless nothing else is said.
        let claimed = claims.purposes();
        let (mine, other): (Vec<&Check>, Vec<&Check>) =
            of(answer).partition(|c| claimed.contains(&c.purpose));
        let telling = if mine.is_empty() { other } else { mine };
        let mut reasons: Vec<String> = Vec::new();
        for reason in telling.iter().filter_map(|c| c.cell.1.as_ref()) {
            if !reasons.contains(reason) {
                reasons.push(reason.clone());
            }
        }
        Self {
            certificate: answer,
            purpose: None,
            qscd: answer,
            service: telling.iter().find_map(|c| c.service.clone()),
            reasons,
        }
    }

    fn answer(certificate: Answer, service: Option<Found>, reason: impl Into<String>) -> Self {
        Self {
            certificate,
            purpose: None,
            qscd: certificate,
            service,
            reasons: vec![reason.into()],
        }
    }
}

/// PRO-4.4.4-08 to 31: one purpose, since 2016-07-01.
fn by_regulation(
    lawful: &[Found],
    target: &Certificate,
    claims: &Claims,
    at: UnixTime,
    purpose: Purpose,
) -> Check {
    let information = match purpose {
        Purpose::Signature => "ForeSignatures",
        Purpose::Seal => "ForeSeals",
        Purpose::Website => "ForWebSiteAuthentication",
    };
    let own: Vec<&Found> = lawful.iter().filter(|f| f.is_for(information)).collect();
    let Some(first) = own.first() else {
        let label = lawful.first().map(Found::label).unwrap_or_default();
        let reason = format!("the service {label} is not listed for {purpose}");
        return Check::without(purpose, Answer::No, reason, lawful.first());
    };
    if let Some(check) = unlike(&own, purpose) {
        return check;
    }
    match uri::status(&first.status) {
        Some("granted") => {}
        Some("withdrawn") => {
            return Check::without(purpose, Answer::No, was(first, at), Some(first));
        }
        _ => return Check::without(purpose, Answer::Indeterminate, odd(first, at), Some(first)),
    }
    match qualifiers(&own, target) {
        Err(reason) => Check::without(purpose, Answer::Indeterminate, reason, Some(first)),
        Ok(said) => Check {
            purpose,
            cell: said.by_regulation(claims, purpose),
            said,
            service: Some((*first).clone()),
        },
    }
}

/// PRO-4.4.4-33: certificates issued or used before 2016-07-01, which are for signatures.
fn by_directive(lawful: &[Found], target: &Certificate, claims: &Claims, at: UnixTime) -> Check {
    let purpose = Purpose::Signature;
    let all: Vec<&Found> = lawful.iter().collect();
    if let Some(check) = unlike(&all, purpose) {
        return check;
    }
    let used_since = at >= eidas();
    let counted: Vec<&Found> = all
        .iter()
        .copied()
        .filter(|f| !used_since || f.is_for("ForeSignatures"))
        .collect();
    let Some(first) = counted.first() else {
        let label = all.first().map(|f| f.label()).unwrap_or_default();
        let reason = format!("the service {label} is not listed for {purpose}");
        return Check::without(purpose, Answer::No, reason, all.first().copied());
    };
    match (used_since, uri::status(&first.status)) {
        (true, Some("granted"))
        | (false, Some("undersupervision" | "supervisionincessation" | "accredited")) => {}
        (true, Some("withdrawn"))
        | (
            false,
            Some(
                "supervisionceased"
                | "supervisionrevoked"
                | "accreditationceased"
                | "accreditationrevoked",
            ),
        ) => return Check::without(purpose, Answer::No, was(first, at), Some(first)),
        _ => return Check::without(purpose, Answer::Indeterminate, odd(first, at), Some(first)),
    }
    let stated = claims.purposes();
    if !stated.is_empty() && !stated.contains(&purpose) {
        let reason = "before 2016-07-01 certificates were qualified for signatures alone";
        return Check::without(purpose, Answer::No, reason.into(), Some(first));
    }
    match qualifiers(&counted, target) {
        Err(reason) => Check::without(purpose, Answer::Indeterminate, reason, Some(first)),
        Ok(said) => Check {
            purpose,
            cell: said.by_directive(claims),
            said,
            service: Some((*first).clone()),
        },
    }
}

impl Check {
    fn without(purpose: Purpose, answer: Answer, reason: String, service: Option<&Found>) -> Self {
        Self {
            purpose,
            cell: (answer, Some(reason)),
            said: Said::default(),
            service: service.cloned(),
        }
    }
}

/// PRO-4.3.4-05 to 10, PRO-4.4.4-33 (d): one key, listed twice, is either granted or not.
fn unlike(found: &[&Found], purpose: Purpose) -> Option<Check> {
    let first = found.first()?;
    let other = found.iter().find(|f| f.status != first.status)?;
    let reason = format!(
        "the services above it contradict each other: {} is {}, {} is {}",
        first.label(),
        uri::short(&first.status),
        other.label(),
        uri::short(&other.status)
    );
    Some(Check::without(
        purpose,
        Answer::Indeterminate,
        reason,
        Some(first),
    ))
}

fn was(found: &Found, at: UnixTime) -> String {
    format!(
        "the service {} was {} at {at}, since {}",
        found.label(),
        uri::short(&found.status),
        found.since
    )
}

/// PRO-4.4.4-10A: a status of the other time.
fn odd(found: &Found, at: UnixTime) -> String {
    format!(
        "the service {} has the status {} at {at}, which no such service had then",
        found.label(),
        uri::short(&found.status)
    )
}

/// The names of all qualifiers whose criteria the certificate meets (PRO-4.4.4-11, PRO-4.5.4-04 (b)).
fn qualifiers(found: &[&Found], target: &Certificate) -> Result<Said, String> {
    let mut out = Vec::new();
    for one in found.iter().flat_map(|f| &f.extensions.qualifications) {
        match one.criteria.meets(target) {
            Some(false) => continue,
            Some(true) => {}
            None => {
                return Err(
                    "the list has criteria that are not understood, and that decide".into(),
                );
            }
        }
        for qualifier in &one.qualifiers {
            let name = uri::QUALIFIER
                .iter()
                .find_map(|p| qualifier.strip_prefix(p))
                .unwrap_or(qualifier);
            if one.critical && !UNDERSTOOD.contains(&name) {
                return Err(format!(
                    "the list has a critical qualifier that is not understood: {}",
                    crate::xml::shorten(name)
                ));
            }
            out.push(name.to_owned());
        }
    }
    Ok(Said(out))
}
