//! The corpus of odd PDFs, which lies outside the project.
#![allow(dead_code)] // each test program uses some of it

use std::path::{Path, PathBuf};

/// Where it is: under `$SCEAU_CORPORA`, else beside the project.
pub(crate) fn corpus() -> Option<PathBuf> {
    let given = std::env::var_os("SCEAU_CORPORA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    [given, Some(beside)]
        .into_iter()
        .flatten()
        .map(|root| root.join("pdf-odd"))
        .find(|dir| dir.is_dir())
}

/// All its PDFs, in order.
pub(crate) fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|e| e.eq_ignore_ascii_case("pdf"))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// File and its password, where one is known.
pub(crate) const PASSWORDS: &[(&str, &str)] = &[
    ("pdf.js/encrypted-attachment.pdf", "000000"),
    ("pdf.js/issue3371.pdf", "ELXRTQWS"),
    ("pdfbox/PasswordSample-128bit.pdf", "user"),
    ("pdfbox/PasswordSample-256bit.pdf", "owner"),
    ("pdfbox/PasswordSample-40bit.pdf", "user"),
    ("pdfbox/sign_me_protected.pdf", " "),
    ("pikepdf/graph-encrypted.pdf", "owner"),
    (
        "sample-files/libreoffice-writer-password.pdf",
        "openpassword",
    ),
];

/// The password of a file given by its path below the corpus; empty where there is none.
pub(crate) fn password(name: &str) -> &'static str {
    PASSWORDS
        .iter()
        .find(|(file, _)| *file == name)
        .map_or("", |(_, password)| password)
}
