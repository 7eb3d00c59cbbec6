//! Objects in tokens: private keys found by label and identifier, their public halves, what the
//! token says about their protection, and certificates.

use core::fmt;

use cryptoki::object::{
    Attribute, AttributeType, CertificateType, KeyType, ObjectClass, ObjectHandle,
};
use cryptoki::session::Session;
use der::asn1::{BitStringRef, OctetStringRef, UintRef};
use der::{Decode as _, Encode as _};
use pki_asn1::Certificate;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_crypto::suites::Retired;
use pki_crypto::{KeyKind, PublicKey};
use spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::token::Token;
use crate::token_error::TokenError;
use crate::uri::{ObjectType, Pkcs11Uri};

/// Most objects read from a token.
const MAX_OBJECTS: usize = 1000;
/// Most objects named in a message.
const MAX_NAMED: usize = 10;

/// What a token says about a private key: for the minutes of a key ceremony, and for the question
/// whether a key really is in a device. `None` where the token does not say.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct KeyAttributes {
    /// The token as an RFC 7512 URI.
    pub token: String,
    /// CKA_LABEL.
    pub label: String,
    /// CKA_ID.
    pub id: Vec<u8>,
    /// CKA_TOKEN: the key stays when the session ends.
    pub stored: Option<bool>,
    /// CKA_PRIVATE: the key is there only after a login.
    pub private: Option<bool>,
    /// CKA_SENSITIVE: the key cannot be read in plain text.
    pub sensitive: Option<bool>,
    /// CKA_ALWAYS_SENSITIVE: it never could.
    pub always_sensitive: Option<bool>,
    /// CKA_EXTRACTABLE: the key can be wrapped and carried away.
    pub extractable: Option<bool>,
    /// CKA_NEVER_EXTRACTABLE: it never could.
    pub never_extractable: Option<bool>,
    /// CKA_LOCAL: it was generated in the token, not imported.
    pub local: Option<bool>,
    /// CKA_SIGN: it may sign.
    pub sign: Option<bool>,
    /// CKA_DECRYPT: it may decrypt.
    pub decrypt: Option<bool>,
    /// CKA_ALWAYS_AUTHENTICATE: it wants the PIN for every signature.
    pub always_authenticate: Option<bool>,
}

impl KeyAttributes {
    /// Whether the token says that the key was made in it, is sensitive and has never been
    /// extractable.
    #[must_use]
    pub fn is_bound_to_token(&self) -> bool {
        self.stored == Some(true)
            && self.sensitive == Some(true)
            && self.always_sensitive == Some(true)
            && self.extractable == Some(false)
            && self.never_extractable == Some(true)
            && self.local == Some(true)
    }

    fn named(&self) -> [(&'static str, Option<bool>); 10] {
        [
            ("CKA_TOKEN", self.stored),
            ("CKA_PRIVATE", self.private),
            ("CKA_SENSITIVE", self.sensitive),
            ("CKA_ALWAYS_SENSITIVE", self.always_sensitive),
            ("CKA_EXTRACTABLE", self.extractable),
            ("CKA_NEVER_EXTRACTABLE", self.never_extractable),
            ("CKA_LOCAL", self.local),
            ("CKA_SIGN", self.sign),
            ("CKA_DECRYPT", self.decrypt),
            ("CKA_ALWAYS_AUTHENTICATE", self.always_authenticate),
        ]
    }

    /// The attributes that contradict what a new key is asked to be.
    pub(super) fn contradictions(&self) -> Vec<String> {
        let wanted = [
            ("CKA_TOKEN", true),
            ("CKA_PRIVATE", true),
            ("CKA_SENSITIVE", true),
            ("CKA_ALWAYS_SENSITIVE", true),
            ("CKA_EXTRACTABLE", false),
            ("CKA_NEVER_EXTRACTABLE", true),
            ("CKA_LOCAL", true),
            ("CKA_SIGN", true),
        ];
        self.named()
            .into_iter()
            .filter(|(name, is)| {
                wanted
                    .iter()
                    .any(|(n, should)| n == name && is.is_some_and(|is| is != *should))
            })
            .map(|(name, is)| format!("{name}={}", is.unwrap_or_default()))
            .collect()
    }
}

/// One attribute a line, as in the minutes of a ceremony.
impl fmt::Display for KeyAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id: String = self.id.iter().map(|b| format!("{b:02x}")).collect();
        writeln!(f, "token: {}", self.token)?;
        writeln!(f, "CKA_LABEL: {}", self.label)?;
        write!(f, "CKA_ID: {id}")?;
        for (name, value) in self.named() {
            let value = match value {
                Some(true) => "true",
                Some(false) => "false",
                None => "not told",
            };
            write!(f, "\n{name}: {value}")?;
        }
        Ok(())
    }
}

