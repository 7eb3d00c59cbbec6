//! Qualified certificate statements (RFC 3739 section 3.2.6, EN 319 412-5).

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::asn1::{Any, Ia5String, Null, PrintableString};
use der::{Choice, Sequence, ValueOrd};
use x509_cert::ext::pkix::name::GeneralName;

use crate::oid;

/// `QCStatements` as defined in RFC 3739 section 3.2.6.
///
/// ```text
/// QCStatements ::= SEQUENCE OF QCStatement
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct QcStatements(pub Vec<QcStatement>);

impl AssociatedOid for QcStatements {
    const OID: ObjectIdentifier = oid::PE_QC_STATEMENTS;
}

x509_cert::impl_newtype!(QcStatements, Vec<QcStatement>);

impl QcStatements {
    /// The first statement with this OID.
    #[must_use]
    pub fn get(&self, statement: &ObjectIdentifier) -> Option<&QcStatement> {
        self.0.iter().find(|s| s.statement_id == *statement)
    }

    /// Whether a statement with this OID is present.
    #[must_use]
    pub fn contains(&self, statement: &ObjectIdentifier) -> bool {
        self.get(statement).is_some()
    }

    /// The certificate types of QcType; empty where absent or malformed.
    #[must_use]
    pub fn types(&self) -> Vec<ObjectIdentifier> {
        self.info(&oid::QCS_TYPE).unwrap_or_default()
    }

    /// The countries of QcCClegislation; empty where absent or malformed.
    #[must_use]
    pub fn legislations(&self) -> Vec<String> {
        self.info::<Vec<PrintableString>>(&oid::QCS_CC_LEGISLATION)
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    fn info<T>(&self, statement: &ObjectIdentifier) -> Option<T>
    where
        T: for<'a> der::DecodeValue<'a, Error = der::Error> + der::FixedTag,
    {
        self.get(statement)?
            .statement_info
            .as_ref()?
            .decode_as()
            .ok()
    }
}

/// `QCStatement` as defined in RFC 3739 section 3.2.6.
///
/// ```text
/// QCStatement ::= SEQUENCE {
///     statementId        OBJECT IDENTIFIER,
///     statementInfo      ANY DEFINED BY statementId OPTIONAL}
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence, ValueOrd)]
pub struct QcStatement {
    /// Which statement.
    pub statement_id: ObjectIdentifier,
    /// Its value, absent for QcCompliance and QcSSCD.
    pub statement_info: Option<Any>,
}

impl QcStatement {
    /// A statement without a value (QcCompliance, QcSSCD).
    #[must_use]
    pub fn bare(statement_id: ObjectIdentifier) -> Self {
        Self {
            statement_id,
            statement_info: None,
        }
    }

    /// QcType (EN 319 412-5 clause 4.2.3) with exactly one type.
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn qc_type(certificate_type: ObjectIdentifier) -> der::Result<Self> {
        Self::with(oid::QCS_TYPE, &vec![certificate_type])
    }

