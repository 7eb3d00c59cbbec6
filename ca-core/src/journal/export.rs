//! The export, schema `sceau.journal/1`: JSON lines, written in one way only, so that every changed
//! byte shows.
//!
//! ```text
//! {"schema":"sceau.journal/1","from":1,"prev":"00…","tree":[]}
//! {"seq":1,"prev":"00…","hash":"7d…","record":{…}}
//! …
//! {"end":{"to":1234,"head":"9f…","root":"0a…"}}
//! ```
//!
//! `prev` of the first line is the hash of the record before the first, and `tree` the roots of the
//! perfect subtrees over all before it, largest first. `record` holds the record's own bytes. Hashes
//! are lower-case hexadecimal.

use std::io::{self, BufRead};

use serde::{Deserialize, Serialize};

use super::broken::{BreakReason, JournalBreak};
use super::merkle::{Frontier, TreeHash};
use super::verify::{Checks, JournalReport, Verifier};
use super::{ChainHash, JournalRow};

/// The schema's name.
pub const SCHEMA: &str = "sceau.journal/1";
/// Octets of a line at most; the longest record holds a time-stamp token.
pub const MAX_LINE: usize = 4 << 20;

/// What comes before an export's first record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExportStart {
    /// The tree over the records before.
    pub tree: Frontier,
    /// The hash of the last of them.
    pub prev: ChainHash,
}

/// What an export's last line says of all records up to there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExportEnd {
    /// The last record's number.
    pub to: u64,
    /// Its hash.
    pub head: ChainHash,
    /// The root of the tree.
    pub root: TreeHash,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StartLine {
    schema: String,
    from: u64,
    prev: String,
    tree: Vec<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct EndLine {
    end: End,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct End {
    to: u64,
    head: String,
    root: String,
}

impl ExportStart {
    /// The first line.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        line(&StartLine {
            schema: SCHEMA.to_owned(),
            from: self.tree.size() + 1,
            prev: hex::encode(self.prev),
            tree: self.tree.peaks().iter().map(hex::encode).collect(),
        })
    }

    /// Reads the first line, without its newline.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let read: StartLine = serde_json::from_slice(bytes).ok()?;
        let peaks = read.tree.iter().map(|t| hash(t)).collect::<Option<_>>()?;
        let start = Self {
            tree: Frontier::from_peaks(read.from.checked_sub(1)?, peaks)?,
            prev: hash(&read.prev)?,
        };
        (start.line().strip_suffix(b"\n") == Some(bytes)).then_some(start)
    }
}

impl ExportEnd {
    /// The last line.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        line(&EndLine {
            end: End {
                to: self.to,
                head: hex::encode(self.head),
                root: hex::encode(self.root),
            },
        })
    }

    /// Reads the last line, without its newline.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let EndLine { end } = serde_json::from_slice(bytes).ok()?;
        let end = Self {
            to: end.to,
            head: hash(&end.head)?,
            root: hash(&end.root)?,
        };
        (end.line().strip_suffix(b"\n") == Some(bytes)).then_some(end)
    }
}

