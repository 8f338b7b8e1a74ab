"""A package manager as small as can be, that treats a package as OpenWrt's opkg does: for tests of what a package does to
a router. Debian has no opkg; how it behaves was taken from its public source (libopkg/opkg_install.c of openwrt/opkg-lede)
and documentation: the order of checks, scripts and files; a file that exists is unlinked before the new one is written;
a configuration file that was changed is kept, and the new one put beside it as NAME-opkg.

Every change of the flash is one step, so that a test can cut the power after any of them.
"""

import hashlib
import io
import os
import pathlib
import subprocess
import tarfile

import check_ipk


class Refused(Exception):
    """The package manager ends with a status other than zero, and has changed nothing or says what it has."""


class PowerCut(Exception):
    """Nothing after this happens."""


def fields_of(control):
    return dict(line.split(": ", 1) for line in control.decode().splitlines() if ": " in line)


def version_key(version):
    """Enough of an order for versions of digits and dots with -rN."""
    main, _, revision = version.partition("-r")
    return [int(part) for part in main.split(".")] + [int(revision or 0)]


class Package:
    def __init__(self, path):
        problems = []
        content = check_ipk.gunzip(pathlib.Path(path).read_bytes(), "package", problems)
        outer = content and check_ipk.open_tar(content, "package", problems)
        if not outer:
            raise Refused(f"{path}: {problems}")
        parts = [check_ipk.read(outer, f"./{part}.tar.gz") for part in ("data", "control")]
        try:
            parts = [check_ipk.gunzip(part, "part", problems) for part in parts]
        except (EOFError, OSError) as error:
            raise Refused(f"{path}: {error}") from error
        self.data, self.control = (tarfile.open(fileobj=io.BytesIO(part), mode="r:") for part in parts)
        self.fields = fields_of(check_ipk.read(self.control, "./control"))
        self.name, self.version = self.fields["Package"], self.fields["Version"]
        self.conffiles = (check_ipk.read(self.control, "./conffiles") or b"").decode().split()
        self.files = ["/" + member.name.removeprefix("./") for member in self.data if not member.isdir()]

    def script(self, name):
        return check_ipk.read(self.control, f"./{name}")


class Installer:
    """`root` is the router's file system; `image` makes it an image in the making, on which nothing runs."""

    def __init__(self, root, image=False, cut_after=None):
        self.root, self.image, self.cut_after = pathlib.Path(root), image, cut_after
        self.steps = 0
        self.info = self.root / "usr/lib/opkg/info"
        self.info.mkdir(parents=True, exist_ok=True)

    def step(self):
        self.steps += 1
        if self.steps == self.cut_after:
            raise PowerCut()

    def at(self, path):
        return self.root / path.lstrip("/")

    # What is known of an installed package

    def installed(self, name):
        control = self.info / f"{name}.control"
        return fields_of(control.read_bytes())["Version"] if control.exists() else None

    def conffile_sums(self, name):
        file = self.info / f"{name}.conffiles"
        return dict(line.split() for line in file.read_text().splitlines()) if file.exists() else {}

    # Running what the package brings

    def run(self, script, *arguments, upgrade=False):
        if script is None:
            return
        environment = {"PATH": "/bin:/sbin:/usr/bin:/usr/sbin"}
        if upgrade:
            environment["PKG_UPGRADE"] = "1"
        if self.image:
            environment["IPKG_INSTROOT"] = str(self.root)
            command = ["sh", "-s", *arguments]
            environment["PATH"] = os.environ["PATH"]
        else:
            command = ["chroot", str(self.root), "/bin/sh", "-s", *arguments]
        run = subprocess.run(command, input=script, env=environment, capture_output=True, check=False)
        if run.returncode != 0:
            raise Refused(run.stderr.decode() or f"a script ended with {run.returncode}")
        self.step()

    def install(self, path, architectures=("all", "aarch64_cortex-a53"), downgrade=False):
        package = Package(path)
        if package.fields["Architecture"] not in architectures:
            raise Refused(f"{package.name}: architecture {package.fields['Architecture']} is none of this router's")
        old = self.installed(package.name)
        if old and version_key(old) > version_key(package.version) and not downgrade:
            raise Refused(f"Not downgrading package {package.name} from {old} to {package.version}")
        upgrade = old is not None
        if upgrade:
            self.run_installed(package.name, "prerm", "upgrade", package.version, upgrade=True)
        self.run(package.script("preinst"), *(("upgrade", old) if upgrade else ("install",)), upgrade=upgrade)
        self.put_files(package, self.conffile_sums(package.name))
        self.drop_obsolete(package)
        self.remember(package)
        self.run(package.script("postinst"), "configure", upgrade=upgrade)

    def put_files(self, package, known):
        for member in package.data:
            target = self.at(member.name)
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            path = "/" + member.name.removeprefix("./")
            if path in package.conffiles and target.exists():
                changed = hashlib.md5(target.read_bytes()).hexdigest() != known.get(path)
                if changed:
                    target = target.with_name(target.name + "-opkg")
            self.put(package, member, target)

    def put(self, package, member, target):
        if target.is_symlink() or target.exists():
            target.unlink()
            self.step()
        if member.issym():
            target.symlink_to(member.linkname)
        else:
            content = package.data.extractfile(member).read()
            target.write_bytes(content[: len(content) // 2])
            self.step()
            target.write_bytes(content)
            target.chmod(member.mode)
        self.step()

    def drop_obsolete(self, package):
        listed = self.info / f"{package.name}.list"
        for path in listed.read_text().split() if listed.exists() else ():
            if path not in package.files and path not in package.conffiles and self.at(path).exists():
                self.at(path).unlink()
                self.step()

    def remember(self, package):
        (self.info / f"{package.name}.list").write_text("\n".join(package.files) + "\n")
        sums = [f"{path} {hashlib.md5(package.data.extractfile('.' + path).read()).hexdigest()}" for path in package.conffiles]
        (self.info / f"{package.name}.conffiles").write_text("\n".join(sums) + "\n")
        for script in ("preinst", "postinst", "prerm", "postrm"):
            if package.script(script):
                (self.info / f"{package.name}.{script}").write_bytes(package.script(script))
        (self.info / f"{package.name}.control").write_bytes(check_ipk.read(package.control, "./control"))
        self.step()

    def run_installed(self, name, script, *arguments, upgrade=False):
        file = self.info / f"{name}.{script}"
        self.run(file.read_bytes() if file.exists() else None, *arguments, upgrade=upgrade)

    def remove(self, name):
        self.run_installed(name, "prerm", "remove")
        sums = self.conffile_sums(name)
        for path in (self.info / f"{name}.list").read_text().split():
            target = self.at(path)
            if path in sums and target.exists() and hashlib.md5(target.read_bytes()).hexdigest() != sums[path]:
                continue  # a changed configuration file stays
            if target.is_symlink() or target.exists():
                target.unlink()
                self.step()
        self.run_installed(name, "postrm", "remove")
        for file in self.info.glob(f"{name}.*"):
            file.unlink()
