//! When the clock is not believed, by fake clocks and a small NTP server on this machine.
#![allow(clippy::unwrap_used)]

mod support;

use std::net::UdpSocket;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant, SystemTime};

use der::Encode as _;
use http_service::Health as _;
use pki_asn1::UnixTime;
use pki_asn1::tsp::PkiFailureInfo;
use proptest::prelude::*;
use support::{Offer, Running, Unit, failure, request};
use tsa_server::Config;
use tsa_server::clock::ntp::{self, Answer, NtpServer};
use tsa_server::clock::reference::{
    self, PATIENCE, Reference, ReferenceError, References, Sample, verdict,
};
use tsa_server::clock::{
    ClockEvent, ClockFault, Confirmation, Guard, Handing, ManualTimeSource, Reading, Requirement,
    SystemTimeSource, TimeSource,
};
use tsa_server::instant::{GenTimeDigits, UtcInstant};

const SECOND: Duration = Duration::from_secs(1);

fn at(time: &str) -> UtcInstant {
    time.parse::<UnixTime>().unwrap().into()
}

fn clock() -> Arc<ManualTimeSource> {
    Arc::new(ManualTimeSource::new(at("2026-11-22T09:00:00Z")))
}

fn guard(clock: &Arc<ManualTimeSource>, requirement: Requirement) -> Guard {
    let source = Arc::clone(clock) as _;
    Guard::new(source, SECOND, requirement, Handing::Shared)
}

fn confirmed() -> Confirmation {
    Confirmation::Confirmed {
        offset: 1_000_000,
        leap: false,
    }
}

#[test]
fn a_clock_that_jumps_is_refused_until_it_is_back_or_somebody_vouches_for_it() {
    let clock = clock();
    let guard = guard(&clock, Requirement::Advisory);
    let start = clock.read().utc;
    guard.take().unwrap();
    clock.advance(Duration::from_secs(3600));
    guard.take().unwrap();
    for (step, by_ms) in [
        (SECOND * 3600 + SECOND * 2, 2000),
        (SECOND * 3500, -100_000),
    ] {
        clock.set(start.plus(step));
        assert_eq!(guard.take(), Err(ClockFault::Jumped { by_ms }));
    }
    clock.set(start.plus(SECOND * 3600));
    guard.take().unwrap();
    clock.set(start.plus(SECOND * 7200));
    guard.take().unwrap_err();
    guard.vouch();
    assert_eq!(
        guard.take().unwrap().unwrap().time,
        start.plus(SECOND * 7200)
    );
}

#[test]
fn small_steps_add_up() {
    let clock = clock();
    let guard = guard(&clock, Requirement::Advisory);
    for _ in 0..2 {
        clock.advance(Duration::from_secs(60));
        clock.set(clock.read().utc.plus(Duration::from_millis(400)));
        guard.take().unwrap();
    }
    clock.set(clock.read().utc.plus(Duration::from_millis(400)));
    assert_eq!(guard.take(), Err(ClockFault::Jumped { by_ms: 1200 }));
}

#[test]
fn time_never_goes_back_even_within_the_accuracy() {
    let clock = clock();
    let guard = guard(&clock, Requirement::Advisory);
    let first = guard.take().unwrap().unwrap().time;
    let back = Duration::from_millis(300);
    clock.set(UtcInstant::from_nanos(first.as_nanos() - 300_000_000));
    assert_eq!(guard.take(), Err(ClockFault::Behind { by: back }));
    clock.advance(back);
    assert_eq!(guard.take().unwrap().unwrap().time, first);
}

#[test]
fn a_clock_set_back_while_the_service_was_down_is_refused() {
    let unit = Unit::new();
    let clock = clock();
    let query = request().to_der().unwrap();
    let running = Running::new(&unit, Arc::clone(&clock) as _);
    assert_eq!(failure(&running.post(&query).1), None);
    drop(running);
    clock.set(at("2026-11-22T08:59:00Z"));
    let running = Running::new(&unit, Arc::clone(&clock) as _);
    let expected = Some(PkiFailureInfo::TimeNotAvailable);
    assert_eq!(failure(&running.post(&query).1), expected);
    clock.advance(Duration::from_secs(60));
    assert_eq!(failure(&running.post(&query).1), None);
}

#[test]
fn without_the_references_that_are_required_there_is_no_time() {
    let clock = clock();
    let guard = guard(&clock, Requirement::Within(SECOND * 256));
    assert_eq!(guard.take(), Err(ClockFault::Unconfirmed));
    guard.confirm(clock.read(), confirmed());
    guard.take().unwrap();
    clock.advance(SECOND * 256);
    guard.take().unwrap();
    guard.confirm(clock.read(), Confirmation::Silent);
    clock.advance(SECOND);
    assert_eq!(guard.take(), Err(ClockFault::Unconfirmed));
    guard.confirm(clock.read(), confirmed());
    guard.take().unwrap();
}

