//! Cryptographic Message Syntax (RFC 5652): building ours strictly, reading anybody's leniently.

pub mod attribute;
pub mod build;
pub mod original;
pub mod parse;
pub mod prepare;
