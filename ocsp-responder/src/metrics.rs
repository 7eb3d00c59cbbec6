//! What the responder counts and measures, for Prometheus (docs/sceau-ocsp.md has the table).
//!
//! An answer from the cache costs one counter, which says what was told as well; the families are
//! added up from such counters when they are read. Ages and times to an end are worked out then, from
//! what is in memory: reading them never waits for the record or a key.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ca_core::status::Status;
use http_service::metrics::{
    Collector, DescriptorEncoder, EncodeMetric, Family, Histogram, Registry, Unit,
};
use pki_asn1::ocsp::OcspResponseStatus;
use prometheus_client::encoding::NoLabelSet;
use prometheus_client::metrics::MetricType;

use crate::protocol::response::Answer;
use crate::responder::{Reply, Responder};

/// Upper bounds of the histogram of signatures, in seconds: from a key in memory to a busy token.
const SIGN_BOUNDS: [f64; 13] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5,
];
const RESPONSES: [(OcspResponseStatus, &str); 5] = [
    (OcspResponseStatus::MalformedRequest, "malformedRequest"),
    (OcspResponseStatus::InternalError, "internalError"),
    (OcspResponseStatus::TryLater, "tryLater"),
    (OcspResponseStatus::SigRequired, "sigRequired"),
    (OcspResponseStatus::Unauthorized, "unauthorized"),
];
const STATUSES: [&str; 3] = ["good", "revoked", "unknown"];
/// In the order of [`PageVerdict`].
const VERDICTS: [&str; 7] = [
    "good",
    "revoked",
    "on-hold",
    "never-issued",
    "not-ours",
    "forged",
    "cannot-tell",
];

/// What the status page said.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PageVerdict {
    Good,
    Revoked,
    OnHold,
    NeverIssued,
    NotOurs,
    Forged,
    CannotTell,
}

/// Lets the responder's metrics be read from `registry`.
pub fn register(registry: &mut Registry, responder: &Arc<Responder>) {
    registry.register_collector(Box::new(Metrics(Arc::clone(responder))));
}

/// What the responder counts.
#[derive(Debug)]
pub(crate) struct Counts {
    /// Answers that were at hand, by what they say.
    hits: [AtomicU64; 2],
    /// Successful answers that needed the record or a key.
    worked: AtomicU64,
    /// Requests that did, whatever came of it.
    misses: AtomicU64,
    /// What those answers say of each certificate.
    told: [AtomicU64; STATUSES.len()],
    errors: [AtomicU64; RESPONSES.len()],
    lookups: [AtomicU64; VERDICTS.len()],
    signatures: Family<[(&'static str, String); 1], Histogram>,
    sign_failures: Family<[(&'static str, String); 1], http_service::metrics::Counter>,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            hits: Default::default(),
            worked: AtomicU64::default(),
            misses: AtomicU64::default(),
            told: Default::default(),
            errors: Default::default(),
            lookups: Default::default(),
            signatures: Family::new_with_constructor(|| Histogram::new(SIGN_BOUNDS)),
            sign_failures: Family::default(),
        }
    }
}

impl Counts {
    /// A reply that was at hand.
    pub(crate) fn at_hand(&self, reply: &Reply) {
        match reply {
            Reply::Shared(signed) => add(&self.hits[usize::from(signed.status != Status::Good)]),
            Reply::Once(_) => add(&self.worked),
            Reply::Error(status) => self.error(*status),
        }
    }

    /// A reply that needed the record or a key.
    pub(crate) fn worked(&self, reply: &Reply) {
        add(&self.misses);
        match reply {
            Reply::Shared(signed) => {
                add(&self.worked);
                self.told(Answer::Issued(signed.status));
            }
            Reply::Once(_) => add(&self.worked),
            Reply::Error(status) => self.error(*status),
        }
    }

    /// What an answer to one request alone says of a certificate.
    pub(crate) fn told(&self, answer: Answer) {
        add(match answer {
            Answer::Issued(Status::Good) => &self.told[0],
            Answer::Issued(Status::Revoked { .. }) => &self.told[1],
            Answer::Unknown | Answer::ExtendedRevoked => &self.told[2],
        });
    }

    /// An error response.
    pub(crate) fn error(&self, status: OcspResponseStatus) {
        if let Some(at) = RESPONSES.iter().position(|(known, _)| *known == status) {
            add(&self.errors[at]);
        }
    }

    /// An answer of the status page.
    pub(crate) fn looked_up(&self, verdict: PageVerdict) {
        add(&self.lookups[verdict as usize]);
    }

    /// A call of an authority's responder key.
    pub(crate) fn signed(&self, authority: &str, took: Duration, success: bool) {
        let label = [("ca", authority.to_owned())];
        if success {
            let histogram = self.signatures.get_or_create(&label);
            histogram.observe(took.as_secs_f64());
        } else {
            self.sign_failures.get_or_create(&label).inc();
        }
    }
}

fn add(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

#[derive(Debug)]
struct Metrics(Arc<Responder>);

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        self.requests(&mut encoder)?;
        self.signatures(&mut encoder)?;
        self.ages(&mut encoder)
    }
}

impl Metrics {
    fn requests(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let counts = &self.0.counts;
        let hits = counts.hits.each_ref().map(read);
        let successful = hits.iter().sum::<u64>() + read(&counts.worked);
        let errors = RESPONSES.iter().zip(&counts.errors);
        let responses = errors.map(|((_, name), count)| (*name, read(count)));
        family(
            encoder,
            "ocsp_responses",
            "OCSP responses, by their status",
            "status",
            [("successful", successful)].into_iter().chain(responses),
        )?;
        let told = STATUSES.iter().enumerate().map(|(at, status)| {
            let at_hand = hits.get(at).copied().unwrap_or(0);
            (*status, at_hand + read(&counts.told[at]))
        });
        family(
            encoder,
            "ocsp_certificates",
            "Certificates told of in OCSP responses, by their status",
            "status",
            told,
        )?;
        family(
            encoder,
            "page_lookups",
            "Questions answered on the status page, by the answer",
            "verdict",
            VERDICTS.into_iter().zip(counts.lookups.iter().map(read)),
        )?;
        for (name, help, count) in [
            (
                "ocsp_cache_hits",
                "Requests answered from the cache at once",
                hits.iter().sum(),
            ),
            (
                "ocsp_cache_misses",
                "Requests that needed the record or a key",
                read(&counts.misses),
            ),
            (
                "crl_refused",
                "CRLs of the record that were not published because their number went back or they are not the authority's",
                self.0.publications.refused(),
            ),
        ] {
            encoder
                .encode_descriptor(name, help, None, MetricType::Counter)?
                .encode_counter::<NoLabelSet, _, u64>(&count, None)?;
        }
        let mut gauges = vec![(
            "ocsp_cache_entries",
            "Signed answers kept",
            self.0.cache.len() as u64,
        )];
        if let Some(progress) = self.0.presigned_progress() {
            gauges.push((
                "ocsp_presigned_certificates",
                "Certificates that are signed about ahead",
                progress.certificates as u64,
            ));
            gauges.push((
                "ocsp_presigned_answered",
                "Certificates that there is an answer for ahead",
                progress.signed as u64,
            ));
            gauges.push((
                "ocsp_presigned_former",
                "Certificates whose answer ahead is of a responder certificate that was renewed since",
                progress.former as u64,
            ));
        }
        for (name, help, value) in gauges {
            encoder
                .encode_descriptor(name, help, None, MetricType::Gauge)?
                .encode_gauge(&value)?;
        }
        Ok(())
    }

