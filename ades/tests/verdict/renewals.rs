//! Archives that were renewed in time, too late or not at all, with units and authorities that ended or were revoked on any day:
//! the verdict is that of a model which knows nothing but days.
//!
//! A time-stamp counts where its unit and its unit's authority were good when the next one that counts was made, the last one now.

use ades::extend::{ExtendError, RefusalCode, Target};
use ades::validate::{
    Indication, Material, SubIndication, ValidationPolicy, gather_record, verdict,
};
use pki_asn1::{Certificate, CertificateList};
use rcgen::RevocationReason::{
    self, AffiliationChanged, CessationOfOperation, KeyCompromise, Superseded, Unspecified,
};

use super::forms::{Form, judged, signature, source};
use super::kinds::record;
use super::world::{CONTENT, Ca, Curve, Unit, day, material};

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 16) % u64::from(limit)) as u32
    }

    fn one_in(&mut self, several: u32) -> bool {
        self.below(several) == 0
    }
}

/// The days of a certificate.
#[derive(Clone, Copy, Debug)]
struct Life {
    from: u32,
    to: u32,
    /// Within its life: of a certificate that ended no CRL has to speak.
    revoked: Option<(u32, RevocationReason)>,
}

impl Life {
    /// One that is good on this day and `for_days` after it.
    fn around(random: &mut Random, number: u32, for_days: u32) -> Self {
        const REASONS: [RevocationReason; 5] = [
            KeyCompromise,
            CessationOfOperation,
            Superseded,
            Unspecified,
            AffiliationChanged,
        ];
        let from = number.saturating_sub(random.below(10));
        let to = number + for_days + random.below(1500);
        let revoked = (
            number + 2 + random.below(1000),
            REASONS[random.below(5) as usize],
        );
        Self {
            from,
            to,
            revoked: Some(revoked).filter(|(at, _)| *at < to && random.one_in(3)),
        }
    }

    fn is_good(self, on: u32) -> bool {
        self.from <= on && on <= self.to && self.revoked.is_none_or(|(at, _)| at > on)
    }

    /// As it stands on a CRL of this day.
    fn entry(
        self,
        certificate: &Certificate,
        on: u32,
    ) -> Option<(&Certificate, u32, RevocationReason)> {
        let (at, why) = self.revoked.filter(|(at, _)| *at <= on)?;
        Some((certificate, at, why))
    }
}

/// A unit with an authority of its own.
struct Stamper {
    authority: (Ca, Life),
    unit: (Unit, Life),
}

impl Stamper {
    fn new(random: &mut Random, root: &Ca, number: u32) -> Self {
        let of_unit = Life::around(random, number, 2);
        let of_authority = Life {
            from: of_unit.from,
            to: of_unit.to + random.below(400),
            ..Life::around(random, number, 2)
        };
        let of_authority = Life {
            revoked: (of_authority.revoked).filter(|(at, _)| *at < of_authority.to),
            ..of_authority
        };
        let days = of_authority.from..of_authority.to;
        let authority = root.below(&format!("Authority {number}"), days, Curve::P256);
        let days = of_unit.from..of_unit.to;
        let unit = authority.unit(&format!("Unit {number}"), days, Curve::P256);
        Self {
            authority: (authority, of_authority),
            unit: (unit, of_unit),
        }
    }

    fn is_good(&self, on: u32) -> bool {
        self.authority.1.is_good(on) && self.unit.1.is_good(on)
    }
}

/// What is published on a day; an authority that ended publishes nothing.
fn published(
    root: &Ca,
    signer: Option<(&Certificate, Life)>,
    stampers: &[Stamper],
    on: u32,
) -> Vec<CertificateList> {
    let mut entries: Vec<_> = (stampers.iter())
        .filter_map(|s| s.authority.1.entry(&s.authority.0.certificate, on))
        .collect();
    entries.extend(signer.and_then(|(certificate, life)| life.entry(certificate, on)));
    let mut all = vec![root.crl(on..on + 7, &entries)];
    for one in stampers {
        let (authority, life) = &one.authority;
        if life.from <= on && on < life.to {
            let entry = one.unit.1.entry(one.unit.0.signer.certificate(), on);
            all.push(authority.crl(on..on + 7, entry.as_slice()));
        }
    }
    all
}

