//! The URIs of TS 119 612 (annex D and clause 5.5) that mean something to a validator.

/// The media type of a list in XML.
pub const MIME_TYPE: &str = "application/vnd.etsi.tsl+xml";

/// TSLType of a list of a member state of the European Union.
pub const EU_GENERIC: &str = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric";
/// TSLType of the European Union's list of lists.
pub const EU_LIST_OF_LISTS: &str =
    "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUlistofthelists";

/// A CA that issues qualified certificates.
pub const CA_QC: &str = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC";
/// A service of qualified time-stamps.
pub const TSA_QTST: &str = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST";

const STATUS: &str = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/";
/// Statuses by which a service is qualified: since 2016-07-01 the first, before it the others.
const GRANTED: [&str; 4] = [
    "granted",
    "undersupervision",
    "supervisionincessation",
    "accredited",
];

/// Whether a service of this status is qualified.
#[must_use]
pub fn is_granted(status: &str) -> bool {
    self::status(status).is_some_and(|name| GRANTED.contains(&name))
}

/// The name of a status of annex D.5.
pub(crate) fn status(uri: &str) -> Option<&str> {
    uri.strip_prefix(STATUS)
}

/// The last part of a URI, for people.
#[must_use]
pub fn short(uri: &str) -> &str {
    uri.trim_end_matches('/').rsplit('/').next().unwrap_or(uri)
}

/// Annex D.2: `EUlistofthelists`, and `CClistofthelists` of other countries.
#[must_use]
pub fn is_list_of_lists(list_type: &str) -> bool {
    list_type.ends_with("listofthelists")
}

/// What a qualified certificate is for, by the additional service information of its service (clause
/// 5.5.9.4).
pub(crate) const INFORMATION: &str = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/";
/// Qualifiers (clause 5.5.9.2.3); before 2016 they had another beginning.
pub(crate) const QUALIFIER: [&str; 2] = [
    "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/",
    "http://uri.etsi.org/TrstSvc/eSigDir-1999-93-EC-TrustedList/SvcInfoExt/",
];
