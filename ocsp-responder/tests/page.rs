//! The status page: it says what OCSP says, in two languages, whatever a certificate is called.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ca_core::RevocationReason;
use ca_core::status::Status;
use ocsp_responder::Policy;
use pki_asn1::ocsp::{BasicResponse, CertStatus, OcspResponse, OcspResponseStatus};
use pki_asn1::{Certificate, Clock as _, ManualClock, SystemClock, UnixTime, pem};
use pki_crypto::DigestAlgorithm;
use rcgen::{CertificateParams, DnType, KeyPair, SerialNumber};
use support::{CA, Hierarchy, Running, build, python, revoked, said, tool};

const BROWSER: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

struct Scene {
    hierarchy: Hierarchy,
    running: Running,
    clock: Arc<ManualClock>,
    certificates: HashMap<&'static str, Certificate>,
}

/// One certificate of each status.
fn scene() -> Scene {
    let hierarchy = Hierarchy::new("Page CA");
    let now = SystemClock.now();
    let clock = Arc::new(ManualClock::new(now));
    let running = Running::with(&hierarchy, Policy::default(), Arc::clone(&clock) as _);
    let held = |reason| Status::Revoked {
        at: now - Duration::from_secs(60),
        reason,
        invalidity_date: None,
    };
    let mut certificates = HashMap::new();
    for (name, serial, status) in [
        ("good", 0xA1, Some(Status::Good)),
        ("revoked", 0xA2, Some(revoked(now))),
        ("hold", 0xA3, Some(held(RevocationReason::CertificateHold))),
        ("superseded", 0xA4, Some(held(RevocationReason::Superseded))),
        ("never", 0xA5, None),
    ] {
        let file = format!("{name}.pem");
        let certificate = hierarchy.leaf(&file, &[0x4F, 0, serial]);
        if let Some(status) = status {
            running.source.set_status(CA, certificate.serial(), status);
        }
        certificates.insert(name, certificate);
    }
    running.source.set_crl(CA, hierarchy.crl());
    running.responder.look();
    Scene {
        hierarchy,
        running,
        clock,
        certificates,
    }
}

impl Scene {
    fn get(&self, target: &str, fields: &str) -> (String, String) {
        let head = format!("GET {target} HTTP/1.1\r\n{BROWSER}{fields}");
        let (head, body) = self.running.http(&head, &[]);
        (head, String::from_utf8(body).unwrap())
    }

    fn look_up(&self, certificate: &Certificate, language: &str) -> String {
        let serial = hex(certificate.serial());
        let (_, page) = self.get(
            &format!("/status?ca={CA}&serial={serial}&lang={language}"),
            "",
        );
        headline(&page)
    }

    /// Sends a file with the form.
    fn send(&self, file: &[u8]) -> (String, String) {
        let mut body = b"--limit\r\nContent-Disposition: form-data; name=\"certificate\"; filename=\"x\"\r\n\r\n".to_vec();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--limit--\r\n");
        let head = "POST /status HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=limit";
        let (head, body) = self.running.http(head, &body);
        (head, String::from_utf8(body).unwrap())
    }

    fn ocsp(&self, certificate: &Certificate) -> Vec<u8> {
        let ca = &self.hierarchy.certificate;
        let id = build::cert_id(ca, certificate.serial(), DigestAlgorithm::Sha256, false);
        self.running.post(&build::request(&[id], None)).1
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|b| format!("{b:02x}")).collect()
}

/// What the result says in large letters.
fn headline(page: &str) -> String {
    let after = page.split("class=\"headline\">").nth(1);
    let text = after.and_then(|rest| rest.split('<').next());
    text.unwrap_or_else(|| panic!("no result in:\n{page}"))
        .to_owned()
}

