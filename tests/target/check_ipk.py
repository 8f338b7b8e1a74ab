"""Unpacks an OpenWrt package of the agent and says what is wrong with it: check_ipk.py PACKAGE [READELF].

There are two: oobm-agent, and oobm-agent-transfer with the helper that moves files. In place of one oobm-static_VERSION_..., the program
that needs nothing, is held to what the programs in them are held to.

The form is that of OpenWrt's own builder: a gzip'd tar of debian-binary, data.tar.gz and control.tar.gz in this order.
"""

import gzip
import io
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

OUTER = ["./debian-binary", "./data.tar.gz", "./control.tar.gz"]
NAME = re.compile(r"(?P<name>oobm-agent(?:-transfer)?)_(?P<version>[0-9][0-9a-z.+-]*)_(?P<architecture>aarch64_cortex-a53)\.ipk")
STATIC = re.compile(r"oobm-static_[0-9][0-9a-z.+-]*_aarch64_cortex-a53")
TOP = pathlib.Path(__file__).resolve().parents[2]

# Path -> mode of a file, or the target of a symbolic link.
AGENT = {
    "./etc/config/oobm": 0o644,
    "./etc/hotplug.d/iface/90-oobm": 0o644,
    "./etc/hotplug.d/ntp/90-oobm": 0o644,
    "./etc/hotplug.d/tty/90-oobm": 0o644,
    "./etc/init.d/oobm": 0o755,
    "./etc/uci-defaults/90-oobm": 0o644,
    "./lib/upgrade/keep.d/oobm-agent": 0o644,
    "./usr/bin/oobmctl": "../sbin/oobm",
    "./usr/lib/oobm/account": 0o755,
    "./usr/lib/oobm/board/conformance": 0o755,
    "./usr/lib/oobm/board/linux": 0o755,
    "./usr/lib/oobm/board/openwrt": 0o755,
    "./usr/lib/oobm/configure": 0o755,
    "./usr/lib/oobm/nudge": 0o755,
    "./usr/lib/oobm/settings": 0o644,
    "./usr/sbin/oobm": 0o755,
    "./usr/sbin/oobmd": "oobm",
    "./usr/share/oobm/catalogue.json": 0o644,
    "./usr/share/oobm/instances.json": 0o644,
    # Parts that the board helpers source.
    **{f"./usr/lib/oobm/board/{part.name}": 0o644 for part in (TOP / "hal/board").rglob("*.sh")},
}
TRANSFER = {"./usr/libexec/oobm/oobm-transfer": 0o755}
SCRIPTS = {f"./{script}": 0o755 for script in ("preinst", "postinst", "prerm", "postrm")}

# The C library and what is part of it.
C_LIBRARY = {"libc.so.6", "libm.so.6", "ld-linux-aarch64.so.1"}
# What else a program may need: the library of a package that its own package depends on.
PACKAGED = {"libcurl4": "libcurl.so.4"}


class Kind:
    """What one of the packages must be."""

    def __init__(self, data, control, program):
        self.data, self.control, self.program = data, control, program


KINDS = {
    "oobm-agent": Kind(AGENT, {"./control": 0o644, "./conffiles": 0o644, **SCRIPTS}, "./usr/sbin/oobm"),
    "oobm-agent-transfer": Kind(TRANSFER, {"./control": 0o644, "./preinst": 0o755, "./postinst": 0o755}, "./usr/libexec/oobm/oobm-transfer"),
}
FIELDS = {"Package", "Version", "Depends", "Section", "Architecture", "Maintainer", "Installed-Size", "Description"}


def gunzip(data, what, problems):
    # RFC 1952, section 2.3: flags at 3 (a file name would be one), modification time at 4 to 7.
    if data[:2] != b"\x1f\x8b":
        problems.append(f"{what}: not gzip")
        return None
    if data[3] or any(data[4:8]):
        problems.append(f"{what}: gzip header has a name or a time")
    return gzip.decompress(data)


def open_tar(data, what, problems):
    try:
        return tarfile.open(fileobj=io.BytesIO(data), mode="r:")
    except tarfile.TarError as error:
        problems.append(f"{what}: no tar ({error})")
        return None


def check_owners_and_times(tar, what, problems):
    for member in tar:
        if (member.uid, member.gid) != (0, 0):
            problems.append(f"{what}: {member.name} belongs to {member.uid}:{member.gid}, not to 0:0")
    if len({member.mtime for member in tar}) > 1:
        problems.append(f"{what}: members differ in time")


