//! Keys that hang, clients that dawdle and certificates that change, under handshakes and plain
//! connections at one time.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream as Client};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Instant;

use bytes::Bytes;
use hsm_pkcs11::Protection;
use pki_crypto::PublicKey;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::*;
use crate::handler::{Handler, Request, Response};
use crate::server::{Limits, Server};
use crate::stop::Stop;
use crate::{StatusCode, respond};

/// A key whose token answers while the switch is on, and hangs while it is off.
#[derive(Debug)]
struct Token {
    key: Arc<dyn Signer>,
    answers: Arc<Switch>,
    asked: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Switch(Mutex<bool>, Condvar);

impl Switch {
    fn turn_on(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn wait(&self) {
        let on = self.0.lock().unwrap();
        drop(self.1.wait_while(on, |on| !*on).unwrap());
    }
}

impl Signer for Token {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }

    fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    fn protection(&self) -> Protection {
        self.key.protection()
    }

    fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, SignError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.answers.wait();
        self.key.sign(message)
    }
}

struct Hello;

impl Handler for Hello {
    async fn handle(&self, _request: Request) -> Response {
        respond::typed(StatusCode::OK, "text/plain", Bytes::from_static(b"hello"))
    }
}

/// One thread that serves a plain and a TLS address.
struct Running {
    plain: SocketAddr,
    secure: SocketAddr,
    stop: Stop,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    fn new(tls: &Tls, limits: Limits) -> Self {
        let (tell, told) = std::sync::mpsc::channel();
        let stop = Stop::new();
        let (stopping, tls) = (stop.clone(), tls.clone());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let any = "127.0.0.1:0".parse().unwrap();
                let mut server = Server::new(limits);
                server.listen(&[any], None).await.unwrap();
                server.listen(&[any], Some(&tls)).await.unwrap();
                tell.send((server.addresses()[0], server.addresses()[1]))
                    .unwrap();
                server.run(Arc::new(Hello), stopping).await;
            });
        });
        let (plain, secure) = told.recv().unwrap();
        Self {
            plain,
            secure,
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.stop();
        self.thread.take().unwrap().join().unwrap();
    }
}

fn limits() -> Limits {
    Limits {
        stall: Duration::from_secs(60),
        handshake: Duration::from_secs(60),
        drain: Duration::from_millis(200),
        ..Limits::default()
    }
}

/// A key and a certificate of its own.
struct Own {
    key: String,
    certificate: rcgen::Certificate,
}

impl Own {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let parameters = rcgen::CertificateParams::new(vec!["localhost".into()]).unwrap();
        Self {
            certificate: parameters.self_signed(&key).unwrap(),
            key: key.serialize_pem(),
        }
    }

    /// Puts them in place of those there, as an operator does.
    fn put(&self, dir: &Path) {
        let private = std::fs::Permissions::from_mode(0o600);
        for (name, text) in [("tls.key", &self.key), ("tls.pem", &self.certificate.pem())] {
            let new = dir.join("new");
            std::fs::write(&new, text).unwrap();
            std::fs::set_permissions(&new, private.clone()).unwrap();
            std::fs::rename(&new, dir.join(name)).unwrap();
        }
    }
}

/// A folder with a key and its certificate, and a client that trusts that.
fn house() -> (tempfile::TempDir, Arc<ClientConfig>) {
    let dir = tempfile::tempdir().unwrap();
    let own = Own::new();
    own.put(dir.path());
    (dir, trusting(&[own]))
}

fn open(dir: &Path) -> Tls {
    let settings = TlsSettings {
        certificate: dir.join("tls.pem"),
        key: KeyLocation::File(dir.join("tls.key")),
        pin_file: None,
    };
    Tls::open(settings, PinSource::None).unwrap()
}

