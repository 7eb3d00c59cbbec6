//! A web server on a loopback port that does what a handler says, well or badly; plain or with TLS.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request as it came.
pub struct Request {
    pub method: String,
    /// As in the request line: a proxy sees whole URLs.
    pub target: String,
    pub head: String,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// What the server does.
pub enum Act {
    Reply(u16, &'static str, Vec<u8>),
    /// Any head, line by line without the end, and a body.
    Raw(String, Vec<u8>),
    /// Nothing, until the client gives up.
    Stall,
    /// A long answer, an octet at a time.
    Trickle,
    /// 100 MB of the content type.
    Flood(&'static str),
    /// Hangs up.
    Close,
}

pub fn redirect(to: &str) -> Act {
    Act::Raw(
        format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0"),
        Vec::new(),
    )
}

type Handler = dyn Fn(&Request) -> Act + Send + Sync;

/// Serves until the test ends. What was asked can be read afterwards.
pub struct Server {
    pub address: String,
    pub seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start(handler: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Self {
        Self::serve(Arc::new(handler), None)
    }

    pub fn start_tls(
        config: ServerConfig,
        handler: impl Fn(&Request) -> Act + Send + Sync + 'static,
    ) -> Self {
        Self::serve(Arc::new(handler), Some(Arc::new(config)))
    }

    fn serve(handler: Arc<Handler>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, tls) = (Arc::clone(&handler), tls.clone());
                let log = Arc::clone(&log);
                // A client that hangs up is what is tested.
                thread::spawn(move || {
                    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
                    match tls {
                        None => exchange(stream, &*handler, &log),
                        Some(config) => {
                            let connection = ServerConnection::new(config).unwrap();
                            let mut stream = StreamOwned::new(connection, stream);
                            let done = exchange(&mut stream, &*handler, &log);
                            // The client may still be writing what it will not be thanked for.
                            thread::sleep(Duration::from_millis(300));
                            done
                        }
                    }
                });
            }
        });
        Self { address, seen }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn exchange(
    mut stream: impl Read + Write,
    handler: &Handler,
    log: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let Some(request) = read(&mut stream)? else {
        return Ok(());
    };
    let first = request.head.lines().next().unwrap_or_default().to_owned();
    log.lock().unwrap().push(first);
    let (head, body) = match handler(&request) {
        Act::Reply(status, kind, body) => (
            format!(
                "HTTP/1.1 {status} Something\r\ncontent-type: {kind}\r\ncontent-length: {}",
                body.len()
            ),
            body,
        ),
        Act::Raw(head, body) => (head, body),
        Act::Close => return Ok(()),
        Act::Stall => {
            let _ = stream.read(&mut [0]);
            return Ok(());
        }
        Act::Trickle => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n")?;
            loop {
                stream.write_all(b"0")?;
                stream.flush()?;
                thread::sleep(Duration::from_millis(50));
            }
        }
        Act::Flood(kind) => {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
                100 << 20
            );
            stream.write_all(head.as_bytes())?;
            for _ in 0..100 {
                stream.write_all(&vec![0x30; 1 << 20])?;
            }
            return Ok(());
        }
    };
    write!(stream, "{head}\r\nconnection: close\r\n\r\n")?;
    stream.write_all(&body)?;
    stream.flush()
}

fn read(stream: &mut impl Read) -> io::Result<Option<Request>> {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 8192];
        let n = stream.read(&mut buffer)?;
        if n == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&buffer[..n]);
        // A client that begins with TLS is told so, as web servers do.
        if bytes.first() == Some(&0x16) {
            return Ok(Some(Request {
                method: String::new(),
                target: "/400".into(),
                head: String::new(),
                body: Vec::new(),
            }));
        }
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut words = head.split(' ');
        let mut request = Request {
            method: words.next().unwrap_or_default().to_owned(),
            target: words.next().unwrap_or_default().to_owned(),
            head: head.clone(),
            body: bytes[end + 4..].to_vec(),
        };
        let length: usize = request
            .header("content-length")
            .map_or(0, |v| v.parse().unwrap());
        if request.body.len() >= length {
            request.body.truncate(length);
            return Ok(Some(request));
        }
    }
}

/// A proxy that opens tunnels to `to`, whatever host is asked for, to whom shows `credentials`; gives
/// its address.
pub fn tunnels(to: String, credentials: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let to = to.clone();
            thread::spawn(move || tunnel(client, &to, credentials));
        }
    });
    address
}

fn tunnel(mut client: TcpStream, to: &str, credentials: &str) -> io::Result<()> {
    let Some(request) = read(&mut client)? else {
        return Ok(());
    };
    if request.method != "CONNECT" || request.header("proxy-authorization") != Some(credentials) {
        let refusal = b"HTTP/1.1 407 Who is there\r\ncontent-length: 0\r\n\r\n";
        return client.write_all(refusal);
    }
    let mut server = TcpStream::connect(to)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut from, mut back) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || io::copy(&mut from, &mut back));
    io::copy(&mut server, &mut client).map(drop)
}
