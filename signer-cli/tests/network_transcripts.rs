//! What the signer sees when the network fails in every way it can: `tests/cmd/network/*.trycmd` are
//! run as written. Whatever happens, an output is whole or absent: `in-fixture` tells what is new.
//!
//! `TRYCMD=overwrite` rewrites them; read the difference.
#![allow(clippy::print_stderr, clippy::unwrap_used)]

mod authority;
mod hostile;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use authority::{Authority, Behaviour};
use hostile::office::{self, PASSPHRASE};
use hostile::server::{Act, Request, Server, redirect, tunnels};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

/// Made after the server has its address.
struct Office {
    folder: PathBuf,
    at: String,
    good: Authority,
    other_imprint: Authority,
    other_nonce: Authority,
    old: Authority,
    mail: Authority,
}

impl Office {
    fn answer(&self, request: &Request) -> Act {
        let Some(name) = request.target.strip_prefix("/tsa/") else {
            return office::evidence(&self.folder, &self.at, request);
        };
        let token = |authority: &Authority| {
            Act::Reply(
                200,
                "application/timestamp-reply",
                authority.answer(&request.body),
            )
        };
        let basic = request.header("authorization") == Some("Basic YWNtZTpzw6ljcmV0");
        let bearer = request.header("authorization") == Some("Bearer token-42");
        match name {
            "good" => token(&self.good),
            "label" => Act::Reply(200, "text/html", self.good.answer(&request.body)),
            "imprint" => token(&self.other_imprint),
            "nonce" => token(&self.other_nonce),
            "old" => token(&self.old),
            "mail" => token(&self.mail),
            "html" => Act::Reply(200, "text/html", b"<!doctype html>".to_vec()),
            "garbage" => Act::Reply(200, "application/timestamp-reply", vec![0xa5; 2000]),
            "empty" => Act::Reply(200, "application/timestamp-reply", Vec::new()),
            "short" => Act::Raw(
                "HTTP/1.1 200 OK\r\ncontent-length: 9000".into(),
                vec![0x30; 100],
            ),
            "500" => Act::Reply(500, "text/plain", b"no".to_vec()),
            "401" => Act::Reply(401, "text/plain", Vec::new()),
            "407" => Act::Reply(407, "text/plain", Vec::new()),
            "basic" if basic => token(&self.good),
            "bearer" if bearer => token(&self.good),
            "basic" | "bearer" => Act::Reply(401, "text/plain", Vec::new()),
            "stall" => Act::Stall,
            "trickle" => Act::Trickle,
            "flood" => Act::Flood("application/timestamp-reply"),
            "close" => Act::Close,
            "noise" => Act::Raw("220 mail.sceau.example ESMTP".into(), Vec::new()),
            "circle" => redirect(&format!("{}/tsa/circle", self.at)),
            "elsewhere" => redirect("ftp://tsa.sceau.example/"),
            "moved" => redirect("good"),
            // A redirect to another origin must not carry the credentials along.
            "handed-on" => redirect(&format!(
                "{}/tsa/basic",
                self.at.replace("127.0.0.1", "localhost")
            )),
            _ => Act::Reply(404, "text/plain", Vec::new()),
        }
    }
}

/// A server, what it answers from, and a folder with what a signer has.
struct Stage {
    _fixture: tempfile::TempDir,
    here: tempfile::TempDir,
    office: Arc<OnceLock<Office>>,
    server: Server,
    at: String,
}

fn stage() -> Option<Stage> {
    for (tool, args) in [
        ("openssl", "version"),
        ("faketime", "--version"),
        ("qpdf", "--version"),
    ] {
        if Command::new(tool).arg(args).output().is_err() {
            eprintln!("skipped: {tool} not found");
            return None;
        }
    }
    let fixture = tempfile::tempdir().unwrap();
    let dir = fixture.path();
    let office: Arc<OnceLock<Office>> = Arc::default();
    let server = Server::start({
        let office = Arc::clone(&office);
        move |request| office.get().unwrap().answer(request)
    });
    let at = format!("http://{}", server.address);
    office::make(dir, &at);
    let authority = |key: &str, behaviour| Authority::new(&dir.join(key), behaviour);
    let made = office.set(Office {
        folder: dir.to_owned(),
        at: at.clone(),
        good: authority("tsu.pem", Behaviour::Good),
        other_imprint: authority("tsu.pem", Behaviour::WrongImprint),
        other_nonce: authority("tsu.pem", Behaviour::WrongNonce),
        old: authority("tsu-old.pem", Behaviour::Good),
        mail: authority("tsu-mail.pem", Behaviour::Good),
    });
    assert!(made.is_ok());
    let here = tempfile::tempdir().unwrap();
    for name in ["root.pem", "ca.pem", "signer.key"] {
        fs::copy(dir.join(name), here.path().join(name)).unwrap();
    }
    for corner in office::CORNERS {
        let name = format!("{corner}.cert");
        fs::copy(dir.join(&name), here.path().join(&name)).unwrap();
    }
    fs::write(here.path().join("contract.pdf"), contract(dir)).unwrap();
    Some(Stage {
        _fixture: fixture,
        here,
        office,
        server,
        at,
    })
}

