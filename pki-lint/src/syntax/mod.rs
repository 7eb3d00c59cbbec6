//! The small languages that stand inside certificates: DNS names, mail addresses, ISO codes,
//! identifiers of persons, characters of names.

pub(crate) mod characters;
pub(crate) mod dns;
pub(crate) mod identifier;
pub(crate) mod iso;
pub(crate) mod mail;
pub(crate) mod vat;
