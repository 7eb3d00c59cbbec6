//! The verdict: a pure function of facts, policy and time (EN 319 102-1 clause 5).
//!
//! Time-stamps are judged first, the latest document time-stamp at the present and each earlier one
//! at the time the later one proves; then every signature at the earliest time that is proven for
//! it. Where nothing is proven, the best signature time is now.

use core::fmt;

use pki_asn1::{Certificate, UnixTime, oid};
use pki_crypto::PublicKey;
use pki_path::{
    EvidenceWindow, Parameters, Path, PathError, PathErrorKind, RevocationMode, RevocationStatus,
    RevocationUnknown, Validator,
};

use super::facts::{
    Check, Coverage, DocMdp, Facts, Modifications, SignatureFacts, SignatureFormat, SignatureKind,
    SignerFacts, SigningCertificateAttribute, TimestampFacts,
};
use super::policy::{RevocationRule, ValidationPolicy, digest_good_until, key_good_until};

/// Main indication (EN 319 102-1 clause 5.1.3), least good first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs)]
pub enum Indication {
    TotalFailed,
    Indeterminate,
    TotalPassed,
}

impl Indication {
    /// As the standard writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TotalFailed => "TOTAL-FAILED",
            Self::Indeterminate => "INDETERMINATE",
            Self::TotalPassed => "TOTAL-PASSED",
        }
    }
}

impl fmt::Display for Indication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! sub_indications {
    ($($name:ident = $text:literal,)*) => {
        /// Sub-indication (EN 319 102-1 clause 5.1.3).
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[allow(missing_docs)]
        #[non_exhaustive]
        pub enum SubIndication { $($name),* }

        impl SubIndication {
            /// As the standard writes it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

sub_indications! {
    FormatFailure = "FORMAT_FAILURE",
    HashFailure = "HASH_FAILURE",
    SigCryptoFailure = "SIG_CRYPTO_FAILURE",
    NotYetValid = "NOT_YET_VALID",
    SignedDataNotFound = "SIGNED_DATA_NOT_FOUND",
    NoSigningCertificateFound = "NO_SIGNING_CERTIFICATE_FOUND",
    NoCertificateChainFound = "NO_CERTIFICATE_CHAIN_FOUND",
    CertificateChainGeneralFailure = "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    ChainConstraintsFailure = "CHAIN_CONSTRAINTS_FAILURE",
    SigConstraintsFailure = "SIG_CONSTRAINTS_FAILURE",
    CryptoConstraintsFailure = "CRYPTO_CONSTRAINTS_FAILURE",
    CryptoConstraintsFailureNoPoe = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    RevokedNoPoe = "REVOKED_NO_POE",
    RevokedCaNoPoe = "REVOKED_CA_NO_POE",
    OutOfBoundsNoPoe = "OUT_OF_BOUNDS_NO_POE",
    TimestampOrderFailure = "TIMESTAMP_ORDER_FAILURE",
    TryLater = "TRY_LATER",
}

impl fmt::Display for SubIndication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which level's material a signature carries.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs)]
pub enum Level {
    None,
    BB,
    BT,
    BLt,
    BLta,
}

impl Level {
    /// As in the baseline standards; `none` for signatures without a baseline form.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::BB => "B-B",
            Self::BT => "B-T",
            Self::BLt => "B-LT",
            Self::BLta => "B-LTA",
        }
    }
}

/// A finding for people: a stable code, a sentence, and what would change it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// Stable, upper case.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// What would change it.
    pub hint: Option<String>,
}

/// One certificate of a chain with what is known of its revocation.
#[derive(Clone, Debug)]
pub struct ChainEntry {
    /// The certificate.
    pub certificate: Certificate,
    /// Whether it is a trust anchor.
    pub anchor: bool,
    /// Its status; `None` where the chain was not complete enough to ask.
    pub revocation: Option<RevocationStatus>,
}

