//! Tokens: found by URI, logged in to once, and logged in to again after a session was lost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLockReadGuard, RwLockWriteGuard};
use std::thread;
use std::time::{Duration, Instant};

use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, SessionState, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use secrecy::SecretString;

use super::call;
use super::module::{Module, lock};
use crate::error::KeyError;
use crate::open::Recovery;
use crate::pin::{PinAttempts, PinPurpose, PinRequest, PinSource};
use crate::token_error::{FailedCall, TokenError};
use crate::uri::Pkcs11Uri;

/// What makes a token the same one after it was unplugged and came back in another slot.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Identity {
    label: String,
    serial: String,
    model: String,
    manufacturer: String,
    /// Only where the URI named it: a token that comes back in another slot is another one then.
    slot: Option<u64>,
}

/// A token, shared by all keys that are open in it.
pub(super) struct Token {
    pub(super) module: Arc<Module>,
    identity: Identity,
    /// The token as a URI, for messages.
    pub(super) name: String,
    pub(super) login: Mutex<Login>,
    /// Counts the times all sessions died. A handle from before may meanwhile be the number of
    /// somebody else's session, so it is neither used nor closed.
    generation: AtomicU64,
}

/// What is known about logging in.
#[derive(Default)]
pub(super) struct Login {
    /// Kept only where lost sessions are to heal.
    pub(super) pin: Option<SecretString>,
    /// The token refused the kept PIN: it must not be sent a second time.
    pub(super) refused: Option<TokenError>,
    /// Wrong PINs for single signatures since the last good one.
    pub(super) wrong: u8,
}

/// The tokens in their slots, and the slots that cannot be read, as names for a message.
type Present = (Vec<(Slot, Identity)>, Vec<String>);

/// Read-only sessions sign; generating needs one that may write.
#[derive(Clone, Copy)]
pub(super) enum Access {
    Read,
    Write,
}

/// How long a token is looked for while a slot cannot be read: another program that logs in to a token
/// makes SoftHSM fail so for a moment, which is long on a machine with much to do.
const PATIENCE: Duration = Duration::from_secs(3);

/// Finds the one token that fits `uri`.
pub(super) fn find(module: &Arc<Module>, uri: &Pkcs11Uri) -> Result<Arc<Token>, TokenError> {
    let wanted = || uri.without_query().to_string();
    let name = module.path.display().to_string();
    let until = Instant::now() + PATIENCE;
    let (tokens, unreadable, mut fitting) = loop {
        let gate = module.changing();
        module.ensure_running()?;
        let (tokens, unreadable) = module.tokens_present(&name)?;
        let library = library_fits(module, uri, &name)?;
        let fitting: Vec<_> = tokens
            .iter()
            .filter(|(slot, identity)| library && fits(module, *slot, identity, uri))
            .map(|(slot, identity)| Identity {
                slot: Some(slot.id()),
                ..identity.clone()
            })
            .collect();
        if !fitting.is_empty() || unreadable.is_empty() || Instant::now() >= until {
            break (tokens, unreadable, fitting);
        }
        drop(gate);
        thread::sleep(Duration::from_millis(50));
    };
    if fitting.len() > 1 {
        return Err(ambiguous(wanted(), fitting));
    }
    for identity in &mut fitting {
        identity.slot = uri.slot_id;
    }
    match fitting.pop() {
        Some(identity) => Ok(module.token(identity)),
        None => {
            let mut there: Vec<_> = tokens.iter().map(|(_, identity)| identity.name()).collect();
            there.extend(unreadable);
            Err(TokenError::NoSuchToken {
                wanted: wanted(),
                present: match there.len() {
                    0 => format!("{name} has no initialised token"),
                    _ => format!("{name} has {}", there.join(", ")),
                },
            })
        }
    }
}

