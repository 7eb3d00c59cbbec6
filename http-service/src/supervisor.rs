//! What systemd is told (sd_notify(3)): ready, reloading, stopping, alive. Under no supervisor, nothing.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;

use crate::health::Health;

#[derive(Clone)]
pub(crate) struct Supervisor {
    health: Arc<dyn Health>,
    /// How often it wants a sign of life, halved, as sd_watchdog_enabled(3) recommends.
    interval: Option<Duration>,
}

impl Supervisor {
    pub(crate) fn new(health: Arc<dyn Health>) -> Self {
        Self {
            health,
            interval: sd_notify::watchdog_enabled().map(|wanted| wanted / 2),
        }
    }

    /// It serves, for the first time or after reloading.
    pub(crate) fn ready(&self) {
        tell(&[NotifyState::Ready]);
    }

    pub(crate) fn reloading(&self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(error) => tracing::warn!(%error, "no monotonic clock for the supervisor"),
        }
    }

    pub(crate) fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }

    /// Completes when it is time for a sign of life; never where none is wanted.
    pub(crate) async fn next_sign_of_life(&self) {
        match self.interval {
            Some(interval) => tokio::time::sleep(interval).await,
            None => std::future::pending().await,
        }
    }

    /// The sign of life, unless the service says that it does not live.
    pub(crate) fn alive(&self) {
        match self.health.live() {
            Ok(()) => tell(&[NotifyState::Watchdog]),
            Err(reason) => tracing::error!(reason, "the service does not live"),
        }
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the supervisor was not told");
    }
}
