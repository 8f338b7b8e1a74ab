"""The first file system of a virtual machine: Debian's arm64 programs with the libraries they need, kernel modules with
those they depend on, and whatever a test adds.

Nothing is installed: the packages lie unpacked in a folder (toolchains/dev/vm.packages), and only what a machine asks
for goes in, which keeps the start short.
"""

import lzma
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from cpio import Archive

HERE = Path(__file__).resolve().parent
LIBRARY_FOLDERS = ("usr/lib/aarch64-linux-gnu", "usr/lib", "usr/lib/aarch64-linux-gnu/systemd")
MERGED = ("bin", "sbin", "lib")  # links into /usr, as in Debian
FOLDERS = ("dev", "proc", "sys", "tmp", "run", "var", "root", "mnt", "etc", "usr/bin", "usr/sbin", "usr/lib")
ELF = b"\x7fELF"
STRIP = "aarch64-linux-gnu-strip"

# What every machine of this kind has, beside the kernel's built-in parts.
MODULES = ("virtio_net", "virtio_blk", "virtio-rng")
PROGRAMS = ("/usr/bin/busybox", "/usr/bin/dash", "/usr/bin/sh", "/usr/bin/ip", "/usr/sbin/ip")
TEXTS = {
    "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "/etc/group": "root:x:0:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


class ImageError(Exception):
    """Something that was asked for is not there; the text says what, and what to do."""


class Image:
    """`root` is the folder with the unpacked packages."""

    def __init__(self, root):
        self.root = Path(root)
        self.library_roots = [self.root]  # where libraries are looked for, best first
        self.kernel = self._only("boot/vmlinuz-*")
        self.module_folder = self._only("usr/lib/modules/*")
        self.modules = []
        self.archive = Archive()
        self._lay_out()

    def _only(self, pattern):
        found = sorted(self.root.glob(pattern))
        if len(found) != 1:
            raise ImageError(f"{self.root}/{pattern}: {len(found)} found, one expected; ./dev makes this folder")
        return found[0]

    def _lay_out(self):
        for folder in FOLDERS:
            self.archive.folder(folder)
        for name in MERGED:
            self.archive.link(name, f"usr/{name}")
        self.archive.link("var/run", "/run")
        # The kernel opens it for init before anything is mounted.
        self.archive.character_device("dev/console", 5, 1)
        for path, text in TEXTS.items():
            self.archive.file(path, text)
        self.archive.file("/init", (HERE / "init").read_bytes(), 0o755)
        self.packaged(*PROGRAMS)
        self.add_modules(*MODULES)

    def packaged(self, *paths):
        """Files, links and folders of the packages, where they stand there."""
        for path in paths:
            source = self.root / path.lstrip("/")
            if source.is_symlink():
                self.archive.link(path, source.readlink())
            elif source.is_dir():
                self.archive.folder(path)
                self.packaged(*(f"{path}/{part.name}" for part in sorted(source.iterdir())))
            elif source.is_file():
                self._add_file(path, source)
            else:
                raise ImageError(f"the packages have no {path}")

    def program(self, path, source):
        """One of our own programs, stripped as it ships."""
        with tempfile.TemporaryDirectory() as folder:
            stripped = Path(folder) / "program"
            subprocess.run([STRIP, "--strip-all", "-o", stripped, source], check=True)
            self._add_file(path, stripped)

    def copy(self, path, source, mode=None):
        """Any file of this machine; its mode stays unless given."""
        self._add_file(path, Path(source), mode)

    def _add_file(self, path, source, mode=None):
        data = source.read_bytes()
        self.archive.file(path, data, stat.S_IMODE(source.stat().st_mode) if mode is None else mode)
        if data.startswith(ELF):
            for needed in needed_libraries(source):
                self.library(needed)

    def library(self, name):
        """A shared library and what it needs."""
        path = f"/usr/lib/{name}" if name.startswith("ld-linux") else f"/{LIBRARY_FOLDERS[0]}/{name}"
        if path in self.archive:
            return
        for root in self.library_roots:
            for folder in LIBRARY_FOLDERS:
                source = Path(root) / folder / name
                if source.exists():
                    return self._add_file(path, source.resolve())
        raise ImageError(f"no package has the library {name}; add it to toolchains/dev/vm.packages")

    def add_modules(self, *names):
        """Modules of the kernel and, before each, what it depends on; init loads them in this order."""
        for name in names:
            self._add_module(name)
        self.archive.file("/modules/order", "".join(f"{name}\n" for name in self.modules))

    def _add_module(self, name):
        if name in self.modules:
            return
        source = self._module_file(name)
        if source is None:
            return  # built in
        data = lzma.decompress(source.read_bytes())
        for dependency in module_dependencies(data):
            self._add_module(dependency)
        self.modules.append(name)
        self.archive.file(f"/modules/{name}.ko", data)

    def _module_file(self, name):
        spellings = {name, name.replace("_", "-"), name.replace("-", "_")}
        for spelling in spellings:
            for found in self.module_folder.rglob(f"{spelling}.ko.xz"):
                return found
        built_in = (self.module_folder / "modules.builtin").read_text()
        if any(f"/{spelling}.ko\n" in built_in for spelling in spellings):
            return None
        raise ImageError(f"the kernel has no module {name}")

    def write(self, path):
        Path(path).write_bytes(self.archive.to_bytes())
        return Path(path)


def needed_libraries(path):
    """What the dynamic section names."""
    if not shutil.which("readelf"):
        raise ImageError("readelf is missing (package binutils)")
    shown = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.+)\]", shown)


def module_dependencies(data):
    """The names after depends= in the section .modinfo, whose strings end in zero octets."""
    found = re.search(rb"\0depends=([^\0]*)\0", data)
    return [name.decode() for name in found[1].split(b",") if name] if found else []
