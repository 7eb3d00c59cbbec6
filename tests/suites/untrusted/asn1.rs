//! `sceau inspect --asn1` beside `openssl asn1parse -i`: every element of every certificate, CRL, signature and token of the corpora
//! lies where openssl has it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sceau_tests::corpus;
use sceau_tests::environment::{Need, available, sceau_program};
use sceau_tests::program::Call;
use serde_json::Value;

use super::make::hex;

const CORPORA: [&str; 7] = [
    "pkits",
    "cms-openssl",
    "rfc4134",
    "ers-tsp",
    "ocsp-openssl",
    "pdf-attacks",
    "zlint",
];
const ENDINGS: [&str; 14] = [
    "crt", "crl", "cer", "pem", "der", "cms", "ers", "ors", "tsr", "tsq", "bin", "p7s", "pdf",
    "asice",
];
/// Files of one kind in one corpus; the rest has the same shapes.
const EACH: usize = 120;

/// Offset, depth, header, length, whether constructed.
type Place = (u64, u64, u64, Option<u64>, bool);

#[test]
fn an_element_lies_elsewhere_than_openssl_has_it() -> Result<()> {
    if !available(&[Need::Tool("openssl")]) {
        return Ok(());
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for name in CORPORA {
        let Some(folder) = corpus::find(name) else {
            continue;
        };
        for ending in ENDINGS {
            files.extend(
                corpus::files(&folder, ending)?
                    .into_iter()
                    .take(EACH)
                    .map(|(_, path)| path),
            );
        }
    }
    let half = files.len() / 2;
    let (first, second) = files.split_at(half);
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| compare_all(second));
        (compare_all(first), other.join().unwrap())
    });
    let (one, other) = (one?, other?);
    let sum = (one.0 + other.0, one.1 + other.1);
    ensure!(
        files.is_empty() || sum.0 > 300 && sum.1 > 10_000,
        "only {sum:?} were compared"
    );
    Ok(())
}

fn compare_all(files: &[PathBuf]) -> Result<(usize, usize)> {
    let scratch = tempfile::tempdir()?;
    let mut sum = (0, 0);
    for file in files {
        let found = compare(file, &scratch.path().join("structure.der"))
            .with_context(|| file.display().to_string())?;
        sum = (sum.0 + found.0, sum.1 + found.1);
    }
    Ok(sum)
}

/// How many structures and elements of this file were compared.
fn compare(file: &Path, structure: &Path) -> Result<(usize, usize)> {
    let outcome = sceau_program("sceau")?
        .args(["inspect", "--asn1", "--json"])
        .arg(file)
        .run()?;
    ensure!(!outcome.crashed(), "{outcome}");
    let Ok(told) = serde_json::from_slice::<Value>(&outcome.stdout) else {
        // No ASN.1 at all: PEM that is damaged, a PDF that cannot be read.
        ensure!(outcome.code == Some(65), "{outcome}");
        return Ok((0, 0));
    };
    let structures = told["structures"].as_array().context("no structures")?;
    let apart = taken_apart(&fs::read(file)?)?;
    if apart.len() != structures.len() {
        // PDF strings in other forms, and containers, have no place in a text search.
        return Ok((0, 0));
    }
    let mut elements = 0;
    for (one, octets) in structures.iter().zip(apart) {
        let length = one["octets"].as_u64().context("no length")?;
        let Some(der) = octets.get(..length as usize) else {
            // A string that was cut short, as in attacks, and is elsewhere too.
            continue;
        };
        fs::write(structure, der)?;
        let parsed = Call::new("openssl")
            .args(["asn1parse", "-i", "-inform", "DER", "-in"])
            .arg(structure)
            .run()?;
        let theirs: Vec<Place> = parsed.out().lines().filter_map(place).collect();
        let ours: Vec<Place> = one["elements"]
            .as_array()
            .context("no elements")?
            .iter()
            .filter(|e| e["insideString"] == false)
            .map(read)
            .collect();
        let whole = one["error"].is_null();
        ensure!(
            whole == parsed.success(),
            "openssl: {}, we: {}",
            parsed.err(),
            one["error"]
        );
        let same = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        // What is broken is shown up to where it breaks, by both.
        ensure!(
            same == ours.len() && same == theirs.len()
                || !whole && same + 1 >= ours.len().min(theirs.len()),
            "after {same}: {:?}, openssl {:?}",
            ours.get(same),
            theirs.get(same)
        );
        elements += same;
    }
    Ok((structures.len(), elements))
}

/// The file itself, or what a text search finds of PEM blocks and /Contents in it.
fn taken_apart(octets: &[u8]) -> Result<Vec<Vec<u8>>> {
    let text = String::from_utf8_lossy(octets);
    if octets.starts_with(b"%PDF") {
        let strings = text
            .split("/Contents")
            .skip(1)
            .filter_map(|after| after.trim_start().strip_prefix('<')?.split_once('>'));
        let digits = strings
            .map(|(digits, _)| digits)
            .filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_hexdigit()));
        return Ok(digits.map(hex).collect());
    }
    if octets.first() == Some(&0x30) || !text.contains("-----BEGIN ") {
        return Ok(vec![octets.to_vec()]);
    }
    let mut blocks = Vec::new();
    for block in text.split("-----BEGIN ").skip(1) {
        let body = block
            .split_once("-----")
            .and_then(|(_, rest)| rest.split_once("-----END"));
        let body: String = body
            .context("no end of a block")?
            .0
            .split_whitespace()
            .collect();
        let decoded = Call::new("openssl")
            .args(["base64", "-d", "-A"])
            .input(body)
            .succeed()?;
        blocks.push(decoded.stdout);
    }
    Ok(blocks)
}

/// `   18:d=3  hl=2 l=   9 prim:    OBJECT ...`
fn place(line: &str) -> Option<Place> {
    let (offset, rest) = line.split_once(":d=")?;
    let (depth, rest) = rest.split_once("hl=")?;
    let (header, rest) = rest.split_once(" l=")?;
    let (length, rest) = rest.trim_start().split_once(' ')?;
    Some((
        offset.trim().parse().ok()?,
        depth.trim().parse().ok()?,
        header.trim().parse().ok()?,
        if length == "inf" {
            None
        } else {
            Some(length.parse().ok()?)
        },
        rest.trim_start().starts_with("cons"),
    ))
}

fn read(element: &Value) -> Place {
    let number = |key: &str| element[key].as_u64().unwrap_or(u64::MAX);
    (
        number("offset"),
        number("depth"),
        number("header"),
        element["length"].as_u64(),
        element["constructed"] == true,
    )
}
