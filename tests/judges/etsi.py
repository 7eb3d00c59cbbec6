"""Validation reports of TS 119 102-2, read with lxml and held against the JSON report of the same file.

Called with the folder of the schemas and a folder of pairs NAME.xml and NAME.json. Prints one line for each thing that is wrong.
"""

import base64
import itertools
import json
import pathlib
import sys

from lxml import etree

VR = "{http://uri.etsi.org/19102/v1.4.1#}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
LONG_TERM = {"pdf-b-lta", "pdf-two", "cms-detached", "asic-s", "asic-e"}
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
        stamps = [e for e in one.iterfind(VR + "SignatureAttributes/*") if "TimeStamp" in e.tag]
        times = sorted(e.findtext(VR + "TimeStampValue") for e in stamps)
        if times != sorted(t["time"] for t in expected.get("timestamps", []) + expected.get("contentTimestamps", [])):
            yield f"{expected['id']}: time-stamps of {times}"
        texts = [e.text or "" for e in one.iter(VR + "Value")]
        for message in expected["errors"] + expected["warnings"]:
            if not any(t.startswith(message["code"] + ": ") for t in texts):
                yield f"{expected['id']}: {message['code']} is not told"


def since(path, root, said):
    """What is said to prove that things existed (POE, POEProvisioning), and that it fits together."""
    # The reports of one file were made one after the other.
    now = root.findtext(f"{VR}SignatureValidationReport/{VR}ValidationTimeInfo/{VR}ValidationTime")
    objects = {e.get("id"): e for e in root.iter(VR + "ValidationObject") if e.get("id")}
    signatures = {e.get("id") for e in root.iter(VR + "SignatureIdentifier")}
    if set(objects) & signatures:
        yield "an object and a signature have one identifier"
    for name, element in objects.items():
        poe = element.find(VR + "POE")
        proof = poe.find(VR + "POEObject")
        time = poe.findtext(VR + "POETime")
        if proof is None:
            if time != now:
                yield f"{name}: known since {time}, by nothing"
            continue
        by = objects[proof.get("VOReference")]
        if by.findtext(VR + "ObjectType").rsplit(":", 1)[1] not in ("timestamp", "evidencerecord"):
            yield f"{name}: proven by what proves nothing"
        given = by.find(VR + "POEProvisioning")
        # A token that a later one of its record renews is proven by that one.
        own = by.findtext(VR + "POE/" + VR + "POETime")
        if given is None or given.findtext(VR + "POETime") != time:
            yield f"{name}: proven by {by.get('id')}, which proves nothing or another time ({own})"
        elif name not in [e.get("VOReference") for e in given.findall(VR + "ValidationObject")]:
            yield f"{name}: {by.get('id')} does not name it"
        if time > now:
            yield f"{name}: known since {time}, which is later than {now}"
    for element in objects.values():
        passed = element.findtext(f"{VR}ValidationReport/{VR}SignatureValidationStatus/{VR}MainIndication")
        if (passed == f"{URN}mainindication:passed") != (element.find(VR + "POEProvisioning") is not None):
            yield f"{element.get('id')}: {passed}, and does it prove anything?"
        for one in element.findall(f"{VR}POEProvisioning/{VR}ValidationObject"):
            proof = objects[one.get("VOReference")].find(f"{VR}POE/{VR}POEObject")
            if proof is None or proof.get("VOReference") != element.get("id"):
                yield f"{element.get('id')} claims to prove {one.get('VOReference')}"
    for one, expected in zip(root.findall(VR + "SignatureValidationReport"), said["signatures"] + said["evidenceRecords"]):
        best = one.find(f"{VR}ValidationTimeInfo/{VR}BestSignatureTime")
        proven = expected.get("bestSignatureTime") or expected.get("provenTime")
        if bool(proven) != (best.find(VR + "POEObject") is not None):
            yield f"{expected['id']}: proven by {proven}, and by what?"
    # What long-term signatures bring along is proven by the time-stamps over it, but for those of the last one.
    if path.stem in LONG_TERM:
        one = root.find(VR + "SignatureValidationReport")
        data = one.find(f"{VR}SignatureValidationStatus/{VR}AssociatedValidationReportData")
        used = [e.get("VOReference") for e in data.iter() if e.get("VOReference")]
        used = [objects[u] for u in used if u in objects]
        kinds = {"certificate": 0, "CRL": 0, "OCSPResponse": 0}
        for element in used:
            kind = element.findtext(VR + "ObjectType").rsplit(":", 1)[1]
            if kind in kinds and element.find(f"{VR}POE/{VR}POEObject") is not None:
                kinds[kind] += 1
        if not kinds["certificate"] or not kinds["CRL"] + kinds["OCSPResponse"]:
            yield f"nothing proves its certificates and revocation data: {kinds}"


def policy(root, said):
    """The validation policy by its name and digest."""
    wanted = said["validationPolicy"]
    names = [e.text for e in root.iter(VR + "PolicyName")]
    if len(names) != len(root.findall(VR + "SignatureValidationReport")) and said["signatures"]:
        yield f"{len(names)} policies"
    for element in root.iter(VR + "SignatureValidationPolicy"):
        digest = base64.b64decode(element.findtext(f".//{DS}DigestValue")).hex()
        name = element.findtext(VR + "PolicyName")
        if digest != wanted["sha256"] or not name.startswith(wanted["name"] or wanted["source"]):
            yield f"policy {name} {digest}"
        if (", revocation " in name) != (wanted["revocation"] is not None):
            yield f"policy {name}, and {wanted['revocation']} was asked"


def quality(root, said):
    """What trusted lists say is there where they were asked, of signatures and of time-stamps."""
    for one, expected in zip(root.findall(VR + "SignatureValidationReport"), said["signatures"]):
        told = one.findtext(f"{VR}SignatureQuality/{VR}SignatureQualityInformation")
        lists = ((expected["signer"] or {}).get("qualified") or {}).get("trustedList")
        if (told is None) != (lists is None):
            yield f"{expected['id']}: {told}, and lists say {lists}"
    objects = [e for e in root.iter(VR + "ValidationObject") if e.get("id")]
    stamps = [e for e in objects if e.findtext(VR + "ObjectType").endswith(":timestamp")]
    told = {e.findtext(f".//{VR}SignatureQualityInformation") for e in stamps}
    wanted = {(t["qualified"] or {}).get("qualified") for s in said["signatures"] for t in s["timestamps"] + s["contentTimestamps"]}
    words = {"yes": "QTSA", "no": "TSA", "indeterminate": "notApplicable"}
    if said["signatures"] and told != {w and "urn:cef:dss:timestampQualification:" + words[w] for w in wanted}:
        yield f"time-stamps are {told}, and lists say {wanted}"


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
    seen = set()
    for path in sorted(pairs.glob("*.xml")):
        report = etree.parse(path, strict)
        if not schema.validate(report):
            print(f"{path.stem}: {schema.error_log.last_error}")
        said = json.loads(path.with_suffix(".json").read_text())
        root = report.getroot()
        found = [problems(report, said), since(path, root, said), policy(root, said), quality(root, said)]
        for problem in itertools.chain(*found):
            print(f"{path.stem}: {problem}")
        seen.add(path.stem)
    for name in LONG_TERM - seen:
        print(f"{name}: not there")


if __name__ == "__main__":
    main()
