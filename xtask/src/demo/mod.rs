//! `cargo xtask demo`: the whole life of a seal on one machine, told to somebody who has never seen any of it.
//!
//! Everything is done by the real programs, as processes, with the commands that are printed; this module only narrates, compares
//! each verdict with what the story promises, and stops where one differs.

mod story;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sceau_tests::hierarchy::{
    ISSUING_CAS, Office, PERSON_SUBJECT, Published, ROOT, SEAL_SUBJECT, Services, TSU_SUBJECT,
};
use sceau_tests::judges::openssl;
use sceau_tests::program::{find, quote};
use sceau_tests::{Backend, Call, VerifyReport, backend, environment};

use crate::cargo::{Profile, build_programs};
use crate::setup::{self, Install};
use crate::{Options, terminal};
use story::{Show, Story};

const NOTES: &str = "\
Compte rendu, 21 novembre / Minutes, 21 November

1. Le cachet de la société est en service. / The company's seal is in use.
2. Les factures de décembre seront scellées. / The invoices of December will be sealed.

(Exemple / Example)
";

/// What the demo promises to leave behind, in the order of the story.
const FILES: [&str; 17] = [
    "root-ca.pem",
    "nationals-ca.pem",
    "residents-ca.pem",
    "companies-ca.pem",
    "public-bodies-ca.pem",
    "ocsp-signer.pem",
    "tsu.pem",
    "company-seal.pem",
    "personal-signature.pem",
    "contract.pdf",
    "contract.sealed.pdf",
    "contract.signed-twice.pdf",
    "notes.txt",
    "notes.txt.p7s",
    "companies-ca.crl",
    "report.json",
    "transcript.md",
];

pub(crate) fn run(mut options: Options) -> Result<ExitCode> {
    let out = options.value("--out")?.map(PathBuf::from);
    let backend = match options.value("--token")?.as_deref() {
        None => Backend::KeyFile,
        Some("softhsm") => Backend::SoftHsm,
        Some(other) => bail!("--token knows `softhsm`, not `{other}`"),
    };
    let keep_running = options.flag("--keep-running");
    options.done()?;

    if backend == Backend::SoftHsm {
        setup::tools(&setup::TOKEN_TOOLS, Install::Forbidden)
            .context("the demo on a token needs SoftHSM 2")?;
        environment::softhsm_module()
            .context("libsofthsm2.so was not found: set SCEAU_SOFTHSM_MODULE to its path")?;
    }
    build_programs(Profile::Dev)?;
    let out = out.unwrap_or_else(|| environment::test_env().with_file_name("demo"));
    let out = empty_folder(&out)?;

    let office = Office::open(&out, backend, Published::Loopback)?;
    let mut demo = Demo {
        story: Story::new("Sceau: the life of a seal, on one machine"),
        office,
    };
    demo.introduction();
    demo.authorities()?;
    let services = demo.services()?;
    demo.certificates()?;
    demo.signing()?;
    let before = demo.checking()?;
    demo.revocation()?;
    let after = demo.checking_again()?;
    demo.ending(&before, &after)?;
    demo.story.write(&out.join("transcript.md"))?;
    if let Some(missing) = FILES.iter().find(|name| !out.join(name).is_file()) {
        bail!("the demo ended without writing {missing}");
    }
    if keep_running {
        keep(services, &demo.office)?;
    } else {
        services.ocsp.stop()?;
        services.tsa.stop()?;
    }
    Ok(ExitCode::SUCCESS)
}

struct Demo {
    story: Story,
    office: Office,
}

