"""Says of one certificate after the other whether libcrypto finds a path to the trust anchor.

Standard input has a question on each line, standard output gets an answer on each, both JSON, as tests/common/judge.rs
says: {"policies": [...]} where there is a path, else {"error": "..."}."""

import ctypes
import ctypes.util
import json
import sys

CRL_CHECK, CRL_CHECK_ALL, X509_STRICT = 0x4, 0x8, 0x20
POLICY_CHECK, EXPLICIT_POLICY, INHIBIT_ANY, INHIBIT_MAP = 0x80, 0x100, 0x200, 0x400
EXTENDED_CRL_SUPPORT, USE_DELTAS, PARTIAL_CHAIN = 0x1000, 0x2000, 0x80000
ANY_POLICY = "2.5.29.32.0"

crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))


def declare(name, result, *arguments):
    function = getattr(crypto, name)
    function.restype = result
    function.argtypes = list(arguments)
    return function


P, I, L, S = ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_char_p
d2i_x509 = declare("d2i_X509", P, P, ctypes.POINTER(S), L)
d2i_crl = declare("d2i_X509_CRL", P, P, ctypes.POINTER(S), L)
x509_free = declare("X509_free", None, P)
crl_free = declare("X509_CRL_free", None, P)
store_new = declare("X509_STORE_new", P)
store_free = declare("X509_STORE_free", None, P)
store_add_cert = declare("X509_STORE_add_cert", I, P, P)
store_add_crl = declare("X509_STORE_add_crl", I, P, P)
context_new = declare("X509_STORE_CTX_new", P)
context_free = declare("X509_STORE_CTX_free", None, P)
context_init = declare("X509_STORE_CTX_init", I, P, P, P, P)
context_param = declare("X509_STORE_CTX_get0_param", P, P)
context_error = declare("X509_STORE_CTX_get_error", I, P)
context_depth = declare("X509_STORE_CTX_get_error_depth", I, P)
context_tree = declare("X509_STORE_CTX_get0_policy_tree", P, P)
error_string = declare("X509_verify_cert_error_string", S, L)
verify = declare("X509_verify_cert", I, P)
set_flags = declare("X509_VERIFY_PARAM_set_flags", I, P, ctypes.c_ulong)
set_time = declare("X509_VERIFY_PARAM_set_time", None, P, ctypes.c_int64)
add_policy = declare("X509_VERIFY_PARAM_add0_policy", I, P, P)
user_policies = declare("X509_policy_tree_get0_user_policies", P, P)
node_policy = declare("X509_policy_node_get0_policy", P, P)
stack_new = declare("OPENSSL_sk_new_null", P)
stack_push = declare("OPENSSL_sk_push", I, P, P)
stack_free = declare("OPENSSL_sk_free", None, P)
stack_num = declare("OPENSSL_sk_num", I, P)
stack_value = declare("OPENSSL_sk_value", P, P, I)
txt2obj = declare("OBJ_txt2obj", P, S, I)
obj2txt = declare("OBJ_obj2txt", I, ctypes.c_char_p, I, P, I)
clear_errors = declare("ERR_clear_error", None)


def read(function, text):
    octets = bytes.fromhex(text)
    return function(None, ctypes.byref(S(octets)), len(octets))


def dotted(obj):
    buffer = ctypes.create_string_buffer(256)
    obj2txt(buffer, 256, obj, 1)
    return buffer.value.decode()


def answer(question):
    target, anchor = read(d2i_x509, question["target"]), read(d2i_x509, question["anchor"])
    pool = [c for c in (read(d2i_x509, text) for text in question["pool"]) if c]
    crls = [c for c in (read(d2i_crl, text) for text in question["crls"]) if c]
    store, context, untrusted = store_new(), context_new(), stack_new()
    try:
        if not target or not anchor:
            return {"error": "unreadable"}
        store_add_cert(store, anchor)
        for crl in crls:
            store_add_crl(store, crl)
        for certificate in pool:
            stack_push(untrusted, certificate)
        context_init(context, store, target, untrusted)
        param = context_param(context)
        flags = X509_STRICT | PARTIAL_CHAIN | POLICY_CHECK
        if question["revocation"]:
            flags |= CRL_CHECK | CRL_CHECK_ALL | EXTENDED_CRL_SUPPORT | USE_DELTAS
        for name, flag in (("explicit_policy", EXPLICIT_POLICY), ("inhibit_any", INHIBIT_ANY), ("inhibit_mapping", INHIBIT_MAP)):
            if question[name]:
                flags |= flag
        set_flags(param, flags)
        set_time(param, question["at"])
        # Without any it takes none for acceptable; anyPolicy is what RFC 5280 section 6.1.1 (c) starts with.
        for policy in question["policies"] or [ANY_POLICY]:
            add_policy(param, txt2obj(policy.encode(), 1))
        if verify(context) != 1:
            error = error_string(context_error(context)).decode()
            return {"error": f"{error} at depth {context_depth(context)}"}
        tree = context_tree(context)
        nodes = user_policies(tree) if tree else None
        count = stack_num(nodes) if nodes else 0
        return {"policies": [dotted(node_policy(stack_value(nodes, n))) for n in range(count)]}
    finally:
        context_free(context)
        store_free(store)
        stack_free(untrusted)
        for certificate in [target, anchor, *pool]:
            if certificate:
                x509_free(certificate)
        for crl in crls:
            crl_free(crl)
        clear_errors()


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
