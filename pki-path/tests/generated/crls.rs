//! CRLs: full, delta, indirect, by reason, by kind of certificate, by distribution point; current or not, by the right or the
//! wrong key, with the certificate in them or another.

use crate::common::issue::{Crl, Dn, Entry, Ext, Key, Point, Scope};
use crate::world::{Case, Chain, Chance, World, days, put};

const PLACES: [&str; 3] = [
    "http://a.example/1.crl",
    "http://a.example/2.crl",
    "http://b.example/1.crl",
];

pub fn case(world: &World, chance: &mut Chance) -> Case {
    let length = 2 + chance.below(2);
    let mut chain = Chain::new(world, chance, length);
    let mut story = vec![format!("{length} below the anchor")];
    let mut tags = Vec::new();
    let mut crls = Vec::new();
    let mut pool = Vec::new();
    let indirect = chance.percent(20);
    for depth in 1..=length {
        let above = &chain.links[depth - 1].template;
        let (issuer, key) = (above.subject.clone(), above.key.clone());
        let serial = chain.links[depth].template.serial.clone();
        // Authorities have a plain CRL as a rule, so that what is odd about the target decides.
        // libcrypto asks for the root's own status, so its CRL is a plain one.
        let odd = depth == length || depth > 1 && chance.percent(15);
        let (point, made) = match odd {
            false => (None, vec![(plain(&issuer), key.clone())]),
            true if indirect => {
                let (point, made, signer) = from_others(&chain, depth, chance, world);
                pool.extend(signer);
                (Some(vec![point]), made)
            }
            true => own(
                &issuer,
                &key,
                &serial,
                depth < length,
                chance,
                world,
                &mut tags,
            ),
        };
        if let Some(points) = &point {
            story.push(format!("{depth} points to {points:?}"));
            let ext = Ext::distribution_points(points);
            put(&mut chain.links[depth].template, ext);
        }
        for (crl, by) in made {
            story.push(format!(
                "CRL of {:?} {} number {} delta {:?} scope {:?} entries {:?} from {} to {:?}{}",
                crl.issuer,
                depth,
                crl.number,
                crl.delta_of,
                crl.scope,
                crl.entries,
                crl.this_update,
                crl.next_update,
                if by.spki() == key.spki() {
                    ""
                } else {
                    " by another key"
                },
            ));
            crls.push(crl.sign(&by));
        }
    }
    let mut question = chain.question();
    question.pool.extend(pool);
    question.crls = crls;
    question.revocation = true;
    let mut case = Case::new("crls", story.join("; "), question);
    if indirect {
        tags.push("indirect");
    }
    case.tags = tags;
    case
}

fn plain(issuer: &Dn) -> Crl {
    Crl::new(issuer.clone(), days(-2), days(2))
}

fn entry(serial: &[u8], chance: &mut Chance) -> Entry {
    Entry {
        serial: serial.to_vec(),
        at: days(-3),
        reason: *chance.pick(&[None, Some(1), Some(4), Some(6)]),
        issuer: None,
    }
}

type Made = (Option<Vec<Point>>, Vec<(Crl, Key)>);

