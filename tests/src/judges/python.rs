//! pyHanko, pkilint and asn1crypto in one resident Python process (`judges/worker.py`).

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::environment::{project, python};

/// A running worker. Requests on one worker wait for each other; [`Worker::start`] another one for each thread that judges a lot.
#[derive(Debug)]
pub struct Worker {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    last: u64,
}

/// pyHanko's view of one signature in a PDF.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PdfSignature {
    /// Name of the signature field.
    pub field: String,
    /// Whether it is a document time-stamp.
    pub timestamp: bool,
    /// The digest over the signed byte range is the one that was signed.
    pub intact: bool,
    /// The signature value verifies under the signer's key.
    pub valid: bool,
    /// The signer chains to a trust anchor that was given.
    pub trusted: bool,
    /// `ENTIRE_FILE`, `ENTIRE_REVISION`, `CONTIGUOUS_BLOCK_FROM_START` or `UNCLEAR`.
    pub coverage: Option<String>,
    /// `NONE`, `LTA_UPDATES`, `FORM_FILLING`, `ANNOTATIONS` or `OTHER`.
    pub modification: Option<String>,
    /// Whether later changes are permitted by the document's DocMDP and FieldMDP.
    pub doc_mdp_ok: Option<bool>,
    /// pyHanko's verdict on everything together.
    pub bottom_line: bool,
    /// Whether the signature carries a time-stamp.
    pub time_stamped: bool,
    /// `/SubFilter` of the signature dictionary.
    pub sub_filter: String,
    /// One line for people.
    pub summary: String,
}

/// pyHanko's view of one signature by the process for signatures with archive data (EN 319 102-1 clause 5.6.3).
#[derive(Debug, Clone, Deserialize)]
pub struct LtaSignature {
    /// Name of the signature field.
    pub field: String,
    /// The sub-indication, `OK` where passed.
    pub indication: String,
    /// Whether it is TOTAL-PASSED.
    pub passed: bool,
    /// Why not, in words.
    pub why: String,
    /// Whether an archive time-stamp counts.
    pub archived: bool,
    /// The most far-reaching change after it.
    pub modification: Option<String>,
}

/// What pyHanko is to sign.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PyHankoSigning<'a> {
    /// The document.
    pub path: &'a Path,
    /// The signed document.
    pub out: &'a Path,
    /// The new field.
    pub field: &'a str,
    /// `/ETSI.CAdES.detached` or `/adbe.pkcs7.detached`.
    pub sub_filter: &'a str,
    /// Key file.
    pub key: &'a Path,
    /// Its passphrase, which protects nothing: the key is made for one run.
    pub passphrase: &'a str,
    /// The certificate.
    pub certificate: &'a Path,
    /// Certificates above it.
    pub chain: &'a [PathBuf],
    /// Address of a time-stamping authority.
    pub tsa: Option<&'a str>,
}

/// One finding of pkilint, ERROR or WARNING.
#[derive(Debug, Clone, Deserialize)]
pub struct Finding {
    /// `FATAL`, `ERROR` or `WARNING`.
    pub severity: String,
    /// pkilint's code.
    pub code: String,
    /// More about it, possibly empty.
    pub message: String,
    /// Path of the ASN.1 node.
    #[serde(rename = "where")]
    pub node: String,
}

/// What pyHanko and rfc3161-client say of a time-stamp that rfc3161-client verified.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeStamp {
    /// genTime as rfc3161-client reads it, in ISO 8601.
    pub gen_time: String,
    /// The serial number in decimal.
    pub serial: String,
    /// pyHanko: the imprint is that of the data.
    pub intact: bool,
    /// pyHanko: the signature verifies.
    pub valid: bool,
    /// pyHanko: the unit chains to an anchor, for time-stamping.
    pub trusted: bool,
}

/// A time-stamp to be verified.
#[derive(Debug, Clone, Copy)]
pub struct TimeStamped<'a> {
    /// The data.
    pub data: &'a Path,
    /// The query (DER).
    pub query: &'a Path,
    /// The response (DER).
    pub response: &'a Path,
    /// The policy expected.
    pub policy: &'a str,
    /// The trust anchor.
    pub trust: &'a Path,
    /// Certificates between it and the unit.
    pub others: &'a [&'a Path],
}

