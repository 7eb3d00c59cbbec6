//! Scheme information and pointers to other lists (TS 119 612 clause 5.3).

use roxmltree::Node;

use super::read::{
    ADDITIONAL, TSL, all, names, need, need_text, need_time, number, text, time, tsl, uris,
};
use super::{ListError, Pointer, TrustedList, service};
use crate::xml::{child, elements};

pub(super) fn is_list(root: Node<'_, '_>) -> bool {
    root.has_tag_name((TSL, "TrustServiceStatusList"))
}

pub(super) fn list(root: Node<'_, '_>) -> Result<TrustedList, ListError> {
    if !is_list(root) {
        return Err(ListError::NotAList);
    }
    let scheme = need(root, "SchemeInformation")?;
    let version = number(scheme, "TSLVersionIdentifier")?;
    if !matches!(version, 5 | 6) {
        return Err(ListError::Version(version));
    }
    // There is always the element; it is empty where the scheme has ceased (clause 5.3.15).
    let next_update = need(scheme, "NextUpdate")?;
    Ok(TrustedList {
        version,
        sequence_number: number(scheme, "TSLSequenceNumber")?,
        list_type: need_text(scheme, "TSLType")?,
        operator: names(tsl(scheme, "SchemeOperatorName")),
        scheme: names(tsl(scheme, "SchemeName")),
        information_uris: uris(tsl(scheme, "SchemeInformationURI")),
        status_determination: need_text(scheme, "StatusDeterminationApproach")?,
        community_rules: uris(tsl(scheme, "SchemeTypeCommunityRules")),
        territory: tsl(scheme, "SchemeTerritory").and_then(text),
        historical_information_period: number(scheme, "HistoricalInformationPeriod")?,
        pointers: match tsl(scheme, "PointersToOtherTSL") {
            None => Vec::new(),
            Some(list) => all(list, "OtherTSLPointer")?
                .into_iter()
                .map(pointer)
                .collect::<Result<_, _>>()?,
        },
        issued: need_time(scheme, "ListIssueDateTime")?,
        next_update: tsl(next_update, "dateTime")
            .map(|n| time(n, "NextUpdate"))
            .transpose()?,
        distribution_points: uris(tsl(scheme, "DistributionPoints")),
        providers: match tsl(root, "TrustServiceProviderList") {
            None => Vec::new(),
            Some(list) => all(list, "TrustServiceProvider")?
                .into_iter()
                .map(service::provider)
                .collect::<Result<_, _>>()?,
        },
    })
}

fn pointer(node: Node<'_, '_>) -> Result<Pointer, ListError> {
    let mut signers = Vec::new();
    if let Some(list) = tsl(node, "ServiceDigitalIdentities") {
        for identity in all(list, "ServiceDigitalIdentity")? {
            signers.extend(service::identity(identity)?.certificates);
        }
    }
    let mut out = Pointer {
        location: need_text(node, "TSLLocation")?,
        signers,
        list_type: None,
        territory: None,
        operator: names(None),
        mime_type: None,
        recognition: None,
    };
    let additional = tsl(node, "AdditionalInformation");
    let others = additional.into_iter().flat_map(elements);
    for other in others.filter(|n| n.has_tag_name((TSL, "OtherInformation"))) {
        if let Some(found) = tsl(other, "TSLType") {
            out.list_type = text(found);
        }
        if let Some(found) = tsl(other, "SchemeTerritory") {
            out.territory = text(found);
        }
        if let Some(found) = tsl(other, "SchemeOperatorName") {
            out.operator = names(Some(found));
        }
        if let Some(found) = child(other, ADDITIONAL, "MimeType") {
            out.mime_type = text(found);
        }
        // The namespace has the number of its edition in it.
        if let Some(found) =
            elements(other).find(|n| n.tag_name().name() == "MutualRecognitionAgreementInformation")
        {
            out.recognition = Some(
                found
                    .attribute("pointedContractingPartyLegislation")
                    .unwrap_or_default()
                    .to_owned(),
            );
        }
    }
    Ok(out)
}
