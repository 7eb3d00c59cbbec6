//! What signatures mean: CMS, CAdES and PAdES, created and validated.
//!
//! [`cms`] assembles and reads `SignedData` (RFC 5652). [`cades`] signs files (EN 319 122-1),
//! [`pades`] signs PDF documents (EN 319 142-1), [`tsp`] asks a time-stamping authority (RFC 3161)
//! through [`net`]; [`evidence`] collects what proves a signature for decades. [`validate`] gathers
//! facts and turns them into a verdict (EN 319 102-1), which [`report`] shows. This crate knows no
//! terminals.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod asic;
pub mod cades;
pub mod cms;
mod encoding;
pub mod evidence;
pub mod extend;
pub mod net;
pub mod pades;
pub mod report;
pub mod tsp;
pub mod validate;
