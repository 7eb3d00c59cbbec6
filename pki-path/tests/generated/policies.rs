//! Certificate policies: mapping, inhibition, explicit policy, anyPolicy, at every depth, and the four inputs.

use pki_asn1::oid::{ANY_POLICY, ObjectIdentifier as Oid};

use crate::common::issue::{Ext, oid};
use crate::world::{Case, Chain, Chance, World, put};

fn policy(chance: &mut Chance) -> Oid {
    oid(chance.pick::<&str>(&["1.2.3.1", "1.2.3.2", "1.2.3.3", "1.2.3.4"]))
}

pub fn case(world: &World, chance: &mut Chance) -> Case {
    let length = 1 + chance.below(6);
    let mut chain = Chain::new(world, chance, length);
    let mut story = Vec::new();
    let mut tags = Vec::new();
    // Chains in which one policy runs through are rare by chance alone.
    let common = chance.percent(60).then(|| policy(chance));
    let busy = chance.percent(50);
    for depth in 1..=length {
        let last = depth == length;
        if !last && chance.percent(20) {
            chain.self_issue(depth);
            story.push(format!("{depth} is self-issued"));
        }
        let template = &mut chain.links[depth].template;
        let mut stated = Vec::new();
        if !chance.percent(5) {
            let mut own: Vec<Oid> = (0..chance.below(3)).map(|_| policy(chance)).collect();
            own.extend(common);
            if own.is_empty() || chance.percent(25) {
                own.push(ANY_POLICY);
            }
            if !chance.percent(2) {
                own.sort();
                own.dedup();
            }
            let mut unique = own.clone();
            unique.sort();
            unique.dedup();
            if unique.len() != own.len() {
                tags.push("policy twice");
            }
            story.push(format!("{depth} has {own:?}"));
            put(template, Ext::policies(&own));
            stated = own;
        }
        if !last && chance.percent(if busy { 45 } else { 10 }) {
            let mut pairs: Vec<(Oid, Oid)> = (0..1 + chance.below(3))
                .map(|_| (policy(chance), policy(chance)))
                .collect();
            if chance.percent(8) {
                pairs.push((ANY_POLICY, policy(chance)));
            }
            if chance.percent(2) {
                pairs.push((policy(chance), ANY_POLICY));
            }
            if pairs
                .iter()
                .any(|(a, b)| *a == ANY_POLICY || *b == ANY_POLICY)
            {
                tags.push("anyPolicy mapped");
            }
            if stated.contains(&ANY_POLICY) && pairs.iter().any(|(from, _)| !stated.contains(from))
            {
                tags.push("mapped through anyPolicy");
            }
            story.push(format!("{depth} maps {pairs:?}"));
            put(template, Ext::mappings(&pairs));
        }
        if chance.percent(if busy { 25 } else { 10 }) {
            let mut number = |percent| chance.percent(percent).then(|| chance.below(4) as u64);
            let (require, inhibit) = (number(70), number(50));
            if require.is_some() || inhibit.is_some() {
                story.push(format!("{depth} requires {require:?} inhibits {inhibit:?}"));
                put(template, Ext::policy_constraints(require, inhibit));
            }
        }
        if !last && chance.percent(15) {
            let skip = chance.below(3) as u64;
            story.push(format!("{depth} inhibits anyPolicy after {skip}"));
            put(template, Ext::inhibit_any(skip));
        }
    }
    let mut question = chain.question();
    question.policies = match chance.below(4) {
        0 | 1 => Vec::new(),
        2 => vec![common.unwrap_or_else(|| policy(chance))],
        _ => vec![policy(chance), policy(chance)],
    };
    if !question.policies.is_empty() {
        tags.push("asked for some policies");
    }
    question.policies.sort();
    question.policies.dedup();
    question.explicit_policy = chance.percent(40);
    question.inhibit_mapping = chance.percent(10);
    question.inhibit_any = chance.percent(10);
    story.push(format!(
        "asked for {:?} explicit {} inhibit mapping {} inhibit any {}",
        question.policies, question.explicit_policy, question.inhibit_mapping, question.inhibit_any
    ));
    let mut case = Case::new("policies", story.join("; "), question);
    case.tags = tags;
    case
}
