//! Where the server's programs are, and whom to run them as: PostgreSQL refuses to run as root.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs of one PostgreSQL version.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
    /// User and group to become where we are root.
    become_user: Option<(u32, u32)>,
}

impl Programs {
    /// The newest version there is: below `/usr/lib/postgresql` as on Debian, or in `PATH`.
    #[must_use]
    pub fn find() -> Option<Self> {
        let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let number = entry.file_name().to_str()?.parse().ok()?;
                Some((number, entry.path().join("bin")))
            })
            .collect();
        versions.sort();
        let debian = versions.into_iter().rev().map(|(_, folder)| folder);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders = debian.chain(std::env::split_paths(&path));
        let folder = folders.find(|folder| {
            ["initdb", "postgres", "createdb", "psql", "pg_isready"]
                .iter()
                .all(|program| folder.join(program).is_file())
        })?;
        Some(Self {
            folder,
            become_user: is_root().then(unprivileged),
        })
    }

    /// The path of one of them.
    #[must_use]
    pub fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// A command that runs as a user the server accepts.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(self.folder.join(program));
        if let Some((user, group)) = self.become_user {
            command.uid(user).gid(group);
        }
        // Not a folder that only we may enter.
        command.current_dir("/");
        // Programs judge and print in the language of the machine otherwise.
        command.env("LC_ALL", "C");
        command
    }

    /// Gives a folder to the user the server runs as.
    pub(crate) fn give(&self, folder: &Path) -> std::io::Result<()> {
        match self.become_user {
            Some((user, group)) => std::os::unix::fs::chown(folder, Some(user), Some(group)),
            None => Ok(()),
        }
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The user `postgres` where there is one, else the one who owns nothing.
fn unprivileged() -> (u32, u32) {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| {
        passwd.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            (*fields.first()? == name)
                .then(|| Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?)))?
        })
    };
    find("postgres")
        .or_else(|| find("nobody"))
        .unwrap_or((65_534, 65_534))
}
