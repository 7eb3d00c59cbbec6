//! Every kind of key with every digest, in files and PDFs, from a key file and from a token: each signature is computed again by
//! `cryptography` with a certificate that it issued itself, verified by `sceau verify`, and read by openssl or pyHanko where they know
//! the algorithm. And what has ended is refused.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use sceau_tests::environment::{sceau_program, softhsm_module};
use sceau_tests::judges::python::Reading;
use sceau_tests::judges::{openssl, python};
use sceau_tests::program::Call;
use sceau_tests::report::verify_call;
use sceau_tests::{Backend, VerifyReport};

use crate::possible;

const DIGESTS: [&str; 6] = [
    "sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512",
];
const PIN: &str = "135790";

/// A key, and how openssl makes it.
struct Kind {
    name: &'static str,
    generate: &'static str,
    /// What is signed with when nothing is chosen, as the judge calls it.
    usual: &'static str,
}

const KINDS: [Kind; 8] = [
    kind(
        "p256",
        "EC -pkeyopt ec_paramgen_curve:P-256",
        "ecdsa sha256",
    ),
    kind(
        "p384",
        "EC -pkeyopt ec_paramgen_curve:P-384",
        "ecdsa sha384",
    ),
    kind(
        "p521",
        "EC -pkeyopt ec_paramgen_curve:P-521",
        "ecdsa sha512",
    ),
    kind(
        "bp256",
        "EC -pkeyopt ec_paramgen_curve:brainpoolP256r1",
        "ecdsa sha256",
    ),
    kind(
        "bp384",
        "EC -pkeyopt ec_paramgen_curve:brainpoolP384r1",
        "ecdsa sha384",
    ),
    kind("rsa3072", "RSA -pkeyopt rsa_keygen_bits:3072", "rsa sha256"),
    kind("rsa4096", "RSA -pkeyopt rsa_keygen_bits:4096", "rsa sha512"),
    kind("ed25519", "ED25519", "Ed25519"),
];

const fn kind(name: &'static str, generate: &'static str, usual: &'static str) -> Kind {
    Kind {
        name,
        generate,
        usual,
    }
}

/// One way to sign: options, and what the judge has to find.
struct Way {
    options: Vec<String>,
    expected: String,
}

impl Kind {
    fn ways(&self) -> Vec<Way> {
        let way = |options: &[&str], expected: &str| Way {
            options: options.iter().map(|o| (*o).to_owned()).collect(),
            expected: expected.to_owned(),
        };
        let mut ways = vec![way(&[], self.usual)];
        let (family, _) = self.usual.split_once(' ').unwrap_or((self.usual, ""));
        for digest in DIGESTS {
            let found = digest.replace('-', "_");
            match family {
                "ecdsa" => ways.push(way(&["--digest", digest], &format!("ecdsa {found}"))),
                "rsa" => {
                    for (padding, found) in [
                        ("pkcs1", format!("rsa {found}")),
                        ("pss", format!("pss {found}")),
                    ] {
                        ways.push(way(&["--digest", digest, "--rsa-padding", padding], &found));
                    }
                }
                _ => {}
            }
        }
        ways
    }

    /// Whether the backend computes it: Brainpool and RSA with SHA-3 are not for key files.
    fn computed(&self, backend: Backend, way: &Way) -> bool {
        let software = backend == Backend::KeyFile;
        let brainpool = self.name.starts_with("bp");
        let sha3_rsa = self.name.starts_with("rsa") && way.expected.contains("sha3_");
        !(software && (brainpool || sha3_rsa))
    }
}

struct World {
    dir: tempfile::TempDir,
    root: PathBuf,
}