fn trusting(all: &[Own]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for own in all {
        roots.add(own.certificate.der().clone()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    // A resumed session sends no certificate.
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}

fn connect(address: SocketAddr) -> Client {
    let stream = Client::connect(address).unwrap();
    let patience = Some(Duration::from_secs(30));
    stream.set_read_timeout(patience).unwrap();
    stream
}

fn secure(
    address: SocketAddr,
    config: &Arc<ClientConfig>,
) -> StreamOwned<ClientConnection, Client> {
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::clone(config), name).unwrap();
    StreamOwned::new(client, connect(address))
}

/// Asks over this connection, and reads until the other end closes.
fn ask(stream: &mut (impl Read + Write)) -> io::Result<String> {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn a_token_that_hangs_holds_up_neither_plain_connections_nor_those_that_stand() {
    let (dir, config) = house();
    let tls = open(dir.path());
    let (answers, asked) = (Arc::new(Switch::default()), Arc::new(AtomicUsize::new(0)));
    {
        let mut current = tls.current.0.write().unwrap();
        let signer = tls.settings.signer(&PinSource::None).unwrap();
        let token = Token {
            key: signer,
            answers: Arc::clone(&answers),
            asked: Arc::clone(&asked),
        };
        let key = Key {
            scheme: scheme(token.algorithm()).unwrap(),
            signer: Arc::new(token),
        };
        let chain = current.key.cert.clone();
        current.key = Arc::new(CertifiedKey::new(chain, Arc::new(key)));
        current.pace = Pace::Waits;
    }
    let running = Running::new(&tls, limits());
    let waiting: Vec<_> = (0..3 * SESSIONS)
        .map(|_| {
            let mut stream = secure(running.secure, &config);
            std::thread::spawn(move || ask(&mut stream).unwrap())
        })
        .collect();
    while asked.load(Ordering::SeqCst) < SESSIONS {
        std::thread::sleep(Duration::from_millis(5));
    }
    for _ in 0..20 {
        assert!(ask(&mut connect(running.plain)).unwrap().ends_with("hello"));
    }
    assert_eq!(asked.load(Ordering::SeqCst), SESSIONS);
    answers.turn_on();
    for stream in waiting {
        assert!(stream.join().unwrap().ends_with("hello"));
    }
}

#[test]
fn a_certificate_is_replaced_under_load_without_a_failed_handshake() {
    let all: Vec<Own> = (0..9).map(|_| Own::new()).collect();
    let config = trusting(&all);
    let dir = tempfile::tempdir().unwrap();
    all[0].put(dir.path());
    let tls = open(dir.path());
    let running = Running::new(&tls, limits());
    let end = AtomicBool::new(false);
    let seen: Mutex<HashSet<Vec<u8>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !end.load(Ordering::Relaxed) {
                    let mut stream = secure(running.secure, &config);
                    assert!(ask(&mut stream).unwrap().ends_with("hello"));
                    let own = &stream.conn.peer_certificates().unwrap()[0];
                    seen.lock().unwrap().insert(own.to_vec());
                }
            });
        }
        for (n, own) in all.iter().enumerate() {
            own.put(dir.path());
            tls.reload().unwrap();
            // What cannot be used changes nothing.
            std::fs::write(dir.path().join("tls.key"), "nonsense").unwrap();
            tls.reload().unwrap_err();
            let begun = Instant::now();
            while seen.lock().unwrap().len() <= n && begun.elapsed() < Duration::from_secs(30) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        end.store(true, Ordering::Relaxed);
    });
    assert_eq!(seen.lock().unwrap().len(), all.len());
}

#[test]
fn who_dawdles_with_tls_is_cut_off_before_and_after_the_handshake() {
    let (dir, config) = house();
    let tls = open(dir.path());
    let running = Running::new(
        &tls,
        Limits {
            handshake: Duration::from_millis(400),
            stall: Duration::from_millis(400),
            ..limits()
        },
    );
    let drip = |stream: &mut dyn Write, octets: &[u8]| {
        for octet in octets {
            if stream
                .write_all(&[*octet])
                .and_then(|()| stream.flush())
                .is_err()
            {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let until_closed = |mut stream: &Client| {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    };
    let begun = Instant::now();
    // Silent; then the first message of a handshake, drop by drop.
    until_closed(&connect(running.secure));
    let mut first = Vec::new();
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::clone(&config), name).unwrap();
    client.write_tls(&mut first).unwrap();
    let mut slow = connect(running.secure);
    drip(&mut slow, &first);
    until_closed(&slow);
    // After a handshake: each octet of the header in a record of its own.
    let mut late = secure(running.secure, &config);
    drip(
        &mut late,
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    );
    until_closed(&late.sock);
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
    // Nobody else was held up.
    let mut next = secure(running.secure, &config);
    assert!(ask(&mut next).unwrap().ends_with("hello"));
}