#[test]
fn the_page_never_says_anything_else_than_ocsp() {
    let scene = scene();
    for (name, english, french) in [
        ("good", "Good", "En règle"),
        ("revoked", "Revoked", "Révoqué"),
        ("hold", "On hold", "Suspendu"),
        ("superseded", "Revoked", "Révoqué"),
        ("never", "Never issued", "Jamais émis"),
    ] {
        let certificate = &scene.certificates[name];
        assert_eq!(scene.look_up(certificate, "en"), english);
        assert_eq!(scene.look_up(certificate, "fr"), french);
        let (head, page) = scene.send(certificate.der());
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert_eq!(headline(&page), english);
        let basic = BasicResponse::from_response(&scene.ocsp(certificate)).unwrap();
        let told = match &basic.data().responses[0].cert_status {
            CertStatus::Good(_) => "Good",
            CertStatus::Revoked(info)
                if info.revocation_reason
                    == Some(x509_cert::ext::pkix::CrlReason::CertificateHold) =>
            {
                "On hold"
            }
            CertStatus::Revoked(_) => "Revoked",
            CertStatus::Unknown(_) => "Never issued",
        };
        assert_eq!(told, english, "{name}");
    }
    // The record changes: both follow at once.
    let good = &scene.certificates["good"];
    scene
        .running
        .source
        .set_status(CA, good.serial(), revoked(scene.clock.now()));
    assert_eq!(scene.look_up(good, "en"), "Revoked");
    let basic = BasicResponse::from_response(&scene.ocsp(good)).unwrap();
    assert!(matches!(
        basic.data().responses[0].cert_status,
        CertStatus::Revoked(_)
    ));
}

#[test]
fn with_old_data_the_page_says_that_it_cannot_tell_as_ocsp_says_try_later() {
    use der::Decode as _;
    let scene = scene();
    let good = &scene.certificates["good"];
    scene.running.source.set_unreadable(true);
    scene.clock.advance(Duration::from_secs(61));
    let status = OcspResponse::from_der(&scene.ocsp(good))
        .unwrap()
        .response_status;
    assert_eq!(status, OcspResponseStatus::TryLater);
    let serial = hex(good.serial());
    let (head, page) = scene.get(&format!("/status?ca={CA}&serial={serial}&lang=en"), "");
    assert!(
        head.starts_with("HTTP/1.1 503") && head.contains("retry-after: "),
        "{head}"
    );
    assert_eq!(headline(&page), "Cannot tell now");
    // What is served is still told, with what is wrong.
    let (head, page) = scene.get("/", "");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(page.contains("The record is out of reach"), "{page}");
    assert!(page.contains("Some information is out of date."), "{page}");
}

#[test]
fn the_details_are_read_off_the_certificate_that_was_sent() {
    let scene = scene();
    let text = pem::encode("CERTIFICATE", scene.certificates["superseded"].der()).unwrap();
    let (_, page) = scene.send(text.repeat(2).as_bytes());
    for expected in [
        "CN=superseded.pem",
        "4F:00:A4",
        "replaced by another certificate",
        "CN=Page CA",
        "1 January 4096, 00:00:00 UTC",
        "This is about the first.",
    ] {
        assert!(page.contains(expected), "{expected} in:\n{page}");
    }
    // A certificate that has ended is said to have, good or not.
    scene
        .clock
        .set("4097-01-01T00:00:00Z".parse::<UnixTime>().unwrap());
    scene.running.responder.look();
    let (_, page) = scene.send(scene.certificates["good"].der());
    assert!(page.contains("Its validity has ended"), "{page}");
}

#[test]
fn a_certificate_that_only_names_our_authority_is_called_what_it_is() {
    let scene = scene();
    let impostor = Hierarchy::new("Page CA").leaf("good.pem", scene.certificates["good"].serial());
    assert_eq!(
        headline(&scene.send(impostor.der()).1),
        "Not ours, but it says so"
    );
    let stranger = Hierarchy::new("Another CA").leaf("x.pem", &[1]);
    assert_eq!(headline(&scene.send(stranger.der()).1), "Not ours");
}

