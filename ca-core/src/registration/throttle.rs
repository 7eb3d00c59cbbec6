//! How often a wrong revocation code may be tried. The record keeps every refusal, so a restart
//! forgives nothing.

use pki_asn1::UnixTime;

use super::RegistrationError;

/// The bounds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Throttle {
    /// Wrong codes for one certificate within a day, after which it is closed until the next.
    pub per_certificate: u32,
    /// Wrong codes for all certificates together within an hour.
    pub overall: u32,
}

/// Wrong codes of the past.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Refusals {
    /// For this certificate, within the last [`Throttle::DAY`] seconds.
    pub certificate: u64,
    /// For all, within the last [`Throttle::HOUR`] seconds.
    pub overall: u64,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            per_certificate: 5,
            overall: 100,
        }
    }
}

impl Throttle {
    /// The window for one certificate.
    pub const DAY: i64 = 86_400;
    /// The window for all.
    pub const HOUR: i64 = 3_600;

    /// Since when refusals for one certificate, and since when those for all, count at `now`.
    #[must_use]
    pub fn windows(now: UnixTime) -> (UnixTime, UnixTime) {
        let since = |seconds| UnixTime::from_secs(now.as_secs() - seconds);
        (since(Self::DAY), since(Self::HOUR))
    }

    /// Whether another code may be tried.
    ///
    /// # Errors
    /// [`RegistrationError::TooManyCodes`].
    pub fn check(self, refusals: Refusals) -> Result<(), RegistrationError> {
        if refusals.certificate >= u64::from(self.per_certificate)
            || refusals.overall >= u64::from(self.overall)
        {
            return Err(RegistrationError::TooManyCodes);
        }
        Ok(())
    }
}
