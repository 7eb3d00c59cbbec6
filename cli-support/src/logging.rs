//! Logging to standard error with `tracing`: sentences for a person at a terminal, time-stamped
//! lines or JSON for a service.

use core::fmt;
use std::io;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::env;
use crate::failure::one_line;

/// What a log line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// `warning: message (field=value)`, for commands.
    Terminal,
    /// Time, level, target, message, fields, for services.
    Service,
    /// One JSON object a line, for services.
    Json,
}

/// Starts logging. The environment variable [`env::LOG`] overrides `level` with a filter such as
/// `debug` or `hsm_pkcs11=trace,warn`. A second call does nothing.
pub fn init(level: LevelFilter, format: LogFormat) {
    // The filter language costs start-up time, so it is only read where it is used.
    let filter = std::env::var(env::LOG.name)
        .ok()
        .and_then(|f| EnvFilter::try_new(f).ok());
    let level = if filter.is_some() {
        LevelFilter::TRACE
    } else {
        level
    };
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false);
    let registry = tracing_subscriber::registry().with(level).with(filter);
    let _ = match format {
        LogFormat::Terminal => registry.with(layer.event_format(Sentence)).try_init(),
        LogFormat::Service => registry.with(layer).try_init(),
        LogFormat::Json => registry.with(layer.json()).try_init(),
    };
}

/// Events in the manner of the programs' own messages.
struct Sentence;

impl<S, N> FormatEvent<S, N> for Sentence
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let label = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warning",
            Level::INFO => "info",
            Level::DEBUG => "debug",
            Level::TRACE => "trace",
        };
        let mut parts = Parts::default();
        event.record(&mut parts);
        // What strangers wrote is in both.
        write!(writer, "{label}: {}", one_line(&parts.message))?;
        if !parts.fields.is_empty() {
            write!(writer, " ({})", one_line(&parts.fields))?;
        }
        writeln!(writer)
    }
}

#[derive(Default)]
struct Parts {
    message: String,
    fields: String,
}

impl Visit for Parts {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        use fmt::Write as _;
        if field.name() == "message" {
            let _ = write!(self.message, "{value:?}");
        } else {
            let comma = if self.fields.is_empty() { "" } else { ", " };
            let _ = write!(self.fields, "{comma}{}={value:?}", field.name());
        }
    }
}
