//! Plain http through a proxy (RFC 9112 section 3.2.2): the connection goes to the proxy, and the
//! request line carries the whole URL. A tunnel (CONNECT), which ureq would open, is what most
//! proxies refuse for any port but 443, and certificates name their CRLs by plain http.

use core::fmt;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Error, Timeout};

/// Looks up the proxy in place of the server, or the server itself; a name that is not found is
/// told from a connection that is not made.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    pub(super) proxy: Option<Uri>,
    inner: DefaultResolver,
}

impl Lookup {
    pub(super) fn of_proxy(proxy: Uri) -> Self {
        Self {
            proxy: Some(proxy),
            inner: DefaultResolver::default(),
        }
    }
}

impl Resolver for Lookup {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let uri = self.proxy.as_ref().unwrap_or(uri);
        self.inner
            .resolve(uri, config, timeout)
            .map_err(|e| match e {
                Error::Timeout(_) => Error::Timeout(Timeout::Resolve),
                Error::Io(_) => Error::HostNotFound,
                other => other,
            })
    }
}

/// Wraps a connection to the proxy.
#[derive(Debug, Default)]
pub(super) struct AbsoluteForm;

impl<In: Transport> Connector<In> for AbsoluteForm {
    type Out = Forwarded<In>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let uri = details.uri;
        let authority = uri.authority().map(|a| a.as_str()).unwrap_or_default();
        let prefix = format!("http://{authority}");
        Ok(chained.map(|inner| Forwarded {
            inner,
            prefix: Some(prefix),
        }))
    }
}

/// A connection for one request, whose line is given the scheme and the host.
pub(super) struct Forwarded<T> {
    inner: T,
    /// Until the request line is sent.
    prefix: Option<String>,
}

impl<T> fmt::Debug for Forwarded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Forwarded")
    }
}

impl<T: Transport> Transport for Forwarded<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let Some(prefix) = self.prefix.take() else {
            return self.inner.transmit_output(amount, timeout);
        };
        let too_long = || Error::Tls("the request does not fit into the buffer");
        let output = self.inner.buffers().output();
        // "GET /path HTTP/1.1": the target begins after the first space.
        let at = output
            .get(..amount)
            .and_then(|head| head.iter().position(|b| *b == b' '))
            .ok_or_else(too_long)?
            + 1;
        let longer = amount + prefix.len();
        if longer > output.len() {
            return Err(too_long());
        }
        output.copy_within(at..amount, at + prefix.len());
        output[at..at + prefix.len()].copy_from_slice(prefix.as_bytes());
        self.inner.transmit_output(longer, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        // The next request needs a line of its own.
        false
    }
}
