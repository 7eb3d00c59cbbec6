//! NSS (`certutil`, `ocspclnt`, `crlutil`) as a judge of OCSP and CRLs: the library that Firefox and many enterprise products
//! decide with. It reads the responder's address out of the certificate itself.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use crate::environment::Need;
use crate::judges::openssl::CertificateStatus;
use crate::program::{Call, Outcome};

/// The programs that are called.
pub const NEEDS: [Need; 3] = [
    Need::Tool("certutil"),
    Need::Tool("ocspclnt"),
    Need::Tool("crlutil"),
];

/// A certificate database of NSS.
#[derive(Debug)]
pub struct Database(PathBuf);

impl Database {
    /// An empty database in the new folder `folder`, with `root` trusted for everything.
    ///
    /// # Errors
    /// When NSS does not make it.
    pub fn create(folder: PathBuf, root: &Path) -> Result<Self> {
        std::fs::create_dir(&folder)?;
        let database = Self(folder);
        database
            .call("certutil", &["-N", "--empty-password"])
            .succeed()?;
        database.add("root", "C,C,C", root)?;
        Ok(database)
    }

    /// Adds a certificate under a nickname; `trust` in NSS's words, `,,` for none.
    ///
    /// # Errors
    /// When NSS does not take it.
    pub fn add(&self, nickname: &str, trust: &str, certificate: &Path) -> Result<()> {
        self.call("certutil", &["-A", "-n", nickname, "-t", trust, "-i"])
            .arg(certificate)
            .succeed()
            .map(drop)
    }

    /// `ocspclnt -S`: asks the responder that the certificate names, and verifies the answer.
    ///
    /// # Errors
    /// When NSS does not verify the answer, with what it says.
    pub fn ocsp(&self, nickname: &str) -> Result<CertificateStatus> {
        let outcome = self.call("ocspclnt", &["-S", nickname]).run()?;
        let text = outcome.text();
        if text.contains(" succeeded.") {
            Ok(CertificateStatus::Good)
        } else if text.contains("has been revoked") {
            Ok(CertificateStatus::Revoked)
        } else if text.contains("does not know") || text.contains("no status for the certificate") {
            Ok(CertificateStatus::Unknown)
        } else {
            bail!("{outcome}")
        }
    }

    /// `crlutil`: takes the CRL in, which verifies its signature, and returns what it lists for the CA `nickname`.
    ///
    /// # Errors
    /// When NSS refuses the CRL.
    pub fn crl(&self, nickname: &str, crl: &Path) -> Result<Outcome> {
        // It says nothing and returns 0 for some refusals, so the list is what counts.
        self.call("crlutil", &["-I", "-i"]).arg(crl).succeed()?;
        let outcome = self.call("crlutil", &["-L", "-n", nickname]).succeed()?;
        ensure!(outcome.out().contains("This Update:"), "{outcome}");
        Ok(outcome)
    }

    fn call(&self, program: &str, arguments: &[&str]) -> Call {
        // A file's option comes last, and its file after it.
        Call::new(program)
            .arg("-d")
            .arg(format!("sql:{}", self.0.display()))
            .args(arguments)
    }
}
