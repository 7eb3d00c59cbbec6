//! The command line of `sceau sign`.

mod algorithm;
mod apart;
mod batch;
mod declared;
mod long_term;
pub(crate) mod visible;
mod which;

use std::path::PathBuf;

use ades::pades::Certification;
use clap::ValueEnum;
use cli_support::PinArgs;

pub(super) use apart::ApartArgs;
pub(super) use batch::BatchArgs;
pub(super) use declared::{Declared, DeclaredArgs, FileArgs};
pub(super) use long_term::LongTermArgs;
pub(super) use visible::VisibleArgs;

pub(super) use self::algorithm::AlgorithmArgs;
pub(super) use self::which::WhichArgs;

use crate::network::NetworkArgs;

use crate::key_name::KeyName;

const EXAMPLES: &str = "\
Examples:
  Seal a contract with a key in a token, with a time-stamp:
    sceau sign contract.pdf --out contract.sealed.pdf \\
      --key 'pkcs11:token=Acme;object=seal' --tsa http://tsa.sceau.example/

  Seal a contract so that it stays verifiable for decades:
    sceau sign contract.pdf --key acme.p12 --level b-lta --tsa http://tsa.sceau.example/

  Sign any file with a key file; the signature stands apart, in notes.txt.p7s:
    sceau sign notes.txt --key acme.p12 --pin-file pin.txt

  Sign where everybody sees it, in French, and look at it first:
    sceau sign contract.pdf --key acme.p12 --visible last:bottom-right,210,75 --language fr \
      --image logo.svg --preview seal.png

  Seal a folder of invoices with one login:
    sceau sign invoices/ --out-dir sealed/ --key acme.p12 --pin-file pin.txt

  Sign with a key that is elsewhere, in two steps:
    sceau sign contract.pdf --prepare state.json --cert acme.pem --dtbsr digest.bin
    sceau sign --complete state.json --signature signature.bin --out contract.sealed.pdf

  Go on where a run over a million was interrupted:
    find /archive -name '*.pdf' -print0 | sceau sign --from - --out-dir sealed/ --resume \\
      --key 'pkcs11:token=Acme;object=seal' --pin-file pin.txt --report run.jsonl

Exit status: 0 signed; 1 some documents of several failed; 75 stopped by a signal; 64 wrong command line; 65 the document,
key or certificate is not usable; 69 key, token or time-stamping authority not available; 73 the
output exists or cannot be created; 74 reading or writing failed; 77 wrong PIN or passphrase, or no
permission; 78 wrong settings file.";

/// The arguments of `sceau sign`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What to sign: a document, or several, or folders of them, or quoted patterns ('in/**/*.pdf')
    #[arg(required_unless_present_any = ["complete", "from"], value_name = "IN")]
    pub(super) inputs: Vec<PathBuf>,

    /// Where to write the signed document or the signature
    ///
    /// Without it: beside the input, as NAME.signed.pdf, NAME.p7s (detached) or NAME.p7m (attached).
    #[arg(short, long, value_name = "OUT", conflicts_with = "out_dir")]
    pub(super) out: Option<PathBuf>,

    /// Write the outputs into this folder, under their usual names
    #[arg(long, value_name = "DIR")]
    pub(super) out_dir: Option<PathBuf>,

    /// Replace outputs that exist
    #[arg(long)]
    pub(super) force: bool,

    #[command(flatten)]
    pub(super) key: KeyArgs,

    /// How long the signature is to be verifiable: b-b (while the certificate is valid), b-t (with a
    /// time-stamp), b-lt (and validation data), b-lta (and an archive time-stamp over both, which can
    /// be renewed for ever). Default: b-t with --tsa, else b-b
    #[arg(long, value_enum)]
    pub(super) level: Option<Level>,

    /// A time-stamping authority, by its URL or its name in the settings file; given again, the
    /// fallback. Default: those of the settings file
    #[arg(long, value_name = "URL")]
    pub(super) tsa: Vec<String>,

    /// PAdES inside a PDF, CAdES for any file, or an ASiC container with files and signature. Default:
    /// PAdES or CAdES, by what the file is
    #[arg(long, value_enum)]
    pub(super) format: Option<Format>,

    #[command(flatten)]
    pub(super) pades: PadesArgs,

    #[command(flatten)]
    pub(super) visible: VisibleArgs,

    /// CAdES: the signature alone, in a file beside the content (default)
    #[arg(long, conflicts_with = "attached", help_heading = "Any other file")]
    pub(super) detached: bool,

    /// CAdES: the content inside the signature
    #[arg(long, help_heading = "Any other file")]
    pub(super) attached: bool,

    #[command(flatten)]
    pub(super) declared: DeclaredArgs,

    #[command(flatten)]
    pub(super) files: FileArgs,

    #[command(flatten)]
    pub(super) batch: BatchArgs,

    #[command(flatten)]
    pub(super) long_term: LongTermArgs,

    #[command(flatten)]
    pub(super) apart: ApartArgs,

    #[command(flatten)]
    pub(super) network: NetworkArgs,
}

