//! Every environment variable that Sceau's programs read, declared once.
//!
//! A test searches the programs' sources and manual pages for names that are not declared here.

use secrecy::SecretString;

/// An environment variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// The programs that read it.
    pub programs: &'static [&'static str],
    /// What it does, in a sentence.
    pub does: &'static str,
}

const ALL_PROGRAMS: &[&str] = &["sceau", "sceau-ca", "sceau-ocsp", "sceau-tsa"];

/// The PIN or passphrase of a private key.
pub const PIN: Variable = Variable {
    name: "SCEAU_PIN",
    programs: ALL_PROGRAMS,
    does: "The PIN of the token or the passphrase of the key file, where no PIN file is given.",
};

/// The PKCS#11 module.
pub const PKCS11_MODULE: Variable = Variable {
    name: "SCEAU_PKCS11_MODULE",
    programs: ALL_PROGRAMS,
    does: "The PKCS#11 module to load where a key's URI has no module-path.",
};

/// The log filter.
pub const LOG: Variable = Variable {
    name: "SCEAU_LOG",
    programs: ALL_PROGRAMS,
    does: "What is logged to standard error, such as debug or hsm_pkcs11=trace,warn; overrides -q and -v.",
};

/// The settings file of the signer.
pub const SETTINGS: Variable = Variable {
    name: "SCEAU_SETTINGS",
    programs: &["sceau"],
    does: "The settings file, where --settings is not given; else sceau/sceau.toml in XDG_CONFIG_HOME.",
};

/// The folder of the certificate authority.
pub const CA_DIR: Variable = Variable {
    name: "SCEAU_CA_DIR",
    programs: &["sceau-ca"],
    does: "The folder of the certificate authority, where -C is not given.",
};

/// The password of the database.
pub const DATABASE_PASSWORD: Variable = Variable {
    name: "SCEAU_DATABASE_PASSWORD",
    programs: &["sceau-ca", "sceau-ocsp"],
    does: "The password of the PostgreSQL role, where no password file is named; else PGPASSWORD.",
};

/// The OCSP responder's addresses.
pub const OCSP_LISTEN: Variable = Variable {
    name: "SCEAU_OCSP_LISTEN",
    programs: &["sceau-ocsp"],
    does: "The addresses to listen on, separated by commas; overrides listen in the configuration.",
};

/// The time-stamping service's addresses.
pub const TSA_LISTEN: Variable = Variable {
    name: "SCEAU_TSA_LISTEN",
    programs: &["sceau-tsa"],
    does: "The addresses to listen on, separated by commas; overrides listen in the configuration.",
};

/// The password of the database, from [`DATABASE_PASSWORD`] or from `PGPASSWORD`, which PostgreSQL's own
/// programs read.
#[must_use]
pub fn database_password() -> Option<SecretString> {
    [DATABASE_PASSWORD.name, "PGPASSWORD"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok())
        .map(SecretString::from)
}

/// All of them, in the order in which they are documented.
pub const ALL: &[Variable] = &[
    PIN,
    PKCS11_MODULE,
    LOG,
    SETTINGS,
    CA_DIR,
    DATABASE_PASSWORD,
    OCSP_LISTEN,
    TSA_LISTEN,
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::ALL;

    #[test]
    fn every_variable_in_the_workspace_is_declared() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut sources = Vec::new();
        collect(&root, &mut sources);
        assert!(sources.len() > 20, "the workspace was not found");
        let mut undeclared = Vec::new();
        for path in sources {
            let text = fs::read_to_string(&path).unwrap_or_default();
            for name in names(&text) {
                if !ALL.iter().any(|v| v.name == name) {
                    undeclared.push(format!("{} in {}", name, path.display()));
                }
            }
        }
        assert!(undeclared.is_empty(), "{undeclared:#?}");
    }

    /// What tests use themselves.
    const NOT_PROGRAMS: [&str; 4] = ["tests", "xtask", "fuzz", "target"];

    /// The programs' sources and manual pages.
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if path.is_dir() {
                if !NOT_PROGRAMS.contains(&&*name) && !name.starts_with('.') {
                    collect(&path, found);
                }
            } else if (name.ends_with(".rs") && name != "tests.rs")
                || (name.starts_with("sceau") && name.ends_with(".md"))
            {
                found.push(path);
            }
        }
    }

    /// `SCEAU_` and what follows it of capitals, digits and underscores.
    fn names(text: &str) -> impl Iterator<Item = &str> {
        text.match_indices("SCEAU_").filter_map(|(at, prefix)| {
            let rest = &text[at..];
            let end = rest
                .find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
                .unwrap_or(rest.len());
            let name = rest[..end].trim_end_matches('_');
            (name.len() > prefix.len() && name != "SCEAU_NO_SUCH_VARIABLE").then_some(name)
        })
    }
}
