//! The seeds of the fuzz target `http-fields` are what their names say; that nothing panics on them, `fuzz/tests` sees.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use http_service::clients::{Network, forwarded};
use http_service::{HeaderMap, HeaderValue, Part, http_date, parse_http_date};

#[test]
fn every_seed_of_the_fuzz_target_is_read_as_its_name_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/http-fields");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let (name, text) = (
            path.file_name().unwrap().to_str().unwrap().to_owned(),
            std::fs::read_to_string(&path).unwrap(),
        );
        for length in [0, 1, 1000, usize::MAX] {
            if let Part::Octets(octets) = Part::parse(&text, length) {
                assert!(octets.start < octets.end && octets.end <= length, "{name}");
            }
        }
        let part = Part::parse(&text, 1000);
        assert_eq!(part != Part::Whole, name.starts_with("range"), "{name}");
        let time = parse_http_date(&text);
        assert_eq!(time.is_some(), name.starts_with("date"), "{name}");
        if let Some(time) = time {
            assert_eq!(parse_http_date(&http_date(time)), Some(time), "{name}");
        }
        let network = text.parse::<Network>();
        assert_eq!(network.is_ok(), name.starts_with("network"), "{name}");
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_str(&text).unwrap());
        let peer = [192, 0, 2, 1].into();
        assert_eq!(forwarded::client(peer, &headers, |_| false), peer, "{name}");
        let believed = forwarded::client(peer, &headers, |_| true) != peer;
        let hops = name.starts_with("hops") || text.parse::<std::net::IpAddr>().is_ok();
        assert_eq!(believed, hops, "{name}");
        seen += 1;
    }
    assert!(seen > 0, "the corpus is empty");
}
