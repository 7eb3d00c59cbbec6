//! PDFs that send a reader round in circles, or promise more than they hold.

use super::make::{
    certificate, deflated, form, name, pdf, sequence, signed_data, signer, stream, tlv,
};

pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (
            "cross-references whose /Prev leads to themselves",
            previous(1),
        ),
        (
            "a thousand cross-reference tables in a circle",
            previous(1_000),
        ),
        (
            "a hundred thousand cross-reference tables, each naming the next",
            previous_chain(100_000),
        ),
        (
            "a cross-reference table of a million entries",
            many_entries(1_000_000),
        ),
        (
            "a cross-reference stream that claims two thousand million entries",
            claimed_entries(),
        ),
        (
            "a cross-reference stream that inflates to a gigabyte",
            inflated_references(),
        ),
        (
            "an object stream that inflates to a gigabyte",
            object_stream(1_000_000_000, 1),
        ),
        (
            "an object stream of a million objects",
            object_stream(1_000_000, 1_000_000),
        ),
        ("a stream packed five times over", packed_often()),
        (
            "an array of a million fields",
            form(
                &array("5 0 R ", 1_000_000),
                [b"<</FT /Sig /T (a)>>".to_vec()],
            ),
        ),
        (
            "a field whose kids are itself",
            form("[5 0 R]", [b"<</T (a) /Kids [5 0 R 5 0 R]>>".to_vec()]),
        ),
        (
            "a tree of fields that doubles at each of fifty levels",
            doubling(),
        ),
        (
            "a field below a hundred thousand others",
            deep_fields(100_000),
        ),
        (
            "arrays in each other a million times",
            form("[5 0 R]", [b"[".repeat(1_000_000)]),
        ),
        (
            "dictionaries in each other a million times",
            form("[5 0 R]", [b"<</A".repeat(1_000_000)]),
        ),
        (
            "an array of two million numbers for a signature",
            form(
                "[5 0 R]",
                [field(6), contents("1 ".repeat(2_000_000), &[0x30, 0])],
            ),
        ),
        (
            "a page tree of a hundred thousand levels",
            deep_pages(100_000),
        ),
        (
            "three thousand signatures in one revision",
            signatures(3_000),
        ),
        (
            "a thousand revisions with a signature each",
            revisions(1_000, true),
        ),
        (
            "twenty thousand revisions after a signature",
            revisions(20_000, false),
        ),
        (
            "a store of validation data that names one thing a million times",
            store(),
        ),
        (
            "two hundred stored certificates with names of ten thousand parts",
            stored("Certs", 200, wide_certificate),
        ),
        (
            "forty stored lists of a hundred megabytes",
            stored("CRLs", 40, |_| vec![0x30; 100 << 20]),
        ),
        (
            "fifty megabytes of what looks like objects",
            b"1 0 obj\n<<>>\n".repeat(4_000_000),
        ),
        (
            "a thousand ends of a file and nothing else",
            [
                b"%PDF-1.7\n".as_slice(),
                &b"startxref\n9\n%%EOF\n".repeat(1_000_000),
            ]
            .concat(),
        ),
        (
            "a name of twenty megabytes",
            form(&format!("[/{}]", "a".repeat(20_000_000)), []),
        ),
        (
            "a string of ten million parentheses",
            form("[5 0 R]", [b"(".repeat(10_000_000)]),
        ),
    ]
}

fn array(piece: &str, count: usize) -> String {
    format!("[{}]", piece.repeat(count))
}

fn previous(count: usize) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n".to_vec();
    let section = |prev: usize| {
        format!(
            "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 3 /Root 1 0 R /Prev {prev:010}>>\n"
        )
    };
    let first = out.len();
    let size = section(0).len();
    for i in 0..count {
        out.extend(section(first + size * ((i + 1) % count)).bytes());
    }
    out.extend(format!("startxref\n{first}\n%%EOF\n").bytes());
    out
}

fn previous_chain(count: usize) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n".to_vec();
    let mut at = 0;
    for i in 0..count {
        let prev = if i == 0 {
            String::new()
        } else {
            format!("/Prev {at}")
        };
        at = out.len();
        out.extend(
            format!("xref\n1 1\n0000000009 00000 n \ntrailer\n<</Size 3 /Root 1 0 R {prev}>>\n")
                .bytes(),
        );
    }
    out.extend(format!("startxref\n{at}\n%%EOF\n").bytes());
    out
}

