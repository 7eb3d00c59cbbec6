//! OCSP stapling (RFC 6066 section 8): TLS servers that nobody here wrote fetch our answers, and TLS clients that nobody here wrote
//! decide by them.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use sceau_tests::environment::{Need, available};
use sceau_tests::judges::openssl::{self as judge, CertIdDigest, CertificateStatus, openssl};
use sceau_tests::tls::{PROFILE, Server};
use sceau_tests::{Backend, Call, Hierarchy};

use crate::until;

/// curl: the staple is missing or does not say good (CURLE_SSL_INVALIDCERTSTATUS).
const CURL_INVALID_STATUS: i32 = 91;

#[test]
fn tls_clients_follow_what_openssl_s_server_staples() -> Result<()> {
    if !available(&[Need::Tool("curl"), Need::Tool("gnutls-cli")]) {
        return Ok(());
    }
    crate::running(Backend::KeyFile, |hierarchy| {
        let site = Site::prepare(hierarchy)?;
        // The server fetches the answer from the address in its certificate for each handshake.
        let fetching = Server::openssl(&hierarchy.office.dir, &site.openssl(&["-status"]))?;
        site.is_good(&fetching)?;
        // From a file, which an administrator's script fetched. curl looks for a CertID with SHA-1 and for no other.
        let staple = hierarchy.path("staple.der");
        openssl("ocsp")
            .args(["-no_nonce", "-sha1", "-issuer"])
            .arg(hierarchy.ca("companies"))
            .arg("-cert")
            .arg(hierarchy.path("server.pem"))
            .args(["-url", &format!("{}/ocsp", hierarchy.office.base_url())])
            .arg("-CAfile")
            .arg(hierarchy.root())
            .arg("-respout")
            .arg(&staple)
            .succeed()?;
        let filed = ["-status_file", "staple.der"];
        site.is_good(&Server::openssl(
            &hierarchy.office.dir,
            &site.openssl(&filed),
        )?)?;
        // Another last octet in the responder's certificate: nobody takes its answer any more.
        let mut forged = std::fs::read(&staple)?;
        *forged.last_mut().context("an empty answer")? ^= 1;
        std::fs::write(&staple, forged)?;
        let wrong = Server::openssl(&hierarchy.office.dir, &site.openssl(&filed))?;
        ensure!(site.curl(&wrong)? == Some(CURL_INVALID_STATUS));

        site.revoke()?;
        site.is_revoked(&fetching)
    })
}

#[test]
fn nginx_verifies_and_staples_our_answers() -> Result<()> {
    if !available(&[
        Need::Tool("nginx"),
        Need::Tool("curl"),
        Need::Tool("gnutls-cli"),
    ]) {
        return Ok(());
    }
    crate::running(Backend::KeyFile, |hierarchy| {
        let site = Site::prepare(hierarchy)?;
        let directives = format!(
            "ssl_certificate {0}/server.chain.pem; ssl_certificate_key {0}/server.key; ssl_stapling on; ssl_stapling_verify on; \
             ssl_trusted_certificate {0}/authorities.pem;",
            hierarchy.office.dir.display()
        );
        // nginx asks at the first handshake and staples from then on.
        let server = Server::nginx(&hierarchy.office.dir, &directives)?;
        until("nginx staples", || Ok(site.curl(&server)? == Some(0)))?;
        site.is_good(&server)?;
        drop(server);

        // It keeps an answer until that expires, so a new one is started. It verifies the new answer too, and staples nothing then.
        site.revoke()?;
        let server = Server::nginx(&hierarchy.office.dir, &directives)?;
        let log = hierarchy.path("nginx.log");
        until("nginx has been told", || {
            site.curl(&server)?;
            Ok(std::fs::read_to_string(&log)?.contains("certificate status \"revoked\""))
        })?;
        ensure!(site.curl(&server)? == Some(CURL_INVALID_STATUS));
        let said = site.s_client(&server)?;
        ensure!(said.contains("no response sent"), "{said}");
        Ok(())
    })
}

/// A certificate for `localhost` of an operator's own profile, and everybody who looks at it.
struct Site<'a> {
    hierarchy: &'a Hierarchy,
    authorities: PathBuf,
}

