//! What is carried between an offline root and the machines that are online: requests out, certificates
//! and CRLs in. Nothing that comes in is believed before it was checked against what this record holds.

use std::sync::Arc;

use hsm_pkcs11::Signer;
use pki_asn1::{Certificate, CertificateList, UnixTime};
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};

use crate::authority::{Authority, AuthorityKey, CaKey};
use crate::crl::{CrlScope, Rank};
use crate::engine::issue::{Plan, PlanSubject, PlanValidity, check_name, issued};
use crate::engine::{Actors, CaEngine, Fulfilment, Issued, NewAuthority};
use crate::error::CaError;
use crate::hierarchy::{HierarchyError, RequestDraft, RequestFailure};
use crate::issuance::{Issuer, sha256};
use crate::profile::{Qualification, SubjectType};
use crate::request::CertificationRequest;
use crate::revocation::RevocationReason;
use crate::settings::Legislation;
use crate::status::CrlView;
use crate::store::{
    Act, Adoption, AuthorityRef, CrlImport, HierarchyAct, ImportedRevocation, NewAuthorityRow,
    Query, RequestIntent,
};

/// An order to ask another installation for a CA certificate.
#[derive(Clone, Debug)]
pub struct CaRequestOrder {
    /// The authority to be, or the one to renew.
    pub authority: NewAuthority,
    /// The generation before it.
    pub predecessor: Option<String>,
}

/// A CA certificate that came as a file.
#[derive(Clone, Debug)]
pub struct AuthorityImport {
    /// The name of the request it answers, or of the authority it renews.
    pub name: String,
    /// The certificate.
    pub certificate: Certificate,
    /// Its issuers, up to and including the root, in any order.
    pub chain: Vec<Certificate>,
    /// What the immediate issuer is called here; from the certificate's CRL address where `None`.
    pub issuer_name: Option<String>,
    /// Who.
    pub actors: Actors,
}

/// What an import did.
#[derive(Clone, Debug)]
pub struct ImportedAuthority {
    /// The issuers that this record did not know, by the names they have now.
    pub new_issuers: Vec<String>,
    /// Whether an authority that was there got a new certificate.
    pub renewed: bool,
    /// The journal's sequence number.
    pub journal_seq: u64,
}

impl CaEngine {
    /// Has a CA's key sign a PKCS#10 request (DER), after the journal holds what it will sign. Renewing
    /// asks for the name and key that the authority has.
    ///
    /// # Errors
    /// Where name, profile, subject or key is refused, or the record cannot be written.
    pub fn request_certificate(
        &self,
        order: &CaRequestOrder,
        signer: Arc<dyn Signer>,
    ) -> Result<Vec<u8>, CaError> {
        let new = &order.authority;
        check_name(&new.name)?;
        let profile = self.profile(&new.profile)?;
        if profile.subject_type() != SubjectType::IssuingCa {
            return Err(CaError::ProfileKind {
                profile: new.profile.clone(),
                is_for: "something else than an issuing CA",
            });
        }
        let existing = self.authorities()?.into_iter().find(|a| a.name == new.name);
        let name = match &existing {
            Some(authority) => {
                if authority.certificate.public_key_bits() != signer.public_key().bits() {
                    return Err(CaError::DuplicateAuthority(new.name.clone()));
                }
                self.check_not_terminated(authority)?;
                authority.certificate.subject().clone()
            }
            None => {
                self.refuse_authority_key(signer.public_key())?;
                profile.subject_name(&new.subject)?
            }
        };
        let key = CaKey::new(signer);
        let draft = RequestDraft::new(&name, &key)?;
        let info_sha256 = draft.info_sha256();
        self.commit(
            &new.actors,
            Act::Hierarchy(HierarchyAct::IntendRequest(RequestIntent {
                name: new.name.clone(),
                profile: new.profile.clone(),
                subject: pki_asn1::name::DisplayName(&name).to_string(),
                key_location: new.key_location.clone(),
                predecessor: order.predecessor.clone(),
                info_sha256,
                spki_sha256: sha256(key.public_key().spki_der()),
            })),
        )?;
        let der = draft
            .recorded()
            .sign(&key)
            .map_err(|failure| match failure {
                RequestFailure::Sign(source) => CaError::Signing {
                    authority: new.name.clone(),
                    source,
                },
                RequestFailure::Verify(reason) => CaError::Verification {
                    authority: new.name.clone(),
                    reason,
                },
            })?;
        self.commit(
            &new.actors,
            Act::Hierarchy(HierarchyAct::CompleteRequest {
                info_sha256,
                sha256: sha256(&der),
                der: der.clone(),
            }),
        )?;
        Ok(der)
    }

