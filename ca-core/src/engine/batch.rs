//! Orders that are carried out once, however often they are given: what makes a batch resumable.

use super::{CaEngine, Fulfilment, IssueRequest, Issued};
use crate::authority::AuthorityKey;
use crate::error::CaError;
use crate::store::{CertificateEntry, CertificateState, Conflict, Query, StoreError};

/// How an order was answered.
#[derive(Debug)]
pub enum Once {
    /// It was carried out now.
    Issued(Box<Issued>),
    /// It was carried out before; this is the certificate.
    Already(Box<CertificateEntry>),
}

impl CaEngine {
    /// The certificate that was issued for this order; `None` where none was, or its issuance was
    /// interrupted.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn find_order(&self, order: [u8; 32]) -> Result<Option<CertificateEntry>, CaError> {
        let found = self.store.certificates(&Query::Order(order))?;
        Ok(found
            .into_iter()
            .find(|entry| entry.state == CertificateState::Issued))
    }

    /// Issues an end-entity certificate for an order, unless one was issued for it before. The order's
    /// digest is recorded with the INTENT, so a power cut changes nothing: what came so far is not done
    /// again, and what was interrupted is.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub fn issue_once(
        &self,
        key: &AuthorityKey,
        request: &IssueRequest,
        order: [u8; 32],
    ) -> Result<Once, CaError> {
        if let Some(entry) = self.find_order(order)? {
            return Ok(Once::Already(Box::new(entry)));
        }
        let fulfilment = Fulfilment {
            batch_order: Some(order),
            ..Fulfilment::default()
        };
        match self.issue_fulfilling(key, request, &fulfilment) {
            Ok(issued) => Ok(Once::Issued(Box::new(issued))),
            // Somebody else has begun it meanwhile, and has perhaps finished.
            Err(CaError::Store(StoreError::Conflict(Conflict::Order))) => {
                match self.find_order(order)? {
                    Some(entry) => Ok(Once::Already(Box::new(entry))),
                    None => Err(StoreError::Conflict(Conflict::Order).into()),
                }
            }
            Err(e) => Err(e),
        }
    }
}
