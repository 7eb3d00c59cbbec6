//! Revocation codes: a subscriber revokes without anybody's help.

use crate::engine::{Actors, CaEngine};
use crate::error::CaError;
use crate::registration::{RegistrationError, RevocationCode, Throttle};
use crate::revocation::{Revocation, RevocationReason, RevocationRequest};
use crate::store::{Act, CodeRefusal, Mandate, RegistrationAct};

impl CaEngine {
    /// Revokes the certificate with this serial number (content octets) for whoever has its code. A
    /// wrong code, a certificate without a code and a serial number that was never issued get the same
    /// answer, and each is counted; who may try no more is told before anything is compared.
    ///
    /// # Errors
    /// [`RegistrationError::WrongCode`], [`RegistrationError::TooManyCodes`], or as [`Self::revoke`].
    pub fn revoke_with_code(
        &self,
        serial: &[u8],
        code: &RevocationCode,
        reason: RevocationReason,
        actors: &Actors,
    ) -> Result<(String, Revocation), CaError> {
        let now = self.now();
        let refusals = self.store.code_refusals(serial, Throttle::windows(now))?;
        self.registration.throttle.check(refusals)?;
        let hashes = self.store.revocation_codes(serial)?;
        // All are compared, whichever fits.
        let opened = hashes.iter().fold(None, |found, (authority, hash)| {
            match code.opens(hash, authority, serial) {
                true => Some(authority.clone()),
                false => found,
            }
        });
        let Some(authority) = opened else {
            let serial = serial.to_vec();
            let refusal = RegistrationAct::RefuseCode(CodeRefusal { serial });
            self.commit(actors, Act::Register(Box::new(refusal)))?;
            return Err(RegistrationError::WrongCode.into());
        };
        let mut names = actors.names.clone();
        names.push("the holder of the revocation code".to_owned());
        let order = RevocationRequest {
            authority: authority.clone(),
            serial: serial.to_vec(),
            reason,
            invalidity_date: None,
            requested_at: None,
            actors: Actors::named(names),
        };
        let revocation = self.revoke_mandated(&order, Some(Mandate::Code(code.clone())))?;
        Ok((authority, revocation))
    }
}
