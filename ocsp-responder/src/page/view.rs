//! What the templates show, worked out beforehand: they decide nothing but the order.

use askama::Template;
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::DigestAlgorithm;

use super::lookup::{Finding, Question, Verdict};
use super::standing::{self, Standing};
use super::words::Words;
use super::{Asked, STYLE_VERSION, serial};
use crate::record::source::{CrlKind, CrlScope, CrlSummary};
use crate::record::state::{Entry, State};
use crate::responder::Responder;

/// Partitions are shown one by one up to so many, beyond as one line.
const PARTITIONS_SHOWN: usize = 8;

/// What every page has around it.
pub(super) struct Shell {
    w: &'static Words,
    /// The query that asks the same in another language, without the language.
    same: String,
    /// The version of the style sheet.
    style: &'static str,
}

/// What is served, and the form.
#[derive(Template)]
#[template(path = "overview.html")]
pub(super) struct Overview {
    shell: Shell,
    w: &'static Words,
    mistake: Option<Mistake>,
    names: Vec<String>,
    overall: Badge,
    record: Badge,
    record_read: Time,
    record_age: String,
    authorities: Vec<AuthorityView>,
}

/// What was wrong with a question, and what was asked.
#[derive(Default)]
pub(super) struct Mistake {
    pub(super) text: &'static str,
    pub(super) authority: String,
    pub(super) serial: String,
    pub(super) decimal: bool,
    pub(super) of_file: bool,
}

/// A state in words, with the colour that goes with it.
#[derive(Clone, Copy)]
struct Badge {
    class: &'static str,
    text: &'static str,
}

struct Time {
    iso: String,
    text: String,
}

struct AuthorityView {
    name: String,
    subject: String,
    from: Time,
    until: Time,
    fingerprint: String,
    has_bundle: bool,
    has_issued: bool,
    responder: Badge,
    responder_until: Option<Time>,
    crls: Vec<CrlView>,
}

struct CrlView {
    file: String,
    what: String,
    number: u64,
    issued: Time,
    next: Option<Time>,
    entries: Option<u64>,
    state: Badge,
    /// It stands for all partitions.
    of_several: bool,
}

impl Shell {
    fn new(w: &'static Words, same: String) -> Self {
        Self {
            w,
            same,
            style: &STYLE_VERSION,
        }
    }
}

impl Time {
    fn new(w: &Words, at: UnixTime) -> Self {
        Self {
            iso: at.to_string(),
            text: w.time(at),
        }
    }
}

impl Badge {
    fn of_crl(standing: Standing, w: &'static Words) -> Self {
        let (class, text) = match standing {
            Standing::Final => ("final", w.last),
            Standing::Current => ("good", w.current),
            Standing::Soon => ("soon", w.soon),
            Standing::Out => ("bad", w.expired),
        };
        Self { class, text }
    }

    fn of_certificate(standing: Standing, w: &'static Words) -> Self {
        let (class, text) = match standing {
            Standing::Final | Standing::Current => ("good", w.valid),
            Standing::Soon => ("soon", w.valid_not_long),
            Standing::Out => ("bad", w.not_valid),
        };
        Self { class, text }
    }
}

impl Overview {
    pub(super) fn new(responder: &Responder, w: &'static Words, mistake: Option<Mistake>) -> Self {
        let (now, state, stock) = (responder.now(), responder.state(), responder.stock());
        let stale = responder.is_stale(now);
        let mut worst = if stale {
            Standing::Out
        } else {
            Standing::Final
        };
        let authorities: Vec<AuthorityView> = state
            .entries
            .iter()
            .map(|entry| {
                let crls: Vec<&CrlSummary> = stock.crls_of(&entry.name).collect();
                let has = |end| stock.bundle(&format!("{}{end}", entry.name)).is_some();
                let mut view = AuthorityView::new(entry, &state, w, now, &mut worst);
                view.has_bundle = has(".p7c");
                view.has_issued = has(".issued.p7c");
                let ended = now > entry.certificate.not_after();
                view.crls = crl_views(&crls, w, now, ended, &mut worst);
                view
            })
            .collect();
        let seen = responder.record_seen();
        Self {
            shell: Shell::new(w, String::new()),
            w,
            mistake,
            names: state.entries.iter().map(|e| e.name.clone()).collect(),
            overall: match worst {
                Standing::Final | Standing::Current => Badge {
                    class: "good",
                    text: w.all_current,
                },
                Standing::Soon => Badge {
                    class: "soon",
                    text: w.some_soon,
                },
                Standing::Out => Badge {
                    class: "bad",
                    text: w.some_bad,
                },
            },
            record: if stale {
                Badge {
                    class: "bad",
                    text: w.record_stale,
                }
            } else {
                Badge {
                    class: "good",
                    text: w.current,
                }
            },
            record_read: Time::new(w, seen),
            record_age: w.ago(now.since(seen)),
            authorities,
        }
    }

