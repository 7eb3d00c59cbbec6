//! Documents of every level, algorithm and fate of their certificates, and the times at which they are asked about.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ades::extend::{ExtendOptions, Services, Target};
use ades::pades::{Certification, PadesOptions, extend_pdf, sign_pdf};
use ades::tsp::TimeStamper;
use ades::validate::{Material, ValidationPolicy};
use pdf_file::{MemorySource, OpenOptions, PdfFile};
use pki_asn1::{CertificateList, Clock as _, UnixTime};

use crate::Case;
use crate::common::pdf;
use crate::long_term::{self, signer};

pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) octets: Vec<u8>,
    /// What it is meant to be judged by (EN 319 102-1 clauses 5.3, 5.5, 5.6.3).
    pub(crate) process: &'static str,
    /// Whether octets of it are changed too.
    pub(crate) tampered: bool,
}

/// An authority whose CRLs last for years, and signers of all kinds.
pub(crate) struct World {
    inner: long_term::World,
    pub(crate) now: UnixTime,
}

const DAY: u64 = 86_400;
const KEYS: [(&str, &str); 5] = [
    ("P-384", "ec -pkeyopt ec_paramgen_curve:P-384"),
    ("P-521", "ec -pkeyopt ec_paramgen_curve:P-521"),
    ("RSA-2048", "rsa:2048"),
    ("RSA-3072", "rsa:3072"),
    ("Ed25519", "ed25519"),
];

impl World {
    pub(crate) fn new() -> Option<Self> {
        let inner = long_term::World::new()?;
        let pki = &inner.pki;
        // The same authorities, and older: signatures are stamped before today, too.
        for line in [
            "req -new -key root.key -out root.csr -subj /CN=Root",
            "ca -batch -notext -selfsign -config root.cnf -keyfile root.key -in root.csr -out root.pem -startdate 20150101000000Z -days 9000 -extfile ca.ext",
            "ca -batch -notext -config root.cnf -cert root.pem -keyfile root.key -in ca.csr -out ca.pem -startdate 20160101000000Z -days 8000 -extfile ca.ext",
        ] {
            pki.run(line);
        }
        for (name, key) in KEYS {
            pki.run(&format!(
                "req -newkey {key} -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"
            ));
            pki.run(&format!("ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in {name}.csr -out {name}.pem -days 365 -extfile ee.ext"));
        }
        let dated = |name: &str, extensions: &str, dates: &str| {
            pki.run(&format!("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"));
            pki.run(&format!("ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in {name}.csr -out {name}.pem {dates} -extfile {extensions}"));
        };
        dated(
            "expired",
            "ee.ext",
            "-startdate 20250101000000Z -enddate 20260101000000Z",
        );
        dated(
            "early",
            "ee.ext",
            "-startdate 20400101000000Z -enddate 20410101000000Z",
        );
        dated("old", "ee.ext", "-startdate 20200101000000Z -days 3000");
        dated(
            "old-unit",
            "tsu.ext",
            "-startdate 20200101000000Z -days 5000",
        );
        dated(
            "revoked-unit",
            "tsu.ext",
            "-startdate 20200101000000Z -days 5000",
        );
        let no_usage = "keyUsage=critical,keyEncipherment\nbasicConstraints=critical,CA:FALSE\nauthorityKeyIdentifier=keyid\n";
        pki.write("usage.ext", no_usage.as_bytes());
        dated("encipherment", "usage.ext", "-days 365");
        let unknown = "keyUsage=critical,digitalSignature,nonRepudiation\nauthorityKeyIdentifier=keyid\n1.2.3.4=critical,ASN1:NULL\n";
        pki.write("unknown.ext", unknown.as_bytes());
        dated("unknown-extension", "unknown.ext", "-days 365");
        for name in ["second", "old", "revoked-unit"] {
            pki.revoke(name);
        }
        for ca in ["root", "ca"] {
            pki.run(&format!("ca -config {ca}.cnf -gencrl -crldays 1500 -cert {ca}.pem -keyfile {ca}.key -out {ca}.crl"));
        }
        let now = inner.clock.now() + Duration::from_secs(60);
        inner.clock.set(now);
        Some(Self { inner, now })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.inner.path(name)
    }

    /// The root is trusted; both CRLs and the issuer are known.
    pub(crate) fn material(&self) -> Material {
        let mut material = self.inner.pki.material();
        let crl = CertificateList::from_der(self.inner.pki.der("ca.crl")).unwrap();
        material.evidence.add_crl(crl);
        let ca = pki_asn1::Certificate::from_der(self.inner.pki.der("ca.pem")).unwrap();
        material.pool.add(ca);
        material
    }

