//! The keys that sign answers and what entitles them to; the keys that sign requests.

pub mod delegate;
pub mod requestors;

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use pki_asn1::Certificate;

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
