//! Slow, large, silent and broken clients, and how the server ends.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http_service::clients::ClientLimits;
use http_service::{
    Bytes, Handler, Limits, Request, Response, ServeError, Server, StatusCode, Stop, respond,
};
use proptest::prelude::*;

/// Octets of `/large`: more than the kernel takes on the way.
const LARGE: usize = 24 * 1024 * 1024;

/// Echoes the body; `/slow` takes a second, `/never` never answers.
#[derive(Default)]
struct Echo {
    begun: AtomicUsize,
    answered: AtomicUsize,
}

impl Handler for Echo {
    async fn handle(&self, request: Request) -> Response {
        self.begun.fetch_add(1, Ordering::SeqCst);
        match request.uri.path() {
            "/slow" => tokio::time::sleep(Duration::from_secs(1)).await,
            "/never" => std::future::pending().await,
            "/large" => {
                let body = Bytes::from(vec![b'a'; LARGE]);
                return respond::typed(StatusCode::OK, "text/plain", body);
            }
            _ => {}
        }
        self.answered.fetch_add(1, Ordering::SeqCst);
        let body = if request.body.is_empty() {
            Bytes::from_static(b"hello")
        } else {
            request.body
        };
        respond::typed(StatusCode::OK, "text/plain", body)
    }
}

struct Running {
    address: SocketAddr,
    echo: Arc<Echo>,
    stop: Stop,
    thread: Option<std::thread::JoinHandle<()>>,
}

fn limits() -> Limits {
    Limits {
        body_octets: 1024,
        stall: Duration::from_millis(300),
        body: Duration::from_millis(300),
        answer: Duration::from_millis(1500),
        drain: Duration::from_secs(3),
        ..Limits::default()
    }
}

fn start(limits: Limits) -> Running {
    let (tell, told) = std::sync::mpsc::channel();
    let stop = Stop::new();
    let stopping = stop.clone();
    let echo = Arc::new(Echo::default());
    let handler = Arc::clone(&echo);
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let any = "127.0.0.1:0".parse().unwrap();
            let server = Server::bind(&[any], limits).await.unwrap();
            tell.send(server.addresses()[0]).unwrap();
            server.run(handler, stopping).await;
        });
    });
    Running {
        address: told.recv().unwrap(),
        echo,
        stop,
        thread: Some(thread),
    }
}

