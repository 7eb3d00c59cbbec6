//! The life of authorities: generations, files for an offline root, the end of an authority, and the
//! archive that is left of it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use cli_support::PinArgs;
use hsm_pkcs11::{KeyLocation, KeySpec};
use pki_asn1::oid::ObjectIdentifier;

use super::{Acting, ActorArgs, AuthorityKeyArgs, PinPair};

/// Give an authority a new certificate for the same name and key
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca ca renew root --out root-2.pem
  sceau-ca -C ca ca renew companies --out companies-2.pem

The old certificate stays valid until it ends: sceau-ca show --serial HEX --out FILE writes it. For a
new key, see: sceau-ca ca rollover --help")]
pub(crate) struct RenewAuthority {
    /// The authority
    pub(crate) name: String,

    /// How many days the certificate is valid [default: the profile's]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,

    /// Write the certificate (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

/// Create the next generation of an authority: a new key beside the old one
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca ca rollover companies --new-name companies-g2 --key ca/keys/companies-g2.pem
  sceau-ca -C ca ca rollover root --new-name root-g2 --key 'pkcs11:token=hsm;object=root-g2' \\
      --subject 'C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Example Root CA G2'
  sceau-ca -C ca ca link root --by root-g2 --out old-with-new.pem
  sceau-ca -C ca ca link root-g2 --by root --out new-with-old.pem

The new generation has a name of its own, so that certificates, CRLs and OCSP answers of the two are
told apart by name. With --same-name they share one, and their CRLs name their address, critically.
From then on the new generation issues; the old one keeps its CRLs and its OCSP signer.")]
pub(crate) struct Rollover {
    /// The newest generation so far
    pub(crate) name: String,

    /// The name of the next one in commands and URLs
    #[arg(long, value_name = "NAME")]
    pub(crate) new_name: String,

    /// Its distinguished name [default: the old one's with its number, as in 'Example CA G2']
    #[arg(long, value_name = "DN", conflicts_with = "same_name")]
    pub(crate) subject: Option<String>,

    /// Give it the distinguished name of the old one
    #[arg(long)]
    pub(crate) same_name: bool,

    /// The authority that issues its certificate [default: the old one's issuer]
    #[arg(long, value_name = "NAME")]
    pub(crate) issuer: Option<String>,

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
    pub(crate) acting: Acting,
}

/// Certify the key of another generation, so that who trusts one reaches the other
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca ca link root --by root-g2 --out old-with-new.pem
  sceau-ca -C ca ca link root-g2 --by root --out new-with-old.pem

These are the link certificates of RFC 9810 section 4.4 (RFC 4210): OldWithNew and NewWithOld.")]
pub(crate) struct Link {
    /// The authority whose key is certified
    pub(crate) name: String,

    /// The authority that signs
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,

    /// Write the certificate (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

/// Certify the CA of another provider, on terms
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca ca cross --by root --certificate partner-root.pem --days 730 --out cross.pem \\
      --policy 1.3.6.1.4.1.32473.1.9 --require-explicit-policy 0 --path-length 1 \\
      --permitted 'C=FR,O=Partner'")]
pub(crate) struct Cross {
    /// The authority that signs
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,

    #[command(flatten)]
    pub(crate) whom: CrossWhom,

    /// A certificate policy that is let through (repeatable) [default: any]
    #[arg(long, value_name = "OID")]
    pub(crate) policy: Vec<ObjectIdentifier>,

    /// A policy of ours that one of theirs is taken for, OURS=THEIRS (repeatable)
    #[arg(long, value_name = "OID=OID")]
    pub(crate) map: Vec<Mapping>,

    /// An explicit policy is needed after so many certificates
    #[arg(long, value_name = "N")]
    pub(crate) require_explicit_policy: Option<u8>,

    /// No policy is mapped after so many certificates
    #[arg(long, value_name = "N")]
    pub(crate) inhibit_policy_mapping: Option<u8>,

    /// anyPolicy counts no longer after so many certificates
    #[arg(long, value_name = "N")]
    pub(crate) inhibit_any_policy: Option<u8>,

    /// How many CAs may follow below the certified one [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) path_length: Option<u8>,

    /// Only subjects below this distinguished name (repeatable)
    #[arg(long, value_name = "DN")]
    pub(crate) permitted: Vec<String>,

    /// No subject below this distinguished name (repeatable)
    #[arg(long, value_name = "DN")]
    pub(crate) excluded: Vec<String>,

    /// How many days the certificate is valid [default: the profile's]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,

    /// Write the certificate (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct CrossWhom {
    /// The CA's certificate (PEM or DER)
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,

