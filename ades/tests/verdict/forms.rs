//! The same signature in every form that can last: CAdES, ASiC-S, ASiC-E, S/MIME and PAdES.

use std::io::Cursor;
use std::sync::Arc;

use ades::asic::{DataFile, Kind, extend_asic, sign_asic};
use ades::cades::{CadesOptions, extend_cms, sign_attached, sign_detached};
use ades::cms::build::CmsSigner;
use ades::evidence::{Collector, Material};
use ades::extend::{ExtendError, ExtendOptions, Services, Target};
use ades::pades::{PadesOptions, extend_pdf, sign_pdf};
use ades::tsp::TimeStamper;
use ades::validate::{
    Facts, GatherError, Input, SignatureKind, SignatureVerdict, ValidationPolicy, Verdict, gather,
    verdict,
};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use pdf_file::{MemorySource, OpenOptions, PdfFile, Source};
use pki_asn1::ManualClock;

use super::differential::plain;
use super::world::{CONTENT, Unit, day};

/// In which form something is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    Cades,
    Simple,
    Extended,
    Mail,
    Pades,
}

/// What a message signs.
const PART: &str = "Content-Type: text/plain\r\n\r\nwhat is signed\r\n";
const BOUNDARY: &str = "=_between_the_parts";

impl Form {
    pub const ALL: [Self; 5] = [
        Self::Cades,
        Self::Simple,
        Self::Extended,
        Self::Mail,
        Self::Pades,
    ];

    /// Level B-B, or B-T with a unit, signed on a day. Of a message the signature alone.
    pub fn sign(self, signer: &CmsSigner, number: u32, unit: Option<&Unit>) -> Vec<u8> {
        let options = CadesOptions::new(day(number));
        let unit = unit.map(|u| u.on(number) as &dyn TimeStamper);
        let mut out = Vec::new();
        match self {
            Self::Cades => {
                let content = &mut Cursor::new(CONTENT);
                sign_attached(content, &mut out, signer, &options, unit).unwrap();
            }
            Self::Mail => {
                let content = &mut Cursor::new(PART.as_bytes());
                sign_detached(content, &mut out, signer, &options, unit).unwrap();
            }
            Self::Simple | Self::Extended => {
                let kind = match self {
                    Self::Simple => Kind::Simple,
                    _ => Kind::Extended,
                };
                let files = ["deed.txt", "annex.txt"].iter().map(|name| DataFile {
                    name: (*name).into(),
                    media_type: Some("text/plain".into()),
                    len: CONTENT.len() as u64,
                    content: Box::new(CONTENT),
                });
                let files = files.take(if self == Self::Simple { 1 } else { 2 });
                let mut packed = Cursor::new(Vec::new());
                sign_asic(kind, files.collect(), &mut packed, signer, &options, unit).unwrap();
                out = packed.into_inner();
            }
            Self::Pades => {
                let options = PadesOptions::new(day(number));
                sign_pdf(&pdf(&plain()), &mut out, signer, &options, unit).unwrap();
            }
        }
        out
    }

    /// Raises it, when it is this day.
    pub fn extend(
        self,
        file: &[u8],
        number: u32,
        to: Target,
        unit: &Unit,
        known: &dyn Fn() -> Material,
    ) -> Result<Vec<u8>, ExtendError> {
        let clock = Arc::new(ManualClock::new(day(number)));
        let collector = Collector::offline().with_clock(clock.clone());
        let policy = ValidationPolicy::default();
        let services = Services {
            collector: &collector,
            time_stamper: Some(unit.on(number)),
            policy: &policy,
            clock: &*clock,
        };
        let options = ExtendOptions::new(to);
        let mut out = Vec::new();
        match self {
            Self::Cades | Self::Mail => {
                let part = source(PART.as_bytes());
                let content = Some(&part).filter(|_| self == Self::Mail);
                let file = source(file);
                extend_cms(&file, content, &mut out, known(), &services, &options)?;
            }
            Self::Simple | Self::Extended => {
                let mut packed = Cursor::new(Vec::new());
                extend_asic(&source(file), &mut packed, known, &services, &options)?;
                out = packed.into_inner();
            }
            Self::Pades => {
                let plain = OpenOptions::new();
                extend_pdf(&pdf(file), &plain, &mut out, known(), &services, &options)?;
            }
        }
        Ok(out)
    }

    /// As it is sent.
    pub fn shown(self, file: &[u8]) -> Vec<u8> {
        if self != Self::Mail {
            return file.to_vec();
        }
        let encoded = BASE64_STANDARD.encode(file);
        let lines: Vec<&str> = encoded
            .as_bytes()
            .chunks(76)
            .map(|line| core::str::from_utf8(line).unwrap())
            .collect();
        format!(
            "MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=\"{BOUNDARY}\"\r\n\r\n--{BOUNDARY}\r\n{PART}\r\n--{BOUNDARY}\r\nContent-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--{BOUNDARY}--\r\n",
            lines.join("\r\n")
        )
        .into_bytes()
    }
}

pub fn source(bytes: &[u8]) -> Arc<dyn Source> {
    Arc::new(MemorySource::new(bytes.to_vec()))
}

pub fn pdf(bytes: &[u8]) -> PdfFile {
    PdfFile::open(source(bytes), OpenOptions::new()).unwrap()
}

/// Judged on a day, without a network; with what it is over.
pub fn judged(
    file: &[u8],
    content: Option<&[u8]>,
    number: u32,
    known: Material,
    policy: &ValidationPolicy,
) -> Result<(Facts, Verdict), GatherError> {
    let input = Input {
        source: source(file),
        content: content.map(source),
        pdf_options: OpenOptions::new(),
    };
    let facts = gather(&input, known, day(number), None)?;
    let verdict = verdict(&facts, policy, day(number));
    Ok((facts, verdict))
}

/// The verdict on the signature, not on what covers it.
pub fn signature<'v>(facts: &Facts, verdict: &'v Verdict) -> &'v SignatureVerdict {
    let own = |s: &ades::validate::SignatureFacts| s.kind == SignatureKind::Signature;
    let place = facts.signatures.iter().position(own).unwrap();
    &verdict.signatures[place]
}
