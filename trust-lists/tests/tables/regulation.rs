//! Tables 1 to 3: certificates for signatures, seals and websites under the Regulation.

use pki_asn1::oid;
use trust_lists::qualify::{self, Answer, Purpose};

use crate::support::{Claims, at};
use crate::world::{EVERY, USED, World};

/// Tables 1, 2 and 3: the statements of a certificate, and what stands in the columns: no qualifier,
/// NotQualified, QCStatement, the purpose's own qualifier, QCStatement with it.
const SHAPES: [(bool, &[u8]); 16] = [
    (true, &[]),
    (true, &[1]),
    (true, &[2]),
    (true, &[3]),
    (true, &[1, 2]),
    (true, &[1, 3]),
    (true, &[2, 3]),
    (true, &[1, 2, 3]),
    (false, &[]),
    (false, &[1]),
    (false, &[2]),
    (false, &[3]),
    (false, &[1, 2]),
    (false, &[1, 3]),
    (false, &[2, 3]),
    (false, &[1, 2, 3]),
];

const TABLES: [(&str, &str, &str, Purpose, [&str; 16]); 3] = [
    (
        "table 1, PRO-4.4.4-15",
        "ForeSignatures",
        "QCForESig",
        Purpose::Signature,
        [
            "QNQQQ", "QNQQQ", "NNNQQ", "NNNQQ", "INIQQ", "INIQQ", "NNNQQ", "INIQQ", "NNINQ",
            "NNQNQ", "NNNNQ", "NNNNQ", "NNINQ", "NNINQ", "NNNNQ", "NNINQ",
        ],
    ),
    (
        "table 2, PRO-4.4.4-23",
        "ForeSeals",
        "QCForESeal",
        Purpose::Seal,
        [
            "NNNQQ", "NNNQQ", "QNQQQ", "NNNQQ", "INIQQ", "NNNQQ", "INIQQ", "INIQQ", "NNINQ",
            "NNNNQ", "NNQNQ", "NNNNQ", "NNINQ", "NNNNQ", "NNINQ", "NNINQ",
        ],
    ),
    (
        "table 3, PRO-4.4.4-31",
        "ForWebSiteAuthentication",
        "QCForWSA",
        Purpose::Website,
        [
            "NNNQQ", "NNNQQ", "NNNQQ", "QNQQQ", "NNNQQ", "INIQQ", "INIQQ", "INIQQ", "NNINQ",
            "NNNNQ", "NNNNQ", "NNQNQ", "NNNNQ", "NNINQ", "NNINQ", "NNINQ",
        ],
    ),
];

#[test]
fn every_cell_of_the_tables_of_the_regulation_is_as_it_stands_there() {
    let Some(world) = World::new() else { return };
    let chains = SHAPES.map(|(compliance, types)| {
        let types = types.iter().map(|t| match t {
            1 => oid::QCT_ESIGN,
            2 => oid::QCT_ESEAL,
            _ => oid::QCT_WEB,
        });
        world.chain(&Claims {
            compliance,
            types: types.collect(),
            ..Claims::default()
        })
    });
    for (clause, information, own, purpose, rows) in TABLES {
        let columns: [&[&str]; 5] = [
            &[],
            &["NotQualified"],
            &["QCStatement"],
            &[own],
            &["QCStatement", own],
        ];
        for (column, qualifiers) in columns.iter().enumerate() {
            let mut service = world.service().with_information(information);
            if !qualifiers.is_empty() {
                service = service.with_qualification(qualifiers, EVERY);
            }
            let lists = world.lists(vec![service]);
            for (row, cells) in rows.iter().enumerate() {
                let found = qualify::certificate(&lists, &chains[row], at(USED));
                let expected = match cells.as_bytes()[column] {
                    b'Q' => (Answer::Yes, Some(purpose)),
                    b'N' => (Answer::No, None),
                    _ => (Answer::Indeterminate, None),
                };
                assert_eq!(
                    (found.certificate, found.purpose),
                    expected,
                    "{clause}: {:?} with {qualifiers:?}: {:?}",
                    SHAPES[row],
                    found.reasons
                );
                let silent = found.reasons.is_empty();
                assert!(expected.0 == Answer::Yes || !silent, "{clause}: no reason");
            }
        }
    }
}