    /// Issues a CA certificate for a key that is elsewhere: creates the authority here, without its key,
    /// or renews it where it is here already with this very name and key.
    ///
    /// # Errors
    /// Where the request's name is not the order's, or as [`Self::create_authority`].
    pub fn certify_request(
        &self,
        order: &NewAuthority,
        request: &CertificationRequest,
        issuer: &AuthorityKey,
    ) -> Result<Issued, CaError> {
        let known = self
            .authorities()?
            .into_iter()
            .find(|a| a.name == order.name);
        if let Some(authority) = known {
            let same = authority.certificate.public_key_bits() == request.public_key().bits()
                && authority.certificate.subject_der() == request.subject_der();
            if !same {
                return Err(CaError::DuplicateAuthority(order.name.clone()));
            }
            let renewal = super::Renewal {
                authority: order.name.clone(),
                validity: order.validity,
                actors: order.actors.clone(),
            };
            return self.renew_authority(&renewal, issuer);
        }
        self.check_new_authority(order, Some(issuer))?;
        self.refuse_authority_key(request.public_key())?;
        let profile = self.profile(&order.profile)?;
        let name = profile.subject_name(&order.subject)?;
        let encoded = der::Encode::to_der(&name).map_err(CaError::encoding("the subject"))?;
        if encoded != request.subject_der() {
            return Err(HierarchyError::NotTheRequested {
                authority: order.name.clone(),
                reason: "the request has another subject",
            }
            .into());
        }
        let published = self.run(Plan {
            issuer: Issuer::Authority(issuer.authority()),
            key: issuer.key(),
            profile,
            subject: PlanSubject::Dn(&order.subject),
            subject_key: request.public_key(),
            qualification: Qualification::decide(profile, &Legislation::None, false),
            qscd_evidence: None,
            validity: PlanValidity::Ordered(order.validity),
            actors: &order.actors,
            new_authority: Some(NewAuthorityRow {
                name: order.name.clone(),
                key_location: String::new(),
                is_root: false,
                crl_partitions: self.settings.crl().partitions_of_new(Rank::Issuing),
                predecessor: None,
            }),
            certifies: None,
            terms: None,
            order: Some(self.order_to_certify(order, request, &issuer.authority().name)?),
            fulfilment: &Fulfilment::default(),
        })?;
        Ok(issued(published, issuer.chain().to_vec(), Vec::new()))
    }

