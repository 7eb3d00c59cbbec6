//! Trust by the word of trusted lists: some anchors are trusted at some times and for something alone
//! (TS 119 615 clause 4.3).

use core::cell::Cell;
use core::time::Duration;
use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Instant;

use pki_asn1::{Certificate, UnixTime, name};
use pki_path::TrustAnchor;
use trust_lists::load::{Source, TrustedLists};
use trust_lists::qualify::{self, Makes, Period};

use super::{Fetch, Material};

/// When and for what anchors are trusted that stand in a list; the others are trusted always.
#[derive(Clone, Debug, Default)]
pub struct Listed(HashMap<Certificate, Vec<Period>>);

impl Listed {
    fn trusts(&self, certificate: &Certificate, at: UnixTime, makes: Makes) -> bool {
        self.0.get(certificate).is_none_or(|periods| {
            let fits = |p: &Period| p.makes == makes && p.contains(at);
            periods.iter().any(fits)
        })
    }
}

impl Material {
    /// Trusts the services of lists that issue qualified certificates or time-stamps, while they are
    /// granted. Who is trusted already stays so without limits.
    pub fn trust_lists(&mut self, lists: &TrustedLists) {
        for listed in qualify::anchors(lists) {
            let known = self
                .anchors
                .iter()
                .any(|a| *a.certificate() == listed.certificate);
            if known {
                continue;
            }
            // A key that cannot be used verifies nothing.
            if let Ok(anchor) = TrustAnchor::from_certificate(listed.certificate.clone()) {
                self.anchors.push(anchor);
                self.listed.0.insert(listed.certificate, listed.periods);
            }
        }
    }

    /// The anchors that are trusted at a time for what `makes` says.
    pub(crate) fn anchors_at(&self, at: UnixTime, makes: Makes) -> Cow<'_, [TrustAnchor]> {
        let trusted = |a: &&TrustAnchor| self.listed.trusts(a.certificate(), at, makes);
        if self.anchors.iter().all(|a| trusted(&a)) {
            return Cow::Borrowed(&self.anchors);
        }
        Cow::Owned(self.anchors.iter().filter(trusted).cloned().collect())
    }

    /// Why a list does not help: it trusts the issuer of the last of `path` at other times alone.
    pub(crate) fn untimely(
        &self,
        path: &[Certificate],
        at: UnixTime,
        makes: Makes,
    ) -> Option<String> {
        let top = path.last()?;
        let issuer = self
            .anchors
            .iter()
            .map(TrustAnchor::certificate)
            .find(|c| {
                (*c == top || name::matches(c.subject(), top.issuer()))
                    && !self.listed.trusts(c, at, makes)
            })?;
        Some(format!(
            "the trusted list has {}, but not as a service of this kind that was granted at {at}",
            issuer.display_subject()
        ))
    }
}

/// Waiting for lists that do not come: a list of lists names dozens, and where the network is down each would be
/// waited for.
const WAITING: Duration = Duration::from_secs(60);

/// Trusted lists from the network that evidence comes from.
pub struct FetchLists<'a> {
    fetch: &'a dyn Fetch,
    in_vain: Cell<Duration>,
}

impl<'a> FetchLists<'a> {
    /// For one run.
    #[must_use]
    pub fn new(fetch: &'a dyn Fetch) -> Self {
        Self {
            fetch,
            in_vain: Cell::default(),
        }
    }
}

impl Source for FetchLists<'_> {
    fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        if self.in_vain.get() >= WAITING {
            return Err("it was not asked for: other trusted lists took too long".into());
        }
        let begun = Instant::now();
        self.fetch.get(url).inspect_err(|_| {
            self.in_vain.set(self.in_vain.get() + begun.elapsed());
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Silent;

    impl Fetch for Silent {
        fn get(&self, _: &str) -> Result<Vec<u8>, String> {
            std::thread::sleep(Duration::from_millis(1));
            Err("it did not answer".into())
        }

        fn ocsp(&self, url: &str, _: &[u8]) -> Result<Vec<u8>, String> {
            self.get(url)
        }
    }

    #[test]
    fn every_list_of_a_dead_network_is_waited_for() {
        let lists = FetchLists::new(&Silent);
        assert_eq!(lists.get("http://a/").unwrap_err(), "it did not answer");
        assert!(lists.in_vain.get() > Duration::ZERO);
        lists.in_vain.set(WAITING);
        assert!(
            lists
                .get("http://a/")
                .unwrap_err()
                .contains("took too long")
        );
    }
}
