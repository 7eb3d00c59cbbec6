//! Comma-separated values as defined in RFC 4180 section 2, read front to back within a budget.
//!
//! Stricter than most readers, because a line that is read wrongly becomes a certificate: a quote in the
//! middle of a field, text after a closing quote and octets that are no UTF-8 are errors with their line
//! and character. After an error, reading goes on with the next line of the file, so that one forgotten
//! quote does not swallow the lines behind it.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read as _};

/// A record with an inline request of a large RSA key has 20 kB.
const RECORD_LIMIT: usize = 256 * 1024;
/// The heading has some 25 columns.
const FIELD_LIMIT: usize = 256;

/// One record and where it began.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// Its fields, quotes undone.
    pub fields: Vec<String>,
}

/// A line that is no record.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}, character {character}: {fault}")]
pub struct RecordError {
    /// The line of the file, from 1.
    pub line: u64,
    /// The character in that line, from 1.
    pub character: usize,
    /// What is wrong.
    pub fault: CsvFault,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CsvFault {
    /// Not UTF-8.
    #[error("this is not UTF-8 text")]
    NotUtf8,
    /// A quote inside a field that does not begin with one.
    #[error("a quote stands inside a field that does not begin with a quote")]
    StrayQuote,
    /// Something between a closing quote and the next comma.
    #[error("text follows a closing quote")]
    AfterQuote,
    /// A quote that is never closed.
    #[error("the field that begins here with a quote is never closed")]
    Unclosed,
    /// A record or a line beyond the budget.
    #[error("this record is longer than {RECORD_LIMIT} octets")]
    TooLong,
    /// More fields than the budget allows.
    #[error("this record has more than {FIELD_LIMIT} fields")]
    TooManyFields,
    /// A control character.
    #[error("a control character stands here")]
    Control,
}

/// Reads records one after another.
#[derive(Debug)]
pub struct CsvReader<R> {
    input: R,
    /// Lines that were read ahead inside a quoted field that turned out not to be one.
    ahead: VecDeque<Line>,
    line: u64,
    octets: u64,
}

/// One line of the file with its line end, or that it was too long to keep.
#[derive(Clone, Debug)]
enum Line {
    Whole(Vec<u8>),
    TooLong,
}

impl<R: BufRead> CsvReader<R> {
    /// A reader at the start of a file.
    pub fn new(input: R) -> Self {
        Self {
            input,
            ahead: VecDeque::new(),
            line: 0,
            octets: 0,
        }
    }

    /// How many octets of the file were read.
    #[must_use]
    pub fn octets(&self) -> u64 {
        self.octets
    }

    /// The next record; lines that are empty are passed over. `None` at the end of the file.
    ///
    /// # Errors
    /// The outer error where the file cannot be read; the inner one for one line that is no record, after
    /// which the next call goes on with the line behind it.
    pub fn next_record(&mut self) -> io::Result<Option<Result<Record, RecordError>>> {
        loop {
            let Some(first) = self.take_line()? else {
                return Ok(None);
            };
            self.line += 1;
            match &first {
                Line::Whole(bytes) if is_blank(bytes) => {}
                _ => return self.record(first).map(Some),
            }
        }
    }

    fn record(&mut self, first: Line) -> io::Result<Result<Record, RecordError>> {
        let start = self.line;
        let mut machine = Machine::default();
        let mut length = 0;
        // The lines of this record so far; all but the first are given back where it is none.
        let mut taken = vec![first];
        let (line_offset, character, fault) = loop {
            let behind = taken.len() - 1;
            let outcome = match &taken[behind] {
                Line::TooLong => Err((1, CsvFault::TooLong)),
                Line::Whole(bytes) => {
                    length += bytes.len();
                    if length > RECORD_LIMIT && behind > 0 {
                        // A field that began with a quote and never ended, most likely.
                        let (line, character) = machine.opened;
                        break (line, character, CsvFault::Unclosed);
                    }
                    machine.feed(behind, bytes)
                }
            };
            match outcome {
                Ok(Progress::Complete) => {
                    self.line += behind as u64;
                    return Ok(Ok(Record {
                        line: start,
                        fields: machine.fields,
                    }));
                }
                Ok(Progress::InsideQuotes) => {}
                Err((character, fault)) => break (behind, character, fault),
            }
            match self.take_line()? {
                Some(line) => taken.push(line),
                None => {
                    let (line, character) = machine.opened;
                    break (line, character, CsvFault::Unclosed);
                }
            }
        };
        for line in taken.drain(1..).rev() {
            self.ahead.push_front(line);
        }
        Ok(Err(RecordError {
            line: start + line_offset as u64,
            character,
            fault,
        }))
    }

