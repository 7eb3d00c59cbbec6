//! From everything that was found to what has to be kept: the certificates of each path, and for
//! each of them the one piece of evidence that settles its status.

use std::collections::{BTreeSet, HashSet};

use pki_asn1::{Certificate, UnixTime};
use pki_path::{Evidence, Path, RevocationStatus, Source};

use super::question::{Demand, Need, Question, Unsettled, validator};
use super::{Material, ValidationData};

/// What is to be kept, so far.
pub(super) struct Selection<'m> {
    material: &'m Material,
    /// The same without OCSP responses: what a delegate's own status may rest on.
    crls_only: Option<Evidence>,
    certificates: Vec<Certificate>,
    ocsp: BTreeSet<usize>,
    crls: BTreeSet<usize>,
    /// At which times: a unit that stamped twice is proven for both.
    proven: HashSet<(Certificate, UnixTime)>,
}

/// What stands in the way.
pub(super) enum Gap {
    Status(Certificate, Unsettled),
    Revoked(Certificate, pki_path::RevokedInfo),
    Path(Box<pki_path::PathError>),
}

impl<'m> Selection<'m> {
    pub(super) fn new(material: &'m Material) -> Self {
        Self {
            material,
            crls_only: None,
            certificates: Vec::new(),
            ocsp: BTreeSet::new(),
            crls: BTreeSet::new(),
            proven: HashSet::new(),
        }
    }

