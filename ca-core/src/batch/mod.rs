//! Orders for many certificates in one file: comma-separated values (RFC 4180), one order a line.
//!
//! [`CsvReader`] reads records as a stream, strictly, each with its line; [`Columns`] understands the
//! heading; [`BatchRow`] is one order understood. A line that is wrong is refused alone: the reader goes
//! on with the next one. `docs/bulk.md` describes the columns.

mod columns;
mod csv;
mod row;

#[cfg(test)]
mod tests;

pub use self::columns::{Column, Columns, HeadingError};
pub use self::csv::{CsvFault, CsvReader, Record, RecordError};
pub use self::row::{BatchRow, ChainFile, Defaults, Qscd, RequestSource, RowError, RowId, RowKey};
