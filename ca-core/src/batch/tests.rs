use super::*;

use std::io::{BufReader, Cursor};

use proptest::prelude::*;

fn read(text: &[u8]) -> Vec<Result<Record, RecordError>> {
    let mut reader = CsvReader::new(Cursor::new(text));
    let mut out = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        out.push(record);
    }
    out
}

fn fields(text: &[u8]) -> Vec<(u64, Vec<String>)> {
    read(text)
        .into_iter()
        .map(|r| r.map(|r| (r.line, r.fields)).unwrap())
        .collect()
}

fn record(line: u64, fields: &[&str]) -> Record {
    Record {
        line,
        fields: fields.iter().map(|f| (*f).to_owned()).collect(),
    }
}

#[test]
fn quotes_line_ends_and_a_byte_order_mark_are_undone() {
    let text = b"\xEF\xBB\xBFid,CN\r\n\r\n1,\"Dupont, \"\"Fils\"\"\"\n2,\"two\r\nlines\"\n3,";
    let expected: Vec<(u64, Vec<String>)> = [
        (1, ["id", "CN"]),
        (3, ["1", "Dupont, \"Fils\""]),
        (4, ["2", "two\nlines"]),
        (6, ["3", ""]),
    ]
    .into_iter()
    .map(|(line, f)| (line, f.map(str::to_owned).to_vec()))
    .collect();
    assert_eq!(fields(text), expected);
}

#[test]
fn a_wrong_line_is_named_and_the_next_one_read() {
    for (text, line, character, fault) in [
        (&b"a,b\"c\n4,5\n"[..], 1, 4, CsvFault::StrayQuote),
        (b"a,\"b\"c\n4,5\n", 1, 6, CsvFault::AfterQuote),
        (b"\xC3\xA9,\xE9\n4,5\n", 1, 3, CsvFault::NotUtf8),
        (b"a,\0\n4,5\n", 1, 3, CsvFault::Control),
        (b"a,\"b\n4,5\n", 1, 3, CsvFault::Unclosed),
    ] {
        let found = read(text);
        let expected = RecordError {
            line,
            character,
            fault,
        };
        assert_eq!(found[0], Err(expected), "{text:?}");
        assert_eq!(found[1], Ok(record(2, &["4", "5"])), "{text:?}");
        assert_eq!(found.len(), 2);
    }
}

#[test]
fn a_forgotten_quote_does_not_swallow_the_lines_behind_it() {
    let found = read(b"1,\"Acme\n2,\"Beta\"\n3,Gamma\n");
    assert!(found[0].is_err());
    assert_eq!(found[1], Ok(record(2, &["2", "Beta"])));
    assert_eq!(found[2], Ok(record(3, &["3", "Gamma"])));
}

#[test]
fn a_line_without_end_costs_no_more_than_the_budget() {
    let mut text = vec![b'x'; 2_000_000];
    text.extend_from_slice(b"\n4,5\n\"");
    text.extend(b"y\n".repeat(300_000));
    text.extend_from_slice(b"6,7\n");
    let mut reader = CsvReader::new(BufReader::new(Cursor::new(&text)));
    let first = reader.next_record().unwrap().unwrap().unwrap_err();
    assert_eq!((first.line, first.fault), (1, CsvFault::TooLong));
    assert_eq!(reader.next_record().unwrap().unwrap().unwrap().line, 2);
    let open = reader.next_record().unwrap().unwrap().unwrap_err();
    assert_eq!((open.line, open.fault), (3, CsvFault::Unclosed));
    let mut last = None;
    while let Some(record) = reader.next_record().unwrap() {
        last = Some(record.unwrap());
    }
    assert_eq!(last, Some(record(300_003, &["6", "7"])));
    assert_eq!(reader.octets(), text.len() as u64);
}

#[test]
fn a_heading_that_says_too_little_or_too_much_is_refused() {
    let parse = |names: &[&str]| Columns::parse(&record(1, names));
    assert!(parse(&["id", "subject", "csr"]).is_ok());
    assert!(parse(&["ID", "C", "O", "OU", "OU", "CN", "key", "days"]).is_ok());
    for (names, wrong) in [
        (
            &["id;csr;CN"][..],
            "character 3: the columns are separated by semicolons",
        ),
        (
            &["id\tcsr\tCN"],
            "character 3: the columns are separated by tabs",
        ),
        (
            &["id", "csr", "CN", "colour"],
            "column 4: there is no column \"colour\"",
        ),
        (&["id", "csr", "CN", "cn"], "column 4: cn occurs twice"),
        (&["csr", "CN"], "no column id"),
        (
            &["id", "csr", "subject", "CN"],
            "both subject and the attribute CN",
        ),
        (&["id", "csr"], "neither subject nor"),
        (&["id", "CN"], "neither csr nor key"),
    ] {
        let error = parse(names).unwrap_err();
        assert!(error.to_string().contains(wrong), "{error}");
        assert!(!error.hint().is_empty());
    }
}

fn row(fields: &[&str]) -> Result<BatchRow, RowError> {
    let columns = Columns::parse(&record(
        1,
        &[
            "id",
            "ca",
            "profile",
            "C",
            "CN",
            "csr",
            "key",
            "days",
            "qscd",
            "chain",
            "legislation",
        ],
    ))
    .unwrap();
    let defaults = Defaults {
        ca: Some("companies".into()),
        ..Defaults::default()
    };
    BatchRow::parse(&record(2, fields), &columns, &defaults)
}

