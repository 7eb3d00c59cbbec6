//! An operator, an authority, and the lists that name its services.

use pki_asn1::Certificate;
use sceau_tests::trusted_list::{EU_GENERIC, List, Service};
use trust_lists::load::{Expired, Loader, TrustedLists};
use trust_lists::qualify;

use crate::support::{Claims, Party, at, has};

pub(crate) const EVERY: &str = "<sie:CriteriaList assert=\"all\"><sie:KeyUsage><sie:KeyUsageBit name=\"nonRepudiation\">true</sie:KeyUsageBit></sie:KeyUsage></sie:CriteriaList>";
/// Under the Directive, and since it was replaced.
pub(crate) const THEN: &str = "2014-05-01T00:00:00Z";
pub(crate) const SINCE: &str = "2017-01-01T00:00:00Z";
pub(crate) const USED: &str = "2026-05-01T00:00:00Z";

pub(crate) struct World {
    operator: Party,
    pub(crate) ca: Party,
}

impl World {
    pub(crate) fn new() -> Option<Self> {
        has("xmlsec1").then(|| Self {
            operator: Party::new("Operator"),
            ca: Party::new("CA"),
        })
    }

    pub(crate) fn lists(&self, services: Vec<Service>) -> TrustedLists {
        let mut list = List::new(EU_GENERIC, "XX");
        list.services = services;
        let loader = Loader {
            source: None,
            now: at("2026-06-01T00:00:00Z"),
            expired: Expired::Refuse,
        };
        let signers = [self.operator.certificate.clone()];
        loader
            .load("list.xml", &self.operator.sign(&list), &signers)
            .unwrap()
    }

    pub(crate) fn service(&self) -> Service {
        Service::granted("CA/QC", SINCE, &self.ca.base64())
    }

    pub(crate) fn chain(&self, claims: &Claims<'_>) -> [Certificate; 2] {
        [self.ca.issue(claims), self.ca.certificate.clone()]
    }

    pub(crate) fn asked(
        &self,
        services: Vec<Service>,
        claims: &Claims<'_>,
        when: &str,
    ) -> qualify::Qualification {
        let lists = self.lists(services);
        qualify::certificate(&lists, &self.chain(claims), at(when))
    }
}

/// A service that was supervised when the Directive applied, and `now` since.
pub(crate) fn of_old(world: &World, then: &str, now: &str) -> Service {
    Service {
        status: (now.into(), "2016-07-01T00:00:00Z".into()),
        history: vec![(then.into(), "2010-01-01T00:00:00Z".into())],
        ..world.service().with_information("ForeSignatures")
    }
}
