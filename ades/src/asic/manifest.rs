//! ASiCManifest and ASiCArchiveManifest (EN 319 162-1 annex A.4 and A.7): the digests of files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pki_crypto::{Digest, DigestAlgorithm};
use roxmltree::{Document, Node, ParsingOptions};
use trust_lists::xml::Limits;

use super::AsicError;
use super::names::{from_uri, to_uri};
use crate::xml::escape;

const ASIC: &str = "http://uri.etsi.org/02918/v1.2.1#";
const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const NODES: u32 = 500_000;
const OBJECTS: usize = 20_000;

/// Which files belong to which signature or time-stamp.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Manifest {
    /// The name of the signature or time-stamp file over the manifest.
    pub signature: String,
    /// Its media type.
    pub signature_type: Option<String>,
    /// The files.
    pub objects: Vec<DataObject>,
}

/// One file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DataObject {
    /// Its name in the container.
    pub name: String,
    /// Its media type.
    pub media_type: Option<String>,
    /// Its digest; the algorithm's URI where it is not supported.
    pub digest: Result<Digest, String>,
    /// Whether it is the one to begin with.
    pub root: bool,
}

impl Manifest {
    /// Reads the manifest called `name`.
    ///
    /// # Errors
    /// [`AsicError::Manifest`] where it is none, or has a critical extension.
    pub fn parse(name: &str, xml: &[u8]) -> Result<Self, AsicError> {
        Self::read(xml).map_err(|why| AsicError::Manifest {
            name: name.to_owned(),
            why,
        })
    }

    fn read(xml: &[u8]) -> Result<Self, String> {
        let text = core::str::from_utf8(xml).map_err(|_| "it is not UTF-8")?;
        // Before a tree is built, which takes time with the square of attributes and namespaces.
        Limits::default().check(text).map_err(|e| e.to_string())?;
        let options = ParsingOptions {
            allow_dtd: false,
            nodes_limit: NODES,
            ..ParsingOptions::default()
        };
        let document = Document::parse_with_options(text, options).map_err(|e| e.to_string())?;
        let root = document.root_element();
        if !root.has_tag_name((ASIC, "ASiCManifest")) {
            return Err("its root is not ASiCManifest".into());
        }
        let mut children = root.children().filter(Node::is_element);
        let first = children
            .next()
            .filter(|n| n.has_tag_name((ASIC, "SigReference")))
            .ok_or("it does not begin with SigReference")?;
        let mut out = Self {
            signature: reference(first)?,
            signature_type: first.attribute("MimeType").map(str::to_owned),
            objects: Vec::new(),
        };
        for child in children {
            if child.has_tag_name((ASIC, "DataObjectReference")) {
                if out.objects.len() == OBJECTS {
                    return Err(format!("it has more than {OBJECTS} files"));
                }
                out.objects.push(data_object(child)?);
            } else if child.has_tag_name((ASIC, "ASiCManifestExtensions")) {
                critical(child)?;
            } else {
                return Err(format!("{} is not expected", child.tag_name().name()));
            }
        }
        if out.objects.is_empty() {
            return Err("it names no file".into());
        }
        Ok(out)
    }

    /// In XML.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.push_str(&format!(
            "<asic:ASiCManifest xmlns:asic=\"{ASIC}\" xmlns:ds=\"{XMLDSIG}\">\n  <asic:SigReference URI=\"{}\"{}/>\n",
            escape(&to_uri(&self.signature)),
            media_type(self.signature_type.as_deref()),
        ));
        for one in &self.objects {
            let Ok(digest) = &one.digest else { continue };
            out.push_str(&format!(
                "  <asic:DataObjectReference URI=\"{}\"{}{}>\n    <ds:DigestMethod Algorithm=\"{}\"/>\n    <ds:DigestValue>{}</ds:DigestValue>\n  </asic:DataObjectReference>\n",
                escape(&to_uri(&one.name)),
                media_type(one.media_type.as_deref()),
                if one.root { " Rootfile=\"true\"" } else { "" },
                digest_uri(digest.algorithm()),
                STANDARD.encode(digest.as_bytes()),
            ));
        }
        out.push_str("</asic:ASiCManifest>\n");
        out
    }
}

