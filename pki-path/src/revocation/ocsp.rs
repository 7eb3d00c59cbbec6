//! OCSP responses as evidence (RFC 6960 section 3.2 and 4.2.2).

use std::cell::RefCell;
use std::collections::HashMap;

use der::Decode;
use der::asn1::GeneralizedTime;
use pki_asn1::ocsp::{BasicResponse, CertId, CertStatus, ResponderId, SingleResponse};
use pki_asn1::oid;
use pki_asn1::{Certificate, UnixTime, name};
use pki_crypto::{DigestAlgorithm, PublicKey, key_hash_sha1};

use super::{
    Distrust, EvidenceWindow, Finding, Issuer, RevocationStatus, RevocationUnknown, RevokedInfo,
    Source, Stack, merge, speaks_of_expired, unknown_critical,
};
use crate::budget::BudgetKind;
use crate::build::Validator;
use crate::error::PathError;
use crate::signature::{self, SignatureError};
use crate::validate;

const WHAT: &str = "OCSP response";
/// How many certificates beside the response are tried for its signer's.
const KNOWN_DELEGATES: usize = 32;

/// archiveCutoff is the only extension that changes the meaning of an answer; none is critical in
/// practice, so a critical one that is not known here makes the answer unusable.
const KNOWN: &[oid::ObjectIdentifier] = &[
    oid::OCSP_NONCE,
    oid::OCSP_ARCHIVE_CUTOFF,
    oid::OCSP_CRL_REFERENCE,
    oid::OCSP_EXTENDED_REVOKE,
];

/// What an answer says of a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Says {
    /// That it was revoked.
    Revoked,
    /// The same, and it is one of those who answer.
    DelegateRevoked,
    /// That it was not, or nothing.
    Otherwise,
}

/// Whose answers are asked for, and what is known of those who answer: one may have signed many.
struct Asked<'i> {
    issuer: &'i Issuer,
    delegates: RefCell<HashMap<(Certificate, EvidenceWindow), RevocationStatus>>,
}

