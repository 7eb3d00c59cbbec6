//! An answer from an NTP server: never a panic, whatever times it names.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tsa_server::clock::Reading;
use tsa_server::clock::ntp::Answer;
use tsa_server::instant::UtcInstant;

fuzz_target!(|data: (u64, u16, [u8; 8], &[u8])| {
    let (now, trip, nonce, packet) = data;
    if let Ok(answer) = Answer::parse(packet, nonce) {
        assert_eq!(packet[24..32], nonce);
        let sent = Reading {
            utc: UtcInstant::from_nanos(now),
            monotonic: Duration::ZERO,
        };
        let received = Reading {
            utc: sent.utc.plus(Duration::from_millis(trip.into())),
            monotonic: Duration::from_millis(trip.into()),
        };
        let _ = answer.sample(sent, received);
    }
});
