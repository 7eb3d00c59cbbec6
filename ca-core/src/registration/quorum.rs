//! How many must decide, and whether they did: different operators, each by a signature of their own
//! on the same matter (dual control, EN 319 401 clause 7.2 and EN 319 411-1 clause 6.5.1).

use pki_asn1::UnixTime;

use super::{
    EventAct, Kind, Matter, Operator, RegistrationError, Role, SignedDecision, Standing, Statement,
};

/// The security-officers who may decide now.
fn security_officers<'o>(
    operators: impl Iterator<Item = &'o Operator>,
) -> impl Iterator<Item = &'o Operator> {
    operators.filter(|o| {
        o.standing() == Standing::Active && o.enrolment().roles().contains(Role::SecurityOfficer)
    })
}

/// How many must decide on a step of registration: one, but two security-officers on whom to trust,
/// as soon as there are two. Suspending is the brake that one alone can pull; only where it is a
/// security-officer who is suspended, it takes two of the others where there are two.
pub(crate) fn for_step<'o>(
    kind: Kind,
    act: EventAct,
    name: &str,
    operators: impl Iterator<Item = &'o Operator> + Clone,
) -> usize {
    if kind != Kind::Operator {
        return 1;
    }
    let able = match act {
        EventAct::Suspend => {
            let is_officer = security_officers(operators.clone()).any(|o| o.name() == name);
            match is_officer {
                true => security_officers(operators)
                    .filter(|o| o.name() != name)
                    .count(),
                false => 1,
            }
        }
        _ => security_officers(operators).count(),
    };
    able.clamp(1, 2)
}

/// How many must decide on an order that wants `decisions`: as many as there are to decide, where
/// they are fewer.
pub(crate) fn for_order<'o>(
    decisions: u8,
    role: Role,
    operators: impl Iterator<Item = &'o Operator>,
) -> usize {
    let able = operators
        .filter(|o| o.standing() == Standing::Active && o.enrolment().roles().contains(role));
    able.count().clamp(1, usize::from(decisions.max(1)))
}

/// Checks that `needed` different operators decided the matter, and returns who did.
///
/// # Errors
/// Where one of the decisions does not count, two are of the same operator, or too few are there.
pub(crate) fn check<'o>(
    matter: &Matter,
    decisions: &[&SignedDecision],
    (needed, record, now): (usize, &str, UnixTime),
    find: impl Fn(&str) -> Option<&'o Operator>,
) -> Result<Vec<&'o Operator>, RegistrationError> {
    let task = matter.task;
    if decisions.is_empty() {
        return Err(RegistrationError::Unsigned(task.name(), task.role()));
    }
    let mut deciders: Vec<&Operator> = Vec::new();
    for decision in decisions {
        let statement = Statement::parse(decision.statement())?;
        let name = statement.operator();
        let operator =
            find(name).ok_or_else(|| RegistrationError::UnknownOperator(name.to_owned()))?;
        decision.verify(matter, record, operator, now)?;
        if deciders.iter().any(|other| other.name() == name) {
            return Err(RegistrationError::DecidedTwice(name.to_owned()));
        }
        deciders.push(operator);
    }
    if deciders.len() < needed {
        return Err(RegistrationError::TooFewDecisions {
            act: task.name(),
            role: task.role(),
            have: deciders.len(),
            need: needed,
        });
    }
    Ok(deciders)
}
