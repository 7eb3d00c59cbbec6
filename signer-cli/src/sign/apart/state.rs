//! What is kept between `--prepare` and `--complete`: a JSON file that anybody may read.

use std::path::{Path, PathBuf};

use ades::cades::PreparedFile;
use ades::cms::prepare::KeptIdentity;
use ades::pades::PreparedPdf;
use cli_support::{AtomicFile, Exit, Failure, ResultExt, input};
use serde::{Deserialize, Serialize};

/// Thousands of documents, or some with large seals.
const MAX_STATE: u64 = 256 << 20;
const SCHEMA: &str = "sceau.prepared/1";

/// The file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct State {
    pub(super) schema: String,
    pub(super) level: PreparedLevel,
    pub(super) signer: KeptIdentity,
    pub(super) documents: Vec<Document>,
}

/// Whether room was left for a time-stamp.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum PreparedLevel {
    #[serde(rename = "B-B")]
    BB,
    #[serde(rename = "B-T")]
    BT,
}

/// One document.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Document {
    #[serde(with = "cli_support::path::kept")]
    pub(super) file: PathBuf,
    /// RFC 3339
    pub(super) signing_time: String,
    #[serde(flatten)]
    pub(super) prepared: Prepared,
}

/// By format and packaging.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Prepared {
    Pades(PreparedPdf),
    CadesDetached(PreparedFile),
    CadesAttached(PreparedFile),
}

impl State {
    pub(super) fn new(level: PreparedLevel, signer: KeptIdentity) -> Self {
        Self {
            schema: SCHEMA.into(),
            level,
            signer,
            documents: Vec::new(),
        }
    }

    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = input::read(path, "the state of the signature", MAX_STATE)?;
        let broken = || format!("{} is not what --prepare wrote", path.display());
        let state: Self = serde_json::from_slice(&bytes)
            .context(broken())
            .exit(Exit::Data)
            .hint("give the file that --prepare wrote, unchanged")?;
        if state.schema != SCHEMA {
            return Err(Failure::message(Exit::Data, broken())
                .with_hint(format!("its schema is {:?}, not {SCHEMA:?}", state.schema)));
        }
        Ok(state)
    }

    pub(super) fn write(&self, mut file: AtomicFile) -> Result<(), Failure> {
        let failed = format!("cannot write {}", file.path().display());
        serde_json::to_writer(std::io::BufWriter::new(&mut file), self)
            .context(failed)
            .exit(Exit::Io)?;
        file.commit()?;
        Ok(())
    }
}