/// One line of the last table: what was checked, and the verdict.
type Verdicts = Vec<(&'static str, String)>;

impl Demo {
    fn introduction(&mut self) {
        self.story.say(
            "A small state lets its companies seal documents and its people sign them, so that a stranger can check the result years \
             later without trusting anybody's word. What follows builds all of that here, with invented names: authorities, a company's \
             seal, a person's signature, a sealed contract, and the day the seal is revoked.",
        );
        let keys = match self.office.backend {
            Backend::KeyFile => {
                "Private keys are encrypted files below `keys/`; with `--token softhsm` they live in a PKCS#11 token instead."
            }
            Backend::SoftHsm => {
                "Private keys are made inside a PKCS#11 token (SoftHSM) and cannot leave it; a smart card or an HSM is used the same way."
            }
        };
        self.story.say(keys);
        self.story
            .say("Each step shows its command. To repeat one by hand, first:");
        for line in self.preparation() {
            self.story.command(&line);
        }
    }

    /// What a person types before the commands of the story work for them.
    fn preparation(&self) -> Vec<String> {
        let mut lines = vec![
            format!("cd {}", quote(self.office.dir.as_os_str())),
            format!(
                "export PATH={}:$PATH",
                quote(environment::programs().as_os_str())
            ),
        ];
        for (name, value) in self.office.environment() {
            lines.push(format!(
                "export {}={}",
                name.to_string_lossy(),
                quote(&value)
            ));
        }
        lines
    }

    fn authorities(&mut self) -> Result<()> {
        self.story.chapter("The authorities");
        self.story.say("The operator of the trust service opens its record: one file, in which every certificate is written down before it is signed.");
        let call = self.office.init("MC")?;
        self.story.run(&call, Show::Command)?;
        self.story.say("The root certification authority (CA). Its certificate, root-ca.pem, is the one thing a stranger has to get from a trusted place.");
        let call = self.office.create_root()?;
        self.story.run(&call, Show::Command)?;
        self.story.say("Under it, one issuing CA for each population, because each is registered by another office:");
        for ca in ISSUING_CAS {
            self.story.say(&format!("- {}: {}.", ca.name, ca.serves));
            let call = self.office.create_issuing(ca)?;
            self.story.run(&call, Show::Command)?;
        }
        Ok(())
    }

    fn services(&mut self) -> Result<Services> {
        self.story.chapter("The services");
        self.story.say("Anyone may ask at any time whether a certificate is still good (OCSP). A key of its own signs these answers for each CA, so that the CA's key can stay locked away.");
        for ca in std::iter::once(ROOT).chain(ISSUING_CAS.iter().map(|ca| ca.name)) {
            let call = self.office.create_ocsp_signer(ca)?;
            self.story.run(&call, Show::Command)?;
        }
        self.story.say("A time-stamping unit signs \"I have seen this at that time\". It proves that a signature is older than a later revocation.");
        let call = self
            .office
            .issue("public-bodies", "time-stamping-unit", TSU_SUBJECT, "tsu")?;
        self.story.run(&call, Show::Command)?;
        self.story
            .say("Each CA publishes a first, empty list of revoked certificates (CRL).");
        let call = self.office.ca(&["crl", "--all"])?;
        self.story.run(&call, Show::Command)?;
        self.office.configure_services()?;
        self.story.say("Both services start, on this machine only.");
        let (ocsp, tsa) = (self.office.ocsp_service()?, self.office.tsa_service()?);
        self.story.command(&format!("{} &", ocsp.command_line()));
        self.story.command(&format!("{} &", tsa.command_line()));
        let services = self.office.start()?;
        self.story.say(&format!(
            "OCSP, CRLs and CA certificates: {}. Time-stamps: {}.",
            services.ocsp.url(),
            services.tsa.url()
        ));
        Ok(services)
    }

    fn certificates(&mut self) -> Result<()> {
        self.story.chapter("A company and a person");
        self.story.say("Rocher Conseil SARL, number 00S03813 on the trade register, gets a certificate for its seal. A seal says \"this comes from the company\".");
        let call = self
            .office
            .issue("companies", "company-seal", SEAL_SUBJECT, "company-seal")?;
        self.story.run(&call, Show::Command)?;
        self.story.say("Camille Exemple, a national, gets one for her signature. A signature says \"I, this person, agree\".");
        let call = self.office.issue(
            "nationals",
            "personal-signature",
            PERSON_SUBJECT,
            "personal-signature",
        )?;
        self.story.run(&call, Show::Command).map(drop)
    }

    fn signing(&mut self) -> Result<()> {
        self.story.chapter("Sealing and signing");
        let contract = environment::project().join("xtask/demo/contract.pdf");
        std::fs::copy(&contract, self.office.path("contract.pdf"))
            .with_context(|| format!("cannot copy {}", contract.display()))?;
        std::fs::write(self.office.path("notes.txt"), NOTES)?;
        self.story.say("The company seals a contract that came out of an office program. Level B-T adds a time-stamp. The PDF's own bytes stay as they are; the seal is appended.");
        let call = self.office.sign(
            "contract.pdf",
            "contract.sealed.pdf",
            "company-seal",
            "companies",
            "b-t",
        )?;
        self.story.run(&call, Show::Output)?;
        self.story.say("Camille signs the same contract. Her signature is appended again, and the seal below it stays valid.");
        let call = self.office.sign(
            "contract.sealed.pdf",
            "contract.signed-twice.pdf",
            "personal-signature",
            "nationals",
            "b-t",
        )?;
        self.story.run(&call, Show::Output)?;
        self.story
            .say("Any other file gets its signature beside it.");
        let call = self
            .office
            .sign(
                "notes.txt",
                "notes.txt.p7s",
                "personal-signature",
                "nationals",
                "b-t",
            )?
            .args(["--format", "cades", "--detached"]);
        self.story.run(&call, Show::Output).map(drop)
    }

    fn checking(&mut self) -> Result<Verdicts> {
        self.story.chapter("A stranger checks");
        self.story.say("The stranger has the documents and the root's certificate, nothing else. Whether the certificates are good is asked at the addresses written in them.");
        let sealed = self.verdict("contract.sealed.pdf", &[], Promise::Passed(1), Show::Output)?;
        std::fs::write(self.office.path("report.json"), &sealed.json)?;
        let twice = self.verdict(
            "contract.signed-twice.pdf",
            &[],
            Promise::Passed(2),
            Show::Output,
        )?;
        let notes = self.verdict(
            "notes.txt.p7s",
            &["--content", "notes.txt"],
            Promise::Passed(1),
            Show::Output,
        )?;
        self.other_judges()?;
        Ok(vec![
            ("contract.sealed.pdf", sealed.verdict),
            ("contract.signed-twice.pdf", twice.verdict),
            ("notes.txt.p7s", notes.verdict),
        ])
    }

    /// Tools that share no code with this project, where they are installed.
    fn other_judges(&mut self) -> Result<()> {
        let pdfsig = find("pdfsig").is_some();
        let openssl = find("openssl").is_some();
        if pdfsig || openssl {
            self.story
                .say("Programs that nobody here wrote say the same:");
        }
        if pdfsig {
            let call = Call::new("pdfsig")
                .args(["-nocert", "contract.signed-twice.pdf"])
                .folder(&self.office.dir);
            self.story.run(&call, Show::Output)?;
        }
        if openssl {
            let call = Call::new("openssl")
                .args([
                    "cms",
                    "-verify",
                    "-cades",
                    "-binary",
                    "-inform",
                    "DER",
                    "-in",
                    "notes.txt.p7s",
                    "-content",
                    "notes.txt",
                ])
                .args([
                    "-CAfile",
                    "root-ca.pem",
                    "-certfile",
                    "nationals-ca.pem",
                    "-purpose",
                    "any",
                    "-out",
                    "/dev/null",
                ])
                .folder(&self.office.dir);
            self.story.run(&call, Show::Output)?;
        }
        Ok(())
    }

    fn revocation(&mut self) -> Result<()> {
        self.story.chapter("The seal is revoked");
        self.story.say("Months later (here: a second), the smart card with the seal's key is stolen. The company reports it, and the operator revokes the certificate.");
        // Time-stamps and revocation times count in seconds.
        std::thread::sleep(Duration::from_millis(1_100));
        let call = self
            .office
            .revoke("companies", "company-seal.pem", "keyCompromise")?;
        self.story.run(&call, Show::Output)?;
        let revoked = Instant::now();
        if find("openssl").is_some() {
            let visible = self.wait_for_revocation(revoked)?;
            self.story.say(&format!(
                "The responder told it to the next one who asked, {} ms later.",
                visible.as_millis()
            ));
        }
        self.story
            .say("The list of revoked certificates, for those who prefer a list:");
        let call = self
            .office
            .ca(&["crl", "--ca", "companies"])?
            .args(["--out", "companies-ca.crl"]);
        self.story.run(&call, Show::Command)?;
        std::thread::sleep(Duration::from_millis(1_100));
        Ok(())
    }

    fn wait_for_revocation(&self, since: Instant) -> Result<Duration> {
        let at = |name: &str| self.office.path(name);
        let response = at("ocsp-response.der");
        loop {
            let (status, said) = openssl::ocsp(
                &format!("{}/ocsp", self.office.base_url()),
                &at("root-ca.pem"),
                &at("companies-ca.pem"),
                &at("company-seal.pem"),
                openssl::CertIdDigest::Sha256,
                &response,
            )?;
            if status == openssl::CertificateStatus::Revoked {
                return Ok(since.elapsed());
            }
            if since.elapsed() > Duration::from_secs(5) {
                bail!("the responder still says good five seconds after the revocation:\n{said}");
            }
        }
    }

    fn checking_again(&mut self) -> Result<Verdicts> {
        self.story.chapter("What the stranger sees now");
        self.story.say("The thief seals a copy of the contract with the stolen key. The time-stamp tells when.");
        let call = self.office.sign(
            "contract.pdf",
            "contract.sealed-late.pdf",
            "company-seal",
            "companies",
            "b-t",
        )?;
        self.story.run(&call, Show::Command)?;
        self.story.say("That one must not pass:");
        let late = self.verdict(
            "contract.sealed-late.pdf",
            &[],
            Promise::NotPassed,
            Show::Output,
        )?;
        std::fs::write(self.office.path("report-late.json"), &late.json)?;
        self.story.say(
            "But the contract that was sealed and time-stamped before the revocation stays valid:",
        );
        let sealed = self.verdict("contract.sealed.pdf", &[], Promise::Passed(1), Show::Output)?;
        std::fs::write(
            self.office.path("report-after-revocation.json"),
            &sealed.json,
        )?;
        self.story.say("So do her signature and the notes.");
        let twice = self.verdict(
            "contract.signed-twice.pdf",
            &[],
            Promise::Passed(2),
            Show::Command,
        )?;
        let notes = self.verdict(
            "notes.txt.p7s",
            &["--content", "notes.txt"],
            Promise::Passed(1),
            Show::Command,
        )?;
        Ok(vec![
            ("contract.sealed.pdf", sealed.verdict),
            ("contract.signed-twice.pdf", twice.verdict),
            ("notes.txt.p7s", notes.verdict),
            ("contract.sealed-late.pdf", late.verdict),
        ])
    }

    fn ending(&mut self, before: &Verdicts, after: &Verdicts) -> Result<()> {
        self.story.chapter("In short");
        let mut rows = vec![vec![
            "document".to_owned(),
            "before the revocation".to_owned(),
            "after".to_owned(),
        ]];
        for (name, verdict) in after {
            let earlier = before
                .iter()
                .find(|(other, _)| other == name)
                .map_or("(not yet made)", |(_, verdict)| verdict);
            rows.push(vec![
                (*name).to_owned(),
                earlier.to_owned(),
                verdict.clone(),
            ]);
        }
        self.story.table(&rows);
        let seconds = self.story.seconds();
        self.story.say(&format!("{} files, `transcript.md` (this story) among them, are in {}. It took {seconds:.0} seconds.", FILES.len(), self.office.dir.display()));
        Ok(())
    }

    /// Shows the verdict in words, reads it as JSON, and compares it with what the story promises.
    fn verdict(
        &mut self,
        file: &str,
        options: &[&str],
        promise: Promise,
        show: Show,
    ) -> Result<Checked> {
        let call = self.office.verify(file)?.args(options);
        let statuses: &[i32] = if promise == Promise::NotPassed {
            &[1, 2]
        } else {
            &[0]
        };
        self.story.run_expecting(&call, show, statuses)?;
        let (report, outcome) = VerifyReport::of(&call.args(["--report", "json"]))?;
        let indications = report.indications();
        let kept = match promise {
            Promise::Passed(number) => {
                indications.len() == number
                    && indications
                        .iter()
                        .all(|indication| *indication == "TOTAL-PASSED")
            }
            Promise::NotPassed => {
                !indications.is_empty()
                    && indications
                        .iter()
                        .all(|indication| *indication != "TOTAL-PASSED")
            }
        };
        if !kept {
            bail!("{file} was promised to be {promise:?}, but:\n{outcome}");
        }
        let verdicts = report
            .signatures
            .iter()
            .map(|signature| match &signature.sub_indication {
                Some(why) => format!("{} ({why})", signature.indication),
                None => signature.indication.clone(),
            });
        Ok(Checked {
            verdict: verdicts.collect::<Vec<_>>().join(", "),
            json: outcome.stdout,
        })
    }
}

struct Checked {
    verdict: String,
    json: Vec<u8>,
}

/// What the story promises about a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Promise {
    /// So many signatures, all TOTAL-PASSED.
    Passed(usize),
    /// No signature is TOTAL-PASSED.
    NotPassed,
}

