//! What the lists say of a certificate at one time (TS 119 615 clauses 4.3, 4.4 and 4.5).

use pki_asn1::{Certificate, UnixTime};

use super::claims::Claims;
use super::{Answer, Purpose};
use crate::list::{Extensions, uri};
use crate::load::{Loaded, TrustedLists};

/// Regulation (EU) No 910/2014 applies from 2016-07-01T00:00:00+02:00 on.
pub(super) fn eidas() -> UnixTime {
    UnixTime::from_secs(1_467_324_000)
}

/// A service of a list, as it was at a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// The list's file or URL.
    pub list: String,
    /// The list's territory.
    pub territory: Option<String>,
    /// The provider's name.
    pub provider: String,
    /// The service's name.
    pub name: String,
    /// Its type, a URI.
    pub service_type: String,
    /// Its status, a URI.
    pub status: String,
    /// Since when it has it.
    pub since: UnixTime,
    pub(super) critical: Vec<String>,
    pub(super) extensions: Extensions,
    list_type: String,
}

/// What is so at one time.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) certificate: Answer,
    pub(super) purpose: Option<Purpose>,
    pub(super) qscd: Answer,
    pub(super) service: Option<Found>,
    pub(super) reasons: Vec<String>,
}

/// The services of a type that are a certificate of `chain`, as they were at `at`.
pub(super) fn services(
    lists: &TrustedLists,
    chain: &[Certificate],
    at: UnixTime,
    service_type: &str,
) -> Vec<Found> {
    let mut out = Vec::new();
    for loaded in lists.lists() {
        for (provider, service) in loaded.verified.list().services() {
            if !chain.iter().any(|c| service.is(c)) {
                continue;
            }
            let state = service
                .state_at(at)
                .filter(|s| s.service_type == service_type);
            let Some(state) = state else { continue };
            out.push(Found {
                list: loaded.origin.clone(),
                territory: territory(loaded),
                provider: provider.name.english().to_owned(),
                name: state.name.english().to_owned(),
                service_type: state.service_type.clone(),
                status: state.status.clone(),
                since: state.since,
                critical: state.extensions.unknown_critical.clone(),
                extensions: state.extensions.clone(),
                list_type: loaded.verified.list().list_type.clone(),
            });
        }
    }
    out
}

fn territory(loaded: &Loaded) -> Option<String> {
    loaded.verified.list().territory.clone()
}

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
        let all = services(lists, above, at, uri::CA_QC);
        if all.is_empty() {
            return Self::answer(
                Answer::No,
                None,
                format!(
                    "no list has a service above it that issued qualified certificates at {at}"
                ),
            );
        }
        let (lawful, others): (Vec<Found>, Vec<Found>) =
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
        let mut moments: Vec<Self> = lawful
            .into_iter()
            .map(|f| Self::by_service(f, target, claims, at))
            .collect();
        // A service that was withdrawn does not take back what another grants.
        if moments.iter().any(|m| m.certificate != Answer::No) {
            moments.retain(|m| m.certificate != Answer::No);
        }
        let agreed = moments.windows(2).all(|pair| {
            let key = |m: &Self| (m.certificate, m.purpose, m.qscd);
            key(&pair[0]) == key(&pair[1])
        });
        let first = moments.swap_remove(0);
        if agreed {
            first
        } else {
            Self::answer(
                Answer::Indeterminate,
                first.service,
                "the services above it contradict each other",
            )
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

    fn by_service(found: Found, target: &Certificate, claims: &Claims, at: UnixTime) -> Self {
        let label = format!("{:?} of {:?}", found.name, found.provider);
        if let Some(unknown) = found.critical.first() {
            let reason = format!(
                "the list says something critical of {label} that is not understood: {unknown}"
            );
            return Self::answer(Answer::Indeterminate, Some(found), reason);
        }
        if !uri::is_granted(&found.status) {
            let reason = format!(
                "the service {label} was {} at {at}, since {}",
                uri::short(&found.status),
                found.since
            );
            return Self::answer(Answer::No, Some(found), reason);
        }
        let qualifiers = match qualifiers(&found.extensions, target) {
            Ok(qualifiers) => qualifiers,
            Err(reason) => return Self::answer(Answer::Indeterminate, Some(found), reason),
        };
        let said = Said(&qualifiers);
        let certificate = match (said.has("NotQualified"), said.has("QCStatement")) {
            (true, true) => Answer::Indeterminate,
            (true, false) => Answer::No,
            (false, true) => Answer::Yes,
            (false, false) if claims.qualified => Answer::Yes,
            (false, false) => Answer::No,
        };
        match certificate {
            Answer::Indeterminate => {
                let reason = format!(
                    "the list says of {label} both that it is qualified and that it is not"
                );
                return Self::answer(Answer::Indeterminate, Some(found), reason);
            }
            Answer::No => {
                let reason = if said.has("NotQualified") {
                    "the list says that certificates of its kind are not qualified"
                } else {
                    "it does not state to be a qualified certificate"
                };
                return Self::answer(Answer::No, Some(found), reason);
            }
            Answer::Yes => {}
        }
        let purpose = match said.purpose(claims) {
            Ok(purpose) => purpose,
            Err(reason) => return Self::answer(Answer::Indeterminate, Some(found), reason),
        };
        if at >= eidas() && !said.names_purpose() && !serves(&found.extensions, purpose) {
            let reason = format!("the service {label} is not listed for {purpose}");
            return Self::answer(Answer::No, Some(found), reason);
        }
        if at < eidas() && purpose != Purpose::Signature {
            let reason = "before 2016-07-01 certificates were qualified for signatures alone";
            return Self::answer(Answer::No, Some(found), reason);
        }
        let (qscd, reason) = match said.device(claims) {
            Some(answer) => (answer, None),
            None => (
                Answer::Indeterminate,
                Some("the list says both that its key is in a qualified device and that it is not"),
            ),
        };
        Self {
            certificate: Answer::Yes,
            purpose: Some(purpose),
            qscd,
            service: Some(found),
            reasons: reason.map(str::to_owned).into_iter().collect(),
        }
    }
}

