"""The mbedTLS that ships shakes hands with OpenSSL: every version, suite, group and kind of key that the agent offers, with
certificates on both sides; and a server that it must not believe is refused. OOBM_HANDSHAKE is the client's command."""

import os
import pathlib
import shlex
import socket
import subprocess
import tempfile
import unittest

CLIENT = shlex.split(os.environ["OOBM_HANDSHAKE"])
KEYS = {
    "p256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "rsa": ["-newkey", "rsa:2048"],
}
SECONDS = 120
TLS12 = ["-tls1_2", "-cipher"]
TLS13 = ["-tls1_3", "-ciphersuites"]


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Handshake(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        for name in (*KEYS, "stranger"):
            cls.make(name, KEYS.get(name, KEYS["p256"]))

    @classmethod
    def make(cls, name, key):
        """A certificate that signs itself, for both sides: each trusts the other's."""
        openssl("req", "-x509", "-nodes", *key, "-keyout", cls.folder / f"{name}.key", "-out", cls.folder / f"{name}.pem", "-days", 2,
                "-subj", "/CN=server.example", "-addext", "subjectAltName=DNS:server.example")  # fmt: skip

    def talk(self, key, *options, anchor=None):
        """(exit status, what the client printed): the server sends each line back, reversed."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        cert, private = self.folder / f"{key}.pem", self.folder / f"{key}.key"
        server = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", cert, "-key", private, "-rev", "-naccept", "1",
                                   "-Verify", "1", "-CAfile", cert, "-verify_return_error", *options],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
        try:
            while b"ACCEPT" not in (line := server.stdout.readline()):
                self.assertTrue(line, "the server did not start")
            client = [*CLIENT, str(port), str(self.folder / f"{anchor or key}.pem"), str(cert), str(private)]
            run = subprocess.run(client, capture_output=True, text=True, timeout=SECONDS, check=False)
            return run.returncode, run.stdout + run.stderr
        finally:
            server.kill()
            server.communicate()

    def test_a_server_of_another_authority_is_refused(self):
        status, said = self.talk("p256", anchor="stranger")
        self.assertNotEqual(status, 0)
        self.assertIn("handshake", said)

    def test_what_is_left_out_is_not_offered(self):
        for options in ((*TLS12, "AES128-SHA256"), (*TLS12, "ECDHE-RSA-AES128-SHA"), (*TLS12, "DHE-RSA-AES128-GCM-SHA256")):
            with self.subTest(options=options):
                self.assertNotEqual(self.talk("rsa", *options)[0], 0)

    def test_every_suite_and_key(self):
        for key, kind in (("p256", "ECDSA"), ("rsa", "RSA")):
            for suite in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"):
                with self.subTest(key=key, suite=suite):
                    status, said = self.talk(key, *TLS12, f"ECDHE-{kind}-{suite}")
                    self.assertEqual((status, said.split()[0]), (0, "TLSv1.2"), said)
                    self.assertIn("ereht revo", said)
        for key, suite in (("p256", "TLS_AES_128_GCM_SHA256"), ("p384", "TLS_CHACHA20_POLY1305_SHA256"), ("rsa", "TLS_AES_256_GCM_SHA384")):
            with self.subTest(key=key, suite=suite):
                status, said = self.talk(key, *TLS13, suite)
                self.assertEqual((status, said.split()[0]), (0, "TLSv1.3"), said)
                self.assertIn("ereht revo", said)

    def test_every_group(self):
        for group in ("P-256", "P-384", "X25519"):
            with self.subTest(group=group):
                status, said = self.talk("p256", "-tls1_3", "-groups", group)
                self.assertEqual(status, 0, said)


if __name__ == "__main__":
    unittest.main()
