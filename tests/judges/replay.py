"""Holds every OCSP answer and CRL that a client got against the CA's record, which is read with sqlite3 and nothing of ours.

An observation is one exchange: when it was sent and received (seconds since 1970, on the clock of the machine that also runs the
responder), the header fields, and the name of the body. A change is one command of the operator: the certificate, and when the
command began and ended. Between the two the record changed; a second after the end nobody may be told the older status.
"""

import datetime
import hashlib
import json
import sqlite3
from email.utils import parsedate_to_datetime

# How long after the end of a command its effect may stay unseen.
GRACE = 1.0

# CRLReason (RFC 5280 section 5.3.1) in the words of `cryptography`.
REASONS = {
    0: None,
    1: "keyCompromise",
    2: "cACompromise",
    3: "affiliationChanged",
    4: "superseded",
    5: "cessationOfOperation",
    6: "certificateHold",
    9: "privilegeWithdrawn",
    10: "aACompromise",
}


class Record:
    """The revocation tables of one authority."""

    def __init__(self, path, authority):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        (number,) = connection.execute("SELECT id FROM authority WHERE name = ?", (authority,)).fetchone()
        self.issued = {row[0].hex() for row in connection.execute("SELECT serial FROM certificate WHERE authority = ?", (number,))}
        # (position, serial, change, effective_at, reason); change 2 ends a suspension.
        self.changes = [
            (position, serial.hex(), change, effective, REASONS[reason])
            for position, serial, change, effective, reason in connection.execute(
                "SELECT position, serial, change, effective_at, reason FROM status_change WHERE authority = ? ORDER BY position", (number,)
            )
        ]
        self.crls = {
            number: (position, published)
            for number, position, published in connection.execute(
                "SELECT number, position, published_at FROM crl WHERE authority = ? AND shard = 0 AND kind = 0", (number,)
            )
        }

    def at(self, position):
        """Serial numbers that are revoked after this many changes, with date and reason."""
        revoked = {}
        for number, serial, change, effective, reason in self.changes:
            if number > position:
                break
            if change == 2:
                revoked.pop(serial, None)
            else:
                revoked[serial] = (effective, reason)
        return revoked


def seconds(moment):
    return int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())


def timelines(record, commands, asked):
    """For each serial number asked about: its statuses in order, with when each may first and last be told."""
    lines = {
        serial: [{"status": "good" if serial in record.issued else "unknown", "from": 0.0, "to": float("inf")}] for serial in asked
    }
    of_record = {}
    for _, serial, change, effective, reason in record.changes:
        of_record.setdefault(serial, []).append((change, effective, reason))
    by_command = {}
    for command in commands:
        by_command.setdefault(command["serial"], []).append(command)
    for serial, acts in by_command.items():
        line = lines.setdefault(serial, [])
        if acts[0]["change"] == "issue":
            issue = acts.pop(0)
            line[:] = [
                {"status": "unknown", "from": 0.0, "to": issue["end"] + GRACE},
                {"status": "good", "from": issue["begin"], "to": float("inf")},
            ]
        changes = of_record.get(serial, [])
        if len(changes) != len(acts):
            raise ValueError(f"{serial}: {len(acts)} commands, and {len(changes)} changes in the record")
        for act, (change, effective, reason) in zip(acts, changes):
            if (act["change"] == "resume") != (change == 2):
                raise ValueError(f"{serial}: {act['change']}, and change {change} in the record")
            if not int(act["begin"]) <= effective <= act["end"]:
                raise ValueError(f"{serial}: effective at {effective}, outside its command")
            line[-1]["to"] = act["end"] + GRACE
            status = {"status": "good"} if change == 2 else {"status": "revoked", "since": effective, "reason": reason}
            line.append({**status, "from": act["begin"], "to": float("inf")})
    changed = set(of_record) - set(by_command)
    if changed & set(asked):
        raise ValueError(f"the record has changes that nobody ordered: {sorted(changed)[:3]}")
    return lines


class Answer:
    """One distinct OCSP response, its signature verified."""

    def __init__(self, der, issuer):
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509 import ExtendedKeyUsage, ocsp
        from cryptography.x509.oid import ExtendedKeyUsageOID

        response = ocsp.load_der_ocsp_response(der)
        if response.response_status.name != "SUCCESSFUL":
            raise ValueError(f"response status {response.response_status.name}")
        (delegate,) = response.certificates
        delegate.verify_directly_issued_by(issuer)
        if ExtendedKeyUsageOID.OCSP_SIGNING not in delegate.extensions.get_extension_for_class(ExtendedKeyUsage).value:
            raise ValueError("signed by a certificate that is not for OCSP")
        delegate.public_key().verify(
            response.signature, response.tbs_response_bytes, ec.ECDSA(response.signature_hash_algorithm)
        )
        (single,) = response.responses
        self.serial = f"{single.serial_number:040x}"
        self.status = single.certificate_status.name.lower()
        self.since = single.revocation_time_utc and seconds(single.revocation_time_utc)
        self.reason = single.revocation_reason and single.revocation_reason.value
        self.this_update = seconds(single.this_update_utc)
        self.next_update = seconds(single.next_update_utc)
        self.produced_at = seconds(response.produced_at_utc)
        self.until = seconds(delegate.not_valid_after_utc)
        self.sha256 = hashlib.sha256(der).hexdigest()
        self.length = len(der)

    def tells(self, state):
        return self.status == state["status"] and (
            self.status != "revoked" or (self.since, self.reason) == (state["since"], state["reason"])
        )


