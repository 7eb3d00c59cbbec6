"""Validation reports of TS 119 102-2, read with lxml and held against the JSON report of the same file.

Called with the folder of the schemas and a folder of pairs NAME.xml and NAME.json. Prints one line for each thing that is wrong.
"""

import json
import pathlib
import sys

from lxml import etree

VR = "{http://uri.etsi.org/19102/v1.4.1#}"
URN = "urn:etsi:019102:"
NO_SIGNATURE = "urn:cef:dss:mainindication:noSignatureFound"


def problems(report, said):
    """What of the XML is not what the JSON says."""
    root = report.getroot()
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    if len(ids) != len(set(ids)):
        yield "an identifier stands twice"
    known = set(ids)
    for element in root.iter():
        for name in (element.get("VOReference") or "").split():
            if name not in known:
                yield f"{element.tag} refers to {name}, which is not there"
    found = root.findall(VR + "SignatureValidationReport")
    signatures = said["signatures"] + said["evidenceRecords"]
    if not signatures:
        main = [e.text for e in root.iter(VR + "MainIndication")]
        if main != [NO_SIGNATURE]:
            yield f"no signature, and {main}"
        return
    if len(found) != len(signatures):
        yield f"{len(found)} reports for {len(signatures)} signatures"
        return
    for one, expected in zip(found, signatures):
        status = one.find(VR + "SignatureValidationStatus")
        main = status.findtext(VR + "MainIndication")
        if main != f"{URN}mainindication:{expected['indication'].lower()}":
            yield f"{expected['id']}: {main}, not {expected['indication']}"
        subs = [e.text for e in status.findall(VR + "SubIndication")]
        sub = expected["subIndication"]
        if subs != ([f"{URN}subindication:{sub}"] if sub else []):
            yield f"{expected['id']}: {subs}, not {sub}"
        if one.findtext(f"{VR}SignatureIdentifier/{VR}DAIdentifier") != expected["id"]:
            yield f"{expected['id']}: not in its place"
        signer = one.findtext(f"{VR}SignerInformation/{VR}Signer")
        wanted = (expected.get("signer") or {}).get("subject")
        if signer != wanted and not (wanted and "\ufffd" in signer):
            yield f"{expected['id']}: by {signer!r}, not {wanted!r}"
        best = one.find(f"{VR}ValidationTimeInfo/{VR}BestSignatureTime")
        proven = expected.get("bestSignatureTime") or expected.get("provenTime")
        if proven and best.findtext(VR + "POETime") != proven:
            yield f"{expected['id']}: best signature time is not {proven}"
        stamps = [e for e in one.find(VR + "SignatureAttributes") or [] if "TimeStamp" in e.tag]
        times = sorted(e.findtext(VR + "TimeStampValue") for e in stamps)
        if times != sorted(t["time"] for t in expected.get("timestamps", [])):
            yield f"{expected['id']}: time-stamps of {times}"
        texts = [e.text or "" for e in one.iter(VR + "Value")]
        for message in expected["errors"] + expected["warnings"]:
            if not any(t.startswith(message["code"] + ": ") for t in texts):
                yield f"{expected['id']}: {message['code']} is not told"


def main():
    folder = pathlib.Path(sys.argv[1])
    pairs = pathlib.Path(sys.argv[2])
    local = {
        "xmldsig-core-schema.xsd": "specs-xmldsig/xmldsig-core-schema.xsd",
        "xml.xsd": "specs-xmldsig/xml.xsd",
        "XAdES.xsd": "specs-xades/XAdES01903v132-202407.xsd",
        "ts_119612v020201_201601xsd.xsd": "specs-trusted-list/ts_119612v020401_xsd.xsd",
    }

    class Local(etree.Resolver):
        def resolve(self, url, public_id, context):
            name = local.get(url.rsplit("/", 1)[-1])
            return self.resolve_filename(str(folder / name), context) if name else None

    parser = etree.XMLParser(no_network=True, load_dtd=False)
    parser.resolvers.add(Local())
    schema = etree.XMLSchema(
        etree.parse(folder / "specs-validation-report/1910202xmlSchema.xsd", parser)
    )
    strict = etree.XMLParser(no_network=True, resolve_entities=False, huge_tree=False)
    for path in sorted(pairs.glob("*.xml")):
        report = etree.parse(path, strict)
        if not schema.validate(report):
            print(f"{path.stem}: {schema.error_log.last_error}")
        said = json.loads(path.with_suffix(".json").read_text())
        for problem in problems(report, said):
            print(f"{path.stem}: {problem}")


if __name__ == "__main__":
    main()
