//! A handler served on a free port, requests to it byte by byte, and the tools that judge. The tests of
//! the services include this file as well.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use http_service::{Handler, Limits, Server, Stop};

/// A server on a free port of this machine, until it is dropped.
pub struct Served {
    pub address: SocketAddr,
    pub stop: Stop,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Served {
    pub fn new<H: Handler>(handler: Arc<H>) -> Self {
        let limits = Limits {
            drain: Duration::from_millis(200),
            ..Limits::default()
        };
        Self::with(handler, limits)
    }

    pub fn with<H: Handler>(handler: Arc<H>, limits: Limits) -> Self {
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
                let any = "127.0.0.1:0".parse().unwrap();
                let server = Server::bind(&[any], limits).await.unwrap();
                tell.send(server.addresses()[0]).unwrap();
                server.run(handler, stopping).await;
            });
        });
        Self {
            address: told.recv().unwrap(),
            stop,
            thread: Some(thread),
        }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        stream
    }

    /// Sends raw bytes and returns everything that comes back until the other end closes.
    pub fn raw(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        // A server that refuses early may close before everything is sent.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    /// One request over a connection of its own: status line and fields, body.
    pub fn http(&self, head: &str, body: &[u8]) -> (String, Vec<u8>) {
        let fields = "Host: service.sceau.example\r\nConnection: close";
        let length = match body.len() {
            0 => String::new(),
            len => format!("Content-Length: {len}\r\n"),
        };
        let request = format!("{head}\r\n{fields}\r\n{length}\r\n");
        let answer = self.raw(&[request.as_bytes(), body].concat());
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        (head, answer[end..].to_vec())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Runs a tool; `None`, with a line that says so, where it is not installed.
pub fn tool(program: &str, arguments: &[&str], dir: &Path) -> Option<Output> {
    // The test runner names the Python environment that holds the linters.
    let beside_python = std::env::var_os("SCEAU_PYTHON")
        .map(|python| Path::new(&python).with_file_name(program))
        .filter(|path| path.exists());
    match Command::new(beside_python.unwrap_or_else(|| program.into()))
        .args(arguments)
        .current_dir(dir)
        .output()
    {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: {program} not found");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

/// Standard output and standard error together.
pub fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