/// What asn1crypto reads in an OCSP response.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OcspResponse {
    /// OCSPResponseStatus.
    pub status: String,
    /// The single responses; empty unless `successful`.
    #[serde(default)]
    pub answers: Vec<OcspAnswer>,
    /// responseExtensions by name, contents as hexadecimal.
    #[serde(default)]
    pub extensions: std::collections::BTreeMap<String, String>,
    /// Certificates in the response.
    #[serde(default)]
    pub certificates: usize,
}

/// One SingleResponse.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OcspAnswer {
    /// Digest algorithm of the CertID.
    pub hash: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// `good`, `revoked` or `unknown`.
    pub status: String,
    /// CRLReason in asn1crypto's words.
    pub reason: Option<String>,
    /// Whether nextUpdate is there.
    pub has_next_update: bool,
}

/// What asn1crypto reads in a CMS signature.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cms {
    /// Whether the signed content is inside.
    pub attached: bool,
    /// Digest algorithm of the first SignerInfo.
    pub digest: String,
    /// Types of the signed attributes.
    pub signed_attributes: Vec<String>,
    /// Types of the unsigned attributes.
    pub unsigned_attributes: Vec<String>,
    /// Certificates inside.
    pub certificates: usize,
}

/// An export of the CA's journal, recomputed.
#[derive(Debug, Clone, Deserialize)]
pub struct Journal {
    /// How many records.
    pub records: u64,
    /// The chain's last hash.
    pub head: String,
    /// The root of the Merkle tree.
    pub root: String,
    /// The checkpoints in it.
    pub checkpoints: Vec<JournalCheckpoint>,
}

/// A checkpoint taken apart.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalCheckpoint {
    /// How many records.
    pub size: u64,
    /// Whether its root is the one of that many records.
    pub right: bool,
    /// Whether its signature bears the origin's name.
    pub named: bool,
    /// What is signed.
    pub text: String,
    /// Hexadecimal.
    pub key_id: String,
    /// Hexadecimal.
    pub signature: String,
    /// All of it.
    pub note: String,
}

/// What a replay of answers against the record found.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replay {
    /// The first twenty answers that are wrong, and how.
    pub wrong: Vec<String>,
    /// How many are.
    pub wrong_total: usize,
    /// OCSP answers looked at.
    pub answers: usize,
    /// Different ones among them.
    pub distinct: usize,
    /// How often each status was told.
    pub statuses: std::collections::BTreeMap<String, usize>,
    /// Different CRLs.
    pub crls: usize,
    /// Changes of status in the record.
    pub changes: usize,
}

/// A signature that was computed again.
#[derive(Debug, Clone, Deserialize)]
pub struct Computed {
    /// The digest of the content, `sha3_256`.
    pub digest: String,
    /// The signature algorithm and its digest, `ecdsa sha256`, `pss sha512`, `Ed25519`.
    pub algorithm: String,
}

impl Worker {
    /// Starts a worker of its own.
    ///
    /// # Errors
    /// When there is no Python environment or it does not start.
    pub fn start() -> Result<Self> {
        let python = python().context("no Python environment with the judges: run `cargo xtask test` once, or set SCEAU_PYTHON")?;
        let mut process = Command::new(&python)
            .arg("-B")
            .arg(project().join("tests/judges/worker.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", python.display()))?;
        let requests = process.stdin.take().context("no input")?;
        let answers = BufReader::new(process.stdout.take().context("no output")?);
        Ok(Self {
            process,
            requests,
            answers,
            last: 0,
        })
    }

