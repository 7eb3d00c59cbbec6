//! Trusted lists (TS 119 612) made on the spot: the XML is written here, xmlsec1 signs it as XAdES asks.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::program::Call;

/// A list to be written.
#[derive(Clone, Debug)]
pub struct List {
    /// TSLVersionIdentifier.
    pub version: u32,
    /// TSLSequenceNumber.
    pub sequence_number: u64,
    /// TSLType, a URI.
    pub list_type: String,
    /// SchemeTerritory.
    pub territory: String,
    /// SchemeInformationURI beside the usual one.
    pub information_uris: Vec<String>,
    /// ListIssueDateTime.
    pub issued: String,
    /// NextUpdate; empty where the scheme has ceased.
    pub next_update: Option<String>,
    /// Pointers to other lists.
    pub pointers: Vec<Pointer>,
    /// The services of all providers.
    pub services: Vec<Service>,
}

/// A pointer to another list.
#[derive(Clone, Debug)]
pub struct Pointer {
    /// Where it is.
    pub location: String,
    /// Who signs it: certificates in base64.
    pub signers: Vec<String>,
    /// Its type.
    pub list_type: String,
    /// Its territory.
    pub territory: String,
    /// Further `OtherInformation` elements.
    pub information: String,
}

/// A service.
#[derive(Clone, Debug)]
pub struct Service {
    /// ServiceTypeIdentifier after `http://uri.etsi.org/TrstSvc/Svctype/`.
    pub kind: String,
    /// Status after `http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/`, and since when.
    pub status: (String, String),
    /// Earlier statuses, the latest first.
    pub history: Vec<(String, String)>,
    /// Its certificate in base64.
    pub certificate: String,
    /// `DigitalId` elements instead of that certificate and a name.
    pub identity: Option<String>,
    /// Whose it is; those of one provider stand beside each other.
    pub provider: String,
    /// `Extension` elements.
    pub extensions: String,
}

/// The provider of services for which no other is named.
pub const PROVIDER: &str = "Test Trust Ltd";

/// Types of lists.
pub const EU_GENERIC: &str = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric";
/// The European list of lists.
pub const EU_LISTS: &str = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUlistofthelists";

impl List {
    /// A list without services, current for some years.
    pub fn new(list_type: &str, territory: &str) -> Self {
        Self {
            version: 6,
            sequence_number: 7,
            list_type: list_type.into(),
            territory: territory.into(),
            information_uris: Vec::new(),
            issued: "2026-01-01T00:00:00Z".into(),
            next_update: Some("2046-01-01T00:00:00Z".into()),
            pointers: Vec::new(),
            services: Vec::new(),
        }
    }

