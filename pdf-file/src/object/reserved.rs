//! Space in an update for what is known only once the update is laid out: a signature and the byte
//! range around it.

use super::Object;

/// The caller's name for a reserved space; unique in one update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReservedKey(pub u32);

/// A space in an update, filled in once the update is laid out and its offsets are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserved {
    /// The name under which [`Appended::fill`](crate::Appended::fill) finds it.
    pub key: ReservedKey,
    /// Its form and size.
    pub kind: ReservedKind,
}

/// The form of a reserved space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReservedKind {
    /// A hexadecimal string with room for so many bytes, zero until filled: `<000..>`.
    HexString {
        /// Bytes it can hold (half the number of digits).
        bytes: usize,
    },
    /// So many spaces, to be overwritten with ASCII text such as a number.
    Text {
        /// Characters it can hold.
        width: usize,
    },
}

impl Object {
    /// Reserved space for a hexadecimal string of at most `bytes` bytes.
    #[must_use]
    pub fn reserved_hex(key: ReservedKey, bytes: usize) -> Self {
        Self::Reserved(Reserved {
            key,
            kind: ReservedKind::HexString { bytes },
        })
    }

    /// Reserved space for `width` characters.
    #[must_use]
    pub fn reserved_text(key: ReservedKey, width: usize) -> Self {
        Self::Reserved(Reserved {
            key,
            kind: ReservedKind::Text { width },
        })
    }
}
