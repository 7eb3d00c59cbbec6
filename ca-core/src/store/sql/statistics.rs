//! Counts and times over the whole record.

use std::collections::BTreeMap;

use pki_asn1::UnixTime;

use super::revocation::change;
use super::{Database, PAGE, SqlError};
use crate::engine::Statistics;
use crate::revocation::{
    Distribution, PUBLICATION_LIMIT_SECONDS, REQUEST_LIMIT_SECONDS, Timeliness,
};

pub(super) fn count(db: &mut dyn Database, now: UnixTime) -> Result<Statistics, SqlError> {
    let mut times = Times::default();
    let authorities = db.all("SELECT id FROM authority ORDER BY id", &[], |row| {
        row.get::<i64>(0)
    })?;
    for authority in authorities {
        let published = publications(db, authority)?;
        times.walk(db, authority, &published, now)?;
    }
    let mut count = |sql| db.number(sql, &[]);
    Ok(Statistics {
        authorities: count("SELECT count(*) FROM authority WHERE state = 1")?,
        issued: count("SELECT count(*) FROM certificate WHERE state = 1")?,
        revoked: count(
            "SELECT count(*) FROM revocation r JOIN certificate c \
             ON c.authority = r.authority AND c.serial = r.serial AND c.state = 1 \
             WHERE r.reason <> 6",
        )?,
        suspended: count("SELECT count(*) FROM revocation WHERE reason = 6")?,
        abandoned: count("SELECT count(*) FROM certificate WHERE state = 2")?,
        crls: count("SELECT count(*) FROM crl")?,
        journal_records: count("SELECT count(*) FROM journal")?,
        timeliness: times.finish(),
    })
}

/// Of one scope: how many changes were published when, both going up.
type Published = Vec<(u64, UnixTime)>;

/// The publications of an authority by scope. Those of all certificates count for every partition.
fn publications(
    db: &mut dyn Database,
    authority: i64,
) -> Result<BTreeMap<i64, Published>, SqlError> {
    let mut scopes: BTreeMap<i64, Published> = BTreeMap::new();
    let mut after = 0_i64;
    loop {
        let mut rows = 0;
        db.query(
            "SELECT id, shard, position, published_at FROM crl \
             WHERE authority = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
            &[authority.into(), after.into(), PAGE.into()],
            &mut |row| {
                rows += 1;
                after = row.get(0)?;
                let scope = scopes.entry(row.get(1)?).or_default();
                let (position, at) = (row.get(2)?, row.get(3)?);
                if scope.last().is_none_or(|(seen, _)| *seen < position) {
                    scope.push((position, at));
                }
                Ok(())
            },
        )?;
        if rows < PAGE {
            return Ok(scopes);
        }
    }
}

/// Times in seconds, four octets each: all that is kept of a change.
#[derive(Default)]
struct Times {
    decision: Vec<u32>,
    crl: Vec<u32>,
    waiting: u64,
    longest_wait: Option<u64>,
}

impl Times {
    fn walk(
        &mut self,
        db: &mut dyn Database,
        authority: i64,
        published: &BTreeMap<i64, Published>,
        now: UnixTime,
    ) -> Result<(), SqlError> {
        let mut after = 0_u64;
        loop {
            let mut rows = 0;
            db.query(
                "SELECT position, shard, change, requested_at, decided_at FROM status_change \
                 WHERE authority = ?1 AND position > ?2 ORDER BY position LIMIT ?3",
                &[authority.into(), after.into(), PAGE.into()],
                &mut |row| {
                    rows += 1;
                    after = row.get(0)?;
                    let shard: i64 = row.get(1)?;
                    let decided_at: UnixTime = row.get(4)?;
                    // Nobody asked for an issuance to be interrupted, and what was decided elsewhere is
                    // measured there.
                    let change: i64 = row.get(2)?;
                    if change == change::IMPORTED {
                        return Ok(());
                    }
                    if change != change::INTERRUPTED {
                        self.decision.push(seconds(row.get(3)?, decided_at));
                    }
                    let mut scopes = vec![0];
                    if shard > 0 {
                        scopes.push(shard);
                    }
                    let told = scopes
                        .iter()
                        .filter_map(|scope| first(published.get(scope)?, after))
                        .min();
                    match told {
                        Some(at) => self.crl.push(seconds(decided_at, at)),
                        None => {
                            self.waiting += 1;
                            let wait = u64::from(seconds(decided_at, now));
                            self.longest_wait = self.longest_wait.max(Some(wait));
                        }
                    }
                    Ok(())
                },
            )?;
            if rows < PAGE {
                return Ok(());
            }
        }
    }

    fn finish(self) -> Timeliness {
        Timeliness {
            decision: Distribution::of(self.decision, REQUEST_LIMIT_SECONDS),
            crl: Distribution::of(self.crl, PUBLICATION_LIMIT_SECONDS),
            waiting: self.waiting,
            longest_wait: self.longest_wait,
        }
    }
}

/// When the first CRL that has seen this change was published.
fn first(published: &Published, position: u64) -> Option<UnixTime> {
    let at = published.partition_point(|(seen, _)| *seen < position);
    published.get(at).map(|(_, at)| *at)
}

fn seconds(from: UnixTime, to: UnixTime) -> u32 {
    u32::try_from(to.since(from).max(0)).unwrap_or(u32::MAX)
}