def times(answer, seen):
    """What is wrong with the body's times (RFC 6960 section 4.2.2.1), or nothing."""
    if not answer.this_update <= answer.produced_at <= seen["received"]:
        return "produced before thisUpdate, or later than received"
    if not seen["sent"] < answer.next_update <= answer.until:
        return "beyond nextUpdate, or nextUpdate beyond the responder's certificate"
    if answer.since is not None and answer.since > answer.this_update:
        return "thisUpdate before the revocation"
    return None


def fields(answer, seen):
    """What is wrong with the header fields (RFC 9919 section 6), or nothing."""
    have = seen["headers"]
    if have.get("content-type") != "application/ocsp-response" or int(have["content-length"]) != answer.length:
        return "Content-Type or Content-Length"
    date = seconds(parsedate_to_datetime(have["date"]))
    if not int(seen["sent"]) - 1 <= date <= seen["received"]:  # HTTP servers make the field at most once a second.
        return "Date"
    control = [directive.strip() for directive in have.get("cache-control", "").split(",")]
    if answer.status == "unknown":
        return None if "no-store" in control or "no-cache" in control else "an unknown certificate may be cached"
    if have.get("etag") != f'"{answer.sha256}"':
        return "ETag"
    if seconds(parsedate_to_datetime(have["last-modified"])) != answer.produced_at:
        return "Last-Modified"
    if seconds(parsedate_to_datetime(have["expires"])) != answer.next_update:
        return "Expires"
    ages = [int(directive[8:]) for directive in control if directive.startswith("max-age=")]
    if len(ages) != 1 or not 0 < ages[0] or not date + ages[0] < answer.next_update:
        return "max-age"
    return None


def replay(request):
    """Every answer of `observations`, in order, against the record; every distinct CRL too."""
    from cryptography import x509

    with open(request["issuer"], "rb") as file:
        issuer = x509.load_pem_x509_certificate(file.read())
    with open(request["observations"]) as file:
        lines = [json.loads(line) for line in file]
    bodies = {line["body"]: bytes.fromhex(line["der"]) for line in lines if "der" in line}
    seen = sorted((line for line in lines if "sent" in line), key=lambda line: line["sent"])
    commands = [line for line in lines if "change" in line]
    record = Record(request["record"], request["authority"])
    answers = {line["body"]: None for line in seen if line["of"] == "ocsp"}
    for name in answers:
        answers[name] = Answer(bodies[name], issuer)
    expected = timelines(record, commands, {line["serial"] for line in seen if line["of"] == "ocsp"})

    wrong, reached, statuses = [], {}, {}
    for line in seen:
        if line["of"] != "ocsp":
            continue
        answer, serial = answers[line["body"]], line["serial"]
        statuses[answer.status] = statuses.get(answer.status, 0) + 1

        def complain(what):
            wrong.append(f"{serial} at {line['sent']:.3f}: {answer.status}: {what}")

        if answer.serial != serial:
            complain(f"about {answer.serial}")
            continue
        # The first status from the one that was told before on that fits: nobody goes back to an older one.
        states = expected[serial]
        fits = [
            index
            for index in range(reached.get(serial, 0), len(states))
            if answer.tells(states[index]) and states[index]["from"] <= line["received"] and line["sent"] <= states[index]["to"]
        ]
        if not fits:
            complain(f"contradicts the record: {states}")
            continue
        reached[serial] = fits[0]
        for fault in (times(answer, line), fields(answer, line)):
            if fault is not None:
                complain(fault)
    lists = crls(record, bodies, [line for line in seen if line["of"] == "crl"], issuer, commands, wrong)
    return {
        "wrong": wrong[:20],
        "wrongTotal": len(wrong),
        "answers": sum(statuses.values()),
        "distinct": len(answers),
        "statuses": statuses,
        "crls": lists,
        "changes": len(record.changes),
    }


def crls(record, bodies, seen, issuer, commands, wrong):
    """Each CRL holds exactly what was revoked when it was made, and the newest is there within the grace."""
    from cryptography import x509

    read, last = {}, 0
    for line in seen:
        name = line["body"]
        if name not in read:
            crl = x509.load_der_x509_crl(bodies[name])
            if not crl.is_signature_valid(issuer.public_key()):
                wrong.append("a CRL whose signature is not valid")
            number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
            read[name] = number
            entries = {}
            for entry in crl:
                try:
                    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
                except x509.ExtensionNotFound:
                    reason = None
                entries[f"{entry.serial_number:040x}"] = (seconds(entry.revocation_date_utc), reason)
            if number not in record.crls or entries != record.at(record.crls[number][0]):
                wrong.append(f"CRL {number} is not what the record says of its time")
        if read[name] < last:
            wrong.append(f"CRL {read[name]} after CRL {last}")
        last = read[name]
        ordered = [command for command in commands if command["change"] != "issue"]
        done = sum(1 for command in ordered if command["end"] + GRACE < line["sent"])
        if record.crls[read[name]][0] < done:
            wrong.append(f"CRL {read[name]} a second after change {done}")
    return len(read)
