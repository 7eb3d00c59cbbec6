//! What `sceau-tsa` counts, and what it knows when it is asked.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_service::metrics::{Collector, DescriptorEncoder, Histogram, Registry, Unit};
use pki_asn1::tsp::PkiFailureInfo;
use prometheus_client::encoding::NoLabelSet;
use prometheus_client::metrics::MetricType;

use crate::service::Tsa;

/// Upper bounds of the histogram of signatures, in seconds: from a key file to a slow token.
const BOUNDS: [f64; 12] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0,
];

/// What is counted while answering.
#[derive(Debug)]
pub struct Metrics {
    granted: AtomicU64,
    rejected: [AtomicU64; PkiFailureInfo::ALL.len()],
    busy: AtomicU64,
    signed: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            granted: AtomicU64::default(),
            rejected: Default::default(),
            busy: AtomicU64::default(),
            signed: Histogram::new(BOUNDS),
        }
    }
}

impl Metrics {
    pub(crate) fn granted(&self) {
        self.granted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn rejected(&self, failure: PkiFailureInfo) {
        let all = PkiFailureInfo::ALL.iter().zip(&self.rejected);
        for (_, count) in all.filter(|(f, _)| **f == failure) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn busy(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn signed(&self, took: Duration) {
        self.signed.observe(took.as_secs_f64());
    }
}

/// Puts everything about this authority into the registry.
pub fn register(tsa: &Arc<Tsa>, registry: &mut Registry) {
    registry.register_with_unit(
        "tsa_signing",
        "From taking the time to the signed token",
        Unit::Seconds,
        tsa.metrics().signed.clone(),
    );
    registry.register_collector(Box::new(State(Arc::clone(tsa))));
}

/// What is read when somebody asks.
#[derive(Debug)]
struct State(Arc<Tsa>);

impl Collector for State {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let tsa = &*self.0;
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        counter(
            &mut encoder,
            ("tsa_tokens_granted", "Time-stamp tokens given out"),
            load(&tsa.metrics().granted),
        )?;
        let mut rejected = encoder.encode_descriptor(
            "tsa_queries_rejected",
            "Queries rejected, by the failure of RFC 3161",
            None,
            MetricType::Counter,
        )?;
        for (failure, count) in PkiFailureInfo::ALL.iter().zip(&tsa.metrics().rejected) {
            rejected
                .encode_family(&[("failure", failure.name())])?
                .encode_counter::<NoLabelSet, _, u64>(&load(count), None)?;
        }
        counter(
            &mut encoder,
            (
                "tsa_queries_busy",
                "Queries turned away because too many waited",
            ),
            load(&tsa.metrics().busy),
        )?;
        self.clock(&mut encoder)?;
        self.journal(&mut encoder)?;
        self.units(encoder)
    }
}

impl State {
    fn clock(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let guard = self.0.guard();
        let trusted = i64::from(guard.check_now().is_ok());
        gauge(
            encoder,
            ("tsa_clock_trusted", "1 while the clock is trusted"),
            None,
            &trusted,
        )?;
        let Some((offset, age)) = guard.offset() else {
            return Ok(());
        };
        gauge(
            encoder,
            (
                "tsa_clock_offset",
                "What the references would add to the clock",
            ),
            Some(&Unit::Seconds),
            &(offset as f64 / 1e9),
        )?;
        gauge(
            encoder,
            (
                "tsa_clock_confirmed_age",
                "Since the references confirmed the clock",
            ),
            Some(&Unit::Seconds),
            &age.as_secs_f64(),
        )
    }

    fn journal(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let journal = self.0.journal();
        let (waiting, oldest) = journal.lag();
        counter(
            encoder,
            (
                "tsa_journal_records",
                "Records written to the token journal",
            ),
            journal.written(),
        )?;
        gauge(
            encoder,
            (
                "tsa_journal_writable",
                "1 while the token journal can be written",
            ),
            None,
            &i64::from(journal.check().is_ok()),
        )?;
        gauge(
            encoder,
            ("tsa_journal_waiting", "Records that are not written yet"),
            None,
            &i64::try_from(waiting).unwrap_or(i64::MAX),
        )?;
        gauge(
            encoder,
            ("tsa_journal_lag", "How long the oldest of them has waited"),
            Some(&Unit::Seconds),
            &oldest.as_secs_f64(),
        )
    }

    /// The last one: it takes the encoder.
    fn units(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let units = self.0.units();
        let now = self.0.guard().source().read().utc.unix_time();
        for (name, help, end) in [
            (
                "tsa_unit_key_expiry",
                "Until the unit may not sign any more; negative afterwards",
                0,
            ),
            (
                "tsa_unit_certificate_expiry",
                "Until the unit's certificate expires; negative afterwards",
                1,
            ),
        ] {
            let unit_of = Some(&Unit::Seconds);
            let mut family = encoder.encode_descriptor(name, help, unit_of, MetricType::Gauge)?;
            for unit in units.units() {
                let end = [unit.until(), unit.certificate().not_after()][end];
                family
                    .encode_family(&[("unit", unit.name())])?
                    .encode_gauge(&end.since(now))?;
            }
        }
        Ok(())
    }
}

fn counter(
    encoder: &mut DescriptorEncoder<'_>,
    (name, help): (&str, &str),
    value: u64,
) -> fmt::Result {
    encoder
        .encode_descriptor(name, help, None, MetricType::Counter)?
        .encode_counter::<NoLabelSet, _, u64>(&value, None)
}

fn gauge<V: prometheus_client::encoding::EncodeGaugeValue>(
    encoder: &mut DescriptorEncoder<'_>,
    (name, help): (&str, &str),
    unit: Option<&Unit>,
    value: &V,
) -> fmt::Result {
    encoder
        .encode_descriptor(name, help, unit, MetricType::Gauge)?
        .encode_gauge(value)
}
