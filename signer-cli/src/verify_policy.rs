//! `--policy`: what a relying party asks for, as a file or one of those that ship.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use ades::report::PolicyUsed;
use ades::validate::{PolicyFile, RevocationRule, SHIPPED_POLICIES, ValidationPolicy};
use clap::ValueEnum;
use cli_support::{Exit, Failure, config, print};

/// What a verdict is judged by.
#[derive(Debug, clap::Args)]
pub(crate) struct PolicyArgs {
    /// What to ask for: `strict`, `permissive`, `default`, or a policy file
    #[arg(long, value_name = "POLICY")]
    policy: Option<PathBuf>,
    /// Print the policy of --policy (or the default) and end
    #[arg(long, conflicts_with_all = ["files", "from", "revocation"])]
    print_policy: bool,
    /// What to do where revocation data is missing, whatever the policy says [default: required]
    #[arg(long, value_enum)]
    revocation: Option<RevocationArg>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum RevocationArg {
    /// Without it nothing is TOTAL-PASSED
    Required,
    /// It counts where there is some
    IfAvailable,
}

impl PolicyArgs {
    /// The policy, and what a report calls it; errors name the file, the line and the key.
    pub(crate) fn load(&self) -> Result<(ValidationPolicy, PolicyUsed), Failure> {
        let path = self.path();
        let text = self.text(&path)?;
        let file: PolicyFile = config::parse(&text, &path)?;
        let source = path.display().to_string();
        let mut used = PolicyUsed::new(&source, file.name(), text.as_bytes());
        let mut policy = file.policy();
        if let Some(rule) = self.revocation {
            (policy.revocation, used.revocation) = match rule {
                RevocationArg::Required => (RevocationRule::Required, Some("required")),
                RevocationArg::IfAvailable => (RevocationRule::IfAvailable, Some("if-available")),
            };
        }
        Ok((policy, used))
    }

    fn path(&self) -> PathBuf {
        self.policy.clone().unwrap_or_else(|| "default".into())
    }

    fn text<'p>(&self, path: &'p Path) -> Result<Cow<'p, str>, Failure> {
        match shipped(path) {
            Some(text) => Ok(text.into()),
            None => config::text(path, "the validation policy")
                .map(Cow::from)
                .map_err(|e| self.not_there(path, e)),
        }
    }

    /// The file of the policy, where it is one.
    pub(crate) fn reads(&self) -> Option<PathBuf> {
        self.policy.clone().filter(|path| shipped(path).is_none())
    }

    /// Whether the policy is printed instead of a file being judged.
    pub(crate) fn is_printed(&self) -> bool {
        self.print_policy
    }

    /// Prints the policy as it is written down.
    pub(crate) fn print(&self) -> Result<(), Failure> {
        let path = self.path();
        let text = self.text(&path)?;
        config::parse::<PolicyFile>(&text, &path)?;
        print(text.as_bytes())
    }

    /// A name that is none of those that ship is taken for a file.
    fn not_there(&self, path: &Path, failure: Failure) -> Failure {
        let is_name = path.components().count() == 1 && path.extension().is_none();
        match is_name && !path.exists() {
            false => failure,
            true => Failure::message(
                Exit::Usage,
                format!("there is no policy {:?}", path.display().to_string()),
            )
            .with_hint(format!(
                "those that ship are {}; anything else is a file",
                SHIPPED_POLICIES.map(|(name, _)| name).join(", ")
            )),
        }
    }
}

