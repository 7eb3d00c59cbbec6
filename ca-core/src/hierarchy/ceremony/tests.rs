//! Scripts that must not be followed, and minutes compared with pages that were read.

use proptest::prelude::*;

use super::*;
use crate::profile::built_in;

const EXAMPLE: &str = include_str!("../../../../docs/examples/ceremony.toml");

fn parse(source: &str) -> Result<Script, ScriptError> {
    Script::parse(source, &built_in().unwrap())
}

fn problems(source: &str) -> Vec<String> {
    parse(source).unwrap_err().problems()
}

#[test]
fn the_shipped_example_can_be_held() {
    let script = parse(EXAMPLE).unwrap();
    assert_eq!(script.keys().len(), 2);
    assert_eq!(script.phases(), Phase::ALL);
    let location = script.keys()[0].location.to_string();
    assert_eq!(location, "pkcs11:token=office;object=root");
}

#[test]
fn every_problem_is_named_at_once() {
    let broken = EXAMPLE
        .replace("role = \"master-of-ceremony\"", "role = \"operator\"")
        .replace("role = \"notary\"", "role = \"operator\"")
        .replace("at-least = 2", "at-least = 4")
        .replace("type = \"p384\"", "type = \"p999\"")
        .replace("issuer = \"root\"", "issuer = \"companies\"")
        .replace(
            "C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Example Root CA",
            "CN=x",
        )
        .replace("out = \"root.crl\"", "out = \"../root.crl\"")
        .replace("date = \"2026-12-01\"", "date = \"2026-02-30\"");
    let found = problems(&broken);
    for expected in [
        "exactly one is master-of-ceremony",
        "witness, an auditor or a notary",
        "at-least is 4 of 3",
        "p999",
        "comes after it",
        "needs subject attribute",
        "is no file name",
        "no day",
    ] {
        assert!(
            found.iter().any(|p| p.contains(expected)),
            "{expected}: {found:#?}"
        );
    }
}

#[test]
fn one_person_alone_makes_no_key() {
    let alone = EXAMPLE
        .replace("at-least = 2", "at-least = 0")
        .replace("of = [\"paul\", \"queenie\", \"remi\"]\n", "");
    assert!(problems(&alone).iter().any(|p| p.contains("dual control")));
}

#[test]
fn a_misspelt_key_is_an_error_with_its_line() {
    let error = parse(&EXAMPLE.replace("at-least", "atleast")).unwrap_err();
    assert!(
        matches!(error, ScriptError::Syntax { line, .. } if line > 50),
        "{error}"
    );
}

#[test]
fn a_quorum_is_met_by_the_right_people_only() {
    let script = parse(EXAMPLE).unwrap();
    assert!(!script.is_met(Phase::Keys, &["claire", "paul"]));
    assert!(!script.is_met(Phase::Keys, &["paul", "queenie", "remi"]));
    assert!(!script.is_met(Phase::Keys, &["claire", "nadia", "olivier"]));
    assert!(script.is_met(Phase::Keys, &["remi", "claire", "paul"]));
    assert!(script.is_met(Phase::Crls, &[]));
}

#[test]
fn an_attribute_the_token_does_not_tell_is_not_taken_for_granted() {
    let script = parse(EXAMPLE).unwrap();
    let found = script.keys()[1].contradictions(None);
    assert_eq!(
        found,
        [
            "CKA_SENSITIVE is not told, wanted true",
            "CKA_EXTRACTABLE is not told, wanted false",
            "CKA_LOCAL is not told, wanted true"
        ]
    );
}