fn line(value: &impl Serialize) -> Vec<u8> {
    // Strings and numbers always become JSON.
    let mut bytes = serde_json::to_vec(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn hash(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

/// One line of the export: the record's own bytes stand verbatim under `record`.
#[must_use]
pub fn export_line(row: &JournalRow) -> Vec<u8> {
    let mut line = format!(
        "{{\"seq\":{},\"prev\":\"{}\",\"hash\":\"{}\",\"record\":",
        row.seq,
        hex::encode(&row.prev),
        hex::encode(&row.hash)
    )
    .into_bytes();
    line.extend_from_slice(&row.record);
    line.extend_from_slice(b"}\n");
    line
}

/// Reads a record's line, without its newline, into `row`. `None` where it is not as [`export_line`]
/// writes it.
pub fn read_line(line: &[u8], row: &mut JournalRow) -> Option<()> {
    let rest = line.strip_prefix(b"{\"seq\":")?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (number, rest) = rest.split_at(digits);
    if number.first() == Some(&b'0') {
        return None;
    }
    row.seq = core::str::from_utf8(number).ok()?.parse().ok()?;
    let rest = hash_member(rest, b",\"prev\":\"", &mut row.prev)?;
    let rest = hash_member(rest, b",\"hash\":\"", &mut row.hash)?;
    let record = rest.strip_prefix(b",\"record\":")?.strip_suffix(b"}")?;
    row.record.clear();
    row.record.extend_from_slice(record);
    Some(())
}

fn hash_member<'a>(rest: &'a [u8], name: &[u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (text, rest) = rest.strip_prefix(name)?.split_at_checked(64)?;
    // One way to write a digit only.
    if text.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    out.resize(32, 0);
    hex::decode_to_slice(text, out).ok()?;
    rest.strip_prefix(b"\"")
}

/// Why an export could not be verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportFault {
    /// It could not be read.
    #[error("the export cannot be read")]
    Read(#[source] io::Error),
    /// It does not begin as an export does.
    #[error("this is no export of a journal: its first line is another")]
    NotAnExport,
    /// There is none.
    #[error("no export was given")]
    None,
    /// It is broken.
    #[error(transparent)]
    Broken(#[from] JournalBreak),
}

impl ExportFault {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read(_) => None,
            Self::NotAnExport | Self::None => Some(
                "give a file that sceau-ca audit export wrote; those of versions before checkpoints have no first line: export again"
                    .to_owned(),
            ),
            Self::Broken(broken) => broken.hint(),
        }
    }
}

/// Verifies exports, one after the other, in constant memory: the second continues the first.
#[derive(Debug)]
pub struct ExportVerifier<'a> {
    state: State<'a>,
    line: Vec<u8>,
    row: JournalRow,
}

#[derive(Debug)]
enum State<'a> {
    Waiting(Option<Checks<'a>>),
    Running(Box<Verifier<'a>>),
}

impl<'a> ExportVerifier<'a> {
    /// Nothing was read yet.
    #[must_use]
    pub fn new(checks: Checks<'a>) -> Self {
        Self {
            state: State::Waiting(Some(checks)),
            line: Vec::new(),
            row: JournalRow::empty(),
        }
    }

    /// Verifies one export to its end.
    ///
    /// # Errors
    /// [`ExportFault::Broken`] names the first record that does not fit.
    pub fn read(&mut self, input: &mut dyn BufRead) -> Result<(), ExportFault> {
        if !self.next_line(input)? {
            return Err(ExportFault::NotAnExport);
        }
        let start = ExportStart::parse(&self.line).ok_or(ExportFault::NotAnExport)?;
        let verifier = match &mut self.state {
            State::Waiting(checks) => {
                let checks = checks.take().unwrap_or_default();
                let verifier = Verifier::starting_at(checks, start.tree, start.prev);
                self.state = State::Running(Box::new(verifier));
                self.verifier()?
            }
            State::Running(verifier) => {
                let (records, head, root) = verifier.state();
                let continues =
                    start.tree.size() == records && start.prev == head && start.tree.root() == root;
                if !continues {
                    return Err(broken(records + 1, BreakReason::NotContinued));
                }
                verifier
            }
        };
        let mut next = verifier.state().0 + 1;
        while self.next_line(input)? {
            if self.line.starts_with(b"{\"end\":") {
                return self.end(next, input);
            }
            if read_line(&self.line, &mut self.row).is_none() {
                return Err(broken(next, BreakReason::Line));
            }
            match &mut self.state {
                State::Running(verifier) => verifier.push(&self.row)?,
                State::Waiting(_) => return Err(ExportFault::None),
            }
            next += 1;
        }
        Err(broken(next, BreakReason::NoEnd))
    }

    /// What was found.
    ///
    /// # Errors
    /// Where a given checkpoint covers more than was read, or no key that was given signed anything.
    pub fn finish(self) -> Result<JournalReport, ExportFault> {
        match self.state {
            State::Running(verifier) => Ok(verifier.finish()?),
            State::Waiting(_) => Err(ExportFault::None),
        }
    }

    fn verifier(&mut self) -> Result<&mut Verifier<'a>, ExportFault> {
        match &mut self.state {
            State::Running(verifier) => Ok(verifier),
            State::Waiting(_) => Err(ExportFault::None),
        }
    }

    fn end(&mut self, next: u64, input: &mut dyn BufRead) -> Result<(), ExportFault> {
        let end = ExportEnd::parse(&self.line).ok_or(broken(next, BreakReason::Line))?;
        let (records, head, root) = self.verifier()?.state();
        if end.to > records {
            return Err(broken(next, BreakReason::Missing));
        }
        if (end.to, end.head, end.root) != (records, head, root) {
            return Err(broken(next, BreakReason::End));
        }
        if self.next_line(input)? {
            return Err(broken(next, BreakReason::AfterEnd));
        }
        Ok(())
    }

    /// Reads a line without its newline; `false` at the end. A last line without newline was cut off.
    fn next_line(&mut self, input: &mut dyn BufRead) -> Result<bool, ExportFault> {
        use io::Read as _;
        self.line.clear();
        let read = input
            .take(MAX_LINE as u64 + 1)
            .read_until(b'\n', &mut self.line)
            .map_err(ExportFault::Read)?;
        if read == 0 {
            return Ok(false);
        }
        if self.line.pop_if(|last| *last == b'\n').is_some() {
            return Ok(true);
        }
        let reason = if read > MAX_LINE {
            BreakReason::LineTooLong
        } else {
            BreakReason::NoEnd
        };
        match &self.state {
            State::Running(verifier) => Err(broken(verifier.state_records() + 1, reason)),
            State::Waiting(_) => Err(ExportFault::NotAnExport),
        }
    }
}

fn broken(seq: u64, reason: BreakReason) -> ExportFault {
    JournalBreak { seq, reason }.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_line_is_read_back_and_written_in_one_way_only(
            seq in 1_u64..,
            prev in any::<[u8; 32]>(),
            hash in any::<[u8; 32]>(),
            record in proptest::collection::vec(any::<u8>(), 0..200),
            (at, bit) in (any::<prop::sample::Index>(), 0_u8..8),
        ) {
            let row = JournalRow { seq, prev: prev.to_vec(), record, hash: hash.to_vec() };
            let mut line = export_line(&row);
            line.pop();
            let mut read = JournalRow::empty();
            prop_assert!(read_line(&line, &mut read).is_some());
            prop_assert_eq!(&read, &row);
            let at = at.index(line.len());
            line[at] ^= 1 << bit;
            let other = read_line(&line, &mut read).is_some();
            prop_assert!(!other || read != row);
        }

        #[test]
        fn strange_lines_are_refused_without_panic(line in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(read_line(&line, &mut JournalRow::empty()).is_none());
            prop_assert!(ExportStart::parse(&line).is_none());
            prop_assert!(ExportEnd::parse(&line).is_none());
        }

        #[test]
        fn strange_exports_are_refused_without_panic(lines in "(\\PC{0,60}\n){0,6}\\PC{0,20}") {
            let mut verifier = ExportVerifier::new(Checks::default());
            prop_assert!(verifier.read(&mut lines.as_bytes()).is_err());
        }
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let start = ExportStart {
            tree: Frontier::default(),
            prev: [0; 32],
        }
        .line();
        let mut input = io::BufReader::new(io::Read::chain(&*start, io::repeat(b'x')));
        let mut verifier = ExportVerifier::new(Checks::default());
        let error = verifier.read(&mut input).unwrap_err();
        assert!(
            matches!(&error, ExportFault::Broken(b) if b.reason == BreakReason::LineTooLong),
            "{error}"
        );
    }
}
