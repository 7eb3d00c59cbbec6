//! How many must decide, and whether they did: different operators, each by a signature of their own
//! on the same matter (dual control, EN 319 401 clause 7.2 and EN 319 411-1 clause 6.5.1).

use pki_asn1::UnixTime;

use super::{
    EventAct, Kind, Matter, Operator, RegistrationError, Role, SignedDecision, Standing, Statement,
};

/// The operators with this role whose decisions count at that time. One whose certificate ended is not
/// waited for: three security-officers, two of them with certificates that ended, could neither enrol
/// anybody nor suspend each other.
fn able<'o>(
    role: Role,
    at: UnixTime,
    operators: impl Iterator<Item = &'o Operator>,
) -> impl Iterator<Item = &'o Operator> {
    operators.filter(move |o| o.decides_at(at) && o.enrolment().roles().contains(role))
}

/// How many must decide on a step of registration: one, but two security-officers on whom to trust,
/// as soon as there are two. Suspending is the brake that one alone can pull; only where it is a
/// security-officer who is suspended, it takes two of the others where there are two.
pub(crate) fn for_step<'o>(
    (kind, act, name): (Kind, EventAct, &str),
    at: UnixTime,
    operators: impl Iterator<Item = &'o Operator> + Clone,
) -> usize {
    if kind != Kind::Operator {
        return 1;
    }
    let officers = able(Role::SecurityOfficer, at, operators.clone());
    let able = match act {
        EventAct::Suspend => match operators.into_iter().any(|o| is_officer(o, name)) {
            true => officers.filter(|o| o.name() != name).count(),
            false => 1,
        },
        _ => officers.count(),
    };
    able.clamp(1, 2)
}

/// Whether this is the active security-officer of that name.
fn is_officer(operator: &Operator, name: &str) -> bool {
    operator.name() == name
        && operator.standing() == Standing::Active
        && operator.enrolment().roles().contains(Role::SecurityOfficer)
}

/// How many must decide on an order that wants `decisions`: as many as there are to decide, where
/// they are fewer.
pub(crate) fn for_order<'o>(
    decisions: u8,
    role: Role,
    at: UnixTime,
    operators: impl Iterator<Item = &'o Operator>,
) -> usize {
    let able = able(role, at, operators).count();
    able.clamp(1, usize::from(decisions.max(1)))
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