impl Validator<'_> {
    /// What the OCSP responses say; `NoEvidence` where none speaks of the certificate.
    pub(super) fn ocsp_status(
        &self,
        certificate: &Certificate,
        issuer: &Issuer,
        window: EvidenceWindow,
        stack: &mut Stack,
    ) -> RevocationStatus {
        let mut status = none_speaks(certificate);
        let mut answers = self.answers_about(certificate, issuer);
        // What is said against the certificate comes first: other answers use up no work before it.
        answers.sort_by_key(|(_, _, single)| !speaks_against(single, window));
        let of = Asked {
            issuer,
            delegates: RefCell::default(),
        };
        for (index, response, single) in answers {
            let answer_of = (index, response, single);
            let found = match self.judge(answer_of, certificate, &of, window, stack) {
                Ok((status, signer)) => answer(index, response, single, status, signer),
                Err(why) => RevocationStatus::Unknown(why),
            };
            status = merge(status, found);
        }
        status
    }

    fn judge<'r>(
        &self,
        (index, response, single): (usize, &'r BasicResponse, &'r SingleResponse),
        certificate: &Certificate,
        of: &Asked<'_>,
        window: EvidenceWindow,
        stack: &mut Stack,
    ) -> Result<(&'r CertStatus, Certificate), RevocationUnknown> {
        let distrust = |why| RevocationUnknown::not_trusted(WHAT, why);
        let extensions = [
            response.data().response_extensions.as_deref(),
            single.single_extensions.as_deref(),
        ];
        if extensions
            .iter()
            .flatten()
            .any(|list| unknown_critical(list, KNOWN))
        {
            return Err(distrust(Distrust::CriticalExtension));
        }
        let this_update = UnixTime::from(single.this_update);
        let produced = UnixTime::from(response.data().produced_at);
        if speaks_against(single, window) {
            let then = as_of(response, window);
            let asked = (certificate, Says::Revoked);
            let signer = self.responder((index, response), asked, of, then, stack)?;
            return Ok((&single.cert_status, signer));
        }
        if produced > window.known_by {
            return Err(distrust(Distrust::FromTheFuture));
        }
        let not_current = RevocationUnknown::NotCurrent {
            what: WHAT,
            this_update,
            covers: window.covers,
        };
        if !window.admits(this_update, single.next_update.map(UnixTime::from)) {
            return Err(not_current);
        }
        let asked = (certificate, Says::Otherwise);
        let signer = self.responder((index, response), asked, of, window, stack)?;
        match &single.cert_status {
            CertStatus::Unknown(_) => Err(RevocationUnknown::ResponderDoesNotKnow),
            // Good may mean no more than not revoked (section 2.2), and nobody had issued it yet.
            CertStatus::Good(_) if this_update < certificate.not_before() => {
                Err(RevocationUnknown::BeforeTheBeginning {
                    what: WHAT,
                    this_update,
                    began: certificate.not_before(),
                })
            }
            CertStatus::Good(_)
                if !speaks_of_expired(certificate, this_update, archive_cutoff(single)) =>
            {
                let ended = certificate.not_after();
                Err(RevocationUnknown::after_the_end(WHAT, this_update, ended))
            }
            status => Ok((status, signer)),
        }
    }

    /// Finds who signed: the CA itself, or a delegate with id-kp-OCSPSigning that the CA's key issued
    /// (RFC 6960 section 4.2.2.2). The delegate's certificate is in the response, or anywhere else.
    fn responder(
        &self,
        (index, response): (usize, &BasicResponse),
        (certificate, says): (&Certificate, Says),
        of: &Asked<'_>,
        window: EvidenceWindow,
        stack: &mut Stack,
    ) -> Result<Certificate, RevocationUnknown> {
        let issuer = of.issuer;
        let distrust = |why| RevocationUnknown::not_trusted(WHAT, why);
        let verify = |key: &PublicKey| {
            self.response_signed_by((index, response), key)
                .map_err(|kind| distrust(Distrust::Budget(kind)))?
                .map_err(|e| distrust(e.into()))
        };
        if names(&response.data().responder_id, &issuer.certificate) {
            return verify(&issuer.key).map(|()| issuer.certificate.clone());
        }
        let mut worst = distrust(Distrust::ResponderNotFound);
        let id = &response.data().responder_id;
        // A responder's list is short; the bound keeps a hostile one from costing signatures.
        let included = response.certs().iter().take(8);
        let included = included.filter_map(|der| Certificate::from_der(der.clone()).ok());
        // Nor do namesakes that somebody put there use the bound up.
        let authority = issuer.certificate.subject();
        let known = self.pool.responders(id).iter();
        let known = known.filter(|c| name::matches(c.issuer(), authority));
        let known = known.take(KNOWN_DELEGATES);
        let mut tried: Vec<Certificate> = Vec::new();
        for delegate in included.chain(known.cloned()) {
            if !names(id, &delegate) || tried.contains(&delegate) {
                continue;
            }
            tried.push(delegate.clone());
            // Whoever stole a key would answer for it.
            if says == Says::Otherwise
                && delegate.public_key_bits() == certificate.public_key_bits()
            {
                let signer = delegate.display_subject().to_string();
                worst = distrust(Distrust::VouchesForItself { signer });
                continue;
            }
            let judged = self
                .delegate(&delegate, response, issuer, window)
                .and_then(|key| verify(&key))
                // Last, because looking for its status costs most, and who did not sign need not be asked for.
                .and_then(|()| match says {
                    // As with a CRL that has run out: what is said against a certificate is heard.
                    Says::Revoked if delegate.has_ocsp_no_check() => Ok(()),
                    // Two that accuse one another clear nobody.
                    Says::DelegateRevoked => Ok(()),
                    _ => self.delegate_status(&delegate, (index, response), of, window, stack),
                });
            match judged {
                Ok(()) => return Ok(delegate),
                Err(why) => worst = why,
            }
        }
        Err(worst)
    }

    fn response_signed_by(
        &self,
        (index, response): (usize, &BasicResponse),
        key: &PublicKey,
    ) -> Result<Result<(), SignatureError>, BudgetKind> {
        let question = (index, key.clone());
        let known = &self.evidence.responses_verified;
        if let Some(known) = known.borrow().get(&question) {
            return Ok(known.clone());
        }
        let result = signature::verify(
            self,
            signature::Over::Status,
            key,
            response.signature_algorithm(),
            response.tbs_der(),
            response.signature(),
        )?;
        known.borrow_mut().insert(question, result.clone());
        Ok(result)
    }

    fn delegate(
        &self,
        delegate: &Certificate,
        response: &BasicResponse,
        issuer: &Issuer,
        window: EvidenceWindow,
    ) -> Result<PublicKey, RevocationUnknown> {
        let signer = delegate.display_subject().to_string();
        let refuse = |why| Err(RevocationUnknown::not_trusted(WHAT, why));
        if !name::matches(delegate.issuer(), issuer.certificate.subject()) {
            let issuer = delegate.display_issuer().to_string();
            return refuse(Distrust::DelegateOfAnother { signer, issuer });
        }
        let signed = self.signed_by(delegate, &issuer.key);
        match signed.map(|signed| signed.and_then(|()| signature::certified_soundly(delegate))) {
            Ok(Ok(())) => {}
            Ok(Err(why)) => return refuse(Distrust::DelegateNotSigned { signer, why }),
            Err(kind) => return refuse(Distrust::Budget(kind)),
        }
        if !delegate
            .extended_key_usages()
            .contains(&oid::KP_OCSP_SIGNING)
        {
            return refuse(Distrust::DelegateNotForOcsp { signer });
        }
        if delegate.key_usage().is_some_and(|u| !u.digital_signature()) {
            return refuse(Distrust::DelegateMayNotSign { signer });
        }
        if let Err(kind) = validate::check_extensions(delegate) {
            let error = PathError::new(delegate, kind, &[]);
            return refuse(Distrust::SignerNotValid(Box::new(error)));
        }
        let produced = UnixTime::from(response.data().produced_at);
        if !delegate.is_valid_at(produced) {
            let at = produced;
            return refuse(Distrust::DelegateNotValid { signer, at });
        }
        // An answer is relied on no longer than the one who signed it.
        if window.covers > delegate.not_after() {
            return Err(RevocationUnknown::SignerEnded {
                what: WHAT,
                signer,
                not_after: delegate.not_after(),
            });
        }
        match signature::key_of(delegate) {
            Ok(key) => Ok(key),
            Err(e) => refuse(e.into()),
        }
    }

    /// Whether a delegate was revoked, as far as it has to be known.
    fn delegate_status(
        &self,
        delegate: &Certificate,
        (index, response): (usize, &BasicResponse),
        of: &Asked<'_>,
        window: EvidenceWindow,
        stack: &mut Stack,
    ) -> Result<(), RevocationUnknown> {
        let signer = delegate.display_subject().to_string();
        let refuse = |why| Err(RevocationUnknown::not_trusted(WHAT, why));
        let produced = UnixTime::from(response.data().produced_at);
        // RFC 6960 section 4.2.2.2.1 leaves it to the client what to do about a delegate whose own
        // status is not known. Whoever stole its key would withhold the CRL. With id-pkix-ocsp-nocheck
        // nobody has to look for one; what is known all the same counts.
        let question = (delegate.clone(), window);
        let known = of.delegates.borrow().get(&question).cloned();
        let status = known.unwrap_or_else(|| {
            let by_response = self.delegate_told(delegate, of, window, stack);
            let by_crl = self.crl_status(delegate, of.issuer, window, stack);
            merge(by_response, by_crl)
        });
        of.delegates.borrow_mut().insert(question, status.clone());
        match status {
            RevocationStatus::Good(_) | RevocationStatus::NotApplicable => Ok(()),
            RevocationStatus::Revoked(info, _)
                if self.signed_before(&info, produced, Source::Ocsp(index)) =>
            {
                Ok(())
            }
            RevocationStatus::Revoked(info, _) => {
                let at = info.at;
                refuse(Distrust::SignerRevoked { signer, at })
            }
            RevocationStatus::Unknown(why) if why.is_exhausted() => Err(why),
            RevocationStatus::Unknown(_) if delegate.has_ocsp_no_check() => Ok(()),
            RevocationStatus::Unknown(_) => refuse(Distrust::DelegateStatusNotKnown { signer }),
        }
    }

    /// What answers say against a delegate. They do not clear it: one would vouch for the other.
    fn delegate_told(
        &self,
        delegate: &Certificate,
        of: &Asked<'_>,
        window: EvidenceWindow,
        stack: &mut Stack,
    ) -> RevocationStatus {
        let mut status = none_speaks(delegate);
        for (index, response, single) in self.answers_about(delegate, of.issuer) {
            if !speaks_against(single, window) {
                continue;
            }
            let asked = (delegate, Says::DelegateRevoked);
            let then = as_of(response, window);
            let found = match self.responder((index, response), asked, of, then, stack) {
                Ok(signer) => answer(index, response, single, &single.cert_status, signer),
                Err(why) => RevocationStatus::Unknown(why),
            };
            status = merge(status, found);
        }
        status
    }

    fn answers_about<'e>(
        &'e self,
        certificate: &Certificate,
        issuer: &Issuer,
    ) -> Vec<(usize, &'e BasicResponse, &'e SingleResponse)> {
        let answers = self.evidence.responses().iter().enumerate();
        answers
            .flat_map(|(index, response)| {
                let singles = response.data().responses.iter();
                singles.map(move |single| (index, response, single))
            })
            .filter(|(_, _, single)| is_about(&single.cert_id, certificate, issuer))
            .filter(|(index, ..)| self.admits.allows(Source::Ocsp(*index)))
            .collect()
    }
}