    /// Takes in a CA certificate that was issued elsewhere, after checking it against the request it
    /// answers and its chain up to a self-signed root.
    ///
    /// # Errors
    /// [`HierarchyError`]: what does not fit.
    pub fn import_authority(&self, import: &AuthorityImport) -> Result<ImportedAuthority, CaError> {
        let now = self.now();
        let all = self.authorities()?;
        let known = all.iter().find(|a| a.name == import.name);
        let pending = self.store.pending_request(&import.name)?;
        let request = pending
            .as_ref()
            .map(|p| CertificationRequest::parse(&p.der))
            .transpose()?;
        let certificate = &import.certificate;
        let refuse = |reason| -> CaError {
            HierarchyError::NotTheRequested {
                authority: import.name.clone(),
                reason,
            }
            .into()
        };
        let (name_der, spki) = match (&request, known) {
            (_, Some(authority)) => {
                self.check_not_terminated(authority)?;
                let own = &authority.certificate;
                (own.subject_der().to_vec(), own.spki_der().to_vec())
            }
            (Some(request), None) => (
                request.subject_der().to_vec(),
                request.public_key().spki_der().to_vec(),
            ),
            (None, None) => return Err(HierarchyError::NoRequest(import.name.clone()).into()),
        };
        if certificate.subject_der() != name_der {
            return Err(refuse("it has another subject"));
        }
        if certificate.spki_der() != spki {
            return Err(refuse("it certifies another key"));
        }
        let usage = certificate.key_usage();
        if !certificate.is_ca() || !usage.is_some_and(|u| u.key_cert_sign() && u.crl_sign()) {
            return Err(refuse("it does not make its key a CA's"));
        }
        if known.is_some_and(|a| a.certificate == *certificate) {
            return Err(refuse("it is the one that is here already"));
        }
        let path = ordered_chain(certificate, &import.chain, now)?;
        let (issuer, new_issuers) = self.adopt_issuers(import, &path, &all)?;
        let (profile, key_location, predecessor) = match (known, &pending) {
            (Some(a), _) => (a.profile.clone(), a.key_location.clone(), None),
            (None, Some(p)) => (
                p.profile.clone(),
                p.key_location.clone(),
                match &p.predecessor {
                    Some(name) => Some(self.authority(name)?.reference()),
                    None => None,
                },
            ),
            (None, None) => return Err(HierarchyError::NoRequest(import.name.clone()).into()),
        };
        let seq = self.commit_ordered(
            self.order_to_adopt(&import.name, certificate),
            &import.actors,
            Act::Hierarchy(HierarchyAct::Adopt(Box::new(Adoption {
                renews: known.map(Authority::reference),
                predecessor,
                request: pending.as_ref().map(|p| p.info_sha256),
                key_location,
                ..adoption(&import.name, &profile, Some(issuer), certificate)
            }))),
        )?;
        Ok(ImportedAuthority {
            new_issuers,
            renewed: known.is_some(),
            journal_seq: seq,
        })
    }

    /// The issuer of the imported certificate as it stands in the record, after those above it that the
    /// record did not know were taken in, from the root down.
    fn adopt_issuers(
        &self,
        import: &AuthorityImport,
        path: &[Certificate],
        all: &[Authority],
    ) -> Result<(AuthorityRef, Vec<String>), CaError> {
        let mut above: Option<AuthorityRef> = None;
        let mut adopted = Vec::new();
        for (i, certificate) in path.iter().enumerate().rev() {
            let same = all.iter().find(|a| {
                a.certificate.subject_der() == certificate.subject_der()
                    && a.certificate.public_key_bits() == certificate.public_key_bits()
            });
            if let Some(authority) = same {
                above = Some(authority.reference());
                continue;
            }
            let below = if i == 0 {
                &import.certificate
            } else {
                &path[i - 1]
            };
            let name = match &import.issuer_name {
                Some(name) if i == 0 => name.clone(),
                _ => self.published_name(below).ok_or_else(|| {
                    HierarchyError::Chain(format!(
                        "what {} is called cannot be told from the CRL address in what it issued",
                        certificate.display_subject()
                    ))
                })?,
            };
            check_name(&name)?;
            let profile = match above {
                None => "root-ca",
                Some(_) => "issuing-ca",
            };
            self.commit(
                &import.actors,
                Act::Hierarchy(HierarchyAct::Adopt(Box::new(adoption(
                    &name,
                    profile,
                    above.take(),
                    certificate,
                )))),
            )?;
            above = Some(self.authority(&name)?.reference());
            adopted.push(name);
        }
        match above {
            Some(issuer) => Ok((issuer, adopted)),
            None => Err(HierarchyError::Chain("it is empty".into()).into()),
        }
    }

    /// The name under which an issuer publishes, from the address of its CRL in what it issued.
    fn published_name(&self, certificate: &Certificate) -> Option<String> {
        let base = self.settings.crl_url("");
        let base = base.strip_suffix(".crl")?;
        certificate.crl_urls().iter().find_map(|url| {
            let name = url.strip_prefix(base)?.strip_suffix(".crl")?;
            check_name(name).is_ok().then(|| name.to_owned())
        })
    }

