//! Signatures of OpenSSL, pyHanko and ours, raised to B-LTA and renewed. asn1crypto takes the result
//! apart by EN 319 122-1, OpenSSL verifies signature and tokens.

#![allow(clippy::unwrap_used, missing_docs)]

mod network;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use ades::cades::{
    CadesOptions, ExtendedCms, Which, add_signature, countersign, extend_cms, sign_detached,
};
use ades::cms::build::CmsSigner;
use ades::evidence::{Collector, HttpFetch, Material};
use ades::extend::{ExtendError, ExtendOptions, Services, Target};
use ades::tsp::{TimeStamper, Token, TspError};
use ades::validate::{Facts, Indication, Input, Level, ValidationPolicy, Verdict, gather, verdict};
use der::Encode;
use der::asn1::{Int, OctetString};
use hsm_pkcs11::{OpenOptions, PinSource};
use network::{ISSUER, Network, Pki};
use pdf_file::{MemorySource, Source};
use pki_asn1::tsp::{GenTime, MessageImprint, TstInfo};
use pki_asn1::{Certificate, Clock, ManualClock, SystemClock, oid};
use pki_crypto::Digest;

/// A time-stamping unit below the same authority, whose time is the test's.
struct Unit {
    signer: CmsSigner,
    clock: Arc<ManualClock>,
}

impl TimeStamper for Unit {
    fn time_stamp(&self, imprint: &Digest) -> Result<Token, TspError> {
        let info = TstInfo {
            version: 1,
            policy: oid::POLICY_BTSP,
            message_imprint: MessageImprint {
                hash_algorithm: imprint.algorithm().identifier_with_null(),
                hashed_message: OctetString::new(imprint.as_bytes()).unwrap(),
            },
            serial_number: Int::new(&[1]).unwrap(),
            gen_time: GenTime(self.clock.now().to_generalized()),
            accuracy: None,
            ordering: false,
            nonce: None,
            tsa: None,
            extensions: None,
        }
        .to_der()
        .unwrap();
        let digest = self.signer.digest_algorithm().digest(&info);
        let signed = self.signer.sign(oid::CT_TST_INFO, &digest, &[]).unwrap();
        Ok(Token::verify(signed.attached(&info), imprint).unwrap())
    }

    fn expected_len(&self) -> usize {
        4096
    }
}

struct World {
    pki: Pki,
    unit: Unit,
    clock: Arc<ManualClock>,
}

fn source(bytes: Vec<u8>) -> Arc<dyn Source> {
    Arc::new(MemorySource::new(bytes))
}

fn signer(pki: &Pki, name: &str) -> CmsSigner {
    let location = pki.0.path().join(format!("{name}.key"));
    let location = location.to_str().unwrap().parse().unwrap();
    let pin = PinSource::Value(String::new().into());
    let opened = hsm_pkcs11::open(&location, &pin, &OpenOptions::default()).unwrap();
    let certificate = Certificate::from_der(pki.der(&format!("{name}.pem"))).unwrap();
    CmsSigner::new(opened.signer, certificate, &[]).unwrap()
}

impl World {
    fn new() -> Option<Self> {
        let pki = Pki::new()?;
        let ee = String::from_utf8(pki.read("ee.ext")).unwrap();
        let unit = ee.replace("digitalSignature,nonRepudiation", "digitalSignature");
        pki.write(
            "tsu.ext",
            format!("{unit}extendedKeyUsage=critical,timeStamping\n").as_bytes(),
        );
        pki.issue("ca", "tsu", "/CN=Unit", "tsu.ext", 365);
        pki.crls();
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let unit = Unit {
            signer: signer(&pki, "tsu"),
            clock: Arc::clone(&clock),
        };
        Some(Self { pki, unit, clock })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.pki.0.path().join(name)
    }

    fn collector(&self) -> Collector {
        let network = Network::default()
            .with(ISSUER, 200, self.pki.der("ca.pem"))
            .with(network::CRL, 200, self.pki.der("ca.crl"));
        Collector::new(Arc::new(HttpFetch(network))).with_clock(self.clock.clone())
    }

