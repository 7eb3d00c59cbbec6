//! The same documents at the same times, judged by pyHanko's EN 319 102-1 (`ades_lta_validation`): where
//! the two differ, docs/DIVERGENCES.md says why.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use ades::cms::build::CmsSigner;
use ades::evidence::Collector;
use ades::extend::{ExtendOptions, Services, Target};
use ades::pades::{PadesOptions, extend_pdf, sign_pdf};
use ades::tsp::TimeStamper;
use ades::validate::{Material, ValidationPolicy};
use pdf_file::{MemorySource, OpenOptions, PdfFile};
use pki_asn1::{Certificate, CertificateList, ManualClock};
use rcgen::RevocationReason::{self, CessationOfOperation, KeyCompromise};

use super::world::{Ca, Curve, Unit, day, judge, material};

const PDF: &[&str] = &[
    "<</Type /Catalog /Pages 2 0 R>>",
    "<</Type /Pages /Kids [3 0 R] /Count 1>>",
    "<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200]>>",
];

pub fn plain() -> Vec<u8> {
    let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = String::new();
    for (number, body) in PDF.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.extend(format!("{} 0 obj\n{body}\nendobj\n", number + 1).bytes());
    }
    let (xref, size) = (out.len(), PDF.len() + 1);
    let end = format!(
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size} /Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n"
    );
    out.extend(end.bytes());
    out
}

fn open(bytes: &[u8]) -> PdfFile {
    let source = Arc::new(MemorySource::new(bytes.to_vec()));
    PdfFile::open(source, OpenOptions::new()).unwrap()
}

pub fn sign(signer: &CmsSigner, number: u32, unit: Option<&Unit>) -> Vec<u8> {
    let mut out = Vec::new();
    let unit = unit.map(|u| u.on(number) as &dyn TimeStamper);
    let options = PadesOptions::new(day(number));
    sign_pdf(&open(&plain()), &mut out, signer, &options, unit).unwrap();
    out
}

fn extend(file: &[u8], number: u32, to: Target, unit: &Unit, material: Material) -> Vec<u8> {
    let clock = Arc::new(ManualClock::new(day(number)));
    let collector = Collector::offline().with_clock(clock.clone());
    let policy = ValidationPolicy::default();
    let services = Services {
        collector: &collector,
        time_stamper: Some(unit.on(number)),
        policy: &policy,
        clock: &*clock,
    };
    let mut out = Vec::new();
    let options = ExtendOptions::new(to);
    extend_pdf(
        &open(file),
        &OpenOptions::new(),
        &mut out,
        material,
        &services,
        &options,
    )
    .unwrap();
    out
}

type Revoked<'r> = &'r [(&'r Certificate, u32, RevocationReason)];

/// As in `travel`: the signer's authority ends on day 3,000, the signer on day 1,000, the unit on day
/// 1,500; another authority and its unit last until day 6,000.
struct World {
    root: Ca,
    ca: Ca,
    other: Ca,
    signer: CmsSigner,
    unit: Unit,
    lasting: Unit,
}

impl World {
    fn new() -> Self {
        let root = Ca::root("Root", 0..7000, Curve::P256);
        let ca = root.below("Issuing", 0..3000, Curve::P256);
        let other = root.below("Other", 0..6000, Curve::P256);
        Self {
            signer: ca.signer("Signer", 0..1000, Curve::P256),
            unit: ca.unit("Unit", 0..1500, Curve::P256),
            lasting: other.unit("Lasting", 0..6000, Curve::P256),
            root,
            ca,
            other,
        }
    }

    /// The CRLs of a day; the authority that ended publishes none.
    fn crls(&self, number: u32, root: Revoked<'_>, ca: Revoked<'_>) -> Vec<CertificateList> {
        let days = || number..number + 7;
        let mut all = vec![self.root.crl(days(), root), self.other.crl(days(), &[])];
        all.extend((number < 3000).then(|| self.ca.crl(days(), ca)));
        all
    }

    fn raised(&self, file: &[u8], number: u32, to: Target, unit: &Unit) -> Vec<u8> {
        let today = material(&[&self.root], &self.crls(number, &[], &[]));
        extend(file, number, to, unit, today)
    }
}

/// What of the standard a level is for.
fn process(what: &str) -> &'static str {
    match what {
        "B-B" => "basic",
        "B-T" | "B-T late" => "time",
        _ => "archive",
    }
}

/// What is said of one case.
#[derive(Debug, PartialEq)]
struct Said {
    indication: String,
    sub: Option<String>,
}

/// The rows of docs/DIVERGENCES.md about pyHanko and time.
const REASONS: [&str; 5] = [
    "an authority that ended",
    "a time-stamp that does not count",
    "past validation of what passed",
    "a CRL from after the end",
    "which reason comes first",
];

/// Which of them it is, where the two differ.
fn explained(what: &str, number: u32, ours: &Said, theirs: &Said) -> Option<&'static str> {
    let (we, they) = (ours.indication.as_str(), theirs.indication.as_str());
    let (our, their) = (ours.sub.as_deref(), theirs.sub.as_deref());
    let ended = number > 3000 && their == Some("CERTIFICATE_CHAIN_GENERAL_FAILURE");
    Some(match (we, they) {
        (_, "INDETERMINATE") if ended => REASONS[0],
        ("PASSED", "INDETERMINATE") if what.ends_with("the unit revoked") => REASONS[1],
        ("PASSED", "INDETERMINATE")
            if (1000..3000).contains(&number) && their == Some("OUT_OF_BOUNDS_NO_POE") =>
        {
            REASONS[2]
        }
        ("INDETERMINATE", "PASSED") if number > 1000 && our == Some("TRY_LATER") => REASONS[3],
        ("INDETERMINATE", "INDETERMINATE") if what.ends_with("the authority revoked") => REASONS[4],
        _ => return None,
    })
}

