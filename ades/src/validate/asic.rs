//! The facts of an ASiC container (EN 319 162-1): its signatures with the files that they cover, and its
//! time-stamps.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::Arc;

use pdf_file::Source;
use pki_crypto::{Digest, DigestAlgorithm};

use super::carried::{Carried, Location};
use super::cms;
use super::facts::{
    Archived, Check, CmsFacts, ContainerFacts, CoveredFile, Facts, FileFormat, RecordFacts,
    RecordPlace, SignatureFacts, SignatureFormat, SignatureKind, TimestampFacts,
};
use super::gather::{GatherError, collect};
use super::record::in_cms;
use super::signer::{Content, ContentStream};
use super::token;
use crate::asic::container::{Kind, Member};
use crate::asic::{AsicError, Container, Manifest};
use crate::cms::original::{OriginalSignedData, ScanError};
use crate::evidence::Material;
use crate::text;
use crate::text::Text;

mod records;

/// No signature or time-stamp file is larger.
pub(crate) const SIGNATURE_OCTETS: u64 = 64 << 20;
/// No manifest is larger.
pub(crate) const MANIFEST_OCTETS: u64 = 16 << 20;
/// Signature files and manifests.
const FILES: u64 = 500;
/// Octets of signatures, time-stamps and manifests, all together.
const META_OCTETS: u64 = 256 << 20;
/// Octets of files that are hashed where the archive is small. An archive of its own size is hashed so often
/// for each of its octets: once for each algorithm that a manifest names.
const HASHED_OCTETS: u64 = 2 << 30;
const HASHED_OFTEN: u64 = 16;
/// What the files named in manifests take, for each signature that they belong to.
const NAMED_OCTETS: u64 = 32 << 20;

pub(crate) fn gather_asic(
    source: &Arc<dyn Source>,
    material: Material,
) -> Result<Facts, GatherError> {
    let container = Container::open(Arc::clone(source))?;
    if container.cades().next().is_none() && container.has_xades() {
        return Err(AsicError::Xades.into());
    }
    check_size(&container)?;
    let mut walk = Walk {
        named: 0,
        hashed: 0,
        digests: HashMap::new(),
        signatures: Vec::new(),
        records: Vec::new(),
        problems: container.problems().to_vec(),
        used: BTreeSet::new(),
        material,
        container: &container,
    };
    walk.media_type();
    match container.kind() {
        Kind::Simple => walk.simple()?,
        Kind::Extended => walk.extended()?,
    }
    walk.time_stamps()?;
    walk.evidence_records()?;
    walk.overlooked();
    walk.archived();
    let signed: BTreeSet<&str> = walk
        .signatures
        .iter()
        .filter(|s| s.kind == SignatureKind::Signature)
        .filter_map(|s| s.cms.as_ref())
        .flat_map(|c| c.files.iter().map(|f| f.name.as_str()))
        .collect();
    let files: Vec<String> = container.data().map(|m| m.name.clone()).collect();
    let used = walk.used();
    let all = container.members().iter();
    let looked_over = |m: &Member| m.is_evidence() && !used.contains(m.name.as_str());
    let unsigned: Vec<String> = all
        .filter(|m| m.is_data() || m.is_stranger() || looked_over(m))
        .map(|m| &m.name)
        .filter(|name| !signed.contains(name.as_str()))
        .cloned()
        .collect();
    let covered = walk.covered();
    let bare = unsigned.iter().filter(|n| !covered.contains(n.as_str()));
    let facts = ContainerFacts {
        kind: container.kind(),
        uncovered: bare.cloned().collect(),
        unsigned,
        files,
        problems: walk.problems,
    };
    Ok(Facts {
        format: FileFormat::Asic,
        signatures: walk.signatures,
        evidence_records: walk.records,
        material: walk.material,
        fetches: Vec::new(),
        container: Some(facts),
    })
}

/// What is looked at as a whole has to be little.
fn check_size(container: &Container) -> Result<(), AsicError> {
    let manifests = container.manifests().count() + container.archive_manifests().count();
    if manifests.max(container.cades().count()) as u64 > FILES {
        return Err(AsicError::Budget {
            what: "signatures and manifests",
            limit: FILES,
        });
    }
    let meta = container.members().iter().filter(|m| m.is_meta());
    if meta.fold(0, |sum: u64, m| sum.saturating_add(m.size)) > META_OCTETS {
        return Err(AsicError::Budget {
            what: "octets in META-INF",
            limit: META_OCTETS,
        });
    }
    Ok(())
}

