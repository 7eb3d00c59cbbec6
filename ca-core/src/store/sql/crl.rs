//! CRLs: their numbers, what they are made from, the published ones in chunks.

use pki_asn1::UnixTime;

use super::revocation::{self, change};
use super::{Backend, Database, PAGE, Row, SqlError, SqlStore, Value};
use crate::crl::{CrlKind, CrlName, CrlScope, EntryFields, EntryReason};
use crate::status::CrlView;
use crate::store::{
    Conflict, CrlImport, CrlIntent, CrlPublication, CrlSnapshot, CrlStore, EntryVisitor,
    ImportedCrlNumber, LeaveOut, Occasion, PublishedCrl, StoreError,
};

const LAST_NUMBER: &str = "SELECT number, kind, this_update FROM crl_number \
     WHERE authority = ?1 AND shard = ?2 ORDER BY number DESC, kind DESC LIMIT 1";
const TAKE_NUMBER: &str = "INSERT INTO crl_number (authority, shard, number, kind, this_update) \
     VALUES (?1, ?2, ?3, ?4, ?5)";
const PUBLISH: &str = "INSERT INTO crl (authority, shard, kind, number, base, position, scheduled, \
     this_update, next_update, published_at, entries, size) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) RETURNING id";
const ADD_CHUNK: &str = "INSERT INTO crl_chunk (crl, ordinal, bytes) VALUES (?1, ?2, ?3)";
const LATEST: &str = "SELECT id, number, base, position, this_update, next_update, size, entries \
     FROM crl WHERE authority = ?1 AND shard = ?2 AND kind = ?3 ORDER BY number DESC LIMIT 1";
const LATEST_SCHEDULED: &str = "SELECT id, number, base, position, this_update, next_update, size, \
     entries FROM crl WHERE authority = ?1 AND shard = ?2 AND kind = 0 AND scheduled = 1 \
     ORDER BY number DESC LIMIT 1";
pub(super) const LATEST_BY_NAME: &str = "SELECT id, number, base, position, this_update, \
     next_update, size, entries FROM crl WHERE authority = \
         (SELECT id FROM authority WHERE name = ?1 AND state <> 2 AND state = 1) \
     AND shard = ?2 AND kind = ?3 ORDER BY number DESC LIMIT 1";
/// Every line of an authority with ?2 partitions, each looked up: the history of CRLs is never walked.
const LATEST_OF_ALL: &str = "WITH RECURSIVE shards (shard) AS (SELECT CAST(0 AS BIGINT) UNION ALL \
         SELECT shard + 1 FROM shards WHERE shard < ?2), \
     kinds (kind) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT CAST(1 AS BIGINT)) \
     SELECT c.id, c.number, c.base, c.position, c.this_update, c.next_update, c.size, c.entries, \
     c.shard, c.kind FROM shards s CROSS JOIN kinds k JOIN crl c ON c.id = \
         (SELECT l.id FROM crl l WHERE l.authority = ?1 AND l.shard = s.shard AND l.kind = k.kind \
          ORDER BY l.number DESC LIMIT 1) \
     ORDER BY c.shard, c.kind";
const AFTER: &str = "SELECT id, number, base, position, this_update, next_update, size, entries \
     FROM crl WHERE authority = ?1 AND shard = 0 AND kind = 0 AND number > ?2 \
     ORDER BY number LIMIT ?3";
pub(super) const CHUNK: &str = "SELECT bytes FROM crl_chunk WHERE crl = ?1 AND ordinal = ?2";
const POSITION: &str = "SELECT status_changes FROM authority WHERE id = ?1";
const OLDEST_CHANGE: &str = "SELECT decided_at FROM status_change \
     WHERE authority = ?1 AND position > ?2 ORDER BY position LIMIT 1";
const OLDEST_CHANGE_IN_SHARD: &str = "SELECT decided_at FROM status_change \
     WHERE authority = ?1 AND position > ?2 AND shard = ?3 ORDER BY position LIMIT 1";
