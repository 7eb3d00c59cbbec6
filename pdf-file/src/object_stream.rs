//! Objects in object streams (ISO 32000-2, 7.5.7): many small objects, compressed together.

use std::collections::HashMap;
use std::sync::Arc;

use crate::access::Key;
use crate::file::PdfFile;
use crate::load::{self, Loaded};
use crate::parser::{Parser, Record};
use crate::{ObjId, Object, PdfError, RevisionId};

/// A decoded object stream.
#[derive(Debug)]
pub(crate) struct ObjectStream {
    data: Vec<u8>,
    /// Object number, and offset in `data`.
    index: Vec<(u32, usize)>,
    /// The last place of each number in `index`, for cross-reference data that gives a wrong one.
    places: HashMap<u32, usize>,
}

impl ObjectStream {
    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.index.iter().map(|&(number, _)| number).collect()
    }

    /// About what it takes in memory.
    fn weight(&self) -> usize {
        self.data.len() + self.index.len() * 48
    }

    /// Where the object begins, at `place` of the index or elsewhere in it.
    fn start(&self, number: u32, place: u32) -> Option<usize> {
        let exact = self.index.get(place as usize);
        let &(_, start) = exact
            .filter(|&&(found, _)| found == number)
            .or_else(|| self.index.get(*self.places.get(&number)?))?;
        Some(start)
    }
}

impl PdfFile {
    pub(crate) fn object_in_stream(
        &self,
        number: u32,
        stream: u32,
        offset: u64,
        index: u32,
    ) -> Result<Arc<Object>, PdfError> {
        let key = Key::InStream {
            stream_offset: offset,
            index,
            number,
        };
        if let Some(object) = self.cached(key) {
            return Ok(object);
        }
        let stream = self.object_stream(stream, offset)?;
        let (object, length) = self.parse_contained(&stream, number, index)?;
        Ok(self.keep(key, object, length))
    }

    pub(crate) fn parse_contained(
        &self,
        stream: &ObjectStream,
        number: u32,
        index: u32,
    ) -> Result<(Object, usize), PdfError> {
        let Some(start) = stream.start(number, index) else {
            return Ok((Object::Null, 0));
        };
        let bytes = stream.data.get(start..).unwrap_or_default();
        let mut parser = Parser::new(bytes, start as u64, &self.reader.budgets, Record::Nothing);
        let (object, spans) = parser.value()?;
        let length = spans.span.end - spans.span.start;
        Ok((object, usize::try_from(length).unwrap_or(usize::MAX)))
    }

    /// The object stream at `offset`, decoded.
    pub(crate) fn object_stream(
        &self,
        number: u32,
        offset: u64,
    ) -> Result<Arc<ObjectStream>, PdfError> {
        if let Some(stream) = self.cache().streams.get(&offset) {
            return Ok(Arc::clone(stream));
        }
        let at = self.latest();
        let loaded = self.load(ObjId::new(number, 0), offset, at, Record::Nothing)?;
        let wrong = PdfError::WrongType {
            what: "the container of a compressed object",
            expected: "an object stream",
        };
        let Some(Loaded {
            id,
            value: Object::Stream(stream),
            ..
        }) = loaded
        else {
            return Err(wrong);
        };
        let raw = load::raw_data(&self.reader, &stream)?;
        let steps = load::steps(&self.reader, &stream.dict, &mut |object| Ok(object.clone()))?;
        let raw = match &self.crypt {
            Some(crypt) => crypt.decrypt_stream(id, &stream.dict, &steps, &raw)?.into(),
            None => raw,
        };
        let data = load::decode_structure(&self.reader, &raw, &steps)?;
        let integer = |key| self.plain_integer(stream.dict.get(key), at);
        let (Some(first), Some(count)) = (integer("First"), integer("N")) else {
            return Err(wrong);
        };
        let index = self.contained_index(&data, first, count);
        let places = index.iter().enumerate();
        let places = places
            .map(|(place, &(number, _))| (number, place))
            .collect();
        let stream = Arc::new(ObjectStream {
            data,
            index,
            places,
        });
        let mut cache = self.cache();
        self.make_room(&mut cache, stream.weight());
        cache.streams.insert(offset, Arc::clone(&stream));
        Ok(stream)
    }

    fn plain_integer(&self, value: Option<&Object>, at: RevisionId) -> Option<u64> {
        match value? {
            Object::Reference(id) => self.simple_integer(*id, at),
            value => u64::try_from(value.as_integer()?).ok(),
        }
    }

    /// The pairs of number and offset before `/First`; as many of the `/N` as there really are.
    fn contained_index(&self, data: &[u8], first: u64, count: u64) -> Vec<(u32, usize)> {
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let header = data.get(..first).unwrap_or(data);
        let mut parser = Parser::new(header, 0, &self.reader.budgets, Record::Nothing);
        let mut index = Vec::new();
        let mut number = || match parser.value() {
            Ok((Object::Integer(value), _)) => usize::try_from(value).ok(),
            _ => None,
        };
        while (index.len() as u64) < count {
            let (Some(object), Some(offset)) = (number(), number()) else {
                break;
            };
            let Ok(object) = u32::try_from(object) else {
                break;
            };
            index.push((object, first.saturating_add(offset)));
        }
        index
    }
}
