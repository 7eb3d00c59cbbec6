//! PDFBox with BouncyCastle in one resident Java process (`judges/PdfBox.java`): opens the file, and checks the bytes, the CMS and
//! the time-stamps of every signature.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::environment::{pdfbox_jars, project};

/// A running process; one file after the other.
#[derive(Debug)]
pub struct PdfBox {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What PDFBox and BouncyCastle find in a file.
#[derive(Debug, Clone, Deserialize)]
pub struct Document {
    /// How many pages.
    pub pages: u32,
    /// The signed fields in the form's order.
    pub signatures: Vec<Signature>,
    /// Certificates in the document security store.
    pub certificates: usize,
    /// OCSP responses in the document security store.
    pub ocsp: usize,
    /// CRLs in the document security store.
    pub crls: usize,
}

/// One signature or document time-stamp.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signature {
    /// Full name of the field.
    pub field: String,
    /// `/SubFilter`
    pub sub_filter: String,
    /// The byte range runs to the end of the file.
    pub whole_file: bool,
    /// Whether there is a signature-time-stamp.
    pub time_stamped: bool,
    /// Everything that is wrong with it: digest, signature value, signing-certificate attribute, time-stamp.
    pub wrong: Vec<String>,
}

impl PdfBox {
    /// Starts Java.
    ///
    /// # Errors
    /// When Java or a library is missing.
    pub fn start() -> Result<Self> {
        let jars = pdfbox_jars().context("PDFBox and BouncyCastle are not installed")?;
        let path: Vec<_> = jars.iter().map(|jar| jar.display().to_string()).collect();
        let mut process = Command::new("java")
            // Small and quick to start: it judges small files for seconds.
            .args(["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"])
            .args(["-Djava.awt.headless=true", "-cp", &path.join(":")])
            .arg(project().join("tests/judges/PdfBox.java"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start java")?;
        let requests = process.stdin.take().context("no input")?;
        let answers = BufReader::new(process.stdout.take().context("no output")?);
        Ok(Self {
            process,
            requests,
            answers,
        })
    }

    /// Judges one file; the empty password where it is not encrypted.
    ///
    /// # Errors
    /// When PDFBox cannot read the file; the message is its own.
    pub fn judge(&mut self, file: &Path, password: &str) -> Result<Document> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Answer {
            Document(Document),
            Error { error: String },
        }
        let name = file.display().to_string();
        ensure!(
            !name.contains(['\t', '\n']) && !password.contains(['\t', '\n']),
            "a tab or a line end in {name:?} or its password"
        );
        writeln!(self.requests, "{name}\t{password}").context("java has ended")?;
        self.requests.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("java ended without an answer about {name}");
        }
        match serde_json::from_str(&line).with_context(|| line.clone())? {
            Answer::Document(document) => Ok(document),
            Answer::Error { error } => bail!("PDFBox: {error}"),
        }
    }
}

impl Drop for PdfBox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
