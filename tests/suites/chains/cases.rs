//! The table.

use super::{Case, Policies, SEAL_POLICY, Verdict};

const fn refused(openssl: &'static str, sceau: &'static str) -> Verdict {
    Verdict::Refused { openssl, sceau }
}

const REVOKED: Verdict = refused("certificate revoked", "revoked");
const EXPLICIT: Policies = Policies {
    wanted: None,
    explicit: true,
    no_mapping: false,
    no_any: false,
};

pub(super) fn all() -> Vec<Case> {
    let base = |name, target, intermediates, crls, verdict| Case {
        name,
        target,
        intermediates,
        crls,
        after_days: 0,
        policies: Policies::default(),
        verdict,
    };
    let later = |days, case: Case| Case {
        after_days: days,
        ..case
    };
    let under = |policies, case: Case| Case { policies, ..case };
    let companies = &["companies-ca.pem"][..];
    let before = &["root-0.crl.pem", "companies-0.crl.pem"][..];
    let held = &["root-0.crl.pem", "companies-1.crl.pem"][..];
    let after = &["root-1.crl.pem", "companies-2.crl.pem"][..];
    vec![
        // Revocation.
        base("good", "seal.pem", companies, before, Verdict::Accepted),
        base(
            "good after others were revoked",
            "seal.pem",
            companies,
            after,
            Verdict::Accepted,
        ),
        base(
            "not yet revoked",
            "revoked.pem",
            companies,
            before,
            Verdict::Accepted,
        ),
        base("revoked", "revoked.pem", companies, after, REVOKED),
        base("on hold", "held.pem", companies, held, REVOKED),
        base("resumed", "held.pem", companies, after, Verdict::Accepted),
        base(
            "the CA is revoked",
            "person.pem",
            &["residents-ca.pem"],
            &["root-1.crl.pem", "residents-0.crl.pem"],
            REVOKED,
        ),
        base(
            "the CA was not yet revoked",
            "person.pem",
            &["residents-ca.pem"],
            &["root-0.crl.pem", "residents-0.crl.pem"],
            Verdict::Accepted,
        ),
        base(
            "no CRL of the issuing CA",
            "seal.pem",
            companies,
            &["root-0.crl.pem"],
            refused("unable to get certificate CRL", "revocation"),
        ),
        base(
            "the CRL of another CA",
            "seal.pem",
            companies,
            &["root-0.crl.pem", "residents-0.crl.pem"],
            refused("unable to get certificate CRL", "revocation"),
        ),
        later(
            400,
            base(
                "the CRL is too old",
                "seal.pem",
                companies,
                before,
                refused("CRL has expired", "revocation"),
            ),
        ),
        // Time.
        later(
            1200,
            base(
                "expired",
                "seal.pem",
                companies,
                &[],
                refused("certificate has expired", "expired"),
            ),
        ),
        // Generations.
        base(
            "the renewed CA, same key",
            "seal.pem",
            &["companies-renewed.pem"],
            before,
            Verdict::Accepted,
        ),
        base(
            "the next generation",
            "seal-g2.pem",
            &["companies-g2-ca.pem"],
            &["root-1.crl.pem", "companies-g2-0.crl.pem"],
            Verdict::Accepted,
        ),
        base(
            "a certificate of the next generation below the first",
            "seal-g2.pem",
            companies,
            &[],
            refused("unable to get local issuer certificate", "issuer"),
        ),
        // What no CA of ours signs.
        base(
            "a CA below an issuing CA",
            "below.pem",
            &["forged-ca.pem", "companies-ca.pem"],
            &[],
            refused("path length constraint exceeded", "pathLenConstraint"),
        ),
        base(
            "signed with a seal",
            "by-seal.pem",
            &["seal.pem", "companies-ca.pem"],
            &[],
            refused("invalid CA certificate", "CA"),
        ),
        base(
            "signed with another key than the issuer's",
            "wrong-signature.pem",
            companies,
            &[],
            refused("certificate signature failure", "signature"),
        ),
        // Policies.
        under(
            EXPLICIT,
            base(
                "an explicit policy",
                "seal.pem",
                companies,
                &[],
                Verdict::Accepted,
            ),
        ),
        under(
            Policies {
                wanted: Some(SEAL_POLICY),
                ..EXPLICIT
            },
            base(
                "the seal's policy",
                "seal.pem",
                companies,
                &[],
                Verdict::Accepted,
            ),
        ),
        under(
            Policies {
                wanted: Some("9.9"),
                ..EXPLICIT
            },
            base(
                "another policy",
                "seal.pem",
                companies,
                &[],
                refused("no explicit policy", "policy"),
            ),
        ),
        under(
            Policies {
                no_any: true,
                ..EXPLICIT
            },
            base(
                "the issuing CA's anyPolicy does not count",
                "seal.pem",
                companies,
                &[],
                refused("no explicit policy", "policy"),
            ),
        ),
        // A CA of another provider, cross-certified on terms.
        base(
            "within the permitted names",
            "rival-in.pem",
            &["cross.pem"],
            &[],
            Verdict::Accepted,
        ),
        base(
            "outside the permitted names",
            "rival-out.pem",
            &["cross.pem"],
            &[],
            refused("permitted subtree violation", "name"),
        ),
        base(
            "a policy that is not mapped, where the cross-certificate wants one",
            "rival-unmapped.pem",
            &["cross.pem"],
            &[],
            refused("no explicit policy", "policy"),
        ),
        under(
            Policies {
                wanted: Some(SEAL_POLICY),
                ..EXPLICIT
            },
            base(
                "a mapped policy",
                "rival-in.pem",
                &["cross.pem"],
                &[],
                Verdict::Accepted,
            ),
        ),
        under(
            Policies {
                wanted: Some(SEAL_POLICY),
                no_mapping: true,
                ..EXPLICIT
            },
            base(
                "a mapped policy where mapping is inhibited",
                "rival-in.pem",
                &["cross.pem"],
                &[],
                refused("no explicit policy", "policy"),
            ),
        ),
        base(
            "a CA below the cross-certified one",
            "rival-below.pem",
            &["cross.pem", "rival-sub.pem"],
            &[],
            refused("path length constraint exceeded", "pathLenConstraint"),
        ),
    ]
}
