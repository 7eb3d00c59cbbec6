//! Another path validator in a process of its own: a line of JSON for each question, a line for each answer.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use pki_asn1::oid::ObjectIdentifier as Oid;
use pki_asn1::{Certificate, CertificateList, UnixTime};
use pki_path::{
    AnyPolicy, CertificatePool, Evidence, ExplicitPolicy, Parameters, PolicyMapping,
    RevocationMode, TrustAnchor, Validator,
};
use serde_json::{Value, json};

/// All that anybody is asked about one path. Certificates and CRLs are DER.
#[derive(Clone, Debug)]
pub struct Question {
    pub target: Vec<u8>,
    pub anchor: Vec<u8>,
    pub pool: Vec<Vec<u8>>,
    pub crls: Vec<Vec<u8>>,
    pub at: UnixTime,
    pub policies: Vec<Oid>,
    pub explicit_policy: bool,
    pub inhibit_mapping: bool,
    pub inhibit_any: bool,
    pub revocation: bool,
}

/// A verdict: the user-constrained-policy-set, or why not.
pub type Answer = Result<BTreeSet<Oid>, String>;

impl Question {
    /// Whether the path holds at this time with these CRLs, whatever its policies.
    pub fn of_revocation(
        target: &Certificate,
        anchor: &Certificate,
        pool: &[Certificate],
        crls: Vec<Vec<u8>>,
        at: UnixTime,
    ) -> Self {
        Self {
            target: target.der().to_vec(),
            anchor: anchor.der().to_vec(),
            pool: pool.iter().map(|c| c.der().to_vec()).collect(),
            crls,
            at,
            policies: Vec::new(),
            explicit_policy: false,
            inhibit_mapping: false,
            inhibit_any: false,
            revocation: true,
        }
    }

    /// What this crate says.
    pub fn ours(&self) -> Answer {
        let target = Certificate::from_der(self.target.clone()).map_err(|e| e.to_string())?;
        let anchor = Certificate::from_der(self.anchor.clone()).map_err(|e| e.to_string())?;
        let anchor = TrustAnchor::from_certificate(anchor).map_err(|e| e.to_string())?;
        let pool: CertificatePool = self
            .pool
            .iter()
            .filter_map(|der| Certificate::from_der(der.clone()).ok())
            .collect();
        let mut evidence = Evidence::new();
        let crls = self.crls.iter();
        for crl in crls.filter_map(|der| CertificateList::from_der(der.clone()).ok()) {
            evidence.add_crl(crl);
        }
        let mut parameters = Parameters::at(self.at);
        parameters.policy.initial_policy_set = self.policies.iter().copied().collect();
        if self.explicit_policy {
            parameters.policy.explicit_policy = ExplicitPolicy::Required;
        }
        if self.inhibit_mapping {
            parameters.policy.policy_mapping = PolicyMapping::Inhibited;
        }
        if self.inhibit_any {
            parameters.policy.any_policy = AnyPolicy::Inhibited;
        }
        if !self.revocation {
            parameters.revocation = RevocationMode::None;
        }
        Validator::new(&[anchor], &pool, &evidence, parameters)
            .validate(&target)
            .map(|path| path.policies().clone())
            .map_err(|e| e.to_string())
    }

    fn json(&self) -> Value {
        let all = |list: &[Vec<u8>]| list.iter().map(hex::encode).collect::<Vec<_>>();
        let policies: Vec<String> = self.policies.iter().map(Oid::to_string).collect();
        json!({
            "target": hex::encode(&self.target),
            "anchor": hex::encode(&self.anchor),
            "pool": all(&self.pool),
            "crls": all(&self.crls),
            "at": self.at.as_secs(),
            "policies": policies,
            "explicit_policy": self.explicit_policy,
            "inhibit_mapping": self.inhibit_mapping,
            "inhibit_any": self.inhibit_any,
            "revocation": self.revocation,
        })
    }
}

/// A resident judge.
pub struct Judge {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Judge {
    /// libcrypto, by way of Python; says so where there is none.
    pub fn openssl() -> Option<Self> {
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/judges/openssl_verify.py"
        );
        let judge = Self::start(Command::new("python3").arg(script));
        if judge.is_none() {
            eprintln!("skipped: python3 not found");
        }
        judge
    }

    /// certval, which `cargo xtask test` builds in a workspace of its own; says so where it was not.
    pub fn certval() -> Option<Self> {
        let below = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/test-env/certval");
        let program = std::env::var_os("SCEAU_CERTVAL")
            .map_or_else(|| below.join("release/certval-judge"), PathBuf::from);
        let judge = Self::start(&mut Command::new(program));
        if judge.is_none() {
            eprintln!("skipped: certval was not built");
        }
        judge
    }

    fn start(command: &mut Command) -> Option<Self> {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.ok()?;
        Some(Self {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take()?),
            child,
        })
    }

    pub fn ask(&mut self, question: &Question) -> Answer {
        let mut line = question.json().to_string();
        line.push('\n');
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_bytes()).unwrap();
        input.flush().unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer["policies"]
                .as_array()
                .unwrap()
                .iter()
                .map(|p| p.as_str().unwrap().parse().unwrap())
                .collect()),
        }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
