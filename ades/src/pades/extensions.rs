//! The developer extension that announces a document security store or a document time-stamp in a
//! document of PDF 1.x (EN 319 142-1 clause 5.6; ISO 32000-2, 7.12). PDF 2.0 has both itself.

use pdf_file::{Dict, Object, PdfFile, PdfVersion};

use super::PadesError;

/// The developer prefix of ETSI.
const PREFIX: &str = "ESIC";
/// What EN 319 142-1 numbers its extensions.
const LEVEL: i64 = 1;

/// `/Extensions` with ETSI's entry, where the document has to have one and has none. The dictionary
/// and what is in it are direct objects (ISO 32000-2, 7.12.1).
pub(super) fn missing(pdf: &PdfFile, catalog: &Dict) -> Result<Option<Dict>, PadesError> {
    if pdf.version() >= (PdfVersion { major: 2, minor: 0 }) {
        return Ok(None);
    }
    let at = pdf.latest();
    let extensions = pdf.get(catalog, "Extensions", at)?;
    let extensions = extensions.as_dict().cloned().unwrap_or_default();
    let ours = pdf.get(&extensions, PREFIX, at)?;
    let announced = match &*ours {
        // PDF 2.0 has arrays here; whoever wrote one knows what the entry is for.
        Object::Array(_) => true,
        Object::Dict(ours) => {
            let level = pdf.get(ours, "ExtensionLevel", at)?;
            level.as_integer().is_some_and(|level| level >= LEVEL)
        }
        _ => false,
    };
    if announced {
        return Ok(None);
    }
    let entry = Dict::new()
        .with("BaseVersion", Object::name("1.7"))
        .with("ExtensionLevel", Object::Integer(LEVEL));
    Ok(Some(extensions.with(PREFIX, entry)))
}
