//! `--resume`: whether an output that is there is that of its input. Outputs are whole or absent, so
//! nothing else has to be remembered of an interrupted run.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read as _};
use std::path::Path;
use std::sync::Arc;

use ades::asic::Container;
use ades::validate::ContentStream as _;
use ades::{cades, pades};
use cli_support::{AtomicFileError, Exit, Failure, ResultExt};
use pdf_file::FileSource;

use super::super::args::Format;

/// What Sceau appends to a document is smaller, seals and evidence included.
const MAX_UPDATE: u64 = 64 << 20;

/// Whether `out` is there and the signature of `input`.
///
/// # Errors
/// Where it is there and something else.
pub(super) fn is_done(input: &Path, out: &Path, format: Format) -> Result<bool, Failure> {
    let found = match fs::metadata(out) {
        Ok(found) => found,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(e).context(format_args!("cannot read {}", out.display())),
    };
    // Opening a pipe would wait for its writer.
    if !found.is_file() {
        let path = out.to_owned();
        return Err(AtomicFileError::NotAFile { path }.into());
    }
    let output = File::open(out).context(format_args!("cannot read {}", out.display()))?;
    let mut document = super::super::document::open(input)?;
    let belongs = match format {
        Format::Pades => is_signed(document, output),
        Format::Cades => cades::is_signature_of(&mut BufReader::new(output), &mut document),
        Format::AsicS | Format::AsicE => holds(document, output),
    };
    let belongs = belongs.context(format_args!(
        "cannot compare {} with {}",
        out.display(),
        input.display()
    ))?;
    if belongs {
        return Ok(true);
    }
    let message = format!(
        "{} already exists, and is no signature of {} as it is now",
        out.display(),
        input.display()
    );
    Err(Failure::message(Exit::CantCreate, message)
        .with_hint("move that file away; --resume then signs the document anew"))
}

/// Whether `output` is a container with one file, which is `input`.
fn holds(mut input: File, output: File) -> io::Result<bool> {
    let source = Arc::new(FileSource::new(output)?);
    let Ok(container) = Container::open(source) else {
        return Ok(false);
    };
    let data: Vec<_> = container.data().collect();
    let [one] = data.as_slice() else {
        return Ok(false);
    };
    let mut same = one.size == input.metadata()?.len();
    let mut buffer = Vec::new();
    container.stream(one).for_each(&mut |part| {
        buffer.resize(part.len(), 0);
        if same {
            input.read_exact(&mut buffer)?;
            same = buffer == part;
        }
        Ok(())
    })?;
    Ok(same)
}

/// Whether `output` begins with all of `input` and goes on with a PAdES signature.
fn is_signed(mut input: File, mut output: File) -> io::Result<bool> {
    let (mut a, mut b) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let n = input.read(&mut a)?;
        if n == 0 {
            break;
        }
        match output.read_exact(&mut b[..n]) {
            Ok(()) if a[..n] == b[..n] => {}
            Err(e) if e.kind() != ErrorKind::UnexpectedEof => return Err(e),
            _ => return Ok(false),
        }
    }
    let mut update = Vec::new();
    output.take(MAX_UPDATE).read_to_end(&mut update)?;
    let marker = pades::SUB_FILTER.as_bytes();
    Ok(update.windows(marker.len()).any(|w| w == marker))
}