const REVOKED: &str = "SELECT serial, revoked_at, reason, invalidity_date, position, not_after \
     FROM revocation WHERE authority = ?1 AND serial > ?2 ORDER BY serial LIMIT ?3";
const REVOKED_IN_SHARD: &str = "SELECT serial, revoked_at, reason, invalidity_date, position, \
     not_after FROM revocation WHERE authority = ?1 AND shard = ?4 AND serial > ?2 \
     ORDER BY serial LIMIT ?3";
const CHANGED: &str = "SELECT s.position, s.serial, s.change, s.effective_at, s.reason, \
     s.invalidity_date FROM status_change s WHERE s.authority = ?1 AND s.position > ?2 \
     AND s.position <= ?3 AND NOT EXISTS (SELECT 1 FROM status_change n \
         WHERE n.authority = ?1 AND n.serial = s.serial AND n.position > s.position \
         AND n.position <= ?3) \
     ORDER BY s.position LIMIT ?4";
const CHANGED_IN_SHARD: &str = "SELECT s.position, s.serial, s.change, s.effective_at, s.reason, \
     s.invalidity_date FROM status_change s WHERE s.authority = ?1 AND s.shard = ?5 \
     AND s.position > ?2 AND s.position <= ?3 AND NOT EXISTS (SELECT 1 FROM status_change n \
         WHERE n.authority = ?1 AND n.serial = s.serial AND n.position > s.position \
         AND n.position <= ?3) \
     ORDER BY s.position LIMIT ?4";

/// Everything that is asked and written to publish, for the test that none of it is a scan.
#[cfg(test)]
pub(crate) const STATEMENTS: [&str; 16] = [
    AFTER,
    LAST_NUMBER,
    TAKE_NUMBER,
    PUBLISH,
    ADD_CHUNK,
    LATEST,
    LATEST_SCHEDULED,
    LATEST_BY_NAME,
    CHUNK,
    POSITION,
    OLDEST_CHANGE,
    OLDEST_CHANGE_IN_SHARD,
    REVOKED,
    REVOKED_IN_SHARD,
    CHANGED,
    CHANGED_IN_SHARD,
];

pub(super) fn intend(db: &mut dyn Database, c: &CrlIntent) -> Result<(), SqlError> {
    let last = last_number(db, c.authority.id, c.name.scope)?;
    let number = last.map_or(0, |l| l.number);
    let conflict = || Conflict::CrlNumber { last: number };
    // A delta and a complete CRL issued at the same time have the same number.
    let paired = c.name.kind == CrlKind::Delta
        && last.is_some_and(|l| {
            l.number == c.number && l.kind == CrlKind::Complete && l.this_update == c.this_update
        });
    if c.number != number + 1 && !paired {
        return Err(conflict().into());
    }
    if !paired && has_last(db, c.authority.id, c.name.scope)? {
        return Err(Conflict::AfterLastCrl.into());
    }
    db.execute(
        TAKE_NUMBER,
        &[
            c.authority.id.into(),
            shard(c.name).into(),
            c.number.into(),
            kind(c.name).into(),
            c.this_update.into(),
        ],
    )
    .map_err(|e| e.unique(conflict()))?;
    Ok(())
}

pub(super) fn publish(
    db: &mut dyn Database,
    at: UnixTime,
    c: &CrlPublication,
) -> Result<(), SqlError> {
    let intent = &c.intent;
    let id: Option<i64> = db.one(
        PUBLISH,
        &[
            intent.authority.id.into(),
            shard(intent.name).into(),
            kind(intent.name).into(),
            intent.number.into(),
            intent.base.into(),
            c.position.into(),
            (c.occasion == Occasion::Scheduled).into(),
            intent.this_update.into(),
            intent.next_update.into(),
            at.into(),
            intent.entries.into(),
            c.body.length().into(),
        ],
        |row| row.get(0),
    )?;
    let Some(id) = id else {
        return Err(db.damaged("a CRL cannot be stored".into()));
    };
    let mut ordinal = 0_u64;
    c.body.for_each_chunk(
        |error| SqlError::from(StoreError::Spool(error)),
        |chunk| {
            db.execute(ADD_CHUNK, &[id.into(), ordinal.into(), chunk.into()])?;
            ordinal += 1;
            Ok(())
        },
    )
}

