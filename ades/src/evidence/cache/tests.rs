use pki_asn1::ManualClock;
use proptest::prelude::*;

use super::*;

fn entry(body: Vec<u8>) -> Entry {
    Entry {
        fetched: UnixTime::from_secs(1_000),
        expires: UnixTime::from_secs(9_000),
        url: "http://pki.sceau.example/ca.crl".into(),
        body,
    }
}

/// A certificate is what is easiest to make.
fn certificate() -> Vec<u8> {
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::new(vec!["pki.sceau.example".into()]).unwrap();
    parameters.self_signed(&key).unwrap().der().to_vec()
}

/// Counts how often it is asked.
struct Origin(Mutex<u32>, Result<Vec<u8>, String>);

impl Fetch for Origin {
    fn get(&self, _: &str) -> Result<Vec<u8>, String> {
        *self.0.lock().unwrap() += 1;
        self.1.clone()
    }

    fn ocsp(&self, url: &str, _: &[u8]) -> Result<Vec<u8>, String> {
        self.get(url)
    }
}

fn asked<F>(cached: &Cached<F>, count: impl Fn(&F) -> u32) -> u32 {
    count(&cached.inner)
}

#[test]
fn an_answer_is_kept_by_another_process_too_until_it_runs_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("deep/down");
    let clock = Arc::new(ManualClock::new(UnixTime::from_secs(1_000_000)));
    let open = || {
        Cached::in_folder(Origin(Mutex::new(0), Ok(certificate())), &folder)
            .with_clock(clock.clone())
    };
    let count = |o: &Origin| *o.0.lock().unwrap();
    let first = open();
    let body = first.get("http://a/").unwrap();
    let second = open();
    assert_eq!(second.get("http://a/").unwrap(), body);
    assert_eq!((asked(&first, count), asked(&second, count)), (1, 0));
    clock.advance(KEEP_CERTIFICATES);
    second.get("http://a/").unwrap();
    assert_eq!(asked(&second, count), 1);
    // A clock that was set back must not make entries of the future last.
    clock.set(UnixTime::from_secs(1_000));
    second.get("http://a/").unwrap();
    assert_eq!(asked(&second, count), 2);
}

#[test]
fn what_settles_nothing_is_asked_for_again_once() {
    let clock = Arc::new(ManualClock::new(UnixTime::from_secs(1_000)));
    let cached =
        Cached::in_memory(Origin(Mutex::new(0), Ok(certificate()))).with_clock(clock.clone());
    cached.get("http://a/").unwrap();
    assert!(!cached.forget("http://a/", None), "it is new");
    cached.get("http://a/").unwrap();
    clock.advance(Duration::from_secs(60));
    assert!(cached.forget("http://a/", None));
    assert!(!cached.forget("http://a/", None), "it is gone");
}

#[test]
fn an_error_page_is_not_kept_and_a_dead_server_is_not_waited_for_twice() {
    let page = Cached::in_memory(Origin(Mutex::new(0), Ok(b"<html>".to_vec())));
    page.get("http://a/").unwrap();
    page.get("http://a/").unwrap();
    assert_eq!(*page.inner.0.lock().unwrap(), 2);
    let dead = Cached::in_memory(Origin(Mutex::new(0), Err("timed out".into())));
    for _ in 0..5 {
        assert_eq!(dead.get("http://a/").unwrap_err(), "timed out");
    }
    assert_eq!(*dead.inner.0.lock().unwrap(), 1);
}

/// A responder that answers OCSP requests but for one, and nothing else.
struct Responder;

impl Fetch for Responder {
    fn get(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("the server answers with status 405".into())
    }

    fn ocsp(&self, _: &str, request: &[u8]) -> Result<Vec<u8>, String> {
        match request {
            b"odd" => Err("the server answers with status 400".into()),
            _ => Ok(b"an answer".to_vec()),
        }
    }
}

