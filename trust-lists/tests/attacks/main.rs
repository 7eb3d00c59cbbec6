//! What an attacker would send, and what another writer of XML would: thousands of variations of signed lists, each judged
//! by signxml (lxml) and, where it has a name, by xmlsec1. Whatever is accepted here they accept too, and what is read is
//! what they say was signed. What is refused here and accepted by one of them stands in docs/DIVERGENCES.md.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod base;
mod canonical_forms;
mod judges;
mod named;
mod paddings;
mod random;
