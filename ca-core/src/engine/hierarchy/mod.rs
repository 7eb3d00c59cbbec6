//! The life of authorities: generations and their certificates, what is carried to and from an offline
//! root, their end, and key ceremonies.

mod ceremony;
mod end;
mod generations;
mod offline;

pub use self::end::TerminationOrder;
pub(in crate::engine) use self::generations::CROSS_PROFILE;
pub use self::generations::{CrossOrder, GenerationName, LinkOrder, Renewal};
pub use self::offline::{AuthorityImport, CaRequestOrder, ImportedAuthority};
use super::CaEngine;
use crate::authority::Authority;
use crate::error::CaError;
use crate::hierarchy::HierarchyError;
use crate::profile::{Profile, SubjectType};
use crate::store::{Act, CaCertificate, HierarchyAct, IssuesBesideSuccessor, Life};

impl CaEngine {
    /// What became of the authority: its generations, and its end.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], or where the record cannot be read.
    pub fn life(&self, authority: &str) -> Result<Life, CaError> {
        Ok(self.store.life(self.authority(authority)?.id)?)
    }

    /// Renewals, link and cross-certificates, in order of issuance.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn ca_certificates(&self) -> Result<Vec<CaCertificate>, CaError> {
        Ok(self.store.ca_certificates()?)
    }

    /// Decides whether an authority that has a successor issues beside it.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], [`HierarchyError::Terminated`], or where the record cannot be
    /// written.
    pub fn set_issuing(
        &self,
        authority: &str,
        beside: IssuesBesideSuccessor,
        actors: &super::Actors,
    ) -> Result<(), CaError> {
        let authority = self.authority(authority)?;
        self.check_not_terminated(&authority)?;
        let order = self.order_to_issue_beside(&authority.name, beside);
        let authority = authority.reference();
        let act = HierarchyAct::SetIssuing { authority, beside };
        self.commit_ordered(order, actors, Act::Hierarchy(act))?;
        Ok(())
    }

    /// An authority that has ended signs no certificate.
    pub(super) fn check_not_terminated(&self, authority: &Authority) -> Result<(), CaError> {
        not_terminated(authority, &self.store.life(authority.id)?)
    }

    /// Whether the authority issues end-entity certificates of this profile now. Its own OCSP signer is
    /// certified as long as it lives: no other generation's would be believed (RFC 6960 section
    /// 4.2.2.2).
    pub(super) fn check_issues(
        &self,
        authority: &Authority,
        profile: &Profile,
    ) -> Result<(), CaError> {
        let life = self.store.life(authority.id)?;
        not_terminated(authority, &life)?;
        match life.successor {
            Some(successor)
                if life.issues == IssuesBesideSuccessor::No
                    && profile.subject_type() != SubjectType::OcspSigner =>
            {
                Err(HierarchyError::Superseded {
                    authority: authority.name.clone(),
                    successor,
                }
                .into())
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn not_terminated(authority: &Authority, life: &Life) -> Result<(), CaError> {
    match life.terminated_at {
        Some(at) => Err(HierarchyError::Terminated {
            authority: authority.name.clone(),
            at,
            reason: life.termination.clone().unwrap_or_default(),
        }
        .into()),
        None => Ok(()),
    }
}
