"""Prints what the signers of a CMS file declare, decoded with asn1crypto, pyHanko's CAdES types and the
syntax of EN 319 122-1 for the rest."""

import json
import sys

from asn1crypto import cms, core, x509
from pyhanko.sign.ades import cades_asn1


class Lines(core.SequenceOf):
    _child_spec = x509.DirectoryString


class Location(core.Sequence):
    _fields = [
        ("country", x509.DirectoryString, {"explicit": 0, "optional": True}),
        ("locality", x509.DirectoryString, {"explicit": 1, "optional": True}),
        ("address", Lines, {"explicit": 2, "optional": True}),
    ]


class Hints(core.Sequence):
    _fields = [("description", core.UTF8String, {"optional": True}), ("type", core.ObjectIdentifier)]


class Reference(core.Sequence):
    _fields = [("type", core.ObjectIdentifier), ("identifier", core.OctetString), ("signature", core.OctetString)]


class Specification(core.Choice):
    _alternatives = [("oid", core.ObjectIdentifier), ("uri", core.IA5String)]


class Store(core.Sequence):
    _fields = [("specification", Specification), ("document", core.OctetString)]


PREFIX = "1.2.840.113549.1.9.16.2."
KNOWN = {
    PREFIX + "4": ("hints", Hints),
    PREFIX + "7": ("identifier", core.OctetString),
    PREFIX + "10": ("reference", Reference),
    PREFIX + "15": ("policy", cades_asn1.SignaturePolicyIdentifier),
    PREFIX + "16": ("commitment", cades_asn1.CommitmentTypeIndication),
    PREFIX + "17": ("location", Location),
    "0.4.0.1733.2.1": ("mime", core.UTF8String),
    "0.4.0.19122.1.3": ("store", Store),
}


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


with open(sys.argv[1], "rb") as f:
    data = cms.ContentInfo.load(f.read())["content"]
out = []
for signer in data["signer_infos"]:
    said = {}
    for attributes in (signer["signed_attrs"], signer["unsigned_attrs"]):
        for attribute in [] if isinstance(attributes, core.Void) else attributes:
            if attribute["type"].dotted in KNOWN:
                name, spec = KNOWN[attribute["type"].dotted]
                said[name] = [plain(spec.load(v.dump(), strict=True).native) for v in attribute["values"]]
            if attribute["type"].native == "counter_signature":
                said["countersigned"] = len(attribute["values"])
    out.append(said)
print(json.dumps(out))