fn many_entries(count: usize) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n".to_vec();
    let at = out.len();
    out.extend(format!("xref\n0 {count}\n").bytes());
    out.extend(b"0000000009 00000 n \n".repeat(count));
    out.extend(format!("trailer\n<</Size {count} /Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n").bytes());
    out
}

fn with_stream_references(dictionary: &str, octets: &[u8]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n".to_vec();
    let at = out.len();
    out.extend(b"3 0 obj\n");
    out.extend(stream(
        &format!("/Type /XRef /Root 1 0 R {dictionary}"),
        octets,
    ));
    out.extend(format!("\nendobj\nstartxref\n{at}\n%%EOF\n").bytes());
    out
}

fn claimed_entries() -> Vec<u8> {
    with_stream_references("/Size 2147483647 /W [0 0 0] /Index [0 2147483647]", b"")
}

fn inflated_references() -> Vec<u8> {
    let octets = deflated(&[1; 1 << 20], 1 << 10);
    with_stream_references("/Size 200000000 /W [1 2 2] /Filter /FlateDecode", &octets)
}

fn object_stream(octets: usize, objects: usize) -> Vec<u8> {
    let mut head = String::new();
    for i in 0..objects {
        head.push_str(&format!("{} {} ", i + 10, i));
    }
    let first = head.len();
    let mut content = head.into_bytes();
    content.resize(octets.max(first), b'1');
    let packed = deflated(&content, 1);
    let mut out =
        b"%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R /AcroForm 10 0 R>>\nendobj\n".to_vec();
    let held = out.len();
    out.extend(b"2 0 obj\n");
    out.extend(stream(
        &format!("/Type /ObjStm /N {objects} /First {first} /Filter /FlateDecode"),
        &packed,
    ));
    out.extend(b"\nendobj\n");
    let at = out.len();
    let mut entries = vec![0, 0, 0, 0, 0, 0];
    for place in [9, held, at] {
        entries.push(1);
        entries.extend(&(place as u32).to_be_bytes());
        entries.push(0);
    }
    for _ in 4..10 {
        entries.extend([0; 6]);
    }
    for i in 0..objects {
        entries.extend([2, 0, 0, 0, 2, i as u8]);
    }
    out.extend(b"3 0 obj\n");
    let size = objects + 10;
    out.extend(stream(
        &format!("/Type /XRef /Root 1 0 R /Size {size} /W [1 4 1] /Filter /FlateDecode"),
        &deflated(&entries, 1),
    ));
    out.extend(format!("\nendobj\nstartxref\n{at}\n%%EOF\n").bytes());
    out
}

fn packed_often() -> Vec<u8> {
    let mut octets = deflated(&[b' '; 1 << 20], 1 << 10);
    for _ in 0..4 {
        octets = deflated(&octets, 1);
    }
    let filter = "/Filter [/FlateDecode /FlateDecode /FlateDecode /FlateDecode /FlateDecode]";
    form(
        "5 0 R",
        [stream(
            &format!("/Type /ObjStm /N 1 /First 4 {filter}"),
            &octets,
        )],
    )
}

fn doubling() -> Vec<u8> {
    let level = |i: usize| format!("<</T (a) /Kids [{0} 0 R {0} 0 R]>>", i + 1).into_bytes();
    form(
        "[5 0 R]",
        (5..55).map(level).chain([b"<</FT /Sig>>".to_vec()]),
    )
}

fn deep_fields(count: usize) -> Vec<u8> {
    let level =
        |i: usize| format!("<</T (a) /Parent {} 0 R /Kids [{} 0 R]>>", i - 1, i + 1).into_bytes();
    form(
        "[5 0 R]",
        (5..5 + count)
            .map(level)
            .chain([b"<</FT /Sig /V 6 0 R>>".to_vec()]),
    )
}

fn deep_pages(count: usize) -> Vec<u8> {
    let mut objects =
        vec![b"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R]>>>>".to_vec()];
    objects.push(b"<</Type /Pages /Kids [5 0 R] /Count 1>>".to_vec());
    objects.push(contents(String::new(), &[0x30, 0]));
    objects.push(field(3));
    objects.extend((5..5 + count).map(|i| {
        format!(
            "<</Type /Pages /Count 1 /Parent {} 0 R /Kids [{} 0 R]>>",
            i - 1,
            i + 1
        )
        .into_bytes()
    }));
    pdf(&objects)
}