impl Running {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    }

    /// Waits until this many requests have reached the handler.
    fn until_begun(&self, number: usize) {
        while self.echo.begun.load(Ordering::SeqCst) < number {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends bytes and returns everything until the server closes.
    fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        let _ = stream.write_all(bytes);
        until_closed(&mut stream)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn until_closed(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_header_sent_drop_by_drop_is_cut_off() {
    let running = start(limits());
    let mut stream = running.connect();
    let since = Instant::now();
    for byte in b"GET / HTTP/1.1\r\nX-Slow: "
        .iter()
        .chain(std::iter::repeat_n(&b'a', 100))
    {
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(until_closed(&mut stream), "");
    assert!(since.elapsed() < Duration::from_secs(10));
}

#[test]
fn an_idle_connection_is_closed_and_costs_nothing() {
    let running = start(limits());
    let mut stream = running.connect();
    let since = Instant::now();
    assert_eq!(until_closed(&mut stream), "");
    let waited = since.elapsed();
    assert!(
        waited > Duration::from_millis(250) && waited < Duration::from_secs(5),
        "{waited:?}"
    );
}

#[test]
fn an_answer_taken_too_slowly_is_cut_off_and_one_taken_fast_enough_is_not() {
    // The client takes some six million octets a second.
    let take = |least: usize| {
        let running = start(Limits {
            sending_octets_per_second: least,
            ..limits()
        });
        let mut stream = running.connect();
        stream
            .write_all(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .unwrap();
        let (mut taken, mut buffer) = (0, vec![0; 128 * 1024]);
        while let Ok(n @ 1..) = stream.read(&mut buffer) {
            taken += n;
            std::thread::sleep(Duration::from_millis(20));
        }
        taken
    };
    assert!(take(1024) > LARGE);
    // What the kernel had already taken still arrives.
    assert!(take(1024 * 1024 * 1024) < LARGE);
}

#[test]
fn one_client_cannot_take_all_connections() {
    let running = start(Limits {
        clients: ClientLimits {
            connections: 2,
            ..ClientLimits::default()
        },
        stall: Duration::from_secs(60),
        ..limits()
    });
    let held: Vec<_> = (0..2).map(|_| running.connect()).collect();
    // Its third one is closed at once, not after the others.
    let since = Instant::now();
    assert_eq!(running.send(b"GET / HTTP/1.0\r\n\r\n"), "");
    assert!(since.elapsed() < Duration::from_secs(10));
    drop(held);
    while running.send(b"GET / HTTP/1.0\r\n\r\n").is_empty() {
        assert!(since.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn keep_alive_answers_many_requests_on_one_connection() {
    let running = start(limits());
    let mut stream = running.connect();
    for _ in 0..50 {
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: sceau.example\r\n\r\n")
            .unwrap();
        let mut answer = [0; 512];
        let n = stream.read(&mut answer).unwrap();
        assert!(answer[..n].ends_with(b"\r\n\r\nhello"));
    }
}

#[test]
fn head_has_the_length_and_not_the_body() {
    let running = start(limits());
    let answer = running.send(b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(answer.contains("content-length: 5\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn http_1_0_is_answered_and_closed() {
    let running = start(limits());
    let answer = running.send(b"GET / HTTP/1.0\r\n\r\n");
    assert!(
        answer.starts_with("HTTP/1.0 200") && answer.ends_with("hello"),
        "{answer}"
    );
}

#[test]
fn a_body_beyond_the_limit_is_413_announced_or_not() {
    let running = start(limits());
    let announced =
        running.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n");
    assert!(announced.starts_with("HTTP/1.1 413"), "{announced}");
    assert!(announced.contains("connection: close"), "{announced}");
    let mut chunked = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..5 {
        chunked.extend(b"100\r\n");
        chunked.extend([b'a'; 256]);
        chunked.extend(b"\r\n");
    }
    chunked.extend(b"0\r\n\r\n");
    let answer = running.send(&chunked);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let exact = [
        &b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1024\r\n\r\n"[..],
        &[b'a'; 1024],
    ]
    .concat();
    assert!(running.send(&exact).starts_with("HTTP/1.1 200"));
}

#[test]
fn a_body_that_does_not_come_is_408_and_one_cut_short_is_no_crash() {
    let running = start(limits());
    let answer = running.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    let mut stream = running.connect();
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        .unwrap();
    drop(stream);
    assert!(running.send(b"GET / HTTP/1.0\r\n\r\n").ends_with("hello"));
}

#[test]
fn an_answer_that_takes_too_long_is_503() {
    let running = start(limits());
    let answer = running.send(b"GET /never HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("retry-after: 1"), "{answer}");
}

#[test]
fn a_header_beyond_the_limit_is_refused() {
    let running = start(limits());
    let long = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
        "a".repeat(64 * 1024)
    );
    let answer = running.send(long.as_bytes());
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
}

#[test]
fn connections_beyond_the_cap_wait_and_are_served() {
    let running = start(Limits {
        connections: 2,
        ..limits()
    });
    let silent: Vec<_> = (0..2).map(|_| running.connect()).collect();
    // The silent ones are cut off, and then it is this one's turn.
    assert!(running.send(b"GET / HTTP/1.0\r\n\r\n").ends_with("hello"));
    drop(silent);
}

#[test]
fn clients_that_keep_asking_do_not_keep_others_out_for_ever() {
    let running = start(Limits {
        connections: 2,
        stall: Duration::from_secs(60),
        ..limits()
    });
    let end = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let greedy: Vec<_> = (0..2)
        .map(|_| {
            let (mut stream, end) = (running.connect(), Arc::clone(&end));
            std::thread::spawn(move || {
                while !end.load(Ordering::Relaxed) {
                    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
                    if stream.write_all(request).is_err() || stream.read(&mut [0; 512]).is_err() {
                        return;
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(200));
    assert!(running.send(b"GET / HTTP/1.0\r\n\r\n").ends_with("hello"));
    end.store(true, Ordering::Relaxed);
    for thread in greedy {
        thread.join().unwrap();
    }
}

#[test]
fn a_request_without_a_host_or_with_two_is_400() {
    let running = start(limits());
    for hosts in [
        "",
        "Host: a\r\nHost: b\r\n",
        "Host: a/b\r\n",
        "Host: a b\r\n",
    ] {
        let answer = running.send(format!("GET / HTTP/1.1\r\n{hosts}\r\n").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400"), "{hosts:?}: {answer}");
    }
    for host in ["a.example:8080", "[::1]:80", ""] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert!(
            running.send(request.as_bytes()).ends_with("hello"),
            "{host:?}"
        );
    }
}

#[test]
fn a_client_that_closes_its_half_first_still_gets_its_answer() {
    let running = start(limits());
    let mut stream = running.connect();
    stream
        .write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(until_closed(&mut stream).ends_with("hello"));
}

#[test]
fn a_refused_body_that_is_still_being_sent_does_not_cost_the_refusal() {
    let running = start(limits());
    let mut request = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n".to_vec();
    request.resize(request.len() + 8_000_000, b'a');
    let mut stream = running.connect();
    stream.write_all(&request).unwrap();
    let answer = until_closed(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[test]
fn pipelined_requests_are_answered_in_order_and_smuggled_ones_are_not() {
    let running = start(limits());
    let mut pipeline = Vec::new();
    for body in ["one", "two", "three"] {
        let request = format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        pipeline.extend(request.into_bytes());
    }
    pipeline.extend(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let answer = running.send(&pipeline);
    let places =
        ["one", "two", "three", "hello"].map(|body| answer.find(&format!("\r\n\r\n{body}")));
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{answer}"
    );
    // Two lengths, one message: what the other reading would take for a second request is not one.
    for fields in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +5",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
    ] {
        let smuggled = format!(
            "POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        );
        let answer = running.send(smuggled.as_bytes());
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{fields}: {answer}");
        assert!(answer.contains("connection: close"), "{fields}: {answer}");
    }
}

#[test]
fn stopping_answers_what_is_under_way_and_closes_what_is_idle() {
    let running = start(Limits {
        stall: Duration::from_secs(60),
        ..limits()
    });
    let mut idle = running.connect();
    let mut busy = running.connect();
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    running.until_begun(1);
    running.stop.stop();
    // Before the one that is under way, which takes a second.
    assert_eq!(until_closed(&mut idle), "");
    assert_eq!(running.echo.answered.load(Ordering::SeqCst), 0);
    assert!(until_closed(&mut busy).ends_with("hello"));
    let address = running.address;
    drop(running);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn what_does_not_end_is_dropped_when_the_drain_time_is_over() {
    let running = start(Limits {
        answer: Duration::from_secs(60),
        drain: Duration::from_millis(300),
        ..limits()
    });
    let mut stuck = running.connect();
    stuck
        .write_all(b"GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    running.until_begun(1);
    let since = Instant::now();
    drop(running);
    // Not the minute that an answer may take.
    assert!(since.elapsed() < Duration::from_secs(30));
    assert_eq!(until_closed(&mut stuck), "");
}

#[tokio::test]
async fn a_port_in_use_is_a_typed_error_with_a_hint() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = Server::bind(&[address], Limits::default())
        .await
        .unwrap_err();
    assert!(matches!(error, ServeError::Listen { .. }));
    assert!(error.hint().unwrap().contains("another process"));
    let error = Server::bind(&[], Limits::default()).await.unwrap_err();
    assert!(matches!(error, ServeError::NoAddress));
    let far = "192.0.2.1:0".parse().unwrap();
    let error = Server::bind(&[far], Limits::default()).await.unwrap_err();
    assert!(
        error
            .hint()
            .unwrap()
            .contains("not an address of this machine")
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_get_an_http_error_or_a_closed_connection(
        bytes in proptest::collection::vec(any::<u8>(), 0..512),
    ) {
        use std::sync::OnceLock;
        static SERVER: OnceLock<Running> = OnceLock::new();
        let running = SERVER.get_or_init(|| start(Limits { stall: Duration::from_millis(20), ..limits() }));
        let mut stream = running.connect();
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let answer = until_closed(&mut stream);
        prop_assert!(answer.is_empty() || answer.starts_with("HTTP/1."));
        prop_assert!(running.send(b"GET / HTTP/1.0\r\n\r\n").ends_with("hello"));
    }
}