/// The template for the private keys a URI fits.
fn template(uri: &Pkcs11Uri, class: ObjectClass) -> Vec<Attribute> {
    let mut template = vec![Attribute::Class(class)];
    if let Some(label) = &uri.object {
        template.push(Attribute::Label(label.as_bytes().to_vec()));
    }
    if let Some(id) = &uri.id {
        template.push(Attribute::Id(id.clone()));
    }
    template
}

/// The one private key that fits `uri`; of several, the one with this public half. The caller holds the
/// token's gate.
pub(super) fn find_private_key(
    token: &Token,
    session: &Session,
    uri: &Pkcs11Uri,
    public: Option<&PublicKey>,
) -> Result<ObjectHandle, TokenError> {
    let wanted = || uri.without_query().to_string();
    if let Some(other) = uri.object_type.filter(|t| *t != ObjectType::Private) {
        return Err(TokenError::KeyCannotSign {
            key: wanted(),
            reason: format!("the URI asks for an object of another type ({other:?})"),
        });
    }
    let found = find(token, session, &template(uri, ObjectClass::PRIVATE_KEY))?;
    match found.as_slice() {
        [one] => Ok(*one),
        [] => {
            let all = find(
                token,
                session,
                &[Attribute::Class(ObjectClass::PRIVATE_KEY)],
            )?;
            Err(TokenError::KeyNotFound {
                wanted: wanted(),
                present: match all.len() {
                    0 => format!("{} holds no private key for this user", token.name),
                    _ => format!("there are {}", names(token, session, &all).join(", ")),
                },
            })
        }
        several => {
            let of_key = |key: &ObjectHandle| {
                let about = attributes(token, session, *key).ok()?;
                public_key(token, session, *key, &about, "").ok()
            };
            let mut meant = several
                .iter()
                .filter(|key| public.is_some_and(|p| of_key(key).is_some_and(|own| own == *p)));
            if let (Some(one), None) = (meant.next(), meant.next()) {
                return Ok(*one);
            }
            Err(TokenError::AmbiguousKey {
                wanted: wanted(),
                candidates: names(token, session, several),
                attribute: tells_apart(session, several),
            })
        }
    }
}

/// The attribute in which all of these keys differ.
fn tells_apart(session: &Session, keys: &[ObjectHandle]) -> Option<&'static str> {
    let differ = |kind: AttributeType| {
        let mut values: Vec<_> = keys
            .iter()
            .filter_map(|key| match read(session, *key, kind) {
                Some(Attribute::Label(value) | Attribute::Id(value)) => Some(value),
                _ => None,
            })
            .filter(|value| !value.is_empty())
            .collect();
        values.sort_unstable();
        values.dedup();
        values.len() == keys.len()
    };
    if differ(AttributeType::Id) {
        Some("id")
    } else {
        differ(AttributeType::Label).then_some("object")
    }
}

/// A key or certificate that has the label or the identifier of `uri`, as a name for a message.
pub(super) fn taken(
    token: &Token,
    session: &Session,
    label: &str,
    id: Option<&[u8]>,
) -> Result<Option<String>, TokenError> {
    for (class, what) in [
        (ObjectClass::PRIVATE_KEY, "a private key"),
        (ObjectClass::PUBLIC_KEY, "a public key"),
    ] {
        let label_taken = [
            Attribute::Class(class),
            Attribute::Label(label.as_bytes().to_vec()),
        ];
        if !find(token, session, &label_taken)?.is_empty() {
            return Ok(Some(format!("{what} labelled {label:?}")));
        }
        if let Some(id) = id {
            let id_taken = [Attribute::Class(class), Attribute::Id(id.to_vec())];
            if !find(token, session, &id_taken)?.is_empty() {
                return Ok(Some(format!("{what} with this id")));
            }
        }
    }
    Ok(None)
}

