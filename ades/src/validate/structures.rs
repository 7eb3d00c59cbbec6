//! The ASN.1 that signatures of a file consist of, as it is and undecoded: for whoever wants to look at it.

use std::sync::Arc;

use pdf_file::PdfFile;

use super::asic::SIGNATURE_OCTETS;
use super::gather::{GatherError, Input, is_pdf};
use super::pdf;
use crate::asic::{Container, container};

/// A signature or time-stamp token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Structure {
    /// The PDF field's fully qualified name, or the name in the container.
    pub name: String,
    /// BER or DER; of a PDF with the zeros that fill /Contents.
    pub octets: Vec<u8>,
}

/// The /Contents of a PDF's signatures, in the order they were made, or the signature files of a
/// container; `None` where the file is neither.
///
/// # Errors
/// Where it is one, and cannot be read.
pub fn signature_structures(input: &Input) -> Result<Option<Vec<Structure>>, GatherError> {
    let mut head = vec![0; input.source.len().min(1024) as usize];
    input.source.read_exact_at(0, &mut head)?;
    if is_pdf(&head) {
        let pdf = PdfFile::open(Arc::clone(&input.source), input.pdf_options.clone())?;
        let found = pdf::signatures(&pdf).into_iter();
        let structures = found.map(|one| Structure {
            name: one.facts.field,
            octets: one.contents,
        });
        return Ok(Some(structures.collect()));
    }
    if !container::is_zip(&head) {
        return Ok(None);
    }
    let container = Container::open(Arc::clone(&input.source))?;
    let is_token = |name: &str| name.starts_with("META-INF/") && name.ends_with(".tst");
    let mut structures = Vec::new();
    let mut left = SIGNATURE_OCTETS;
    let tokens = container.members().iter().filter(|m| is_token(&m.name));
    for member in container.cades().chain(tokens) {
        let octets = container.read(member, left)?;
        left = left.saturating_sub(octets.len() as u64);
        structures.push(Structure {
            name: member.name.clone(),
            octets,
        });
    }
    Ok(Some(structures))
}
