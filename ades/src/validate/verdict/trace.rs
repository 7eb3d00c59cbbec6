//! Which building blocks of EN 319 102-1 ran for a verdict, in their order, and how each ended: the
//! detailed part of a report.

use super::failure::Failure;
use super::indication::{Indication, SubIndication};
use crate::text::Text;

macro_rules! blocks {
    ($($name:ident = $text:literal, $clause:literal;)*) => {
        /// A validation process or building block.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[allow(missing_docs)]
        #[non_exhaustive]
        pub enum Block { $($name),* }

        impl Block {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As the standard calls it; for what the formats ask beyond it, as we do.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// Its clause in EN 319 102-1, or the standard and clause where it is another one.
            #[must_use]
            pub fn clause(self) -> &'static str {
                match self { $(Self::$name => $clause),* }
            }
        }
    };
}

blocks! {
    FormatChecking = "Format Checking", "5.2.2";
    SigningCertificate = "Identification of the Signing Certificate", "5.2.3";
    ValidationContext = "Validation Context Initialization", "5.2.4";
    RevocationFreshness = "Revocation Freshness Checker", "5.2.5";
    CertificateValidation = "X.509 Certificate Validation", "5.2.6";
    CryptographicVerification = "Cryptographic Verification", "5.2.7";
    SignatureAcceptance = "Signature Acceptance Validation", "5.2.8";
    BasicSignature = "Validation Process for Basic Signatures", "5.3";
    TimestampValidation = "Time-stamp Validation", "5.4";
    SignatureWithTime = "Validation Process for Signatures with Time and Signatures with Long-Term Validation Material", "5.5";
    PastCertificate = "Past Certificate Validation", "5.6.2.1";
    ControlTimeSliding = "Validation Time Sliding", "5.6.2.2";
    PoeExtraction = "POE Extraction", "5.6.2.3";
    PastSignature = "Past Signature Validation", "5.6.2.4";
    EvidenceRecord = "Evidence Record Validation", "5.6.2.5";
    ArchivalData = "Validation Process for Signatures providing Long Term Availability and Integrity of Validation Material", "5.6.3";
    DocumentCoverage = "Coverage of the Document", "ISO 32000-2 12.8";
    DocumentChanges = "Changes after the Signature", "ISO 32000-2 12.8";
    ContainerFiles = "Files of the Container", "EN 319 162-1";
}

/// How a building block ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// What it asks for is so.
    Passed,
    /// It is not, and nothing will change that.
    Failed,
    /// It cannot be decided with what is known.
    Indeterminate,
    /// There was nothing for it to look at.
    NotApplicable,
}

impl Outcome {
    /// The word of the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Indeterminate => "indeterminate",
            Self::NotApplicable => "not-applicable",
        }
    }
}

impl Outcome {
    /// The other way round; `None` where there was nothing to look at.
    #[must_use]
    pub fn indication(self) -> Option<Indication> {
        match self {
            Self::Passed => Some(Indication::TotalPassed),
            Self::Failed => Some(Indication::TotalFailed),
            Self::Indeterminate => Some(Indication::Indeterminate),
            Self::NotApplicable => None,
        }
    }
}

impl From<Indication> for Outcome {
    fn from(indication: Indication) -> Self {
        match indication {
            Indication::TotalPassed => Self::Passed,
            Indication::Indeterminate => Self::Indeterminate,
            Indication::TotalFailed => Self::Failed,
        }
    }
}

/// One building block that ran, and those that ran within it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// Which one.
    pub block: Block,
    /// What it looked at, where the block runs for more than one thing.
    pub about: Option<Text>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it did not pass, in the words of the standard.
    pub sub_indication: Option<SubIndication>,
    /// What was found: where it did not pass, why.
    pub message: Option<Text>,
    /// Those that it called, in their order.
    pub children: Vec<Step>,
}

/// The steps of one level, while they run.
#[derive(Default)]
pub(super) struct Trace {
    steps: Vec<Step>,
}

impl Trace {
    /// Runs a building block; what `work` runs on its own trace becomes its children.
    pub(super) fn run<T>(
        &mut self,
        block: Block,
        work: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.run_about(block, None, work)
    }

    /// The same, for one thing of several.
    pub(super) fn run_about<T>(
        &mut self,
        block: Block,
        about: impl Into<Option<Text>>,
        work: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut inner = Self::default();
        let result = work(&mut inner);
        let failure = result.as_ref().err();
        self.steps.push(Step {
            block,
            about: about.into(),
            outcome: failure.map_or(Outcome::Passed, |f| f.indication.into()),
            sub_indication: failure.map(|f| f.sub),
            message: failure.map(|f| f.message.clone()),
            children: inner.steps,
        });
        result
    }

    /// A block that had nothing to look at, or whose outcome is known.
    pub(super) fn note(&mut self, block: Block, outcome: Outcome, message: impl Into<Text>) {
        self.steps.push(Step {
            block,
            about: None,
            outcome,
            sub_indication: None,
            message: Some(message.into()),
            children: Vec::new(),
        });
    }

    /// Steps that ran elsewhere.
    pub(super) fn extend(&mut self, steps: &[Step]) {
        self.steps.extend_from_slice(steps);
    }

    /// A step that ran elsewhere.
    pub(super) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// All of them.
    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}
