//! Keys in PKCS#11 tokens (PKCS#11 2.40 and later, any vendor's module).

mod call;
mod generate;
mod mechanism;
mod module;
mod object;
mod queue;
mod token;
mod worker;

use core::fmt;
use std::sync::Arc;

use cryptoki::mechanism::MechanismType;
use cryptoki::object::ObjectHandle;
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};

use self::mechanism::{Mech, Plan};
use self::token::{Access, OpenSession, Token};
use self::worker::{Connect, Link, Pool};
use crate::error::KeyError;
use crate::key_file::own_first;
use crate::open::{Hashing, OpenOptions, OpenedKey};
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
    open_in(&session, uri, options.algorithm, options)
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
    open_in(&session, &exact, Some(spec.algorithm), options)
}

fn open_in(
    session: &OpenSession,
    uri: &Pkcs11Uri,
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
    let (handle, attributes, public, certificates) = {
        let _gate = token.changing();
        let session = session.get()?;
        let handle = object::find_private_key(&token, session, uri)?;
        let attributes = object::attributes(&token, session, handle)?;
        let public = object::public_key(&token, session, handle, &attributes, &name)?;
        let certificates = object::certificates(&token, session)?;
        (handle, attributes, public, certificates)
    };
    if attributes.sign == Some(false) {
        return Err(TokenError::KeyCannotSign {
            key: name,
            reason: "CKA_SIGN is false".into(),
        }
        .into());
    }
    let authentication = Authentication::of(&attributes);
    if authentication == Authentication::EverySignature && !token.keeps_pin() {
        return Err(TokenError::KeyCannotSign {
            key: name,
            reason:
                "it wants the PIN for every signature (CKA_ALWAYS_AUTHENTICATE), and none is kept"
                    .into(),
        }
        .into());
    }
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
    let plan = match (authentication, options.hashing) {
        // The PIN goes between C_SignInit and the data, so the data goes in parts, which tokens take
        // where they hash themselves.
        (Authentication::EverySignature, Hashing::Automatic) => {
            mechanism::plan(public.kind(), algorithm, Hashing::InToken, &offers)
                .or_else(|_| mechanism::plan(public.kind(), algorithm, Hashing::Outside, &offers))
        }
        (_, hashing) => mechanism::plan(public.kind(), algorithm, hashing, &offers),
    };
    let plan = plan.map_err(|reason| TokenError::NoMechanism {
        token: token.name.clone(),
        algorithm,
        reason,
    })?;
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
    };
    let pool = Pool::start(
        connect,
        options.sessions,
        options.recovery,
        &name,
        options.timeout,
    )?;
    let certificates = own_first(certificates, public.spki_der());
    Ok(OpenedKey {
        signer: Arc::new(TokenKey {
            name,
            public,
            algorithm,
            plan,
            pool,
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
        let input = self.plan.input(message)?;
        let raw = self.pool.sign(self.plan.mech(), input)?;
        let len = raw.len();
        self.plan.output(raw).ok_or_else(|| {
            SignError::Token(TokenError::MalformedSignature {
                key: self.name.clone(),
                len,
            })
        })
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
}

struct KeySession {
    session: OpenSession,
    key: ObjectHandle,
    authentication: Authentication,
}

/// How often a key wants the PIN.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Authentication {
    /// Once for its session.
    Login,
    /// For every signature (CKA_ALWAYS_AUTHENTICATE), as keys for qualified signatures on smart
    /// cards do.
    EverySignature,
}

impl Authentication {
    fn of(attributes: &KeyAttributes) -> Self {
        match attributes.always_authenticate {
            Some(true) => Self::EverySignature,
            _ => Self::Login,
        }
    }
}

impl Connect for KeyInToken {
    type Link = KeySession;

    fn connect(&self) -> Result<KeySession, TokenError> {
        let session = self.token.reopen()?;
        let key = {
            let _gate = self.token.changing();
            object::find_private_key(&self.token, session.get()?, &self.uri)
                .inspect_err(|error| session.note(error))?
        };
        Ok(KeySession {
            session,
            key,
            authentication: self.authentication,
        })
    }
}

impl Link for KeySession {
    fn sign(&mut self, mech: Mech, data: &[u8]) -> Result<Vec<u8>, TokenError> {
        let token = self.session.token();
        let mechanism = mech.mechanism().ok_or_else(|| TokenError::KeyCannotSign {
            key: token.name.clone(),
            reason: format!("PKCS#11 has no mechanism for {mech:?}"),
        })?;
        let result = match self.authentication {
            Authentication::Login => {
                let _gate = token.signing();
                let signed = self.session.get()?.sign(&mechanism, self.key, data);
                signed.map_err(|error| token.failed(&error))
            }
            Authentication::EverySignature => {
                let _gate = token.changing();
                token.sign_with_pin(self.session.get()?, &mechanism, self.key, data)
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
