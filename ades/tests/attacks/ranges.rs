//! What is signed and where it ends: byte ranges that lie, CMS files posing as PDF, and pyHanko as the judge.

use ades::pades::Certification;
use ades::validate::Indication;
use pki_asn1::{Clock, SystemClock};

use crate::common;
use crate::world::{EVIL, World, document, update};

#[test]
fn byte_ranges_that_lie_are_never_intact() {
    let world = World::new();
    let signed = world.sign(&document(&[], ""), None);
    let text = String::from_utf8_lossy(&signed).into_owned();
    let at = text.find("/ByteRange").unwrap();
    let open = at + text[at..].find('[').unwrap() + 1;
    let close = at + text[at..].find(']').unwrap();
    let old: Vec<u64> = text[open..close]
        .split_whitespace()
        .map(|n| n.parse().unwrap())
        .collect();
    let [a, b, c, d] = <[u64; 4]>::try_from(old).unwrap();
    let ranges = [
        format!("{a} {b} {c} {}", d - 10),
        format!("{a} {} {c} {d}", b - 1),
        format!("{a} {b} {} {d}", c - 5),
        format!("1 {b} {c} {d}"),
        format!("0 {c} {b} {d}"),
        format!("0 -1 {c} {d}"),
        "0 9e18 0 9e18".into(),
        "0 99999999999999 0 1".into(),
        "0 0 0 0".into(),
        format!("0 {b}"),
        String::new(),
    ];
    for range in ranges {
        let mut bytes = signed.clone();
        let padded = format!("{range:<width$}", width = close - open);
        if padded.len() != close - open {
            continue;
        }
        bytes[open..close].copy_from_slice(padded.as_bytes());
        if let Some((_, verdict)) = world.judge(&bytes) {
            assert!(verdict.signatures.iter().all(|s| !s.intact), "{range}");
            assert_ne!(verdict.indication, Some(Indication::TotalPassed), "{range}");
        }
    }
}

/// The content of a CAdES signature may be a PDF, and the relying party may hold another file.
#[test]
fn a_cms_file_is_no_pdf_ends_where_it_ends_and_is_over_the_file_at_hand() {
    use ades::cades::{CadesOptions, sign_attached};
    let world = World::new();
    let content = document(&[], "");
    let mut attached = Vec::new();
    let options = CadesOptions::new(SystemClock.now());
    let mut reader = std::io::Cursor::new(content.clone());
    sign_attached(&mut reader, &mut attached, &world.signer, &options, None).unwrap();
    assert_eq!(world.outcome(&attached).0, Some(Indication::TotalPassed));
    let (_, verdict) = world.judge_over(&attached, Some(content.clone())).unwrap();
    assert_eq!(verdict.indication, Some(Indication::TotalPassed));
    let held = document(&[(4, EVIL)], "");
    assert!(world.judge_over(&attached, Some(held)).is_none());
    attached.extend(document(&[(4, EVIL)], ""));
    world.refused("another PDF after the signature", &attached);
}

/// The same question to pyHanko: is the cryptography of the first signature in order?
#[test]
fn pyhanko_agrees_on_what_is_intact() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let root = world.pki.write_root(dir.path());
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/judges/pyhanko_validate.py"
    );
    let signed = world.sign(&document(&[], ""), None);
    let flipped = |needle: &[u8]| {
        let mut bytes = signed.clone();
        let at = bytes
            .windows(needle.len())
            .position(|w| w == needle)
            .unwrap();
        bytes[at] ^= 1;
        bytes
    };
    let files = [
        signed.clone(),
        world.sign(&document(&[], ""), Some(Certification::NoChanges)),
        world.sign(&signed, None),
        update(&signed, &[(4, EVIL)], ""),
        update(&signed, &[(60, "<</Unused true>>")], ""),
        flipped(b"100) Tj"),
        flipped(b"0 0 300 200"),
    ];
    for (number, bytes) in files.iter().enumerate() {
        let path = dir.path().join("file.pdf");
        std::fs::write(&path, bytes).unwrap();
        let Some(text) = common::python(&[script, path.to_str().unwrap(), &root]) else {
            return;
        };
        let line = text.lines().find(|l| l.starts_with('{')).unwrap();
        let theirs: serde_json::Value = serde_json::from_str(line).unwrap();
        let (_, verdict) = world.judge(bytes).unwrap();
        assert_eq!(
            theirs["intact"], verdict.signatures[0].intact,
            "file {number}: {line}"
        );
    }
}
