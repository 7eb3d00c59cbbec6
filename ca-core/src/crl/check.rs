//! The linter over a CRL that is being made: the parts around the entries once, then each entry as it
//! is encoded. It reads the bytes back and shares nothing with the encoder.

use pki_lint::{CrlContext, CrlHead, CrlStream, ExpiredEntries, Revoked, Severity, SignatureValue};

use super::draft::CrlInputs;
use super::frame::FrameParts;
use super::{CrlError, CrlKind};

/// A linter that waits for the first entry: only then it is known whether there is a list.
pub(super) struct Check<'a> {
    parts: &'a FrameParts,
    context: CrlContext<'a>,
    stream: Option<CrlStream>,
}

impl<'a> Check<'a> {
    pub(super) fn new(parts: &'a FrameParts, inputs: &CrlInputs<'a>) -> Self {
        // A whole CRL names its address where another generation has the authority's name.
        let scope = match (inputs.distribution_point, inputs.name.kind) {
            (None, CrlKind::Complete) => pki_lint::CrlScope::Full,
            (None, CrlKind::Delta) => pki_lint::CrlScope::Delta,
            (Some(_), CrlKind::Complete) => pki_lint::CrlScope::Partition,
            (Some(_), CrlKind::Delta) => pki_lint::CrlScope::PartitionDelta,
        };
        Self {
            parts,
            context: CrlContext {
                issuer: Some(inputs.authority.certificate.der()),
                scope: Some(scope),
                expired: Some(match inputs.expired_since {
                    Some(_) => ExpiredEntries::Kept,
                    None => ExpiredEntries::Dropped,
                }),
                maximum_validity: None,
                signature: SignatureValue::Placeholder,
            },
            stream: None,
        }
    }

    /// The next entry (DER).
    pub(super) fn entry(&mut self, der: &[u8]) {
        let (parts, context) = (self.parts, &self.context);
        self.stream
            .get_or_insert_with(|| begin(parts, Revoked::Present, context))
            .entry(der);
    }

    /// Errors and warnings refuse the CRL; notices, which no text forbids, do not.
    pub(super) fn finish(self) -> Result<(), CrlError> {
        let stream = match self.stream {
            Some(stream) => stream,
            None => begin(self.parts, Revoked::Absent, &self.context),
        };
        let findings: Vec<_> = stream
            .finish()
            .into_iter()
            .filter(|finding| finding.severity > Severity::Notice)
            .collect();
        if findings.is_empty() {
            Ok(())
        } else {
            Err(CrlError::Refused { findings })
        }
    }
}

fn begin(parts: &FrameParts, revoked: Revoked, context: &CrlContext<'_>) -> CrlStream {
    let head = CrlHead {
        version: Some(&parts.version),
        signature: &parts.algorithm,
        issuer: &parts.issuer,
        this_update: &parts.this_update,
        next_update: Some(&parts.next_update),
        extensions: Some(&parts.extensions),
        revoked,
    };
    CrlStream::begin(&head, context)
}