fn none_speaks(certificate: &Certificate) -> RevocationStatus {
    RevocationStatus::Unknown(RevocationUnknown::NoEvidence {
        issuer: certificate.display_issuer().to_string(),
        urls: Vec::new(),
    })
}

/// When a revocation was told: what was said against a certificate stays true; only a good answer runs out.
fn as_of(response: &BasicResponse, window: EvidenceWindow) -> EvidenceWindow {
    let produced = UnixTime::from(response.data().produced_at);
    EvidenceWindow {
        covers: window.covers.min(produced),
        known_by: window.known_by.max(produced),
    }
}

fn answer(
    index: usize,
    response: &BasicResponse,
    single: &SingleResponse,
    status: &CertStatus,
    signer: Certificate,
) -> RevocationStatus {
    let finding = Finding {
        source: Source::Ocsp(index),
        this_update: single.this_update.into(),
        next_update: single.next_update.map(UnixTime::from),
        produced_at: Some(response.data().produced_at.into()),
        signer,
    };
    match status {
        CertStatus::Revoked(info) => RevocationStatus::Revoked(
            RevokedInfo {
                at: info.revocation_time.into(),
                reason: info.revocation_reason,
            },
            finding,
        ),
        CertStatus::Good(_) => RevocationStatus::Good(finding),
        CertStatus::Unknown(_) => {
            RevocationStatus::Unknown(RevocationUnknown::ResponderDoesNotKnow)
        }
    }
}

