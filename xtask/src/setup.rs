//! What the tests need beside Rust: programs from Debian packages, and a Python environment with the judges.
//!
//! Nothing is installed unasked-for: what is there is reused, what is missing is named before it is installed, and `--no-install`
//! (or a machine without `apt-get`, or a user who is not root) ends with the command to run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use sceau_tests::environment;
use sceau_tests::program::{Call, find};
use test_postgres::Programs;

use crate::cargo::cargo;
use crate::terminal;

/// Whether missing things may be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Install {
    /// Install what is missing.
    Allowed,
    /// Fail and say what is missing.
    Forbidden,
}

/// A program, the Debian package that has it, and what it is for.
pub(crate) struct Tool {
    program: &'static str,
    package: &'static str,
    purpose: &'static str,
}

impl Tool {
    fn is_there(&self) -> bool {
        if self.program == POSTGRES.program {
            Programs::find().is_some()
        } else if let Some(library) = self.program.strip_suffix(".jar") {
            Path::new(environment::JAVA_LIBRARIES)
                .join(format!("{library}.jar"))
                .is_file()
        } else {
            find(self.program).is_some()
        }
    }
}

const fn tool(program: &'static str, package: &'static str, purpose: &'static str) -> Tool {
    Tool {
        program,
        package,
        purpose,
    }
}

/// What the tests call.
pub(crate) const TEST_TOOLS: [Tool; 25] = [
    tool(
        "openssl",
        "openssl",
        "judges chains, OCSP, CRLs, time-stamps and CMS",
    ),
    tool("softhsm2-util", "softhsm2", "a PKCS#11 token in software"),
    tool("pkcs11-tool", "opensc", "looks into the token"),
    tool("ocsptool", "gnutls-bin", "judges the OCSP responder"),
    tool("certtool", "gnutls-bin", "judges certificates"),
    tool("gnutls-cli", "gnutls-bin", "judges stapled OCSP responses"),
    tool("curl", "curl", "judges HTTP and stapled OCSP responses"),
    tool(
        "nginx",
        "nginx-light",
        "verifies and staples OCSP responses",
    ),
    tool(
        "certutil",
        "libnss3-tools",
        "NSS, which judges certificates",
    ),
    tool("ocspclnt", "libnss3-tools", "NSS, which judges OCSP"),
    tool("crlutil", "libnss3-tools", "NSS, which judges CRLs"),
    tool("chromium", "chromium", "shows the status page"),
    tool("pdfsig", "poppler-utils", "judges PDF signatures"),
    tool("pdftoppm", "poppler-utils", "draws pages, to compare them"),
    tool("qpdf", "qpdf", "judges PDF structure"),
    tool(
        "zbarimg",
        "zbar-tools",
        "reads the QR codes of visible signatures",
    ),
    tool("mutool", "mupdf-tools", "judges PDF structure"),
    tool("faketime", "faketime", "travels in time"),
    tool(
        "xmlsec1",
        "xmlsec1",
        "signs trusted lists, and judges their signatures",
    ),
    tool("unzip", "unzip", "unpacks containers as anybody would"),
    tool("xmllint", "libxml2-utils", "judges XML by its schema"),
    tool(
        "java",
        "default-jdk-headless",
        "runs PDFBox and BouncyCastle",
    ),
    tool(
        "pdfbox2.jar",
        "libpdfbox2-java",
        "judges PDF signatures, with BouncyCastle",
    ),
    tool("bcpkix.jar", "libbcpkix-java", "BouncyCastle, judges CMS"),
    POSTGRES,
];

/// The server programs are not in `PATH` on Debian.
const POSTGRES: Tool = tool("postgres", "postgresql", "a database for several machines");

/// What the demo calls for a token.
pub(crate) const TOKEN_TOOLS: [Tool; 1] = [tool(
    "softhsm2-util",
    "softhsm2",
    "a PKCS#11 token in software",
)];

