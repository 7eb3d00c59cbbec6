//! Time-Stamp Protocol (RFC 3161 section 2.4, RFC 5816) types.

use const_oid::ObjectIdentifier;
use der::asn1::{Any, BitString, GeneralizedTime, Int, OctetString};
use der::{Sequence, ValueOrd};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::name::GeneralName;

/// `MessageImprint` as defined in RFC 3161 section 2.4.1.
#[derive(Clone, Debug, Eq, PartialEq, Sequence, ValueOrd)]
pub struct MessageImprint {
    /// How the data was hashed.
    pub hash_algorithm: AlgorithmIdentifierOwned,
    /// The hash of the data.
    pub hashed_message: OctetString,
}

/// `TimeStampReq` as defined in RFC 3161 section 2.4.1.
///
/// ```text
/// TimeStampReq ::= SEQUENCE {
///     version        INTEGER { v1(1) },
///     messageImprint MessageImprint,
///     reqPolicy      TSAPolicyId OPTIONAL,
///     nonce          INTEGER OPTIONAL,
///     certReq        BOOLEAN DEFAULT FALSE,
///     extensions [0] IMPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct TimeStampReq {
    /// 1
    pub version: u8,
    /// What is to be time-stamped.
    pub message_imprint: MessageImprint,
    /// The policy wanted.
    pub req_policy: Option<ObjectIdentifier>,
    /// Echoed in the answer.
    pub nonce: Option<Int>,
    /// Whether the TSU's certificate is to be included.
    #[asn1(default = "Default::default")]
    pub cert_req: bool,
    /// Extensions, each of which the TSA must know.
    #[asn1(
        context_specific = "0",
        optional = "true",
        tag_mode = "IMPLICIT",
        constructed = "true"
    )]
    pub extensions: Option<Extensions>,
}

/// `TimeStampResp` as defined in RFC 3161 section 2.4.2.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct TimeStampResp {
    /// Whether it was granted.
    pub status: PkiStatusInfo,
    /// The token, a CMS `ContentInfo`; kept as received.
    pub time_stamp_token: Option<Any>,
}

/// `PKIStatusInfo` as defined in RFC 3161 section 2.4.2.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct PkiStatusInfo {
    /// See [`PkiStatus`].
    pub status: u8,
    /// Text for people.
    pub status_string: Option<Vec<String>>,
    /// Bits as in [`PkiFailureInfo`].
    pub fail_info: Option<BitString>,
}

/// `PKIStatus` as defined in RFC 3161 section 2.4.2.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum PkiStatus {
    Granted = 0,
    GrantedWithMods = 1,
    Rejection = 2,
    Waiting = 3,
    RevocationWarning = 4,
    RevocationNotification = 5,
}

/// `PKIFailureInfo` as defined in RFC 3161 section 2.4.2: bit positions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum PkiFailureInfo {
    /// Unrecognised or unsupported algorithm.
    BadAlg = 0,
    /// Transaction not permitted or supported.
    BadRequest = 2,
    /// The data submitted has the wrong format.
    BadDataFormat = 5,
    /// The TSA's time source is not available.
    TimeNotAvailable = 14,
    /// The requested policy is not supported.
    UnacceptedPolicy = 15,
    /// The requested extension is not supported.
    UnacceptedExtension = 16,
    /// The additional information requested could not be understood.
    AddInfoNotAvailable = 17,
    /// The request cannot be handled due to system failure.
    SystemFailure = 25,
}

impl PkiFailureInfo {
    /// All of them, for reading.
    pub const ALL: [Self; 8] = [
        Self::BadAlg,
        Self::BadRequest,
        Self::BadDataFormat,
        Self::TimeNotAvailable,
        Self::UnacceptedPolicy,
        Self::UnacceptedExtension,
        Self::AddInfoNotAvailable,
        Self::SystemFailure,
    ];

    /// The RFC's name of the bit.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BadAlg => "badAlg",
            Self::BadRequest => "badRequest",
            Self::BadDataFormat => "badDataFormat",
            Self::TimeNotAvailable => "timeNotAvailable",
            Self::UnacceptedPolicy => "unacceptedPolicy",
            Self::UnacceptedExtension => "unacceptedExtension",
            Self::AddInfoNotAvailable => "addInfoNotAvailable",
            Self::SystemFailure => "systemFailure",
        }
    }

    /// As the DER named-bit-list: trailing zero bits removed (X.690 clause 11.2.2).
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn to_bit_string(self) -> der::Result<BitString> {
        let bit = self as usize;
        let mut bytes = vec![0u8; bit / 8 + 1];
        if let Some(last) = bytes.last_mut() {
            *last = 0x80 >> (bit % 8);
        }
        BitString::new(7 - (bit % 8) as u8, bytes)
    }

    /// The first known bit that is set.
    #[must_use]
    pub fn from_bit_string(bits: &BitString) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|info| bits.bits().nth(*info as usize) == Some(true))
    }
}