fn data_object(node: Node<'_, '_>) -> Result<DataObject, String> {
    let mut method = None;
    let mut value = None;
    for child in node.children().filter(Node::is_element) {
        if child.has_tag_name((XMLDSIG, "DigestMethod")) && method.is_none() {
            method = child.attribute("Algorithm");
        } else if child.has_tag_name((XMLDSIG, "DigestValue")) && value.is_none() {
            let text: String = child
                .text()
                .unwrap_or_default()
                .split_whitespace()
                .collect();
            value = Some(
                STANDARD
                    .decode(text)
                    .map_err(|_| "a DigestValue is not base64")?,
            );
        } else if child.has_tag_name((ASIC, "DataObjectReferenceExtensions")) {
            critical(child)?;
        } else {
            return Err(format!("{} is not expected", child.tag_name().name()));
        }
    }
    let method = method.ok_or("a DigestMethod is missing")?;
    let value = value.ok_or("a DigestValue is missing")?;
    let digest = match DigestAlgorithm::ALL
        .into_iter()
        .find(|d| digest_uri(*d) == method)
    {
        Some(algorithm) => Ok(Digest::from_bytes(algorithm, &value)
            .ok_or("a DigestValue is not as long as its algorithm's")?),
        None => Err(method.to_owned()),
    };
    Ok(DataObject {
        name: reference(node)?,
        media_type: node.attribute("MimeType").map(str::to_owned),
        digest,
        root: matches!(node.attribute("Rootfile"), Some("true" | "1")),
    })
}

fn reference(node: Node<'_, '_>) -> Result<String, String> {
    let uri = node.attribute("URI").ok_or("a URI is missing")?;
    from_uri(uri).ok_or_else(|| format!("{uri:?} names no file of the container"))
}

/// What must be understood and is not.
fn critical(extensions: Node<'_, '_>) -> Result<(), String> {
    let found = extensions
        .children()
        .filter(Node::is_element)
        .any(|e| matches!(e.attribute("Critical"), Some("true" | "1")));
    if found {
        return Err("it has a critical extension that is not supported".into());
    }
    Ok(())
}

fn media_type(value: Option<&str>) -> String {
    value.map_or_else(String::new, |v| format!(" MimeType=\"{}\"", escape(v)))
}

/// The algorithm's identifier in XML (RFC 9231).
pub(crate) fn digest_uri(digest: DigestAlgorithm) -> &'static str {
    match digest {
        DigestAlgorithm::Sha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
        DigestAlgorithm::Sha224 => "http://www.w3.org/2001/04/xmldsig-more#sha224",
        DigestAlgorithm::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
        DigestAlgorithm::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
        DigestAlgorithm::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
        DigestAlgorithm::Sha3_256 => "http://www.w3.org/2007/05/xmldsig-more#sha3-256",
        DigestAlgorithm::Sha3_384 => "http://www.w3.org/2007/05/xmldsig-more#sha3-384",
        DigestAlgorithm::Sha3_512 => "http://www.w3.org/2007/05/xmldsig-more#sha3-512",
        // RFC 9231 names MD5 and SHA3-224; nothing here writes or reads any of these in a manifest.
        DigestAlgorithm::Md5
        | DigestAlgorithm::Sha512_224
        | DigestAlgorithm::Sha512_256
        | DigestAlgorithm::Sha3_224
        | DigestAlgorithm::Shake256 => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            signature: "META-INF/signature.p7s".into(),
            signature_type: Some("application/pkcs7-signature".into()),
            objects: vec![DataObject {
                name: "a & b <é>.txt".into(),
                media_type: Some("text/plain; charset=\"x\"".into()),
                digest: Ok(DigestAlgorithm::Sha512.digest(b"x")),
                root: true,
            }],
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let one = manifest();
        let again = Manifest::parse("m", one.to_xml().as_bytes()).unwrap();
        assert_eq!(again, one);
    }

    #[test]
    fn manifests_that_could_deceive_are_refused() {
        let good = manifest().to_xml();
        for (from, to) in [
            ("<asic:SigReference", "<asic:Other/><asic:SigReference"),
            ("URI=\"META-INF", "URI=\"../META-INF"),
            (
                "<ds:DigestMethod",
                "<ds:DigestMethod Algorithm=\"x\"/><ds:DigestMethod",
            ),
            (
                "</asic:ASiCManifest>",
                "<asic:ASiCManifestExtensions><asic:Extension Critical=\"true\"/></asic:ASiCManifestExtensions></asic:ASiCManifest>",
            ),
            (
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
                "<!DOCTYPE x [<!ENTITY a \"b\">]>",
            ),
            ("<ds:DigestValue>", "<ds:DigestValue>AA"),
        ] {
            assert!(good.contains(from));
            let bad = good.replacen(from, to, 1);
            assert!(Manifest::parse("m", bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
