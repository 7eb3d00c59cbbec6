//! Signed messages (RFC 8551 section 3.5): opaque (`application/pkcs7-mime`) and in two parts
//! (`multipart/signed`, RFC 1847).
//!
//! What is signed is an entity of the message, and people see what their program makes of the message.
//! Where programs may show something else than what was signed, the signature is computed and the
//! verdict left open: each such doubt is a problem of the signer.

use std::sync::Arc;

use pdf_file::{MemorySource, Source};

use super::cms;
use super::facts::{Facts, FileFormat};
use super::gather::GatherError;
use super::mime::{self, ContentType, Entity, Oddity};
use crate::cms::original::OriginalSignedData;
use crate::evidence::Material;
use crate::text::Text;

/// Entities inside each other.
const DEPTH: usize = 8;
/// Entities in all.
const ENTITIES: usize = 2_000;
/// Content inside a signature that is looked at for oddities.
const CONTENT: usize = 32 << 20;
/// What programs write before the first part for readers that know no MIME; anything else there may be shown.
const NOTICES: [&str; 6] = [
    "this is an s/mime signed message",
    "this is a s/mime signed message",
    "this is a cryptographically signed message in mime format",
    "this is a multi-part message in mime format",
    "this is a multipart message in mime format",
    "this is a mime-encapsulated message",
];

/// Whether it is a message in MIME.
pub(super) fn is_mime(bytes: &[u8]) -> bool {
    let entity = Entity::read(bytes);
    entity.is_some_and(|e| e.has("content-type") || e.has("mime-version"))
}

/// The facts of a message.
pub(super) fn from_message(
    bytes: &[u8],
    given: Option<&Arc<dyn Source>>,
    material: Material,
) -> Result<Facts, GatherError> {
    let entity = &Entity::read(bytes).ok_or(GatherError::Message("it has no header"))?;
    let mut doubts = Doubts::default();
    let Some(found) = doubts.find(entity, 0)? else {
        return Ok(Facts {
            format: FileFormat::Smime,
            signatures: Vec::new(),
            evidence_records: Vec::new(),
            material,
            fetches: Vec::new(),
            container: None,
        });
    };
    let signature: Arc<dyn Source> = Arc::new(MemorySource::new(found.cms));
    let data = cms::open(&signature)?;
    let content = match found.part {
        None => {
            if let Some(Ok(Some(inside))) = data.content().map(|c| c.to_vec(CONTENT)) {
                doubts.inside(&inside, 0);
            }
            cms::content_of(&data, given)?
        }
        Some(part) => {
            doubts.inside(part, 0);
            let signed: Arc<dyn Source> = Arc::new(MemorySource::new(as_signed(part, &data)));
            if let Some(given) = given {
                same(given, part, &*signed)?;
            }
            cms::content_of(&data, Some(&signed))?
        }
    };
    let mut facts = cms::gather_cms(&data, &content, material)?;
    facts.format = FileFormat::Smime;
    if doubts.wrapped {
        for one in &mut facts.signatures {
            one.property_problems.push(cms::WRAPPED.into());
        }
    }
    for signer in facts
        .signatures
        .iter_mut()
        .filter_map(|s| s.signer.as_mut())
    {
        let doubts = doubts.found.iter();
        signer
            .problems
            .extend(doubts.map(|doubt| Text::from(*doubt)));
    }
    Ok(facts)
}

/// What the relying party takes for the signed part has to be it.
fn same(given: &Arc<dyn Source>, part: &[u8], signed: &dyn Source) -> Result<(), GatherError> {
    let whole = |source: &dyn Source| {
        let mut bytes = vec![0; source.len() as usize];
        source.read_exact_at(0, &mut bytes).map(|()| bytes)
    };
    let fits = given.len() <= 2 * part.len() as u64 + 2 && {
        let given = whole(&**given)?;
        given == part || given == whole(signed)?
    };
    fits.then_some(()).ok_or(GatherError::OtherContent)
}

