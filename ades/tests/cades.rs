//! OpenSSL judges the CAdES signatures we make of files.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use ades::cades::{CadesError, CadesOptions, sign_attached, sign_detached};
use ades::cms::build::CmsSigner;
use common::{Hierarchy, Usage, accepts};
use hsm_pkcs11::KeySpec;
use pki_asn1::{Clock, SystemClock};

fn signer(pki: &Hierarchy) -> CmsSigner {
    let identity = pki.issue("Signer", KeySpec::P384, Usage::Signing);
    CmsSigner::new(
        identity.key,
        identity.certificate,
        std::slice::from_ref(&pki.issuing),
    )
    .unwrap()
}

#[test]
fn large_and_small_files_verify_attached_and_detached() {
    let pki = Hierarchy::new();
    let signer = signer(&pki);
    let dir = tempfile::tempdir().unwrap();
    let root = pki.write_root(dir.path());
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let options = CadesOptions::new(SystemClock.now());
    // Around the sizes where DER lengths grow and buffers end.
    for len in [1, 127, 128, 65_535, 65_536, 3_000_000] {
        let content: Vec<u8> = (0..len).map(|i: usize| (i % 251) as u8).collect();
        std::fs::write(path("content"), &content).unwrap();
        let (mut detached, mut attached) = (Vec::new(), Vec::new());
        sign_detached(&mut &content[..], &mut detached, &signer, &options, None).unwrap();
        sign_attached(
            &mut Cursor::new(&content),
            &mut attached,
            &signer,
            &options,
            None,
        )
        .unwrap();
        std::fs::write(path("detached"), detached).unwrap();
        std::fs::write(path("attached"), attached).unwrap();
        let (content_path, detached, attached, out) = (
            path("content"),
            path("detached"),
            path("attached"),
            path("out"),
        );
        let verify = [
            "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-CAfile", &root,
        ];
        accepts(
            "openssl",
            &[
                &verify[..],
                &[
                    "-in",
                    &detached,
                    "-content",
                    &content_path,
                    "-out",
                    "/dev/null",
                ],
            ]
            .concat(),
        );
        if accepts(
            "openssl",
            &[&verify[..], &["-in", &attached, "-out", &out]].concat(),
        )
        .is_some()
        {
            assert_eq!(std::fs::read(path("out")).unwrap(), content);
        }
    }
}

/// A file that another program writes to while it is signed.
struct Restless(Cursor<Vec<u8>>);

impl Read for Restless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Seek for Restless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if to == SeekFrom::Start(0) {
            self.0.get_mut()[3] ^= 1;
        }
        self.0.seek(to)
    }
}

#[test]
fn content_that_changes_between_hashing_and_copying_is_not_signed() {
    let pki = Hierarchy::new();
    let mut content = Restless(Cursor::new(b"a contract".to_vec()));
    let options = CadesOptions::new(SystemClock.now());
    let error =
        sign_attached(&mut content, &mut Vec::new(), &signer(&pki), &options, None).unwrap_err();
    assert!(matches!(error, CadesError::Write(_)), "{error}");
}
