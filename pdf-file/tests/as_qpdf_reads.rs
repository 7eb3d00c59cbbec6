//! Every object and every stream of the corpus's clean files, as qpdf reads them: values, filters,
//! decryption.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

#[path = "support/corpus.rs"]
mod corpus;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use base64::Engine;
use corpus::{corpus, files, password};
use pdf_file::{Dict, FileSource, ObjId, Object, OpenOptions, PdfError, PdfFile};
use serde_json::Value;

/// qpdf's reading of a file that it calls clean.
fn qpdf(path: &Path, password: &str) -> Option<Value> {
    let run = |arguments: &[&str]| {
        Command::new("qpdf")
            .arg(format!("--password={password}"))
            .args(arguments)
            .arg(path)
            .output()
            .unwrap()
    };
    if !run(&["--check"]).status.success() {
        return None;
    }
    let json = run(&[
        "--json=2",
        "--json-key=qpdf",
        "--json-stream-data=inline",
        "--decode-level=specialized",
    ]);
    json.status
        .success()
        .then(|| serde_json::from_slice(&json.stdout).unwrap())
}

fn id(text: &str) -> Option<ObjId> {
    let mut parts = text.split(' ');
    let (number, generation) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (parts.next() == Some("R")).then_some(ObjId { number, generation })
}

/// Whether a value is what qpdf's JSON says: `u:` and `b:` strings, names with their slash, `1 0 R`.
fn same(ours: &Object, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Object::Null, Value::Null) => true,
        (Object::Bool(a), Value::Bool(b)) => a == b,
        (Object::Integer(_) | Object::Real(_), Value::Number(b)) => {
            let (a, b) = (ours.as_number().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= 1e-9 * b.abs()
        }
        (Object::Reference(a), Value::String(b)) => Some(*a) == id(b),
        (Object::Name(a), Value::String(b)) => match b.strip_prefix("n:") {
            Some(_) => true, // escaped: not UTF-8
            None => b
                .strip_prefix('/')
                .is_some_and(|b| a.as_bytes() == b.as_bytes()),
        },
        (Object::String(a), Value::String(b)) => match (b.strip_prefix("b:"), b.strip_prefix("u:"))
        {
            (Some(hex), _) => {
                a.bytes
                    .iter()
                    .map(|b| format!("{b:02x}"))
                    .collect::<String>()
                    == hex
            }
            (_, Some(text)) => a.to_text() == text,
            _ => false,
        },
        (Object::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Object::Dict(a), Value::Object(_)) => same_dict(a, theirs, &[]),
        _ => false,
    }
}

/// Null values are missing ones (7.3.7).
fn same_dict(ours: &Dict, theirs: &Value, ignored: &[&str]) -> bool {
    let theirs = theirs.as_object().unwrap();
    let given = ours
        .iter()
        .filter(|(key, value)| !value.is_null() && !ignored.contains(&key.to_text().as_str()));
    let mut count = 0;
    for (key, value) in given {
        let key = format!("/{}", key.to_text());
        // Keys that are not UTF-8 come escaped.
        if theirs.get(&key).is_some_and(|theirs| !same(value, theirs)) {
            return false;
        }
        count += 1;
    }
    let theirs = theirs
        .iter()
        .filter(|(key, v)| !v.is_null() && !ignored.contains(&key.trim_start_matches('/')));
    theirs.count() == count
}

/// How many objects and streams were compared.
fn compare(pdf: &PdfFile, theirs: &Value, wrong: &mut Vec<String>) -> (usize, usize) {
    let (mut objects, mut streams) = (0, 0);
    for (key, theirs) in theirs["qpdf"][1].as_object().unwrap() {
        let Some(id) = key.strip_prefix("obj:").and_then(id) else {
            continue;
        };
        let ours = match pdf.object(id, pdf.latest()) {
            Ok(ours) => ours,
            Err(error) => {
                wrong.push(format!("{id}: {error}"));
                continue;
            }
        };
        objects += 1;
        let Some(theirs_stream) = theirs.get("stream") else {
            if !same(&ours, &theirs["value"]) {
                wrong.push(format!("{id}: {ours:?} / {}", theirs["value"]));
            }
            continue;
        };
        let Some(stream) = ours.as_stream() else {
            wrong.push(format!("{id}: no stream"));
            continue;
        };
        if !same_dict(
            &stream.dict,
            &theirs_stream["dict"],
            &["Length", "Filter", "DecodeParms", "F", "FDecodeParms"],
        ) {
            wrong.push(format!(
                "{id}: {:?} / {}",
                stream.dict, theirs_stream["dict"]
            ));
        }
        let data = base64::engine::general_purpose::STANDARD
            .decode(theirs_stream["data"].as_str().unwrap())
            .unwrap();
        streams += 1;
        let ours = match pdf.stream_data(stream, pdf.latest()) {
            Err(PdfError::UnsupportedFilter { .. }) => pdf
                .raw_stream_data(stream, pdf.latest())
                .map(|raw| raw.to_vec()),
            other => other,
        };
        match ours {
            Ok(ours) if ours == data => {}
            Ok(ours) => wrong.push(format!(
                "{id}: {} bytes, not {}: {:?}",
                ours.len(),
                data.len(),
                stream.dict
            )),
            Err(error) => wrong.push(format!("{id}: {error}")),
        }
    }
    (objects, streams)
}

#[test]
fn no_value_and_no_stream_differs() {
    let Some(root) = corpus() else {
        eprintln!("skipped: corpus not found");
        return;
    };
    if Command::new("qpdf").arg("--version").output().is_err() {
        eprintln!("skipped: qpdf not found");
        return;
    }
    let mut failures = Vec::new();
    let (mut clean, mut objects, mut streams) = (0, 0, 0);
    for path in files(&root) {
        let name = path
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let password = password(&name);
        let Some(theirs) = qpdf(&path, password) else {
            continue;
        };
        let options = OpenOptions::new().with_password(password.to_owned().into());
        let pdf = PdfFile::open(Arc::new(FileSource::open(&path).unwrap()), options).unwrap();
        let mut wrong = Vec::new();
        let counted = compare(&pdf, &theirs, &mut wrong);
        (clean, objects, streams) = (clean + 1, objects + counted.0, streams + counted.1);
        let allowed = EXCEPTIONS
            .iter()
            .find(|(file, ..)| *file == name)
            .map_or(0, |(_, count, _)| *count);
        if wrong.len() != allowed {
            let shown: Vec<String> = wrong
                .iter()
                .take(5)
                .map(|w| w.chars().take(400).collect())
                .collect();
            failures.push(format!(
                "{name}: {} differences, {allowed} expected\n  {}",
                wrong.len(),
                shown.join("\n  ")
            ));
        }
    }
    eprintln!("{objects} objects, {streams} streams in {clean} files compared");
    assert!(
        failures.is_empty(),
        "{} files:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// File, differences, reason.
const EXCEPTIONS: &[(&str, usize, &str)] = &[(
    "pdf.js/doc_actions.pdf",
    1,
    "40 0 was replaced by 40 1; qpdf keeps both, but a number has one entry (7.5.4)",
)];
