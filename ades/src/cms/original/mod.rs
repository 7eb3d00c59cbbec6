//! A `SignedData` as its file has it (RFC 5652 section 5), to be written again with more in it.
//!
//! Certificates, revocation values, signers and unsigned attributes can be added; every octet that a
//! signature or an archive time-stamp covers is kept as it was received, BER included. Only the
//! headers around the sets that grow are written anew. The content is never held in memory.

mod content;
pub(crate) mod scan;
mod signer;

use std::io::{self, Write};
use std::sync::Arc;

use der::Decode;
use pdf_file::{MemorySource, Source};
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::write;

pub use content::EmbeddedContent;
pub use scan::ScanError;
use scan::{Elements, Scanner};
pub use signer::{OriginalSigner, UnsignedValue};

use super::parse::{CmsError, Encoding, Limits, SignedData};

/// What may stand beside the content: CRLs are long, and all of it is held in memory a few times.
const AROUND: u64 = 64 << 20;
/// Version, digest algorithms and types are short.
const SMALL: u64 = 1 << 16;

/// Content to be copied into the structure.
struct Attached(Arc<dyn Source>);

impl core::fmt::Debug for Attached {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Attached({} octets)", self.0.len())
    }
}

/// A `SignedData` in its original octets.
#[derive(Clone, Debug)]
pub struct OriginalSignedData {
    encoding: Encoding,
    version: u8,
    digest_algorithms: Vec<Vec<u8>>,
    /// eContentType, the whole value.
    content_type: Vec<u8>,
    content: Option<EmbeddedContent>,
    /// Content that was elsewhere, to be written as eContent.
    attached: Option<Arc<Attached>>,
    certificates: Vec<Vec<u8>>,
    revocation: Vec<Vec<u8>>,
    signers: Vec<OriginalSigner>,
    /// What follows the structure in the file, where it is not long.
    trailing: Option<Vec<u8>>,
}

impl OriginalSignedData {
    /// Whether it is a time-stamp token (RFC 3161 section 2.4.2).
    #[must_use]
    pub fn is_token(&self) -> bool {
        object_identifier(&self.content_type) == Some(oid::CT_TST_INFO)
    }

    /// Reads the `ContentInfo` at the beginning of `source`, DER or BER.
    ///
    /// # Errors
    /// Where it is none, is malformed, or has more beside its content than fits in memory.
    pub fn open(source: Arc<dyn Source>) -> Result<Self, ScanError> {
        let bad = CmsError::Malformed;
        let limit = source.len();
        let mut scan = Scanner::new(&*source);
        let info = scan.header(0, limit)?;
        if info.tag != write::SEQUENCE {
            return Err(CmsError::NotSignedData("it is no SEQUENCE").into());
        }
        let info_end = info.end.unwrap_or(limit);
        let content_type = scan.value(info.content, info_end, SMALL)?;
        if object_identifier(&content_type) != Some(oid::CT_SIGNED_DATA) {
            return Err(CmsError::NotSignedData("its content type is another one").into());
        }
        let explicit = scan.header(info.content + content_type.len() as u64, info_end)?;
        let explicit_end = explicit.end.unwrap_or(info_end);
        if explicit.tag != write::context(0) {
            return Err(CmsError::NotSignedData("its content is missing").into());
        }
        let data = scan.header(explicit.content, explicit_end)?;
        let data_end = data.end.unwrap_or(explicit_end);
        if data.tag != write::SEQUENCE {
            return Err(CmsError::NotSignedData("its content is missing").into());
        }
        let mut at = data.content;
        let version = scan.value(at, data_end, SMALL)?;
        at += version.len() as u64;
        let algorithms = scan.value(at, data_end, SMALL)?;
        at += algorithms.len() as u64;
        let encap = scan.header(at, data_end)?;
        if encap.tag != write::SEQUENCE {
            return Err(bad("encapContentInfo").into());
        }
        let (content_type, content, after) = encapsulated(&mut scan, &source, encap, data_end)?;

        // Everything after the content. With an indefinite length it ends where its own octets say.
        let tail_end = match data.end {
            Some(end) => end,
            None => {
                let mut end = after;
                while !scan.ends(end)? {
                    end = scan.skip(end, explicit_end)?;
                }
                end
            }
        };
        // Each level ends where the one inside it does: with its end-of-contents octets, or by its length.
        let mut end = tail_end;
        for level in [data.end, explicit.end, info.end] {
            match level {
                None if end + 2 <= limit && scan.ends(end)? => end += 2,
                Some(level) if level == end => {}
                _ => return Err(bad("data after signerInfos").into()),
            }
        }
        if end > limit {
            return Err(CmsError::Truncated.into());
        }
        let tail = scan.octets(after..tail_end, AROUND)?;
        let indefinite = [info.end, explicit.end, data.end]
            .iter()
            .any(Option::is_none);
        let mut out = Self {
            encoding: if indefinite {
                Encoding::Indefinite
            } else {
                Encoding::Definite
            },
            version: match version.as_slice() {
                [2, 1, version @ 0..0x80] => *version,
                _ => return Err(bad("version").into()),
            },
            digest_algorithms: members(&algorithms, write::SET, "digestAlgorithms")?,
            content_type,
            content,
            attached: None,
            certificates: Vec::new(),
            revocation: Vec::new(),
            signers: Vec::new(),
            trailing: scan.octets(end..limit, SMALL).ok(),
        };
        out.tail(&tail)?;
        Ok(out)
    }

