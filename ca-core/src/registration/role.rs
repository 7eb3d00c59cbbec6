//! Trusted roles (EN 319 401 clause 7.2, EN 319 411-1 clause 7.4) and which of them one person may
//! not hold together.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an operator is trusted with.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Registers requests and organisations, and has approved requests issued.
    Registrar,
    /// Approves and rejects requests that somebody else registered.
    Approver,
    /// Changes certificate profiles.
    ProfileAdministrator,
    /// Revokes and suspends certificates, and strikes organisations off.
    RevocationOfficer,
    /// Reads everything and decides nothing.
    Auditor,
    /// Enrols, suspends and removes operators.
    SecurityOfficer,
}

/// The roles of one operator: at least one, no two that exclude each other.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Vec<Role>", into = "Vec<Role>")]
pub struct Roles(Vec<Role>);

/// Why roles cannot be held together.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RoleConflict {
    /// None was given.
    #[error("an operator needs at least one role")]
    None,
    /// The two exclude each other.
    #[error("one operator cannot be {0} and {1}: {2}")]
    Incompatible(Role, Role, &'static str),
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Registrar,
        Self::Approver,
        Self::ProfileAdministrator,
        Self::RevocationOfficer,
        Self::Auditor,
        Self::SecurityOfficer,
    ];

    /// Its name in commands, documents and statements.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::Approver => "approver",
            Self::ProfileAdministrator => "profile-administrator",
            Self::RevocationOfficer => "revocation-officer",
            Self::Auditor => "auditor",
            Self::SecurityOfficer => "security-officer",
        }
    }

    /// Why one person cannot have both roles; `None` where one can.
    #[must_use]
    pub fn excludes(self, other: Self) -> Option<&'static str> {
        use Role::{Approver, Auditor, ProfileAdministrator, Registrar, SecurityOfficer};
        let pair = if self <= other {
            (self, other)
        } else {
            (other, self)
        };
        match pair {
            (a, b) if a == b => None,
            (Auditor, _) | (_, Auditor) => {
                Some("who audits does nothing that is audited (EN 319 401 clause 7.2)")
            }
            (Registrar, Approver) => {
                Some("who registers does not approve (EN 319 411-1 clause 6.4.3)")
            }
            (Registrar | Approver, ProfileAdministrator) => {
                Some("who lets certificates be issued does not say what they may be")
            }
            (Registrar | Approver, SecurityOfficer) => {
                Some("who lets certificates be issued does not choose who else does")
            }
            _ => None,
        }
    }
}

impl Roles {
    /// Checks that the roles can be held together. Repeated ones count once.
    ///
    /// # Errors
    /// Where there is none, or two exclude each other.
    pub fn new(roles: impl IntoIterator<Item = Role>) -> Result<Self, RoleConflict> {
        let mut roles: Vec<Role> = roles.into_iter().collect();
        roles.sort_unstable();
        roles.dedup();
        if roles.is_empty() {
            return Err(RoleConflict::None);
        }
        for (i, a) in roles.iter().enumerate() {
            for b in &roles[i + 1..] {
                if let Some(why) = a.excludes(*b) {
                    return Err(RoleConflict::Incompatible(*a, *b, why));
                }
            }
        }
        Ok(Self(roles))
    }

    /// Whether `role` is one of them.
    #[must_use]
    pub fn contains(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Role> + '_ {
        self.0.iter().copied()
    }
}

impl TryFrom<Vec<Role>> for Roles {
    type Error = RoleConflict;

    fn try_from(roles: Vec<Role>) -> Result<Self, RoleConflict> {
        Self::new(roles)
    }
}

impl From<Roles> for Vec<Role> {
    fn from(roles: Roles) -> Self {
        roles.0
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Role::name).collect();
        f.write_str(&names.join(", "))
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|r| r.name() == s)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name);
                format!("unknown role {s:?}; one of {}", names.join(", "))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duties_that_must_be_separate_cannot_meet_in_one_operator() {
        use Role::{
            Approver, Auditor, ProfileAdministrator, Registrar, RevocationOfficer, SecurityOfficer,
        };
        for pair in [
            [Registrar, Approver],
            [Approver, ProfileAdministrator],
            [SecurityOfficer, Approver],
            [Auditor, RevocationOfficer],
            [SecurityOfficer, Auditor],
        ] {
            assert!(Roles::new(pair).is_err(), "{pair:?}");
            assert!(Roles::new([pair[1], pair[0]]).is_err(), "{pair:?} turned");
        }
        assert!(Roles::new([]).is_err());
        let roles = Roles::new([RevocationOfficer, Registrar, Registrar]).unwrap();
        assert_eq!(roles.to_string(), "registrar, revocation-officer");
        // What is read from a document is checked as well.
        assert!(serde_json::from_str::<Roles>(r#"["registrar","approver"]"#).is_err());
    }
}
