"""Takes a CAdES signature apart with asn1crypto, by EN 319 122-1 clause 5.5 and nothing of ours.

cades_lta.py FILE OUTDIR [CONTENT]
    For each archive-time-stamp-v3: checks that its ats-hash-index-v3 names what is in the signature, and
    writes N.tst (the token) and N.in (what its imprint must be over) for another tool to verify.
    Prints one JSON object.
cades_lta.py --drop certificate|revocation|unsigned FILE OUT
    Removes one of them, as a forger would.
"""

import hashlib
import json
import sys

from asn1crypto import algos, cms, core

ATS = "0.4.0.1733.2.4"
INDEX = "0.4.0.19122.1.5"


class Hashes(core.SequenceOf):
    _child_spec = core.OctetString


class Index(core.Sequence):
    _fields = [
        ("algorithm", algos.DigestAlgorithm),
        ("certificates", Hashes),
        ("crls", Hashes),
        ("values", Hashes),
    ]


def load(path):
    with open(path, "rb") as f:
        info = cms.ContentInfo.load(f.read())
    assert info["content_type"].native == "signed_data"
    return info


def attributes(signer):
    unsigned = signer["unsigned_attrs"]
    return [] if isinstance(unsigned, core.Void) else list(unsigned)


def main(path, out, content=None):
    info = load(path)
    data = info["content"]
    encap = data["encap_content_info"]
    if content is None:
        body = encap["content"].native
    else:
        with open(content, "rb") as f:
            body = f.read()
    certificates = [c.dump() for c in data["certificates"]]
    crls = [] if isinstance(data["crls"], core.Void) else [c.dump() for c in data["crls"]]
    report = {"version": data["version"].native, "certificates": len(certificates), "archive": []}
    report["ocsp"] = sum(1 for c in crls if c[0] == 0xA1)
    report["crls"] = sum(1 for c in crls if c[0] == 0x30)
    number = 0
    report["signers"] = []
    for signer in data["signer_infos"]:
        unsigned = attributes(signer)
        report["signers"].append([a["type"].dotted for a in unsigned])
        values = [(a["type"].dump() + v.dump()) for a in unsigned for v in a["values"]]
        for attribute in unsigned:
            if attribute["type"].dotted != ATS:
                continue
            for value in attribute["values"]:
                token = cms.ContentInfo.load(value.dump())
                inner = token["content"]["signer_infos"]
                assert len(inner) == 1
                found = [
                    v.dump()
                    for a in attributes(inner[0])
                    if a["type"].dotted == INDEX
                    for v in a["values"]
                ]
                assert len(found) == 1, "one hash index"
                index = Index.load(found[0], strict=True)
                name = index["algorithm"]["algorithm"].native
                digest = lambda b: hashlib.new(name, b).digest()
                tst = token["content"]["encap_content_info"]["content"].parsed
                imprint = tst["message_imprint"]
                assert imprint["hash_algorithm"]["algorithm"].native == name
                covered = {}
                for kind, present in [("certificates", certificates), ("crls", crls), ("values", values)]:
                    have = {digest(b) for b in present}
                    named = [h.native for h in index[kind]]
                    assert all(h in have for h in named), "the index names something that is not there: " + kind
                    covered[kind] = len(named)
                fields = b"".join(
                    signer[f].dump()
                    for f in ["version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature"]
                )
                over = encap["content_type"].dump() + digest(body) + fields + found[0]
                assert imprint["hashed_message"].native == digest(over), "the imprint is over something else"
                with open(f"{out}/{number}.tst", "wb") as f:
                    f.write(value.dump())
                with open(f"{out}/{number}.in", "wb") as f:
                    f.write(over)
                number += 1
                report["archive"].append(covered)
    print(json.dumps(report))


def drop(what, path, out):
    info = load(path)
    data = info["content"]
    if what == "certificate":
        data["certificates"] = list(data["certificates"])[:-1]
    elif what == "revocation":
        data["crls"] = list(data["crls"])[:-1]
    else:
        signer = data["signer_infos"][0]
        signer["unsigned_attrs"] = [
            a for a in signer["unsigned_attrs"] if a["type"].native != "signature_time_stamp_token"
        ]
        data["signer_infos"] = [signer]
    with open(out, "wb") as f:
        f.write(info.dump(force=False))


if __name__ == "__main__":
    if sys.argv[1] == "--drop":
        drop(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