#[test]
fn hostile_names_are_text_and_nothing_else() {
    let scene = scene();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    let hostile = "<script>alert(1)</script>\" onload='x' &lt; \u{202e}moc.elpmaxe\u{2066}";
    params.distinguished_name.push(DnType::CommonName, hostile);
    params.serial_number = Some(SerialNumber::from_slice(&[0x4F, 9]));
    let certificate = scene
        .hierarchy
        .issue(&params, &KeyPair::generate().unwrap());
    scene
        .running
        .source
        .add_authority("hostile", certificate.clone());
    scene.running.responder.look();
    let (_, result) = scene.send(certificate.der());
    let (_, overview) = scene.get("/", "");
    let typed =
        "/status?lang=en&ca=companies&serial=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&base=%22";
    let (head, mistake) = scene.get(typed, "");
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    assert!(
        mistake.contains("The serial number is not hexadecimal"),
        "{mistake}"
    );
    let unknown = "/status?lang=en&ca=%3Cscript%3E&serial=1";
    let (_, unknown) = scene.get(unknown, "");
    assert!(unknown.contains("no authority of this name"), "{unknown}");
    for page in [result, overview, mistake, unknown] {
        assert!(!page.contains("<script"), "{page}");
        assert!(!page.contains(" onload='"), "{page}");
        assert!(!page.contains(['\u{202e}', '\u{2066}']), "{page}");
    }
}

#[test]
fn every_mistake_is_named_and_what_was_typed_comes_back() {
    let scene = scene();
    for (query, said) in [
        ("ca=companies&serial=", "Please enter a serial number."),
        ("ca=companies&serial=xyz", "is not hexadecimal"),
        ("ca=companies&serial=0A&base=dec", "is not decimal"),
        (
            "ca=companies&serial=1111111111111111111111111111111111111111111",
            "is too long",
        ),
        ("ca=nobody&serial=1", "no authority of this name"),
        ("serial=1", "no authority of this name"),
    ] {
        let (head, page) = scene.get(&format!("/status?lang=en&{query}"), "");
        assert!(head.starts_with("HTTP/1.1 400"), "{query}: {head}");
        assert!(page.contains(said), "{query}:\n{page}");
    }
    let (_, page) = scene.get("/status?lang=en&ca=companies&serial=0A&base=dec", "");
    assert!(page.contains("value=\"0A\""), "{page}");
    for (file, said) in [
        (&b""[..], "Please choose a certificate file."),
        (b"hello", "holds no certificate"),
        (
            b"-----BEGIN CERTIFICATE-----\nAAAA\n",
            "holds no certificate",
        ),
        (&[0x30, 0x82, 0xFF, 0xFF], "holds no certificate"),
    ] {
        let (head, page) = scene.send(file);
        assert!(head.starts_with("HTTP/1.1 400"), "{head}");
        assert!(page.contains(said), "{said}:\n{page}");
    }
    let (head, page) = scene.send(&vec![b'x'; 62_000]);
    assert!(
        head.starts_with("HTTP/1.1 400") && page.contains("did not arrive as it should"),
        "{head}"
    );
    let (head, _) = scene.send(&vec![b'x'; 70_000]);
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
    let (head, _) = scene
        .running
        .http("POST /status HTTP/1.1\r\nContent-Type: text/plain", b"x");
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    let (head, _) = scene.running.http("POST / HTTP/1.1", b"x");
    assert!(head.starts_with("HTTP/1.1 405"), "{head}");
}

#[test]
fn decimal_and_hexadecimal_find_the_same_certificate() {
    let scene = scene();
    // 4F00A1
    for query in [
        "serial=4f:00:a1",
        "serial=004F+00+A1",
        "serial=5177505&base=dec",
    ] {
        let (_, page) = scene.get(&format!("/status?ca={CA}&lang=en&{query}"), "");
        assert_eq!(headline(&page), "Good", "{query}");
    }
}

