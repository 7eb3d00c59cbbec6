"""Says of one CMS after the other whether libcrypto verifies it; certificates are not judged.

On standard input: a CMS, content for a detached one (length 0xffffffff: none), each after its length in four octets, big
endian. On standard output one octet: y verified, n not, e not readable."""

import ctypes
import ctypes.util
import struct
import sys

NO_SIGNER_CERT_VERIFY, BINARY = 0x20, 0x80
NONE = 0xFFFFFFFF

crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for name, arguments in {
    "BIO_new_mem_buf": [ctypes.c_char_p, ctypes.c_int],
    "BIO_s_null": [],
    "BIO_new": [ctypes.c_void_p],
    "d2i_CMS_bio": [ctypes.c_void_p, ctypes.c_void_p],
    "X509_STORE_new": [],
}.items():
    getattr(crypto, name).argtypes = arguments
    getattr(crypto, name).restype = ctypes.c_void_p
crypto.CMS_verify.argtypes = [ctypes.c_void_p] * 5 + [ctypes.c_uint]
for name in ("BIO_free", "CMS_ContentInfo_free"):
    getattr(crypto, name).argtypes = [ctypes.c_void_p]
    getattr(crypto, name).restype = None

store = crypto.X509_STORE_new()


def judge(cms, content):
    source = crypto.BIO_new_mem_buf(cms, len(cms))
    read = crypto.d2i_CMS_bio(source, None)
    crypto.BIO_free(source)
    if not read:
        crypto.ERR_clear_error()
        return b"e"
    apart = crypto.BIO_new_mem_buf(content, len(content)) if content is not None else None
    out = crypto.BIO_new(crypto.BIO_s_null())
    good = crypto.CMS_verify(read, None, store, apart, out, NO_SIGNER_CERT_VERIFY | BINARY) == 1
    crypto.BIO_free(out)
    if apart:
        crypto.BIO_free(apart)
    crypto.CMS_ContentInfo_free(read)
    crypto.ERR_clear_error()
    return b"y" if good else b"n"


def take():
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        sys.exit(0)
    (length,) = struct.unpack(">I", head)
    return None if length == NONE else sys.stdin.buffer.read(length)


while True:
    cms = take()
    sys.stdout.buffer.write(judge(cms, take()))
    sys.stdout.buffer.flush()