#[test]
fn a_second_document_asks_for_nothing_but_its_time_stamp() {
    let Some(stage) = stage() else {
        return;
    };
    let sign = |more: &[&str]| {
        let before = stage.server.seen.lock().unwrap().len();
        let output = Command::new(env!("CARGO_BIN_EXE_sceau"))
            .args(
                "sign contract.pdf --force --key signer.key --cert good.cert --trust root.pem"
                    .split(' '),
            )
            .args([
                "--level",
                "b-lt",
                "--tsa",
                &format!("{}/tsa/good", stage.at),
            ])
            .args(more)
            .env("SCEAU_PIN", PASSPHRASE)
            .env("XDG_CONFIG_HOME", "/dev/null")
            .env("XDG_CACHE_HOME", stage.here.path().join("cache"))
            .env("NO_PROXY", "127.0.0.1")
            .current_dir(stage.here.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let seen = stage.server.seen.lock().unwrap();
        let mut asked: Vec<String> = seen[before..]
            .iter()
            .filter_map(|line| line.split(' ').nth(1).map(str::to_owned))
            .collect();
        asked.sort();
        asked
    };
    let everything = ["/good/ca", "/good/ocsp", "/root.crl", "/tsa/good"];
    assert_eq!(sign(&[]), everything);
    assert_eq!(sign(&[]), ["/tsa/good"]);
    assert_eq!(sign(&["--no-cache"]), everything);
    let elsewhere = ["--cache-dir", "elsewhere"];
    assert_eq!(sign(&elsewhere), everything);
    assert_eq!(sign(&elsewhere), ["/tsa/good"]);
    // Whoever damages the cache costs a fetch, and nothing else.
    for entry in fs::read_dir(stage.here.path().join("elsewhere")).unwrap() {
        fs::write(entry.unwrap().path(), "damaged").unwrap();
    }
    assert_eq!(sign(&elsewhere), everything);
}

#[test]
fn transcripts() {
    let Some(stage) = stage() else {
        return;
    };
    let Stage {
        here,
        office,
        server,
        at,
        ..
    } = &stage;
    let tls = secure(here.path(), Arc::clone(office));
    settings(here.path(), at, &tls);

    // Nobody listens there any more.
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let proxy = Server::start({
        let office = Arc::clone(office);
        move |request| {
            let office = office.get().unwrap();
            match request.header("proxy-authorization") {
                Some("Basic cHJveHk6c8OpY3JldA==") => office.answer(&Request {
                    method: request.method.clone(),
                    target: request.target.replace("http://pki.sceau.example", ""),
                    head: request.head.clone(),
                    body: request.body.clone(),
                }),
                _ => Act::Reply(407, "text/html", Vec::new()),
            }
        }
    });

    let cases = trycmd::TestCases::new();
    cases.timeout(Duration::from_secs(60));
    cases.env("FIXTURE", here.path().to_str().unwrap());
    cases.env("PROGRAM", env!("CARGO_BIN_EXE_sceau"));
    cases.env("SCEAU_PIN", PASSPHRASE);
    cases.env("LC_ALL", "C");
    cases.env("XDG_CONFIG_HOME", "/dev/null");
    cases.env("XDG_CACHE_HOME", "/dev/null");
    cases.env("NO_PROXY", "127.0.0.1,localhost");
    for name in [
        "good",
        "label",
        "imprint",
        "nonce",
        "old",
        "mail",
        "html",
        "garbage",
        "empty",
        "short",
        "500",
        "401",
        "407",
        "stall",
        "trickle",
        "flood",
        "close",
        "noise",
        "circle",
        "elsewhere",
        "moved",
    ] {
        cases.env(format!("TSA_{name}"), format!("{at}/tsa/{name}"));
    }
    cases.env("TSA_closed", format!("http://{closed}/"));
    cases.env("TSA_plain", at.replace("http:", "https:"));
    cases.env("TSA_tls", format!("https://{tls}/"));
    cases.env("TSA_proxy", format!("http://{}", proxy.address));
    cases.insert_var("[PROXY]", proxy.address.clone()).unwrap();
    cases
        .insert_var("[SERVER]", server.address.clone())
        .unwrap();
    cases.insert_var("[TLS]", tls.clone()).unwrap();
    cases.insert_var("[CLOSED]", closed.to_string()).unwrap();
    fs::write(
        here.path().join("proxy.toml"),
        format!("[network]\nproxy = \"http://{}\"\nproxy-username = \"proxy\"\nproxy-password-file = \"password.txt\"\n", proxy.address),
    )
    .unwrap();
    // Nobody but the proxy knows the way to the host of this certificate.
    let by_tunnel = &tunnels(
        tls.replace("localhost", "127.0.0.1"),
        "Basic cHJveHk6c8OpY3JldA==",
    );
    for (name, password) in [("tunnel", "password.txt"), ("no-tunnel", "wrong.txt")] {
        fs::write(
            here.path().join(format!("{name}.toml")),
            format!("key = \"signer.key\"\ncertificate = \"good.cert\"\n\n[[tsa]]\nurl = \"https://hidden.sceau.example/tsa/good\"\nclient-certificate = \"client.pem\"\nclient-key = \"client.key\"\ntls-trust = \"server.pem\"\n\n[network]\nproxy = \"http://{by_tunnel}\"\nproxy-username = \"proxy\"\nproxy-password-file = \"{password}\"\n"),
        )
        .unwrap();
    }
    cases.insert_var("[TUNNEL]", by_tunnel.clone()).unwrap();
    fs::write(
        here.path().join("no-password.toml"),
        format!("[network]\nproxy = \"http://{}\"\n", proxy.address),
    )
    .unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd/bin/in-fixture");
    cases.register_bin("in-fixture", script.as_path());
    cases.case("tests/cmd/network/*.trycmd");
    cases.run();
}

/// A TLS server with a certificate of its own making, which wants one of the client; gives its address.
fn secure(dir: &Path, office: Arc<OnceLock<Office>>) -> String {
    let write = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    let own = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let hosts = vec![name.into(), "hidden.sceau.example".into()];
        let mut parameters = rcgen::CertificateParams::new(hosts).unwrap();
        let shown = format!("{name} of the transcripts");
        parameters
            .distinguished_name
            .push(rcgen::DnType::CommonName, shown);
        let certificate = parameters.self_signed(&key).unwrap();
        (certificate, key)
    };
    let (server, server_key) = own("localhost");
    let (client, client_key) = own("client");
    let (_, another) = own("another");
    write("server.pem", &server.pem());
    write("client.pem", &client.pem());
    write("client.key", &client_key.serialize_pem());
    write("another.key", &another.serialize_pem());
    let mut roots = RootCertStore::empty();
    roots.add(client.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
        .build()
        .unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![server.der().clone()],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(server_key.serialize_der())),
        )
        .unwrap();
    let name = |server: &Server| server.address.replace("127.0.0.1", "localhost");
    let another = Server::start_tls(config.clone(), {
        let office = Arc::clone(&office);
        move |request| office.get().unwrap().answer(request)
    });
    // Nor must a redirect have another server shown who asks.
    let elsewhere = format!("https://{}/tsa/good", name(&another));
    let server = Server::start_tls(config, move |request| match request.target.as_str() {
        "/tsa/handed-on" => redirect(&elsewhere),
        _ => office.get().unwrap().answer(request),
    });
    name(&server)
}

