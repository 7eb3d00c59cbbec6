//! What a trusted list says (TS 119 612 V2.3.1 and V2.4.1, clause 5), read from its XML.
//!
//! [`TrustedList::parse`] reads without believing; [`TrustedList::verify`] reads the very element that one
//! of the given signers signed.

mod qualification;
mod read;
mod scheme;
mod service;
pub mod uri;

use pki_asn1::{Certificate, UnixTime};

pub use qualification::{Assert, Criteria, Criterion, KeyUsageBit, Qualification};
pub use service::{
    AdditionalInformation, Extensions, Identity, Provider, Service, State, SupplyPoint, TakenOver,
};

use crate::xml::{Limits, Text, XmlError};
use crate::xmldsig::{SignatureError, signed_root};

/// Text in several languages: the language's tag and the text.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Names(pub Vec<(String, String)>);

impl Names {
    /// The English text, else the first.
    #[must_use]
    pub fn english(&self) -> &str {
        let english = self
            .0
            .iter()
            .find(|(tag, _)| tag.eq_ignore_ascii_case("en"));
        english
            .or_else(|| self.0.first())
            .map_or("", |(_, text)| text)
    }
}

/// One trusted list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrustedList {
    /// TSLVersionIdentifier: 5 up to V2.2.1 of TS 119 612, 6 from V2.3.1 on.
    pub version: u32,
    /// TSLSequenceNumber.
    pub sequence_number: u64,
    /// TSLType, a URI ([`uri`]).
    pub list_type: String,
    /// SchemeOperatorName.
    pub operator: Names,
    /// SchemeName.
    pub scheme: Names,
    /// SchemeInformationURI, in order, every language.
    pub information_uris: Vec<String>,
    /// StatusDeterminationApproach, a URI.
    pub status_determination: String,
    /// SchemeTypeCommunityRules, every language.
    pub community_rules: Vec<String>,
    /// SchemeTerritory.
    pub territory: Option<String>,
    /// HistoricalInformationPeriod, in days.
    pub historical_information_period: u32,
    /// PointersToOtherTSL.
    pub pointers: Vec<Pointer>,
    /// ListIssueDateTime.
    pub issued: UnixTime,
    /// NextUpdate; nothing where the scheme has ceased.
    pub next_update: Option<UnixTime>,
    /// DistributionPoints.
    pub distribution_points: Vec<String>,
    /// TrustServiceProviderList.
    pub providers: Vec<Provider>,
}

/// Where another list is, and who signs it (clause 5.3.13).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pointer {
    /// TSLLocation.
    pub location: String,
    /// Who may sign that list.
    pub signers: Vec<Certificate>,
    /// The TSLType of that list.
    pub list_type: Option<String>,
    /// Its SchemeTerritory.
    pub territory: Option<String>,
    /// Its SchemeOperatorName.
    pub operator: Names,
    /// Its media type.
    pub mime_type: Option<String>,
    /// The agreement on mutual recognition that the pointer tells of (V2.4.1, MutualRecognitionAgreementInformation):
    /// the legislation of the other party. What it makes equivalent is not interpreted.
    pub recognition: Option<String>,
}

impl Pointer {
    /// Whether it leads to a list in XML and not, say, to one for people.
    #[must_use]
    pub fn is_machine_readable(&self) -> bool {
        self.mime_type
            .as_deref()
            .is_some_and(|m| m.trim().eq_ignore_ascii_case(uri::MIME_TYPE))
    }
}

