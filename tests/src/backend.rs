//! The two places where keys live in the tests: an encrypted key file, and a PKCS#11 token (SoftHSM 2).
//!
//! Every end-to-end run is done on both, with the same commands; only the `KEY` differs.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result};

use crate::environment::softhsm_module;
use crate::program::Call;

/// PIN of the test token and passphrase of the test key files. They protect nothing: every key is made for one run.
pub const PIN: &str = "4711-demo";

/// Label of the test token.
pub const TOKEN: &str = "sceau-demo";

/// Where private keys live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Encrypted PKCS#8 files below `keys/`.
    KeyFile,
    /// One SoftHSM 2 token below `token/`.
    SoftHsm,
}

impl Backend {
    /// Makes the place in `dir`: the folder `keys`, or a token with its configuration file.
    ///
    /// # Errors
    /// When the folder or the token cannot be made.
    pub fn prepare(self, dir: &Path) -> Result<()> {
        match self {
            Self::KeyFile => std::fs::create_dir_all(dir.join("keys"))
                .context("cannot make the folder for key files"),
            Self::SoftHsm => {
                let tokens = dir.join("token");
                std::fs::create_dir_all(&tokens)?;
                let configuration = format!(
                    "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
                    tokens.display()
                );
                std::fs::write(dir.join("softhsm2.conf"), configuration)?;
                self.initialise(dir).succeed().map(drop)
            }
        }
    }

    /// The call that initialises the token (only meaningful for [`Backend::SoftHsm`]).
    pub fn initialise(self, dir: &Path) -> Call {
        Call::new("softhsm2-util")
            .args([
                "--init-token",
                "--free",
                "--label",
                TOKEN,
                "--pin",
                PIN,
                "--so-pin",
                PIN,
            ])
            .env("SOFTHSM2_CONF", dir.join("softhsm2.conf"))
    }

    /// The `KEY` argument for the key called `name`, relative to the folder given to [`Backend::prepare`].
    pub fn key(self, name: &str) -> String {
        match self {
            Self::KeyFile => format!("keys/{name}.pem"),
            Self::SoftHsm => format!("pkcs11:token={TOKEN};object={name}"),
        }
    }

    /// The variables every program needs to find and open the keys.
    pub fn environment(self, dir: &Path) -> Vec<(OsString, OsString)> {
        let mut variables: Vec<(OsString, OsString)> = vec![("SCEAU_PIN".into(), PIN.into())];
        if self == Self::SoftHsm {
            variables.push(("SOFTHSM2_CONF".into(), dir.join("softhsm2.conf").into()));
            if let Some(module) = softhsm_module() {
                variables.push(("SCEAU_PKCS11_MODULE".into(), module.into()));
            }
        }
        variables
    }
}