    /// The CA's PKCS#10 request (PEM or DER)
    #[arg(long, value_name = "FILE")]
    pub(crate) csr: Option<PathBuf>,
}

/// `OURS=THEIRS`.
#[derive(Clone, Debug)]
pub(crate) struct Mapping(pub(crate) ObjectIdentifier, pub(crate) ObjectIdentifier);

impl core::str::FromStr for Mapping {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let wrong = || "expected two object identifiers, OURS=THEIRS".to_owned();
        let (ours, theirs) = s.split_once('=').ok_or_else(wrong)?;
        match (ours.parse(), theirs.parse()) {
            (Ok(ours), Ok(theirs)) => Ok(Self(ours, theirs)),
            _ => Err(wrong()),
        }
    }
}

/// Say whether an authority that has a successor issues beside it
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca ca issuing companies --beside-successor
  sceau-ca -C ca ca issuing companies --successor-only")]
pub(crate) struct Issuing {
    /// The older generation
    pub(crate) name: String,

    #[command(flatten)]
    pub(crate) decision: IssuingDecision,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct IssuingDecision {
    /// Both issue
    #[arg(long)]
    pub(crate) beside_successor: bool,

    /// The successor alone issues
    #[arg(long)]
    pub(crate) successor_only: bool,
}

/// Ask an offline root for a certificate: make a PKCS#10 request to carry there
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C online ca request companies --key online/keys/companies.pem --out companies.p10 \\
      --subject 'C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Example Companies CA'
  sceau-ca -C offline ca sign-request companies.p10 --issuer root --name companies \\
      --out companies.pem --chain-out chain.pem
  sceau-ca -C online ca import-certificate companies companies.pem --chain chain.pem

For an authority that is there already, the request is for its own name and key: a renewal.")]
pub(crate) struct RequestCertificate {
    /// The authority's name in commands and URLs
    pub(crate) name: String,

    /// The profile that is asked for
    #[arg(long, value_name = "PROFILE", default_value = "issuing-ca")]
    pub(crate) profile: String,

    /// Its distinguished name; an authority that is there keeps its own
    #[arg(long, value_name = "DN")]
    pub(crate) subject: Option<String>,

    /// Generate its key here
    #[arg(long, value_name = "KEY", conflicts_with = "existing_key")]
    pub(crate) key: Option<KeyLocation>,

    /// Use the key that is here; an authority that is there uses its own
    #[arg(long, value_name = "KEY")]
    pub(crate) existing_key: Option<KeyLocation>,

    /// What key to generate: p256, p384, rsa3072, rsa4096, rsa3072-pss, rsa4096-pss
    #[arg(long, value_name = "TYPE", default_value = "p384")]
    pub(crate) key_type: KeySpec,

    /// The generation before it
    #[arg(long, value_name = "NAME")]
    pub(crate) predecessor: Option<String>,

    /// Write the request (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}

/// Issue a CA certificate for a request that was carried here
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C offline ca sign-request companies.p10 --issuer root --name companies \\
      --subject 'C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Example Companies CA' \\
      --out companies.pem --chain-out chain.pem

A request for the name and key of an authority that is there already renews it.")]
pub(crate) struct SignRequest {
    /// The request (PEM or DER)
    pub(crate) request: PathBuf,

    /// The authority that signs
    #[arg(long, value_name = "NAME")]
    pub(crate) issuer: String,

    /// What the new authority is called here and in URLs: as where it asked
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,

    /// Its profile
    #[arg(long, value_name = "PROFILE", default_value = "issuing-ca")]
    pub(crate) profile: String,

    /// The distinguished name it must ask for [default: the request's is taken]
    #[arg(long, value_name = "DN")]
    pub(crate) subject: Option<String>,

    /// How many days the certificate is valid [default: the profile's]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,

    /// Write the certificate (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Write the issuer's and the root's certificates (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) chain_out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

/// Take in a CA certificate that an offline root issued
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C online ca import-certificate companies companies.pem --chain chain.pem

It must be for the request that was made here, and the chain must lead to a self-signed root. Issuers
that were not known become authorities without a key; their CRLs come in with ca import-crl.")]
pub(crate) struct ImportCertificate {
    /// The name the request was made for, or the authority to renew
    pub(crate) name: String,

    /// The certificate (PEM or DER)
    pub(crate) certificate: PathBuf,

    /// Its issuers' certificates, up to and including the root (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) chain: PathBuf,

    /// What its issuer is called here [default: as in the certificate's CRL address]
    #[arg(long, value_name = "NAME")]
    pub(crate) issuer_name: Option<String>,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

/// Take in a CRL of an authority whose key is elsewhere; responders serve it from then on
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C offline crl --ca root --days 180 --out root.crl
  sceau-ca -C online ca import-crl root.crl")]
pub(crate) struct ImportCrl {
    /// The CRL (DER or PEM)
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}

/// End an authority: no certificate any more, a last CRL, and an archive of its status
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca ca terminate companies --reason 'the register takes over' --confirm companies \\
      --certificates revoke --archive companies-archive \\
      --key-fate destroyed --statement 'Object deleted from token hsm before N. Notaire, minutes 7/2026'
  sceau-ca archive verify companies-archive

Interrupted, it goes on where it was when it is repeated. It cannot be undone (EN 319 411-1 clause
6.4.9). The key itself is destroyed by hand, with the token's own tools, after the last CRL.")]
pub(crate) struct Terminate {
    /// The authority
    pub(crate) name: String,

