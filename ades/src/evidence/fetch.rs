//! What the engine needs of the network: bodies by GET, and answers of OCSP responders.

use crate::net::{HttpClient, HttpMethod, HttpRequest, Redirects};

/// Access to the network with time-outs and size limits of its own. Several threads may ask at once.
pub trait Fetch: Send + Sync {
    /// GET.
    ///
    /// # Errors
    /// In words, where no body came back.
    fn get(&self, url: &str) -> Result<Vec<u8>, String>;

    /// POST of an `application/ocsp-request`.
    ///
    /// # Errors
    /// As [`Self::get`].
    fn ocsp(&self, url: &str, request: &[u8]) -> Result<Vec<u8>, String>;

    /// The last answer of `url` (to this OCSP request, or to GET) did not settle the question.
    /// Whether it was a remembered one, which is now forgotten, so that asking again makes sense.
    fn forget(&self, url: &str, request: Option<&[u8]>) -> bool {
        let _ = (url, request);
        false
    }
}

impl<F: Fetch + ?Sized> Fetch for std::sync::Arc<F> {
    fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        (**self).get(url)
    }

    fn ocsp(&self, url: &str, request: &[u8]) -> Result<Vec<u8>, String> {
        (**self).ocsp(url, request)
    }

    fn forget(&self, url: &str, request: Option<&[u8]>) -> bool {
        (**self).forget(url, request)
    }
}

/// [`Fetch`] over an [`HttpClient`].
pub struct HttpFetch<C>(pub C);

/// Nothing a certificate points at is larger: CRLs of large authorities are some tens of MB.
const MAX_BODY: u64 = 128 << 20;
const MAX_OCSP: u64 = 1 << 20;

impl<C: HttpClient> HttpFetch<C> {
    fn send(&self, request: &HttpRequest<'_>) -> Result<Vec<u8>, String> {
        let response = self.0.send(request).map_err(|e| e.to_string())?;
        if response.status == 200 {
            Ok(response.body)
        } else {
            Err(format!(
                "the server answers with status {}",
                response.status
            ))
        }
    }
}

impl<C: HttpClient> Fetch for HttpFetch<C> {
    fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        self.send(&HttpRequest {
            url,
            method: HttpMethod::Get,
            accept: "*/*",
            max_bytes: MAX_BODY,
            authorization: None,
            redirects: Redirects::Anywhere,
        })
    }

    fn ocsp(&self, url: &str, request: &[u8]) -> Result<Vec<u8>, String> {
        self.send(&HttpRequest {
            url,
            method: HttpMethod::Post {
                content_type: "application/ocsp-request",
                body: request,
            },
            accept: "application/ocsp-response",
            max_bytes: MAX_OCSP,
            authorization: None,
            redirects: Redirects::Anywhere,
        })
    }
}