    /// pyHanko's verdict on every signature of `file`, with revision analysis.
    ///
    /// # Errors
    /// When pyHanko cannot read the file; the message is pyHanko's.
    pub fn pdf(
        &mut self,
        file: &Path,
        trust: &[PathBuf],
        reading: Reading,
    ) -> Result<Vec<PdfSignature>> {
        #[derive(Deserialize)]
        struct Answer {
            signatures: Vec<PdfSignature>,
        }
        let strict = reading == Reading::Strict;
        let compare = reading != Reading::WithoutComparison;
        Ok(self
            .ask::<Answer>(json!({
                "do": "pdf", "path": file, "trust": trust, "strict": strict, "compare": compare,
            }))?
            .signatures)
    }

    /// The same for an encrypted file, read strictly.
    ///
    /// # Errors
    /// When pyHanko cannot read the file; the message is pyHanko's.
    pub fn pdf_with(
        &mut self,
        file: &Path,
        trust: &[PathBuf],
        password: &str,
    ) -> Result<Vec<PdfSignature>> {
        #[derive(Deserialize)]
        struct Answer {
            signatures: Vec<PdfSignature>,
        }
        Ok(self
            .ask::<Answer>(
                json!({ "do": "pdf", "path": file, "trust": trust, "password": password }),
            )?
            .signatures)
    }

    /// pyHanko's verdict on every signature of `file` by what the document itself brings, revocation data required; `at` is an
    /// ISO 8601 time with offset.
    ///
    /// # Errors
    /// When pyHanko cannot read the file; the message is pyHanko's.
    pub fn pdf_lta(
        &mut self,
        file: &Path,
        trust: &[PathBuf],
        password: &str,
        at: Option<&str>,
    ) -> Result<Vec<LtaSignature>> {
        #[derive(Deserialize)]
        struct Answer {
            signatures: Vec<LtaSignature>,
        }
        let request = json!({
            "do": "pdf_lta", "path": file, "trust": trust, "password": password, "at": at,
        });
        Ok(self.ask::<Answer>(request)?.signatures)
    }

    /// Signs with pyHanko.
    ///
    /// # Errors
    /// When pyHanko does not sign.
    pub fn pyhanko_sign(&mut self, signing: &PyHankoSigning<'_>) -> Result<()> {
        let mut request = serde_json::to_value(signing)?;
        request["do"] = "pyhanko_sign".into();
        self.ask::<Value>(request).map(drop)
    }

    /// pkilint on one certificate; `kind` is one of its ETSI types, or `PKIX`.
    ///
    /// # Errors
    /// When pkilint cannot read the certificate.
    pub fn lint_certificate(&mut self, file: &Path, kind: &str) -> Result<Vec<Finding>> {
        self.findings(json!({ "do": "lint_certificate", "path": file, "type": kind }))
    }

    /// pkilint on an issuer and what it signed.
    ///
    /// # Errors
    /// When pkilint cannot read one of them.
    pub fn lint_chain(&mut self, issuer: &Path, subject: &Path) -> Result<Vec<Finding>> {
        self.findings(json!({ "do": "lint_chain", "issuer": issuer, "subject": subject }))
    }

    /// pkilint on a CRL.
    ///
    /// # Errors
    /// When pkilint cannot read it.
    pub fn lint_crl(&mut self, file: &Path) -> Result<Vec<Finding>> {
        self.findings(json!({ "do": "lint_crl", "path": file }))
    }

    /// pkilint on an OCSP response.
    ///
    /// # Errors
    /// When pkilint cannot read it.
    pub fn lint_ocsp(&mut self, file: &Path) -> Result<Vec<Finding>> {
        self.findings(json!({ "do": "lint_ocsp", "path": file }))
    }

    /// An OCSP response read strictly by asn1crypto.
    ///
    /// # Errors
    /// When it is not strict DER.
    pub fn ocsp_response(&mut self, file: &Path) -> Result<OcspResponse> {
        self.ask(json!({ "do": "ocsp_response", "path": file }))
    }

    /// A CMS signature read strictly by asn1crypto.
    ///
    /// # Errors
    /// When it is not strict DER.
    pub fn cms(&mut self, file: &Path) -> Result<Cms> {
        self.ask(json!({ "do": "cms", "path": file }))
    }

