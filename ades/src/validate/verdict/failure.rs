//! Why something does not pass.

use super::indication::{Indication, Message, SubIndication};
use crate::text::Text;

/// Why something does not pass.
pub(super) struct Failure {
    pub(super) indication: Indication,
    pub(super) sub: SubIndication,
    pub(super) message: Text,
    pub(super) hint: Option<Text>,
    /// It is a certificate above the signer's that is not valid at this time.
    pub(super) of_ca: bool,
}

impl Failure {
    pub(super) fn failed(sub: SubIndication, message: impl Into<Text>) -> Self {
        Self {
            indication: Indication::TotalFailed,
            sub,
            message: message.into(),
            hint: None,
            of_ca: false,
        }
    }

    pub(super) fn indeterminate(sub: SubIndication, message: impl Into<Text>) -> Self {
        Self {
            indication: Indication::Indeterminate,
            ..Self::failed(sub, message)
        }
    }

    /// Something was made with what is not computed here. That it is older would not help, as it does where an
    /// algorithm ended.
    pub(super) fn not_computed(why: impl Into<Text>) -> Self {
        Self::indeterminate(SubIndication::CryptoConstraintsFailureNoPoe, why)
            .hint("ask for it to be made again with another algorithm, or have it judged by a program that computes this one")
    }

    pub(super) fn hint(mut self, hint: impl Into<Text>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The chain leads to someone whom a list trusted at another time (the `_NO_POE` of the lists).
    pub(super) fn untimely(mut self, why: String) -> Self {
        if self.sub == SubIndication::NoCertificateChainFound {
            self.sub = SubIndication::NoCertificateChainFoundNoPoe;
        }
        self.of_ca = false;
        self.hint(why)
    }

    pub(super) fn message(&self) -> Message {
        Message {
            code: self.sub.into(),
            message: self.message.clone(),
            hint: self.hint.clone(),
        }
    }
}
