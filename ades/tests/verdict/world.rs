//! Authorities whose certificates begin and end on any day, and signatures made and judged on others:
//! all times are days since 2027-01-01.

use std::io::Cursor;
use std::sync::Arc;

use ades::cades::{CadesOptions, extend_cms, sign_attached};
use ades::cms::build::CmsSigner;
use ades::evidence::{Collector, Material};
use ades::extend::{ExtendOptions, Services, Target};
use ades::tsp::{TimeStamper, Token, TspError};
use ades::validate::{Facts, Input, ValidationPolicy, Verdict, gather, verdict};
use der::Encode;
use der::asn1::{Int, OctetString};
use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use pdf_file::{MemorySource, OpenOptions, Source};
use pki_asn1::tsp::{Accuracy, GenTime, MessageImprint, TstInfo};
use pki_asn1::{Certificate, CertificateList, Clock, ManualClock, UnixTime, oid};
use pki_crypto::{Digest, DigestAlgorithm, KeyKind, PublicKey};
use pki_path::TrustAnchor;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension, DnType,
    IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PublicKeyData, RevocationReason,
    RevokedCertParams, SerialNumber,
};

pub const CONTENT: &[u8] = b"what is signed\n";

/// Midnight of a day.
pub fn day(number: u32) -> UnixTime {
    "2027-01-01T00:00:00Z"
        .parse::<UnixTime>()
        .unwrap()
        .plus_days(number)
}

macro_rules! as_rcgen_writes_it {
    ($number:expr) => {{
        let text = day($number).to_string();
        let part = |range: core::ops::Range<usize>| text[range].parse::<u16>().unwrap();
        rcgen::date_time_ymd(part(0..4).into(), part(5..7) as u8, part(8..10) as u8)
    }};
}

/// A certificate authority.
pub struct Ca {
    name: String,
    pub certificate: Certificate,
    params: CertificateParams,
    key: KeyPair,
}

/// Which curve an authority and those below it use.
#[derive(Clone, Copy)]
pub enum Curve {
    P256,
    P384,
}

impl Curve {
    fn rcgen(self) -> &'static rcgen::SignatureAlgorithm {
        match self {
            Self::P256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            Self::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
        }
    }

    fn spec(self) -> KeySpec {
        match self {
            Self::P256 => KeySpec::P256,
            Self::P384 => KeySpec::P384,
        }
    }
}

/// From which day to which.
pub type Days = core::ops::Range<u32>;

fn params(name: &str, days: &Days) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = as_rcgen_writes_it!(days.start);
    params.not_after = as_rcgen_writes_it!(days.end);
    params.use_authority_key_identifier_extension = true;
    params
}

