//! The example hierarchy, built with the real programs: a root, four issuing CAs, their OCSP signers, a time-stamping unit, a
//! company seal and a personal signature.
//!
//! [`Office`] knows the commands, one method for each; [`Hierarchy`] runs them all for the test suites, and `cargo xtask demo`
//! tells the same commands as a story. Names and numbers are invented; the cut into nationals, residents, companies and public
//! bodies is modelled on what one state publishes about its certification authorities.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::backend::Backend;
use crate::environment::sceau_program;
use crate::program::{Call, Outcome};
use crate::service::{Service, free_port};

/// Policy arc of the example: below the enterprise number that IANA reserves for examples (RFC 5612).
pub const POLICY_ARC: &str = "1.3.6.1.4.1.32473.1";

/// The root CA's name in the record and in URLs.
pub const ROOT: &str = "root";

/// An issuing CA: whom it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuingCa {
    /// Name in the record, in URLs and in file names.
    pub name: &'static str,
    /// Who its subjects are, for people.
    pub serves: &'static str,
    subject: &'static str,
}

/// The four issuing CAs.
pub const ISSUING_CAS: [IssuingCa; 4] = [
    IssuingCa {
        name: "nationals",
        serves: "citizens, registered by the town hall",
        subject: "C=MC,O=Sceau Example Town Hall,organizationIdentifier=NTRMC-00P00002,CN=Sceau Example Nationals CA",
    },
    IssuingCa {
        name: "residents",
        serves: "residents, registered by the residents' office",
        subject: "C=MC,O=Sceau Example Residents Office,organizationIdentifier=NTRMC-00P00003,CN=Sceau Example Residents CA",
    },
    IssuingCa {
        name: "companies",
        serves: "companies on the trade register",
        subject: "C=MC,O=Sceau Example Trade Register,organizationIdentifier=NTRMC-00P00004,CN=Sceau Example Companies CA",
    },
    IssuingCa {
        name: "public-bodies",
        serves: "the administration and its time-stamping service",
        subject: "C=MC,O=Sceau Example Administration,organizationIdentifier=NTRMC-00P00005,CN=Sceau Example Public Bodies CA",
    },
];

/// Subject of the root CA.
pub const ROOT_SUBJECT: &str = "C=MC,O=Sceau Example Trust Services,organizationIdentifier=NTRMC-00P00001,CN=Sceau Example Root CA";
/// Subject of the company seal.
pub const SEAL_SUBJECT: &str =
    "C=MC,O=Rocher Conseil SARL,organizationIdentifier=NTRMC-00S03813,CN=Rocher Conseil SARL";
/// Subject of the personal signature.
pub const PERSON_SUBJECT: &str =
    "C=MC,givenName=Camille,surname=Exemple,serialNumber=IDCMC-0000427,CN=Camille Exemple";
/// Subject of the time-stamping unit.
pub const TSU_SUBJECT: &str = "C=MC,O=Sceau Example Administration,organizationIdentifier=NTRMC-00P00005,CN=Sceau Example Time-Stamping Unit 1";

/// Where certificates say that OCSP, CRLs and documents are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// On loopback, where the services run.
    Loopback,
    /// Under a public domain name, as a real authority's: linters refuse loopback and `.example` in certificates.
    PublicName,
}

/// A folder, the place of its keys and the addresses of its services: everything the operator's commands depend on.
#[derive(Debug, Clone)]
pub struct Office {
    /// The working folder; every path in a command is relative to it.
    pub dir: PathBuf,
    /// Where the keys live.
    pub backend: Backend,
    /// Where certificates say that things are published.
    pub published: Published,
    /// Port of `sceau-ocsp` on loopback.
    pub ocsp_port: u16,
    /// Port of `sceau-tsa` on loopback.
    pub tsa_port: u16,
}

