//! Key ceremonies (EN 319 411-1 clause 6.5.1): a script that is checked beforehand, events that the
//! journal keeps while it is followed, and minutes written from both.
//!
//! [`ScriptConfig`] is what was written, [`Script`] what was checked; the program that holds the
//! ceremony records [`CeremonyEvent`]s, and [`Minutes`] turns them into a page to sign.

mod config;
mod event;
mod minutes;
mod script;
#[cfg(test)]
mod tests;

pub use self::config::{
    AttributesConfig, CertificateConfig, CrlConfig, KeyConfig, ParticipantConfig, Phase,
    QuorumConfig, Role, ScriptConfig, TokenConfig,
};
pub use self::event::{CeremonyEvent, ConfirmedBy, Held, MadeCertificate, MadeCrl, MadeKey};
pub(in crate::hierarchy) use self::minutes::escaped;
pub use self::minutes::{Language, Minutes, Recorded};
pub use self::script::{
    FORMAT, OWN_FILES, Problem, Script, ScriptCertificate, ScriptError, ScriptKey,
};
