//! What a signer can declare besides the signature (EN 319 122-1 clause 5.2), and signatures that join
//! others.

use std::path::PathBuf;

use ades::cades::attributes::{
    Commitment, ContentHints, ContentReference, DocumentSpecification, PolicyStore,
    SignaturePolicy, SignedProperties, SignerLocation,
};
use ades::cms::original::OriginalSignedData;
use clap::ValueEnum;
use cli_support::{Exit, Failure};
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_crypto::DigestAlgorithm;

/// A policy is a document for people.
const POLICY: u64 = 64 << 20;
/// A signature that is referred to; its content inside counts as well.
const REFERRED: u64 = 256 << 20;
/// A postal address has six lines (EN 319 122-1 clause 5.2.5).
const LINES: usize = 6;

/// Commitments and the policy: in PDFs as in any other file.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Declarations")]
pub(crate) struct DeclaredArgs {
    /// What signing commits to (repeatable). In a PDF it stands in the place of --reason
    #[arg(long, value_enum, value_name = "COMMITMENT", conflicts_with = "reason")]
    commitment: Vec<CommitmentArg>,

    /// The signature policy, by its OID
    #[arg(long, value_name = "OID", requires = "policy_file")]
    policy: Option<ObjectIdentifier>,

    /// The policy's document, whose digest is signed
    #[arg(long, value_name = "FILE", requires = "policy")]
    policy_file: Option<PathBuf>,

    /// Where the policy is published
    #[arg(long, value_name = "URL", requires = "policy")]
    policy_uri: Option<String>,

    /// The specification that the policy's document follows, an OID or a URI
    #[arg(long, value_name = "OID|URI", requires = "policy")]
    policy_syntax: Option<String>,
}

impl DeclaredArgs {
    /// Files that are read.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &PathBuf> {
        self.policy_file.iter()
    }
}

/// What only CAdES has.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Any other file")]
pub(crate) struct FileArgs {
    /// Keep the policy's document with the signature
    #[arg(long, requires_all = ["policy_file", "policy_syntax"])]
    keep_policy: bool,

    /// The media type of the file, such as text/plain
    #[arg(long, value_name = "TYPE")]
    mime_type: Option<String>,

    /// What the file is, in words
    #[arg(long, value_name = "TEXT")]
    content_description: Option<String>,

    /// Where the signer is: the place
    #[arg(long, value_name = "PLACE")]
    place: Option<String>,

    /// Where the signer is: the country
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,

    /// Where the signer is: one of up to six lines of an address
    #[arg(long, value_name = "LINE")]
    address: Vec<String>,

    /// A name for the file that other signatures can refer to
    #[arg(long, value_name = "TEXT")]
    content_id: Option<String>,

    /// The signature of the message that this file answers; it must have a --content-id
    #[arg(long, value_name = "FILE")]
    refers_to: Option<PathBuf>,

    /// Sign beside those who signed before: IN is their signature (.p7s, .p7m) or container (.asics, .asice)
    #[arg(long, conflicts_with = "countersign")]
    pub(crate) add: bool,

    /// Counter-sign: IN is a signature; all signers in it, or the one with this number
    #[arg(long, value_name = "NUMBER", num_args = 0..=1, default_missing_value = "0")]
    pub(crate) countersign: Option<usize>,

    /// With --add: the file that the signature is over, where it is not inside
    #[arg(long, value_name = "FILE", requires = "add")]
    pub(crate) content: Option<PathBuf>,
}

/// `--commitment`
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
#[allow(
    clippy::enum_variant_names,
    reason = "the names of TS 119 172-1 annex B"
)]
enum CommitmentArg {
    /// To have made the file, approved it, and sent it
    ProofOfOrigin,
    /// To have received it
    ProofOfReceipt,
    /// That it was delivered
    ProofOfDelivery,
    /// To have sent it
    ProofOfSender,
    /// To approve of it
    ProofOfApproval,
    /// To have made it
    ProofOfCreation,
}

impl CommitmentArg {
    fn commitment(self) -> Commitment {
        match self {
            Self::ProofOfOrigin => Commitment::ProofOfOrigin,
            Self::ProofOfReceipt => Commitment::ProofOfReceipt,
            Self::ProofOfDelivery => Commitment::ProofOfDelivery,
            Self::ProofOfSender => Commitment::ProofOfSender,
            Self::ProofOfApproval => Commitment::ProofOfApproval,
            Self::ProofOfCreation => Commitment::ProofOfCreation,
        }
    }
}

/// What all signatures of a run declare.
#[derive(Clone, Debug, Default)]
pub(crate) struct Declared {
    pub(crate) properties: SignedProperties,
    pub(crate) policy_store: Option<PolicyStore>,
}

