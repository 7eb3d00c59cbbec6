"""Writes XML in canonical form with lxml (libxml2), to be compared with ours.

Input, one line each: method, prefixes separated by commas, number of the element in document order (or "-" for the document),
and the document in base64. Output: the canonical form in base64, or "error".
"""

import base64
import io
import sys

from lxml import etree

parser = etree.XMLParser(resolve_entities=False, no_network=True, strip_cdata=False)
for line in sys.stdin:
    method, prefixes, number, document = line.rstrip("\n").split(" ")
    try:
        tree = etree.parse(io.BytesIO(base64.b64decode(document)), parser)
        node = tree
        if number != "-":
            node = etree.ElementTree(list(tree.iter(etree.Element))[int(number)])
        out = io.BytesIO()
        node.write_c14n(
            out,
            exclusive=method.startswith("exclusive"),
            with_comments=method.endswith("comments"),
            inclusive_ns_prefixes=[p for p in prefixes.split(",") if p and p != "-"] or None,
        )
        print(base64.b64encode(out.getvalue()).decode())
    except Exception:  # noqa: BLE001
        print("error")
