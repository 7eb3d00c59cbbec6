//! `--digest`, `--rsa-padding` and `--algorithm`: what may be chosen about the algorithm.

use core::str::FromStr;

use clap::ValueEnum;
use hsm_pkcs11::{AlgorithmChoice, RsaPadding};
use pki_crypto::{DigestAlgorithm, SignatureAlgorithm, suites};

/// What the signature is computed with, where the key leaves a choice.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[command(next_help_heading = "Algorithm")]
pub(crate) struct AlgorithmArgs {
    /// The digest: sha256, sha384, sha512, sha3-256, sha3-384 or sha3-512. Default: the one that
    /// matches the key's strength
    #[arg(long, value_name = "DIGEST")]
    digest: Option<Digest>,

    /// The padding of an RSA signature. Default: pkcs1
    #[arg(long, value_enum, value_name = "PADDING")]
    rsa_padding: Option<Padding>,

    /// Everything at once: ecdsa-sha256, rsa-sha256, rsa-pss-sha256 (and other digests) or ed25519. A
    /// key that does not sign so is refused
    #[arg(long, value_name = "NAME", value_parser = parse, conflicts_with_all = ["digest", "rsa_padding"])]
    algorithm: Option<SignatureAlgorithm>,
}

impl AlgorithmArgs {
    /// `--algorithm`.
    pub(crate) fn exact(self) -> Option<SignatureAlgorithm> {
        self.algorithm
    }

    /// `--digest` and `--rsa-padding`.
    pub(crate) fn choice(self) -> AlgorithmChoice {
        AlgorithmChoice {
            digest: self.digest.map(|d| d.0),
            rsa: self.rsa_padding.map(|padding| match padding {
                Padding::Pkcs1 => RsaPadding::Pkcs1,
                Padding::Pss => RsaPadding::Pss,
            }),
        }
    }
}

/// A digest that may still be signed with.
#[derive(Clone, Copy, Debug)]
struct Digest(DigestAlgorithm);

impl FromStr for Digest {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        // SHA3-256 is written sha3-256, SHA-256 sha256 or sha-256.
        let plain = |name: &str| name.to_ascii_lowercase().replacen("sha-", "sha", 1);
        let known = DigestAlgorithm::ALL;
        let found = known.into_iter().find(|d| plain(d.name()) == plain(s));
        match found.map(|d| (d, suites::digest_last_use(d))) {
            Some((digest, None)) => Ok(Self(digest)),
            Some((digest, Some(end))) => Err(format!(
                "{digest} ended for signatures on {end} (TS 119 312); use sha256 or longer"
            )),
            None => {
                let usable = known
                    .into_iter()
                    .filter(|d| suites::digest_last_use(*d).is_none());
                let names: Vec<_> = usable.map(|d| plain(d.name())).collect();
                Err(format!("one of {}", names.join(", ")))
            }
        }
    }
}

/// `ecdsa-sha256`, `rsa-sha384`, `rsa-pss-sha3-512`, `ed25519` and so on.
fn parse(name: &str) -> Result<SignatureAlgorithm, String> {
    if name == "ed25519" {
        return Ok(SignatureAlgorithm::Ed25519);
    }
    type Family = fn(DigestAlgorithm) -> SignatureAlgorithm;
    let families = [
        ("ecdsa-", SignatureAlgorithm::Ecdsa as Family),
        ("rsa-pss-", SignatureAlgorithm::RsaPss),
        ("rsa-", SignatureAlgorithm::RsaPkcs1),
    ];
    for (prefix, family) in families {
        if let Some(digest) = name.strip_prefix(prefix) {
            return digest.parse::<Digest>().map(|d| family(d.0));
        }
    }
    Err("not one of ecdsa-sha256, rsa-sha256, rsa-pss-sha256 (each also with sha384, sha512 and SHA-3), ed25519".into())
}

/// `--rsa-padding`
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Padding {
    /// RSASSA-PKCS1-v1_5
    Pkcs1,
    /// RSASSA-PSS, with MGF1 over the same digest and a salt of its length
    Pss,
}
