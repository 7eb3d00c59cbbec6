//! Further responders for the same certificates, with other keys: RSA, a token, a token far away.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sceau_tests::environment::{project, softhsm_module};
use sceau_tests::hierarchy::Office;
use sceau_tests::service::{Service, free_port};
use sceau_tests::{Backend, Call, Hierarchy};

/// A `sceau-ocsp` of its own, and the key it signs with.
pub(crate) struct Responder {
    pub(crate) service: Service,
    pub(crate) office: Office,
    pub(crate) key: String,
}

impl Responder {
    /// A responder called `name` for the companies' CA, whose new key of type `key_type` is in `backend`; `settings` are lines of
    /// its configuration, `variables` are added to its environment.
    pub(crate) fn start(
        hierarchy: &Hierarchy,
        name: &str,
        backend: Backend,
        key_type: &str,
        settings: &str,
        variables: &[(&str, &Path)],
    ) -> Result<Self> {
        let mut office = hierarchy.office.clone();
        office.backend = backend;
        office.ocsp_port = free_port()?;
        let key = backend.key(name);
        let certificate = format!("{name}.pem");
        office
            .ca(&["ocsp-signer", "renew", "--ca", "companies"])?
            .args(["--key", &key, "--key-type", key_type, "--out", &certificate])
            .succeed()?;
        let configuration = format!("{name}.toml");
        std::fs::write(
            office.path(&configuration),
            format!(
                "listen = [\"127.0.0.1:{}\"]\nrecord = \"ca/record.sqlite\"\n{settings}\n[[responder]]\nca = \"companies\"\ncertificate = \"{certificate}\"\nkey = \"{key}\"\n",
                office.ocsp_port
            ),
        )?;
        let mut call = office
            .program("sceau-ocsp")?
            .args(["--config", &configuration]);
        for (variable, value) in variables {
            call = call.env(variable, value);
        }
        Ok(Self {
            service: Service::start(&call)?,
            office,
            key,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/ocsp", self.service.url())
    }
}

/// Builds the module that puts a delay in front of SoftHSM, into `folder`.
pub(crate) fn slow_token(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let module = folder.join("slow-token.so");
    Call::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&module)
        .arg(project().join("tests/bench/slow_token.c"))
        .arg("-ldl")
        .succeed()?;
    Ok((module, softhsm_module().context("SoftHSM 2 not found")?))
}
