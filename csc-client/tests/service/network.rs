//! Servers that answer nothing, or send elsewhere.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ades::net::{HttpSettings, ProxySetting, UreqClient};
use csc_client::{Login, Service};
use hsm_pkcs11::ErrorKind;

#[test]
fn a_redirect_takes_secrets_to_another_server() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/csc/v2", listener.local_addr().unwrap());
    let target = format!("http://{}/", elsewhere.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"{}") {
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).unwrap();
            request.extend_from_slice(&buffer[..read]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let http = UreqClient::new(HttpSettings {
        total_timeout: Duration::from_secs(60),
        proxy: ProxySetting::Direct,
        ..HttpSettings::default()
    });
    let service = Service::new(&url, Arc::new(http), Login::None);
    let error = service.credentials().unwrap_err();
    assert!(
        error.to_string().contains("redirects to another server"),
        "{error}"
    );
    assert!(elsewhere.accept().is_err());
    server.join().unwrap();
}

#[test]
fn a_service_that_does_not_answer_is_waited_for_for_ever() {
    // The kernel takes the connection; nobody reads from it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/csc/v2", listener.local_addr().unwrap());
    let http = UreqClient::new(HttpSettings {
        total_timeout: Duration::from_millis(300),
        proxy: ProxySetting::Direct,
        ..HttpSettings::default()
    });
    let service = Service::new(&url, Arc::new(http), Login::None);
    let error = service.credentials().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.to_string().contains(&url), "{error}");
}
