//! CRLs and CA certificates over HTTP: what caches are told, what is never served, and what tools that
//! nobody here wrote make of it.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ocsp_responder::Policy;
use pki_asn1::{ManualClock, UnixTime};
use support::{CA, Hierarchy, Running, said, tool};

const GET_CRL: &str = "GET /crl/companies.crl HTTP/1.1";

/// A CRL of an hour, with number 7, and a clock that stands ten minutes after its thisUpdate.
fn scene() -> (Hierarchy, Running, Arc<ManualClock>, UnixTime) {
    let hierarchy = Hierarchy::new("Publishing CA");
    // rcgen's certificates are valid from 1975 to 4096.
    let begin: UnixTime = "2026-11-22T10:00:00Z".parse().unwrap();
    let clock = Arc::new(ManualClock::new(begin + Duration::from_secs(600)));
    let policy = Policy::default();
    let running = Running::with(&hierarchy, policy, Arc::clone(&clock) as _);
    publish(&hierarchy, &running, 7, begin);
    (hierarchy, running, clock, begin)
}

fn publish(hierarchy: &Hierarchy, running: &Running, number: u64, begin: UnixTime) {
    let end = begin + Duration::from_secs(3_600);
    running
        .source
        .set_crl(CA, hierarchy.crl_of(number, begin, end));
    running.responder.look();
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.into_iter().find(|(n, _)| *n == name).map(|(_, v)| v)
}