proptest! {
    /// Lines of the example taken out, doubled and moved: read or refused, never a panic; and what
    /// is accepted has its quorums.
    #[test]
    fn any_shuffled_script_is_read_or_refused(
        edits in prop::collection::vec((0_usize..120, 0_usize..120, 0_u8..3), 1..6)
    ) {
        let mut lines: Vec<&str> = EXAMPLE.lines().collect();
        for (from, to, what) in edits {
            let (from, to) = (from % lines.len(), to % lines.len());
            match what {
                0 => { lines.remove(from); }
                1 => lines.insert(to, lines[from]),
                _ => lines.swap(from, to),
            }
        }
        match parse(&lines.join("\n")) {
            Ok(script) => {
                prop_assert!(!script.is_met(Phase::Opening, &[]));
                prop_assert!(script.keys().is_empty() || !script.is_met(Phase::Keys, &["claire"]));
            }
            Err(error) => {
                prop_assert!(!error.problems().is_empty());
                prop_assert!(error.hint().is_some());
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = parse(&text);
    }
}

fn at(seconds: i64, seq: u64, event: CeremonyEvent) -> Recorded {
    let start: pki_asn1::UnixTime = "2026-12-01T09:00:00Z".parse().unwrap();
    Recorded {
        at: pki_asn1::UnixTime::from_secs(start.as_secs() + seconds),
        seq,
        event,
    }
}

fn confirmed(before: Phase, participant: &str, by: ConfirmedBy) -> CeremonyEvent {
    CeremonyEvent::Confirmed {
        before,
        participant: participant.into(),
        by,
    }
}

fn story() -> Vec<Recorded> {
    let digest = |c: char| c.to_string().repeat(64);
    vec![
        at(
            0,
            2,
            CeremonyEvent::Opened {
                title: "Root and companies CA of Example Trust".into(),
                program: "sceau-ca 0.0.0".into(),
                held: Held::ForReal,
                records: 1,
                head: digest('a'),
                authorities: vec!["root".into(), "companies".into()],
            },
        ),
        at(
            60,
            3,
            confirmed(Phase::Opening, "claire", ConfirmedBy::Terminal),
        ),
        at(
            90,
            4,
            confirmed(
                Phase::Opening,
                "nadia",
                ConfirmedBy::Signature {
                    certificate_sha256: digest('b'),
                    signature_sha256: digest('c'),
                },
            ),
        ),
        at(
            120,
            5,
            CeremonyEvent::KeyBegun {
                key: "root-key".into(),
            },
        ),
        at(
            121,
            6,
            CeremonyEvent::KeyMade(MadeKey {
                key: "root-key".into(),
                location: "pkcs11:token=office;object=root;id=%01".into(),
                algorithm: "EC P-384, ECDSA with SHA-384".into(),
                spki_sha256: digest('d'),
                attributes: vec![
                    ("CKA_SENSITIVE".into(), "true".into()),
                    ("CKA_EXTRACTABLE".into(), "false".into()),
                    ("CKA_LOCAL".into(), "not told".into()),
                ],
            }),
        ),
        at(
            130,
            7,
            CeremonyEvent::Interrupted {
                reason: "the token was pulled out | by hand".into(),
            },
        ),
        at(
            600,
            8,
            CeremonyEvent::Resumed {
                program: "sceau-ca 0.0.0".into(),
            },
        ),
        at(
            610,
            9,
            CeremonyEvent::KeyBegun {
                key: "companies-key".into(),
            },
        ),
        at(
            700,
            12,
            CeremonyEvent::CertificateMade(MadeCertificate {
                authority: "root".into(),
                issuer: "root".into(),
                profile: "root-ca".into(),
                subject: "C=MC, O=Example Trust, CN=Example Root CA".into(),
                serial: "4f2a".into(),
                not_before: "2026-12-01T09:11:40Z".into(),
                not_after: "2046-12-01T09:11:39Z".into(),
                sha256: digest('e'),
                spki_sha256: digest('d'),
                file: "root-ca.pem".into(),
                file_sha256: digest('f'),
            }),
        ),
        at(
            800,
            15,
            CeremonyEvent::CrlMade(MadeCrl {
                authority: "root".into(),
                number: 1,
                this_update: "2026-12-01T09:13:20Z".into(),
                next_update: "2027-05-30T09:13:20Z".into(),
                entries: 0,
                sha256: digest('1'),
                file: "root.crl".into(),
            }),
        ),
        at(
            900,
            16,
            CeremonyEvent::Aborted {
                reason: "the companies key was not made".into(),
            },
        ),
    ]
}

#[test]
fn minutes_are_the_page_that_was_read() {
    let script = parse(EXAMPLE).unwrap();
    let events = story();
    let head = "9".repeat(64);
    let minutes = Minutes {
        script: &script,
        events: &events,
        after: (16, &head),
    };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/minutes");
    for language in [Language::English, Language::French] {
        let found = minutes.to_markdown(language);
        let path = folder.join(format!("aborted-{}.md", language.code()));
        if std::env::var_os("SCEAU_BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            found, expected,
            "SCEAU_BLESS=1 writes it again; read the difference"
        );
    }
}

#[test]
fn minutes_of_a_ceremony_that_was_not_finished_say_so() {
    let script = parse(EXAMPLE).unwrap();
    let events = &story()[..4];
    let minutes = Minutes {
        script: &script,
        events,
        after: (5, ""),
    };
    let text = minutes.to_markdown(Language::English);
    assert!(text.contains("**NOT COMPLETE**"), "{text}");
    assert!(text.contains("its generation was begun"), "{text}");
}

#[test]
fn events_are_read_back_as_they_were_written() {
    for recorded in story() {
        let text = serde_json::to_string(&recorded.event).unwrap();
        assert_eq!(
            serde_json::from_str::<CeremonyEvent>(&text).unwrap(),
            recorded.event
        );
    }
}
