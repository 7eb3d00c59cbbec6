"""What three readers of ZIP archives unpack: zipfile, Info-ZIP's unzip, and one that reads from the front and never looks at the
directory, as Java's ZipInputStream does. One JSON object a line: for each reader names with the SHA-256 of their content, or null.

usage: zips.py FILE...
"""

import hashlib
import io
import json
import struct
import subprocess
import sys
import zipfile
import zlib


def zipfile_reads(path):
    with zipfile.ZipFile(path) as z:
        return {i.filename: z.read(i) for i in z.infolist()}


def unzip_reads(path):
    names = subprocess.run(["unzip", "-Z1", path], capture_output=True, check=True).stdout.decode().split("\n")
    found = {}
    for name in filter(None, names):
        literal = "".join(f"[{c}]" if c in "*?[" else c for c in name)
        found[name] = subprocess.run(["unzip", "-p", path, literal], capture_output=True, check=True).stdout
    return found


def stream_reads(path):
    with open(path, "rb") as f:
        data = f.read()
    at, found = 0, {}
    while data[at : at + 4] == b"PK\3\4":
        flags, method, _, _, _, packed, size, name, extra = struct.unpack("<HHHHIIIHH", data[at + 6 : at + 30])
        title = data[at + 30 : at + 30 + name].decode()
        more = data[at + 30 + name : at + 30 + name + extra]
        at += 30 + name + extra
        if packed == 0xFFFFFFFF and more[:2] == b"\1\0":
            size, packed = struct.unpack("<QQ", more[4:20])
        if method == 8:
            inflate = zlib.decompressobj(-15)
            content = inflate.decompress(data[at:])
            at = len(data) - len(inflate.unused_data)
        else:
            assert not flags & 8, "stored, and its length is not known"
            content = data[at : at + packed]
            at += packed
        if flags & 8:
            at += 4 if data[at : at + 4] == b"PK\7\x08" else 0
            at += 12
        found[title] = content
    return found


for path in sys.argv[1:]:
    answer = {}
    for read in (zipfile_reads, unzip_reads, stream_reads):
        try:
            answer[read.__name__] = {n: hashlib.sha256(c).hexdigest() for n, c in read(path).items()}
        except Exception:  # whatever it is, it shows nothing
            answer[read.__name__] = None
    print(json.dumps(answer))
