//! Signatures in a PDF: where they are, what they cover, what changed after them (ISO 32000-2, 12.8;
//! EN 319 142-1).
//!
//! Coverage is decided by where the signature dictionary's /Contents really lies and where revisions
//! really end; what /ByteRange claims is only compared with that.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use pdf_file::{Dict, Location, ObjId, Object, PdfFile, RevisionId, Spans, Structure};
use pki_asn1::{Certificate, UnixTime};

use super::changes::{History, ambiguities, skeleton};
use super::facts::{Changes, Coverage, Finding, PdfAttack, PdfFacts};
use crate::text::Text;
use restrictions::Restrictions;

mod restrictions;

/// One signature as the PDF has it.
pub(super) struct Found {
    pub(super) facts: PdfFacts,
    pub(super) is_timestamp: bool,
    /// The bytes of /Contents, padding included.
    pub(super) contents: Vec<u8>,
    /// The certificates in /Cert, the signer's first; those that cannot be read are left out.
    pub(super) certificates: Vec<Certificate>,
    /// The signed byte ranges, inside the file; empty where they make no sense.
    pub(super) ranges: Vec<Range<u64>>,
}

const FIELDS: usize = 10_000;
const DEPTH: u8 = 32;
/// Certificates in /Cert beside the signer's.
const CERTIFICATES: usize = 100;
/// Older revisions are looked through for signatures that were removed since.
const REVISIONS: usize = 300;

/// Every signature of the file in the order they were made, removed ones included.
pub(super) fn signatures(pdf: &PdfFile) -> Vec<Found> {
    let latest = pdf.latest();
    let mut seen: BTreeSet<(ObjId, u64)> = BTreeSet::new();
    let mut found = Vec::new();
    let mut leaves = Leaves::default();
    let older = (0..latest.0).rev().take(REVISIONS);
    for at in core::iter::once(latest.0).chain(older).map(RevisionId) {
        for field in fields(pdf, at, &mut leaves) {
            let holder = field.value.as_reference().unwrap_or(field.id);
            let place = pdf.spanned(holder, at).map_or(0, |s| s.whole.start);
            if !seen.insert((holder, place)) {
                continue;
            }
            let mut one = read(pdf, &field, at);
            if at != latest {
                one.problem(
                    PdfAttack::SignatureRemoved,
                    "it was removed from the document by a later revision",
                );
            }
            found.push(one);
        }
    }
    found.sort_by_key(|f| (f.facts.revision, f.ranges.last().map_or(0, |r| r.end)));
    let first = found.iter().map(|f| f.facts.revision).min();
    if let Some(first) = first {
        let history = History::analyse(pdf, first);
        // What a page tree of many pages says is read for the first and the last signature only; what
        // changed between them is in the history.
        let last = found
            .iter()
            .map(|f| f.facts.revision)
            .max()
            .unwrap_or(first);
        let bones = skeleton(pdf, RevisionId(first));
        let last_bones = if last == first {
            Vec::new()
        } else {
            skeleton(pdf, RevisionId(last))
        };
        for one in &mut found {
            let revision = one.facts.revision;
            one.facts.history = Arc::clone(history.revisions());
            // What the signature covers to the last byte was not appended after it.
            if one.facts.coverage != Coverage::WholeFile {
                one.facts.changes = history.after(revision);
            }
            let bones = if revision == last && last != first {
                &last_bones
            } else {
                &bones
            };
            let mut doubts = ambiguities(pdf, revision, bones);
            doubts.extend(history.conflicts().iter().cloned());
            one.facts.ambiguities = doubts;
        }
    }
    mark_archives(pdf, &mut found);
    found
}

impl Found {
    /// What keeps the dictionary from being a signature.
    fn problem(&mut self, attack: PdfAttack, message: impl Into<Text>) {
        self.facts.problems.push(Finding::new(attack, message));
    }
}

struct Field {
    id: ObjId,
    name: String,
    value: Object,
}

/// Fields without children that were looked at: number and version of the field, with its value where
/// that is an object of its own. What did not change between revisions is looked at once.
#[derive(Default)]
struct Leaves(BTreeMap<Version, Option<Version>>);

