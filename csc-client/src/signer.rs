//! The seam: digests of many threads gather while a request is under way, and go together in the next
//! one (signatures/signHash).

use core::fmt;
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use ades::cms::prepare::verified_value;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::Encode as _;
use hsm_pkcs11::{KeySpec, Protection, SignError, Signer};
use pki_asn1::{Certificate, oid};
use pki_crypto::{Digest, DigestAlgorithm, Message, PublicKey, SignatureAlgorithm};
use secrecy::ExposeSecret as _;

use crate::api::{SignHashAnswer, SignHashRequest};
use crate::authorization::{Activation, Factors, Refusals, authorize};
use crate::credential::{Binding, Credential};
use crate::error::CscError;
use crate::service::{Service, Version};

/// A credential that signs.
pub struct RemoteSigner {
    service: Service,
    credential: Credential,
    factors: Factors,
    key: PublicKey,
    algorithm: SignatureAlgorithm,
    digest: DigestAlgorithm,
    digest_oid: String,
    sign_algo: String,
    sign_algo_params: Option<String>,
    /// Signatures that are likely to be asked for, for the authorisation.
    expected: usize,
    queue: Mutex<Queue>,
    changed: Condvar,
    activation: Mutex<Option<Activation>>,
    refusals: Mutex<Refusals>,
}

