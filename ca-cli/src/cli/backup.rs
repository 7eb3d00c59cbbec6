//! Backups, and records of earlier versions.

use std::path::PathBuf;

use clap::Args;

/// Write a backup of the record, while others may go on issuing
///
/// The file holds the record as of one moment, and is checked whole when it is restored. It does not
/// hold private keys, nor sceau-ca.toml: back up the keys with their token's own means, or copy keys/.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca backup --out /backup/ca-2026-11-22.sceau-backup")]
pub(crate) struct Backup {
    /// The file to write; it must not exist
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Put a backup where no record is, after checking all of it
///
/// Checked are the file's checksum, the journal's chain, and every table against the journal; only
/// then is the record put in place. DIR gets record.sqlite, and needs sceau-ca.toml and the keys from
/// elsewhere. A backup of a database can be restored into a folder, and the other way round.
///
/// What was recorded after the backup is lost: certificates issued since then are unknown, and numbers
/// of CRLs published since then come again. Compare with the last published CRL before issuing one.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca restore --from ca-2026-11-22.sceau-backup new-ca
  sceau-ca restore --from ca-2026-11-22.sceau-backup --database postgresql://sceau@db.sceau.example/sceau \\
      --database-password-file db-password --database-ca-certificates db-ca.pem")]
pub(crate) struct Restore {
    /// The backup
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,

    /// The folder for the record; it is created, or has no record
    #[arg(
        value_name = "DIR",
        required_unless_present = "database",
        conflicts_with = "database"
    )]
    pub(crate) folder: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
}

/// A PostgreSQL database instead of a file.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct DatabaseArgs {
    /// Keep the record in this empty PostgreSQL database, for several machines [default: a file in DIR]
    ///
    /// The URL has no password in it: that is read from --database-password-file, or from the
    /// environment variable SCEAU_DATABASE_PASSWORD or PGPASSWORD.
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,

    /// Read the database's password from this file, now and later
    #[arg(long, value_name = "FILE", requires = "database")]
    pub(crate) database_password_file: Option<PathBuf>,

    /// Verify the database server against the certificates (PEM) in this file, now and later
    #[arg(long, value_name = "FILE", requires = "database")]
    pub(crate) database_ca_certificates: Option<PathBuf>,
}
