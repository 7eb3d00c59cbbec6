//! What goes into a statement and what comes out of a row.

use pki_asn1::UnixTime;

use super::SqlError;

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A row of an answer. Columns count from 0.
pub(crate) trait Row {
    fn integer(&self, at: usize) -> Result<Option<i64>, SqlError>;
    fn text(&self, at: usize) -> Result<Option<&str>, SqlError>;
    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, SqlError>;
    /// The error of a column that holds something else than this program writes.
    fn unexpected(&self, at: usize) -> SqlError;
}

impl<'r> dyn Row + 'r {
    /// A column as the type that is wanted.
    pub(crate) fn get<T: Column>(&self, at: usize) -> Result<T, SqlError> {
        T::of(self, at)
    }
}

/// A type that a column can be read as.
pub(crate) trait Column: Sized {
    fn of(row: &(dyn Row + '_), at: usize) -> Result<Self, SqlError>;
}

/// A type whose absence can be read too.
trait Nullable: Sized {
    fn find(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>, SqlError>;
}

impl<T: Nullable> Column for T {
    fn of(row: &(dyn Row + '_), at: usize) -> Result<Self, SqlError> {
        T::find(row, at)?.ok_or_else(|| row.unexpected(at))
    }
}

impl<T: Nullable> Column for Option<T> {
    fn of(row: &(dyn Row + '_), at: usize) -> Result<Self, SqlError> {
        T::find(row, at)
    }
}

impl Nullable for i64 {
    fn find(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>, SqlError> {
        row.integer(at)
    }
}

/// Counts, numbers and sequences: never negative, and far below the columns' limit.
impl Nullable for u64 {
    fn find(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>, SqlError> {
        match row.integer(at)?.map(Self::try_from) {
            None => Ok(None),
            Some(Ok(n)) => Ok(Some(n)),
            Some(Err(_)) => Err(row.unexpected(at)),
        }
    }
}

impl Nullable for bool {
    fn find(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>, SqlError> {
        Ok(row.integer(at)?.map(|n| n != 0))
    }
}

impl Nullable for UnixTime {
    fn find(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>, SqlError> {
        Ok(row.integer(at)?.map(Self::from_secs))
    }
}

impl Nullable for String {
    fn find(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>, SqlError> {
        Ok(row.text(at)?.map(str::to_owned))
    }
}

impl Nullable for Vec<u8> {
    fn find(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>, SqlError> {
        Ok(row.bytes(at)?.map(<[u8]>::to_vec))
    }
}

impl Nullable for [u8; 32] {
    fn find(row: &(dyn Row + '_), at: usize) -> Result<Option<Self>, SqlError> {
        match row.bytes(at)?.map(Self::try_from) {
            None => Ok(None),
            Some(Ok(digest)) => Ok(Some(digest)),
            Some(Err(_)) => Err(row.unexpected(at)),
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(n: i64) -> Self {
        Self::Integer(n)
    }
}

impl From<u64> for Value<'_> {
    fn from(n: u64) -> Self {
        // Databases' integers are signed; sequence and CRL numbers stay far below.
        Self::Integer(i64::try_from(n).unwrap_or(i64::MAX))
    }
}

impl From<u8> for Value<'_> {
    fn from(n: u8) -> Self {
        Self::Integer(n.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(yes: bool) -> Self {
        Self::Integer(yes.into())
    }
}

impl From<UnixTime> for Value<'_> {
    fn from(at: UnixTime) -> Self {
        Self::Integer(at.as_secs())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
