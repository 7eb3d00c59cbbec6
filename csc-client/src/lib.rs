//! Keys at a remote signing service: the Cloud Signature Consortium API, version 2 and the older 1,
//! behind the signing seam ([`hsm_pkcs11::Signer`]).
//!
//! A [`Service`] is where and who asks; a [`Credential`] is a key with its certificates there; a
//! [`RemoteSigner`] has it authorised and signs. Threads that sign at the same time share requests:
//! as many digests as have come together, and as the credential permits, go in one `signHash`.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use ades::cms::build::CmsSigner;
//! use ades::net::UreqClient;
//! use csc_client::{Factors, Login, RemoteSigner, Service};
//! use hsm_pkcs11::PinSource;
//! use pki_asn1::Certificate;
//!
//! let token = Login::Bearer(std::fs::read_to_string("token.txt")?.into());
//! let service = Service::new("https://sign.sceau.example/csc/v2", Arc::new(UreqClient::default()), token);
//! let credential = service.credential(None)?;
//! let certificate = Certificate::from_der(credential.certificates[0].clone())?;
//! let factors = Factors { pin: PinSource::File("pin.txt".into()), otp: PinSource::None };
//! let signer = RemoteSigner::new(service, credential, None, factors, 1)?;
//! let signer = CmsSigner::new(Arc::new(signer), certificate, &[])?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod api;
mod authorization;
mod credential;
mod error;
mod redact;
mod service;
mod signer;

pub use authorization::Factors;
pub use credential::{AuthMode, Binding, Credential};
pub use error::CscError;
pub use service::{Login, Service, Version};
pub use signer::RemoteSigner;
