//! A batch that is killed at any instant and run again: each order is carried out exactly once.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Orders for requests; a few for keys and some that are refused come on top.
const ORDERS: usize = 200;
const KILLS: u32 = 10;
const BATCH: &str =
    "-C ca issue --batch orders.csv --ca companies --profile company-seal --out-dir";

#[test]
fn a_batch_killed_at_any_instant_carries_out_each_order_exactly_once() {
    if !support::has("openssl", &["version"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    support::authority(folder);
    support::requests(folder);
    orders(folder);
    // How long all of it takes where nobody interrupts, in an installation of its own.
    let undisturbed = tempfile::tempdir().unwrap();
    let copied = Command::new("cp")
        .args(["-R", ".", undisturbed.path().to_str().unwrap()])
        .current_dir(folder)
        .status();
    assert!(copied.unwrap().success());
    let started = Instant::now();
    support::sceau_ca(undisturbed.path(), BATCH, &["out"]);
    let whole = started.elapsed();

    for round in 0..KILLS {
        let after = whole.mul_f64(0.1 + 0.8 * f64::from(round) / f64::from(KILLS));
        // Half of the runs write elsewhere.
        kill(
            folder,
            if round % 2 == 0 { "out" } else { "elsewhere" },
            after,
        );
    }
    let last = support::sceau_ca(folder, BATCH, &["out"]);
    assert_eq!(last.status.code(), Some(1), "two orders are refused");

    let db = rusqlite::Connection::open(folder.join("ca/record.sqlite")).unwrap();
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap() as usize;
    let issued = "SELECT count(*) FROM certificate WHERE order_digest IS NOT NULL AND state = 1";
    assert_eq!(count(issued), ORDERS + 3);
    let orders = "SELECT count(DISTINCT order_digest) FROM certificate WHERE state = 1";
    assert_eq!(count(orders), ORDERS + 3);
    assert_eq!(count("SELECT count(*) FROM certificate WHERE state = 0"), 0);
    let unrevoked = "SELECT count(*) FROM certificate c WHERE state = 2 AND NOT EXISTS \
                     (SELECT 1 FROM revocation r WHERE r.serial = c.serial)";
    assert_eq!(count(unrevoked), 0);
    support::done(folder, "-C ca audit verify -q", &[]);

    // Every certificate of the record is in its file, and the report names it.
    let recorded: BTreeSet<Vec<u8>> = {
        let sql = "SELECT der FROM certificate WHERE order_digest IS NOT NULL AND state = 1";
        let mut query = db.prepare(sql).unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let written: BTreeSet<Vec<u8>> = ids()
        .map(|id| certificate(&folder.join(format!("out/{id}.pem"))))
        .collect();
    assert_eq!(written, recorded);
    let report = fs::read_to_string(folder.join("out/report.csv")).unwrap();
    assert_eq!(report.lines().count(), 1 + ORDERS + 3 + 2);
    assert_eq!(report.matches(",refused,").count(), 2);
    assert!(!report.contains(",failed,") && !report.contains(",not tried,"));

    // A key that was generated before a kill is certified after it, or generated again: it belongs to
    // its certificate either way.
    for id in ["g0", "g1", "g2"] {
        let key = ["out", "elsewhere"]
            .map(|out| folder.join(format!("{out}/{id}.key.pem")))
            .into_iter()
            .find(|path| path.exists());
        let Some(key) = key else {
            // Its run was killed between the RESULT and giving the key its name: it still has the hidden one.
            let hidden = fs::read_dir(folder.join("elsewhere")).unwrap();
            let prefix = format!(".{id}.");
            assert!(
                hidden
                    .flatten()
                    .any(|e| e.file_name().to_string_lossy().starts_with(&prefix))
            );
            continue;
        };
        let pass = format!("pass:{}", support::PIN);
        let key = key.to_str().unwrap();
        let public = support::openssl(folder, "pkey -pubout", &["-in", key, "-passin", &pass]);
        let certified = format!("x509 -in out/{id}.pem -noout -pubkey");
        assert_eq!(public, support::openssl(folder, &certified, &[]), "{id}");
    }
    let hidden: Vec<_> = fs::read_dir(folder.join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(hidden.len() <= 3, "left behind: {hidden:?}");

    // Once more, and nothing more is issued.
    let again = support::sceau_ca(folder, &format!("--json {BATCH}"), &["out"]);
    let summary: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(summary["alreadyIssued"], ORDERS + 3);
    assert_eq!(
        (&summary["issued"], &summary["refused"]),
        (&0.into(), &2.into())
    );
    assert_eq!(count(issued), ORDERS + 3);
}

fn ids() -> impl Iterator<Item = String> {
    let requests = (0..ORDERS).map(|n| format!("order-{n}"));
    requests.chain((0..3).map(|n| format!("g{n}")))
}

fn orders(folder: &Path) {
    support::openssl(
        folder,
        "req -new -key acme.key -out plain.csr -subj /CN=x",
        &[],
    );
    let mut text = String::from("id,C,O,organizationIdentifier,CN,csr,key\r\n");
    for n in 0..ORDERS {
        let csr = "plain.csr";
        let _ = write!(
            text,
            "order-{n},MC,\"Acme, {n}\",NTRMC-00S{n:05},Acme {n},{csr},\r\n"
        );
        if n % 100 == 50 {
            let _ = write!(text, "bad-{n},MC,Acme,NTRXX-1,Acme,{csr},\r\n");
        }
        if n % 70 == 20 {
            let g = n / 70;
            let _ = write!(text, "g{g},MC,Key {g},NTRMC-00K{g:05},Key {g},,p256\r\n");
        }
    }
    fs::write(folder.join("orders.csv"), text).unwrap();
}

fn certificate(path: &Path) -> Vec<u8> {
    let text = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    pki_asn1::pem::blocks(&text).unwrap().remove(0).der
}

fn kill(folder: &Path, out: &str, after: Duration) {
    let mut program = Command::new(support::PROGRAM)
        .current_dir(folder)
        .env("SCEAU_PIN", support::PIN)
        .args(BATCH.split_whitespace())
        .arg(out)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    sleep(after);
    program.kill().unwrap();
    program.wait().unwrap();
}