    /// The XML without a signature.
    pub fn to_xml(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let name = |element: &str, text: &str| {
            format!("<{element}><Name xml:lang=\"en\">{text}</Name></{element}>")
        };
        let address = |element: &str| {
            format!(
                "<{element}><PostalAddresses><PostalAddress xml:lang=\"en\"><StreetAddress>1 Main Street</StreetAddress><Locality>Town</Locality><CountryName>XX</CountryName></PostalAddress></PostalAddresses><ElectronicAddress><URI xml:lang=\"en\">mailto:list@sceau.example</URI></ElectronicAddress></{element}>"
            )
        };
        let mut uris = String::from("<URI xml:lang=\"en\">http://scheme.sceau.example/</URI>");
        for uri in &self.information_uris {
            let _ = write!(uris, "<URI xml:lang=\"en\">{uri}</URI>");
        }
        let operator = name("SchemeOperatorName", "Test &amp; Sons");
        let _ = write!(
            out,
            "<TrustServiceStatusList xmlns=\"http://uri.etsi.org/02231/v2#\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:sie=\"http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#\" xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" xmlns:tslx=\"http://uri.etsi.org/02231/v2/additionaltypes#\" Id=\"list\" TSLTag=\"http://uri.etsi.org/19612/TSLTag\">\n<SchemeInformation><TSLVersionIdentifier>{}</TSLVersionIdentifier><TSLSequenceNumber>{}</TSLSequenceNumber><TSLType>{}</TSLType>{operator}{}{}<SchemeInformationURI>{uris}</SchemeInformationURI><StatusDeterminationApproach>http://uri.etsi.org/TrstSvc/TrustedList/StatusDetn/EUappropriate</StatusDeterminationApproach><SchemeTypeCommunityRules><URI xml:lang=\"en\">http://uri.etsi.org/TrstSvc/TrustedList/schemerules/EUcommon</URI></SchemeTypeCommunityRules><SchemeTerritory>{}</SchemeTerritory><PolicyOrLegalNotice><TSLLegalNotice xml:lang=\"en\">None &#x2014; a test.</TSLLegalNotice></PolicyOrLegalNotice><HistoricalInformationPeriod>65535</HistoricalInformationPeriod>",
            self.version,
            self.sequence_number,
            self.list_type,
            address("SchemeOperatorAddress"),
            name("SchemeName", "XX:Lists for tests"),
            self.territory,
        );
        if !self.pointers.is_empty() {
            out.push_str("<PointersToOtherTSL>");
            for one in &self.pointers {
                out.push_str("<OtherTSLPointer>");
                if !one.signers.is_empty() {
                    out.push_str("<ServiceDigitalIdentities>");
                    for signer in &one.signers {
                        let _ = write!(
                            out,
                            "<ServiceDigitalIdentity><DigitalId><X509Certificate>{signer}</X509Certificate></DigitalId></ServiceDigitalIdentity>"
                        );
                    }
                    out.push_str("</ServiceDigitalIdentities>");
                }
                let _ = write!(
                    out,
                    "<TSLLocation>{}</TSLLocation><AdditionalInformation><OtherInformation><TSLType>{}</TSLType></OtherInformation><OtherInformation>{operator}</OtherInformation><OtherInformation><SchemeTerritory>{}</SchemeTerritory></OtherInformation><OtherInformation><tslx:MimeType>application/vnd.etsi.tsl+xml</tslx:MimeType></OtherInformation>{}</AdditionalInformation></OtherTSLPointer>",
                    one.location, one.list_type, one.territory, one.information
                );
            }
            out.push_str("</PointersToOtherTSL>");
        }
        let next = self
            .next_update
            .as_ref()
            .map_or_else(String::new, |t| format!("<dateTime>{t}</dateTime>"));
        let _ = writeln!(
            out,
            "<ListIssueDateTime>{}</ListIssueDateTime><NextUpdate>{next}</NextUpdate></SchemeInformation>",
            self.issued
        );
        if !self.services.is_empty() {
            out.push_str("<TrustServiceProviderList>");
            for services in self.services.chunk_by(|a, b| a.provider == b.provider) {
                let _ = writeln!(
                    out,
                    "<TrustServiceProvider><TSPInformation>{}{}{}<TSPInformationURI><URI xml:lang=\"en\">http://tsp.sceau.example/</URI></TSPInformationURI></TSPInformation><TSPServices>",
                    name("TSPName", &services[0].provider),
                    name("TSPTradeName", "VATXX-1234"),
                    address("TSPAddress"),
                );
                for service in services {
                    service.write(&mut out);
                }
                out.push_str("</TSPServices></TrustServiceProvider>");
            }
            out.push_str("</TrustServiceProviderList>\n");
        }
        out.push_str("</TrustServiceStatusList>\n");
        out
    }
}

impl Service {
    /// A granted service.
    pub fn granted(kind: &str, since: &str, certificate: &str) -> Self {
        Self {
            kind: kind.into(),
            status: ("granted".into(), since.into()),
            history: Vec::new(),
            certificate: certificate.into(),
            identity: None,
            provider: PROVIDER.into(),
            extensions: String::new(),
        }
    }

    /// With additional service information such as `ForeSeals`.
    #[must_use]
    pub fn with_information(mut self, name: &str) -> Self {
        let _ = write!(
            self.extensions,
            "<Extension Critical=\"true\"><AdditionalServiceInformation><URI xml:lang=\"en\">http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/{name}</URI></AdditionalServiceInformation></Extension>"
        );
        self
    }

    /// With a qualification: qualifiers such as `QCWithQSCD`, and a `sie:CriteriaList`.
    #[must_use]
    pub fn with_qualification(mut self, qualifiers: &[&str], criteria: &str) -> Self {
        let qualifiers: String = qualifiers
            .iter()
            .map(|q| {
                format!(
                    "<sie:Qualifier uri=\"http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/{q}\"/>"
                )
            })
            .collect();
        let _ = write!(
            self.extensions,
            "<Extension Critical=\"true\"><sie:Qualifications><sie:QualificationElement><sie:Qualifiers>{qualifiers}</sie:Qualifiers>{criteria}</sie:QualificationElement></sie:Qualifications></Extension>"
        );
        self
    }

    fn write(&self, out: &mut String) {
        let state = |(status, since): &(String, String), points: &str| {
            let extensions = if self.extensions.is_empty() {
                String::new()
            } else {
                format!(
                    "<ServiceInformationExtensions>{}</ServiceInformationExtensions>",
                    self.extensions
                )
            };
            let identity = self.identity.clone().unwrap_or_else(|| {
                format!(
                    "<DigitalId><X509Certificate>{}</X509Certificate></DigitalId><DigitalId><X509SubjectName>CN=Service</X509SubjectName></DigitalId>",
                    self.certificate
                )
            });
            format!(
                "<ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/{}</ServiceTypeIdentifier><ServiceName><Name xml:lang=\"en\">A service</Name></ServiceName><ServiceDigitalIdentity>{identity}</ServiceDigitalIdentity><ServiceStatus>http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/{status}</ServiceStatus><StatusStartingTime>{since}</StatusStartingTime>{points}{extensions}",
                self.kind
            )
        };
        let points = "<ServiceSupplyPoints><ServiceSupplyPoint type=\"http://uri.etsi.org/TrstSvc/Svctype/Certstatus/CRL/QC\">http://tsp.sceau.example/crl</ServiceSupplyPoint></ServiceSupplyPoints>";
        let _ = write!(
            out,
            "<TSPService><ServiceInformation>{}</ServiceInformation>",
            state(&self.status, points)
        );
        if !self.history.is_empty() {
            out.push_str("<ServiceHistory>");
            for one in &self.history {
                let _ = write!(
                    out,
                    "<ServiceHistoryInstance>{}</ServiceHistoryInstance>",
                    state(one, "")
                );
            }
            out.push_str("</ServiceHistory>");
        }
        out.push_str("</TSPService>\n");
    }
}