    fn asked(&self) -> (&str, &str, bool) {
        match &self.mistake {
            Some(m) => (&m.authority, &m.serial, m.decimal),
            None => ("", "", false),
        }
    }

    fn file_is_wrong(&self) -> bool {
        self.mistake.as_ref().is_some_and(|m| m.of_file)
    }

    fn serial_is_wrong(&self) -> bool {
        self.mistake.as_ref().is_some_and(|m| !m.of_file)
    }
}

impl AuthorityView {
    fn new(
        entry: &Entry,
        state: &State,
        w: &'static Words,
        now: UnixTime,
        worst: &mut Standing,
    ) -> Self {
        let certificate = &entry.certificate;
        // Where there are several, the one that ends first tells how they stand.
        let first = entry
            .delegates
            .iter()
            .map(|delegate| delegate.certificate())
            .min_by_key(|own| own.not_after());
        let (responder, until) = match first {
            Some(own) => {
                let standing = standing::of(own.not_before(), own.not_after(), now);
                *worst = (*worst).max(standing);
                let until = Time::new(w, own.not_after());
                (Badge::of_certificate(standing, w), Some(until))
            }
            None if !state.delegates.of(&entry.name).is_empty() => {
                *worst = Standing::Out;
                (
                    Badge {
                        class: "bad",
                        text: w.other_key,
                    },
                    None,
                )
            }
            None => (
                Badge {
                    class: "final",
                    text: w.not_configured,
                },
                None,
            ),
        };
        Self {
            name: entry.name.clone(),
            subject: certificate.display_subject().to_string(),
            from: Time::new(w, certificate.not_before()),
            until: Time::new(w, certificate.not_after()),
            fingerprint: fingerprint(certificate),
            has_bundle: false,
            has_issued: false,
            responder,
            responder_until: until,
            crls: Vec::new(),
        }
    }
}

/// The CRLs of one authority; many partitions as one line of each kind, that of the CRL which ends
/// first.
fn crl_views(
    crls: &[&CrlSummary],
    w: &'static Words,
    now: UnixTime,
    ended: bool,
    worst: &mut Standing,
) -> Vec<CrlView> {
    let mut view = |crl: &CrlSummary, what: String, of_several: bool| {
        let standing = standing::of(crl.this_update, crl.next_update, now);
        let state = if ended && standing == Standing::Out {
            Badge {
                class: "final",
                text: w.ended,
            }
        } else {
            *worst = (*worst).max(standing);
            Badge::of_crl(standing, w)
        };
        CrlView {
            file: crl.name.file_name(&crl.authority),
            what,
            number: crl.number,
            issued: Time::new(w, crl.this_update),
            next: (crl.next_update != UnixTime::MAX).then(|| Time::new(w, crl.next_update)),
            entries: crl.entries,
            state,
            of_several,
        }
    };
    let (partitions, whole): (Vec<&CrlSummary>, Vec<&CrlSummary>) = crls
        .iter()
        .partition(|c| matches!(c.name.scope, CrlScope::Partition(_)));
    let mut views: Vec<CrlView> = Vec::new();
    for crl in whole {
        views.push(view(crl, w.crl_name(crl.name), false));
    }
    for kind in [CrlKind::Complete, CrlKind::Delta] {
        let of_kind: Vec<&CrlSummary> = partitions
            .iter()
            .copied()
            .filter(|c| c.name.kind == kind)
            .collect();
        if of_kind.len() <= PARTITIONS_SHOWN {
            views.extend(
                of_kind
                    .iter()
                    .map(|crl| view(crl, w.crl_name(crl.name), false)),
            );
        } else if let Some(first) = of_kind.iter().min_by_key(|c| c.next_update) {
            views.push(view(first, w.crl_names(kind, of_kind.len()), true));
        }
    }
    views
}

