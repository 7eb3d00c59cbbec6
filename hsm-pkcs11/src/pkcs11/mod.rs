//! Keys in PKCS#11 tokens (PKCS#11 2.40 and later, any vendor's module).

mod call;
mod each_signature;
mod generate;
mod mechanism;
mod module;
mod object;
mod queue;
mod single_part;
mod token;
mod worker;

use core::fmt;
use std::sync::Arc;

use cryptoki::mechanism::MechanismType;
use cryptoki::object::ObjectHandle;
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};

use self::each_signature::{AT_THE_KEYPAD, Asks, Operation, PinFrom};
use self::mechanism::Plan;
use self::token::{Access, OpenSession, Token};
use self::worker::{Connect, Input, Link, Pool};
use crate::error::KeyError;
use crate::key_file::own_first;
use crate::open::{OpenOptions, OpenedKey, SignaturePin};
use crate::pin::PinSource;
use crate::signer::{KeySpec, Protection, SignError, Signer};
use crate::token_error::TokenError;
use crate::uri::Pkcs11Uri;

pub use self::object::KeyAttributes;

/// Opens the key that `uri` names.
pub(crate) fn open(
    uri: &Pkcs11Uri,
    pin: &PinSource,
    options: &OpenOptions,
) -> Result<OpenedKey, KeyError> {
    let module = module::module(uri, options)?;
    let token = token::find(&module, uri)?;
    let source = pin_source(uri, pin);
    // It keeps the login alive until the workers have their sessions.
    let session = token.session(Access::Read, &source, options.recovery)?;
    open_in(&session, uri, &source, options.algorithm, options)
}

/// Generates the key that `uri` names, and opens it.
pub(crate) fn generate(
    uri: &Pkcs11Uri,
    spec: KeySpec,
    pin: &PinSource,
    options: &OpenOptions,
) -> Result<OpenedKey, KeyError> {
    let module = module::module(uri, options)?;
    let token = token::find(&module, uri)?;
    let source = pin_source(uri, pin);
    let session = token.session(Access::Write, &source, options.recovery)?;
    let exact = generate::generate(&session, uri, spec)?;
    open_in(&session, &exact, &source, Some(spec.algorithm), options)
}

fn open_in(
    session: &OpenSession,
    uri: &Pkcs11Uri,
    source: &PinSource,
    algorithm: Option<SignatureAlgorithm>,
    options: &OpenOptions,
) -> Result<OpenedKey, KeyError> {
    let token = Arc::clone(session.token());
    let name = Pkcs11Uri {
        object: uri.object.clone(),
        id: uri.id.clone(),
        ..token.uri()
    }
    .to_string();
    let given = options.which.public_key.as_ref();
    let (handle, attributes, public, told, certificates) = {
        let _gate = token.changing();
        let session = session.get()?;
        let handle = object::find_private_key(&token, session, uri, given)?;
        let attributes = object::attributes(&token, session, handle)?;
        let told = object::public_key(&token, session, handle, &attributes, &name);
        let certificates = object::certificates(&token, session)?;
        // A key that says nothing of its public half is the one it is said to be, or that of the only
        // certificate in the token, until it signs.
        let (public, told) = match (told, given) {
            (Ok(public), _) => (public, Told::ByToken),
            (Err(_), Some(given)) => (given.clone(), Told::ByCaller),
            (Err(error), None) => match object::only_certified_key(&certificates) {
                Some(public) => (public, Told::ByCaller),
                None => return Err(error.into()),
            },
        };
        (handle, attributes, public, told, certificates)
    };
    if attributes.sign == Some(false) {
        return Err(TokenError::KeyCannotSign {
            key: name,
            reason: "CKA_SIGN is false".into(),
        }
        .into());
    }
    let keypad = token.has_keypad();
    let authentication = match (attributes.always_authenticate, options.signature_pin) {
        (Some(true), _) if keypad => Authentication::EverySignature(PinFrom::Person),
        (Some(true), SignaturePin::Asked) => Authentication::EverySignature(PinFrom::Person),
        (Some(true), SignaturePin::Kept) if token.keeps_pin() => {
            Authentication::EverySignature(PinFrom::Memory)
        }
        (Some(true), SignaturePin::Kept) => {
            return Err(TokenError::KeyCannotSign {
                key: name,
                reason: "it wants the PIN for every signature (CKA_ALWAYS_AUTHENTICATE), and none is kept"
                    .into(),
            }
            .into());
        }
        _ => Authentication::Login,
    };
    let algorithm = match algorithm {
        Some(algorithm) => algorithm,
        None => options.algorithm_of(public.kind())?,
    };
    if !KeySpec::fits(public.kind(), algorithm) {
        return Err(KeyError::AlgorithmMismatch {
            key: public.kind(),
            algorithm,
        });
    }
    let offers = signing_mechanisms(&token, session, handle)?;
    let plan = mechanism::plan(public.kind(), algorithm, options.hashing, &offers);
    let plan = plan.map_err(|reason| TokenError::NoMechanism {
        token: token.name.clone(),
        algorithm,
        reason,
    })?;
    let asks = (authentication == Authentication::EverySignature(PinFrom::Person))
        .then(|| Asks::new(Arc::clone(&token), source.clone()));
    let connect = KeyInToken {
        token,
        // What was found now is what is found again after a session was lost, even if another key
        // with the label has come since.
        uri: Pkcs11Uri {
            object: uri.object.clone(),
            id: Some(attributes.id.clone()).filter(|id| !id.is_empty()),
            ..Pkcs11Uri::default()
        },
        authentication,
        public: public.clone(),
    };
    let timeout = match authentication {
        Authentication::EverySignature(PinFrom::Person) if keypad => {
            options.timeout.max(AT_THE_KEYPAD)
        }
        _ => options.timeout,
    };
    let pool = Pool::start(connect, options.sessions, options.recovery, &name, timeout)?;
    let certificates = own_first(certificates, public.spki_der());
    Ok(OpenedKey {
        signer: Arc::new(TokenKey {
            name,
            public,
            algorithm,
            plan,
            pool,
            asks,
            told,
        }),
        certificates,
        attributes: Some(attributes),
    })
}

