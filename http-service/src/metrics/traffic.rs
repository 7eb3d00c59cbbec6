//! Connections, requests and octets.
//!
//! Each thread counts in a cache line of its own, so counting costs a request some nanoseconds
//! however many cores there are; a scrape adds the lines up.

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use hyper::{Method, StatusCode};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

/// Upper bounds of the histogram of durations, in seconds.
const BOUNDS: [f64; 14] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];
const METHODS: [&str; 4] = ["GET", "HEAD", "POST", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What a server counts. Shared by its listeners and connections.
pub struct Traffic {
    shards: Box<[Shard]>,
    accepted: AtomicU64,
    closed: AtomicU64,
    cut: [AtomicU64; Cut::NAMES.len()],
    refused: [AtomicU64; Refused::NAMES.len()],
}

/// Why the server ended a connection that the client had not ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// Nothing moved for too long.
    Stalled,
    /// The drain time was over.
    Drained,
    /// The client took its answer too slowly.
    Slow,
}

/// Why a connection was closed before its first request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refused {
    /// Its client has all it may have.
    Client,
    /// Too many TLS handshakes are under way.
    Handshakes,
    /// The TLS handshake failed or took too long.
    Tls,
}

impl Refused {
    const NAMES: [&str; 3] = ["client", "handshakes", "tls"];
}

impl Cut {
    const NAMES: [&str; 3] = ["stalled", "drained", "slow"];
}

#[derive(Default)]
#[repr(align(128))]
struct Shard {
    requests: [[AtomicU64; CLASSES.len()]; METHODS.len()],
    durations: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
    received: AtomicU64,
    sent: AtomicU64,
}

impl Default for Traffic {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            shards: (0..threads.next_power_of_two())
                .map(|_| Shard::default())
                .collect(),
            accepted: AtomicU64::default(),
            closed: AtomicU64::default(),
            cut: Default::default(),
            refused: Default::default(),
        }
    }
}