    fn extend(
        &self,
        file: &[u8],
        content: Option<&[u8]>,
        to: Target,
    ) -> Result<(Vec<u8>, ExtendedCms), ExtendError> {
        let collector = self.collector();
        let services = Services {
            collector: &collector,
            time_stamper: Some(&self.unit),
            policy: &ValidationPolicy::default(),
            clock: &*self.clock,
        };
        let content = content.map(|c| source(c.to_vec()));
        let mut out = Vec::new();
        let extended = extend_cms(
            &source(file.to_vec()),
            content.as_ref(),
            &mut out,
            self.pki.material(),
            &services,
            &ExtendOptions::new(to),
        )?;
        Ok((out, extended))
    }

    /// Judged from the file alone: nothing is fetched, only the root is known.
    fn judge(&self, file: &[u8], content: Option<&[u8]>) -> (Facts, Verdict) {
        let input = Input {
            source: source(file.to_vec()),
            content: content.map(|c| source(c.to_vec())),
            pdf_options: pdf_file::OpenOptions::new(),
        };
        let material = Material {
            anchors: self.pki.material().anchors,
            ..Material::default()
        };
        let now = self.clock.now();
        let facts = gather(&input, material, now, None).unwrap();
        let judged = verdict(&facts, &ValidationPolicy::default(), now);
        (facts, judged)
    }

    /// asn1crypto reads the structure, `openssl ts` verifies each archive time-stamp over what
    /// asn1crypto says it is over, `openssl cms` the signature. Gives asn1crypto's report.
    fn foreign(&self, file: &[u8], content: Option<&str>) -> Option<serde_json::Value> {
        self.pki.write("judged.p7s", file);
        let mut line = String::from(
            "cms -verify -cades -binary -inform DER -in judged.p7s -CAfile root.pem -certfile ca.pem -out /dev/null",
        );
        if let Some(content) = content {
            line.push_str(&format!(" -content {content}"));
        }
        self.pki.run(&line);
        let Some(python) = std::env::var_os("SCEAU_PYTHON") else {
            eprintln!("skipped: SCEAU_PYTHON is not set");
            return None;
        };
        let folder = self.path("archive");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/cades_lta.py");
        let mut command = Command::new(python);
        command
            .arg(script)
            .arg(self.path("judged.p7s"))
            .arg(&folder);
        if let Some(content) = content {
            command.arg(self.path(content));
        }
        let output = command.output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        for number in 0..report["archive"].as_array().unwrap().len() {
            self.pki.run(&format!("ts -verify -token_in -in archive/{number}.tst -data archive/{number}.in -CAfile root.pem -untrusted ca.pem"));
        }
        Some(report)
    }
}

fn levels(verdict: &Verdict) -> Vec<(Indication, Level)> {
    let all = verdict.signatures.iter();
    all.map(|s| (s.indication, s.level)).collect()
}

const PASSED_LTA: (Indication, Level) = (Indication::TotalPassed, Level::BLta);

#[test]
fn every_level_and_two_renewals_stand_on_their_own() {
    let Some(world) = World::new() else { return };
    let signed = world.pki.read("out.p7s");
    let mut before = signed;
    for (to, level) in [
        (Target::BT, Level::BT),
        (Target::BLt, Level::BLt),
        (Target::BLta, Level::BLta),
        (Target::BLta, Level::BLta),
        (Target::BLta, Level::BLta),
    ] {
        let (after, extended) = world.extend(&before, None, to).unwrap();
        assert!(extended.is_changed());
        assert_eq!(extended.signatures[0].after, level);
        let (_, judged) = world.judge(&after, None);
        if level >= Level::BLt {
            assert_eq!(
                levels(&judged),
                [(Indication::TotalPassed, level)],
                "{judged:#?}"
            );
            world.foreign(&after, None);
        }
        before = after;
        world.clock.set(world.clock.now() + Duration::from_secs(60));
    }
    if let Some(report) = world.foreign(&before, None) {
        assert_eq!(report["archive"].as_array().unwrap().len(), 3);
        // Each covers more than the one before: the time-stamp, then the archive time-stamps.
        let values: Vec<_> = report["archive"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["values"].as_u64().unwrap())
            .collect();
        let mut sorted = values.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3]);
        assert_eq!(report["crls"], 2);
    }
}

