//! The OID table: every object identifier Sceau writes or looks for, in one place.

use const_oid::ObjectIdentifier as Oid;

pub use const_oid::ObjectIdentifier;

/// Content types that hold something else in CMS, which has to be taken out of them.
pub const CMS_WRAPPERS: [Oid; 7] = [
    CT_SIGNED_DATA,
    CT_ENVELOPED_DATA,
    CT_DIGESTED_DATA,
    CT_ENCRYPTED_DATA,
    CT_AUTHENTICATED_DATA,
    CT_COMPRESSED_DATA,
    CT_AUTH_ENVELOPED_DATA,
];

macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $label:literal;)*) => {
        $($(#[$doc])* pub const $name: Oid = Oid::new_unwrap($value);)*

        /// The field's usual name of a known OID, for people to read.
        #[must_use]
        pub fn label(oid: &Oid) -> Option<&'static str> {
            TABLE.iter().find(|(known, _)| known == oid).map(|(_, label)| *label)
        }

        /// The first OID with this usual name, in upper or lower case.
        #[must_use]
        pub fn with_label(label: &str) -> Option<Oid> {
            TABLE.iter().find(|(_, known)| known.eq_ignore_ascii_case(label)).map(|(oid, _)| *oid)
        }

        const TABLE: &[(Oid, &str)] = &[$(($name, $label)),*];
    };
}

