"""Validates the first signature of each PDF with pyHanko's EN 319 102-1, at a given time and with the
given CRLs alone; prints one line of JSON for each case.

usage: pyhanko_ades.py CASES.json    [{"file", "process", "at", "anchors": [DER], "crls": [DER]}, ...]

The process is "basic" (5.3), "time" (5.5) or "archive" (5.6.3).
"""

import asyncio
import json
import logging
import sys
from datetime import datetime

from asn1crypto import crl, x509
from freezegun import freeze_time
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import (
    ades_basic_validation,
    ades_lta_validation,
    ades_with_time_validation,
)
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer


def read(path):
    with open(path, "rb") as handle:
        return handle.read()


async def judge(case):
    at = datetime.fromisoformat(case["at"].replace("Z", "+00:00"))
    anchors = [x509.Certificate.load(read(p)) for p in case["anchors"]]
    crls = [CRLContainer(crl.CertificateList.load(read(p))) for p in case["crls"]]
    certificates = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=anchors),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO, retroactive_revinfo=True),
    )
    spec = SignatureValidationSpec(
        cert_validation_policy=certificates,
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY
        ),
        local_knowledge=LocalKnowledge(known_crls=crls),
    )
    timing = ValidationTimingInfo(
        validation_time=at, best_signature_time=at, point_in_time_validation=True
    )
    with open(case["file"], "rb") as handle:
        reader = PdfFileReader(handle, strict=True)
        signature = reader.embedded_regular_signatures[0]
        if case["process"] == "archive":
            result = await ades_lta_validation(
                signature, PdfSignatureValidationSpec(spec), timing_info=timing
            )
        else:
            validate = {"basic": ades_basic_validation, "time": ades_with_time_validation}
            signature.compute_integrity_info()
            result = await validate[case["process"]](
                signature.signed_data,
                spec,
                timing_info=timing,
                raw_digest=signature.compute_digest(),
            )
    sub = result.ades_subindic
    return {
        "indication": sub.status.name,
        "sub": None if sub.status.name == "PASSED" else sub.standard_name,
    }


async def main(path):
    logging.disable(logging.CRITICAL)
    with open(path, encoding="utf-8") as handle:
        cases = json.load(handle)
    for case in cases:
        try:
            # What it does not know to be older, it takes for known since the clock's time.
            with freeze_time(case["at"], real_asyncio=True):
                answer = await judge(case)
        except Exception as error:  # whatever it is, it is no verdict
            answer = {"indication": "ERROR", "sub": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


asyncio.run(main(*sys.argv[1:]))
