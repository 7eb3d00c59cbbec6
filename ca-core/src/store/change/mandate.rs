//! What an act that operators must decide rests on.

use crate::registration::{OrderDocument, RevocationCode, SignedDecision};

/// The mandate for an act.
#[derive(Clone, Debug)]
pub enum Mandate {
    /// Operators decided an order. It is kept beside the act, with their statements and signatures.
    Decided {
        /// The order.
        order: Box<OrderDocument>,
        /// The decisions on it.
        decisions: Vec<SignedDecision>,
    },
    /// Whoever has the certificate's revocation code wants it revoked. The code can do nothing else,
    /// so the journal keeps it: anybody can see that its hash is the one in INTENT.
    Code(RevocationCode),
    /// It follows the script of a key ceremony that is open (SHA-256, hexadecimal), and was decided
    /// with that.
    Ceremony(String),
}
