//! What one client may take: connections at a time, and requests per second.
//!
//! A client is an IPv4 address, or the /64 of an IPv6 address, which is what one subscriber has.
//! Behind trusted proxies it is whom the proxy names ([`forwarded`]). The rate is a token bucket in
//! the form of the generic cell rate algorithm (ITU-T I.371): one number per client, the time at which
//! its bucket will be full again.
//!
//! The table is bounded. Where it is full, clients at rest are forgotten; where that does not help,
//! all without a connection are, and have a full bucket again: an attack from very many addresses is
//! met by the limit on connections and by the queues, not by this table.

pub mod forwarded;
mod network;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::HeaderMap;

pub use self::network::{Network, NotANetwork};

const SHARDS: usize = 16;

/// Limits by client.
#[derive(Clone, Debug)]
pub struct ClientLimits {
    /// Connections at one time; further ones are closed at once.
    pub connections: usize,
    /// Requests per second; more are answered 429.
    pub rate: Option<Rate>,
    /// Clients remembered at one time.
    pub remembered: usize,
    /// Peers whose X-Forwarded-For is believed, and which may have any number of connections.
    pub proxies: Vec<Network>,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            connections: 1024,
            rate: None,
            remembered: 65_536,
            proxies: Vec::new(),
        }
    }
}

/// A token bucket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    /// Tokens that come back in a second, from 1 to 1000000.
    pub per_second: u32,
    /// How many requests may come at once, at least 1.
    pub burst: u32,
}

/// All clients, shared by the listeners and connections of a server.
#[derive(Debug)]
pub(crate) struct Clients {
    shards: [Mutex<HashMap<Client, State>>; SHARDS],
    hasher: RandomState,
    limits: ClientLimits,
    began: Instant,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Client {
    V4([u8; 4]),
    V6([u8; 8]),
}

#[derive(Debug, Default)]
struct State {
    connections: usize,
    /// TLS handshakes under way, each within one of the connections.
    handshakes: usize,
    /// When the bucket will be full, in nanoseconds since the table began.
    full_at: u64,
}

/// What a client may have so many of at one time.
#[derive(Clone, Copy, Debug)]
enum Counted {
    Connection,
    Handshake,
}

/// A connection or a handshake as its client counts it, until it is dropped.
#[derive(Debug)]
struct Seat {
    clients: Arc<Clients>,
    client: Client,
    counted: Counted,
}

impl State {
    fn count(&mut self, counted: Counted) -> &mut usize {
        match counted {
            Counted::Connection => &mut self.connections,
            Counted::Handshake => &mut self.handshakes,
        }
    }
}

impl Client {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

impl Clients {
    pub(crate) fn new(limits: ClientLimits) -> Self {
        Self {
            shards: Default::default(),
            hasher: RandomState::new(),
            limits,
            began: Instant::now(),
        }
    }

    /// Takes a seat for a connection from `peer`; `None` where it has all it may have. Trusted proxies
    /// take none.
    pub(crate) fn admit(self: &Arc<Self>, peer: IpAddr, now: Instant) -> Option<Admitted> {
        self.seat(peer, Counted::Connection, self.limits.connections, now)
    }

    /// The same for a TLS handshake, of which one client may have `most` under way.
    pub(crate) fn handshake(
        self: &Arc<Self>,
        peer: IpAddr,
        most: usize,
        now: Instant,
    ) -> Option<Admitted> {
        self.seat(peer, Counted::Handshake, most, now)
    }

    fn seat(
        self: &Arc<Self>,
        peer: IpAddr,
        counted: Counted,
        most: usize,
        now: Instant,
    ) -> Option<Admitted> {
        if self.is_proxy(peer) {
            return Some(Admitted { _seat: None });
        }
        let client = Client::of(peer);
        let mut shard = self.shard(client);
        let count = self.entry(&mut shard, client, now).count(counted);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Admitted {
            _seat: Some(Seat {
                clients: Arc::clone(self),
                client,
                counted,
            }),
        })
    }

    /// Whose request this is: the peer, or whom a trusted proxy names.
    pub(crate) fn asking(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if self.limits.proxies.is_empty() {
            return peer;
        }
        forwarded::client(peer, headers, |address| self.is_proxy(address))
    }

    /// Takes a token of the client's bucket.
    ///
    /// # Errors
    /// How long it takes until there is one.
    pub(crate) fn take(&self, client: IpAddr, now: Instant) -> Result<(), Duration> {
        let Some(rate) = self.limits.rate else {
            return Ok(());
        };
        let interval = 1_000_000_000 / u64::from(rate.per_second.max(1));
        let tolerance = interval * u64::from(rate.burst.max(1) - 1);
        let at = self.nanoseconds(now);
        let client = Client::of(client);
        let mut shard = self.shard(client);
        let state = self.entry(&mut shard, client, now);
        let full_at = state.full_at.max(at);
        match (full_at - at).checked_sub(tolerance) {
            Some(early) if early > 0 => Err(Duration::from_nanos(early)),
            _ => {
                state.full_at = full_at + interval;
                Ok(())
            }
        }
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        let mut proxies = self.limits.proxies.iter();
        proxies.any(|network| network.contains(address))
    }

    fn shard(&self, client: Client) -> MutexGuard<'_, HashMap<Client, State>> {
        // The low bits choose the place within the map.
        let shard = (self.hasher.hash_one(client) >> 32) as usize % SHARDS;
        lock(&self.shards[shard])
    }