/// An object, and the revision that it is as of.
type Version = (ObjId, Option<RevisionId>);

/// The filled signature fields of a revision (12.7.5.5) that `leaves` does not know yet.
fn fields(pdf: &PdfFile, at: RevisionId, leaves: &mut Leaves) -> Vec<Field> {
    let mut out = Vec::new();
    let get = |dict: &Dict, key: &str| pdf.get(dict, key, at).ok();
    let Some(catalog) = get(pdf.trailer(at), "Root") else {
        return out;
    };
    let Some(form) = catalog.as_dict().and_then(|c| get(c, "AcroForm")) else {
        return out;
    };
    let Some(list) = form.as_dict().and_then(|f| get(f, "Fields")) else {
        return out;
    };
    let mut walk = FieldWalk {
        pdf,
        at,
        visited: BTreeSet::new(),
        out: &mut out,
        leaves,
    };
    for one in list.as_array().unwrap_or_default() {
        walk.visit(one, "", None, DEPTH);
    }
    out
}

struct FieldWalk<'a> {
    pdf: &'a PdfFile,
    at: RevisionId,
    visited: BTreeSet<ObjId>,
    out: &'a mut Vec<Field>,
    leaves: &'a mut Leaves,
}

impl FieldWalk<'_> {
    fn visit(&mut self, node: &Object, prefix: &str, kind: Option<&str>, depth: u8) {
        let Some(id) = node.as_reference() else {
            return;
        };
        if depth == 0 || self.visited.len() >= FIELDS || !self.visited.insert(id) {
            return;
        }
        let version = (id, self.pdf.version_of(id, self.at));
        if let Some(value) = self.leaves.0.get(&version)
            && value.is_none_or(|(to, version)| self.pdf.version_of(to, self.at) == version)
        {
            return;
        }
        let Ok(object) = self.pdf.object(id, self.at) else {
            return;
        };
        let Some(dict) = object.as_dict() else {
            return;
        };
        let part = dict.string("T").map(|t| t.to_text()).unwrap_or_default();
        let name = match (prefix.is_empty(), part.is_empty()) {
            (true, _) => part,
            (false, true) => prefix.to_owned(),
            (false, false) => format!("{prefix}.{part}"),
        };
        let own = dict.name("FT").and_then(|n| n.as_str()).map(str::to_owned);
        let kind = own.as_deref().or(kind);
        if !dict.contains("Kids") && (own.is_some() || kind != Some("Sig")) {
            let value = dict.reference("V");
            let value = value.map(|to| (to, self.pdf.version_of(to, self.at)));
            self.leaves.0.insert(version, value);
        }
        if let Some(value) = dict.get("V")
            && kind == Some("Sig")
            && self.pdf.resolve(value, self.at).is_ok_and(|v| !v.is_null())
        {
            self.out.push(Field {
                id,
                name: name.clone(),
                value: value.clone(),
            });
        }
        if let Ok(kids) = self.pdf.get(dict, "Kids", self.at) {
            for kid in kids.as_array().unwrap_or_default() {
                self.visit(kid, &name, kind, depth - 1);
            }
        }
    }
}

fn read(pdf: &PdfFile, field: &Field, at: RevisionId) -> Found {
    let mut found = Found {
        facts: PdfFacts {
            field: field.name.clone(),
            sub_filter: String::new(),
            revision: at.0,
            coverage: Coverage::Unclear,
            signed_end: None,
            coverage_problems: Vec::new(),
            problems: Vec::new(),
            ambiguities: Vec::new(),
            changes: Changes::none(),
            history: Arc::default(),
            doc_mdp: None,
            field_locks: Vec::new(),
            content_digest: None,
            claimed_time: None,
            has_dss: false,
            has_archive_timestamp: false,
            carried: Arc::default(),
        },
        is_timestamp: false,
        contents: Vec::new(),
        certificates: Vec::new(),
        ranges: Vec::new(),
    };
    let holder = field.value.as_reference();
    let spanned = match pdf.spanned(holder.unwrap_or(field.id), at) {
        Ok(spanned) => spanned,
        Err(e) => {
            found.problem(
                PdfAttack::UniversalForgery,
                format!("the signature dictionary cannot be located: {e}"),
            );
            return found;
        }
    };
    found.facts.revision = spanned.revision.0;
    let (object, spans) = if holder.is_some() {
        (Arc::clone(&spanned.object), Some(&spanned.spans))
    } else {
        let value = spanned.object.as_dict().and_then(|d| d.get("V")).cloned();
        (
            Arc::new(value.unwrap_or(Object::Null)),
            spanned.spans.get("V"),
        )
    };
    let (Some(dict), Some(spans)) = (object.as_dict(), spans) else {
        found.problem(
            PdfAttack::UniversalForgery,
            "the field's value is no dictionary",
        );
        return found;
    };
    dictionary(pdf, dict, spans, (field.id, at), &mut found);
    found
}