/// What is known of one certificate.
#[derive(Template)]
#[template(path = "status.html")]
pub(super) struct ResultPage {
    shell: Shell,
    w: &'static Words,
    class: &'static str,
    headline: &'static str,
    meaning: &'static str,
    notes: Vec<&'static str>,
    at: Time,
    since: Option<Time>,
    reason: Option<&'static str>,
    invalid_since: Option<Time>,
    authority: Option<String>,
    serial: String,
    sent: Option<Sent>,
    link: Option<String>,
}

/// What was read off the certificate sent.
struct Sent {
    subject: String,
    issuer: String,
    from: Time,
    until: Time,
    fingerprint: String,
}

impl ResultPage {
    pub(super) fn new(w: &'static Words, asked: &Asked, finding: &Finding) -> Self {
        let (class, headline, meaning) = match finding.verdict {
            Verdict::Good => ("good", w.good, w.good_means),
            Verdict::Revoked { .. } => ("bad", w.revoked, w.revoked_means),
            Verdict::OnHold { .. } => ("soon", w.on_hold, w.on_hold_means),
            Verdict::NeverIssued => ("soon", w.never_issued, w.never_issued_means),
            Verdict::NotOurs => ("final", w.not_ours, w.not_ours_means),
            Verdict::Forged => ("bad", w.forged, w.forged_means),
            Verdict::CannotTell => ("final", w.cannot_tell, w.cannot_tell_means),
        };
        let (since, reason, invalid) = match finding.verdict {
            Verdict::Revoked {
                at,
                reason,
                invalidity_date,
            } => (Some(at), Some(w.reason(reason)), invalidity_date),
            Verdict::OnHold { at } => (Some(at), None, None),
            _ => (None, None, None),
        };
        let octets = match &asked.question {
            Question::Serial { serial, .. } => serial,
            Question::Certificate(certificate) => certificate.serial(),
        };
        let time = |at| Time::new(w, at);
        let query = finding
            .authority
            .as_ref()
            .map(|name| format!("ca={name}&serial={}", hex::encode(octets)));
        Self {
            shell: Shell::new(w, query.clone().unwrap_or_default()),
            w,
            class,
            headline,
            meaning,
            notes: notes(w, asked, finding),
            at: time(finding.at),
            since: since.map(time),
            reason,
            invalid_since: invalid.map(time),
            authority: finding.authority.clone(),
            serial: serial::display(octets),
            sent: asked.certificate.as_ref().map(|certificate| Sent {
                subject: certificate.display_subject().to_string(),
                issuer: certificate.display_issuer().to_string(),
                from: time(certificate.not_before()),
                until: time(certificate.not_after()),
                fingerprint: fingerprint(certificate),
            }),
            link: query.map(|query| format!("{query}&lang={}", w.tag)),
        }
    }
}

/// What must be known beside the status.
fn notes(w: &'static Words, asked: &Asked, finding: &Finding) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if let Some(certificate) = &asked.certificate {
        if finding.at > certificate.not_after() {
            notes.push(w.is_expired);
        } else if finding.at < certificate.not_before() {
            notes.push(w.is_not_yet_valid);
        }
    }
    if asked.several {
        notes.push(w.several);
    }
    notes
}

/// SHA-256 of the certificate in groups of four digits.
fn fingerprint(certificate: &Certificate) -> String {
    let hex = DigestAlgorithm::Sha256.digest(certificate.der()).to_hex();
    let groups: Vec<&str> = (0..hex.len())
        .step_by(4)
        .filter_map(|at| hex.get(at..at + 4))
        .collect();
    groups.join(" ")
}