/// The verdict on a time-stamp.
#[derive(Clone, Debug)]
pub struct TimestampVerdict {
    /// The verdict.
    pub indication: Indication,
    /// Why, where not passed.
    pub sub_indication: Option<SubIndication>,
    /// genTime
    pub time: UnixTime,
    /// The TSU's chain, the TSU first.
    pub chain: Vec<ChainEntry>,
    /// Why, in words.
    pub errors: Vec<Message>,
}

/// The verdict on a signature or document time-stamp.
#[derive(Clone, Debug)]
pub struct SignatureVerdict {
    /// The verdict.
    pub indication: Indication,
    /// Why, where not passed.
    pub sub_indication: Option<SubIndication>,
    /// Digest and signature value fit, and the ByteRange makes sense. Says nothing about trust.
    pub intact: bool,
    /// Whether what a certification signature forbids was left alone; `None` without one.
    pub doc_mdp_ok: Option<bool>,
    /// The earliest time at which the signature is proven to exist; `None` where nothing is proven.
    pub best_signature_time: Option<UnixTime>,
    /// The material it carries.
    pub level: Level,
    /// The signer's chain, the signer first.
    pub chain: Vec<ChainEntry>,
    /// Its time-stamps, in the order of the facts.
    pub timestamps: Vec<TimestampVerdict>,
    /// Why, in words; the first names the sub-indication.
    pub errors: Vec<Message>,
    /// What does not change the verdict and should be known.
    pub warnings: Vec<Message>,
}

/// The verdict on a file.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The least good of all signatures; `None` where there is no signature.
    pub indication: Option<Indication>,
    /// The time of validation.
    pub at: UnixTime,
    /// One per signature of the facts, in their order.
    pub signatures: Vec<SignatureVerdict>,
}

/// Judges `facts` under `policy` as of `now`.
#[must_use]
pub fn verdict(facts: &Facts, policy: &ValidationPolicy, now: UnixTime) -> Verdict {
    let judge = Judge { facts, policy, now };
    let stamps = judge.document_timestamps();
    let signatures: Vec<SignatureVerdict> = facts
        .signatures
        .iter()
        .enumerate()
        .map(|(index, one)| judge.signature(index, one, &stamps))
        .collect();
    Verdict {
        indication: signatures.iter().map(|s| s.indication).min(),
        at: now,
        signatures,
    }
}

/// Why something does not pass.
struct Failure {
    indication: Indication,
    sub: SubIndication,
    message: String,
    hint: Option<String>,
}

impl Failure {
    fn failed(sub: SubIndication, message: impl Into<String>) -> Self {
        Self {
            indication: Indication::TotalFailed,
            sub,
            message: message.into(),
            hint: None,
        }
    }

    fn indeterminate(sub: SubIndication, message: impl Into<String>) -> Self {
        Self {
            indication: Indication::Indeterminate,
            ..Self::failed(sub, message)
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn message(&self) -> Message {
        Message {
            code: self.sub.as_str(),
            message: self.message.clone(),
            hint: self.hint.clone(),
        }
    }
}

/// A document time-stamp that passed: everything up to its revision existed at its time.
struct Proof {
    index: usize,
    revision: usize,
    time: UnixTime,
}

struct DocumentStamp {
    index: usize,
    verdict: TimestampVerdict,
}

struct Stamps {
    proofs: Vec<Proof>,
    verdicts: Vec<DocumentStamp>,
}

struct Judge<'a> {
    facts: &'a Facts,
    policy: &'a ValidationPolicy,
    now: UnixTime,
}

impl Judge<'_> {
    /// From the last to the first: each is judged at the time that a later one proves.
    fn document_timestamps(&self) -> Stamps {
        let mut stamps = Stamps {
            proofs: Vec::new(),
            verdicts: Vec::new(),
        };
        for (index, one) in self.facts.signatures.iter().enumerate().rev() {
            let (SignatureKind::DocumentTimestamp, [token], Some(pdf)) =
                (one.kind, one.timestamps.as_slice(), &one.pdf)
            else {
                continue;
            };
            let control = stamps
                .proofs
                .iter()
                .filter(|p| p.revision > pdf.revision)
                .map(|p| p.time)
                .min();
            let verdict = self.timestamp(token, control);
            let covers = matches!(pdf.coverage, Coverage::WholeFile | Coverage::WholeRevision);
            if verdict.indication == Indication::TotalPassed
                && covers
                && one.format_problems.is_empty()
            {
                stamps.proofs.push(Proof {
                    index,
                    revision: pdf.revision,
                    time: token.gen_time,
                });
            }
            stamps.verdicts.push(DocumentStamp { index, verdict });
        }
        stamps
    }

