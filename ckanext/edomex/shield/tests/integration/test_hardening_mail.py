"""Letters, CKAN's and ours, go only to a server that somebody we trust vouches for: real SMTP, real certificates."""

import contextlib
import datetime
import email
import ipaddress
import logging
import socket
import ssl

import pytest
from aiosmtpd.controller import Controller
from ckan import model
from ckan.lib import mailer
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ckanext.edomex.adapters import mail

NOW = datetime.datetime.now(datetime.UTC)


class Authority:
    """Signs certificates; its own is what one trusts."""

    def __init__(self, folder):
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Autoridad de prueba")])
        own = self._begin(self.name, self.key).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.file = folder / "ca.pem"
        self.file.write_bytes(own.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def _begin(self, name, key):
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(self.name).public_key(key.public_key())
        day = datetime.timedelta(days=1)
        return builder.serial_number(x509.random_serial_number()).not_valid_before(NOW - day).not_valid_after(NOW + day)

    def server(self, address):
        """A server's context with a certificate for an address."""
        key = ec.generate_private_key(ec.SECP256R1())
        place = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        signed = self._begin(x509.Name([]), key).add_extension(place, critical=True).sign(self.key, hashes.SHA256())
        file = self.folder / f"{address}.pem"
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        return context


class Box:
    def __init__(self):
        self.taken = []

    async def handle_DATA(self, _server, session, envelope):  # noqa: N802  # the library's name
        self.taken.append((session.ssl is not None, email.message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def serve(clean_releases):
    """A mail server on this machine; portal's letters go there, encrypted."""
    # The library tells of every refusal with a traceback.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as everything:

        def start(context, ca=""):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            box = Box()
            server = Controller(box, hostname="127.0.0.1", port=port, tls_context=context)
            server.start()
            everything.callback(server.stop)
            settings = {
                "smtp.server": f"127.0.0.1:{port}",
                "smtp.mail_from": "portal@example.org",
                "smtp.starttls": True,
                "ckanext.edomex.shield.smtp_ca_file": str(ca),
            }
            for name, value in settings.items():
                everything.enter_context(changed_config(name, value))
            return box

        yield start


def by_ckan():
    mailer.mail_user(model.User.get(factories.User()["name"]), "Asunto", "Texto con ñ", "<p>Texto</p>", {"X-Prueba": "sí"})


def by_us():
    mail.send("alguien@example.org", "Asunto", "Texto con ñ")


WAYS = pytest.mark.parametrize(("letter", "refused"), [(by_ckan, mailer.MailerException), (by_us, mail.MailError)])


@WAYS
def test_a_server_that_vouches_for_itself_gets_nothing(serve, authority, letter, refused):
    box = serve(authority.server("127.0.0.1"))
    with pytest.raises(refused, match="SSLCertVerificationError"):
        letter()
    assert box.taken == []


@WAYS
def test_one_that_a_trusted_authority_vouches_for_does(serve, authority, letter, refused):
    box = serve(authority.server("127.0.0.1"), authority.file)
    letter()
    ((encrypted, taken),) = box.taken
    assert encrypted
    parts = [part.get_payload(decode=True).decode() for part in taken.walk() if not part.is_multipart()]
    assert "Texto con ñ" in parts[0]


@WAYS
def test_a_certificate_of_another_server_is_none(serve, authority, letter, refused):
    box = serve(authority.server("127.0.0.9"), authority.file)
    with pytest.raises(refused):
        letter()
    assert box.taken == []


@WAYS
def test_a_server_that_does_not_encrypt_gets_nothing(serve, letter, refused):
    box = serve(None)
    with pytest.raises(refused, match="SMTPNotSupportedError"):
        letter()
    assert box.taken == []


def test_stock_ckan_writes_to_whoever_answers(serve, authority):
    """The attack that the others refuse, against CKAN's own mailer."""
    box = serve(authority.server("127.0.0.1"))
    mailer._mail_recipient("Alguien", "alguien@example.org", "Portal", "http://test.ckan.net", "Asunto", "Secreto")
    assert len(box.taken) == 1


def test_everything_that_ckan_gives_arrives(serve, authority):
    import io

    box = serve(authority.server("127.0.0.1"), authority.file)
    files = [("datos.csv", io.BytesIO(b"a,b\n"), "text/csv"), ("nota.txt", io.StringIO("hola"))]
    mailer.mail_recipient("Ana", "ana@example.org", "Un asunto\n", "Texto", "<p>Texto</p>", {"X-Prueba": "uno"}, files)
    taken = box.taken[0][1]
    assert taken["X-Prueba"] == "uno"
    assert taken["Subject"] == "Un asunto"
    kinds = [part.get_content_type() for part in taken.walk()]
    assert {"text/plain", "text/html", "text/csv"} <= set(kinds)
    assert [part.get_filename() for part in taken.walk() if part.get_filename()] == ["datos.csv", "nota.txt"]


def test_a_line_break_makes_no_header(serve, authority):
    box = serve(authority.server("127.0.0.1"), authority.file)
    with pytest.raises(mail.MailError):
        mail.send("ana@example.org\nBcc: otro@example.org", "Asunto", "Texto")
    assert box.taken == []


def test_errors_are_not_mailed(clean_releases):
    from ckan.common import config

    assert config["email_to"] == ""
