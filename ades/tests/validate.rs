//! Validation judged from outside: signatures made by OpenSSL, published attacks and odd corpora.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use ades::validate::{
    Coverage, Facts, GatherError, Indication, Input, Material, Modifications, SubIndication,
    ValidationPolicy, Verdict, Warning, gather, verdict,
};
use pdf_file::{MemorySource, OpenOptions};
use pki_asn1::{Certificate, CertificateList, Clock, SystemClock, UnixTime, pem};
use pki_path::TrustAnchor;
use proptest::prelude::*;

fn corpus(name: &str) -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = std::env::var_os("SCEAU_CORPORA")
        .map(PathBuf::from)
        .into_iter()
        .chain([
            here.join("../../shared/data"),
            here.join("../../../shared/data"),
        ])
        .map(|root| root.join(name))
        .find(|dir| dir.is_dir());
    if found.is_none() {
        eprintln!("skipped: corpus not found");
    }
    found
}

fn input(bytes: &[u8], content: Option<&[u8]>) -> Input {
    let source = |b: &[u8]| Arc::new(MemorySource::new(b.to_vec())) as Arc<_>;
    Input {
        source: source(bytes),
        content: content.map(source),
        pdf_options: OpenOptions::new(),
    }
}

fn judge(
    bytes: &[u8],
    content: Option<&[u8]>,
    material: Material,
    at: UnixTime,
) -> Result<(Facts, Verdict), GatherError> {
    let facts = gather(&input(bytes, content), material, at, None)?;
    let verdict = verdict(&facts, &ValidationPolicy::default(), at);
    Ok((facts, verdict))
}

/// A CA, a signer and a CRL made by OpenSSL.
struct Openssl(tempfile::TempDir);

const CONTENT: &[u8] = b"what is signed\n";

impl Openssl {
    fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("skipped: openssl not found");
            return None;
        }
        let this = Self(tempfile::tempdir().unwrap());
        this.write("content", CONTENT);
        this.write("ext", b"keyUsage=critical,digitalSignature,nonRepudiation\nbasicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n");
        this.write("index", b"");
        this.write("number", b"01\n");
        this.write("ca.cnf", b"[ca]\ndefault_ca=d\n[d]\ndatabase=index\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\n");
        for line in [
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /C=MC/CN=CA -days 3650",
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ee.key -out ee.csr -subj /C=MC/CN=Signer",
            "x509 -req -in ee.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out ee.pem -days 365 -extfile ext",
            "ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca.key -out ca.crl",
        ] {
            this.run(line);
        }
        Some(this)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.path().join(name)).unwrap()
    }

    fn run(&self, line: &str) {
        let output = Command::new("openssl")
            .args(line.split(' '))
            .current_dir(self.0.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "openssl {line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn sign(&self, options: &str) -> Vec<u8> {
        self.run(&format!(
            "cms -sign {options} -binary -in content -signer ee.pem -inkey ee.key -outform DER -out out.p7s"
        ));
        self.read("out.p7s")
    }

    fn der(&self, name: &str) -> Vec<u8> {
        pem::blocks(&self.read(name)).unwrap().remove(0).der
    }

    fn material(&self) -> Material {
        let mut material = self.anchored();
        material
            .evidence
            .add_crl(CertificateList::from_der(self.der("ca.crl")).unwrap());
        material
    }

    fn anchored(&self) -> Material {
        let ca = Certificate::from_der(self.der("ca.pem")).unwrap();
        Material {
            anchors: vec![TrustAnchor::from_certificate(ca).unwrap()],
            ..Material::default()
        }
    }
}

fn now() -> UnixTime {
    SystemClock.now()
}

#[test]
fn signatures_of_openssl_pass_in_every_form() {
    let Some(openssl) = Openssl::new() else {
        return;
    };
    for (options, content) in [
        ("-cades", Some(CONTENT)),
        ("-cades -nodetach", None),
        ("-nodetach", None),
        ("-nodetach -stream -indef", None),
        ("-nodetach -noattr", None),
        ("-noattr", Some(CONTENT)),
        ("-nodetach -keyid", None),
    ] {
        let bytes = openssl.sign(options);
        let (_, verdict) = judge(&bytes, content, openssl.material(), now()).unwrap();
        assert_eq!(
            verdict.indication,
            Some(Indication::TotalPassed),
            "{options}: {:?}",
            verdict.signatures[0].errors
        );
        let mut told = verdict.signatures[0].warnings.iter();
        let told = told.any(|one| one.code == Warning::CertificateNotSigned.into());
        assert_eq!(told, !options.contains("-cades"), "{options}");
    }
}

