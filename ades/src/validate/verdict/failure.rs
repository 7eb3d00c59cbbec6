//! Why something does not pass.

use super::indication::{Indication, Message, SubIndication};
use crate::text::Text;

/// Why something does not pass.
pub(super) struct Failure {
    pub(super) indication: Indication,
    pub(super) sub: SubIndication,
    pub(super) message: Text,
    pub(super) hint: Option<Text>,
}

impl Failure {
    pub(super) fn failed(sub: SubIndication, message: impl Into<Text>) -> Self {
        Self {
            indication: Indication::TotalFailed,
            sub,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn indeterminate(sub: SubIndication, message: impl Into<Text>) -> Self {
        Self {
            indication: Indication::Indeterminate,
            ..Self::failed(sub, message)
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<Text>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn message(&self) -> Message {
        Message {
            code: self.sub.as_str(),
            message: self.message.clone(),
            hint: self.hint.clone(),
        }
    }
}
