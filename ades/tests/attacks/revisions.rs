//! Tricks with the chain of revisions: cross-references that lie, and signatures copied into later ones.

use ades::validate::Indication;

use crate::world::{World, document, last_xref, update};

#[test]
fn cross_reference_tricks_never_pass() {
    let world = World::new();
    let original = document(&[], "");
    let signed = world.sign(&original, None);
    let mut appended = signed.clone();
    appended.extend(b"\n4 0 obj\n(evil)\nendobj\n");
    world.refused("bytes after the last revision", &appended);

    // A table that frees the content stream.
    let mut freed = signed.clone();
    let at = freed.len();
    freed.extend(
        format!(
            "xref\n4 1\n0000000000 00001 f \ntrailer\n<</Size 200 /Root 1 0 R /Prev {}>>\nstartxref\n{at}\n%%EOF\n",
            last_xref(&signed)
        )
        .bytes(),
    );
    world.refused("the content stream freed", &freed);

    // The page, rewritten in an object stream behind a cross-reference stream.
    let mut packed = signed.clone();
    let page = "3 0 <</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> >>";
    let container = packed.len();
    packed.extend(
        format!(
            "60 0 obj\n<</Type /ObjStm /N 1 /First 4 /Length {}>>\nstream\n{page}\nendstream\nendobj\n",
            page.len()
        )
        .bytes(),
    );
    let at = packed.len();
    packed.extend(
        format!(
            "61 0 obj\n<</Type /XRef /Size 200 /Root 1 0 R /W [1 4 2] /Index [3 1 60 2] /Length 21 /Prev {}>>\nstream\n",
            last_xref(&signed)
        )
        .bytes(),
    );
    for (kind, offset, index) in [
        (2u8, 60u32, 0u16),
        (1, container as u32, 0),
        (1, at as u32, 0),
    ] {
        packed.push(kind);
        packed.extend(offset.to_be_bytes());
        packed.extend(index.to_be_bytes());
    }
    packed.extend(format!("\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n").bytes());
    world.refused("the page moved into an object stream", &packed);

    // A chain of revisions that leaves the signed one out.
    let mut around = signed.clone();
    let at = around.len();
    around.extend(
        format!(
            "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 200 /Root 1 0 R /Prev {}>>\nstartxref\n{at}\n%%EOF\n",
            last_xref(&original)
        )
        .bytes(),
    );
    world.refused("a chain that leaves out the signed revision", &around);
}

#[test]
fn a_copied_signature_does_not_vouch_for_what_came_after_it() {
    let world = World::new();
    let signed = world.sign(&document(&[], ""), None);
    let text = String::from_utf8_lossy(&signed).into_owned();
    let between = |from: &str, to: &str| {
        let rest = &text[text.rfind(from).unwrap()..];
        rest[..rest.find(to).unwrap() + to.len()].to_owned()
    };
    let range = between("/ByteRange", "]");
    let contents = between("/Contents <", ">");
    for (kind, filter) in [
        ("/Sig", "/ETSI.CAdES.detached"),
        // A signature that wants to be believed for a proof of time.
        ("/DocTimeStamp", "/ETSI.CAdES.detached"),
        ("/DocTimeStamp", "/ETSI.RFC3161"),
    ] {
        let value = format!(
            "<</Type {kind} /Filter /Adobe.PPKLite /SubFilter {filter} {range} {contents}>>"
        );
        let copied = update(
            &signed,
            &[
                (5, "<</Fields 52 0 R /SigFlags 3>>"),
                (52, "[9 0 R 50 0 R]"),
                (50, "<</FT /Sig /T (copy) /V 51 0 R>>"),
                (51, &value),
            ],
            "",
        );
        let (facts, verdict) = world.judge(&copied).unwrap();
        assert!(
            verdict
                .signatures
                .iter()
                .any(|s| s.indication == Indication::TotalFailed),
            "{kind} {filter}: {:?}",
            facts.signatures
        );
        assert!(
            verdict
                .signatures
                .iter()
                .all(|s| s.best_signature_time.is_none())
        );
        world.refused(filter, &copied);
    }
}
