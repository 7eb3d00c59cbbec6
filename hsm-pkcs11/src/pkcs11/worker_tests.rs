//! The workers against a token that breaks on command.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::pkcs11::call::DIED_WITH_THE_OTHERS;
use crate::pkcs11::module::lock;
use crate::token_error::FailedCall;

/// What the fake token does next.
#[derive(Clone)]
enum Next {
    Signs,
    Fails(TokenError),
    Hangs(Duration),
}

#[derive(Default)]
struct Script {
    connects: Mutex<VecDeque<Next>>,
    signs: Mutex<VecDeque<Next>>,
    connected: AtomicUsize,
    signed: AtomicUsize,
}

struct Fake(Arc<Script>);
struct FakeLink(Arc<Script>);

impl Connect for Fake {
    type Link = FakeLink;

    fn connect(&self) -> Result<FakeLink, TokenError> {
        self.0.connected.fetch_add(1, Ordering::SeqCst);
        match lock(&self.0.connects).pop_front() {
            Some(Next::Fails(error)) => Err(error),
            _ => Ok(FakeLink(Arc::clone(&self.0))),
        }
    }
}

impl Link for FakeLink {
    fn sign(&mut self, input: &Input) -> Result<Vec<u8>, TokenError> {
        self.0.signed.fetch_add(1, Ordering::SeqCst);
        let next = lock(&self.0.signs).pop_front();
        match next {
            Some(Next::Fails(error)) => return Err(error),
            Some(Next::Hangs(time)) => thread::sleep(time),
            Some(Next::Signs) | None => {}
        }
        Ok(input.data.clone())
    }
}

fn call(function: &str, code: &str) -> FailedCall {
    FailedCall {
        function: function.into(),
        code: code.into(),
    }
}

fn lost() -> TokenError {
    TokenError::SessionLost {
        token: "t".into(),
        call: call("C_SignInit", "CKR_SESSION_HANDLE_INVALID"),
    }
}

fn wrong_pin() -> TokenError {
    TokenError::WrongPin {
        token: "t".into(),
        call: call("C_Login", "CKR_PIN_INCORRECT"),
    }
}

fn pool(
    connects: &[Next],
    signs: &[Next],
    recovery: Recovery,
    timeout: Duration,
) -> (Pool, Arc<Script>) {
    let script = Arc::new(Script {
        connects: Mutex::new(connects.to_vec().into()),
        signs: Mutex::new(signs.to_vec().into()),
        ..Script::default()
    });
    let fake = Fake(Arc::clone(&script));
    let pool = Pool::start(fake, 1, recovery, "k", timeout).unwrap();
    (pool, script)
}

fn input() -> Input {
    Input {
        mech: Mech::Ecdsa,
        data: b"x".to_vec(),
        pin: None,
    }
}

const LONG: Duration = Duration::from_secs(20);

fn sign(pool: &Pool) -> Result<Vec<u8>, TokenError> {
    pool.sign(input())
}

#[test]
fn a_lost_session_is_reopened_and_the_caller_sees_nothing() {
    let forget = |error| pool(&[], &[Next::Fails(error)], Recovery::Reopen, LONG);
    for error in [
        lost(),
        TokenError::NotLoggedIn {
            token: "t".into(),
            call: call("C_Sign", "CKR_USER_NOT_LOGGED_IN"),
        },
        TokenError::TokenRemoved {
            token: "t".into(),
            call: call("C_SignInit", "CKR_TOKEN_NOT_PRESENT"),
        },
        TokenError::DeviceFailed {
            token: "t".into(),
            call: call("C_Sign", "CKR_DEVICE_ERROR"),
        },
        TokenError::Call {
            token: "t".into(),
            call: call("C_Sign", "CKR_GENERAL_ERROR"),
        },
    ] {
        let (pool, script) = forget(error);
        assert_eq!(sign(&pool).unwrap(), b"x");
        assert_eq!(script.connected.load(Ordering::SeqCst), 2);
        assert_eq!(script.signed.load(Ordering::SeqCst), 2);
    }
}

#[test]
fn a_signature_is_tried_twice_and_not_for_ever() {
    let signs = [Next::Fails(lost()), Next::Fails(lost()), Next::Signs];
    let (pool, script) = pool(&[], &signs, Recovery::Reopen, LONG);
    assert_eq!(sign(&pool).unwrap_err(), lost());
    assert_eq!(script.signed.load(Ordering::SeqCst), 2);
    // The next caller gets a new session.
    assert_eq!(sign(&pool).unwrap(), b"x");
    assert_eq!(script.connected.load(Ordering::SeqCst), 3);
}

#[test]
fn a_new_session_given_up_with_the_old_ones_counts_as_no_attempt() {
    let given_up = TokenError::SessionLost {
        token: "t".into(),
        call: call("the session", DIED_WITH_THE_OTHERS),
    };
    let signs = [Next::Fails(lost()), Next::Fails(given_up.clone())];
    let (signing, script) = pool(&[], &signs, Recovery::Reopen, LONG);
    assert_eq!(sign(&signing).unwrap(), b"x");
    assert_eq!(script.connected.load(Ordering::SeqCst), 3);
    // Not for ever either.
    let signs = vec![Next::Fails(given_up.clone()); 10];
    let (signing, _) = pool(&[], &signs, Recovery::Reopen, LONG);
    assert_eq!(sign(&signing).unwrap_err(), given_up);
}

