//! Certificates from a file of any size: PEM blocks one after another with whatever text stands between
//! them (EJBCA writes subject and issuer, openssl the certificate in words), or one DER certificate.

use std::io::{self, BufRead, Read as _};

use pki_asn1::pem;

/// A certificate of a megabyte is none.
const BLOCK_LIMIT: usize = 1 << 20;
const LABELS: [&str; 2] = ["CERTIFICATE", "X509 CERTIFICATE"];

/// A block that is no certificate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// Damaged PEM.
    #[error("the PEM block is damaged: {0}")]
    Damaged(String),
    /// Too long.
    #[error("the block is longer than {BLOCK_LIMIT} octets")]
    TooLong,
    /// Neither PEM nor DER.
    #[error("the file holds neither PEM nor DER of a certificate")]
    Neither,
}

/// A certificate (DER) and the line on which it begins, 0 for a DER file.
pub type Found = (u64, Result<Vec<u8>, BundleError>);

/// Reads the certificates of one file as a stream.
#[derive(Debug)]
pub struct Bundles<R> {
    input: R,
    line: u64,
    /// A block that has begun: its first line and its text so far.
    block: Option<(u64, Vec<u8>)>,
    found: u64,
}

impl<R: BufRead> Bundles<R> {
    /// A reader at the start of a file.
    pub fn new(input: R) -> Self {
        Self {
            input,
            line: 0,
            block: None,
            found: 0,
        }
    }

    /// The next certificate; `None` at the end.
    ///
    /// # Errors
    /// The outer error where the file cannot be read; the inner one for one block.
    pub fn next_certificate(&mut self) -> io::Result<Option<Found>> {
        if self.line == 0 && self.input.fill_buf()?.first() == Some(&0x30) {
            self.line = 1;
            self.found = 1;
            return self.der().map(|der| Some((0, der)));
        }
        loop {
            let line = self.line()?;
            if line.is_empty() {
                let found = match self.block.take() {
                    Some((start, _)) => Some((start, Err(unended()))),
                    None if self.found == 0 => Some((0, Err(BundleError::Neither))),
                    None => None,
                };
                self.found += 1;
                return Ok(found);
            }
            if line.starts_with(b"-----BEGIN ") {
                let earlier = self.block.take();
                if is_certificate(&line) {
                    self.block = Some((self.line, line));
                }
                if let Some((start, _)) = earlier {
                    self.found += 1;
                    return Ok(Some((start, Err(unended()))));
                }
                continue;
            }
            let Some((start, mut text)) = self.block.take() else {
                continue;
            };
            if text.len() <= BLOCK_LIMIT {
                text.extend_from_slice(&line);
            }
            if line.starts_with(b"-----END ") {
                self.found += 1;
                return Ok(Some((start, decode(&text))));
            }
            self.block = Some((start, text));
        }
    }

    fn der(&mut self) -> io::Result<Result<Vec<u8>, BundleError>> {
        let mut der = Vec::new();
        let limit = BLOCK_LIMIT as u64 + 1;
        self.input.by_ref().take(limit).read_to_end(&mut der)?;
        Ok(if der.len() > BLOCK_LIMIT {
            Err(BundleError::TooLong)
        } else {
            Ok(der)
        })
    }

    /// One line, or as much of it as a block may have; empty at the end.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        let limit = BLOCK_LIMIT as u64 + 1;
        self.input
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut line)?;
        self.line += 1;
        Ok(line)
    }
}

fn unended() -> BundleError {
    BundleError::Damaged("there is no -----END line".into())
}

fn is_certificate(begin: &[u8]) -> bool {
    LABELS
        .iter()
        .any(|label| begin.starts_with(format!("-----BEGIN {label}-----").as_bytes()))
}

fn decode(text: &[u8]) -> Result<Vec<u8>, BundleError> {
    if text.len() > BLOCK_LIMIT {
        return Err(BundleError::TooLong);
    }
    let blocks = pem::blocks(text).map_err(|e| BundleError::Damaged(e.to_string()))?;
    blocks
        .into_iter()
        .next()
        .map(|block| block.der)
        .ok_or(BundleError::Neither)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn all(text: &[u8]) -> Vec<Found> {
        let mut bundles = Bundles::new(Cursor::new(text));
        let mut out = Vec::new();
        while let Some(found) = bundles.next_certificate().unwrap() {
            out.push(found);
        }
        out
    }

    #[test]
    fn text_between_blocks_and_other_blocks_are_passed_over() {
        let one = pem::encode("CERTIFICATE", &[0x30, 1, 1]).unwrap();
        let two = pem::encode("X509 CERTIFICATE", &[0x30, 1, 2]).unwrap();
        let key = pem::encode("PRIVATE KEY", &[0x30, 1, 3]).unwrap();
        let text = format!("Subject: CN=a\nIssuer: CN=b\n{one}{key}words\n{two}");
        let found = all(text.as_bytes());
        assert_eq!(
            found,
            [(3, Ok(vec![0x30, 1, 1])), (10, Ok(vec![0x30, 1, 2]))]
        );
    }

    #[test]
    fn a_damaged_block_does_not_hide_the_next() {
        let good = pem::encode("CERTIFICATE", &[0x30, 1, 1]).unwrap();
        let text = format!(
            "-----BEGIN CERTIFICATE-----\nMIIB\n{good}-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n{good}"
        );
        let found = all(text.as_bytes());
        assert_eq!(found.len(), 4);
        assert!(found[0].1.is_err() && found[2].1.is_err());
        assert!(found[1].1.is_ok() && found[3].1.is_ok());
    }

    #[test]
    fn der_is_one_certificate_and_nothing_is_named() {
        assert_eq!(all(&[0x30, 1, 1]), [(0, Ok(vec![0x30, 1, 1]))]);
        assert_eq!(all(b"hello\n"), [(0, Err(BundleError::Neither))]);
        assert_eq!(all(b""), [(0, Err(BundleError::Neither))]);
        let endless = [
            b"-----BEGIN CERTIFICATE-----\n".as_slice(),
            &vec![b'A'; 3 << 20],
        ]
        .concat();
        assert_eq!(all(&endless).len(), 1);
    }
}