impl Office {
    /// Prepares `dir` (which must exist) and its keys' place, and chooses two free ports.
    ///
    /// # Errors
    /// When the folder or the token cannot be made.
    pub fn open(dir: &Path, backend: Backend, published: Published) -> Result<Self> {
        backend.prepare(dir)?;
        Ok(Self {
            dir: dir.to_path_buf(),
            backend,
            published,
            ocsp_port: free_port()?,
            tsa_port: free_port()?,
        })
    }

    /// The folder, absolute, of a file of this office.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.join(name)
    }

    /// What certificates carry as the base of their OCSP, CRL and CA certificate URLs.
    pub fn base_url(&self) -> String {
        match self.published {
            Published::Loopback => format!("http://127.0.0.1:{}", self.ocsp_port),
            Published::PublicName => "http://pki.sceau.example.com".to_owned(),
        }
    }

    /// What certificates carry as the base of their documents' URLs.
    fn documents_url(&self) -> &'static str {
        match self.published {
            Published::Loopback => "https://sceau.example",
            Published::PublicName => "https://sceau.example.com",
        }
    }

    /// Where time-stamps are given.
    pub fn tsa_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.tsa_port)
    }

    /// The variables every program here needs.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        self.backend.environment(&self.dir)
    }

    /// A call of one of our programs in this folder with this environment.
    ///
    /// # Errors
    /// When it is not built.
    pub fn program(&self, name: &str) -> Result<Call> {
        Ok(sceau_program(name)?
            .folder(&self.dir)
            .envs(&self.environment()))
    }

    /// A `sceau-ca` call on this office's record.
    ///
    /// # Errors
    /// When it is not built.
    pub fn ca(&self, command: &[&str]) -> Result<Call> {
        Ok(self.program("sceau-ca")?.args(command).args(["-C", "ca"]))
    }

    /// `sceau-ca init`.
    ///
    /// # Errors
    /// When `sceau-ca` is not built.
    pub fn init(&self, legislation: &str) -> Result<Call> {
        let documents = self.documents_url();
        Ok(self
            .program("sceau-ca")?
            .args(["init", "ca", "--base-url", &self.base_url()])
            .args([
                "--country",
                "MC",
                "--policy-arc",
                POLICY_ARC,
                "--cps-uri",
                &format!("{documents}/cps"),
                "--pds",
                &format!("en={documents}/pds-en.pdf"),
                "--pds",
                &format!("fr={documents}/pds-fr.pdf"),
                "--legislation",
                legislation,
            ]))
    }

    /// Creates the root CA.
    ///
    /// # Errors
    /// When `sceau-ca` is not built.
    pub fn create_root(&self) -> Result<Call> {
        let key = self.backend.key(ROOT);
        Ok(self.ca(&["ca", "create", ROOT])?.args([
            "--profile",
            "root-ca",
            "--subject",
            ROOT_SUBJECT,
            "--key",
            &key,
            "--out",
            "root-ca.pem",
        ]))
    }

    /// Creates one issuing CA under the root.
    ///
    /// # Errors
    /// When `sceau-ca` is not built.
    pub fn create_issuing(&self, ca: IssuingCa) -> Result<Call> {
        let key = self.backend.key(ca.name);
        let out = format!("{}-ca.pem", ca.name);
        Ok(self
            .ca(&["ca", "create", ca.name])?
            .args(["--profile", "issuing-ca", "--issuer", ROOT])
            .args(["--subject", ca.subject, "--key", &key, "--out", &out]))
    }

    /// Issues the OCSP signer of a CA.
    ///
    /// # Errors
    /// When `sceau-ca` is not built.
    pub fn create_ocsp_signer(&self, ca: &str) -> Result<Call> {
        let key = self.backend.key(&format!("ocsp-{ca}"));
        Ok(self.ca(&["ocsp-signer", "renew"])?.args([
            "--ca",
            ca,
            "--key",
            &key,
            "--out",
            &ocsp_signer_file(ca),
        ]))
    }

    /// Issues a certificate for a new key.
    ///
    /// # Errors
    /// When `sceau-ca` is not built.
    pub fn issue(&self, ca: &str, profile: &str, subject: &str, name: &str) -> Result<Call> {
        let key = self.backend.key(name);
        let out = format!("{name}.pem");
        Ok(self.ca(&["issue"])?.args([
            "--ca",
            ca,
            "--profile",
            profile,
            "--subject",
            subject,
            "--generate-key",
            &key,
            "--out",
            &out,
        ]))
    }

    /// Revokes a certificate.
    ///
    /// # Errors
    /// When `sceau-ca` is not built.
    pub fn revoke(&self, ca: &str, certificate: &str, reason: &str) -> Result<Call> {
        Ok(self
            .ca(&["revoke"])?
            .args(["--ca", ca, "--cert", certificate, "--reason", reason]))
    }

    /// Writes the configuration files of the two services.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn configure_services(&self) -> Result<()> {
        let mut ocsp = format!(
            "listen = [\"127.0.0.1:{}\"]\nrecord = \"ca/record.sqlite\"\n",
            self.ocsp_port
        );
        for ca in std::iter::once(ROOT).chain(ISSUING_CAS.iter().map(|ca| ca.name)) {
            ocsp += &format!(
                "\n[[responder]]\nca = \"{ca}\"\ncertificate = \"{}\"\nkey = \"{}\"\n",
                ocsp_signer_file(ca),
                self.backend.key(&format!("ocsp-{ca}")),
            );
        }
        let tsa = format!(
            "listen = [\"127.0.0.1:{}\"]\ncertificate = \"tsu.pem\"\nchain = [\"public-bodies-ca.pem\"]\nkey = \"{}\"\npolicy = \"{POLICY_ARC}.9\"\naccuracy-ms = 1000\ndigests = [\"SHA-256\", \"SHA-384\", \"SHA-512\"]\n",
            self.tsa_port,
            self.backend.key("tsu"),
        );
        std::fs::write(self.path("sceau-ocsp.toml"), ocsp)?;
        std::fs::write(self.path("sceau-tsa.toml"), tsa).context("cannot write sceau-tsa.toml")
    }

    /// The call that runs the OCSP responder.
    ///
    /// # Errors
    /// When `sceau-ocsp` is not built.
    pub fn ocsp_service(&self) -> Result<Call> {
        Ok(self
            .program("sceau-ocsp")?
            .args(["--config", "sceau-ocsp.toml"]))
    }

    /// The call that runs the time-stamping service.
    ///
    /// # Errors
    /// When `sceau-tsa` is not built.
    pub fn tsa_service(&self) -> Result<Call> {
        Ok(self
            .program("sceau-tsa")?
            .args(["--config", "sceau-tsa.toml"]))
    }

    /// Starts both services.
    ///
    /// # Errors
    /// When one of them does not start; with what it said.
    pub fn start(&self) -> Result<Services> {
        Ok(Services {
            ocsp: Service::start(&self.ocsp_service()?)?,
            tsa: Service::start(&self.tsa_service()?)?,
        })
    }

    /// `sceau sign` of `input` to `output` with the key and certificate called `name`, issued by `ca`.
    ///
    /// # Errors
    /// When `sceau` is not built.
    pub fn sign(
        &self,
        input: impl AsRef<Path>,
        output: impl AsRef<Path>,
        name: &str,
        ca: &str,
        level: &str,
    ) -> Result<Call> {
        let mut call = self
            .program("sceau")?
            .arg("sign")
            .arg(input.as_ref())
            .arg("--out")
            .arg(output.as_ref())
            .args([
                "--key",
                &self.backend.key(name),
                "--cert",
                &format!("{name}.pem"),
                "--chain",
                &format!("{ca}-ca.pem"),
                "--level",
                level,
            ]);
        if level != "b-b" {
            call = call.args(["--tsa", &self.tsa_url()]);
        }
        Ok(call)
    }

    /// `sceau verify` of `file` under the root, with everything else fetched from the services.
    ///
    /// # Errors
    /// When `sceau` is not built.
    pub fn verify(&self, file: impl AsRef<Path>) -> Result<Call> {
        Ok(self
            .program("sceau")?
            .arg("verify")
            .arg(file.as_ref())
            .args(["--trust", "root-ca.pem"]))
    }
}