/// Why a list is not read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// It is not XML that is read.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// It is XML of another kind.
    #[error("it is no trusted list: its outermost element is not TrustServiceStatusList")]
    NotAList,
    /// It is of a version that was never in use beside TS 119 612 V2.1.1 and later.
    #[error("the trusted list is of version {0}; versions 5 and 6 are read")]
    Version(u32),
    /// Something that must be there is not.
    #[error("the trusted list has no {0}")]
    Missing(&'static str),
    /// Something is not as it should be.
    #[error("the trusted list has a {what} that makes no sense: {value:?}")]
    Value {
        /// What.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// There is more of something than a list may have.
    #[error("the trusted list has more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// Its signature does not hold.
    #[error("the trusted list is not signed as it should be")]
    Signature(#[from] SignatureError),
    /// Somebody else signed.
    #[error("the trusted list is signed by {found}, who is not among those who may sign it")]
    Signer {
        /// Who did.
        found: String,
    },
    /// The signer's certificate was not valid when the list was issued.
    #[error(
        "the certificate of {signer} was not valid when the trusted list was issued, at {issued}"
    )]
    SignerDates {
        /// Who signed.
        signer: String,
        /// When.
        issued: UnixTime,
    },
}

impl ListError {
    /// What would help.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Signer { .. } => {
                "name the certificate of the list's signer; the list of lists, or the scheme's operator, publishes it"
            }
            Self::Signature(_) | Self::SignerDates { .. } => {
                "get the list again from where its scheme's operator publishes it"
            }
            Self::Xml(_) | Self::NotAList => "give the list in XML (TS 119 612)",
            _ => return None,
        })
    }
}

/// A list that one of those signed who may.
#[derive(Clone, Debug)]
pub struct VerifiedList {
    list: TrustedList,
    signer: Certificate,
}

impl VerifiedList {
    /// What it says.
    #[must_use]
    pub fn list(&self) -> &TrustedList {
        &self.list
    }

    /// Who signed it.
    #[must_use]
    pub fn signer(&self) -> &Certificate {
        &self.signer
    }
}

impl TrustedList {
    /// Reads a list without looking at its signature.
    ///
    /// # Errors
    /// Where it is none, or makes no sense.
    pub fn parse(octets: &[u8]) -> Result<Self, ListError> {
        let limits = Limits::default();
        let text = Text::new(octets, &limits)?;
        let document = text.parse(&limits)?;
        scheme::list(document.root_element())
    }

    /// Reads a list that one of `signers` signed.
    ///
    /// # Errors
    /// Where it is none, makes no sense, was changed, or somebody else signed it.
    pub fn verify(octets: &[u8], signers: &[Certificate]) -> Result<VerifiedList, ListError> {
        let limits = Limits::default();
        let text = Text::new(octets, &limits)?;
        let document = text.parse(&limits)?;
        if !scheme::is_list(document.root_element()) {
            return Err(ListError::NotAList);
        }
        let signed = signed_root(&document, signers).map_err(|e| match e {
            SignatureError::Signer(found) => ListError::Signer { found },
            e => ListError::Signature(e),
        })?;
        let list = scheme::list(signed.element)?;
        if !signed.signer.is_valid_at(list.issued) {
            return Err(ListError::SignerDates {
                signer: signed.signer.display_subject().to_string(),
                issued: list.issued,
            });
        }
        Ok(VerifiedList {
            list,
            signer: signed.signer,
        })
    }

    /// Whether it is a list of lists.
    #[must_use]
    pub fn is_list_of_lists(&self) -> bool {
        uri::is_list_of_lists(&self.list_type)
    }

    /// How many it is of its kind.
    #[must_use]
    pub fn edition(&self) -> crate::load::Edition {
        crate::load::Edition {
            sequence_number: self.sequence_number,
            issued: self.issued,
        }
    }

    /// Whether a newer one should be there: NextUpdate has passed, or the scheme has ceased.
    #[must_use]
    pub fn is_expired(&self, at: UnixTime) -> bool {
        self.next_update.is_none_or(|next| next < at)
    }

    /// All services with their providers.
    pub fn services(&self) -> impl Iterator<Item = (&Provider, &Service)> {
        self.providers
            .iter()
            .flat_map(|p| p.services.iter().map(move |s| (p, s)))
    }
}