    fn timestamp(&self, token: &TimestampFacts, control: Option<UnixTime>) -> TimestampVerdict {
        let mut chain = Vec::new();
        let result = self.timestamp_checks(token, control, &mut chain);
        let (indication, sub_indication, errors) = match result {
            Ok(()) => (Indication::TotalPassed, None, Vec::new()),
            Err(f) => (f.indication, Some(f.sub), vec![f.message()]),
        };
        TimestampVerdict {
            indication,
            sub_indication,
            time: token.gen_time,
            chain,
            errors,
        }
    }

    /// EN 319 102-1 clause 5.4.
    fn timestamp_checks(
        &self,
        token: &TimestampFacts,
        control: Option<UnixTime>,
        chain: &mut Vec<ChainEntry>,
    ) -> Result<(), Failure> {
        match &token.imprint {
            Check::Ok => {}
            Check::Failed(why) => return Err(Failure::failed(SubIndication::HashFailure, why)),
            Check::NotPossible(why) => {
                return Err(Failure::indeterminate(
                    SubIndication::SignedDataNotFound,
                    why,
                ));
            }
        }
        crypto(&token.signer)?;
        if let Some(problem) = token.signer.problems.first() {
            return Err(Failure::indeterminate(
                SubIndication::SigConstraintsFailure,
                format!("the time-stamp is not as it should be: {problem}"),
            ));
        }
        let latest = self.now + self.policy.clock_skew;
        if token.gen_time > latest {
            return Err(Failure::indeterminate(
                SubIndication::TimestampOrderFailure,
                format!(
                    "the time-stamp is of {}, which lies in the future",
                    token.gen_time
                ),
            ));
        }
        self.certificate(&token.signer, Purpose::TimeStamping, control, chain)?;
        self.algorithms(&token.signer, chain, control)?;
        if let Some(digest) = token.imprint_algorithm {
            self.digest_strength(digest, control)?;
        }
        Ok(())
    }

    fn signature(&self, index: usize, one: &SignatureFacts, stamps: &Stamps) -> SignatureVerdict {
        let proven_by_document = one.pdf.as_ref().and_then(|pdf| {
            stamps
                .proofs
                .iter()
                .filter(|p| p.revision > pdf.revision && p.index != index)
                .map(|p| p.time)
                .min()
        });
        let (timestamps, best) = match one.kind {
            SignatureKind::DocumentTimestamp => {
                let own = stamps
                    .verdicts
                    .iter()
                    .find(|s| s.index == index)
                    .map(|s| s.verdict.clone());
                let proof = stamps.proofs.iter().find(|p| p.index == index);
                (Vec::from_iter(own), proof.map(|p| p.time))
            }
            SignatureKind::Signature => {
                let verdicts: Vec<TimestampVerdict> = one
                    .timestamps
                    .iter()
                    .map(|t| self.timestamp(t, proven_by_document))
                    .collect();
                let own = verdicts
                    .iter()
                    .filter(|v| v.indication == Indication::TotalPassed)
                    .map(|v| v.time)
                    .min();
                (verdicts, own.into_iter().chain(proven_by_document).min())
            }
        };
        let mut chain = Vec::new();
        let mut errors = Vec::new();
        let doc_mdp_ok = doc_mdp_ok(one);
        let result = match one.kind {
            SignatureKind::Signature => self.signature_checks(one, best, &mut chain),
            SignatureKind::DocumentTimestamp => document_timestamp_checks(one, timestamps.first()),
        };
        let (indication, sub_indication) = match result {
            Ok(()) => (Indication::TotalPassed, None),
            Err(failure) => {
                errors.push(failure.message());
                (failure.indication, Some(failure.sub))
            }
        };
        let mut warnings = self.warnings(one, best, &timestamps);
        if one.kind == SignatureKind::DocumentTimestamp
            && let Some(own) = timestamps.first()
        {
            chain = own.chain.clone();
        }
        warnings.extend(self.fetch_warnings(indication));
        SignatureVerdict {
            indication,
            sub_indication,
            intact: intact(one),
            doc_mdp_ok,
            best_signature_time: best,
            level: level(one, best),
            chain,
            timestamps,
            errors,
            warnings,
        }
    }

