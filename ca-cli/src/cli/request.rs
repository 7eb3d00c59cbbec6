//! Requests, and the renewal of certificates.

use std::path::PathBuf;

use ca_core::Legislation;
use clap::{Args, Subcommand};
use cli_support::PinArgs;
use pki_asn1::UnixTime;

use super::{Acting, Which};
use crate::registration::{EvidenceArg, PersonArg};

#[derive(Debug, Subcommand)]
pub(crate) enum RequestCommand {
    New(Box<NewRequest>),
    /// List requests
    #[command(after_help = "\
Examples:
  sceau-ca -C ca request list
  sceau-ca -C ca request list --status pending --json")]
    List {
        /// Only those: pending, approved, rejected, withdrawn, lapsed, issued
        #[arg(long, value_name = "STATUS", value_parser = ["pending", "approved", "rejected", "withdrawn", "lapsed", "issued"])]
        status: Option<String>,
    },
    /// Show a request: who is what, what was seen, who decided
    #[command(after_help = "\
Examples:
  sceau-ca -C ca request show 17")]
    Show {
        /// Its number
        number: u64,
    },
    /// Approve a request that somebody else registered
    #[command(after_help = "\
Examples:
  sceau-ca -C ca request approve 17 --operator cleo --operator-key cleo.key
  sceau-ca -C ca request approve 17 --operator cleo --prepare approve-17.json
  openssl dgst -sha256 -sign cleo.key -out approve-17.sig approve-17.json
  sceau-ca -C ca request approve 17 --decision approve-17.json --signature approve-17.sig")]
    Approve(DecideRequest),
    /// Reject a request
    #[command(after_help = "\
Examples:
  sceau-ca -C ca request reject 17 --reason 'extract too old' --operator cleo --operator-key cleo.key")]
    Reject(DecideRequest),
    /// Take a request back
    #[command(after_help = "\
Examples:
  sceau-ca -C ca request withdraw 17 --operator bert --operator-key bert.key")]
    Withdraw(DecideRequest),
    Issue(Box<IssueRequestArgs>),
}

/// Register a request for a certificate
///
/// It binds the exact subject, key and profile: whoever wants another one registers another request.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca request new --ca companies --profile company-seal --csr acme.csr \\
      --subject 'C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM' \\
      --person 'applicant:Jane Doe' --person 'seal-responsible:Jane Doe' \\
      --person 'legal-representative:Max Muster' \\
      --evidence 'register-extract:RCI 2026-11=extract.pdf' --evidence 'face-to-face:minutes 311' \\
      --operator bert --operator-key bert.key

People: applicant, holder (of a signature certificate), seal-responsible, certification-agent,
legal-representative; ROLE:NAME, then :IDENTIFIER and :CONTACT if wanted.
Evidence: identity-document, face-to-face, remote-identification, register-extract, mandate,
agreement, device-attestation, other; KIND:REFERENCE, then =FILE, of which only the SHA-256 is kept.")]
pub(crate) struct NewRequest {
    /// The authority that shall issue
    #[arg(long, value_name = "NAME")]
    pub(crate) ca: String,

    /// The certificate profile (see: sceau-ca profile list)
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: String,

    /// The subject's distinguished name, most general attribute first
    #[arg(long, value_name = "DN")]
    pub(crate) subject: String,

    /// The applicant's PKCS#10 request (PEM or DER): its key is certified
    #[arg(long, value_name = "FILE")]
    pub(crate) csr: PathBuf,

    /// Somebody's part in it (repeatable)
    #[arg(long = "person", value_name = "ROLE:NAME")]
    pub(crate) people: Vec<PersonArg>,

    #[command(flatten)]
    pub(crate) evidence: EvidenceArgs,

    /// Declare that the key is in a qualified signature or seal creation device
    #[arg(long)]
    pub(crate) qscd: bool,

    /// How many days the certificate is valid [default: the profile's]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,

    /// The law under which it is qualified: EU, a country, or none [default: the configuration's]
    #[arg(long, value_name = "LAW")]
    pub(crate) legislation: Option<Legislation>,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

#[derive(Args, Debug)]
pub(crate) struct EvidenceArgs {
    /// What was seen (repeatable)
    #[arg(long = "evidence", value_name = "KIND:REFERENCE[=FILE]")]
    pub(crate) evidence: Vec<EvidenceArg>,

    /// Who saw the evidence [default: the operator who decides, or this system's user]
    #[arg(long, value_name = "NAME")]
    pub(crate) seen_by: Option<String>,

    /// When [default: now]
    #[arg(long, value_name = "RFC3339")]
    pub(crate) seen_at: Option<UnixTime>,
}

#[derive(Args, Debug)]
pub(crate) struct DecideRequest {
    /// Its number
    pub(crate) number: u64,

    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

/// Issue the certificate of an approved request
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca request issue 17 --out acme.pem --chain-out acme-chain.pem \\
      --revocation-code-out acme-code.txt --operator bert --operator-key bert.key")]
pub(crate) struct IssueRequestArgs {
    /// Its number
    pub(crate) number: u64,

    /// Write the certificate (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Write the issuing authority's and the root's certificates (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) chain_out: Option<PathBuf>,

    /// Make a revocation code, and write it to this file for the subscriber; it is kept nowhere else
    #[arg(long, value_name = "FILE")]
    pub(crate) revocation_code_out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

/// Register the request for a certificate's successor
///
/// Subject, people and law are those of the earlier request, and so is its evidence as far as it is
/// not too old. The key is a new one, unless the profile allows the old.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca renew --cert acme.pem --csr acme-2029.csr --operator bert --operator-key bert.key
  sceau-ca -C ca renew --serial 4F2A... --same-key --evidence 'face-to-face:minutes 512'
  sceau-ca -C ca request issue 18 --out acme-2029.pem")]
pub(crate) struct Renew {
    #[command(flatten)]
    pub(crate) which: Which,

    /// The request with the new key
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "same_key",
        conflicts_with = "same_key"
    )]
    pub(crate) csr: Option<PathBuf>,

    /// Certify the same key again, where the profile allows it
    #[arg(long)]
    pub(crate) same_key: bool,

    /// Somebody's part in it, where the earlier certificate had no request (repeatable)
    #[arg(long = "person", value_name = "ROLE:NAME")]
    pub(crate) people: Vec<PersonArg>,

    #[command(flatten)]
    pub(crate) evidence: EvidenceArgs,

    /// Declare that the new key is in a qualified signature or seal creation device
    #[arg(long, requires = "csr")]
    pub(crate) qscd: bool,

    /// How many days the certificate is valid [default: the earlier request's, or the profile's]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

/// List the certificates that end soon and are not revoked
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca expiring --within 60
  sceau-ca -C ca expiring --within 90 --organisation NTRMC-00S03813 --json")]
pub(crate) struct Expiring {
    /// How many days from now
    #[arg(long, value_name = "DAYS")]
    pub(crate) within: u32,

    /// Only those of this authority
    #[arg(long, value_name = "NAME")]
    pub(crate) ca: Option<String>,

    /// Only those of this organisation
    #[arg(long, value_name = "IDENTIFIER")]
    pub(crate) organisation: Option<String>,
}
