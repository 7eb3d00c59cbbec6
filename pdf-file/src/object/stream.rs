//! Streams, in the file or new (ISO 32000-2, 7.3.8).

use std::ops::Range;
use std::sync::Arc;

use super::{Name, ObjId};
use crate::Dict;

/// A stream (7.3.8): a dictionary and data.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// The stream dictionary. `/Length` of a new stream is set when it is written.
    pub dict: Dict,
    /// Where the data is.
    pub data: StreamData,
}

/// A stream's data, still encoded by its `/Filter`.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamData {
    /// In the file, perhaps encrypted; read with
    /// [`PdfFile::raw_stream_data`](crate::PdfFile::raw_stream_data) or
    /// [`PdfFile::stream_data`](crate::PdfFile::stream_data).
    InFile {
        /// The data's bytes in the file.
        span: Range<u64>,
        /// The stream object, whose number and generation are part of its encryption key.
        owner: ObjId,
    },
    /// In memory, not encrypted.
    Owned(Arc<[u8]>),
}

impl Stream {
    /// A new stream. `data` is encoded as `/Filter` in `dict` says.
    pub fn new(dict: Dict, data: impl Into<Arc<[u8]>>) -> Self {
        Self {
            dict,
            data: StreamData::Owned(data.into()),
        }
    }

    /// A new stream of these bytes, compressed with Flate.
    #[must_use]
    pub fn deflated(mut dict: Dict, data: &[u8]) -> Self {
        dict.set("Filter", Name::from("FlateDecode"));
        dict.remove("DecodeParms");
        let mut encoder =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        // Writing to memory does not fail.
        let encoded = std::io::Write::write_all(&mut encoder, data).and_then(|()| encoder.finish());
        match encoded {
            Ok(encoded) => Self::new(dict, encoded),
            Err(_) => {
                dict.remove("Filter");
                Self::new(dict, data)
            }
        }
    }
}
