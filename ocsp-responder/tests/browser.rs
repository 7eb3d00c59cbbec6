//! The status page in a real browser: somebody comes, fills in the form and reads the result.
#![allow(clippy::unwrap_used)]

mod support;

use ca_core::status::Status;
use pki_asn1::{Clock as _, SystemClock};
use serde_json::json;
use support::browser::Browser;
use support::{CA, Hierarchy, Running, revoked};

#[test]
fn a_visitor_finds_out_about_a_certificate_in_either_language() {
    let hierarchy =
        Hierarchy::new("Visited CA with a name that is long enough to need a second line");
    let running = Running::new(&hierarchy);
    let good = hierarchy.leaf("good.pem", &[0x4F, 0, 1]);
    let bad = hierarchy.leaf("revoked.pem", &[0x4F, 0, 2]);
    running.source.set_status(CA, good.serial(), Status::Good);
    running
        .source
        .set_status(CA, bad.serial(), revoked(SystemClock.now()));
    running.source.set_crl(CA, hierarchy.crl());
    running.wait_for_crl();
    let Some(mut browser) = Browser::start(hierarchy.dir.path()) else {
        return;
    };
    let home = format!("http://{}/?lang=en", running.served.address);

    browser.open(&home);
    assert_eq!(browser.text("h1"), "Status of certificates");
    assert!(
        browser
            .text("main")
            .contains("All information is up to date.")
    );
    assert!(browser.text("tbody").contains("companies.crl"));
    browser.type_into("#serial", "4F:00:01");
    browser.click("form[method=get] button");
    assert_eq!(browser.text(".headline"), "Good");

    // The way back, into the other language, and the form with the file.
    browser.click("nav a[hreflang=fr]");
    assert_eq!(browser.text(".headline"), "En règle");
    browser.click("header .home");
    assert_eq!(browser.value("document.documentElement.lang"), json!("fr"));
    browser.choose("#certificate", &hierarchy.path("revoked.pem"));
    browser.click("form[method=post] button");
    assert_eq!(browser.text(".headline"), "Révoqué");
    assert!(browser.text("main").contains("CN=revoked.pem"));

    // The number is decimal, and somebody says so.
    browser.open(&home);
    browser.type_into("#serial", "5177346");
    browser.value("document.querySelector('#dec').click()");
    browser.click("form[method=get] button");
    assert_eq!(browser.text(".headline"), "Revoked");

    // A mistake keeps what was typed, and says what to do.
    browser.open(&home);
    browser.type_into("#serial", "4F 00 0G");
    browser.click("form[method=get] button");
    assert!(browser.text("[role=alert]").contains("not hexadecimal"));
    assert_eq!(
        browser.value("document.querySelector('#serial').value"),
        json!("4F 00 0G")
    );

    // A phone shows all of it, nothing beside the edge.
    for page in [
        home.as_str(),
        &format!("{home}&ca={CA}").replace("/?", "/status?serial=4F0001&"),
    ] {
        browser.resize(320, 640);
        browser.open(page);
        let beyond = "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(e).position !== 'absolute').map(e => e.outerHTML.slice(0, 80))";
        assert_eq!(browser.value(beyond), json!([]), "{page}");
    }
    // 400 is the answer to a mistake, which the browser reports; nothing was blocked, nothing missing
    // but the picture that browsers ask for by themselves.
    browser
        .complaints
        .retain(|c| !c.contains("status of 400") && !c.contains("favicon"));
    assert_eq!(browser.complaints, Vec::<String>::new());
}
