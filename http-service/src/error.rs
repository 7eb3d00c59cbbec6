//! Why a server cannot start.

use std::io;
use std::net::SocketAddr;

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The configuration names no address.
    #[error("no address to listen on is configured")]
    NoAddress,
    /// The operating system does not give the address to this process.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address as configured.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// Threads, timers or signal handlers could not be set up.
    #[error("cannot start the server's threads or signal handlers")]
    Runtime(#[source] io::Error),
}

impl ServeError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoAddress => Some("add one, such as listen = [\"127.0.0.1:8080\"]".into()),
            Self::Listen { address, source } => match source.kind() {
                io::ErrorKind::AddrInUse => Some(format!(
                    "another process listens on {address}; stop it, or choose another port (port 0 takes a free one)"
                )),
                io::ErrorKind::AddrNotAvailable => Some(format!(
                    "{} is not an address of this machine; 0.0.0.0 or [::] stand for all of them",
                    address.ip()
                )),
                io::ErrorKind::PermissionDenied => Some(format!(
                    "ports below 1024 need a privilege; choose a port above, or grant CAP_NET_BIND_SERVICE for port {}",
                    address.port()
                )),
                _ => None,
            },
            Self::Runtime(_) => None,
        }
    }
}

/// An error with all its causes in one line, for the log.
#[must_use]
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // A transparent error says what its cause says.
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_names_the_cause_at_the_bottom() {
        let source = io::Error::other("the token is gone");
        let error = ServeError::Runtime(source);
        let said = "cannot start the server's threads or signal handlers: the token is gone";
        assert_eq!(with_causes(&error), said);
    }
}
