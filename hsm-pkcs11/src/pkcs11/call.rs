//! From the binding's errors to ours: which function, which return value, what it means.

use cryptoki::error::{Error, RvError};

use crate::token_error::{FailedCall, TokenError};

/// Translates a failure of a call on `token`.
pub(super) fn failed(token: &str, error: &Error) -> TokenError {
    let call = call(error);
    let token = token.to_owned();
    let Error::Pkcs11(code, _) = error else {
        return TokenError::Call { token, call };
    };
    let login = call.function == "C_Login";
    match code {
        RvError::PinIncorrect => TokenError::WrongPin { token, call },
        // A PIN that cannot be one: some tokens check the form before the value.
        RvError::PinLenRange | RvError::PinInvalid if login => TokenError::WrongPin { token, call },
        RvError::PinLocked => TokenError::PinLocked {
            token,
            call: Some(call),
        },
        RvError::PinExpired | RvError::UserPinNotInitialized | RvError::PinTooWeak => {
            TokenError::PinUnusable { token, call }
        }
        // Handles die with the session that found them. An operation that is still active means
        // that the session is in a state we did not leave it in.
        RvError::SessionHandleInvalid
        | RvError::SessionClosed
        | RvError::CryptokiNotInitialized
        | RvError::KeyHandleInvalid
        | RvError::ObjectHandleInvalid
        | RvError::OperationActive
        | RvError::OperationNotInitialized => TokenError::SessionLost { token, call },
        RvError::TokenNotPresent
        | RvError::DeviceRemoved
        | RvError::TokenNotRecognized
        | RvError::SlotIdInvalid => TokenError::TokenRemoved { token, call },
        RvError::UserNotLoggedIn => TokenError::NotLoggedIn { token, call },
        RvError::DeviceError => TokenError::DeviceFailed { token, call },
        RvError::SessionCount => TokenError::TooManySessions { token, call },
        RvError::TokenWriteProtected | RvError::SessionReadOnly => {
            TokenError::WriteProtected { token, call }
        }
        _ => TokenError::Call { token, call },
    }
}

/// The function and return value of a failure.
pub(super) fn call(error: &Error) -> FailedCall {
    match error {
        Error::Pkcs11(code, function) => FailedCall {
            function: format!("C_{function:?}"),
            code: match code {
                RvError::VendorDefined(value) | RvError::UnknownErrorCode(value) => {
                    format!("CKR {value:#010x}")
                }
                known => format!("CKR{}", screaming(&format!("{known:?}"))),
            },
        },
        other => FailedCall {
            function: "the module".into(),
            code: other.to_string(),
        },
    }
}

/// Whether the session is worth reopening after this error. The last two codes say nothing; several
/// modules return them when the connection to the device broke.
pub(super) fn heals(error: &TokenError) -> bool {
    match error {
        TokenError::SessionLost { .. }
        | TokenError::TokenRemoved { .. }
        | TokenError::NotLoggedIn { .. }
        | TokenError::DeviceFailed { .. } => true,
        TokenError::Call { call, .. } => {
            matches!(
                call.code.as_str(),
                "CKR_GENERAL_ERROR" | "CKR_FUNCTION_FAILED"
            )
        }
        _ => false,
    }
}

/// Of a session that is not used any more, because another found that all had died.
pub(super) const DIED_WITH_THE_OTHERS: &str = "it died with the others";

/// Whether the session was known to be dead before the token was asked anything.
pub(super) fn was_not_asked(error: &TokenError) -> bool {
    matches!(error, TokenError::SessionLost { call, .. } if call.code == DIED_WITH_THE_OTHERS)
}

/// Whether the session's handle is certainly dead, so that closing it could close a stranger's.
pub(super) fn handle_is_dead(error: &TokenError) -> bool {
    match error {
        TokenError::TokenRemoved { .. } => true,
        TokenError::SessionLost { call, .. } => matches!(
            call.code.as_str(),
            "CKR_SESSION_HANDLE_INVALID" | "CKR_SESSION_CLOSED" | "CKR_CRYPTOKI_NOT_INITIALIZED"
        ),
        _ => false,
    }
}

/// `PinIncorrect` to `_PIN_INCORRECT`.
fn screaming(camel: &str) -> String {
    let mut out = String::with_capacity(camel.len() + 8);
    for c in camel.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use cryptoki::context::Function;

    use super::*;

    #[test]
    fn functions_and_codes_are_named_as_in_the_specification() {
        for (error, shown) in [
            (
                Error::Pkcs11(RvError::PinIncorrect, Function::Login),
                "C_Login: CKR_PIN_INCORRECT",
            ),
            (
                Error::Pkcs11(RvError::SlotIdInvalid, Function::OpenSession),
                "C_OpenSession: CKR_SLOT_ID_INVALID",
            ),
            (
                Error::Pkcs11(RvError::VendorDefined(0x8000_0001), Function::SignInit),
                "C_SignInit: CKR 0x80000001",
            ),
        ] {
            assert_eq!(call(&error).to_string(), shown);
        }
    }
}
