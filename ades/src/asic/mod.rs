//! ASiC containers with CAdES signatures (EN 319 162-1): files and their signatures in one ZIP.
//!
//! ASiC-S holds one file with one CAdES signature over it. ASiC-E holds any number of files: each
//! signature is over a manifest, which holds the digests of the files, and an archive time-stamp over an
//! archive manifest, which holds the digests of everything. Files are hashed and copied as streams.

mod add;
mod archive;
pub(crate) mod container;
mod create;
mod error;
mod layout;
mod manifest;
mod names;

pub use add::add_to_asic;
pub use archive::{ExtendedAsic, extend_asic};
pub use container::{Container, Kind, Limits, Member};
pub use create::{AsicSignature, DataFile, sign_asic, sign_asic_long_term};
pub use error::AsicError;
pub(crate) use manifest::digest_uri;
pub use manifest::{DataObject, Manifest};
pub use names::check_name;

/// The file that says what the container is; always the first one, and not compressed.
pub(crate) const MIMETYPE: &str = "mimetype";
/// The folder of signatures and manifests.
pub(crate) const META_INF: &str = "META-INF/";
/// The signature of an ASiC-S container, and the first of an ASiC-E container (clause 4.3.3.2).
pub(crate) const SIGNATURE: &str = "META-INF/signature.p7s";
/// What the first signature of an ASiC-E container is over (clause 4.4.3.2).
pub(crate) const MANIFEST: &str = "META-INF/ASiCManifest.xml";
/// The last archive manifest (annex A.7).
pub(crate) const ARCHIVE_MANIFEST: &str = "META-INF/ASiCArchiveManifest.xml";
/// The first archive time-stamp.
pub(crate) const TIMESTAMP: &str = "META-INF/archive_timestamp001.tst";