/// File name of a CA's OCSP signer certificate; the companies' one has the short name, because the demo speaks of it.
pub fn ocsp_signer_file(ca: &str) -> String {
    if ca == "companies" {
        "ocsp-signer.pem".to_owned()
    } else {
        format!("ocsp-signer-{ca}.pem")
    }
}

/// The two services, running.
#[derive(Debug)]
pub struct Services {
    /// OCSP, CRLs and CA certificates.
    pub ocsp: Service,
    /// Time-stamps.
    pub tsa: Service,
}

/// The whole hierarchy in a temporary folder.
#[derive(Debug)]
pub struct Hierarchy {
    /// The commands and paths.
    pub office: Office,
    /// The services, where they run; they end with this value.
    pub services: Option<Services>,
    _folder: TempDir,
}

impl Hierarchy {
    /// Builds it with about fifteen runs of the real programs, published under a public name. No service
    /// runs.
    ///
    /// # Errors
    /// When a program fails; with its command line and what it said.
    pub fn build(backend: Backend) -> Result<Self> {
        Self::build_published(backend, Published::PublicName)
    }

    fn build_published(backend: Backend, published: Published) -> Result<Self> {
        let folder = TempDir::with_prefix("sceau-")?;
        let office = Office::open(folder.path(), backend, published)?;
        for call in office.everything()? {
            call.succeed()?;
        }
        office.configure_services()?;
        Ok(Self {
            office,
            services: None,
            _folder: folder,
        })
    }