/// Names the candidates with what tells them apart: the serial number, or the slot where even that is
/// the same.
fn ambiguous(wanted: String, mut fitting: Vec<Identity>) -> TokenError {
    let apart = |of: fn(&Identity) -> String| {
        let mut values: Vec<_> = fitting.iter().map(of).collect();
        values.sort_unstable();
        values.dedup();
        values.len() == fitting.len()
    };
    let attribute = if apart(|i| i.label.clone()) {
        "token"
    } else if apart(|i| i.serial.clone()) {
        "serial"
    } else {
        "slot-id"
    };
    if attribute != "slot-id" {
        for identity in &mut fitting {
            identity.slot = None;
        }
    }
    TokenError::AmbiguousToken {
        wanted,
        candidates: fitting.iter().map(Identity::name).collect(),
        attribute,
    }
}

impl Token {
    pub(super) fn new(module: Arc<Module>, identity: Identity) -> Self {
        Self {
            module,
            name: identity.name(),
            identity,
            login: Mutex::default(),
            generation: AtomicU64::new(0),
        }
    }

    /// A session that is logged in, with the PIN from `source` if the token is not logged in yet.
    pub(super) fn session(
        self: &Arc<Self>,
        access: Access,
        source: &PinSource,
        recovery: Recovery,
    ) -> Result<OpenSession, KeyError> {
        let (session, info) = self.open(access)?;
        if !self.login_needed(&session, &info)? {
            return Ok(session);
        }
        if info.user_pin_locked() {
            return Err(TokenError::PinLocked {
                token: self.name.clone(),
                call: None,
            }
            .into());
        }
        let mut state = lock(&self.login);
        // Another thread may have been faster.
        if !self.login_needed(&session, &info)? {
            return Ok(session);
        }
        let pin = self.ask(&info, source)?;
        self.login(&session, pin.as_ref())?;
        state.refused = None;
        state.wrong = 0;
        state.pin = pin.filter(|_| recovery == Recovery::Reopen);
        Ok(session)
    }

    /// A session for signing after the first: logs in again with the kept PIN where the login was
    /// lost with the sessions.
    pub(super) fn reopen(self: &Arc<Self>) -> Result<OpenSession, TokenError> {
        let (session, info) = self.open(Access::Read)?;
        if !self.login_needed(&session, &info)? {
            return Ok(session);
        }
        let mut state = lock(&self.login);
        if !self.login_needed(&session, &info)? {
            return Ok(session);
        }
        if let Some(refused) = &state.refused {
            return Err(refused.clone());
        }
        if info.user_pin_locked() {
            return Err(TokenError::PinLocked {
                token: self.name.clone(),
                call: None,
            });
        }
        if info.user_pin_final_try() {
            return Err(TokenError::PinFinalTry {
                token: self.name.clone(),
            });
        }
        if state.pin.is_none() && !info.protected_authentication_path() {
            return Err(TokenError::PinRequired {
                token: self.name.clone(),
            });
        }
        tracing::info!(token = %self.name, "logging in again");
        let result = self.login(&session, state.pin.as_ref());
        if let Err(error @ (TokenError::WrongPin { .. } | TokenError::PinLocked { .. })) = &result {
            state.pin = None;
            state.refused = Some(error.clone());
        }
        result.map(|()| session)
    }

