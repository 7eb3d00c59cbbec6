//! Name constraints of every form, permitted and excluded, along chains of two to six certificates.

use pki_asn1::oid;

use crate::common::issue::{Dn, Ext, General, Text, oid as parse};
use crate::world::{Case, Chain, Chance, World, put};

const DNS_BASES: [&str; 11] = [
    "sceau.example",
    "a.sceau.example",
    ".sceau.example",
    "example",
    "SCEAU.EXAMPLE",
    "other.example",
    "sceau.example.",
    "xn--scau-bpa.example",
    "b.sceau.example",
    "le",
    "",
];
const DNS_NAMES: [&str; 14] = [
    "sceau.example",
    "www.sceau.example",
    "a.sceau.example",
    "b.a.sceau.example",
    "WWW.Sceau.Example",
    "notsceau.example",
    "other.example",
    "www.other.example",
    "example",
    "xn--scau-bpa.example",
    "XN--SCAU-BPA.example",
    "sceau.example.",
    "*.sceau.example",
    "*.example",
];
const MAIL_BASES: [&str; 8] = [
    "sceau.example",
    ".sceau.example",
    "ann@sceau.example",
    "ANN@sceau.example",
    "SCEAU.example",
    "other.example",
    "sceau.example.",
    "",
];
const MAIL_NAMES: [&str; 9] = [
    "ann@sceau.example",
    "Ann@sceau.example",
    "ann@SCEAU.Example",
    "bob@a.sceau.example",
    "bob@other.example",
    "\"ann@other.example\"@sceau.example",
    "ann@notsceau.example",
    "ann@sceau.example.",
    "ann",
];
const URI_BASES: [&str; 7] = [
    "sceau.example",
    ".sceau.example",
    "SCEAU.example",
    "other.example",
    "a.sceau.example",
    "sceau.example.",
    "",
];
const URI_NAMES: [&str; 17] = [
    "https://sceau.example/x",
    "http://www.sceau.example:8080/",
    "https://a.sceau.example",
    "https://ann@sceau.example/",
    "https://SCEAU.example?x",
    "https://other.example/?https://sceau.example",
    "https://sceau.example@other.example/",
    "https://sceau.example#@other.example/",
    "ldap://sceau.example/cn=x",
    "urn:sceau",
    "mailto:ann@sceau.example",
    "https://10.1.2.3/",
    "https://[fd00::1]/",
    "https://sceau.example./",
    "https://s%63eau.example/",
    "https://other.example\\.sceau.example/",
    "https://sceau.example:/",
];

/// Names that everybody reads alike, and every so often one that is read in more than one way.
struct Ground<'c> {
    chance: &'c mut Chance,
    plain: bool,
}

