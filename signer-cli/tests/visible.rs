//! Visible signatures before those who show them: poppler and MuPDF draw the pages and read the text
//! and the fonts, zbar reads the QR code, qpdf and pdfsig judge the files.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::process::Output;

use common::{Office, refused, succeeded, there};
use serde_json::Value;

/// A page of one unit of text, 300 by 200 units.
struct Sheet<'a> {
    boxes: &'a str,
    rotate: u16,
    /// Further entries of page and catalog, further objects from number 6 on.
    page: &'a str,
    catalog: &'a str,
    objects: &'a [&'a str],
}

const PLAIN: Sheet<'static> = Sheet {
    boxes: "/MediaBox [0 0 300 200]",
    rotate: 0,
    page: "",
    catalog: "",
    objects: &[],
};

impl Sheet<'_> {
    fn pdf(&self) -> Vec<u8> {
        let content = "0.6 g BT /F 9 Tf 12 TL 20 190 Td (Contract of sale, page 1) Tj T* (with a second line) Tj ET\n\
             0 0 1 rg 12 8 6 6 re f 282 186 6 6 re f";
        let mut objects = vec![
            format!("<< /Type /Catalog /Pages 2 0 R {} >>", self.catalog),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            format!(
                "<< /Type /Page /Parent 2 0 R {} /Rotate {} /Contents 4 0 R \
                 /Resources << /Font << /F 5 0 R >> >> {} >>",
                self.boxes, self.rotate, self.page
            ),
            format!(
                "<< /Length {} >>\nstream\n{content}\nendstream",
                content.len()
            ),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        ];
        objects.extend(self.objects.iter().map(|object| (*object).to_owned()));
        let mut pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut offsets = Vec::new();
        for (index, object) in objects.iter().enumerate() {
            offsets.push(pdf.len());
            pdf.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).as_bytes());
        }
        let start = pdf.len();
        let size = objects.len() + 1;
        pdf.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").as_bytes());
        for offset in offsets {
            pdf.extend(format!("{offset:010} 00000 n \n").as_bytes());
        }
        pdf.extend(
            format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n")
                .as_bytes(),
        );
        pdf
    }
}

/// A drawn page.
struct Shown {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Shown {
    fn read(ppm: &[u8]) -> Self {
        let mut rest = ppm;
        let mut next = || {
            let end = rest.iter().position(u8::is_ascii_whitespace).unwrap();
            let (word, after) = rest.split_at(end);
            rest = &after[1..];
            String::from_utf8(word.to_vec()).unwrap()
        };
        assert_eq!(next(), "P6");
        let (width, height) = (next().parse().unwrap(), next().parse().unwrap());
        assert_eq!(next(), "255");
        let rgb = rest.to_vec();
        assert_eq!(rgb.len(), width * height * 3);
        Self { width, height, rgb }
    }