/// The part octet by octet, or with the line ends that are signed where a transport changed them
/// (RFC 8551 section 3.1.1): whichever has the digest that was signed.
fn as_signed(part: &[u8], data: &OriginalSignedData) -> Vec<u8> {
    let canonical = canonical(part);
    if canonical == part {
        return canonical;
    }
    let signer = data
        .signed_data()
        .ok()
        .and_then(|d| d.signers.into_iter().next());
    let signed = signer.and_then(|signer| {
        let algorithm = pki_crypto::DigestAlgorithm::from_oid(&signer.digest_algorithm.oid)?;
        Some((algorithm, signer.message_digest()?))
    });
    let exact = match signed {
        Some((algorithm, signed)) => algorithm.digest(part).as_bytes() == signed,
        // Without a digest to compare with: lines that end as they should are not touched.
        None => part.windows(2).any(|w| w == b"\r\n"),
    };
    if exact { part.to_vec() } else { canonical }
}

fn canonical(part: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(part.len() + part.len() / 16);
    let mut before = 0;
    for octet in part {
        if *octet == b'\n' && before != b'\r' {
            out.push(b'\r');
        }
        out.push(*octet);
        before = *octet;
    }
    out
}

struct Found<'a> {
    /// What is signed, where it stands beside the signature.
    part: Option<&'a [u8]>,
    cms: Vec<u8>,
}

/// Why a program may show something else than what was signed.
#[derive(Default)]
struct Doubts {
    found: Vec<Oddity>,
    entities: usize,
    /// Something inside what is signed is signed or encrypted itself.
    wrapped: bool,
}

impl Doubts {
    fn add(&mut self, oddity: Oddity) {
        if !self.found.contains(&oddity) {
            self.found.push(oddity);
        }
    }

    fn content_type(&mut self, entity: &Entity<'_>) -> ContentType {
        let (read, oddities) = entity.content_type();
        for oddity in entity.oddities.iter().copied().chain(oddities) {
            self.add(oddity);
        }
        // RFC 2045 section 6.4 forbids it; who undoes it sees other parts than who does not.
        let holds_others = read.is_multipart() || read.media.starts_with("message/");
        if holds_others && entity.is_encoded() {
            self.add("a part that holds others is encoded as a whole, which not all readers undo");
        }
        read
    }

