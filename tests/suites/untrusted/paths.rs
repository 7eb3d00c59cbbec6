//! Signatures that verify, whose certificates would keep a path builder busy for ever.

use std::fs;
use std::path::Path;

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use sceau_tests::program::Call;

use super::make::{sequence, tlv};

/// What it is, the signature, and the certificate that is trusted in PEM.
pub(crate) type Case = (&'static str, Vec<u8>, Option<String>);

pub(crate) fn all(scratch: &Path) -> Result<Vec<Case>> {
    Ok(vec![
        clique(scratch, 24)?,
        ladder(scratch, 60)?,
        constrained(scratch, 8_000)?,
        directories(scratch, 900)?,
        policies(scratch, 30)?,
    ])
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn leaf() -> CertificateParams {
    let mut params = authority("Signer");
    params.is_ca = IsCa::NoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

/// Has openssl sign with the first of the certificates, and put all of them in.
fn signed(scratch: &Path, key: &KeyPair, certificates: &[String]) -> Result<Vec<u8>> {
    let file = |name: &str, text: &str| {
        let path = scratch.join(name);
        fs::write(&path, text).map(|()| path)
    };
    Call::new("openssl")
        .args([
            "cms",
            "-sign",
            "-binary",
            "-cades",
            "-nodetach",
            "-outform",
            "DER",
            "-in",
        ])
        .arg(file("content", "what is signed")?)
        .arg("-signer")
        .arg(file("leaf.pem", &certificates[0])?)
        .arg("-inkey")
        .arg(file("leaf.key", &key.serialize_pem())?)
        .arg("-certfile")
        .arg(file("others.pem", &certificates[1..].concat())?)
        .arg("-out")
        .arg(scratch.join("signed"))
        .succeed()?;
    Ok(fs::read(scratch.join("signed"))?)
}

/// All authorities have one name, and each certified each.
fn clique(scratch: &Path, count: usize) -> Result<Case> {
    let params = authority("The same");
    let keys: Vec<KeyPair> = (0..count).map(|_| key()).collect();
    let own = key();
    let mut certificates = vec![
        leaf()
            .signed_by(&own, &Issuer::from_params(&params, &keys[0]))?
            .pem(),
    ];
    for issuer in &keys {
        let issuer = Issuer::from_params(&params, issuer);
        for key in &keys {
            certificates.push(params.signed_by(key, &issuer)?.pem());
        }
    }
    let trusted = params.self_signed(&key())?.pem();
    Ok((
        "authorities of one name that all certify each other",
        signed(scratch, &own, &certificates)?,
        Some(trusted),
    ))
}

/// Two authorities on each level, both certified by both above: twice as many paths for each level.
fn ladder(scratch: &Path, levels: usize) -> Result<Case> {
    let own = key();
    let name = |level: usize| authority(&format!("Level {level}"));
    let mut below = [key(), key()];
    let mut certificates = vec![
        leaf()
            .signed_by(&own, &Issuer::from_params(&name(0), &below[0]))?
            .pem(),
    ];
    for level in 0..levels {
        let above = [key(), key()];
        for issuer in &above {
            let params = name(level + 1);
            let issuer = Issuer::from_params(&params, issuer);
            for key in &below {
                certificates.push(name(level).signed_by(key, &issuer)?.pem());
            }
        }
        below = above;
    }
    let trusted = name(levels).self_signed(&key())?.pem();
    Ok((
        "a ladder of sixty levels with two ways at each",
        signed(scratch, &own, &certificates)?,
        Some(trusted),
    ))
}

/// Trusted root, an authority with these parameters, a signer with these.
fn through(
    scratch: &Path,
    what: &'static str,
    middle: CertificateParams,
    mut end: CertificateParams,
) -> Result<Case> {
    let (root, above, between, own) = (authority("Root"), key(), key(), key());
    let issuer = Issuer::from_params(&root, &above);
    let certificates = [
        {
            end.use_authority_key_identifier_extension = false;
            end.signed_by(&own, &Issuer::from_params(&middle, &between))?
                .pem()
        },
        middle.signed_by(&between, &issuer)?.pem(),
    ];
    let trusted = root.self_signed(&above)?.pem();
    Ok((what, signed(scratch, &own, &certificates)?, Some(trusted)))
}

fn constrained(scratch: &Path, count: usize) -> Result<Case> {
    let (mut middle, mut end) = (authority("CA"), leaf());
    let name = |i: usize| format!("n{i}.example");
    middle.name_constraints = Some(NameConstraints {
        permitted_subtrees: (0..count)
            .map(|i| GeneralSubtree::DnsName(name(i)))
            .collect(),
        excluded_subtrees: (0..count / 2)
            .map(|i| GeneralSubtree::DnsName(format!("x{i}.example")))
            .collect(),
    });
    end.subject_alt_names = (0..count)
        .rev()
        .map(|i| SanType::DnsName(name(i).try_into().unwrap()))
        .collect();
    through(
        scratch,
        "eight thousand names under twelve thousand constraints",
        middle,
        end,
    )
}

fn directories(scratch: &Path, count: usize) -> Result<Case> {
    let (mut middle, mut end) = (authority("CA"), leaf());
    let subtree = |i: usize| {
        let mut name = DistinguishedName::new();
        name.push(DnType::CountryName, "MC");
        name.push(DnType::OrganizationName, "o".repeat(60));
        name.push(DnType::OrganizationalUnitName, format!("unit {i}"));
        name
    };
    middle.name_constraints = Some(NameConstraints {
        permitted_subtrees: (0..count)
            .map(|i| GeneralSubtree::DirectoryName(subtree(i)))
            .collect(),
        excluded_subtrees: Vec::new(),
    });
    let names: Vec<u8> = (0..count)
        .flat_map(|i| {
            let part = |oid: u8, value: &[u8]| {
                tlv(0x31, &sequence(&[&[6, 3, 0x55, 4, oid], &tlv(12, value)]))
            };
            let unit = format!("unit {}", count - 1 - i);
            tlv(
                0xa4,
                &sequence(&[
                    &part(6, b"MC"),
                    &part(10, "o".repeat(60).as_bytes()),
                    &part(11, unit.as_bytes()),
                ]),
            )
        })
        .collect();
    end.custom_extensions = vec![CustomExtension::from_oid_content(
        &[2, 5, 29, 17],
        tlv(0x30, &names),
    )];
    through(
        scratch,
        "a thousand directory names under a thousand constraints",
        middle,
        end,
    )
}

/// Each authority says two policies and maps both to both of the next: twice as many nodes for each level.
fn policies(scratch: &Path, levels: usize) -> Result<Case> {
    let policy = |n: u8| vec![6, 3, 0x2a, 3, n];
    let said: Vec<u8> = (1..=8).flat_map(|n| sequence(&[&policy(n)])).collect();
    let mapped: Vec<u8> = (1..=8)
        .flat_map(|n| {
            (1..=8).flat_map(move |m| sequence(&[&[6, 3, 0x2a, 3, n], &[6, 3, 0x2a, 3, m]]))
        })
        .collect();
    let with = |mut params: CertificateParams, mapping: bool| {
        params.custom_extensions = vec![CustomExtension::from_oid_content(
            &[2, 5, 29, 32],
            tlv(0x30, &said),
        )];
        if mapping {
            let mut mappings =
                CustomExtension::from_oid_content(&[2, 5, 29, 33], tlv(0x30, &mapped));
            mappings.set_criticality(true);
            params.custom_extensions.push(mappings);
        }
        params
    };
    let own = key();
    let mut issuer = (authority("Root"), key());
    let trusted = issuer.0.self_signed(&issuer.1)?.pem();
    let mut certificates = Vec::new();
    for level in 0..levels {
        let (params, key) = (with(authority(&format!("Level {level}")), true), key());
        certificates.push(
            params
                .signed_by(&key, &Issuer::from_params(&issuer.0, &issuer.1))?
                .pem(),
        );
        issuer = (params, key);
    }
    let end = with(leaf(), false).signed_by(&own, &Issuer::from_params(&issuer.0, &issuer.1))?;
    certificates.insert(0, end.pem());
    Ok((
        "eight policies mapped to each other through thirty levels",
        signed(scratch, &own, &certificates)?,
        Some(trusted),
    ))
}
