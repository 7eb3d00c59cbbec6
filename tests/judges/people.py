"""Reports for people: HTML read by html5lib as strictly as it can, text of PDFs beside it.

Called with a folder of NAME.html, NAME.json and NAME.txt (of the PDF). Prints one line for each thing that is wrong.
"""

import json
import pathlib
import re
import sys

import html5lib

FORBIDDEN = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "svg", "video", "audio", "source", "template"}
# Words that no French sentence has; names and what else comes from elsewhere is taken out before.
ENGLISH = re.compile(r"(?<![\w./:-])(the|is|was|were|are|its|by|and|not|with|which|that|from|of|to|nothing|yes|known|file|judged|signed)(?![\w./:-])", re.I)
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def foreign(value, key=""):
    """Whatever the report took over from others: names, files, addresses, quotations."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from foreign(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from foreign(inner, key)
    elif isinstance(value, str) and key not in ("message", "hint", "description", "reasons", "problem", "covers"):
        yield value


def without(text, names):
    """The text without names; those that were cut or cleaned are taken out by their words."""
    for name in sorted(set(names), key=len, reverse=True):
        if " " in name.strip():
            text = text.replace(" ".join(re.sub(r"[\x00-\x1f\x7f]", "\ufffd", name).split()), " ")
    text = re.sub(r'"[^"]*"|«[^»]*»|https?://\S+|\b[A-Za-z]+=[^,:;()]*', " ", text)
    return text


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def problems(path):
    source = path.read_bytes().decode("utf-8")
    parser = html5lib.HTMLParser(
        html5lib.getTreeBuilder("lxml"), strict=False, namespaceHTMLElements=False
    )
    root = parser.parse(source).getroot()
    for _, code, _ in parser.errors:
        yield f"html5lib: {code}"
    for element in root.iter():
        if not isinstance(element.tag, str):
            yield "a comment"
            continue
        if element.tag in FORBIDDEN:
            yield f"<{element.tag}>"
        for name, value in element.attrib.items():
            if name.startswith("on") or name in ("src", "href", "style", "action"):
                yield f"{name}={value!r}"
    if root.get("lang") != "fr":
        yield f"lang is {root.get('lang')}"
    if len(root.findall(".//h1")) != 1 or root.find(".//main") is None:
        yield "no single heading, or no main part"
    if "url(" in source or "@import" in source or "http://" in source.split("</style>")[0]:
        yield "something would be fetched"
    if BIDI.search(source):
        yield "marks of direction"
    said = json.loads(path.with_suffix(".json").read_text())
    seen = text_of(root)
    pdf = " ".join(path.with_suffix(".txt").read_text().split())
    pdf_letters = re.sub(r"\s", "", pdf)
    headings = [text_of(h) for h in root.findall(".//h2")]
    signatures = said["signatures"] + said["evidenceRecords"]
    for one, heading in zip(signatures, headings, strict=False):
        for word in filter(None, (one["id"], one["indication"], one["subIndication"])):
            if word not in heading:
                yield f"{word} is not in {heading!r}"
        if one["errors"] and "Ce qui y changerait" not in seen:
            yield "it does not say what would change it"
    for heading in headings:
        if re.sub(r"[\s\ufffd]", "", heading) not in re.sub("\ufffd", "", pdf_letters):
            yield f"{heading!r} is not in the PDF"
    names = list(foreign(said))
    labels = [text_of(e) for e in root.iter("dt", "h1", "footer")]
    for text in labels + [text_of(e) for e in root.iter("dd", "h2", "p")]:
        left = without(text, names)
        if ENGLISH.search(left):
            yield f"in English: {left[:300]!r}"
    if "<b>" in seen and "<b>" not in json.dumps(said, ensure_ascii=False):
        yield "markup"


def main():
    pages = sorted(pathlib.Path(sys.argv[1]).glob("*.html"))
    if not pages:
        print("no pages")
    for path in pages:
        for problem in problems(path):
            print(f"{path.stem}: {problem}")


if __name__ == "__main__":
    main()