impl<'a> Site<'a> {
    fn prepare(hierarchy: &'a Hierarchy) -> Result<Self> {
        let office = &hierarchy.office;
        std::fs::write(office.path("internal-server.toml"), PROFILE)?;
        office
            .ca(&["profile", "add", "internal-server.toml"])?
            .succeed()?;
        let subject = "C=MC,O=Sceau Example,organizationIdentifier=NTRMC-00S03813,CN=localhost";
        office
            .issue("companies", "internal-server", subject, "server")?
            .succeed()?;
        openssl("pkey")
            .args(["-passin", "env:SCEAU_PIN", "-in", "keys/server.pem"])
            .args(["-out", "server.key"])
            .folder(&office.dir)
            .envs(&office.environment())
            .succeed()?;
        let authorities = office.path("authorities.pem");
        let read = std::fs::read_to_string;
        let issuer = read(hierarchy.ca("companies"))?;
        std::fs::write(&authorities, read(hierarchy.root())? + &issuer)?;
        let certificate = read(office.path("server.pem"))?;
        std::fs::write(office.path("server.chain.pem"), certificate + &issuer)?;
        Ok(Self {
            hierarchy,
            authorities,
        })
    }

    fn openssl<'b>(&self, status: &[&'b str]) -> Vec<&'b str> {
        let mut options = vec!["-cert", "server.pem", "-key", "server.key"];
        options.extend([
            "-cert_chain",
            "companies-ca.pem",
            "-CAfile",
            "authorities.pem",
        ]);
        options.extend(status);
        options
    }

    /// Revokes the server's certificate, and waits until the responder says so.
    fn revoke(&self) -> Result<()> {
        let office = &self.hierarchy.office;
        office
            .revoke("companies", "server.pem", "cessationOfOperation")?
            .succeed()?;
        until("the responder knows of the revocation", || {
            let (status, _) = judge::ocsp(
                &format!("{}/ocsp", office.base_url()),
                &self.hierarchy.root(),
                &self.hierarchy.ca("companies"),
                &office.path("server.pem"),
                CertIdDigest::Sha256,
                &office.path("status.der"),
            )?;
            Ok(status == CertificateStatus::Revoked)
        })
    }

    fn is_good(&self, server: &Server) -> Result<()> {
        ensure!(self.curl(server)? == Some(0));
        let said = self.s_client(server)?;
        ensure!(said.contains("Cert Status: good"), "{said}");
        let (trusted, said) = self.gnutls(server)?;
        ensure!(trusted, "{said}");
        // GnuTLS verifies what was stapled by itself, against the issuer alone.
        let verified = Call::new("ocsptool")
            .args(["--verify-response", "--load-response"])
            .arg(self.hierarchy.path("stapled.der"))
            .arg("--load-signer")
            .arg(self.hierarchy.ca("companies"))
            .run()?;
        ensure!(verified.text().contains("Success"), "{verified}");
        Ok(())
    }

    fn is_revoked(&self, server: &Server) -> Result<()> {
        ensure!(self.curl(server)? == Some(CURL_INVALID_STATUS));
        let said = self.s_client(server)?;
        ensure!(said.contains("Cert Status: revoked"), "{said}");
        let (trusted, said) = self.gnutls(server)?;
        if trusted || !said.contains("revoked") {
            bail!("GnuTLS takes a revoked certificate: {said}");
        }
        Ok(())
    }

    /// curl's exit code; it wants a staple that says good.
    fn curl(&self, server: &Server) -> Result<Option<i32>> {
        let outcome = Call::new("curl")
            .args(["--silent", "--cert-status", "--cacert"])
            .arg(self.hierarchy.root())
            .arg(format!("https://localhost:{}/", server.port()))
            .run()?;
        Ok(outcome.code)
    }

    /// What `openssl s_client` prints of the staple; it must verify the server.
    fn s_client(&self, server: &Server) -> Result<String> {
        let outcome = openssl("s_client")
            .args(["-status", "-verify_return_error", "-purpose", "sslserver"])
            .args(["-verify_hostname", "localhost", "-CAfile"])
            .arg(self.hierarchy.root())
            .args(["-connect", &format!("127.0.0.1:{}", server.port())])
            .succeed()?;
        Ok(outcome.text())
    }

    /// Whether GnuTLS takes the server; it looks at the staple without being asked to, and keeps it.
    fn gnutls(&self, server: &Server) -> Result<(bool, String)> {
        let outcome = Call::new("gnutls-cli")
            .arg("--x509cafile")
            .arg(&self.authorities)
            .arg("--save-ocsp")
            .arg(self.hierarchy.path("stapled.der"))
            .args(["--port", &server.port().to_string(), "localhost"])
            .run()?;
        let trusted = outcome.text().contains("The certificate is trusted.");
        Ok((trusted && outcome.success(), outcome.text()))
    }
}
