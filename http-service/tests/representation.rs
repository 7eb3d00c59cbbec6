//! Conditions and ranges, as curl asks for them.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::sync::Arc;

use http_service::{
    Bytes, Handler, HeaderMap, HeaderValue, Request, Response, Validators, header, representation,
};
use pki_asn1::UnixTime;
use support::{Served, said, tool};

/// A hundred octets under one tag.
struct Hundred;

impl Handler for Hundred {
    async fn handle(&self, request: Request) -> Response {
        let validators = Validators {
            etag: "\"aa\"",
            last_modified: UnixTime::from_secs(1_000_000_000),
        };
        let mut fields = HeaderMap::new();
        fields.insert(header::ETAG, HeaderValue::from_static(validators.etag));
        let body = Bytes::from_owner((0..100_u8).collect::<Vec<_>>());
        representation(
            &request.method,
            &request.headers,
            &validators,
            fields,
            &body,
        )
    }
}

#[test]
fn a_download_that_was_broken_off_is_continued() {
    let dir = tempfile::tempdir().unwrap();
    let served = Served::new(Arc::new(Hundred));
    let url = format!("http://{}/", served.address);
    std::fs::write(dir.path().join("part"), [0, 1, 2, 3, 4]).unwrap();
    let arguments = ["-sSf", "-C", "-", "-o", "part", &url];
    let Some(output) = tool("curl", &arguments, dir.path()) else {
        return;
    };
    assert!(output.status.success(), "{}", said(&output));
    let whole: Vec<u8> = (0..100).collect();
    assert_eq!(std::fs::read(dir.path().join("part")).unwrap(), whole);
    // curl fails on 416; its exit code differs by version.
    let beyond = tool("curl", &["-sSf", "-r", "100-", &url], Path::new(".")).unwrap();
    assert!(!beyond.status.success());
}

#[test]
fn each_answer_says_which_octets_of_how_many_it_has() {
    let served = Served::new(Arc::new(Hundred));
    for (head, status, range, body) in [
        ("GET / HTTP/1.1", "200 OK", None, 0..100),
        (
            "GET / HTTP/1.1\r\nRange: bytes=10-19",
            "206 Partial Content",
            Some("bytes 10-19/100"),
            10..20,
        ),
        (
            "GET / HTTP/1.1\r\nRange: bytes=-3\r\nIf-Range: \"aa\"",
            "206 Partial Content",
            Some("bytes 97-99/100"),
            97..100,
        ),
        (
            "GET / HTTP/1.1\r\nRange: bytes=-3\r\nIf-Range: \"bb\"",
            "200 OK",
            None,
            0..100,
        ),
        (
            "GET / HTTP/1.1\r\nRange: bytes=100-",
            "416 Range Not Satisfiable",
            Some("bytes */100"),
            0..0,
        ),
        // A copy that still serves outweighs the range; HEAD has none.
        (
            "GET / HTTP/1.1\r\nRange: bytes=1-2\r\nIf-None-Match: \"aa\"",
            "304 Not Modified",
            None,
            0..0,
        ),
        ("HEAD / HTTP/1.1\r\nRange: bytes=1-2", "200 OK", None, 0..0),
    ] {
        let (fields, octets) = served.http(head, b"");
        assert!(
            fields.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{head}: {fields}"
        );
        assert!(
            fields.contains("accept-ranges: bytes\r\n"),
            "{head}: {fields}"
        );
        let found = fields
            .lines()
            .find_map(|line| line.strip_prefix("content-range: "));
        assert_eq!(found, range, "{head}");
        assert_eq!(octets, body.collect::<Vec<u8>>(), "{head}");
    }
}
