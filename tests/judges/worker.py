"""The Python judges as one resident process.

Importing pyHanko or pkilint takes longer than most of what is asked of them, so the tests keep one interpreter and speak JSON
lines with it: one request a line on standard input, one answer a line on standard output.

    {"id": 1, "do": "pdf", "path": "sealed.pdf", "trust": ["root-ca.pem"]}
    {"id": 1, "ok": {...}}            or            {"id": 1, "error": "..."}
"""

import json
import logging
import sys
import traceback
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def der_certificates(paths):
    from asn1crypto import pem, x509

    found = []
    for path in paths:
        data = read(path)
        if pem.detect(data):
            blocks = [block for kind, _, block in pem.unarmor(data, multiple=True) if kind == "CERTIFICATE"]
        else:
            blocks = [data]
        found += [x509.Certificate.load(block) for block in blocks]
    return found


# --- PDF signatures: pyHanko -------------------------------------------------------------------------------------------------


def pdf(request):
    """Validates every signature of a PDF with pyHanko, revision analysis included.

    `strict` (default true) makes the reader refuse what ISO 32000 does not allow; odd input needs false. Without `compare` (default
    true) later revisions are not looked into.
    """
    from pyhanko.keys import load_certs_from_pemder_data  # noqa: F401  (fails early where pyHanko is too old)
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
    from pyhanko_certvalidator import ValidationContext

    trust = der_certificates(request.get("trust", []))
    others = der_certificates(request.get("others", []))
    with open(request["path"], "rb") as file:
        reader = PdfFileReader(file, strict=request.get("strict", True))
        if reader.encrypted:
            reader.decrypt(request.get("password", ""))  # Without one: what any reader tries first.
        signatures = []
        for embedded in list(reader.embedded_regular_signatures) + list(reader.embedded_timestamp_signatures):
            context = ValidationContext(
                trust_roots=trust, other_certs=others, allow_fetching=False, revocation_mode="soft-fail"
            )
            stamp = str(embedded.sig_object.get("/Type", "/Sig")) == "/DocTimeStamp"
            if stamp:
                status = validate_pdf_timestamp(embedded, context, skip_diff=not request.get("compare", True))
            else:
                status = validate_pdf_signature(
                    embedded,
                    signer_validation_context=context,
                    ts_validation_context=context,
                    skip_diff=not request.get("compare", True),
                )
            signatures.append(
                {
                    "field": embedded.field_name,
                    "timestamp": stamp,
                    "intact": bool(status.intact),
                    "valid": bool(status.valid),
                    "trusted": bool(status.trusted),
                    "coverage": status.coverage.name if status.coverage is not None else None,
                    "modification": status.modification_level.name if status.modification_level is not None else None,
                    "docMdpOk": getattr(status, "docmdp_ok", None),
                    # A document time-stamp has none of its own.
                    "bottomLine": bool(getattr(status, "bottom_line", status.intact and status.valid and status.trusted)),
                    "timeStamped": getattr(status, "timestamp_validity", None) is not None,
                    "subFilter": str(embedded.sig_object.get("/SubFilter", "")),
                    "summary": status.summary(),
                }
            )
    return {"signatures": signatures}