#[test]
fn references_that_contradict_are_believed_even_where_they_are_not_required() {
    let clock = clock();
    let guard = guard(&clock, Requirement::Advisory);
    let offset = -3_000_000_000;
    guard.confirm(clock.read(), Confirmation::Contradicted { offset });
    assert_eq!(guard.take(), Err(ClockFault::Drifted { offset_ms: -3000 }));
    // Silence does not take it back.
    guard.confirm(clock.read(), Confirmation::Silent);
    guard.take().unwrap_err();
    guard.confirm(clock.read(), confirmed());
    guard.take().unwrap();
}

#[test]
fn references_end_the_refusal_after_a_jump() {
    let clock = clock();
    let guard = guard(&clock, Requirement::Within(SECOND * 256));
    guard.confirm(clock.read(), confirmed());
    clock.set(clock.read().utc.plus(SECOND * 10));
    guard.take().unwrap_err();
    guard.confirm(clock.read(), confirmed());
    guard.take().unwrap();
}

#[test]
fn every_change_is_reported_once() {
    let clock = clock();
    let guard = guard(&clock, Requirement::Within(SECOND * 100));
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    guard.observe(move |_, event| seen.lock().unwrap().push(event));
    for _ in 0..3 {
        let _ = guard.take();
    }
    guard.confirm(clock.read(), confirmed());
    for _ in 0..3 {
        guard.take().unwrap();
    }
    for _ in 0..3 {
        clock.set(clock.read().utc.plus(SECOND * 5));
        let _ = guard.take();
    }
    guard.confirm(clock.read(), confirmed());
    assert_eq!(
        *events.lock().unwrap(),
        [
            ClockEvent::Lost(ClockFault::Unconfirmed),
            ClockEvent::Regained {
                offset: Some(1_000_000)
            },
            ClockEvent::Lost(ClockFault::Jumped { by_ms: 5000 }),
            ClockEvent::Regained {
                offset: Some(1_000_000)
            },
        ]
    );
}

#[test]
fn nothing_is_stamped_around_a_leap_second_until_it_is_confirmed() {
    let clock = Arc::new(ManualTimeSource::new(at("2026-12-31T23:00:00Z")));
    let guard = guard(&clock, Requirement::Within(SECOND * 86_400));
    let leap = |leap| Confirmation::Confirmed { offset: 0, leap };
    guard.confirm(clock.read(), leap(true));
    guard.take().unwrap();
    clock.advance(SECOND * 3597);
    guard.take().unwrap();
    clock.advance(SECOND);
    assert_eq!(guard.take(), Err(ClockFault::LeapSecond));
    // 23:59:60: the system shows 23:59:59 twice.
    clock.advance(SECOND);
    clock.set(at("2026-12-31T23:59:58Z"));
    clock.advance(SECOND);
    assert_eq!(guard.take(), Err(ClockFault::LeapSecond));
    clock.advance(SECOND);
    // A server that no longer announces it does not end it early.
    guard.confirm(clock.read(), leap(false));
    assert_eq!(guard.take(), Err(ClockFault::LeapSecond));
    clock.advance(SECOND);
    guard.confirm(clock.read(), leap(false));
    assert_eq!(
        guard.take().unwrap().unwrap().time,
        at("2027-01-01T00:00:01Z")
    );
    // Without an announcement midnight is like any other time.
    clock.set(at("2027-01-31T23:59:58Z"));
    guard.confirm(clock.read(), leap(false));
    guard.take().unwrap();
}

#[test]
fn distinct_times_are_distinct_in_their_digits_and_not_far_ahead() {
    let clock = clock();
    let handing = Handing::Distinct {
        digits: GenTimeDigits::MILLIS,
        ahead: Duration::from_millis(10),
    };
    let source = Arc::clone(&clock) as _;
    let guard = Guard::new(source, SECOND, Requirement::Advisory, handing);
    let mut times = Vec::new();
    while let Some(slot) = guard.take().unwrap() {
        assert_eq!(slot.wait, Duration::from_millis(times.len() as u64));
        times.push(slot.time.generalized(GenTimeDigits::MILLIS));
    }
    assert_eq!(times.len(), 11);
    clock.advance(Duration::from_micros(900));
    assert_eq!(guard.take(), Ok(None));
    clock.advance(Duration::from_micros(200));
    let slot = guard.take().unwrap().unwrap();
    times.push(slot.time.generalized(GenTimeDigits::MILLIS));
    times.dedup();
    assert_eq!(times.len(), 12);
}

