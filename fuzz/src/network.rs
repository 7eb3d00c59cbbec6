//! What the network answers, and how it is reached.

use std::sync::Arc;

use ades::evidence::{Collector, Fetch, Material, Role, Subject};
use ades::net::{NoProxy, Proxy};
use pki_asn1::{Certificate, ManualClock};

use crate::text;

/// A certificate, and what every server then answers: collecting evidence ends, and what it chooses
/// is enough for a second collector that has nothing else.
pub(crate) fn evidence(input: &[u8]) {
    let Some((first, rest)) = split(input) else {
        return;
    };
    let Ok(certificate) = Certificate::from_der(first) else {
        return;
    };
    let at = certificate.not_before();
    let clock = Arc::new(ManualClock::new(at));
    let subject = Subject {
        certificate,
        at,
        role: Role::Signer,
    };
    let mut known = Material::default();
    let chosen = Collector::new(Arc::new(Everybody(rest.to_vec())))
        .with_clock(clock.clone())
        .collect(std::slice::from_ref(&subject), &mut known);
    let Ok(chosen) = chosen else {
        return;
    };
    let mut alone = Material::default();
    alone.pool.extend(chosen.certificates);
    for response in chosen.ocsp {
        alone.evidence.add_ocsp(response);
    }
    for crl in chosen.crls {
        alone.evidence.add_crl(crl);
    }
    let again = Collector::offline()
        .with_clock(clock)
        .collect(&[subject], &mut alone);
    assert!(again.is_ok(), "what was chosen is not enough");
}

/// Every server answers the same.
struct Everybody(Vec<u8>);

impl Fetch for Everybody {
    fn get(&self, _: &str) -> Result<Vec<u8>, String> {
        Ok(self.0.clone())
    }

    fn ocsp(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, String> {
        Ok(self.0.clone())
    }
}

/// The first DER value, with a length of two octets or fewer.
fn split(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = match *input.get(1)? {
        short @ 0..=0x7f => 2 + usize::from(short),
        0x81 => 3 + usize::from(*input.get(2)?),
        0x82 => 4 + usize::from(u16::from_be_bytes([*input.get(2)?, *input.get(3)?])),
        _ => return None,
    };
    input.split_at_checked(length)
}

/// Proxies and the hosts that are exempt: what is shown holds no password.
pub(crate) fn proxy(input: &[u8]) {
    let Some(text) = text(input) else {
        return;
    };
    let _ = NoProxy::parse(text);
    if let Ok(proxy) = Proxy::parse(&format!("http://user:hunter2@{text}")) {
        assert!(!format!("{proxy:?}").contains("hunter2"));
    }
    match Proxy::parse(text) {
        Ok(proxy) => drop(format!("{proxy:?}")),
        Err(why) => assert!(!why.is_empty()),
    }
}