    /// The only signature of a PDF, or of the CMS over `content`, computed with `cryptography`.
    ///
    /// # Errors
    /// When it does not verify, or a changed one does.
    pub fn signature(&mut self, file: &Path, content: &Path) -> Result<Computed> {
        self.ask(json!({ "do": "signature", "path": file, "content": content }))
    }

    /// A root of its own at `root`, and certificates for the public keys (DER), each in PEM beside its key.
    ///
    /// # Errors
    /// When it cannot read a key.
    pub fn certify(&mut self, root: &Path, keys: &[PathBuf]) -> Result<()> {
        self.ask::<Value>(json!({ "do": "certify", "root": root, "keys": keys }))
            .map(drop)
    }

    /// Has rfc3161-client write a query over `data` to `query`; `hash` is `SHA256` or `SHA512`.
    ///
    /// # Errors
    /// When it cannot.
    pub fn time_stamp_query(&mut self, data: &Path, hash: &str, query: &Path) -> Result<()> {
        let asked = json!({ "do": "time_stamp_query", "data": data, "hash": hash, "path": query });
        self.ask::<Value>(asked).map(drop)
    }

    /// rfc3161-client and pyHanko on one time-stamp.
    ///
    /// # Errors
    /// When rfc3161-client refuses it, or one of them cannot read it.
    pub fn time_stamp(&mut self, stamped: TimeStamped<'_>) -> Result<TimeStamp> {
        self.ask(json!({
            "do": "time_stamp", "path": stamped.response, "query": stamped.query, "data": stamped.data,
            "policy": stamped.policy, "trust": [stamped.trust], "others": stamped.others,
        }))
    }

    /// The hashes of an export of the CA's journal, computed anew.
    ///
    /// # Errors
    /// When one of them is another than the export says.
    pub fn journal(&mut self, file: &Path) -> Result<Journal> {
        self.ask(json!({ "do": "journal", "path": file }))
    }

    /// Holds every observed OCSP answer and CRL against the record (`judges/replay.py`).
    ///
    /// # Errors
    /// When record and commands contradict each other, or an answer cannot be read or verified.
    pub fn replay(
        &mut self,
        record: &Path,
        authority: &str,
        issuer: &Path,
        observations: &Path,
    ) -> Result<Replay> {
        self.ask(json!({
            "do": "replay", "record": record, "authority": authority, "issuer": issuer, "observations": observations,
        }))
    }

    fn findings(&mut self, request: Value) -> Result<Vec<Finding>> {
        #[derive(Deserialize)]
        struct Answer {
            findings: Vec<Finding>,
        }
        Ok(self.ask::<Answer>(request)?.findings)
    }

    fn ask<T: DeserializeOwned>(&mut self, mut request: Value) -> Result<T> {
        self.last += 1;
        request["id"] = json!(self.last);
        writeln!(self.requests, "{request}").context("the Python judges have ended")?;
        self.requests.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("the Python judges ended without an answer to {request}");
        }
        let mut answer: Value = serde_json::from_str(&line)?;
        if answer["id"] != request["id"] {
            return Err(anyhow!(
                "the Python judges answered another question: {line}"
            ));
        }
        if let Some(error) = answer["error"].as_str() {
            bail!("{error}");
        }
        Ok(serde_json::from_value(answer["ok"].take())?)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How forgiving pyHanko's PDF reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Refuses what ISO 32000 does not allow.
    Strict,
    /// For odd input, whose oddities are not ours.
    Lenient,
    /// For damaged input whose objects pyHanko cannot all read: lenient, and revisions are not compared.
    WithoutComparison,
}

/// The worker that the tests of one binary share.
///
/// # Panics
/// When it cannot be started; ask [`crate::environment::available`] first.
pub fn shared() -> std::sync::MutexGuard<'static, Worker> {
    static WORKER: OnceLock<Mutex<Worker>> = OnceLock::new();
    let start = || match Worker::start() {
        Ok(worker) => Mutex::new(worker),
        Err(error) => panic!("{error:#}"),
    };
    WORKER
        .get_or_init(start)
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