fn shipped(path: &Path) -> Option<&'static str> {
    let name = path.to_str()?;
    let known = SHIPPED_POLICIES.into_iter().find(|(n, _)| *n == name);
    known.map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ades::validate::{
        Acceptance, EndedAlgorithms, PolicyFile, Requirement, RevocationRule, SHIPPED_POLICIES,
        ValidationPolicy,
    };
    use cli_support::config;
    use pki_crypto::{DigestAlgorithm, KeyKind, SignatureAlgorithm};

    fn policy(text: &str) -> ValidationPolicy {
        let file: PolicyFile = config::parse(text, Path::new("policy.toml")).unwrap();
        file.policy()
    }

    fn refused(text: &str) -> String {
        let read: Result<PolicyFile, _> = config::parse(text, Path::new("policy.toml"));
        read.unwrap_err().to_text()
    }

    fn shipped(name: &str) -> ValidationPolicy {
        let (_, text) = SHIPPED_POLICIES.iter().find(|(n, _)| *n == name).unwrap();
        policy(text)
    }

    /// Everything that a policy says, with the algorithms as they are judged.
    fn said(policy: &ValidationPolicy) -> String {
        let rest = ValidationPolicy {
            algorithms: Default::default(),
            ..policy.clone()
        };
        let keys =
            [512, 1024, 1899, 1900, 2048, 2999, 3000, 4096].map(|bits| KeyKind::Rsa { bits });
        let keys = keys.into_iter().chain([KeyKind::EcP256, KeyKind::Ed25519]);
        let keys: Vec<_> = keys.map(|k| policy.algorithms.key_good_until(k)).collect();
        let digests = DigestAlgorithm::ALL.map(|d| policy.algorithms.digest_good_until(d));
        let signatures = DigestAlgorithm::ALL
            .map(SignatureAlgorithm::RsaPkcs1)
            .map(|s| policy.algorithms.signature_good_until(s));
        format!("{rest:?} {keys:?} {digests:?} {signatures:?}")
    }

    #[test]
    fn the_default_that_is_printed_is_the_one_that_judges() {
        assert_eq!(
            said(&shipped("default")),
            said(&ValidationPolicy::default())
        );
        assert_eq!(said(&policy("")), said(&ValidationPolicy::default()));
    }

    #[test]
    fn strict_asks_for_more_and_permissive_for_less() {
        let (strict, permissive) = (shipped("strict"), shipped("permissive"));
        assert_eq!(strict.ended_algorithms, EndedAlgorithms::Refused);
        assert_eq!(strict.signature.proven_time, Requirement::Required);
        assert_eq!(strict.freshness.after_signature, Requirement::Required);
        assert_eq!(permissive.revocation, RevocationRule::IfAvailable);
        assert_eq!(permissive.signature.claimed_time, Acceptance::Accepted);
        let default = ValidationPolicy::default();
        for digest in DigestAlgorithm::ALL {
            let end = |p: &ValidationPolicy| p.algorithms.digest_good_until(digest);
            let never: pki_asn1::UnixTime = "9999-12-31T23:59:59Z".parse().unwrap();
            let last = |p| end(p).unwrap_or(never);
            assert!(last(&strict) <= last(&default), "{digest}");
            assert!(last(&default) <= last(&permissive), "{digest}");
        }
    }

    #[test]
    fn what_is_no_policy_is_refused_with_its_place_and_a_remedy() {
        for (text, place, hint) in [
            (
                "[revocation]\nrul = \"required\"\n",
                "line 2: unknown key \"rul\"",
                "did you mean \"rule\"?",
            ),
            (
                "[revocations]\n",
                "line 1: unknown key \"revocations\"",
                "did you mean \"revocation\"?",
            ),
            (
                "[revocation]\nrule = \"never\"\n",
                "line 2: \"never\" is not a possible value",
                "possible values: required, if-available",
            ),
            (
                "[revocation]\nmax-age = \"a day\"\n",
                "line 2: \"a day\" is not a possible value",
                "a number with its unit",
            ),
            (
                "[revocation]\nmax-age = \"99999999999999999999d\"\n",
                "line 2: ",
                "a number with its unit",
            ),
            (
                "\n[algorithms.digests]\nMD5 = \"never\"\n",
                "line 3: \"MD5\" is not a possible value",
                "possible values: SHA-1, ",
            ),
            (
                "[algorithms.digests]\nSHA-1 = \"2017-02-30\"\n",
                "line 2: \"2017-02-30\" is not a possible value",
                "the last day of use",
            ),
            (
                "[algorithms.keys]\n\"RSA-2048\" = \"never\"\n",
                "line 2: \"RSA-2048\" is not a possible value",
                "RSA stands in rsa-below",
            ),
            (
                "[algorithms.rsa-below]\nmany = \"never\"\n",
                "line 2: \"many\" is not a possible value",
                "a number of bits",
            ),
            (
                "[algorithms.rsa-below]\n3000 = \"refused\"\n03000 = \"never\"\n",
                "line 3: \"03000\" is not a possible value",
                "a number of bits",
            ),
            (
                "[certificate]\npolicies = [\"qualified\"]\n",
                "line 2: \"qualified\" is not a possible value",
                "an object identifier in dots",
            ),
            (
                "schema = \"sceau.policy/2\"\n",
                "line 1: \"sceau.policy/2\" is not a possible value",
                "possible values: sceau.policy/1",
            ),
        ] {
            let said = refused(text);
            assert!(said.contains(place), "{text}: {said}");
            assert!(
                said.contains("\n  hint: ") && said.contains(hint),
                "{text}: {said}"
            );
        }
    }
}
