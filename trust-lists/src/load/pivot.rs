//! A list of lists whose signers have changed: earlier editions of it, named in SchemeInformationURI from
//! the newest to the oldest, each signed by somebody whom the one before names as signer (the European
//! Commission's "pivot" lists, referred to in TS 119 615 clause 4.1).

use pki_asn1::Certificate;

use super::Source;
use crate::list::{ListError, TrustedList, VerifiedList, uri};

const PIVOTS: usize = 20;

/// Checks a list with `signers`, or with those to whom the pivots lead.
pub(super) fn verify(
    octets: &[u8],
    signers: &[Certificate],
    source: Option<&dyn Source>,
) -> Result<VerifiedList, ListError> {
    let direct = match TrustedList::verify(octets, signers) {
        Err(e @ ListError::Signer { .. }) => e,
        other => return other,
    };
    let Some(source) = source else {
        return Err(direct);
    };
    // Not believed: it only says where to look.
    let claimed = TrustedList::parse(octets)?;
    if !claimed.is_list_of_lists() {
        return Err(direct);
    }
    let mut pivots: Vec<&String> = Vec::new();
    for one in &claimed.information_uris {
        // The same URI stands there once for each language.
        if is_pivot(one) && !pivots.contains(&one) && pivots.len() < PIVOTS {
            pivots.push(one);
        }
    }
    let mut signers = signers.to_vec();
    for pivot in pivots.into_iter().rev() {
        let Ok(octets) = source.get(pivot) else {
            continue;
        };
        // One from before the signers that were given is signed by others, and is passed over.
        let Ok(earlier) = TrustedList::verify(&octets, &signers) else {
            continue;
        };
        if earlier.list().list_type != claimed.list_type {
            continue;
        }
        let own = earlier.list().pointers.iter().filter(|p| {
            p.list_type.as_deref().is_some_and(uri::is_list_of_lists) && p.is_machine_readable()
        });
        let next: Vec<Certificate> = own.flat_map(|p| p.signers.iter().cloned()).collect();
        if !next.is_empty() {
            signers = next;
        }
    }
    TrustedList::verify(octets, &signers)
}

fn is_pivot(uri: &str) -> bool {
    let name = uri.rsplit('/').next().unwrap_or(uri);
    name.contains("pivot") && name.ends_with(".xml")
}