impl fmt::Debug for RemoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSigner")
            .field("service", &self.service)
            .field("credential", &self.credential.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

type Result<T> = core::result::Result<T, CscError>;

#[derive(Default)]
struct Queue {
    next: u64,
    waiting: Vec<(u64, Digest)>,
    done: HashMap<u64, core::result::Result<Vec<u8>, Arc<CscError>>>,
    /// Somebody's request is under way.
    busy: bool,
}

impl RemoteSigner {
    /// A signer with this credential. `algorithm`: the key's own choice where `None`, as far as the
    /// service offers it. `expected`: how many signatures are likely to be asked for.
    ///
    /// # Errors
    /// [`CscError::Unusable`] where the certificate's key is of no supported kind,
    /// [`CscError::Algorithm`] where the credential does not offer what is asked for.
    pub fn new(
        service: Service,
        credential: Credential,
        algorithm: Option<SignatureAlgorithm>,
        factors: Factors,
        expected: usize,
    ) -> Result<Self> {
        let unusable = |why: String| CscError::Unusable {
            url: service.url().to_owned(),
            credential: credential.id.clone(),
            why,
        };
        let certificate = credential
            .certificates
            .first()
            .and_then(|der| Certificate::from_der(der.clone()).ok())
            .ok_or_else(|| unusable("its certificate is unreadable".into()))?;
        let key = PublicKey::in_use(certificate.spki_der()).map_err(|e| unusable(e.to_string()))?;
        let wanted = algorithm.unwrap_or_else(|| KeySpec::default_algorithm(key.kind()));
        let offered = |a: &SignatureAlgorithm| {
            KeySpec::fits(key.kind(), *a)
                && a.digest().is_some()
                && sign_algo(*a, &credential).is_some()
        };
        let choices = [
            DigestAlgorithm::Sha256,
            DigestAlgorithm::Sha384,
            DigestAlgorithm::Sha512,
        ];
        let others = choices.into_iter().flat_map(|d| {
            [
                SignatureAlgorithm::Ecdsa(d),
                SignatureAlgorithm::RsaPkcs1(d),
                SignatureAlgorithm::RsaPss(d),
            ]
        });
        let refused = || CscError::Algorithm {
            credential: credential.id.clone(),
            algorithm: wanted,
            offered: offer(&credential),
        };
        let algorithm = [wanted]
            .into_iter()
            .chain(others.filter(|_| algorithm.is_none()))
            .find(offered)
            .ok_or_else(refused)?;
        let (Some(digest), Some(sign_algo)) =
            (algorithm.digest(), sign_algo(algorithm, &credential))
        else {
            return Err(refused());
        };
        let identifier = algorithm
            .to_identifier()
            .map_err(|e| unusable(e.to_string()))?;
        // Only PSS has parameters that say anything (RFC 4055 section 3.1).
        let parameters = identifier
            .parameters
            .filter(|_| identifier.oid == oid::RSASSA_PSS);
        let parameters = parameters.and_then(|p| p.to_der().ok());
        Ok(Self {
            key,
            algorithm,
            digest,
            digest_oid: digest.oid().to_string(),
            sign_algo,
            sign_algo_params: parameters.map(|der| STANDARD.encode(der)),
            expected,
            service,
            credential,
            factors,
            queue: Mutex::default(),
            changed: Condvar::new(),
            activation: Mutex::new(None),
            refusals: Mutex::default(),
        })
    }

    /// The credential.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    fn sign_digest(&self, digest: Digest) -> core::result::Result<Vec<u8>, Arc<CscError>> {
        let mut queue = locked(&self.queue);
        let ticket = queue.next;
        queue.next += 1;
        queue.waiting.push((ticket, digest));
        loop {
            if let Some(result) = queue.done.remove(&ticket) {
                return result;
            }
            if queue.busy {
                let waited = self.changed.wait(queue);
                queue = waited.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            queue.busy = true;
            let number = queue.waiting.len().min(self.credential.multisign);
            let group: Vec<_> = queue.waiting.drain(..number).collect();
            drop(queue);
            let mut turn = Turn {
                signer: self,
                tickets: group.iter().map(|(ticket, _)| *ticket).collect(),
                results: Vec::new(),
            };
            let digests: Vec<_> = group.into_iter().map(|(_, digest)| digest).collect();
            turn.results = match self.sign_group(&digests) {
                Ok(signatures) => signatures.into_iter().map(Ok).collect(),
                Err(error) => {
                    let error = Arc::new(error);
                    digests.iter().map(|_| Err(Arc::clone(&error))).collect()
                }
            };
            drop(turn);
            queue = locked(&self.queue);
        }
    }

    /// One authorisation where it is needed, one request.
    fn sign_group(&self, digests: &[Digest]) -> Result<Vec<Vec<u8>>> {
        let encoded: Vec<_> = digests
            .iter()
            .map(|d| STANDARD.encode(d.as_bytes()))
            .collect();
        let mut activation = locked(&self.activation);
        let usable = activation.take().filter(|a| a.suffices(digests.len()));
        let mut current = match usable {
            Some(usable) => usable,
            None => self.authorize(&encoded)?,
        };
        let mut answer = self.sign_hash(&current, &encoded);
        if answer.as_ref().is_err_and(CscError::is_about_sad) {
            // Expired or used up by somebody else: once more, no oftener.
            tracing::debug!("the activation data are not accepted any more");
            current = self.authorize(&encoded)?;
            answer = self.sign_hash(&current, &encoded);
        }
        let answer = answer?;
        current.left = current.left.saturating_sub(digests.len());
        if self.credential.binding == Binding::Free && current.left > 0 {
            *activation = Some(current);
        }
        drop(activation);
        self.check(digests, &answer)
    }

    fn authorize(&self, encoded: &[String]) -> Result<Activation> {
        let number = self
            .expected
            .clamp(encoded.len(), self.credential.multisign.max(encoded.len()));
        authorize(
            &self.service,
            &self.credential,
            (&self.factors, &self.refusals),
            number,
            encoded,
            &self.digest_oid,
        )
    }

    fn sign_hash(&self, activation: &Activation, encoded: &[String]) -> Result<SignHashAnswer> {
        let two = self.service.version() == Version::Two;
        self.service.call(
            "signatures/signHash",
            &SignHashRequest {
                credential_id: &self.credential.id,
                sad: activation.sad.expose_secret(),
                hashes: two.then_some(encoded),
                hash_v1: (!two).then_some(encoded),
                hash_algorithm_oid: two.then_some(&self.digest_oid),
                hash_algo_v1: (!two).then_some(&self.digest_oid),
                sign_algo: &self.sign_algo,
                sign_algo_params: self.sign_algo_params.as_deref(),
            },
            &[&activation.sad],
        )
    }

    /// Every signature verifies over its digest, or none is handed on.
    fn check(&self, digests: &[Digest], answer: &SignHashAnswer) -> Result<Vec<Vec<u8>>> {
        let url = || self.service.method_url("signatures/signHash");
        if answer.signatures.len() != digests.len() {
            return Err(CscError::Count {
                url: url(),
                wanted: digests.len(),
                got: answer.signatures.len(),
            });
        }
        let mut out = Vec::new();
        for (digest, text) in digests.iter().zip(&answer.signatures) {
            let text: String = text.split_whitespace().collect();
            let value = STANDARD.decode(text).map_err(|_| CscError::Answer {
                url: url(),
                what: "a signature is no base64".into(),
            })?;
            let message = Message::Digest(digest);
            let value = verified_value(&self.key, self.algorithm, message, &value);
            out.push(value.ok_or_else(|| CscError::WrongSignature { url: url() })?);
        }
        Ok(out)
    }
}

/// The service is this thread's; what it gives is told even if it panics.
struct Turn<'a> {
    signer: &'a RemoteSigner,
    tickets: Vec<u64>,
    results: Vec<core::result::Result<Vec<u8>, Arc<CscError>>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut queue = locked(&self.signer.queue);
        queue.busy = false;
        let mut results = self.results.drain(..);
        for ticket in &self.tickets {
            let result = results
                .next()
                .unwrap_or_else(|| Err(Arc::new(CscError::Died)));
            queue.done.insert(*ticket, result);
        }
        drop(queue);
        self.signer.changed.notify_all();
    }
}