    /// Why, in words, for the journal and the archive
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,

    /// The authority's name again
    #[arg(long, value_name = "NAME")]
    pub(crate) confirm: String,

    /// What becomes of certificates that have not ended
    #[arg(long, value_enum)]
    pub(crate) certificates: CertificatesArg,

    /// Write the archive to this folder, which is created
    #[arg(long, value_name = "DIR")]
    pub(crate) archive: PathBuf,

    /// Write minutes in English and French to this folder, which is created
    #[arg(long, value_name = "DIR")]
    pub(crate) minutes: Option<PathBuf>,

    /// What becomes of the key
    #[arg(long, value_enum, requires = "statement")]
    pub(crate) key_fate: Option<KeyFate>,

    /// How, when and before whom
    #[arg(long, value_name = "TEXT", requires = "key_fate")]
    pub(crate) statement: Option<String>,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum CertificatesArg {
    /// They are revoked (cessationOfOperation)
    Revoke,
    /// They stay as they are until they end
    Leave,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum KeyFate {
    /// It was, or will be, destroyed
    Destroyed,
    /// It is kept, and signs nothing any more
    Retained,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
    /// Check the archive of an authority that ended, with nothing but its folder
    #[command(after_help = "\
Examples:
  sceau-ca archive verify companies-archive")]
    Verify {
        /// The archive's folder
        dir: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CeremonyCommand {
    /// Check a ceremony's script and name everything that is wrong with it
    #[command(after_help = "\
Examples:
  sceau-ca ceremony check ceremony.toml")]
    Check {
        /// The script (TOML)
        script: PathBuf,
    },
    Run(Box<RunCeremony>),
    /// Print what a participant signs to confirm a phase by a signature
    #[command(after_help = "\
Examples:
  sceau-ca ceremony confirmation ceremony.toml --before opening --participant nadia > nadia.txt
  openssl dgst -sha256 -sign nadia.key -out confirmations/opening-nadia.sig nadia.txt")]
    Confirmation {
        /// The script (TOML)
        script: PathBuf,
        /// opening, keys, certificates, crls or closing
        #[arg(long, value_name = "PHASE")]
        before: String,
        /// The participant's id
        #[arg(long, value_name = "ID")]
        participant: String,
    },
    /// Give up a ceremony that was interrupted, and write its minutes
    #[command(after_help = "\
Examples:
  sceau-ca -C ca ceremony abort ceremony.toml --reason 'the token failed' --out minutes")]
    Abort {
        /// The script (TOML)
        script: PathBuf,
        /// Why, for the minutes
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The folder of the minutes
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        actors: ActorArgs,
    },
}

/// Hold a key ceremony as its script says, and write its minutes
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca ceremony run ceremony.toml --answers answers.toml --out rehearsal
  sceau-ca -C ca ceremony run ceremony.toml --confirmations confirmations --out minutes
  sceau-ca -C ca ceremony run ceremony.toml --out minutes --language fr

Without --answers and --confirmations the participants confirm at the terminal. A ceremony with
prepared answers is a rehearsal, and its minutes say so. Interrupted, it goes on where it was when it
is run again with the same script.")]
pub(crate) struct RunCeremony {
    /// The script (TOML)
    pub(crate) script: PathBuf,

    /// The folder for the minutes and the files that the script names; it is created
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,

    /// Read the participants' confirmations from this file: a rehearsal
    #[arg(long, value_name = "FILE", conflicts_with = "confirmations")]
    pub(crate) answers: Option<PathBuf>,

    /// Read signed confirmations, PHASE-ID.sig with certificates ID.pem, from this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) confirmations: Option<PathBuf>,

    /// The language of the minutes: en or fr [default: both]
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) language: Option<ca_core::hierarchy::ceremony::Language>,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServicesCommand {
    /// Renew the certificates of OCSP signers and time-stamping units, as sceau-ca.toml says
    #[command(after_help = "\
Examples:
  sceau-ca -C ca services renew --due
  sceau-ca -C ca services renew --service ocsp-companies

Meant for a timer. Running sceau-ocsp and sceau-tsa take up what was renewed by themselves.")]
    Renew {
        #[command(flatten)]
        which: ServicesWhich,
        #[command(flatten)]
        pin: PinArgs,
        #[command(flatten)]
        acting: Box<Acting>,
    },
    /// Show the services and when their certificates are renewed
    #[command(after_help = "\
Examples:
  sceau-ca -C ca services list")]
    List,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct ServicesWhich {
    /// All that are due
    #[arg(long)]
    pub(crate) due: bool,

    /// This one, due or not
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
}