/// A complete CRL that an authority made elsewhere, whose changes of status are here already. Its number
/// may leave some out.
pub(super) fn import(db: &mut dyn Database, at: UnixTime, c: &CrlImport) -> Result<(), SqlError> {
    let last = last_number(db, c.authority.id, CrlScope::All)?.map_or(0, |l| l.number);
    if last != c.previous || c.number <= last {
        return Err(Conflict::CrlNumber { last }.into());
    }
    let (all, complete) = (shard(CrlName::WHOLE), kind(CrlName::WHOLE));
    db.execute(
        TAKE_NUMBER,
        &[
            c.authority.id.into(),
            all.into(),
            c.number.into(),
            complete.into(),
            c.this_update.into(),
        ],
    )?;
    let position = db.number(POSITION, &[c.authority.id.into()])?;
    let id: Option<i64> = db.one(
        PUBLISH,
        &[
            c.authority.id.into(),
            all.into(),
            complete.into(),
            c.number.into(),
            Value::Null,
            position.into(),
            true.into(),
            c.this_update.into(),
            c.next_update.into(),
            at.into(),
            Value::Null,
            (c.der.len() as u64).into(),
        ],
        |row| row.get(0),
    )?;
    let Some(id) = id else {
        return Err(db.damaged("a CRL cannot be stored".into()));
    };
    for (ordinal, chunk) in (0_u64..).zip(c.der.chunks(crate::crl::CHUNK)) {
        db.execute(ADD_CHUNK, &[id.into(), ordinal.into(), chunk.into()])?;
    }
    Ok(())
}

/// The number of an authority's last CRL made by another product: the next one is above it.
pub(super) fn go_on_from(db: &mut dyn Database, c: &ImportedCrlNumber) -> Result<(), SqlError> {
    let last = last_number(db, c.authority.id, CrlScope::All)?.map_or(0, |l| l.number);
    if c.number <= last {
        return Err(Conflict::CrlNumber { last }.into());
    }
    db.execute(
        TAKE_NUMBER,
        &[
            c.authority.id.into(),
            shard(CrlName::WHOLE).into(),
            c.number.into(),
            kind(CrlName::WHOLE).into(),
            c.this_update.into(),
        ],
    )?;
    Ok(())
}

/// Published CRLs of an authority after a number, complete and of all certificates.
pub(super) fn after(
    db: &mut dyn Database,
    authority: i64,
    number: u64,
    limit: u32,
) -> Result<Vec<CrlView>, SqlError> {
    let found = db.all(
        AFTER,
        &[authority.into(), number.into(), i64::from(limit).into()],
        |row| published(row, CrlName::WHOLE),
    )?;
    found.iter().map(|crl| view(db, crl)).collect()
}

impl<B: Backend> CrlStore for SqlStore<B> {
    fn last_crl_number(&self, authority: i64, scope: CrlScope) -> Result<u64, StoreError> {
        self.read(|db| Ok(last_number(db, authority, scope)?.map_or(0, |last| last.number)))
    }

    fn latest_crl(
        &self,
        authority: i64,
        name: CrlName,
    ) -> Result<Option<PublishedCrl>, StoreError> {
        self.read(|db| latest(db, authority, name))
    }