def pdf_lta(request):
    """EN 319 102-1 clause 5.6.3 on every signature of a PDF, with the evidence in the document and none from the network.

    `crls` (DER or PEM) and `others` are known besides. `process` is `archive` (the default), `time` (clause 5.5) or `basic` (5.3): pyHanko
    asks for the time-stamps of each, and judges the PDF around the signature in the first alone, so that here it is asked apart.
    """
    import asyncio
    import datetime

    from asn1crypto import crl, pem

    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import policy_decl
    from pyhanko.sign.validation.ades import ades_basic_validation, ades_lta_validation, ades_with_time_validation
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator.context import CertValidationPolicySpec, ValidationTimingInfo
    from pyhanko_certvalidator.policy_decl import (
        CertRevTrustPolicy,
        RevocationCheckingPolicy,
        RevocationCheckingRule,
    )
    from pyhanko_certvalidator.registry import SimpleTrustManager
    from pyhanko_certvalidator.revinfo.archival import CRLContainer

    def decoded(path):
        data = read(path)
        return pem.unarmor(data)[2] if pem.detect(data) else data

    required = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
    spec = policy_decl.SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build(der_certificates(request["trust"])),
            revinfo_policy=CertRevTrustPolicy(
                RevocationCheckingPolicy(ee_certificate_rule=required, intermediate_ca_cert_rule=required)
            ),
        ),
        key_usage_settings=KeyUsageConstraints(
            key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
        ),
        revinfo_gathering_policy=policy_decl.RevocationInfoGatheringSpec(
            online_fetching_rule=policy_decl.RevinfoOnlineFetchingRule.LOCAL_ONLY
        ),
        local_knowledge=policy_decl.LocalKnowledge(
            known_crls=[CRLContainer(crl.CertificateList.load(decoded(path))) for path in request.get("crls", [])],
            known_certs=der_certificates(request.get("others", [])),
        ),
    )
    timing = None
    if request.get("at"):
        at = datetime.datetime.fromisoformat(request["at"])
        timing = ValidationTimingInfo(validation_time=at, best_signature_time=at, point_in_time_validation=True)
    with open(request["path"], "rb") as file:
        reader = PdfFileReader(file, strict=True)
        if reader.encrypted:
            reader.decrypt(request.get("password", ""))
        signatures = []
        for embedded in reader.embedded_regular_signatures:
            embedded.compute_integrity_info()
            around = embedded.summarise_integrity_info()
            coverage = around["coverage"]
            fits = coverage == SignatureCoverageLevel.ENTIRE_FILE or (
                coverage == SignatureCoverageLevel.ENTIRE_REVISION and bool(around["docmdp_ok"])
            )
            if request.get("process", "archive") == "archive":
                asked = ades_lta_validation(embedded, policy_decl.PdfSignatureValidationSpec(spec), timing_info=timing)
            else:
                process = {"time": ades_with_time_validation, "basic": ades_basic_validation}[request["process"]]
                asked = process(embedded.signed_data, spec, timing_info=timing, raw_digest=embedded.compute_digest())
            found = asyncio.run(asked)
            status = found.api_status
            signatures.append(
                {
                    "field": embedded.field_name,
                    "indication": found.ades_subindic.standard_name,
                    "passed": "AdESPassed" in str(found.ades_subindic),
                    "why": found.failure_msg or "",
                    "archived": getattr(found, "oldest_evidence_record_timestamp", None) is not None,
                    "modification": getattr(status, "modification_level", None) and status.modification_level.name,
                    "fits": fits,
                }
            )
    return {"signatures": signatures}