/// How a list is signed.
#[derive(Clone, Debug)]
pub struct Signing<'a> {
    /// The signed property that names the certificate: SigningCertificateV2, or as before EN 319 132-1.
    pub property: &'a str,
    /// The key in PEM form.
    pub key: &'a Path,
    /// Its certificate in PEM form.
    pub certificate: &'a Path,
    /// SignatureMethod.
    pub method: &'a str,
    /// DigestMethod.
    pub digest: &'a str,
    /// What the reference to the list names: empty, or `#list`.
    pub uri: &'a str,
    /// The digest in the signed properties, in base64; without it there are none.
    pub certificate_digest: Option<&'a str>,
}

/// ECDSA with SHA-256.
pub const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
/// RSA PKCS#1 v1.5 with SHA-512.
pub const RSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
/// The signed property of EN 319 132-1.
pub const SIGNING_CERTIFICATE: &str = "SigningCertificateV2";
/// SHA-256.
pub const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

const IDS: [&str; 4] = [
    "--id-attr:Id",
    "http://uri.etsi.org/02231/v2#:TrustServiceStatusList",
    "--id-attr:Id",
    "http://uri.etsi.org/01903/v1.3.2#:SignedProperties",
];

/// Signs the XML of a list with xmlsec1.
///
/// # Errors
/// Where xmlsec1 does not.
pub fn sign(xml: &str, how: &Signing<'_>) -> Result<Vec<u8>> {
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let (mut reference, mut object) = (String::new(), String::new());
    if let Some(digest) = how.certificate_digest {
        let property = how.property;
        reference = format!(
            "<ds:Reference Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#properties\"><ds:Transforms><ds:Transform Algorithm=\"{exclusive}\"/></ds:Transforms><ds:DigestMethod Algorithm=\"{}\"/><ds:DigestValue/></ds:Reference>",
            how.digest
        );
        object = format!(
            "<ds:Object><xades:QualifyingProperties Target=\"#signature\"><xades:SignedProperties Id=\"properties\"><xades:SignedSignatureProperties><xades:SigningTime>2026-01-01T00:00:00Z</xades:SigningTime><xades:{property}><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm=\"{SHA256}\"/><ds:DigestValue>{digest}</ds:DigestValue></xades:CertDigest></xades:Cert></xades:{property}></xades:SignedSignatureProperties></xades:SignedProperties></xades:QualifyingProperties></ds:Object>"
        );
    }
    let template = format!(
        "<ds:Signature Id=\"signature\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{exclusive}\"/><ds:SignatureMethod Algorithm=\"{}\"/><ds:Reference URI=\"{}\"><ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/><ds:Transform Algorithm=\"{exclusive}\"/></ds:Transforms><ds:DigestMethod Algorithm=\"{}\"/><ds:DigestValue/></ds:Reference>{reference}</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo>{object}</ds:Signature></TrustServiceStatusList>",
        how.method, how.uri, how.digest
    );
    let folder = tempfile::tempdir()?;
    let from = folder.path().join("template.xml");
    let to = folder.path().join("signed.xml");
    std::fs::write(&from, xml.replace("</TrustServiceStatusList>", &template))?;
    let pair = format!("{},{}", how.key.display(), how.certificate.display());
    let run = Call::new("xmlsec1")
        .args(["--sign", "--privkey-pem", &pair])
        .args(IDS)
        .arg("--output")
        .arg(&to)
        .arg(&from)
        .run()?;
    ensure!(run.success(), "xmlsec1 does not sign: {}", run.err());
    Ok(std::fs::read(&to)?)
}

/// Whether xmlsec1 finds the signature of `xml` to be that of `certificate`.
///
/// # Errors
/// Where xmlsec1 does not run.
pub fn verifies(xml: &[u8], certificate: &Path) -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("signed.xml");
    std::fs::write(&file, xml)?;
    let run = Call::new("xmlsec1")
        .args([
            "--verify",
            "--enabled-key-data",
            "key-name",
            "--pubkey-cert-pem",
        ])
        .arg(certificate)
        .args(IDS)
        .arg(&file)
        .run()?;
    Ok(run.success())
}
