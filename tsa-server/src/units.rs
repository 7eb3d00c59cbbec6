//! Several time-stamping units, and which of them stamps.
//!
//! Units stand in the order of the configuration. Of those that serve the policy, the first one that
//! may sign now does: where its key usage period ends, the next one takes over by itself. A client
//! can choose one by the path `/tsa/NAME`.

use std::collections::HashMap;
use std::sync::Arc;

use hsm_pkcs11::{Pace, Signer as _};
use pki_asn1::UnixTime;

use crate::offer::OfferedPolicy;
use crate::unit::{Unit, UnitError};

/// The units of an authority. Replaced whole when one of them changes.
#[derive(Clone, Debug)]
pub struct Units {
    /// Every policy, served or not.
    offered: Vec<Arc<OfferedPolicy>>,
    all: Arc<Endpoint>,
    by_name: HashMap<String, Arc<Endpoint>>,
}

/// What a client reaches under one path.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What is offered there; the first is that of queries that name none.
    pub(crate) policies: Vec<Arc<OfferedPolicy>>,
    units: Vec<Arc<Unit>>,
}

impl Units {
    /// These units, in this order, for these policies.
    #[must_use]
    pub fn new(units: Vec<Arc<Unit>>, policies: &[Arc<OfferedPolicy>]) -> Self {
        let by_name = units.iter().map(|unit| {
            let alone = Endpoint::new(vec![Arc::clone(unit)], policies);
            (unit.name().to_owned(), Arc::new(alone))
        });
        Self {
            offered: policies.to_vec(),
            by_name: by_name.collect(),
            all: Arc::new(Endpoint::new(units, policies)),
        }
    }

    /// Where a client is that asks for this unit, or for any.
    #[must_use]
    pub fn endpoint(&self, unit: Option<&str>) -> Option<&Arc<Endpoint>> {
        match unit {
            Some(name) => self.by_name.get(name),
            None => Some(&self.all),
        }
    }

    /// All units in their order.
    #[must_use]
    pub fn units(&self) -> &[Arc<Unit>] {
        &self.all.units
    }

    /// Whether every policy can be served at this time.
    ///
    /// # Errors
    /// Why the first of the units for a policy cannot.
    pub fn check_time(&self, now: UnixTime) -> Result<(), UnitError> {
        for policy in &self.offered {
            self.all.select(policy, now)?;
        }
        Ok(())
    }
}

impl Endpoint {
    fn new(units: Vec<Arc<Unit>>, policies: &[Arc<OfferedPolicy>]) -> Self {
        let served = |p: &&Arc<OfferedPolicy>| units.iter().any(|u| u.serves(&p.policy.oid));
        Self {
            policies: policies.iter().filter(served).cloned().collect(),
            units,
        }
    }

    /// How long a signature takes: that of its slowest unit.
    pub(crate) fn pace(&self) -> Pace {
        let paces = self.units.iter().map(|unit| unit.key().pace());
        paces.max().unwrap_or(Pace::Immediate)
    }

    /// The unit that stamps under this policy, one of the endpoint's own, at this time.
    ///
    /// # Errors
    /// [`UnitError::Expired`] or [`UnitError::NotYetValid`] of the last one, where none may sign.
    pub fn select(&self, policy: &OfferedPolicy, now: UnixTime) -> Result<&Arc<Unit>, UnitError> {
        let mut outcome = Err(UnitError::NoUnit {
            policy: policy.policy.oid,
        });
        for unit in self.units.iter().filter(|u| u.serves(&policy.policy.oid)) {
            match unit.check_time(now) {
                Ok(()) => return Ok(unit),
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }
}
