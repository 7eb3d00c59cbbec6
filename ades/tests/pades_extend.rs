//! Raising signatures of a PDF with time-stamps that do not hold any more.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;
mod long_term;
mod network;

use std::sync::Arc;
use std::time::Duration;

use ades::extend::{ExtendError, ExtendOptions, Services, Target};
use ades::pades::{extend_pdf, sign_pdf};
use ades::validate::{Indication, ValidationPolicy};
use common::pdf;
use long_term::{World, signer};
use pdf_file::{MemorySource, OpenOptions, PdfFile};
use pki_asn1::Clock;

fn open(bytes: &[u8]) -> PdfFile {
    let source = Arc::new(MemorySource::new(bytes.to_vec()));
    PdfFile::open(source, OpenOptions::new()).unwrap()
}

fn extend(world: &World, file: &[u8], to: Target) -> Result<Vec<u8>, ExtendError> {
    let collector = world.collector();
    let services = Services {
        collector: &collector,
        time_stamper: Some(&world.unit),
        policy: &ValidationPolicy::default(),
        clock: &*world.clock,
    };
    let mut out = Vec::new();
    extend_pdf(
        &open(file),
        &OpenOptions::new(),
        &mut out,
        world.pki.material(),
        &services,
        &ExtendOptions::new(to),
    )?;
    Ok(out)
}

#[test]
fn a_time_stamp_that_is_over_does_not_hold_back_a_signature_that_is_not() {
    let Some(mut world) = World::new() else {
        return;
    };
    world
        .pki
        .issue("ca", "brief-unit", "/CN=Brief", "tsu.ext", 100);
    for ca in ["root", "ca"] {
        world.pki.run(&format!("ca -config {ca}.cnf -gencrl -crldays 1000 -cert {ca}.pem -keyfile {ca}.key -out {ca}.crl"));
    }
    let lasting = std::mem::replace(&mut world.unit.signer, signer(&world.pki, "brief-unit"));
    let mut stamped = Vec::new();
    sign_pdf(
        &open(&pdf::plain()),
        &mut stamped,
        &signer(&world.pki, "ee"),
        &pdf::options(),
        Some(&world.unit),
    )
    .unwrap();
    // The unit's certificate has ended, the signer's has not.
    let later = world.clock.now() + Duration::from_secs(86_400) * 150;
    world.clock.set(later);
    world.unit.signer = lasting;
    for to in [Target::BLt, Target::BLta] {
        let raised = extend(&world, &stamped, to).unwrap();
        let (_, judged) = world.judge(&raised, None);
        let one = &judged.signatures[0];
        assert_eq!(
            (one.indication, one.level, one.best_signature_time),
            (Indication::TotalPassed, to.level(), Some(later))
        );
    }
    // Once the signer's has ended too, nothing proves the signature any more.
    world.clock.set(later + Duration::from_secs(86_400) * 250);
    let error = extend(&world, &stamped, Target::BLta).unwrap_err();
    assert!(matches!(error, ExtendError::Refused(_)), "{error}");
}
