//! The record in PostgreSQL: the same commands, another configuration, several machines.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const SUBJECT: &str = "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM";
const SECRET: &str = "s3cret-of-the-database";

fn init(folder: &Path, url: &str, more: &[&str]) -> Output {
    let words = "init ca --base-url http://pki.sceau.example --database";
    support::sceau_ca(folder, words, &[&[url], more].concat())
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains(SECRET), "{text}");
    text + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn two_machines_issue_from_one_database() {
    let Some(database) = test_postgres::database() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let output = init(folder, &database.url, &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(!folder.join("ca/record.sqlite").exists());
    support::authorities(folder);
    // The other machine has the same configuration and reaches the same keys.
    fs::create_dir(folder.join("other")).unwrap();
    for entry in ["sceau-ca.toml", "keys"] {
        let (from, to) = (
            folder.join("ca").join(entry),
            folder.join("other").join(entry),
        );
        std::os::unix::fs::symlink(from, to).unwrap();
    }
    let issue = |machine: &str, name: &str| {
        let words = format!(
            "-C {machine} issue --ca companies --profile company-seal --generate-key {name}-key.pem \
             --out {name}.pem --subject"
        );
        support::done(folder, &words, &[SUBJECT]);
    };
    std::thread::scope(|scope| {
        scope.spawn(|| (0..5).for_each(|n| issue("ca", &format!("one-{n}"))));
        scope.spawn(|| (0..5).for_each(|n| issue("other", &format!("two-{n}"))));
    });
    support::done(
        folder,
        "-C other revoke --cert one-0.pem --reason superseded",
        &[],
    );
    for machine in ["ca", "other"] {
        let show = support::done(folder, &format!("-C {machine} show --cert one-0.pem"), &[]);
        assert!(show.contains("superseded"), "{show}");
        let verify = format!("-C {machine} --json audit verify");
        let verified: serde_json::Value =
            serde_json::from_str(&support::done(folder, &verify, &[])).unwrap();
        // Created 1, authorities 4, certificates 20, the revocation and its CRL 3.
        assert_eq!(verified["records"], 28);
        let list = support::done(
            folder,
            &format!("-C {machine} --json list --ca companies"),
            &[],
        );
        let list: serde_json::Value = serde_json::from_str(&list).unwrap();
        assert_eq!(list.as_array().unwrap().len(), 10);
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let again = init(elsewhere.path(), &database.url, &[]);
    assert_eq!(again.status.code(), Some(73), "{}", said(&again));
}

#[test]
fn the_password_comes_from_a_file_or_the_environment_and_is_never_shown() {
    let Some(database) = test_postgres::database() else {
        return;
    };
    // Roles belong to the whole server; other tests may share it.
    let role = format!(
        "DO $$ BEGIN CREATE ROLE guarded LOGIN PASSWORD '{SECRET}'; \
         EXCEPTION WHEN duplicate_object THEN NULL; END $$; \
         ALTER DATABASE {} OWNER TO guarded",
        database.name
    );
    database.sql(&role).unwrap();
    let url = database.url.replace("user=sceau", "user=guarded");
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();

    let without = init(folder, &url, &[]);
    assert_eq!(without.status.code(), Some(77), "{}", said(&without));
    assert!(said(&without).contains("password"), "{}", said(&without));
    fs::write(folder.join("wrong"), "guess\n").unwrap();
    let wrong = init(folder, &url, &["--database-password-file", "wrong"]);
    assert_eq!(wrong.status.code(), Some(77), "{}", said(&wrong));
    let inside = url.replace("?", &format!("?password={SECRET}&"));
    let inside = init(folder, &inside, &[]);
    assert_eq!(inside.status.code(), Some(78), "{}", said(&inside));
    assert!(said(&inside).contains("password-file"), "{}", said(&inside));
    assert!(!folder.join("ca").exists());

    fs::write(folder.join("password"), format!("{SECRET}\n")).unwrap();
    let right = init(folder, &url, &["--database-password-file", "password"]);
    assert!(right.status.success(), "{}", said(&right));
    let config = fs::read_to_string(folder.join("ca/sceau-ca.toml")).unwrap();
    assert!(!config.contains(SECRET), "{config}");
    support::done(folder, "-C ca ca list", &[]);

    let config = config.replace("password-file", "# password-file");
    fs::write(folder.join("ca/sceau-ca.toml"), config).unwrap();
    for variable in ["SCEAU_DATABASE_PASSWORD", "PGPASSWORD"] {
        let listed = Command::new(support::PROGRAM)
            .current_dir(folder)
            .args(["-C", "ca", "ca", "list"])
            .env(variable, SECRET)
            .output()
            .unwrap();
        assert!(listed.status.success(), "{}", said(&listed));
    }
}

#[test]
fn a_database_that_does_not_keep_its_word_is_refused() {
    let Some(database) = test_postgres::database() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let set = format!(
        "ALTER DATABASE {} SET synchronous_commit = off",
        database.name
    );
    database.sql(&set).unwrap();
    let output = init(home.path(), &database.url, &[]);
    assert_eq!(output.status.code(), Some(78), "{}", said(&output));
    assert!(said(&output).contains("synchronous_commit is off"));
    let set = format!("ALTER DATABASE {} RESET synchronous_commit", database.name);
    database.sql(&set).unwrap();
    let output = init(home.path(), &database.url, &[]);
    assert!(output.status.success(), "{}", said(&output));
}