    /// EN 319 102-1 clause 5.3 and 5.5.
    fn signature_checks(
        &self,
        one: &SignatureFacts,
        best: Option<UnixTime>,
        chain: &mut Vec<ChainEntry>,
    ) -> Result<(), Failure> {
        format(one)?;
        let Some(signer) = &one.signer else {
            return Err(Failure::failed(
                SubIndication::FormatFailure,
                "there is no signature that could be checked",
            ));
        };
        crypto(signer)?;
        if signer.attribute == SigningCertificateAttribute::Mismatch {
            return Err(Failure::indeterminate(
                SubIndication::NoSigningCertificateFound,
                "the signing-certificate attribute names another certificate than the one whose key fits",
            ));
        }
        // The signature is intact; now the document around it.
        coverage(one)?;
        changes(one)?;
        if let Some(problem) = signer.problems.first() {
            return Err(Failure::indeterminate(
                SubIndication::SigConstraintsFailure,
                problem,
            ));
        }
        if one.format == SignatureFormat::Pades
            && signer.attribute == SigningCertificateAttribute::Absent
        {
            return Err(Failure::indeterminate(
                SubIndication::SigConstraintsFailure,
                "a PAdES signature must name its certificate in a signed attribute, and this one does not",
            ));
        }
        self.certificate(signer, Purpose::Signing, best, chain)?;
        self.algorithms(signer, chain, best)
    }

    /// X.509 validation at the proven time, or now (clause 5.2.6 and 5.5.4).
    fn certificate(
        &self,
        signer: &SignerFacts,
        purpose: Purpose,
        proven: Option<UnixTime>,
        chain: &mut Vec<ChainEntry>,
    ) -> Result<(), Failure> {
        let Some(certificate) = &signer.certificate else {
            return Err(no_certificate(signer));
        };
        let at = proven.unwrap_or(self.now);
        let material = &self.facts.material;
        let parameters = Parameters {
            revocation: RevocationMode::None,
            purpose: match purpose {
                Purpose::TimeStamping => Some(oid::KP_TIME_STAMPING),
                Purpose::Signing => None,
            },
            ..Parameters::at(at)
        };
        let validator = Validator::new(
            &material.anchors,
            &material.pool,
            &material.evidence,
            parameters,
        );
        let path = match validator.validate(certificate) {
            Ok(path) => path,
            Err(error) => {
                *chain = error.path.iter().map(|c| entry(c, None)).collect();
                return Err(path_failure(&error, proven, certificate));
            }
        };
        let window = EvidenceWindow {
            covers: at,
            known_by: self.now + self.policy.clock_skew,
        };
        *chain = entries(&path, &validator, window);
        if purpose == Purpose::Signing {
            may_sign(certificate)?;
        }
        // From the anchor down: a revoked CA says more than what is missing below it.
        let mut unknown = None;
        for (index, one) in chain.iter().enumerate().rev() {
            match &one.revocation {
                Some(RevocationStatus::Revoked(info, _)) => {
                    if proven.is_some_and(|t| t < info.at) {
                        continue;
                    }
                    return Err(revoked(one, info, index, proven));
                }
                Some(RevocationStatus::Unknown(why)) => {
                    unknown = Some(self.status_unknown(one, why));
                }
                _ => {}
            }
        }
        match unknown {
            Some(failure) if self.policy.revocation == RevocationRule::Required => Err(failure),
            _ => Ok(()),
        }
    }