def pyhanko_sign(request):
    """A signature by pyHanko, with or without a time-stamp, over `path`, into `out`."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers, timestamps

    signer = signers.SimpleSigner.load(
        request["key"],
        request["certificate"],
        ca_chain_files=request.get("chain", []),
        key_passphrase=request["passphrase"].encode(),
    )
    stamper = timestamps.HTTPTimeStamper(request["tsa"]) if request.get("tsa") else None
    metadata = signers.PdfSignatureMetadata(
        field_name=request["field"],
        subfilter=fields.SigSeedSubFilter(request.get("subFilter", "/ETSI.CAdES.detached")),
        md_algorithm="sha256",
    )
    with open(request["path"], "rb") as file, open(request["out"], "wb") as out:
        signers.sign_pdf(IncrementalPdfFileWriter(file), metadata, signer=signer, timestamper=stamper, output=out)
    return {}


# --- Certificates, CRLs, OCSP responses: pkilint --------------------------------------------------------------------------------

_validators = {}


def once(name, build):
    if name not in _validators:
        _validators[name] = build()
    return _validators[name]


def findings(results):
    from pkilint.validation import ValidationFindingSeverity

    found = []
    for result in results:
        for description in result.finding_descriptions:
            severity = description.finding.severity
            if severity <= ValidationFindingSeverity.WARNING:
                found.append(
                    {
                        "severity": severity.name,
                        "code": description.finding.code,
                        "message": description.message or "",
                        "where": result.node.path,
                    }
                )
    return {"findings": found}


def load(kind, path, *names):
    from asn1crypto import pem
    from pkilint import loader

    data = read(path)
    if pem.detect(data):
        data = pem.unarmor(data)[2]
    loaders = {
        "certificate": loader.RFC5280CertificateDocumentLoader,
        "crl": loader.RFC5280CertificateListDocumentLoader,
        "ocsp": loader.RFC6960OCSPResponseDocumentLoader,
    }
    return loaders[kind]().load_der_document(data, path, *names)


def lint_certificate(request):
    """`type` is one of pkilint's ETSI certificate types, or `PKIX`."""
    from pkilint import etsi, finding_filter
    from pkilint.etsi import etsi_constants
    from pkilint.pkix import certificate, extension, name

    document = load("certificate", request["path"])
    if request["type"] == "PKIX":
        validator = once(
            "PKIX",
            lambda: certificate.create_pkix_certificate_validator_container(
                certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
                [
                    certificate.create_issuer_validator_container([]),
                    certificate.create_validity_validator_container(),
                    certificate.create_subject_validator_container([]),
                    certificate.create_extensions_validator_container([]),
                    certificate.create_spki_validator_container([]),
                ],
            ),
        )
        return findings(validator.validate(document.root))
    kind = etsi_constants.CertificateType.from_option_str(request["type"])
    validator = once(
        request["type"],
        lambda: certificate.create_pkix_certificate_validator_container(
            etsi.create_decoding_validators(kind), etsi.create_validators(kind)
        ),
    )
    results = validator.validate(document.root)
    results, _ = finding_filter.filter_results(etsi.create_etsi_finding_filters(kind), results)
    return findings(results)


def lint_chain(request):
    from pkilint.bin import lint_pkix_signer_signee_cert_chain as chain

    documents = {}
    documents["issuer"] = load("certificate", request["issuer"], "issuer", documents)
    documents["subject"] = load("certificate", request["subject"], "subject", documents)
    decoding = chain.create_decoder_validation_container()
    results = decoding.validate(documents["issuer"].root)
    results += decoding.validate(documents["subject"].root)
    results += chain.create_issuer_validation_container().validate(documents["issuer"].root)
    results += chain.create_subject_validation_container().validate(documents["subject"].root)
    return findings(results)


def lint_crl(request):
    from pkilint import pkix
    from pkilint.pkix import crl, extension, name

    validator = once(
        "CRL",
        lambda: crl.create_pkix_crl_validator_container(
            [
                pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
                pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
            ],
            [
                crl.create_issuer_validator_container([]),
                crl.create_validity_validator_container([]),
                crl.create_extensions_validator_container([]),
            ],
        ),
    )
    return findings(validator.validate(load("crl", request["path"]).root))


def lint_ocsp(request):
    from pkilint import pkix
    from pkilint.pkix import extension, name, ocsp

    validator = once(
        "OCSP",
        lambda: ocsp.create_pkix_ocsp_response_validator_container(
            [
                ocsp.create_response_decoder(),
                pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
                pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
            ],
            [],
        ),
    )
    return findings(validator.validate(load("ocsp", request["path"]).root))


# --- Plain reading: asn1crypto ----------------------------------------------------------------------------------------------------


