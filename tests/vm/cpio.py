"""Archives in the "newc" form of cpio, the one that Linux unpacks as its first file system
(https://docs.kernel.org/driver-api/early-userspace/buffer-format.html). The same content gives the same bytes: entries
are written in the order of their names, everything belongs to root, and every time is zero.
"""

import stat

HEADER = "070701" + "{:08X}" * 13
TRAILER = "TRAILER!!!"


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def entry(number, name, mode, data=b"", device=(0, 0)):
    links = 2 if stat.S_ISDIR(mode) else 1
    encoded = name.encode() + b"\0"
    header = HEADER.format(number, mode, 0, 0, links, 0, len(data), 0, 0, *device, len(encoded), 0)
    return padded(header.encode() + encoded) + padded(data)


class Archive:
    """Names are absolute paths of the system to be; the folders that lead to them are made."""

    def __init__(self):
        self.entries = {}  # name without the leading slash: (mode, data, device)

    def folder(self, path, mode=0o755):
        self._add(path, stat.S_IFDIR | mode)

    def file(self, path, data, mode=0o644):
        self._add(path, stat.S_IFREG | mode, data if isinstance(data, bytes) else data.encode())

    def link(self, path, target):
        self._add(path, stat.S_IFLNK | 0o777, str(target).encode())

    def character_device(self, path, major, minor, mode=0o600):
        self._add(path, stat.S_IFCHR | mode, device=(major, minor))

    def __contains__(self, path):
        return str(path).strip("/") in self.entries

    def _add(self, path, mode, data=b"", device=(0, 0)):
        name = str(path).strip("/")
        parent = name.rpartition("/")[0]
        if parent and parent not in self.entries:
            self.folder(parent)
        self.entries[name] = (mode, data, device)

    def to_bytes(self):
        ordered = sorted(self.entries.items())
        parts = [entry(number, name, *what) for number, (name, what) in enumerate(ordered, start=1)]
        return b"".join([*parts, entry(0, TRAILER, 0)])
