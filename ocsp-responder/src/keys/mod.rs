//! The keys that sign answers, and what entitles them to.

pub mod delegate;