/// A key in a token.
struct TokenKey {
    name: String,
    public: PublicKey,
    algorithm: SignatureAlgorithm,
    plan: Plan,
    pool: Pool,
    asks: Option<Asks>,
    told: Told,
}

/// Who says what the public half is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Told {
    ByToken,
    ByCaller,
}

impl Signer for TokenKey {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn protection(&self) -> Protection {
        Protection::Token
    }

    fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, SignError> {
        let data = self.plan.input(message)?;
        let pin = match &self.asks {
            Some(asks) => asks.ask()?,
            None => None,
        };
        let mech = self.plan.mech();
        let raw = self.pool.sign(Input { mech, data, pin })?;
        let len = raw.len();
        let signature = self.plan.output(raw).ok_or_else(|| {
            SignError::Token(TokenError::MalformedSignature {
                key: self.name.clone(),
                len,
            })
        })?;
        let verified = || self.public.verify(self.algorithm, message, &signature);
        if self.told == Told::ByCaller && verified().is_err() {
            return Err(SignError::Token(TokenError::WrongPublicKey {
                key: self.name.clone(),
            }));
        }
        Ok(signature)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKey")
            .field("name", &self.name)
            .field("public", &self.public)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// How a worker gets to the key.
struct KeyInToken {
    token: Arc<Token>,
    uri: Pkcs11Uri,
    authentication: Authentication,
    public: PublicKey,
}

struct KeySession {
    session: OpenSession,
    key: ObjectHandle,
    authentication: Authentication,
    longest: usize,
}

/// How often a key wants the PIN.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Authentication {
    /// Once for its session.
    Login,
    /// For every signature (CKA_ALWAYS_AUTHENTICATE).
    EverySignature(PinFrom),
}

impl Connect for KeyInToken {
    type Link = KeySession;

    fn connect(&self) -> Result<KeySession, TokenError> {
        let session = self.token.reopen()?;
        let key = {
            let _gate = self.token.changing();
            let public = Some(&self.public);
            object::find_private_key(&self.token, session.get()?, &self.uri, public)
                .inspect_err(|error| session.note(error))?
        };
        Ok(KeySession {
            session,
            key,
            authentication: self.authentication,
            // The halves of ECDSA are shorter than their encoding.
            longest: self.public.kind().max_signature_len(),
        })
    }
}

impl Link for KeySession {
    fn sign(&mut self, input: &Input) -> Result<Vec<u8>, TokenError> {
        let token = self.session.token();
        let mech = input.mech;
        let mechanism = mech.mechanism().ok_or_else(|| TokenError::KeyCannotSign {
            key: token.name.clone(),
            reason: format!("PKCS#11 has no mechanism for {mech:?}"),
        })?;
        let result = match self.authentication {
            Authentication::Login => {
                let _gate = token.signing();
                let signed = self.session.get()?.sign(&mechanism, self.key, &input.data);
                signed.map_err(|error| token.failed(&error))
            }
            Authentication::EverySignature(from) => {
                let _gate = token.changing();
                let operation = Operation {
                    mechanism: &mechanism,
                    key: self.key,
                    data: &input.data,
                    longest: self.longest,
                };
                token.sign_with_pin(self.session.get()?, &operation, from, input.pin.as_ref())
            }
        };
        result.inspect_err(|error| self.session.note(error))
    }
}

/// The mechanisms that the token offers for signing and that the key allows.
fn signing_mechanisms(
    token: &Token,
    session: &OpenSession,
    key: ObjectHandle,
) -> Result<Vec<MechanismType>, TokenError> {
    let _gate = token.changing();
    let (slot, _) = token.slot()?;
    let pkcs11 = &token.module.pkcs11;
    let allowed = object::allowed_mechanisms(session.get()?, key);
    let offered = pkcs11.get_mechanism_list(slot);
    Ok(offered
        .map_err(|e| token.failed(&e))?
        .into_iter()
        .filter(|kind| allowed.as_ref().is_none_or(|list| list.contains(kind)))
        .filter(|kind| {
            // A token that lists a mechanism for verifying only says so here.
            pkcs11
                .get_mechanism_info(slot, *kind)
                .map_or(true, |info| info.sign())
        })
        .collect())
}

/// The URI's own `pin-source` is the most specific.
fn pin_source(uri: &Pkcs11Uri, pin: &PinSource) -> PinSource {
    match &uri.pin_source {
        Some(path) => PinSource::FirstOf(vec![PinSource::File(path.clone()), pin.clone()]),
        None => pin.clone(),
    }
}
