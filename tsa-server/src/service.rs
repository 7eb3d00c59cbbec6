//! The authority: policy, clock and unit behind one call.

use std::sync::Arc;
use std::time::Duration;

use http_service::{Health, NotRun, Workers, with_causes};
use pki_asn1::Clock;
use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::tsp::PkiFailureInfo;
use pki_crypto::DigestAlgorithm;

use crate::query::{Query, Rejection};
use crate::token::{self, Serial, Statement, TokenError};
use crate::unit::{Unit, UnitError};

/// What the authority offers.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The time-stamp policy every token names.
    pub oid: ObjectIdentifier,
    /// How far genTime may be off, in milliseconds. genTime has whole seconds, so less than 1000
    /// would promise more than the token says.
    pub accuracy_ms: u32,
    /// Digest algorithms of imprints.
    pub digests: Vec<DigestAlgorithm>,
    /// Signatures at one time.
    pub workers: usize,
    /// Requests that may wait for one of them.
    pub queue: usize,
}

impl Policy {
    /// EN 319 422: SHA-256 and better, an accuracy of one second.
    #[must_use]
    pub fn new(oid: ObjectIdentifier) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            oid,
            accuracy_ms: 1000,
            digests: vec![
                DigestAlgorithm::Sha256,
                DigestAlgorithm::Sha384,
                DigestAlgorithm::Sha512,
            ],
            workers: cores.max(4),
            queue: 1024,
        }
    }
}

/// A time-stamping authority with one unit.
pub struct Tsa {
    unit: Unit,
    clock: Arc<dyn Clock>,
    policy: Policy,
    /// `Accuracy` (DER).
    accuracy: Vec<u8>,
    workers: Workers,
}

/// Too many requests wait for the key; an HTTP matter, for RFC 3161 has no failure for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("too many requests are waiting")]
pub struct Busy;

impl Tsa {
    /// An authority that stamps with this unit.
    ///
    /// # Errors
    /// Where the accuracy does not encode.
    pub fn new(unit: Unit, clock: Arc<dyn Clock>, policy: Policy) -> der::Result<Self> {
        Ok(Self {
            accuracy: token::accuracy(policy.accuracy_ms)?,
            workers: Workers::new(policy.workers, policy.queue, Duration::from_secs(5)),
            unit,
            clock,
            policy,
        })
    }

    /// The unit.
    #[must_use]
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// Whether the unit may sign now.
    ///
    /// # Errors
    /// Why not.
    pub fn check_time(&self) -> Result<(), UnitError> {
        self.unit.check_time(self.clock.now())
    }

    /// Answers one query, given as the DER it came in, with a `TimeStampResp` (DER): a token or a
    /// rejection.
    ///
    /// # Errors
    /// [`Busy`], for which there is no answer in the protocol.
    pub async fn answer(self: &Arc<Self>, query: &[u8]) -> Result<Vec<u8>, Busy> {
        let query = match Query::parse(query, &self.policy.digests, &self.policy.oid) {
            Ok(query) => query,
            Err(rejection) => return Ok(reject(rejection)),
        };
        let this = Arc::clone(self);
        match self.workers.run(move || this.stamp(&query)).await {
            Ok(answer) => Ok(answer),
            Err(NotRun::Busy) => Err(Busy),
            Err(_) => Ok(reject(Rejection::new(
                PkiFailureInfo::SystemFailure,
                "internal error",
            ))),
        }
    }

    /// Makes a token now. Blocks.
    #[must_use]
    pub fn stamp(&self, query: &Query) -> Vec<u8> {
        let now = self.clock.now();
        if let Err(error) = self.unit.check_time(now) {
            tracing::error!(%error, "no time-stamp");
            return reject(Rejection::new(
                PkiFailureInfo::TimeNotAvailable,
                "the time-stamping unit may not sign now",
            ));
        }
        let made = Serial::random().and_then(|serial| {
            let statement = Statement {
                policy: &self.policy.oid,
                serial: &serial,
                time: now,
                accuracy: &self.accuracy,
            };
            token::sign(&self.unit, query, &statement)
        });
        match made {
            Ok(token) => token::granted(&token),
            Err(error) => {
                log(&error);
                reject(Rejection::new(
                    PkiFailureInfo::SystemFailure,
                    "the key did not sign",
                ))
            }
        }
    }
}

impl Health for Tsa {
    fn ready(&self) -> Result<(), String> {
        self.check_time().map_err(|error| error.to_string())
    }
}

impl std::fmt::Debug for Tsa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tsa")
            .field("unit", &self.unit)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

fn reject(rejection: Rejection) -> Vec<u8> {
    // Five constant texts and a bit always encode.
    token::rejected(rejection.failure, rejection.reason).unwrap_or_default()
}

fn log(error: &TokenError) {
    tracing::error!(error = with_causes(error), "no time-stamp");
}