#[test]
fn ber_of_a_stream_and_detached_signatures_are_raised() {
    let Some(world) = World::new() else { return };
    let content: Vec<u8> = (0..300_000u32).map(|i| i as u8).collect();
    world.pki.write("big", &content);
    world.pki.run("cms -sign -cades -stream -nodetach -binary -in big -signer ee.pem -inkey ee.key -outform DER -out stream.p7m");
    let stream = world.pki.read("stream.p7m");
    assert_eq!(stream[1], 0x80, "OpenSSL streams with indefinite lengths");
    let (raised, _) = world.extend(&stream, None, Target::BLta).unwrap();
    let (facts, judged) = world.judge(&raised, None);
    assert_eq!(levels(&judged), [PASSED_LTA], "{:#?}", facts.signatures);
    world.foreign(&raised, None);

    world.pki.run("cms -sign -cades -binary -in big -signer ee.pem -inkey ee.key -outform PEM -out detached.pem");
    let detached = world.pki.read("detached.pem");
    let (raised, _) = world
        .extend(&detached, Some(&content), Target::BLta)
        .unwrap();
    let (_, judged) = world.judge(&raised, Some(&content));
    assert_eq!(levels(&judged), [PASSED_LTA]);
    world.foreign(&raised, Some("big"));
    let error = world.extend(&detached, None, Target::BT).unwrap_err();
    assert!(
        matches!(&error, ExtendError::Refused(all) if all[0].1.code == "SIGNED_DATA_NOT_FOUND"),
        "{error}"
    );
}

#[test]
fn whatever_an_archive_time_stamp_covers_cannot_be_taken_away() {
    let Some(world) = World::new() else { return };
    let Some(python) = std::env::var_os("SCEAU_PYTHON") else {
        eprintln!("skipped: SCEAU_PYTHON is not set");
        return;
    };
    let (raised, _) = world
        .extend(&world.pki.read("out.p7s"), None, Target::BLta)
        .unwrap();
    world.pki.write("raised.p7s", &raised);
    for what in ["certificate", "revocation", "unsigned"] {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/cades_lta.py");
        let status = Command::new(&python)
            .args([script, "--drop", what])
            .args([world.path("raised.p7s"), world.path("robbed.p7s")])
            .status()
            .unwrap();
        assert!(status.success());
        let (facts, judged) = world.judge(&world.pki.read("robbed.p7s"), None);
        let one = &judged.signatures[0];
        assert!(one.level < Level::BLta, "{what}: {:?}", one.level);
        assert_eq!(one.archive[0].indication, Indication::TotalFailed, "{what}");
        assert!(!facts.signatures[0].cms.as_ref().unwrap().archive[0].fits());
        let codes: Vec<_> = one.warnings.iter().map(|w| w.code).collect();
        assert!(codes.contains(&"ARCHIVE_TIMESTAMP_NOT_VALID"), "{codes:?}");
    }
}

#[test]
fn what_expired_is_proven_by_a_chain_of_archive_time_stamps() {
    let Some(mut world) = World::new() else {
        return;
    };
    world.pki.issue("ca", "later", "/CN=Later", "tsu.ext", 2500);
    for ca in ["root", "ca"] {
        world.pki.run(&format!("ca -config {ca}.cnf -gencrl -crldays 1000 -cert {ca}.pem -keyfile {ca}.key -out {ca}.crl"));
    }
    let signed = world.pki.read("out.p7s");
    let (raised, _) = world.extend(&signed, None, Target::BLta).unwrap();
    let day = Duration::from_secs(86_400);
    let start = world.clock.now();

    world.clock.set(start + day * 300);
    world.unit.signer = signer(&world.pki, "later");
    let (renewed, _) = world.extend(&raised, None, Target::BLta).unwrap();

    // The signer's certificate has ended, and so has that of both first time-stamps.
    world.clock.set(start + day * 400);
    let (_, judged) = world.judge(&renewed, None);
    assert_eq!(
        levels(&judged),
        [PASSED_LTA],
        "{:#?}",
        judged.signatures[0].errors
    );
    assert_eq!(judged.signatures[0].best_signature_time, Some(start));
    for unproven in [&signed, &raised] {
        let (_, judged) = world.judge(unproven, None);
        assert_eq!(judged.signatures[0].indication, Indication::Indeterminate);
        let error = world.extend(unproven, None, Target::BLta).unwrap_err();
        assert!(matches!(error, ExtendError::Refused(_)), "{error}");
    }
    world.extend(&renewed, None, Target::BLta).unwrap();
}