    /// As [`Self::open`], from memory.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, ScanError> {
        Self::open(Arc::new(MemorySource::new(bytes.into())))
    }

    /// certificates, crls and signerInfos.
    fn tail(&mut self, tail: &[u8]) -> Result<(), CmsError> {
        let items = Limits::default().items;
        let mut elements = Elements::new(tail);
        if let Some(set) = elements.take(write::context(0))? {
            self.certificates = Elements::new(set.value)
                .all("certificates", items)?
                .iter()
                .map(|e| e.whole.to_vec())
                .collect();
        }
        if let Some(set) = elements.take(write::context(1))? {
            self.revocation = Elements::new(set.value)
                .all("revocation values", items)?
                .iter()
                .map(|e| e.whole.to_vec())
                .collect();
        }
        let signers = elements
            .take(write::SET)?
            .ok_or(CmsError::Malformed("signerInfos"))?;
        for one in Elements::new(signers.value).all("signers", items)? {
            self.signers.push(OriginalSigner::parse(one)?);
        }
        if elements.is_empty() {
            Ok(())
        } else {
            Err(CmsError::Malformed("data after signerInfos"))
        }
    }

    /// eContentType
    #[must_use]
    pub fn content_type(&self) -> Option<ObjectIdentifier> {
        object_identifier(&self.content_type)
    }

    /// eContentType, the whole value as received.
    #[must_use]
    pub fn content_type_der(&self) -> &[u8] {
        &self.content_type
    }

    /// The content; `None` in a detached signature.
    #[must_use]
    pub fn content(&self) -> Option<&EmbeddedContent> {
        self.content.as_ref()
    }

    /// The `CertificateChoices`, each whole.
    #[must_use]
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// The `RevocationInfoChoice`s, each whole.
    #[must_use]
    pub fn revocation(&self) -> &[Vec<u8>] {
        &self.revocation
    }

    /// The signers in order.
    #[must_use]
    pub fn signers(&self) -> &[OriginalSigner] {
        &self.signers
    }

    /// The signer at `index`, to add unsigned attributes to.
    pub fn signer_mut(&mut self, index: usize) -> Option<&mut OriginalSigner> {
        self.signers.get_mut(index)
    }

    /// The octets of the file after the structure; `None` where they are many.
    #[must_use]
    pub fn trailing(&self) -> Option<&[u8]> {
        self.trailing.as_deref()
    }

    /// What the structure says, without its content.
    ///
    /// # Errors
    /// Where a part is malformed.
    pub fn signed_data(&self) -> Result<SignedData, CmsError> {
        let mut detached = self.clone();
        detached.content = None;
        detached.attached = None;
        let mut bytes = Vec::new();
        // Writing into memory does not fail.
        let _ = detached.write(&mut bytes);
        let mut data = SignedData::parse(&bytes)?;
        data.encoding = self.encoding;
        Ok(data)
    }

    /// Puts the content of a detached signature into it when it is written.
    pub fn attach(&mut self, content: Arc<dyn Source>) {
        self.attached = Some(Arc::new(Attached(content)));
    }

    /// Adds a certificate that is not there yet. Says whether it was added.
    pub fn add_certificate(&mut self, der: &[u8]) -> bool {
        add(&mut self.certificates, der)
    }

    /// Adds a CRL that is not there yet.
    pub fn add_crl(&mut self, der: &[u8]) -> bool {
        add(&mut self.revocation, der)
    }

    /// Adds an `OCSPResponse` as RFC 5940 section 2.1 has it:
    ///
    /// ```text
    /// OtherRevocationInfoFormat ::= SEQUENCE {
    ///     otherRevInfoFormat OBJECT IDENTIFIER,   -- id-ri-ocsp-response
    ///     otherRevInfo       ANY }                -- OCSPResponse, in [1] IMPLICIT
    /// ```
    pub fn add_ocsp(&mut self, response: &[u8]) -> bool {
        let other = write::tlv(
            write::context(1),
            &[&write::oid(&oid::RI_OCSP_RESPONSE), response],
        );
        let added = add(&mut self.revocation, &other);
        // RFC 5652 section 5.1: revocation information of another kind makes it version 5.
        if added {
            self.version = self.version.max(5);
        }
        added
    }

    /// Names a digest algorithm (`AlgorithmIdentifier` in DER) among digestAlgorithms, where it is not.
    pub fn add_digest_algorithm(&mut self, identifier: &[u8]) {
        let oid = |der: &[u8]| {
            let value = Elements::new(der).next().ok()?.value;
            Elements::new(value).next().ok().map(|e| e.whole.to_vec())
        };
        let wanted = oid(identifier);
        if !self.digest_algorithms.iter().any(|one| oid(one) == wanted) {
            add(&mut self.digest_algorithms, identifier);
        }
    }

    /// Adds a signer, and its digest algorithm (`AlgorithmIdentifier` in DER) where it is new.
    pub fn add_signer(&mut self, signer: OriginalSigner, digest_algorithm: &[u8]) {
        self.add_digest_algorithm(digest_algorithm);
        let sorted = self.signers.is_sorted_by(|a, b| a.to_der() <= b.to_der());
        self.signers.push(signer);
        if sorted {
            self.signers.sort_by_key(OriginalSigner::to_der);
        }
    }

    /// Writes the `ContentInfo`, with definite lengths around the sets and the content as it was.
    ///
    /// # Errors
    /// I/O on either side.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let before = [
            &write::small_integer(self.version)[..],
            &set(write::SET, &self.digest_algorithms),
        ]
        .concat();
        let explicit = match (&self.attached, &self.content) {
            (Some(attached), _) => write::total_len(write::total_len(attached.0.len())),
            (None, Some(c)) => c.explicit.end - c.explicit.start,
            (None, None) => 0,
        };
        let encap = self.content_type.len() as u64 + explicit;
        let mut after = self.sets();
        let signers: Vec<Vec<u8>> = self.signers.iter().map(OriginalSigner::to_der).collect();
        after.extend(set(write::SET, &signers));

        let data = before.len() as u64 + write::total_len(encap) + after.len() as u64;
        let content_type = write::oid(&oid::CT_SIGNED_DATA);
        let info = content_type.len() as u64 + write::total_len(write::total_len(data));
        out.write_all(&write::header(write::SEQUENCE, info))?;
        out.write_all(&content_type)?;
        out.write_all(&write::header(write::context(0), write::total_len(data)))?;
        out.write_all(&write::header(write::SEQUENCE, data))?;
        out.write_all(&before)?;
        out.write_all(&write::header(write::SEQUENCE, encap))?;
        out.write_all(&self.content_type)?;
        match (&self.attached, &self.content) {
            (Some(attached), _) => {
                let len = attached.0.len();
                out.write_all(&write::header(write::context(0), write::total_len(len)))?;
                out.write_all(&write::header(write::OCTET_STRING, len))?;
                content::copy(&*attached.0, 0..len, &mut |part| out.write_all(part))?;
            }
            (None, Some(content)) => content.copy_explicit(out)?,
            (None, None) => {}
        }
        out.write_all(&after)
    }

    /// encapContentInfo as [`Self::write`] has it, with its header.
    ///
    /// # Errors
    /// I/O on either side.
    pub(crate) fn write_encapsulated(&self, out: &mut dyn Write) -> io::Result<()> {
        let explicit = self.content.as_ref().map(|c| c.explicit.clone());
        let len = explicit.map_or(0, |range| range.end - range.start);
        let len = self.content_type.len() as u64 + len;
        out.write_all(&write::header(write::SEQUENCE, len))?;
        out.write_all(&self.content_type)?;
        match &self.content {
            Some(content) => content.copy_explicit(out),
            None => Ok(()),
        }
    }

    /// The sets of certificates and revocation values as [`Self::write`] has them, with their headers.
    pub(crate) fn sets(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.certificates.is_empty() {
            out.extend(set(write::context(0), &self.certificates));
        }
        if !self.revocation.is_empty() {
            out.extend(set(write::context(1), &self.revocation));
        }
        out
    }

    /// As [`Self::write`], into memory: for what has no large content, such as a token.
    ///
    /// # Errors
    /// Where the content cannot be read.
    pub fn to_vec(&self) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        self.write(&mut out)?;
        Ok(out)
    }
}