fn sample(offset_ms: i64, distance_ms: u64) -> Option<Sample> {
    Some(Sample {
        offset: offset_ms * 1_000_000,
        distance: distance_ms * 1_000_000,
        leap: false,
    })
}

#[test]
fn more_than_half_of_the_references_must_be_sure() {
    use Confirmation::{Confirmed, Contradicted, Silent};
    let right = |offset_ms: i64| Confirmed {
        offset: offset_ms * 1_000_000,
        leap: false,
    };
    let wrong = |offset_ms: i64| Contradicted {
        offset: offset_ms * 1_000_000,
    };
    for (samples, expected) in [
        (vec![sample(5, 20)], right(5)),
        (vec![None], Silent),
        (vec![], Silent),
        (vec![sample(5, 20), None], Silent),
        (vec![sample(5, 20), sample(7, 20), None], right(7)),
        // One liar among three changes nothing, either way.
        (
            vec![sample(5, 1), sample(7, 1), sample(90_000, 1)],
            right(7),
        ),
        (
            vec![sample(5, 1), sample(5000, 1), sample(6000, 1)],
            wrong(6000),
        ),
        (vec![sample(5, 1), sample(5000, 1)], Silent),
        // Not sure: the way there is as long as what is allowed.
        (vec![sample(5, 1000)], Silent),
        (vec![sample(1500, 600)], Silent),
        (vec![sample(-1601, 600)], wrong(-1601)),
    ] {
        assert_eq!(verdict(&samples, SECOND), expected, "{samples:?}");
    }
}

/// An NTP server on this machine whose clock is off, and which can misbehave.
struct FakeNtp {
    address: String,
    offset_ms: Arc<AtomicI64>,
    mood: Arc<AtomicU8>,
}

const HONEST: u8 = 0;
const UNSYNCHRONISED: u8 = 1;
const KISS_OF_DEATH: u8 = 2;
const WRONG_ORIGIN_FIRST: u8 = 3;
const SHORT: u8 = 4;
const STRANGERS_FOR_EVER: u8 = 5;

impl FakeNtp {
    fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = format!("ntp://{}", socket.local_addr().unwrap());
        let (offset_ms, mood) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicU8::new(HONEST)));
        let fake = Self {
            address,
            offset_ms: Arc::clone(&offset_ms),
            mood: Arc::clone(&mood),
        };
        std::thread::spawn(move || {
            let mut packet = [0; 512];
            loop {
                let (length, client) = socket.recv_from(&mut packet).unwrap();
                assert_eq!(length, ntp::PACKET);
                let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                let now = now.unwrap().as_nanos() as i128;
                let now = now + i128::from(offset_ms.load(Ordering::SeqCst)) * 1_000_000;
                let mood = mood.load(Ordering::SeqCst);
                let mut answer = answer(&packet[..48], now);
                match mood {
                    UNSYNCHRONISED => answer[0] |= 0b11 << 6,
                    KISS_OF_DEATH => answer[1] = 0,
                    WRONG_ORIGIN_FIRST => {
                        let mut stranger = answer;
                        stranger[31] ^= 1;
                        stranger[32] ^= 1;
                        socket.send_to(&stranger, client).unwrap();
                    }
                    STRANGERS_FOR_EVER => {
                        for _ in 0..20 {
                            let mut stranger = answer;
                            stranger[31] ^= 1;
                            // Whoever asked may be gone.
                            let _ = socket.send_to(&stranger, client);
                            std::thread::sleep(Duration::from_millis(500));
                        }
                        continue;
                    }
                    _ => {}
                }
                let length = if mood == SHORT { 47 } else { 48 };
                socket.send_to(&answer[..length], client).unwrap();
            }
        });
        fake
    }

    fn reference(&self) -> Box<dyn Reference> {
        Box::new(self.address.parse::<NtpServer>().unwrap())
    }
}

fn answer(request: &[u8], now: i128) -> [u8; 48] {
    assert_eq!(request[0] & 7, 3, "mode 3");
    let mut answer = [0; 48];
    answer[0] = 4 << 3 | 4;
    answer[1] = 2;
    answer[8..12].copy_from_slice(&(65_536u32 / 1000).to_be_bytes());
    answer[24..32].copy_from_slice(&request[40..48]);
    let seconds = (now / 1_000_000_000 + 2_208_988_800) as u64;
    let fraction = ((now % 1_000_000_000) << 32) / 1_000_000_000;
    let time = seconds << 32 | fraction as u64;
    answer[32..40].copy_from_slice(&time.to_be_bytes());
    answer[40..48].copy_from_slice(&time.to_be_bytes());
    answer
}

