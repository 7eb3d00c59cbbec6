//! How SQLite will answer what is asked when a status changes and a CRL is published: always through
//! an index, so that one more revocation costs the same whatever else is revoked.

use crate::store::sql::{crl, issued, migrations, revocation};

#[test]
fn no_question_of_a_revocation_or_a_crl_is_a_scan() {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    for (_, step) in migrations::after(0) {
        db.execute_batch(step.sqlite).unwrap();
    }
    let statements = crl::STATEMENTS
        .into_iter()
        .chain(revocation::STATEMENTS)
        .chain(issued::STATEMENTS);
    for sql in statements {
        let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let parameters = vec![None::<i64>; plan.parameter_count()];
        let steps: Vec<String> = plan
            .query_map(rusqlite::params_from_iter(parameters), |row| row.get(3))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for step in steps {
            assert!(!step.contains("SCAN"), "{sql}\n{step}");
            assert!(!step.contains("TEMP B-TREE"), "{sql}\n{step}");
        }
    }
}