    /// The first signed entity: the message itself, or one further in.
    fn find<'a>(
        &mut self,
        entity: &Entity<'a>,
        depth: usize,
    ) -> Result<Option<Found<'a>>, GatherError> {
        self.entities += 1;
        if depth > DEPTH || self.entities > ENTITIES {
            return Err(GatherError::Message(
                "it has too many parts inside each other",
            ));
        }
        let before = self.found.len();
        let kind = self.content_type(entity);
        let found = match kind.media.as_str() {
            "multipart/signed" if is_smime(&kind) => self.two_parts(entity, &kind).map(Some)?,
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => Some(Found {
                part: None,
                cms: entity.decoded().ok_or(GatherError::Message(
                    "the signature is not encoded as its header says",
                ))?,
            }),
            "message/rfc822" => match Entity::read(entity.body) {
                Some(inside) => self.find(&inside, depth + 1)?,
                None => None,
            },
            _ if kind.is_multipart() => self.further_in(entity, &kind, depth)?,
            _ => None,
        };
        match &found {
            // What is odd about an entity without a signature says nothing of one beside it.
            None => self.found.truncate(before),
            Some(_) if depth > 0 => {
                self.add("only a part of the message is signed, and its reader sees all of it");
            }
            Some(_) => {}
        }
        Ok(found)
    }

    fn further_in<'a>(
        &mut self,
        entity: &Entity<'a>,
        kind: &ContentType,
        depth: usize,
    ) -> Result<Option<Found<'a>>, GatherError> {
        let boundary = kind.parameter("boundary").unwrap_or_default();
        let Some(parts) = mime::split(entity.body, boundary) else {
            return Ok(None);
        };
        for part in parts.parts {
            let Some(inside) = Entity::read(part) else {
                continue;
            };
            if let Some(found) = self.find(&inside, depth + 1)? {
                parts.oddities.iter().for_each(|oddity| self.add(oddity));
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// RFC 8551 section 3.5.3.
    fn two_parts<'a>(
        &mut self,
        entity: &Entity<'a>,
        kind: &ContentType,
    ) -> Result<Found<'a>, GatherError> {
        let boundary = kind.parameter("boundary").unwrap_or_default();
        let parts = mime::split(entity.body, boundary).ok_or(GatherError::Message(
            "it cannot be cut into its parts: the boundary is missing, or the last one is",
        ))?;
        parts.oddities.iter().for_each(|oddity| self.add(oddity));
        if !is_notice(parts.preamble) {
            self.add("text stands before the signed part, which some readers show");
        }
        if !parts.epilogue.trim_ascii().is_empty() {
            self.add("text stands after the signature, which some readers show");
        }
        let [part, signature, more @ ..] = parts.parts.as_slice() else {
            return Err(GatherError::Message("it has no part with a signature"));
        };
        if !more.is_empty() {
            self.add("there are more parts than the signed one and the signature");
        }
        let signature = Entity::read(signature)
            .ok_or(GatherError::Message("it has no part with a signature"))?;
        let kind = self.content_type(&signature);
        if !matches!(
            kind.media.as_str(),
            "application/pkcs7-signature" | "application/x-pkcs7-signature"
        ) {
            self.add("the second part does not say that it is a signature");
        }
        Ok(Found {
            part: Some(part),
            cms: signature.decoded().ok_or(GatherError::Message(
                "the signature is not encoded as its header says",
            ))?,
        })
    }

    /// What is odd in the signed entity itself: which of its readings was signed, nobody knows.
    fn inside(&mut self, part: &[u8], depth: usize) {
        self.entities += 1;
        if depth > DEPTH || self.entities > ENTITIES {
            self.add("the signed part has too many parts inside each other to be looked at");
            return;
        }
        // Signed text that is no entity has no header that could be read in two ways.
        if !matches!(part.first(), Some(b'\r' | b'\n')) && !mime::is_message(part) {
            return;
        }
        let Some(entity) = Entity::read(part) else {
            self.add("the signed part has a header that is too long to be looked at");
            return;
        };
        let kind = self.content_type(&entity);
        match kind.media.as_str() {
            "message/rfc822" | "message/global" => self.inside(entity.body, depth + 1),
            // RFC 2046 section 5.2: the reader puts together or fetches what nobody signed.
            "message/external-body" | "message/partial" => {
                self.add("what is signed only says where its content is");
            }
            "application/pkcs7-mime" | "application/x-pkcs7-mime" | "multipart/signed" => {
                self.wrapped = true;
            }
            _ => {}
        }
        if kind.is_multipart() {
            match mime::split(entity.body, kind.parameter("boundary").unwrap_or_default()) {
                Some(parts) => {
                    parts.oddities.iter().for_each(|oddity| self.add(oddity));
                    parts
                        .parts
                        .iter()
                        .for_each(|part| self.inside(part, depth + 1));
                }
                None => self.add("the signed part cannot be cut into its parts"),
            }
        }
    }
}

/// Whether it is signed in the manner of S/MIME, not of OpenPGP. Some leave the protocol away.
fn is_smime(kind: &ContentType) -> bool {
    kind.parameter("protocol").is_none_or(|protocol| {
        let protocol = protocol.to_ascii_lowercase();
        protocol == "application/pkcs7-signature" || protocol == "application/x-pkcs7-signature"
    })
}

fn is_notice(preamble: &[u8]) -> bool {
    let text = String::from_utf8_lossy(preamble.trim_ascii()).to_ascii_lowercase();
    let text = text.trim_end_matches('.');
    text.is_empty() || NOTICES.contains(&text)
}
