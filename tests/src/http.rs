//! The smallest HTTP client that can ask a service on loopback, so that what goes over the wire in a test is plain to see.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// A response.
#[derive(Debug, Clone)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Response {
    /// The value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// GET of an `http://host:port/path` URL.
///
/// # Errors
/// When the service cannot be reached or does not answer in ten seconds.
pub fn get(url: &str) -> Result<Response> {
    exchange("GET", url, None)
}

/// POST of `body` with its media type.
///
/// # Errors
/// As [`get`].
pub fn post(url: &str, media_type: &str, body: &[u8]) -> Result<Response> {
    exchange("POST", url, Some((media_type, body)))
}

/// One connection that is kept for many requests.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects to the host of `url`.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub fn open(url: &str) -> Result<Self> {
        let (host, _) = split(url)?;
        let stream = TcpStream::connect(host).with_context(|| format!("cannot reach {host}"))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::new(),
        })
    }

    /// GET of `url`, whose host must be the one that was connected to.
    ///
    /// # Errors
    /// When the connection ends, or nothing comes for ten seconds.
    pub fn get(&mut self, url: &str) -> Result<Response> {
        self.exchange("GET", url, None)
    }

    /// POST of `body` with its media type.
    ///
    /// # Errors
    /// As [`Connection::get`].
    pub fn post(&mut self, url: &str, media_type: &str, body: &[u8]) -> Result<Response> {
        self.exchange("POST", url, Some((media_type, body)))
    }

    fn exchange(
        &mut self,
        method: &str,
        url: &str,
        body: Option<(&str, &[u8])>,
    ) -> Result<Response> {
        self.stream
            .write_all(&request(method, url, body, "keep-alive")?)?;
        self.received.clear();
        let mut chunk = [0; 16 * 1024];
        loop {
            let read = self.stream.read(&mut chunk)?;
            ensure!(read > 0, "{method} {url}: the connection was closed");
            self.received.extend_from_slice(&chunk[..read]);
            let Some(response) = parse(&self.received) else {
                continue;
            };
            let length: usize = response
                .header("content-length")
                .with_context(|| format!("{method} {url}: no Content-Length"))?
                .parse()?;
            if response.body.len() >= length {
                return Ok(response);
            }
        }
    }
}

fn split(url: &str) -> Result<(&str, &str)> {
    let rest = url
        .strip_prefix("http://")
        .with_context(|| format!("{url} is not an http URL"))?;
    Ok(rest.split_once('/').unwrap_or((rest, "")))
}

fn request(
    method: &str,
    url: &str,
    body: Option<(&str, &[u8])>,
    connection: &str,
) -> Result<Vec<u8>> {
    let (host, path) = split(url)?;
    let mut request =
        format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: {connection}\r\n")
            .into_bytes();
    if let Some((media_type, body)) = body {
        write!(
            request,
            "Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )?;
        request.extend_from_slice(body);
    } else {
        request.extend_from_slice(b"\r\n");
    }
    Ok(request)
}

fn exchange(method: &str, url: &str, body: Option<(&str, &[u8])>) -> Result<Response> {
    let (host, _) = split(url)?;
    let mut stream = TcpStream::connect(host).with_context(|| format!("cannot reach {host}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(&request(method, url, body, "close")?)?;
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .with_context(|| format!("{method} {url}"))?;
    parse(&answer).with_context(|| format!("{method} {url}: not an HTTP response"))
}

fn parse(answer: &[u8]) -> Option<Response> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Some(Response {
        status,
        headers,
        body: answer[end + 4..].to_vec(),
    })
}

/// Bytes as the path segment of an OCSP GET (RFC 6960 appendix A.1): base64, then percent-encoded.
pub fn ocsp_path(request: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut path = String::new();
    for chunk in request.chunks(3) {
        let group = chunk
            .iter()
            .fold(0u32, |group, byte| group << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let sextet = (group >> (18 - 6 * index)) & 63;
            match (index <= chunk.len(), ALPHABET[sextet as usize]) {
                (false, _) => path.push_str("%3D"),
                (true, b'+') => path.push_str("%2B"),
                (true, b'/') => path.push_str("%2F"),
                (true, letter) => path.push(char::from(letter)),
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_base64_with_its_three_unsafe_letters_escaped() {
        assert_eq!(ocsp_path(b"M"), "TQ%3D%3D");
        assert_eq!(ocsp_path(b"Ma"), "TWE%3D");
        assert_eq!(ocsp_path(&[0xfb, 0xff, 0xfe]), "%2B%2F%2F%2B");
    }
}