#[test]
fn a_strangers_file_keeps_the_next_one_from_its_responder() {
    let mut cached = Cached::in_memory(Responder);
    cached.patience = Duration::MAX;
    // A certificate may name any URL as that of its CRL, and have any serial number.
    cached.get("http://ocsp/").unwrap_err();
    cached.ocsp("http://ocsp/", b"odd").unwrap_err();
    assert_eq!(
        cached.ocsp("http://ocsp/", b"honest").unwrap(),
        b"an answer"
    );
}

#[test]
fn a_responder_that_keeps_waiting_is_waited_for_with_every_question() {
    let mut cached = Cached::in_memory(Origin(Mutex::new(0), Err("timed out".into())));
    cached.patience = Duration::ZERO;
    for question in 0..5 {
        cached.ocsp("http://a/", &[question]).unwrap_err();
    }
    assert_eq!(*cached.inner.0.lock().unwrap(), 1);
}

#[test]
fn damaged_entries_are_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Cached::in_folder(Origin(Mutex::new(0), Ok(certificate())), folder.path());
    open().get("http://a/").unwrap();
    let file = path(folder.path(), &key("http://a/", None));
    let whole = fs::read(&file).unwrap();
    for at in [0, 15, 40, 70, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(&file, &damaged).unwrap();
        let cached = open();
        cached.get("http://a/").unwrap();
        assert_eq!(*cached.inner.0.lock().unwrap(), 1, "octet {at}");
        assert_ne!(fs::read(&file).unwrap(), damaged, "octet {at}");
    }
    fs::write(&file, b"").unwrap();
    open().get("http://a/").unwrap();
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(folder.path(), &key("http://a/", None));
    let made = std::process::Command::new("mkfifo").arg(&file).status();
    assert!(made.unwrap().success());
    let cached = Cached::in_folder(Origin(Mutex::new(0), Ok(certificate())), folder.path());
    cached.get("http://a/").unwrap();
    assert_eq!(*cached.inner.0.lock().unwrap(), 1);
    assert!(fs::metadata(&file).unwrap().is_file(), "it was replaced");
}

#[test]
fn the_cache_does_not_grow_beyond_its_limits() {
    let folder = tempfile::tempdir().unwrap();
    let limits = CacheLimits {
        entries: 5,
        bytes: 100_000,
        ..CacheLimits::default()
    };
    let memory = Cached::in_memory(Origin(Mutex::new(0), Ok(certificate()))).with_limits(limits);
    let disk = Cached::in_folder(Origin(Mutex::new(0), Ok(certificate())), folder.path())
        .with_limits(limits);
    for i in 0..40 {
        memory.get(&format!("http://a/{i}")).unwrap();
        disk.get(&format!("http://a/{i}")).unwrap();
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
    let Store::Memory(entries) = &memory.store else {
        unreachable!()
    };
    assert_eq!(entries.lock().unwrap().len(), 5);
    let sizes = [60_000_u64, 60_000, 60_000];
    assert_eq!(excess(sizes.into_iter(), &limits), 2);
}

#[test]
fn processes_that_write_at_once_leave_whole_entries() {
    let folder = tempfile::tempdir().unwrap();
    let key = key("http://a/", None);
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            let (folder, key) = (folder.path(), &key);
            scope.spawn(move || {
                for round in 0..50_usize {
                    write(folder, key, &entry(vec![thread; 1 + round * 997])).unwrap();
                    let seen = read(&path(folder, key)).unwrap();
                    assert!(seen.body.windows(2).all(|w| w[0] == w[1]));
                }
            });
        }
    });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_cannot_be_made_does_not_stop_anything() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let cached = Cached::in_folder(
        Origin(Mutex::new(0), Ok(certificate())),
        file.path().join("below"),
    );
    cached.get("http://a/").unwrap();
    cached.get("http://a/").unwrap();
    assert_eq!(*cached.inner.0.lock().unwrap(), 2);
}

proptest! {
    #[test]
    fn entries_come_back_as_they_were_and_nothing_else_is_taken_for_one(
        body in proptest::collection::vec(any::<u8>(), 0..200),
        noise in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let one = entry(body);
        write(folder.path(), "k", &one).unwrap();
        prop_assert_eq!(read(&path(folder.path(), "k")).unwrap(), one);
        prop_assert!(parse(&noise).is_none());
    }
}