#[test]
fn an_ntp_server_is_asked_and_its_offset_found() {
    let fake = FakeNtp::new();
    let source = SystemTimeSource::new();
    for offset_ms in [0, 250, -4000, 90_000] {
        fake.offset_ms.store(offset_ms, Ordering::SeqCst);
        let sample = fake.reference().sample(&source).unwrap();
        let error = (sample.offset - offset_ms * 1_000_000).unsigned_abs();
        assert!(error <= sample.distance, "{sample:?}");
        assert!(sample.distance < 500_000_000, "{sample:?}");
    }
}

#[test]
fn an_answer_that_gives_no_time_is_no_sample() {
    let fake = FakeNtp::new();
    let source = SystemTimeSource::new();
    for mood in [UNSYNCHRONISED, KISS_OF_DEATH] {
        fake.mood.store(mood, Ordering::SeqCst);
        let error = fake.reference().sample(&source).unwrap_err();
        assert!(matches!(error, ReferenceError::Unsynchronised), "{error}");
    }
    fake.mood.store(SHORT, Ordering::SeqCst);
    let error = fake.reference().sample(&source).unwrap_err();
    assert!(matches!(error, ReferenceError::Malformed), "{error}");
    // Somebody who cannot see the question cannot answer it.
    fake.mood.store(WRONG_ORIGIN_FIRST, Ordering::SeqCst);
    let sample = fake.reference().sample(&source).unwrap();
    assert!(sample.offset.abs() < 1_000_000_000);
}

#[test]
fn a_server_that_answers_other_questions_for_ever_does_not_hold_up_the_service() {
    let fake = FakeNtp::new();
    fake.mood.store(STRANGERS_FOR_EVER, Ordering::SeqCst);
    let begun = Instant::now();
    let source = SystemTimeSource::new();
    fake.reference().sample(&source).unwrap_err();
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}

/// A reference that answers when it is told to, as one whose name is not resolved.
#[derive(Debug)]
struct Hanging {
    asked: Arc<AtomicU8>,
    release: Mutex<mpsc::Receiver<()>>,
}

impl Reference for Hanging {
    fn name(&self) -> String {
        "hanging".into()
    }

    fn sample(&self, _clock: &dyn TimeSource) -> Result<Sample, ReferenceError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let _ = self.release.lock().unwrap().recv();
        Err(ReferenceError::Unsynchronised)
    }
}

