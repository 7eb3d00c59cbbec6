//! The exit codes of every program, in one table.
//!
//! 0 to 3 are verdicts; from 64 on they are the codes of BSD's sysexits, so that a script can tell
//! "no" from "could not".

use std::process::ExitCode;

/// How a program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// 0: done; for a validation, everything is TOTAL-PASSED.
    Ok = 0,
    /// 1: the answer is no: a signature is TOTAL-FAILED, a request was refused, a record does not check.
    Failed = 1,
    /// 2: a validation is INDETERMINATE.
    Indeterminate = 2,
    /// 3: the document bears no signature.
    NoSignature = 3,
    /// 64: the command line is wrong.
    Usage = 64,
    /// 65: an input is not what it should be: corrupt, of another format, inconsistent.
    Data = 65,
    /// 69: something the work needs is not there: a token, a service, a key, a certificate authority.
    Unavailable = 69,
    /// 70: a bug in the program.
    Internal = 70,
    /// 73: an output file cannot be created: it exists, or its folder is missing.
    CantCreate = 73,
    /// 74: reading, writing or the network failed.
    Io = 74,
    /// 75: it may work later: a database is locked, a server is busy.
    Temporary = 75,
    /// 77: not permitted: wrong PIN or passphrase, file permissions, a locked token.
    Permission = 77,
    /// 78: the configuration is wrong.
    Config = 78,
}

impl Exit {
    /// Every code, in order, for help texts and tests.
    pub const ALL: [Self; 13] = [
        Self::Ok,
        Self::Failed,
        Self::Indeterminate,
        Self::NoSignature,
        Self::Usage,
        Self::Data,
        Self::Unavailable,
        Self::Internal,
        Self::CantCreate,
        Self::Io,
        Self::Temporary,
        Self::Permission,
        Self::Config,
    ];

    /// The number the operating system sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_no_error_looks_like_a_verdict() {
        let mut codes: Vec<_> = Exit::ALL.iter().map(|e| e.code()).collect();
        codes.dedup();
        assert_eq!(codes.len(), Exit::ALL.len());
        assert!(codes.is_sorted());
        assert!(codes.iter().all(|c| *c <= 3 || (64..=78).contains(c)));
    }
}