    fn entry<'a>(
        &self,
        shard: &'a mut HashMap<Client, State>,
        client: Client,
        now: Instant,
    ) -> &'a mut State {
        let room = (self.limits.remembered / SHARDS).max(2);
        if shard.len() >= room && !shard.contains_key(&client) {
            let at = self.nanoseconds(now);
            shard.retain(|_, state| state.connections > 0 || state.full_at > at);
            // So that the next clients do not sweep again for nothing.
            if shard.len() > room / 2 {
                shard.retain(|_, state| state.connections > 0);
            }
        }
        shard.entry(client).or_default()
    }

    fn nanoseconds(&self, now: Instant) -> u64 {
        let passed = now.saturating_duration_since(self.began).as_nanos();
        u64::try_from(passed).unwrap_or(u64::MAX)
    }
}

/// The leave to serve a connection, or to shake hands; gives the seat back when dropped.
#[derive(Debug)]
pub(crate) struct Admitted {
    _seat: Option<Seat>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut shard = self.clients.shard(self.client);
        if let Some(state) = shard.get_mut(&self.client) {
            let count = state.count(self.counted);
            *count = count.saturating_sub(1);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn clients(connections: usize, rate: Rate, remembered: usize) -> Arc<Clients> {
        Arc::new(Clients::new(ClientLimits {
            connections,
            rate: Some(rate),
            remembered,
            proxies: vec!["10.0.0.0/8".parse().unwrap()],
        }))
    }

    const TEN: Rate = Rate {
        per_second: 10,
        burst: 3,
    };

    #[test]
    fn a_bucket_gives_its_burst_then_its_rate_and_says_when_the_next_one_comes() {
        let clients = clients(1, TEN, 1000);
        let (ip, mut now) = ("192.0.2.1".parse().unwrap(), clients.began);
        for _ in 0..3 {
            clients.take(ip, now).unwrap();
        }
        assert_eq!(clients.take(ip, now), Err(Duration::from_millis(100)));
        now += Duration::from_millis(100);
        clients.take(ip, now).unwrap();
        assert_eq!(clients.take(ip, now), Err(Duration::from_millis(100)));
        // Ten seconds at ten a second, refused ones not counted, and no more saved up than the burst.
        let mut taken = 0;
        for _ in 0..10_000 {
            now += Duration::from_millis(1);
            taken += u32::from(clients.take(ip, now).is_ok());
        }
        assert_eq!(taken, 100);
        now += 60 * SECOND;
        let taken = (0..100).filter(|_| clients.take(ip, now).is_ok()).count();
        assert_eq!(taken, 3);
        clients.take("192.0.2.2".parse().unwrap(), now).unwrap();
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one_client_whatever_the_rest_of_the_address() {
        let clients = clients(2, TEN, 1000);
        let admit = |text: &str| clients.admit(text.parse().unwrap(), clients.began);
        let (a, b) = (admit("2001:db8::1"), admit("2001:db8::ffff:2"));
        assert!(a.is_some() && b.is_some() && admit("2001:db8::3").is_none());
        assert!(admit("2001:db8:0:1::3").is_some());
        drop(a);
        assert!(admit("2001:db8::3").is_some());
        // An IPv4 client is the same one on a socket for both.
        let (c, d) = (admit("192.0.2.7"), admit("::ffff:192.0.2.7"));
        assert!(c.is_some() && d.is_some() && admit("192.0.2.7").is_none());
        // A proxy speaks for many.
        let proxied: Vec<_> = (0..10).map(|_| admit("10.1.2.3")).collect();
        assert!(proxied.iter().all(Option::is_some));
    }

    #[test]
    fn handshakes_are_counted_apart_from_connections_and_end_before_them() {
        let clients = clients(3, TEN, 1000);
        let (ip, now) = ("192.0.2.1".parse().unwrap(), clients.began);
        let connections: Vec<_> = (0..3).map(|_| clients.admit(ip, now).unwrap()).collect();
        let handshake = clients.handshake(ip, 1, now);
        assert!(handshake.is_some() && clients.handshake(ip, 1, now).is_none());
        let other = "192.0.2.2".parse().unwrap();
        assert!(clients.handshake(other, 1, now).is_some());
        drop(handshake);
        assert!(clients.handshake(ip, 1, now).is_some());
        assert!(clients.admit(ip, now).is_none());
        drop(connections);
        assert!(clients.admit(ip, now).is_some());
        // A proxy shakes hands for many.
        let proxy = "10.1.2.3".parse().unwrap();
        let all: Vec<_> = (0..5).map(|_| clients.handshake(proxy, 1, now)).collect();
        assert!(all.iter().all(Option::is_some));
    }

    #[test]
    fn a_flood_of_addresses_does_not_grow_the_table_nor_lose_count_of_connections() {
        let clients = clients(1, TEN, 16 * 64);
        let held: IpAddr = "192.0.2.1".parse().unwrap();
        let seat = clients.admit(held, clients.began);
        for n in 0..100_000_u128 {
            let address = IpAddr::V6((n << 64).into());
            clients.take(address, clients.began).unwrap();
        }
        let all: usize = clients.shards.iter().map(|s| lock(s).len()).sum();
        assert!(all <= 16 * 64, "{all}");
        assert!(clients.admit(held, clients.began).is_none());
        drop(seat);
        assert!(clients.admit(held, clients.began).is_some());
    }
}
