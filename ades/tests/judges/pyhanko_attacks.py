"""What pyHanko says of each of many PDFs, by its defaults: one JSON object a line.

usage: pyhanko_attacks.py ROOT.pem FILE...

accepted: every signature is intact, trusted, and pyHanko's bottom line is good.
"""

import asyncio
import json
import sys

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext


async def judge(path, context):
    with open(path, "rb") as handle:
        reader = PdfFileReader(handle)
        signatures = list(reader.embedded_signatures)
        if not signatures:
            return False, "no signature"
        for signature in signatures:
            status = await async_validate_pdf_signature(signature, signer_validation_context=context)
            if not status.bottom_line:
                return False, f"{status.coverage} {status.modification_level} docmdp {status.docmdp_ok}"
        return True, "good"


async def main(root, *files):
    context = ValidationContext(trust_roots=[load_cert_from_pemder(root)], allow_fetching=False)
    for path in files:
        try:
            accepted, why = await judge(path, context)
        except Exception as error:  # whatever stops it, it did not accept
            accepted, why = False, f"{type(error).__name__}: {error}"
        print(json.dumps({"file": path, "accepted": accepted, "why": why}))


asyncio.run(main(*sys.argv[1:]))
