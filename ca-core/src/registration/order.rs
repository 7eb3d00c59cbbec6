//! Orders: what security-officers and revocation-officers decide beside the steps of registration
//! (EN 319 401 clause 7.2, EN 319 411-1 clauses 6.2.4, 6.4.2 and 6.5.1).
//!
//! An order is a document, `sceau.order/1`: its digest is in the statements that are signed, and its
//! text stands in the journal beside the act. It says how many must have signed it, so nobody lowers
//! that afterwards.

use pki_asn1::UnixTime;
use serde::{Deserialize, Serialize};

use super::{Matter, RegistrationError, Task, digest};

/// More signatures under one act than anybody asks for.
pub const MAX_DECISIONS: u8 = 9;

/// What is ordered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(
    tag = "act",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
#[allow(
    missing_docs,
    reason = "the members of the document, as the page on registration lists them"
)]
pub enum Order {
    /// A certificate is revoked.
    CertificateRevoke {
        authority: String,
        serial: String,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invalidity_date: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requested_at: Option<String>,
    },
    /// A certificate is suspended.
    CertificateSuspend {
        authority: String,
        serial: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requested_at: Option<String>,
    },
    /// A suspension ends.
    CertificateResume {
        authority: String,
        serial: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requested_at: Option<String>,
    },
    /// A CA's key is certified.
    CaCertify(CaOrder),
    /// An authority whose certificate was issued elsewhere comes in with its key.
    CaAdopt {
        authority: String,
        certificate_sha256: String,
    },
    /// Whether an authority issues beside its successor.
    CaIssuing { authority: String, issuing: String },
    /// An authority ends.
    CaTerminate {
        authority: String,
        reason: String,
        certificates: String,
    },
    /// An OCSP signer or a time-stamping unit is certified.
    ServiceCertify {
        authority: String,
        profile: String,
        subject: String,
        /// SHA-256 of the subjectPublicKey bits; none where the key is generated in the act.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key_sha256: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        days: Option<u32>,
    },
    /// A key ceremony is opened; what follows its script is decided with it.
    CeremonyHold { script_sha256: String },
}

/// The certificate of a CA that is ordered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CaOrder {
    /// Who signs; a root's own name.
    pub issuer: String,
    /// Which authority is certified; `None` where it is another provider's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// `first`, or as what an authority that is there is certified: `renewal`, `old-with-new`,
    /// `new-with-old`, `cross`.
    pub certified_as: String,
    /// The profile's name.
    pub profile: String,
    /// The subject, for people.
    pub subject: String,
    /// Where the key of a new authority is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// SHA-256 of the subjectPublicKey bits, where the key is there before the act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_sha256: Option<String>,
    /// The generation before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<String>,
    /// How many days at most, where not the profile's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// What a cross-certificate lets through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
}

/// An order, how many must sign it, and its text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OrderDocument {
    order: Order,
    decisions: u8,
    text: String,
}

/// As it is written.
#[derive(Deserialize, Serialize)]
struct Written {
    schema: String,
    decisions: u8,
    order: Order,
}

const SCHEMA: &str = "sceau.order/1";

impl CaOrder {
    /// What the first certificate of an authority is certified as.
    pub const FIRST: &'static str = "first";
}

impl Order {
    /// What an operator signs for it.
    #[must_use]
    pub fn task(&self) -> Task {
        match self {
            Self::CertificateRevoke { .. } => Task::CertificateRevoke,
            Self::CertificateSuspend { .. } => Task::CertificateSuspend,
            Self::CertificateResume { .. } => Task::CertificateResume,
            Self::CaCertify(_) => Task::CaCertify,
            Self::CaAdopt { .. } => Task::CaAdopt,
            Self::CaIssuing { .. } => Task::CaIssuing,
            Self::CaTerminate { .. } => Task::CaTerminate,
            Self::ServiceCertify { .. } => Task::ServiceCertify,
            Self::CeremonyHold { .. } => Task::CeremonyHold,
        }
    }

    /// What it is done to.
    fn object(&self) -> String {
        match self {
            Self::CertificateRevoke {
                authority, serial, ..
            }
            | Self::CertificateSuspend {
                authority, serial, ..
            }
            | Self::CertificateResume {
                authority, serial, ..
            } => format!("certificate/{authority}/{serial}"),
            Self::CaCertify(ca) => match &ca.authority {
                Some(authority) => format!("authority/{authority}"),
                // Another provider's has no name here.
                None => format!("authority/{}", ca.certified_as),
            },
            Self::CaAdopt { authority, .. }
            | Self::CaIssuing { authority, .. }
            | Self::CaTerminate { authority, .. } => format!("authority/{authority}"),
            Self::ServiceCertify {
                authority, profile, ..
            } => format!("service/{authority}/{profile}"),
            Self::CeremonyHold { script_sha256 } => format!("ceremony/{script_sha256}"),
        }
    }
}

impl OrderDocument {
    /// An order that so many must decide; one at least.
    #[must_use]
    pub fn new(order: Order, decisions: u8) -> Self {
        let decisions = decisions.clamp(1, MAX_DECISIONS);
        let text = super::text(&Written {
            schema: SCHEMA.to_owned(),
            decisions,
            order: order.clone(),
        });
        Self {
            order,
            decisions,
            text,
        }
    }

    /// Reads one in its one form.
    ///
    /// # Errors
    /// Where the text is something else.
    pub fn parse(text: &str) -> Result<Self, RegistrationError> {
        let none = || RegistrationError::Document("an order");
        let written: Written = serde_json::from_str(text).map_err(|_| none())?;
        let one_form = written.schema == SCHEMA && super::text(&written) == text;
        let sensible = (1..=MAX_DECISIONS).contains(&written.decisions);
        if !(one_form && sensible) {
            return Err(none());
        }
        Ok(Self {
            order: written.order,
            decisions: written.decisions,
            text: text.to_owned(),
        })
    }

    /// What is ordered.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// How many must sign, as far as there are so many who can.
    #[must_use]
    pub fn decisions(&self) -> u8 {
        self.decisions
    }

    /// The text, whose digest is signed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What an operator signs.
    #[must_use]
    pub fn matter(&self) -> Matter {
        Matter {
            task: self.order.task(),
            object: self.order.object(),
            digest: digest(&self.text),
        }
    }
}

/// As orders write times.
pub(crate) fn written(time: Option<UnixTime>) -> Option<String> {
    time.map(|t| t.to_string())
}