    fn crl_chunk(&self, crl: i64, ordinal: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| {
            db.one(CHUNK, &[crl.into(), ordinal.into()], |row| {
                row.get::<Vec<u8>>(0)
            })
        })
    }

    fn oldest_change(
        &self,
        authority: i64,
        scope: CrlScope,
        after: u64,
    ) -> Result<Option<UnixTime>, StoreError> {
        let shard = Value::from(u64::from(scope.index()));
        self.read(|db| match scope {
            CrlScope::All => db.one(OLDEST_CHANGE, &[authority.into(), after.into()], |row| {
                row.get(0)
            }),
            CrlScope::Partition(_) => db.one(
                OLDEST_CHANGE_IN_SHARD,
                &[authority.into(), after.into(), shard],
                |row| row.get(0),
            ),
        })
    }

    fn crl_source(
        &self,
        authority: i64,
        with: &mut dyn FnMut(&mut dyn CrlSnapshot) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        // One transaction, so that every walk sees the same state.
        self.snapshot(|db| Ok(with(&mut Snapshot { db, authority })?))
    }
}

#[derive(Clone, Copy)]
struct LastNumber {
    number: u64,
    kind: CrlKind,
    this_update: UnixTime,
}

fn last_number(
    db: &mut dyn Database,
    authority: i64,
    scope: CrlScope,
) -> Result<Option<LastNumber>, SqlError> {
    let shard = i64::from(scope.index());
    db.one(LAST_NUMBER, &[authority.into(), shard.into()], |row| {
        Ok(LastNumber {
            number: row.get(0)?,
            kind: match row.get::<i64>(1)? {
                0 => CrlKind::Complete,
                _ => CrlKind::Delta,
            },
            this_update: row.get(2)?,
        })
    })
}

/// Whether the scope's latest complete CRL is the last there will ever be.
pub(super) fn has_last(
    db: &mut dyn Database,
    authority: i64,
    scope: CrlScope,
) -> Result<bool, SqlError> {
    let latest = latest(db, authority, CrlName::complete(scope))?;
    Ok(latest.is_some_and(|crl| crl.next_update == UnixTime::MAX))
}

fn latest(
    db: &mut dyn Database,
    authority: i64,
    name: CrlName,
) -> Result<Option<PublishedCrl>, SqlError> {
    db.one(
        LATEST,
        &[authority.into(), shard(name).into(), kind(name).into()],
        |row| published(row, name),
    )
}

/// The latest CRL of every line of an authority with so many partitions.
pub(super) fn latest_of_all(
    db: &mut dyn Database,
    authority: i64,
    partitions: u32,
) -> Result<Vec<PublishedCrl>, SqlError> {
    db.all(
        LATEST_OF_ALL,
        &[authority.into(), i64::from(partitions).into()],
        |row| {
            let index = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
            let name = CrlName {
                scope: CrlScope::from_index(index(row.get(8)?)),
                kind: CrlKind::from_index(index(row.get(9)?)),
            };
            published(row, name)
        },
    )
}

/// Id, number, base, position, thisUpdate, nextUpdate, size, entries.
pub(super) fn published(row: &dyn Row, name: CrlName) -> Result<PublishedCrl, SqlError> {
    Ok(PublishedCrl {
        id: row.get(0)?,
        name,
        number: row.get(1)?,
        base: row.get(2)?,
        position: row.get(3)?,
        this_update: row.get(4)?,
        next_update: row.get(5)?,
        size: row.get(6)?,
        entries: row.get(7)?,
    })
}

/// A published CRL with all its bytes.
pub(super) fn view(db: &mut dyn Database, crl: &PublishedCrl) -> Result<CrlView, SqlError> {
    let mut der = Vec::with_capacity(usize::try_from(crl.size).unwrap_or(0));
    let mut ordinal = 0_u64;
    loop {
        let mut more = false;
        db.query(CHUNK, &[crl.id.into(), ordinal.into()], &mut |row| {
            more = true;
            der.extend_from_slice(row.bytes(0)?.unwrap_or_default());
            Ok(())
        })?;
        if !more {
            break;
        }
        ordinal += 1;
    }
    Ok(CrlView {
        der,
        number: crl.number,
        this_update: crl.this_update,
        next_update: crl.next_update,
    })
}

