"""A whole bench: the cloud with both ALMS instances, each with its broker, and a name server that knows only their brokers."""

import json
import tempfile
from pathlib import Path

from .alms import Alms
from .broker import Broker
from .network import ALMS_ADDRESS, NAME_SERVER, Network, enter
from .pki import instance_pki
from .process import Process
from .router import Router

INSTANCES = {
    "na": dict(name="ALMS North America", portal="https://na.airvantage.net", residency="United States", serves=["NA"]),
    "eu": dict(name="ALMS Europe", portal="https://eu.airvantage.net", residency="Europe", serves=["GLOBAL"]),
}
FILE_PORT = 8443  # of the instance's file server, where a test starts one


class Instance:
    """One ALMS instance: its keys, broker and alms-sim."""

    def __init__(self, folder, name, prefix, sim_folder, broker_options):
        self.name = name
        self.folder = folder / name
        self.pki = instance_pki(folder / "pki", name, addresses=[ALMS_ADDRESS[name]])
        self.broker = Broker(self.folder / "broker", self.pki, address=ALMS_ADDRESS[name], prefix=prefix,
                             **broker_options)  # fmt: skip
        self.alms = Alms(self.folder / "alms", self.broker, sim_folder=sim_folder, prefix=prefix)

    def data(self):
        """Its entry in the routers' instance data."""
        keys = self.alms.keys(self.folder / "keys.json")
        return {"id": self.name, **INSTANCES[self.name], "mqtt": {"host": self.pki.host, "port": self.broker.port},
                "files": [{"host": self.pki.host, "port": FILE_PORT}],
                "tls_anchors": str(self.pki.ca), "roots": keys["roots"], "trust": keys["trust"],
                "packages": keys["packages"]}  # fmt: skip


class World:
    """Context manager. Everything it starts ends with it; its folder too, unless `folder` is given. `broker_options` go to
    both brokers."""

    def __init__(self, folder=None, label="bench", **broker_options):
        self.broker_options = broker_options
        self.temporary = None if folder else tempfile.TemporaryDirectory(prefix="oobm-bench-")
        self.folder = Path(folder or self.temporary.name)
        self.network = Network(label)
        self.sim_folder = self.folder / "sims"
        self.instances_file = self.folder / "instances.json"
        self.routers = []
        self.instances = {}
        self.names = None

    def start(self):
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self):
        self.sim_folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)  # the daemons are nobody's
        self.network.start()
        prefix = enter(self.network.cloud)
        for name in INSTANCES:
            self.instances[name] = Instance(self.folder, name, prefix, self.sim_folder, self.broker_options)
        data = [instance.data() for instance in self.instances.values()]
        self.instances_file.write_text(json.dumps({"instances": data}, indent=2))
        self.names = self._name_server(prefix).start()
        for instance in self.instances.values():
            instance.broker.start()
            instance.alms.start()

    def _name_server(self, prefix):
        records = [f"--host-record={i.pki.host},{ALMS_ADDRESS[i.name]}" for i in self.instances.values()]
        command = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root",
                   "--bind-interfaces", f"--listen-address={NAME_SERVER}", "--pid-file=", "--log-queries",
                   "--log-facility=-", *records]  # fmt: skip
        return Process("dnsmasq", command, self.folder / "dnsmasq.log", prefix)

    def add_router(self, name, identity, home="na", oobm=True, **options):
        """A router in the network, not started; `home` is the instance that signed its certificate. Without `oobm` it has
        no OOBM interface yet."""
        attachment = self.network.add_router(name, oobm)
        router = Router(self.folder / "routers" / name, identity, attachment, self.instances[home].pki,
                        self.instances_file, self.sim_folder, **options)  # fmt: skip
        (self.sim_folder / f"{identity.iccid}.sim").write_text("dormant\n")
        self.routers.append(router)
        return router

    def stop(self):
        for router in self.routers:
            router.stop()
        for instance in self.instances.values():
            instance.alms.stop()
            instance.broker.stop()
        if self.names:
            self.names.stop()
        self.network.stop()
        if self.temporary:
            self.temporary.cleanup()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