/// `Accuracy` as defined in RFC 3161 section 2.4.2.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct Accuracy {
    /// Whole seconds.
    pub seconds: Option<u64>,
    /// 1 to 999 milliseconds.
    #[asn1(context_specific = "0", optional = "true", tag_mode = "IMPLICIT")]
    pub millis: Option<u16>,
    /// 1 to 999 microseconds.
    #[asn1(context_specific = "1", optional = "true", tag_mode = "IMPLICIT")]
    pub micros: Option<u16>,
}

/// `TSTInfo` as defined in RFC 3161 section 2.4.2, for writing and for well-formed tokens.
///
/// ```text
/// TSTInfo ::= SEQUENCE  {
///     version        INTEGER  { v1(1) },
///     policy         TSAPolicyId,
///     messageImprint MessageImprint,
///     serialNumber   INTEGER,
///     genTime        GeneralizedTime,
///     accuracy       Accuracy      OPTIONAL,
///     ordering       BOOLEAN DEFAULT FALSE,
///     nonce          INTEGER       OPTIONAL,
///     tsa        [0] EXPLICIT GeneralName OPTIONAL,
///     extensions [1] IMPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct TstInfo {
    /// 1
    pub version: u8,
    /// Under which policy the token was made.
    pub policy: ObjectIdentifier,
    /// What was time-stamped, as in the request.
    pub message_imprint: MessageImprint,
    /// Unique per TSA, up to 160 bits.
    pub serial_number: Int,
    /// The time; whole seconds in what we write, fractions accepted in what we read.
    pub gen_time: GenTime,
    /// How far `gen_time` may be off.
    pub accuracy: Option<Accuracy>,
    /// Whether tokens of this TSA can be ordered by time alone.
    #[asn1(default = "Default::default")]
    pub ordering: bool,
    /// Echo of the request.
    pub nonce: Option<Int>,
    /// The TSA's name, one of its certificate's subject names.
    #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
    pub tsa: Option<GeneralName>,
    /// qcStatements and others.
    #[asn1(
        context_specific = "1",
        optional = "true",
        tag_mode = "IMPLICIT",
        constructed = "true"
    )]
    pub extensions: Option<Extensions>,
}

/// `GeneralizedTime` that may carry a fraction of a second, which RFC 3161 section 2.4.2 allows and
/// other PKIX structures forbid. The fraction is dropped on reading; none is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GenTime(pub GeneralizedTime);

impl der::FixedTag for GenTime {
    const TAG: der::Tag = der::Tag::GeneralizedTime;
}

impl<'a> der::DecodeValue<'a> for GenTime {
    type Error = der::Error;

    fn decode_value<R: der::Reader<'a>>(reader: &mut R, header: der::Header) -> der::Result<Self> {
        let bytes = reader.read_vec(header.length())?;
        let whole = match bytes.split_last_chunk::<1>() {
            Some((digits, b"Z")) => digits,
            _ => return Err(der::Tag::GeneralizedTime.value_error().into()),
        };
        let mut text = match whole.iter().position(|b| *b == b'.') {
            // X.690 clause 11.7.3: at least one digit, no trailing zero; read generously.
            Some(dot)
                if whole.len() - dot > 1 && whole[dot + 1..].iter().all(u8::is_ascii_digit) =>
            {
                whole[..dot].to_vec()
            }
            Some(_) => return Err(der::Tag::GeneralizedTime.value_error().into()),
            None => whole.to_vec(),
        };
        text.push(b'Z');
        let length = der::Length::try_from(text.len())?;
        let mut inner = der::SliceReader::new(&text)?;
        let header = der::Header::new(der::Tag::GeneralizedTime, length);
        Ok(Self(GeneralizedTime::decode_value(&mut inner, header)?))
    }
}

impl der::EncodeValue for GenTime {
    fn value_len(&self) -> der::Result<der::Length> {
        self.0.value_len()
    }

    fn encode_value(&self, writer: &mut impl der::Writer) -> der::Result<()> {
        self.0.encode_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::{Decode, Encode};

    #[test]
    fn fractions_of_a_second_do_not_make_a_token_unreadable() {
        let der = b"\x18\x1320261121120000.123Z";
        let t = GenTime::from_der(der).unwrap();
        assert_eq!(t.to_der().unwrap(), b"\x18\x0f20261121120000Z");
        assert!(GenTime::from_der(b"\x18\x1020261121120000.Z").is_err());
    }

    #[test]
    fn failure_bits_are_a_named_bit_list() {
        let bits = PkiFailureInfo::SystemFailure.to_bit_string().unwrap();
        assert_eq!(
            bits.to_der().unwrap(),
            hex::decode("030506")
                .unwrap()
                .into_iter()
                .chain([0, 0, 0, 0x40])
                .collect::<Vec<_>>()
        );
        assert_eq!(
            PkiFailureInfo::from_bit_string(&bits),
            Some(PkiFailureInfo::SystemFailure)
        );
        assert_eq!(
            PkiFailureInfo::BadAlg
                .to_bit_string()
                .unwrap()
                .to_der()
                .unwrap(),
            hex::decode("03020780").unwrap()
        );
    }
}