def ocsp_response(request):
    """What an independent parser reads in an OCSP response."""
    from asn1crypto import ocsp

    response = ocsp.OCSPResponse.load(read(request["path"]), strict=True)
    status = response["response_status"].native
    if status != "successful":
        return {"status": status}
    basic = response["response_bytes"]["response"].parsed
    data = basic["tbs_response_data"]
    answers = []
    for single in data["responses"]:
        chosen = single["cert_status"]
        revoked = chosen.chosen if chosen.name == "revoked" else None
        answers.append(
            {
                "hash": single["cert_id"]["hash_algorithm"]["algorithm"].native,
                "serial": format(single["cert_id"]["serial_number"].native, "x"),
                "status": chosen.name,
                "reason": revoked["revocation_reason"].native if revoked is not None else None,
                "hasNextUpdate": single["next_update"].native is not None,
            }
        )
    extensions = {
        extension["extn_id"].native: extension["extn_value"].contents.hex()
        for extension in data["response_extensions"] or []
    }
    return {
        "status": status,
        "responder": data["responder_id"].name,
        "answers": answers,
        "extensions": extensions,
        "certificates": len(basic["certs"] or []),
    }


def cms(request):
    """What an independent parser reads in the first SignerInfo of a CMS signature."""
    from asn1crypto import cms as asn1cms
    from asn1crypto import tsp  # noqa: F401  (names the ESS and time-stamp attributes)

    content = asn1cms.ContentInfo.load(read(request["path"]), strict=True)
    signed = content["content"]
    signer = signed["signer_infos"][0]
    names = lambda attributes: [attribute["type"].native for attribute in attributes or []]  # noqa: E731
    return {
        "contentType": content["content_type"].native,
        "attached": signed["encap_content_info"]["content"].native is not None,
        "digest": signer["digest_algorithm"]["algorithm"].native,
        "signedAttributes": names(signer["signed_attrs"].native and signer["signed_attrs"]),
        "unsignedAttributes": names(signer["unsigned_attrs"].native and signer["unsigned_attrs"]),
        "certificates": len(signed["certificates"] or []),
    }


# --- Time-stamps: rfc3161-client and pyHanko ---------------------------------------------------------------------------------


