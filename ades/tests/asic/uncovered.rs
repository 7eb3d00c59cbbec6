//! Containers without a signature, for which their time-stamps stand.

use std::io::{Cursor, Write};

use ades::asic::Kind;
use ades::tsp::TimeStamper as _;
use ades::validate::{Indication, Input, SubIndication, ValidationPolicy, gather, verdict};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pki_asn1::{Certificate, CertificateList, Clock};
use pki_crypto::DigestAlgorithm;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::long_term::{World, source};
use crate::made::{manifest, reference};

#[test]
fn a_file_that_no_time_stamp_of_a_container_covers_does_not_pass() {
    let Some(world) = World::new() else { return };
    let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    let digest = STANDARD.encode(DigestAlgorithm::Sha256.digest(b"deed").as_bytes());
    let names = |file: &str| {
        let files = core::iter::once(reference(file, sha256, &digest));
        manifest("META-INF/timestamp.tst", files)
    };
    let stamped = |manifest: &str, others: &[(&str, &[u8])]| {
        let imprint = DigestAlgorithm::Sha256.digest(manifest.as_bytes());
        let token = world.unit.time_stamp(&imprint).unwrap();
        let own: [(&str, &[u8]); 3] = [
            ("mimetype", Kind::Extended.media_type().as_bytes()),
            ("META-INF/ASiCManifest.xml", manifest.as_bytes()),
            ("META-INF/timestamp.tst", token.der()),
        ];
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in own.iter().chain(others) {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let judge = |container: Vec<u8>| {
        let mut material = world.pki.material();
        let ca = Certificate::from_der(world.pki.der("ca.pem")).unwrap();
        material.pool.add(ca);
        let crl = CertificateList::from_der(world.pki.der("ca.crl")).unwrap();
        material.evidence.add_crl(crl);
        let input = Input::of(source(container));
        let now = world.clock.now();
        let facts = gather(&input, material, now, None).unwrap();
        let judged = verdict(&facts, &ValidationPolicy::default(), now);
        let one = &judged.signatures[0];
        (judged.indication.unwrap(), one.sub_indication)
    };
    let covers = names("deed.txt");
    let good = stamped(&covers, &[("deed.txt", b"deed")]);
    assert_eq!(judge(good), (Indication::TotalPassed, None));
    for other in ["other.txt", "META-INF/other.txt", "META-INF/other.tst"] {
        let more = stamped(&covers, &[("deed.txt", b"deed"), (other, b"nobody's")]);
        let open = Some(SubIndication::SigConstraintsFailure);
        assert_eq!(judge(more), (Indication::Indeterminate, open), "{other}");
    }
}
