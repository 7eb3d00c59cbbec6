//! The document security store (EN 319 142-1 clause 5.4.2; ISO 32000-2, 12.8.4.3): what validates a
//! document's signatures once nobody answers any more.
//!
//! It is written as one incremental update. What an earlier store holds stays where it is and is
//! referred to; nothing is stored twice. Streams are compressed where that makes them shorter.

use std::collections::HashMap;
use std::sync::Arc;

use pdf_file::{Appended, Dict, ObjId, Object, PdfFile, Stream, StreamData, Update};
use pki_asn1::UnixTime;
use pki_crypto::{Digest, DigestAlgorithm};

use super::form::last_reference;
use super::plan::pdf_date;
use super::{PadesError, extensions};

/// Whether validation data is also listed for each signature in `/VRI`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Vri {
    /// No: it is optional in EN 319 142-1, validators read the lists, and a document of many
    /// signatures is smaller without it.
    #[default]
    Omit,
    /// Yes, for readers that look nowhere else.
    Write,
}

/// Values to store, each the DER as it was received.
#[derive(Clone, Debug, Default)]
pub(super) struct Values<'a> {
    pub(super) certificates: Vec<&'a [u8]>,
    /// Whole `OCSPResponse`s.
    pub(super) ocsp: Vec<&'a [u8]>,
    pub(super) crls: Vec<&'a [u8]>,
}

/// What validates one signature, for `/VRI`.
#[derive(Clone, Debug)]
pub(super) struct Related<'a> {
    /// The octets of the signature's `/Contents`, padding included.
    pub(super) contents: &'a [u8],
    pub(super) values: Values<'a>,
}

/// How many values a store did not hold before.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Added {
    /// Certificates.
    pub certificates: usize,
    /// OCSP responses.
    pub ocsp: usize,
    /// CRLs.
    pub crls: usize,
}

impl Added {
    /// Whether all was there already.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn count(&mut self, kind: Kind) {
        match kind {
            Kind::Certificate => self.certificates += 1,
            Kind::Ocsp => self.ocsp += 1,
            Kind::Crl => self.crls += 1,
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Kind {
    Certificate,
    Ocsp,
    Crl,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Certificate, Self::Ocsp, Self::Crl];

    /// In the store itself.
    fn list(self) -> &'static str {
        match self {
            Self::Certificate => "Certs",
            Self::Ocsp => "OCSPs",
            Self::Crl => "CRLs",
        }
    }

    /// In an entry of `/VRI`.
    fn related(self) -> &'static str {
        match self {
            Self::Certificate => "Cert",
            Self::Ocsp => "OCSP",
            Self::Crl => "CRL",
        }
    }

    fn of<'v>(self, values: &'v Values<'_>) -> &'v [&'v [u8]] {
        match self {
            Self::Certificate => &values.certificates,
            Self::Ocsp => &values.ocsp,
            Self::Crl => &values.crls,
        }
    }
}

