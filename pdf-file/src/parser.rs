//! Objects from tokens (ISO 32000-2, 7.3), with the span of every value.
//!
//! Tolerant where the meaning is clear: a missing value is null, a dictionary key that is no name
//! is skipped, a container still open at `endobj` is closed there. Each object is bounded in depth
//! and number of values.

use std::ops::Range;

use crate::lexer::{Lexer, Token};
use crate::{BudgetKind, Budgets, Dict, Name, ObjId, Object, PdfError, Spans};

/// Whether a caller wants [`Spans`] with children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    Nothing,
    Spans,
}

pub(crate) struct Parser<'a> {
    pub(crate) lexer: Lexer<'a>,
    /// Offset of the window's first byte, for messages and spans.
    base: u64,
    depth: usize,
    max_depth: usize,
    values_left: usize,
    max_values: usize,
    record: Record,
}

/// What follows a value inside `N G obj`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    /// The stream's data begins at this offset.
    Stream(u64),
    /// `endobj` ends at this offset.
    EndObj(u64),
    /// Neither; the value ends at this offset.
    Nothing(u64),
}

/// An indirect object as written: strings still encrypted, a stream's data not looked at.
#[derive(Debug)]
pub(crate) struct Indirect {
    pub(crate) id: ObjId,
    pub(crate) start: u64,
    pub(crate) value: Object,
    pub(crate) spans: Spans,
    pub(crate) follow: Follow,
}

