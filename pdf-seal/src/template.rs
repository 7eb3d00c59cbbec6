//! The text of a seal, with fields: `Signed by {name}`.
//!
//! A line break is a line break, or `\n` as written in a shell. A line that begins with `# ` is a
//! headline, one that begins with `~ ` a note. `{{` and `}}` stand for braces.

use crate::fields::{FIELD_NAMES, Field, Fields, Language};
use crate::time_format::TimeFormat;

/// Longer texts are documents.
const MAX_LEN: usize = 4096;

/// A text with fields that are known to exist.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Template {
    lines: Vec<TemplateLine>,
}

/// Why a text is not a template.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// A field that does not exist.
    #[error("there is no field {{{name}}}")]
    UnknownField {
        /// As written.
        name: String,
    },
    /// A `{` without `}` or the other way round.
    #[error("a {brace} stands alone in {line:?}")]
    Brace {
        /// Which one.
        brace: char,
        /// The line it is in.
        line: String,
    },
    /// A time format with an unknown directive.
    #[error("{{time}} knows no directive {directive}")]
    TimeFormat {
        /// As written.
        directive: String,
    },
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// More than a seal can hold.
    #[error("the text has {len} octets; at most {MAX_LEN} are possible")]
    TooLong {
        /// Its length.
        len: usize,
    },
}

impl TemplateError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::UnknownField { .. } => {
                format!("the fields are {{{}}}", FIELD_NAMES.join("}, {"))
            }
            Self::Brace { .. } => {
                "fields are written {name}; a brace itself is written twice, {{ or }}".to_owned()
            }
            Self::TimeFormat { .. } => {
                "it knows %Y %m %d %e %H %M %S %B %b %A %F %T %R %z %Z, and %-d %-m %-H without zero"
                    .to_owned()
            }
            Self::Empty => "write a text, or leave the option out for the usual one".to_owned(),
            Self::TooLong { .. } => "shorten it".to_owned(),
        }
    }
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct TemplateLine {
    style: LineStyle,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Text(String),
    Field(Field),
}

/// How a line stands out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LineStyle {
    /// As most.
    Body,
    /// Larger and bold.
    Headline,
    /// Smaller and paler.
    Note,
}

/// A line to be drawn.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Line {
    pub(crate) style: LineStyle,
    pub(crate) text: String,
}

/// Who the usual text is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signatory {
    /// A person's signature.
    Person,
    /// An organisation's seal.
    Organisation,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// See [`TemplateError`].
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.len() > MAX_LEN {
            return Err(TemplateError::TooLong { len: text.len() });
        }
        let lines = text
            .replace("\\n", "\n")
            .lines()
            .map(TemplateLine::parse)
            .collect::<Result<Vec<_>, _>>()?;
        if lines.iter().all(TemplateLine::is_blank) {
            return Err(TemplateError::Empty);
        }
        Ok(Self { lines })
    }

    /// The text that is used where none is given.
    #[must_use]
    pub fn usual(language: Language, signatory: Signatory) -> Self {
        let text = match (language, signatory) {
            (Language::French, Signatory::Person) => {
                "~ Signé électroniquement par\n# {name}\n{organisation}\nLe {time}\nMotif : {reason}\nLieu : {location}"
            }
            (Language::French, Signatory::Organisation) => {
                "~ Cachet électronique de\n# {organisation}\n{organization-identifier}\nLe {time}\nMotif : {reason}\nLieu : {location}"
            }
            (Language::English, Signatory::Person) => {
                "~ Electronically signed by\n# {name}\n{organisation}\n{time}\nReason: {reason}\nLocation: {location}"
            }
            (Language::English, Signatory::Organisation) => {
                "~ Electronic seal of\n# {organisation}\n{organization-identifier}\n{time}\nReason: {reason}\nLocation: {location}"
            }
        };
        // These are known to be well formed; a test says so.
        Self::parse(text).unwrap_or(Self { lines: Vec::new() })
    }

    /// The lines with what the fields stand for. A line whose fields are all without value is left
    /// out, and so is one that says nothing but what another line says already.
    pub(crate) fn fill(&self, fields: &Fields, language: Language) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for line in &self.lines {
            let Some(text) = line.fill(fields, language) else {
                continue;
            };
            let repeats = line.has_fields() && lines.iter().any(|earlier| earlier.text == text);
            if !repeats {
                lines.push(Line {
                    style: line.style,
                    text,
                });
            }
        }
        lines
    }

    /// The whole as one text, for a QR code.
    pub(crate) fn fill_text(&self, fields: &Fields, language: Language) -> String {
        let lines: Vec<String> = self
            .lines
            .iter()
            .filter_map(|line| line.fill(fields, language))
            .collect();
        lines.join("\n")
    }
}

