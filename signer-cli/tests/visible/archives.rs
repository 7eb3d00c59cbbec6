//! Colours and transparency in PDF/A.

use crate::common::{Office, refused, succeeded, there};
use crate::pages::{PLAIN, Sheet};
use crate::tools::{TOOLS, png, sign};

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
