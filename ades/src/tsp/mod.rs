//! A client of time-stamping authorities (RFC 3161, RFC 5816, EN 319 422).
//!
//! [`Client`] sends the imprint to one URL after the other until a token comes back that holds
//! everything that was asked: imprint, nonce, a TSU certificate that is for time-stamping alone,
//! and a signature of that certificate's key. Whether the certificate is trusted is for validation
//! to say.

mod client;
mod error;
mod token;

pub use client::{Authority, Client};
pub use error::{Attempt, TspError, TspFault};
pub use token::Token;

use pki_crypto::{Digest, DigestAlgorithm};

/// Whatever can prove that data existed: a [`Client`], or a stand-in for it in a test.
pub trait TimeStamper: Send + Sync {
    /// A time-stamp token over this digest.
    ///
    /// # Errors
    /// Where no authority gave a usable token; the error tells what each of them did.
    fn time_stamp(&self, imprint: &Digest) -> Result<Token, TspError>;

    /// What imprints are to be made with.
    fn digest_algorithm(&self) -> DigestAlgorithm {
        DigestAlgorithm::Sha256
    }

    /// How many octets an unsigned attribute with the next token will take, roughly: space is
    /// reserved by it, and a signature that outgrows its space is made anew.
    fn expected_len(&self) -> usize;

    /// The token that was given last, where one was: whoever made it will most likely make the next.
    fn last(&self) -> Option<Token> {
        None
    }
}