#[test]
fn a_new_session_that_a_sibling_closes_is_opened_once_more() {
    let connects = [Next::Signs, Next::Fails(lost()), Next::Signs];
    let (pool, script) = pool(&connects, &[Next::Fails(lost())], Recovery::Reopen, LONG);
    assert_eq!(sign(&pool).unwrap(), b"x");
    assert_eq!(script.connected.load(Ordering::SeqCst), 3);
}

#[test]
fn a_token_that_is_away_is_looked_for_at_the_next_signature() {
    let gone = TokenError::TokenRemoved {
        token: "t".into(),
        call: call("C_GetSlotList", "it is in no slot"),
    };
    let connects = [Next::Signs, Next::Fails(gone.clone())];
    let (pool, _) = pool(&connects, &[Next::Fails(lost())], Recovery::Reopen, LONG);
    assert_eq!(sign(&pool).unwrap_err(), gone);
    assert_eq!(sign(&pool).unwrap(), b"x");
}

#[test]
fn a_wrong_pin_while_reopening_is_not_tried_again_for_this_signature() {
    let connects = [Next::Signs, Next::Fails(wrong_pin())];
    let (pool, script) = pool(&connects, &[Next::Fails(lost())], Recovery::Reopen, LONG);
    assert_eq!(sign(&pool).unwrap_err(), wrong_pin());
    assert_eq!(script.connected.load(Ordering::SeqCst), 2);
}

#[test]
fn an_error_of_the_key_is_not_answered_with_a_new_session() {
    let error = TokenError::Call {
        token: "t".into(),
        call: call("C_SignInit", "CKR_KEY_FUNCTION_NOT_PERMITTED"),
    };
    let (pool, script) = pool(&[], &[Next::Fails(error.clone())], Recovery::Reopen, LONG);
    assert_eq!(sign(&pool).unwrap_err(), error);
    assert_eq!(script.connected.load(Ordering::SeqCst), 1);
}

#[test]
fn without_recovery_a_lost_session_stays_lost() {
    let signs = [Next::Fails(lost()), Next::Fails(lost())];
    let (pool, script) = pool(&[], &signs, Recovery::Fail, LONG);
    assert_eq!(sign(&pool).unwrap_err(), lost());
    assert_eq!(sign(&pool).unwrap_err(), lost());
    assert_eq!(script.connected.load(Ordering::SeqCst), 1);
}

#[test]
fn a_token_that_hangs_does_not_hold_its_callers() {
    let signs = [Next::Hangs(Duration::from_secs(2))];
    let timeout = Duration::from_millis(50);
    let (pool, script) = pool(&[], &signs, Recovery::Reopen, timeout);
    let started = Instant::now();
    assert!(matches!(sign(&pool), Err(TokenError::Timeout { .. })));
    assert!(matches!(sign(&pool), Err(TokenError::Timeout { .. })));
    assert!(started.elapsed() < Duration::from_millis(1500));
    drop(pool);
    // Nobody waited for the second one any more, so it was not signed.
    assert_eq!(script.signed.load(Ordering::SeqCst), 1);
}

/// What a module does when a thread that used it ends, slowly.
struct AtThreadEnd(Arc<AtomicUsize>);

impl Drop for AtThreadEnd {
    fn drop(&mut self) {
        thread::sleep(Duration::from_millis(100));
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

thread_local! {
    static OF_THE_THREAD: RefCell<Option<AtThreadEnd>> = const { RefCell::new(None) };
}

/// Opens sessions of a module that keeps something for each thread.
struct Keeps(Arc<AtomicUsize>);

impl Connect for Keeps {
    type Link = Self;

    fn connect(&self) -> Result<Self, TokenError> {
        Ok(Self(Arc::clone(&self.0)))
    }
}

impl Link for Keeps {
    fn sign(&mut self, input: &Input) -> Result<Vec<u8>, TokenError> {
        let kept = AtThreadEnd(Arc::clone(&self.0));
        OF_THE_THREAD.set(Some(kept));
        Ok(input.data.clone())
    }
}

#[test]
fn threads_have_ended_when_the_pool_is_gone() {
    let ended = Arc::new(AtomicUsize::new(0));
    let keeps = Keeps(Arc::clone(&ended));
    let pool = Pool::start(keeps, 1, Recovery::Reopen, "k", LONG).unwrap();
    assert_eq!(sign(&pool).unwrap(), b"x");
    assert_eq!(ended.load(Ordering::SeqCst), 0);
    drop(pool);
    assert_eq!(ended.load(Ordering::SeqCst), 1);
}

#[test]
fn a_token_with_fewer_sessions_than_asked_for_signs_with_those() {
    let full = TokenError::TooManySessions {
        token: "t".into(),
        call: call("C_OpenSession", "CKR_SESSION_COUNT"),
    };
    let script = Arc::new(Script {
        connects: Mutex::new(vec![Next::Signs, Next::Fails(full.clone())].into()),
        ..Script::default()
    });
    let pool = Pool::start(Fake(script), 4, Recovery::Reopen, "k", LONG).unwrap();
    assert_eq!(sign(&pool).unwrap(), b"x");
    let script = Arc::new(Script {
        connects: Mutex::new(vec![Next::Fails(full.clone())].into()),
        ..Script::default()
    });
    let error = Pool::start(Fake(script), 4, Recovery::Reopen, "k", LONG).err();
    assert_eq!(error, Some(full));
}
