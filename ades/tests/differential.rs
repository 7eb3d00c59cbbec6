//! Thousands of CMS signatures that openssl made, whole and with changed octets, judged by us and by libcrypto in one
//! resident process. Where the two differ there has to be a reason that is listed here and in `docs/DIVERGENCES.md`;
//! a signature that we accept and libcrypto refuses is the one that was made, octet by octet, but for what nobody signs.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use ades::cms::parse::SignedData;
use ades::validate::{Facts, GatherError};
use common::openssl::{Openssl, judge};
use pki_asn1::{Clock, SystemClock};
use pki_crypto::{DigestAlgorithm, PublicKey, SignatureAlgorithm};

const CONTENT: &[u8] = b"An agreement, with its parties,\r\nits object and its price.\r\n";
/// Which octets are changed how.
const SEED: u64 = 0x5ce4;
/// Octets changed in each signature, beside the one in which every octet is.
const CHANGED: usize = 40;
/// Taken for a reason only where signatureAlgorithm was changed.
const OTHER_ALGORITHM: &str = "the signature value does not fit";
/// Why we refuse what libcrypto accepts: the beginning of our reason, and why it is right.
const STRICTER: [(&str, &str); 11] = [
    (
        "the signer's certificate is not at hand",
        "the certificate among those in the signature is not well-formed DER any more",
    ),
    (
        "the content-type attribute does not name",
        "RFC 5652 section 11.1: eContentType was changed, the signed attribute was not",
    ),
    (
        "signature algorithm",
        "signatureAlgorithm names one that nobody knows; libcrypto goes by the key",
    ),
    (
        "the signing-certificate attribute names another certificate",
        "RFC 5035 section 5: the certificate was changed; libcrypto asks with -cades only",
    ),
    (
        "signed attributes are missing although",
        "RFC 5652 section 5.3: the content is not id-data",
    ),
    (
        "digest algorithm",
        "digestAlgorithm names one that nobody knows; libcrypto goes by digestAlgorithms",
    ),
    (
        "the CMS structure is malformed",
        "a tag or a length is not what RFC 5652 asks for; libcrypto passes over it",
    ),
    (
        "something else follows the signature",
        "octets after the signature would be taken for part of what was signed",
    ),
    (
        "public key is malformed",
        "RFC 5480 section 2.2: a point in one of two forms and no unused bits; libcrypto takes hybrid points",
    ),
    (
        "a SHA",
        "without signed attributes signatureAlgorithm and digestAlgorithm name one digest; libcrypto goes by one",
    ),
    (
        OTHER_ALGORITHM,
        "signatureAlgorithm was changed to another digest; libcrypto goes by digestAlgorithm",
    ),
];

/// A resident libcrypto.
struct Judge(Child);

impl Judge {
    fn start() -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/openssl_cms.py");
        let judge = Command::new("python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        match judge {
            Ok(judge) => Some(Self(judge)),
            Err(_) => {
                eprintln!("skipped: python3 not found");
                None
            }
        }
    }

    /// Whether libcrypto verifies it.
    fn accepts(&mut self, cms: &[u8], content: Option<&[u8]>) -> bool {
        let input = self.0.stdin.as_mut().unwrap();
        let mut frame = (cms.len() as u32).to_be_bytes().to_vec();
        frame.extend(cms);
        frame.extend(content.map_or(u32::MAX, |c| c.len() as u32).to_be_bytes());
        frame.extend(content.unwrap_or_default());
        input.write_all(&frame).unwrap();
        input.flush().unwrap();
        let mut answer = [0];
        self.0
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut answer)
            .unwrap();
        answer == [b'y']
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// `Ok` where every signature fits and has nothing wrong with it, apart from certificates and time.
fn ours(cms: &[u8], content: Option<&[u8]>) -> Result<(), String> {
    let facts = match judge(cms, content, Default::default(), SystemClock.now()) {
        Ok((facts, _)) => facts,
        // What keeps it from being read, not what it is taken for.
        Err(GatherError::NotSigned(e)) => return Err(e.to_string()),
        Err(e) => return Err(e.to_string()),
    };
    reason(&facts).map_or(Ok(()), Err)
}

fn reason(facts: &Facts) -> Option<String> {
    use ades::validate::Check;
    if facts.signatures.is_empty() {
        return Some("there is no signature".into());
    }
    facts.signatures.iter().find_map(|one| {
        if let Some(problem) = one.format_problems.first() {
            return Some(problem.to_string());
        }
        let signer = one.signer.as_ref()?;
        for check in [&signer.digest, &signer.signature] {
            if let Check::Failed(why) | Check::NotPossible(why) = check {
                return Some(why.to_string());
            }
        }
        let attribute = signer.attribute;
        if attribute == ades::validate::SigningCertificateAttribute::Mismatch {
            return Some("the signing-certificate attribute names another certificate".into());
        }
        signer.problems.first().map(ToString::to_string)
    })
}

