//! Certificate policies along a path (RFC 5280 section 6.1 as updated by RFC 9618).
//!
//! RFC 9618 replaces the policy tree, which a hostile path can make exponential, by a graph with at
//! most one node per policy and depth.

use std::collections::{BTreeMap, BTreeSet};

use pki_asn1::oid::{ANY_POLICY, ObjectIdentifier as Oid};

use crate::budget::{BudgetKind, Meter};
use crate::parameters::PolicySet;

/// valid_policy_graph; `None` inside means NULL.
#[derive(Debug)]
pub(crate) struct PolicyGraph(Option<Vec<BTreeMap<Oid, Node>>>);

#[derive(Debug, Default)]
struct Node {
    /// expected_policy_set
    expected: BTreeSet<Oid>,
    /// valid_policy of the parents, one depth above
    parents: BTreeSet<Oid>,
}

impl PolicyGraph {
    /// The graph of depth 0: one node, anyPolicy (RFC 9618 section 5.2).
    pub(crate) fn new() -> Self {
        let root = Node {
            expected: BTreeSet::from([ANY_POLICY]),
            parents: BTreeSet::new(),
        };
        Self(Some(vec![BTreeMap::from([(ANY_POLICY, root)])]))
    }

    pub(crate) fn is_null(&self) -> bool {
        self.0.is_none()
    }

    /// RFC 9618 section 5.3 (e): no certificatePolicies extension.
    pub(crate) fn set_null(&mut self) {
        self.0 = None;
    }

    /// RFC 9618 section 5.3 (d): one certificate's policies. `any_policy_counts` says whether its
    /// anyPolicy may be used.
    pub(crate) fn add_depth(
        &mut self,
        policies: &[Oid],
        any_policy_counts: bool,
        meter: &Meter,
    ) -> Result<(), BudgetKind> {
        let Some(levels) = &mut self.0 else {
            return Ok(());
        };
        let Some(above) = levels.last() else {
            return Ok(());
        };
        // Which nodes above expect a policy, so that finding parents is one look-up.
        let mut expecting: BTreeMap<Oid, BTreeSet<Oid>> = BTreeMap::new();
        for (policy, node) in above {
            for expected in &node.expected {
                meter.spend(BudgetKind::PolicyNodes)?;
                expecting.entry(*expected).or_default().insert(*policy);
            }
        }
        let mut level = BTreeMap::new();
        for policy in policies.iter().filter(|p| **p != ANY_POLICY) {
            meter.spend(BudgetKind::PolicyNodes)?;
            let parents = match expecting.get(policy) {
                Some(parents) => parents.clone(),
                None if above.contains_key(&ANY_POLICY) => BTreeSet::from([ANY_POLICY]),
                None => continue,
            };
            level.insert(*policy, Node::child(*policy, parents));
        }
        if any_policy_counts && policies.contains(&ANY_POLICY) {
            for (policy, parents) in expecting {
                level
                    .entry(policy)
                    .or_insert_with(|| Node::child(policy, parents));
            }
        }
        levels.push(level);
        self.prune();
        Ok(())
    }

    /// RFC 9618 section 5.4 (b)(1): declares policies of the issuer's domain equal to some of the
    /// subject's.
    pub(crate) fn map(
        &mut self,
        mappings: &BTreeMap<Oid, BTreeSet<Oid>>,
        meter: &Meter,
    ) -> Result<(), BudgetKind> {
        let Some(level) = self.0.as_mut().and_then(|levels| levels.last_mut()) else {
            return Ok(());
        };
        for (from, to) in mappings {
            meter.spend(BudgetKind::PolicyNodes)?;
            if let Some(node) = level.get_mut(from) {
                node.expected = to.clone();
            } else if level.contains_key(&ANY_POLICY) {
                let mut node = Node::child(*from, BTreeSet::from([ANY_POLICY]));
                node.expected = to.clone();
                level.insert(*from, node);
            }
        }
        Ok(())
    }

    /// RFC 9618 section 5.4 (b)(2): mapping is inhibited, so mapped policies end here.
    pub(crate) fn remove_mapped(&mut self, mappings: &BTreeMap<Oid, BTreeSet<Oid>>) {
        if let Some(level) = self.0.as_mut().and_then(|levels| levels.last_mut()) {
            level.retain(|policy, _| !mappings.contains_key(policy));
        }
        self.prune();
    }

    /// RFC 9618 section 5.5 (g): the user-constrained-policy-set.
    pub(crate) fn user_constrained(&self, initial: &PolicySet) -> BTreeSet<Oid> {
        let Some(levels) = &self.0 else {
            return BTreeSet::new();
        };
        let only_any = BTreeSet::from([ANY_POLICY]);
        let mut authority: BTreeSet<Oid> = levels
            .iter()
            .flatten()
            .filter(|(policy, node)| **policy != ANY_POLICY && node.parents == only_any)
            .map(|(policy, _)| *policy)
            .collect();
        if levels.last().is_some_and(|l| l.contains_key(&ANY_POLICY)) {
            authority.insert(ANY_POLICY);
        }
        match initial {
            PolicySet::Any => authority,
            PolicySet::Only(wanted) if authority.contains(&ANY_POLICY) => wanted.clone(),
            PolicySet::Only(wanted) => authority.intersection(wanted).copied().collect(),
        }
    }

    /// Removes nodes without children, from the bottom up; an empty graph is NULL.
    fn prune(&mut self) {
        let Some(levels) = &mut self.0 else {
            return;
        };
        for depth in (0..levels.len().saturating_sub(1)).rev() {
            let parents: BTreeSet<Oid> = levels[depth + 1]
                .values()
                .flat_map(|node| node.parents.iter().copied())
                .collect();
            levels[depth].retain(|policy, _| parents.contains(policy));
        }
        if levels.last().is_none_or(BTreeMap::is_empty) {
            self.0 = None;
        }
    }
}

impl Node {
    fn child(policy: Oid, parents: BTreeSet<Oid>) -> Self {
        Self {
            expected: BTreeSet::from([policy]),
            parents,
        }
    }
}
