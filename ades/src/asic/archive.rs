//! Raising the signatures of a container, and its archive time-stamp (EN 319 162-1 clause 4.4.4 and
//! annex A.7).
//!
//! In ASiC-S the signature gets an archive time-stamp of its own, which covers the one file. In ASiC-E that
//! would cover the digests in the manifest only, so the archive time-stamp is over an archive manifest,
//! with new digests of every file, signature, manifest and time-stamp there is.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, Write};
use std::sync::Arc;

use pdf_file::Source;
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::{Digest, DigestAlgorithm};
use zip::{CompressionMethod, ZipWriter};

use super::create::write_member;
use super::manifest::{DataObject, Manifest};
use super::{ARCHIVE_MANIFEST, AsicError, Container, Kind, META_INF, MIMETYPE, Member};
use crate::cades::{AddedValues, add_values, raise};
use crate::cms::original::OriginalSignedData;
use crate::evidence::{Collector, Material, Role, Subject};
use crate::extend::{
    self, ExtendError, ExtendOptions, ExtendedSignature, Others, Refusal, Renewal, Services, Target,
};
use crate::text;
use crate::text::Text;
use crate::tsp::Token;
use crate::validate::{
    Check, Content, Facts, Indication, Level, Message, SIGNATURE_OCTETS, SignatureFacts,
    SignatureKind, SignatureVerdict, SubIndication, TimestampFacts, Verdict, Warning,
    digest_good_until, gather_asic, hash_stream, verdict,
};

/// The digests of an archive have to last.
pub(super) const ALGORITHM: DigestAlgorithm = DigestAlgorithm::Sha512;
/// The media type of a time-stamp token in a manifest.
pub(super) const TOKEN_TYPE: &str = "application/vnd.etsi.timestamp-token";

/// What was done to a container.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExtendedAsic {
    /// Which of the two.
    pub kind: Kind,
    /// Each signature and counter-signature that was there.
    pub signatures: Vec<ExtendedSignature>,
    /// The signature-time-stamps that were added.
    pub time_stamps: Vec<Token>,
    /// The archive time-stamps that were added.
    pub archive: Vec<Token>,
    /// What the signatures and time-stamps did not hold before.
    pub added: AddedValues,
    /// What should be known.
    pub warnings: Vec<Message>,
}

impl ExtendedAsic {
    /// Whether anything was added.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        !self.time_stamps.is_empty()
            || !self.archive.is_empty()
            || self.added != AddedValues::default()
    }
}

/// Raises the signatures of the container in `source` and writes the container. Files are copied as they
/// are packed. `known` gives whom to trust and what is at hand, once for each signature file.
///
/// `out` may have received bytes when an error is returned; the caller discards them.
///
/// # Errors
/// See [`ExtendError`].
pub fn extend_asic<W: Write + Seek>(
    source: &Arc<dyn Source>,
    out: W,
    known: &dyn Fn() -> Material,
    services: &Services<'_>,
    options: &ExtendOptions,
) -> Result<ExtendedAsic, ExtendError> {
    let container = Container::open(Arc::clone(source))?;
    let (facts, judged) = assess(source, known(), services)?;
    if !facts
        .signatures
        .iter()
        .any(|s| s.kind == SignatureKind::Signature)
    {
        return Err(ExtendError::NoSignature);
    }
    refuse(changed_files(&facts))?;
    refuse(weak_digests(&facts, &judged, services))?;
    if options.others == Others::Refuse {
        refuse(lost(&facts, &judged, options.to))?;
    }
    let mut work = Work {
        container: &container,
        services,
        replaced: BTreeMap::new(),
        out: ExtendedAsic {
            kind: container.kind(),
            signatures: Vec::new(),
            time_stamps: Vec::new(),
            archive: Vec::new(),
            added: AddedValues::default(),
            warnings: Vec::new(),
        },
    };
    let extended = container.kind() == Kind::Extended;
    let archived = extended && options.to == Target::BLta && is_archived(&facts, &judged);
    if archived {
        work.out.signatures = unchanged(&facts, &judged);
    } else {
        work.raise(&facts, &judged, known, options)?;
    }
    let due = extended
        && options.to == Target::BLta
        && (!archived || is_due(&facts, &judged, options, services));
    let mut additions = Additions::default();
    if due {
        let authority = services
            .time_stamper
            .ok_or(ExtendError::NoAuthority { to: options.to })?;
        work.complete_tokens(&facts, &judged, known())?;
        let (name, xml) = work.archive_manifest(&mut additions)?;
        let token = authority.time_stamp(&ALGORITHM.digest(xml.as_bytes()))?;
        additions
            .files
            .push((ARCHIVE_MANIFEST.into(), xml.into_bytes()));
        additions.files.push((name, token.der().to_vec()));
        work.out.archive.push(token);
    }
    work.write(out, additions)
}