enum Value {
    Value(Object, Spans),
    /// A token that ends the container, or is no value.
    Close(Closer),
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Closer {
    Array,
    Dict,
    /// `endobj`, `endstream`, `stream`: the container was never closed.
    Object,
    End,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(bytes: &'a [u8], base: u64, budgets: &Budgets, record: Record) -> Self {
        Self {
            lexer: Lexer::new(bytes),
            base,
            depth: 0,
            max_depth: budgets.depth(),
            values_left: budgets.object_values,
            max_values: budgets.object_values,
            record,
        }
    }

    pub(crate) fn offset(&self) -> u64 {
        self.base + self.lexer.pos() as u64
    }

    fn syntax<T>(&self, expected: &'static str) -> Result<T, PdfError> {
        Err(PdfError::Syntax {
            offset: self.offset(),
            expected,
        })
    }

    /// A value on its own.
    pub(crate) fn value(&mut self) -> Result<(Object, Spans), PdfError> {
        match self.value_or_close()? {
            Value::Value(object, spans) => Ok((object, spans)),
            Value::Close(_) => self.syntax("a value"),
        }
    }

    /// A dictionary on its own.
    pub(crate) fn dict(&mut self) -> Result<Dict, PdfError> {
        match self.value()? {
            (Object::Dict(dict), _) => Ok(dict),
            _ => self.syntax("a dictionary"),
        }
    }

    /// `N G obj`, a value, and what follows.
    pub(crate) fn indirect(&mut self) -> Result<Indirect, PdfError> {
        self.lexer.skip_space();
        let start = self.offset();
        let id = self.object_header()?;
        let before = self.lexer.pos();
        let (value, spans) = match self.value_or_close()? {
            Value::Value(object, spans) => (object, spans),
            // `1 0 obj endobj` is null to readers.
            Value::Close(Closer::Object) => {
                self.lexer.set_pos(before);
                (Object::Null, self.spans(before, Vec::new()))
            }
            Value::Close(_) => return self.syntax("a value"),
        };
        let end = self.offset();
        let is_dict = matches!(value, Object::Dict(_));
        let follow = match self.lexer.next() {
            Token::Keyword(word) if word.starts_with(b"endobj") => {
                Follow::EndObj(self.offset() - (word.len() - 6) as u64)
            }
            Token::Keyword(word) if word.starts_with(b"stream") && is_dict => {
                self.lexer.set_pos(self.lexer.pos() - (word.len() - 6));
                Follow::Stream(self.stream_start())
            }
            _ => Follow::Nothing(end),
        };
        Ok(Indirect {
            id,
            start,
            value,
            spans,
            follow,
        })
    }

    /// `N G obj`.
    pub(crate) fn object_header(&mut self) -> Result<ObjId, PdfError> {
        let number = self.lexer.next();
        let generation = self.lexer.next();
        let word = self.lexer.next();
        let (Token::Integer(number), Token::Integer(generation), Token::Keyword(word)) =
            (number, generation, word)
        else {
            return self.syntax("an object header, `N G obj`");
        };
        if !word.starts_with(b"obj") {
            return self.syntax("the keyword `obj`");
        }
        self.lexer.set_pos(self.lexer.pos() - (word.len() - 3));
        match (u32::try_from(number), u16::try_from(generation)) {
            (Ok(number), Ok(generation)) => Ok(ObjId { number, generation }),
            _ => self.syntax("an object number in range"),
        }
    }

    /// After the keyword `stream` (7.3.8.1): spaces that should not be there, then LF, CR LF, or
    /// a lone CR.
    fn stream_start(&mut self) -> u64 {
        let keyword_end = self.lexer.pos();
        while matches!(self.lexer.peek(), Some(b' ' | b'\t')) {
            self.lexer.bump();
        }
        match self.lexer.peek() {
            Some(b'\n') => {
                self.lexer.bump();
            }
            Some(b'\r') => {
                self.lexer.bump();
                if self.lexer.peek() == Some(b'\n') {
                    self.lexer.bump();
                }
            }
            _ => self.lexer.set_pos(keyword_end),
        }
        self.offset()
    }

    fn spans(&self, start: usize, children: Vec<(Option<Name>, Spans)>) -> Spans {
        Spans {
            span: self.range(start),
            children,
        }
    }

    fn range(&self, start: usize) -> Range<u64> {
        self.base + start as u64..self.offset()
    }

    fn value_or_close(&mut self) -> Result<Value, PdfError> {
        self.lexer.skip_space();
        let start = self.lexer.pos();
        let token = self.lexer.next();
        if self.values_left == 0 {
            return Err(PdfError::budget(BudgetKind::ObjectValues, self.max_values));
        }
        self.values_left -= 1;
        let object = match token {
            Token::Integer(value) => self.reference_or(value),
            Token::Real(value) => Object::Real(value),
            Token::String(value) => Object::String(value),
            Token::Name(value) => Object::Name(value),
            Token::ArrayOpen => return self.nested(start, Self::array),
            Token::DictOpen => return self.nested(start, Self::dictionary),
            Token::ArrayClose => return Ok(Value::Close(Closer::Array)),
            Token::DictClose => return Ok(Value::Close(Closer::Dict)),
            Token::End => return Ok(Value::Close(Closer::End)),
            Token::Keyword(b"true") => Object::Bool(true),
            Token::Keyword(b"false") => Object::Bool(false),
            Token::Keyword(b"null") => Object::Null,
            Token::Keyword(word)
                if word.starts_with(b"endobj") || word == b"stream" || word == b"endstream" =>
            {
                self.lexer.set_pos(start);
                return Ok(Value::Close(Closer::Object));
            }
            // The next object has begun.
            Token::Keyword(b"obj" | b"xref" | b"trailer") => return self.syntax("a value"),
            Token::Keyword(_) => Object::Null,
        };
        let spans = self.spans(start, Vec::new());
        Ok(Value::Value(object, spans))
    }

    /// `12` or `12 0 R`.
    fn reference_or(&mut self, value: i64) -> Object {
        let after = self.lexer.pos();
        if let Ok(number) = u32::try_from(value)
            && let Token::Integer(generation) = self.lexer.next()
            && let Ok(generation) = u16::try_from(generation)
            && let Token::Keyword(b"R") = self.lexer.next()
        {
            return Object::Reference(ObjId { number, generation });
        }
        self.lexer.set_pos(after);
        Object::Integer(value)
    }

    fn nested(
        &mut self,
        start: usize,
        body: fn(&mut Self, usize) -> Result<Value, PdfError>,
    ) -> Result<Value, PdfError> {
        if self.depth == self.max_depth {
            return Err(PdfError::budget(BudgetKind::NestingDepth, self.max_depth));
        }
        self.depth += 1;
        let value = body(self, start);
        self.depth -= 1;
        value
    }

    fn array(&mut self, start: usize) -> Result<Value, PdfError> {
        let mut elements = Vec::new();
        let mut children = Vec::new();
        loop {
            match self.value_or_close()? {
                Value::Value(object, spans) => {
                    elements.push(object);
                    if self.record == Record::Spans {
                        children.push((None, spans));
                    }
                }
                Value::Close(Closer::Array | Closer::Object) => break,
                // A stray `>>` would otherwise swallow the rest of the object.
                Value::Close(Closer::Dict) => break,
                Value::Close(Closer::End) => return self.syntax("the end of an array"),
            }
        }
        let spans = self.spans(start, children);
        Ok(Value::Value(Object::Array(elements), spans))
    }

    fn dictionary(&mut self, start: usize) -> Result<Value, PdfError> {
        let mut entries: Vec<(Name, Object)> = Vec::new();
        let mut children = Vec::new();
        loop {
            let key = match self.value_or_close()? {
                Value::Value(Object::Name(key), _) => key,
                Value::Value(..) | Value::Close(Closer::Array) => continue,
                Value::Close(Closer::Dict | Closer::Object) => break,
                Value::Close(Closer::End) => return self.syntax("the end of a dictionary"),
            };
            let value_start = self.lexer.pos();
            let (value, spans, last) = match self.value_or_close()? {
                Value::Value(object, spans) => (object, spans, false),
                Value::Close(Closer::Dict | Closer::Object) => {
                    (Object::Null, self.spans(value_start, Vec::new()), true)
                }
                Value::Close(Closer::Array) => continue,
                Value::Close(Closer::End) => return self.syntax("the end of a dictionary"),
            };
            if self.record == Record::Spans {
                children.push((Some(key.clone()), spans));
            }
            entries.push((key, value));
            if last {
                break;
            }
        }
        let spans = self.spans(start, children);
        Ok(Value::Value(
            Object::Dict(entries.into_iter().collect()),
            spans,
        ))
    }
}
