//! Metrics of a service, in the OpenMetrics text format, which Prometheus reads.
//!
//! A program owns one [`Registry`]. It starts with [`registry`], lets its parts register what they
//! count, and hands it to [`crate::program::Program`], which adds [`Traffic`] and serves the whole at
//! `GET /metrics` of the admin listener:
//!
//! ```
//! use http_service::metrics::{self, Counter};
//!
//! let mut registry = metrics::registry();
//! let hits = Counter::<u64>::default(); // clones count together: one stays with who counts
//! registry.register("cache_hits", "Answers from the cache", hits.clone());
//! hits.inc();
//! assert!(metrics::text(&registry).contains("sceau_cache_hits_total 1\n"));
//! ```
//!
//! What is known only when it is asked for (an age, seconds to an expiry) is encoded by a
//! [`Collector`] at that moment. It must not block: it reads what the service has in memory.
//! Names follow <https://prometheus.io/docs/practices/naming/>: base units, `_total` is added to
//! counters, and no label takes a value that a client chooses.

mod tls;
pub(crate) mod traffic;

pub use prometheus_client::collector::Collector;
pub use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
pub use prometheus_client::metrics::counter::{ConstCounter, Counter};
pub use prometheus_client::metrics::family::Family;
pub use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
pub use prometheus_client::metrics::histogram::Histogram;
pub use prometheus_client::registry::{Registry, Unit};

pub(crate) use self::tls::TlsMetrics;
pub use self::traffic::Traffic;

/// The media type of [`text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// An empty registry; every name in it begins with `sceau_`.
#[must_use]
pub fn registry() -> Registry {
    Registry::with_prefix("sceau")
}

/// All metrics as they are now. A collector that fails leaves the text without its end marker, which
/// a scraper takes for an error.
#[must_use]
pub fn text(registry: &Registry) -> String {
    let mut text = String::with_capacity(8192);
    if let Err(error) = prometheus_client::encoding::text::encode(&mut text, registry) {
        tracing::error!(%error, "a metric was not encoded");
    }
    text
}