    fn status_unknown(&self, one: &ChainEntry, why: &RevocationUnknown) -> Failure {
        let subject = one.certificate.display_subject();
        let tried: Vec<String> = self
            .facts
            .fetches
            .iter()
            .filter_map(|f| Some(format!("{}: {}", f.url, f.error.as_ref()?)))
            .collect();
        let mut urls = one.certificate.ocsp_urls();
        urls.extend(one.certificate.crl_urls());
        let hint = if !tried.is_empty() {
            format!("asked in vain: {}", tried.join("; "))
        } else if urls.is_empty() {
            format!(
                "give a CRL of {} with --crl",
                one.certificate.display_issuer()
            )
        } else {
            format!(
                "run without --offline, or give a CRL with --crl; the certificate names {}",
                urls.join(", ")
            )
        };
        Failure::indeterminate(
            SubIndication::TryLater,
            format!("whether the certificate of {subject} was revoked is not known: {why}"),
        )
        .hint(hint)
    }

    /// Cryptographic constraints at the proven time, or now (clause 5.2.8).
    fn algorithms(
        &self,
        signer: &SignerFacts,
        chain: &[ChainEntry],
        proven: Option<UnixTime>,
    ) -> Result<(), Failure> {
        if let Some(digest) = signer.digest_algorithm {
            self.digest_strength(digest, proven)?;
        }
        if let Some(digest) = signer.signature_algorithm.and_then(|s| s.digest()) {
            self.digest_strength(digest, proven)?;
        }
        let at = proven.unwrap_or(self.now);
        for one in chain {
            if let Ok(key) = PublicKey::from_spki_der(one.certificate.spki_der())
                && let Some(until) = key_good_until(key.kind())
                && at >= until
            {
                return Err(weak(
                    format!(
                        "the {} key of {}",
                        key.kind(),
                        one.certificate.display_subject()
                    ),
                    until,
                    proven,
                ));
            }
            if !one.anchor
                && let Ok(algorithm) = pki_crypto::SignatureAlgorithm::from_identifier(
                    one.certificate.signature_algorithm(),
                )
                && let Some(until) = algorithm.digest().and_then(digest_good_until)
                && at >= until
            {
                return Err(weak(
                    format!(
                        "{algorithm}, with which the certificate of {} is signed,",
                        one.certificate.display_subject()
                    ),
                    until,
                    proven,
                ));
            }
        }
        Ok(())
    }

    fn digest_strength(
        &self,
        digest: pki_crypto::DigestAlgorithm,
        proven: Option<UnixTime>,
    ) -> Result<(), Failure> {
        match digest_good_until(digest) {
            Some(until) if proven.unwrap_or(self.now) >= until => {
                Err(weak(digest.to_string(), until, proven))
            }
            _ => Ok(()),
        }
    }

    fn warnings(
        &self,
        one: &SignatureFacts,
        best: Option<UnixTime>,
        timestamps: &[TimestampVerdict],
    ) -> Vec<Message> {
        let mut out = Vec::new();
        if one.kind == SignatureKind::Signature {
            for (stamp, facts) in timestamps.iter().zip(&one.timestamps) {
                if let (false, Some(error)) = (
                    stamp.indication == Indication::TotalPassed,
                    stamp.errors.first(),
                ) {
                    out.push(Message {
                        code: "TIMESTAMP_NOT_VALID",
                        message: format!(
                            "the time-stamp of {} does not count: {}",
                            facts.gen_time, error.message
                        ),
                        hint: error.hint.clone(),
                    });
                }
            }
            if best.is_none() {
                out.push(Message {
                    code: "TIME_NOT_PROVEN",
                    message: "when the signature was made is not proven by a valid time-stamp"
                        .into(),
                    hint: Some("a time-stamp (level B-T) would prove it".into()),
                });
            }
        }
        for why in &one.unreadable_timestamps {
            out.push(Message {
                code: "TIMESTAMP_UNREADABLE",
                message: format!("a time-stamp cannot be read: {why}"),
                hint: None,
            });
        }
        if one.kind == SignatureKind::Signature
            && one
                .signer
                .as_ref()
                .is_some_and(|s| s.attribute == SigningCertificateAttribute::Absent)
        {
            out.push(Message {
                code: "CERTIFICATE_NOT_SIGNED",
                message: "the signature does not protect which certificate belongs to it (no signing-certificate attribute)".into(),
                hint: Some("a CAdES or PAdES signature does".into()),
            });
        }
        if let (Some(signer), Some(best)) = (&one.signer, best)
            && let Some(claimed) = signer
                .signing_time
                .or(one.pdf.as_ref().and_then(|p| p.claimed_time))
            && claimed > best + self.policy.clock_skew
        {
            out.push(Message {
                code: "CLAIMED_TIME_AFTER_PROOF",
                message: format!(
                    "the signer claims to have signed at {claimed}, after the time-stamp of {best}"
                ),
                hint: None,
            });
        }
        out
    }

