//! CMS that is deep, wide, or names the same thing over and over.

use super::make::{
    SHA256, attribute, certificate, extension, name, nested, sequence, signed_data, signer, tlv,
};

const NAME_CONSTRAINTS: &[u8] = &[6, 3, 0x55, 0x1d, 30];
const ALTERNATIVE_NAME: &[u8] = &[6, 3, 0x55, 0x1d, 17];
const COUNTER_SIGNATURE: &[u8] = &[6, 9, 42, 0x86, 0x48, 0x86, 0xf7, 13, 1, 9, 6];
const TIME_STAMP: &[u8] = &[6, 11, 42, 0x86, 0x48, 0x86, 0xf7, 13, 1, 9, 16, 2, 14];

pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    let me = name(b"Nobody");
    let plain = signer(&me, 1, &[], &[]);
    let one = certificate(&me, &me, 1, &[]);
    let with = |unsigned: &[u8]| signed_data(&one, &[], &signer(&me, 1, &[], unsigned));
    vec![
        (
            "indefinite lengths a million deep",
            [0x30, 0x80].repeat(1_000_000),
        ),
        ("sequences ten thousand deep", nested(0x30, 10_000, &[5, 0])),
        (
            "octet strings a hundred thousand deep",
            signed_data(&nested(0x24, 100_000, &[4, 0]), &[], &plain),
        ),
        (
            "a million digest algorithms",
            signed_data(&SHA256.repeat(1_000_000), &[], &plain),
        ),
        (
            "a hundred thousand signers",
            signed_data(&[], &[], &plain.repeat(100_000)),
        ),
        (
            "an object identifier of five megabytes",
            with(&attribute(
                &tlv(6, &[vec![0x86; 5_000_000], vec![1]].concat()),
                &[5, 0],
            )),
        ),
        (
            "a hundred thousand certificates of one name",
            signed_data(&certificates(100_000, &me, &me), &[], &plain),
        ),
        (
            "fifty thousand certificates that issue each other in a circle",
            signed_data(&circle(50_000), &[], &signer(&name(b"0"), 1, &[], &[])),
        ),
        (
            "a hundred thousand unsigned attributes",
            with(&attribute(&[6, 3, 0x55, 4, 3], &[5, 0]).repeat(100_000)),
        ),
        (
            "ten thousand time-stamps",
            with(&attribute(
                TIME_STAMP,
                &signed_data(&one, &[], &plain).repeat(10_000),
            )),
        ),
        (
            "counter-signatures in each other a hundred times",
            countersigned(100),
        ),
        (
            "twenty thousand counter-signatures",
            with(&attribute(COUNTER_SIGNATURE, &plain.repeat(20_000))),
        ),
        ("a name of two hundred thousand parts", wide_name(200_000)),
        (
            "thirty thousand names under thirty thousand constraints",
            constrained(30_000),
        ),
        (
            "a list of a million revoked certificates",
            signed_data(&one, &revoked(1_000_000), &plain),
        ),
        (
            "ten thousand revocation lists",
            signed_data(&one, &revoked(1).repeat(10_000), &plain),
        ),
        (
            "seven OCSP responses of a megabyte",
            signed_data(&one, &answers(8_500).repeat(7), &plain),
        ),
        (
            "OCSP responses of forty megabytes",
            signed_data(&one, &answers(8_500).repeat(40), &plain),
        ),
        (
            "an OCSP response of forty megabytes",
            signed_data(&one, &answers(350_000), &plain),
        ),
        (
            "thirty time-stamps with OCSP responses of seven megabytes each",
            with(&attribute(
                TIME_STAMP,
                &signed_data(&one, &answers(8_500).repeat(7), &plain).repeat(30),
            )),
        ),
        (
            "thirty time-stamps with certificates of three megabytes each",
            with(&attribute(
                TIME_STAMP,
                &(0..30)
                    .flat_map(|i| signed_data(&wide_certificates(900, i), &[], &plain))
                    .collect::<Vec<u8>>(),
            )),
        ),
        (
            "lists of ninety megabytes and OCSP responses of seven",
            signed_data(
                &one,
                &[revoked(4_000_000), answers(8_500).repeat(7)].concat(),
                &plain,
            ),
        ),
        (
            "a hundred blocks of PEM that never end",
            b"-----BEGIN CMS-----\nMIIB\n".repeat(100_000),
        ),
        (
            "forty megabytes of PEM",
            [
                b"-----BEGIN CMS-----\n".to_vec(),
                b"MIIB".repeat(10_000_000),
                b"\n-----END CMS-----\n".to_vec(),
            ]
            .concat(),
        ),
    ]
}

