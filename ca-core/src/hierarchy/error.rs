//! Why something in the life of a hierarchy was refused, and what to do about it.

use pki_asn1::UnixTime;

use super::ceremony::ScriptError;
use crate::store::CertificatesAtEnd;

/// Why it was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HierarchyError {
    /// The authority issues nothing any more.
    #[error("{authority:?} was terminated on {at}: {reason}")]
    Terminated {
        /// Which.
        authority: String,
        /// When.
        at: UnixTime,
        /// Why.
        reason: String,
    },
    /// A last CRL is for an authority that ended.
    #[error("{0:?} was not terminated, and its next CRL is not its last")]
    NotTerminated(String),
    /// A newer generation issues.
    #[error("{authority:?} has a successor, {successor:?}, which issues in its place")]
    Superseded {
        /// Which.
        authority: String,
        /// The newest generation.
        successor: String,
    },
    /// Its key is not at this installation.
    #[error("the key of {0:?} is not at this installation")]
    KeyElsewhere(String),
    /// Its key is here, so what it signs is made here.
    #[error("the key of {0:?} is at this installation")]
    KeyHere(String),
    /// The generations differ in kind.
    #[error("{new:?} cannot follow {old:?}: one is a root and the other is not")]
    OtherKind {
        /// The new one.
        new: String,
        /// The old one.
        old: String,
    },
    /// The generation has a successor already.
    #[error("{old:?} has a successor already: {successor:?}")]
    HasSuccessor {
        /// The old one.
        old: String,
        /// The one after it.
        successor: String,
    },
    /// Two authorities with one name, and nobody asked for that.
    #[error("{other:?} has the same distinguished name")]
    SameName {
        /// The authority that has it.
        other: String,
    },
    /// The wrong authority signs.
    #[error("{by:?} did not issue the certificate of {authority:?}; {issuer:?} did")]
    NotItsIssuer {
        /// Whose certificate.
        authority: String,
        /// Who is to sign.
        by: String,
        /// Who issued it.
        issuer: String,
    },
    /// It would certify itself.
    #[error("{0:?} does not certify its own key")]
    ItsOwnKey(String),
    /// There is no request that the certificate could answer.
    #[error("no request of {0:?} waits for a certificate, and there is no such authority to renew")]
    NoRequest(String),
    /// The certificate is not the one that was asked for.
    #[error("the certificate is not for {authority:?}: {reason}")]
    NotTheRequested {
        /// Whose request.
        authority: String,
        /// What differs.
        reason: &'static str,
    },
    /// The chain does not lead from the certificate to a root.
    #[error("the chain of the certificate does not hold: {0}")]
    Chain(String),
    /// A file is not a CA certificate that can be certified.
    #[error("the certificate of the other CA cannot be certified: {0}")]
    Foreign(String),
    /// The terms of a cross-certificate contradict each other.
    #[error("the terms of the certificate make no sense: {reason} ({clause})")]
    Terms {
        /// What is wrong.
        reason: String,
        /// Who says so.
        clause: &'static str,
    },
    /// A CRL that is not to be believed or not to be published.
    #[error("the CRL is not taken for {authority:?}: {reason}")]
    Crl {
        /// Whose it should be.
        authority: String,
        /// Why not.
        reason: String,
    },
    /// No authority whose key is elsewhere has the CRL's issuer name and key.
    #[error("the CRL is of {0}, which is no authority of this record with its key elsewhere")]
    UnknownCrlIssuer(String),
    /// The command was not confirmed by the authority's name.
    #[error("terminating {authority:?} was confirmed with {confirmed:?}")]
    NotConfirmed {
        /// Which.
        authority: String,
        /// What was written.
        confirmed: String,
    },
    /// What becomes of its certificates was decided with its end.
    #[error("when {authority:?} was terminated, its certificates were {}", .decided.name())]
    CertificatesDecided {
        /// Which.
        authority: String,
        /// What was decided then.
        decided: CertificatesAtEnd,
    },
    /// There are authorities below it that would lose their issuer.
    #[error("{authority:?} still is the issuer of {below:?}, which is not terminated")]
    StillIssuer {
        /// Which.
        authority: String,
        /// One below it.
        below: String,
    },
    /// A ceremony's script cannot be followed.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// A step of a ceremony was refused.
    #[error("the ceremony cannot go on: {0}")]
    Ceremony(String),
}

impl HierarchyError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Terminated { .. } => {
                "a termination is final; `sceau-ca ca list` shows the authorities that issue".into()
            }
            Self::NotTerminated(name) => format!("sceau-ca ca terminate {name}"),
            Self::Superseded { successor, authority } => format!(
                "issue from {successor}, or let both issue: sceau-ca ca issuing {authority} --beside-successor"
            ),
            Self::KeyElsewhere(name) => format!(
                "sign where the key of {name} is, and carry the file here: sceau-ca ca import-certificate, sceau-ca ca import-crl"
            ),
            Self::KeyHere(_) => "let it issue its own: sceau-ca crl --ca NAME".into(),
            Self::OtherKind { .. } => "a root follows a root, an issuing CA an issuing CA".into(),
            Self::HasSuccessor { successor, .. } => {
                format!("begin from the newest generation: sceau-ca ca rollover {successor}")
            }
            Self::SameName { .. } => {
                "give each authority a name of its own; generations may share one with sceau-ca ca rollover --same-name".into()
            }
            Self::NotItsIssuer { issuer, .. } => format!("give --issuer {issuer}"),
            Self::ItsOwnKey(name) => format!("sceau-ca ca renew {name}"),
            Self::NoRequest(name) => {
                format!("make one first: sceau-ca ca request {name} --profile issuing-ca --subject DN --key KEY --out FILE")
            }
            Self::NotTheRequested { .. } => {
                "check that this is the certificate that was issued for this very request".into()
            }
            Self::Chain(_) => {
                "give the certificates from the issuer up to and including the root with --chain".into()
            }
            Self::Foreign(_) => "give the certificate or the request of a CA, as it was handed over by the CA itself".into(),
            Self::Terms { .. } => "see RFC 5280 sections 4.2.1.4 to 4.2.1.14".into(),
            Self::Crl { .. } => "fetch the newest CRL from where the authority's key is".into(),
            Self::UnknownCrlIssuer(_) => {
                "import the certificate of that authority first, as the chain of a CA it issued: sceau-ca ca import-certificate".into()
            }
            Self::NotConfirmed { authority, .. } => {
                format!("it cannot be undone; if it is meant, give --confirm {authority}")
            }
            Self::CertificatesDecided { decided, .. } => format!(
                "go on with --certificates {}: a termination that was interrupted ends as it was decided",
                match decided {
                    CertificatesAtEnd::Revoked => "revoke",
                    CertificatesAtEnd::Left => "leave",
                }
            ),
            Self::StillIssuer { below, .. } => format!("terminate {below} first"),
            Self::Script(e) => return e.hint(),
            Self::Ceremony(_) => "nothing is lost: run the same script again, or give it up with sceau-ca ceremony abort".into(),
        })
    }
}