/// New files, and the name that the last archive manifest gets.
#[derive(Default)]
struct Additions {
    renamed: Option<String>,
    files: Vec<(String, Vec<u8>)>,
}

struct Work<'w> {
    container: &'w Container,
    services: &'w Services<'w>,
    /// Signature and time-stamp files with what was added to them.
    replaced: BTreeMap<String, Vec<u8>>,
    out: ExtendedAsic,
}

impl Work<'_> {
    /// Raises every signature file. In ASiC-E the archive time-stamp is the container's.
    fn raise(
        &mut self,
        facts: &Facts,
        judged: &Verdict,
        known: &dyn Fn() -> Material,
        options: &ExtendOptions,
    ) -> Result<(), ExtendError> {
        let own = ExtendOptions {
            to: match self.container.kind() {
                Kind::Extended => options.to.min(Target::BLt),
                Kind::Simple => options.to,
            },
            ..*options
        };
        let mut done = BTreeSet::new();
        let covered = covered(facts);
        for one in &facts.signatures {
            let Some(name) = member_of(one) else {
                continue;
            };
            if one.kind != SignatureKind::Signature || !done.insert(name) {
                continue;
            }
            let Some(member) = self.container.member(name) else {
                continue;
            };
            if covered.contains(name) {
                // Its archive time-stamp is over the file as it is; the next one is over both.
                let each = facts.signatures.iter().zip(&judged.signatures);
                let of_file = each.filter(|(s, _)| member_of(s) == Some(name));
                self.out
                    .signatures
                    .extend(of_file.map(|(one, verdict)| as_it_was(one, verdict)));
                continue;
            }
            let content = self.content(one)?;
            let bytes = self.container.read(member, SIGNATURE_OCTETS)?;
            let mut data = OriginalSignedData::from_bytes(bytes)?;
            let mut made = raise(&mut data, &content, known(), self.services, &own)?;
            let of_file = facts
                .signatures
                .iter()
                .filter(|s| member_of(s) == Some(name));
            for (raised, facts) in made.signatures.iter_mut().zip(of_file) {
                raised.id.clone_from(&facts.id);
                if raised.after == Level::BLt && options.to == Target::BLta {
                    raised.after = Level::BLta;
                }
            }
            if made.is_changed() {
                let bytes = data.to_vec().map_err(ExtendError::Write)?;
                self.replaced.insert(name.to_owned(), bytes);
            }
            self.out.signatures.extend(made.signatures);
            self.out.time_stamps.extend(made.time_stamps);
            self.out.archive.extend(made.archive);
            self.out.added.certificates += made.added.certificates;
            self.out.added.ocsp += made.added.ocsp;
            self.out.added.crls += made.added.crls;
            self.out.warnings.extend(made.warnings);
        }
        Ok(())
    }

    /// What the signature is over: the one file, or its manifest.
    fn content(&self, one: &SignatureFacts) -> Result<Content, ExtendError> {
        let files = one.cms.iter().flat_map(|c| c.files.iter());
        let member = match self.container.kind() {
            Kind::Simple => self.container.data().next(),
            Kind::Extended => files
                .filter_map(|f| self.container.member(&f.name))
                .find(|m| m.is_meta() && m.name.to_ascii_lowercase().ends_with(".xml")),
        };
        Ok(member.map_or(Content::Missing, |m| {
            Content::Stream(Arc::new(self.container.stream(m))).shared()
        }))
    }

    /// Adds to the last time-stamp what proves its certificate: the next one is over both.
    fn complete_tokens(
        &mut self,
        facts: &Facts,
        judged: &Verdict,
        mut known: Material,
    ) -> Result<(), ExtendError> {
        let covered = covered(facts);
        let trusted = !facts.material.anchors.is_empty();
        for (one, verdict) in facts.signatures.iter().zip(&judged.signatures) {
            let (SignatureKind::DocumentTimestamp, [token], Some(name)) =
                (one.kind, one.timestamps.as_slice(), member_of(one))
            else {
                continue;
            };
            let (Some(member), Some(certificate)) =
                (self.container.member(name), &token.signer.certificate)
            else {
                continue;
            };
            if covered.contains(name) {
                continue;
            }
            let bytes = self.container.read(member, SIGNATURE_OCTETS)?;
            let mut data = OriginalSignedData::from_bytes(bytes)?;
            for der in data.certificates() {
                known.pool.extend(Certificate::from_der(der.clone()).ok());
            }
            let subject = Subject {
                certificate: certificate.clone(),
                at: self.services.clock.now(),
                role: Role::TimeStampingUnit,
            };
            let values = match self.services.collector.collect(&[subject], &mut known) {
                Ok(values) => values,
                // What it covers was judged without it.
                Err(error) if trusted && error.is_final() => {
                    let told = verdict.errors.first();
                    self.out.warnings.push(Message {
                        code: Warning::ArchiveTimestampNotValid.into(),
                        message: text!(
                            "the archive time-stamp of {} does not count: {}",
                            token.gen_time,
                            told.map_or_else(
                                || Text::from(error.to_string()),
                                |e| e.message.clone()
                            )
                        ),
                        hint: told.and_then(|e| e.hint.clone()),
                    });
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            add_values(&mut data, &values, &mut self.out.added)?;
            let bytes = data.to_vec().map_err(ExtendError::Write)?;
            self.replaced.insert(name.to_owned(), bytes);
        }
        Ok(())
    }

    /// The archive manifest over everything, and the name of its time-stamp.
    fn archive_manifest(&self, additions: &mut Additions) -> Result<(String, String), ExtendError> {
        let last = self.container.member(ARCHIVE_MANIFEST);
        if last.is_some() {
            additions.renamed = Some(self.free("ASiCArchiveManifest", ".xml"));
        }
        let mut objects = Vec::new();
        for member in self.container.members() {
            if member.name == MIMETYPE || member.name.ends_with('/') {
                continue;
            }
            let is_last = last == Some(member);
            let name = match (&additions.renamed, is_last) {
                (Some(renamed), true) => renamed.clone(),
                _ => member.name.clone(),
            };
            objects.push(DataObject {
                name,
                media_type: None,
                digest: Ok(self.digest(member)?),
                root: is_last,
            });
        }
        let signature = self.free("archive_timestamp", ".tst");
        let manifest = Manifest {
            signature: signature.clone(),
            signature_type: Some(TOKEN_TYPE.into()),
            objects,
        };
        Ok((signature, manifest.to_xml()))
    }

    fn digest(&self, member: &Member) -> Result<Digest, ExtendError> {
        match self.replaced.get(&member.name) {
            Some(bytes) => Ok(ALGORITHM.digest(bytes)),
            None => hash_stream(&self.container.stream(member), ALGORITHM)
                .map_err(|e| AsicError::Read(e).into()),
        }
    }

    /// `META-INF/START001END`, or the next number that is free.
    fn free(&self, start: &str, end: &str) -> String {
        let taken: BTreeSet<String> = self
            .container
            .members()
            .iter()
            .map(|m| m.name.to_lowercase())
            .collect();
        let numbers = 1..=self.container.members().len() + 1;
        numbers
            .map(|n| format!("{META_INF}{start}{n:03}{end}"))
            .find(|name| !taken.contains(&name.to_lowercase()))
            .unwrap_or_default()
    }

    fn write<W: Write + Seek>(
        self,
        out: W,
        additions: Additions,
    ) -> Result<ExtendedAsic, ExtendError> {
        let renamed = additions.renamed.as_deref();
        rewrite(
            self.container,
            out,
            &self.replaced,
            renamed,
            &additions.files,
        )?;
        Ok(self.out)
    }
}

/// Writes the container again: what is not replaced is copied as it is packed, and the last archive
/// manifest gets a new name where there is one for it.
pub(super) fn rewrite<W: Write + Seek>(
    container: &Container,
    out: W,
    replaced: &BTreeMap<String, Vec<u8>>,
    renamed: Option<&str>,
    additions: &[(String, Vec<u8>)],
) -> Result<(), AsicError> {
    let mut archive = container.archive();
    let mut zip = ZipWriter::new(out);
    for member in container.members() {
        if let Some(bytes) = replaced.get(&member.name) {
            write_member(&mut zip, &member.name, bytes, CompressionMethod::Deflated)?;
            continue;
        }
        let file = archive
            .by_index_raw(member.index())
            .map_err(AsicError::reading)?;
        match renamed {
            Some(name) if member.name == ARCHIVE_MANIFEST => zip.raw_copy_file_rename(file, name),
            _ => zip.raw_copy_file(file),
        }
        .map_err(AsicError::writing)?;
    }
    for (name, bytes) in additions {
        write_member(&mut zip, name, bytes, CompressionMethod::Deflated)?;
    }
    zip.finish()
        .map_err(AsicError::writing)?
        .flush()
        .map_err(AsicError::Write)
}

/// The whole container, judged with whatever the collector finds for its time-stamps, the latest first.
fn assess(
    source: &Arc<dyn Source>,
    known: Material,
    services: &Services<'_>,
) -> Result<(Facts, Verdict), ExtendError> {
    let mut facts = gather_asic(source, known)?;
    let trusted = !facts.material.anchors.is_empty();
    if trusted {
        complete(&mut facts, services.collector, services);
    }
    let judged = verdict(&facts, services.policy, services.clock.now());
    Ok((facts, judged))
}

fn complete(facts: &mut Facts, collector: &Collector, services: &Services<'_>) {
    let now = services.clock.now();
    // What proves when a signature was made is asked for here only where it decides.
    let wanted = facts
        .signatures
        .iter()
        .filter(|s| s.kind == SignatureKind::DocumentTimestamp || weak_digest(s, now).is_some());
    let mut stamps: Vec<&TimestampFacts> = wanted.flat_map(|s| &s.timestamps).collect();
    stamps.sort_by_key(|t| core::cmp::Reverse(t.gen_time));
    for stamp in stamps {
        let Some(certificate) = stamp.signer.certificate.clone() else {
            continue;
        };
        let subject = Subject {
            certificate,
            at: now,
            role: Role::TimeStampingUnit,
        };
        // Why something is not to be had shows in the verdict.
        let _ = collector.collect(&[subject], &mut facts.material);
    }
}

fn refuse(refused: Vec<(String, Refusal)>) -> Result<(), ExtendError> {
    if refused.is_empty() {
        Ok(())
    } else {
        Err(ExtendError::Refused(refused))
    }
}

/// Nothing honest can be said of files that were changed, or that nobody signed.
pub(super) fn changed_files(facts: &Facts) -> Vec<(String, Refusal)> {
    let mut refused = Vec::new();
    for one in &facts.signatures {
        let mut files = one.cms.iter().flat_map(|c| c.files.iter());
        let refusal = files.find_map(|f| match &f.check {
            Check::Ok => None,
            Check::Failed(why) => {
                let reason = format!("{:?} is not as it was signed: {why}", f.name);
                Some(Refusal {
                    hint: Some("ask for the container as it was signed".into()),
                    ..Refusal::new(SubIndication::HashFailure, reason)
                })
            }
            Check::NotPossible(why) => {
                let reason = format!("{:?} cannot be checked: {why}", f.name);
                Some(Refusal {
                    hint: Some("ask for it to be signed again with another algorithm".into()),
                    ..Refusal::new(SubIndication::CryptoConstraintsFailureNoPoe, reason)
                })
            }
        });
        refused.extend(refusal.map(|refusal| (one.id.clone(), refusal)));
    }
    if let Some(name) = facts.container.as_ref().and_then(|c| c.unsigned.first()) {
        let reason = format!("the container holds {name:?}, which no signature covers");
        let code = SubIndication::SigConstraintsFailure;
        let refusal = Refusal {
            hint: Some("ask who put it there; the other files are as they were signed".into()),
            ..Refusal::new(code, reason)
        };
        refused.push(("the container".into(), refusal));
    }
    refused
}

/// Signatures that a time-stamp of the container covers, and that another one would not make valid: the others are judged when they
/// are raised. Evidence that is missing is not asked for, so that it is missing says nothing.
fn lost(facts: &Facts, judged: &Verdict, to: Target) -> Vec<(String, Refusal)> {
    if facts.material.anchors.is_empty() {
        return Vec::new();
    }
    let covered = covered(facts);
    let each = facts.signatures.iter().zip(&judged.signatures);
    each.filter(|(one, _)| {
        one.kind == SignatureKind::Signature && member_of(one).is_some_and(|m| covered.contains(m))
    })
    .filter_map(|(one, verdict)| {
        let refusal = extend::judge(verdict, None, to)?;
        let stamps = verdict.timestamps.iter().map(|stamp| stamp.sub_indication);
        let mut said = stamps.chain([verdict.sub_indication]);
        if said.any(|sub| sub.is_some_and(misses_evidence)) {
            return None;
        }
        Some((one.id.clone(), refusal))
    })
    .collect()
}

/// Whether evidence that is not at hand may change it.
fn misses_evidence(sub: SubIndication) -> bool {
    matches!(
        sub,
        SubIndication::TryLater
            | SubIndication::RevocationOutOfBoundsNoPoe
            | SubIndication::NoCertificateChainFound
    )
}

/// Manifests whose digests had ended before the earliest time that is proven: whoever could make another
/// file of the same digest then could have done so before whatever is added now.
fn weak_digests(
    facts: &Facts,
    judged: &Verdict,
    services: &Services<'_>,
) -> Vec<(String, Refusal)> {
    let trusted = !facts.material.anchors.is_empty();
    let mut refused = Vec::new();
    for (one, verdict) in facts.signatures.iter().zip(&judged.signatures) {
        let proven = match trusted {
            true => verdict.best_signature_time,
            // Nobody was named, so every time-stamp counts that is sound.
            false => stamped(facts, one),
        };
        let at = proven.unwrap_or_else(|| services.clock.now());
        if let Some((file, algorithm, until)) = weak_digest(one, at) {
            let code = match proven {
                Some(_) => SubIndication::CryptoConstraintsFailure,
                None => SubIndication::CryptoConstraintsFailureNoPoe,
            };
            let reason = format!(
                "its manifest names {file:?} by {algorithm}, which is not reliable any more since {until}"
            );
            let hint = "nothing that is added now proves that the files were there before; have them signed anew, in a container of their own";
            refused.push((
                one.id.clone(),
                Refusal {
                    hint: Some(hint.into()),
                    ..Refusal::new(code, reason)
                },
            ));
        }
    }
    refused
}

/// A file that a manifest names by a digest that had ended at this time, and when it did.
fn weak_digest(one: &SignatureFacts, at: UnixTime) -> Option<(&str, DigestAlgorithm, UnixTime)> {
    let mut files = one.cms.iter().flat_map(|c| c.files.iter());
    files.find_map(|file| {
        let algorithm = file.algorithm?;
        let until = digest_good_until(algorithm).filter(|until| at >= *until)?;
        Some((file.name.as_str(), algorithm, until))
    })
}

/// The earliest time-stamp of a signature, or over its file.
fn stamped(facts: &Facts, one: &SignatureFacts) -> Option<UnixTime> {
    let own = (one.kind == SignatureKind::Signature).then_some(one);
    let over = facts.signatures.iter().filter(|s| {
        let files = s.cms.iter().flat_map(|c| c.files.iter());
        let mut names = files.map(|f| f.name.as_str());
        s.kind == SignatureKind::DocumentTimestamp
            && s.id != one.id
            && names.any(|name| Some(name) == member_of(one))
    });
    let stamps = own.into_iter().chain(over).flat_map(|s| &s.timestamps);
    stamps.filter(|t| t.is_sound()).map(|t| t.gen_time).min()
}

/// Whether every signature is valid and covered by a time-stamp that is.
fn is_archived(facts: &Facts, judged: &Verdict) -> bool {
    facts
        .signatures
        .iter()
        .zip(&judged.signatures)
        .all(|(one, verdict)| {
            verdict.indication == Indication::TotalPassed
                && (one.kind == SignatureKind::DocumentTimestamp || one.has_archive_attribute)
        })
}

fn is_due(
    facts: &Facts,
    judged: &Verdict,
    options: &ExtendOptions,
    services: &Services<'_>,
) -> bool {
    let Renewal::Within(time) = options.renewal else {
        return true;
    };
    let newest = facts
        .signatures
        .iter()
        .zip(&judged.signatures)
        .filter(|(one, _)| one.kind == SignatureKind::DocumentTimestamp)
        .max_by_key(|(one, _)| one.timestamps.first().map(|t| t.gen_time));
    let end = newest.and_then(|(_, verdict)| {
        let chain = verdict.chain.iter().filter(|one| !one.anchor);
        chain.map(|one| one.certificate.not_after()).min()
    });
    end.is_none_or(|end| end < services.clock.now() + time)
}

fn unchanged(facts: &Facts, judged: &Verdict) -> Vec<ExtendedSignature> {
    let each = facts.signatures.iter().zip(&judged.signatures);
    each.filter(|(one, _)| one.kind == SignatureKind::Signature)
        .map(|(one, verdict)| as_it_was(one, verdict))
        .collect()
}

fn as_it_was(one: &SignatureFacts, verdict: &SignatureVerdict) -> ExtendedSignature {
    ExtendedSignature {
        id: one.id.clone(),
        field: None,
        kind: one.kind,
        before: verdict.level,
        after: verdict.level,
        refusal: None,
    }
}

/// The file that a signature stands in.
fn member_of(one: &SignatureFacts) -> Option<&str> {
    one.cms.as_ref()?.member.as_deref()
}

/// The files that time-stamps of the container cover: they cannot change without breaking them.
fn covered(facts: &Facts) -> BTreeSet<&str> {
    facts
        .signatures
        .iter()
        .filter(|s| s.kind == SignatureKind::DocumentTimestamp)
        .filter_map(|s| s.cms.as_ref())
        .flat_map(|c| c.files.iter().map(|f| f.name.as_str()))
        .collect()
}