#[test]
fn a_reference_that_hangs_is_outvoted_in_time_and_not_asked_again_meanwhile() {
    let servers = [FakeNtp::new(), FakeNtp::new()];
    let asked = Arc::new(AtomicU8::new(0));
    let (release, wait) = mpsc::channel();
    let mut references: Vec<_> = servers.iter().map(FakeNtp::reference).collect();
    references.push(Box::new(Hanging {
        asked: Arc::clone(&asked),
        release: Mutex::new(wait),
    }));
    let references = References::new(references);
    let source = Arc::new(SystemTimeSource::new());
    let requirement = Requirement::Within(Duration::from_secs(60));
    let guard = Guard::new(source, SECOND, requirement, Handing::Shared);
    guard.check_now().unwrap_err();
    for _ in 0..2 {
        let begun = Instant::now();
        references.check(&guard);
        assert!(begun.elapsed() < PATIENCE * 2, "{:?}", begun.elapsed());
        guard.check_now().unwrap();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // As soon as it has answered it is asked again.
    drop(release);
    let begun = Instant::now();
    while asked.load(Ordering::SeqCst) < 2 {
        references.check(&guard);
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
}

#[test]
fn the_service_refuses_while_ntp_contradicts_and_heals_without_help() {
    let unit = Unit::new();
    let servers = [FakeNtp::new(), FakeNtp::new(), FakeNtp::new()];
    let source = Arc::new(SystemTimeSource::new());
    let tsa = unit.tsa(source, Offer::default());
    let references = servers.iter().map(FakeNtp::reference).collect();
    let references = Arc::new(References::new(references));
    let query = request().to_der().unwrap();
    let running = Running::of(Arc::clone(&tsa));
    // Two of three are off.
    for server in &servers[..2] {
        server.offset_ms.store(5000, Ordering::SeqCst);
    }
    references.check(tsa.guard());
    let expected = Some(PkiFailureInfo::TimeNotAvailable);
    assert_eq!(failure(&running.post(&query).1), expected);
    assert!(tsa.ready().unwrap_err().contains("references"));
    servers[0].offset_ms.store(0, Ordering::SeqCst);
    let interval = Duration::from_millis(20);
    let monitor = reference::monitor(references, Arc::clone(tsa.guard()), interval).unwrap();
    while failure(&running.post(&query).1).is_some() {
        std::thread::sleep(interval);
    }
    tsa.ready().unwrap();
    drop(monitor);
}

#[test]
fn a_service_that_begins_without_its_references_answers_and_waits_for_them() {
    let unit = Unit::new();
    let fake = FakeNtp::new();
    fake.mood.store(UNSYNCHRONISED, Ordering::SeqCst);
    let config = format!(
        "listen = [\"127.0.0.1:0\"]\ncertificate = \"tsu.pem\"\nkey = \"tsu.key\"\npolicy = \"{}\"\n[clock]\nreferences = [\"{}\"]\ncheck-seconds = 1\n",
        support::POLICY,
        fake.address
    );
    std::fs::write(unit.path("tsa.toml"), config).unwrap();
    let config = Config::load(&unit.path("tsa.toml"), None)
        .map_err(|failure| failure.to_text())
        .unwrap();
    let prepared = config.prepare(&hsm_pkcs11::PinSource::None, support::system());
    let service = prepared.unwrap().start().unwrap();
    let running = Running::of(Arc::clone(&service.tsa));
    let query = request().to_der().unwrap();
    let expected = Some(PkiFailureInfo::TimeNotAvailable);
    assert_eq!(failure(&running.post(&query).1), expected);
    assert!(service.tsa.ready().unwrap_err().contains("not confirmed"));
    fake.mood.store(HONEST, Ordering::SeqCst);
    // As SIGHUP does; otherwise within a second.
    service.on_reload()();
    assert_eq!(failure(&running.post(&query).1), None);
}

#[test]
fn addresses_of_ntp_servers_are_read_and_written() {
    for (text, expected) in [
        ("ntp://ntp.example.org", "ntp://ntp.example.org:123"),
        ("ntp://ntp.example.org/", "ntp://ntp.example.org:123"),
        ("ntp://127.0.0.1:1123", "ntp://127.0.0.1:1123"),
        ("ntp://[2001:db8::1]", "ntp://[2001:db8::1]:123"),
        ("ntp://[::1]:1123", "ntp://[::1]:1123"),
    ] {
        assert_eq!(text.parse::<NtpServer>().unwrap().to_string(), expected);
    }
    for bad in [
        "",
        "ntp.example.org",
        "http://x",
        "ntp://",
        "ntp://x:",
        "ntp://x:70000",
        "ntp://a b",
        "ntp://[::1",
        "ntp://[x]",
        "ntp://x/y",
    ] {
        assert!(bad.parse::<NtpServer>().is_err(), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn no_packet_makes_the_reader_panic(
        packet in proptest::collection::vec(any::<u8>(), 0..100), nonce: [u8; 8], now: u64, trip: u32,
    ) {
        let mut packet = packet;
        if packet.len() >= 48 {
            packet[0] = 0x24 | packet[0] & 0xC0;
            packet[1] %= 16;
            packet[24..32].copy_from_slice(&nonce);
        }
        if let Ok(answer) = Answer::parse(&packet, nonce) {
            let reading = |utc, millis: u32| Reading {
                utc: UtcInstant::from_nanos(utc),
                monotonic: Duration::from_millis(millis.into()),
            };
            let _ = answer.sample(reading(now, 0), reading(now, trip));
        }
    }

    #[test]
    fn the_offset_is_found_across_eras_and_long_ways(
        now in 1_700_000_000_000_000_000u64..6_000_000_000_000_000_000,
        offset_ms in -100_000_000i64..100_000_000,
        there_ms in 0u64..900, back_ms in 0u64..900,
    ) {
        let sent = UtcInstant::from_nanos(now);
        let server = i128::from(now) + i128::from(offset_ms) * 1_000_000
            + i128::from(there_ms) * 1_000_000;
        let packet = answer(&ntp::request([7; 8]), server);
        let answer = Answer::parse(&packet, [7; 8]).unwrap();
        let trip = Duration::from_millis(there_ms + back_ms);
        let first = Reading { utc: sent, monotonic: Duration::ZERO };
        let last = Reading { utc: sent.plus(trip), monotonic: trip };
        let sample = answer.sample(first, last).unwrap();
        let error = (sample.offset - offset_ms * 1_000_000).unsigned_abs();
        prop_assert!(error <= sample.distance + 1000, "{sample:?}");
    }
}