/// What a signature is of and whose it is.
fn essence(cms: &[u8]) -> Option<String> {
    let data = SignedData::parse(cms).ok()?;
    let signers = data.signers.iter().map(|s| {
        let certificate = data.certificates.iter().find(|c| s.is_named(c));
        let key = certificate.and_then(|c| PublicKey::from_spki_der(c.spki_der()).ok());
        let key = key.map(|key| hex::encode(key.bits()));
        let attributes = s.signed_attributes_der.as_deref().map(hex::encode);
        // Some old products name a signature algorithm in its place, which libcrypto does not take.
        let digest = DigestAlgorithm::from_oid(&s.digest_algorithm.oid).or_else(|| {
            let named = SignatureAlgorithm::from_identifier(&s.digest_algorithm);
            named.ok()?.digest()
        });
        format!(
            "{key:?} {attributes:?} {digest:?} {}",
            hex::encode(&s.signature)
        )
    });
    let signers: Vec<String> = signers.collect();
    Some(format!("{:?} {signers:?}", data.content))
}

fn algorithms(cms: &[u8]) -> Vec<String> {
    let signers = SignedData::parse(cms).map_or_else(|_| Vec::new(), |data| data.signers);
    let each = signers.iter();
    each.map(|s| s.signature_algorithm.oid.to_string())
        .collect()
}

struct Case {
    name: String,
    cms: Vec<u8>,
    content: Option<&'static [u8]>,
}

/// Keys by name and what `genpkey` makes them of.
fn keys(openssl: &Openssl) -> Vec<(String, Vec<&'static str>)> {
    const SHA2: [&str; 2] = ["sha256", "sha512"];
    let mut keys = Vec::new();
    let mut add = |name: &str, generate: &str, digests: &[&'static str]| {
        openssl.signer(name, generate);
        keys.push((name.to_owned(), digests.to_vec()));
    };
    for bits in ["1024", "2048"] {
        add(
            &format!("rsa{bits}"),
            &format!("RSA -pkeyopt rsa_keygen_bits:{bits}"),
            &[
                "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3-256",
            ],
        );
    }
    add(
        "rsa-e",
        "RSA -pkeyopt rsa_keygen_bits:1536 -pkeyopt rsa_keygen_pubexp:4294967297",
        &SHA2,
    );
    for curve in [
        "P-256",
        "P-384",
        "P-521",
        "prime192v1",
        "secp224r1",
        "secp256k1",
        "brainpoolP160r1",
        "brainpoolP224t1",
        "brainpoolP256r1",
        "brainpoolP256t1",
        "brainpoolP320r1",
        "brainpoolP384r1",
        "brainpoolP384t1",
        "brainpoolP512r1",
        "brainpoolP512t1",
    ] {
        add(
            &format!("ec-{curve}"),
            &format!("EC -pkeyopt ec_paramgen_curve:{curve}"),
            &["sha1", "sha256", "sha512"],
        );
    }
    for (name, options) in [
        (
            "dsa1024",
            "-pkeyopt dsa_paramgen_bits:1024 -pkeyopt dsa_paramgen_q_bits:160",
        ),
        (
            "dsa2048",
            "-pkeyopt dsa_paramgen_bits:2048 -pkeyopt dsa_paramgen_q_bits:256",
        ),
    ] {
        openssl.run(&format!(
            "genpkey -genparam -algorithm DSA {options} -out {name}.parameters"
        ));
        openssl.run(&format!(
            "genpkey -paramfile {name}.parameters -out {name}.key"
        ));
        openssl.certify(name, "ext");
        keys.push((name.to_owned(), vec!["sha1", "sha256"]));
    }
    keys
}

