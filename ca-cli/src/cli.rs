//! The command line. Help texts are the manual: every command has examples.

use std::path::PathBuf;

use ca_core::{Legislation, RevocationReason};
use clap::{Args, Parser, Subcommand};
use cli_support::{ManualCommand, OutputArgs, PinArgs, env};
use hsm_pkcs11::{KeyLocation, KeySpec};
use pki_asn1::UnixTime;

use crate::config::PdsArg;
use crate::serial::Serial;

/// The certification authority's commands
///
/// Everything a certification authority does is recorded in its folder: the configuration in
/// sceau-ca.toml, the record and its journal in record.sqlite, software keys (if any) in keys/.
#[derive(Debug, Parser)]
#[command(
    name = "sceau-ca",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  sceau-ca init ca --base-url http://pki.sceau.example
  sceau-ca -C ca ca create root --profile root-ca --key ca/keys/root.pem \\
      --subject 'C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Example Root CA'
  sceau-ca -C ca list

Keys are named by a PKCS#11 URI (pkcs11:token=...;object=...) or the path of a key file.
Exit codes: 0 done, 1 refused, 64 usage, 65 bad input, 69 something is not there, 73 output not
created, 74 input/output, 75 try again later, 77 not permitted, 78 bad configuration."
)]
pub(crate) struct Cli {
    /// The certification authority's folder
    #[arg(
        short = 'C',
        long = "dir",
        value_name = "DIR",
        global = true,
        env = env::CA_DIR.name,
        hide_env_values = true,
        default_value = "."
    )]
    pub(crate) dir: PathBuf,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(Init),
    /// Create and show certification authorities
    #[command(subcommand, name = "ca")]
    Authority(AuthorityCommand),
    /// Show the certificate profiles
    #[command(subcommand)]
    Profile(ProfileCommand),
    Issue(Box<Issue>),
    List(List),
    Show(Show),
    Revoke(Revoke),
    Crl(Crl),
    /// Certify the keys that sign OCSP responses
    #[command(subcommand)]
    OcspSigner(OcspSignerCommand),
    /// Check and export the journal
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Count what was issued, revoked and published
    #[command(after_help = "\
Examples:
  sceau-ca -C ca stats
  sceau-ca -C ca stats --json")]
    Stats,
    #[command(flatten)]
    Manual(ManualCommand),
}

/// Create the folder of a new certification authority
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca init ca --base-url http://pki.sceau.example
  sceau-ca init ca --base-url http://pki.sceau.example --country MC --legislation MC \\
      --cps-uri https://sceau.example/cps --pds en=https://sceau.example/pds-en.pdf")]
pub(crate) struct Init {
    /// The folder; it is created, or is empty
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,

    /// Where OCSP, CRLs and CA certificates will be served, as certificates will say
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: String,

    /// The country the authority is established in
    #[arg(long, value_name = "CC", default_value = "MC")]
    pub(crate) country: String,

    /// The arc of the certificate policies' object identifiers (the default is for examples)
    #[arg(long, value_name = "OID", default_value = "1.3.6.1.4.1.32473.1")]
    pub(crate) policy_arc: String,

    /// Where the certification practice statement is published [default: BASE-URL/cps]
    #[arg(long, value_name = "URL")]
    pub(crate) cps_uri: Option<String>,

    /// Where the PKI disclosure statement in a language is published (repeatable)
    #[arg(long, value_name = "LANGUAGE=URL")]
    pub(crate) pds: Vec<PdsArg>,

    /// The law under which certificates are qualified: EU, a country, or none
    #[arg(long, value_name = "LAW", default_value = "none")]
    pub(crate) legislation: Legislation,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuthorityCommand {
    Create(Box<CreateAuthority>),
    /// List the certification authorities
    #[command(after_help = "\
Examples:
  sceau-ca -C ca ca list")]
    List,
    /// Show one, or write its certificate to a file
    #[command(after_help = "\
Examples:
  sceau-ca -C ca ca show root
  sceau-ca -C ca ca show root --out root-ca.pem")]
    Show {
        /// Its name
        name: String,
        /// Write its certificate (PEM) to this file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Create a root or an issuing certification authority
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca ca create root --profile root-ca --key ca/keys/root.pem \\
      --subject 'C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Example Root CA'
  sceau-ca -C ca ca create companies --profile issuing-ca --issuer root \\
      --key 'pkcs11:token=hsm;object=companies' --out companies-ca.pem \\
      --subject 'C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Example Companies CA'")]
pub(crate) struct CreateAuthority {
    /// Its name in commands and URLs: small letters, digits, hyphens
    pub(crate) name: String,

    /// root-ca or issuing-ca
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: String,

    /// The authority that issues its certificate
    #[arg(long, value_name = "NAME")]
    pub(crate) issuer: Option<String>,

    /// Its distinguished name, most general attribute first
    #[arg(long, value_name = "DN")]
    pub(crate) subject: String,

    #[command(flatten)]
    pub(crate) key: AuthorityKeyArgs,

    #[command(flatten)]
    pub(crate) pins: PinPair,

    /// How many days its certificate is valid [default: the profile's]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,

    /// Write its certificate (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}

#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct AuthorityKeyArgs {
    /// Generate its key here
    #[arg(
        long,
        value_name = "KEY",
        required_unless_present = "existing_key",
        conflicts_with = "existing_key"
    )]
    pub(crate) key: Option<KeyLocation>,

    /// Use the key that is here
    #[arg(long, value_name = "KEY")]
    pub(crate) existing_key: Option<KeyLocation>,

    /// What key to generate: p256, p384, rsa3072, rsa4096, rsa3072-pss, rsa4096-pss
    #[arg(long, value_name = "TYPE", default_value = "p384")]
    pub(crate) key_type: KeySpec,
}

/// The PINs of the authority's key and of another one.
#[derive(Args, Debug)]
pub(crate) struct PinPair {
    #[command(flatten)]
    pub(crate) signing: PinArgs,

