"""A router played by hand: announces itself, takes tasks, acknowledges them. For tests of ALMS's side alone."""

import base64
import json
import secrets
import time

from .mqtt import MqttClient


def imei(number):
    """A valid IMEI of the bench: its check digit is right (Luhn, 3GPP TS 23.003 annex B)."""
    body = f"35999900{number:06d}"
    total = sum(sum(divmod(int(digit) * (1 + position % 2), 10)) for position, digit in enumerate(body))
    return body + str(-total % 10)


def decode_part(text):
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def statement_claims(statement):
    """The claims of a compact JWS, its signature unchecked."""
    return decode_part(statement.split(".")[1])


class PlayedRouter:
    """One router's session at `broker`; use it in a with statement."""

    def __init__(self, broker, serial, imei, sku="XR80-NA-SAMPLE", iccid=None):
        self.serial, self.imei, self.sku, self.iccid = serial, imei, sku, iccid
        pki = broker.pki
        self.client = MqttClient(broker.address, broker.port, serial, pki.ca, pki.router(serial), clean=False)
        self.client.subscribe(f"{serial}/tasks/json")
        self.seen = set()

    def announce(self, seq=0, **overrides):
        """Publishes an announcement and returns its nonce."""
        nonce = secrets.token_hex(16)
        data = {"oobm.online": True, "oobm.serial": self.serial, "oobm.imei": self.imei, "oobm.sku": self.sku,
                "oobm.model": self.sku[:4], "oobm.announce_nonce": nonce, "oobm.entitlement_seq": seq}  # fmt: skip
        if self.iccid:
            data["oobm.iccid"] = self.iccid
        data.update({f"oobm.{name}": value for name, value in overrides.items()})
        self.report(data)
        return nonce

    def report(self, data, stamped=False):
        body = {str(int(time.time() * 1000)): data} if stamped else data
        self.client.publish(f"{self.serial}/messages/json", json.dumps(body))

    def task(self, seconds=15):
        """The next task that has not come before; None when none came in time."""
        while message := self.client.receive(seconds):
            task = json.loads(message.payload)[0]
            if task["uid"] not in self.seen:
                self.seen.add(task["uid"])
                return task
        return None

    def command(self, expected, seconds=15):
        """The next task's parameters; it must be the command `expected`."""
        task = self.task(seconds)
        if task is None:
            raise AssertionError(f"{self.serial}: no {expected} came")
        if task.get("command", {}).get("id") != expected:
            raise AssertionError(f"{self.serial}: {task} instead of {expected}")
        return task["command"]["params"]

    def ack(self, uid, status="OK", message=None):
        entry = {"uid": uid, "status": status} | ({"message": message} if message else {})
        self.client.publish(f"{self.serial}/acks/json", json.dumps([entry]))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()