impl Traffic {
    pub(crate) fn accepted(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn closed(&self) {
        self.closed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn cut(&self, why: Cut) {
        self.cut[why as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn refused(&self, why: Refused) {
        self.refused[why as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn request(&self, method: usize, status: StatusCode, took: Duration) {
        let shard = self.shard();
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        shard.requests[method][class].fetch_add(1, Ordering::Relaxed);
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.partition_point(|bound| *bound < seconds);
        shard.durations[bucket].fetch_add(1, Ordering::Relaxed);
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        shard.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    pub(crate) fn received(&self, octets: usize) {
        let count = &self.shard().received;
        count.fetch_add(octets as u64, Ordering::Relaxed);
    }

    pub(crate) fn sent(&self, octets: usize) {
        let count = &self.shard().sent;
        count.fetch_add(octets as u64, Ordering::Relaxed);
    }

    fn shard(&self) -> &Shard {
        // Their number is a power of two.
        &self.shards[thread_number() & (self.shards.len() - 1)]
    }

    fn sum(&self, of: impl Fn(&Shard) -> &AtomicU64) -> u64 {
        self.shards
            .iter()
            .map(|shard| of(shard).load(Ordering::Relaxed))
            .sum()
    }
}

/// Where requests of this method are counted.
pub(crate) fn method_index(method: &Method) -> usize {
    match *method {
        Method::GET => 0,
        Method::HEAD => 1,
        Method::POST => 2,
        _ => 3,
    }
}

fn thread_number() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static NUMBER: Cell<usize> = const { Cell::new(usize::MAX) });
    NUMBER.with(|number| {
        if number.get() == usize::MAX {
            number.set(THREADS.fetch_add(1, Ordering::Relaxed));
        }
        number.get()
    })
}

impl Collector for Traffic {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut requests = encoder.encode_descriptor(
            "http_requests",
            "Requests answered, by method and class of the status",
            None,
            MetricType::Counter,
        )?;
        for (method, name) in METHODS.iter().enumerate() {
            for (class, status) in CLASSES.iter().enumerate() {
                let count = self.sum(|shard| &shard.requests[method][class]);
                if count > 0 {
                    requests
                        .encode_family(&[("method", *name), ("status", *status)])?
                        .encode_counter::<NoLabelSet, _, u64>(&count, None)?;
                }
            }
        }
        let buckets: Vec<(f64, u64)> = BOUNDS
            .iter()
            .copied()
            .chain([f64::INFINITY])
            .enumerate()
            .map(|(at, bound)| (bound, self.sum(|shard| &shard.durations[at])))
            .collect();
        let seconds = Duration::from_nanos(self.sum(|shard| &shard.nanoseconds)).as_secs_f64();
        let count = buckets.iter().map(|(_, count)| count).sum();
        encoder
            .encode_descriptor(
                "http_request_duration",
                "From the request's header to its answer, reading the body included",
                Some(&Unit::Seconds),
                MetricType::Histogram,
            )?
            .encode_histogram::<NoLabelSet>(seconds, count, &buckets, None)?;
        for (name, help, count) in [
            (
                "http_received",
                "Octets read from clients",
                self.sum(|shard| &shard.received),
            ),
            (
                "http_sent",
                "Octets sent to clients",
                self.sum(|shard| &shard.sent),
            ),
        ] {
            encoder
                .encode_descriptor(name, help, Some(&Unit::Bytes), MetricType::Counter)?
                .encode_counter::<NoLabelSet, _, u64>(&count, None)?;
        }
        // Read in this order, more have never closed than were accepted.
        let closed = self.closed.load(Ordering::Acquire);
        let accepted = self.accepted.load(Ordering::Acquire);
        encoder
            .encode_descriptor(
                "http_connections_accepted",
                "Connections accepted",
                None,
                MetricType::Counter,
            )?
            .encode_counter::<NoLabelSet, _, u64>(&accepted, None)?;
        encoder
            .encode_descriptor(
                "http_connections_open",
                "Connections open now",
                None,
                MetricType::Gauge,
            )?
            .encode_gauge(&i64::try_from(accepted.saturating_sub(closed)).unwrap_or(i64::MAX))?;
        reasons(
            &mut encoder,
            "http_connections_cut",
            "Connections ended by the server, by reason",
            Cut::NAMES.iter().zip(&self.cut),
        )?;
        reasons(
            &mut encoder,
            "http_connections_refused",
            "Connections closed before their first request, by reason",
            Refused::NAMES.iter().zip(&self.refused),
        )?;
        Ok(())
    }
}

fn reasons<'a>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    counts: impl Iterator<Item = (&'a &'a str, &'a AtomicU64)>,
) -> Result<(), fmt::Error> {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (reason, count) in counts {
        family
            .encode_family(&[("reason", *reason)])?
            .encode_counter::<NoLabelSet, _, u64>(&count.load(Ordering::Relaxed), None)?;
    }
    Ok(())
}

impl fmt::Debug for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traffic").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn what_several_threads_count_is_added_up_once() {
        let traffic = Arc::new(Traffic::default());
        let threads: Vec<_> = (0..5)
            .map(|_| {
                let traffic = Arc::clone(&traffic);
                std::thread::spawn(move || {
                    for millis in 1..=10 {
                        let took = Duration::from_millis(millis);
                        let get = method_index(&Method::GET);
                        traffic.request(get, StatusCode::OK, took);
                        traffic.sent(3);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        traffic.accepted();
        let mut registry = super::super::registry();
        registry.register_collector(Box::new(traffic));
        let text = super::super::text(&registry);
        for line in [
            "sceau_http_requests_total{method=\"GET\",status=\"2xx\"} 50",
            "sceau_http_request_duration_seconds_count 50",
            // A bound belongs to its bucket; buckets add up.
            "sceau_http_request_duration_seconds_bucket{le=\"0.0025\"} 10",
            "sceau_http_request_duration_seconds_bucket{le=\"0.005\"} 25",
            "sceau_http_request_duration_seconds_bucket{le=\"+Inf\"} 50",
            "sceau_http_sent_bytes_total 150",
            "sceau_http_connections_open 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
    }
}
