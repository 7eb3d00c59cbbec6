//! The picture of a visible signature (ISO 32000-2, 12.5.5): text, image and QR code in a box, as a
//! form XObject for a PDF or as a PNG.
//!
//! Nothing here knows signatures or keys: what the text says is given as fields.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]