/// What the token says about a private key.
pub(super) fn attributes(
    token: &Token,
    session: &Session,
    key: ObjectHandle,
) -> Result<KeyAttributes, TokenError> {
    let read = session.get_attributes(
        key,
        &[
            AttributeType::Label,
            AttributeType::Id,
            AttributeType::Token,
            AttributeType::Private,
            AttributeType::Sensitive,
            AttributeType::AlwaysSensitive,
            AttributeType::Extractable,
            AttributeType::NeverExtractable,
            AttributeType::Local,
            AttributeType::Sign,
            AttributeType::Decrypt,
            AttributeType::AlwaysAuthenticate,
        ],
    );
    let mut out = KeyAttributes {
        token: token.name.clone(),
        ..KeyAttributes::default()
    };
    for attribute in read.map_err(|e| token.failed(&e))? {
        match attribute {
            Attribute::Label(v) => out.label = String::from_utf8_lossy(&v).into_owned(),
            Attribute::Id(v) => out.id = v,
            Attribute::Token(v) => out.stored = Some(v),
            Attribute::Private(v) => out.private = Some(v),
            Attribute::Sensitive(v) => out.sensitive = Some(v),
            Attribute::AlwaysSensitive(v) => out.always_sensitive = Some(v),
            Attribute::Extractable(v) => out.extractable = Some(v),
            Attribute::NeverExtractable(v) => out.never_extractable = Some(v),
            Attribute::Local(v) => out.local = Some(v),
            Attribute::Sign(v) => out.sign = Some(v),
            Attribute::Decrypt(v) => out.decrypt = Some(v),
            Attribute::AlwaysAuthenticate(v) => out.always_authenticate = Some(v),
            _ => {}
        }
    }
    Ok(out)
}

/// The mechanisms the key itself is limited to, where it is (CKA_ALLOWED_MECHANISMS).
pub(super) fn allowed_mechanisms(
    session: &Session,
    key: ObjectHandle,
) -> Option<Vec<cryptoki::mechanism::MechanismType>> {
    session
        .get_attributes(key, &[AttributeType::AllowedMechanisms])
        .ok()?
        .into_iter()
        .find_map(|a| match a {
            Attribute::AllowedMechanisms(list) if !list.is_empty() => Some(list),
            _ => None,
        })
}

/// The public half of a private key: from the private key object itself (RSA, or CKA_PUBLIC_KEY_INFO
/// of PKCS#11 2.40), from the public key object with the same identifier or label, or from a
/// certificate with the same identifier.
pub(super) fn public_key(
    token: &Token,
    session: &Session,
    key: ObjectHandle,
    about: &KeyAttributes,
    name: &str,
) -> Result<PublicKey, TokenError> {
    let missing = |reason: String| TokenError::NoPublicKey {
        key: name.to_owned(),
        reason,
    };
    let kind = read(session, key, AttributeType::KeyType);
    let Some(Attribute::KeyType(kind)) = kind else {
        return Err(missing("the token does not tell the key's type".into()));
    };
    let mut last = "the token holds neither the public key nor a certificate".to_owned();
    let mut objects = vec![key];
    for class in [ObjectClass::PUBLIC_KEY, ObjectClass::CERTIFICATE] {
        if !about.id.is_empty() {
            let by_id = [Attribute::Class(class), Attribute::Id(about.id.clone())];
            objects.extend(find(token, session, &by_id)?);
        }
        if !about.label.is_empty() {
            let label = Attribute::Label(about.label.as_bytes().to_vec());
            objects.extend(find(token, session, &[Attribute::Class(class), label])?);
        }
    }
    for object in objects {
        match spki_of(session, object, kind) {
            Ok(Some(spki)) => match PublicKey::in_use(&spki) {
                Ok(public) => return Ok(public),
                Err(error) => last = error.to_string(),
            },
            Ok(None) => {}
            Err(error) => last = error,
        }
    }
    Err(missing(last))
}

/// All X.509 certificates in the token (DER).
pub(super) fn certificates(token: &Token, session: &Session) -> Result<Vec<Vec<u8>>, TokenError> {
    let template = [
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::CertificateType(CertificateType::X_509),
    ];
    let found = find(token, session, &template)?;
    Ok(found
        .into_iter()
        .filter_map(|object| match read(session, object, AttributeType::Value) {
            Some(Attribute::Value(der)) if !der.is_empty() => Some(der),
            _ => None,
        })
        .collect())
}