fn dictionary(
    pdf: &PdfFile,
    dict: &Dict,
    spans: &Spans,
    (field, at): (ObjId, RevisionId),
    found: &mut Found,
) {
    if dict.has_duplicate_keys() {
        found.problem(
            PdfAttack::SpoofedContents,
            "a key of the signature dictionary is there twice",
        );
    }
    found.is_timestamp = dict.is("Type", "DocTimeStamp");
    found.facts.sub_filter = dict
        .name("SubFilter")
        .map(|n| n.to_text())
        .unwrap_or_default();
    found.facts.claimed_time = dict.string("M").and_then(|m| pdf_date(&m.to_text()));
    match dict.string("Contents") {
        Some(contents) if !contents.bytes.is_empty() => found.contents = contents.bytes.clone(),
        Some(_) => found.problem(PdfAttack::UniversalForgery, "/Contents is empty"),
        None => found.problem(
            PdfAttack::UniversalForgery,
            "/Contents is missing or no string",
        ),
    }
    found.certificates = certificates(pdf, dict, at);
    let numbers = match pdf.get(dict, "ByteRange", at) {
        Ok(array) => array
            .as_array()
            .map(|a| a.iter().map(Object::as_integer).collect::<Vec<_>>()),
        Err(_) => None,
    };
    let Some(numbers) = numbers else {
        found.problem(PdfAttack::UniversalForgery, "/ByteRange is missing");
        return;
    };
    let exact: Option<Vec<u64>> = numbers
        .iter()
        .map(|n| n.and_then(|n| u64::try_from(n).ok()))
        .collect();
    let Some([a, b, c, d]) = exact.as_deref().and_then(|e| <[u64; 4]>::try_from(e).ok()) else {
        found.problem(
            PdfAttack::UniversalForgery,
            "/ByteRange is not two pairs of offset and length",
        );
        return;
    };
    let (Some(first_end), Some(end)) = (a.checked_add(b), c.checked_add(d)) else {
        found.problem(PdfAttack::UniversalForgery, "/ByteRange exceeds the file");
        return;
    };
    if end > pdf.len() || first_end > c {
        found.problem(
            PdfAttack::UniversalForgery,
            "/ByteRange exceeds the file or overlaps itself",
        );
        return;
    }
    found.ranges = vec![a..first_end, c..end];
    let Some(gap) = spans.get("Contents") else {
        return;
    };
    let problems = &mut found.facts.coverage_problems;
    let mut doubt = |attack, message: String| problems.push(Finding::new(attack, message));
    if let Structure::Recovered { why } = pdf.structure() {
        doubt(
            PdfAttack::StructureDamaged,
            format!("the file's structure is damaged, so its revisions cannot be told: {why}"),
        );
        if end < pdf.len() {
            doubt(
                PdfAttack::IncrementalSaving,
                format!(
                    "{} bytes without a usable structure follow what was signed",
                    pdf.len() - end
                ),
            );
        }
    }
    if a != 0 {
        doubt(
            PdfAttack::SignatureWrapping,
            "/ByteRange does not begin at the file's first byte".into(),
        );
    }
    if first_end != gap.span.start || c != gap.span.end {
        doubt(
            PdfAttack::SignatureWrapping,
            "the gap in /ByteRange is not exactly /Contents".into(),
        );
    } else if !is_hex_string(pdf, first_end..c) {
        doubt(
            PdfAttack::SpoofedContents,
            "/Contents, which is not signed, is not written in hexadecimal".into(),
        );
    }
    if !problems.is_empty() {
        found.facts.coverage = Coverage::Unclear;
        return;
    }
    let written = found.facts.revision;
    let closes = pdf
        .revisions()
        .iter()
        .rev()
        .find(|r| (r.eof..=r.end).contains(&end))
        .filter(|r| r.id.0 >= written);
    match closes {
        Some(revision) => {
            found.facts.revision = revision.id.0;
            found.facts.signed_end = Some(end);
            found.facts.coverage = if end == pdf.len() {
                Coverage::WholeFile
            } else {
                Coverage::WholeRevision
            };
        }
        None if end == pdf.len() && written == pdf.latest().0 => {
            found.facts.coverage = Coverage::WholeFile;
            found.facts.signed_end = Some(end);
        }
        None => {
            problems.push(Finding::new(
                PdfAttack::IncrementalSaving,
                "what /ByteRange covers does not end where a revision ends",
            ));
            found.facts.coverage = Coverage::Partial;
        }
    }
    let signed = RevisionId(found.facts.revision);
    let holder = pdf.object(field, signed).ok();
    let holder = holder.as_ref().and_then(|f| f.as_dict().cloned());
    let restrictions = Restrictions::read(pdf, dict, &holder.unwrap_or_default(), signed);
    found.facts.doc_mdp = restrictions.doc_mdp;
    found.facts.field_locks = restrictions.locks;
}

