//! Time-stamps over checkpoints (RFC 3161): what a token says. Whether its authority is one to
//! believe is for a [`TimeStampCheck`] to say, as this crate validates no CMS.

use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use der::Decode as _;
use der::asn1::OctetString;
use pki_asn1::tsp::TstInfo;
use pki_asn1::{UnixTime, oid};
use pki_crypto::{Digest, DigestAlgorithm};

/// Octets of a token at most.
pub const MAX_TOKEN: usize = 1 << 20;

/// Checks who made a token.
pub trait TimeStampCheck {
    /// Whether the token is signed, over `imprint`, by a time-stamping unit that is trusted.
    ///
    /// # Errors
    /// Why it is not, in words.
    fn check(&self, token: &[u8], imprint: &Digest) -> Result<(), String>;
}

/// What a token says.
#[derive(Clone, Debug)]
pub struct Stamp {
    imprint: Vec<u8>,
    /// genTime, whole seconds.
    pub time: UnixTime,
}

impl Stamp {
    /// Reads a token (DER `ContentInfo`).
    ///
    /// # Errors
    /// Why it is no token over a SHA-256 imprint.
    pub fn read(token: &[u8]) -> Result<Self, &'static str> {
        if token.len() > MAX_TOKEN {
            return Err("it is longer than any token");
        }
        let info = ContentInfo::from_der(token).map_err(|_| "it is no CMS ContentInfo")?;
        if info.content_type != oid::CT_SIGNED_DATA {
            return Err("it is no CMS SignedData");
        }
        let data: SignedData = info
            .content
            .decode_as()
            .map_err(|_| "its SignedData is malformed")?;
        if data.encap_content_info.econtent_type != oid::CT_TST_INFO {
            return Err("its content is no TSTInfo");
        }
        let content = data
            .encap_content_info
            .econtent
            .ok_or("its content is missing")?
            .decode_as::<OctetString>()
            .map_err(|_| "its content is malformed")?;
        let content =
            TstInfo::from_der(content.as_bytes()).map_err(|_| "its TSTInfo is malformed")?;
        if content.message_imprint.hash_algorithm.oid != DigestAlgorithm::Sha256.oid() {
            return Err("its imprint is not SHA-256");
        }
        Ok(Self {
            imprint: content.message_imprint.hashed_message.as_bytes().to_vec(),
            time: content.gen_time.0.into(),
        })
    }

    /// Whether it is over what has this SHA-256.
    #[must_use]
    pub fn is_over(&self, digest: &Digest) -> bool {
        digest.algorithm() == DigestAlgorithm::Sha256 && digest.as_bytes() == self.imprint
    }
}