fn certificates(count: u32, issuer: &[u8], subject: &[u8]) -> Vec<u8> {
    (0..count)
        .flat_map(|serial| certificate(issuer, subject, serial, &[]))
        .collect()
}

/// Certificates of three kilobytes, of different serial numbers in each set.
fn wide_certificates(count: u32, set: u32) -> Vec<u8> {
    let me = name(&[b'x'; 1_500]);
    (0..count)
        .flat_map(|serial| certificate(&me, &me, set << 16 | serial, &[]))
        .collect()
}

fn circle(count: u32) -> Vec<u8> {
    let called = |i: u32| name((i % count).to_string().as_bytes());
    (0..count)
        .flat_map(|i| certificate(&called(i + 1), &called(i), 1, &[]))
        .collect()
}

fn countersigned(depth: usize) -> Vec<u8> {
    let me = name(b"Nobody");
    let mut inner = signer(&me, 1, &[], &[]);
    for _ in 0..depth {
        inner = signer(&me, 1, &[], &attribute(COUNTER_SIGNATURE, &inner));
    }
    signed_data(&certificate(&me, &me, 1, &[]), &[], &inner)
}

fn wide_name(parts: usize) -> Vec<u8> {
    let part = tlv(0x31, &sequence(&[&[6, 3, 0x55, 4, 3], &tlv(12, b"x")]));
    let wide = tlv(0x30, &part.repeat(parts));
    signed_data(
        &certificate(&wide, &wide, 1, &[]),
        &[],
        &signer(&wide, 1, &[], &[]),
    )
}

fn constrained(count: usize) -> Vec<u8> {
    let (ca, me) = (name(b"CA"), name(b"Nobody"));
    let permitted: Vec<u8> = (0..count)
        .flat_map(|i| sequence(&[&tlv(0x82, format!("a{i}.example").as_bytes())]))
        .collect();
    let names: Vec<u8> = (0..count)
        .flat_map(|i| tlv(0x82, format!("b{i}.example").as_bytes()))
        .collect();
    let constraints = extension(NAME_CONSTRAINTS, &tlv(0x30, &tlv(0xa0, &permitted)));
    let named = extension(ALTERNATIVE_NAME, &tlv(0x30, &names));
    let both = [
        certificate(&ca, &ca, 1, &constraints),
        certificate(&ca, &me, 1, &named),
    ]
    .concat();
    signed_data(&both, &[], &signer(&ca, 1, &[], &[]))
}

fn revoked(count: u32) -> Vec<u8> {
    let entries: Vec<u8> = (0..count)
        .flat_map(|i| {
            sequence(&[
                &tlv(2, &[&[1][..], &i.to_be_bytes()].concat()),
                &tlv(23, b"200101000000Z"),
            ])
        })
        .collect();
    let day = tlv(23, b"200101000000Z");
    let body = sequence(&[
        &[2, 1, 1],
        super::make::ECDSA,
        &name(b"Nobody"),
        &day,
        &tlv(0x30, &entries),
    ]);
    sequence(&[&body, super::make::ECDSA, &tlv(3, &[0; 65])])
}

/// An OCSP response with this many answers of 120 octets each, as a revocation value (RFC 5940 section 2).
fn answers(count: u32) -> Vec<u8> {
    const RESPONSE: &[u8] = &[6, 8, 0x2b, 6, 1, 5, 5, 7, 16, 2];
    const BASIC: &[u8] = &[6, 9, 0x2b, 6, 1, 5, 5, 7, 48, 1, 1];
    let day = tlv(24, b"20200101000000Z");
    let answers: Vec<u8> = (0..count)
        .flat_map(|i| {
            let id = sequence(&[
                SHA256,
                &tlv(4, &[1; 32]),
                &tlv(4, &[2; 32]),
                &tlv(2, &[&[1][..], &i.to_be_bytes()].concat()),
            ]);
            sequence(&[&id, &[0x80, 0], &day])
        })
        .collect();
    let body = sequence(&[&tlv(0xa2, &tlv(4, &[3; 20])), &day, &tlv(0x30, &answers)]);
    let basic = sequence(&[&body, super::make::ECDSA, &tlv(3, &[0; 65])]);
    let bytes = sequence(&[BASIC, &tlv(4, &basic)]);
    let response = sequence(&[&[10, 1, 0], &tlv(0xa0, &bytes)]);
    tlv(0xa1, &[RESPONSE, &response].concat())
}
