//! What signatures mean: CMS, CAdES, PAdES and ASiC, created, extended and validated.
//!
//! [`cms`] assembles and reads `SignedData` (RFC 5652). [`cades`] signs files (EN 319 122-1),
//! [`pades`] signs PDF documents (EN 319 142-1), [`asic`] puts both into containers (EN 319 162-1).
//! [`tsp`] asks a time-stamping authority (RFC 3161) through [`net`]; [`evidence`] collects what proves
//! a signature for decades, [`extend`] adds it to signatures that exist. [`validate`] gathers facts and
//! turns them into a verdict (EN 319 102-1), which [`report`] shows. This crate knows no terminals.
//!
//! # One line
//!
//! A [`cms::build::CmsSigner`] is a key with its certificate. Whatever implements
//! [`hsm_pkcs11::Signer`] is a key: a file, a token, a service.
//!
//! ```no_run
//! use std::fs::File;
//!
//! use ades::cades::{CadesOptions, sign_detached};
//! use ades::cms::build::CmsSigner;
//! use hsm_pkcs11::{OpenOptions, PinSource, open};
//! use pki_asn1::{Certificate, Clock, SystemClock};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = open(&"acme.p12".parse()?, &PinSource::File("pin.txt".into()), &OpenOptions::default())?;
//! let certificate = Certificate::from_der(key.certificates[0].clone())?;
//! let signer = CmsSigner::new(key.signer, certificate, &[])?;
//!
//! let options = CadesOptions::new(SystemClock.now());
//! let (mut content, mut out) = (File::open("notes.txt")?, File::create("notes.txt.p7s")?);
//! sign_detached(&mut content, &mut out, &signer, &options, None)?;
//! # Ok(()) }
//! ```
//!
//! # A PDF
//!
//! The output is the input's bytes and one incremental update. Options say what goes into the
//! signature; what the document forbids is an error before the key is used.
//!
//! ```no_run
//! # use std::{fs::File, sync::Arc};
//! # use ades::cms::build::CmsSigner;
//! use ades::pades::{Certification, PadesOptions, sign_pdf};
//! use pdf_file::{FileSource, OpenOptions, PdfFile};
//! # use pki_asn1::{Clock, SystemClock};
//! # fn f(signer: &CmsSigner) -> Result<(), Box<dyn std::error::Error>> {
//! let source = Arc::new(FileSource::new(File::open("contract.pdf")?)?);
//! let pdf = PdfFile::open(source, OpenOptions::new())?;
//! let mut options = PadesOptions::new(SystemClock.now());
//! options.reason = Some("Agreed".into());
//! options.certify = Some(Certification::FormFilling);
//! let made = sign_pdf(&pdf, &mut File::create("contract.signed.pdf")?, signer, &options, None)?;
//! println!("{} octets, signed in the field {}", made.len, made.field);
//! # Ok(()) }
//! ```
//!
//! # With a time-stamp
//!
//! Level B-T is the same call with a [`tsp::TimeStamper`]. A [`tsp::Client`] believes an answer only
//! with the imprint and nonce it sent, under a certificate for time-stamping; several authorities are
//! tried in turn.
//!
//! ```no_run
//! # use std::{fs::File, sync::Arc};
//! # use ades::cms::build::CmsSigner;
//! # use ades::pades::{PadesOptions, sign_pdf};
//! use ades::net::UreqClient;
//! use ades::tsp::Client;
//! # use pdf_file::PdfFile;
//! # fn f(pdf: &PdfFile, out: &mut File, signer: &CmsSigner, options: &PadesOptions)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! let urls = ["https://tsa.sceau.example/", "https://tsa.other.example/"];
//! let tsa = Client::new(Arc::new(UreqClient::default()), urls.map(String::from).into());
//! let made = sign_pdf(pdf, out, signer, options, Some(&tsa))?;
//! assert!(made.time_stamp.is_some());
//! # Ok(()) }
//! ```
//!
//! # For decades
//!
//! Levels B-LT and B-LTA carry what proves every certificate: an [`evidence::Collector`] finds the least
//! that does, in the document, in a cache, in the network. The same works for signatures that exist,
//! of whatever product ([`pades::extend_pdf`], [`cades::extend_cms`], [`asic::extend_asic`]), and renews
//! archive time-stamps.
//!
//! ```no_run
//! # use std::{fs::File, sync::Arc};
//! use ades::evidence::{Cached, Collector, HttpFetch, Material};
//! use ades::extend::{ExtendOptions, Services, Target};
//! use ades::net::UreqClient;
//! use ades::pades::extend_pdf;
//! use ades::tsp::TimeStamper;
//! use ades::validate::ValidationPolicy;
//! # use pdf_file::{OpenOptions, PdfFile};
//! use pki_asn1::SystemClock;
//! # fn f(pdf: &PdfFile, reopen: &OpenOptions, out: &mut File, tsa: &dyn TimeStamper)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! let fetch = Cached::in_folder(HttpFetch(UreqClient::default()), "cache");
//! let collector = Collector::new(Arc::new(fetch));
//! let services = Services {
//!     collector: &collector,
//!     time_stamper: Some(tsa),
//!     policy: &ValidationPolicy::default(),
//!     clock: &SystemClock,
//! };
//! let options = ExtendOptions::new(Target::BLta);
//! let made = extend_pdf(pdf, reopen, out, Material::default(), &services, &options)?;
//! for signature in &made.signatures {
//!     println!("{}: {:?} to {:?}", signature.id, signature.before, signature.after);
//! }
//! # Ok(()) }
//! ```
//!
//! # With a key that is elsewhere
//!
//! Two steps, days or machines apart: what is to be signed leaves, a value comes back. What is kept in
//! between holds no secret, and neither it nor the document can have changed unnoticed. Signing at once
//! takes the same way.
//!
//! ```
//! # use std::sync::Arc;
//! use ades::cades::{CadesOptions, PreparedFile, prepare_file};
//! use ades::cms::build::CmsIdentity;
//! # use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
//! # use pki_asn1::{Certificate, Clock, SystemClock};
//! # use pki_crypto::Message;
//! # let key = SoftwareKey::generate(KeySpec::P256)?;
//! # struct Public(Vec<u8>);
//! # impl rcgen::PublicKeyData for Public {
//! #     fn der_bytes(&self) -> &[u8] { &self.0 }
//! #     fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm { &rcgen::PKCS_ECDSA_P256_SHA256 }
//! # }
//! # let (ca, params) = (rcgen::KeyPair::generate()?, rcgen::CertificateParams::default());
//! # let issuer = rcgen::Issuer::from_params(&params, &ca);
//! # let certificate = params.signed_by(&Public(key.public_key().bits().to_vec()), &issuer)?;
//! # let certificate = Certificate::from_der(certificate.der().to_vec())?;
//! let identity = CmsIdentity::new(certificate, &[], None)?;
//! let options = CadesOptions::new(SystemClock.now());
//! let prepared = prepare_file(&mut &b"some notes"[..], &identity, &options)?;
//! let kept: String = serde_json::to_string(&prepared)?;
//! let digest = prepared.to_be_signed(&identity)?.digest().expect("ECDSA signs a digest");
//!
//! // Wherever the key is:
//! let value = key.sign(Message::Digest(&digest))?;
//!
//! let prepared: PreparedFile = serde_json::from_str(&kept)?;
//! let mut out = Vec::new();
//! prepared.complete_detached(&mut &b"some notes"[..], &mut out, &identity, &value, None)?;
//! let other = prepared.complete_detached(&mut &b"other notes"[..], &mut Vec::new(), &identity, &value, None);
//! assert!(other.is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`pades::prepare_pdf`] does the same for a PDF.
//!
//! # What a signature is worth
//!
//! [`validate::gather`] reads a file, and the network where it may, into plain facts;
//! [`validate::verdict`] is a pure function of facts, policy and time. A [`report::Report`] is both for
//! people and programs: `sceau verify` prints this one, in words or, serialized, as `--report json`.
//!
//! ```
//! use ades::evidence::{Cached, HttpFetch};
//! use ades::net::UreqClient;
//! use ades::report::Report;
//! use ades::validate::{Indication, Input, Material, ValidationPolicy, gather, verdict};
//! use pki_asn1::{Clock, SystemClock};
//! # use ades::cades::{CadesOptions, sign_detached};
//! # use ades::cms::build::CmsSigner;
//! # use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
//! # use pki_asn1::Certificate;
//! # let key = SoftwareKey::generate(KeySpec::P256)?;
//! # struct Public(Vec<u8>);
//! # impl rcgen::PublicKeyData for Public {
//! #     fn der_bytes(&self) -> &[u8] { &self.0 }
//! #     fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm { &rcgen::PKCS_ECDSA_P256_SHA256 }
//! # }
//! # let mut params = rcgen::CertificateParams::default();
//! # params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
//! # let ca = rcgen::KeyPair::generate()?;
//! # let root = Certificate::from_der(params.self_signed(&ca)?.der().to_vec())?;
//! # let issuer = rcgen::Issuer::from_params(&params, &ca);
//! # let mut own = rcgen::CertificateParams::default();
//! # own.distinguished_name.push(rcgen::DnType::CommonName, "Acme");
//! # own.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
//! # let own = own.signed_by(&Public(key.public_key().bits().to_vec()), &issuer)?;
//! # let signer = CmsSigner::new(std::sync::Arc::new(key), Certificate::from_der(own.der().to_vec())?, &[])?;
//! # let folder = tempfile::tempdir()?;
//! # let (notes, signed) = (folder.path().join("notes.txt"), folder.path().join("notes.txt.p7s"));
//! # std::fs::write(&notes, "some notes")?;
//! # let mut out = std::fs::File::create(&signed)?;
//! # sign_detached(&mut &b"some notes"[..], &mut out, &signer, &CadesOptions::new(SystemClock.now()), None)?;
//! # let policy = ValidationPolicy { revocation: ades::validate::RevocationRule::IfAvailable, ..ValidationPolicy::default() };
//! // `ValidationPolicy::default()`, as the tool has it, unless you want less or more.
//! let input = Input::open(&signed)?.with_content(&notes)?;
//! let material = Material::trusting([root])?;
//! let fetch = Cached::in_memory(HttpFetch(UreqClient::default())); // for many files, one for all
//! let now = SystemClock.now();
//!
//! let facts = gather(&input, material, now, Some(&fetch))?; // `None`: nothing from the network
//! let verdict = verdict(&facts, &policy, now);
//! let report = Report::new("notes.txt.p7s", &facts, &verdict);
//! print!("{}", report.to_text());
//!
//! assert_eq!(verdict.indication, Some(Indication::TotalPassed), "{}", report.to_text());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`validate::SignatureVerdict`] has the sub-indication, the time that is proven, the chain, and why not:
//! each with a stable code, a sentence and what would change it. What is inside of a file without a verdict is
//! in [`validate::Facts`]; its ASN.1 comes from [`validate::signature_structures`] and [`pki_asn1::dump`].
//!
//! # And the rest
//!
//! | to | there is |
//! | --- | --- |
//! | sign at level B-LT or B-LTA at once | [`pades::sign_pdf_long_term`], [`cades::sign_long_term`], [`asic::sign_asic_long_term`] |
//! | have the content inside a CAdES signature | [`cades::sign_attached`] |
//! | sign beside or over a signature that is there | [`cades::add_signature`], [`cades::countersign`] |
//! | put files and signature into one container | [`asic::sign_asic`] |
//! | show the signature on a page | [`pades::PadesOptions::appearance`], drawn by the crate `pdf-seal` |
//! | declare a policy, a commitment, a place | [`cades::attributes::SignedProperties`] |
//! | sign with a service (CSC API) | the crate `csc-client`: its signer is an [`hsm_pkcs11::Signer`] |
//! | judge by rules of one's own | [`validate::PolicyFile`], [`validate::ValidationPolicy`] |
//! | say it in French, as HTML, or as the XML of TS 119 102-2 | [`report::Report`] and its [`report::Language`] |
//! | trust whom states trust, and learn what is qualified | [`evidence::Material::trust_lists`], the crate `trust-lists` |
//! | check an archive's evidence record (RFC 4998) | [`validate::gather_record`] |
//! | sign many documents | one [`cms::build::CmsSigner`], which threads may share |
//!
//! # Whole programs
//!
//! `examples/` has three short ones that run: `sign_pdf`, `sign_apart` and `verify`.
//!
//! Errors are typed; each has a `hint()` with what to do about it. Nothing that a file drives is
//! unbounded, and secrets are in no error and no `Debug`.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod asic;
pub mod cades;
pub mod cms;
mod encoding;
pub mod evidence;
pub mod evidence_record;
pub mod extend;
pub mod net;
pub mod pades;
pub mod report;
pub mod text;
pub mod tsp;
pub mod validate;
mod xml;
