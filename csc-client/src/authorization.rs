//! Activation data (SAD): asked for with PIN and one-time password, used up, expired
//! (credentials/authorize).

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hsm_pkcs11::{PinAttempts, PinPurpose, PinRequest, PinSource};
use secrecy::{ExposeSecret as _, SecretString};

use crate::api::{AuthData, AuthorizeAnswer, AuthorizeRequest};
use crate::credential::{AuthMode, Binding, Credential};
use crate::error::CscError;
use crate::service::{Service, Version};

/// What `expiresIn` is where the service does not say.
const DEFAULT_LIFE: Duration = Duration::from_secs(3600);

/// What authorises an explicit credential.
#[derive(Clone, Debug, Default)]
pub struct Factors {
    /// The PIN or password.
    pub pin: PinSource,
    /// The one-time password, asked for at each authorisation.
    pub otp: PinSource,
}

/// Activation data that are good for some more signatures.
pub(crate) struct Activation {
    pub(crate) sad: SecretString,
    pub(crate) left: usize,
    pub(crate) until: Instant,
}

impl Activation {
    pub(crate) fn suffices(&self, signatures: usize) -> bool {
        self.left >= signatures && Instant::now() < self.until
    }
}

type Factor = Option<(String, SecretString)>;

/// What the service refused to authorise with. A few wrong PINs lock a credential, so none is sent a
/// second time, and after two different ones no other.
#[derive(Default)]
pub(crate) struct Refusals {
    number: usize,
    pin: Option<SecretString>,
    otp: Option<SecretString>,
}

impl Refusals {
    const MAX: usize = 2;

    fn forbid(&self, pin: &Factor, otp: &Factor) -> bool {
        let same = |given: &Factor, refused: &Option<SecretString>| {
            let given = given.as_ref().map(|(_, value)| value.expose_secret());
            given.is_some() && given == refused.as_ref().map(|value| value.expose_secret())
        };
        self.number >= Self::MAX || same(pin, &self.pin) || same(otp, &self.otp)
    }

    fn note(&mut self, error: &CscError, pin: Factor, otp: Factor) {
        if !error.is_about_secrets() || (pin.is_none() && otp.is_none()) {
            return;
        }
        self.number += 1;
        self.otp = otp.map(|(_, value)| value);
        // Which of the two was wrong is not always said.
        self.pin = pin
            .filter(|_| !error.is_about_otp())
            .map(|(_, value)| value);
    }
}

/// Asks for activation data: for `number` signatures, or for exactly these digests where the
/// credential binds them.
pub(crate) fn authorize(
    service: &Service,
    credential: &Credential,
    (factors, refusals): (&Factors, &Mutex<Refusals>),
    number: usize,
    digests: &[String],
    digest_oid: &str,
) -> Result<Activation, CscError> {
    let bound = credential.binding == Binding::Digests;
    let number = if bound { digests.len() } else { number };
    let ask = |name: &Option<String>, source: &PinSource, what: &str| {
        let Some(name) = name else {
            return Ok(None);
        };
        let request = PinRequest::new(
            format!("{} ({what})", credential.id),
            PinPurpose::TokenLogin,
            PinAttempts::Unknown,
        );
        let secret = source.get(&request)?.ok_or_else(|| CscError::Factor {
            credential: credential.id.clone(),
            what: what.to_owned(),
        })?;
        Ok::<_, CscError>(Some((name.clone(), secret)))
    };
    let (pin, otp) = match &credential.mode {
        AuthMode::Implicit => (None, None),
        AuthMode::Explicit { pin, otp } => (
            ask(pin, &factors.pin, "a PIN")?,
            ask(otp, &factors.otp, "a one-time password")?,
        ),
    };
    let mut refusals = refusals.lock().unwrap_or_else(PoisonError::into_inner);
    if refusals.forbid(&pin, &otp) {
        return Err(CscError::AuthorisationRefused {
            credential: credential.id.clone(),
        });
    }
    let two = service.version() == Version::Two;
    let data: Vec<AuthData<'_>> = [&pin, &otp]
        .into_iter()
        .flatten()
        .map(|(id, value)| AuthData {
            id,
            value: value.expose_secret(),
        })
        .collect();
    let exposed = |factor: &'_ Option<(String, SecretString)>| -> Option<String> {
        let (_, value) = factor.as_ref().filter(|_| !two)?;
        Some(value.expose_secret().to_owned())
    };
    let (pin_v1, otp_v1) = (
        exposed(&pin).map(zeroize::Zeroizing::new),
        exposed(&otp).map(zeroize::Zeroizing::new),
    );
    let sent: Vec<_> = [&pin, &otp]
        .into_iter()
        .flatten()
        .map(|(_, value)| value)
        .collect();
    let answer: Result<AuthorizeAnswer, _> = service.call(
        "credentials/authorize",
        &AuthorizeRequest {
            credential_id: &credential.id,
            num_signatures: number,
            hashes: (bound && two).then_some(digests),
            hash_v1: (bound && !two).then_some(digests),
            hash_algorithm_oid: (bound && two).then_some(digest_oid),
            auth_data: if two { &data } else { &[] },
            pin: pin_v1.as_ref().map(|pin| pin.as_str()),
            otp: otp_v1.as_ref().map(|otp| otp.as_str()),
        },
        &sent,
    );
    match &answer {
        Ok(_) => *refusals = Refusals::default(),
        Err(error) => refusals.note(error, pin, otp),
    }
    let answer = answer?;
    let sad = answer.sad.ok_or_else(|| CscError::Answer {
        url: service.method_url("credentials/authorize"),
        what: "it gives no activation data (SAD)".into(),
    })?;
    let life = answer.expires_in.map_or(DEFAULT_LIFE, Duration::from_secs);
    Ok(Activation {
        sad: sad.into(),
        left: number,
        // A little earlier, for the way there.
        until: Instant::now() + life.min(DEFAULT_LIFE * 24).mul_f32(0.95),
    })
}