    /// Takes in a CRL of an authority whose key is elsewhere; responders serve it from then on.
    ///
    /// # Errors
    /// [`HierarchyError::Crl`], [`HierarchyError::UnknownCrlIssuer`]: why it is not to be believed.
    pub fn import_crl(&self, der: &[u8], actors: &Actors) -> Result<(String, CrlView), CaError> {
        let now = self.now();
        let crl = CertificateList::from_der(der).map_err(CaError::encoding("the CRL"))?;
        let all = self.authorities()?;
        let named: Vec<_> = all
            .iter()
            .filter(|a| a.certificate.subject_der() == crl.issuer_der())
            .collect();
        let by_key = named.iter().find(|a| verifies(a, &crl));
        let Some(authority) = by_key else {
            return Err(match named.first() {
                Some(authority) => refused(authority, "its signature does not verify"),
                None => {
                    let issuer = pki_asn1::name::DisplayName(crl.issuer()).to_string();
                    HierarchyError::UnknownCrlIssuer(issuer).into()
                }
            });
        };
        if authority.has_key_here() {
            return Err(HierarchyError::KeyHere(authority.name.clone()).into());
        }
        let number = crl
            .crl_number()
            .and_then(|octets| {
                octets
                    .iter()
                    .try_fold(0_u64, |n, b| n.checked_mul(256)?.checked_add((*b).into()))
            })
            .filter(|n| i64::try_from(*n).is_ok())
            .ok_or_else(|| refused(authority, "it has no cRLNumber that can be kept"))?;
        let next_update = crl
            .next_update()
            .ok_or_else(|| refused(authority, "it has no nextUpdate"))?;
        if crl.this_update() > now {
            return Err(refused(authority, "it is from the future"));
        }
        if next_update <= now {
            return Err(refused(authority, "its nextUpdate is over"));
        }
        let previous = self.store.last_crl_number(authority.id, CrlScope::All)?;
        if number <= previous {
            let what = format!("its number is {number}, and number {previous} is here already");
            return Err(refused(authority, &what));
        }
        if crl
            .extension(&pki_asn1::oid::CE_DELTA_CRL_INDICATOR)
            .is_some()
        {
            return Err(refused(authority, "it is a delta CRL"));
        }
        let address = self.settings.crl_url(&authority.name);
        match crl.issuing_distribution_point() {
            Ok(None) => {}
            Ok(Some(point)) if is_only(&point, &address) => {}
            _ => {
                let what = format!("its issuingDistributionPoint is not {address} alone");
                return Err(refused(authority, &what));
            }
        }
        let view = CrlView {
            number,
            this_update: crl.this_update(),
            next_update,
            der: der.to_vec(),
        };
        let revoked = self.newly_revoked(authority, &crl)?;
        self.commit(
            actors,
            Act::Hierarchy(HierarchyAct::ImportCrl(Box::new(CrlImport {
                authority: authority.reference(),
                previous,
                number,
                this_update: view.this_update,
                next_update,
                sha256: sha256(der),
                der: der.to_vec(),
                revoked,
            }))),
        )?;
        Ok((authority.name.clone(), view))
    }

    /// What the CRL says of certificates that this record has from its issuer, and did not know revoked.
    fn newly_revoked(
        &self,
        authority: &Authority,
        crl: &CertificateList,
    ) -> Result<Vec<ImportedRevocation>, CaError> {
        let mut revoked = Vec::new();
        for entry in crl.entries() {
            let serial = entry.serial_number.as_bytes();
            let known = self.store.certificates(&Query::Serial(serial.to_vec()))?;
            let good = known
                .iter()
                .any(|c| c.authority == authority.name && c.revocation.is_none());
            if good {
                let reason = entry
                    .reason()
                    .and_then(|r| RevocationReason::from_code(r as u8))
                    .unwrap_or(RevocationReason::Unspecified);
                revoked.push(ImportedRevocation {
                    serial: serial.to_vec(),
                    at: entry.revocation_date.into(),
                    reason,
                });
            }
        }
        Ok(revoked)
    }
}

fn refused(authority: &Authority, reason: &str) -> CaError {
    HierarchyError::Crl {
        authority: authority.name.clone(),
        reason: reason.to_owned(),
    }
    .into()
}