    /// Read the new key's PIN or passphrase from this file [default: as the signing key's]
    #[arg(long, value_name = "FILE")]
    pub(crate) key_pin_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ActorArgs {
    /// Record who asked for or approved this in the journal (repeatable)
    ///
    /// The operating system's user is always recorded.
    #[arg(long = "actor", value_name = "NAME")]
    pub(crate) actors: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// List the certificate profiles
    #[command(after_help = "\
Examples:
  sceau-ca profile list")]
    List,
    /// Print a profile
    #[command(after_help = "\
Examples:
  sceau-ca profile show company-seal")]
    Show {
        /// Its name
        name: String,
    },
    /// Check a profile's text against the bounds that the standards set
    #[command(after_help = "\
Examples:
  sceau-ca profile show company-seal > my-seal.toml
  sceau-ca profile check my-seal.toml")]
    Check {
        /// The profile (TOML)
        file: PathBuf,
    },
}

/// Issue a certificate
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca issue --ca companies --profile company-seal --csr acme.csr --out acme.pem \\
      --subject 'C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM'
  sceau-ca -C ca issue --ca residents --profile personal-signature --generate-key jane.pem \\
      --subject 'C=MC,CN=Jane Doe,SN=Doe,GN=Jane,serialNumber=IDCMC-00012345' \\
      --out jane-certificate.pem --chain-out jane-chain.pem

The subject is what registration established. A request that names another organization or person
is refused; other differences are warnings.
Its attributes keep the order given. Commas and other special characters in values are written
with a backslash (RFC 4514).")]
pub(crate) struct Issue {
    /// The issuing authority
    #[arg(long, value_name = "NAME")]
    pub(crate) ca: String,

    /// The certificate profile (see: sceau-ca profile list)
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: String,

    /// The subject's distinguished name, most general attribute first
    #[arg(long, value_name = "DN")]
    pub(crate) subject: String,

    #[command(flatten)]
    pub(crate) key: SubjectKeyArgs,

    /// What key to generate: p256, p384, rsa3072, rsa4096, rsa3072-pss, rsa4096-pss, ed25519
    #[arg(long, value_name = "TYPE", default_value = "p256", conflicts_with_all = ["csr", "existing_key"])]
    pub(crate) key_type: KeySpec,

    #[command(flatten)]
    pub(crate) pins: PinPair,

    /// Declare that the key is in a qualified signature or seal creation device
    #[arg(long)]
    pub(crate) qscd: bool,

    /// How many days the certificate is valid [default: the profile's]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,

    /// The law under which it is qualified: EU, a country, or none [default: the configuration's]
    #[arg(long, value_name = "LAW")]
    pub(crate) legislation: Option<Legislation>,

    /// Write the certificate (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Write the issuing authority's and the root's certificates (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) chain_out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct SubjectKeyArgs {
    /// Certify the key of this PKCS#10 request (PEM or DER)
    #[arg(long, value_name = "FILE")]
    pub(crate) csr: Option<PathBuf>,

    /// Generate a key here and certify it
    #[arg(long, value_name = "KEY")]
    pub(crate) generate_key: Option<KeyLocation>,

    /// Certify the key that is here
    #[arg(long, value_name = "KEY")]
    pub(crate) existing_key: Option<KeyLocation>,
}

/// List certificates
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca list
  sceau-ca -C ca list --ca companies --revoked --json")]
pub(crate) struct List {
    /// Only those of this authority
    #[arg(long, value_name = "NAME")]
    pub(crate) ca: Option<String>,

