"""Validates every signature of a PDF with pyHanko, strictly, and prints one JSON object each.

usage: pyhanko_validate.py FILE ROOT.pem [PASSWORD]
"""

import asyncio
import json
import sys

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext


async def main(path, root, password=None):
    context = ValidationContext(
        trust_roots=[load_cert_from_pemder(root)], allow_fetching=False
    )
    with open(path, "rb") as handle:
        reader = PdfFileReader(handle, strict=True)
        if reader.encrypted:
            reader.decrypt(password or "")
        for signature in reader.embedded_signatures:
            status = await async_validate_pdf_signature(
                signature,
                signer_validation_context=context,
                ts_validation_context=context,
            )
            stamp = status.timestamp_validity
            print(
                json.dumps(
                    {
                        "field": signature.field_name,
                        "intact": status.intact,
                        "valid": status.valid,
                        "trusted": status.trusted,
                        "bottom_line": status.bottom_line,
                        "coverage": status.coverage.name,
                        "modifications": status.modification_level.name
                        if status.modification_level is not None
                        else None,
                        "docmdp_ok": status.docmdp_ok,
                        "seed_value_ok": status.seed_value_ok,
                        "timestamp": None
                        if stamp is None
                        else stamp.intact and stamp.valid and stamp.trusted,
                        "subfilter": str(signature.sig_object.get("/SubFilter")),
                        "errors": str(getattr(status, "error_time_horizon", "")),
                    }
                )
            )


asyncio.run(main(*sys.argv[1:]))