#[test]
fn each_thing_that_is_missing_has_its_own_sub_indication() {
    let Some(openssl) = Openssl::new() else {
        return;
    };
    let bytes = openssl.sign("-cades");
    let sub = |content: Option<&[u8]>, material: Material, at: UnixTime| {
        let (_, v) = judge(&bytes, content, material, at).unwrap();
        (
            v.indication.unwrap(),
            v.signatures[0].sub_indication.unwrap(),
        )
    };
    use Indication::{Indeterminate, TotalFailed};
    assert_eq!(
        sub(None, openssl.material(), now()),
        (Indeterminate, SubIndication::SignedDataNotFound)
    );
    assert_eq!(
        sub(Some(b"other"), openssl.material(), now()),
        (TotalFailed, SubIndication::HashFailure)
    );
    assert_eq!(
        sub(Some(CONTENT), Material::default(), now()),
        (Indeterminate, SubIndication::NoCertificateChainFound)
    );
    assert_eq!(
        sub(Some(CONTENT), openssl.anchored(), now()),
        (Indeterminate, SubIndication::TryLater)
    );
    assert_eq!(
        sub(Some(CONTENT), openssl.material(), now().plus_days(20 * 365)),
        (Indeterminate, SubIndication::OutOfBoundsNoPoe)
    );
    assert_eq!(
        sub(Some(CONTENT), openssl.material(), now().plus_days(60)),
        (Indeterminate, SubIndication::TryLater)
    );
    openssl.run(
        "ca -config ca.cnf -revoke ee.pem -cert ca.pem -keyfile ca.key -crl_reason keyCompromise",
    );
    openssl.run("ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca.key -out ca.crl");
    assert_eq!(
        sub(Some(CONTENT), openssl.material(), now()),
        (Indeterminate, SubIndication::RevokedNoPoe)
    );
}

#[test]
fn no_published_attack_is_valid_over_what_is_shown() {
    let Some(dir) = corpus("pdf-attacks") else {
        return;
    };
    let mut seen = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "pdf") {
            continue;
        }
        seen += 1;
        let bytes = fs::read(&path).unwrap();
        let material = || Material::default();
        // An attacker's victim trusts the signer: every certificate in the file becomes an anchor.
        let Ok((facts, _)) = judge(&bytes, None, material(), now()) else {
            continue;
        };
        let trusting = Material {
            anchors: facts
                .material
                .pool
                .iter()
                .filter_map(|c| TrustAnchor::from_certificate(c.clone()).ok())
                .collect(),
            ..Material::default()
        };
        let Ok((facts, verdict)) = judge(&bytes, None, trusting, now()) else {
            continue;
        };
        for (facts, verdict) in facts.signatures.iter().zip(&verdict.signatures) {
            let pdf = facts.pdf.as_ref().unwrap();
            let shown = matches!(pdf.coverage, Coverage::WholeFile | Coverage::WholeRevision)
                && pdf.changes.level == Modifications::None;
            assert!(
                verdict.indication != Indication::TotalPassed && !(shown && verdict.intact),
                "{}: {:?} {pdf:?}",
                path.display(),
                verdict.indication
            );
        }
    }
    assert!(seen > 0);
}

#[test]
fn odd_cms_is_refused_or_judged_and_never_panics() {
    let mut seen = 0;
    for name in ["cms-openssl", "rfc4134", "ers-tsp"] {
        let Some(dir) = corpus(name) else {
            return;
        };
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                seen += 1;
                let bytes = fs::read(&path).unwrap();
                if let Ok((_, verdict)) = judge(&bytes, None, Material::default(), now()) {
                    assert_ne!(
                        verdict.indication,
                        Some(Indication::TotalPassed),
                        "{} passes without an anchor",
                        path.display()
                    );
                }
            }
        }
    }
    assert!(seen > 20);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_flipped_bit_of_the_content_or_the_signed_attributes_passes(
        position in 0usize..1_000_000,
        bit in 0u8..8,
    ) {
        use std::sync::OnceLock;
        type Made = (Openssl, Vec<u8>, Vec<std::ops::Range<usize>>);
        static MADE: OnceLock<Option<Made>> = OnceLock::new();
        let made = MADE.get_or_init(|| {
            let openssl = Openssl::new()?;
            let bytes = openssl.sign("-cades -nodetach");
            let find = |what: &[u8]| {
                let at = bytes.windows(what.len()).position(|w| w == what).unwrap();
                at..at + what.len()
            };
            let data = ades::cms::parse::SignedData::parse(&bytes).unwrap();
            let signer = &data.signers[0];
            // The SET tag stands for the [0] of the message, so it is left out.
            let attributes = &signer.signed_attributes_der.as_ref().unwrap()[1..];
            let ranges = vec![find(CONTENT), find(attributes), find(&signer.signature)];
            Some((openssl, bytes, ranges))
        });
        if let Some((openssl, bytes, ranges)) = made {
            let total: usize = ranges.iter().map(std::ops::Range::len).sum();
            let mut offset = position % total;
            let at = ranges.iter().find_map(|r| {
                if offset < r.len() { Some(r.start + offset) } else { offset -= r.len(); None }
            }).unwrap();
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            if let Ok((_, verdict)) = judge(&changed, None, openssl.material(), now()) {
                prop_assert_ne!(verdict.indication, Some(Indication::TotalPassed));
            }
        }
    }
}
