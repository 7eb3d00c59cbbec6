//! Questions to OCSP responders that do not depend on each other's answers, asked at once before the engine
//! asks one after the other.
//!
//! What comes back is handed to the engine where it would have asked, so that the order of evidence, notes
//! and budgets is the same; an answer that it does not come to ask for is thrown away. CRLs are not asked
//! ahead: several of them at once may be too much to hold.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use pki_asn1::{Certificate, UnixTime};
use pki_crypto::DigestAlgorithm;
use pki_path::Path;

use super::question::{Need, Question, validator};
use super::session::{ocsp_request, web};
use super::{Fetch, Material};

/// How many are asked ahead for one file: the certificates in it say who is asked.
const QUESTIONS: usize = 16;
/// How many wait for an answer at the same time.
const AT_ONCE: usize = 4;

type Answer = Result<Vec<u8>, String>;

/// Paths that were found and answers that came, until the engine asks for them.
#[derive(Default)]
pub(super) struct Ahead {
    paths: Vec<Found>,
    answers: HashMap<(String, Vec<u8>), Answer>,
}

struct Found {
    target: Certificate,
    at: UnixTime,
    path: Path,
    /// How many certificates it was chosen from.
    among: usize,
}

impl Ahead {
    /// Finds the paths of `wanted` with what is at hand, and asks for the status of all certificates in them.
    pub(super) fn ask(
        fetch: &dyn Fetch,
        material: &mut Material,
        wanted: &[(Certificate, Need)],
    ) -> Self {
        let mut out = Self::default();
        let mut questions: Vec<(String, Vec<u8>)> = Vec::new();
        for (target, need) in wanted {
            if questions.len() >= QUESTIONS {
                break;
            }
            let Ok(path) = validator(material, &material.evidence, need.at).validate(target) else {
                continue;
            };
            for (index, certificate) in path.certificates().iter().enumerate() {
                let question = Question {
                    path: &path,
                    index,
                    need: *need,
                };
                if !need.wants_more(&question.ask(material)) {
                    continue;
                }
                let request =
                    ocsp_request(certificate, path.issuer_of(index), DigestAlgorithm::Sha256);
                let url = web(certificate.ocsp_urls()).into_iter().next();
                if let (Some(url), Ok(request)) = (url, request) {
                    let one = (url, request);
                    if questions.len() < QUESTIONS && !questions.contains(&one) {
                        questions.push(one);
                    }
                }
            }
            out.paths.push(Found {
                target: target.clone(),
                at: need.at,
                path,
                among: material.pool.len(),
            });
        }
        // One alone is asked when its turn comes.
        if questions.len() > 1 {
            let answers = material.spent.waiting(|| at_once(fetch, &questions));
            out.answers = questions
                .into_iter()
                .zip(answers)
                .filter_map(|(q, a)| Some((q, a?)))
                .collect();
        }
        out
    }

    /// The path that was found, unless there are more certificates by now.
    pub(super) fn path(
        &mut self,
        material: &Material,
        target: &Certificate,
        at: UnixTime,
    ) -> Option<Path> {
        let among = material.pool.len();
        let same = |one: &Found| one.at == at && one.among == among && one.target == *target;
        let place = self.paths.iter().position(same)?;
        Some(self.paths.swap_remove(place).path)
    }

    /// The answer to this request, once.
    pub(super) fn answer(&mut self, url: &str, request: &[u8]) -> Option<Answer> {
        match self.answers.is_empty() {
            true => None,
            false => self.answers.remove(&(url.to_owned(), request.to_owned())),
        }
    }
}

/// The answers in the order of the questions.
fn at_once(fetch: &dyn Fetch, questions: &[(String, Vec<u8>)]) -> Vec<Option<Answer>> {
    let next = AtomicUsize::new(0);
    let answers: Vec<Mutex<Option<Answer>>> = questions.iter().map(|_| Mutex::new(None)).collect();
    let work = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let (Some((url, request)), Some(answer)) = (questions.get(place), answers.get(place))
            else {
                return;
            };
            let body = fetch.ocsp(url, request);
            *answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..AT_ONCE.min(questions.len()) {
            // Where there is no thread to be had, this one asks alone.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    answers
        .into_iter()
        .map(|one| one.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}