/// What the measurements call.
pub(crate) const BENCH_TOOLS: [Tool; 6] = [
    tool(
        "openssl",
        "openssl",
        "the peer for OCSP, time-stamps and CMS",
    ),
    tool("wrk", "wrk", "the load generator"),
    tool("ab", "apache2-utils", "the load generator for openssl ocsp"),
    tool("softhsm2-util", "softhsm2", "a PKCS#11 token in software"),
    tool("time", "time", "reads the peak memory of a process"),
    POSTGRES,
];

/// The programs of `tools`, installed if missing and allowed.
pub(crate) fn tools(tools: &[Tool], install: Install) -> Result<()> {
    let missing: Vec<&Tool> = tools.iter().filter(|tool| !tool.is_there()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Missing programs:");
    for tool in &missing {
        println!(
            "  {:<14} {} (Debian package {})",
            tool.program, tool.purpose, tool.package
        );
    }
    let mut packages: Vec<&str> = missing.iter().map(|tool| tool.package).collect();
    packages.dedup();
    packages_from_debian(&packages, install)?;
    match tools.iter().find(|tool| !tool.is_there()) {
        Some(tool) => bail!(
            "package {} was installed, but `{}` is still not found",
            tool.package,
            tool.program
        ),
        None => Ok(()),
    }
}

/// The variables that tell the tests where the judges are.
pub(crate) fn judges(install: Install) -> Result<Vec<(&'static str, OsString)>> {
    tools(&TEST_TOOLS, install)?;
    let python = python(install)?;
    let module = environment::softhsm_module()
        .context("SoftHSM is installed, but libsofthsm2.so was not found: set SCEAU_SOFTHSM_MODULE to its path")?;
    let mut variables = vec![
        ("SCEAU_PYTHON", python.into()),
        ("SCEAU_SOFTHSM_MODULE", module.into()),
        ("SCEAU_REQUIRE_JUDGES", "1".into()),
    ];
    variables.extend(certval(install)?.map(|program| ("SCEAU_CERTVAL", program.into())));
    Ok(variables)
}

/// certval, the judge of paths in a workspace of its own, built into `target/test-env/certval`. Its tests skip, and are counted,
/// where it does not build: a pre-release must not keep everything else from being tested.
pub(crate) fn certval(install: Install) -> Result<Option<PathBuf>> {
    let target = environment::test_env().join("certval");
    let manifest = environment::project().join("tests/certval/Cargo.toml");
    let mut command = cargo();
    command.args(["build", "--quiet", "--release", "--locked"]);
    command.arg("--manifest-path").arg(manifest);
    command.arg("--target-dir").arg(&target);
    if install == Install::Forbidden {
        command.arg("--offline");
    }
    let program = target.join("release/certval-judge");
    if !program.is_file() {
        println!("Building certval, a judge of certification paths");
    }
    match run(&mut command) {
        Ok(()) => Ok(Some(program)),
        Err(why) => {
            println!("certval does not build, and its tests are skipped:\n{why:#}");
            Ok(None)
        }
    }
}

/// The Python that has the judges: `$SCEAU_PYTHON`, or an environment below `target/`, made or brought up to date if allowed.
pub(crate) fn python(install: Install) -> Result<PathBuf> {
    if let Some(python) = std::env::var_os("SCEAU_PYTHON").map(PathBuf::from) {
        imports(&python).with_context(|| {
            format!(
                "SCEAU_PYTHON={} lacks a package of xtask/requirements.txt",
                python.display()
            )
        })?;
        return Ok(python);
    }
    let requirements = environment::project().join("xtask/requirements.txt");
    let wanted = std::fs::read_to_string(&requirements)?;
    let folder = environment::test_env().join("python");
    let python = folder.join("bin/python");
    let stamp = folder.join("sceau-requirements.txt");
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    let packages: Vec<&str> = wanted
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .collect();
    if install == Install::Forbidden {
        bail!(
            "the Python environment with the judges is missing or out of date ({})\n  run `cargo xtask test` without --no-install, or set SCEAU_PYTHON to a Python that has: {}",
            folder.display(),
            packages.join(" ")
        );
    }
    let base = base_python(install)?;
    println!(
        "Installing into {}: {}",
        folder.display(),
        packages.join(" ")
    );
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    run(Command::new(&base).args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--requirement",
        ])
        .arg(&requirements))?;
    imports(&python)?;
    std::fs::write(stamp, wanted)?;
    Ok(python)
}

