//! Keys in PKCS#11 tokens.

use crate::error::KeyError;
use crate::open::{OpenOptions, OpenedKey};
use crate::pin::PinSource;
use crate::signer::KeySpec;
use crate::token_error::TokenError;
use crate::uri::Pkcs11Uri;

pub(crate) fn open(
    uri: &Pkcs11Uri,
    _pin: &PinSource,
    _options: &OpenOptions,
) -> Result<OpenedKey, KeyError> {
    Err(TokenError::ModuleUnnamed {
        key: uri.to_string(),
    }
    .into())
}

pub(crate) fn generate(
    uri: &Pkcs11Uri,
    _spec: KeySpec,
    _pin: &PinSource,
    _options: &OpenOptions,
) -> Result<OpenedKey, KeyError> {
    Err(TokenError::ModuleUnnamed {
        key: uri.to_string(),
    }
    .into())
}