def shape(member):
    return member.linkname if member.issym() else member.mode


def with_dot(name):
    return name if name.startswith("./") or name == "." else "./" + name


def check_members(tar, expected, what, problems):
    found = {with_dot(member.name): member for member in tar if not member.isdir()}
    for path in expected.keys() - found.keys():
        problems.append(f"{what}: {path} is missing")
    for path in found.keys() - expected.keys():
        problems.append(f"{what}: {path} should not be there")
    for path in found.keys() & expected.keys():
        if shape(found[path]) != expected[path]:
            problems.append(f"{what}: {path} is {shape(found[path])}, expected {expected[path]}")
    for member in tar:
        if member.isdir() and member.mode != 0o755:
            problems.append(f"{what}: folder {member.name} has mode {member.mode:o}")


def read(tar, path):
    """The content of a regular file of the tar, or None."""
    member = next((member for member in tar if with_dot(member.name) == path and member.isfile()), None)
    return tar.extractfile(member).read() if member else None


def control_fields(control):
    lines = (read(control, "./control") or b"").decode().splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def check_control(control, data_size, name, problems):
    fields = control_fields(control)
    for field in FIELDS - fields.keys():
        problems.append(f"control: no {field}")
    if any("@" in value for value in fields.values()):
        problems.append("control: a variable was not filled in")
    for field, value in (("Package", name["name"]), ("Version", name["version"]), ("Architecture", name["architecture"])):
        if fields.get(field) != value:
            problems.append(f"control: {field} is not that of the file name")
    if fields.get("Installed-Size") != str(data_size):
        problems.append(f"control: Installed-Size is {fields.get('Installed-Size')}, the data tar has {data_size} bytes")


def check_conffiles(control, data, problems):
    lines = (read(control, "./conffiles") or b"").decode().splitlines()
    if not lines or lines != sorted(lines):
        problems.append("conffiles: empty or not sorted")
    for line in lines:
        if not line.startswith("/") or read(data, "." + line) is None:
            problems.append(f"conffiles: {line} is no file of the package")


def run_script(text, environment, *arguments):
    """What the script says to the init script, as words; None when it failed. Every path in it is of a scratch folder."""
    with tempfile.TemporaryDirectory() as folder:
        said = pathlib.Path(folder, "said")
        said.touch()
        init = pathlib.Path(folder, "etc/init.d/oobm")
        init.parent.mkdir(parents=True)
        init.write_text(f'#!/bin/sh\necho "$1" >>{said}\n')
        init.chmod(0o755)
        program = pathlib.Path(folder, "usr/sbin/oobmd")
        program.parent.mkdir(parents=True)
        program.symlink_to("/bin/true")
        script = pathlib.Path(folder, "script")
        script.write_text(re.sub(r"(?<![\w$.}])/(?=(etc|usr|var)/)", folder + "/", text))
        run = subprocess.run(["sh", script, *arguments], env={"PATH": "/usr/bin:/bin", **environment}, check=False)
        return said.read_text().split() if run.returncode == 0 else None


# Script, environment, arguments -> what the init script must be told.
SCRIPT_CASES = (
    ("./preinst", {"IPKG_INSTROOT": "/image"}, ["install"], []),
    ("./preinst", {}, ["install"], []),
    ("./postinst", {"IPKG_INSTROOT": "/image"}, ["configure"], []),
    ("./postinst", {}, ["configure"], ["enable", "start"]),
    ("./postinst", {"PKG_UPGRADE": "1"}, ["configure"], ["restart"]),
    ("./prerm", {"IPKG_INSTROOT": "/image"}, ["remove"], []),
    ("./prerm", {}, ["remove"], ["stop", "disable"]),
    ("./prerm", {"PKG_UPGRADE": "1"}, ["upgrade", "9.9.9"], []),
    ("./postrm", {"IPKG_INSTROOT": "/image"}, ["remove"], []),
    ("./postrm", {}, ["remove"], []),
)


def check_scripts(control, problems):
    for path, environment, arguments, expected in SCRIPT_CASES:
        told = run_script((read(control, path) or b"exit 1").decode(), environment, *arguments)
        if told != expected:
            problems.append(f"{path} {environment} {arguments}: told the service {told}, expected {expected}")