    /// QcCClegislation (EN 319 412-5 clause 4.2.4): ISO 3166-1 alpha-2 codes, upper case.
    ///
    /// # Errors
    /// Where a code is not a PrintableString.
    pub fn cc_legislation<'a>(countries: impl IntoIterator<Item = &'a str>) -> der::Result<Self> {
        let countries = countries
            .into_iter()
            .map(PrintableString::new)
            .collect::<der::Result<Vec<_>>>()?;
        Self::with(oid::QCS_CC_LEGISLATION, &countries)
    }

    /// QcPDS (EN 319 412-5 clause 4.3.4): (https URL, ISO 639-1 lower-case language) pairs.
    ///
    /// # Errors
    /// Where a URL is not IA5 or a language not printable.
    pub fn pds<'a>(locations: impl IntoIterator<Item = (&'a str, &'a str)>) -> der::Result<Self> {
        let locations = locations
            .into_iter()
            .map(|(url, language)| {
                Ok(PdsLocation {
                    url: Ia5String::new(url)?,
                    language: PrintableString::new(language)?,
                })
            })
            .collect::<der::Result<Vec<_>>>()?;
        Self::with(oid::QCS_PDS, &locations)
    }

    /// QcLimitValue (EN 319 412-5 clause 4.3.2): `amount * 10^exponent` of an ISO 4217 currency.
    ///
    /// # Errors
    /// Where the currency is not a PrintableString.
    pub fn limit_value(currency: &str, amount: i64, exponent: i64) -> der::Result<Self> {
        Self::with(
            oid::QCS_LIMIT_VALUE,
            &MonetaryValue {
                currency: CurrencyCode::Alphabetic(PrintableString::new(currency)?),
                amount,
                exponent,
            },
        )
    }

    /// QcRetentionPeriod (EN 319 412-5 clause 4.3.3): years after the certificate's end.
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn retention_period(years: u32) -> der::Result<Self> {
        Self::with(oid::QCS_RETENTION_PERIOD, &years)
    }

    /// QcIdentMethod (EN 319 412-5 V2.5.1) with exactly one method.
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn identification(method: ObjectIdentifier) -> der::Result<Self> {
        Self::with(oid::QCS_IDENT_METHOD, &vec![method])
    }

    /// QcQSCDlegislation (EN 319 412-5 V2.5.1): ISO 3166-1 alpha-2 codes, upper case.
    ///
    /// # Errors
    /// Where a code is not a PrintableString.
    pub fn device_legislation<'a>(
        countries: impl IntoIterator<Item = &'a str>,
    ) -> der::Result<Self> {
        let countries = countries
            .into_iter()
            .map(PrintableString::new)
            .collect::<der::Result<Vec<_>>>()?;
        Self::with(oid::QCS_QSCD_LEGISLATION, &countries)
    }

    /// pkixQCSyntax-v2 carrying a semantics identifier (EN 319 412-1 clause 5.1).
    ///
    /// # Errors
    /// Where a URI is not IA5.
    pub fn semantics(
        identifier: ObjectIdentifier,
        name_registration_authorities: &[&str],
    ) -> der::Result<Self> {
        let authorities = name_registration_authorities
            .iter()
            .map(|uri| Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(uri)?)))
            .collect::<der::Result<Vec<_>>>()?;
        Self::with(
            oid::QCS_PKIX_SYNTAX_V2,
            &SemanticsInformation {
                semantics_identifier: Some(identifier),
                name_registration_authorities: (!authorities.is_empty()).then_some(authorities),
            },
        )
    }

    fn with<T: der::EncodeValue + der::Tagged>(
        statement_id: ObjectIdentifier,
        info: &T,
    ) -> der::Result<Self> {
        Ok(Self {
            statement_id,
            statement_info: Some(Any::encode_from(info)?),
        })
    }
}

/// `SemanticsInformation` as defined in RFC 3739 section 3.2.6.1.
///
/// ```text
/// SemanticsInformation ::= SEQUENCE {
///     semanticsIdentifier         OBJECT IDENTIFIER OPTIONAL,
///     nameRegistrationAuthorities NameRegistrationAuthorities OPTIONAL }
/// NameRegistrationAuthorities ::= SEQUENCE SIZE (1..MAX) OF GeneralName
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct SemanticsInformation {
    /// How identifiers in the subject are to be read.
    pub semantics_identifier: Option<ObjectIdentifier>,
    /// Mandatory for national schemes ("XX:" prefixes).
    pub name_registration_authorities: Option<Vec<GeneralName>>,
}

/// `PdsLocation` as defined in EN 319 412-5 clause 4.3.4.
///
/// ```text
/// PdsLocation ::= SEQUENCE {
///     url      IA5String,
///     language PrintableString (SIZE(2)) }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct PdsLocation {
    /// Where the PKI disclosure statement is; https only.
    pub url: Ia5String,
    /// ISO 639-1, lower case.
    pub language: PrintableString,
}

/// `MonetaryValue` as defined in EN 319 412-5 clause 4.3.2: amount * 10^exponent.
///
/// ```text
/// MonetaryValue ::= SEQUENCE {
///     currency Iso4217CurrencyCode,
///     amount   INTEGER,
///     exponent INTEGER }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct MonetaryValue {
    /// ISO 4217, alphabetic preferred.
    pub currency: CurrencyCode,
    /// The mantissa.
    pub amount: i64,
    /// The power of ten.
    pub exponent: i64,
}

/// `Iso4217CurrencyCode` as defined in EN 319 412-5 clause 4.3.2.
#[derive(Clone, Debug, Eq, PartialEq, Choice)]
pub enum CurrencyCode {
    /// Three letters.
    Alphabetic(PrintableString),
    /// 1 to 999.
    Numeric(u32),
}

/// The value of extensions and statements that say everything by being there.
pub const PRESENT: Null = Null;
