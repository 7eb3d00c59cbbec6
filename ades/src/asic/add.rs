//! A further signature in a container that exists (EN 319 162-1 clause 4.3.3.2 and 4.4.3.2).
//!
//! ASiC-S has one signature file, so the signer goes beside the others in it. In ASiC-E there is another
//! manifest over the files, with a signature of its own. Nothing else in the container changes.

use std::collections::{BTreeMap, HashSet};
use std::io::{Seek, Write};
use std::sync::Arc;

use pdf_file::Source;
use pki_crypto::Digest;

use super::archive::{changed_files, rewrite};
use super::create::CADES_TYPE;
use super::manifest::{DataObject, Manifest};
use super::{AsicError, AsicSignature, Container, Kind, META_INF};
use crate::cades::{self, CadesError, CadesOptions, add_signer};
use crate::cms::build::CmsSigner;
use crate::cms::original::{OriginalSignedData, ScanError};
use crate::evidence::Material;
use crate::tsp::TimeStamper;
use crate::validate::{
    Check, Content, Facts, GatherError, SIGNATURE_OCTETS, SignatureKind, gather_asic, hash_stream,
};

/// Signs the files of the container in `source` beside those who signed them, and writes the container.
/// Level B-T with a time-stamper, else B-B.
///
/// `out` may have received bytes when an error is returned; the caller discards them.
///
/// # Errors
/// [`CadesError::Refused`] where a file is not as others signed it, or nobody signed it: whoever signs
/// now would vouch for it. See [`CadesError`].
pub fn add_to_asic<W: Write + Seek>(
    source: &Arc<dyn Source>,
    out: W,
    signer: &CmsSigner,
    options: &CadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<AsicSignature, CadesError> {
    let container = Container::open(Arc::clone(source))?;
    if container.has_xades() {
        return Err(AsicError::Xades.into());
    }
    let facts = gather_asic(source, Material::default()).map_err(CadesError::Existing)?;
    refuse(&facts)?;
    match container.kind() {
        Kind::Simple => beside(&container, &facts, out, signer, options, time_stamper),
        Kind::Extended => another(&container, out, signer, options, time_stamper),
    }
}

fn refuse(facts: &Facts) -> Result<(), CadesError> {
    if let Some((id, refusal)) = changed_files(facts).into_iter().next() {
        return Err(CadesError::Refused(format!("{id}: {}", refusal.reason)));
    }
    let mut count = 0;
    for one in &facts.signatures {
        count += usize::from(one.kind == SignatureKind::Signature);
        let unsound = one.signer.as_ref().and_then(|s| match &s.digest {
            Check::Ok => None,
            Check::Failed(why) | Check::NotPossible(why) => Some(why),
        });
        if let Some(why) = one.format_problems.first().or(unsound) {
            return Err(CadesError::Refused(format!("{}: {why}", one.id)));
        }
    }
    if count == 0 {
        return Err(CadesError::Refused("there is no signature in it".into()));
    }
    Ok(())
}

/// ASiC-S: in the signature file.
fn beside<W: Write + Seek>(
    container: &Container,
    facts: &Facts,
    out: W,
    signer: &CmsSigner,
    options: &CadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<AsicSignature, CadesError> {
    let files: Vec<_> = container.data().collect();
    let signatures: Vec<_> = container.cades().collect();
    let ([file], [signature]) = (files.as_slice(), signatures.as_slice()) else {
        return Err(CadesError::Refused(
            "an ASiC-S container has one file and one signature file, and this one has more".into(),
        ));
    };
    let covered = facts
        .signatures
        .iter()
        .filter(|s| s.kind == SignatureKind::DocumentTimestamp)
        .filter_map(|s| s.cms.as_ref())
        .any(|c| c.files.iter().any(|f| f.name == signature.name));
    if covered {
        return Err(CadesError::Refused(
            "an archive time-stamp covers the signature file as it is, and would be broken".into(),
        ));
    }
    let existing = |e: ScanError| match e {
        ScanError::Io(e) => CadesError::Read(e),
        ScanError::Cms(e) => CadesError::Existing(GatherError::NotSigned(e)),
    };
    let bytes = container.read(signature, SIGNATURE_OCTETS)?;
    let mut data = OriginalSignedData::from_bytes(bytes).map_err(existing)?;
    let content = Content::Stream(Arc::new(container.stream(file))).shared();
    let made = add_signer(&mut data, &content, signer, options, time_stamper)?;
    let bytes = data.to_vec().map_err(CadesError::Write)?;
    let replaced = BTreeMap::from([(signature.name.clone(), bytes)]);
    rewrite(container, out, &replaced, None, &[])?;
    Ok(AsicSignature {
        kind: Kind::Simple,
        digest: made.digest,
        time_stamp: made.time_stamp,
        archive: None,
        files: vec![file.name.clone()],
    })
}

/// ASiC-E: with a manifest of its own.
fn another<W: Write + Seek>(
    container: &Container,
    out: W,
    signer: &CmsSigner,
    options: &CadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<AsicSignature, CadesError> {
    let algorithm = signer.digest_algorithm();
    let (manifest_name, signature_name) = names(container);
    let objects = container.data().map(|member| {
        let digest: Digest =
            hash_stream(&container.stream(member), algorithm).map_err(AsicError::Read)?;
        Ok(DataObject {
            name: member.name.clone(),
            media_type: None,
            digest: Ok(digest),
            root: false,
        })
    });
    let manifest = Manifest {
        signature: signature_name.clone(),
        signature_type: Some(CADES_TYPE.into()),
        objects: objects.collect::<Result<_, AsicError>>()?,
    };
    let files = manifest.objects.iter().map(|o| o.name.clone()).collect();
    let xml = manifest.to_xml().into_bytes();
    let digest = algorithm.digest(&xml);
    let (signature, time_stamp) = cades::sign_digest(digest, signer, options, time_stamper)?;
    let additions = [(manifest_name, xml), (signature_name, signature)];
    rewrite(container, out, &BTreeMap::new(), None, &additions)?;
    Ok(AsicSignature {
        kind: Kind::Extended,
        digest,
        time_stamp,
        archive: None,
        files,
    })
}

/// `ASiCManifest002.xml` and `signature002.p7s`, or the next number that both have free.
fn names(container: &Container) -> (String, String) {
    let taken: HashSet<String> = container
        .members()
        .iter()
        .map(|m| m.name.to_lowercase())
        .collect();
    let pair = |n: usize| {
        (
            format!("{META_INF}ASiCManifest{n:03}.xml"),
            format!("{META_INF}signature{n:03}.p7s"),
        )
    };
    let free = |name: &String| !taken.contains(&name.to_lowercase());
    // As many numbers as there are files, and one more, cannot all be taken twice over.
    (2..2 * taken.len() + 3)
        .map(pair)
        .find(|(manifest, signature)| free(manifest) && free(signature))
        .unwrap_or_else(|| pair(1))
}
