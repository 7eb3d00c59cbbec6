//! Who a client is: several addresses, IPv6, and proxies in front.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_service::clients::{ClientLimits, Rate};
use http_service::{Handler, Limits, Request, Response, Server, StatusCode, Stop, respond};

/// Says who asks.
struct Peer;

impl Handler for Peer {
    async fn handle(&self, request: Request) -> Response {
        respond::text(StatusCode::OK, &request.peer.ip().to_string())
    }
}

struct Running {
    addresses: Vec<SocketAddr>,
    stop: Stop,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    fn new(addresses: &[&str], limits: Limits) -> Self {
        let addresses: Vec<SocketAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
        let (tell, told) = std::sync::mpsc::channel();
        let stop = Stop::new();
        let stopping = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let server = Server::bind(&addresses, limits).await.unwrap();
                tell.send(server.addresses().to_vec()).unwrap();
                server.run(Arc::new(Peer), stopping).await;
            });
        });
        Self {
            addresses: told.recv().unwrap(),
            stop,
            thread: Some(thread),
        }
    }

    /// Sends a request with these fields to the address at this position.
    fn ask(&self, at: usize, fields: &str) -> String {
        let mut stream = self.connect(at);
        let request = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n");
        // A connection that is refused may be closed before the request is sent.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    }

    fn status(&self, at: usize, fields: &str) -> String {
        let answer = self.ask(at, fields);
        answer.get(9..12).unwrap_or_default().to_owned()
    }

    fn connect(&self, at: usize) -> TcpStream {
        let stream = TcpStream::connect(self.addresses[at]).unwrap();
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).unwrap();
        stream
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
        drain: Duration::from_millis(200),
        ..Limits::default()
    }
}

/// One request, and then one more in an hour.
fn one_an_hour(proxies: &[&str]) -> Limits {
    Limits {
        clients: ClientLimits {
            rate: Some(Rate {
                per_second: 1,
                burst: 1,
            }),
            proxies: proxies.iter().map(|p| p.parse().unwrap()).collect(),
            ..ClientLimits::default()
        },
        ..limits()
    }
}

#[test]
fn one_connection_alone_is_shared_by_all_addresses() {
    let running = Running::new(
        &["127.0.0.1:0", "127.0.0.1:0", "[::1]:0"],
        Limits {
            connections: 1,
            ..limits()
        },
    );
    let begun = Instant::now();
    for round in 0..30 {
        let answer = running.ask(round % 3, "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{round}: {answer}");
    }
    // And while the one is taken, the others wait for it, whatever their address.
    let held = running.connect(0);
    let mut waiting = [1, 2, 0].map(|at| running.connect(at));
    for stream in &mut waiting {
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    }
    drop(held);
    for mut stream in waiting {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    }
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn keep_alive_holds_on_where_nobody_waits_even_with_one_connection() {
    let running = Running::new(
        &["127.0.0.1:0"],
        Limits {
            connections: 1,
            ..limits()
        },
    );
    let mut stream = running.connect(0);
    for _ in 0..3 {
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap();
        let mut answer = [0; 512];
        let n = stream.read(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer[..n]).into_owned();
        assert!(answer.ends_with("127.0.0.1"), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
    }
}

#[test]
fn ipv6_is_served_and_counted_as_a_client_of_its_own() {
    let running = Running::new(&["127.0.0.1:0", "[::1]:0"], one_an_hour(&[]));
    assert!(running.ask(1, "").ends_with("::1"));
    assert_eq!(running.status(1, ""), "429");
    assert_eq!(running.status(0, ""), "200");
}

#[test]
fn ipv4_that_comes_through_an_ipv6_address_is_the_same_client() {
    let running = Running::new(&["[::]:0"], one_an_hour(&["127.0.0.2"]));
    let port = running.addresses[0].port();
    let status = |address: &str| {
        let mut stream = TcpStream::connect((address, port)).unwrap();
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer[9..12].to_owned()
    };
    assert_eq!(status("127.0.0.1"), "200");
    assert_eq!(status("127.0.0.1"), "429");
    assert_eq!(status("::1"), "200");
}

#[test]
fn behind_a_trusted_proxy_each_client_has_limits_of_its_own_and_nobody_takes_another_name() {
    let proxies = ["127.0.0.0/8"];
    let running = Running::new(&["127.0.0.1:0", "[::1]:0"], one_an_hour(&proxies));
    let forwarded = |at, by: &str| running.status(at, &format!("X-Forwarded-For: {by}\r\n"));
    assert_eq!(forwarded(0, "192.0.2.1"), "200");
    assert_eq!(forwarded(0, "192.0.2.1"), "429");
    assert_eq!(forwarded(0, "192.0.2.2"), "200");
    // What the client wrote itself stands before what the proxy added, in one field or in two.
    assert_eq!(forwarded(0, "198.51.100.7, 192.0.2.1"), "429");
    assert_eq!(
        forwarded(0, "198.51.100.8\r\nX-Forwarded-For: 192.0.2.1"),
        "429"
    );
    assert_eq!(forwarded(0, "192.0.2.1, 127.0.0.9"), "429");
    // An IPv6 client is its first 64 bits, however it is written.
    assert_eq!(forwarded(0, "2001:db8:1:2::7"), "200");
    assert_eq!(forwarded(0, "[2001:db8:1:2:ffff::8]:4711"), "429");
    assert_eq!(forwarded(0, "2001:db8:1:3::7"), "200");
    // Nonsense is the proxy itself, all of it together.
    assert_eq!(forwarded(0, "unknown"), "200");
    assert_eq!(forwarded(0, "_hidden"), "429");
    // Who is no proxy is himself, whatever he says.
    assert_eq!(forwarded(1, "192.0.2.99"), "200");
    assert_eq!(forwarded(1, "192.0.2.98"), "429");
    assert_eq!(running.status(1, ""), "429");
}

#[test]
fn a_proxy_may_have_more_connections_than_a_client() {
    let of_proxies = |proxies: &[&str]| Limits {
        clients: ClientLimits {
            connections: 2,
            proxies: proxies.iter().map(|p| p.parse().unwrap()).collect(),
            ..ClientLimits::default()
        },
        ..limits()
    };
    for (proxies, expected) in [(&["127.0.0.1"][..], "200"), (&["192.0.2.0/24"], "")] {
        let running = Running::new(&["127.0.0.1:0"], of_proxies(proxies));
        let held: Vec<TcpStream> = (0..2).map(|_| running.connect(0)).collect();
        assert_eq!(running.status(0, ""), expected, "{proxies:?}");
        drop(held);
    }
}
