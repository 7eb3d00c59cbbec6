"""Signs XML with signxml: key, certificate, signature algorithm and digest as arguments, XML on standard input."""

import sys

from lxml import etree
from signxml import CanonicalizationMethod, XMLSigner, methods
from signxml.algorithms import DigestAlgorithm, SignatureMethod

key, certificate, method, digest = sys.argv[1:5]
signer = XMLSigner(
    method=methods.enveloped,
    signature_algorithm=next(m for m in SignatureMethod if m.value.endswith("#" + method)),
    digest_algorithm=next(d for d in DigestAlgorithm if d.value.endswith("#" + digest)),
    c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
)
root = etree.fromstring(sys.stdin.buffer.read())
signed = signer.sign(root, key=open(key, "rb").read(), cert=open(certificate).read())
sys.stdout.buffer.write(etree.tostring(signed))
