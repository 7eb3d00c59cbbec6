//! Keys that want the PIN for every signature (CKA_ALWAYS_AUTHENTICATE), as keys for qualified signatures
//! on smart cards do.
//!
//! C_SignInit, C_Login with CKU_CONTEXT_SPECIFIC, C_Sign (PKCS#11 2.40 section 5.11). A PIN that a token
//! refused is never sent again by itself: a kept one is forgotten, and a person is asked once more at
//! most, because cards lock after three.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cryptoki::mechanism::Mechanism;
use cryptoki::object::ObjectHandle;
use cryptoki::session::{Session, UserType};
use secrecy::SecretString;

use super::module::lock;
use super::token::{Login, Token};
use crate::error::KeyError;
use crate::pin::{PinPurpose, PinSource};
use crate::signer::SignError;
use crate::token_error::TokenError;

/// Wrong PINs in a row after which nobody is asked any more.
const MOST_WRONG: u8 = 2;
/// How long a person may take at the token's own keypad.
pub(super) const AT_THE_KEYPAD: Duration = Duration::from_secs(120);

/// Whose PIN a signature takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum PinFrom {
    /// That of the login, kept in memory.
    Memory,
    /// One that was asked for, or that is entered at the token.
    Person,
}

/// One signature to be made.
pub(super) struct Operation<'a> {
    pub(super) mechanism: &'a Mechanism<'a>,
    pub(super) key: ObjectHandle,
    pub(super) data: &'a [u8],
    /// The most octets it can have.
    pub(super) longest: usize,
}

/// Asks for the PIN before each signature.
pub(super) struct Asks {
    token: Arc<Token>,
    source: PinSource,
    /// Two documents that are signed at the same time ask one after the other.
    one_at_a_time: Mutex<()>,
}

impl Asks {
    pub(super) fn new(token: Arc<Token>, source: PinSource) -> Self {
        Self {
            token,
            source,
            one_at_a_time: Mutex::default(),
        }
    }

    /// The PIN for one signature; `None` where it is entered at the token.
    pub(super) fn ask(&self) -> Result<Option<SecretString>, SignError> {
        let _one = lock(&self.one_at_a_time);
        let token = &self.token;
        let info = {
            let _gate = token.changing();
            token.slot()?.1
        };
        let wrong = {
            let state = lock(&token.login);
            if let Some(refused) = &state.refused {
                return Err(refused.clone().into());
            }
            state.wrong
        };
        if info.user_pin_locked() {
            return Err(TokenError::PinLocked {
                token: token.name.clone(),
                call: None,
            }
            .into());
        }
        if info.protected_authentication_path() {
            return Ok(None);
        }
        // What a file or a variable said once is not sent a second time.
        let source = match (wrong, self.source.prompts()) {
            (0, _) => &self.source,
            (_, Some(prompt)) => prompt,
            (_, None) => return Err(no_more(token).into()),
        };
        match token.ask_for(PinPurpose::Signature, &info, source) {
            Ok(pin) => Ok(Some(pin)),
            Err(KeyError::Token(error)) => Err(error.into()),
            Err(KeyError::Pin(error)) => Err(error.into()),
            Err(_) => Err(no_more(token).into()),
        }
    }
}

fn no_more(token: &Token) -> TokenError {
    TokenError::PinRequired {
        token: token.name.clone(),
    }
}

impl Token {
    /// Whether it has a keypad of its own.
    pub(super) fn has_keypad(&self) -> bool {
        let info = {
            let _gate = self.changing();
            self.slot()
        };
        info.is_ok_and(|(_, info)| info.protected_authentication_path())
    }

    /// Whether a PIN is kept in memory.
    pub(super) fn keeps_pin(&self) -> bool {
        lock(&self.login).pin.is_some()
    }

    /// Signs with a key that wants the PIN for every signature. The caller holds the gate.
    pub(super) fn sign_with_pin(
        &self,
        session: &Session,
        operation: &Operation<'_>,
        from: PinFrom,
        asked: Option<&SecretString>,
    ) -> Result<Vec<u8>, TokenError> {
        let mut state = lock(&self.login);
        if let Some(refused) = &state.refused {
            return Err(refused.clone());
        }
        let failed = |error| self.failed(&error);
        session
            .sign_init(operation.mechanism, operation.key)
            .map_err(failed)?;
        let pin = match from {
            PinFrom::Memory => state.pin.as_ref(),
            PinFrom::Person => asked,
        };
        match session.login(UserType::ContextSpecific, pin) {
            Ok(()) => state.wrong = 0,
            Err(error) => {
                let error = failed(error);
                state.note(&error, from);
                return Err(error);
            }
        }
        drop(state);
        match self.module.single_part() {
            Some(single_part) => single_part.sign(session, operation.data, operation.longest),
            None => session
                .sign_update(operation.data)
                .and_then(|()| session.sign_final()),
        }
        .map_err(failed)
    }
}

impl Login {
    /// Takes note of a login for one signature that failed.
    fn note(&mut self, error: &TokenError, from: PinFrom) {
        match error {
            TokenError::WrongPin { .. }
                if from == PinFrom::Person && self.wrong + 1 < MOST_WRONG =>
            {
                self.wrong += 1;
            }
            TokenError::WrongPin { .. } | TokenError::PinLocked { .. } => {
                self.pin = None;
                self.refused = Some(error.clone());
            }
            _ => {}
        }
    }
}
