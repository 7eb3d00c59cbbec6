//! Checking the chain and exporting it.

use super::{ChainHash, GENESIS, JournalRow, chain};

/// Where the chain breaks.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the journal is broken at record {seq}: {reason}")]
pub struct JournalBreak {
    /// The first record that does not fit.
    pub seq: u64,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// What verifying the journal found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JournalReport {
    /// Records checked.
    pub records: u64,
    /// The hash of the last record, hexadecimal. Written down elsewhere, it also shows whether
    /// records were cut off the end.
    pub head: String,
}

/// Checks record after record.
#[derive(Clone, Debug)]
pub struct Verifier {
    records: u64,
    head: ChainHash,
}

impl Default for Verifier {
    fn default() -> Self {
        Self {
            records: 0,
            head: GENESIS,
        }
    }
}

impl Verifier {
    /// Checks the next record.
    ///
    /// # Errors
    /// Where it is missing, does not follow the previous one, or was changed.
    pub fn push(&mut self, row: &JournalRow) -> Result<(), JournalBreak> {
        let seq = self.records + 1;
        let broken = |reason| Err(JournalBreak { seq, reason });
        if row.seq != seq {
            return broken("it is missing");
        }
        if row.prev != self.head {
            return broken("it does not follow the record before it");
        }
        let hash = chain(seq, &self.head, &row.record);
        if row.hash != hash {
            return broken("its content does not match its hash");
        }
        self.records = seq;
        self.head = hash;
        Ok(())
    }

    /// What was found.
    #[must_use]
    pub fn finish(self) -> JournalReport {
        JournalReport {
            records: self.records,
            head: hex::encode(self.head),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: u64) -> Vec<JournalRow> {
        let mut prev = GENESIS;
        (1..=n)
            .map(|seq| {
                let record = format!("{{\"n\":{seq}}}").into_bytes();
                let hash = chain(seq, &prev, &record);
                let row = JournalRow {
                    seq,
                    prev: prev.to_vec(),
                    record,
                    hash: hash.to_vec(),
                };
                prev = hash;
                row
            })
            .collect()
    }

    fn verify(rows: &[JournalRow]) -> Result<JournalReport, JournalBreak> {
        let mut verifier = Verifier::default();
        rows.iter().try_for_each(|row| verifier.push(row))?;
        Ok(verifier.finish())
    }

    #[test]
    fn changed_removed_and_reordered_records_are_named() {
        assert_eq!(verify(&rows(5)).unwrap().records, 5);
        let mut changed = rows(5);
        changed[2].record[1] ^= 1;
        assert_eq!(verify(&changed).unwrap_err().seq, 3);
        let mut removed = rows(5);
        removed.remove(1);
        assert_eq!(verify(&removed).unwrap_err().seq, 2);
        let mut reordered = rows(5);
        reordered.swap(3, 4);
        assert_eq!(verify(&reordered).unwrap_err().seq, 4);
        // Someone who recomputes one hash breaks the next link.
        let mut rehashed = rows(5);
        rehashed[1].record = b"{}".to_vec();
        rehashed[1].hash = chain(2, &chain(1, &GENESIS, b"{\"n\":1}"), b"{}").to_vec();
        assert_eq!(verify(&rehashed).unwrap_err().seq, 3);
    }
}
