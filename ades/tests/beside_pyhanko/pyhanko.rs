//! pyHanko in a process that stays (`tests/judges/worker.py`).

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use pki_asn1::UnixTime;
use serde_json::{Value, json};

use crate::Judged;
use crate::documents::World;

pub(crate) struct Worker {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    file: PathBuf,
    known: Value,
}

impl Worker {
    pub(crate) fn start(python: &OsStr, world: &World, number: usize, at: UnixTime) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/judges/worker.py");
        let mut process = Command::new("faketime")
            // pyHanko looks at the clock in more places than it can be told the time.
            .arg(at.to_string().replace('T', " ").replace('Z', ""))
            .arg(python)
            .arg(script)
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            requests: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            process,
            file: world.path(&format!("asked{number}.pdf")),
            known: json!({
                "id": 1, "do": "pdf_lta", "trust": [world.path("root.pem")], "others": [world.path("ca.pem")],
                "crls": [world.path("root.crl"), world.path("ca.crl")],
            }),
        }
    }

    pub(crate) fn judge(&mut self, octets: &[u8], process: &str) -> Judged {
        std::fs::write(&self.file, octets).unwrap();
        let mut request = self.known.clone();
        request["path"] = json!(self.file);
        request["process"] = json!(process);
        writeln!(self.requests, "{request}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        match &answer["ok"]["signatures"][0] {
            Value::Null => Judged::Not(
                answer["error"]
                    .as_str()
                    .unwrap_or("no signature")
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .to_owned(),
            ),
            one if one["passed"] == true && one["fits"] == true => Judged::Passed,
            one if one["passed"] == true => Judged::Not("the document around it".into()),
            one => Judged::Not(format!(
                "{} {}",
                one["indication"].as_str().unwrap_or_default(),
                one["why"].as_str().unwrap_or_default()
            )),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