fn field(value: usize) -> Vec<u8> {
    format!("<</FT /Sig /T (s{value}) /V {value} 0 R>>").into_bytes()
}

/// A signature dictionary; without ranges those that fit nothing.
fn contents(ranges: String, octets: &[u8]) -> Vec<u8> {
    let ranges = if ranges.is_empty() {
        "0 10 20 30".into()
    } else {
        ranges
    };
    let digits: String = octets.iter().map(|b| format!("{b:02x}")).collect();
    format!("<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [{ranges}] /Contents <{digits}>>>").into_bytes()
}

fn signature() -> Vec<u8> {
    let issuer = name(b"Nobody");
    signed_data(&[], &[], &signer(&issuer, 1, &[], &[]))
}

fn signatures(count: usize) -> Vec<u8> {
    let fields: String = (0..count).map(|i| format!("{} 0 R ", 5 + 2 * i)).collect();
    let octets = signature();
    let one = |i: usize| {
        if i % 2 == 1 {
            field(i + 1)
        } else {
            contents(String::new(), &octets)
        }
    };
    form(&format!("[{fields}]"), (5..5 + 2 * count).map(one))
}

fn revisions(count: usize, signed: bool) -> Vec<u8> {
    let octets = signature();
    let mut out = form("[5 0 R]", [field(6), contents(String::new(), &octets)]);
    let text = b"startxref\n";
    let mut prev = out
        .windows(text.len())
        .rposition(|w| w == text)
        .map(|at| {
            let rest = String::from_utf8_lossy(&out[at + text.len()..]).into_owned();
            rest.lines().next().unwrap().parse::<usize>().unwrap()
        })
        .unwrap();
    let mut fields = "5 0 R".to_owned();
    for i in 0..count {
        let number = 7 + 2 * i;
        let mut objects = vec![(
            3,
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>>".to_vec(),
        )];
        if signed {
            fields.push_str(&format!(" {number} 0 R"));
            objects = vec![
                (
                    4,
                    format!("<</SigFlags 3 /Fields [{fields}]>>").into_bytes(),
                ),
                (number, field(number + 1)),
                (number + 1, contents(String::new(), &octets)),
            ];
        }
        let mut table = String::new();
        for (number, body) in objects {
            table.push_str(&format!("{number} 1\n{:010} 00000 n \n", out.len()));
            out.extend(format!("{number} 0 obj\n").bytes());
            out.extend(body);
            out.extend(b"\nendobj\n");
        }
        let at = out.len();
        let size = 9 + 2 * count;
        out.extend(format!("xref\n{table}trailer\n<</Size {size} /Root 1 0 R /Prev {prev}>>\nstartxref\n{at}\n%%EOF\n").bytes());
        prev = at;
    }
    out
}

fn store() -> Vec<u8> {
    let certificate = sequence(&[&[2, 1, 1]]);
    let named = array("5 0 R ", 500_000);
    let objects = vec![
        format!("<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R]>> /DSS <</Certs {named} /CRLs {named}>>>>").into_bytes(),
        b"<</Type /Pages /Kids [] /Count 0>>".to_vec(),
        contents(String::new(), &signature()),
        field(3),
        stream("", &certificate),
    ];
    pdf(&objects)
}

/// A store of validation data of one kind, with these octets for each number.
fn stored(key: &str, count: usize, octets: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    let named: String = (5..5 + count).map(|i| format!("{i} 0 R ")).collect();
    let mut objects = vec![
        format!("<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R]>> /DSS <</{key} [{named}]>>>>").into_bytes(),
        b"<</Type /Pages /Kids [] /Count 0>>".to_vec(),
        contents(String::new(), &signature()),
        field(3),
    ];
    let packed = |i: usize| stream("/Filter /FlateDecode", &deflated(&octets(i as u32), 1));
    objects.extend((0..count).map(packed));
    pdf(&objects)
}

fn wide_certificate(serial: u32) -> Vec<u8> {
    let part = tlv(0x31, &sequence(&[&[6, 3, 0x55, 4, 3], &tlv(12, b"x")]));
    let wide = tlv(0x30, &part.repeat(9_000));
    certificate(&wide, &wide, serial, &[])
}
