//! The journal.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use cli_support::PinArgs;
use hsm_pkcs11::{KeyLocation, KeySpec};

use super::ActorArgs;
use crate::serial::Serial;

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    Verify(AuditVerify),
    Export(AuditExport),
    /// Name and show the key that signs checkpoints
    #[command(subcommand)]
    Key(JournalKeyCommand),
    Checkpoint(MakeCheckpoint),
    Checkpoints(ShowCheckpoints),
    Prove(Box<Prove>),
    CheckProof(CheckProof),
}

/// Check the journal from the first record to the last, its checkpoints and their time-stamps
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca audit verify
  sceau-ca audit verify --export journal.jsonl --journal-key journal-key.pem \\
      --checkpoint kept-in-the-safe.txt --trust tsa-root.pem
  sceau-ca audit verify --export 2026-01.jsonl --export 2026-02.jsonl --journal-key journal-key.pem

Without --export, the record is checked: the journal, and that the tables say what it says. With
--export, an export is checked and no record is needed. Without --journal-key, the key that the
journal itself names is believed; with it, only that key and those it signed for.")]
pub(crate) struct AuditVerify {
    /// Check this export instead of the record (repeatable, in order)
    #[arg(long, value_name = "FILE")]
    pub(crate) export: Vec<PathBuf>,

    /// A checkpoint that was kept elsewhere (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Vec<PathBuf>,

    /// Believe this journal key (PEM, PUBLIC KEY; repeatable) and no other
    #[arg(long, value_name = "FILE")]
    pub(crate) journal_key: Vec<PathBuf>,

    /// Time-stamps must be of an authority below this certificate (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Vec<PathBuf>,
}

/// Write the journal to a file, one JSON object a line
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca audit export --out journal.jsonl
  sceau-ca -C ca audit export --from 1001 --to 2000 --out part.jsonl
  sceau-ca -C ca audit export --after journal.jsonl --out next.jsonl

--after writes what came since another export; audit verify --export takes both. The file is whole or
absent.")]
pub(crate) struct AuditExport {
    /// The file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// The first record
    #[arg(long, value_name = "N", conflicts_with = "after")]
    pub(crate) from: Option<u64>,

    /// The last record [default: the last there is]
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<u64>,

    /// Continue after this export
    #[arg(long, value_name = "FILE")]
    pub(crate) after: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JournalKeyCommand {
    Set(Box<SetJournalKey>),
    /// Show the journal's keys, and write the public half of the present one to a file
    #[command(after_help = "\
Examples:
  sceau-ca -C ca audit key show --out journal-key.pem")]
    Show {
        /// Write the public key (PEM) of the key that signs the next checkpoint to this file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Name the key that signs checkpoints
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca audit key set --key ca/keys/journal.pem --generate p256
  sceau-ca -C ca audit key set --key 'pkcs11:token=journal;object=2027'

A further key takes over once the one before it has signed a checkpoint that covers its record: the
next audit checkpoint does that. Publish the first key's SHA-256 where an auditor finds it without you.")]
pub(crate) struct SetJournalKey {
    /// The key
    #[arg(long, value_name = "KEY")]
    pub(crate) key: KeyLocation,

    /// Generate it: p256, p384, ed25519, rsa3072, rsa4096
    #[arg(long, value_name = "TYPE")]
    pub(crate) generate: Option<KeySpec>,

    /// The key before it cannot sign any more: auditors have to be told this one
    #[arg(long)]
    pub(crate) predecessor_lost: bool,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}

/// Sign the journal as it stands, and have it time-stamped
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca audit checkpoint --tsa http://tsa.example --out checkpoint.txt
  sceau-ca -C ca audit checkpoint --due

From a timer, --due makes one only where [audit] in sceau-ca.toml says so. Where no time-stamping
authority answers, the checkpoint is kept and the command ends with code 75; run again, it asks for
what is missing.")]
pub(crate) struct MakeCheckpoint {
    /// Ask this time-stamping authority (repeatable: the next one is the fallback) [default: see
    /// sceau-ca.toml]
    #[arg(long, value_name = "URL")]
    pub(crate) tsa: Vec<String>,

    /// Ask for no time-stamp
    #[arg(long, conflicts_with = "tsa")]
    pub(crate) no_tsa: bool,

    /// Make one only if one is due
    #[arg(long)]
    pub(crate) due: bool,

    /// Write the latest checkpoint to this file, replacing an older one
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Write its time-stamp token (DER) to this file, replacing an older one
    #[arg(long, value_name = "FILE")]
    pub(crate) token_out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}

/// List the checkpoints, or write one to a file
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca audit checkpoints
  sceau-ca -C ca audit checkpoints --size 1234 --out checkpoint.txt --token-out checkpoint.tst")]
pub(crate) struct ShowCheckpoints {
    /// The one over this many records
    #[arg(long, value_name = "N")]
    pub(crate) size: Option<u64>,

    /// Write it to this file
    #[arg(long, value_name = "FILE", requires = "size")]
    pub(crate) out: Option<PathBuf>,

    /// Write its latest time-stamp token (DER) to this file
    #[arg(long, value_name = "FILE", requires = "size")]
    pub(crate) token_out: Option<PathBuf>,
}

/// Prove that records are in the journal, or that it only ever grew
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca audit prove --record 17 --out proof.json
  sceau-ca -C ca audit prove --certificate acme.pem --out proof.json
  sceau-ca -C ca audit prove --from 1000 --to 2000 --out grown.json

The proof holds the checkpoint; whoever has the journal key checks it with audit check-proof.")]
pub(crate) struct Prove {
    #[command(flatten)]
    pub(crate) what: ProveWhat,

    /// For the checkpoint over this many records [default: the last]
    #[arg(long, value_name = "N", conflicts_with = "from")]
    pub(crate) size: Option<u64>,

    /// To the checkpoint over this many records [default: the last]
    #[arg(long, value_name = "SIZE", requires = "from")]
    pub(crate) to: Option<u64>,

    /// The file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct ProveWhat {
    /// This record (repeatable)
    #[arg(long, value_name = "N")]
    pub(crate) record: Vec<u64>,

    /// All records about this certificate
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,

    /// All records about certificates with this serial number
    #[arg(long, value_name = "HEX")]
    pub(crate) serial: Option<Serial>,

    /// That the journal of the checkpoint over this many records is the beginning of a later one
    #[arg(long, value_name = "SIZE")]
    pub(crate) from: Option<u64>,
}

/// Check a proof: no record is needed
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca audit check-proof proof.json --journal-key journal-key.pem
  sceau-ca audit check-proof proof.json --journal-key journal-key.pem --checkpoint kept.txt")]
pub(crate) struct CheckProof {
    /// The proof
    #[arg(value_name = "FILE")]
    pub(crate) proof: PathBuf,

    /// Believe this journal key (PEM, PUBLIC KEY; repeatable)
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) journal_key: Vec<PathBuf>,

    /// The proof must be for this checkpoint
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,
}
