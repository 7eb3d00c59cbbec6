//! Where a seal stands on a page, whichever way the page is turned.

use crate::common::{Office, succeeded, there};
use crate::pages::{PLAIN, Sheet};
use crate::tools::{TOOLS, shown, sign};

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