/// Whether an answer says that the certificate was revoked or suspended, at a time that is not in the future.
fn speaks_against(single: &SingleResponse, window: EvidenceWindow) -> bool {
    match &single.cert_status {
        CertStatus::Revoked(info) => UnixTime::from(info.revocation_time) <= window.known_by,
        CertStatus::Good(_) | CertStatus::Unknown(_) => false,
    }
}

fn is_about(id: &CertId, certificate: &Certificate, issuer: &Issuer) -> bool {
    if id.serial_number.as_bytes() != certificate.serial() {
        return false;
    }
    let Some(hash) = DigestAlgorithm::from_oid(&id.hash_algorithm.oid) else {
        return false;
    };
    hash.digest(certificate.issuer_der()).as_bytes() == id.issuer_name_hash.as_bytes()
        && hash.digest(issuer.key.bits()).as_bytes() == id.issuer_key_hash.as_bytes()
}

fn names(id: &ResponderId, certificate: &Certificate) -> bool {
    match id {
        ResponderId::ByName(name) => name::matches(name, certificate.subject()),
        ResponderId::ByKey(hash) => hash.as_bytes() == key_hash_sha1(certificate.public_key_bits()),
    }
}

fn archive_cutoff(single: &SingleResponse) -> Option<UnixTime> {
    let ext = single
        .single_extensions
        .as_ref()?
        .iter()
        .find(|e| e.extn_id == oid::OCSP_ARCHIVE_CUTOFF)?;
    GeneralizedTime::from_der(ext.extn_value.as_bytes())
        .ok()
        .map(UnixTime::from)
}
