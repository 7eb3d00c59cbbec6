//! Collecting: complete the paths, choose what proves them, or say what is missing.

use std::sync::Arc;

use pki_asn1::{Clock, SystemClock, UnixTime};
use pki_path::{PathError, PathErrorKind, TrustAnchor};

use super::question::Unsettled;
use super::select::{Gap, Selection};
use super::session::status_urls;
use super::{
    Anchors, Ends, EvidenceError, Fetch, Freshness, Material, Need, Session, Subject,
    ValidationData,
};

/// Finds everything that proves the certificates of a signature: in what the document brings, then
/// in the network. Without anchors, paths end at the self-signed certificate that is found on top.
#[derive(Clone)]
pub struct Collector {
    fetch: Option<Arc<dyn Fetch + Send + Sync>>,
    anchors: Vec<TrustAnchor>,
    clock: Arc<dyn Clock>,
    freshness: Freshness,
}

impl core::fmt::Debug for Collector {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Collector")
            .field("online", &self.fetch.is_some())
            .field("anchors", &self.anchors.len())
            .field("freshness", &self.freshness)
            .finish_non_exhaustive()
    }
}

impl Collector {
    /// A collector that asks the network.
    #[must_use]
    pub fn new(fetch: Arc<dyn Fetch + Send + Sync>) -> Self {
        Self {
            fetch: Some(fetch),
            ..Self::offline()
        }
    }

    /// A collector that has to do with what is known.
    #[must_use]
    pub fn offline() -> Self {
        Self {
            fetch: None,
            anchors: Vec::new(),
            clock: Arc::new(SystemClock),
            freshness: Freshness::default(),
        }
    }

    /// Paths must end at one of these, or at an anchor of the material. None at all: at any
    /// self-signed certificate.
    #[must_use]
    pub fn with_anchors(mut self, anchors: Vec<TrustAnchor>) -> Self {
        self.anchors = anchors;
        self
    }

    /// Another clock than the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// How new evidence must be.
    #[must_use]
    pub fn with_freshness(mut self, freshness: Freshness) -> Self {
        self.freshness = freshness;
        self
    }

    /// Completes `known` for all `subjects` and chooses the least that proves them.
    ///
    /// # Errors
    /// Where a path is broken, or a certificate is revoked or expired before its proven time, or
    /// something is not to be had. What was found up to then stays in `known`.
    pub fn collect(
        &self,
        subjects: &[Subject],
        known: &mut Material,
    ) -> Result<ValidationData, EvidenceError> {
        let given = known.anchors.clone();
        known.anchors.extend(self.anchors.iter().cloned());
        let ends = if known.anchors.is_empty() {
            Ends::Tops
        } else {
            Ends::Anchors
        };
        let result = self.collect_within(subjects, known, ends);
        known.anchors = given;
        result
    }

    fn collect_within(
        &self,
        subjects: &[Subject],
        known: &mut Material,
        ends: Ends,
    ) -> Result<ValidationData, EvidenceError> {
        let fetch = self.fetch.as_deref().map(|f| f as &dyn Fetch);
        let mut session = Session::new(fetch, ends);
        let mut paths = Vec::new();
        for subject in subjects {
            known.pool.add(subject.certificate.clone());
        }
        let now = self.clock.now();
        let need = |s: &Subject| (s.certificate.clone(), Need::kept(s.at, now, self.freshness));
        session.look_ahead(known, &Vec::from_iter(subjects.iter().map(need)));
        for subject in subjects {
            // Fetching takes time, and what was fetched must not seem to come from the future.
            let need = Need::kept(subject.at, self.clock.now(), self.freshness);
            let path = session
                .complete(known, &subject.certificate, need)
                .map_err(|e| no_path(e, subject, ends, &session))?;
            paths.push((subject, path));
        }
        let mut selection = Selection::new(known);
        for (subject, path) in &paths {
            let need = Need::kept(subject.at, self.clock.now(), self.freshness);
            selection
                .keep_path(path, need)
                .map_err(|gap| unproven(gap, subject, self.clock.now(), ends, &session))?;
        }
        Ok(selection.finish())
    }
}

fn unproven(
    gap: Gap,
    subject: &Subject,
    now: UnixTime,
    ends: Ends,
    session: &Session<'_>,
) -> EvidenceError {
    match gap {
        Gap::Status(certificate, Unsettled::Unknown(why)) => {
            let tried = session.tried_for_status(&certificate);
            // One of the answers says it already.
            let told = tried.iter().any(|t| t.error.as_ref() == Some(&why));
            let ended = certificate.not_after();
            EvidenceError::Missing {
                certificate: (&certificate).into(),
                why: if told {
                    "no answer settles it".into()
                } else {
                    why
                },
                tried,
                urls: status_urls(&certificate),
                ended: (ended < now).then_some(ended),
            }
        }
        Gap::Status(
            certificate,
            Unsettled::TooEarly {
                this_update,
                next_update,
                ..
            },
        ) => EvidenceError::TooEarly {
            certificate: (&certificate).into(),
            this_update,
            next_update,
            used: subject.at,
            tried: session.tried_for_status(&certificate),
        },
        Gap::Revoked(certificate, info) => EvidenceError::revoked(&certificate, &info, subject.at),
        Gap::Path(error) => no_path(*error, subject, ends, session),
    }
}

fn no_path(
    error: PathError,
    subject: &Subject,
    ends: Ends,
    session: &Session<'_>,
) -> EvidenceError {
    let certificate = &error.certificate;
    match &error.kind {
        PathErrorKind::Expired { not_after, .. } => EvidenceError::Expired {
            certificate: certificate.into(),
            ended: *not_after,
            used: subject.at,
            role: subject.role,
        },
        PathErrorKind::IssuerNotFound { .. } | PathErrorKind::NoPathToAnchor => {
            let top = error.path.last().unwrap_or(certificate);
            let named = match &error.kind {
                PathErrorKind::IssuerNotFound { .. } => certificate,
                _ => top,
            };
            EvidenceError::NoPath {
                certificate: named.into(),
                trusted: match ends {
                    Ends::Anchors => Anchors::Given,
                    Ends::Tops => Anchors::Found,
                },
                why: error.kind.to_string(),
                tried: session.tried(&named.ca_issuers_urls()),
            }
        }
        _ => EvidenceError::Broken {
            certificate: (&subject.certificate).into(),
            source: Box::new(error),
        },
    }
}