impl Ground<'_> {
    fn text(&mut self, all: &[&str]) -> String {
        let odd_only = !self.plain && self.chance.percent(25);
        loop {
            let text = *self.chance.pick(all);
            let fits = odd(text).is_some();
            if fits == odd_only || !self.plain && !odd_only {
                return text.to_owned();
            }
        }
    }

    fn ip_name(&mut self) -> Vec<u8> {
        let plain: [&[u8]; 6] = [
            &[10, 1, 2, 3],
            &[10, 2, 0, 1],
            &[192, 0, 2, 1],
            &[0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            &[0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            &[0xFD, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        ];
        let odd: [&[u8]; 3] = [
            &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 1, 2, 3],
            &[10, 1, 2, 3, 4],
            &[],
        ];
        match !self.plain && self.chance.percent(50) {
            true => self.chance.pick(&odd).to_vec(),
            false => self.chance.pick(&plain).to_vec(),
        }
    }

    fn ip_base(&mut self) -> Vec<u8> {
        let network = |address: &[u8], bits: usize| {
            let mut out = address.to_vec();
            out.resize(if address.len() <= 4 { 4 } else { 16 }, 0);
            for at in 0..out.len() {
                let ones = bits.saturating_sub(at * 8).min(8);
                out.push(((0xFF00_u16 >> ones) & 0xFF) as u8);
            }
            out
        };
        let v6 = |first: u8| {
            let mut address = [0; 16];
            address[0] = first;
            address
        };
        let mut bases = vec![
            network(&[10], 8),
            network(&[10, 1], 16),
            network(&[10, 1, 2, 3], 32),
            network(&[0], 0),
            network(&v6(0xFD), 8),
            network(&v6(0xFD), 16),
            network(&v6(0), 0),
            vec![10, 0, 0, 3, 255, 0, 0, 255],
        ];
        if !self.plain {
            bases.push(vec![10, 0, 0, 0]);
        }
        self.chance.pick(&bases).clone()
    }

    fn directory(&mut self, base: bool) -> Dn {
        let bases = [
            "C=MC",
            "C=MC,O=Sceau",
            "C=MC,O=Sceau,OU=A",
            "C=MC,O=SCEAU",
            "O=Sceau",
            "C=FR",
            "C=MC,O=Other",
        ];
        let names = [
            "C=MC,O=Sceau,OU=A,CN=X",
            "C=MC,O=Sceau,OU=B,CN=X",
            "C=MC,O=Sceau",
            "C=FR,O=Sceau",
            "O=Sceau,C=MC",
            "C=MC,O=sceau,OU=a",
        ];
        let mut name = match base {
            true => Dn::new(self.chance.pick::<&str>(&bases)),
            false => Dn::new(self.chance.pick::<&str>(&names)),
        };
        for (kind, form, value) in &mut name.0 {
            match self.chance.below(6) {
                0 => *form = Text::Printable,
                1 if *kind != oid::AT_COUNTRY => *value = format!(" {} ", value.to_lowercase()),
                _ => {}
            }
        }
        if base && !self.plain && self.chance.percent(10) {
            name.0.clear();
        }
        name
    }

    fn other(&mut self) -> General {
        let kinds = ["1.3.6.1.4.1.311.20.2.3", "1.2.3.4"];
        let kind = parse(self.chance.pick::<&str>(&kinds));
        General::Other(kind, b"\x0c\x0dann@sceau.exa".to_vec())
    }

    fn name(&mut self, form: usize) -> General {
        match form {
            0 => General::Dns(self.text(&DNS_NAMES)),
            1 => General::Mail(self.text(&MAIL_NAMES)),
            2 => General::Uri(self.text(&URI_NAMES)),
            3 => General::Ip(self.ip_name()),
            4 => General::Directory(self.directory(false)),
            5 => self.other(),
            6 => smtp_utf8(&self.text(&MAIL_NAMES)),
            _ => General::Registered(parse("1.2.3.4")),
        }
    }

    fn base(&mut self, form: usize) -> General {
        match form {
            0 => General::Dns(self.text(&DNS_BASES)),
            1 | 6 => General::Mail(self.text(&MAIL_BASES)),
            2 => General::Uri(self.text(&URI_BASES)),
            3 => General::Ip(self.ip_base()),
            4 => General::Directory(self.directory(true)),
            5 => self.other(),
            _ => General::Registered(parse("1.2.3.4")),
        }
    }
}

/// SmtpUTF8Mailbox (RFC 9598), to which constraints on rfc822Name apply.
fn smtp_utf8(address: &str) -> General {
    let mut value = vec![0x0C, address.len() as u8];
    value.extend(address.as_bytes());
    General::Other(parse("1.3.6.1.5.5.7.8.9"), value)
}

/// What a text has that not everybody reads alike.
pub fn odd(text: &str) -> Option<&'static str> {
    let beyond = text.split_once("://").map(|(_, rest)| rest);
    Some(match text {
        "" => "empty base",
        t if t.contains('*') => "wildcard",
        t if t.contains('%') || t.contains('\\') => "other characters in a host",
        t if t.contains("10.1.2.3") || t.contains('[') => "address in URI",
        t if t.starts_with("urn:") || t.starts_with("mailto:") => "URI without host",
        t if t.ends_with('.') || t.ends_with("./") => "trailing dot",
        _ if beyond.is_some_and(|b| b.contains(['@', '?', '#', ':'])) => "long URI",
        "ann" => "no mailbox",
        _ => return None,
    })
}