    /// Builds it, published on loopback, and starts both services.
    ///
    /// # Errors
    /// As [`Hierarchy::build`], and when a service does not start.
    pub fn running(backend: Backend) -> Result<Self> {
        let mut hierarchy = Self::build_published(backend, Published::Loopback)?;
        hierarchy.services = Some(hierarchy.office.start()?);
        Ok(hierarchy)
    }

    /// Absolute path of a file of the hierarchy.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.office.path(name)
    }

    /// The trust anchor.
    pub fn root(&self) -> PathBuf {
        self.path("root-ca.pem")
    }

    /// The certificate of an issuing CA.
    pub fn ca(&self, name: &str) -> PathBuf {
        self.path(format!("{name}-ca.pem"))
    }

    /// Signs a file and returns what the program said.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(
        &self,
        input: impl AsRef<Path>,
        output: impl AsRef<Path>,
        name: &str,
        ca: &str,
        level: &str,
    ) -> Result<Outcome> {
        self.office.sign(input, output, name, ca, level)?.succeed()
    }
}

impl Office {
    /// Every command that builds the hierarchy, in order.
    ///
    /// # Errors
    /// When `sceau-ca` is not built.
    pub fn everything(&self) -> Result<Vec<Call>> {
        let mut calls = vec![self.init("MC")?, self.create_root()?];
        for ca in ISSUING_CAS {
            calls.push(self.create_issuing(ca)?);
        }
        for ca in std::iter::once(ROOT).chain(ISSUING_CAS.iter().map(|ca| ca.name)) {
            calls.push(self.create_ocsp_signer(ca)?);
        }
        calls.push(self.issue("public-bodies", "time-stamping-unit", TSU_SUBJECT, "tsu")?);
        calls.push(self.issue("companies", "company-seal", SEAL_SUBJECT, "company-seal")?);
        calls.push(self.issue(
            "nationals",
            "personal-signature",
            PERSON_SUBJECT,
            "personal-signature",
        )?);
        calls.push(self.ca(&["crl", "--all"])?);
        Ok(calls)
    }
}
