//! Which objects a document defines and refers to, and from where: what a later revision may not
//! quietly give a new meaning.

use std::collections::BTreeSet;

use pdf_file::{Dict, Location, ObjId, Object, PdfFile, RevisionId};

use super::ambiguity;
use super::roles::RoleMap;
use crate::validate::facts::{Finding, PdfAttack};

/// Object numbers in use and referred to, as of the revision read last. What was ever referred to
/// stays known, so that an object cannot be given a harmless role first and be changed by it later.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) defined: BTreeSet<u32>,
    referred: BTreeSet<u32>,
    /// What they are used for.
    pub(super) roles: RoleMap,
    /// Who refers to an object, as (referred to, referring).
    referrers: BTreeSet<(u32, u32)>,
    /// Objects of the revision read last that can be read in two ways.
    conflicts: Vec<Finding>,
}

/// Conflicts that are named.
const CONFLICTS: usize = 8;

impl Known {
    pub(super) fn read(
        &mut self,
        pdf: &PdfFile,
        id: ObjId,
        at: RevisionId,
        end: u64,
    ) -> Result<(), Finding> {
        match pdf.location(id, at) {
            None | Some(Location::Free { .. }) => return Ok(()),
            Some(Location::InFile { span, .. }) if span.end > end => {
                return Err(Finding::new(
                    PdfAttack::ShadowReplace,
                    format!("object {id} lies after the end of the revision that refers to it"),
                ));
            }
            Some(_) => {}
        }
        let object = pdf.object(id, at).map_err(|e| {
            Finding::new(
                PdfAttack::StructureDamaged,
                format!("object {id} cannot be read: {e}"),
            )
        })?;
        if self.conflicts.len() < CONFLICTS {
            self.conflicts
                .extend(ambiguity::conflict(id, &object).err());
        }
        if !object.is_null() {
            self.defined.insert(id.number);
        }
        references(&object, &mut |to| {
            self.referred.insert(to.number);
        });
        // The trailer in another form.
        if !object
            .as_stream()
            .is_some_and(|stream| stream.dict.is("Type", "XRef"))
        {
            references(&object, &mut |to| {
                self.referrers.insert((to.number, id.number));
            });
            self.roles.read(id, &object);
        }
        Ok(())
    }

    /// What the trailer of the revision refers to, once its objects were read.
    pub(super) fn settle(&mut self, trailer: &Dict) {
        for (_, value) in trailer.iter() {
            references(value, &mut |to| {
                self.referred.insert(to.number);
            });
        }
        self.roles.settle(trailer);
    }

    /// What refers to the object.
    pub(super) fn referrers_of(&self, id: ObjId) -> impl Iterator<Item = u32> + '_ {
        self.referrers
            .range((id.number, 0)..=(id.number, u32::MAX))
            .map(|(_, from)| *from)
    }

    /// The conflicts found since they were taken last.
    pub(super) fn take_conflicts(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.conflicts)
    }

    pub(super) fn dangling(&self, number: u32) -> bool {
        self.referred.contains(&number) && !self.defined.contains(&number)
    }
}

/// Calls `f` for every reference in a value. Values are as deep as the reader allows, no deeper.
pub(super) fn references(object: &Object, f: &mut impl FnMut(ObjId)) {
    match object {
        Object::Reference(id) => f(*id),
        Object::Array(list) => list.iter().for_each(|o| references(o, f)),
        Object::Dict(dict) => dict.iter().for_each(|(_, o)| references(o, f)),
        Object::Stream(stream) => stream.dict.iter().for_each(|(_, o)| references(o, f)),
        _ => {}
    }
}
