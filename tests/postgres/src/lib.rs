//! PostgreSQL for tests: a server of our own in a temporary folder, reachable through a Unix socket
//! only, as durable as in production (`fsync` on), gone when the test process ends, however it ends.
//!
//! [`database`] gives a test an empty database: on the server that `cargo xtask test` runs for all of
//! them, or else on one that this process starts. [`Server`] is for tests that kill or copy a server.
#![forbid(unsafe_code)]
// A test that cannot run says so on standard error; `cargo xtask test` counts it.
#![allow(clippy::print_stderr)]

mod programs;
mod server;

use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub use programs::Programs;
pub use server::Server;

/// The socket folder of a running server that tests may use, set by `cargo xtask test`.
pub const SHARED: &str = "SCEAU_TEST_POSTGRES";

/// The role that owns everything on a test server.
pub const OWNER: &str = "sceau";

/// An empty database of one test.
#[derive(Clone, Debug)]
pub struct Database {
    /// How programs name it: a URL without a password, as none is needed.
    pub url: String,
    /// Its name on the server.
    pub name: String,
    /// The folder of the server's socket.
    pub socket: String,
}

/// An empty database, or `None` where no PostgreSQL is installed, which is said as `skipped: ...`.
///
/// # Panics
/// Where the server is installed and does not work, and under `SCEAU_REQUIRE_JUDGES=1` where it is
/// missing: a test that did not run must not pass for one that did.
#[must_use]
pub fn database() -> Option<Database> {
    static OURS: OnceLock<Option<Server>> = OnceLock::new();
    if let Ok(socket) = std::env::var(SHARED) {
        let programs = available()?;
        return Some(create(&programs, &socket));
    }
    let server = OURS
        .get_or_init(|| available().map(|programs| started(&programs)))
        .as_ref()?;
    Some(server.database())
}

/// The server programs, or `None` after saying `skipped: ...`.
///
/// # Panics
/// Under `SCEAU_REQUIRE_JUDGES=1` where they are missing.
#[must_use]
pub fn available() -> Option<Programs> {
    let found = Programs::find();
    if found.is_none() {
        let required = std::env::var("SCEAU_REQUIRE_JUDGES").is_ok_and(|value| value == "1");
        assert!(!required, "required, but PostgreSQL is not installed");
        eprintln!("skipped: PostgreSQL not found");
    }
    found
}

fn started(programs: &Programs) -> Server {
    match Server::start(programs) {
        Ok(server) => server,
        Err(error) => panic!("PostgreSQL does not start: {error}"),
    }
}

/// Makes a database on the server whose socket is in `socket`.
pub(crate) fn create(programs: &Programs, socket: &str) -> Database {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}", std::process::id());
    let made = Command::new(programs.path("createdb"))
        .args(["-h", socket, "-U", OWNER, &name])
        .output();
    match made {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!("createdb: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => panic!("createdb: {error}"),
    }
    Database {
        url: format!("postgresql:///{name}?host={socket}&user={OWNER}"),
        name,
        socket: socket.to_owned(),
    }
}

impl Database {
    /// Runs SQL with psql as the owner, or as another role; what it printed, unaligned and without
    /// headers, or what it complained about.
    ///
    /// # Errors
    /// What psql said on standard error.
    ///
    /// # Panics
    /// Where psql cannot be run.
    pub fn sql(&self, statements: &str) -> Result<String, String> {
        let programs = Programs::find().expect("it made this database");
        let output = Command::new(programs.path("psql"))
            .args(["-XqAt", "-v", "ON_ERROR_STOP=1"])
            .args(["-h", &self.socket, "-U", OWNER, "-d", &self.name])
            .args(["-c", statements])
            .output()
            .expect("psql runs");
        if output.status.success() {
            let text = String::from_utf8_lossy(&output.stdout);
            Ok(text.trim_end().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}