/// The key of the only certificate among these that is not a CA's.
pub(super) fn only_certified_key(certificates: &[Vec<u8>]) -> Option<PublicKey> {
    let mut keys = certificates
        .iter()
        .filter_map(|der| Certificate::from_der(der.as_slice()).ok())
        .filter(|certificate| !certificate.is_ca())
        .map(|certificate| certificate.spki_der().to_vec());
    match (keys.next(), keys.next()) {
        (Some(spki), None) => PublicKey::in_use(&spki).ok(),
        _ => None,
    }
}

/// The DER of a named curve for CKA_EC_PARAMS, and for Ed25519 the same by OID.
pub(super) fn ec_params(kind: KeyKind) -> Option<Vec<u8>> {
    let curve = match kind {
        KeyKind::EcP256 => oid::SECP256R1,
        KeyKind::EcP384 => oid::SECP384R1,
        KeyKind::EcP521 => oid::SECP521R1,
        KeyKind::BrainpoolP256 => oid::BRAINPOOL_P256R1,
        KeyKind::BrainpoolP384 => oid::BRAINPOOL_P384R1,
        KeyKind::Ed25519 => oid::ED25519,
        KeyKind::Rsa { .. } | KeyKind::MlDsa(_) | KeyKind::Foreign(_) => return None,
    };
    curve.to_der().ok()
}

fn find(
    token: &Token,
    session: &Session,
    template: &[Attribute],
) -> Result<Vec<ObjectHandle>, TokenError> {
    session
        .iter_objects(template)
        .map_err(|e| token.failed(&e))?
        .take(MAX_OBJECTS)
        .collect::<Result<_, _>>()
        .map_err(|e| token.failed(&e))
}

fn names(token: &Token, session: &Session, objects: &[ObjectHandle]) -> Vec<String> {
    let mut out: Vec<_> = objects
        .iter()
        .take(MAX_NAMED)
        .map(|object| {
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
            Pkcs11Uri {
                object: match read(session, *object, AttributeType::Label) {
                    Some(Attribute::Label(label)) => Some(text(label)),
                    _ => None,
                },
                id: match read(session, *object, AttributeType::Id) {
                    Some(Attribute::Id(id)) => Some(id),
                    _ => None,
                },
                ..token.uri()
            }
            .to_string()
        })
        .collect();
    if objects.len() > MAX_NAMED {
        out.push(format!("and {} more", objects.len() - MAX_NAMED));
    }
    out
}

fn read(session: &Session, object: ObjectHandle, kind: AttributeType) -> Option<Attribute> {
    let read = session.get_attributes(object, &[kind]);
    read.ok()?.into_iter().next()
}

/// The `SubjectPublicKeyInfo` (DER) that an object tells; `None` where it tells none.
fn spki_of(
    session: &Session,
    object: ObjectHandle,
    kind: KeyType,
) -> Result<Option<Vec<u8>>, String> {
    if let Some(Attribute::Class(ObjectClass::CERTIFICATE)) =
        read(session, object, AttributeType::Class)
    {
        return Ok(match read(session, object, AttributeType::Value) {
            Some(Attribute::Value(der)) => Certificate::from_der(der)
                .ok()
                .map(|c| c.spki_der().to_vec()),
            _ => None,
        });
    }
    let get = |kind| read(session, object, kind);
    if kind == KeyType::RSA
        && let Some(Attribute::Modulus(n)) = get(AttributeType::Modulus)
        && let Some(Attribute::PublicExponent(e)) = get(AttributeType::PublicExponent)
        && !n.is_empty()
        && !e.is_empty()
    {
        return rsa_spki(&n, &e).map(Some).map_err(|e| e.to_string());
    }
    if (kind == KeyType::EC || kind == KeyType::EC_EDWARDS)
        && let Some(Attribute::EcPoint(point)) = get(AttributeType::EcPoint)
        && let Some(Attribute::EcParams(params)) = get(AttributeType::EcParams)
        && !point.is_empty()
    {
        return ec_spki(kind, &params, &point).map(Some);
    }
    if let Some(Attribute::PublicKeyInfo(spki)) = get(AttributeType::PublicKeyInfo)
        && !spki.is_empty()
    {
        return Ok(Some(spki));
    }
    Ok(None)
}