/// A Python 3 that can make environments; Debian has that in a package of its own.
fn base_python(install: Install) -> Result<PathBuf> {
    let candidates = || {
        ["python3", "python3.13", "python3.12", "python3.11"]
            .into_iter()
            .filter_map(find)
            .chain([PathBuf::from("/usr/bin/python3")])
    };
    let able = |python: &PathBuf| {
        Call::new(python)
            .args(["-c", "import ensurepip, venv"])
            .run()
            .is_ok_and(|outcome| outcome.success())
    };
    if let Some(python) = candidates().find(able) {
        return Ok(python);
    }
    println!("Missing: a Python 3 that can make environments (Debian package python3-venv)");
    packages_from_debian(&["python3-venv"], install)?;
    candidates()
        .find(able)
        .context("python3-venv was installed, but `python3 -m venv` still does not work")
}

fn imports(python: &Path) -> Result<()> {
    let outcome = Call::new(python).args(["-c", "import pyhanko.sign.validation, pyhanko.cli, pkilint, cryptography_vectors, asn1crypto, rfc3161_client, html5lib, prometheus_client.openmetrics.parser"]).run()?;
    if !outcome.success() {
        bail!("{outcome}");
    }
    Ok(())
}

fn packages_from_debian(packages: &[&str], install: Install) -> Result<()> {
    let command = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    if install == Install::Forbidden {
        bail!("--no-install was given; to install what is missing: {command}");
    }
    let Some(apt) = find("apt-get") else {
        bail!(
            "this is no Debian or Ubuntu: install the programs above with this system's own package manager, then run again"
        );
    };
    let root = Call::new("id")
        .arg("-u")
        .run()
        .is_ok_and(|outcome| outcome.out().trim() == "0");
    if !root {
        bail!("only root can install packages: run `sudo {command}`, then run again");
    }
    println!("Installing: {command}");
    let _no_cluster = packages
        .contains(&POSTGRES.package)
        .then(NoCluster::ask)
        .transpose()?;
    let _no_start = NoStart::ask()?;
    let apt = |arguments: &[&str]| {
        let mut call = Command::new(&apt);
        call.args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut call)
    };
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    if apt(&arguments).is_err() {
        // A machine whose package lists were never fetched, or are too old.
        apt(&["update", "-qq"])?;
        apt(&arguments)?;
    }
    Ok(())
}

/// While it lives, Debian's PostgreSQL package makes and starts no database server of its own: the tests start theirs.
struct NoCluster(PathBuf);

impl NoCluster {
    fn ask() -> Result<Self> {
        let folder = Path::new("/etc/postgresql-common/createcluster.d");
        let file = folder.join("sceau-tests.conf");
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&file, "create_main_cluster = false\n"))
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Self(file))
    }
}

impl Drop for NoCluster {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// While it lives, no package starts a server on this machine (nginx would take port 80): the tests start theirs.
struct NoStart(Option<PathBuf>);

impl NoStart {
    fn ask() -> Result<Self> {
        use std::os::unix::fs::PermissionsExt;
        let file = Path::new("/usr/sbin/policy-rc.d");
        if file.exists() {
            return Ok(Self(None)); // This machine has a policy of its own.
        }
        std::fs::write(file, "#!/bin/sh\nexit 101\n")
            .and_then(|()| std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)))
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Self(Some(file.to_path_buf())))
    }
}

impl Drop for NoStart {
    fn drop(&mut self) {
        if let Some(file) = &self.0 {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// Runs quietly; what the program said is shown only when it fails.
fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {name}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    let arguments: Vec<_> = command
        .get_args()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    bail!(
        "{}\n{name} {} failed",
        terminal::dim(said.trim_end()),
        arguments.join(" ")
    )
}