def time_stamp_query(request):
    """Writes a query over the file `data`, made by rfc3161-client, to `path`."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder().data(read(request["data"])).hash_algorithm(HashAlgorithm[request["hash"]])
    query = builder.cert_request(cert_request=True).nonce(nonce=True).build()
    with open(request["path"], "wb") as file:
        file.write(query.as_bytes())
    return {}


def time_stamp(request):
    """Verifies a response over the file `data` with rfc3161-client, and its token with pyHanko."""
    import asyncio
    import hashlib

    from asn1crypto import tsp
    from cryptography import x509
    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
    from pyhanko_certvalidator import ValidationContext
    from rfc3161_client import VerifierBuilder, decode_timestamp_response

    response, data = read(request["path"]), read(request["data"])
    trust, others = der_certificates(request["trust"]), der_certificates(request.get("others", []))
    nonce = tsp.TimeStampReq.load(read(request["query"]), strict=True)["nonce"].native
    builder = VerifierBuilder().nonce(nonce).policy_id(x509.ObjectIdentifier(request["policy"]))
    for anchor in trust:
        builder = builder.add_root_certificate(x509.load_der_x509_certificate(anchor.dump()))
    for other in others:
        builder = builder.add_intermediate_certificate(x509.load_der_x509_certificate(other.dump()))
    decoded = decode_timestamp_response(response)
    builder.build().verify_message(decoded, data)  # Raises where it refuses.

    token = tsp.TimeStampResp.load(response, strict=True)["time_stamp_token"]
    signed = token["content"]
    info = signed["encap_content_info"]["content"].parsed
    context = ValidationContext(
        trust_roots=trust, other_certs=others, moment=info["gen_time"].native, allow_fetching=False, revocation_mode="soft-fail"
    )
    status = asyncio.run(
        validate_tst_signed_data(signed, context, lambda name: hashlib.new(name.replace("-", ""), data).digest())
    )
    return {
        "genTime": decoded.tst_info.gen_time.isoformat(),
        "serial": str(decoded.tst_info.serial_number),
        "intact": bool(status["intact"]),
        "valid": bool(status["valid"]),
        "trusted": status.get("trust_problem_indic") is None and status.get("validation_path") is not None,
    }


def ping(_request):
    import asn1crypto
    import pkilint  # noqa: F401
    import pyhanko.version

    return {"python": sys.version.split()[0], "pyhanko": pyhanko.version.__version__, "asn1crypto": asn1crypto.__version__}


# --- The CA's journal: hashlib and nothing else ----------------------------------------------------------------------------


def journal(request):
    """Recomputes the chain and the Merkle roots of an export (docs/audit.md), from the definitions (RFC 9162 section 2.1.1)."""
    import base64
    import hashlib

    def sha256(*parts):
        return hashlib.sha256(b"".join(parts)).digest()

    def tree(leaves):
        if len(leaves) == 1:
            return sha256(b"\0", leaves[0])
        cut = 1
        while cut * 2 < len(leaves):
            cut *= 2
        return sha256(b"\1", tree(leaves[:cut]), tree(leaves[cut:]))

    head, records, checkpoints, end = bytes(32), [], [], None
    for line in read(request["path"]).splitlines():
        value = json.loads(line)
        if "end" in value:
            end = value["end"]
        elif "seq" in value:
            record = line[line.index(b',"record":') + 10 : -1]
            number = len(records) + 1
            if value["seq"] != number or value["prev"] != head.hex():
                raise ValueError(f"record {number} does not follow")
            head = sha256(b"sceau.journal/1", number.to_bytes(8, "big"), head, record)
            if value["hash"] != head.hex():
                raise ValueError(f"record {number} has another hash")
            records.append(record)
            act = value["record"]
            if act["type"] == "checkpoint":
                text, signatures = act["note"].rsplit("\n\n", 1)
                origin, size, root, *_ = text.split("\n")
                dash, name, blob = signatures.strip().split(" ")
                checkpoints.append(
                    {
                        "size": int(size),
                        "right": base64.b64decode(root) == tree(records[: int(size)]) and act["root"] == base64.b64decode(root).hex(),
                        "named": dash == "\u2014" and name == origin,
                        "text": text + "\n",
                        "keyId": base64.b64decode(blob)[:4].hex(),
                        "signature": base64.b64decode(blob)[4:].hex(),
                        "note": act["note"],
                    }
                )
    root = tree(records).hex()
    if end != {"to": len(records), "head": head.hex(), "root": root}:
        raise ValueError("the last line says something else")
    return {"records": len(records), "head": head.hex(), "root": root, "checkpoints": checkpoints}


def replayed(request):
    from replay import replay

    return replay(request)


def signature(request):
    import signatures

    return signatures.signature(request)


def certify(request):
    import signatures

    return signatures.certify(request)


ACTIONS = {
    "signature": signature,
    "certify": certify,
    "replay": replayed,
    "journal": journal,
    "ping": ping,
    "pdf": pdf,
    "pdf_lta": pdf_lta,
    "pyhanko_sign": pyhanko_sign,
    "lint_certificate": lint_certificate,
    "lint_chain": lint_chain,
    "lint_crl": lint_crl,
    "lint_ocsp": lint_ocsp,
    "ocsp_response": ocsp_response,
    "cms": cms,
    "time_stamp": time_stamp,
    "time_stamp_query": time_stamp_query,
}


def main():
    answers = sys.stdout
    sys.stdout = sys.stderr  # A library that prints must not break the protocol.
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"id": request["id"]}
        try:
            answer["ok"] = ACTIONS[request["do"]](request)
        except Exception as error:  # The judge's refusal is an answer too.
            answer["error"] = f"{type(error).__name__}: {error}"
            answer["trace"] = traceback.format_exc()
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