    /// Keeps the path and what proves it.
    pub(super) fn keep_path(&mut self, path: &Path, need: Need) -> Result<(), Gap> {
        for certificate in path.certificates() {
            self.keep(certificate);
        }
        self.keep(path.anchor().certificate());
        for (index, certificate) in path.certificates().iter().enumerate() {
            if self.proven.insert((certificate.clone(), need.at)) {
                self.prove(&Question { path, index, need }, Sources::All)?;
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> ValidationData {
        let evidence = &self.material.evidence;
        let mut seen = HashSet::new();
        let ocsp = self
            .ocsp
            .iter()
            .filter_map(|i| evidence.responses().get(*i))
            .filter(|r| seen.insert(r.der()))
            .cloned()
            .collect();
        let crls = self
            .crls
            .iter()
            .filter_map(|i| evidence.crls().get(*i))
            .filter(|c| seen.insert(c.der()))
            .cloned()
            .collect();
        ValidationData {
            certificates: self.certificates,
            ocsp,
            crls,
        }
    }

    fn keep(&mut self, certificate: &Certificate) {
        if !self.certificates.contains(certificate) {
            self.certificates.push(certificate.clone());
        }
    }

    fn prove(&mut self, question: &Question<'_>, sources: Sources) -> Result<(), Gap> {
        let Some(certificate) = question.path.certificates().get(question.index) else {
            return Ok(());
        };
        if sources == Sources::CrlsOnly && self.crls_only.is_none() {
            let mut crls = Evidence::new();
            for crl in self.material.evidence.crls() {
                crls.add_crl(crl.clone());
            }
            self.crls_only = Some(crls);
        }
        let status = match (sources, &self.crls_only) {
            (Sources::CrlsOnly, Some(crls)) => question.ask_of(self.material, crls),
            _ => question.ask(self.material),
        };
        question
            .need
            .accepts(certificate, &status)
            .map_err(|why| Gap::Status(certificate.clone(), why))?;
        let found = match &status {
            RevocationStatus::Good(found) => found,
            // Proven to have been used before: this is the evidence that says so.
            RevocationStatus::Revoked(info, found) if info.at > question.need.at => found,
            RevocationStatus::Revoked(info, _) => {
                return Err(Gap::Revoked(certificate.clone(), info.clone()));
            }
            RevocationStatus::NotApplicable | RevocationStatus::Unknown(_) => return Ok(()),
        };
        let good = matches!(status, RevocationStatus::Good(_));
        if good && self.already(question, certificate, sources) {
            return Ok(());
        }
        let (source, signer) = match self.single_response(question, certificate, sources) {
            Some(smaller) if good => smaller,
            _ => (found.source, found.signer.clone()),
        };
        match source {
            Source::Ocsp(number) => {
                self.ocsp.insert(number);
            }
            Source::Crl(number) if good => {
                self.keep_crls(question, certificate, number, sources);
            }
            Source::Crl(number) => {
                self.crls.insert(number);
            }
        }
        if signer == *question.path.issuer_of(question.index) {
            return Ok(());
        }
        self.keep(&signer);
        let delegate = matches!(source, Source::Ocsp(_));
        let need = question.need;
        let known = (signer.clone(), need.at);
        if delegate && signer.has_ocsp_no_check() || !self.proven.insert(known.clone()) {
            return Ok(());
        }
        let path = validator(self.material, &self.material.evidence, need.at)
            .validate(&signer)
            .map_err(|e| Gap::Path(Box::new(e)))?;
        if delegate {
            let index = 0;
            let path = &path;
            return self.prove(&Question { path, index, need }, Sources::CrlsOnly);
        }
        // The signer is marked as proven; here is the proof.
        self.proven.remove(&known);
        self.keep_path(&path, need)
    }

    /// Whether what is kept already settles this one too.
    fn already(&self, question: &Question<'_>, certificate: &Certificate, from: Sources) -> bool {
        let mut kept = Evidence::new();
        let all = &self.material.evidence;
        for crl in self.crls.iter().filter_map(|i| all.crls().get(*i)) {
            kept.add_crl(crl.clone());
        }
        if from == Sources::All {
            for response in self.ocsp.iter().filter_map(|i| all.responses().get(*i)) {
                kept.add_ocsp(response.clone());
            }
        }
        self.settled_by(question, certificate, &kept).is_some()
    }

    /// A response that settles the question alone: it is smaller than any CRL.
    fn single_response(
        &self,
        question: &Question<'_>,
        certificate: &Certificate,
        from: Sources,
    ) -> Option<(Source, Certificate)> {
        if from == Sources::CrlsOnly {
            return None;
        }
        let responses = self.material.evidence.responses().iter().enumerate();
        // The last one is the newest: what the network sent.
        responses
            .rev()
            .filter(|(_, r)| {
                r.data()
                    .responses
                    .iter()
                    .any(|s| s.cert_id.serial_number.as_bytes() == certificate.serial())
            })
            .find_map(|(number, response)| {
                let mut alone = Evidence::new();
                alone.add_ocsp(response.clone());
                let found = self.settled_by(question, certificate, &alone)?;
                Some((Source::Ocsp(number), found.signer))
            })
    }

    /// One CRL, or as few as cover all reasons together (RFC 5280 section 6.3.3).
    fn keep_crls(
        &mut self,
        question: &Question<'_>,
        certificate: &Certificate,
        first: usize,
        from: Sources,
    ) {
        let all = self.material.evidence.crls();
        let settles = |numbers: &BTreeSet<usize>| {
            let mut some = Evidence::new();
            for crl in numbers.iter().filter_map(|i| all.get(*i)) {
                some.add_crl(crl.clone());
            }
            // Whoever signed one in the authority's place may be cleared by a response.
            let responses = self.material.evidence.responses();
            for response in responses.iter().filter(|_| from == Sources::All) {
                some.add_ocsp(response.clone());
            }
            self.settled_by(question, certificate, &some).is_some()
        };
        let mut chosen = BTreeSet::from([first]);
        if !settles(&chosen) {
            chosen = (0..all.len()).collect();
            for number in 0..all.len() {
                chosen.remove(&number);
                if !settles(&chosen) {
                    chosen.insert(number);
                }
            }
        }
        self.crls.extend(chosen);
    }

    fn settled_by(
        &self,
        question: &Question<'_>,
        certificate: &Certificate,
        evidence: &Evidence,
    ) -> Option<pki_path::Finding> {
        match question.ask_of(self.material, evidence) {
            status @ RevocationStatus::Good(_)
                if question.need.accepts(certificate, &status).is_ok() =>
            {
                let RevocationStatus::Good(found) = status else {
                    return None;
                };
                Some(found)
            }
            _ => None,
        }
    }
}

/// Which evidence may answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sources {
    All,
    CrlsOnly,
}

impl Need {
    /// What a signature is given to keep.
    pub(super) fn kept(at: UnixTime, now: UnixTime, freshness: super::Freshness) -> Self {
        Self {
            at,
            now,
            demand: Demand::Evidence(freshness),
        }
    }
}
