//! Generating keys in tokens: sensitive, never extractable, for signing only, and checked.

use core::ffi::c_ulong;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, ObjectHandle};
use cryptoki::session::Session;
use pki_crypto::KeyKind;

use super::token::{OpenSession, Token};
use super::{call, object};
use crate::error::KeyError;
use crate::signer::KeySpec;
use crate::token_error::TokenError;
use crate::uri::Pkcs11Uri;

/// Generates a key pair and returns the URI with label and identifier that finds it and no other.
pub(super) fn generate(
    session: &OpenSession,
    uri: &Pkcs11Uri,
    spec: KeySpec,
) -> Result<Pkcs11Uri, KeyError> {
    let token = session.token();
    let label = uri
        .object
        .clone()
        .filter(|l| !l.is_empty())
        .ok_or_else(|| TokenError::KeyUnnamed {
            wanted: uri.without_query().to_string(),
        })?;
    if !KeySpec::fits(spec.kind, spec.algorithm) {
        return Err(KeyError::AlgorithmMismatch {
            key: spec.kind,
            algorithm: spec.algorithm,
        });
    }
    let session = session.get()?;
    let _gate = token.changing();
    let mechanism = mechanism(token, spec)?;
    let id = uri.id.clone();
    if let Some(existing) = object::taken(token, session, &label, id.as_deref())? {
        return Err(TokenError::KeyExists {
            token: token.name.clone(),
            existing,
        }
        .into());
    }
    let id = match id {
        Some(id) => id,
        None => random_id(token, spec)?,
    };
    let (public, private) = templates(spec, &label, &id);
    let made = session.generate_key_pair(&mechanism, &public, &private);
    let (public, private) = made.map_err(|error| refused(token, spec, &error))?;
    let attributes = object::attributes(token, session, private);
    let wrong = match &attributes {
        Ok(attributes) => attributes.contradictions(),
        Err(_) => Vec::new(),
    };
    if attributes.is_err() || !wrong.is_empty() {
        destroy(token, session, [public, private]);
        attributes?;
        return Err(TokenError::KeyUnprotected {
            token: token.name.clone(),
            found: wrong.join(", "),
        }
        .into());
    }
    Ok(Pkcs11Uri {
        object: Some(label),
        id: Some(id),
        ..uri.clone()
    })
}

fn mechanism(token: &Token, spec: KeySpec) -> Result<Mechanism<'static>, TokenError> {
    let (mechanism, kind) = match spec.kind {
        KeyKind::EcP256
        | KeyKind::EcP384
        | KeyKind::EcP521
        | KeyKind::BrainpoolP256
        | KeyKind::BrainpoolP384 => (Mechanism::EccKeyPairGen, MechanismType::ECC_KEY_PAIR_GEN),
        KeyKind::MlDsa(_) | KeyKind::Foreign(_) => {
            return Err(TokenError::CannotGenerate {
                token: token.name.clone(),
                key: spec.kind.to_string(),
                call: None,
            });
        }
        KeyKind::Rsa { .. } => (
            Mechanism::RsaPkcsKeyPairGen,
            MechanismType::RSA_PKCS_KEY_PAIR_GEN,
        ),
        KeyKind::Ed25519 => (
            Mechanism::EccEdwardsKeyPairGen,
            MechanismType::ECC_EDWARDS_KEY_PAIR_GEN,
        ),
    };
    let (slot, _) = token.slot()?;
    let offered = token.module.pkcs11.get_mechanism_list(slot);
    if offered.map_err(|e| token.failed(&e))?.contains(&kind) {
        Ok(mechanism)
    } else {
        Err(TokenError::CannotGenerate {
            token: token.name.clone(),
            key: spec.kind.to_string(),
            call: None,
        })
    }
}

fn templates(spec: KeySpec, label: &str, id: &[u8]) -> (Vec<Attribute>, Vec<Attribute>) {
    let named = || {
        [
            Attribute::Token(true),
            Attribute::Label(label.as_bytes().to_vec()),
            Attribute::Id(id.to_vec()),
        ]
    };
    let mut public = named().to_vec();
    public.extend([Attribute::Private(false), Attribute::Verify(true)]);
    let mut private = named().to_vec();
    private.extend([
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        // A key that signs must do nothing else: decrypting with it would be an oracle.
        Attribute::Decrypt(false),
        Attribute::Unwrap(false),
    ]);
    match spec.kind {
        KeyKind::Rsa { bits } => {
            public.push(Attribute::ModulusBits(c_ulong::from(bits).into()));
            public.push(Attribute::PublicExponent(vec![1, 0, 1]));
            public.extend([Attribute::Encrypt(false), Attribute::Wrap(false)]);
        }
        kind => {
            public.extend(object::ec_params(kind).map(Attribute::EcParams));
            private.push(Attribute::Derive(false));
        }
    }
    (public, private)
}

fn refused(token: &Token, spec: KeySpec, error: &Error) -> TokenError {
    match error {
        Error::Pkcs11(
            RvError::MechanismInvalid
            | RvError::MechanismParamInvalid
            | RvError::KeySizeRange
            | RvError::CurveNotSupported
            | RvError::DomainParamsInvalid
            | RvError::AttributeValueInvalid
            | RvError::AttributeTypeInvalid
            | RvError::TemplateInconsistent
            | RvError::TemplateIncomplete
            | RvError::FunctionNotSupported,
            _,
        ) => TokenError::CannotGenerate {
            token: token.name.clone(),
            key: spec.kind.to_string(),
            call: Some(call::call(error)),
        },
        _ => token.failed(error),
    }
}

fn destroy(token: &Token, session: &Session, objects: [ObjectHandle; 2]) {
    for object in objects {
        if let Err(error) = session.destroy_object(object) {
            tracing::error!(token = %token.name, %error, "a key that must not stay cannot be destroyed");
        }
    }
}

fn random_id(token: &Token, spec: KeySpec) -> Result<Vec<u8>, TokenError> {
    let mut id = vec![0; 16];
    SystemRandom::new()
        .fill(&mut id)
        .map_err(|_| TokenError::CannotGenerate {
            token: token.name.clone(),
            key: spec.kind.to_string(),
            call: None,
        })?;
    Ok(id)
}