pub(super) fn shard(name: CrlName) -> i64 {
    i64::from(name.scope.index())
}

pub(super) fn kind(name: CrlName) -> i64 {
    i64::from(name.kind.index())
}

struct Snapshot<'a> {
    db: &'a mut dyn Database,
    authority: i64,
}

impl CrlSnapshot for Snapshot<'_> {
    fn position(&mut self) -> Result<u64, StoreError> {
        Ok(self.db.number(POSITION, &[self.authority.into()])?)
    }

    fn latest(&mut self, name: CrlName) -> Result<Option<PublishedCrl>, StoreError> {
        Ok(latest(self.db, self.authority, name)?)
    }

    fn latest_scheduled(&mut self, scope: CrlScope) -> Result<Option<PublishedCrl>, StoreError> {
        let name = CrlName::complete(scope);
        let found = self.db.one(
            LATEST_SCHEDULED,
            &[self.authority.into(), shard(name).into()],
            |row| published(row, name),
        )?;
        Ok(found)
    }

    fn revoked(
        &mut self,
        scope: CrlScope,
        leave_out: Option<LeaveOut>,
        visit: &mut EntryVisitor<'_>,
    ) -> Result<(), StoreError> {
        let shard = i64::from(scope.index());
        let statement = match scope {
            CrlScope::All => REVOKED,
            CrlScope::Partition(_) => REVOKED_IN_SHARD,
        };
        // Below every serial: they have at least one octet.
        let mut after = Vec::new();
        loop {
            let mut rows = 0;
            let mut last = Vec::new();
            let values = [
                self.authority.into(),
                (&after).into(),
                PAGE.into(),
                shard.into(),
            ];
            let values = match scope {
                CrlScope::All => &values[..3],
                CrlScope::Partition(_) => &values[..],
            };
            self.db.query(statement, values, &mut |row| {
                rows += 1;
                let serial = row.bytes(0)?.unwrap_or_default();
                if rows == PAGE {
                    last.extend_from_slice(serial);
                }
                if let Some(leave_out) = leave_out
                    && row.get::<UnixTime>(5)? < leave_out.expired_before
                    && row.get::<u64>(4)? <= leave_out.listed_up_to
                {
                    return Ok(());
                }
                let fields = EntryFields {
                    date: row.get(1)?,
                    reason: EntryReason::Revoked(revocation::reason(row, 2)?),
                    invalidity_date: row.get(3)?,
                };
                Ok(visit(serial, &fields)?)
            })?;
            if rows < PAGE {
                return Ok(());
            }
            after = last;
        }
    }

    fn changed(
        &mut self,
        scope: CrlScope,
        after: u64,
        visit: &mut EntryVisitor<'_>,
    ) -> Result<(), StoreError> {
        let shard = i64::from(scope.index());
        let end = self.position()?;
        let statement = match scope {
            CrlScope::All => CHANGED,
            CrlScope::Partition(_) => CHANGED_IN_SHARD,
        };
        let mut after = after;
        loop {
            let mut rows = 0;
            let values = [
                self.authority.into(),
                after.into(),
                end.into(),
                PAGE.into(),
                shard.into(),
            ];
            let values = match scope {
                CrlScope::All => &values[..4],
                CrlScope::Partition(_) => &values[..],
            };
            self.db.query(statement, values, &mut |row| {
                rows += 1;
                after = row.get(0)?;
                let reason = match row.get::<i64>(2)? {
                    change::RESUMED => EntryReason::Removed,
                    _ => EntryReason::Revoked(revocation::reason(row, 4)?),
                };
                let fields = EntryFields {
                    date: row.get(3)?,
                    reason,
                    invalidity_date: row.get(5)?,
                };
                Ok(visit(row.bytes(1)?.unwrap_or_default(), &fields)?)
            })?;
            if rows < PAGE {
                return Ok(());
            }
        }
    }
}
