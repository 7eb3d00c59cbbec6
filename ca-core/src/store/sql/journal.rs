//! The journal's rows, and the walk that compares them with the tables.

use core::ops::RangeInclusive;

use super::audit::Audit;
use super::writer::Head;
use super::{Backend, Database, PAGE, Row, SqlError, SqlStore, Value};
use crate::journal::{ChainHash, GENESIS, JournalRow};
use crate::store::{Difference, JournalStore, StoreError};

impl<B: Backend> JournalStore for SqlStore<B> {
    fn journal(
        &self,
        range: RangeInclusive<u64>,
        visit: &mut dyn FnMut(JournalRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let first = Value::from(*range.start());
        let (Value::Integer(first), Value::Integer(last)) = (first, (*range.end()).into()) else {
            return Ok(());
        };
        self.snapshot(|db| walk(db, first..=last, &mut |_, row| Ok(visit(row)?)))
    }

    fn audit(
        &self,
        check: &mut dyn FnMut(&JournalRow) -> Result<(), StoreError>,
    ) -> Result<Option<Difference>, StoreError> {
        // One transaction, because other processes may be issuing.
        self.snapshot(|db| compare(db, check))
    }
}

/// Walks over the journal, hands each record to `check`, and compares it with the tables.
pub(crate) fn compare(
    db: &mut dyn Database,
    check: &mut dyn FnMut(&JournalRow) -> Result<(), StoreError>,
) -> Result<Option<Difference>, SqlError> {
    let mut audit = Audit::default();
    let mut difference = None;
    walk(db, i64::MIN..=i64::MAX, &mut |db, row| {
        check(&row)?;
        // The chain is checked to its end: a broken one explains a difference.
        if difference.is_none() {
            let what = audit.compare(db, &row)?;
            difference = what.map(|what| Difference {
                seq: Some(row.seq),
                what,
            });
        }
        Ok(())
    })?;
    if difference.is_none() {
        let what = audit.finish(db)?;
        difference = what.map(|what| Difference { seq: None, what });
    }
    Ok(difference)
}

/// The last record.
pub(crate) fn head(db: &mut dyn Database) -> Result<Head, SqlError> {
    let last = db.one(
        "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1",
        &[],
        |row| {
            Ok(Head {
                seq: row.get(0)?,
                hash: row.get(1)?,
            })
        },
    )?;
    Ok(last.unwrap_or(Head {
        seq: 0,
        hash: GENESIS,
    }))
}

/// The hash of one record, if it is there.
pub(super) fn hash(db: &mut dyn Database, seq: u64) -> Result<Option<ChainHash>, SqlError> {
    db.one(
        "SELECT hash FROM journal WHERE seq = ?1",
        &[seq.into()],
        |row| row.get(0),
    )
}

/// Shows every record of `range` to `visit`, in order, page by page.
fn walk(
    db: &mut dyn Database,
    range: RangeInclusive<i64>,
    visit: &mut dyn FnMut(&mut dyn Database, JournalRow) -> Result<(), SqlError>,
) -> Result<(), SqlError> {
    let (mut first, last) = range.into_inner();
    loop {
        let page = db.all(
            "SELECT seq, prev, record, hash FROM journal WHERE seq >= ?1 AND seq <= ?2 \
             ORDER BY seq LIMIT ?3",
            &[first.into(), last.into(), PAGE.into()],
            |row| Ok((row.get::<i64>(0)?, journal_row(row)?)),
        )?;
        let next = page.last().and_then(|(seq, _)| seq.checked_add(1));
        for (_, row) in page {
            visit(db, row)?;
        }
        match next {
            Some(next) if next <= last => first = next,
            _ => return Ok(()),
        }
    }
}

/// Whatever somebody put into the columns: judging it is the verifier's work, not the database's.
fn journal_row(row: &dyn Row) -> Result<JournalRow, SqlError> {
    let octets = |at| {
        let found = row.bytes(at).ok().flatten();
        found.unwrap_or_default().to_vec()
    };
    Ok(JournalRow {
        seq: row.get::<i64>(0)?.unsigned_abs(),
        prev: octets(1),
        record: octets(2),
        hash: octets(3),
    })
}
