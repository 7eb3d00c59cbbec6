//! What differs between two profiles, key by key, in words.

use serde_json::Value;

use super::Profile;

/// One key that differs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProfileDifference {
    /// The key with its tables: `validity.maximum-days`.
    pub key: String,
    /// What differs.
    pub words: String,
}

/// Everything by which `b` differs from `a`, in the order of the format. Layout and comments of the
/// files are no differences.
#[must_use]
pub fn differences(a: &Profile, b: &Profile) -> Vec<ProfileDifference> {
    let written = |profile: &Profile| serde_json::to_value(profile.config()).unwrap_or_default();
    let mut out = Vec::new();
    compare("", &written(a), &written(b), &mut out);
    out
}

fn compare(key: &str, a: &Value, b: &Value, out: &mut Vec<ProfileDifference>) {
    if a == b {
        return;
    }
    if let (Value::Object(left), Value::Object(right)) = (a, b) {
        let more = right.keys().filter(|k| !left.contains_key(*k));
        for inner in left.keys().chain(more) {
            let path = if key.is_empty() {
                inner.clone()
            } else {
                format!("{key}.{inner}")
            };
            let null = Value::Null;
            compare(
                &path,
                left.get(inner).unwrap_or(&null),
                right.get(inner).unwrap_or(&null),
                out,
            );
        }
        return;
    }
    let words = match (a, b) {
        (Value::Array(left), Value::Array(right)) => lists(left, right),
        (Value::Null, b) => format!("not given, now {}", shown(b)),
        (a, Value::Null) => format!("{}, now not given", shown(a)),
        (a, b) => format!("{}, now {}", shown(a), shown(b)),
    };
    out.push(ProfileDifference {
        key: key.to_owned(),
        words,
    });
}

/// What was taken out of a list and what was put in; its order where only that differs.
fn lists(a: &[Value], b: &[Value]) -> String {
    let beside = |of: &[Value], other: &[Value]| -> Vec<String> {
        let only = of.iter().filter(|value| !other.contains(value));
        only.map(shown).collect()
    };
    let (gone, new) = (beside(a, b), beside(b, a));
    let mut parts = Vec::new();
    if !gone.is_empty() {
        parts.push(format!("without {}", gone.join(", ")));
    }
    if !new.is_empty() {
        parts.push(format!("with {}", new.join(", ")));
    }
    if parts.is_empty() {
        let order: Vec<_> = b.iter().map(shown).collect();
        parts.push(format!("in another order: {}", order.join(", ")));
    }
    format!("now {}", parts.join(", and "))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) if items.is_empty() => "nothing".into(),
        Value::Object(inner) => {
            let inner: Vec<_> = inner
                .iter()
                .filter(|(_, value)| {
                    !value.is_null() && value.as_array().is_none_or(|a| !a.is_empty())
                })
                .map(|(key, value)| format!("{key} {}", shown(value)))
                .collect();
            inner.join(" ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEAL: &str = include_str!("../../profiles/company-seal.toml");

    fn changed(changes: &[(&str, &str)]) -> Vec<String> {
        let mut text = SEAL.to_owned();
        for (from, to) in changes {
            assert!(text.contains(from));
            text = text.replacen(from, to, 1);
        }
        let (a, b) = (
            Profile::parse(SEAL).unwrap(),
            Profile::parse(&text).unwrap(),
        );
        differences(&a, &b)
            .into_iter()
            .map(|d| format!("{}: {}", d.key, d.words))
            .collect()
    }

    #[test]
    fn each_changed_key_is_told_in_words() {
        assert_eq!(
            changed(&[
                ("version = 3", "version = 4"),
                ("maximum-days = 1096", "maximum-days = 1461"),
                ("\"OU\", \"L\"", "\"L\", \"title\""),
                ("\"NTR\", \"VAT\"", "\"VAT\", \"NTR\""),
                ("approvals = 1", "approvals = 2"),
            ]),
            [
                "version: 3, now 4",
                "validity.maximum-days: 1096, now 1461",
                "subject.optional: now without \"OU\", and with \"title\"",
                "subject.constraints.organizationIdentifier.schemes: now in another order: \"VAT\", \"NTR\", \"LEI\"",
                "registration.approvals: 1, now 2",
            ]
        );
        let added = changed(&[(
            "[validity]",
            "[[pds]]\nlanguage = \"en\"\nurl = \"https://a.example\"\n[validity]\nprivate-key-days = 9",
        )]);
        assert_eq!(
            added,
            [
                "pds: now with language \"en\" url \"https://a.example\"",
                "validity.private-key-days: not given, now 9",
            ]
        );
    }

    #[test]
    fn layout_is_no_difference() {
        assert_eq!(
            changed(&[("[validity]", "# A comment\n\n[validity]")]),
            Vec::<String>::new()
        );
    }
}
