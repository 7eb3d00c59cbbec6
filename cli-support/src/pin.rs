//! Where PINs and passphrases come from: a file, the environment, a prompt. Never the argument
//! list, which every user of the machine can read.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hsm_pkcs11::{PinAttempts, PinPurpose, PinRequest, PinSource};
use secrecy::{ExposeSecret as _, SecretString};

use crate::env;

/// `--pin-file`; without it the environment, then a prompt on a terminal.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct PinArgs {
    /// Read the key's PIN or passphrase from this file
    ///
    /// The file holds it alone, on one line. Without this option it is taken from the environment
    /// variable SCEAU_PIN, or asked for on the terminal.
    #[arg(long, value_name = "FILE")]
    pub pin_file: Option<PathBuf>,
}

impl PinArgs {
    /// Where to get the PIN when a key needs one. Nothing is read before that.
    #[must_use]
    pub fn source(&self) -> PinSource {
        source(self.pin_file.as_deref())
    }
}

/// The PIN file if one is named, else the environment variable, else a prompt where there is a
/// terminal.
#[must_use]
pub fn source(pin_file: Option<&Path>) -> PinSource {
    if let Some(path) = pin_file {
        return PinSource::File(path.to_owned());
    }
    let mut sources = vec![PinSource::Environment(env::PIN.name.to_owned())];
    // Without a terminal the key itself says that it needs a PIN, and how one is given.
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        sources.push(PinSource::Prompt(Arc::new(prompt)));
    }
    PinSource::FirstOf(sources)
}

/// Asks on the terminal, without echo; twice where a new passphrase is chosen.
fn prompt(request: &PinRequest) -> io::Result<SecretString> {
    let subject = &request.subject;
    let label = match request.purpose {
        PinPurpose::TokenLogin => format!("PIN of token {subject}"),
        PinPurpose::Signature => format!("PIN to sign with token {subject}"),
        PinPurpose::ProtectFile => format!("New passphrase for {subject}"),
        _ => format!("Passphrase for {subject}"),
    };
    let caution = match request.attempts {
        PinAttempts::Fewer => " (a wrong one was entered before)",
        PinAttempts::Last => " (LAST attempt before the token locks itself)",
        _ => "",
    };
    let secret = enter(&format!("{label}{caution}: "))?;
    if request.purpose == PinPurpose::ProtectFile {
        // A slip of the finger must not lock the new key away.
        let again = enter("The same again: ")?;
        if secret.expose_secret() != again.expose_secret() {
            let message = "the two entries differ";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
    }
    Ok(secret)
}

/// Asks for another secret, without echo; `None` where there is no terminal.
///
/// # Errors
/// Where the terminal cannot be read.
pub fn ask(label: &str) -> io::Result<Option<SecretString>> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Ok(None);
    }
    enter(label).map(Some)
}

fn enter(label: &str) -> io::Result<SecretString> {
    rpassword::prompt_password(label).map(SecretString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_pin_file_is_never_passed_over_for_the_environment() {
        let args = PinArgs {
            pin_file: Some("pin.txt".into()),
        };
        assert!(matches!(args.source(), PinSource::File(path) if path == Path::new("pin.txt")));
    }
}
