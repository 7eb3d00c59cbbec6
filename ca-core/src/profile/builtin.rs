//! The profiles shipped with the program, in the order they are listed.

use super::{Profile, ProfileError};

const SOURCES: [&str; 9] = [
    include_str!("../../profiles/root-ca.toml"),
    include_str!("../../profiles/issuing-ca.toml"),
    include_str!("../../profiles/company-seal.toml"),
    include_str!("../../profiles/personal-signature.toml"),
    include_str!("../../profiles/professional-signature.toml"),
    include_str!("../../profiles/authentication.toml"),
    include_str!("../../profiles/ocsp-signer.toml"),
    include_str!("../../profiles/time-stamping-unit.toml"),
    include_str!("../../profiles/cross-ca.toml"),
];

/// The built-in profiles.
///
/// # Errors
/// Never in a build whose tests pass.
pub fn built_in() -> Result<Vec<Profile>, ProfileError> {
    SOURCES.into_iter().map(Profile::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_profile_passes_its_own_bounds() {
        let names: Vec<_> = built_in()
            .unwrap()
            .iter()
            .map(|p| p.name().to_owned())
            .collect();
        assert_eq!(names.len(), 9);
        assert!(names.contains(&"company-seal".to_owned()));
    }

    #[test]
    fn an_unknown_key_or_a_broken_bound_is_named() {
        let seal = SOURCES[2];
        let error = Profile::parse(&format!("colour = 'red'\n{seal}")).unwrap_err();
        assert!(error.to_string().contains("colour"), "{error}");
        let error = Profile::parse(&seal.replace("\"nonRepudiation\"", "\"digitalSignature\""));
        assert!(error.unwrap_err().to_string().contains("NAT-4.3.2-2"));
        let error = Profile::parse(&seal.replace("3072", "2048")).unwrap_err();
        assert!(error.to_string().contains("TS 119 312"), "{error}");
        let error = Profile::parse(&format!("{seal}colour = 'red'\n")).unwrap_err();
        let last = seal.lines().count() + 1;
        assert!(
            error.to_string().contains(&format!("line {last} ")),
            "{error}"
        );
    }

    #[test]
    fn a_hostile_profile_writes_nothing_on_the_terminal_and_lives_no_thousand_years() {
        let seal = SOURCES[2];
        let named = |name: &str| {
            let line = format!("name = \"{name}\"");
            seal.replace("name = \"company-seal\"", &line)
        };
        assert!(Profile::parse(&named("seal-2")).is_ok());
        for name in ["", "\\u001b[31m", "../seal", "Seal", &"a".repeat(64)] {
            let error = Profile::parse(&named(name)).unwrap_err().to_string();
            assert!(error.contains("its name"), "{error}");
            assert!(!error.contains('\u{1b}'));
        }
        let root: String = SOURCES[0]
            .lines()
            .map(|line| match line.split_once(" = ") {
                Some(("maximum-days", _)) => "maximum-days = 4294967295\n".to_owned(),
                _ => format!("{line}\n"),
            })
            .collect();
        let error = Profile::parse(&root).unwrap_err();
        assert!(error.to_string().contains("thirty years"), "{error}");
        let error = Profile::parse(&seal.replace("policy = \"", "policy = \"1.2.3."));
        assert!(error.unwrap_err().to_string().contains("policy is not"));
    }
}