#[test]
fn columns_override_defaults_and_wrong_values_are_named() {
    let good = row(&[
        "1", "", "seal", "MC", "Acme", "a.csr", "", "30", "yes", "no", "EU",
    ])
    .unwrap();
    assert_eq!(
        (good.ca.as_str(), good.profile.as_str()),
        ("companies", "seal")
    );
    assert_eq!(good.subject.to_string(), "C=MC,CN=Acme");
    assert_eq!(
        good.key,
        RowKey::Request(RequestSource::File("a.csr".into()))
    );
    assert_eq!((good.qscd, good.chain), (Qscd::Declared, ChainFile::Omit));
    for (fields, wrong) in [
        (
            ["", "", "seal", "MC", "A", "a", "", "", "", "", ""],
            "column id is empty",
        ),
        (
            ["1", "", "", "MC", "A", "a", "", "", "", "", ""],
            "column profile is empty",
        ),
        (
            ["1", "", "seal", "", "", "a", "", "", "", "", ""],
            "the subject is empty",
        ),
        (
            ["1", "", "seal", "MC", "A", "", "", "", "", "", ""],
            "column csr is empty",
        ),
        (
            ["1", "", "seal", "MC", "A", "a", "p256", "", "", "", ""],
            "both a csr and a key",
        ),
        (
            ["1", "", "seal", "MC", "A", "", "p257", "", "", "", ""],
            "unknown key type",
        ),
        (
            ["1", "", "seal", "MC", "A", "a", "", "-1", "", "", ""],
            "\"-1\" is no number of days",
        ),
        (
            ["1", "", "seal", "MC", "A", "a", "", "", "maybe", "", ""],
            "neither yes nor no",
        ),
        (
            ["1", "", "seal", "MC", "A", "", "p256", "", "yes", "", ""],
            "no qualified device",
        ),
        (
            ["1", "", "seal", "MC", "A", "a", "", "", "", "", "Mars"],
            "column legislation",
        ),
    ] {
        let error = row(&fields).unwrap_err();
        assert!(error.to_string().contains(wrong), "{error}");
    }
    let few = row(&["1;2;3"]).unwrap_err();
    assert!(few.hint().unwrap().contains("commas"), "{few}");
}

#[test]
fn the_same_order_is_known_again_and_another_is_not() {
    let fields = ["1", "", "seal", "MC", "Acme", "a.csr", "", "30", "", "", ""];
    let digest = |change: &dyn Fn(&mut [&'static str; 11])| {
        let mut fields = fields;
        change(&mut fields);
        row(&fields).unwrap().digest("", Some(b"key"))
    };
    let base = digest(&|_| {});
    assert_eq!(digest(&|f| f[7] = "31"), base);
    assert_eq!(digest(&|f| f[1] = "companies"), base);
    for (at, other) in [(0, "2"), (1, "residents"), (2, "stamp"), (4, "Acme SAM")] {
        assert_ne!(digest(&|f| f[at] = other), base);
    }
    let same = row(&fields).unwrap();
    assert_ne!(same.digest("", Some(b"another key")), base);
    assert_ne!(same.digest("2027", Some(b"key")), base);
}

proptest! {
    #[test]
    fn any_octets_are_read_within_the_file(text in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut last = 0;
        for record in read(&text) {
            match record {
                Ok(record) => {
                    prop_assert!(record.line > last);
                    last = record.line;
                }
                Err(error) => prop_assert!(error.line > last),
            }
        }
    }

    #[test]
    fn what_rfc_4180_writes_is_read_back(
        rows in prop::collection::vec(prop::collection::vec("[^\\p{C}]{0,8}[\",\n]{0,2}[^\\p{C}]{0,8}", 2..5), 1..6)
    ) {
        let quoted = |f: &String| format!("\"{}\"", f.replace('"', "\"\""));
        let text: String = rows
            .iter()
            .map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n")
            .collect();
        let found: Vec<_> = fields(text.as_bytes()).into_iter().map(|(_, f)| f).collect();
        prop_assert_eq!(found, rows);
    }

    #[test]
    fn no_two_ids_share_a_file_and_none_leaves_the_folder(a in "\\PC{1,12}", b in "\\PC{1,12}") {
        let (Ok(a), Ok(b)) = (a.parse::<RowId>(), b.parse::<RowId>()) else {
            return Ok(());
        };
        let stem = a.file_stem();
        prop_assert!(!stem.starts_with('.') && !stem.contains('/') && !stem.contains('\0'));
        prop_assert!(!stem.ends_with(".chain") && !stem.ends_with(".key"));
        prop_assert_eq!(a == b, stem == b.file_stem());
    }

    #[test]
    fn any_record_is_an_order_or_refused(fields in prop::collection::vec("\\PC{0,20}", 0..12)) {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let _ = row(&fields);
    }
}

#[test]
fn ids_that_name_other_places_become_plain_names() {
    for (id, stem) in [
        ("acme-1", "acme-1"),
        ("../etc/passwd", "%2E.%2Fetc%2Fpasswd"),
        (".hidden", "%2Ehidden"),
        ("x.chain", "x%2Echain"),
        ("x.key", "x%2Ekey"),
        ("a b%", "a%20b%25"),
        ("Zo\u{e9}", "Zo%C3%A9"),
    ] {
        assert_eq!(id.parse::<RowId>().unwrap().file_stem(), stem);
    }
    assert!("x".repeat(65).parse::<RowId>().is_err());
}
