//! Whether a service is alive, and whether requests should be sent to it.
//!
//! ```text
//! GET /healthz    200 while the process does its work: a supervisor that sees 503 may restart it
//! GET /readyz     200 while it answers as it should: a balancer that sees 503 asks another one
//! ```
//!
//! Both say what is wrong in their body. They are served by the admin listener and, through
//! [`answer`], by the service itself.

use hyper::{Method, StatusCode};

use crate::handler::Response;
use crate::respond;

/// What a service knows of its own state. Neither call may block.
pub trait Health: Send + Sync + 'static {
    /// Whether the process does its work.
    ///
    /// # Errors
    /// What has broken that a restart may repair.
    fn live(&self) -> Result<(), String> {
        Ok(())
    }

    /// Whether relying parties are served as they should be.
    ///
    /// # Errors
    /// Why not; a restart would not change it.
    fn ready(&self) -> Result<(), String>;
}

/// The answer where `path` asks for the service's health.
#[must_use]
pub fn answer(health: &dyn Health, method: &Method, path: &str) -> Option<Response> {
    let state = match path {
        "/healthz" => health.live(),
        "/readyz" => health.ready(),
        _ => return None,
    };
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Some(respond::method_not_allowed("GET, HEAD"));
    }
    Some(match state {
        Ok(()) => respond::text(StatusCode::OK, "ok\n"),
        Err(reason) => respond::busy(&format!("{reason}\n")),
    })
}