fn tags(names: &[General], out: &mut Vec<&'static str>) {
    for name in names {
        out.extend(match name {
            General::Dns(t) | General::Mail(t) | General::Uri(t) => odd(t),
            General::Ip(o) if o.len() == 16 && o[..10] == [0; 10] && o[10] == 0xFF => {
                Some("mapped address")
            }
            General::Ip(o) if !matches!(o.len(), 4 | 8 | 16 | 32) => Some("no address"),
            General::Ip(o) if o[..] == [10, 0, 0, 0] => Some("address as base"),
            General::Ip(o) if o[..] == [10, 0, 0, 3, 255, 0, 0, 255] => Some("mask with holes"),
            General::Directory(n) if n.0.is_empty() => Some("empty directory name"),
            General::Other(kind, _) if kind.to_string().ends_with("7.8.9") => {
                Some("SmtpUTF8Mailbox")
            }
            General::Other(..) => Some("otherName"),
            General::Registered(_) => Some("registeredID"),
            _ => None,
        });
    }
}

pub fn case(world: &World, chance: &mut Chance) -> Case {
    let length = 2 + chance.below(5).min(chance.below(5));
    let mut chain = Chain::new(world, chance, length);
    let plain = chance.percent(55);
    // One form or two, so that names and constraints meet.
    let forms = [[0, 1, 2, 3, 4], [0, 4, 1, 5, 6]][usize::from(chance.percent(20))];
    let mut forms = vec![*chance.pick(&forms), *chance.pick(&forms)];
    if !plain && chance.percent(10) {
        forms.push(7);
    }
    let mut ground = Ground { chance, plain };
    let mut found = Vec::new();
    let mut story = Vec::new();
    let mut constrained = false;
    for depth in 1..length {
        if ground.chance.percent(15) {
            chain.self_issue(depth);
            story.push(format!("{depth} is self-issued"));
        }
        if constrained && ground.chance.percent(60) {
            continue;
        }
        let mut list = |most: usize| -> Vec<General> {
            let count = ground.chance.below(most + 1);
            (0..count)
                .map(|_| {
                    let form = *ground.chance.pick(&forms);
                    ground.base(form)
                })
                .collect()
        };
        let (permitted, excluded) = (list(3), list(2));
        if permitted.is_empty() && excluded.is_empty() {
            continue;
        }
        constrained = true;
        tags(&permitted, &mut found);
        tags(&excluded, &mut found);
        if permitted.iter().any(|g| matches!(g, General::Ip(_))) {
            found.push("permitted addresses");
        }
        story.push(format!(
            "{depth} permits {permitted:?} excludes {excluded:?}"
        ));
        let ext = Ext::name_constraints(&permitted, &excluded);
        put(&mut chain.links[depth].template, ext);
        if ground.chance.percent(20) && depth + 1 < length {
            let name = Dn::new(
                ground
                    .chance
                    .pick::<&str>(&["C=MC,O=Sceau,CN=Sub", "C=FR,CN=Sub"]),
            );
            story.push(format!("{} is {name:?}", depth + 1));
            chain.rename(depth + 1, name);
        }
    }
    let count = ground.chance.below(4);
    let names: Vec<General> = (0..count)
        .map(|_| {
            let form = *ground.chance.pick(&forms);
            ground.name(form)
        })
        .collect();
    tags(&names, &mut found);
    let subject = match ground.chance.below(6) {
        0 if !names.is_empty() => Dn::default(),
        1 => Dn::new("C=FR,O=Other,CN=Target"),
        2 => {
            let mail = ground.text(&MAIL_NAMES);
            found.extend(odd(&mail));
            found.push("e-mail in subject");
            Dn::new(&format!("C=MC,O=Sceau,E={mail}"))
        }
        3 => {
            found.push("host in subject");
            Dn::new("C=MC,O=Sceau,CN=www.sceau.example")
        }
        _ => Dn::new("C=MC,O=Sceau,OU=A,CN=Target"),
    };
    story.push(format!("target {subject:?} {names:?}"));
    if !names.is_empty() {
        let ext = Ext::alternative_names(&names, subject.0.is_empty());
        put(chain.target(), ext);
    }
    chain.rename(length, subject);
    let mut case = Case::new("names", story.join("; "), chain.question());
    case.tags = found;
    case
}
