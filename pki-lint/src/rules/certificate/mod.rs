//! Rules on certificates, in folders by document.

use crate::rule::CertificateRule;

mod en319411_1;
mod en319412_1;
pub(in crate::rules) mod en319412_2;
mod en319412_3;
mod en319412_5;
mod en319422;
mod expected;
mod rfc3161;
mod rfc4055;
mod rfc5280;
mod rfc6960;
mod rfc6962;
mod rfc9608;
mod ts119312;
mod x690;

/// All of them, in the order in which findings are told.
pub(crate) fn all() -> impl Iterator<Item = &'static CertificateRule> {
    [
        x690::ALL,
        rfc5280::ALL,
        rfc4055::ALL,
        rfc3161::ALL,
        rfc6960::ALL,
        rfc6962::ALL,
        rfc9608::ALL,
        en319411_1::ALL,
        en319412_1::ALL,
        en319412_2::ALL,
        en319412_3::ALL,
        en319412_5::ALL,
        en319422::ALL,
        ts119312::ALL,
        expected::ALL,
    ]
    .into_iter()
    .flatten()
}
