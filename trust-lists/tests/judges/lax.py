"""Makes RSA signatures whose padding is wrong (PKCS#1 v1.5), with the key that made a right one: the key's file as argument, the right
value in base64 on standard input. Output, one line each: a name and a value in base64; the first is the right one again."""

import base64
import sys

from cryptography.hazmat.primitives.serialization import load_pem_private_key

numbers = load_pem_private_key(open(sys.argv[1], "rb").read(), None).private_numbers()
n, e, d = numbers.public_numbers.n, numbers.public_numbers.e, numbers.d
size = (n.bit_length() + 7) // 8
value = base64.b64decode(sys.stdin.read())
block = pow(int.from_bytes(value, "big"), e, n).to_bytes(size, "big")
info = block[block.index(b"\x00", 2) + 1 :]
digest = info[-32:]
# DigestInfo without the NULL that stands for the parameters.
bare = bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + digest
# With an octet string in the parameters, which hides what one likes.
hidden = bytes.fromhex("3033300f0609608648016503040201040201020420") + digest


def padded(kind, filler, inside, behind=b""):
    return b"\x00" + kind + filler * (size - 3 - len(inside) - len(behind)) + b"\x00" + inside + behind


for name, made in [
    ("right", block),
    ("short-padding", b"\x00\x01" + b"\xff" * 8 + b"\x00" + info + bytes(size - 11 - len(info))),
    ("one-octet-behind", padded(b"\x01", b"\xff", info, b"\x00")),
    ("another-filler", padded(b"\x01", b"\xfe", info)),
    ("of-encryption", padded(b"\x02", b"\xff", info)),
    ("of-kind-nothing", padded(b"\x00", b"\x00", info)),
    ("no-parameters", padded(b"\x01", b"\xff", bare)),
    ("hidden-parameters", padded(b"\x01", b"\xff", hidden)),
    ("digest-alone", padded(b"\x01", b"\xff", digest)),
    ("another-algorithm", padded(b"\x01", b"\xff", info.replace(bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040204")))),
]:
    print(name, base64.b64encode(pow(int.from_bytes(made, "big"), d, n).to_bytes(size, "big")).decode())
right = int.from_bytes(value, "big")
print("more-than-the-modulus", base64.b64encode((right + n).to_bytes(size + 1, "big")).decode())
print("zero-in-front", base64.b64encode(b"\x00" + value).decode())
