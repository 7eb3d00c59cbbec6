"""Writes signed messages with Python's email package around signatures that openssl makes: message.py FOLDER"""

import pathlib
import subprocess
import sys
from email import policy
from email.message import EmailMessage, Message
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart

folder = pathlib.Path(sys.argv[1])


def openssl(data, *options):
    command = ["openssl", "cms", "-sign", "-binary", "-outform", "DER"]
    signer = ["-signer", "ee.pem", "-inkey", "ee.key"]
    return subprocess.run(
        [*command, *signer, *options], input=data, cwd=folder, check=True, capture_output=True
    ).stdout


def signed_part():
    message = EmailMessage(policy=policy.SMTP)
    message.set_content("Un sceau d'État, signé à Monaco.\n" * 40, cte="quoted-printable")
    message.add_alternative("<p>Un sceau d'État, signé à Monaco.</p>", subtype="html")
    message.add_attachment(bytes(range(256)) * 20, maintype="application", subtype="pdf", filename="contrat à signer.pdf")
    del message["MIME-Version"]
    return message


class Exact(Message):
    """A part that is written as it was signed."""

    def __init__(self, data):
        super().__init__(policy=policy.SMTP)
        self.data = data


def outer(kind):
    kind["Subject"] = "=?utf-8?q?Contrat_sign=C3=A9?= " + "long " * 40
    kind["From"] = "acme@example.org"
    kind["To"] = "notary@example.org"
    return kind


inner = signed_part().as_bytes()
# The generator would fold anew: the signed part is put in its place afterwards.
placeholder = Message()
placeholder.set_payload("PLACEHOLDER")
mixed = outer(MIMEMultipart("signed", protocol="application/pkcs7-signature", micalg="sha-256"))
mixed.attach(placeholder)
mixed.attach(MIMEApplication(openssl(inner), "pkcs7-signature", name="smime.p7s"))
text = mixed.as_bytes(policy=policy.SMTP)
(folder / "python-multipart.eml").write_bytes(text.replace(b"\r\nPLACEHOLDER", inner))

opaque = outer(MIMEApplication(openssl(inner, "-nodetach"), "pkcs7-mime", name="smime.p7m"))
opaque.set_param("smime-type", "signed-data")
(folder / "python-opaque.eml").write_bytes(opaque.as_bytes(policy=policy.SMTP))
(folder / "python-opaque-lf.eml").write_bytes(opaque.as_bytes(policy=policy.default))
(folder / "python-part").write_bytes(inner)