/// Whose signature.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Key")]
pub(crate) struct KeyArgs {
    /// The private key: pkcs11:token=...;object=..., a .p12, .pfx, .pem or .key file, or a credential at a
    /// signing service: csc:https://HOST/csc/v2;credential=ID, csc:NAME
    #[arg(long)]
    pub(super) key: Option<KeyName>,

    /// The key's certificate (PEM or DER), where it is not beside the key
    #[arg(long, value_name = "FILE")]
    pub(super) cert: Option<PathBuf>,

    /// Certificates of the authorities above it (PEM or DER), to be embedded
    #[arg(long, value_name = "FILE")]
    pub(super) chain: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) pin: PinArgs,

    /// Read the one-time password of a credential at a signing service from this file
    #[arg(long, value_name = "FILE")]
    pub(super) otp_file: Option<PathBuf>,

    #[command(flatten)]
    pub(super) which: WhichArgs,

    #[command(flatten)]
    pub(super) algorithm: AlgorithmArgs,
}

/// What only PDFs have.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "PDF")]
pub(crate) struct PadesArgs {
    /// The signature field: an empty one of the document, or a new one of this name
    #[arg(long, value_name = "NAME")]
    pub(super) field: Option<String>,

    /// Why it is signed
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,

    /// Where it is signed
    #[arg(long, value_name = "TEXT")]
    pub(super) location: Option<String>,

    /// How the signer can be reached
    #[arg(long, value_name = "TEXT")]
    pub(super) contact: Option<String>,

    /// Certify the document: what may still be changed without breaking this signature
    #[arg(long, value_enum)]
    pub(super) certify: Option<Certify>,

    /// With --certify: why the document holds what could look different at another time or place
    #[arg(long, value_name = "TEXT", requires = "certify")]
    pub(super) legal_attestation: Option<String>,

    /// Read the password of an encrypted PDF from this file
    #[arg(long, value_name = "FILE")]
    pub(super) password_file: Option<PathBuf>,
}

/// `--level`
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, ValueEnum)]
pub(crate) enum Level {
    /// Signature
    #[value(name = "b-b")]
    #[serde(rename = "b-b")]
    BB,
    /// Signature with time-stamp
    #[value(name = "b-t")]
    #[serde(rename = "b-t")]
    BT,
    /// With validation material
    #[value(name = "b-lt")]
    #[serde(rename = "b-lt")]
    BLt,
    /// With validation material and archive time-stamp
    #[value(name = "b-lta")]
    #[serde(rename = "b-lta")]
    BLta,
}

/// `--format`
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// A signature inside a PDF
    Pades,
    /// A CMS signature of any file
    Cades,
    /// A container with one file and its CAdES signature
    AsicS,
    /// A container with any number of files
    AsicE,
}

/// `--certify`
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Certify {
    /// Do not certify (default)
    None,
    /// Nothing may be changed
    NoChanges,
    /// Forms may be filled in, and signatures added
    FormFilling,
    /// These, and annotations
    Annotations,
}

impl Level {
    /// As on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::BB => "b-b",
            Self::BT => "b-t",
            Self::BLt => "b-lt",
            Self::BLta => "b-lta",
        }
    }
}

impl Certify {
    pub(super) fn certification(self) -> Option<Certification> {
        match self {
            Self::None => None,
            Self::NoChanges => Some(Certification::NoChanges),
            Self::FormFilling => Some(Certification::FormFilling),
            Self::Annotations => Some(Certification::Annotations),
        }
    }
}

impl PadesArgs {
    /// An option that was given and makes no sense outside a PDF.
    pub(super) fn given(&self) -> Option<&'static str> {
        [
            (self.field.is_some(), "--field"),
            (self.reason.is_some(), "--reason"),
            (self.location.is_some(), "--location"),
            (self.contact.is_some(), "--contact"),
            (self.certify.is_some(), "--certify"),
            (self.legal_attestation.is_some(), "--legal-attestation"),
            (self.password_file.is_some(), "--password-file"),
        ]
        .into_iter()
        .find_map(|(given, name)| given.then_some(name))
    }
}