/// An absolute, empty folder. An earlier demo's folder is emptied; anybody else's files are not touched.
fn empty_folder(folder: &Path) -> Result<PathBuf> {
    let occupied = folder.is_dir() && std::fs::read_dir(folder)?.next().is_some();
    if occupied {
        if !folder.join(MARK).exists() {
            bail!(
                "{} holds files that no demo made; choose an empty folder with --out",
                folder.display()
            );
        }
        std::fs::remove_dir_all(folder)
            .with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    std::fs::write(
        folder.join(MARK),
        "A demo made this folder; the next one with the same --out empties it.\n",
    )?;
    folder
        .canonicalize()
        .with_context(|| format!("cannot find {}", folder.display()))
}

/// Marks a folder as made by a demo, from its first second on.
const MARK: &str = ".sceau-demo";

fn keep(services: Services, office: &Office) -> Result<()> {
    println!("\n{}", terminal::bold("The services go on until Ctrl-C:"));
    println!(
        "   OCSP, CRLs, CA certificates  {} (process {})",
        services.ocsp.url(),
        services.ocsp.id()
    );
    println!(
        "   time-stamps                  {} (process {})",
        services.tsa.url(),
        services.tsa.id()
    );
    println!("   files                        {}", office.dir.display());
    println!("   passphrase or PIN            {}", backend::PIN);
    services.ocsp.wait()?;
    services.tsa.wait()
}