def check_init_script(data, problems):
    text = (read(data, "./etc/init.d/oobm") or b"").decode()
    if not text.startswith("#!/bin/sh /etc/rc.common\n") or "USE_PROCD=1" not in text:
        problems.append("init script: not one of procd's")
    if not re.search(r"^\s*procd_set_param respawn \d+ \d+ 0$", text, re.MULTILINE):
        problems.append("init script: procd would give up restarting")


def check_libraries(needed, control, problems):
    """Nothing is needed that the package does not say, and nothing said that is not needed."""
    depends = control_fields(control).get("Depends", "").split(", ")
    said = {library for package, library in PACKAGED.items() if package in depends}
    if needed - C_LIBRARY - said:
        problems.append(f"program: needs {', '.join(sorted(needed - C_LIBRARY - said))}")
    if said - needed:
        problems.append(f"control: depends on {', '.join(sorted(said - needed))}, which the program does not need")


def check_elf(content, readelf, problems):
    """What any program that ships must be. What readelf says of it, or None where it is no program of the router's."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        run = subprocess.run(
            [readelf, "--wide", "-h", "-d", "-l", "-S", "-n", file.name], capture_output=True, text=True, check=False
        )
    text = run.stdout
    if run.returncode != 0 or not re.search(r"Machine:\s+AArch64", text):
        problems.append("program: not an ELF file for AArch64")
        return None
    for pattern, what in (
        (r"Type:\s+DYN", "position independent"),
        (r"GNU_RELRO", "given read-only relocations"),
        (r"\(FLAGS(_1)?\).*\bNOW\b", "bound at start"),
        (r"AArch64 feature: BTI, PAC", "guarded in its branches"),
        (r"GNU_STACK\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+RW\s", "without an executable stack"),
    ):
        if not re.search(pattern, text):
            problems.append(f"program: not {what}")
    if ".symtab" in text:
        problems.append("program: not stripped")
    if re.search(r"\((RPATH|RUNPATH)\)", text):
        problems.append("program: searches libraries in a path of the build machine")
    return text


def needed_by(text):
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", text))


def check_program(data, control, kind, readelf, problems):
    content = read(data, kind.program)
    text = check_elf(content, readelf, problems) if content is not None else None
    if text is not None:
        check_libraries(needed_by(text), control, problems)


def problems_of_static(path, readelf="readelf"):
    """The same of the program that ships by itself and needs nothing."""
    problems = []
    text = check_elf(path.read_bytes(), readelf, problems)
    if text is not None and (needed_by(text) or re.search(r"^\s+INTERP\b", text, re.MULTILINE)):
        problems.append(f"program: needs {', '.join(sorted(needed_by(text))) or 'a loader'}")
    return problems


def problems_of(path, readelf="readelf"):
    """One sentence for each thing that is wrong with the package; none for a good one."""
    problems = []
    name = NAME.fullmatch(path.name)
    if not name:
        return [f"{path.name}: not a package name of the agent"]
    outer_bytes = gunzip(path.read_bytes(), "package", problems)
    outer = outer_bytes and open_tar(outer_bytes, "package", problems)
    if not outer:
        return problems
    if outer.getnames() != OUTER:
        return problems + [f"package: members are {outer.getnames()}, expected {OUTER}"]
    if read(outer, "./debian-binary") != b"2.0\n":
        problems.append("debian-binary: not 2.0")
    parts = [gunzip(read(outer, "./" + part), part, problems) for part in ("data.tar.gz", "control.tar.gz")]
    if None in parts:
        return problems
    data, control = (open_tar(part, what, problems) for part, what in zip(parts, ("data", "control")))
    if not data or not control:
        return problems
    for tar, what in ((outer, "package"), (data, "data"), (control, "control")):
        check_owners_and_times(tar, what, problems)
    kind = KINDS[name["name"]]
    check_members(data, kind.data, "data", problems)
    check_members(control, kind.control, "control", problems)
    check_control(control, len(parts[0]), name, problems)
    check_program(data, control, kind, readelf, problems)
    if name["name"] == "oobm-agent":
        check_conffiles(control, data, problems)
        check_scripts(control, problems)
        check_init_script(data, problems)
    return problems


def main():
    path = pathlib.Path(sys.argv[1])
    problems = (problems_of_static if STATIC.fullmatch(path.name) else problems_of)(path, *sys.argv[2:3])
    print("\n".join(problems) or f"{sys.argv[1]}: nothing wrong")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
