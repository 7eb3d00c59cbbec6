//! Keys, certificates and documents of a small company, made with openssl, and the program run
//! among them.

#![allow(dead_code, unreachable_pub, clippy::print_stderr, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub const PASSPHRASE: &str = "correct horse";

/// Whether the tools are installed; says which is not.
pub fn there(tools: &[&str]) -> bool {
    tools.iter().all(|tool| {
        let found = std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|p| p.join(tool).is_file()));
        if !found {
            eprintln!("skipped: {tool} not found");
        }
        found
    })
}

/// A folder with `root.pem`, `issuing.pem`, `stranger.pem` (an authority that has nothing to do
/// with them), `acme.key`, its certificate `acme.pem`, `before.pem` (the same key, expired),
/// `acme.p12` with all of them, `notes.txt` and `contract.pdf`.
pub struct Office {
    dir: tempfile::TempDir,
}

impl Office {
    pub fn new() -> Self {
        let office = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        office.authority("root", None);
        office.authority("stranger", None);
        office.authority("issuing", Some("root"));
        office.request("acme");
        let usage =
            "keyUsage=critical,digitalSignature,nonRepudiation\nauthorityKeyIdentifier=keyid\n";
        office.certify("acme", "before", "issuing", usage, "-1");
        office.certify("acme", "acme", "issuing", usage, "9");
        let all: Vec<u8> = ["before", "stranger", "root", "acme", "issuing"]
            .iter()
            .flat_map(|name| office.read(format!("{name}.pem")))
            .collect();
        office.write("all.pem", &all);
        office.openssl(&[
            "pkcs12",
            "-export",
            "-inkey",
            "acme.key",
            "-in",
            "all.pem",
            "-out",
            "acme.p12",
            "-passout",
            &format!("pass:{PASSPHRASE}"),
        ]);
        office.write("notes.txt", b"Some notes.\n");
        office.write("contract.pdf", &contract());
        office
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub fn write(&self, name: impl AsRef<Path>, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// What lies in a folder of the office.
    pub fn names(&self, folder: &str) -> BTreeSet<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().to_str().unwrap().to_owned();
        entries.map(|entry| name(entry.unwrap())).collect()
    }

    /// `sceau sign` with these arguments, to be run.
    pub fn sign(&self, args: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sceau"));
        command
            .arg("sign")
            .args(args)
            .current_dir(self.dir.path())
            .env("SCEAU_PIN", PASSPHRASE)
            .env("XDG_CONFIG_HOME", "/dev/null")
            .env("XDG_CACHE_HOME", "/dev/null")
            .env("NO_PROXY", "127.0.0.1");
        command
    }

    pub fn openssl(&self, args: &[&str]) -> Output {
        self.run("openssl", args)
    }

    /// Runs a tool in the office; it must succeed.
    pub fn run(&self, tool: &str, args: &[&str]) -> Output {
        let output = self.tool(tool).args(args).output().unwrap();
        assert!(output.status.success(), "{tool} {args:?}: {output:?}");
        output
    }

    /// A tool in the office, where SoftHSM finds its configuration.
    pub fn tool(&self, tool: &str) -> Command {
        let mut command = Command::new(tool);
        command
            .current_dir(self.dir.path())
            .env_remove("OPENSSL_CONF")
            .env("SOFTHSM2_CONF", self.path("softhsm2.conf"));
        command
    }

    /// The subjects of the certificates in a CMS signature, in its order, after openssl has
    /// verified it up to the root.
    pub fn verified_subjects(&self, signature: &str, content: &str) -> BTreeSet<String> {
        self.openssl(&[
            "cms",
            "-verify",
            "-binary",
            "-cades",
            "-inform",
            "DER",
            "-in",
            signature,
            "-content",
            content,
            "-CAfile",
            "root.pem",
            "-purpose",
            "any",
            "-certsout",
            "carried.pem",
            "-out",
            "/dev/null",
        ]);
        let output = self.openssl(&[
            "crl2pkcs7",
            "-nocrl",
            "-certfile",
            "carried.pem",
            "-out",
            "carried.p7",
        ]);
        assert!(output.status.success());
        let output = self.openssl(&["pkcs7", "-in", "carried.p7", "-print_certs", "-noout"]);
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .filter_map(|line| line.strip_prefix("subject="))
            .map(|subject| subject.rsplit("CN = ").next().unwrap().to_owned())
            .collect()
    }

    fn authority(&self, name: &str, issuer: Option<&str>) {
        self.request(name);
        let usage = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n";
        self.certify(name, name, issuer.unwrap_or(name), usage, "9");
    }

    fn request(&self, name: &str) {
        self.openssl(&[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            &format!("{name}.key"),
            "-out",
            &format!("{name}.csr"),
            "-subj",
            &format!("/C=MC/CN={name}"),
        ]);
    }

    pub fn certify(&self, request: &str, name: &str, issuer: &str, extensions: &str, days: &str) {
        self.write("extensions", extensions.as_bytes());
        let (csr, out) = (format!("{request}.csr"), format!("{name}.pem"));
        let (key, certificate) = (format!("{issuer}.key"), format!("{issuer}.pem"));
        let mut args = vec!["x509", "-req", "-extfile", "extensions"];
        args.extend(["-in", &csr, "-out", &out, "-days", days]);
        if issuer == name {
            args.extend(["-signkey", &key]);
        } else {
            args.extend(["-CA", &certificate, "-CAkey", &key, "-CAcreateserial"]);
        }
        self.openssl(&args);
    }
}

/// One empty page.
fn contract() -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (i, body) in [
        "<</Type /Catalog /Pages 2 0 R>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>",
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>>>>",
    ]
    .iter()
    .enumerate()
    {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{body}\nendobj\n", i + 1).bytes());
    }
    let xref = out.len();
    out.extend(b"xref\n0 4\n0000000000 65535 f \n");
    for offset in offsets {
        out.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    out.extend(format!("trailer\n<</Size 4 /Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n").bytes());
    out
}

/// What a program said on standard error, after it failed as expected.
pub fn refused(output: &Output, exit: i32) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(exit), "{said}");
    assert!(said.contains("\n  hint: "), "no hint: {said}");
    said
}

/// What a program said on standard error, after it succeeded.
pub fn succeeded(output: &Output) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(output.status.success(), "{said}");
    said
}