oids! {
    // Attribute types (X.520, RFC 5280 appendix A, RFC 3739 section 3.1).
    /// commonName
    AT_COMMON_NAME = "2.5.4.3", "CN";
    /// surname
    AT_SURNAME = "2.5.4.4", "SN";
    /// serialNumber
    AT_SERIAL_NUMBER = "2.5.4.5", "serialNumber";
    /// countryName
    AT_COUNTRY = "2.5.4.6", "C";
    /// localityName
    AT_LOCALITY = "2.5.4.7", "L";
    /// stateOrProvinceName
    AT_STATE = "2.5.4.8", "ST";
    /// streetAddress
    AT_STREET = "2.5.4.9", "street";
    /// organizationName
    AT_ORGANIZATION = "2.5.4.10", "O";
    /// organizationalUnitName
    AT_ORGANIZATIONAL_UNIT = "2.5.4.11", "OU";
    /// title
    AT_TITLE = "2.5.4.12", "title";
    /// postalCode
    AT_POSTAL_CODE = "2.5.4.17", "postalCode";
    /// givenName
    AT_GIVEN_NAME = "2.5.4.42", "givenName";
    /// pseudonym (RFC 3739)
    AT_PSEUDONYM = "2.5.4.65", "pseudonym";
    /// organizationIdentifier (X.520 2016, EN 319 412-1 clause 5.1.4)
    AT_ORGANIZATION_IDENTIFIER = "2.5.4.97", "organizationIdentifier";
    /// emailAddress (PKCS#9)
    AT_EMAIL = "1.2.840.113549.1.9.1", "emailAddress";
    /// domainComponent
    AT_DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25", "DC";
    /// userId
    AT_USER_ID = "0.9.2342.19200300.100.1.1", "UID";
    /// businessCategory
    AT_BUSINESS_CATEGORY = "2.5.4.15", "businessCategory";
    /// dnQualifier
    AT_DN_QUALIFIER = "2.5.4.46", "dnQualifier";

    // Certificate and CRL extensions (RFC 5280 section 4.2 and 5.2).
    /// SmtpUTF8Mailbox, an otherName (RFC 9598)
    ON_SMTP_UTF8_MAILBOX = "1.3.6.1.5.5.7.8.9", "SmtpUTF8Mailbox";
    /// subjectKeyIdentifier
    CE_SUBJECT_KEY_IDENTIFIER = "2.5.29.14", "subjectKeyIdentifier";
    /// keyUsage
    CE_KEY_USAGE = "2.5.29.15", "keyUsage";
    /// privateKeyUsagePeriod
    CE_PRIVATE_KEY_USAGE_PERIOD = "2.5.29.16", "privateKeyUsagePeriod";
    /// subjectDirectoryAttributes
    CE_SUBJECT_DIRECTORY_ATTRIBUTES = "2.5.29.9", "subjectDirectoryAttributes";
    /// subjectAltName
    CE_SUBJECT_ALT_NAME = "2.5.29.17", "subjectAltName";
    /// issuerAltName
    CE_ISSUER_ALT_NAME = "2.5.29.18", "issuerAltName";
    /// basicConstraints
    CE_BASIC_CONSTRAINTS = "2.5.29.19", "basicConstraints";
    /// cRLNumber
    CE_CRL_NUMBER = "2.5.29.20", "cRLNumber";
    /// reasonCode
    CE_REASON_CODE = "2.5.29.21", "reasonCode";
    /// holdInstructionCode (RFC 3280 section 5.3.2, gone since RFC 5280)
    CE_HOLD_INSTRUCTION = "2.5.29.23", "holdInstructionCode";
    /// invalidityDate
    CE_INVALIDITY_DATE = "2.5.29.24", "invalidityDate";
    /// deltaCRLIndicator
    CE_DELTA_CRL_INDICATOR = "2.5.29.27", "deltaCRLIndicator";
    /// issuingDistributionPoint
    CE_ISSUING_DISTRIBUTION_POINT = "2.5.29.28", "issuingDistributionPoint";
    /// certificateIssuer
    CE_CERTIFICATE_ISSUER = "2.5.29.29", "certificateIssuer";
    /// nameConstraints
    CE_NAME_CONSTRAINTS = "2.5.29.30", "nameConstraints";
    /// cRLDistributionPoints
    CE_CRL_DISTRIBUTION_POINTS = "2.5.29.31", "cRLDistributionPoints";
    /// certificatePolicies
    CE_CERTIFICATE_POLICIES = "2.5.29.32", "certificatePolicies";
    /// anyPolicy
    ANY_POLICY = "2.5.29.32.0", "anyPolicy";
    /// policyMappings
    CE_POLICY_MAPPINGS = "2.5.29.33", "policyMappings";
    /// authorityKeyIdentifier
    CE_AUTHORITY_KEY_IDENTIFIER = "2.5.29.35", "authorityKeyIdentifier";
    /// policyConstraints
    CE_POLICY_CONSTRAINTS = "2.5.29.36", "policyConstraints";
    /// extKeyUsage
    CE_EXT_KEY_USAGE = "2.5.29.37", "extKeyUsage";
    /// anyExtendedKeyUsage
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0", "anyExtendedKeyUsage";
    /// freshestCRL
    CE_FRESHEST_CRL = "2.5.29.46", "freshestCRL";
    /// inhibitAnyPolicy
    CE_INHIBIT_ANY_POLICY = "2.5.29.54", "inhibitAnyPolicy";
    /// noRevAvail (RFC 9608)
    CE_NO_REV_AVAIL = "2.5.29.56", "noRevAvail";
    /// expiredCertsOnCRL (X.509 clause 9.5.2.8)
    CE_EXPIRED_CERTS_ON_CRL = "2.5.29.60", "expiredCertsOnCRL";
    /// authorityInfoAccess
    PE_AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1", "authorityInfoAccess";
    /// qcStatements (RFC 3739 section 3.2.6)
    PE_QC_STATEMENTS = "1.3.6.1.5.5.7.1.3", "qcStatements";
    /// subjectInfoAccess
    PE_SUBJECT_INFO_ACCESS = "1.3.6.1.5.5.7.1.11", "subjectInfoAccess";
    /// signedCertificateTimestampList (RFC 6962 section 3.3)
    CT_SCT_LIST = "1.3.6.1.4.1.11129.2.4.2", "signedCertificateTimestampList";
    /// precertificate poison (RFC 6962 section 3.1)
    CT_POISON = "1.3.6.1.4.1.11129.2.4.3", "precertificatePoison";
    /// id-qt-cps
    QT_CPS = "1.3.6.1.5.5.7.2.1", "id-qt-cps";
    /// id-qt-unotice
    QT_UNOTICE = "1.3.6.1.5.5.7.2.2", "id-qt-unotice";
    /// id-ad-ocsp
    AD_OCSP = "1.3.6.1.5.5.7.48.1", "ocsp";
    /// id-ad-caIssuers
    AD_CA_ISSUERS = "1.3.6.1.5.5.7.48.2", "caIssuers";

    // Extended key usages.
    /// id-kp-serverAuth
    KP_SERVER_AUTH = "1.3.6.1.5.5.7.3.1", "serverAuth";
    /// id-kp-clientAuth
    KP_CLIENT_AUTH = "1.3.6.1.5.5.7.3.2", "clientAuth";
    /// id-kp-codeSigning
    KP_CODE_SIGNING = "1.3.6.1.5.5.7.3.3", "codeSigning";
    /// id-kp-emailProtection
    KP_EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4", "emailProtection";
    /// id-kp-timeStamping
    KP_TIME_STAMPING = "1.3.6.1.5.5.7.3.8", "timeStamping";
    /// id-kp-OCSPSigning
    KP_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9", "OCSPSigning";
    /// id-kp-documentSigning (RFC 9336)
    KP_DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36", "documentSigning";

    // OCSP (RFC 6960 section 4.4, RFC 9654).
    /// id-pkix-ocsp-basic
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1", "ocspBasic";
    /// id-pkix-ocsp-nonce
    OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2", "ocspNonce";
    /// id-pkix-ocsp-crl
    OCSP_CRL_REFERENCE = "1.3.6.1.5.5.7.48.1.3", "ocspCrl";
    /// id-pkix-ocsp-response
    OCSP_ACCEPTABLE_RESPONSES = "1.3.6.1.5.5.7.48.1.4", "ocspAcceptableResponses";
    /// id-pkix-ocsp-nocheck
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5", "ocspNoCheck";
    /// id-pkix-ocsp-archive-cutoff
    OCSP_ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6", "ocspArchiveCutoff";
    /// id-pkix-ocsp-service-locator
    OCSP_SERVICE_LOCATOR = "1.3.6.1.5.5.7.48.1.7", "ocspServiceLocator";
    /// id-pkix-ocsp-pref-sig-algs
    OCSP_PREFERRED_SIGNATURE_ALGORITHMS = "1.3.6.1.5.5.7.48.1.8", "ocspPrefSigAlgs";
    /// id-pkix-ocsp-extended-revoke
    OCSP_EXTENDED_REVOKE = "1.3.6.1.5.5.7.48.1.9", "ocspExtendedRevoke";

    // QC statements (EN 319 412-5 clause 4 and 5, EN 319 412-1 clause 5).
    /// esi4-qcStatement-1, QcCompliance
    QCS_COMPLIANCE = "0.4.0.1862.1.1", "QcCompliance";
    /// esi4-qcStatement-2, QcLimitValue
    QCS_LIMIT_VALUE = "0.4.0.1862.1.2", "QcLimitValue";
    /// esi4-qcStatement-3, QcRetentionPeriod
    QCS_RETENTION_PERIOD = "0.4.0.1862.1.3", "QcRetentionPeriod";
    /// esi4-qcStatement-4, QcSSCD
    QCS_SSCD = "0.4.0.1862.1.4", "QcSSCD";
    /// esi4-qcStatement-5, QcPDS
    QCS_PDS = "0.4.0.1862.1.5", "QcPDS";
    /// esi4-qcStatement-6, QcType
    QCS_TYPE = "0.4.0.1862.1.6", "QcType";
    /// id-etsi-qct-esign
    QCT_ESIGN = "0.4.0.1862.1.6.1", "esign";
    /// id-etsi-qct-eseal
    QCT_ESEAL = "0.4.0.1862.1.6.2", "eseal";
    /// id-etsi-qct-web
    QCT_WEB = "0.4.0.1862.1.6.3", "web";
    /// esi4-qcStatement-7, QcCClegislation
    QCS_CC_LEGISLATION = "0.4.0.1862.1.7", "QcCClegislation";
    /// esi4-qcStatement-8, QcIdentMethod (EN 319 412-5 V2.5.1)
    QCS_IDENT_METHOD = "0.4.0.1862.1.8", "QcIdentMethod";
    /// Identified by eIDAS article 24(1)(a) or (b) as first adopted
    QCI_EIDAS_24_1_AB = "0.4.0.1862.1.8.1", "eidas-24-1-ab";
    /// Identified by eIDAS article 24(1)(c) or (d) as first adopted
    QCI_EIDAS_24_1_CD = "0.4.0.1862.1.8.2", "eidas-24-1-cd";
    /// Identified by eIDAS article 24(1a)(a), (c) or (d) as amended
    QCI_EIDAS_24_1A_ACD = "0.4.0.1862.1.8.3", "eidas-24-1a-acd";
    /// Identified by eIDAS article 24(1a)(b) as amended
    QCI_EIDAS_24_1A_B = "0.4.0.1862.1.8.4", "eidas-24-1a-b";
    /// esi4-qcStatement-9, QcQSCDlegislation (EN 319 412-5 V2.5.1)
    QCS_QSCD_LEGISLATION = "0.4.0.1862.1.9", "QcQSCDlegislation";
    /// id-qcs-pkixQCSyntax-v1 (RFC 3739 section 3.2.6.1)
    QCS_PKIX_SYNTAX_V1 = "1.3.6.1.5.5.7.11.1", "pkixQCSyntax-v1";
    /// id-qcs-pkixQCSyntax-v2 (RFC 3739 section 3.2.6.1)
    QCS_PKIX_SYNTAX_V2 = "1.3.6.1.5.5.7.11.2", "pkixQCSyntax-v2";
    /// id-etsi-qcs-semanticsId-Natural
    SEMANTICS_NATURAL = "0.4.0.194121.1.1", "semanticsId-Natural";
    /// id-etsi-qcs-semanticsId-Legal
    SEMANTICS_LEGAL = "0.4.0.194121.1.2", "semanticsId-Legal";
    /// id-etsi-qcs-semanticsId-eIDASNatural
    SEMANTICS_EIDAS_NATURAL = "0.4.0.194121.1.3", "semanticsId-eIDASNatural";
    /// id-etsi-qcs-semanticsId-eIDASLegal
    SEMANTICS_EIDAS_LEGAL = "0.4.0.194121.1.4", "semanticsId-eIDASLegal";
    /// id-etsi-ext-valassured-ST-certs
    EXT_VALASSURED_SHORT_TERM = "0.4.0.194121.2.1", "valassured-ST-certs";
    /// id-etsi-tsts-EuQCompliance (EN 319 422 clause 9.1)
    TSTS_EU_QCOMPLIANCE = "0.4.0.19422.1.1", "euQCompliance";

    // ETSI certificate policies (EN 319 411-1 clause 5.3, EN 319 411-2 clause 5.3).
    /// NCP
    POLICY_NCP = "0.4.0.2042.1.1", "NCP";
    /// NCP+
    POLICY_NCP_PLUS = "0.4.0.2042.1.2", "NCP+";
    /// LCP
    POLICY_LCP = "0.4.0.2042.1.3", "LCP";
    /// QCP public + SSCD (TS 101 456 clause 5.2)
    POLICY_QCP_PUBLIC_SSCD = "0.4.0.1456.1.1", "QCP+";
    /// QCP public (TS 101 456 clause 5.2)
    POLICY_QCP_PUBLIC = "0.4.0.1456.1.2", "QCP";
    /// QCP-n
    POLICY_QCP_N = "0.4.0.194112.1.0", "QCP-n";
    /// QCP-l
    POLICY_QCP_L = "0.4.0.194112.1.1", "QCP-l";
    /// QCP-n-qscd
    POLICY_QCP_N_QSCD = "0.4.0.194112.1.2", "QCP-n-qscd";
    /// QCP-l-qscd
    POLICY_QCP_L_QSCD = "0.4.0.194112.1.3", "QCP-l-qscd";
    /// QEVCP-w
    POLICY_QEVCP_W = "0.4.0.194112.1.4", "QEVCP-w";
    /// QNCP-w
    POLICY_QNCP_W = "0.4.0.194112.1.5", "QNCP-w";
    /// QNCP-w-gen
    POLICY_QNCP_W_GEN = "0.4.0.194112.1.6", "QNCP-w-gen";
    /// BTSP, best practices time-stamp policy (EN 319 421 clause 5.2)
    POLICY_BTSP = "0.4.0.2023.1.1", "BTSP";

    // CMS (RFC 5652), ESS (RFC 5035), CAdES (EN 319 122-1), time-stamps (RFC 3161).
    /// id-data
    CT_DATA = "1.2.840.113549.1.7.1", "data";
    /// id-signedData
    CT_SIGNED_DATA = "1.2.840.113549.1.7.2", "signedData";
    /// id-ct-timestampedData (RFC 5544)
    CT_TIMESTAMPED_DATA = "1.2.840.113549.1.9.16.1.31", "timestampedData";
    /// id-ct-TSTInfo
    CT_TST_INFO = "1.2.840.113549.1.9.16.1.4", "TSTInfo";
    /// contentType
    ATTR_CONTENT_TYPE = "1.2.840.113549.1.9.3", "contentType";
    /// messageDigest
    ATTR_MESSAGE_DIGEST = "1.2.840.113549.1.9.4", "messageDigest";
    /// signingTime
    ATTR_SIGNING_TIME = "1.2.840.113549.1.9.5", "signingTime";
    /// countersignature
    ATTR_COUNTERSIGNATURE = "1.2.840.113549.1.9.6", "countersignature";
    /// extensionRequest (PKCS#9, RFC 2986)
    ATTR_EXTENSION_REQUEST = "1.2.840.113549.1.9.14", "extensionRequest";
    /// id-aa-signingCertificate
    ATTR_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12", "signingCertificate";
    /// id-aa-signatureTimeStampToken
    ATTR_SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14", "signatureTimeStamp";
    /// id-aa-ets-contentTimestamp
    ATTR_CONTENT_TIMESTAMP = "1.2.840.113549.1.9.16.2.20", "contentTimestamp";
    /// id-aa-signingCertificateV2
    ATTR_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47", "signingCertificateV2";
    /// cmsAlgorithmProtection (RFC 6211)
    ATTR_ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52", "cmsAlgorithmProtection";
    /// id-aa-ets-mimeType
    ATTR_MIME_TYPE = "0.4.0.1733.2.1", "mimeType";
    /// id-aa-contentHint (RFC 2634 section 2.9)
    ATTR_CONTENT_HINTS = "1.2.840.113549.1.9.16.2.4", "contentHints";
    /// id-aa-contentIdentifier (RFC 2634 section 2.7)
    ATTR_CONTENT_IDENTIFIER = "1.2.840.113549.1.9.16.2.7", "contentIdentifier";
    /// id-aa-contentReference (RFC 2634 section 2.11)
    ATTR_CONTENT_REFERENCE = "1.2.840.113549.1.9.16.2.10", "contentReference";
    /// id-aa-ets-sigPolicyId
    ATTR_SIGNATURE_POLICY = "1.2.840.113549.1.9.16.2.15", "signaturePolicyIdentifier";
    /// id-aa-ets-commitmentType
    ATTR_COMMITMENT_TYPE = "1.2.840.113549.1.9.16.2.16", "commitmentTypeIndication";
    /// id-aa-ets-signerLocation
    ATTR_SIGNER_LOCATION = "1.2.840.113549.1.9.16.2.17", "signerLocation";
    /// id-aa-ets-certValues (RFC 5126 section 6.3.3)
    ATTR_CERTIFICATE_VALUES = "1.2.840.113549.1.9.16.2.23", "certValues";
    /// id-aa-ets-revocationValues (RFC 5126 section 6.3.4)
    ATTR_REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24", "revocationValues";
    /// id-aa-ets-archiveTimestamp, RFC 5126's first form
    ATTR_ARCHIVE_TIMESTAMP_V1 = "1.2.840.113549.1.9.16.2.27", "archiveTimeStamp";
    /// id-aa-ets-archiveTimestampV2, TS 101 733's second form
    ATTR_ARCHIVE_TIMESTAMP_V2 = "1.2.840.113549.1.9.16.2.48", "archiveTimeStampV2";
    /// id-aa-er-internal (RFC 4998 appendix A)
    ATTR_ER_INTERNAL = "1.2.840.113549.1.9.16.2.49", "evidenceRecordInternal";
    /// id-aa-er-external
    ATTR_ER_EXTERNAL = "1.2.840.113549.1.9.16.2.50", "evidenceRecordExternal";
    /// id-aa-ets-longTermValidation
    ATTR_LONG_TERM_VALIDATION = "0.4.0.1733.2.2", "longTermValidation";
    /// id-aa-ets-sigPolicyStore
    ATTR_SIGNATURE_POLICY_STORE = "0.4.0.19122.1.3", "signaturePolicyStore";
    /// id-spq-ets-uri
    SPQ_URI = "1.2.840.113549.1.9.16.5.1", "SPuri";
    /// id-spq-ets-docspec
    SPQ_DOCUMENT_SPECIFICATION = "0.4.0.19122.2.1", "SPDocSpecification";
    /// id-cti-ets-proofOfOrigin
    CTI_PROOF_OF_ORIGIN = "1.2.840.113549.1.9.16.6.1", "proof-of-origin";
    /// id-cti-ets-proofOfReceipt
    CTI_PROOF_OF_RECEIPT = "1.2.840.113549.1.9.16.6.2", "proof-of-receipt";
    /// id-cti-ets-proofOfDelivery
    CTI_PROOF_OF_DELIVERY = "1.2.840.113549.1.9.16.6.3", "proof-of-delivery";
    /// id-cti-ets-proofOfSender
    CTI_PROOF_OF_SENDER = "1.2.840.113549.1.9.16.6.4", "proof-of-sender";
    /// id-cti-ets-proofOfApproval
    CTI_PROOF_OF_APPROVAL = "1.2.840.113549.1.9.16.6.5", "proof-of-approval";
    /// id-cti-ets-proofOfCreation
    CTI_PROOF_OF_CREATION = "1.2.840.113549.1.9.16.6.6", "proof-of-creation";
    /// archive-time-stamp-v3
    ATTR_ARCHIVE_TIMESTAMP_V3 = "0.4.0.1733.2.4", "archiveTimeStampV3";
    /// ats-hash-index-v3
    ATTR_ATS_HASH_INDEX_V3 = "0.4.0.19122.1.5", "atsHashIndexV3";
    /// adbe-revocationInfoArchival
    ATTR_ADBE_REVOCATION = "1.2.840.113583.1.1.8", "adbe-revocationInfoArchival";
    /// id-ri-ocsp-response (RFC 5940)
    RI_OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2", "ocspResponse";

    // Digests.
    /// SHA-1
    SHA1 = "1.3.14.3.2.26", "SHA-1";
    /// SHA-224
    SHA224 = "2.16.840.1.101.3.4.2.4", "SHA-224";
    /// SHA-256
    SHA256 = "2.16.840.1.101.3.4.2.1", "SHA-256";
    /// SHA-384
    SHA384 = "2.16.840.1.101.3.4.2.2", "SHA-384";
    /// SHA-512
    SHA512 = "2.16.840.1.101.3.4.2.3", "SHA-512";
    /// SHA3-224
    SHA3_224 = "2.16.840.1.101.3.4.2.7", "SHA3-224";
    /// SHA3-256
    SHA3_256 = "2.16.840.1.101.3.4.2.8", "SHA3-256";
    /// SHA3-384
    SHA3_384 = "2.16.840.1.101.3.4.2.9", "SHA3-384";
    /// SHA3-512
    SHA3_512 = "2.16.840.1.101.3.4.2.10", "SHA3-512";
    /// MD5
    MD5 = "1.2.840.113549.2.5", "MD5";
    /// SHA-512/224
    SHA512_224 = "2.16.840.1.101.3.4.2.5", "SHA-512/224";
    /// SHA-512/256
    SHA512_256 = "2.16.840.1.101.3.4.2.6", "SHA-512/256";
    /// id-shake256, of 512 bits (RFC 8702)
    SHAKE256 = "2.16.840.1.101.3.4.2.12", "SHAKE256";

    // What is named and not computed: digests.
    /// MD2
    MD2 = "1.2.840.113549.2.2", "MD2";
    /// MD4
    MD4 = "1.2.840.113549.2.4", "MD4";
    /// RIPEMD-160
    RIPEMD160 = "1.3.36.3.2.1", "RIPEMD-160";
    /// Whirlpool
    WHIRLPOOL = "1.0.10118.3.0.55", "Whirlpool";
    /// SM3 (GB/T 32905)
    SM3 = "1.2.156.10197.1.401", "SM3";
    /// GOST R 34.11-94 (RFC 4357)
    GOST_R3411_94 = "1.2.643.2.2.9", "GOST R 34.11-94";
    /// id-tc26-gost3411-12-256 (RFC 9215)
    GOST_R3411_2012_256 = "1.2.643.7.1.1.2.2", "GOST R 34.11-2012 (256)";
    /// id-tc26-gost3411-12-512 (RFC 9215)
    GOST_R3411_2012_512 = "1.2.643.7.1.1.2.3", "GOST R 34.11-2012 (512)";

    // Keys and signatures.
    /// rsaEncryption
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1", "rsaEncryption";
    /// sha1WithRSAEncryption
    SHA1_WITH_RSA = "1.2.840.113549.1.1.5", "sha1WithRSAEncryption";
    /// id-mgf1
    MGF1 = "1.2.840.113549.1.1.8", "mgf1";
    /// id-RSASSA-PSS
    RSASSA_PSS = "1.2.840.113549.1.1.10", "RSASSA-PSS";
    /// sha256WithRSAEncryption
    SHA256_WITH_RSA = "1.2.840.113549.1.1.11", "sha256WithRSAEncryption";
    /// sha384WithRSAEncryption
    SHA384_WITH_RSA = "1.2.840.113549.1.1.12", "sha384WithRSAEncryption";
    /// sha512WithRSAEncryption
    SHA512_WITH_RSA = "1.2.840.113549.1.1.13", "sha512WithRSAEncryption";
    /// sha224WithRSAEncryption
    SHA224_WITH_RSA = "1.2.840.113549.1.1.14", "sha224WithRSAEncryption";
    /// id-rsassa-pkcs1-v1-5-with-sha3-256
    SHA3_256_WITH_RSA = "2.16.840.1.101.3.4.3.14", "sha3-256WithRSAEncryption";
    /// id-rsassa-pkcs1-v1-5-with-sha3-384
    SHA3_384_WITH_RSA = "2.16.840.1.101.3.4.3.15", "sha3-384WithRSAEncryption";
    /// id-rsassa-pkcs1-v1-5-with-sha3-512
    SHA3_512_WITH_RSA = "2.16.840.1.101.3.4.3.16", "sha3-512WithRSAEncryption";
    /// id-rsassa-pkcs1-v1-5-with-sha3-224
    SHA3_224_WITH_RSA = "2.16.840.1.101.3.4.3.13", "sha3-224WithRSAEncryption";
    /// sha512-224WithRSAEncryption
    SHA512_224_WITH_RSA = "1.2.840.113549.1.1.15", "sha512-224WithRSAEncryption";
    /// sha512-256WithRSAEncryption
    SHA512_256_WITH_RSA = "1.2.840.113549.1.1.16", "sha512-256WithRSAEncryption";
    /// md5WithRSAEncryption
    MD5_WITH_RSA = "1.2.840.113549.1.1.4", "md5WithRSAEncryption";
    /// sha1WithRSASignature, the name of the OSI implementors' workshop
    OIW_SHA1_WITH_RSA = "1.3.14.3.2.29", "sha1WithRSASignature";
    /// id-dsa
    DSA = "1.2.840.10040.4.1", "DSA";
    /// id-dsa-with-sha1
    DSA_WITH_SHA1 = "1.2.840.10040.4.3", "dsa-with-sha1";
    /// dsaWithSHA1, the name of the OSI implementors' workshop
    OIW_DSA_WITH_SHA1 = "1.3.14.3.2.27", "dsaWithSHA1";
    /// id-dsa-with-sha224
    DSA_WITH_SHA224 = "2.16.840.1.101.3.4.3.1", "dsa-with-sha224";
    /// id-dsa-with-sha256
    DSA_WITH_SHA256 = "2.16.840.1.101.3.4.3.2", "dsa-with-sha256";
    /// id-dsa-with-sha384
    DSA_WITH_SHA384 = "2.16.840.1.101.3.4.3.3", "dsa-with-sha384";
    /// id-dsa-with-sha512
    DSA_WITH_SHA512 = "2.16.840.1.101.3.4.3.4", "dsa-with-sha512";
    /// id-dsa-with-sha3-224
    DSA_WITH_SHA3_224 = "2.16.840.1.101.3.4.3.5", "dsa-with-sha3-224";
    /// id-dsa-with-sha3-256
    DSA_WITH_SHA3_256 = "2.16.840.1.101.3.4.3.6", "dsa-with-sha3-256";
    /// id-dsa-with-sha3-384
    DSA_WITH_SHA3_384 = "2.16.840.1.101.3.4.3.7", "dsa-with-sha3-384";
    /// id-dsa-with-sha3-512
    DSA_WITH_SHA3_512 = "2.16.840.1.101.3.4.3.8", "dsa-with-sha3-512";
    /// id-Ed448
    ED448 = "1.3.101.113", "Ed448";
    /// id-ml-dsa-44 (RFC 9881)
    ML_DSA_44 = "2.16.840.1.101.3.4.3.17", "ML-DSA-44";
    /// id-ml-dsa-65 (RFC 9881)
    ML_DSA_65 = "2.16.840.1.101.3.4.3.18", "ML-DSA-65";
    /// id-ml-dsa-87 (RFC 9881)
    ML_DSA_87 = "2.16.840.1.101.3.4.3.19", "ML-DSA-87";
    /// id-ecPublicKey
    EC_PUBLIC_KEY = "1.2.840.10045.2.1", "ecPublicKey";
    /// secp256r1
    SECP256R1 = "1.2.840.10045.3.1.7", "P-256";
    /// secp384r1
    SECP384R1 = "1.3.132.0.34", "P-384";
    /// secp521r1
    SECP521R1 = "1.3.132.0.35", "P-521";
    /// secp192r1
    SECP192R1 = "1.2.840.10045.3.1.1", "P-192";
    /// secp224r1
    SECP224R1 = "1.3.132.0.33", "P-224";
    /// brainpoolP256r1 (RFC 5639)
    BRAINPOOL_P256R1 = "1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1";
    /// brainpoolP384r1 (RFC 5639)
    BRAINPOOL_P384R1 = "1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1";
    /// brainpoolP512r1 (RFC 5639)
    BRAINPOOL_P512R1 = "1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1";
    /// secp256k1
    SECP256K1 = "1.3.132.0.10", "secp256k1";
    /// brainpoolP160r1 (RFC 5639)
    BRAINPOOL_P160R1 = "1.3.36.3.3.2.8.1.1.1", "brainpoolP160r1";
    /// brainpoolP160t1 (RFC 5639)
    BRAINPOOL_P160T1 = "1.3.36.3.3.2.8.1.1.2", "brainpoolP160t1";
    /// brainpoolP192r1 (RFC 5639)
    BRAINPOOL_P192R1 = "1.3.36.3.3.2.8.1.1.3", "brainpoolP192r1";
    /// brainpoolP192t1 (RFC 5639)
    BRAINPOOL_P192T1 = "1.3.36.3.3.2.8.1.1.4", "brainpoolP192t1";
    /// brainpoolP224r1 (RFC 5639)
    BRAINPOOL_P224R1 = "1.3.36.3.3.2.8.1.1.5", "brainpoolP224r1";
    /// brainpoolP224t1 (RFC 5639)
    BRAINPOOL_P224T1 = "1.3.36.3.3.2.8.1.1.6", "brainpoolP224t1";
    /// brainpoolP256t1 (RFC 5639)
    BRAINPOOL_P256T1 = "1.3.36.3.3.2.8.1.1.8", "brainpoolP256t1";
    /// brainpoolP320r1 (RFC 5639)
    BRAINPOOL_P320R1 = "1.3.36.3.3.2.8.1.1.9", "brainpoolP320r1";
    /// brainpoolP320t1 (RFC 5639)
    BRAINPOOL_P320T1 = "1.3.36.3.3.2.8.1.1.10", "brainpoolP320t1";
    /// brainpoolP384t1 (RFC 5639)
    BRAINPOOL_P384T1 = "1.3.36.3.3.2.8.1.1.12", "brainpoolP384t1";
    /// brainpoolP512t1 (RFC 5639)
    BRAINPOOL_P512T1 = "1.3.36.3.3.2.8.1.1.14", "brainpoolP512t1";

    // What is named and not computed: keys and signatures.
    /// md2WithRSAEncryption
    MD2_WITH_RSA = "1.2.840.113549.1.1.2", "md2WithRSAEncryption";
    /// md4WithRSAEncryption
    MD4_WITH_RSA = "1.2.840.113549.1.1.3", "md4WithRSAEncryption";
    /// rsaSignatureWithripemd160
    RIPEMD160_WITH_RSA = "1.3.36.3.3.1.2", "rsaSignatureWithripemd160";
    /// The curve of SM2 (GB/T 32918)
    SM2 = "1.2.156.10197.1.301", "SM2";
    /// SM2 with SM3
    SM2_WITH_SM3 = "1.2.156.10197.1.501", "SM2 with SM3";
    /// sm3WithRSAEncryption
    SM3_WITH_RSA = "1.2.156.10197.1.504", "sm3WithRSAEncryption";
    /// GOST R 34.10-2001 (RFC 4491)
    GOST_R3410_2001 = "1.2.643.2.2.19", "GOST R 34.10-2001";
    /// GOST R 34.10-2001 with GOST R 34.11-94
    GOST_R3410_2001_WITH_R3411_94 = "1.2.643.2.2.3", "GOST R 34.10-2001 with GOST R 34.11-94";
    /// id-tc26-gost3410-12-256 (RFC 9215)
    GOST_R3410_2012_256 = "1.2.643.7.1.1.1.1", "GOST R 34.10-2012 (256)";
    /// id-tc26-gost3410-12-512 (RFC 9215)
    GOST_R3410_2012_512 = "1.2.643.7.1.1.1.2", "GOST R 34.10-2012 (512)";
    /// id-tc26-signwithdigest-gost3410-12-256 (RFC 9215)
    GOST_R3410_2012_256_SIGNATURE = "1.2.643.7.1.1.3.2", "GOST R 34.10-2012 (256) with GOST R 34.11-2012";
    /// id-tc26-signwithdigest-gost3410-12-512 (RFC 9215)
    GOST_R3410_2012_512_SIGNATURE = "1.2.643.7.1.1.3.3", "GOST R 34.10-2012 (512) with GOST R 34.11-2012";

    // Curves that are named and not computed on (SEC 2, X9.62): binary ones, and short ones over prime fields.
    /// sect113r1
    SECT113R1 = "1.3.132.0.4", "sect113r1";
    /// sect113r2
    SECT113R2 = "1.3.132.0.5", "sect113r2";
    /// sect131r1
    SECT131R1 = "1.3.132.0.22", "sect131r1";
    /// sect131r2
    SECT131R2 = "1.3.132.0.23", "sect131r2";
    /// sect163k1
    SECT163K1 = "1.3.132.0.1", "sect163k1";
    /// sect163r1
    SECT163R1 = "1.3.132.0.2", "sect163r1";
    /// sect163r2
    SECT163R2 = "1.3.132.0.15", "sect163r2";
    /// sect193r1
    SECT193R1 = "1.3.132.0.24", "sect193r1";
    /// sect193r2
    SECT193R2 = "1.3.132.0.25", "sect193r2";
    /// sect233k1
    SECT233K1 = "1.3.132.0.26", "sect233k1";
    /// sect233r1
    SECT233R1 = "1.3.132.0.27", "sect233r1";
    /// sect239k1
    SECT239K1 = "1.3.132.0.3", "sect239k1";
    /// sect283k1
    SECT283K1 = "1.3.132.0.16", "sect283k1";
    /// sect283r1
    SECT283R1 = "1.3.132.0.17", "sect283r1";
    /// sect409k1
    SECT409K1 = "1.3.132.0.36", "sect409k1";
    /// sect409r1
    SECT409R1 = "1.3.132.0.37", "sect409r1";
    /// sect571k1
    SECT571K1 = "1.3.132.0.38", "sect571k1";
    /// sect571r1
    SECT571R1 = "1.3.132.0.39", "sect571r1";
    /// secp112r1
    SECP112R1 = "1.3.132.0.6", "secp112r1";
    /// secp112r2
    SECP112R2 = "1.3.132.0.7", "secp112r2";
    /// secp128r1
    SECP128R1 = "1.3.132.0.28", "secp128r1";
    /// secp128r2
    SECP128R2 = "1.3.132.0.29", "secp128r2";
    /// secp160k1
    SECP160K1 = "1.3.132.0.9", "secp160k1";
    /// secp160r1
    SECP160R1 = "1.3.132.0.8", "secp160r1";
    /// secp160r2
    SECP160R2 = "1.3.132.0.30", "secp160r2";
    /// secp192k1
    SECP192K1 = "1.3.132.0.31", "secp192k1";
    /// secp224k1
    SECP224K1 = "1.3.132.0.32", "secp224k1";
    /// prime192v2
    PRIME192V2 = "1.2.840.10045.3.1.2", "prime192v2";
    /// prime192v3
    PRIME192V3 = "1.2.840.10045.3.1.3", "prime192v3";
    /// prime239v1
    PRIME239V1 = "1.2.840.10045.3.1.4", "prime239v1";
    /// prime239v2
    PRIME239V2 = "1.2.840.10045.3.1.5", "prime239v2";
    /// prime239v3
    PRIME239V3 = "1.2.840.10045.3.1.6", "prime239v3";
    /// c2pnb163v1
    C2PNB163V1 = "1.2.840.10045.3.0.1", "c2pnb163v1";
    /// c2pnb163v2
    C2PNB163V2 = "1.2.840.10045.3.0.2", "c2pnb163v2";
    /// c2pnb163v3
    C2PNB163V3 = "1.2.840.10045.3.0.3", "c2pnb163v3";
    /// c2pnb176v1
    C2PNB176V1 = "1.2.840.10045.3.0.4", "c2pnb176v1";
    /// c2tnb191v1
    C2TNB191V1 = "1.2.840.10045.3.0.5", "c2tnb191v1";
    /// c2tnb191v2
    C2TNB191V2 = "1.2.840.10045.3.0.6", "c2tnb191v2";
    /// c2tnb191v3
    C2TNB191V3 = "1.2.840.10045.3.0.7", "c2tnb191v3";
    /// c2pnb208w1
    C2PNB208W1 = "1.2.840.10045.3.0.10", "c2pnb208w1";
    /// c2tnb239v1
    C2TNB239V1 = "1.2.840.10045.3.0.11", "c2tnb239v1";
    /// c2tnb239v2
    C2TNB239V2 = "1.2.840.10045.3.0.12", "c2tnb239v2";
    /// c2tnb239v3
    C2TNB239V3 = "1.2.840.10045.3.0.13", "c2tnb239v3";
    /// c2pnb272w1
    C2PNB272W1 = "1.2.840.10045.3.0.16", "c2pnb272w1";
    /// c2pnb304w1
    C2PNB304W1 = "1.2.840.10045.3.0.17", "c2pnb304w1";
    /// c2tnb359v1
    C2TNB359V1 = "1.2.840.10045.3.0.18", "c2tnb359v1";
    /// c2pnb368w1
    C2PNB368W1 = "1.2.840.10045.3.0.19", "c2pnb368w1";
    /// c2tnb431r1
    C2TNB431R1 = "1.2.840.10045.3.0.20", "c2tnb431r1";
    /// ecdsa-with-SHA1
    ECDSA_WITH_SHA1 = "1.2.840.10045.4.1", "ecdsa-with-SHA1";
    /// ecdsa-with-SHA256
    ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2", "ecdsa-with-SHA256";
    /// ecdsa-with-SHA384
    ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3", "ecdsa-with-SHA384";
    /// ecdsa-with-SHA512
    ECDSA_WITH_SHA512 = "1.2.840.10045.4.3.4", "ecdsa-with-SHA512";
    /// ecdsa-with-SHA224
    ECDSA_WITH_SHA224 = "1.2.840.10045.4.3.1", "ecdsa-with-SHA224";
    /// id-ecdsa-with-sha3-224
    ECDSA_WITH_SHA3_224 = "2.16.840.1.101.3.4.3.9", "ecdsa-with-SHA3-224";
    /// id-ecdsa-with-sha3-256
    ECDSA_WITH_SHA3_256 = "2.16.840.1.101.3.4.3.10", "ecdsa-with-SHA3-256";
    /// id-ecdsa-with-sha3-384
    ECDSA_WITH_SHA3_384 = "2.16.840.1.101.3.4.3.11", "ecdsa-with-SHA3-384";
    /// id-ecdsa-with-sha3-512
    ECDSA_WITH_SHA3_512 = "2.16.840.1.101.3.4.3.12", "ecdsa-with-SHA3-512";
    /// id-Ed25519
    ED25519 = "1.3.101.112", "Ed25519";

    // Key files: PKCS#5 (RFC 8018) and PKCS#12 (RFC 7292, RFC 9579).
    /// pbeWithMD5AndDES-CBC, recognised only to be named when it is refused
    PBE_MD5_DES = "1.2.840.113549.1.5.3", "pbeWithMD5AndDES-CBC";
    /// pbeWithSHA1AndDES-CBC, recognised only to be named when it is refused
    PBE_SHA1_DES = "1.2.840.113549.1.5.10", "pbeWithSHA1AndDES-CBC";
    /// id-PBKDF2
    PBKDF2 = "1.2.840.113549.1.5.12", "PBKDF2";
    /// id-PBES2
    PBES2 = "1.2.840.113549.1.5.13", "PBES2";
    /// id-PBMAC1
    PBMAC1 = "1.2.840.113549.1.5.14", "PBMAC1";
    /// pbeWithSHAAnd3-KeyTripleDES-CBC
    PBE_SHA1_3DES = "1.2.840.113549.1.12.1.3", "pbeWithSHAAnd3-KeyTripleDES-CBC";
    /// pbeWithSHAAnd128BitRC2-CBC
    PBE_SHA1_RC2_128 = "1.2.840.113549.1.12.1.5", "pbeWithSHAAnd128BitRC2-CBC";
    /// pbewithSHAAnd40BitRC2-CBC
    PBE_SHA1_RC2_40 = "1.2.840.113549.1.12.1.6", "pbeWithSHAAnd40BitRC2-CBC";
    /// des-EDE3-CBC, recognised only to be named when it is refused
    DES_EDE3_CBC = "1.2.840.113549.3.7", "des-EDE3-CBC";
    /// hmacWithSHA1, recognised only to be named when it is refused
    HMAC_SHA1 = "1.2.840.113549.2.7", "hmacWithSHA1";
    /// id-encryptedData (RFC 5652 section 8)
    CT_ENCRYPTED_DATA = "1.2.840.113549.1.7.6", "encryptedData";
    /// id-envelopedData (RFC 5652 section 6)
    CT_ENVELOPED_DATA = "1.2.840.113549.1.7.3", "envelopedData";
    /// id-digestedData (RFC 5652 section 7)
    CT_DIGESTED_DATA = "1.2.840.113549.1.7.5", "digestedData";
    /// id-ct-authData (RFC 5652 section 9)
    CT_AUTHENTICATED_DATA = "1.2.840.113549.1.9.16.1.2", "authenticatedData";
    /// id-ct-compressedData (RFC 3274)
    CT_COMPRESSED_DATA = "1.2.840.113549.1.9.16.1.9", "compressedData";
    /// id-ct-authEnvelopedData (RFC 5083)
    CT_AUTH_ENVELOPED_DATA = "1.2.840.113549.1.9.16.1.23", "authEnvelopedData";
    /// keyBag
    P12_KEY_BAG = "1.2.840.113549.1.12.10.1.1", "keyBag";
    /// pkcs8ShroudedKeyBag
    P12_SHROUDED_KEY_BAG = "1.2.840.113549.1.12.10.1.2", "pkcs8ShroudedKeyBag";
    /// certBag
    P12_CERT_BAG = "1.2.840.113549.1.12.10.1.3", "certBag";
    /// safeContentsBag
    P12_SAFE_CONTENTS_BAG = "1.2.840.113549.1.12.10.1.6", "safeContentsBag";
    /// x509Certificate, the certType of a certBag
    P12_X509_CERTIFICATE = "1.2.840.113549.1.9.22.1", "x509Certificate";
    /// friendlyName, an attribute of a bag
    P12_FRIENDLY_NAME = "1.2.840.113549.1.9.20", "friendlyName";
    /// hmacWithSHA256
    HMAC_SHA256 = "1.2.840.113549.2.9", "hmacWithSHA256";
    /// hmacWithSHA384
    HMAC_SHA384 = "1.2.840.113549.2.10", "hmacWithSHA384";
    /// hmacWithSHA512
    HMAC_SHA512 = "1.2.840.113549.2.11", "hmacWithSHA512";
}