    fn signatures(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let counts = &self.0.counts;
        let histogram = encoder.encode_descriptor(
            "ocsp_sign_duration",
            "Signing one OCSP response, by authority",
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        counts.signatures.encode(histogram)?;
        let failures = encoder.encode_descriptor(
            "ocsp_sign_failures",
            "Signatures that a responder key did not make, by authority",
            None,
            MetricType::Counter,
        )?;
        counts.sign_failures.encode(failures)
    }

    fn ages(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let (now, state, stock) = (self.0.now(), self.0.state(), self.0.stock());
        encoder
            .encode_descriptor(
                "record_age",
                "Since the record was last read",
                Some(&Unit::Seconds),
                MetricType::Gauge,
            )?
            .encode_gauge(&now.since(self.0.record_seen()))?;
        let mut expiry = encoder.encode_descriptor(
            "responder_certificate_expiry",
            "Until an authority's first responder certificate ends; negative afterwards",
            Some(&Unit::Seconds),
            MetricType::Gauge,
        )?;
        for entry in &state.entries {
            let ends = entry.delegates.iter().map(|d| d.certificate().not_after());
            if let Some(end) = ends.min() {
                expiry
                    .encode_family(&[("ca", entry.name.as_str())])?
                    .encode_gauge(&end.since(now))?;
            }
        }
        let mut expiry = encoder.encode_descriptor(
            "crl_expiry",
            "Until the nextUpdate of the latest CRL; negative afterwards",
            Some(&Unit::Seconds),
            MetricType::Gauge,
        )?;
        for crl in &stock.crls {
            let file = crl.name.file_name(&crl.authority);
            expiry
                .encode_family(&[("ca", crl.authority.as_str()), ("crl", file.as_str())])?
                .encode_gauge(&crl.next_update.since(now))?;
        }
        let mut number = encoder.encode_descriptor(
            "crl_number",
            "The cRLNumber of the latest CRL",
            None,
            MetricType::Gauge,
        )?;
        for crl in &stock.crls {
            let file = crl.name.file_name(&crl.authority);
            number
                .encode_family(&[("ca", crl.authority.as_str()), ("crl", file.as_str())])?
                .encode_gauge(&crl.number)?;
        }
        Ok(())
    }
}

/// A counter with one label.
fn family<'a>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    label: &str,
    values: impl Iterator<Item = (&'a str, u64)>,
) -> Result<(), fmt::Error> {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (value, count) in values {
        family
            .encode_family(&[(label, value)])?
            .encode_counter::<NoLabelSet, _, u64>(&count, None)?;
    }
    Ok(())
}