#[test]
fn an_archive_is_worth_what_its_time_stamps_were_when_they_were_renewed() {
    let root = Ca::root("Root", 0..9000, Curve::P256);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut passed, mut lost) = (0, 0);
    for round in 0..60 {
        let form = [Form::Cades, Form::Simple, Form::Extended, Form::Pades][round % 4];
        let mut days = vec![20 + random.below(10)];
        for _ in 0..random.below(4) {
            days.push(days[days.len() - 1] + 1 + random.below(700));
        }
        let now = days[days.len() - 1] + 10 + random.below(600);
        let life = Life::around(&mut random, days[0], 2);
        let signer = root.signer("Signer", life.from..life.to, Curve::P256);
        let stampers: Vec<Stamper> = (days.iter())
            .map(|number| Stamper::new(&mut random, &root, *number))
            .collect();
        let known = |on: u32| -> Material {
            let signer = Some((signer.certificate(), life));
            material(&[&root], &published(&root, signer, &stampers, on))
        };
        // Since when it is proven, when it is this day, by the time-stamps up to this place.
        let proven = |upto: usize, on: u32| {
            let all = stampers.iter().zip(&days).take(upto).rev();
            all.fold(None, |since, (one, made)| {
                match one.is_good(since.unwrap_or(on)) {
                    true => Some(*made),
                    false => since,
                }
            })
        };
        let first = &stampers[0].unit.0;
        let mut file = form.sign(&signer, days[0], Some(first));
        let mut made = 0;
        for (number, one) in days.iter().zip(&stampers) {
            // What is lost is not raised. A file of ASiC-E that is covered gets no newer evidence, so where a time-stamp was lost
            // the signer's may be too old.
            let rest = stampers.iter().zip(&days).take(made).skip(1);
            let until = rest.map(|(_, on)| *on).chain([*number]);
            let kept = (stampers.iter().take(made).zip(until)).all(|(one, on)| one.is_good(on));
            if form == Form::Extended && !kept {
                break;
            }
            if !life.is_good(proven(made, *number).unwrap_or(*number)) {
                break;
            }
            let known = || known(*number);
            let extended = form.extend(&file, *number, Target::BLta, &one.unit.0, &known);
            file = extended.unwrap();
            made += 1;
        }
        let since = proven(made, now);
        let expected = life.is_good(since.unwrap_or(now));
        let shown = form.shown(&file);
        let (facts, verdict) =
            judged(&shown, None, now, known(now), &ValidationPolicy::default()).unwrap();
        let one = signature(&facts, &verdict);
        let says = one.indication == Indication::TotalPassed;
        assert_eq!(
            says, expected,
            "round {round}, {form:?}: {days:?}, {now}: {:#?}",
            one.errors
        );
        assert_eq!(
            one.best_signature_time,
            since.map(day),
            "round {round}, {form:?}: {days:?}, {now}"
        );
        *if says { &mut passed } else { &mut lost } += 1;
    }
    assert!(passed > 15 && lost > 10, "{passed} passed, {lost} did not");
}