    /// Only revoked ones
    #[arg(long)]
    pub(crate) revoked: bool,
}

/// Show a certificate's state, or write the certificate to a file
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca show --serial 4F2A...
  sceau-ca -C ca show --cert acme.pem
  sceau-ca -C ca show --serial 4F2A... --out acme.pem")]
pub(crate) struct Show {
    #[command(flatten)]
    pub(crate) which: Which,

    /// Write the certificate (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct Which {
    /// The issuing authority, where two issued the same serial number
    #[arg(long, value_name = "NAME")]
    pub(crate) ca: Option<String>,

    /// The certificate with this serial number (hexadecimal)
    #[arg(
        long,
        value_name = "HEX",
        required_unless_present = "cert",
        conflicts_with = "cert"
    )]
    pub(crate) serial: Option<Serial>,

    /// The certificate in this file (PEM or DER)
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
}

/// Revoke a certificate and publish a CRL that says so
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca revoke --ca companies --cert acme.pem --reason keyCompromise
  sceau-ca -C ca revoke --ca companies --serial 4F2A... --reason superseded
  sceau-ca -C ca revoke --cert acme.pem --reason keyCompromise --invalidity-date 2026-11-20T08:00:00Z

Reasons: keyCompromise, affiliationChanged, superseded, cessationOfOperation, privilegeWithdrawn,
cACompromise, unspecified (RFC 5280 section 5.3.1).
OCSP answers from the same record, so it says revoked at once.")]
pub(crate) struct Revoke {
    #[command(flatten)]
    pub(crate) which: Which,

    /// Why
    #[arg(
        long,
        value_name = "REASON",
        default_value = "unspecified",
        hide_default_value = true
    )]
    pub(crate) reason: RevocationReason,

    /// Since when the key is known or believed to be compromised
    #[arg(long, value_name = "RFC3339")]
    pub(crate) invalidity_date: Option<UnixTime>,

    /// When the request to revoke was received [default: now]
    #[arg(long, value_name = "RFC3339")]
    pub(crate) requested_at: Option<UnixTime>,

    /// Do not publish a CRL: needs no key, for when it is out of reach
    #[arg(long, conflicts_with = "pin_file")]
    pub(crate) no_crl: bool,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}

/// Publish a certificate revocation list
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca crl --all
  sceau-ca -C ca crl --ca companies --out companies.crl
  sceau-ca -C ca crl --ca root --days 180 --out root.crl")]
pub(crate) struct Crl {
    #[command(flatten)]
    pub(crate) whose: Whose,

    /// Write the CRL to this file, replacing it: DER, or PEM where the name ends in .pem
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
    pub(crate) out: Option<PathBuf>,

    /// How many days until the next one at the latest [default: see sceau-ca.toml]
    #[arg(long, value_name = "N", conflicts_with = "hours", value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub(crate) days: Option<u32>,

    /// How many hours until the next one at the latest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=87840))]
    pub(crate) hours: Option<u32>,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Whose {
    /// The authority
    #[arg(long, value_name = "NAME")]
    pub(crate) ca: Option<String>,

    /// All authorities
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OcspSignerCommand {
    Renew(Box<RenewOcspSigner>),
}

/// Issue a certificate for the key that signs an authority's OCSP responses
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca ocsp-signer renew --ca companies --key ca/keys/ocsp-companies.pem \\
      --out ocsp-companies.pem

The key is generated if there is none. Certificates of OCSP signers are short-lived, because they
cannot be revoked (RFC 6960 section 4.2.2.2.1): renew them from a timer.")]
pub(crate) struct RenewOcspSigner {
    /// The authority whose certificates the responses are about
    #[arg(long, value_name = "NAME")]
    pub(crate) ca: String,

    /// The OCSP signer's key
    #[arg(long, value_name = "KEY")]
    pub(crate) key: KeyLocation,

    /// What key to generate: p256, p384, rsa3072, rsa4096
    #[arg(long, value_name = "TYPE", default_value = "p256")]
    pub(crate) key_type: KeySpec,

    /// Its distinguished name [default: the authority's, with a common name of its own]
    #[arg(long, value_name = "DN")]
    pub(crate) subject: Option<String>,

    #[command(flatten)]
    pub(crate) pins: PinPair,

    /// How many days the certificate is valid [default: the profile's]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,

    /// Write the certificate (PEM) to this file, replacing the one it renews
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check the journal's chain of hashes from the first record to the last
    #[command(after_help = "\
Examples:
  sceau-ca -C ca audit verify")]
    Verify,
    /// Write the journal to a file, one JSON object a line
    #[command(after_help = "\
Examples:
  sceau-ca -C ca audit export --out journal.jsonl")]
    Export {
        /// The file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}
