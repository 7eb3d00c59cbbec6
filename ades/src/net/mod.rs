//! HTTP for the protocols of signatures, behind a trait.
