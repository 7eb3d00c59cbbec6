//! Where PINs and passphrases come from: a file, the environment, a prompt. Never the argument
//! list, which every user of the machine can read.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use secrecy::SecretString;

/// `--pin-file`; without it the environment, then a prompt on a terminal.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct PinArgs {
    /// Read the PIN or passphrase from this file (its first line)
    ///
    /// Without it the PIN is taken from the environment variable SCEAU_PIN, or asked for on the
    /// terminal.
    #[arg(long, value_name = "FILE")]
    pub pin_file: Option<PathBuf>,
}

/// Asks on the terminal, without echo; twice where a new secret is chosen.
///
/// # Errors
/// Where there is no terminal, or the two entries differ.
pub fn prompt(label: &str, entry: Entry) -> io::Result<SecretString> {
    if !io::stderr().is_terminal() && !io::stdin().is_terminal() {
        return Err(io::Error::new(
            io::ErrorKind::NotConnected,
            "there is no terminal to ask on",
        ));
    }
    let secret = SecretString::from(rpassword::prompt_password(format!("{label}: "))?);
    if entry == Entry::Twice {
        use secrecy::ExposeSecret as _;
        let again = SecretString::from(rpassword::prompt_password(format!("{label}, again: "))?);
        if secret.expose_secret() != again.expose_secret() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the two entries differ",
            ));
        }
    }
    Ok(secret)
}

/// How often a secret is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Once: whoever checks it tells whether it is right.
    Once,
    /// Twice: a new one, which a slip of the finger must not lock away.
    Twice,
}