#[test]
fn what_is_broken_or_revoked_is_not_raised() {
    let Some(world) = World::new() else { return };
    let mut broken = world.pki.read("out.p7s");
    let at = broken.windows(4).position(|w| w == b"what").unwrap();
    broken[at] ^= 1;
    let error = world.extend(&broken, None, Target::BT).unwrap_err();
    assert!(
        matches!(&error, ExtendError::Refused(all) if all[0].1.code == "HASH_FAILURE"),
        "{error}"
    );

    world.pki.revoke("ee");
    world.pki.crls();
    world.clock.set(world.clock.now() + Duration::from_secs(30));
    let error = world
        .extend(&world.pki.read("out.p7s"), None, Target::BLta)
        .unwrap_err();
    assert!(
        matches!(&error, ExtendError::Refused(all) if all[0].1.code == "REVOKED_NO_POE"),
        "{error}"
    );
}

#[test]
fn others_sign_beside_and_over_without_breaking_an_archive() {
    let Some(world) = World::new() else { return };
    let content = b"what is signed\n";
    let first = signer(&world.pki, "ee");
    let second = signer(&world.pki, "second");
    let options = CadesOptions::new(world.clock.now());
    let mut one = Vec::new();
    sign_detached(
        &mut &content[..],
        &mut one,
        &first,
        &options,
        Some(&world.unit),
    )
    .unwrap();
    let (one, _) = world.extend(&one, Some(content), Target::BLta).unwrap();
    let mut two = Vec::new();
    let held = source(content.to_vec());
    add_signature(
        &source(one),
        Some(&held),
        &mut two,
        &second,
        &options,
        Some(&world.unit),
    )
    .unwrap();
    let mut three = Vec::new();
    let made = countersign(
        &source(two),
        &mut three,
        &second,
        &options,
        Which::All,
        None,
    )
    .unwrap();
    assert_eq!(made.len(), 2);
    let (facts, judged) = world.judge(&three, Some(content));
    let ids: Vec<_> = facts.signatures.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "signature-1",
            "signature-1.counter-signature-1",
            "signature-2",
            "signature-2.counter-signature-1"
        ]
    );
    assert!(facts.signatures.iter().all(|s| {
        let signer = s.signer.as_ref().unwrap();
        signer.digest.is_ok() && signer.signature.is_ok() && signer.problems.is_empty()
    }));
    assert!(judged.signatures.iter().any(|s| s.level == Level::BLta));
    // All of them raised: the counter-signatures are covered by the archive time-stamps.
    let (four, _) = world.extend(&three, Some(content), Target::BLta).unwrap();
    let (_, judged) = world.judge(&four, Some(content));
    assert!(
        judged
            .signatures
            .iter()
            .all(|s| s.indication == Indication::TotalPassed),
        "{:#?}",
        judged
            .signatures
            .iter()
            .map(|s| &s.errors)
            .collect::<Vec<_>>()
    );
    world.foreign(&four, Some("content"));
    // The counter-signature, by asn1crypto's and OpenSSL's lights.
    let other = source(b"something else".to_vec());
    let error = add_signature(
        &source(four),
        Some(&other),
        &mut Vec::new(),
        &second,
        &options,
        None,
    )
    .unwrap_err();
    assert!(
        matches!(error, ades::cades::CadesError::OtherContent),
        "{error}"
    );
}