#[test]
fn a_record_is_worth_nothing_once_a_renewal_came_too_late() {
    let root = Ca::root("Root", 0..9000, Curve::P256);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut passed, mut lost) = (0, 0);
    for round in 0..100 {
        let mut days: Vec<u32> = (0..=random.below(4))
            .map(|_| 20 + random.below(2000))
            .collect();
        if !random.one_in(8) {
            days.sort_unstable();
        }
        let now = days.iter().max().unwrap() + 10 + random.below(500);
        let lives: Vec<Life> = (days.iter())
            .map(|number| Life::around(&mut random, *number, 2))
            .collect();
        let mut units = Vec::new();
        let mut tokens: Vec<Vec<u8>> = Vec::new();
        for (number, life) in days.iter().zip(&lives) {
            let name = format!("Unit {}", units.len());
            let unit = root.unit(&name, life.from..life.to, Curve::P256);
            let over = tokens.last().map_or(CONTENT, Vec::as_slice);
            tokens.push(unit.token(*number, over));
            units.push(unit);
        }
        // Nothing is carried along: whoever asks has kept the CRLs.
        let known = days.iter().chain([&now]).map(|on| {
            let entries: Vec<_> = (units.iter().zip(&lives))
                .filter_map(|(unit, life)| life.entry(unit.signer.certificate(), *on))
                .collect();
            root.crl(*on..on + 7, &entries)
        });
        let known = material(&[&root], &known.collect::<Vec<_>>());
        let renewed = days.iter().skip(1).chain([&now]);
        let in_order = days.is_sorted();
        let expected = in_order
            && lives
                .iter()
                .zip(renewed)
                .all(|(life, on)| life.is_good(*on));
        let objects = vec![("content".to_owned(), source(CONTENT))];
        let file = source(&record(&tokens));
        let facts = gather_record(&file, objects, known, day(now), None).unwrap();
        let verdict = verdict(&facts, &ValidationPolicy::default(), day(now));
        let one = &verdict.evidence_records[0];
        let says = one.indication == Indication::TotalPassed;
        assert_eq!(
            says, expected,
            "round {round}: {days:?}, {now}: {:#?}",
            one.errors
        );
        assert_eq!(one.proven, Some(day(days[0])).filter(|_| expected));
        *if says { &mut passed } else { &mut lost } += 1;
    }
    assert!(passed > 25 && lost > 25, "{passed} passed, {lost} did not");
}

#[test]
fn a_signature_that_is_lost_is_not_archived_once_more() {
    let root = Ca::root("Root", 0..9000, Curve::P256);
    let unit = root.unit("Unit", 0..6000, Curve::P256);
    let signer = root.signer("Signer", 0..3000, Curve::P256);
    let known = |on: u32, revoked: Option<u32>| {
        let entry = revoked.map(|at| (signer.certificate(), at, KeyCompromise));
        material(&[&root], &[root.crl(on..on + 7, entry.as_slice())])
    };
    for form in [Form::Cades, Form::Simple, Form::Extended, Form::Pades] {
        let signed = form.sign(&signer, 20, Some(&unit));
        let archived = form
            .extend(&signed, 21, Target::BLta, &unit, &|| known(21, None))
            .unwrap();
        let again = |revoked| {
            let known = || known(100, revoked);
            form.extend(&archived, 100, Target::BLta, &unit, &known)
        };
        // Since the first archive time-stamp, or before the signature.
        assert!(again(None).is_ok() && again(Some(50)).is_ok(), "{form:?}");
        let Err(ExtendError::Refused(refused)) = again(Some(15)) else {
            panic!("{form:?} is archived");
        };
        let code = RefusalCode::Reason(SubIndication::RevokedNoPoe);
        assert_eq!(refused[0].1.code, code, "{form:?}");
    }
}

#[test]
fn a_lost_archive_time_stamp_keeps_nobody_from_making_another_one() {
    let root = Ca::root("Root", 0..9000, Curve::P256);
    let unit = root.unit("Unit", 0..6000, Curve::P256);
    let short = root.unit("Short", 0..50, Curve::P256);
    let signer = root.signer("Signer", 0..3000, Curve::P256);
    let known = |on: u32| material(&[&root], &[root.crl(on..on + 7, &[])]);
    for form in [Form::Cades, Form::Simple, Form::Extended, Form::Pades] {
        let signed = form.sign(&signer, 20, Some(&unit));
        let archived = form
            .extend(&signed, 21, Target::BLta, &short, &|| known(21))
            .unwrap();
        let again = form.extend(&archived, 100, Target::BLta, &unit, &|| known(100));
        let again = again.unwrap_or_else(|error| panic!("{form:?}: {error}"));
        // Its own time-stamp lasts by the archive time-stamp of day 100.
        let policy = ValidationPolicy::default();
        let (facts, verdict) = judged(&again, None, 2000, known(2000), &policy).unwrap();
        let one = signature(&facts, &verdict);
        assert_eq!(one.indication, Indication::TotalPassed, "{form:?}");
        assert_eq!(one.best_signature_time, Some(day(20)), "{form:?}");
    }
}