impl World {
    /// Keys by openssl, the same in files and in a token, and certificates by the judge.
    fn new(backend: Backend) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let world = Self {
            root: dir.path().join("root.pem"),
            dir,
        };
        std::fs::write(world.path("notes.txt"), "What is agreed.\r\n")?;
        std::fs::write(world.path("contract.pdf"), pdf()?)?;
        let mut spkis = Vec::new();
        for kind in KINDS {
            let key = world.path(&format!("{}.key", kind.name));
            openssl::openssl("genpkey")
                .arg("-algorithm")
                .args(kind.generate.split(' '))
                .arg("-out")
                .arg(&key)
                .succeed()?;
            let spki = world.path(&format!("{}.spki", kind.name));
            openssl::openssl("pkey")
                .args(["-pubout", "-outform", "DER", "-in"])
                .arg(&key)
                .arg("-out")
                .arg(&spki)
                .succeed()?;
            spkis.push(spki);
        }
        python::shared().certify(&world.root, &spkis)?;
        if backend == Backend::SoftHsm {
            world.fill_token()?;
        }
        Ok(world)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn fill_token(&self) -> Result<()> {
        let tokens = self.path("tokens");
        std::fs::create_dir(&tokens)?;
        let configuration = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\n",
            tokens.display()
        );
        std::fs::write(self.path("softhsm2.conf"), configuration)?;
        let tool = || Call::new("softhsm2-util").env("SOFTHSM2_CONF", self.path("softhsm2.conf"));
        tool()
            .args([
                "--init-token",
                "--free",
                "--label",
                "matrix",
                "--pin",
                PIN,
                "--so-pin",
                PIN,
            ])
            .succeed()?;
        for (number, kind) in KINDS.iter().enumerate() {
            tool()
                .arg("--import")
                .arg(self.path(&format!("{}.key", kind.name)))
                .args(["--token", "matrix", "--label", kind.name, "--pin", PIN])
                .args(["--id", &format!("{number:04x}")])
                .succeed()?;
        }
        Ok(())
    }

    fn sign(&self, backend: Backend, kind: &Kind, input: &str, out: &Path) -> Result<Call> {
        let call = sceau_program("sceau")?
            .arg("sign")
            .arg(self.path(input))
            .arg("--out")
            .arg(out)
            .arg("--cert")
            .arg(self.path(&format!("{}.spki.pem", kind.name)))
            .arg("--key");
        Ok(match backend {
            Backend::KeyFile => call
                .arg(self.path(&format!("{}.key", kind.name)))
                .env("SCEAU_PIN", "none"),
            Backend::SoftHsm => call
                .arg(format!("pkcs11:token=matrix;object={}", kind.name))
                .env("SCEAU_PIN", PIN)
                .env("SOFTHSM2_CONF", self.path("softhsm2.conf"))
                .env(
                    "SCEAU_PKCS11_MODULE",
                    softhsm_module().context("no SoftHSM")?,
                ),
        })
    }
}

/// A page, and an xref table that is right.
fn pdf() -> Result<Vec<u8>> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>",
    ];
    let mut out = "%PDF-1.7\n%\u{e2}\u{e3}\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (number, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", out.len())?;
        writeln!(out, "{} 0 obj\n{object}\nendobj", number + 1)?;
    }
    let at = out.len();
    write!(
        out,
        "xref\n0 4\n{table}trailer\n<< /Size 4 /Root 1 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] >>\nstartxref\n{at}\n%%EOF\n"
    )?;
    Ok(out.into_bytes())
}

fn every_algorithm(backend: Backend) -> Result<()> {
    if !possible(backend) {
        return Ok(());
    }
    let world = World::new(backend)?;
    let content = world.path("notes.txt");
    for kind in KINDS {
        for (number, way) in kind.ways().iter().enumerate() {
            for (input, extension) in [("notes.txt", "p7s"), ("contract.pdf", "pdf")] {
                let out = world.path(&format!("{}-{number}.{extension}", kind.name));
                let what = format!("{} {:?} {extension}", kind.name, way.options);
                let call = world.sign(backend, &kind, input, &out)?.args(&way.options);
                if !kind.computed(backend, way) {
                    let refused = call.run()?;
                    ensure!(refused.err().contains("token"), "{what}: {refused}");
                    ensure!(!out.exists(), "{what}: something was written");
                    continue;
                }
                let signed = call.run()?;
                // What PKCS#11 cannot say to this token is named, not approximated: PSS with SHA-3 goes with the bare operation.
                ensure!(signed.success(), "{what}: {signed}");
                let computed = python::shared()
                    .signature(&out, &content)
                    .with_context(|| what.clone())?;
                ensure!(computed.algorithm == way.expected, "{what}: {computed:?}");
                if let Some((_, digest)) = way.expected.split_once(' ') {
                    ensure!(computed.digest == digest, "{what}: {computed:?}");
                }
                judged_by_others(&world, &kind, way, &out, &content)
                    .with_context(|| what.clone())?;
                let mut verify =
                    verify_call(&out, std::slice::from_ref(&world.root))?.arg("--offline");
                if extension == "p7s" {
                    verify = verify.arg("--content").arg(&content);
                }
                let (report, outcome) = VerifyReport::of(&verify)?;
                ensure!(report.signatures[0].intact, "{what}: {outcome}");
            }
        }
    }
    Ok(())
}

