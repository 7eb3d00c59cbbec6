//! Judged.