fn rsa_spki(n: &[u8], e: &[u8]) -> der::Result<Vec<u8>> {
    #[derive(der::Sequence)]
    struct RsaPublicKey<'a> {
        modulus: UintRef<'a>,
        public_exponent: UintRef<'a>,
    }
    let key = RsaPublicKey {
        modulus: UintRef::new(n)?,
        public_exponent: UintRef::new(e)?,
    }
    .to_der()?;
    SubjectPublicKeyInfo {
        algorithm: AlgorithmIdentifier {
            oid: oid::RSA_ENCRYPTION,
            parameters: Some(der::asn1::Null),
        },
        subject_public_key: BitStringRef::from_bytes(&key)?,
    }
    .to_der()
}

fn ec_spki(kind: KeyType, params: &[u8], point: &[u8]) -> Result<Vec<u8>, String> {
    let malformed = |e: der::Error| format!("CKA_EC_POINT cannot be encoded: {e}");
    if kind == KeyType::EC_EDWARDS {
        let point =
            unwrap_point(point, |p| p.len() == 32).ok_or("CKA_EC_POINT is not an Ed25519 key")?;
        return SubjectPublicKeyInfo {
            algorithm: AlgorithmIdentifier::<der::asn1::Null> {
                oid: oid::ED25519,
                parameters: None,
            },
            subject_public_key: BitStringRef::from_bytes(point).map_err(malformed)?,
        }
        .to_der()
        .map_err(malformed);
    }
    let curve = ObjectIdentifier::from_der(params)
        .map_err(|_| "CKA_EC_PARAMS does not name a curve".to_owned())?;
    let len = match curve {
        oid::SECP256R1 | oid::BRAINPOOL_P256R1 => 65,
        oid::SECP384R1 | oid::BRAINPOOL_P384R1 => 97,
        oid::SECP521R1 => 133,
        other => {
            let name = oid::label(&other).map_or_else(|| other.to_string(), str::to_owned);
            return Err(match Retired::of(&other) {
                Some(retired) => retired.to_string(),
                None => format!("curve {name} is not supported"),
            });
        }
    };
    let point = unwrap_point(point, |p| p.len() == len && p[0] == 4)
        .ok_or("CKA_EC_POINT is not an uncompressed point of its curve")?;
    SubjectPublicKeyInfo {
        algorithm: AlgorithmIdentifier {
            oid: oid::EC_PUBLIC_KEY,
            parameters: Some(curve),
        },
        subject_public_key: BitStringRef::from_bytes(point).map_err(malformed)?,
    }
    .to_der()
    .map_err(malformed)
}

/// CKA_EC_POINT is a DER OCTET STRING (PKCS#11 2.40), and some modules return the bare point or a
/// BIT STRING instead. The lengths tell them apart.
fn unwrap_point(value: &[u8], fits: impl Fn(&[u8]) -> bool) -> Option<&[u8]> {
    if fits(value) {
        return Some(value);
    }
    if let Ok(octets) = <&OctetStringRef>::from_der(value) {
        return Some(octets.as_bytes()).filter(|p| fits(p));
    }
    BitStringRef::from_der(value)
        .ok()
        .and_then(|bits| bits.as_bytes())
        .filter(|p| fits(p))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeySpec, Signer as _, SoftwareKey};

    #[test]
    fn a_point_is_read_wrapped_and_bare() {
        for (spec, kind) in [
            (KeySpec::P256, KeyType::EC),
            (KeySpec::P384, KeyType::EC),
            (KeySpec::ED25519, KeyType::EC_EDWARDS),
        ] {
            let key = SoftwareKey::generate(spec).unwrap();
            let public = key.public_key();
            let params = ec_params(public.kind()).unwrap();
            let bare = public.bits().to_vec();
            let octets = OctetStringRef::new(&bare).unwrap().to_der().unwrap();
            let bits = BitStringRef::from_bytes(&bare).unwrap().to_der().unwrap();
            for point in [&bare, &octets, &bits] {
                assert_eq!(ec_spki(kind, &params, point).unwrap(), public.spki_der());
            }
            assert!(ec_spki(kind, &params, &bare[1..]).is_err());
        }
    }

    #[test]
    fn a_key_that_is_extractable_contradicts() {
        let attributes = KeyAttributes {
            sensitive: Some(true),
            extractable: Some(true),
            ..KeyAttributes::default()
        };
        assert_eq!(attributes.contradictions(), ["CKA_EXTRACTABLE=true"]);
        assert!(!attributes.is_bound_to_token());
    }
}
