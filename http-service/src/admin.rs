//! What operators and their machines ask, on addresses of its own, so that it is neither public nor
//! behind the public's limits.

use std::sync::Arc;

use hyper::{Method, StatusCode};

use crate::handler::{Handler, Request, Response};
use crate::health::{self, Health};
use crate::metrics::{self, Registry};
use crate::respond;
use crate::stop::Stop;

/// The handler of the admin listener: `/metrics`, `/healthz` and `/readyz`.
pub(crate) struct Admin {
    pub(crate) registry: Registry,
    pub(crate) health: Arc<dyn Health>,
    /// The stop of the public server: whoever drains is no longer ready.
    pub(crate) public: Stop,
}

impl Handler for Admin {
    async fn handle(&self, request: Request) -> Response {
        let path = request.uri.path();
        if let Some(answer) = health::answer(self, &request.method, path) {
            return answer;
        }
        match (path, request.method) {
            ("/metrics", Method::GET | Method::HEAD) => {
                let text = metrics::text(&self.registry);
                respond::typed(StatusCode::OK, metrics::CONTENT_TYPE, text.into())
            }
            ("/metrics", _) => respond::method_not_allowed("GET, HEAD"),
            _ => respond::not_found("here are /metrics, /healthz and /readyz\n"),
        }
    }
}

impl Health for Admin {
    fn live(&self) -> Result<(), String> {
        self.health.live()
    }

    fn ready(&self) -> Result<(), String> {
        if self.public.is_stopping() {
            return Err("the service is stopping".into());
        }
        self.health.ready()
    }
}
