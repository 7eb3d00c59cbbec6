"""Signs the first documents of a folder with pyHanko, in one process, and prints the seconds that took.

sign_folder.py KEY CERTIFICATE FOLDER OUTDIR NUMBER
"""

import pathlib
import sys
import time

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

key, certificate, folder, out, number = sys.argv[1:]
signer = signers.SimpleSigner.load(key, certificate)
metadata = signers.PdfSignatureMetadata(field_name="Sig1", subfilter=fields.SigSeedSubFilter.PADES)
documents = sorted(pathlib.Path(folder).iterdir())[: int(number)]
began = time.perf_counter()
for document in documents:
    with open(document, "rb") as source, open(pathlib.Path(out) / document.name, "wb") as target:
        signers.sign_pdf(IncrementalPdfFileWriter(source), metadata, signer=signer, output=target)
print(time.perf_counter() - began)
