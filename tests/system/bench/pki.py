"""Certificates of a bench: for each ALMS instance a CA, the broker's certificate, ALMS's own and the routers'.

Everything is EC P-256, made with the openssl program; key files have mode 0600. What is there already is kept, so a
second call costs nothing. Two deviations exist for tests: a rogue CA that nobody trusts, and a server certificate of
the right CA for another host.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

DAYS = "3650"
LOCAL_NAMES = ("DNS:localhost", "IP:127.0.0.1", "IP:::1")


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, both PEM files."""

    cert: Path
    key: Path


def openssl(*arguments, stdin=None):
    done = subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout


def make_key(path):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"))


class Authority:
    """One CA in one folder; `name` is its common name."""

    def __init__(self, folder, name):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pair = Pair(self.folder / "ca.pem", self.folder / "ca.key")
        if not self.pair.cert.exists():
            make_key(self.pair.key)
            openssl("req", "-new", "-x509", "-key", self.pair.key, "-out", self.pair.cert, "-days", DAYS,
                    "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
                    "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip

    @property
    def cert(self):
        """What the other side must trust."""
        return self.pair.cert

    def issue(self, file_name, common_name, extensions):
        """A certificate for `common_name`, signed by this CA; made once."""
        pair = Pair(self.folder / f"{file_name}.pem", self.folder / f"{file_name}.key")
        if pair.cert.exists():
            return pair
        make_key(pair.key)
        extra = [part for extension in extensions for part in ("-addext", extension)]
        openssl("req", "-new", "-x509", "-key", pair.key, "-out", pair.cert, "-days", DAYS,
                "-subj", f"/CN={common_name}", "-CA", self.pair.cert, "-CAkey", self.pair.key,
                "-addext", "basicConstraints=critical,CA:FALSE", *extra)  # fmt: skip
        return pair

    def sign(self, request, certificate, days):
        """A router's certificate, written to the file `certificate`, for the key of a request (PKCS#10)."""
        usage = self.folder / "client.ext"
        usage.write_text("basicConstraints=critical,CA:FALSE\nextendedKeyUsage=clientAuth\n")
        openssl("x509", "-req", "-in", request, "-CA", self.pair.cert, "-CAkey", self.pair.key, "-days", days,
                "-extfile", usage, "-out", certificate)  # fmt: skip
        return certificate

    def server(self, host, addresses=(), file_name="server"):
        """The broker's certificate for `host`, for loopback and for further IP addresses."""
        names = ",".join((f"DNS:{host}", *LOCAL_NAMES, *(f"IP:{address}" for address in addresses)))
        return self.issue(file_name, host, (f"subjectAltName={names}", "extendedKeyUsage=serverAuth"))

    def wrong_host_server(self, host="elsewhere.example"):
        """Signed by this CA, but for another host and for no address."""
        return self.issue("wrong-host", host, (f"subjectAltName=DNS:{host}", "extendedKeyUsage=serverAuth"))

    def client(self, common_name):
        """A router's certificate (its serial number) or ALMS's own."""
        return self.issue(f"client-{common_name}", common_name, ("extendedKeyUsage=clientAuth",))


@dataclass(frozen=True)
class InstancePki:
    """All that one instance needs."""

    instance: str
    host: str
    authority: Authority
    server: Pair
    alms: Pair

    @property
    def ca(self):
        return self.authority.cert

    def router(self, serial):
        return self.authority.client(serial)


def alms_user(instance):
    """The name in ALMS's client certificate, which the broker's access list knows."""
    return f"alms-{instance}"


def instance_pki(folder, instance, host=None, addresses=()):
    """The CA, the server's and ALMS's certificates of one instance; `host` is INSTANCE.alms.test unless given."""
    host = host or f"{instance}.alms.test"
    authority = Authority(Path(folder) / instance, f"Bench CA {instance}")
    return InstancePki(instance, host, authority, authority.server(host, addresses),
                       authority.client(alms_user(instance)))  # fmt: skip


def rogue_authority(folder):
    """A CA that no router trusts."""
    return Authority(Path(folder) / "rogue", "Rogue CA")
