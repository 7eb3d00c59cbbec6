//! Looks that the settings file describes.

use crate::common::{Office, refused, succeeded, there};
use crate::tools::{TOOLS, sign};

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
