//! Updates that change what is shown, openly or under the name of metadata.

use crate::world::{Attack, EVIL, World, document, update};

#[test]
fn an_update_that_changes_what_is_shown_never_passes() {
    let world = World::new();
    let signed = world.sign(&document(&[], ""), None);
    let page = |contents: &str| {
        format!(
            "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> /Contents {contents} /Annots 8 0 R>>"
        )
    };
    let free_text = "<</Type /Annot /Subtype /FreeText /Rect [0 0 300 200] /DA (/F1 12 Tf) /Contents (I owe you 999)>>";
    let cases: &[Attack<'_>] = &[
        ("the content stream replaced", &[(4, EVIL)], ""),
        (
            "the page shows another stream",
            &[(3, &page("50 0 R")), (50, EVIL)],
            "",
        ),
        (
            "a stream added to the page",
            &[(3, &page("[4 0 R 50 0 R]")), (50, EVIL)],
            "",
        ),
        (
            "a comment over the text",
            &[(8, "[9 0 R 50 0 R]"), (50, free_text)],
            "",
        ),
        (
            "a comment that calls itself a signature field",
            &[
                (8, "[9 0 R 50 0 R]"),
                (
                    50,
                    "<</Type /Annot /Subtype /FreeText /FT /Sig /T (x) /Rect [0 0 300 200] /Contents (999)>>",
                ),
            ],
            "",
        ),
        (
            "a picture as the widget of a signature that nobody made",
            &[
                (6, "[9 0 R 50 0 R]"),
                (8, "[9 0 R 50 0 R]"),
                (
                    50,
                    "<</Type /Annot /Subtype /Widget /FT /Sig /T (x) /Rect [0 0 300 200] /P 3 0 R /AP <</N 51 0 R>>>>",
                ),
                (51, EVIL),
            ],
            "",
        ),
        (
            "a signature field with a script",
            &[
                (6, "[9 0 R 50 0 R]"),
                (
                    50,
                    "<</FT /Sig /T (x) /AA <</O <</S /JavaScript /JS (0)>>>>>>",
                ),
            ],
            "",
        ),
        (
            "a page put first that calls itself a signature field",
            &[
                (7, "[50 0 R 3 0 R]"),
                (
                    50,
                    "<</Type /Page /FT /Sig /T (x) /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 51 0 R>>",
                ),
                (51, EVIL),
            ],
            "",
        ),
        (
            "the page tree replaced",
            &[
                (2, "<</Type /Pages /Kids [50 0 R] /Count 1>>"),
                (50, &page("51 0 R")),
                (51, EVIL),
            ],
            "",
        ),
        (
            "a script on opening",
            &[(
                1,
                "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Metadata 10 0 R /OpenAction <</S /JavaScript /JS (0)>>>>",
            )],
            "",
        ),
        (
            "another catalog",
            &[
                (50, "<</Type /Catalog /Pages 51 0 R>>"),
                (51, "<</Type /Pages /Kids [] /Count 0>>"),
            ],
            "/Root 50 0 R",
        ),
        (
            "a page changed beside a document security store",
            &[
                (
                    1,
                    "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Metadata 10 0 R /DSS 60 0 R>>",
                ),
                (60, "<</Certs []>>"),
                (4, EVIL),
            ],
            "",
        ),
        (
            "a document security store that takes in the page",
            &[
                (
                    1,
                    "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Metadata 10 0 R /DSS 60 0 R>>",
                ),
                (60, "<</Certs [3 0 R]>>"),
            ],
            "",
        ),
        (
            "the document encrypted afterwards",
            &[(60, "<</Filter /Standard /V 1>>")],
            "/Encrypt 60 0 R",
        ),
        (
            "the title changed",
            &[(60, "<</Title (Receipt)>>")],
            "/Info 60 0 R",
        ),
        ("a field removed", &[(6, "[]")], ""),
    ];
    for (what, objects, trailer) in cases {
        world.refused(what, &update(&signed, objects, trailer));
    }
}

#[test]
fn what_a_prepared_document_calls_metadata_cannot_be_changed_as_metadata() {
    let world = World::new();
    let evil_page = "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> /Contents 50 0 R /Annots 8 0 R /Producer (x)>>";
    let prepared =
        |replace: &[(u32, &str)], trailer: &str| world.sign(&document(replace, trailer), None);
    let cases = [
        (
            "the page is the document information",
            update(
                &prepared(&[], "/Info 3 0 R"),
                &[(3, evil_page), (50, EVIL)],
                "/Info 3 0 R",
            ),
        ),
        (
            "the page is part of the document security store",
            update(
                &prepared(
                    &[(
                        1,
                        "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /DSS <</VRI <</X 3 0 R>>>>>>",
                    )],
                    "",
                ),
                &[(3, evil_page), (50, EVIL)],
                "",
            ),
        ),
        (
            "the content stream is the metadata",
            update(
                &prepared(
                    &[
                        (
                            1,
                            "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Metadata 4 0 R>>",
                        ),
                        (
                            4,
                            "<</Type /Metadata /Subtype /XML /Length 34>>\nstream\nBT /F1 12 Tf (I owe you 100) Tj ET \nendstream",
                        ),
                    ],
                    "",
                ),
                &[(
                    4,
                    "<</Type /Metadata /Subtype /XML /Length 34>>\nstream\nBT /F1 12 Tf (I owe you 999) Tj ET \nendstream",
                )],
                "",
            ),
        ),
        (
            "the document referred to an object that was not there",
            update(
                &prepared(
                    &[(
                        3,
                        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> /Contents [4 0 R 99 0 R] /Annots 8 0 R>>",
                    )],
                    "",
                ),
                &[(99, EVIL)],
                "",
            ),
        ),
    ];
    for (what, bytes) in cases {
        world.refused(what, &bytes);
    }
}
