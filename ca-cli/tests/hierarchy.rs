//! The life of a hierarchy on the command line: two folders that exchange files, generations, the end of
//! an authority and its archive, judged by openssl and sha256sum.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{done, has, openssl, sceau_ca};

const OFFICE: &str = "C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001";
const ACME: &str = "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM";

fn refused(folder: &Path, code: i32, words: &str, more: &[&str]) -> String {
    let output = sceau_ca(folder, words, more);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{words}: {errors}");
    assert!(errors.contains("  hint: "), "{errors}");
    errors
}

#[test]
fn an_offline_root_and_an_online_ca_are_two_folders() {
    if !has("openssl", &["version"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    for name in ["offline", "online"] {
        done(
            home,
            &format!("init {name} --base-url http://pki.sceau.example"),
            &[],
        );
    }
    let root = "-C offline ca create root --profile root-ca --key offline/keys/root.pem \
                --out root.pem --subject";
    done(home, root, &[&format!("{OFFICE},CN=Offline Root")]);
    let ask = "-C online ca request companies --key online/keys/companies.pem --out companies.p10 --subject";
    let companies = format!("{OFFICE},CN=Online Companies");
    done(home, ask, &[&companies]);
    openssl(home, "req -verify -noout -in companies.p10", &[]);
    let sign = "-C offline ca sign-request companies.p10 --issuer root --name companies \
                --out companies.pem --chain-out chain.pem --subject";
    let errors = refused(home, 65, sign, &[&format!("{OFFICE},CN=Somebody Else")]);
    assert!(errors.contains("another subject"), "{errors}");
    done(home, sign, &[&companies]);
    let import = "-C online ca import-certificate companies companies.pem --chain";
    refused(home, 65, import, &["companies.pem"]);
    done(home, import, &["chain.pem"]);
    let crl = "-C offline crl --ca root --days 180 --out root.crl";
    done(home, crl, &[]);
    done(home, "-C online ca import-crl root.crl", &[]);
    refused(home, 65, "-C online ca import-crl root.crl", &[]);
    refused(home, 69, "-C online crl --ca root", &[]);
    let issue = "-C online issue --ca companies --profile company-seal --generate-key seal-key.pem \
                 --out seal.pem --chain-out seal-chain.pem --subject";
    done(home, issue, &[ACME]);
    done(
        home,
        "-C online crl --ca companies --out companies.crl.pem",
        &[],
    );
    openssl(home, "crl -inform DER -in root.crl -out root.crl.pem", &[]);
    let verify = "verify -x509_strict -crl_check_all -CAfile root.pem -untrusted seal-chain.pem \
                  -CRLfile root.crl.pem -CRLfile companies.crl.pem seal.pem";
    openssl(home, verify, &[]);

    // Renewal: the same name and key, asked for and carried the same way.
    done(home, "-C online ca request companies --out again.p10", &[]);
    let sign =
        "-C offline ca sign-request again.p10 --issuer root --name companies --out companies-2.pem";
    done(home, sign, &[]);
    let shown = done(
        home,
        "-C online ca import-certificate companies companies-2.pem --chain chain.pem",
        &[],
    );
    assert!(shown.contains("has a new certificate"), "{shown}");
    let verify = "verify -x509_strict -CAfile root.pem -untrusted companies-2.pem seal.pem";
    openssl(home, verify, &[]);
    done(home, "-C online audit verify", &[]);
    done(home, "-C offline audit verify", &[]);
}

#[test]
fn generations_reach_each_other_and_an_ended_one_leaves_a_checked_archive() {
    if !has("openssl", &["version"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    support::authority(home);
    let seal = |ca: &str, name: &str| {
        let words = format!(
            "-C ca issue --ca {ca} --profile company-seal --generate-key {name}.key --out {name}.pem \
             --chain-out {name}-chain.pem --subject"
        );
        sceau_ca(home, &words, &[ACME])
    };
    assert!(seal("companies", "old").status.success());
    done(
        home,
        "-C ca ca rollover root --new-name root-g2 --key ca/keys/root-g2.pem --out root-g2.pem",
        &[],
    );
    let words = "-C ca ca rollover companies --new-name companies-g2 --issuer root-g2 \
                 --key ca/keys/companies-g2.pem --out companies-g2.pem";
    let shown = done(home, words, &[]);
    assert!(shown.contains("Example Companies CA G2"), "{shown}");
    done(
        home,
        "-C ca ca link root --by root-g2 --out old-with-new.pem",
        &[],
    );
    done(
        home,
        "-C ca ca link root-g2 --by root --out new-with-old.pem",
        &[],
    );
    let again = seal("companies", "late");
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("companies-g2"));
    assert!(seal("companies-g2", "new").status.success());
    for (anchor, link, issuing, leaf) in [
        ("root-ca.pem", None, "companies-ca.pem", "old.pem"),
        ("root-g2.pem", None, "companies-g2.pem", "new.pem"),
        (
            "root-ca.pem",
            Some("new-with-old.pem"),
            "companies-g2.pem",
            "new.pem",
        ),
        (
            "root-g2.pem",
            Some("old-with-new.pem"),
            "companies-ca.pem",
            "old.pem",
        ),
    ] {
        let link = link.map(|l| format!("-untrusted {l} ")).unwrap_or_default();
        let words =
            format!("verify -x509_strict -CAfile {anchor} {link}-untrusted {issuing} {leaf}");
        openssl(home, &words, &[]);
    }

    // The end of the old issuing CA.
    let end = "-C ca ca terminate companies --certificates revoke --archive archive \
               --key-fate destroyed --statement deleted --reason ended --confirm";
    refused(home, 64, end, &["root"]);
    done(home, end, &["companies"]);
    assert!(
        String::from_utf8_lossy(&seal("companies", "never").stderr).contains("was terminated on")
    );
    refused(home, 1, "-C ca crl --ca companies", &[]);
    // Its key is destroyed; the CRLs of the others go on.
    fs::remove_file(home.join("ca/keys/companies.pem")).unwrap();
    done(home, "-C ca crl --all", &[]);
    done(home, "archive verify archive", &[]);
    let crls = fs::read_dir(home.join("archive/crls")).unwrap();
    let last = crls.map(|e| e.unwrap().path()).max().unwrap();
    let text = openssl(
        home,
        "crl -inform DER -noout -nextupdate -in",
        &[last.to_str().unwrap()],
    );
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("9999"), "{text}");
    if has("sha256sum", &["--version"]) {
        let judged = Command::new("sha256sum")
            .args(["--check", "--quiet", "SHA256SUMS"])
            .current_dir(home.join("archive"))
            .output()
            .unwrap();
        assert!(judged.status.success());
    }
    // One octet of any file, a file too many, a file missing.
    for name in [
        "certificates.jsonl",
        "journal.jsonl",
        "authority.pem",
        "manifest.json",
    ] {
        let path = home.join("archive").join(name);
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        let at = changed.len() / 2;
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        refused(home, 1, "archive verify archive", &[]);
        fs::write(&path, &whole).unwrap();
    }
    let extra = home.join("archive/extra.txt");
    fs::write(&extra, "").unwrap();
    refused(home, 1, "archive verify archive", &[]);
    fs::remove_file(extra).unwrap();
    done(home, "archive verify archive", &[]);
    done(home, "-C ca audit verify", &[]);
}