fn verifies(authority: &Authority, crl: &CertificateList) -> bool {
    let Ok(key) = PublicKey::from_spki_der(authority.certificate.spki_der()) else {
        return false;
    };
    let Ok(algorithm) = SignatureAlgorithm::from_identifier(crl.signature_algorithm()) else {
        return false;
    };
    key.verify(algorithm, Message::Bytes(crl.tbs_der()), crl.signature())
        .is_ok()
}

/// Whether the CRL's scope is the whole of what is published at `address`.
fn is_only(point: &pki_asn1::crl::IssuingDistributionPoint, address: &str) -> bool {
    use x509_cert::ext::pkix::name::GeneralName;
    let full = !point.only_contains_user_certs
        && !point.only_contains_ca_certs
        && !point.only_contains_attribute_certs
        && !point.indirect_crl
        && point.only_some_reasons.is_none();
    let here = point.full_names().iter().any(
        |name| matches!(name, GeneralName::UniformResourceIdentifier(uri) if uri.as_str() == address),
    );
    full && here
}

/// A certificate from elsewhere, as the record takes it.
fn adoption(
    name: &str,
    profile: &str,
    issuer: Option<AuthorityRef>,
    certificate: &Certificate,
) -> Adoption {
    Adoption {
        name: name.to_owned(),
        profile: profile.to_owned(),
        key_location: String::new(),
        issuer,
        renews: None,
        predecessor: None,
        request: None,
        serial: certificate.serial().to_vec(),
        subject: certificate.display_subject().to_string(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        tbs_sha256: sha256(certificate.tbs_der()),
        fingerprint: sha256(certificate.der()),
        certificate: certificate.der().to_vec(),
    }
}

/// The issuers of `certificate` from the nearest up to the root, each link verified.
fn ordered_chain(
    certificate: &Certificate,
    given: &[Certificate],
    now: UnixTime,
) -> Result<Vec<Certificate>, CaError> {
    let failed = |what: String| CaError::from(HierarchyError::Chain(what));
    let mut path: Vec<Certificate> = Vec::new();
    let mut at = certificate.clone();
    if !at.is_valid_at(now) {
        return Err(failed("the certificate is not valid now".into()));
    }
    while at.issuer_der() != at.subject_der() || path.is_empty() {
        if path.len() > given.len() {
            return Err(failed("it goes in circles".into()));
        }
        let issuer = given
            .iter()
            .filter(|c| c.subject_der() == at.issuer_der())
            .find(|c| is_signed_by(&at, c))
            .ok_or_else(|| {
                failed(format!(
                    "no certificate of {} that signed {} is given",
                    at.display_issuer(),
                    at.display_subject()
                ))
            })?;
        let usage = issuer.key_usage();
        if !issuer.is_ca() || usage.is_some_and(|u| !u.key_cert_sign()) {
            return Err(failed(format!("{} is no CA", issuer.display_subject())));
        }
        if !issuer.is_valid_at(now) {
            return Err(failed(format!(
                "{} is not valid now",
                issuer.display_subject()
            )));
        }
        // RFC 5280 section 4.2.1.9: the CAs between it and the last certificate, which is a CA too.
        let basic = issuer.ext::<x509_cert::ext::pkix::BasicConstraints>();
        let limit = basic.ok().flatten().and_then(|b| b.path_len_constraint);
        if limit.is_some_and(|limit| path.len() + 1 > usize::from(limit)) {
            return Err(failed(format!(
                "{} allows fewer CAs below it (pathLenConstraint)",
                issuer.display_subject()
            )));
        }
        path.push(issuer.clone());
        at = issuer.clone();
    }
    if !is_signed_by(&at, &at) {
        return Err(failed("its root is not self-signed".into()));
    }
    Ok(path)
}

fn is_signed_by(certificate: &Certificate, issuer: &Certificate) -> bool {
    let (Ok(key), Ok(algorithm)) = (
        PublicKey::from_spki_der(issuer.spki_der()),
        SignatureAlgorithm::from_identifier(certificate.signature_algorithm()),
    ) else {
        return false;
    };
    let message = Message::Bytes(certificate.tbs_der());
    key.verify(algorithm, message, certificate.signature())
        .is_ok()
}