    fn sign(
        &self,
        name: &str,
        stamp: Option<UnixTime>,
        options: impl FnOnce(&mut PadesOptions),
    ) -> Vec<u8> {
        let back = self.inner.clock.now();
        self.inner.clock.set(stamp.unwrap_or(back));
        let mut chosen = PadesOptions::new(stamp.unwrap_or(self.now));
        options(&mut chosen);
        let unit = stamp.map(|_| &self.inner.unit as &dyn TimeStamper);
        let mut out = Vec::new();
        sign_pdf(
            &open(&pdf::plain()),
            &mut out,
            &signer(&self.inner.pki, name),
            &chosen,
            unit,
        )
        .unwrap();
        self.inner.clock.set(back);
        out
    }

    fn extend(&self, file: &[u8], to: Target) -> Vec<u8> {
        let collector = self.inner.collector();
        let policy = ValidationPolicy::default();
        let services = Services {
            collector: &collector,
            time_stamper: Some(&self.inner.unit),
            policy: &policy,
            clock: &*self.inner.clock,
        };
        let mut out = Vec::new();
        let options = ExtendOptions::new(to);
        extend_pdf(
            &open(file),
            &OpenOptions::new(),
            &mut out,
            self.material(),
            &services,
            &options,
        )
        .unwrap();
        out
    }
}

fn open(bytes: &[u8]) -> PdfFile {
    PdfFile::open(
        Arc::new(MemorySource::new(bytes.to_vec())),
        OpenOptions::new(),
    )
    .unwrap()
}

pub(crate) fn all(world: &World) -> Vec<Document> {
    let mut documents = Vec::new();
    let mut add = |name: &str, octets: Vec<u8>, tampered: bool| {
        documents.push(Document {
            name: name.to_owned(),
            process: if name.contains("B-LTA") {
                "archive"
            } else if name.contains("B-B") {
                "basic"
            } else {
                "time"
            },
            octets,
            tampered,
        })
    };
    let now = world.now;
    let plain = |_: &mut PadesOptions| {};
    let stamped = world.sign("ee", Some(now), plain);
    let lasting = world.extend(&stamped, Target::BLt);
    let archived = world.extend(&stamped, Target::BLta);
    add("B-B", world.sign("ee", None, plain), true);
    add("B-T", stamped, true);
    add("B-LT", lasting, true);
    add("B-LTA", archived.clone(), true);
    world.inner.clock.set(now + Duration::from_secs(DAY * 30));
    add("B-LTA twice", world.extend(&archived, Target::BLta), true);
    world.inner.clock.set(now);
    add(
        "certified B-B",
        world.sign("ee", None, |o| o.certify = Some(Certification::NoChanges)),
        true,
    );
    add(
        "certified for forms B-T",
        world.sign("ee", Some(now), |o| {
            o.certify = Some(Certification::FormFilling)
        }),
        true,
    );
    for (name, _) in KEYS {
        add(&format!("{name} B-B"), world.sign(name, None, plain), false);
        add(
            &format!("{name} B-T"),
            world.sign(name, Some(now), plain),
            false,
        );
    }
    for name in [
        "second",
        "expired",
        "early",
        "encipherment",
        "unknown-extension",
    ] {
        add(
            &format!("signer {name} B-B"),
            world.sign(name, None, plain),
            false,
        );
        add(
            &format!("signer {name} B-T"),
            world.sign(name, Some(now), plain),
            false,
        );
    }
    let year_ago = UnixTime::from_secs(now.as_secs() - 365 * 86_400);
    let restore = world.now;
    for unit in ["old-unit", "revoked-unit"] {
        // The unit signs with a clock of its own.
        let own = long_term::Unit {
            signer: signer(&world.inner.pki, unit),
            clock: world.inner.clock.clone(),
        };
        for (what, at, who) in [
            ("a year before the revocation", year_ago, "old"),
            ("after the revocation", now, "old"),
            ("in the signer's time", year_ago, "expired"),
        ] {
            world.inner.clock.set(at);
            let mut out = Vec::new();
            sign_pdf(
                &open(&pdf::plain()),
                &mut out,
                &signer(&world.inner.pki, who),
                &PadesOptions::new(at),
                Some(&own),
            )
            .unwrap();
            add(
                &format!("signer {who} stamped {what} by {unit}"),
                out,
                false,
            );
        }
    }
    world.inner.clock.set(restore);
    documents
}

/// Every document as it is, now and later.
pub(crate) fn at_times(world: &World, documents: &[Document]) -> Vec<Case> {
    let days = [
        (0, "now"),
        (100, "after 100 days"),
        (400, "when the signer's certificate is over"),
        (1_600, "when the CRLs are over"),
        (3_200, "when all is over"),
    ];
    let mut cases = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        for (after, when) in days {
            cases.push(Case {
                document: index,
                octets: document.octets.clone(),
                at: world.now + Duration::from_secs(60 + DAY * after),
                kind: when.to_owned(),
                whole: true,
            });
        }
    }
    cases
}
