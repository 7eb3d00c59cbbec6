//! One server process and its folder.
//!
//! A shell stands between us and the server and reads from a pipe that we hold. When we end, killed or
//! not, the pipe closes, and the shell stops the server and removes the folder.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{Database, OWNER, Programs, create};

/// How long a server may take to start, also after a crash.
const PATIENCE: Duration = Duration::from_secs(60);

/// `$1` the server program, `$2` the folder; further arguments are the server's.
const KEEPER: &str = r#"
server=$1; home=$2; shift 2
"$server" -D "$home/data" "$@" >>"$home/log" 2>&1 </dev/null &
pid=$!
echo $pid
read -r word
kill -QUIT $pid 2>/dev/null
wait $pid
[ "$word" = keep ] || rm -rf "$home"
"#;

/// A running server; stopped and removed when dropped.
#[derive(Debug)]
pub struct Server {
    programs: Programs,
    home: PathBuf,
    /// Where it listens on the network too.
    address: Option<Ipv4Addr>,
    /// Removes what the keeper left, where we may.
    _folder: TempDir,
    keeper: Option<Keeper>,
}

#[derive(Debug)]
struct Keeper {
    shell: Child,
    server: Pid,
}

impl Server {
    /// Makes a database cluster and starts its server.
    ///
    /// # Errors
    /// What the programs said.
    pub fn start(programs: &Programs) -> io::Result<Self> {
        Self::make(programs, None, |home| {
            Self::initialise(programs, home).map(drop)
        })
    }

    /// The same, and it listens on the network too ([`Self::address`]), with TLS and nothing else.
    ///
    /// # Errors
    /// What the programs said.
    pub fn start_with_tls(programs: &Programs, certificate: &str, key: &str) -> io::Result<Self> {
        // Every address that begins with 127 is this machine's; one of our own needs no port of its own.
        let [.., high, low] = std::process::id().to_be_bytes();
        Self::make(programs, Some(Ipv4Addr::new(127, 77, high, low)), |home| {
            let rules = Self::initialise(programs, home)?;
            let trusting = std::fs::read_to_string(&rules)?;
            std::fs::write(&rules, format!("hostnossl all all all reject\n{trusting}"))?;
            for (file, text) in [("server.crt", certificate), ("server.key", key)] {
                let path = home.join("data").join(file);
                std::fs::write(&path, text)?;
                // The server takes a key that is its own and that nobody else can read.
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
                programs.give(&path)?;
            }
            Ok(())
        })
    }

    /// Makes a database cluster; where its rules of access are.
    fn initialise(programs: &Programs, home: &Path) -> io::Result<PathBuf> {
        // `local all guarded` asks this one role for a password; everybody else is let in.
        let mut initdb = programs.command("initdb");
        initdb
            .args(["-A", "trust", "-E", "UTF8", "--locale=C", "-U", OWNER, "-D"])
            .arg(home.join("data"));
        finish(&mut initdb)?;
        let rules = home.join("data/pg_hba.conf");
        let trusting = std::fs::read_to_string(&rules)?;
        let guarded = format!("local all guarded scram-sha-256\n{trusting}");
        std::fs::write(&rules, guarded)?;
        Ok(rules)
    }

    /// Starts a hot standby that follows this server.
    ///
    /// # Errors
    /// What the programs said.
    pub fn standby(&self) -> io::Result<Self> {
        Self::make(&self.programs, None, |home| {
            let mut copy = self.programs.command("pg_basebackup");
            copy.args(["-R", "-X", "stream", "-c", "fast", "-U", OWNER, "-h"])
                .arg(&self.home)
                .arg("-D")
                .arg(home.join("data"));
            finish(&mut copy)
        })
    }

    fn make(
        programs: &Programs,
        address: Option<Ipv4Addr>,
        fill: impl FnOnce(&Path) -> io::Result<()>,
    ) -> io::Result<Self> {
        // Short: the path of a socket has at most 107 characters.
        let folder = tempfile::Builder::new()
            .prefix("sceau-pg-")
            .tempdir_in("/tmp")?;
        programs.give(folder.path())?;
        fill(folder.path())?;
        let mut server = Self {
            programs: programs.clone(),
            home: folder.path().to_owned(),
            address,
            _folder: folder,
            keeper: None,
        };
        server.restart()?;
        Ok(server)
    }

    /// The folder of the server's socket.
    #[must_use]
    pub fn socket(&self) -> String {
        self.home.display().to_string()
    }

    /// Where it listens, if it was started with TLS.
    #[must_use]
    pub fn address(&self) -> Option<Ipv4Addr> {
        self.address
    }

