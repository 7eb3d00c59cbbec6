//! Which area an act has its effect in. Constraints of the schema do the refusing where they can.

use pki_asn1::UnixTime;

use super::{
    Database, SqlError, certificate, checkpoint, crl, hierarchy, import, profile, registration,
    revocation,
};
use crate::store::{Act, Change, RegistrationAct};

/// Whether responders may answer differently after `act`.
pub(super) fn changes_status(act: &Act) -> bool {
    match act {
        Act::Create { .. }
        | Act::Intend(_)
        | Act::IntendCrl(_)
        | Act::Audit(_)
        | Act::Profile(_) => false,
        Act::Hierarchy(act) => hierarchy::changes_status(act),
        // An organisation's certificates go with it.
        Act::Register(act) => {
            matches!(&**act, RegistrationAct::Step(step) if !step.certificates.is_empty())
        }
        _ => true,
    }
}

/// Does what the change says, if whoever must decide it did.
pub(super) fn apply(db: &mut dyn Database, change: &Change) -> Result<(), SqlError> {
    registration::mandated(db, change)?;
    effect(db, change.at, &change.act)
}

fn effect(db: &mut dyn Database, at: UnixTime, act: &Act) -> Result<(), SqlError> {
    match act {
        Act::Create { .. } => Ok(()),
        Act::Intend(intent) => {
            let issuer = certificate::intend(db, intent)?;
            registration::intend(db, at, issuer, intent)
        }
        Act::Complete(completion) => certificate::complete(db, completion),
        Act::Abandon(abandonment) => certificate::abandon(db, at, abandonment),
        Act::Revoke(act) => {
            revocation::revoke(db, at, act)?;
            registration::note_revocation(db, act.authority.id, &act.serial, act.reason)
        }
        Act::IntendCrl(intent) => crl::intend(db, intent),
        Act::PublishCrl(publication) => crl::publish(db, at, publication),
        Act::Suspend(act) => revocation::suspend(db, at, act),
        Act::Resume(act) => revocation::resume(db, at, act),
        Act::Hierarchy(act) => hierarchy::effect(db, at, act),
        Act::Audit(act) => checkpoint::effect(db, act),
        Act::Register(act) => registration::register(db, at, act),
        Act::Profile(act) => {
            registration::decide_profile(db, at, act)?;
            profile::apply(db, at, act)
        }
        Act::Import(act) => import::effect(db, at, act),
    }
}