    /// Held while signing.
    pub(super) fn signing(&self) -> RwLockReadGuard<'_, ()> {
        let gate = self.module.gate.read();
        gate.unwrap_or_else(PoisonError::into_inner)
    }

    /// Held while anything else is done with the module.
    pub(super) fn changing(&self) -> RwLockWriteGuard<'_, ()> {
        self.module.changing()
    }

    pub(super) fn failed(&self, error: &Error) -> TokenError {
        call::failed(&self.name, error)
    }

    /// The slot the token is in now. The caller holds the gate.
    pub(super) fn slot(&self) -> Result<(Slot, TokenInfo), TokenError> {
        let slots = self.module.pkcs11.get_slots_with_token();
        for slot in slots.map_err(|e| self.failed(&e))? {
            if let Ok(info) = self.module.token_info(slot)
                && info.token_initialized()
                && self.identity.is(slot, &info)
            {
                return Ok((slot, info));
            }
        }
        Err(TokenError::TokenRemoved {
            token: self.name.clone(),
            call: FailedCall {
                function: "C_GetSlotList".into(),
                code: "it is in no slot".into(),
            },
        })
    }

    fn open(self: &Arc<Self>, access: Access) -> Result<(OpenSession, TokenInfo), TokenError> {
        let _gate = self.changing();
        self.module.ensure_running()?;
        let (slot, info) = self.slot()?;
        let pkcs11 = &self.module.pkcs11;
        let session = match access {
            Access::Read => pkcs11.open_ro_session_no_drop(slot),
            Access::Write => pkcs11.open_rw_session_no_drop(slot),
        };
        let session = session.map_err(|e| self.failed(&e))?;
        let epoch = self.module.opened(session.handle());
        let session = OpenSession {
            session: Some(session),
            token: Arc::clone(self),
            generation: self.generation.load(Ordering::SeqCst),
            epoch,
        };
        Ok((session, info))
    }

    fn login_needed(&self, session: &OpenSession, info: &TokenInfo) -> Result<bool, TokenError> {
        if !info.login_required() {
            return Ok(false);
        }
        let _gate = self.changing();
        let state = session
            .get()?
            .get_session_info()
            .map_err(|e| self.failed(&e))?
            .session_state();
        Ok(!matches!(
            state,
            SessionState::RoUser | SessionState::RwUser
        ))
    }

    fn login(&self, session: &OpenSession, pin: Option<&SecretString>) -> Result<(), TokenError> {
        let _gate = self.changing();
        match session.get()?.login(UserType::User, pin) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// The PIN; `None` where the token has its own keypad.
    fn ask(&self, info: &TokenInfo, source: &PinSource) -> Result<Option<SecretString>, KeyError> {
        if info.protected_authentication_path() {
            return Ok(None);
        }
        self.ask_for(PinPurpose::TokenLogin, info, source).map(Some)
    }

    /// The PIN from its source, a person where the token has one attempt left.
    pub(super) fn ask_for(
        &self,
        purpose: PinPurpose,
        info: &TokenInfo,
        source: &PinSource,
    ) -> Result<SecretString, KeyError> {
        let token = || self.name.clone();
        let attempts = if info.user_pin_final_try() {
            PinAttempts::Last
        } else if info.user_pin_count_low() {
            PinAttempts::Fewer
        } else {
            PinAttempts::Unknown
        };
        let request = PinRequest {
            subject: token(),
            purpose,
            attempts,
        };
        let pin = match attempts {
            // A service that restarts with a wrong PIN in its file would lock the token.
            PinAttempts::Last => match source.prompts() {
                Some(prompt) => prompt.get(&request)?,
                None => return Err(TokenError::PinFinalTry { token: token() }.into()),
            },
            PinAttempts::Fewer => {
                tracing::warn!(token = %self.name, "a wrong PIN was entered since the last login");
                source.get(&request)?
            }
            PinAttempts::Unknown => source.get(&request)?,
        };
        pin.ok_or_else(|| TokenError::PinRequired { token: token() }.into())
    }
}

impl Module {
    fn changing(&self) -> RwLockWriteGuard<'_, ()> {
        self.gate.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the token in a slot says about itself. Asked again where the module fails without saying
    /// why: SoftHSM does while another process logs in to the same token.
    fn token_info(&self, slot: Slot) -> Result<TokenInfo, Error> {
        let mut attempts = 5;
        loop {
            attempts -= 1;
            match self.pkcs11.get_token_info(slot) {
                Err(Error::Pkcs11(RvError::GeneralError | RvError::FunctionFailed, _))
                    if attempts > 0 =>
                {
                    thread::sleep(Duration::from_millis(20));
                }
                result => return result,
            }
        }
    }

    /// All initialised tokens and their slots. A slot that cannot be read is passed over, because
    /// the one that is wanted may be another, and named in the second list. The caller holds the
    /// gate.
    fn tokens_present(&self, name: &str) -> Result<Present, TokenError> {
        let slots = self.pkcs11.get_slots_with_token();
        let mut tokens = Vec::new();
        let mut unreadable = Vec::new();
        for slot in slots.map_err(|e| call::failed(name, &e))? {
            match self.token_info(slot) {
                Ok(info) if info.token_initialized() => tokens.push((slot, Identity::of(&info))),
                Ok(_) => {}
                Err(error) => {
                    unreadable.push(format!("slot {} ({})", slot.id(), call::call(&error)))
                }
            }
        }
        Ok((tokens, unreadable))
    }
}

