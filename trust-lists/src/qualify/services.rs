//! Which listed services are a certificate's, and as what (TS 119 615 clause 4.3).

use pki_asn1::{Certificate, UnixTime};

use super::claims::Called;
use crate::list::{Extensions, Provider, State, uri};
use crate::load::{Loaded, TrustedLists};

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
    pub(super) extensions: Extensions,
    pub(super) recognition: Option<String>,
    names: Vec<String>,
    subject_names: Vec<String>,
    provider_names: Vec<(String, String)>,
    history_in_order: bool,
    list_type: String,
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
            let state = service
                .state_at(at)
                .filter(|s| s.service_type == service_type);
            if let Some(state) = state
                && chain.iter().any(|c| service.is(c))
            {
                out.push(Found::new(
                    loaded,
                    provider,
                    state,
                    service.history_in_order,
                ));
            }
        }
    }
    out
}

/// A service of this type that is known by a name alone, which is that of a certificate of `chain`. Anybody
/// can take a name, so it lends nothing; but who reads the list might mean it.
pub(super) fn by_name_alone(
    lists: &TrustedLists,
    chain: &[Certificate],
    at: UnixTime,
    service_type: &str,
) -> Option<Found> {
    let names: Vec<Called> = chain.iter().map(|c| Called::by(c.subject())).collect();
    lists.lists().iter().find_map(|loaded| {
        let mut services = loaded.verified.list().services();
        services.find_map(|(provider, service)| {
            let nameless = service.states.iter().all(|s| {
                s.identity.certificates.is_empty() && s.identity.key_identifiers.is_empty()
            });
            let state = service
                .state_at(at)
                .filter(|s| nameless && s.service_type == service_type)?;
            names
                .iter()
                .any(|n| n.is_whole(&state.identity.subject_names))
                .then(|| Found::new(loaded, provider, state, service.history_in_order))
        })
    })
}

impl Found {
    fn new(loaded: &Loaded, provider: &Provider, state: &State, history_in_order: bool) -> Self {
        let list = loaded.verified.list();
        let names = provider.name.0.iter().chain(&provider.trade_name.0);
        Self {
            list: loaded.origin.clone(),
            territory: list.territory.clone(),
            provider: provider.name.english().to_owned(),
            name: state.name.english().to_owned(),
            service_type: state.service_type.clone(),
            status: state.status.clone(),
            since: state.since,
            extensions: state.extensions.clone(),
            recognition: loaded.recognition.clone(),
            names: names.map(|(_, name)| name.clone()).collect(),
            subject_names: state.identity.subject_names.clone(),
            provider_names: provider.name.0.clone(),
            history_in_order,
            list_type: list.list_type.clone(),
        }
    }

    /// Whether the list is one of the law that a certificate names; none means the European Union's.
    pub(super) fn is_of(&self, legislation: &[String]) -> bool {
        if legislation.is_empty() {
            return self.is_european();
        }
        let territory = self.territory.as_deref();
        territory.is_some_and(|t| legislation.iter().any(|l| same_country(l, t)))
    }

    pub(super) fn is_european(&self) -> bool {
        self.list_type == uri::EU_GENERIC && self.recognition.is_none()
    }

    pub(super) fn is_for(&self, information: &str) -> bool {
        let mut names = self.extensions.additional.iter();
        names.any(|a| a.uri.strip_prefix(uri::INFORMATION) == Some(information))
    }

    pub(super) fn label(&self) -> String {
        format!("{:?} of {:?}", self.name, self.provider)
    }
}

/// Why what the list says of these services cannot be relied on (PRO-4.3.4-03A, PRO-4.3.4-11, PRO-4.4.4-06,
/// PRO-4.6.4-08; TS 119 612 clause 5.5.9 for what is critical).
pub(super) fn objection(found: &[Found], called: &Called) -> Option<String> {
    let first = found.first()?;
    for one in found {
        if let Some(unknown) = one.extensions.unknown_critical.first() {
            return Some(format!(
                "the list says something critical of {} that is not understood: {unknown}",
                one.label()
            ));
        }
        if !one.history_in_order {
            return Some(format!(
                "the history of {} in the list is not in order",
                one.label()
            ));
        }
        if one.provider_names != first.provider_names {
            return Some(format!(
                "the lists have its key as that of {} and of {}",
                first.provider, one.provider
            ));
        }
    }
    let named = found
        .iter()
        .any(|f| called.is_one_of(&f.names, &f.subject_names));
    (!named).then(|| {
        format!(
            "the list has its key as that of {}, who is not the one that the certificate names",
            first.provider
        )
    })
}

/// ISO 3166-1 as in certificates, and as in lists (PRO-4.4.4-01).
fn same_country(a: &str, b: &str) -> bool {
    let as_listed = |code: &str| match code.to_ascii_uppercase().as_str() {
        "GB" => "UK".to_owned(),
        "GR" => "EL".to_owned(),
        other => other.to_owned(),
    };
    as_listed(a) == as_listed(b)
}