/// Asks until the condition holds: a thread of the responder looks once a second.
fn eventually(what: &str, condition: impl Fn() -> bool) {
    let since = Instant::now();
    while !condition() {
        assert!(since.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn caches_are_told_to_the_second_how_long_a_crl_may_be_kept() {
    let (_hierarchy, running, clock, begin) = scene();
    for (after, max_age, expires) in [
        (600, 300, "Sun, 22 Nov 2026 10:15:00 GMT"),
        (3_300, 300, "Sun, 22 Nov 2026 11:00:00 GMT"),
        (3_301, 299, "Sun, 22 Nov 2026 11:00:00 GMT"),
        (3_599, 1, "Sun, 22 Nov 2026 11:00:00 GMT"),
        (3_600, 0, "Sun, 22 Nov 2026 11:00:00 GMT"),
        // The record has no newer one: it is served, and nobody may keep it.
        (4_000, 0, "Sun, 22 Nov 2026 11:06:40 GMT"),
    ] {
        clock.set(begin + Duration::from_secs(after));
        running.responder.look();
        let (head, body) = running.http(GET_CRL, &[]);
        assert!(head.starts_with("HTTP/1.1 200"), "{after}: {head}");
        assert_eq!(field(&head, "content-type"), Some("application/pkix-crl"));
        assert_eq!(
            field(&head, "last-modified"),
            Some("Sun, 22 Nov 2026 10:00:00 GMT")
        );
        assert_eq!(field(&head, "expires"), Some(expires), "{after}");
        let control = format!("max-age={max_age}, public, no-transform, must-revalidate");
        assert_eq!(field(&head, "cache-control"), Some(control.as_str()));
        assert_eq!(
            field(&head, "content-length"),
            Some(body.len().to_string().as_str())
        );
        let digest = pki_crypto::DigestAlgorithm::Sha256.digest(&body).to_hex();
        assert_eq!(field(&head, "etag"), Some(format!("\"{digest}\"").as_str()));
    }
}

#[test]
fn nothing_is_compressed_and_head_and_conditions_say_the_same() {
    let (_hierarchy, running, ..) = scene();
    let (whole, body) = running.http(GET_CRL, &[]);
    let etag = field(&whole, "etag").unwrap().to_owned();
    let (zipped, same) = running.http(&format!("{GET_CRL}\r\nAccept-Encoding: gzip, br, *"), &[]);
    assert_eq!(field(&zipped, "content-encoding"), None);
    assert_eq!(
        (field(&zipped, "etag"), same),
        (Some(etag.as_str()), body.clone())
    );
    let (head, nothing) = running.http("HEAD /crl/companies.crl HTTP/1.1", &[]);
    assert!(nothing.is_empty());
    for name in [
        "content-type",
        "etag",
        "expires",
        "cache-control",
        "content-length",
    ] {
        assert_eq!(field(&head, name), field(&whole, name), "{name}");
    }
    for condition in [
        format!("If-None-Match: {etag}"),
        "If-Modified-Since: Sun, 22 Nov 2026 10:00:00 GMT".to_owned(),
    ] {
        let (head, nothing) = running.http(&format!("{GET_CRL}\r\n{condition}"), &[]);
        assert!(head.starts_with("HTTP/1.1 304"), "{condition}: {head}");
        assert!(nothing.is_empty() && field(&head, "etag") == Some(etag.as_str()));
    }
    let since = format!("{GET_CRL}\r\nIf-Modified-Since: Sun, 22 Nov 2026 09:59:59 GMT");
    assert!(running.http(&since, &[]).0.starts_with("HTTP/1.1 200"));
    let (refused, _) = running.http("POST /crl/companies.crl HTTP/1.1", b"x");
    assert!(refused.starts_with("HTTP/1.1 405"), "{refused}");
}

#[test]
fn a_download_that_was_broken_off_goes_on_and_never_mixes_two_crls() {
    let (hierarchy, running, _clock, begin) = scene();
    let (whole, body) = running.http(GET_CRL, &[]);
    let etag = field(&whole, "etag").unwrap().to_owned();
    let url = format!("http://{}/crl/companies.crl", running.served.address);
    let dir = hierarchy.dir.path();
    std::fs::write(dir.join("part.crl"), &body[..100]).unwrap();
    let Some(resumed) = tool("curl", &["-sSf", "-C", "-", "-o", "part.crl", &url], dir) else {
        return;
    };
    assert!(resumed.status.success(), "{}", said(&resumed));
    assert_eq!(std::fs::read(dir.join("part.crl")).unwrap(), body);
    let tail = tool("curl", &["-sSf", "-r", "-20", &url], dir).unwrap();
    assert_eq!(tail.stdout, &body[body.len() - 20..]);
    let read = tool(
        "openssl",
        &[
            "crl",
            "-inform",
            "DER",
            "-in",
            "part.crl",
            "-CAfile",
            "ca.pem",
            "-noout",
            "-crlnumber",
        ],
        dir,
    );
    let read = said(&read.unwrap());
    assert!(
        read.contains("verify OK") && read.contains("0x07"),
        "{read}"
    );
    let pem = tool(
        "openssl",
        &[
            "crl", "-inform", "DER", "-in", "part.crl", "-out", "part.pem",
        ],
        dir,
    );
    assert!(pem.unwrap().status.success());
    let arguments = ["lint", "-t", "CRL", "-p", "PKIX", "part.pem"];
    if let Some(lint) = tool("lint_crl", &arguments, dir) {
        let said = said(&lint);
        assert!(!said.contains("ERROR") && !said.contains("FATAL"), "{said}");
    }
    // In the meantime the next one came.
    publish(&hierarchy, &running, 8, begin + Duration::from_secs(60));
    let rest = format!("{GET_CRL}\r\nRange: bytes=100-\r\nIf-Range: {etag}");
    let (head, next) = running.http(&rest, &[]);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(next, hierarchy_crl(&running));
    let (head, _) = running.http(&format!("{GET_CRL}\r\nRange: bytes=99999-"), &[]);
    assert!(head.starts_with("HTTP/1.1 416"), "{head}");
    assert_eq!(
        field(&head, "content-range"),
        Some(format!("bytes */{}", next.len()).as_str())
    );
}

fn hierarchy_crl(running: &Running) -> Vec<u8> {
    running.http(GET_CRL, &[]).1
}

#[test]
fn a_crl_whose_number_went_back_is_not_served_and_counts_as_an_alarm() {
    let (hierarchy, running, clock, begin) = scene();
    let seventh = hierarchy_crl(&running);
    assert_eq!(alarms(&running), 0);
    // An old backup was restored.
    publish(&hierarchy, &running, 6, begin + Duration::from_secs(60));
    assert_eq!(hierarchy_crl(&running), seventh);
    assert!(alarms(&running) > 0);
    // The same number, and other bytes: only seen where everything is looked at anew.
    let authorities = hierarchy.certify_ca("Another CA");
    running.source.add_authority("another", authorities);
    publish(&hierarchy, &running, 7, begin + Duration::from_secs(120));
    assert_eq!(hierarchy_crl(&running), seventh);
    // It ends, and there is nothing left that may be served.
    clock.set(begin + Duration::from_secs(3_601));
    running.responder.look();
    let (head, _) = running.http(GET_CRL, &[]);
    assert!(head.starts_with("HTTP/1.1 503"), "{head}");
    // The CA goes on where it was.
    publish(&hierarchy, &running, 8, begin + Duration::from_secs(3_600));
    let eighth = hierarchy_crl(&running);
    assert!(!eighth.is_empty() && eighth != seventh);
}

#[test]
fn a_crl_that_the_authority_did_not_make_is_not_served() {
    let (_hierarchy, running, _clock, begin) = scene();
    let seventh = hierarchy_crl(&running);
    let impostor = Hierarchy::new("Publishing CA");
    publish(&impostor, &running, 8, begin);
    assert_eq!(hierarchy_crl(&running), seventh);
    let stranger = Hierarchy::new("Another CA");
    publish(&stranger, &running, 9, begin);
    assert_eq!(hierarchy_crl(&running), seventh);
    assert!(alarms(&running) >= 2);
}

#[test]
fn while_the_record_is_out_of_reach_the_last_crl_is_served_until_it_ends() {
    let (_hierarchy, running, clock, begin) = scene();
    let seventh = hierarchy_crl(&running);
    let expiry = "sceau_crl_expiry_seconds{ca=\"companies\",crl=\"companies.crl\"}";
    running.wait_for_crl();
    running.source.set_unreadable(true);
    for after in [700_u32, 2_000, 3_600] {
        clock.set(begin + Duration::from_secs(after.into()));
        running.responder.look();
        assert_eq!(hierarchy_crl(&running), seventh, "{after}");
        let age = metric(&running, "sceau_record_age_seconds").unwrap();
        assert_eq!(age, f64::from(after) - 600.0);
    }
    clock.set(begin + Duration::from_secs(3_601));
    let (head, _) = running.http(GET_CRL, &[]);
    assert!(head.starts_with("HTTP/1.1 503"), "{head}");
    assert_eq!(metric(&running, expiry), Some(-1.0));
}

#[test]
fn bundles_hold_what_belongs_together_and_openssl_and_gnutls_read_them() {
    let (hierarchy, running, ..) = scene();
    let other = Hierarchy::new("Root CA");
    // Our CA certified by the root and by a generation of it; another one certified by us.
    let below = hierarchy.certify_ca("Sub CA");
    running.source.add_authority("sub", below.clone());
    running
        .source
        .add_ca_certificate(None, other.certificate.clone());
    let neighbour = hierarchy.certify_ca("Neighbour CA");
    running.source.add_ca_certificate(None, neighbour);
    let bundle = |file: &str| running.http(&format!("GET /ca/{file} HTTP/1.1"), &[]);
    // The responder may look at the source between any two of the lines above.
    let holds = |file: &str, name: &[u8]| bundle(file).1.windows(name.len()).any(|w| w == name);
    eventually("the bundles", || {
        holds("sub.p7c", b"Sub CA")
            && holds("companies.issued.p7c", b"Sub CA")
            && holds("companies.issued.p7c", b"Neighbour CA")
    });
    let dir = hierarchy.dir.path();
    for (file, expected) in [
        ("sub.p7c", vec!["Sub CA"]),
        ("sub.chain.p7c", vec!["Publishing CA", "Sub CA"]),
        ("companies.p7c", vec!["Publishing CA"]),
        ("companies.chain.p7c", vec!["Publishing CA"]),
        ("companies.issued.p7c", vec!["Neighbour CA", "Sub CA"]),
    ] {
        let (head, body) = bundle(file);
        assert_eq!(
            field(&head, "content-type"),
            Some("application/pkcs7-mime; smime-type=certs-only"),
            "{file}"
        );
        std::fs::write(dir.join(file), &body).unwrap();
        let arguments = [
            "pkcs7",
            "-inform",
            "DER",
            "-in",
            file,
            "-print_certs",
            "-noout",
        ];
        let Some(output) = tool("openssl", &arguments, dir) else {
            return;
        };
        let said = said(&output);
        let mut subjects: Vec<&str> = said
            .lines()
            .filter(|l| l.starts_with("subject"))
            .filter_map(|l| l.rsplit_once('=').map(|(_, cn)| cn.trim()))
            .collect();
        subjects.sort_unstable();
        assert_eq!(subjects, expected, "{file}");
        let arguments = ["--p7-info", "--inder", "--infile", file];
        if let Some(output) = tool("certtool", &arguments, dir) {
            let said = support::said(&output);
            let count = format!("Number of certificates: {}", expected.len());
            assert!(
                output.status.success() && said.contains(&count),
                "{file}: {said}"
            );
        }
    }
    assert!(bundle("sub.issued.p7c").0.starts_with("HTTP/1.1 404"));
    assert!(bundle("nobody.p7c").0.starts_with("HTTP/1.1 404"));
}

fn alarms(running: &Running) -> u64 {
    metric(running, "sceau_crl_refused_total").unwrap() as u64
}

fn metric(running: &Running, name: &str) -> Option<f64> {
    let text = support::metrics(&running.responder);
    let line = text
        .lines()
        .find_map(|l| l.strip_prefix(name)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

/// The resident memory of this process in octets; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

#[test]
fn a_hundred_downloads_of_a_large_crl_hold_it_once() {
    use std::io::{Read, Write};
    let (hierarchy, running, _clock, begin) = scene();
    let large = hierarchy.large_crl(8, begin, begin + Duration::from_secs(3_600), 250_000);
    let size = large.der.len();
    assert!(size > 8_000_000, "{size}");
    running.source.set_crl(CA, large);
    running.responder.look();
    let (head, _) = running.http("HEAD /crl/companies.crl HTTP/1.1", &[]);
    assert_eq!(
        field(&head, "content-length"),
        Some(size.to_string().as_str())
    );
    let before = resident();
    // Each has read the beginning and leaves the rest where it is.
    let request = format!("{GET_CRL}\r\nHost: service.sceau.example\r\n\r\n");
    let begun: Vec<std::net::TcpStream> = (0..100)
        .map(|_| {
            let mut stream = running.served.connect();
            stream.write_all(request.as_bytes()).unwrap();
            stream.read_exact(&mut [0; 4096]).unwrap();
            stream
        })
        .collect();
    let grown = resident().saturating_sub(before);
    assert!(grown < 3 * size as u64, "{grown} for 100 of {size}");
    drop(begun);
}