    fn at(&self, x: usize, y: usize) -> &[u8] {
        let at = (y * self.width + x) * 3;
        &self.rgb[at..at + 3]
    }
}

/// The first page at one point to the point (1/72 inch), by poppler and by MuPDF.
fn shown(office: &Office, pdf: &str, password: &str) -> [Shown; 2] {
    let mut poppler = vec!["-r", "72", "-cropbox", "-singlefile"];
    if !password.is_empty() {
        poppler.extend(["-upw", password]);
    }
    poppler.extend([pdf, "poppler"]);
    office.run("pdftoppm", &poppler);
    office.run(
        "mutool",
        &[
            "draw",
            "-q",
            "-r",
            "72",
            "-p",
            password,
            "-o",
            "mupdf.ppm",
            pdf,
            "1",
        ],
    );
    ["poppler.ppm", "mupdf.ppm"].map(|file| Shown::read(&office.read(file)))
}

fn sign(office: &Office, input: &str, out: &str, args: &[&str]) -> Output {
    let mut all = vec![input, "--out", out, "--key", "acme.p12", "--force"];
    all.extend(args);
    office.sign(&all).output().unwrap()
}

/// What `sceau verify` says of each signature: indication, and what changed after it.
fn verified(office: &Office, pdf: &str) -> Vec<(bool, String)> {
    let output = office
        .tool(env!("CARGO_BIN_EXE_sceau"))
        .args(["verify", pdf, "--trust", "root.pem", "--offline", "--json"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let signatures = report["signatures"].as_array().unwrap();
    signatures
        .iter()
        .map(|s| {
            (
                s["intact"] == true,
                s["modifications"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

const TOOLS: [&str; 7] = [
    "openssl",
    "pdftoppm",
    "pdftotext",
    "pdffonts",
    "mutool",
    "qpdf",
    "pdfsig",
];

#[test]
fn seal_stands_elsewhere_or_askew_on_odd_pages() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    let kinds = [
        ("/MediaBox [0 0 300 200]", 1.0),
        ("/MediaBox [-50 30 400 300] /CropBox [0 40 300 240]", 1.0),
        // A crop box beyond the media box shows no more than that.
        ("/MediaBox [0 0 300 200] /CropBox [-99 -99 999 999]", 1.0),
        ("/MediaBox [0 0 150 100] /UserUnit 2", 2.0),
    ];
    for (boxes, unit) in kinds {
        for rotate in [0, 90, 180, 270] {
            let what = format!("{boxes} turned {rotate}");
            let sheet = Sheet {
                boxes,
                rotate,
                ..PLAIN
            };
            office.write("odd.pdf", &sheet.pdf());
            let (x, y, w, h) = (17, 23, 120, 50);
            let place = format!("1:{x},{y},{w},{h}");
            let args = ["--visible", &place, "--background", "#ffe0e0"];
            succeeded(&sign(&office, "odd.pdf", "out.pdf", &args));
            office.run("qpdf", &["--check", "out.pdf"]);
            let (before, after) = (shown(&office, "odd.pdf", ""), shown(&office, "out.pdf", ""));
            for (judge, (before, after)) in
                ["poppler", "MuPDF"].iter().zip(before.iter().zip(&after))
            {
                // Poppler does not know units of a page's own.
                if *judge == "poppler" && unit != 1.0 {
                    continue;
                }
                let what = format!("{judge}: {what}");
                assert_eq!((before.width, before.height), (after.width, after.height));
                let short = [before.width, before.height].into_iter().min();
                assert_eq!(short, Some(200), "{what}");
                let top = before.height - y - h;
                for row in 0..before.height {
                    for column in 0..before.width {
                        let outside =
                            column + 1 < x || column > x + w || row + 1 < top || row > top + h;
                        if outside {
                            assert_eq!(
                                before.at(column, row),
                                after.at(column, row),
                                "{what}: {column},{row} is not in the box and changed"
                            );
                        }
                    }
                }
                // The strong line is on the left, the ground on the right, the text upright.
                let middle = top + h / 2;
                assert_eq!(after.at(x + 1, middle), [0x1f, 0x3a, 0x5f], "{what}");
                assert_eq!(after.at(x + w - 4, middle), [0xff, 0xe0, 0xe0], "{what}");
            }
            let text = office.run("pdftotext", &["-layout", "out.pdf", "-"]);
            let text = String::from_utf8(text.stdout).unwrap();
            assert!(text.contains("Electronically signed by"), "{what}: {text}");
        }
    }
}

/// The words of the first page that are on one line with `word`, from left to right.
fn beside(office: &Office, word: &str) -> Vec<String> {
    let boxes = office.run("pdftotext", &["-bbox", "-l", "1", "out.pdf", "-"]);
    let boxes = String::from_utf8(boxes.stdout).unwrap();
    let number = |line: &str, key: &str| -> f64 {
        let rest = line.split(&format!("{key}=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let words: Vec<(f64, f64, String)> = boxes
        .lines()
        .filter(|line| line.contains("<word "))
        .map(|line| {
            let text = line.split(['>', '<']).nth(2).unwrap();
            // Poppler turns parentheses, and Arabic letters, as it sees fit.
            let text = text.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '.');
            (number(line, "yMax"), number(line, "xMin"), text.to_owned())
        })
        .collect();
    let found = words.iter().find(|(_, _, text)| text == word);
    let (y, _, _) = found.unwrap_or_else(|| panic!("no {word} in {words:?}"));
    let mut line: Vec<_> = words.iter().filter(|w| (w.0 - y).abs() < 3.0).collect();
    line.sort_by(|a, b| a.1.total_cmp(&b.1));
    line.into_iter().map(|w| w.2.clone()).collect()
}

#[test]
fn a_foreign_name_is_read_in_the_order_of_the_lines_around_it() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    let shown = |template: &str, word: &str, more: &[&str]| {
        let args = ["--visible", "1:20,20,220,70", "--text", template];
        succeeded(&sign(
            &office,
            "contract.pdf",
            "out.pdf",
            &[&args, more].concat(),
        ));
        beside(&office, word)
    };
    let arabic = "~ Signed by\\nوزارة 2026 (Monaco)";
    assert_eq!(shown(arabic, "Monaco", &[]), ["Monaco", "2026", ""]);
    // The full stop stays at the end of the word it is of.
    let latin = "~ وقع\\nAcme S.A.";
    assert_eq!(shown(latin, "S.A.", &[]), ["Acme", "S.A."]);
    // Unless somebody decides otherwise.
    let decided = shown(arabic, "Monaco", &["--text-direction", "ltr"]);
    assert_eq!(decided, ["2026", "", "Monaco"]);
}

#[test]
fn text_and_fonts_are_lost_to_readers_and_archives() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    for (template, said) in [
        (
            "# Zoé Ångström-N’Diaye\\nŠkoda, Żółć, Ελλάδα, Владимир",
            &["Zoé Ångström-N’Diaye", "Škoda, Żółć, Ελλάδα, Владимир"][..],
        ),
        // Poppler gives right-to-left text in logical order, within marks of direction.
        (
            "# محمد عبد الرحمن\\nوزارة العدل",
            &["محمد عبد الرحمن", "وزارة العدل"],
        ),
        ("# דוד בן־גוריון\\nהאוצר", &["דוד בן־גוריון", "האוצר"]),
        ("{name}, Dr. \u{202e}evil", &["acme"]),
    ] {
        let args = ["--visible", "1:20,20,200,70", "--text", template];
        succeeded(&sign(&office, "contract.pdf", "out.pdf", &args));
        let text = office.run("pdftotext", &["out.pdf", "-"]);
        let marks = |c: &char| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{200e}' | '\u{200f}');
        let text: String = String::from_utf8(text.stdout)
            .unwrap()
            .chars()
            .filter(marks)
            .collect();
        for said in said {
            assert!(text.contains(said), "{said:?} is not in {text:?}");
        }
        let fonts = office.run("pdffonts", &["out.pdf"]);
        let fonts = String::from_utf8(fonts.stdout).unwrap();
        let ours: Vec<_> = fonts.lines().filter(|l| l.contains('+')).collect();
        assert!(!ours.is_empty(), "{fonts}");
        for font in ours {
            assert!(font.contains("yes yes yes"), "{font}");
        }
    }
}

#[test]
fn qr_code_says_something_else() {
    if !there(&TOOLS) || !there(&["zbarimg"]) {
        return;
    }
    let office = Office::new();
    let serial = office.openssl(&["x509", "-in", "acme.pem", "-noout", "-serial"]);
    let serial = String::from_utf8(serial.stdout).unwrap();
    let serial = serial
        .trim()
        .strip_prefix("serial=")
        .unwrap()
        .to_lowercase();
    for (w, h) in [(280, 80), (90, 170), (60, 60)] {
        let place = format!("1:20,20,{w},{h}");
        let mut args = vec!["--visible", &place, "--qr", "https://v.example/{serial}?é"];
        if w == h {
            args.extend(["--text", ""]);
        }
        succeeded(&sign(&office, "contract.pdf", "out.pdf", &args));
        office.run(
            "pdftoppm",
            &["-r", "200", "-png", "-singlefile", "out.pdf", "page"],
        );
        let read = office.run("zbarimg", &["-q", "--raw", "page.png"]);
        let read = String::from_utf8(read.stdout).unwrap();
        // OpenSSL leaves out the octet that keeps a high first bit from being a sign.
        assert_eq!(
            read.trim().to_lowercase().replace("/00", "/"),
            format!("https://v.example/{serial}?é")
        );
    }
}

const FORM: &str = "/AcroForm << /Fields [6 0 R 7 0 R 9 0 R] >>";
const FIELDS: [&str; 4] = [
    "<< /Type /Annot /Subtype /Widget /FT /Sig /T (buyer) /P 3 0 R /F 4 /Rect [170 120 20 60] >>",
    "<< /FT /Sig /T (seller) /Kids [8 0 R] >>",
    "<< /Type /Annot /Subtype /Widget /Parent 7 0 R /F 4 /Rect [180 60 280 160] /MK << /R 90 >> >>",
    "<< /Type /Annot /Subtype /Widget /FT /Sig /T (nowhere) /P 3 0 R /F 4 /Rect [0 0 0 0] >>",
];

#[test]
fn fields_of_the_document_show_nothing_or_break_earlier_signatures() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    let sheet = Sheet {
        page: "/Annots [6 0 R 8 0 R 9 0 R]",
        catalog: FORM,
        objects: &FIELDS,
        ..PLAIN
    };
    office.write("form.pdf", &sheet.pdf());
    let seal = ["--visible", "field", "--background", "#ffe0e0", "--field"];
    let into = |field| [&seal[..], &[field]].concat();
    let certify = [&into("seller")[..], &["--certify", "form-filling"]].concat();
    succeeded(&sign(&office, "form.pdf", "one.pdf", &certify));
    succeeded(&sign(&office, "one.pdf", "two.pdf", &into("buyer")));
    office.run("qpdf", &["--check", "two.pdf"]);
    assert_eq!(
        verified(&office, "two.pdf"),
        [(true, "form-filling".to_owned()), (true, "none".to_owned())]
    );
    // pdfsig does not see fields whose widget is an object apart.
    let judged = office.run("pdfsig", &["-nocert", "two.pdf"]);
    let judged = String::from_utf8(judged.stdout).unwrap();
    assert_eq!(judged.matches("Signature is Valid.").count(), 1, "{judged}");
    for page in shown(&office, "two.pdf", "") {
        // Upright in one; turned by its author in the other, so the strong line is at the bottom.
        assert_eq!(page.at(21, 200 - 90), [0x1f, 0x3a, 0x5f]);
        assert_eq!(page.at(166, 200 - 90), [0xff, 0xe0, 0xe0]);
        assert_eq!(page.at(230, 200 - 62), [0x1f, 0x3a, 0x5f]);
    }
    succeeded(&sign(
        &office,
        "form.pdf",
        "signed.pdf",
        &["--field", "nowhere"],
    ));
    for (input, args, why) in [
        (
            "form.pdf",
            &["--visible", "field", "--field", "nowhere"][..],
            "it has no extent",
        ),
        (
            "form.pdf",
            &["--visible", "field", "--field", "other"],
            "the document has no such field",
        ),
        (
            "form.pdf",
            &["--visible", "field"],
            "the document has no such field",
        ),
        (
            "signed.pdf",
            &["--visible", "field", "--field", "seller"],
            "its widget stands apart",
        ),
        (
            "form.pdf",
            &["--visible", "1:10,10,99,40", "--field", "buyer"],
            "it has its own place in the document",
        ),
        (
            "one.pdf",
            &["--visible", "1:10,10,99,40"],
            "certifies the document: a new visible signature field would break it",
        ),
    ] {
        let said = refused(&sign(&office, input, "no.pdf", args), 65);
        assert!(said.contains(why), "{args:?}: {said}");
        assert!(!office.path("no.pdf").exists());
    }
}

#[test]
fn nobody_is_told_that_a_reader_may_hide_the_seal() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    for (form, warned) in [
        ("/AcroForm << /Fields [] /NeedAppearances true >>", true),
        ("/AcroForm << /Fields [] /NeedAppearances false >>", false),
    ] {
        let sheet = Sheet {
            catalog: form,
            ..PLAIN
        };
        office.write("form.pdf", &sheet.pdf());
        let seen = ["--visible", "1:10,10,99,40"];
        for (args, expected) in [(&seen[..], warned), (&[][..], false)] {
            let output = sign(&office, "form.pdf", "out.pdf", args);
            succeeded(&output);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(said.contains("NeedAppearances"), expected, "{form}: {said}");
        }
    }
}

/// 4 by 4 points, half transparent red, by a PNG writer of another's making.
fn png(office: &Office, name: &str, args: &[&str]) {
    let mut all = vec!["create", "-o", "plain.pdf", "page.txt"];
    office.write(
        "page.txt",
        b"%%MediaBox 0 0 40 40\n1 0 0 rg 5 5 20 20 re f\n",
    );
    office.run("mutool", &all);
    all = vec!["draw", "-q", "-o", name];
    all.extend(args);
    all.push("plain.pdf");
    office.run("mutool", &all);
}

#[test]
fn archives_get_transparency_that_their_rules_forbid() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    png(&office, "stamp.png", &["-c", "rgba", "-r", "144"]);
    office.write(
        "pale.svg",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9' fill-opacity='.5'/></svg>",
    );
    for part in [1, 2] {
        let xmp = format!(
            "<< /Type /Metadata /Subtype /XML /Length {} >>\nstream\n<x xmlns:pdfaid='n'><pdfaid:part>{part}</pdfaid:part></x>\nendstream",
            "<x xmlns:pdfaid='n'><pdfaid:part>1</pdfaid:part></x>".len()
        );
        let sheet = Sheet {
            catalog: "/Metadata 6 0 R",
            objects: &[&xmp],
            ..PLAIN
        };
        office.write("archive.pdf", &sheet.pdf());
        let with = |image| ["--visible", "1:10,10,150,60", "--image", image];
        succeeded(&sign(&office, "archive.pdf", "out.pdf", &with("stamp.png")));
        let objects = office.run(
            "qpdf",
            &["--qdf", "--object-streams=disable", "out.pdf", "-"],
        );
        let objects = String::from_utf8_lossy(&objects.stdout).into_owned();
        let says = |key: &str| objects.contains(key);
        assert!(
            says("/ICCBased") && !says("/DeviceRGB"),
            "colours depend on a device"
        );
        assert_eq!(says("/SMask"), part == 2);
        assert_eq!(
            says("/Group") && says("/Transparency"),
            part == 2 && says("/Transparency")
        );
        let svg = sign(&office, "archive.pdf", "svg.pdf", &with("pale.svg"));
        match part {
            1 => {
                let said = refused(&svg, 65);
                assert!(
                    said.contains("PDF/A, which does not permit transparency"),
                    "{said}"
                );
            }
            _ => {
                succeeded(&svg);
            }
        }
    }
}

#[test]
fn preview_signs_or_shows_something_else() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    let args = [
        "contract.pdf",
        "--cert",
        "acme.pem",
        "--visible",
        "last:bottom-right,200,70",
        "--language",
        "fr",
        "--reason",
        "Test",
        "--preview",
        "seal.png",
    ];
    let before = office.names("");
    succeeded(&office.sign(&args).env_remove("SCEAU_PIN").output().unwrap());
    let mut after = office.names("");
    assert!(after.remove("seal.png"));
    assert_eq!(before, after);
    let png = office.read("seal.png");
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (600, 210));
    // Once more would replace it.
    let said = refused(&office.sign(&args).output().unwrap(), 73);
    assert!(said.contains("seal.png"), "{said}");
}

#[test]
fn images_of_strangers_exhaust_or_pass() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    png(&office, "good.png", &["-c", "rgb"]);
    let good = office.read("good.png");
    let mut huge = good.clone();
    huge[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    // The header's checksum, over type and content.
    let crc = crc32(&huge[12..29]);
    huge[29..33].copy_from_slice(&crc.to_be_bytes());
    office.write("huge.png", &huge);
    office.write("cut.png", &good[..good.len() / 2]);
    office.write("large.png", &[&good[..], &vec![0; 17 << 20]].concat());
    office.write("anim.gif", b"GIF89a\x01\0\x01\0");
    office.write("empty.png", b"");
    office.write("words.jpg", b"\xff\xd8\xff\xe0 no picture at all");
    let svg = |name: &str, inside: &str| {
        let open = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 9 9'>";
        office.write(name, format!("{open}{inside}</svg>").as_bytes());
    };
    svg(
        "file.svg",
        "<image href='/etc/passwd' width='9' height='9'/>",
    );
    svg(
        "net.svg",
        "<image xlink:href='http://a.example/x.png' width='9' height='9'/>",
    );
    svg("text.svg", "<text y='9'>Hello</text>");
    svg(
        "filter.svg",
        "<filter id='f'><feGaussianBlur stdDeviation='9999'/></filter><rect filter='url(#f)' width='9' height='9'/>",
    );
    svg(
        "deep.svg",
        &format!(
            "{}{}",
            "<g opacity='.9'>".repeat(20_000),
            "</g>".repeat(20_000)
        ),
    );
    svg(
        "nested.svg",
        &format!(
            "{}<rect width='1' height='1'/>{}",
            "<g opacity='.9'>".repeat(200),
            "</g>".repeat(200)
        ),
    );
    let uses: String = (1..30)
        .map(|n| {
            format!(
                "<g id='u{n}'>{}</g>",
                format!("<use href='#u{}'/>", n - 1).repeat(10)
            )
        })
        .collect();
    svg(
        "uses.svg",
        &format!("<g id='u0'><rect width='1' height='1'/></g>{uses}"),
    );
    let patterns: String = (1..12)
        .map(|n| {
            let inside = format!("<rect width='1' height='1' fill='url(#p{})'/>", n - 1).repeat(20);
            format!("<pattern id='p{n}' width='1' height='1'>{inside}</pattern>")
        })
        .collect();
    svg(
        "patterns.svg",
        &format!(
            "<pattern id='p0' width='1' height='1'><rect width='1' height='1'/></pattern>{patterns}<rect width='9' height='9' fill='url(#p11)'/>"
        ),
    );
    svg(
        "styled.svg",
        "<style>.a{fill:url(#p)}</style><pattern id='p' width='1' height='1'><g class='a'/></pattern><rect class='a' width='9' height='9'/>",
    );
    svg(
        "itself.svg",
        "<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>",
    );
    // Viewers draw each dash and each tile: minutes, or more memory than there is.
    svg(
        "dashes.svg",
        "<path stroke='black' stroke-dasharray='0.000001' d='M0 0 L1000000 9'/>",
    );
    svg(
        "tiles.svg",
        "<pattern id='p' width='.0001' height='.0001' patternUnits='userSpaceOnUse'><rect width='1' height='1'/></pattern><rect width='9' height='9' fill='url(#p)'/>",
    );
    svg(
        "import.svg",
        "<style>@import url('http://a.example/a.css');</style><rect width='9' height='9'/>",
    );
    let entities: String = (1..12)
        .map(|n| format!("<!ENTITY e{n} '{}'>", format!("&e{};", n - 1).repeat(10)))
        .collect();
    office.write(
        "laughs.svg",
        format!("<!DOCTYPE svg [<!ENTITY e0 'ha'>{entities}]><svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><title>&e11;</title></svg>").as_bytes(),
    );
    office.write("page.html", b"<html><body/></html>");
    for (image, exit, why) in [
        ("huge.png", 65, "it has 60000 by 60000 points"),
        ("cut.png", 65, "it is damaged"),
        ("large.png", 65, "longer than 16777216 bytes"),
        ("anim.gif", 65, "it is GIF, not PNG, JPEG or SVG"),
        ("empty.png", 65, "it is empty, not PNG, JPEG or SVG"),
        ("words.jpg", 65, "it is damaged"),
        ("file.svg", 65, "the SVG refers to \"/etc/passwd\""),
        (
            "net.svg",
            65,
            "the SVG refers to \"http://a.example/x.png\"",
        ),
        ("text.svg", 65, "the SVG contains <text>"),
        ("filter.svg", 65, "the SVG contains <filter>"),
        ("deep.svg", 65, "nested too deep"),
        ("nested.svg", 65, "nested too deep"),
        ("uses.svg", 65, "its parts are used too often"),
        ("patterns.svg", 65, "its parts are used too often"),
        ("styled.svg", 65, "a style sheet that refers to a <pattern>"),
        ("itself.svg", 65, "a part of it contains itself"),
        ("dashes.svg", 65, "it would take too long to draw"),
        ("tiles.svg", 65, "it would take too long to draw"),
        ("import.svg", 65, "a style sheet that imports another"),
        ("laughs.svg", 65, "its entities stand for too much"),
        ("page.html", 65, "it is XML, not PNG, JPEG or SVG"),
        ("none.png", 74, "none.png"),
    ] {
        let args = ["--visible", "1:10,10,150,60", "--image", image];
        let output = sign(&office, "contract.pdf", "no.pdf", &args);
        let said = refused(&output, exit);
        assert!(said.contains(why), "{image}: {said}");
        assert!(!office.path("no.pdf").exists(), "{image}");
    }
}

#[test]
fn wrong_places_and_texts_are_signed_all_the_same() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    office.write("font.ttf", b"no font");
    let long = "word ".repeat(400);
    for (args, exit, why) in [
        (&["--visible", "9:10,10,99,40"][..], 65, "page 9"),
        (
            &["--visible", "1:500,10,200,40"],
            65,
            "the box 500,10,200,40 is not on page 1",
        ),
        (
            &["--visible", "1:-1,10,20,40"],
            65,
            "the box -1,10,20,40 is not on page 1",
        ),
        (&["--visible", "1:10,10,4,4"], 65, "nobody could read it"),
        (
            &["--visible", "1:10,10,99,40", "--text", &long],
            65,
            "even at 5 points",
        ),
        (
            &[
                "--visible",
                "1:10,10,30,40",
                "--text",
                "Donaudampfschifffahrtsgesellschaft",
            ],
            65,
            "even at 5 points",
        ),
        (
            &["--visible", "1:10,10,99,40", "--text", ""],
            65,
            "there is nothing to draw",
        ),
        (
            &["--visible", "1:10,10,99,40", "--text", "by {nom}"],
            64,
            "there is no field {nom}",
        ),
        (
            &["--visible", "1:10,10,99,40", "--text", "\u{10ffff}"],
            65,
            "no font has the character",
        ),
        (
            &["--visible", "1:10,10,40,40", "--qr", &long[..900]],
            65,
            "cannot be read",
        ),
        (
            &["--visible", "1:10,10,99,40", "--font", "font.ttf"],
            65,
            "it is not a font",
        ),
    ] {
        let said = refused(&sign(&office, "contract.pdf", "no.pdf", args), exit);
        assert!(said.contains(why), "{args:?}: {said}");
        assert!(!office.path("no.pdf").exists(), "{args:?}");
    }
    let args = [
        "notes.txt",
        "--key",
        "acme.p12",
        "--visible",
        "1:10,10,99,40",
    ];
    let said = refused(&office.sign(&args).output().unwrap(), 64);
    assert!(
        said.contains("--visible does not apply to notes.txt"),
        "{said}"
    );
    // A whole batch shares image and fonts; each document has its own place.
    fs::create_dir(office.path("in")).unwrap();
    for name in ["a", "b", "c"] {
        fs::copy(
            office.path("contract.pdf"),
            office.path(format!("in/{name}.pdf")),
        )
        .unwrap();
    }
    let args = [
        "in",
        "--out-dir",
        "out",
        "--key",
        "acme.p12",
        "--visible",
        "last:top-right,150,50",
    ];
    succeeded(&office.sign(&args).output().unwrap());
    for name in ["a", "b", "c"] {
        assert_eq!(
            verified(&office, &format!("out/{name}.signed.pdf")),
            [(true, "none".to_owned())]
        );
    }
}

#[test]
fn looks_of_the_settings_file_are_not_taken() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    office.write(
        "etc/emblem.svg",
        b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><circle cx='4' cy='4' r='4'/></svg>",
    );
    office.write(
        "etc/sceau.toml",
        b"[[visible]]\nlanguage = 'fr'\nimage = 'emblem.svg'\ntime-zone = '+01:00'\nfont-size = 9\ncolour = 'navy'\n\
          [[visible]]\nname = 'invoice'\ntext = 'Invoice of {name}'\n",
    );
    let settings = [
        "--settings",
        "etc/sceau.toml",
        "--visible",
        "1:20,20,220,75",
    ];
    for (more, said) in [
        (&[][..], "UTC+01:00"),
        (&[], "Signé électroniquement par"),
        (&["--look", "invoice"], "Invoice of"),
        (&["--language", "en"], "Electronically signed by"),
        (&["--look", "invoice", "--text", "Mine"], "Mine"),
    ] {
        let args = [&settings[..], more].concat();
        succeeded(&sign(&office, "contract.pdf", "out.pdf", &args));
        let text = office.run("pdftotext", &["out.pdf", "-"]);
        let text = String::from_utf8(text.stdout).unwrap();
        assert!(text.contains(said), "{more:?}: {text}");
    }
    let args = [&settings[..], &["--look", "letter"]].concat();
    let said = refused(&sign(&office, "contract.pdf", "no.pdf", &args), 64);
    assert!(said.contains("the settings file has invoice"), "{said}");
    for (wrong, why) in [
        ("[[visible]]\n[[visible]]\n", "two [[visible]] have no name"),
        (
            "[[visible]]\ncolour = 'mauve'\n",
            "\"mauve\" is not a colour",
        ),
        ("[[visible]]\ntime-zone = 'Paris'\n", "no offset from UTC"),
        ("[[visible]]\nimages = 'x'\n", "images"),
    ] {
        office.write("etc/sceau.toml", wrong.as_bytes());
        let output = sign(&office, "contract.pdf", "no.pdf", &settings);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains(why), "{said}");
    }
}

/// ISO 3309, as PNG has it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    };
    !bytes.iter().fold(!0, step)
}
