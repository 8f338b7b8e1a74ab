"""A router's whole life, told by the programs themselves: two ALMS instances with real brokers, four routers in network
namespaces, real TLS, a real serial dialogue. Exit status 0 only when everything that was checked held.

    demo.py [--build-dir DIR] [--keep]     --keep leaves it all up until Ctrl-C and says what to type
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time

from bench.process import BenchError, wait_until
from bench.router import Identity
from bench.world import World

WAIT = 30  # seconds for anything that should happen soon
TERM_SECONDS = 20
GRACE_SECONDS = 5

GLOBAL_XR80 = Identity("XR80GL0001", "XR80-GL-SAMPLE", "490154203237518", "8988303000012345678", "XR80", region="GLOBAL")
XR80 = Identity("XR80NA0001", "XR80-NA-SAMPLE", "359459090001236", "8914800000012345678", "XR80", region="NA")
XR90 = Identity("XR90NA0001", "XR90-NA-SAMPLE", "356938035643809", "8914800000087654321", "XR90", region="NA")
COMPLETE = "AirLink Complete (XR80)"


class Story:
    """Prints what happens and remembers what was checked."""

    def __init__(self):
        self.begin = time.monotonic()
        self.checks = []

    def say(self, text):
        print(f"\n[{time.monotonic() - self.begin:5.1f} s] {text}", flush=True)

    def show(self, command, output):
        print(f"    $ {command}")
        for line in output.rstrip().splitlines():
            print(f"      {line}")
        sys.stdout.flush()

    def check(self, what, held, seen=""):
        self.checks.append((what, bool(held), str(seen)))
        print(f"    {'ok' if held else 'FAILED'}: {what}" + (f" ({seen})" if seen and not held else ""), flush=True)

    def table(self):
        width = max(len(what) for what, _, _ in self.checks)
        print(f"\n{'What was checked':{width}}  Held")
        print(f"{'-' * width}  ----")
        for what, held, seen in self.checks:
            print(f"{what:{width}}  {'yes' if held else 'NO   ' + seen}")
        failed = sum(not held for _, held, _ in self.checks)
        print(f"\n{len(self.checks) - failed} passed, {failed} failed in {time.monotonic() - self.begin:.0f} s", flush=True)
        return failed == 0


class Demo:
    def __init__(self, world, story):
        self.story = story
        self.world = world
        self.na = world.instances["na"]
        self.eu = world.instances["eu"]
        self.global_xr80 = world.add_router("xr80-global", GLOBAL_XR80, home="na", instance="na")
        self.xr80 = world.add_router("xr80", XR80)
        self.xr90 = world.add_router("xr90", XR90)

    # Two voices: the operator at ALMS, and the technician at the router.

    def operator(self, *verb):
        done = subprocess.run(self.na.alms.command_line(*verb), capture_output=True, text=True, timeout=60, check=False)
        self.story.show("alms-sim " + shlex.join(map(str, verb)), done.stdout + done.stderr)
        return done.returncode

    def technician(self, router, *command, lines=None):
        output = router.ctl(*command).stdout
        shown = output.splitlines()[:lines] if lines else output.splitlines()
        self.story.show(f"oobmctl {' '.join(command)}    # on {router.identity.serial}", "\n".join(shown))
        return output

    def refused(self, router, code):
        """Waits until the technician is told this refusal."""
        status = router.wait_status(lambda s: s["verdict"]["code"] == code, WAIT, f"told {code}")
        self.technician(router, "status", lines=3)
        self.story.check(f"{router.identity.model} is told {code}", status["lifecycle"]["state"] == "UNREGISTERED", status["lifecycle"]["state"])

    # The story.

    def tell(self):
        self.wrong_instance()
        self.registration()
        self.other_device()
        self.activation()
        self.service()
        self.lapse()
        self.still_suspended()
        self.renewal()
        self.nothing_from_the_blocked_router()
        self.orderly_end()

    def wrong_instance(self):
        self.story.say("A Global XR80 is configured for the North American instance.")
        self.global_xr80.start()
        status = self.global_xr80.wait_status(lambda s: s["verdict"]["code"] == "REGION_MISMATCH", WAIT, "blocked")
        self.technician(self.global_xr80, "status", lines=3)
        self.story.check("Global XR80 on NA is blocked with REGION_MISMATCH", status["blocked"])

    def registration(self):
        self.story.say("A North American XR80 is switched on. Its OOBM SIM is dormant, so it announces itself over the main WAN.")
        self.xr80.start()
        self.na.alms.wait(XR80.serial, "announced", timeout=WAIT)
        status = self.xr80.wait_status(lambda s: s["verdict"]["code"] == "PENDING", WAIT, "told PENDING")
        self.technician(self.xr80, "status", lines=3)
        self.story.check("XR80 announced itself and is told PENDING", status["lifecycle"]["state"] == "UNREGISTERED")

        self.story.say("An operator registers it: in a Standard account, then on an offer without OOBM, then rightly.")
        self.operator("account-add", "legacy", "--name", "Legacy customer", "--class", "Standard")
        self.operator("account-add", "acme", "--name", "ACME Utilities", "--class", "AVC")
        for account, offer, code in (("legacy", COMPLETE, "ACCOUNT_CLASS"), ("acme", "AirLink Basic", "OFFER_NO_OOBM")):
            self.refused_registration(self.xr80, account, offer, code)
        self.operator("register", XR80.serial, XR80.imei, "--account", "acme", "--offer", COMPLETE, "--iccid", XR80.iccid)
        status = self.xr80.wait_lifecycle("INVENTORY", WAIT)
        self.technician(self.xr80, "status", lines=3)
        self.story.check("XR80 in the AVC account is in INVENTORY", status["verdict"]["code"] == "AWAITING_ORDER")

    def refused_registration(self, router, account, offer, code):
        verb = ("register", router.identity.serial, router.identity.imei, "--account", account, "--offer", offer)
        self.story.check(f"ALMS refuses the {router.identity.model} with {code}", self.operator(*verb) == 1)
        self.refused(router, code)

    def other_device(self):
        self.story.say(f'An XR90 is put on the offer "{COMPLETE}".')
        self.xr90.start()
        self.na.alms.wait(XR90.serial, "announced", timeout=WAIT)
        self.refused_registration(self.xr90, "acme", COMPLETE, "OFFER_DEVICE_MISMATCH")

    def activation(self):
        self.story.say(f"A purchase order for the XR80 arrives: {TERM_SECONDS} s of service and {GRACE_SECONDS} s of grace, issued so by ALMS.")
        self.operator("purchase-order", XR80.serial, "--term-seconds", TERM_SECONDS, "--grace-seconds", GRACE_SECONDS)
        status = self.xr80.wait_lifecycle("ACTIVE", WAIT)
        self.technician(self.xr80, "status")
        self.story.check("XR80 is ACTIVE", status["verdict"]["code"] == "IN_SERVICE")
        self.story.check("its session runs over the OOBM link", status["link"]["uplink"] == "oobm", status["link"].get("uplink"))
        self.na.alms.wait(XR80.serial, "data:oobm.activation_result=PROVEN", timeout=WAIT)
        self.na.alms.wait(XR80.serial, "data:oobm.activation_interface=oobm0", timeout=WAIT)
        self.story.check("ALMS has the proof of the path over oobm0", True)

    def service(self):
        self.story.say("In service: telemetry arrives, and a command is carried out.")
        self.na.alms.wait(XR80.serial, "data:_RSRP", timeout=WAIT)
        data = self.na.alms.do("show", XR80.serial)["router"]["data"]
        chosen = ("_NETWORK_OPERATOR", "_NETWORK_SERVICE_TYPE", "_RSRP", "_BYTES_SENT", "oobm.wan_up")
        self.story.show(f"alms-sim show {XR80.serial}", "\n".join(f"{key} = {data[key]['value']}" for key in chosen if key in data))
        self.story.check("telemetry has arrived at ALMS", "_RSRP" in data and "oobm.wan_up" in data)
        ack = self.command("oobm.diagnose")
        self.story.check("a remote command is carried out and acknowledged", ack["status"] == "OK", ack)

    def command(self, name, meanwhile=None):
        """Sends a command and returns its acknowledgement."""
        uid = self.na.alms.do("command", XR80.serial, name)["uid"]
        if meanwhile:
            meanwhile()
        self.na.alms.wait(XR80.serial, f"ack:{uid}", timeout=WAIT)
        task = next(task for task in self.na.alms.do("tasks") if task["uid"] == uid)
        ack = task["acks"][0]
        self.story.show(f"alms-sim command {XR80.serial} {name}", f"{ack['status']} {ack['message']}")
        return ack

    def lapse(self):
        self.story.say("Nobody renews. The router gives notice, goes on through its grace, and suspends itself.")
        self.xr80.wait_lifecycle("GRACE", TERM_SECONDS + WAIT)
        self.technician(self.xr80, "status", lines=3)
        self.xr80.wait_lifecycle("SUSPENDED", GRACE_SECONDS + WAIT)
        self.technician(self.xr80, "status", lines=3)
        events = self.xr80.events()
        told = [e["event"] if e["event"] == "notice" else e["text"] for e in events if e["event"] in ("notice", "lifecycle")]
        self.technician(self.xr80, "events")
        since_notice = told[told.index("notice") :] if "notice" in told else []
        in_order = since_notice[:1] + since_notice[-2:] == ["notice", "GRACE", "SUSPENDED"]
        self.story.check("notice, then GRACE, then SUSPENDED", in_order, told)
        wait_until(lambda: not self.xr80.attachment.oobm_is_up(), WAIT, "the OOBM bearer goes down")
        self.story.check("the suspended router has left the OOBM network", True)

    def still_suspended(self):
        self.story.say("A command now meets a suspended router; killing the daemon does not help either.")
        ack = self.command("oobm.diagnose", meanwhile=lambda: self.technician(self.xr80, "sync"))
        refused = ack["status"] == "ERROR" and ack["message"].startswith("SUSPENDED")
        self.story.check("the command is answered ERROR SUSPENDED", refused, ack)
        killed = self.xr80.agent.pid
        self.xr80.agent.kill()
        self.story.show(f"kill -9 {killed}; oobmd &", "")
        self.xr80.start_agent()
        status = self.xr80.wait_status(lambda s: s["link"].get("last_contact_age_ms") is not None, WAIT, "its probe is answered")
        self.technician(self.xr80, "status", lines=3)
        self.story.check("killed and restarted, it is still SUSPENDED", status["lifecycle"]["state"] == "SUSPENDED", status["lifecycle"]["state"])
        wait_until(lambda: self.xr80.status()["link"]["phase"] == "idle", WAIT, "the probe ends")

    def renewal(self):
        self.story.say("A purchase order for three years arrives, and the technician types one word.")
        daemon = self.xr80.agent.pid
        self.operator("purchase-order", XR80.serial, "--months", 36)
        self.technician(self.xr80, "sync")
        self.xr80.wait_status(lambda s: s["lifecycle"]["state"] == "ACTIVE" and s["link"].get("uplink") == "oobm", WAIT, "in service again")
        self.technician(self.xr80, "status", lines=3)
        running = self.xr80.agent.running() and self.xr80.agent.pid == daemon
        self.story.check("XR80 is ACTIVE again, without a restart", running)
        ack = self.command("oobm.diagnose")
        self.story.check("and carries commands out again", ack["status"] == "OK", ack)

    def nothing_from_the_blocked_router(self):
        self.story.say("And the Global XR80, all this time?")
        router = self.global_xr80
        sent = {device: router.attachment.packets_sent(device) for device in ("wan0", "oobm0")}
        self.story.show(f"ip -s link    # on {router.identity.serial}", "\n".join(f"{d}: {n} packets sent" for d, n in sent.items()))
        self.story.check("not one packet has left the blocked router", not any(sent.values()), sent)
        ours = (router.attachment.wan_address, router.attachment.oobm_address)
        for instance in (self.na, self.eu):
            seen = [a for a in instance.broker.connection_attempts() if a in ours]
            self.story.check(f"the {instance.name} broker has heard nothing from it", not seen, seen)
        quiet = not [a for a in self.eu.broker.connection_attempts() if a.startswith(("192.0.2.", "198.51.100."))]
        self.story.check("no router has touched the eu broker", quiet)

    def orderly_end(self):
        self.story.say("The daemons are told to stop.")
        status = [router.stop() for router in (self.global_xr80, self.xr80, self.xr90)]
        self.story.check("all daemons have stopped in good order", status == [0, 0, 0], status)


def keep_up(world, demo):
    """Waits for Ctrl-C, having said what to type."""
    for router in world.routers:
        router.start()
    control = demo.na.alms.command_line()
    print("\nThe bench stays up until Ctrl-C. In another terminal:")
    for router in world.routers:
        print(f"  ./dev in-demo {shlex.join(router.attachment.prefix + router.ctl_command('status'))}")
    print(f"  ./dev in-demo {shlex.join([*control, 'list'])}")
    print(f"  ./dev in-demo {shlex.join([*control, 'command', XR80.serial, 'oobm.diagnose'])}", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        print("\nStopping.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="leave everything up until Ctrl-C")
    parser.add_argument("--build-dir", help="where the programs were built (build/debug)")
    options = parser.parse_args()
    if options.build_dir:
        os.environ["OOBM_BUILD_DIR"] = options.build_dir
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    story = Story()
    story.say("Two ALMS instances start: a broker and an alms-sim each.")
    with World(label="demo") as world:
        demo = Demo(world, story)
        try:
            demo.tell()
        except BenchError as error:
            story.check("the story went to its end", False, error)
            print("\n--- log of the XR80's daemon\n" + demo.xr80.agent.log()[-4000:])
        held = story.table()
        if options.keep:
            keep_up(world, demo)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
