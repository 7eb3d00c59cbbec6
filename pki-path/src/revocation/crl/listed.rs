//! What CRLs say against a certificate. An entry stays on the list (RFC 5280 section 3.3: until the certificate
//! has expired), so a final revocation counts wherever it was told: on a list that has run out, on one that was
//! issued after the time which is asked about, on a delta without its base. Only a hold can be lifted, by what is newer.

use core::ops::ControlFlow;

use pki_asn1::Certificate;
use x509_cert::ext::pkix::CrlReason;

use super::{Age, Asked, Inquiry, Lookup, WHAT, age, in_scope, info};
use crate::revocation::{
    Distrust, Finding, RevocationStatus, RevocationUnknown, RevokedInfo, Source, Stack,
};

/// A hold that nothing seen so far has lifted.
pub(super) struct Held {
    pub(super) info: RevokedInfo,
    pub(super) finding: Finding,
    pub(super) age: Age,
}

impl Held {
    pub(super) fn status(self) -> RevocationStatus {
        RevocationStatus::Revoked(self.info, self.finding)
    }
}

/// Among whom the signer of a CRL is looked for.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Among {
    /// The certificate's issuer and the anchor: a signature or two for each CRL.
    Known,
    /// Whoever bears the name, for what those did not sign.
    Candidates,
}

impl<'a> Inquiry<'_, 'a> {
    /// Breaks with the newest final revocation; otherwise the newest hold. What the authority signed itself comes
    /// first, so that lists of strangers use up no work before it.
    pub(super) fn revocations(
        &mut self,
        lookups: &[Lookup<'_, 'a>],
        stack: &mut Stack,
    ) -> ControlFlow<RevocationStatus, Option<Held>> {
        let mut listed: Vec<_> = lookups
            .iter()
            .filter_map(|lookup| Some((lookup, self.listed(lookup)?)))
            .collect();
        let mut held: Option<Held> = None;
        for among in [Among::Known, Among::Candidates] {
            let mut unsigned = Vec::new();
            for (lookup, info) in listed {
                let signer = match self.signer(lookup, among, stack) {
                    Ok(signer) => signer,
                    Err(why) => {
                        // What else is wrong with it is said where it was to clear the certificate.
                        if matches!(why, Distrust::Budget(_)) {
                            self.note(RevocationUnknown::not_trusted(WHAT, why));
                        }
                        unsigned.push((lookup, info));
                        continue;
                    }
                };
                let finding = lookup.found_by(signer);
                if !info.is_hold() {
                    return ControlFlow::Break(RevocationStatus::Revoked(info, finding));
                }
                let age = age(lookup.crl);
                if held.as_ref().is_none_or(|known| known.age < age)
                    && !self.is_lifted(lookup, &finding.signer)
                {
                    held = Some(Held { info, finding, age });
                }
            }
            listed = unsigned;
        }
        ControlFlow::Continue(held)
    }

    /// What a CRL says against the certificate, as far as it had happened.
    fn listed(&self, lookup: &Lookup<'_, 'a>) -> Option<RevokedInfo> {
        let idp = lookup.crl.issuing_distribution_point().ok()?;
        if !self.validator.admits.allows(Source::Crl(lookup.index))
            || !in_scope(self.certificate, lookup.crl, idp.as_ref(), lookup.point)
        {
            return None;
        }
        let entry = self.entry(lookup)?;
        let told = info(&entry);
        let happened = told.at <= self.window.known_by;
        let removed = entry.reason() == Some(CrlReason::RemoveFromCRL);
        (happened && !removed).then_some(told)
    }

    fn signer(
        &self,
        lookup: &Lookup<'_, 'a>,
        among: Among,
        stack: &mut Stack,
    ) -> Result<Certificate, Distrust> {
        let crl = lookup.crl;
        self.validator.understood(lookup.index, crl)?;
        match among {
            Among::Known => self.validator.crl_signer_known(lookup, self.issuer),
            Among::Candidates => {
                let at = match self.window.admits(crl.this_update(), crl.next_update()) {
                    true => self.validator.parameters.at,
                    false => crl.this_update(),
                };
                let asked = Asked { at, cleared: None };
                let asked = (asked, &self.signers);
                self.validator
                    .crl_signer_found(lookup, self.issuer, asked, stack)
            }
        }
    }

    /// Whether a delta takes back the hold of its base.
    fn is_lifted(&self, lookup: &Lookup<'_, 'a>, signer: &Certificate) -> bool {
        let delta = self.delta(lookup, signer).ok().flatten();
        let entry = delta.and_then(|delta| self.entry(&delta));
        entry.is_some_and(|entry| entry.reason() == Some(CrlReason::RemoveFromCRL))
    }
}
