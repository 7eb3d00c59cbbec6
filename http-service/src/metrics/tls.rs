//! How long the TLS certificate is still valid.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use crate::tls::Tls;

/// The end of the validity of the certificate that the next handshake presents.
#[derive(Debug)]
pub(crate) struct TlsMetrics(pub(crate) Tls);

impl Collector for TlsMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        encoder
            .encode_descriptor(
                "tls_certificate_not_after",
                "End of the TLS certificate's validity, in Unix time",
                Some(&Unit::Seconds),
                MetricType::Gauge,
            )?
            .encode_gauge(&self.0.not_after().as_secs())
    }
}