    fn fetch_warnings(&self, indication: Indication) -> Vec<Message> {
        if indication != Indication::TotalPassed {
            return Vec::new();
        }
        self.facts
            .fetches
            .iter()
            .filter_map(|f| {
                Some(Message {
                    code: "FETCH_FAILED",
                    message: format!("{}: {}", f.url, f.error.as_ref()?),
                    hint: None,
                })
            })
            .collect()
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Purpose {
    Signing,
    TimeStamping,
}

/// Clause 5.2.2: format checking.
fn format(one: &SignatureFacts) -> Result<(), Failure> {
    match one.format_problems.first() {
        Some(problem) => Err(Failure::failed(SubIndication::FormatFailure, problem)),
        None => Ok(()),
    }
}

/// Whether the signature covers what the file shows. Asked after the cryptography, because a file
/// that was damaged fails for its digest and not for what the damage did to its structure.
fn coverage(one: &SignatureFacts) -> Result<(), Failure> {
    match &one.pdf {
        Some(pdf) if matches!(pdf.coverage, Coverage::Partial | Coverage::Unclear) => {
            let why = pdf
                .coverage_problems
                .first()
                .map_or("the signature does not cover its revision", String::as_str);
            Err(Failure::failed(
                SubIndication::FormatFailure,
                format!("what the signature covers is not what is shown: {why}"),
            )
            .hint("ask the signer for the document as it was signed"))
        }
        _ => Ok(()),
    }
}

/// Clause 5.2.7: cryptographic verification.
fn crypto(signer: &SignerFacts) -> Result<(), Failure> {
    match &signer.digest {
        Check::Ok => {}
        Check::Failed(why) => {
            return Err(Failure::failed(
                SubIndication::HashFailure,
                format!("what was signed has been changed: {why}"),
            )
            .hint("ask for the file as it was signed, or give the right content"));
        }
        Check::NotPossible(why) if signer.digest_algorithm.is_some() => {
            return Err(
                Failure::indeterminate(SubIndication::SignedDataNotFound, why)
                    .hint("give the signed file with --content"),
            );
        }
        Check::NotPossible(why) => {
            return Err(Failure::indeterminate(
                SubIndication::CryptoConstraintsFailureNoPoe,
                why,
            ));
        }
    }
    if signer.certificate.is_none() {
        return Err(no_certificate(signer));
    }
    match &signer.signature {
        Check::Ok => Ok(()),
        Check::Failed(why) => Err(Failure::failed(
            SubIndication::SigCryptoFailure,
            format!("the signature is not that of the certificate named: {why}"),
        )),
        Check::NotPossible(why) => Err(Failure::indeterminate(
            SubIndication::CryptoConstraintsFailureNoPoe,
            why,
        )),
    }
}

/// What later revisions did, and what a certification permits.
fn changes(one: &SignatureFacts) -> Result<(), Failure> {
    let Some(pdf) = &one.pdf else {
        return Ok(());
    };
    let allowed = match pdf.doc_mdp {
        Some(DocMdp::NoChanges) => Modifications::LtaUpdates,
        Some(DocMdp::FormFilling) | None => Modifications::FormFilling,
        Some(DocMdp::Annotations) => Modifications::Annotations,
    };
    let locked = pdf
        .field_lock
        .as_ref()
        .and_then(|lock| pdf.changes.fields.iter().find(|f| lock.locks(f)));
    if pdf.changes.level <= allowed {
        return match locked {
            None => Ok(()),
            Some(field) => Err(Failure::failed(
                SubIndication::FormatFailure,
                format!(
                    "the form field {field:?}, which the signature locks, was changed after it"
                ),
            )
            .hint("only the revision that was signed is protected; ask the signer for it")),
        };
    }
    let what = match (pdf.changes.denied.first(), pdf.changes.level) {
        (Some(first), _) => first.clone(),
        (None, Modifications::Annotations) => "annotations were added".into(),
        (None, _) => {
            "form fields or signatures were filled in, which the certification forbids".into()
        }
    };
    Err(Failure::failed(
        SubIndication::FormatFailure,
        format!("the document was changed after it was signed: {what}"),
    )
    .hint("only the revision that was signed is protected; ask the signer for it"))
}

fn document_timestamp_checks(
    one: &SignatureFacts,
    own: Option<&TimestampVerdict>,
) -> Result<(), Failure> {
    format(one)?;
    let Some(own) = own else {
        return Err(Failure::failed(
            SubIndication::FormatFailure,
            "there is no time-stamp token that could be checked",
        ));
    };
    match (own.sub_indication, own.errors.first()) {
        (Some(sub), Some(error)) => Err(Failure {
            indication: own.indication,
            sub,
            message: error.message.clone(),
            hint: error.hint.clone(),
        }),
        _ => coverage(one).and_then(|()| changes(one)),
    }
}

fn intact(one: &SignatureFacts) -> bool {
    let range = one
        .pdf
        .as_ref()
        .is_none_or(|pdf| matches!(pdf.coverage, Coverage::WholeFile | Coverage::WholeRevision));
    let imprint = one.kind == SignatureKind::Signature
        || one.timestamps.first().is_some_and(|t| t.imprint.is_ok());
    let crypto = one
        .signer
        .as_ref()
        .is_some_and(|s| s.digest.is_ok() && s.signature.is_ok());
    one.format_problems.is_empty() && range && imprint && crypto
}

fn doc_mdp_ok(one: &SignatureFacts) -> Option<bool> {
    let pdf = one.pdf.as_ref()?;
    Some(match pdf.doc_mdp? {
        DocMdp::NoChanges => pdf.changes.level <= Modifications::LtaUpdates,
        DocMdp::FormFilling => pdf.changes.level <= Modifications::FormFilling,
        DocMdp::Annotations => pdf.changes.level <= Modifications::Annotations,
    })
}

fn level(one: &SignatureFacts, best: Option<UnixTime>) -> Level {
    if one.kind == SignatureKind::DocumentTimestamp || one.format == SignatureFormat::Cms {
        return Level::None;
    }
    let stamped = !one.timestamps.is_empty() || best.is_some();
    let (values, archived) = match &one.pdf {
        Some(pdf) => (pdf.has_dss, pdf.has_archive_timestamp),
        None => (one.has_revocation_values, one.has_archive_attribute),
    };
    match (stamped, values, archived) {
        (true, true, true) => Level::BLta,
        (true, true, false) => Level::BLt,
        (true, false, _) => Level::BT,
        (false, ..) => Level::BB,
    }
}

fn entry(certificate: &Certificate, revocation: Option<RevocationStatus>) -> ChainEntry {
    ChainEntry {
        certificate: certificate.clone(),
        anchor: false,
        revocation,
    }
}

fn entries(path: &Path, validator: &Validator<'_>, window: EvidenceWindow) -> Vec<ChainEntry> {
    let mut out: Vec<ChainEntry> = path
        .certificates()
        .iter()
        .enumerate()
        .map(|(index, c)| entry(c, Some(validator.revocation_status(path, index, window))))
        .collect();
    let anchor = path.anchor().certificate();
    match out.last_mut() {
        Some(last) if last.certificate == *anchor => last.anchor = true,
        _ => out.push(ChainEntry {
            certificate: anchor.clone(),
            anchor: true,
            revocation: None,
        }),
    }
    out
}

fn no_certificate(signer: &SignerFacts) -> Failure {
    Failure::indeterminate(
        SubIndication::NoSigningCertificateFound,
        format!(
            "the certificate of the signer ({}) is not at hand",
            signer.named
        ),
    )
    .hint("give it with --cert")
}

fn path_failure(error: &PathError, proven: Option<UnixTime>, target: &Certificate) -> Failure {
    use PathErrorKind as K;
    let sub = match &error.kind {
        K::IssuerNotFound { .. } | K::NoPathToAnchor => SubIndication::NoCertificateChainFound,
        K::NotYetValid { .. } if proven.is_some() && error.certificate == *target => {
            return Failure::failed(
                SubIndication::NotYetValid,
                format!("the signature was made before its certificate was valid: {error}"),
            );
        }
        K::Expired { .. } | K::NotYetValid { .. } => SubIndication::OutOfBoundsNoPoe,
        K::NotACa
        | K::KeyCertSignMissing
        | K::PathLenExceeded
        | K::NameNotPermitted { .. }
        | K::NameExcluded { .. }
        | K::NameConstraintNotSupported
        | K::AnyPolicyMapped
        | K::PolicyRequired
        | K::UnknownCriticalExtension(_)
        | K::PurposeNotAllowed(_) => SubIndication::ChainConstraintsFailure,
        _ => SubIndication::CertificateChainGeneralFailure,
    };
    let message = match sub {
        SubIndication::NoCertificateChainFound => {
            format!("no chain leads from the certificate to a trusted one: {error}")
        }
        _ => error.to_string(),
    };
    let failure = Failure::indeterminate(sub, message);
    match (sub, error.hint()) {
        (SubIndication::NoCertificateChainFound, _) => failure.hint(
            "if you trust the issuer, give its root certificate with --trust, and certificates between with --cert",
        ),
        (_, Some(hint)) => failure.hint(hint),
        (_, None) => failure,
    }
}

fn revoked(
    one: &ChainEntry,
    info: &pki_path::RevokedInfo,
    index: usize,
    proven: Option<UnixTime>,
) -> Failure {
    let sub = match index {
        _ if info.is_hold() => SubIndication::TryLater,
        0 => SubIndication::RevokedNoPoe,
        _ => SubIndication::RevokedCaNoPoe,
    };
    let when = match proven {
        Some(t) => format!("and the signature is proven to exist only at {t}"),
        None => "and nothing proves that the signature was made before".into(),
    };
    Failure::indeterminate(
        sub,
        format!(
            "the certificate of {} was revoked at {} ({}), {when}",
            one.certificate.display_subject(),
            info.at,
            info.reason_name()
        ),
    )
    .hint(format!(
        "only a valid time-stamp made before {} would change this",
        info.at
    ))
}

/// keyUsage and extendedKeyUsage of a signer.
fn may_sign(certificate: &Certificate) -> Result<(), Failure> {
    let refuse = |what: &str| {
        Err(Failure::indeterminate(
            SubIndication::ChainConstraintsFailure,
            format!(
                "the certificate of {} is not for signing documents: {what}",
                certificate.display_subject()
            ),
        ))
    };
    if certificate
        .key_usage()
        .is_some_and(|u| !u.digital_signature() && !u.non_repudiation())
    {
        return refuse("its keyUsage has neither digitalSignature nor nonRepudiation");
    }
    let usages = certificate.extended_key_usages();
    let elsewhere = [
        oid::KP_SERVER_AUTH,
        oid::KP_OCSP_SIGNING,
        oid::KP_TIME_STAMPING,
    ];
    if !usages.is_empty() && usages.iter().all(|u| elsewhere.contains(u)) {
        return refuse("its extendedKeyUsage is for servers, OCSP or time-stamps");
    }
    Ok(())
}

fn weak(what: String, until: UnixTime, proven: Option<UnixTime>) -> Failure {
    let sub = match proven {
        Some(_) => SubIndication::CryptoConstraintsFailure,
        None => SubIndication::CryptoConstraintsFailureNoPoe,
    };
    Failure::indeterminate(
        sub,
        format!("{what} is not reliable any more since {until}"),
    )
    .hint(format!(
        "only a proof that the signature existed before {until} would change this"
    ))
}