#[test]
fn pyhanko_says_the_same_of_documents_that_travelled_in_time() {
    let Some(python) = std::env::var_os("SCEAU_PYTHON") else {
        eprintln!("skipped: SCEAU_PYTHON is not set");
        return;
    };
    let world = World::new();
    let stamped = sign(&world.signer, 10, Some(&world.unit));
    let late = sign(&world.signer, 510, Some(&world.unit));
    let lasting = sign(&world.signer, 10, Some(&world.lasting));
    let kept = world.raised(&stamped, 11, Target::BLt, &world.unit);
    let archived = world.raised(&stamped, 11, Target::BLta, &world.unit);
    let files = [
        ("B-B", sign(&world.signer, 10, None)),
        ("B-T", stamped.clone()),
        ("B-T late", late),
        ("B-LT", kept),
        ("B-LTA", archived.clone()),
        (
            "B-LTA renewed",
            world.raised(&archived, 1400, Target::BLta, &world.lasting),
        ),
        (
            "B-LT lasting",
            world.raised(&lasting, 11, Target::BLt, &world.lasting),
        ),
        (
            "B-LTA lasting",
            world.raised(&lasting, 11, Target::BLta, &world.lasting),
        ),
    ];
    let (signer, ca) = (world.signer.certificate(), &world.ca.certificate);
    let unit = world.unit.signer.certificate();
    let none: (&str, Vec<_>, Vec<_>) = ("", vec![], vec![]);
    let signer_lost = (
        " with the signer revoked",
        vec![],
        vec![(signer, 500, KeyCompromise)],
    );
    let unit_lost = (
        " with the unit revoked",
        vec![],
        vec![(unit, 20, KeyCompromise)],
    );
    let ca_lost = (
        " with the authority revoked",
        vec![(ca, 500, CessationOfOperation)],
        vec![],
    );
    let scenarios = [
        (20, &none),
        (600, &none),
        (600, &signer_lost),
        (600, &unit_lost),
        (600, &ca_lost),
        (1100, &none),
        (1600, &none),
        (4000, &none),
    ];
    let folder = tempfile::tempdir().unwrap();
    let write = |name: String, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let root = write("root.der".into(), world.root.certificate.der());
    let (mut cases, mut ours) = (Vec::new(), Vec::new());
    for (number, (how, by_root, by_ca)) in &scenarios {
        let crls = world.crls(*number, by_root, by_ca);
        let paths: Vec<String> = crls
            .iter()
            .enumerate()
            .map(|(n, crl)| write(format!("{}-{n}.crl", cases.len()), crl.der()))
            .collect();
        for (what, file) in &files {
            if *what == "B-T late" && *number < 510 || *what == "B-LTA renewed" && *number < 1400 {
                continue;
            }
            let path = write(format!("{}.pdf", cases.len()), file);
            cases.push(serde_json::json!({
                "file": path, "process": process(what), "at": day(*number).to_string(), "anchors": [root], "crls": paths,
            }));
            let known = material(&[&world.root], &crls);
            let (_, verdict) = judge(file, *number, known, &ValidationPolicy::default());
            let one = &verdict.signatures[0];
            ours.push((
                format!("{what} on day {number}{how}"),
                *number,
                Said {
                    indication: one
                        .indication
                        .as_str()
                        .trim_start_matches("TOTAL-")
                        .to_owned(),
                    sub: one.sub_indication.map(|s| s.as_str().to_owned()),
                },
            ));
        }
    }
    let list = write(
        "cases.json".into(),
        serde_json::to_string(&cases).unwrap().as_bytes(),
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/pyhanko_ades.py");
    let output = Command::new(python).arg(script).arg(list).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let text = String::from_utf8(output.stdout).unwrap();
    let theirs: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(theirs.len(), ours.len(), "{error}");
    assert!(ours.len() > 50);
    let (mut differences, mut reasons) = (Vec::new(), BTreeSet::new());
    for ((what, number, ours), theirs) in ours.iter().zip(&theirs) {
        let theirs = Said {
            indication: theirs["indication"].as_str().unwrap().to_owned(),
            sub: theirs["sub"].as_str().map(str::to_owned),
        };
        if *ours == theirs {
            continue;
        }
        match explained(what, *number, ours, &theirs) {
            Some(reason) => {
                reasons.insert(reason);
            }
            None => differences.push(format!("{what}: {ours:?}, pyHanko {theirs:?}")),
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
    // What needs no explanation any more has none.
    assert_eq!(reasons, BTreeSet::from(REASONS));
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/DIVERGENCES.md");
    let page = fs::read_to_string(page).unwrap();
    for reason in REASONS {
        assert!(page.contains(&format!("| {reason} |")), "{reason}");
    }
}