#[test]
fn the_page_loads_nothing_runs_nothing_and_is_not_kept_or_indexed() {
    let scene = scene();
    let serial = format!("/status?ca={CA}&serial=4F00A1");
    for target in ["/", "/status", &serial] {
        let (head, page) = scene.get(target, "");
        for field in [
            "content-security-policy: default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "x-robots-tag: noindex",
            "cache-control: no-store",
            "vary: Accept, Accept-Language",
        ] {
            assert!(head.contains(field), "{field} in:\n{head}");
        }
        assert!(
            page.contains("<meta name=\"robots\" content=\"noindex\">"),
            "{page}"
        );
        assert!(!page.contains("://"), "{page}");
        assert!(
            !page.contains(" style=") && !page.contains("<script"),
            "{page}"
        );
    }
    let (head, style) = scene.get("/style.css", "");
    assert!(head.contains("content-type: text/css"), "{head}");
    assert!(
        !style.contains("url(") && !style.contains("@import"),
        "{style}"
    );
}

#[test]
fn a_script_at_the_root_gets_the_plain_text_it_always_got() {
    let scene = scene();
    for accept in ["Accept: */*", "X-None: 1"] {
        let (head, body) = scene
            .running
            .http(&format!("GET / HTTP/1.1\r\n{accept}"), &[]);
        assert!(head.contains("content-type: text/plain"), "{head}");
        assert!(body.starts_with(b"sceau-ocsp\n"));
    }
    let (head, page) = scene.get("/", "\r\nAccept-Language: fr-MC,fr;q=0.9,en;q=0.5");
    assert!(head.contains("content-language: fr"), "{head}");
    assert!(
        page.contains("<html lang=\"fr\">") && page.contains("à jour"),
        "{page}"
    );
    let (_, page) = scene.get("/?lang=en", "\r\nAccept-Language: fr");
    assert!(page.contains("<html lang=\"en\">"), "{page}");
}

#[test]
fn every_page_is_valid_html_to_a_strict_parser() {
    let scene = scene();
    let dir = scene.hierarchy.dir.path();
    let mut files = Vec::new();
    for (at, target) in [
        "/?lang=en".to_owned(),
        "/?lang=fr".to_owned(),
        format!("/status?ca={CA}&serial=4F00A1&lang=en"),
        format!("/status?ca={CA}&serial=4F00A2&lang=fr"),
        format!("/status?ca={CA}&serial=xyz&lang=fr"),
    ]
    .iter()
    .enumerate()
    {
        let file = format!("page{at}.html");
        std::fs::write(dir.join(&file), scene.get(target, "").1).unwrap();
        files.push(file);
    }
    let sent = scene.send(scene.certificates["revoked"].der()).1;
    std::fs::write(dir.join("sent.html"), sent).unwrap();
    files.push("sent.html".into());
    judge_html(dir, &files);
}

/// html5lib is the reference implementation of the HTML standard's parser; identifiers and labels are
/// looked at besides.
fn judge_html(dir: &Path, files: &[String]) {
    let script = "import sys, html5lib
for name in sys.argv[1:]:
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(open(name).read())
    ids = [e.get('id') for e in page.iter() if e.get('id')]
    assert len(ids) == len(set(ids)), (name, ids)
    for e in page.iter():
        for attribute in ('aria-labelledby', 'aria-describedby', 'for'):
            for target in (e.get(attribute) or '').split():
                assert target in ids, (name, attribute, target)
        if e.tag in ('input', 'select') and e.get('type') != 'hidden':
            assert any(l.get('for') == e.get('id') for l in page.iter('label')), (name, e.get('id'))
        if e.tag == 'table':
            assert e.find('caption') is not None, name
    levels = [int(e.tag[1]) for e in page.iter() if e.tag in ('h1', 'h2', 'h3', 'h4')]
    assert levels[0] == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:])), (name, levels)
print('valid')
";
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    if let Some(said) = python(script, &files, dir) {
        assert!(said.contains("valid"), "{said}");
    }
}

#[test]
fn curl_sends_the_form_as_browsers_do() {
    let scene = scene();
    let dir = scene.hierarchy.dir.path();
    let url = format!("http://{}/status?lang=fr", scene.running.served.address);
    let Some(output) = tool(
        "curl",
        &["-sS", "-F", "certificate=@revoked.pem", &url],
        dir,
    ) else {
        return;
    };
    assert_eq!(headline(&said(&output)), "Révoqué");
}
