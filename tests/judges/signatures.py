"""Signature values of CMS in files and PDFs, computed with `cryptography` and hashlib, and certificates that it issues for keys.

asn1crypto finds the parts; nothing here knows how they were made.
"""

import datetime
import hashlib
import re

DIGESTS = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
}
ECDSA = {
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
    "2.16.840.1.101.3.4.3.10": "sha3_256",
    "2.16.840.1.101.3.4.3.11": "sha3_384",
    "2.16.840.1.101.3.4.3.12": "sha3_512",
}
RSA = {
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "2.16.840.1.101.3.4.3.14": "sha3_256",
    "2.16.840.1.101.3.4.3.15": "sha3_384",
    "2.16.840.1.101.3.4.3.16": "sha3_512",
}
PSS = "1.2.840.113549.1.1.10"
WHOLE_MESSAGE = {
    "1.3.101.112": "Ed25519",
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
    "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
}


def hash_of(name):
    from cryptography.hazmat.primitives import hashes

    return getattr(hashes, name.upper())()


def parts(request):
    """The CMS and the content that it signs."""
    with open(request["path"], "rb") as file:
        data = file.read()
    if not data.startswith(b"%PDF"):
        with open(request["content"], "rb") as file:
            return data, file.read()
    found = list(re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data))[-1]
    a, b, c, d = (int(n) for n in found.groups())
    if a != 0 or c + d != len(data):
        raise ValueError("the signature does not cover the file")
    return bytes.fromhex(data[a + b + 1 : c - 1].decode()), data[a : a + b] + data[c : c + d]


def signature(request):
    """Verifies the only signature of a file; raises where it is wrong, and where a changed one would pass."""
    from asn1crypto import cms
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    encoded, content = parts(request)
    signed = cms.ContentInfo.load(encoded)["content"]
    signer = signed["signer_infos"][0]
    digest = DIGESTS[signer["digest_algorithm"]["algorithm"].dotted]
    attributes = {attribute["type"].dotted: attribute["values"] for attribute in signer["signed_attrs"]}
    if attributes["1.2.840.113549.1.9.4"][0].native != hashlib.new(digest, content).digest():
        raise ValueError("the message digest is another one")
    serial = signer["sid"].chosen["serial_number"].native
    ours = [c.chosen for c in signed["certificates"] if c.chosen.serial_number == serial]
    key = x509.load_der_x509_certificate(ours[0].dump()).public_key()
    message = b"\x31" + signer["signed_attrs"].dump()[1:]
    value = signer["signature"].native
    name, verify = verifier(signer["signature_algorithm"], key)
    verify(value, message)
    for wrong in ((value[:-1] + bytes([value[-1] ^ 1]), message), (value, message + b"\0")):
        try:
            verify(*wrong)
        except InvalidSignature:
            continue
        raise ValueError("a changed signature verifies")
    return {"digest": digest, "algorithm": name}


def verifier(identifier, key):
    from cryptography.hazmat.primitives.asymmetric import ec, padding

    oid = identifier["algorithm"].dotted
    if oid in ECDSA:
        name = ECDSA[oid]
        return f"ecdsa {name}", lambda value, message: key.verify(value, message, ec.ECDSA(hash_of(name)))
    if oid in RSA:
        name = RSA[oid]
        return f"rsa {name}", lambda value, message: key.verify(value, message, padding.PKCS1v15(), hash_of(name))
    if oid == PSS:
        told = identifier["parameters"]
        name = DIGESTS[told["hash_algorithm"]["algorithm"].dotted]
        mask = DIGESTS[told["mask_gen_algorithm"]["parameters"]["algorithm"].dotted]
        pss = padding.PSS(mgf=padding.MGF1(hash_of(mask)), salt_length=told["salt_length"].native)
        return f"pss {name}", lambda value, message: key.verify(value, message, pss, hash_of(name))
    return WHOLE_MESSAGE[oid], key.verify


def certify(request):
    """A root, and a certificate by it for each public key in `keys` (DER), written as PEM beside the key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    root_key = ec.generate_private_key(ec.SECP256R1())
    named = lambda name: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])  # noqa: E731
    now = datetime.datetime.now(datetime.timezone.utc)

    def build(subject, key, is_ca):
        usage = x509.KeyUsage(
            digital_signature=not is_ca,
            content_commitment=not is_ca,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=is_ca,
            crl_sign=is_ca,
            encipher_only=False,
            decipher_only=False,
        )
        return (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named("Judge's Root"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
            .sign(root_key, hashes.SHA256())
            .public_bytes(serialization.Encoding.PEM)
        )

    with open(request["root"], "wb") as file:
        file.write(build("Judge's Root", root_key.public_key(), True))
    for path in request["keys"]:
        with open(path, "rb") as file:
            key = serialization.load_der_public_key(file.read())
        with open(path + ".pem", "wb") as file:
            file.write(build("Signer", key, False))
    return {}