/// eContentType, eContent, and where what follows encapContentInfo begins.
fn encapsulated(
    scan: &mut Scanner<'_>,
    source: &Arc<dyn Source>,
    encap: scan::Header,
    limit: u64,
) -> Result<(Vec<u8>, Option<EmbeddedContent>, u64), ScanError> {
    let bad = CmsError::Malformed;
    let inside = encap.end.unwrap_or(limit);
    let content_type = scan.value(encap.content, inside, SMALL)?;
    if object_identifier(&content_type).is_none() {
        return Err(bad("eContentType").into());
    }
    let at = encap.content + content_type.len() as u64;
    let none = match encap.end {
        Some(end) => at >= end,
        None => scan.ends(at)?,
    };
    if none {
        return Ok((content_type, None, encap.end.unwrap_or(at + 2)));
    }
    let explicit = scan.header(at, inside)?;
    if explicit.tag != write::context(0) {
        return Err(bad("eContent").into());
    }
    let value_end = scan.skip(explicit.content, explicit.end.unwrap_or(inside))?;
    let explicit_end = match explicit.end {
        Some(end) if end == value_end => end,
        None if scan.ends(value_end)? => value_end + 2,
        _ => return Err(bad("eContent").into()),
    };
    let end = match encap.end {
        Some(end) if end == explicit_end => end,
        None if scan.ends(explicit_end)? => explicit_end + 2,
        _ => return Err(bad("encapContentInfo").into()),
    };
    let content = EmbeddedContent::new(
        Arc::clone(source),
        at..explicit_end,
        explicit.content..value_end,
    );
    Ok((content_type, Some(content), end))
}

fn object_identifier(der: &[u8]) -> Option<ObjectIdentifier> {
    ObjectIdentifier::from_der(der).ok()
}

/// The members of the one set that `der` is.
fn members(der: &[u8], tag: u8, what: &'static str) -> Result<Vec<Vec<u8>>, CmsError> {
    let mut elements = Elements::new(der);
    let set = elements.take(tag)?.ok_or(CmsError::Malformed(what))?;
    Ok(Elements::new(set.value)
        .all(what, Limits::default().items)?
        .iter()
        .map(|e| e.whole.to_vec())
        .collect())
}

/// What is in DER order stays so; what is not keeps the order it has.
pub(super) fn add(set: &mut Vec<Vec<u8>>, der: &[u8]) -> bool {
    if set.iter().any(|one| one == der) {
        return false;
    }
    let sorted = set.is_sorted();
    set.push(der.to_vec());
    if sorted {
        set.sort();
    }
    true
}

pub(super) fn set(tag: u8, members: &[Vec<u8>]) -> Vec<u8> {
    let parts: Vec<&[u8]> = members.iter().map(Vec::as_slice).collect();
    write::tlv(tag, &parts)
}
