//! `sceau inspect --asn1`: every element of the ASN.1 in a file, with its place, for whoever wants to know.
//! Lines begin as those of `openssl asn1parse -i`; what strings hold is shown too.

use core::ops::ControlFlow;
use std::fmt::Write as _;
use std::path::Path;

use ades::validate::{Structure, signature_structures};
use cli_support::output::plain_json;
use cli_support::path::printable;
use cli_support::{Exit, Failure, OutputArgs, print};
use pki_asn1::dump::{self, Class, DumpError, DumpLimits, Element};
use pki_asn1::pem;
use serde_json::{Value, json};

use crate::verify;

/// What is dumped is held in memory.
const OCTETS: u64 = 64 << 20;
/// Lines that are printed together.
const PIECE: usize = 64 << 10;

pub(crate) fn run(
    file: &Path,
    password_file: Option<&Path>,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let input = verify::input(file, None, password_file)?;
    let signed = signature_structures(&input).map_err(|e| verify::failure(e, file))?;
    let structures = match signed {
        Some(signed) => signed,
        None => of_file(file)?,
    };
    let mut printer = Printer {
        json: output.json,
        silent: output.quiet && !output.json,
        piece: String::new(),
        structures: 0,
        elements: 0,
    };
    if printer.json {
        let name = json!(cli_support::path::text(file));
        printer.say(&format!(
            "{{\n  \"schema\": \"sceau.asn1/1\",\n  \"file\": {name},\n  \"structures\": ["
        ))?;
    } else if structures.is_empty() {
        printer.say(&format!("{}: no signature\n", printable(file)))?;
    }
    let mut broken = None;
    for structure in &structures {
        let ended = printer.structure(structure, structures.len() > 1)?;
        if let Err(error) = ended {
            broken.get_or_insert((structure.name.clone(), error));
        }
    }
    if printer.json {
        printer.say(if structures.is_empty() {
            "]\n}\n"
        } else {
            "\n  ]\n}\n"
        })?;
    }
    printer.flush()?;
    match broken {
        None => Ok(Exit::Ok),
        Some((name, error)) => {
            let place = match name.as_str() {
                "" => String::new(),
                name => format!(" ({})", name.escape_debug()),
            };
            let message = format!("{}{place} is not whole ASN.1", file.display());
            Err(Failure::new(Exit::Data, error)
                .with_context(message)
                .with_hint("what is above is what could be read"))
        }
    }
}

/// Of a file that is ASN.1 itself: the PEM blocks, or all of it.
fn of_file(file: &Path) -> Result<Vec<Structure>, Failure> {
    let octets = cli_support::input::read(file, "the file", OCTETS)?;
    // PEM is text; a signature in DER may have PEM for its content.
    if octets.first() == Some(&0x30) || !pem::is_pem(&octets) {
        return Ok(vec![Structure {
            name: String::new(),
            octets,
        }]);
    }
    let blocks = pem::blocks(&octets).map_err(|e| {
        Failure::new(Exit::Data, e)
            .with_context(format!("cannot read {}", file.display()))
            .with_hint("everything between the BEGIN and END lines has to be there")
    })?;
    Ok(blocks
        .into_iter()
        .map(|block| Structure {
            name: block.label,
            octets: block.der,
        })
        .collect())
}

struct Printer {
    json: bool,
    silent: bool,
    piece: String,
    structures: usize,
    /// Of the structure in hand.
    elements: usize,
}

impl Printer {
    fn say(&mut self, text: &str) -> Result<(), Failure> {
        self.piece.push_str(text);
        if self.piece.len() < PIECE {
            return Ok(());
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let piece = std::mem::take(&mut self.piece);
        if self.silent {
            return Ok(());
        }
        print(match self.json {
            true => plain_json(piece),
            false => piece,
        })
    }

    /// Every element of one structure, and what keeps it from being whole.
    fn structure(
        &mut self,
        structure: &Structure,
        headed: bool,
    ) -> Result<Result<(), DumpError>, Failure> {
        let (octets, filling) = without_filling(&structure.octets);
        let name = &structure.name;
        if self.json {
            let comma = if self.structures > 0 { "," } else { "" };
            let name = json!((!name.is_empty()).then_some(name));
            self.say(&format!(
                "{comma}\n    {{\n      \"name\": {name},\n      \"octets\": {},\n      \"filling\": {filling},\n      \"elements\": [",
                octets.len()
            ))?;
        } else if headed {
            let blank = if self.structures > 0 { "\n" } else { "" };
            self.say(&format!("{blank}{}:\n", name.escape_debug()))?;
        }
        self.structures += 1;
        self.elements = 0;
        let mut told = Ok(());
        let ended = dump::walk(octets, DumpLimits::default(), &mut |element| {
            told = self.element(element);
            match told {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        told?;
        if self.json {
            let error = json!(
                ended
                    .err()
                    .map(|e| json!({ "offset": e.offset, "message": e.problem.to_string() }))
            );
            let close = if self.elements > 0 { "\n      ]" } else { "]" };
            self.say(&format!("{close},\n      \"error\": {error}\n    }}"))?;
        } else if filling > 0 {
            self.say(&format!(
                "{:>5}: {filling} zeros fill what was reserved\n",
                octets.len()
            ))?;
        }
        Ok(ended)
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Failure> {
        self.elements += 1;
        if !self.json {
            return self.say(&line(element));
        }
        let comma = if self.elements > 1 { "," } else { "" };
        self.say(&format!("{comma}\n        {}", value(element)))
    }
}

/// A signature in a PDF is followed by zeros, which are no elements.
fn without_filling(octets: &[u8]) -> (&[u8], usize) {
    let (mut end, mut depth) = (None, 0_usize);
    let _ = dump::walk(octets, DumpLimits::default(), &mut |element| {
        depth += 1;
        if let (1, Some(length)) = (depth, element.length) {
            end = Some(element.header + length);
            return ControlFlow::Break(());
        }
        if depth > 1 && element.depth == 0 {
            end = Some(element.offset);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    match end {
        Some(end) if end < octets.len() && octets[end..].iter().all(|b| *b == 0) => {
            (&octets[..end], octets.len() - end)
        }
        _ => (octets, 0),
    }
}

fn line(element: &Element<'_>) -> String {
    let mut out = format!(
        "{:>5}:d={:<2} hl={} l=",
        element.offset, element.depth, element.header
    );
    // Writing to a `String` does not fail.
    let _ = match element.length {
        Some(length) => write!(out, "{length:>4}"),
        None => write!(out, " inf"),
    };
    let kind = if element.constructed { "cons" } else { "prim" };
    let mark = if element.inside_string { '>' } else { ' ' };
    let indent = element.depth;
    let name = dump::tag_name(element);
    let _ = write!(out, " {kind}:{mark}{:indent$}{name}", "");
    if let Some(value) = dump::value(element) {
        let _ = write!(out, " {value}");
    }
    out.push('\n');
    out
}

fn value(element: &Element<'_>) -> Value {
    json!({
        "offset": element.offset,
        "depth": element.depth,
        "header": element.header,
        "length": element.length,
        "class": match element.class {
            Class::Universal => "universal",
            Class::Application => "application",
            Class::Context => "context",
            Class::Private => "private",
        },
        "tag": element.number,
        "constructed": element.constructed,
        "insideString": element.inside_string,
        "type": dump::tag_name(element),
        "value": dump::value(element),
    })
}
