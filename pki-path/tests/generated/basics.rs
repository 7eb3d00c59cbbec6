//! One thing or two wrong or unusual in a chain: dates, usages, lengths, versions, unknown extensions, signatures, names.

use pki_asn1::oid;

use crate::common::issue::{Dn, Ext, bits, oid as parse};
use crate::world::{Case, Chain, Chance, World, put, take, valid};

pub fn case(world: &World, chance: &mut Chance) -> Case {
    let length = 1 + chance.below(6);
    let mut chain = Chain::new(world, chance, length);
    let mut story = vec![format!("{length} below the anchor")];
    let mut tags = Vec::new();
    for depth in 1..length {
        if chance.percent(15) {
            chain.self_issue(depth);
            story.push(format!("{depth} is self-issued"));
        }
        if chance.percent(25) {
            let most = *chance.pick(&[0, 1, 2, 3, 4, 300]);
            story.push(format!("{depth} has pathLen {most}"));
            if most > 255 {
                tags.push("pathLen above 255");
            }
            let ext = Ext::basic_constraints(true, Some(most));
            put(&mut chain.links[depth].template, ext);
        }
    }
    for _ in 0..chance.below(3) {
        let depth = 1 + chance.below(length);
        let (what, tag) = change(&mut chain, depth, depth == length, chance);
        tags.extend(tag);
        story.push(format!("{depth}: {what}"));
    }
    let mut question = chain.question();
    if chance.percent(5) && !question.pool.is_empty() {
        let at = chance.below(question.pool.len());
        let der = &mut question.pool[at];
        let last = der.len() - 1;
        der[last] ^= 1;
        story.push(format!("signature of {} is broken", at + 1));
    }
    let mut case = Case::new("basics", story.join("; "), question);
    case.tags = tags;
    case
}

fn change(
    chain: &mut Chain,
    depth: usize,
    last: bool,
    chance: &mut Chance,
) -> (&'static str, Option<&'static str>) {
    let kind = chance.below(20);
    if kind == 13 {
        chain.spell_otherwise(depth, chance);
        return ("its issuer is spelt otherwise", None);
    }
    let template = &mut chain.links[depth].template;
    let unknown = parse("1.2.3.4.5");
    let what = match kind {
        0 => {
            (template.not_before, template.not_after) = valid(100, -1);
            "expired"
        }
        1 => {
            (template.not_before, template.not_after) = valid(-1, 100);
            "not yet valid"
        }
        2 => {
            (template.not_before, template.not_after) = valid(0, 0);
            return ("valid for this second", Some("the last second"));
        }
        3 => {
            put(template, Ext(unknown, true, vec![5, 0]));
            "unknown critical extension"
        }
        4 => {
            put(template, Ext(unknown, false, vec![5, 0]));
            "unknown extension"
        }
        5 if !last => {
            put(template, Ext::key_usage(&[0, 6]));
            "no keyCertSign"
        }
        6 if !last => {
            take(template, &oid::CE_BASIC_CONSTRAINTS);
            "no basicConstraints"
        }
        7 if !last => {
            put(template, Ext::basic_constraints(false, None));
            return ("cA is false", Some("keyCertSign without cA"));
        }
        8 if !last => {
            template.version = 1;
            "version 1"
        }
        9 => {
            let twice = Ext(unknown, false, vec![5, 0]);
            template.extensions.extend([twice.clone(), twice]);
            return ("an extension twice", Some("extension twice"));
        }
        10 => {
            template.issuer = Dn::new("C=MC,O=Sceau,CN=Somebody else");
            "names another issuer"
        }
        11 => {
            template.inner_algorithm = Some(vec![0x30, 5, 6, 3, 0x2B, 0x65, 0x70]);
            "the algorithm inside is another"
        }
        12 => {
            template.anonymous_keys = true;
            return ("no key identifiers", Some("no key identifiers"));
        }
        14 if !last => {
            take(template, &oid::CE_KEY_USAGE);
            return ("no keyUsage", Some("no keyUsage"));
        }
        15 if !last => {
            let mut ext = Ext::basic_constraints(true, None);
            ext.1 = false;
            put(template, ext);
            return (
                "basicConstraints not critical",
                Some("basicConstraints not critical"),
            );
        }
        16 => {
            template.serial = chance
                .pick(&[
                    vec![0],
                    vec![0xFF],
                    vec![0, 0x80],
                    vec![0x7F; 20],
                    vec![1; 21],
                ])
                .clone();
            "an unusual serial number"
        }
        17 => {
            let broken = Ext(oid::CE_CERTIFICATE_POLICIES, false, vec![0x30, 1, 0xFF]);
            put(template, broken);
            "certificatePolicies are malformed"
        }
        18 if last => {
            put(template, Ext::basic_constraints(true, Some(0)));
            put(template, Ext::key_usage(&[0, 5]));
            "the target is an authority itself"
        }
        19 => {
            let mut ext = Ext::key_usage(&[]);
            ext.2 = bits(3, &[]);
            put(template, ext);
            return ("keyUsage without a bit", Some("keyUsage without a bit"));
        }
        _ => {
            (template.not_before, template.not_after) = valid(20_000, 9_000);
            "from before 1975 to after 2050"
        }
    };
    (what, None)
}
