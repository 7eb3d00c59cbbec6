//! Encrypted files: qpdf encrypts by every method of ISO 32000-2, 7.6; we must read them, and qpdf
//! must read what we add.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use pdf_file::{
    AuthenticatedAs, Dict, EncryptionMethod, MemorySource, ObjId, Object, OpenOptions, PdfError,
    PdfFile, ReservedKey, Stream, Update,
};

const PLAIN: &str = "%PDF-1.7\n\
    1 0 obj\n<< /Type /Catalog /Pages 2 0 R /Note (in clear: \\(text\\)) /Metadata 5 0 R >>\nendobj\n\
    2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
    3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R >>\nendobj\n\
    4 0 obj\n<< /Length 18 >>\nstream\n0 0 50 50 re f   \n\nendstream\nendobj\n\
    5 0 obj\n<< /Type /Metadata /Subtype /XML /Length 7 >>\nstream\n<x></x>\nendstream\nendobj\n\
    trailer\n<< /Root 1 0 R /Size 6 >>\n%%EOF\n";

struct Method {
    name: &'static str,
    arguments: &'static [&'static str],
    strings: EncryptionMethod,
    metadata_in_clear: bool,
}

const METHODS: &[Method] = &[
    Method {
        name: "rc4-40",
        arguments: &["40", "--"],
        strings: EncryptionMethod::Rc4 { key_bits: 40 },
        metadata_in_clear: false,
    },
    Method {
        name: "rc4-128",
        arguments: &["128", "--use-aes=n", "--"],
        strings: EncryptionMethod::Rc4 { key_bits: 128 },
        metadata_in_clear: false,
    },
    Method {
        name: "rc4-128-crypt-filter",
        arguments: &["128", "--use-aes=n", "--force-V4", "--"],
        strings: EncryptionMethod::Rc4 { key_bits: 128 },
        metadata_in_clear: false,
    },
    Method {
        name: "aes-128",
        arguments: &["128", "--use-aes=y", "--"],
        strings: EncryptionMethod::Aes128,
        metadata_in_clear: false,
    },
    Method {
        name: "aes-128-clear-metadata",
        arguments: &["128", "--use-aes=y", "--cleartext-metadata", "--"],
        strings: EncryptionMethod::Aes128,
        metadata_in_clear: true,
    },
    Method {
        name: "aes-256-revision-5",
        arguments: &["256", "--force-R5", "--"],
        strings: EncryptionMethod::Aes256,
        metadata_in_clear: false,
    },
    Method {
        name: "aes-256",
        arguments: &["256", "--"],
        strings: EncryptionMethod::Aes256,
        metadata_in_clear: false,
    },
    Method {
        name: "aes-256-clear-metadata",
        arguments: &["256", "--cleartext-metadata", "--"],
        strings: EncryptionMethod::Aes256,
        metadata_in_clear: true,
    },
];

fn qpdf_is_missing() -> bool {
    let missing = Command::new("qpdf").arg("--version").output().is_err();
    if missing {
        eprintln!("skipped: qpdf not found");
    }
    missing
}

