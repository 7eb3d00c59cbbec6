//! Rules on certificates, in folders by document.

use crate::rule::CertificateRule;

mod expected;
mod rfc5280;
mod x690;

/// All of them, in the order in which findings are told.
pub(crate) fn all() -> impl Iterator<Item = &'static CertificateRule> {
    [x690::ALL, rfc5280::ALL, expected::ALL]
        .into_iter()
        .flatten()
}
