//! Images that somebody sent.

use crate::common::{Office, refused, there};
use crate::tools::{TOOLS, png, sign};

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

/// ISO 3309, as PNG has it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    };
    !bytes.iter().fold(!0, step)
}
