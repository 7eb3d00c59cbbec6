//! The one question that SNTP asks (RFC 4330, RFC 5905): how far this clock is from a server's.
//!
//! One datagram each way, nothing kept. The transmit timestamp that the server must echo is random, so
//! nobody off the path can answer in its place (draft-ietf-ntp-data-minimization). Servers are not
//! authenticated: a quorum of several, or servers in the own network, stand in for that.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _, UdpSocket};
use std::str::FromStr;
use std::time::{Duration, Instant};

use super::reference::{Reference, ReferenceError, Sample};
use super::{Reading, TimeSource};

/// Octets of a packet without extension fields and authentication.
pub const PACKET: usize = 48;

/// How long a server may take, all its addresses and the answers of strangers included.
const PATIENCE: Duration = Duration::from_secs(2);
/// Answers that may be dropped because they belong to another question.
const STRANGERS: usize = 8;
/// Addresses of a name that are tried.
const ADDRESSES: usize = 4;
/// Seconds from 1900-01-01, where NTP counts from, to 1970-01-01.
const ERA: u64 = 2_208_988_800;

/// A server, as configured: `ntp://host` or `ntp://host:port`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NtpServer {
    host: String,
    port: u16,
}

/// The text is no address of an NTP server.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an address such as ntp://ntp.example.org or ntp://[2001:db8::1]:123 is needed")]
pub struct InvalidServer;

impl FromStr for NtpServer {
    type Err = InvalidServer;

    fn from_str(text: &str) -> Result<Self, InvalidServer> {
        let authority = text.strip_prefix("ntp://").ok_or(InvalidServer)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']').ok_or(InvalidServer)?;
                host.parse::<std::net::Ipv6Addr>()
                    .map_err(|_| InvalidServer)?;
                (host, rest.strip_prefix(':'))
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
        if host.is_empty() || !host.chars().all(is_name) {
            return Err(InvalidServer);
        }
        let port = port
            .map_or(Ok(123), str::parse)
            .map_err(|_| InvalidServer)?;
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

impl fmt::Display for NtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "ntp://[{}]:{}", self.host, self.port),
            false => write!(f, "ntp://{}:{}", self.host, self.port),
        }
    }
}

impl Reference for NtpServer {
    fn name(&self) -> String {
        self.to_string()
    }

    fn sample(&self, clock: &dyn TimeSource) -> Result<Sample, ReferenceError> {
        let addresses = (self.host.as_str(), self.port).to_socket_addrs()?;
        let end = Instant::now() + PATIENCE;
        let mut last = io::Error::from(io::ErrorKind::NotFound).into();
        // Of a name with addresses of both families, one may have no way there.
        for address in addresses.take(ADDRESSES) {
            match ask(address, clock, end) {
                Err(error @ ReferenceError::Io(_)) if Instant::now() < end => last = error,
                asked => return asked,
            }
        }
        Err(last)
    }
}

/// Asks one address, until `end` at the latest.
fn ask(
    address: SocketAddr,
    clock: &dyn TimeSource,
    end: Instant,
) -> Result<Sample, ReferenceError> {
    let any: &str = if address.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(any)?;
    // Connected: the system drops what comes from elsewhere.
    socket.connect(address)?;
    let mut nonce = [0; 8];
    getrandom::fill(&mut nonce).map_err(|_| io::Error::other("no random numbers"))?;
    let sent = clock.read();
    socket.send(&request(nonce))?;
    let mut packet = [0; 512];
    for _ in 0..STRANGERS {
        let left = end.saturating_duration_since(Instant::now());
        // No time-out at all is what zero would mean.
        socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        let length = socket.recv(&mut packet)?;
        let received = clock.read();
        match Answer::parse(&packet[..length], nonce) {
            Ok(answer) => return answer.sample(sent, received),
            // Late or made up; the right answer may still come.
            Err(ReferenceError::OtherQuestion) => {}
            Err(error) => return Err(error),
        }
    }
    Err(ReferenceError::OtherQuestion)
}

/// A client's packet: version 4, mode 3, and nothing but the random transmit timestamp.
#[must_use]
pub fn request(nonce: [u8; 8]) -> [u8; PACKET] {
    let mut packet = [0; PACKET];
    packet[0] = 0b00_100_011;
    packet[40..].copy_from_slice(&nonce);
    packet
}

