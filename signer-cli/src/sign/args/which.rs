//! `--key-name` and `--pin-entry`: which of several keys, and how often its PIN is asked for.

use clap::ValueEnum;
use hsm_pkcs11::SignaturePin;

/// What a key file or a token leaves open.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Key")]
pub(crate) struct WhichArgs {
    /// The name (friendlyName) of the key in a PKCS#12 file that holds several
    ///
    /// Without it, --cert says which key is meant.
    #[arg(long, value_name = "NAME")]
    pub(crate) key_name: Option<String>,

    /// How often the PIN is asked for, where a card wants it for every signature
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pin_entry: PinEntry,
}

impl WhichArgs {
    pub(crate) fn signature_pin(&self) -> SignaturePin {
        match self.pin_entry {
            PinEntry::Once => SignaturePin::Kept,
            PinEntry::Each => SignaturePin::Asked,
        }
    }
}

/// `--pin-entry`
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
enum PinEntry {
    /// Once: the PIN is kept in memory for the signatures that follow
    #[default]
    Once,
    /// For each signature anew, as sole control over a qualified signature may ask
    Each,
}