/// What the issuer of the certificate itself may issue.
fn own(
    issuer: &Dn,
    key: &Key,
    serial: &[u8],
    is_ca: bool,
    chance: &mut Chance,
    world: &World,
    tags: &mut Vec<&'static str>,
) -> Made {
    let mut made = Vec::new();
    let mut points = None;
    if chance.percent(60) {
        let count = 1 + chance.below(2);
        let reasons = chance.percent(35);
        if reasons {
            tags.push("reasons of a distribution point");
        }
        points = Some(
            (0..count)
                .map(|_| Point {
                    name: Some((*chance.pick(&PLACES)).to_owned()),
                    reasons: reasons.then(|| some_reasons(chance)),
                    crl_issuer: None,
                })
                .collect::<Vec<_>>(),
        );
    }
    let count = 1 + chance.below(3);
    // Once revoked it stays so, in every list for that reason; in the last one perhaps by the delta alone.
    let revoked = chance
        .percent(35)
        .then(|| (chance.below(count + 1), entry(serial, chance)));
    for number in 0..count {
        let mut crl = plain(issuer);
        crl.number = 10 + number as u64;
        crl.this_update = days(-4 + number as i64);
        // Without it libcrypto looks for no delta.
        let newest = Ext::freshest(PLACES[0]);
        crl.extensions.push(newest.clone());
        if chance.percent(50) {
            let scope = Scope {
                name: chance
                    .percent(60)
                    .then(|| (*chance.pick(&PLACES)).to_owned()),
                only_user: chance.percent(15),
                only_ca: chance.percent(10),
                reasons: chance.percent(40).then(|| some_reasons(chance)),
                indirect: chance.percent(5),
                only_attribute: chance.percent(3),
            };
            if [scope.only_user, scope.only_ca, scope.only_attribute]
                .iter()
                .filter(|f| **f)
                .count()
                > 1
            {
                tags.push("scope contradicts itself");
            }
            if scope != Scope::default() {
                crl.scope = Some(scope);
            }
        }
        for _ in 0..chance.below(3) {
            let other = [chance.below(100) as u8 + 20];
            crl.entries.push(entry(&other, chance));
        }
        let lists = |crl: &Crl, entry: &Entry| {
            let reasons = crl.scope.as_ref().and_then(|s| s.reasons.as_ref());
            // The number of a reason is not that of its bit from 8 on (RFC 5280 section 5.3.1).
            let bit = entry.reason.map_or(0, usize::from);
            reasons.is_none_or(|r| r.contains(&bit))
        };
        if let Some((since, entry)) = &revoked
            && number >= *since
            && lists(&crl, entry)
        {
            crl.entries.push(entry.clone());
        }
        match chance.below(14) {
            0 => crl.next_update = Some(days(-1)),
            1 => crl.this_update = days(1),
            2 => {
                let unknown = crate::common::issue::oid("1.2.3.4.5");
                crl.extensions.push(Ext(unknown, true, vec![5, 0]));
                tags.push("unknown extension in a CRL");
            }
            _ => {}
        }
        let over = crl.next_update == Some(days(-1)) || crl.this_update == days(1);
        if over && crl.entries.iter().any(|entry| entry.serial == serial) {
            tags.push("listed where it is not current");
        }
        let by = match chance.percent(5) {
            true => world.keys(chance, 1).remove(0),
            false => key.clone(),
        };
        let named = |name: &String| {
            let all = points.iter().flatten();
            all.filter_map(|p: &Point| p.name.as_ref())
                .any(|n| n == name)
        };
        let place = crl.scope.as_ref().and_then(|s| s.name.as_ref());
        if number + 1 == count && chance.percent(50) && place.is_none_or(named) {
            let mut delta = crl.clone();
            delta.delta_of =
                Some(crl.number - chance.below(2) as u64 + u64::from(chance.percent(10)));
            delta.number = crl.number + chance.below(3) as u64;
            delta.this_update = days(-1);
            delta.extensions.retain(|e| *e != newest);
            delta.entries.clear();
            if let Some((since, entry)) = &revoked {
                let mut entry = entry.clone();
                if *since < count && entry.reason == Some(6) && chance.percent(50) {
                    entry.reason = Some(8);
                }
                if lists(&crl, &entry) || entry.reason == Some(8) {
                    delta.entries.push(entry);
                }
            }
            tags.push("delta");
            made.push((delta, by.clone()));
        }
        made.push((crl, by));
    }
    if is_ca {
        tags.push("odd CRL of an authority");
    }
    (points, made)
}

/// A CRL of somebody else's, to whom the certificate points.
fn from_others(
    chain: &Chain,
    depth: usize,
    chance: &mut Chance,
    world: &World,
) -> (Point, Vec<(Crl, Key)>, Option<Vec<u8>>) {
    let name = Dn::new("C=MC,O=Sceau,CN=Lists");
    let above = &chain.links[depth - 1].template;
    // Above the authority, below it, or below the anchor: all of these lead to the same anchor.
    let parent = chance.below(depth);
    let parent = &chain.links[parent].template;
    let key = loop {
        let key = world.keys(chance, 1).remove(0);
        if chain
            .links
            .iter()
            .all(|l| l.template.key.spki() != key.spki())
        {
            break key;
        }
    };
    let mut lists =
        crate::common::issue::Template::new(name.clone(), &key, crate::world::valid(50, 50));
    lists.issuer = parent.subject.clone();
    lists.serial = vec![100];
    let usage: &[usize] = match chance.below(8) {
        0 => &[0],
        _ => &[6],
    };
    lists.extensions.push(Ext::key_usage(usage));
    let mut crl = Crl::new(name.clone(), days(-2), days(2));
    crl.scope = Some(Scope {
        indirect: !chance.percent(10),
        name: chance.percent(40).then(|| PLACES[0].to_owned()),
        ..Scope::default()
    });
    let serial = &chain.links[depth].template.serial;
    for _ in 0..chance.below(5) {
        let wanted = match chance.percent(35) {
            true => serial.clone(),
            false => vec![chance.below(100) as u8 + 20],
        };
        let mut entry = entry(&wanted, chance);
        if chance.percent(60) {
            entry.issuer = Some(match chance.percent(60) {
                true => above.subject.clone(),
                false => Dn::new("C=MC,O=Sceau,CN=Nobody"),
            });
        }
        crl.entries.push(entry);
    }
    let point = Point {
        name: chance.percent(60).then(|| PLACES[0].to_owned()),
        reasons: None,
        crl_issuer: Some(match chance.percent(92) {
            true => name,
            false => Dn::new("C=MC,O=Sceau,CN=Nobody"),
        }),
    };
    // Whoever signs the list has a status too.
    let mut made = vec![(crl, key.clone())];
    if parent.subject != above.subject || depth > 1 {
        made.push((plain(&parent.subject), parent.key.clone()));
    }
    made.push((plain(&parent.subject), parent.key.clone()));
    (point, made, Some(lists.sign(&parent.key)))
}

fn some_reasons(chance: &mut Chance) -> Vec<usize> {
    match chance.below(4) {
        0 => vec![1, 2],
        1 => vec![3, 4, 5, 6, 7, 8],
        2 => vec![1, 2, 3, 4, 5, 6, 7, 8],
        _ => vec![1, 3, 5],
    }
}