fn cases(openssl: &Openssl) -> Vec<Case> {
    openssl.write("content", CONTENT);
    let mut cases = Vec::new();
    let mut make = |name: &str, signer: &str, options: &str| {
        let line =
            format!("cms -sign -binary -in content -outform DER -out out.cms {signer} {options}");
        openssl.run(line.trim_end());
        let attached = options.contains("nodetach");
        cases.push(Case {
            name: format!("{name} {options}"),
            cms: openssl.read("out.cms"),
            content: (!attached).then_some(CONTENT),
        });
    };
    let signer = |name: &str| format!("-signer {name}.pem -inkey {name}.key");
    for (at, (name, digests)) in keys(openssl).iter().enumerate() {
        for digest in digests {
            make(name, &signer(name), &format!("-md {digest}"));
        }
        let forms = [
            "-nodetach",
            "-noattr",
            "-nodetach -noattr",
            "-keyid",
            "-nodetach -stream",
            "-nocerts",
            "-nosmimecap -cades",
            "-nodetach -stream -noattr -keyid",
        ];
        // Every form with one key of each kind, and for the others one after the other.
        let all = matches!(name.as_str(), "rsa2048" | "ec-P-256" | "dsa1024");
        for (_, form) in forms
            .iter()
            .enumerate()
            .filter(|(n, _)| all || n % 4 == at % 4)
        {
            if *form != "-nocerts" {
                make(name, &signer(name), form);
            }
        }
        if name.starts_with("rsa") {
            make(name, &signer(name), "-keyopt rsa_padding_mode:pss");
            make(
                name,
                &signer(name),
                "-nodetach -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:11",
            );
        }
    }
    let several = [signer("rsa2048"), signer("ec-P-256"), signer("dsa2048")].join(" ");
    for form in ["", "-nodetach", "-nodetach -stream", "-noattr"] {
        make("three signers", &several, form);
    }
    cases
}

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

#[test]
fn libcrypto_and_sceau_differ_without_a_reason() {
    let Some(mut libcrypto) = Judge::start() else {
        return;
    };
    let openssl = Openssl::new();
    let cases = cases(&openssl);
    let (mut count, mut both, mut wrong) = (0, 0, Vec::new());
    let mut stricter: BTreeMap<&str, usize> = BTreeMap::new();
    let mut laxer = 0;
    let mut numbers = Numbers(SEED);
    for case in &cases {
        // As it was made.
        count += 1;
        let (theirs, own) = (
            libcrypto.accepts(&case.cms, case.content),
            ours(&case.cms, case.content),
        );
        if !theirs || own.is_err() {
            wrong.push(format!(
                "{}: whole: libcrypto {theirs}, ours {own:?}",
                case.name
            ));
        }
        let every = case.name.starts_with("ec-P-256 -md sha256")
            || case.name.starts_with("rsa2048 -nodetach -stream");
        let positions: Vec<usize> = match every {
            true => (0..case.cms.len()).collect(),
            false => (0..CHANGED).map(|_| numbers.next(case.cms.len())).collect(),
        };
        let original = essence(&case.cms);
        for at in positions {
            let mut changed = case.cms.clone();
            match numbers.next(8) {
                0 => changed[at] = changed[at].wrapping_add(1),
                1 => changed[at] = 0,
                2 => {
                    changed.remove(at);
                }
                3 => changed.insert(at, 0),
                bit => changed[at] ^= 1 << bit,
            }
            if changed == case.cms {
                continue;
            }
            count += 1;
            let theirs = libcrypto.accepts(&changed, case.content);
            let own = ours(&changed, case.content);
            match (&own, theirs) {
                (Ok(()), true) => both += 1,
                (Err(_), false) => {}
                (Ok(()), false) => {
                    laxer += 1;
                    if essence(&changed) != original {
                        wrong.push(format!(
                            "{}: octet {at}: accepted, and libcrypto refuses it",
                            case.name
                        ));
                    }
                }
                (Err(why), true) => {
                    let row = STRICTER.iter().find(|(known, _)| why.starts_with(known));
                    let row = row.filter(|(known, _)| {
                        *known != OTHER_ALGORITHM || algorithms(&changed) != algorithms(&case.cms)
                    });
                    match row {
                        Some((known, _)) => *stricter.entry(known).or_default() += 1,
                        None => wrong.push(format!(
                            "{}: octet {at}: libcrypto accepts it, ours: {why}",
                            case.name
                        )),
                    }
                }
            }
            // Whoever accepts, what was accepted is what was signed.
            if own.is_ok() && essence(&changed) != original {
                wrong.push(format!(
                    "{}: octet {at}: accepted, and it is another signature",
                    case.name
                ));
            }
        }
        // Another content fails with both.
        if case.content.is_some() {
            count += 1;
            let other = Some(&b"Another price."[..]);
            if libcrypto.accepts(&case.cms, other) || ours(&case.cms, other).is_ok() {
                wrong.push(format!("{}: another content is accepted", case.name));
            }
        }
    }
    eprintln!(
        "{count} cases of {} signatures; accepted by both although changed: {both}; by us alone: {laxer}; by libcrypto alone: {stricter:?}",
        cases.len()
    );
    assert!(count > 4_000, "only {count} cases");
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