struct Walk<'c> {
    /// Of [`NAMED_OCTETS`].
    named: u64,
    /// Of [`HASHED_OCTETS`].
    hashed: u64,
    container: &'c Container,
    material: Material,
    signatures: Vec<SignatureFacts>,
    records: Vec<RecordFacts>,
    problems: Vec<String>,
    /// Manifests that say what a signature, time-stamp or evidence record is over.
    used: BTreeSet<String>,
    digests: HashMap<(String, DigestAlgorithm), Result<Digest, String>>,
}

impl Walk<'_> {
    fn media_type(&mut self) {
        match self.container.media_type() {
            None => self.problems.push("it has no mimetype file".into()),
            Some(t) if t != self.container.kind().media_type() => {
                self.problems.push(format!("its mimetype file says {t:?}"))
            }
            Some(_) => {}
        }
    }

    /// Clause 4.3: each signature is over the one file.
    fn simple(&mut self) -> Result<(), GatherError> {
        let data: Vec<&Member> = self.container.data().collect();
        let files: Arc<[CoveredFile]> = data.iter().map(|m| whole(m)).collect();
        let (content, problem) = match data.as_slice() {
            [one] => (
                Content::Stream(Arc::new(self.container.stream(one))).shared(),
                None,
            ),
            other => (
                Content::Missing,
                Some(text!(
                    "an ASiC-S container holds one file, and this one holds {}",
                    other.len()
                )),
            ),
        };
        for member in self.container.cades() {
            self.signature_file(member, &content, &files, problem.clone())?;
        }
        Ok(())
    }

    /// Clause 4.4: each signature is over a manifest.
    fn extended(&mut self) -> Result<(), GatherError> {
        let mut claimed = BTreeSet::new();
        let container = self.container;
        for member in container.manifests() {
            let xml = container.read(member, MANIFEST_OCTETS)?;
            let manifest = match Manifest::parse(&member.name, &xml) {
                Ok(manifest) => manifest,
                Err(e) => {
                    self.problems.push(e.to_string());
                    continue;
                }
            };
            if manifest.signature.ends_with(".tst") {
                continue;
            }
            let Some(signature) = container.member(&manifest.signature) else {
                self.problems.push(format!(
                    "{} belongs to {}, which is not there",
                    member.name, manifest.signature
                ));
                continue;
            };
            self.used.insert(member.name.clone());
            let files = self.check_files(member, &manifest)?;
            let twice = !claimed.insert(signature.name.clone());
            let problem = twice.then(|| text!("two manifests name this signature"));
            let content = Content::Bytes(Arc::from(xml)).shared();
            self.signature_file(signature, &content, &files, problem)?;
        }
        for member in container.cades() {
            if !claimed.contains(&member.name) {
                let problem = text!("no manifest names this signature");
                let none = Arc::default();
                self.signature_file(member, &Content::Missing, &none, Some(problem))?;
            }
        }
        Ok(())
    }

    fn signature_file(
        &mut self,
        member: &Member,
        content: &Content,
        files: &Arc<[CoveredFile]>,
        problem: Option<Text>,
    ) -> Result<(), GatherError> {
        let bytes = self.container.read(member, SIGNATURE_OCTETS)?;
        let file_name = member.name.rsplit('/').next().unwrap_or_default();
        let stem = file_name
            .get(..file_name.len().saturating_sub(4))
            .unwrap_or_default();
        let original = OriginalSignedData::from_bytes(bytes.clone());
        let has_records = original.as_ref().is_ok_and(in_cms::has_records);
        let made = original.map_err(into_cms).and_then(|original| {
            if original.content().is_some() {
                return Err("the signature carries content of its own".to_owned());
            }
            cms::signatures(&original, content, stem, &mut self.material).map_err(|e| e.to_string())
        });
        let offset = self.signatures.len();
        let mut made = match made {
            Ok(made) => made,
            Err(why) => {
                let mut broken = SignatureFacts::unread(
                    format!("{stem}-1"),
                    SignatureKind::Signature,
                    SignatureFormat::Cades,
                );
                broken
                    .format_problems
                    .push(text!("{} is no CMS signature: {}", member.name, why));
                vec![broken]
            }
        };
        if has_records {
            let signatures = offset..offset + made.len();
            let material = &mut self.material;
            let (found, problems) = in_cms::records(&bytes, content, signatures, stem, material);
            self.records.extend(found);
            if let Some(first) = made.first_mut() {
                first.unreadable_timestamps.extend(problems);
            }
        }
        self.count(made.len() as u64, files)?;
        for one in &mut made {
            one.format_problems.extend(problem.clone());
            let cms = one.cms.get_or_insert_default();
            cms.member = Some(member.name.clone());
            cms.files = Arc::clone(files);
            if let Some(countersigned) = &mut cms.countersigns {
                countersigned.index += offset;
            }
        }
        self.signatures.extend(made);
        Ok(())
    }

    /// Time-stamps over manifests, and in ASiC-S over the file.
    fn time_stamps(&mut self) -> Result<(), GatherError> {
        let container = self.container;
        let manifests: Vec<&Member> = container
            .archive_manifests()
            .chain(container.manifests())
            .collect();
        for member in manifests {
            let xml = container.read(member, MANIFEST_OCTETS)?;
            let Ok(manifest) = Manifest::parse(&member.name, &xml) else {
                continue;
            };
            if manifest.signature.ends_with(".p7s") {
                continue;
            }
            self.used.insert(member.name.clone());
            let files = self.check_files(member, &manifest)?;
            self.count(1, &files)?;
            self.time_stamp(&manifest.signature, &Content::Bytes(Arc::from(xml)), files)?;
        }
        let data: Vec<&Member> = container.data().collect();
        if let (Kind::Simple, [one], Some(token)) = (
            container.kind(),
            data.as_slice(),
            container.member("META-INF/timestamp.tst"),
        ) {
            let files = core::iter::once(whole(one)).collect();
            let content = Content::Stream(Arc::new(container.stream(one)));
            self.time_stamp(&token.name, &content, files)?;
        }
        Ok(())
    }

    fn time_stamp(
        &mut self,
        name: &str,
        content: &Content,
        files: Arc<[CoveredFile]>,
    ) -> Result<(), GatherError> {
        let count = self
            .signatures
            .iter()
            .filter(|s| s.kind == SignatureKind::DocumentTimestamp)
            .count();
        let mut facts = SignatureFacts::unread(
            format!("time-stamp-{}", count + 1),
            SignatureKind::DocumentTimestamp,
            SignatureFormat::Cades,
        );
        let mut carried = Carried::default();
        match self.container.member(name) {
            None => facts
                .format_problems
                .push(text!("the time-stamp {} is not in the container", name)),
            Some(member) => {
                let bytes = self.container.read(member, SIGNATURE_OCTETS)?;
                match token::check(&bytes, content, &self.material.pool) {
                    Ok((token, data)) => {
                        collect(&data, &mut self.material);
                        // Whatever covers this file covers what it brings.
                        carried.add_objects(&data, Location::Value(0));
                        facts.signer = Some(token.signer.clone());
                        facts.timestamps.push(token);
                    }
                    Err(why) => facts.format_problems.push(text!(
                        "{} is no time-stamp token: {}",
                        name,
                        why
                    )),
                }
            }
        }
        facts.cms = Some(CmsFacts {
            files,
            member: Some(name.to_owned()),
            carried: Arc::new(carried),
            ..CmsFacts::default()
        });
        self.signatures.push(facts);
        Ok(())
    }

    /// The files that a manifest names, and itself.
    fn check_files(
        &mut self,
        member: &Member,
        manifest: &Manifest,
    ) -> Result<Arc<[CoveredFile]>, GatherError> {
        self.budget(manifest)?;
        let mut out = Vec::with_capacity(manifest.objects.len() + 1);
        for object in &manifest.objects {
            let check = match (&object.digest, self.container.member(&object.name)) {
                (_, None) => Check::Failed("it is not in the container".into()),
                (Err(algorithm), _) => {
                    Check::NotPossible(text!("digest algorithm {} is not supported", algorithm))
                }
                (Ok(digest), Some(member)) => match self.digest(member, digest.algorithm()) {
                    Ok(found) if found == *digest => Check::Ok,
                    Ok(_) => Check::Failed("its digest is not the one in the manifest".into()),
                    Err(why) => Check::Failed(why.into()),
                },
            };
            out.push(CoveredFile {
                name: object.name.clone(),
                check,
                algorithm: object.digest.as_ref().ok().map(Digest::algorithm),
            });
        }
        out.push(whole(member));
        Ok(out.into())
    }

    /// What reports will say of the files of so many signatures.
    fn count(&mut self, signatures: u64, files: &[CoveredFile]) -> Result<(), AsicError> {
        /// Of the structure around a name.
        const AROUND: u64 = 64;
        let one: u64 = files.iter().map(|f| f.name.len() as u64 + AROUND).sum();
        self.named = self.named.saturating_add(one.saturating_mul(signatures));
        if self.named > NAMED_OCTETS {
            return Err(AsicError::Budget {
                what: "octets of names in its manifests, counted for each signature",
                limit: NAMED_OCTETS,
            });
        }
        Ok(())
    }

    /// What of META-INF was looked at.
    fn used(&self) -> BTreeSet<&str> {
        let signatures = self.signatures.iter().filter_map(|s| s.cms.as_ref());
        let records = self.records.iter().filter_map(|r| match &r.place {
            RecordPlace::Member(name) => Some(name.as_str()),
            _ => None,
        });
        (self.used.iter().map(String::as_str))
            .chain(signatures.filter_map(|c| c.member.as_deref()))
            .chain(records)
            .collect()
    }

    /// What a time-stamp or an evidence record is over.
    fn covered(&self) -> BTreeSet<&str> {
        let stamps = self.signatures.iter().filter_map(|s| s.cms.as_ref());
        let stamped = stamps.flat_map(|c| c.files.iter().map(|f| f.name.as_str()));
        let records = self.records.iter().flat_map(|r| r.objects.iter());
        stamped.chain(records.map(|o| o.name.as_str())).collect()
    }

    /// Signatures and time-stamps that nothing was said about.
    fn overlooked(&mut self) {
        if self.container.has_xades() {
            self.problems
                .push("it has signatures in XML (XAdES), which are not verified".into());
        }
        let known: BTreeSet<&str> = self
            .signatures
            .iter()
            .filter_map(|s| s.cms.as_ref()?.member.as_deref())
            .collect();
        let stamps = self.container.members().iter().filter(|m| {
            m.is_meta()
                && m.name.to_ascii_lowercase().ends_with(".tst")
                && !known.contains(m.name.as_str())
        });
        self.problems.extend(stamps.map(|m| {
            format!(
                "no manifest names the time-stamp {}, which was not looked at",
                m.name
            )
        }));
    }

    /// Whether the files that a manifest names can be hashed, before the first of them is.
    fn budget(&mut self, manifest: &Manifest) -> Result<(), AsicError> {
        let mut due = BTreeSet::new();
        for object in &manifest.objects {
            let Ok(algorithm) = object.digest.as_ref().map(Digest::algorithm) else {
                continue;
            };
            let key = (object.name.clone(), algorithm);
            if let Some(member) = self.container.member(&object.name)
                && !self.digests.contains_key(&key)
                && due.insert(key)
            {
                self.hashed = self.hashed.saturating_add(member.size);
            }
        }
        self.check_hashed()
    }

    /// Of a file, read once for each algorithm.
    fn digest(&mut self, member: &Member, algorithm: DigestAlgorithm) -> Result<Digest, String> {
        let stream = self.container.stream(member);
        self.digests
            .entry((member.name.clone(), algorithm))
            .or_insert_with(|| hash(&stream, algorithm).map_err(|e| e.to_string()))
            .clone()
    }

    /// A signature in the container is archived where a time-stamp covers it, its manifest and its
    /// files.
    fn archived(&mut self) {
        let covering: Vec<Arc<[CoveredFile]>> = self
            .signatures
            .iter()
            .filter(|s| {
                s.kind == SignatureKind::DocumentTimestamp
                    && s.format_problems.is_empty()
                    && s.timestamps.iter().all(TimestampFacts::is_sound)
            })
            .filter_map(|s| s.cms.as_ref())
            .filter(|c| c.files.iter().all(|f| f.check.is_ok()))
            .map(|c| Arc::clone(&c.files))
            .collect();
        let covering: Vec<BTreeSet<&str>> = covering
            .iter()
            .map(|files| files.iter().map(|f| f.name.as_str()).collect())
            .collect();
        for one in &mut self.signatures {
            let (SignatureKind::Signature, Some(cms)) = (one.kind, &mut one.cms) else {
                continue;
            };
            let is_covered = covering.iter().any(|names| {
                cms.member.as_deref().is_some_and(|m| names.contains(m))
                    && cms.files.iter().all(|f| names.contains(f.name.as_str()))
            });
            if is_covered {
                cms.archived = Archived::Everything;
                one.has_archive_attribute = true;
            }
        }
    }
}

pub(crate) fn hash(stream: &dyn ContentStream, algorithm: DigestAlgorithm) -> io::Result<Digest> {
    let mut hasher = algorithm.hasher();
    stream.for_each(&mut |part| {
        hasher.update(part);
        Ok(())
    })?;
    Ok(hasher.finish())
}

/// A file that the signature is over itself.
fn whole(member: &Member) -> CoveredFile {
    CoveredFile {
        name: member.name.clone(),
        check: Check::Ok,
        algorithm: None,
    }
}

fn into_cms(error: ScanError) -> String {
    error.to_string()
}
