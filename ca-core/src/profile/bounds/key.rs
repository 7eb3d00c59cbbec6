//! Which keys a profile may take, and until when.

use super::{Check, duplicate};
use crate::profile::KeyAlgorithm;
use crate::profile::algorithm::{ALGORITHMS, CLAUSE, LARGEST_RSA, SMALLEST_RSA};

pub(super) fn check(check: &mut Check<'_>) {
    let key = &check.config.key;
    check.broken_if(
        key.curves.is_empty() && key.minimum_rsa_bits.is_none(),
        "key",
        "no key is taken: neither curves nor minimum-rsa-bits is given",
        CLAUSE,
    );
    check.broken_if(
        duplicate(&key.curves).is_some(),
        "key.curves",
        "a curve occurs twice",
        CLAUSE,
    );
    check.broken_if(
        key.minimum_rsa_bits.is_some_and(|bits| bits < SMALLEST_RSA),
        "key.minimum-rsa-bits",
        "RSA under 1900 bits is not among the agreed algorithms",
        CLAUSE,
    );
    check.broken_if(
        key.minimum_rsa_bits.is_some_and(|bits| bits > LARGEST_RSA),
        "key.minimum-rsa-bits",
        "RSA over 8192 bits is not verified by common software, and none is taken",
        CLAUSE,
    );
    for (algorithm, end) in &key.ends {
        let name = algorithm.as_str();
        let path = format!("key.ends.{name}");
        let taken = match algorithm {
            KeyAlgorithm::Rsa => key.minimum_rsa_bits.is_some(),
            _ => key
                .curves
                .iter()
                .any(|c| KeyAlgorithm::from(*c) == *algorithm),
        };
        if !taken {
            check.broken(&path, format!("{name} ends, but is not taken"), CLAUSE);
        }
        // Only where every key of the name ends by then anyway.
        let latest = ALGORITHMS
            .iter()
            .filter(|row| row.algorithm == *algorithm)
            .map(|row| row.last_validity)
            .max_by_key(|last| last.map_or((1, None), |last| (0, Some(last))))
            .flatten();
        if latest.is_some_and(|latest| *end > latest) {
            check.broken(
                &path,
                format!("{end} is later than the standard's end"),
                CLAUSE,
            );
        }
    }
}
