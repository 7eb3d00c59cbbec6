//! X-Forwarded-For, as far as it can be believed.
//!
//! Every proxy adds the address it was asked from at the end, so only what trusted proxies have added
//! means anything: the last hop that is none of them is the client. What stands before it, the client
//! may have written.

use std::net::{IpAddr, SocketAddr};

use hyper::HeaderMap;
use hyper::header::HeaderName;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Whose request it is that came from `peer` with these fields.
pub fn client(peer: IpAddr, headers: &HeaderMap, is_proxy: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut client = peer;
    let fields: Vec<_> = headers.get_all(X_FORWARDED_FOR).iter().collect();
    let hops = fields
        .iter()
        .rev()
        .flat_map(|field| field.to_str().unwrap_or_default().rsplit(','));
    for text in hops {
        if !is_proxy(client) {
            break;
        }
        match hop(text) {
            Some(before) => client = before,
            // Nobody knows who asked this proxy, so it answers for it.
            None => break,
        }
    }
    client
}

/// An address, which some proxies write with the port.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    bare.unwrap_or(text)
        .parse()
        .or_else(|_| text.parse().map(|address: SocketAddr| address.ip()))
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;
    use proptest::prelude::*;

    fn of(peer: &str, fields: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_str(field).unwrap());
        }
        let trusted = |address: IpAddr| address.to_string().starts_with("10.");
        client(peer.parse().unwrap(), &headers, trusted).to_string()
    }

    #[test]
    fn nobody_becomes_somebody_else_by_what_he_writes() {
        // Not through a proxy: whatever is said there.
        assert_eq!(of("192.0.2.1", &["198.51.100.1"]), "192.0.2.1");
        // The proxy adds at the end; before it stands what the client wrote.
        assert_eq!(of("10.0.0.1", &["198.51.100.1, 192.0.2.1"]), "192.0.2.1");
        assert_eq!(of("10.0.0.1", &["198.51.100.1", "192.0.2.1"]), "192.0.2.1");
        // Two proxies.
        assert_eq!(
            of("10.0.0.1", &["6.6.6.6, 192.0.2.1, 10.0.0.2"]),
            "192.0.2.1"
        );
        // A hop that is nothing stops the search at the proxy that passed it on.
        assert_eq!(
            of("10.0.0.1", &["192.0.2.1, unknown, 10.0.0.2"]),
            "10.0.0.2"
        );
        assert_eq!(of("10.0.0.1", &[""]), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &[]), "10.0.0.1");
        // Ports and brackets.
        for written in ["[2001:db8::1]:4711", "[2001:db8::1]", "2001:db8::1"] {
            assert_eq!(of("10.0.0.1", &[written]), "2001:db8::1");
        }
        assert_eq!(of("10.0.0.1", &["192.0.2.1:4711"]), "192.0.2.1");
        assert_eq!(of("10.0.0.1", &["::ffff:192.0.2.1"]), "192.0.2.1");
    }

    proptest! {
        #[test]
        fn the_client_is_never_a_hop_before_one_that_is_not_trusted(text in "[0-9.,: a-f\\[\\]]{0,60}") {
            let client = of("10.0.0.1", &[&format!("{text}, 192.0.2.1")]);
            prop_assert_eq!(client, "192.0.2.1");
        }
    }
}