/// /Cert: a certificate, or several of which the signer's is the first.
fn certificates(pdf: &PdfFile, dict: &Dict, at: RevisionId) -> Vec<Certificate> {
    let Ok(value) = pdf.get(dict, "Cert", at) else {
        return Vec::new();
    };
    let all = match value.as_array() {
        Some(all) => all,
        None => core::slice::from_ref(&*value),
    };
    let read = |object: &Object| {
        let object = pdf.resolve(object, at).ok()?;
        Certificate::from_der(object.as_string()?.bytes.clone()).ok()
    };
    // Where the first is not the signer's, nobody knows whose it is.
    match all.split_first() {
        Some((first, others)) => match read(first) {
            Some(first) => {
                let others = others.iter().take(CERTIFICATES).filter_map(read);
                core::iter::once(first).chain(others).collect()
            }
            None => Vec::new(),
        },
        None => Vec::new(),
    }
}

/// A hexadecimal string cannot hold a PDF object for the signed part to point at.
fn is_hex_string(pdf: &PdfFile, gap: Range<u64>) -> bool {
    let Some(length) = gap.end.checked_sub(gap.start).filter(|n| *n >= 2) else {
        return false;
    };
    let mut bytes = vec![0; length as usize];
    pdf.source().read_exact_at(gap.start, &mut bytes).is_ok()
        && bytes.first() == Some(&b'<')
        && bytes.last() == Some(&b'>')
        && bytes[1..bytes.len() - 1]
            .iter()
            .all(|b| b.is_ascii_hexdigit() || b.is_ascii_whitespace())
}

/// Which signatures have a DSS at or after them, and a document time-stamp after that.
fn mark_archives(pdf: &PdfFile, found: &mut [Found]) {
    let with_dss: Vec<usize> = (0..pdf.revisions().len())
        .filter(|at| {
            let at = RevisionId(*at);
            pdf.get(pdf.trailer(at), "Root", at)
                .ok()
                .and_then(|c| Some(c.as_dict()?.contains("DSS")))
                .unwrap_or_default()
        })
        .collect();
    let stamps: Vec<usize> = found
        .iter()
        .filter(|f| f.facts.sub_filter == "ETSI.RFC3161")
        .map(|f| f.facts.revision)
        .collect();
    for one in found {
        let own = one.facts.revision;
        let dss = with_dss.iter().find(|r| **r >= own);
        one.facts.has_dss = dss.is_some();
        one.facts.has_archive_timestamp =
            dss.is_some_and(|d| stamps.iter().any(|s| *s > own && s >= d));
    }
}

