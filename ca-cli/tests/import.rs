//! What `openssl ca` issued and revoked goes on here: openssl itself says whether it does.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ca_core::status::{Status, StatusReader};

const CONFIG: &str = "\
[ca]
default_ca = d
[d]
database = index.txt
new_certs_dir = newcerts
serial = serial
crlnumber = crlnumber
certificate = cacert.pem
private_key = cakey.pem
default_md = sha256
policy = p
default_days = 365
default_crl_days = 30
crl_extensions = crl
unique_subject = no
utf8 = yes
[p]
commonName = supplied
countryName = optional
[crl]
authorityKeyIdentifier = keyid
[v3_ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[req]
distinguished_name = dn
[dn]
";
const IMPORT: &str = "-C ca import openssl --ca old --index index.txt --certs newcerts";

/// An authority of `openssl ca` with nine certificates, revoked for every reason, one file lost.
fn openssl_ca(folder: &Path) {
    fs::create_dir(folder.join("newcerts")).unwrap();
    for (name, text) in [
        ("index.txt", ""),
        ("serial", "0FFC\n"),
        ("crlnumber", "1000\n"),
        ("openssl.cnf", CONFIG),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config openssl.cnf";
    let root = format!(
        "req -x509 {key} -keyout cakey.pem -out cacert.pem -days 3650 -extensions v3_ca -subj"
    );
    support::openssl(folder, &root, &["/C=MC/O=Old Trust/CN=Old CA"]);
    for n in 0..9 {
        let request = format!("req -new {key} -utf8 -keyout k.pem -out r.csr -subj");
        support::openssl(folder, &request, &[&format!("/C=MC/CN=Zo\u{e9}, no. {n}")]);
        let issue = format!("ca -batch -config openssl.cnf -in r.csr -out c{n}.pem -notext");
        support::openssl(folder, &issue, &[]);
    }
    for (n, how) in [
        (0, ""),
        (1, "-crl_reason superseded"),
        (2, "-crl_compromise 20250102030405Z"),
        (3, "-crl_hold holdInstructionReject"),
        (4, "-crl_reason cessationOfOperation"),
        (5, "-crl_reason keyCompromise"),
    ] {
        support::openssl(
            folder,
            &format!("ca -config openssl.cnf -revoke c{n}.pem {how}"),
            &[],
        );
    }
    support::openssl(folder, "ca -config openssl.cnf -gencrl -out old.crl", &[]);
    fs::remove_file(folder.join("newcerts/0FFE.pem")).unwrap();
}

fn adopted(folder: &Path) {
    support::done(folder, "init ca --base-url http://pki.sceau.example", &[]);
    support::done(
        folder,
        "-C ca ca adopt old --cert cacert.pem --key cakey.pem",
        &[],
    );
}

#[test]
fn status_goes_on_as_openssl_tells_it() {
    if !support::has("openssl", &["version"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    openssl_ca(folder);
    adopted(folder);
    let dry = support::done(folder, &format!("{IMPORT} --crl old.crl --dry-run -v"), &[]);
    assert!(
        dry.contains("would import 8 certificates, 1 serial numbers"),
        "{dry}"
    );
    let done = support::done(
        folder,
        &format!("{IMPORT} --crl old.crl --report r.csv"),
        &[],
    );
    assert!(
        done.contains(
            "imported 8 certificates, 1 serial numbers without certificate, 6 revocations"
        ),
        "{done}"
    );
    let again = support::done(folder, &format!("{IMPORT} --crl old.crl"), &[]);
    assert!(again.contains("9 already there, 0 refused"), "{again}");
    support::done(folder, "-C ca audit verify -q", &[]);

    // What `openssl ocsp` answers from its database, our responders answer from our record.
    let reader = StatusReader::open(&folder.join("ca/record.sqlite")).unwrap();
    for n in 0x0FFB_u16..=0x1005 {
        let request = format!("ocsp -issuer cacert.pem -serial 0x{n:X} -no_nonce -reqout q.der");
        support::openssl(folder, &request, &[]);
        let answer = "ocsp -index index.txt -CA cacert.pem -rsigner cacert.pem -rkey cakey.pem \
                      -ndays 1 -reqin q.der -text";
        let said = String::from_utf8(support::openssl(folder, answer, &[])).unwrap();
        let field = |name: &str| {
            let at = said.find(name)? + name.len();
            said[at..].lines().next().map(|l| l.trim().to_lowercase())
        };
        let theirs = field("Cert Status:").unwrap();
        let octets = n.to_be_bytes();
        let (ours, reason) = match reader.status("old", &octets).unwrap() {
            None => ("unknown", None),
            Some(Status::Good) => ("good", None),
            Some(Status::Revoked { reason, .. }) => ("revoked", Some(reason)),
        };
        assert_eq!(ours, theirs, "{n:x}");
        let told = field("Revocation Reason:").map(|r| r[..r.find(" (").unwrap()].replace(' ', ""));
        let reason = reason
            .filter(|r| r.code() != 0)
            .map(|r| r.name().to_lowercase());
        assert_eq!(reason, told, "{n:x}: {said}");
    }

    // Our next CRL has the same entries as their next one, and a higher number than their last.
    support::done(folder, "-C ca crl --ca old --out ours.crl", &[]);
    let ours = crl(
        folder,
        "crl -inform DER -in ours.crl -noout -text -CAfile cacert.pem",
    );
    let theirs = crl(folder, "crl -in old.crl -noout -text");
    assert_eq!(ours.1, theirs.1);
    assert_eq!((ours.0, theirs.0), (0x1001, 0x1000));
    let verified = support::sceau_ca(folder, "-C ca crl --ca old", &[]);
    assert!(verified.status.success());
    // What another process changes in a row is found.
    drop(reader);
    let db = rusqlite::Connection::open(folder.join("ca/record.sqlite")).unwrap();
    db.execute_batch(
        "DROP TRIGGER certificate_is_final; UPDATE certificate SET subject = 'Mallory' WHERE serial = x'1003'",
    )
    .unwrap();
    drop(db);
    let found = support::sceau_ca(folder, "-C ca audit verify", &[]);
    assert_eq!(found.status.code(), Some(1));
    let said = String::from_utf8_lossy(&found.stderr).into_owned();
    assert!(said.contains("imported certificate 1003"), "{said}");
}

/// The number, and each entry's serial with its date and extensions.
fn crl(folder: &Path, words: &str) -> (u64, BTreeMap<String, Vec<String>>) {
    let text = String::from_utf8(support::openssl(folder, words, &[])).unwrap();
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let number = lines
        .iter()
        .position(|l| *l == "X509v3 CRL Number:")
        .unwrap();
    let number = lines[number + 1].parse().unwrap();
    let mut entries: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut serial = String::new();
    for line in lines {
        if let Some(found) = line.strip_prefix("Serial Number: ") {
            serial = found.to_owned();
            entries.insert(serial.clone(), Vec::new());
        } else if line.starts_with("Signature Algorithm") {
            serial.clear();
        } else if line.starts_with("Hold Instruction") {
            // RFC 5280 no longer has it.
        } else if let Some(entry) = entries.get_mut(&serial) {
            entry.push(line.to_owned());
        }
    }
    (number, entries)
}

#[test]
fn ejbcas_files_and_what_does_not_belong_among_them() {
    if !support::has("openssl", &["version"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    openssl_ca(folder);
    adopted(folder);
    // EJBCA's export: subject and issuer before each certificate, all in one file; and the last CRL in DER.
    let mut bundle = String::new();
    for n in [0, 1, 2, 5, 6, 7] {
        let pem = fs::read_to_string(folder.join(format!("c{n}.pem"))).unwrap();
        bundle += &format!("Subject: CN=Zo\u{e9}\nIssuer: CN=Old CA,O=Old Trust,C=MC\n{pem}");
    }
    let stranger = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout s.key \
                    -out s.pem -days 9 -config openssl.cnf -extensions v3_ca -subj";
    support::openssl(folder, stranger, &["/C=MC/O=Old Trust/CN=Old CA"]);
    bundle += &fs::read_to_string(folder.join("s.pem")).unwrap();
    bundle += "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    fs::write(folder.join("all.pem"), bundle).unwrap();
    support::openssl(folder, "crl -in old.crl -outform DER -out old.der", &[]);
    let import = "-C ca import ejbca --ca old --certs all.pem --crl old.der --report r.csv";
    let output = support::sceau_ca(folder, import, &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains(
            "imported 6 certificates, 2 serial numbers without certificate, 6 revocations"
        ),
        "{said}"
    );
    assert!(said.contains("2 refused"), "{said}");
    let report = fs::read_to_string(folder.join("r.csv")).unwrap();
    assert!(
        report.contains("does not verify with the authority's key"),
        "{report}"
    );
    support::done(folder, "-C ca audit verify -q", &[]);
    // Another authority's CRL is none of ours.
    support::openssl(
        folder,
        "ca -config openssl.cnf -gencrl -keyfile s.key -cert s.pem -out s.crl",
        &[],
    );
    let foreign = support::sceau_ca(
        folder,
        "-C ca import certificates --ca old --crl s.crl",
        &[],
    );
    assert_eq!(foreign.status.code(), Some(65));
}

/// What was suspended when it was imported, and revoked by the other product since, is good never again.
#[test]
fn a_suspension_that_a_later_crl_makes_final_cannot_be_resumed() {
    if !support::has("openssl", &["version"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    openssl_ca(folder);
    adopted(folder);
    support::done(folder, &format!("{IMPORT} --crl old.crl"), &[]);
    let index = fs::read_to_string(folder.join("index.txt")).unwrap();
    let index = index.replace("holdInstruction,holdInstructionReject", "keyCompromise");
    fs::write(folder.join("index.txt"), index).unwrap();
    support::openssl(folder, "ca -config openssl.cnf -gencrl -out new.crl", &[]);
    let dry = support::done(folder, &format!("{IMPORT} --crl new.crl --dry-run"), &[]);
    assert!(dry.contains("1 revocations"), "{dry}");
    let done = support::done(folder, &format!("{IMPORT} --crl new.crl"), &[]);
    assert!(done.contains("1 revocations"), "{done}");
    // An older CRL does not undo it.
    support::done(folder, &format!("{IMPORT} --crl old.crl"), &[]);
    let resume = "-C ca resume --ca old --cert c3.pem";
    assert!(!support::sceau_ca(folder, resume, &[]).status.success());
    support::done(folder, "-C ca crl --ca old --out ours.crl", &[]);
    let ours = crl(
        folder,
        "crl -inform DER -in ours.crl -noout -text -CAfile cacert.pem",
    );
    let reason = ours.1["0FFF"].join(" ");
    assert!(reason.contains("Key Compromise"), "{reason}");
    support::done(folder, "-C ca audit verify -q", &[]);
}

/// A serial number that no CRL may list would keep the authority from issuing CRLs for ever.
#[test]
fn serial_numbers_that_no_crl_may_list_stay_out_of_the_record() {
    if !support::has("openssl", &["version"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    openssl_ca(folder);
    adopted(folder);
    let mut index = fs::read_to_string(folder.join("index.txt")).unwrap();
    for (serial, date) in [
        ("42".repeat(25), "250102030405Z"),
        ("00".into(), "250102030405Z"),
        ("ABCD".into(), "700102030405Z,keyTime,19700102030405Z"),
    ] {
        index += &format!("R\t270101000000Z\t{date}\t{serial}\tunknown\t/CN=odd\n");
    }
    fs::write(folder.join("index.txt"), index).unwrap();
    let output = support::sceau_ca(folder, &format!("{IMPORT} --report r.csv"), &[]);
    assert_eq!(output.status.code(), Some(1));
    let report = fs::read_to_string(folder.join("r.csv")).unwrap();
    assert_eq!(report.matches("no CRL may list").count(), 2, "{report}");
    support::done(folder, "-C ca crl --ca old --out ours.crl", &[]);
    let text = "crl -inform DER -in ours.crl -noout -text -CAfile cacert.pem";
    assert!(crl(folder, text).1.contains_key("ABCD"));
}

/// An organisation's certificate that an interrupted import brought goes with its organisation.
#[test]
fn an_interrupted_import_leaves_nothing_that_strike_off_would_pass_by() {
    if !support::has("openssl", &["version"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    openssl_ca(folder);
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config openssl.cnf";
    support::openssl(
        folder,
        &format!("req -new {key} -keyout k.pem -out r.csr -subj"),
        &["/C=MC/O=Acme/organizationIdentifier=VATMC-12345678/CN=Seal"],
    );
    let issue =
        "ca -batch -config openssl.cnf -preserveDN -policy any -in r.csr -out seal.pem -notext";
    let any = "[any]\ncommonName = supplied\ncountryName = optional\norganizationName = optional\n\
               organizationIdentifier = optional\n";
    fs::write(folder.join("openssl.cnf"), format!("{CONFIG}{any}")).unwrap();
    support::openssl(folder, issue, &[]);
    adopted(folder);
    let broken = support::sceau_ca(folder, &format!("{IMPORT} --certs nonexistent"), &[]);
    assert_eq!(broken.status.code(), Some(74));
    let db = rusqlite::Connection::open(folder.join("ca/record.sqlite")).unwrap();
    let ask = |what: &str| -> i64 { db.query_row(what, [], |row| row.get(0)).unwrap() };
    let recorded =
        ask("SELECT count(*) FROM certificate WHERE profile = 'imported' AND der IS NOT NULL");
    assert!(recorded > 0);
    assert_eq!(
        ask("SELECT count(*) FROM certificate_registration"),
        recorded
    );
    let organisation =
        "SELECT count(*) FROM certificate_registration WHERE organisation = 'VATMC-12345678'";
    assert_eq!(ask(organisation), 1);
    support::done(folder, IMPORT, &[]);
    support::done(folder, "-C ca audit verify -q", &[]);
    // Whoever takes it from registration is found.
    db.execute_batch("DROP TRIGGER certificate_registration_stays; DROP TRIGGER certificate_registration_is_final;  DELETE FROM certificate_registration WHERE organisation IS NOT NULL")
        .unwrap();
    drop(db);
    let found = support::sceau_ca(folder, "-C ca audit verify", &[]);
    assert_eq!(found.status.code(), Some(1));
}

/// A date in the future would be on no CRL, and a contradiction is taken as revoked.
#[test]
fn what_the_index_says_wrongly_is_revoked_and_crls_go_on() {
    if !support::has("openssl", &["version"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    openssl_ca(folder);
    adopted(folder);
    let index = fs::read_to_string(folder.join("index.txt")).unwrap();
    let mut lines: Vec<String> = index.lines().map(str::to_owned).collect();
    let valid = lines.iter().find(|l| l.starts_with('V')).unwrap().clone();
    let fields: Vec<&str> = valid.split('\t').collect();
    let revoked = |serial: &str, when: &str| {
        format!("R\t{}\t{when}\t{serial}\tunknown\t{}", fields[1], fields[5])
    };
    // The same serial number twice: with a certificate, and without one.
    lines.push(revoked(fields[3], "250102030405Z,superseded"));
    lines.push(format!("V\t{}\t\t2001\tunknown\t/CN=Lost", fields[1]));
    lines.push(revoked("2001", "250102030405Z,superseded"));
    lines.push(revoked("2002", "20980102030405Z,keyTime,20980102030405Z"));
    fs::write(folder.join("index.txt"), lines.join("\n") + "\n").unwrap();
    support::sceau_ca(folder, &format!("{IMPORT} --report r.csv --dry-run"), &[]);
    support::sceau_ca(folder, &format!("{IMPORT} --report s.csv"), &[]);
    let report = fs::read_to_string(folder.join("s.csv")).unwrap();
    assert_eq!(
        report.matches("two lines with this serial number").count(),
        2,
        "{report}"
    );
    assert!(report.contains("is in the future"), "{report}");
    let reader = StatusReader::open(&folder.join("ca/record.sqlite")).unwrap();
    let first = u16::from_str_radix(fields[3], 16).unwrap();
    for serial in [first, 0x2001, 0x2002] {
        let status = reader.status("old", &serial.to_be_bytes()).unwrap();
        assert!(
            matches!(status, Some(Status::Revoked { .. })),
            "{serial:x}: {status:?}"
        );
    }
    drop(reader);
    support::done(folder, "-C ca crl --ca old --out ours.crl", &[]);
    let ours = crl(
        folder,
        "crl -inform DER -in ours.crl -noout -text -CAfile cacert.pem",
    );
    assert!(ours.1.contains_key("2002") && ours.1.contains_key(fields[3]));
    support::done(folder, "-C ca audit verify -q", &[]);
}
