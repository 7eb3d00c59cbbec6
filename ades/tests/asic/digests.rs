//! Manifests whose digests are weak.

use ades::extend::{ExtendError, Target};
use ades::validate::{Material, SubIndication};

use crate::long_term::World;
use crate::made::{extend_knowing, manifest, packed, reference, sign_manifest};

#[test]
fn files_covered_by_sha_1_alone_do_not_pass() {
    let Some(world) = World::new() else { return };
    let of = |algorithm, digest| {
        let one = reference("a", algorithm, digest);
        let manifest = manifest("META-INF/signature.p7s", std::iter::once(one));
        // Raised as the CMS signature that it is, by a product that does not look at the manifest.
        let signature = sign_manifest(&world, &manifest);
        let (signature, _) = world
            .extend(&signature, Some(manifest.as_bytes()), Target::BLt)
            .unwrap();
        let made = packed(&manifest, signature, &[("a".into(), b"x".to_vec())]);
        let (facts, judged) = world.judge(&made, None);
        assert!(
            facts.signatures[0]
                .signer
                .as_ref()
                .unwrap()
                .signature
                .is_ok()
        );
        judged.signatures[0].sub_indication
    };
    let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    assert_eq!(
        of(sha256, "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE="),
        None
    );
    assert_eq!(
        of(
            "http://www.w3.org/2000/09/xmldsig#sha1",
            "EfatjsUqKYSrqv18O1FlA3hcIHI="
        ),
        Some(SubIndication::CryptoConstraintsFailure)
    );
}

#[test]
fn a_file_whose_digest_is_not_computed_is_asked_for_with_content() {
    let Some(world) = World::new() else { return };
    let streebog = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34112012-256";
    let one = reference(
        "a",
        streebog,
        "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=",
    );
    let manifest = manifest("META-INF/signature.p7s", std::iter::once(one));
    let signature = sign_manifest(&world, &manifest);
    let made = packed(&manifest, signature, &[("a".into(), b"x".to_vec())]);
    let (_, judged) = world.judge(&made, None);
    let one = &judged.signatures[0];
    let sub = SubIndication::CryptoConstraintsFailureNoPoe;
    assert_eq!(one.sub_indication, Some(sub));
    let remedy = one.errors[0].remedy().unwrap().to_string();
    assert!(remedy.contains("another algorithm"), "{remedy}");
    let known = || world.pki.material();
    let error = extend_knowing(&world, &made, &known, Target::BT).unwrap_err();
    assert!(
        matches!(&error, ExtendError::Refused(all) if all[0].1.code == sub.into()),
        "{error}"
    );
}

#[test]
fn a_container_is_not_raised_whose_files_are_covered_by_sha_1_alone() {
    let Some(world) = World::new() else { return };
    let one = reference(
        "a",
        "http://www.w3.org/2000/09/xmldsig#sha1",
        "EfatjsUqKYSrqv18O1FlA3hcIHI=",
    );
    let manifest = manifest("META-INF/signature.p7s", std::iter::once(one));
    let signature = sign_manifest(&world, &manifest);
    let (stamped, _) = world
        .extend(&signature, Some(manifest.as_bytes()), Target::BT)
        .unwrap();
    let cases = [
        (signature, SubIndication::CryptoConstraintsFailureNoPoe),
        (stamped, SubIndication::CryptoConstraintsFailure),
    ];
    for (signature, code) in cases {
        let container = packed(&manifest, signature, &[("a".into(), b"x".to_vec())]);
        // Whom to trust does not matter to it.
        for known in [world.pki.material(), Material::default()] {
            for to in [Target::BT, Target::BLt, Target::BLta] {
                let known = || Material {
                    anchors: known.anchors.clone(),
                    ..world.pki.material()
                };
                let error = extend_knowing(&world, &container, &known, to).unwrap_err();
                let ExtendError::Refused(all) = &error else {
                    panic!("{error}")
                };
                assert_eq!(all[0].1.code, code.into());
                assert!(all[0].1.reason.contains("SHA-1"), "{error}");
                assert!(error.hint().unwrap().contains("signed anew"));
            }
        }
    }
}
