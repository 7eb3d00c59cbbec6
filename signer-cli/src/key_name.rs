//! How the signer's key is named: as everywhere else, or as a credential at a signing service.

use core::fmt;
use core::str::FromStr;

use hsm_pkcs11::KeyLocation;

const SCHEME: &str = "csc:";

/// `--key`, and `key` in the settings file.
#[derive(Clone, Debug, Eq, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one")]
pub(crate) enum KeyName {
    /// In a token or a file.
    Here(KeyLocation),
    /// At a service.
    Service(ServiceKey),
}

/// `csc:SERVICE` or `csc:SERVICE;credential=ID`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ServiceKey {
    /// The URL of the API, or the name of a `[[remote]]` table.
    pub(crate) service: String,
    /// Which of its credentials; `None`: the table's, else the only one.
    pub(crate) credential: Option<String>,
}

impl FromStr for KeyName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix(SCHEME) else {
            return text
                .parse()
                .map(Self::Here)
                .map_err(|e: hsm_pkcs11::UriError| e.to_string());
        };
        let (service, credential) = match rest.split_once(';') {
            None => (rest, None),
            Some((service, attribute)) => {
                let id = attribute
                    .strip_prefix("credential=")
                    .filter(|id| !id.is_empty());
                let id = id.ok_or("after ; comes credential=ID")?;
                (service, Some(id.to_owned()))
            }
        };
        if service.is_empty() {
            return Err("csc: is followed by a URL, or by the name of a [[remote]] table".into());
        }
        Ok(Self::Service(ServiceKey {
            service: service.to_owned(),
            credential,
        }))
    }
}

impl fmt::Display for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.service)?;
        match &self.credential {
            Some(id) => write!(f, ";credential={id}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_taken_for_a_file_or_loses_its_credential() {
        let name = |text: &str| text.parse::<KeyName>();
        let service = |service: &str, credential: Option<&str>| {
            Ok(KeyName::Service(ServiceKey {
                service: service.into(),
                credential: credential.map(Into::into),
            }))
        };
        let url = "https://sign.sceau.example/csc/v2";
        assert_eq!(name(&format!("csc:{url}")), service(url, None));
        assert_eq!(
            name("csc:acme;credential=a/b;c"),
            service("acme", Some("a/b;c"))
        );
        assert!(name("csc:").is_err());
        assert!(name("csc:acme;").is_err());
        assert!(name("csc:acme;credential=").is_err());
        assert!(matches!(name("acme.p12"), Ok(KeyName::Here(_))));
        assert!(matches!(name("pkcs11:object=a"), Ok(KeyName::Here(_))));
        assert!(name("").is_err());
    }
}