/// The update that adds `values`, and `related` where it is not empty; `None` where the store holds
/// everything already.
pub(super) fn update(
    pdf: &PdfFile,
    values: &Values<'_>,
    related: &[Related<'_>],
    now: UnixTime,
) -> Result<Option<(Appended, Added)>, PadesError> {
    let mut store = Store::read(pdf)?;
    let mut update = Update::new(pdf)?;
    let mut added = Added::default();
    for kind in Kind::ALL {
        let all = kind.of(values).iter().copied();
        let listed = related
            .iter()
            .flat_map(|r| kind.of(&r.values).iter().copied());
        for value in all.chain(listed) {
            if store.enter(&mut update, kind, value) {
                added.count(kind);
            }
        }
    }
    let mut changed = !added.is_empty();
    for one in related {
        changed |= store.relate(pdf, one, now)?;
    }
    if !changed {
        return Ok(None);
    }
    store.write(pdf, &mut update)?;
    Ok(Some((update.finish()?, added)))
}

/// The store of the latest revision and what is to be added to it.
struct Store {
    catalog_id: ObjId,
    catalog: Dict,
    /// The object that the store is; `None` where there is none or it stands in the catalog.
    id: Option<ObjId>,
    dict: Dict,
    lists: Vec<List>,
    vri: Option<Dict>,
    vri_id: Option<ObjId>,
    vri_changed: bool,
    known: HashMap<(Kind, Digest), ObjId>,
}

struct List {
    kind: Kind,
    id: Option<ObjId>,
    elements: Vec<Object>,
    changed: bool,
}

impl Store {
    fn read(pdf: &PdfFile) -> Result<Self, PadesError> {
        let at = pdf.latest();
        let root = pdf.trailer(at).get("Root").cloned().unwrap_or(Object::Null);
        let (catalog_id, catalog) = last_reference(pdf, &root)?;
        let catalog_id = catalog_id.ok_or(PadesError::Structure(
            "its catalog is not an object of its own",
        ))?;
        let catalog = catalog.as_dict().cloned().unwrap_or_default();
        let entry = catalog.get("DSS").cloned().unwrap_or(Object::Null);
        let (id, dss) = last_reference(pdf, &entry)?;
        let dict = dss.as_dict().cloned();
        let mut store = Self {
            catalog_id,
            catalog,
            id: id.filter(|_| dict.is_some()),
            dict: dict.unwrap_or_default(),
            lists: Vec::new(),
            vri: None,
            vri_id: None,
            vri_changed: false,
            known: HashMap::new(),
        };
        for kind in Kind::ALL {
            let entry = store.dict.get(kind.list()).cloned();
            let (id, array) = last_reference(pdf, &entry.unwrap_or(Object::Null))?;
            let elements = array.as_array();
            let id = id.filter(|_| elements.is_some());
            let elements = elements.unwrap_or_default().to_vec();
            for element in &elements {
                let Some(id) = element.as_reference() else {
                    continue;
                };
                // What cannot be read holds nothing for us, and stays.
                let Ok(object) = pdf.resolve(element, at) else {
                    continue;
                };
                let data = object.as_stream().map(|s| pdf.stream_data(s, at));
                if let Some(Ok(data)) = data {
                    store.known.entry(key(kind, &data)).or_insert(id);
                }
            }
            store.lists.push(List {
                kind,
                id,
                elements,
                changed: false,
            });
        }
        let entry = store.dict.get("VRI").cloned().unwrap_or(Object::Null);
        let (vri_id, vri) = last_reference(pdf, &entry)?;
        store.vri = vri.as_dict().cloned();
        store.vri_id = vri_id.filter(|_| store.vri.is_some());
        Ok(store)
    }

    /// Adds a value unless it is there; says whether it was new.
    fn enter(&mut self, update: &mut Update<'_>, kind: Kind, value: &[u8]) -> bool {
        let key = key(kind, value);
        if self.known.contains_key(&key) {
            return false;
        }
        let id = update.add(stream(value));
        self.known.insert(key, id);
        if let Some(list) = self.lists.iter_mut().find(|l| l.kind == kind) {
            list.elements.push(id.into());
            list.changed = true;
        }
        true
    }

    /// Writes or completes one entry of `/VRI`; says whether that changed anything.
    fn relate(
        &mut self,
        pdf: &PdfFile,
        one: &Related<'_>,
        now: UnixTime,
    ) -> Result<bool, PadesError> {
        // The name is the digest of the whole /Contents (ISO 32000-2, table 262).
        let name = DigestAlgorithm::Sha1.digest(one.contents).to_hex();
        let name = name.to_ascii_uppercase();
        let vri = self.vri.get_or_insert_with(Dict::new);
        let at = pdf.latest();
        let existing = pdf.get(vri, &name, at)?;
        let mut entry = existing.as_dict().cloned().unwrap_or_default();
        let mut changed = false;
        for kind in Kind::ALL {
            let list = pdf.get(&entry, kind.related(), at)?;
            let mut list = list.as_array().unwrap_or_default().to_vec();
            let before = list.len();
            for value in kind.of(&one.values) {
                if let Some(id) = self.known.get(&key(kind, value)) {
                    let reference = Object::Reference(*id);
                    if !list.contains(&reference) {
                        list.push(reference);
                    }
                }
            }
            if list.len() > before {
                entry.set(kind.related(), list);
                changed = true;
            }
        }
        if changed {
            entry.set("TU", Object::string(pdf_date(now)));
            vri.set(name.as_str(), entry);
            self.vri_changed = true;
        }
        Ok(changed)
    }

    fn write(self, pdf: &PdfFile, update: &mut Update<'_>) -> Result<(), PadesError> {
        let mut dict = self.dict;
        for list in self.lists.into_iter().filter(|l| l.changed) {
            match list.id {
                Some(id) => update.set(id, list.elements),
                None => {
                    dict.set(list.kind.list(), list.elements);
                }
            }
        }
        if let Some(vri) = self.vri.filter(|_| self.vri_changed) {
            match self.vri_id {
                Some(id) => update.set(id, vri),
                None => {
                    dict.set("VRI", vri);
                }
            }
        }
        let mut catalog = self.catalog;
        let extensions = extensions::missing(pdf, &catalog)?;
        let id = match self.id {
            Some(id) => {
                update.set(id, dict);
                None
            }
            None => {
                dict.set("Type", Object::name("DSS"));
                Some(update.add(dict))
            }
        };
        if id.is_none() && extensions.is_none() {
            return Ok(());
        }
        if let Some(id) = id {
            catalog.set("DSS", id);
        }
        if let Some(extensions) = extensions {
            catalog.set("Extensions", extensions);
        }
        update.set(self.catalog_id, catalog);
        Ok(())
    }
}

fn key(kind: Kind, value: &[u8]) -> (Kind, Digest) {
    (kind, DigestAlgorithm::Sha256.digest(value))
}

fn stream(value: &[u8]) -> Stream {
    let deflated = Stream::deflated(Dict::new(), value);
    match &deflated.data {
        // The filter's name takes some octets too.
        StreamData::Owned(data) if data.len() + 24 < value.len() => deflated,
        _ => Stream::new(Dict::new(), Arc::<[u8]>::from(value)),
    }
}

#[cfg(test)]
mod tests {
    use pdf_file::{MemorySource, OpenOptions};

    use super::*;

    /// One page, in this version, with more in the catalog and these objects after the third.
    fn document(version: &str, catalog: &str, more: &[&str]) -> Vec<u8> {
        let mut objects = vec![
            format!("<</Type /Catalog /Pages 2 0 R {catalog}>>"),
            "<</Type /Pages /Kids [3 0 R] /Count 1>>".into(),
            "<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources <<>>>>".into(),
        ];
        objects.extend(more.iter().map(|o| (*o).to_owned()));
        let mut out = format!("%PDF-{version}\n").into_bytes();
        let mut offsets = Vec::new();
        for (i, body) in objects.iter().enumerate() {
            offsets.push(out.len());
            out.extend(format!("{} 0 obj\n{body}\nendobj\n", i + 1).bytes());
        }
        let (xref, size) = (out.len(), objects.len() + 1);
        out.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").bytes());
        for offset in offsets {
            out.extend(format!("{offset:010} 00000 n \n").bytes());
        }
        let trailer = format!("trailer\n<</Size {size} /Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n");
        out.extend(trailer.bytes());
        out
    }

    fn open(bytes: &[u8]) -> PdfFile {
        PdfFile::open(Arc::new(MemorySource::new(bytes)), OpenOptions::new()).unwrap()
    }

    fn add(bytes: &[u8], values: &Values<'_>, related: &[Related<'_>]) -> Option<(Vec<u8>, Added)> {
        let made = update(&open(bytes), values, related, UnixTime::EPOCH).unwrap();
        made.map(|(update, added)| ([bytes, update.bytes()].concat(), added))
    }

    fn store(pdf: &PdfFile) -> Dict {
        let at = pdf.latest();
        let catalog = pdf.get(pdf.trailer(at), "Root", at).unwrap();
        let store = pdf.get(catalog.as_dict().unwrap(), "DSS", at).unwrap();
        store.as_dict().unwrap().clone()
    }

    fn list(pdf: &PdfFile, dict: &Dict, key: &str) -> Vec<Vec<u8>> {
        let at = pdf.latest();
        let list = pdf.get(dict, key, at).unwrap();
        let list = list.as_array().unwrap_or_default();
        let data = |o: &Object| {
            let object = pdf.resolve(o, at).unwrap();
            pdf.stream_data(object.as_stream().unwrap(), at).unwrap()
        };
        list.iter().map(data).collect()
    }

    fn certificates<'a>(of: &[&'a [u8]]) -> Values<'a> {
        Values {
            certificates: of.to_vec(),
            ..Values::default()
        }
    }

    #[test]
    fn a_value_is_stored_twice() {
        let long = vec![b'x'; 5000];
        let (first, added) = add(
            &document("1.7", "", &[]),
            &certificates(&[b"one", &long, b"one"]),
            &[],
        )
        .unwrap();
        assert_eq!((added.certificates, added.ocsp, added.crls), (2, 0, 0));
        assert!(first.len() < 3000, "long values are compressed");
        assert!(add(&first, &certificates(&[b"one", &long]), &[]).is_none());
        let mut more = certificates(&[&long, b"two"]);
        // A CRL of the same octets is another thing.
        more.crls = vec![b"one"];
        let (second, added) = add(&first, &more, &[]).unwrap();
        assert_eq!((added.certificates, added.crls), (1, 1));
        let pdf = open(&second);
        let dict = store(&pdf);
        assert_eq!(
            list(&pdf, &dict, "Certs"),
            [b"one".to_vec(), long, b"two".to_vec()]
        );
        assert_eq!(list(&pdf, &dict, "CRLs"), [b"one".to_vec()]);
        assert_eq!(pdf.revisions().len(), 3);
    }

    #[test]
    fn a_store_of_another_product_loses_something() {
        // Its lists are objects of their own, it stands in the catalog, and it has entries unknown here.
        let theirs = document(
            "2.0",
            "/DSS <</Certs 4 0 R /VRI 6 0 R /Theirs (kept)>>",
            &[
                "[5 0 R null 99 0 R]",
                "<</Length 4>>\nstream\nseen\nendstream",
                "<</ABCD <</Cert [5 0 R]>>>>",
            ],
        );
        let related = Related {
            contents: b"abc",
            values: certificates(&[b"seen", b"new"]),
        };
        let (out, added) = add(&theirs, &Values::default(), &[related]).unwrap();
        assert_eq!(added.certificates, 1);
        let pdf = open(&out);
        let dict = store(&pdf);
        assert_eq!(dict.string("Theirs").unwrap().bytes, b"kept");
        let at = pdf.latest();
        let certs = pdf.get(&dict, "Certs", at).unwrap();
        assert_eq!(certs.as_array().unwrap().len(), 4);
        let vri = pdf.get(&dict, "VRI", at).unwrap();
        let vri = vri.as_dict().unwrap();
        assert!(vri.contains("ABCD"));
        // SHA-1 of "abc" (FIPS 180-2, appendix A.1), in upper case.
        let ours = pdf
            .get(vri, "A9993E364706816ABA3E25717850C26C9CD0D89D", at)
            .unwrap();
        assert_eq!(
            list(&pdf, ours.as_dict().unwrap(), "Cert"),
            [b"seen".to_vec(), b"new".to_vec()]
        );
    }

    #[test]
    fn the_extension_is_announced_in_pdf_1_alone() {
        for (version, before, expected) in [
            ("1.4", "", Some(1)),
            (
                "1.7",
                "/Extensions <</ADBE <</BaseVersion /1.7 /ExtensionLevel 8>>>>",
                Some(1),
            ),
            (
                "1.7",
                "/Extensions <</ESIC <</BaseVersion /1.7 /ExtensionLevel 5>>>>",
                Some(5),
            ),
            ("2.0", "", None),
        ] {
            let bytes = document(version, before, &[]);
            let (out, _) = add(&bytes, &certificates(&[b"one"]), &[]).unwrap();
            let pdf = open(&out);
            let at = pdf.latest();
            let catalog = pdf.get(pdf.trailer(at), "Root", at).unwrap();
            let extensions = pdf
                .get(catalog.as_dict().unwrap(), "Extensions", at)
                .unwrap();
            let level = extensions.as_dict().and_then(|e| {
                let entry = pdf.get(e, "ESIC", at).unwrap();
                entry.as_dict()?.integer("ExtensionLevel")
            });
            assert_eq!(level, expected, "{version} {before}");
            let theirs = extensions.as_dict().is_some_and(|e| e.contains("ADBE"));
            assert_eq!(theirs, before.contains("ADBE"));
        }
    }
}
