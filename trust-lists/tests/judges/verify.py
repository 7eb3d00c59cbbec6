"""Verifies XML signatures with signxml (lxml, pyca/cryptography), to be compared with ours.

Arguments: the signer's certificate in PEM form. Input, one line each: a document in base64. Output: what was signed, as signxml gives it
back, in base64, or "no" and the reason.
"""

import base64
import sys

from lxml import etree
from signxml import SignatureConfiguration, XMLVerifier

ROOT = "{http://uri.etsi.org/02231/v2#}TrustServiceStatusList"
certificate = open(sys.argv[1]).read()
for line in sys.stdin:
    document = base64.b64decode(line)
    try:
        results = XMLVerifier().verify(
            document,
            x509_cert=certificate,
            expect_config=SignatureConfiguration(expect_references=True),
        )
        if not isinstance(results, list):
            results = [results]
        signed = [r.signed_xml for r in results if r.signed_xml is not None and r.signed_xml.tag == ROOT]
        if len(signed) == 1:
            print(base64.b64encode(etree.tostring(signed[0])).decode(), flush=True)
        else:
            print("no the list is not what is signed", flush=True)
    except Exception as why:  # noqa: BLE001
        print("no", " ".join(f"{type(why).__name__}: {why}".split()), flush=True)