/// Certificates, CRLs and OCSP responses of the newest DSS (EN 319 142-1 clause 5.4.2).
pub(super) struct Dss {
    pub(super) certificates: Vec<Stored>,
    pub(super) crls: Vec<Stored>,
    pub(super) responses: Vec<Stored>,
}

/// A value of the DSS in DER, and the revision that wrote it.
pub(super) struct Stored {
    pub(super) der: Vec<u8>,
    pub(super) revision: usize,
}

/// Values of the DSS, of each kind: a document of many signatures has some for each of them.
const STORED: usize = 20_000;
/// Octets of its certificates and OCSP responses, which take many times that once they are parsed, and of its CRLs.
const STORED_CERTIFICATES: usize = 4 << 20;
const STORED_RESPONSES: usize = 8 << 20;
const STORED_LISTS: usize = 96 << 20;

pub(super) fn security_store(pdf: &PdfFile) -> Dss {
    let at = pdf.latest();
    let mut out = Dss {
        certificates: Vec::new(),
        crls: Vec::new(),
        responses: Vec::new(),
    };
    let Some(dss) = pdf
        .get(pdf.trailer(at), "Root", at)
        .ok()
        .and_then(|c| pdf.get(c.as_dict()?, "DSS", at).ok())
    else {
        return out;
    };
    let Some(dss) = dss.as_dict() else {
        return out;
    };
    let streams = |key: &str, mut octets: usize| -> Vec<Stored> {
        let Ok(list) = pdf.get(dss, key, at) else {
            return Vec::new();
        };
        list.as_array()
            .unwrap_or_default()
            .iter()
            .take(STORED)
            .filter_map(|o| {
                let object = pdf.resolve(o, at).ok()?;
                let revision = match pdf.location(o.as_reference()?, at)? {
                    Location::InFile { revision, .. }
                    | Location::InStream { revision, .. }
                    | Location::Free { revision } => revision.0,
                };
                let der = pdf.stream_data(object.as_stream()?, at).ok()?;
                Some(Stored { der, revision })
            })
            .take_while(|stored| {
                let left = octets.checked_sub(stored.der.len());
                octets = left.unwrap_or(0);
                left.is_some()
            })
            .collect()
    };
    out.certificates = streams("Certs", STORED_CERTIFICATES);
    out.crls = streams("CRLs", STORED_LISTS);
    out.responses = streams("OCSPs", STORED_RESPONSES);
    out
}

/// `D:YYYYMMDDHHmmSSOHH'mm'` (7.9.4).
fn pdf_date(text: &str) -> Option<UnixTime> {
    let text = text.strip_prefix("D:").unwrap_or(text);
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    if digits.len() < 4 {
        return None;
    }
    let part =
        |from: usize, default: &str| digits.get(from..from + 2).unwrap_or(default).to_owned();
    let zone = &text[digits.len()..];
    let offset = match zone.chars().next() {
        Some(sign @ ('+' | '-')) => {
            let rest: String = zone[1..].chars().filter(char::is_ascii_digit).collect();
            format!(
                "{sign}{}:{}",
                rest.get(..2).unwrap_or("00"),
                rest.get(2..4).unwrap_or("00")
            )
        }
        _ => "Z".into(),
    };
    format!(
        "{}-{}-{}T{}:{}:{}{offset}",
        &digits[..4],
        part(4, "01"),
        part(6, "01"),
        part(8, "00"),
        part(10, "00"),
        part(12, "00"),
    )
    .parse()
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_all_lengths_and_zones_are_read() {
        let t = |s| pdf_date(s).map(|t| t.to_string());
        assert_eq!(
            t("D:20261121130000+01'00'").unwrap(),
            "2026-11-21T12:00:00Z"
        );
        assert_eq!(t("D:20261121120000Z").unwrap(), "2026-11-21T12:00:00Z");
        assert_eq!(t("D:2026").unwrap(), "2026-01-01T00:00:00Z");
        assert_eq!(t("yesterday"), None);
    }
}