/// Standard output, where qpdf is content.
fn qpdf(arguments: &[&str], files: &[&Path]) -> Vec<u8> {
    let output = Command::new("qpdf")
        .args(arguments)
        .args(files)
        .output()
        .unwrap();
    let code = output.status.code();
    assert!(
        matches!(code, Some(0 | 3)),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn encrypted(folder: &Path, method: &Method, user: &str, extra: &[&str]) -> Vec<u8> {
    let (plain, out) = (folder.join("plain.pdf"), folder.join("encrypted.pdf"));
    std::fs::write(&plain, PLAIN).unwrap();
    let mut arguments = vec!["--allow-weak-crypto", "--static-id"];
    arguments.extend(extra);
    arguments.extend(["--encrypt", user, "owner-secret"]);
    arguments.extend(method.arguments);
    qpdf(&arguments, &[&plain, &out]);
    std::fs::read(&out).unwrap()
}

fn open(bytes: &[u8], password: Option<&str>) -> Result<PdfFile, PdfError> {
    let options = match password {
        Some(password) => OpenOptions::new().with_password(password.to_owned().into()),
        None => OpenOptions::new(),
    };
    PdfFile::open(Arc::new(MemorySource::new(bytes)), options)
}

fn get(pdf: &PdfFile, dict: &Object, key: &str) -> Arc<Object> {
    pdf.get(dict.as_dict().unwrap(), key, pdf.latest()).unwrap()
}

fn root(pdf: &PdfFile) -> (ObjId, Arc<Object>) {
    let id = pdf.trailer(pdf.latest()).reference("Root").unwrap();
    (id, pdf.object(id, pdf.latest()).unwrap())
}

fn reads_in_clear(pdf: &PdfFile) {
    let (_, catalog) = root(pdf);
    assert_eq!(
        get(pdf, &catalog, "Note").as_string().unwrap().to_text(),
        "in clear: (text)"
    );
    let metadata = get(pdf, &catalog, "Metadata");
    assert_eq!(
        pdf.stream_data(metadata.as_stream().unwrap(), pdf.latest())
            .unwrap(),
        b"<x></x>"
    );
    let page = pdf.page(0, pdf.latest()).unwrap();
    let contents = get(pdf, &page.dict, "Contents");
    let contents = pdf
        .stream_data(contents.as_stream().unwrap(), pdf.latest())
        .unwrap();
    assert!(
        contents.starts_with(b"0 0 50 50 re f"),
        "{}",
        contents.escape_ascii()
    );
}

#[test]
fn a_document_opens_with_either_password_and_with_no_other() {
    if qpdf_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for method in METHODS {
        let bytes = encrypted(folder.path(), method, "user-secret", &[]);
        assert!(
            matches!(open(&bytes, None), Err(PdfError::PasswordRequired)),
            "{}",
            method.name
        );
        assert!(
            matches!(
                open(&bytes, Some("user-secreT")),
                Err(PdfError::WrongPassword)
            ),
            "{}",
            method.name
        );
        for (password, who) in [
            ("user-secret", AuthenticatedAs::User),
            ("owner-secret", AuthenticatedAs::Owner),
        ] {
            let pdf = open(&bytes, Some(password)).unwrap();
            let info = pdf.encryption().unwrap();
            assert_eq!(
                (info.authenticated_as, info.strings),
                (who, method.strings),
                "{}",
                method.name
            );
            assert_eq!(
                info.encrypt_metadata, !method.metadata_in_clear,
                "{}",
                method.name
            );
            reads_in_clear(&pdf);
        }
    }
}

#[test]
fn the_empty_user_password_is_tried_unasked_even_beside_a_wrong_one() {
    if qpdf_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for method in METHODS {
        let bytes = encrypted(folder.path(), method, "", &["--object-streams=generate"]);
        for password in [None, Some("something else")] {
            let pdf = open(&bytes, password).unwrap();
            assert_eq!(
                pdf.encryption().unwrap().authenticated_as,
                AuthenticatedAs::User,
                "{}",
                method.name
            );
            reads_in_clear(&pdf);
        }
    }
}

#[test]
fn qpdf_decrypts_what_an_update_adds() {
    if qpdf_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let updated = folder.path().join("updated.pdf");
    let clear = folder.path().join("clear.pdf");
    for (method, objects) in METHODS.iter().flat_map(|m| {
        [
            (m, "--object-streams=disable"),
            (m, "--object-streams=generate"),
        ]
    }) {
        let bytes = encrypted(folder.path(), method, "user-secret", &[objects]);
        let pdf = open(&bytes, Some("owner-secret")).unwrap();
        let mut update = Update::new(&pdf).unwrap();
        let stream = update.add(Stream::deflated(Dict::new(), b"a stream added later"));
        let (id, catalog) = root(&pdf);
        let mut catalog = catalog.as_dict().cloned().unwrap();
        catalog.set("Added", Object::string("a string added later"));
        catalog.set("Stream", stream);
        catalog.set("Space", Object::reserved_hex(ReservedKey(1), 8));
        update.set(id, catalog);
        // A stream of the file written once more, with a new dictionary.
        let metadata = root(&pdf)
            .1
            .as_dict()
            .unwrap()
            .reference("Metadata")
            .unwrap();
        let again = (*pdf.object(metadata, pdf.latest()).unwrap()).clone();
        update.set(metadata, again);
        let mut appended = update.finish().unwrap();
        appended.fill(ReservedKey(1), b"\x01\x02").unwrap();
        let whole = [&bytes, appended.bytes()].concat();
        std::fs::write(&updated, &whole).unwrap();

        let span = appended.reserved(ReservedKey(1)).unwrap();
        assert_eq!(
            &whole[span.start as usize..span.end as usize],
            b"<0102000000000000>"
        );
        reads_in_clear(&open(&whole, Some("user-secret")).unwrap());

        qpdf(&["--password=user-secret", "--check"], &[&updated]);
        qpdf(
            &[
                "--password=user-secret",
                "--decrypt",
                "--qdf",
                "--object-streams=disable",
            ],
            &[&updated, &clear],
        );
        let clear = String::from_utf8_lossy(&std::fs::read(&clear).unwrap()).into_owned();
        for expected in [
            "(a string added later)",
            "a stream added later",
            "<x></x>",
            "in clear",
        ] {
            assert!(
                clear.contains(expected),
                "{} {objects}: {expected} is missing",
                method.name
            );
        }
    }
}

#[test]
fn a_document_for_certificates_is_not_taken_for_damaged() {
    let bytes = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
        2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n\
        trailer\n<< /Root 1 0 R /Encrypt << /Filter /Adobe.PubSec /V 4 /Recipients [] >> >>\n%%EOF\n";
    let error = open(bytes, None).unwrap_err();
    assert!(
        matches!(error, PdfError::PublicKeyEncryption { .. }),
        "{error}"
    );
    assert!(error.hint().is_some());
}
