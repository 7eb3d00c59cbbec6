use super::c14n::Canonicalization;
use super::*;

fn parse_error(xml: &str) -> Option<XmlError> {
    let limits = Limits::default();
    let text = match Text::new(xml.as_bytes(), &limits) {
        Ok(text) => text,
        Err(e) => return Some(e),
    };
    text.parse(&limits).err()
}

#[test]
fn what_could_deceive_or_exhaust_is_refused() {
    let malformed = |xml: &str| matches!(parse_error(xml), Some(XmlError::Malformed(_)));
    assert_eq!(parse_error("<a><b Id='1'/><c ID='2'/></a>"), None);
    assert_eq!(
        parse_error("<a><b Id='1'/><c xml:id='1'/></a>"),
        Some(XmlError::DuplicateId("1".into()))
    );
    assert_eq!(
        parse_error("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"),
        Some(XmlError::Dtd)
    );
    assert_eq!(
        parse_error("<?xml version='1.1'?><a/>"),
        Some(XmlError::Version)
    );
    assert_eq!(
        parse_error("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"),
        Some(XmlError::Encoding)
    );
    assert!(malformed("<a>&b;</a>"));
    assert!(malformed("<a xmlns:b='u:c'><d xmlns:b=''/></a>"));
    assert!(malformed("<a xmlns:b='c'/>"));
    assert!(malformed("<a xmlns='../c'/>"));
    assert!(malformed("\u{feff}\u{feff}<a/>"));
    assert!(malformed("<a b='1' b='2'/>"));
    assert!(malformed("<a/><b/>"));
    assert!(malformed("<a>"));
}

#[test]
fn hostile_documents_are_refused_before_they_cost_anything() {
    let limited = |xml: String| matches!(parse_error(&xml), Some(XmlError::Limit { .. }));
    let many = |n: usize, one: fn(usize) -> String| (0..n).map(one).collect::<String>();
    let started = std::time::Instant::now();
    assert!(limited(format!(
        "<a {}/>",
        many(1_000_000, |i| format!("b{i}='' "))
    )));
    assert!(limited(format!(
        "<a {}/>",
        many(100_000, |i| format!("xmlns:b{i} = 'u{i}' "))
    )));
    assert!(limited("<a>".repeat(1_000_000)));
    assert!(limited(format!("<r>{}</r>", "<a/>".repeat(700_000))));
    // Namespaces that every element hands down to its children.
    let deep = many(99, |i| format!("<a xmlns:p{i}='u{i}'>"));
    assert!(limited(deep));
    let wide = format!(
        "<r {}>{}</r>",
        many(49, |i| format!("xmlns:p{i}='u{i}' ")),
        "<a xmlns:q='q'/>".repeat(200_000)
    );
    assert!(limited(wide));
    assert!(limited("x".repeat(33 << 20)));
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

#[test]
fn a_comment_does_not_cut_a_value() {
    let limits = Limits::default();
    let source = Text::new(b"<a>good<!-- -->.evil</a>", &limits).unwrap();
    let document = source.parse(&limits).unwrap();
    assert_eq!(text(document.root_element()).as_deref(), Some("good.evil"));
}

proptest::proptest! {
    #[test]
    fn canonical_form_of_the_canonical_form_is_itself(
        shape in proptest::collection::vec((0_u8..6, 0_u8..8), 0..40),
        method in 0_usize..3,
    ) {
        let xml = document(&shape);
        let uri = [
            "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
            "http://www.w3.org/2006/12/xml-c14n11",
        ][method];
        let how = Canonicalization::from_uri(uri).unwrap();
        let limits = Limits::default();
        let once = {
            let text = Text::new(xml.as_bytes(), &limits).unwrap();
            how.to_vec(text.parse(&limits).unwrap().root(), None).unwrap()
        };
        let text = Text::new(&once, &limits).unwrap();
        let twice = how.to_vec(text.parse(&limits).unwrap().root(), None).unwrap();
        proptest::prop_assert_eq!(String::from_utf8_lossy(&twice), String::from_utf8_lossy(&once));
    }
}

/// A document of any shape: nested elements, namespaces declared, taken back and used.
fn document(shape: &[(u8, u8)]) -> String {
    let mut out = String::from("<?x before?><r xmlns:a='urn:1' xmlns='urn:d'>");
    let mut open = Vec::new();
    for (what, which) in shape {
        match what {
            0 => {
                let tag = ["e", "a:e", "b:e xmlns:b='urn:2'", "e xmlns=''"][usize::from(which % 4)];
                out.push_str(&format!("<{tag} z='&#13;&lt;\n' a:y=\"&quot;'>\">"));
                open.push(tag.split(' ').next().unwrap());
            }
            1 => {
                if let Some(tag) = open.pop() {
                    out.push_str(&format!("</{tag}>"));
                }
            }
            2 => out.push_str("<a:leaf xmlns:a='urn:3' xmlns:unused='urn:4' xml:lang='fr'/>"),
            3 => out.push_str("<![CDATA[<&>]]>&#xD;&amp;\r\n"),
            4 => out.push_str("<!-- a comment --><?pi  with value?>"),
            _ => out.push_str("text ]]&gt; é"),
        }
    }
    while let Some(tag) = open.pop() {
        out.push_str(&format!("</{tag}>"));
    }
    out.push_str("</r><!-- after -->");
    out
}
