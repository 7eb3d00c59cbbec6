//! `--prepare` and `--complete`: the key is elsewhere.

use std::path::PathBuf;

/// Signing apart.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "A key that is elsewhere")]
pub(crate) struct ApartArgs {
    /// Prepare only: write all that completing needs into this file, without a key
    #[arg(long, value_name = "STATE", requires = "cert", conflicts_with_all = ["key", "out", "out_dir", "tsa", "resume", "report", "pin_file", "otp_file", "key_name", "pin_entry", "add", "countersign", "trust", "crl", "vri"])]
    pub(crate) prepare: Option<PathBuf>,

    /// With --prepare: write the bytes to be signed (DTBS) into this file
    #[arg(long, value_name = "FILE", requires = "prepare")]
    pub(crate) dtbs: Option<PathBuf>,

    /// With --prepare: write their digest (DTBSR) into this file
    #[arg(long, value_name = "FILE", requires = "prepare")]
    pub(crate) dtbsr: Option<PathBuf>,

    /// Complete what --prepare wrote into this file
    #[arg(long, value_name = "STATE", requires = "signature", conflicts_with_all = ["prepare", "from", "resume", "report", "key", "cert", "chain", "algorithm", "level", "format", "detached", "attached", "field", "reason", "location", "contact", "certify", "legal_attestation", "password_file", "digest", "rsa_padding", "pin_file", "otp_file", "key_name", "pin_entry", "trust", "crl", "vri", "commitment", "policy", "mime_type", "content_description", "place", "country", "address", "content_id", "refers_to", "add", "countersign"])]
    pub(crate) complete: Option<PathBuf>,

    /// With --complete: the signature, as octets or as lines of base64; one for each document, in
    /// their order
    #[arg(long, value_name = "FILE", requires = "complete")]
    pub(crate) signature: Vec<PathBuf>,
}
