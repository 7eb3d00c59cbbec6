//! Too much of something, where it is not signed.

use std::fmt::Write as _;

use super::Must::Refuse;
use super::Tricks;
use crate::base::Base;

pub(super) fn put(base: &Base, to: &mut Tricks) {
    to.put(
        "101 elements in each other",
        base.with_object(&format!("{}{}", "<x>".repeat(101), "</x>".repeat(101))),
        Refuse,
    );
    let many: String = (0..150).fold(String::new(), |mut all, n| {
        let _ = write!(all, " a{n}=\"\"");
        all
    });
    to.put(
        "150 attributes",
        base.with_object(&format!("<x{many}/>")),
        Refuse,
    );
    let many: String = (0..80).fold(String::new(), |mut all, n| {
        let _ = write!(all, " xmlns:a{n}=\"urn:{n}\"");
        all
    });
    to.put(
        "80 namespaces",
        base.with_object(&format!("<x{many}/>")),
        Refuse,
    );
}
