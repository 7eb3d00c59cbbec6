//! Where things are: the project, the programs under test, the tools that judge them.
//!
//! | variable | means | without it |
//! | --- | --- | --- |
//! | `SCEAU_PROGRAMS` | folder with the built `sceau`, `sceau-ca`, `sceau-ocsp`, `sceau-tsa` | the folder of the build that runs |
//! | `SCEAU_PYTHON` | Python with the judges of `xtask/requirements.txt` | `target/test-env/python/bin/python` |
//! | `SCEAU_CERTVAL` | the program of `tests/certval`, which judges certification paths | `target/test-env/certval/release/certval-judge` |
//! | `SCEAU_SOFTHSM_MODULE` | the SoftHSM 2 library | the places Debian and others install it to |
//! | `SCEAU_CORPORA` | folder with third-party documents | `../shared/data` beside the project |
//! | `SCEAU_TEST_POSTGRES` | socket folder of a running PostgreSQL that the tests may use | each test program starts one of its own |
//! | `SCEAU_REQUIRE_JUDGES` | `1`: a missing tool fails a test instead of skipping it | missing tools are skipped, and said so |

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::program::{Call, find};

/// The project's root folder.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default()
}

/// Folder that holds the programs of this build.
pub fn programs() -> PathBuf {
    if let Some(folder) = std::env::var_os("SCEAU_PROGRAMS") {
        return folder.into();
    }
    let folder = std::env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(Path::to_path_buf))
        .unwrap_or_default();
    match folder.file_name() {
        Some(name) if name == "deps" => folder.parent().map(Path::to_path_buf).unwrap_or_default(),
        _ => folder,
    }
}

/// `target/test-env`: what the tests install and leave behind between runs.
pub fn test_env() -> PathBuf {
    let target = programs()
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default();
    let target = if target.join("CACHEDIR.TAG").exists() {
        target
    } else {
        project().join("target")
    };
    target.join("test-env")
}

/// A call of one of our programs.
///
/// # Errors
/// When it was not built; the error says how.
pub fn sceau_program(name: &str) -> Result<Call> {
    let path = programs().join(name);
    if !path.is_file() {
        bail!(
            "{} is not built: run `cargo build --workspace --bins`, or `cargo xtask test`, which does",
            path.display()
        );
    }
    // What a program says must not depend on the developer's shell, settings or cache. Nothing can be
    // below a file.
    Ok(Call::new(path)
        .env("RUST_BACKTRACE", "0")
        .env("XDG_CONFIG_HOME", "/dev/null")
        .env("XDG_CACHE_HOME", "/dev/null"))
}

/// The Python interpreter that has the judges, if it is there.
pub fn python() -> Option<PathBuf> {
    match std::env::var_os("SCEAU_PYTHON") {
        Some(path) => Some(path.into()),
        None => Some(test_env().join("python/bin/python")).filter(|path| path.exists()),
    }
}

/// The SoftHSM 2 PKCS#11 module, if it is there.
pub fn softhsm_module() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("SCEAU_SOFTHSM_MODULE") {
        return Some(path.into());
    }
    [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    ]
    .iter()
    .map(PathBuf::from)
    .find(|path| path.exists())
}

/// PDFBox and BouncyCastle as Debian installs them, if they are there.
pub fn pdfbox_jars() -> Option<Vec<PathBuf>> {
    const JARS: [&str; 6] = [
        "pdfbox2",
        "fontbox2",
        "commons-logging",
        "bcprov",
        "bcpkix",
        "bcutil",
    ];
    let jars = JARS.map(|name| Path::new(JAVA_LIBRARIES).join(format!("{name}.jar")));
    jars.iter().all(|jar| jar.is_file()).then(|| jars.to_vec())
}

/// BouncyCastle alone, if it is there.
pub fn bouncycastle_jars() -> Option<Vec<PathBuf>> {
    const JARS: [&str; 3] = ["bcprov", "bcpkix", "bcutil"];
    let jars = JARS.map(|name| Path::new(JAVA_LIBRARIES).join(format!("{name}.jar")));
    jars.iter().all(|jar| jar.is_file()).then(|| jars.to_vec())
}

/// Where Debian has the libraries of Java.
pub const JAVA_LIBRARIES: &str = "/usr/share/java";

/// What a test may need and not find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A program in `PATH`.
    Tool(&'static str),
    /// The Python environment with the judges.
    Python,
    /// SoftHSM 2: module and `softhsm2-util`.
    SoftHsm,
    /// Java, PDFBox and BouncyCastle.
    PdfBox,
    /// Java and BouncyCastle.
    BouncyCastle,
}

/// Whether everything a test needs is there. Says `skipped: ...` on standard error where not, so that the count of skipped tests
/// in `cargo xtask test` can name the reason.
///
/// # Panics
/// Under `SCEAU_REQUIRE_JUDGES=1`, where a missing judge must not pass for a passed test.
pub fn available(needs: &[Need]) -> bool {
    for need in needs {
        let missing = match need {
            Need::Tool(name) if find(name).is_none() => format!("{name} not found"),
            Need::Python if python().is_none() => {
                "no Python environment with the judges (cargo xtask test makes one)".to_owned()
            }
            Need::SoftHsm if softhsm_module().is_none() || find("softhsm2-util").is_none() => {
                "SoftHSM 2 not found".to_owned()
            }
            Need::PdfBox if find("java").is_none() || pdfbox_jars().is_none() => {
                "Java with PDFBox and BouncyCastle not found".to_owned()
            }
            Need::BouncyCastle if find("java").is_none() || bouncycastle_jars().is_none() => {
                "Java with BouncyCastle not found".to_owned()
            }
            _ => continue,
        };
        assert!(
            std::env::var_os("SCEAU_REQUIRE_JUDGES").is_none_or(|value| value != "1"),
            "required, but {missing}"
        );
        skipped(&missing);
        return false;
    }
    true
}

/// Says that a test did not run and why.
#[allow(clippy::print_stderr)] // The one way a test can say that it did nothing.
pub fn skipped(reason: &str) {
    eprintln!("skipped: {reason}");
}
