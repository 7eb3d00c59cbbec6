//! RFC 6962: marks of certificate transparency.

use crate::rule::CertificateRule;

mod precertificate_with_sct_list;
mod sct_list_empty;

pub(super) const ALL: &[CertificateRule] =
    &[precertificate_with_sct_list::RULE, sct_list_empty::RULE];