    /// Makes it say nothing more, without closing a connection, as a machine does that swaps to death.
    ///
    /// # Panics
    /// Where it does not run.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on after [`Self::freeze`].
    ///
    /// # Panics
    /// Where it does not run.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let server = self.keeper.as_ref().expect("the server runs").server;
        for pid in children(server).into_iter().chain([server]) {
            let _ = kill_process(pid, signal);
        }
    }

    /// A new, empty database.
    ///
    /// # Panics
    /// Where the server does not make it.
    #[must_use]
    pub fn database(&self) -> Database {
        create(&self.programs, &self.socket())
    }

    /// The database of this name, as on a standby.
    #[must_use]
    pub fn existing(&self, name: &str) -> Database {
        let socket = self.socket();
        Database {
            url: format!("postgresql:///{name}?host={socket}&user={OWNER}"),
            name: name.to_owned(),
            socket,
        }
    }

    /// Kills every process of the server at once, as a power cut does.
    ///
    /// # Panics
    /// Where it does not run.
    pub fn kill(&mut self) {
        let mut keeper = self.keeper.take().expect("the server runs");
        let children = children(keeper.server);
        for pid in children.into_iter().chain([keeper.server]) {
            let _ = kill_process(pid, Signal::KILL);
        }
        keeper.end(b"keep\n");
    }

    /// Stops it in an orderly way, keeping its folder.
    ///
    /// # Panics
    /// Where it does not run.
    pub fn stop(&mut self) {
        let mut keeper = self.keeper.take().expect("the server runs");
        let _ = kill_process(keeper.server, Signal::INT);
        let started = Instant::now();
        // The standby and we may still be connected; what has not ended by then is made to.
        while started.elapsed() < Duration::from_secs(5)
            && self.home.join("data/postmaster.pid").exists()
        {
            sleep(Duration::from_millis(20));
        }
        keeper.end(b"keep\n");
    }

    /// Starts it again after [`Self::kill`] or [`Self::stop`].
    ///
    /// # Errors
    /// What it wrote into its log where it does not come up.
    pub fn restart(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.keeper = Some(Keeper::start(&self.programs, &self.home, self.address)?);
            while Instant::now() < deadline {
                if self.answers() {
                    return Ok(());
                }
                if !self.alive() {
                    break;
                }
                sleep(Duration::from_millis(20));
            }
            if let Some(mut keeper) = self.keeper.take() {
                keeper.end(b"keep\n");
            }
            if Instant::now() >= deadline {
                let log = std::fs::read_to_string(self.home.join("log")).unwrap_or_default();
                return Err(io::Error::other(log));
            }
            // What was killed may not be gone yet, and the server waits for its shared memory.
            sleep(Duration::from_millis(50));
        }
    }

    fn answers(&self) -> bool {
        Command::new(self.programs.path("pg_isready"))
            .args(["-q", "-h"])
            .arg(&self.home)
            .status()
            .is_ok_and(|status| status.success())
    }

    fn alive(&self) -> bool {
        self.keeper.as_ref().is_some_and(|keeper| {
            rustix::process::test_kill_process(keeper.server).is_ok() && !zombie(keeper.server)
        })
    }
}

impl Keeper {
    fn start(programs: &Programs, home: &Path, address: Option<Ipv4Addr>) -> io::Result<Self> {
        let (address, ssl) = match address {
            None => (String::new(), "off"),
            Some(address) => (address.to_string(), "on"),
        };
        let network = [format!("listen_addresses={address}"), format!("ssl={ssl}")];
        let mut shell = programs
            .command("/bin/sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(programs.path("postgres"))
            .arg(home)
            .arg("-k")
            .arg(home)
            .args(network.iter().flat_map(|setting| ["-c", setting]))
            .args(["-c", "max_connections=150", "-c", "shared_buffers=64MB"])
            .args(["-c", "hot_standby_feedback=on", "-c", "max_wal_size=512MB"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        let stdout = shell.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        BufReader::new(stdout).read_line(&mut line)?;
        let server = line.trim().parse().ok().and_then(Pid::from_raw);
        let server = server.ok_or_else(|| io::Error::other("the server's shell did not start"))?;
        Ok(Self { shell, server })
    }

    /// Lets the shell go on, and waits for it.
    fn end(&mut self, word: &[u8]) {
        if let Some(mut pipe) = self.shell.stdin.take() {
            let _ = pipe.write_all(word);
        }
        let _ = self.shell.wait();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.end(b"\n");
    }
}

fn finish(command: &mut Command) -> io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(said))
}

/// State and parent of a process: the fields after the name, which is in parentheses.
fn stat(pid: u32) -> Option<(char, i32)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

fn zombie(pid: Pid) -> bool {
    stat(pid.as_raw_nonzero().get().unsigned_abs()).is_none_or(|(state, _)| state == 'Z')
}

fn children(parent: Pid) -> Vec<Pid> {
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| stat(*pid).is_some_and(|(_, p)| p == parent.as_raw_nonzero().get()))
        .filter_map(|pid| Pid::from_raw(i32::try_from(pid).ok()?))
        .collect()
}