fn judged_by_others(
    world: &World,
    kind: &Kind,
    way: &Way,
    out: &Path,
    content: &Path,
) -> Result<()> {
    let sha3 = way.expected.contains("sha3_");
    if out.extension().is_some_and(|e| e == "pdf") {
        // pyHanko's tables have no Brainpool and no SHA-3 with RSA.
        if kind.name.starts_with("bp") || sha3 {
            return Ok(());
        }
        let read = python::shared().pdf(out, std::slice::from_ref(&world.root), Reading::Strict)?;
        ensure!(read.len() == 1 && read[0].bottom_line, "pyHanko: {read:?}");
    } else if !sha3 && kind.name != "ed25519" {
        // openssl 3.0 reads neither in CMS.
        openssl::cms_verify(out, Some(content), &world.root, &[], &world.path("out"))?;
    }
    Ok(())
}

#[test]
fn every_algorithm_is_verified_by_others_from_key_files() -> Result<()> {
    every_algorithm(Backend::KeyFile)
}

#[test]
fn every_algorithm_is_verified_by_others_from_a_token() -> Result<()> {
    every_algorithm(Backend::SoftHsm)
}

#[test]
fn what_has_ended_does_not_sign_and_what_ends_says_when() -> Result<()> {
    if !possible(Backend::KeyFile) {
        return Ok(());
    }
    let world = World::new(Backend::KeyFile)?;
    let sign = |kind: &Kind, name: &str| {
        let out = world.path(name);
        world.sign(Backend::KeyFile, kind, "notes.txt", &out)
    };
    // Digests that ended, with the day; and choices that a key does not leave.
    let [p256, .., ed25519] = &KINDS;
    for (kind, options, said, code) in [
        (p256, &["--digest", "sha1"][..], "2011-12-31", 64),
        (p256, &["--digest", "sha224"], "2025-12-31", 64),
        (p256, &["--digest", "md5"], "sha256", 64),
        (p256, &["--rsa-padding", "pss"], "padding", 65),
        (ed25519, &["--digest", "sha512"], "message itself", 65),
        (p256, &["--algorithm", "rsa-sha256"], "P-256", 65),
    ] {
        let outcome = sign(kind, "x.p7s")?.args(options).run()?;
        ensure!(outcome.code == Some(code), "{options:?}: {outcome}");
        ensure!(outcome.err().contains(said), "{options:?}: {outcome}");
    }
    // Keys that ended, or end.
    for (generate, name, said, signs) in [
        (
            "RSA -pkeyopt rsa_keygen_bits:2048",
            "short",
            "2028-12-31",
            true,
        ),
        (
            "RSA -pkeyopt rsa_keygen_bits:1536",
            "shorter",
            "2010-12-31",
            false,
        ),
        (
            "EC -pkeyopt ec_paramgen_curve:P-224",
            "p224",
            "256 bits",
            false,
        ),
        (
            "EC -pkeyopt ec_paramgen_curve:prime192v1",
            "p192",
            "2013-12-31",
            false,
        ),
    ] {
        let kind = kind(name, generate, "");
        let key = world.path(&format!("{name}.key"));
        openssl::openssl("genpkey")
            .arg("-algorithm")
            .args(generate.split(' '))
            .arg("-out")
            .arg(&key)
            .succeed()?;
        let spki = world.path(&format!("{name}.spki"));
        openssl::openssl("pkey")
            .args(["-pubout", "-outform", "DER", "-in"])
            .arg(&key)
            .arg("-out")
            .arg(&spki)
            .succeed()?;
        let certified = python::shared().certify(&world.path("other-root.pem"), &[spki]);
        // The judge itself does not certify some of them any more.
        if certified.is_err() {
            std::fs::copy(
                world.path("p256.spki.pem"),
                world.path(&format!("{name}.spki.pem")),
            )?;
        }
        let outcome = sign(&kind, &format!("{name}.p7s"))?.run()?;
        ensure!(outcome.success() == signs, "{name}: {outcome}");
        ensure!(outcome.err().contains(said), "{name}: {outcome}");
        ensure!(signs || outcome.code == Some(65), "{name}: {outcome}");
    }
    Ok(())
}