/// What an answer says, in NTP's own units.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Answer {
    /// A leap second at the end of the month is announced.
    pub leap: bool,
    /// How far the server itself may be from UTC: half its root delay and its root dispersion, in
    /// nanoseconds.
    pub root_distance: u64,
    /// When the question came in: seconds since 1900 in 32.32 bits, the era left out.
    pub received: u64,
    /// When the answer went out.
    pub sent: u64,
}

impl Answer {
    /// Reads an answer to the question with this nonce. Extension fields and authentication behind
    /// it are not looked at.
    ///
    /// # Errors
    /// [`ReferenceError`]: no answer, another one's, or from a server that has no time to give.
    pub fn parse(packet: &[u8], nonce: [u8; 8]) -> Result<Self, ReferenceError> {
        let Some((packet, _)) = packet.split_first_chunk::<PACKET>() else {
            return Err(ReferenceError::Malformed);
        };
        let long = |at: usize| {
            let mut octets = [0; 8];
            octets.copy_from_slice(&packet[at..at + 8]);
            u64::from_be_bytes(octets)
        };
        // 16.16 bits to nanoseconds.
        let short = |at: usize| {
            let mut octets = [0; 4];
            octets.copy_from_slice(&packet[at..at + 4]);
            (u64::from(u32::from_be_bytes(octets)) * 1_000_000_000) >> 16
        };
        let (leap, version, mode) = (packet[0] >> 6, (packet[0] >> 3) & 7, packet[0] & 7);
        if !matches!(version, 3 | 4) || mode != 4 {
            return Err(ReferenceError::Malformed);
        }
        if packet[24..32] != nonce {
            return Err(ReferenceError::OtherQuestion);
        }
        let stratum = packet[1];
        if leap == 3 || !(1..=15).contains(&stratum) {
            return Err(ReferenceError::Unsynchronised);
        }
        let answer = Self {
            leap: leap != 0,
            root_distance: short(4) / 2 + short(8),
            received: long(32),
            sent: long(40),
        };
        if answer.received == 0 || answer.sent == 0 {
            return Err(ReferenceError::Unsynchronised);
        }
        Ok(answer)
    }

    /// The offset and how sure it is (RFC 5905 section 8), where the question went out at `sent` and
    /// the answer came in at `received`.
    ///
    /// # Errors
    /// [`ReferenceError::Malformed`] where the times contradict each other.
    pub fn sample(&self, sent: Reading, received: Reading) -> Result<Sample, ReferenceError> {
        let trip = received.monotonic.saturating_sub(sent.monotonic).as_nanos() as i128;
        let first = i128::from(sent.utc.as_nanos());
        // The clock may be set while the answer is under way; the monotonic clock is not.
        let last = first + trip;
        let there = unix_nanos(self.received, sent.utc.as_nanos());
        let back = unix_nanos(self.sent, sent.utc.as_nanos());
        // A server that keeps the question for longer than the whole trip errs on one of them; some
        // clocks tick coarsely, so a little of that is no lie.
        if back < there || back - there > trip + 1_000_000 {
            return Err(ReferenceError::Malformed);
        }
        let offset = ((there - first) + (back - last)) / 2;
        let delay = (trip - (back - there)).max(0);
        let clamp = |nanos: i128| i64::try_from(nanos).unwrap_or(i64::MAX);
        Ok(Sample {
            offset: i64::try_from(offset).unwrap_or(if offset < 0 { i64::MIN } else { i64::MAX }),
            distance: clamp(delay / 2 + i128::from(self.root_distance)).unsigned_abs(),
            leap: self.leap,
        })
    }
}

/// An NTP timestamp in the era nearest to `about`, both in nanoseconds since 1970.
fn unix_nanos(timestamp: u64, about: u64) -> i128 {
    let (seconds, fraction) = (timestamp >> 32, timestamp & 0xFFFF_FFFF);
    // Seconds wrap every 136 years (RFC 5905 section 6): the difference to the clock decides.
    let here = (about / 1_000_000_000 + ERA) & 0xFFFF_FFFF;
    let ahead = i64::from((seconds as u32).wrapping_sub(here as u32).cast_signed());
    let seconds = i128::from(about / 1_000_000_000) + i128::from(ahead);
    seconds * 1_000_000_000 + i128::from((fraction * 1_000_000_000) >> 32)
}
