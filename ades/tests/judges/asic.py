"""Checks an ASiC container with Python's zipfile and hashlib, by EN 319 162-1 and nothing of ours.

asic.py CONTAINER OUTDIR
    Unpacks everything into OUTDIR and prints one JSON object: the names, the manifests with what they name. Beside each
    token there is a copy (.bare) without the unsigned revocation data, for OpenSSL, which reads nothing but CRLs there.
"""

import base64
import hashlib
import json
import os
import sys
import urllib.parse
import xml.etree.ElementTree as ET
import zipfile

from asn1crypto import cms, tsp  # noqa: F401  (tsp names the tokens' content)

ASIC = "{http://uri.etsi.org/02918/v1.2.1#}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}

path, out = sys.argv[1:]
with open(path, "rb") as f:
    head = f.read(200)
with zipfile.ZipFile(path) as z:
    assert z.testzip() is None
    names = z.namelist()
    assert len(names) == len(set(names))
    first = z.infolist()[0]
    assert first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
    media_type = z.read("mimetype")
    # Annex A.1: recognisable by its first octets.
    assert head[30:38] == b"mimetype" and head[38 : 38 + len(media_type)] == media_type
    z.extractall(out)
    for name in names:
        if name.endswith(".tst"):
            token = cms.ContentInfo.load(z.read(name))
            if token["content"]["crls"].native is not None:
                del token["content"]["crls"]
            with open(os.path.join(out, name + ".bare"), "wb") as f:
                f.write(token.dump())
    report = {"type": media_type.decode(), "names": names, "manifests": {}}
    for name in names:
        if not (name.startswith("META-INF/ASiC") and name.endswith(".xml")):
            continue
        root = ET.fromstring(z.read(name))
        assert root.tag == ASIC + "ASiCManifest"
        objects = []
        for ref in root.findall(ASIC + "DataObjectReference"):
            target = urllib.parse.unquote(ref.get("URI"))
            digest = hashlib.new(DIGESTS[ref.find(DS + "DigestMethod").get("Algorithm")])
            digest.update(z.read(target))
            assert base64.b64decode(ref.find(DS + "DigestValue").text) == digest.digest(), target
            objects.append(target)
        signature = urllib.parse.unquote(root.find(ASIC + "SigReference").get("URI"))
        assert signature in names
        report["manifests"][name] = {"signature": signature, "objects": objects}
print(json.dumps(report))