fn ca_params(name: &str, days: &Days) -> CertificateParams {
    let mut params = params(name, days);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn parsed(certificate: &rcgen::Certificate) -> Certificate {
    Certificate::from_der(certificate.der().to_vec()).unwrap()
}

impl Ca {
    pub fn root(name: &str, days: Days, curve: Curve) -> Self {
        let params = ca_params(name, &days);
        let key = KeyPair::generate_for(curve.rcgen()).unwrap();
        let certificate = parsed(&params.self_signed(&key).unwrap());
        Self {
            name: name.to_owned(),
            certificate,
            params,
            key,
        }
    }

    pub fn below(&self, name: &str, days: Days, curve: Curve) -> Self {
        let params = ca_params(name, &days);
        let key = KeyPair::generate_for(curve.rcgen()).unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = parsed(&params.signed_by(&key, &issuer).unwrap());
        Self {
            name: name.to_owned(),
            certificate,
            params,
            key,
        }
    }

    /// Another certificate for the key of an authority.
    pub fn certified(&self, other: &Self, days: Days) -> Certificate {
        let params = ca_params(&other.name, &days);
        let issuer = Issuer::from_params(&self.params, &self.key);
        parsed(&params.signed_by(&other.key, &issuer).unwrap())
    }

    /// A signer, whose signatures bring the authority's certificate along.
    pub fn signer(&self, name: &str, days: Days, curve: Curve) -> CmsSigner {
        self.signer_with(name, days, curve, |_| {})
    }

    pub fn signer_with(
        &self,
        name: &str,
        days: Days,
        curve: Curve,
        edit: impl FnOnce(&mut CertificateParams),
    ) -> CmsSigner {
        let key = SoftwareKey::generate(curve.spec()).unwrap();
        let mut params = params(name, &days);
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::ContentCommitment,
        ];
        edit(&mut params);
        let issuer = Issuer::from_params(&self.params, &self.key);
        let public = Public(key.public_key().clone());
        let certificate = parsed(&params.signed_by(&public, &issuer).unwrap());
        let above = std::slice::from_ref(&self.certificate);
        let signer = CmsSigner::new(Arc::new(key), certificate, above).unwrap();
        // What is strong is so throughout.
        match curve {
            Curve::P256 => signer,
            Curve::P384 => signer
                .with_certificate_digest(DigestAlgorithm::Sha384)
                .unwrap(),
        }
    }

    /// A time-stamping unit, with a clock of its own.
    pub fn unit(&self, name: &str, days: Days, curve: Curve) -> Unit {
        let signer = self.signer_with(name, days, curve, |params| {
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            let usage = b"\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x08".to_vec();
            let mut usage = CustomExtension::from_oid_content(&[2, 5, 29, 37], usage);
            usage.set_criticality(true);
            params.custom_extensions.push(usage);
        });
        Unit {
            signer,
            clock: Arc::new(ManualClock::new(day(0))),
            accuracy: None,
        }
    }

    /// A CRL of these days with the certificates that were revoked on theirs.
    pub fn crl(
        &self,
        days: Days,
        revoked: &[(&Certificate, u32, RevocationReason)],
    ) -> CertificateList {
        let params = CertificateRevocationListParams {
            this_update: as_rcgen_writes_it!(days.start),
            next_update: as_rcgen_writes_it!(days.end),
            crl_number: SerialNumber::from(u64::from(days.start) + 1),
            issuing_distribution_point: None,
            revoked_certs: revoked
                .iter()
                .map(|(certificate, at, reason)| RevokedCertParams {
                    serial_number: SerialNumber::from_slice(certificate.serial()),
                    revocation_time: as_rcgen_writes_it!(*at),
                    reason_code: Some(*reason),
                    invalidity_date: None,
                })
                .collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let issuer = Issuer::from_params(&self.params, &self.key);
        let crl = params.signed_by(&issuer).unwrap();
        CertificateList::from_der(crl.der().to_vec()).unwrap()
    }
}

/// A public key as rcgen wants it.
struct Public(PublicKey);

impl PublicKeyData for Public {
    fn der_bytes(&self) -> &[u8] {
        self.0.bits()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.0.kind() {
            KeyKind::EcP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            _ => &rcgen::PKCS_ECDSA_P256_SHA256,
        }
    }
}

/// A time-stamping unit.
pub struct Unit {
    pub signer: CmsSigner,
    clock: Arc<ManualClock>,
    /// By how many seconds its tokens say that they may be off.
    pub accuracy: Option<u64>,
}

impl Unit {
    /// The unit, when it is this day.
    pub fn on(&self, number: u32) -> &Self {
        self.clock.set(day(number));
        self
    }

    /// A token over these octets.
    pub fn token(&self, number: u32, octets: &[u8]) -> Vec<u8> {
        let imprint = self.on(number).signer.digest_algorithm().digest(octets);
        self.time_stamp(&imprint).unwrap().der().to_vec()
    }
}

impl TimeStamper for Unit {
    fn time_stamp(&self, imprint: &Digest) -> Result<Token, TspError> {
        let info = TstInfo {
            version: 1,
            policy: oid::POLICY_BTSP,
            message_imprint: MessageImprint {
                hash_algorithm: imprint.algorithm().identifier_with_null(),
                hashed_message: OctetString::new(imprint.as_bytes()).unwrap(),
            },
            serial_number: Int::new(&[1]).unwrap(),
            gen_time: GenTime(self.clock.now().to_generalized()),
            accuracy: self.accuracy.map(|seconds| Accuracy {
                seconds: Some(seconds),
                millis: None,
                micros: None,
            }),
            ordering: false,
            nonce: None,
            tsa: None,
            extensions: None,
        };
        let info = info.to_der().unwrap();
        let digest = self.signer.digest_algorithm().digest(&info);
        let signed = self.signer.sign(oid::CT_TST_INFO, &digest, &[]).unwrap();
        Ok(Token::verify(signed.attached(&info), imprint).unwrap())
    }

    fn expected_len(&self) -> usize {
        4096
    }
}

/// Level B-B, or B-T with a unit, signed on a day.
pub fn sign(signer: &CmsSigner, number: u32, unit: Option<&Unit>) -> Vec<u8> {
    let options = CadesOptions::new(day(number));
    sign_as(signer, &options, unit)
}

pub fn sign_as(signer: &CmsSigner, options: &CadesOptions, unit: Option<&Unit>) -> Vec<u8> {
    let mut out = Vec::new();
    let unit = unit.map(|u| u as &dyn TimeStamper);
    sign_attached(&mut Cursor::new(CONTENT), &mut out, signer, options, unit).unwrap();
    out
}

/// What is at hand: whom one trusts, and revocation data.
pub fn material(anchors: &[&Ca], crls: &[CertificateList]) -> Material {
    let mut material = Material::default();
    for anchor in anchors {
        let anchor = TrustAnchor::from_certificate(anchor.certificate.clone()).unwrap();
        material.anchors.push(anchor);
    }
    for crl in crls {
        material.evidence.add_crl(crl.clone());
    }
    material
}

/// Raises a signature, when it is this day.
pub fn extend(file: &[u8], number: u32, to: Target, unit: &Unit, material: Material) -> Vec<u8> {
    let clock = Arc::new(ManualClock::new(day(number)));
    let collector = Collector::offline().with_clock(clock.clone());
    let policy = ValidationPolicy::default();
    let services = Services {
        collector: &collector,
        time_stamper: Some(unit.on(number)),
        policy: &policy,
        clock: &*clock,
    };
    let mut out = Vec::new();
    extend_cms(
        &source(file),
        None,
        &mut out,
        material,
        &services,
        &ExtendOptions::new(to),
    )
    .unwrap();
    out
}

fn source(bytes: &[u8]) -> Arc<dyn Source> {
    Arc::new(MemorySource::new(bytes.to_vec()))
}

/// Judged on a day, without a network.
pub fn judge(
    file: &[u8],
    number: u32,
    material: Material,
    policy: &ValidationPolicy,
) -> (Facts, Verdict) {
    let input = Input {
        source: source(file),
        content: None,
        pdf_options: OpenOptions::new(),
    };
    let facts = gather(&input, material, day(number), None).unwrap();
    let verdict = verdict(&facts, policy, day(number));
    (facts, verdict)
}
