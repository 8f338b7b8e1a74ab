"""Mosquitto as the broker of one ALMS instance: TLS with client certificates, and an access list by which a router can
touch its own three topics and nothing else. The certificate's common name is user name and client id, so that no router
can take another one's session. Its log names every connection, and so proves that one never came.
"""

import os
import re
import socket
from pathlib import Path

from .pki import alms_user
from .process import Process

READY = "running"
START_SECONDS = 20
MAX_PACKET_BYTES = 65536

CONFIG = """\
per_listener_settings false
listener {port} {address}
cafile {cafile}
certfile {certfile}
keyfile {keyfile}
require_certificate true
use_identity_as_username true
use_username_as_clientid true
allow_anonymous false
acl_file {acl}
persistence true
persistence_location {folder}/
autosave_interval 30
max_packet_size {max_packet}
max_queued_messages 1000
connection_messages true
log_timestamp true
log_timestamp_format %Y-%m-%dT%H:%M:%S
log_dest stdout
log_type error
log_type warning
log_type notice
log_type information
log_type subscribe
log_type unsubscribe
log_type debug
user {user}
"""

ACCESS = """\
pattern write %u/messages/json
pattern write %u/acks/json
pattern read %u/tasks/json

user {alms}
topic read +/messages/json
topic read +/acks/json
topic write +/tasks/json
"""


def free_port(address="127.0.0.1"):
    """A port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


class Broker:
    """One mosquitto. `prefix` runs it in a network namespace; see Process."""

    def __init__(self, folder, pki, address="127.0.0.1", port=8883, prefix=(), server=None,
                 max_packet_bytes=MAX_PACKET_BYTES):  # fmt: skip
        self.folder = Path(folder)
        self.pki = pki
        self.address = address
        self.port = port
        self.server = server or pki.server
        self.max_packet_bytes = max_packet_bytes
        self.config_path = self.folder / "mosquitto.conf"
        self.log_path = self.folder / "mosquitto.log"
        self.process = Process(f"mosquitto {pki.instance}", ["mosquitto", "-c", self.config_path], self.log_path, prefix)

    def write_config(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        acl = self.folder / "acl"
        acl.write_text(ACCESS.format(alms=alms_user(self.pki.instance)))
        acl.chmod(0o600)
        self.config_path.write_text(
            CONFIG.format(port=self.port, address=self.address, cafile=self.pki.ca, certfile=self.server.cert,
                          keyfile=self.server.key, acl=acl, folder=self.folder, max_packet=self.max_packet_bytes,
                          user="root" if os.geteuid() == 0 else "mosquitto")  # fmt: skip
        )

    def start(self):
        """Starts it and returns when it listens. Raises BenchError with the end of its log when it does not."""
        self.write_config()
        logged = len(self.process.log())
        self.process.start()
        self.process.wait_for_log(READY, START_SECONDS, after=logged)
        return self

    def stop(self):
        return self.process.stop()

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.process.log()

    def connections(self):
        """(address, client id) of every client that was let in, in order."""
        return re.findall(r"New client connected from (\S+?):\d+ as (\S+)", self.log())

    def connection_attempts(self):
        """The addresses of all TCP connections that the broker saw, let in or not."""
        return re.findall(r"New connection from (\S+?):\d+ on port", self.log())

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
