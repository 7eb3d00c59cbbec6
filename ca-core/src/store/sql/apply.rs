//! Which area an act has its effect in. Constraints of the schema do the refusing where they can.

use pki_asn1::UnixTime;

use super::{Database, SqlError, certificate, checkpoint, crl, revocation};
use crate::store::Act;

/// Whether responders may answer differently after `act`.
pub(super) fn changes_status(act: &Act) -> bool {
    !matches!(
        act,
        Act::Create | Act::Intend(_) | Act::IntendCrl(_) | Act::Audit(_)
    )
}

pub(super) fn effect(db: &mut dyn Database, at: UnixTime, act: &Act) -> Result<(), SqlError> {
    match act {
        Act::Create => Ok(()),
        Act::Intend(intent) => certificate::intend(db, intent),
        Act::Complete(completion) => certificate::complete(db, completion),
        Act::Abandon(abandonment) => certificate::abandon(db, at, abandonment),
        Act::Revoke(act) => revocation::revoke(db, at, act),
        Act::IntendCrl(intent) => crl::intend(db, intent),
        Act::PublishCrl(publication) => crl::publish(db, at, publication),
        Act::Suspend(act) => revocation::suspend(db, at, act),
        Act::Resume(act) => revocation::resume(db, at, act),
        Act::Audit(act) => checkpoint::effect(db, act),
    }
}
