//! Files from strangers before the whole program: what is in them is shown as openssl shows it, and none of them costs more than a
//! relying party has.
#![allow(clippy::unwrap_used)]

mod asn1;
mod cms;
mod costs;
mod documents;
mod envelopes;
mod make;
mod paths;