    fn take_line(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        let limit = RECORD_LIMIT as u64 + 1;
        let read = self
            .input
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut bytes)?;
        self.octets += read as u64;
        if read == 0 {
            return Ok(None);
        }
        if bytes.len() > RECORD_LIMIT && bytes.last() != Some(&b'\n') {
            self.skip_line()?;
            return Ok(Some(Line::TooLong));
        }
        if self.octets == read as u64 {
            // A byte order mark says nothing in UTF-8 and is no part of the first name.
            if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
                bytes = rest.to_vec();
            }
        }
        Ok(Some(Line::Whole(bytes)))
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
            let (used, done) = match buffer.iter().position(|b| *b == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.input.consume(used);
            self.octets += used as u64;
            if done {
                return Ok(());
            }
        }
    }
}

impl CsvFault {
    /// What to do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::NotUtf8 => "save the file as UTF-8 (in a spreadsheet: \"CSV UTF-8\")",
            Self::StrayQuote | Self::AfterQuote | Self::Unclosed => {
                "put quotes around the whole field and write each quote inside it twice (RFC 4180)"
            }
            Self::TooLong => "name a file in the csr column instead of writing the request there",
            Self::TooManyFields => "give each line the columns of the heading",
            Self::Control => "remove it; it is invisible where it was copied from",
        }
    }
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n" | b"\r" | b"")
}

/// How far a record came.
enum Progress {
    Complete,
    InsideQuotes,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    FieldStart,
    Plain,
    Quoted,
    /// After a quote in a quoted field: the end of the field, or the first half of a quote.
    QuoteInQuoted,
}

#[derive(Debug, Default)]
struct Machine {
    fields: Vec<String>,
    field: String,
    state: State,
    /// Where the last quoted field began: line after the record's first, and character.
    opened: (usize, usize),
}

impl Machine {
    /// Takes one line with its end. Errors carry the character, from 1.
    fn feed(&mut self, line: usize, bytes: &[u8]) -> Result<Progress, (usize, CsvFault)> {
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let good = std::str::from_utf8(&bytes[..e.valid_up_to()]);
            let before = good.map_or(0, |text| text.chars().count());
            (before + 1, CsvFault::NotUtf8)
        })?;
        let body = text.strip_suffix('\n').unwrap_or(text);
        let body = body.strip_suffix('\r').unwrap_or(body);
        for (at, c) in body.chars().enumerate() {
            self.push(line, at + 1, c)?;
        }
        match self.state {
            State::Quoted => {
                // The line end belongs to the field; one kind of it is enough.
                self.field.push('\n');
                Ok(Progress::InsideQuotes)
            }
            State::FieldStart | State::Plain | State::QuoteInQuoted => {
                self.end_field(body.chars().count())?;
                Ok(Progress::Complete)
            }
        }
    }

    fn push(&mut self, line: usize, character: usize, c: char) -> Result<(), (usize, CsvFault)> {
        let wrong = |fault| Err((character, fault));
        match (&self.state, c) {
            (_, c) if c.is_control() && c != '\t' => return wrong(CsvFault::Control),
            (State::FieldStart, '"') => {
                self.opened = (line, character);
                self.state = State::Quoted;
            }
            (State::FieldStart | State::Plain | State::QuoteInQuoted, ',') => {
                self.end_field(character)?;
            }
            (State::FieldStart, c) => {
                self.field.push(c);
                self.state = State::Plain;
            }
            (State::Plain, '"') => return wrong(CsvFault::StrayQuote),
            (State::Quoted, '"') => self.state = State::QuoteInQuoted,
            (State::Plain | State::Quoted, c) => self.field.push(c),
            (State::QuoteInQuoted, '"') => {
                self.field.push('"');
                self.state = State::Quoted;
            }
            (State::QuoteInQuoted, _) => return wrong(CsvFault::AfterQuote),
        }
        Ok(())
    }

    fn end_field(&mut self, character: usize) -> Result<(), (usize, CsvFault)> {
        if self.fields.len() == FIELD_LIMIT {
            return Err((character, CsvFault::TooManyFields));
        }
        self.fields.push(core::mem::take(&mut self.field));
        self.state = State::FieldStart;
        Ok(())
    }
}