impl Signer for RemoteSigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn public_key(&self) -> &PublicKey {
        &self.key
    }

    fn protection(&self) -> Protection {
        Protection::Remote
    }

    fn sign(&self, message: Message<'_>) -> core::result::Result<Vec<u8>, SignError> {
        let digest = match message {
            Message::Bytes(bytes) => self.digest.digest(bytes),
            Message::Digest(digest) if digest.algorithm() == self.digest => *digest,
            Message::Digest(digest) => {
                return Err(SignError::WrongDigest {
                    algorithm: self.algorithm,
                    given: digest.algorithm(),
                });
            }
        };
        self.sign_digest(digest)
            .map_err(|source| SignError::Remote {
                kind: source.kind(),
                hint: source.hint(),
                source,
            })
    }
}

/// The `signAlgo` to send, where the credential offers the algorithm: as such, or as the key's.
fn sign_algo(algorithm: SignatureAlgorithm, credential: &Credential) -> Option<String> {
    let own = algorithm.to_identifier().ok()?.oid.to_string();
    let general = match algorithm {
        SignatureAlgorithm::RsaPkcs1(_) => oid::RSA_ENCRYPTION,
        SignatureAlgorithm::Ecdsa(_) => oid::EC_PUBLIC_KEY,
        _ => oid::RSASSA_PSS,
    }
    .to_string();
    let offers = |oid: &String| credential.algorithms.contains(oid);
    if offers(&own) {
        return Some(own);
    }
    match algorithm {
        // The digest is named beside it.
        SignatureAlgorithm::RsaPkcs1(_) if offers(&general) => Some(general),
        SignatureAlgorithm::Ecdsa(_) if offers(&general) => Some(own),
        _ => None,
    }
}

fn offer(credential: &Credential) -> String {
    let names = credential.algorithms.iter().take(20).map(|text| {
        let known = text.parse().ok().and_then(|oid| oid::label(&oid));
        known.map_or_else(|| text.chars().take(60).collect(), str::to_owned)
    });
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        return "nothing".into();
    }
    names.join(", ")
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