impl TemplateLine {
    fn parse(line: &str) -> Result<Self, TemplateError> {
        let (style, text) = if let Some(rest) = line.strip_prefix("# ") {
            (LineStyle::Headline, rest)
        } else if let Some(rest) = line.strip_prefix("~ ") {
            (LineStyle::Note, rest)
        } else {
            (LineStyle::Body, line)
        };
        let lone = |brace| TemplateError::Brace {
            brace,
            line: line.to_owned(),
        };
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = from.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = from.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else if let Some(inside) = from.strip_prefix('{') {
                let (name, after) = inside.split_once('}').ok_or(lone('{'))?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Field(field(name)?));
                rest = after;
            } else {
                return Err(lone('}'));
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { style, parts })
    }

    fn is_blank(&self) -> bool {
        self.parts.iter().all(|part| match part {
            Part::Text(text) => text.trim().is_empty(),
            Part::Field(_) => false,
        })
    }

    fn has_fields(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Field(_)))
    }

    fn fill(&self, fields: &Fields, language: Language) -> Option<String> {
        let mut text = String::new();
        let (mut present, mut missing) = (0, 0);
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Field(field) => match field.value(fields, language) {
                    Some(value) => {
                        present += 1;
                        text.push_str(&value);
                    }
                    None => missing += 1,
                },
            }
        }
        if missing > 0 {
            if present == 0 {
                return None;
            }
            // What separated it from its neighbour.
            let separators = |c: char| c.is_whitespace() || ",;:·|/-–—".contains(c);
            text = text.trim_matches(separators).to_owned();
        }
        Some(text.trim_end().replace('\t', " "))
    }
}

fn field(name: &str) -> Result<Field, TemplateError> {
    if let Some(format) = name.strip_prefix("time:") {
        return match TimeFormat::parse(format) {
            Ok(format) => Ok(Field::Time(Some(format))),
            Err(directive) => Err(TemplateError::TimeFormat { directive }),
        };
    }
    Field::by_name(name.trim()).ok_or(TemplateError::UnknownField {
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::LocalTime;

    fn fields() -> Fields {
        Fields {
            name: Some("Zoé Kouyaté".into()),
            organisation: Some("Zoé Kouyaté".into()),
            time: LocalTime {
                unix_seconds: 1_795_342_530,
                offset_minutes: 60,
            },
            ..Fields::default()
        }
    }

    fn texts(template: &Template, language: Language) -> Vec<String> {
        let lines = template.fill(&fields(), language);
        lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn usual_texts_leave_out_what_is_not_known_or_said_twice() {
        let french = Template::usual(Language::French, Signatory::Person);
        assert_eq!(
            texts(&french, Language::French),
            [
                "Signé électroniquement par",
                "Zoé Kouyaté",
                "Le 22/11/2026 à 11:15:30 UTC+01:00"
            ]
        );
        let english = Template::usual(Language::English, Signatory::Organisation);
        assert_eq!(
            texts(&english, Language::English),
            [
                "Electronic seal of",
                "Zoé Kouyaté",
                "22 November 2026, 11:15:30 UTC+01:00"
            ]
        );
    }

    #[test]
    fn missing_values_take_their_separators_along() {
        let template = Template::parse("{name}, {location}\\n{{{serial}}} {name}").unwrap();
        assert_eq!(
            texts(&template, Language::English),
            ["Zoé Kouyaté", "{} Zoé Kouyaté"]
        );
    }

    #[test]
    fn what_is_no_template_says_why() {
        let unknown = Template::parse("by {nom}").unwrap_err();
        assert_eq!(unknown.to_string(), "there is no field {nom}");
        assert!(
            unknown
                .hint()
                .contains("{organization-identifier}, {serial}")
        );
        for (text, why) in [
            ("by {name", "a { stands alone in \"by {name\""),
            ("by name}", "a } stands alone in \"by name}\""),
            ("{time:%Q}", "{time} knows no directive %Q"),
            (" \\n ", "the text is empty"),
        ] {
            assert_eq!(Template::parse(text).unwrap_err().to_string(), why);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            if let Ok(template) = Template::parse(&text) {
                template.fill(&fields(), Language::French);
            }
        }
    }
}