impl Identity {
    fn of(info: &TokenInfo) -> Self {
        Self {
            label: info.label().to_owned(),
            serial: info.serial_number().to_owned(),
            model: info.model().to_owned(),
            manufacturer: info.manufacturer_id().to_owned(),
            slot: None,
        }
    }

    /// Whether it is the token in this slot.
    fn is(&self, slot: Slot, info: &TokenInfo) -> bool {
        self.slot.is_none_or(|id| id == slot.id())
            && Self {
                slot: self.slot,
                ..Self::of(info)
            } == *self
    }

    fn name(&self) -> String {
        self.uri().to_string()
    }

    fn uri(&self) -> Pkcs11Uri {
        Pkcs11Uri {
            token: Some(self.label.clone()),
            serial: Some(self.serial.clone()),
            slot_id: self.slot,
            ..Pkcs11Uri::default()
        }
    }
}

impl Token {
    /// The token as a URI to which a key can be added.
    pub(super) fn uri(&self) -> Pkcs11Uri {
        self.identity.uri()
    }
}

fn fits(module: &Module, slot: Slot, identity: &Identity, uri: &Pkcs11Uri) -> bool {
    let same = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|w| w == is);
    let token = same(&uri.token, &identity.label)
        && same(&uri.serial, &identity.serial)
        && same(&uri.model, &identity.model)
        && same(&uri.manufacturer, &identity.manufacturer)
        && uri.slot_id.is_none_or(|id| id == slot.id());
    if !token || (uri.slot_manufacturer.is_none() && uri.slot_description.is_none()) {
        return token;
    }
    module.pkcs11.get_slot_info(slot).is_ok_and(|info| {
        same(&uri.slot_manufacturer, info.manufacturer_id())
            && same(&uri.slot_description, info.slot_description())
    })
}

fn library_fits(module: &Module, uri: &Pkcs11Uri, name: &str) -> Result<bool, TokenError> {
    if uri.library_manufacturer.is_none()
        && uri.library_description.is_none()
        && uri.library_version.is_none()
    {
        return Ok(true);
    }
    let info = module.pkcs11.get_library_info();
    let info = info.map_err(|e| call::failed(name, &e))?;
    let same = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|w| w == is);
    let version = info.library_version();
    Ok(same(&uri.library_manufacturer, info.manufacturer_id())
        && same(&uri.library_description, info.library_description())
        && uri
            .library_version
            .is_none_or(|wanted| wanted == (version.major(), version.minor())))
}

/// An open session, closed when dropped, while nobody signs.
pub(super) struct OpenSession {
    session: Option<Session>,
    token: Arc<Token>,
    generation: u64,
    epoch: u64,
}

impl OpenSession {
    /// The session, unless it died with all others. The caller holds the gate.
    pub(super) fn get(&self) -> Result<&Session, TokenError> {
        self.session
            .as_ref()
            .filter(|_| self.lives())
            .ok_or_else(|| TokenError::SessionLost {
                token: self.token.name.clone(),
                call: FailedCall {
                    function: "the session".into(),
                    code: call::DIED_WITH_THE_OTHERS.into(),
                },
            })
    }

    pub(super) fn token(&self) -> &Arc<Token> {
        &self.token
    }

    /// Takes note of an error that tells that all sessions died. The caller holds the gate, so that
    /// nobody uses a dead handle after a new session has come.
    pub(super) fn note(&self, error: &TokenError) {
        if call::handle_is_dead(error) {
            // Only the first to see it counts.
            let _ = self.token.generation.compare_exchange(
                self.generation,
                self.generation + 1,
                Ordering::SeqCst,
                Ordering::SeqCst,
            );
        }
    }

    fn lives(&self) -> bool {
        self.generation == self.token.generation.load(Ordering::SeqCst)
            && self.epoch == self.token.module.epoch()
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        let _gate = self.token.changing();
        let Some(session) = self.session.take() else {
            return;
        };
        let (handle, lives) = (session.handle(), self.lives());
        self.token.module.gone(handle, self.epoch);
        if lives && let Err(error) = session.close() {
            tracing::debug!(token = %self.token.name, %error, "closing a session");
        }
    }
}
