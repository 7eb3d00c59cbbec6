//! Where others decide otherwise, and why: `docs/DIVERGENCES.md` says the same in words.

/// A kind of case in which somebody differs from us.
pub struct Difference {
    pub name: &'static str,
    pub family: &'static str,
    /// One of the case's tags; empty for any case of the family.
    pub tag: &'static str,
    /// Part of what the other says and part of what we say; empty where one of the two accepts. Any of these.
    pub answers: &'static [(&'static str, &'static str)],
}

const fn row(
    family: &'static str,
    tag: &'static str,
    answers: &'static [(&'static str, &'static str)],
    name: &'static str,
) -> Difference {
    Difference {
        name,
        family,
        tag,
        answers,
    }
}

const NOT_PERMITTED: &str = "permitted subtree violation";
const INSIDE: &str = "is inside a subtree";
const NO_KEY_ID: &str = "Missing Authority Key Identifier";
const SELF_SIGNED: &str = "self-signed certificate in certificate chain";
const UNCLEAR: &str = "cannot be evaluated";

pub const LIBCRYPTO: &[Difference] = &[
    row(
        "names",
        "host in subject",
        &[("subtree violation", "")],
        "a host name as common name",
    ),
    row(
        "names",
        "trailing dot",
        &[(NOT_PERMITTED, ""), ("", INSIDE)],
        "a dot at the end of a host",
    ),
    row(
        "names",
        "wildcard",
        &[("", INSIDE)],
        "a wildcard above an excluded host",
    ),
    row(
        "names",
        "mapped address",
        &[("", INSIDE)],
        "an IPv4 address written as IPv6",
    ),
    row(
        "names",
        "SmtpUTF8Mailbox",
        &[(NOT_PERMITTED, ""), ("", INSIDE)],
        "an internationalized mailbox",
    ),
    row(
        "names",
        "long URI",
        &[(NOT_PERMITTED, ""), ("", INSIDE)],
        "a URI with a user, a port or a query",
    ),
    row(
        "names",
        "other characters in a host",
        &[("", UNCLEAR)],
        "a host with other characters",
    ),
    row(
        "names",
        "address in URI",
        &[("", UNCLEAR)],
        "a URI with an address",
    ),
    row(
        "names",
        "empty base",
        &[("", UNCLEAR)],
        "a constraint on mailboxes or URIs that is empty",
    ),
    row(
        "policies",
        "anyPolicy mapped",
        &[("", "anyPolicy")],
        "anyPolicy is mapped where no policy is left",
    ),
    row(
        "policies",
        "mapped through anyPolicy",
        &[
            ("no explicit policy", ""),
            ("", ""),
            ("", "no certificate policy"),
        ],
        "a policy is mapped that anyPolicy stands for",
    ),
    row(
        "basics",
        "the last second",
        &[("certificate has expired", "")],
        "the last second of the validity",
    ),
    row(
        "basics",
        "no key identifiers",
        &[(NO_KEY_ID, ""), (SELF_SIGNED, "")],
        "no key identifiers",
    ),
    row(
        "building",
        "no key identifiers",
        &[(NO_KEY_ID, ""), (SELF_SIGNED, "")],
        "no key identifiers in a pool",
    ),
    row(
        "basics",
        "keyUsage without a bit",
        &[("unable to get local issuer certificate", "")],
        "keyUsage without a bit",
    ),
    row(
        "basics",
        "basicConstraints not critical",
        &[("not marked critical", "")],
        "basicConstraints not critical",
    ),
    row(
        "basics",
        "no keyUsage",
        &[("key usage", "")],
        "an authority without keyUsage",
    ),
    row(
        "basics",
        "extension twice",
        &[("", "more than once")],
        "an unknown extension twice",
    ),
    row(
        "crls",
        "reasons of a distribution point",
        &[("CRL", "")],
        "reasons of a distribution point, and a CRL of the issuer found otherwise",
    ),
    row(
        "crls",
        "unknown extension in a CRL",
        &[("unhandled critical CRL extension", "")],
        "a critical extension in the newest CRL, and an older one",
    ),
    row(
        "crls",
        "listed where it is not current",
        &[("", "it was revoked")],
        "revoked on a CRL that has run out, or is dated later",
    ),
    row(
        "crls",
        "delta",
        &[("", "it was revoked")],
        "revoked on a delta whose base is missing or has other numbers",
    ),
    row(
        "crls",
        "indirect",
        &[
            ("unable to get certificate CRL", ""),
            ("", "it was revoked"),
        ],
        "a CRL of the issuer where another issuer was named",
    ),
];

pub const CERTVAL: &[Difference] = &[
    row(
        "names",
        "SmtpUTF8Mailbox",
        &[("", "subtree"), ("", UNCLEAR)],
        "an internationalized mailbox",
    ),
    row(
        "names",
        "wildcard",
        &[("", INSIDE)],
        "a wildcard above an excluded host",
    ),
    row(
        "names",
        "mapped address",
        &[("", INSIDE)],
        "an IPv4 address written as IPv6",
    ),
    row(
        "names",
        "address in URI",
        &[("", UNCLEAR)],
        "a URI with an address",
    ),
    row(
        "names",
        "empty base",
        &[("", UNCLEAR), ("", INSIDE)],
        "an empty constraint",
    ),
    row(
        "names",
        "",
        &[("NameConstraintsViolation", "")],
        "constraints that it does not read, or that leave nothing of a form, bind certificates without such names",
    ),
    row(
        "policies",
        "policy twice",
        &[("", "malformed")],
        "a policy twice in a certificate",
    ),
    row(
        "policies",
        "asked for some policies",
        &[("NullPolicySet", ""), ("", "")],
        "a policy below one that is not asked for and below one that is",
    ),
    row(
        "basics",
        "pathLen above 255",
        &[("no path", ""), ("MissingBasicConstraints", "")],
        "a pathLenConstraint above 255",
    ),
    row(
        "basics",
        "no keyUsage",
        &[("InvalidKeyUsage", "")],
        "an authority without keyUsage",
    ),
    row(
        "basics",
        "no key identifiers",
        &[("no path", ""), ("SignatureVerificationFailure", "")],
        "no key identifiers",
    ),
    row(
        "building",
        "no key identifiers",
        &[("no path", ""), ("SignatureVerificationFailure", "")],
        "no key identifiers in a pool",
    ),
    row(
        "basics",
        "extension twice",
        &[("", "more than once")],
        "an unknown extension twice",
    ),
    row(
        "crls",
        "indirect",
        &[
            ("RevocationStatusNotDetermined", ""),
            ("", "it was revoked"),
        ],
        "a CRL of another issuer",
    ),
    row(
        "crls",
        "delta",
        &[
            ("CertificateRevoked", ""),
            ("", "it was revoked"),
            ("RevocationStatusNotDetermined", ""),
        ],
        "a delta",
    ),
    row(
        "crls",
        "",
        &[
            ("RevocationStatusNotDetermined", ""),
            ("", "it was revoked"),
            ("", "is not known"),
        ],
        "a CRL for some reasons or places; an older one that is current beside a newer one",
    ),
];
