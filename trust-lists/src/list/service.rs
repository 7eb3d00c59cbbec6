//! Providers and their services, with status and history (TS 119 612 clauses 5.4 to 5.6).

use pki_asn1::{Certificate, UnixTime, name};
use roxmltree::Node;

use super::qualification::{Qualification, qualifications};
use super::read::{
    ADDITIONAL, TSL, all, certificate, names, need, need_text, need_time, text, time, tsl, uris,
};
use super::{ListError, Names};
use crate::xml::{base64, elements, shorten};

/// TrustServiceProvider.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Provider {
    /// TSPName.
    pub name: Names,
    /// TSPTradeName, which also holds its registration number.
    pub trade_name: Names,
    /// TSPInformationURI.
    pub information_uris: Vec<String>,
    /// TSPServices.
    pub services: Vec<Service>,
}

/// TSPService.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Service {
    /// What it is and was, the latest first.
    pub states: Vec<State>,
    /// Whether the list has its history from the latest to the first, no two beginning together, as clause
    /// 5.5.10 asks. Otherwise nobody knows which of them counts.
    pub history_in_order: bool,
    /// ServiceSupplyPoints.
    pub supply_points: Vec<SupplyPoint>,
}

/// What a service is, or was, from a time on: ServiceInformation or a ServiceHistoryInstance.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct State {
    /// ServiceTypeIdentifier, a URI ([`super::uri`]).
    pub service_type: String,
    /// ServiceName.
    pub name: Names,
    /// ServiceDigitalIdentity.
    pub identity: Identity,
    /// ServiceStatus, a URI.
    pub status: String,
    /// StatusStartingTime.
    pub since: UnixTime,
    /// ServiceInformationExtensions.
    pub extensions: Extensions,
}

/// By what a service is known: all of it means one key (clause 5.5.3).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Identity {
    /// X509Certificate; those that cannot be read are left out.
    pub certificates: Vec<Certificate>,
    /// X509SubjectName, as text.
    pub subject_names: Vec<String>,
    /// X509SKI.
    pub key_identifiers: Vec<Vec<u8>>,
}

/// A place that the service has (clause 5.5.7).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SupplyPoint {
    /// Where.
    pub uri: String,
    /// What is there: a URI, where it says.
    pub kind: Option<String>,
}

/// ServiceInformationExtensions (clause 5.5.9).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Extensions {
    /// Qualifications.
    pub qualifications: Vec<Qualification>,
    /// AdditionalServiceInformation.
    pub additional: Vec<AdditionalInformation>,
    /// ExpiredCertsRevocationInfo: from when on revocation is also told of expired certificates.
    pub expired_certs_revocation_info: Option<UnixTime>,
    /// TakenOverBy.
    pub taken_over_by: Option<TakenOver>,
    /// Critical extensions that nobody here understands: what the state says must not be relied on.
    pub unknown_critical: Vec<String>,
}

/// AdditionalServiceInformation (clause 5.5.9.4).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AdditionalInformation {
    /// What it is, a URI.
    pub uri: String,
    /// InformationValue.
    pub value: Option<String>,
}

/// TakenOverBy (clause 5.5.9.3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TakenOver {
    /// Where it is described.
    pub uri: String,
    /// By whom.
    pub provider: Names,
    /// Under which scheme operator.
    pub operator: Names,
    /// In which territory.
    pub territory: Option<String>,
}

impl Service {
    /// What it was at a time; nothing before the list knew of it.
    #[must_use]
    pub fn state_at(&self, at: UnixTime) -> Option<&State> {
        self.states.iter().find(|s| s.since <= at)
    }

    /// The states with the time at which each ended; nothing where it lasts.
    pub fn periods(&self) -> impl Iterator<Item = (&State, Option<UnixTime>)> {
        let ends = self.states.iter().map(|s| Some(s.since));
        self.states.iter().zip([None].into_iter().chain(ends))
    }

    /// Whether `certificate` has the name and the key of this service.
    #[must_use]
    pub fn is(&self, certificate: &Certificate) -> bool {
        self.states.iter().any(|s| s.identity.is(certificate))
    }
}

impl Identity {
    /// Whether `certificate` has this name and key; where no certificate is listed, this key.
    #[must_use]
    pub fn is(&self, certificate: &Certificate) -> bool {
        if !self.certificates.is_empty() {
            return self.certificates.iter().any(|own| {
                own.spki_der() == certificate.spki_der()
                    && name::matches(own.subject(), certificate.subject())
            });
        }
        let of_key = pki_crypto::key_hash_sha1(certificate.public_key_bits());
        let named = certificate.subject_key_id();
        self.key_identifiers.iter().any(|id| {
            id.as_slice() == of_key.as_slice() || named.as_ref().is_some_and(|n| n.as_bytes() == id)
        })
    }
}

