//! The keys that sign answers and what entitles them to; the keys that sign requests.

pub mod delegate;
pub mod files;
pub mod requestors;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use pki_asn1::{Certificate, UnixTime};

use self::delegate::Delegate;

/// Who answers for which authority, by its name: one delegate for each signature algorithm, the first
/// for clients that prefer none.
#[derive(Clone, Debug, Default)]
pub struct Delegates(BTreeMap<String, Vec<Arc<Delegate>>>);

impl Delegates {
    /// Adds a delegate after those there are for this authority.
    pub fn add(&mut self, authority: String, delegate: Arc<Delegate>) {
        self.0.entry(authority).or_default().push(delegate);
    }

    /// The delegates of an authority that speak for the key of this certificate of it.
    pub(crate) fn for_key(&self, authority: &str, certificate: &Certificate) -> Vec<Arc<Delegate>> {
        let mut speaking = self.of(authority).to_vec();
        speaking.retain(|delegate| delegate.answers_for(certificate));
        speaking
    }

    /// All delegates of an authority.
    #[must_use]
    pub fn of(&self, authority: &str) -> &[Arc<Delegate>] {
        self.0.get(authority).map_or(&[], Vec::as_slice)
    }

    /// The authorities with a delegate.
    pub fn authorities(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Logs the responder certificates that should have been renewed by now: with a quarter of their life
    /// left, and at most three days.
    pub(crate) fn warn_before_expiry(&self, now: UnixTime) {
        const DAYS: Duration = Duration::from_secs(3 * 86_400);
        for (authority, delegate) in self.iter() {
            let certificate = delegate.certificate();
            let (begin, end) = (certificate.not_before(), certificate.not_after());
            let quarter = u64::try_from(end.since(begin) / 4).unwrap_or(0);
            let hint = "sceau-ca ocsp-signer renew; the new certificate is taken up by itself";
            if now > end {
                tracing::error!(authority, not_after = %end, hint, "a responder certificate has expired");
            } else if now + DAYS.min(Duration::from_secs(quarter)) > end {
                tracing::warn!(authority, not_after = %end, hint, "a responder certificate ends soon");
            }
        }
    }

    /// Every delegate with the authority it is for.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<Delegate>)> {
        self.0
            .iter()
            .flat_map(|(name, list)| list.iter().map(move |d| (name.as_str(), d)))
    }
}

impl From<HashMap<String, Arc<Delegate>>> for Delegates {
    fn from(one_each: HashMap<String, Arc<Delegate>>) -> Self {
        Self(
            one_each
                .into_iter()
                .map(|(name, delegate)| (name, vec![delegate]))
                .collect(),
        )
    }
}
