//! Keys, a chain to start from, and chance.

use pki_asn1::oid::ObjectIdentifier as Oid;
use pki_asn1::{UnixTime, oid};

use crate::common::issue::{Algorithm, Dn, Ext, Key, Template, Text};
use crate::common::judge::Question;

pub const AT: i64 = 1_800_000_000;
const DAY: i64 = 86_400;

/// Numbers that look random and are the same in each run.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        let mut chance = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            chance.below(2);
        }
        chance
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % n as u64) as usize
    }

    pub fn percent(&mut self, n: usize) -> bool {
        self.below(100) < n
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// The keys of all cases: making them is slow.
pub struct World {
    keys: Vec<Key>,
}

impl World {
    pub fn new() -> Self {
        let many = std::iter::repeat_n(Algorithm::P256, 9);
        let keys = many.chain(Algorithm::ALL).map(Key::generate);
        Self {
            keys: keys.collect(),
        }
    }

    /// Keys that differ, mostly P-256.
    pub fn keys(&self, chance: &mut Chance, count: usize) -> Vec<Key> {
        let mut left: Vec<usize> = (0..self.keys.len()).collect();
        (0..count)
            .map(|_| {
                let others = left.iter().filter(|i| **i >= 9).count();
                let at = match chance.percent(80) || others == 0 {
                    true => chance.below((left.len() - others).max(1)),
                    false => chance.below(left.len()),
                };
                self.keys[left.remove(at)].clone()
            })
            .collect()
    }
}

pub fn at() -> UnixTime {
    UnixTime::from_secs(AT)
}

/// From so many days before the time of the question to so many after.
pub fn valid(before: i64, after: i64) -> (UnixTime, UnixTime) {
    (
        UnixTime::from_secs(AT - before * DAY),
        UnixTime::from_secs(AT + after * DAY),
    )
}

pub fn days(n: i64) -> UnixTime {
    UnixTime::from_secs(AT + n * DAY)
}

/// A certificate and the key that signs it.
pub struct Link {
    pub template: Template,
    pub by: Key,
}

impl Link {
    pub fn der(&self) -> Vec<u8> {
        self.template.sign(&self.by)
    }
}

/// The anchor, authorities, and the target: in order, nothing wrong with any.
pub struct Chain {
    pub links: Vec<Link>,
}

pub const NAMES: [&str; 6] = [
    "C=MC,O=Sceau,CN=Root",
    "C=MC,O=Sceau,OU=A,CN=One",
    "C=MC,O=Sceau,OU=A,CN=Two",
    "C=MC,O=Sceau,OU=B,CN=Three",
    "C=FR,O=Other,CN=Four",
    "C=MC,O=Sceau,CN=Five",
];

impl Chain {
    /// `length` certificates below the anchor.
    pub fn new(world: &World, chance: &mut Chance, length: usize) -> Self {
        let keys = world.keys(chance, length + 1);
        let mut links: Vec<Link> = Vec::new();
        for (depth, key) in keys.iter().enumerate() {
            let name = match depth == length {
                true => Dn::new("C=MC,O=Sceau,OU=A,CN=Target"),
                false => Dn::new(NAMES[depth]),
            };
            let mut template = Template::new(name, key, valid(100, 100));
            template.serial = vec![1 + depth as u8];
            let (by, issuer) = match links.last() {
                Some(above) => (above.template.key.clone(), above.template.subject.clone()),
                None => (key.clone(), template.subject.clone()),
            };
            template.issuer = issuer;
            if depth < length {
                template.extensions.push(Ext::basic_constraints(true, None));
                template.extensions.push(Ext::key_usage(&[5, 6]));
            } else {
                template.extensions.push(Ext::key_usage(&[0]));
            }
            links.push(Link { template, by });
        }
        Self { links }
    }

    pub fn target(&mut self) -> &mut Template {
        &mut self.links.last_mut().unwrap().template
    }

    /// Names another one at `depth`, and issues what is below in that name.
    pub fn rename(&mut self, depth: usize, name: Dn) {
        if let Some(below) = self.links.get_mut(depth + 1) {
            below.template.issuer = name.clone();
        }
        self.links[depth].template.subject = name;
    }

    /// Below its issuer by the same name, as in a change of keys (self-issued).
    pub fn self_issue(&mut self, depth: usize) {
        let name = self.links[depth].template.issuer.clone();
        self.rename(depth, name);
    }

    /// The same name in another case and string type (RFC 5280 section 7.1).
    pub fn spell_otherwise(&mut self, depth: usize, chance: &mut Chance) {
        let issuer = &mut self.links[depth].template.issuer;
        for (kind, form, value) in &mut issuer.0 {
            match chance.below(3) {
                0 if *kind != oid::AT_COUNTRY => *value = value.to_uppercase(),
                1 => *form = Text::Printable,
                _ => {}
            }
        }
    }

    pub fn question(&self) -> Question {
        let all: Vec<Vec<u8>> = self.links.iter().map(Link::der).collect();
        Question {
            anchor: all[0].clone(),
            target: all[all.len() - 1].clone(),
            pool: all[1..all.len() - 1].to_vec(),
            crls: Vec::new(),
            at: at(),
            policies: Vec::new(),
            explicit_policy: false,
            inhibit_mapping: false,
            inhibit_any: false,
            revocation: false,
        }
    }
}

/// Puts an extension in, or in the place of the one of its kind.
pub fn put(template: &mut Template, ext: Ext) {
    take(template, &ext.0);
    template.extensions.push(ext);
}

pub fn take(template: &mut Template, kind: &Oid) {
    template.extensions.retain(|e| e.0 != *kind);
}

/// One question, and what is particular about it.
pub struct Case {
    pub family: &'static str,
    /// Which of the things are in it that others judge otherwise.
    pub tags: Vec<&'static str>,
    /// In words, for whoever has to find out.
    pub story: String,
    pub question: Question,
    /// Every simple way up from the target, where there is more than one.
    pub ways: Vec<Vec<Vec<u8>>>,
}

impl Case {
    pub fn new(family: &'static str, story: String, question: Question) -> Self {
        Self {
            family,
            tags: Vec::new(),
            story,
            question,
            ways: Vec::new(),
        }
    }
}