/// Settings files, right and wrong.
fn settings(dir: &Path, at: &str, tls: &str) {
    let write = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    write("password.txt", "s\u{e9}cret\n");
    write("wrong.txt", "guess\n");
    write("two-lines.txt", "one\ntwo\n");
    write("token.txt", "token-42\n");
    let signer = "key = \"signer.key\"\ncertificate = \"good.cert\"\nchain = [\"ca.pem\"]\n";
    write(
        "sceau.toml",
        &format!(
            "{signer}level = \"b-lta\"\ntrust = [\"root.pem\"]\n\n[[tsa]]\nurl = \"{at}/tsa/500\"\n\n[[tsa]]\nname = \"second\"\nurl = \"{at}/tsa/basic\"\nusername = \"acme\"\npassword-file = \"password.txt\"\n\n[time-stamp]\ndigest = \"sha512\"\n\n[cache]\nfolder = \"cache\"\n"
        ),
    );
    for (name, table) in [
        (
            "bearer",
            format!("url = \"{at}/tsa/bearer\"\ntoken-file = \"token.txt\"\n"),
        ),
        (
            "wrong-password",
            format!(
                "url = \"{at}/tsa/basic\"\nusername = \"acme\"\npassword-file = \"wrong.txt\"\n"
            ),
        ),
        (
            "two-lines",
            format!(
                "url = \"{at}/tsa/basic\"\nusername = \"acme\"\npassword-file = \"two-lines.txt\"\n"
            ),
        ),
        (
            "no-file",
            format!(
                "url = \"{at}/tsa/basic\"\nusername = \"acme\"\npassword-file = \"gone.txt\"\n"
            ),
        ),
        (
            "handed-on",
            format!(
                "url = \"{at}/tsa/handed-on\"\nusername = \"acme\"\npassword-file = \"password.txt\"\n"
            ),
        ),
        (
            "half",
            format!("url = \"{at}/tsa/basic\"\nusername = \"acme\"\n"),
        ),
        (
            "in-url",
            "url = \"https://acme:secret@tsa.sceau.example/\"\n".to_owned(),
        ),
        (
            "client",
            format!(
                "url = \"https://{tls}/tsa/good\"\nclient-certificate = \"client.pem\"\nclient-key = \"client.key\"\ntls-trust = \"server.pem\"\n"
            ),
        ),
        (
            "client-handed-on",
            format!(
                "url = \"https://{tls}/tsa/handed-on\"\nclient-certificate = \"client.pem\"\nclient-key = \"client.key\"\ntls-trust = \"server.pem\"\n"
            ),
        ),
        (
            "no-client",
            format!("url = \"https://{tls}/tsa/good\"\ntls-trust = \"server.pem\"\n"),
        ),
        (
            "other-key",
            format!(
                "url = \"https://{tls}/tsa/good\"\nclient-certificate = \"client.pem\"\nclient-key = \"another.key\"\ntls-trust = \"server.pem\"\n"
            ),
        ),
        (
            "policy",
            format!("url = \"{at}/tsa/good\"\npolicy = \"1.3.6.1.4.1.32473.7\"\n"),
        ),
        (
            "not-oid",
            format!("url = \"{at}/tsa/good\"\npolicy = \"gold\"\n"),
        ),
    ] {
        write(
            &format!("{name}.toml"),
            &format!("{signer}\n[[tsa]]\n{table}"),
        );
    }
    write("unknown.toml", "key = \"signer.key\"\nlevle = \"b-t\"\n");
    write(
        "unknown-tsa.toml",
        "[[tsa]]\nurl = \"http://127.0.0.1:1/\"\nuser = \"acme\"\n",
    );
    write("level.toml", "level = \"b-x\"\n");
    write("digest.toml", "[time-stamp]\ndigest = \"sha1\"\n");
    write("timeout.toml", "[network]\ntimeout = 0\n");
    write(
        "proxy-password.toml",
        "[network]\nproxy = \"http://acme:secret@proxy.sceau.example:3128\"\n",
    );
    write(
        "after.toml",
        &format!(
            "{signer}trust = [\"root.pem\"]\nlevel = \"b-lt\"\n\n[[tsa]]\nurl = \"{at}/tsa/good\"\n\n[evidence]\nfreshness = \"after-signature\"\ngrace-seconds = 3600\n"
        ),
    );
}

fn contract(dir: &Path) -> Vec<u8> {
    fs::write(dir.join("contract.pdf"), CONTRACT).unwrap();
    let output = Command::new("qpdf")
        .args(["contract.pdf", "--replace-input"])
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{output:?}");
    fs::read(dir.join("contract.pdf")).unwrap()
}

/// qpdf writes the cross-reference table anew.
const CONTRACT: &str = "%PDF-1.7
1 0 obj
<</Type /Catalog /Pages 2 0 R>>
endobj
2 0 obj
<</Type /Pages /Kids [3 0 R] /Count 1>>
endobj
3 0 obj
<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>>>>
endobj
trailer
<</Size 4 /Root 1 0 R>>
startxref
0
%%EOF
";
