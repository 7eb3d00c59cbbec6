//! C_Sign alone, between a login for this signature and anything else.
//!
//! A key that wants the PIN for every signature takes C_SignInit, then C_Login for this context, then the
//! data (PKCS#11 2.40 section 5.11 and CKU_CONTEXT_SPECIFIC). Raw mechanisms take data in one part, and
//! the binding's own call for that begins with C_SignInit again. So this one function is called by hand:
//! the only unsafe code of the project.

use std::path::Path;

use cryptoki::context::Function;
use cryptoki::error::{Error, Rv};
use cryptoki::session::Session;
use cryptoki_sys::{CK_BYTE, CK_FUNCTION_LIST, CK_RV, CK_SESSION_HANDLE, CK_ULONG, CKR_OK};

type Sign = unsafe extern "C" fn(
    CK_SESSION_HANDLE,
    *mut CK_BYTE,
    CK_ULONG,
    *mut CK_BYTE,
    *mut CK_ULONG,
) -> CK_RV;

/// A module's C_Sign.
#[derive(Clone, Copy)]
pub(super) struct SinglePart(Sign);

impl SinglePart {
    /// Takes the function from a module that runs in this process already; `None` where it has none.
    #[allow(unsafe_code, reason = "C_GetFunctionList of a loaded module")]
    pub(super) fn of(path: &Path) -> Option<Self> {
        let mut list: *mut CK_FUNCTION_LIST = core::ptr::null_mut();
        // SAFETY: the library is loaded (the binding did it), so no initialiser runs a second time; its
        // function list is static data of the library, which stays, because its handle is forgotten.
        // The list is read through a pointer that the module filled, after it said CKR_OK and where
        // it is not null.
        let sign = unsafe {
            let library = cryptoki_sys::Pkcs11::new(path).ok()?;
            if library.C_GetFunctionList.is_err() {
                return None;
            }
            let told = library.C_GetFunctionList(&raw mut list);
            std::mem::forget(library);
            if told != CKR_OK || list.is_null() {
                return None;
            }
            (*list).C_Sign
        };
        sign.map(Self)
    }

    /// Ends the operation that C_SignInit began. The signature is at most `longest` octets; its length is
    /// not asked for before, because some cards take the question for the signature.
    #[allow(unsafe_code, reason = "C_Sign of a loaded module")]
    pub(super) fn sign(
        self,
        session: &Session,
        data: &[u8],
        longest: usize,
    ) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0_u8; longest];
        let mut len = CK_ULONG::try_from(longest)?;
        let data_len = CK_ULONG::try_from(data.len())?;
        // SAFETY: both buffers are as long as is said and outlive the call; C_Sign does not write to its
        // data, although the type lacks `const`; a session that is no session is told by the module.
        let value = unsafe {
            (self.0)(
                session.handle(),
                data.as_ptr().cast_mut(),
                data_len,
                signature.as_mut_ptr(),
                &raw mut len,
            )
        };
        Rv::from(value).into_result(Function::Sign)?;
        signature.truncate(usize::try_from(len)?);
        Ok(signature)
    }
}
