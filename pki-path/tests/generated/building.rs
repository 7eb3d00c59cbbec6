//! Pools in which the way is not obvious: several certificates for one authority, cross-certificates, changes of keys, loops,
//! and dead ends. libcrypto does not go back where a way fails, so it is asked about each way by itself.

use crate::common::issue::{Dn, Ext, Key, Template};
use crate::world::{Case, Chain, Chance, Link, NAMES, World, at, put, valid};

/// More ways than this, and the case is made anew.
const MOST_WAYS: usize = 40;

pub fn case(world: &World, chance: &mut Chance) -> Case {
    loop {
        if let Some(case) = attempt(world, chance) {
            return case;
        }
    }
}

fn attempt(world: &World, chance: &mut Chance) -> Option<Case> {
    let authorities = 2 + chance.below(3);
    // Some have two keys.
    let keys = world.keys(chance, 2 * authorities + 1);
    let key =
        |authority: usize, second: bool| -> &Key { &keys[2 * authority + usize::from(second)] };
    let mut story = Vec::new();
    let certify = |subject: usize, to: &Key, issuer: usize, by: &Key, chance: &mut Chance| {
        let mut template = Template::new(Dn::new(NAMES[subject]), to, valid(100, 100));
        template.issuer = Dn::new(NAMES[issuer]);
        template.serial = vec![1 + chance.below(120) as u8, 1 + chance.below(120) as u8];
        let path_len = chance.percent(10).then(|| chance.below(3) as u64);
        template
            .extensions
            .push(Ext::basic_constraints(true, path_len));
        template.extensions.push(Ext::key_usage(&[5, 6]));
        template.anonymous_keys = chance.percent(15);
        match chance.below(12) {
            0 => (template.not_before, template.not_after) = valid(100, -1),
            1 => put(&mut template, Ext::key_usage(&[0])),
            _ => {}
        }
        Link {
            template,
            by: by.clone(),
        }
    };
    let root = {
        let mut root = certify(0, key(0, false), 0, key(0, false), chance);
        root.template = Template::new(Dn::new(NAMES[0]), key(0, false), valid(100, 100));
        root.template.extensions =
            vec![Ext::basic_constraints(true, None), Ext::key_usage(&[5, 6])];
        root
    };
    let mut pool = Vec::new();
    for _ in 0..2 + chance.below(7) {
        let subject = chance.below(authorities);
        let issuer = chance.below(authorities);
        let (to, by) = (chance.percent(25), chance.percent(25));
        if (subject, to) == (0, false) {
            continue;
        }
        let link = certify(subject, key(subject, to), issuer, key(issuer, by), chance);
        story.push(format!(
            "{subject}.{} by {issuer}.{} until {}",
            u8::from(to),
            u8::from(by),
            link.template.not_after
        ));
        pool.push(link);
    }
    let mut target = Chain::new(world, chance, 1).links.remove(1);
    target.template.key = keys[2 * authorities].clone();
    let above = chance.below(authorities);
    let second = chance.percent(25);
    target.template.issuer = Dn::new(NAMES[above]);
    target.template.anonymous_keys = chance.percent(15);
    target.by = key(above, second).clone();
    story.push(format!("target by {above}.{}", u8::from(second)));
    let anonymous = pool
        .iter()
        .chain([&target])
        .any(|l| l.template.anonymous_keys);
    let mut ways = Vec::new();
    climb(&root, &pool, &mut vec![&target], &mut ways);
    if ways.len() > MOST_WAYS || ways.is_empty() {
        return None;
    }
    let mut question = crate::common::judge::Question {
        target: target.der(),
        anchor: root.der(),
        pool: pool.iter().map(Link::der).collect(),
        ..Chain::new(world, chance, 1).question()
    };
    question.at = at();
    let ways: Vec<Vec<Vec<u8>>> = ways
        .into_iter()
        .map(|way| {
            way.into_iter()
                .map(|at| question.pool[at].clone())
                .collect()
        })
        .collect();
    story.push(format!("{} ways", ways.len()));
    let mut case = Case::new("building", story.join(", "), question);
    if anonymous {
        case.tags.push("no key identifiers");
    }
    case.ways = ways;
    Some(case)
}

/// Every way from the last of `path` to the root by names that fit, through no name and key twice.
fn climb<'p>(root: &Link, pool: &'p [Link], path: &mut Vec<&'p Link>, ways: &mut Vec<Vec<usize>>) {
    let top = path[path.len() - 1];
    if top.template.issuer == root.template.subject {
        let place = |link: &&Link| pool.iter().position(|p| std::ptr::eq(p, *link));
        ways.push(path.iter().skip(1).filter_map(place).collect());
    }
    for link in pool {
        let same = |other: &&Link| {
            other.template.subject == link.template.subject
                && other.template.key.spki() == link.template.key.spki()
        };
        if link.template.subject == top.template.issuer && !path.iter().any(same) {
            path.push(link);
            if ways.len() <= MOST_WAYS {
                climb(root, pool, path, ways);
            }
            path.pop();
        }
    }
}
