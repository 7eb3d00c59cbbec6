//! What there is to publish, as it was when the record last changed: for the status page, the metrics
//! and the bundles, none of which then reads the record while somebody waits.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use http_service::with_causes;

use super::{Published, bundle};
use crate::record::source::{CrlSummary, SourceError, StatusSource};
use crate::responder::Responder;

/// What the record held at one version.
#[derive(Debug, Default)]
pub(crate) struct Stock {
    /// `None` before it was read for the first time.
    version: Option<u64>,
    /// The latest CRL of every line.
    pub(crate) crls: Vec<CrlSummary>,
    /// Bundles of certificates by file name.
    bundles: HashMap<String, Arc<Published>>,
}

impl Stock {
    fn read(source: &dyn StatusSource, version: u64) -> Result<Self, SourceError> {
        let certificates = source.ca_certificates()?;
        let mut bundles = HashMap::new();
        for authority in source.authorities()? {
            let name = &authority.name;
            let own = bundle::of(name, &certificates);
            let issued = bundle::issued_by(&authority.certificate, &certificates);
            let chain = bundle::chain(own.clone(), &certificates);
            for (file, list) in [
                (format!("{name}.p7c"), own),
                (format!("{name}.chain.p7c"), chain),
                (format!("{name}.issued.p7c"), issued),
            ] {
                if !list.is_empty() {
                    bundles.insert(file, Arc::new(Published::bundle(&list)));
                }
            }
        }
        Ok(Self {
            version: Some(version),
            crls: source.crls()?,
            bundles,
        })
    }

    /// The latest CRLs of an authority.
    pub(crate) fn crls_of<'a>(
        &'a self,
        authority: &'a str,
    ) -> impl Iterator<Item = &'a CrlSummary> {
        self.crls.iter().filter(move |c| c.authority == authority)
    }

    /// The bundle with this file name.
    pub(crate) fn bundle(&self, file_name: &str) -> Option<&Arc<Published>> {
        self.bundles.get(file_name)
    }
}

impl Responder {
    /// What there is to publish.
    pub(crate) fn stock(&self) -> Arc<Stock> {
        self.publications.stock()
    }

    /// Reads what there is to publish where the record has changed. Where it cannot be read, what was
    /// there before stays.
    pub(crate) fn take_stock(&self) {
        let version = self.version.load(Ordering::Acquire);
        if self.stock().version == Some(version) {
            return;
        }
        match Stock::read(&*self.source, version) {
            Ok(stock) => {
                let mut place = self
                    .publications
                    .stock
                    .write()
                    .unwrap_or_else(PoisonError::into_inner);
                *place = Arc::new(stock);
            }
            Err(error) => self.complain("no look at the record", &with_causes(&error)),
        }
    }
}