pub(super) fn provider(node: Node<'_, '_>) -> Result<Provider, ListError> {
    let information = need(node, "TSPInformation")?;
    Ok(Provider {
        name: names(Some(need(information, "TSPName")?)),
        trade_name: names(tsl(information, "TSPTradeName")),
        information_uris: uris(tsl(information, "TSPInformationURI")),
        services: all(need(node, "TSPServices")?, "TSPService")?
            .into_iter()
            .map(service)
            .collect::<Result<_, _>>()?,
    })
}

fn service(node: Node<'_, '_>) -> Result<Service, ListError> {
    let information = need(node, "ServiceInformation")?;
    let mut states = vec![state(information)?];
    if let Some(history) = tsl(node, "ServiceHistory") {
        for instance in all(history, "ServiceHistoryInstance")? {
            states.push(state(instance)?);
        }
    }
    let past = states.get(1..).unwrap_or_default();
    let history_in_order = past.windows(2).all(|two| two[0].since > two[1].since)
        && past
            .first()
            .is_none_or(|latest| latest.since <= states[0].since);
    // Of two that begin together, the one that is written first: it is the later.
    states.sort_by_key(|s| core::cmp::Reverse(s.since));
    let points = tsl(information, "ServiceSupplyPoints");
    let supply_points = points
        .into_iter()
        .flat_map(elements)
        .filter_map(|n| {
            Some(SupplyPoint {
                uri: text(n)?,
                kind: n.attribute("type").map(str::to_owned),
            })
        })
        .collect();
    Ok(Service {
        states,
        history_in_order,
        supply_points,
    })
}

fn state(node: Node<'_, '_>) -> Result<State, ListError> {
    Ok(State {
        service_type: need_text(node, "ServiceTypeIdentifier")?,
        name: names(tsl(node, "ServiceName")),
        identity: identity(need(node, "ServiceDigitalIdentity")?)?,
        status: need_text(node, "ServiceStatus")?,
        since: need_time(node, "StatusStartingTime")?,
        extensions: match tsl(node, "ServiceInformationExtensions") {
            None => Extensions::default(),
            Some(list) => extensions(list)?,
        },
    })
}

pub(super) fn identity(node: Node<'_, '_>) -> Result<Identity, ListError> {
    let mut out = Identity::default();
    for one in all(node, "DigitalId")?.into_iter().flat_map(elements) {
        if one.has_tag_name((TSL, "X509Certificate")) {
            out.certificates.extend(certificate(one));
        } else if one.has_tag_name((TSL, "X509SubjectName")) {
            out.subject_names.extend(text(one));
        } else if one.has_tag_name((TSL, "X509SKI")) {
            out.key_identifiers.extend(base64(one));
        }
    }
    Ok(out)
}

fn extensions(list: Node<'_, '_>) -> Result<Extensions, ListError> {
    let mut out = Extensions::default();
    for extension in all(list, "Extension")? {
        let critical = matches!(extension.attribute("Critical"), Some("true" | "1"));
        let mut understood = false;
        for inside in elements(extension) {
            understood |= one_extension(inside, critical, &mut out)?;
        }
        if critical && !understood {
            let name = elements(extension).next().map(|n| n.tag_name().name());
            out.unknown_critical
                .push(shorten(name.unwrap_or("an empty extension")));
        }
    }
    Ok(out)
}

/// Whether it is known.
fn one_extension(
    node: Node<'_, '_>,
    critical: bool,
    out: &mut Extensions,
) -> Result<bool, ListError> {
    const SIE: &str = "http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#";
    let tag = node.tag_name();
    match (tag.namespace(), tag.name()) {
        (Some(SIE), "Qualifications") => {
            out.qualifications
                .extend(qualifications(node, SIE, critical)?);
        }
        (Some(TSL), "AdditionalServiceInformation") => {
            out.additional.push(AdditionalInformation {
                uri: need_text(node, "URI")?,
                value: tsl(node, "InformationValue").and_then(text),
            });
        }
        (Some(TSL), "ExpiredCertsRevocationInfo") => {
            out.expired_certs_revocation_info = Some(time(node, "ExpiredCertsRevocationInfo")?);
        }
        (Some(ADDITIONAL), "TakenOverBy") => {
            let child = |name: &str| elements(node).find(|n| n.tag_name().name() == name);
            out.taken_over_by = Some(TakenOver {
                uri: child("URI").and_then(text).unwrap_or_default(),
                provider: names(child("TSPName")),
                operator: names(child("SchemeOperatorName")),
                territory: child("SchemeTerritory").and_then(text),
            });
        }
        _ => return Ok(false),
    }
    Ok(true)
}