impl Declared {
    /// Reads the files that are named.
    pub(crate) fn read(args: &DeclaredArgs, files: &FileArgs) -> Result<Self, Failure> {
        let mut out = Self::default();
        for one in &args.commitment {
            let one = one.commitment();
            if !out.properties.commitments.contains(&one) {
                out.properties.commitments.push(one);
            }
        }
        if let (Some(policy), Some(path)) = (args.policy, &args.policy_file) {
            let document = cli_support::input::read(path, "the signature policy", POLICY)?;
            let specification = args.policy_syntax.as_deref().map(specification);
            let specification = specification.transpose()?;
            out.properties.policy = Some(SignaturePolicy {
                oid: policy,
                digest: DigestAlgorithm::Sha256.digest(&document),
                uri: args.policy_uri.as_deref().map(ascii).transpose()?,
                specification: specification.clone(),
            });
            if let (true, Some(specification)) = (files.keep_policy, specification) {
                out.policy_store = Some(PolicyStore {
                    specification,
                    document,
                });
            }
        }
        out.properties.mime_type.clone_from(&files.mime_type);
        if let Some(description) = &files.content_description {
            out.properties.content_hints = Some(ContentHints {
                description: Some(description.clone()),
                content_type: oid::CT_DATA,
            });
        }
        if files.address.len() > LINES {
            return Err(Failure::message(
                Exit::Usage,
                format_args!("--address was given {} times", files.address.len()),
            )
            .with_hint("an address has up to six lines"));
        }
        if files.place.is_some() || files.country.is_some() || !files.address.is_empty() {
            out.properties.location = Some(SignerLocation {
                country: files.country.clone(),
                locality: files.place.clone(),
                postal_address: files.address.clone(),
            });
        }
        out.properties.content_identifier =
            files.content_id.as_ref().map(|id| id.as_bytes().to_vec());
        if let Some(path) = &files.refers_to {
            out.properties.content_reference = Some(reference(path)?);
        }
        Ok(out)
    }
}

impl FileArgs {
    /// An option that was given and has no meaning in a PDF.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let joins = (self.add, "--add");
        self.about_content()
            .into_iter()
            .chain([
                (self.keep_policy, "--keep-policy"),
                (self.place.is_some(), "--place"),
                (self.country.is_some(), "--country"),
                (!self.address.is_empty(), "--address"),
                joins,
                (self.countersign.is_some(), "--countersign"),
            ])
            .find_map(|(given, name)| given.then_some(name))
    }

    /// An option about the content, which a counter-signature does not have.
    pub(crate) fn given_about_content(&self) -> Option<&'static str> {
        self.about_content()
            .into_iter()
            .find_map(|(given, name)| given.then_some(name))
    }

    /// Files that are read.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &PathBuf> {
        self.refers_to.iter()
    }

    fn about_content(&self) -> [(bool, &'static str); 4] {
        [
            (self.mime_type.is_some(), "--mime-type"),
            (self.content_description.is_some(), "--content-description"),
            (self.content_id.is_some(), "--content-id"),
            (self.refers_to.is_some(), "--refers-to"),
        ]
    }
}

fn specification(text: &str) -> Result<DocumentSpecification, Failure> {
    match text.parse() {
        Ok(oid) => Ok(DocumentSpecification::Oid(oid)),
        Err(_) => ascii(text).map(DocumentSpecification::Uri),
    }
}

fn ascii(uri: &str) -> Result<String, Failure> {
    if uri.is_ascii() && !uri.chars().any(|c| c.is_ascii_control() || c == ' ') {
        return Ok(uri.to_owned());
    }
    Err(
        Failure::message(Exit::Usage, format_args!("{uri:?} is no URI"))
            .with_hint("write other characters than ASCII as %XX"),
    )
}

fn reference(path: &std::path::Path) -> Result<ContentReference, Failure> {
    let context = || format!("cannot refer to {}", path.display());
    let bytes = cli_support::input::read(path, "the signature", REFERRED)?;
    let failed = |e: String| Failure::message(Exit::Data, e).with_context(context());
    let original = OriginalSignedData::from_bytes(bytes).map_err(|e| failed(e.to_string()))?;
    let parsed = original.signed_data().map_err(|e| failed(e.to_string()))?;
    match (parsed.signers.first(), original.signers().first()) {
        (Some(signer), Some(raw)) => ContentReference::to(parsed.content_type, signer, raw)
            .map_err(|_| {
                failed("it has no content-identifier".into())
                    .with_hint("sign that message with --content-id")
            }),
        _ => Err(failed("nobody signed it".into())),
    }
}
