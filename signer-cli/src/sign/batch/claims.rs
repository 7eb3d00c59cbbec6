//! Whose output is where: two documents must not share one, and none may replace another input.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::hash::BuildHasher as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use cli_support::{Exit, Failure};

/// So many documents are remembered by name; of the others a fingerprint of eight bytes is enough to
/// find that two have one output, not which.
const NAMED: usize = 10_000;

/// The outputs of a run so far.
#[derive(Default)]
pub(in crate::sign) struct Claims {
    hasher: RandomState,
    named: HashMap<u64, PathBuf>,
    others: HashSet<u64>,
    /// The inputs' devices and inodes, where existing outputs are replaced.
    inputs: HashSet<(u64, u64)>,
}

fn inode(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|m| (m.dev(), m.ino()))
}

impl Claims {
    /// For a run that replaces existing files: all its inputs have to be known first.
    pub(in crate::sign) fn replacing(inputs: impl Iterator<Item = impl AsRef<Path>>) -> Self {
        Self {
            inputs: inputs.filter_map(|input| inode(input.as_ref())).collect(),
            ..Self::default()
        }
    }

    /// Claims `out` for `input`; the first has it.
    pub(in crate::sign) fn claim(&mut self, input: &Path, out: &Path) -> Result<(), Failure> {
        let refuse = |why: String, hint: &str| {
            let message = format!(
                "the output of {} would be {}, {why}",
                input.display(),
                out.display()
            );
            Err(Failure::message(Exit::Usage, message).with_hint(hint))
        };
        if !self.inputs.is_empty() && inode(out).is_some_and(|out| self.inputs.contains(&out)) {
            return refuse(
                "another input".into(),
                "sign them in separate runs, or into another folder with --out-dir",
            );
        }
        let separate = "sign them in separate runs, each with its own --out-dir";
        let fingerprint = self.hasher.hash_one(out);
        if let Some(first) = self.named.get(&fingerprint) {
            return refuse(
                format!("and so would that of {}", first.display()),
                separate,
            );
        }
        if self.others.contains(&fingerprint) {
            return refuse("and so would that of an earlier document".into(), separate);
        }
        if self.named.len() < NAMED {
            self.named.insert(fingerprint, input.to_owned());
        } else {
            self.others.insert(fingerprint);
        }
        Ok(())
    }
}