impl Found {
    /// Whether the list is one of the law that the certificate names.
    fn is_of(&self, legislation: &[String]) -> bool {
        if legislation.is_empty() {
            return self.list_type == uri::EU_GENERIC;
        }
        self.territory
            .as_deref()
            .is_some_and(|t| legislation.iter().any(|l| l.eq_ignore_ascii_case(t)))
    }
}

/// The names of all qualifiers whose criteria the certificate meets.
fn qualifiers(extensions: &Extensions, target: &Certificate) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    for one in &extensions.qualifications {
        match one.criteria.meets(target) {
            Some(false) => {}
            None => {
                return Err(
                    "the list has criteria that are not understood, and that decide".into(),
                );
            }
            Some(true) => {
                for qualifier in &one.qualifiers {
                    let name = uri::QUALIFIER
                        .iter()
                        .find_map(|p| qualifier.strip_prefix(p));
                    out.push(name.unwrap_or(qualifier).to_owned());
                }
            }
        }
    }
    Ok(out)
}

/// What qualifiers say (TS 119 612 clause 5.5.9.2.3).
struct Said<'a>(&'a [String]);

impl Said<'_> {
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|q| q == name)
    }

    fn named(&self) -> Vec<Purpose> {
        [
            ("QCForESig", Purpose::Signature),
            ("QCForESeal", Purpose::Seal),
            ("QCForLegalPerson", Purpose::Seal),
            ("QCForWSA", Purpose::Website),
        ]
        .into_iter()
        .filter(|(name, _)| self.has(name))
        .map(|(_, purpose)| purpose)
        .collect()
    }

    fn names_purpose(&self) -> bool {
        !self.named().is_empty()
    }

    fn purpose(&self, claims: &Claims) -> Result<Purpose, String> {
        let mut named = self.named();
        named.dedup();
        match (named.as_slice(), claims.purposes.as_slice()) {
            ([one], _) | ([], [one]) => Ok(*one),
            ([], []) => Err("it does not state for what it is qualified".into()),
            ([], _) => Err("it states to be qualified for several things".into()),
            _ => Err("the list says that it is qualified for several things".into()),
        }
    }

    /// Nothing where the qualifiers contradict each other.
    fn device(&self, claims: &Claims) -> Option<Answer> {
        let any = |names: &[&str]| names.iter().any(|n| self.has(n));
        let yes = any(&["QCWithQSCD", "QCWithSSCD", "QCQSCDManagedOnBehalf"]);
        let no = any(&["QCNoQSCD", "QCNoSSCD"]);
        Some(match (yes, no) {
            (true, true) => return None,
            (true, false) => Answer::Yes,
            (false, true) => Answer::No,
            // QCQSCDStatusAsInCert says the same as nothing.
            (false, false) if claims.device => Answer::Yes,
            (false, false) => Answer::No,
        })
    }
}

/// Whether the additional service information has it that certificates are for this.
fn serves(extensions: &Extensions, purpose: Purpose) -> bool {
    let named: Vec<&str> = extensions
        .additional
        .iter()
        .filter_map(|a| a.uri.strip_prefix(uri::INFORMATION))
        .filter(|name| name.starts_with("For"))
        .collect();
    let wanted = match purpose {
        Purpose::Signature => "ForeSignatures",
        Purpose::Seal => "ForeSeals",
        Purpose::Website => "ForWebSiteAuthentication",
    };
    // Services from before it was asked for say nothing.
    named.contains(&wanted) || (named.is_empty() && purpose == Purpose::Signature)
}
