//! The systemd units: systemd reads them without complaint, and finds them well confined.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;

use support::{said, tool};

/// systemd applies `RestartPreventExitStatus` to the main process alone, so what runs before it would be tried
/// again with a wrong PIN until the token locks; and five failures in ten seconds, such as a database that starts
/// later, would leave the service ended for good.
fn assert_no_trap(name: &str, text: &str) {
    let has = |line: &str| text.lines().any(|l| l == line);
    assert!(has("RestartPreventExitStatus=64 77 78"), "{name}");
    assert!(
        !text.lines().any(|l| l.starts_with("ExecStartPre")),
        "{name}"
    );
    assert!(has("StartLimitIntervalSec=0"), "{name}");
}

#[test]
fn systemd_understands_the_units_and_finds_them_confined() {
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/systemd");
    let dir = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(units).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        // The programs need not be installed where this is tested.
        let text = std::fs::read_to_string(&path).unwrap();
        assert_no_trap(&name, &text);
        let lines = text
            .lines()
            .map(|line| match line.split_once("=/usr/bin/sceau-") {
                Some((setting, _)) => format!("{setting}=/bin/true"),
                None => line.to_owned(),
            });
        let text: Vec<_> = lines.collect();
        std::fs::write(dir.path().join(&name), text.join("\n")).unwrap();
        let Some(verified) = tool("systemd-analyze", &["verify", &name], dir.path()) else {
            return;
        };
        assert_eq!(said(&verified), "", "{name}");
        assert!(verified.status.success(), "{name}");
        seen += 1;
        if !name.ends_with(".service") {
            continue;
        }
        // The exposure is given in tenths; 2.0 is what systemd calls fine.
        let limit = ["security", "--offline=true", "--threshold=20", &name];
        let secure = tool("systemd-analyze", &limit, dir.path()).unwrap();
        assert!(secure.status.success(), "{}", said(&secure));
    }
    assert!(seen >= 2);
}
