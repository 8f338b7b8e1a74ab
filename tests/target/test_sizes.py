"""Shows that the gate of sizes closes, and that what it adds up is what is there."""

import pathlib
import sys
import tempfile
import unittest

from test_install import build

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "toolchains/dev"))
import sizes  # noqa: E402

MAP = """Discarded input sections
 .text          0x0000000000000000      0x100 /usr/lib/libcares.a(gone.o)

Linker script and memory map
 .text          0x0000000000001000       0x10 /tmp/x.ltrans0.ltrans.o
 .text.a_section_with_a_long_name
                0x0000000000001010       0x20 /usr/lib/libcares.a(ares.o)
 .rodata        0x0000000000001030        0x8 /usr/lib/libpaho-mqtt3a.a(Socket.o)
 .text          0x0000000000001038        0x4 hal/liboobm_hal.a(port.o)
 .bss           0x0000000000001040     0x1000 /usr/lib/libcares.a(ares.o)
 .comment       0x0000000000000000       0x12 /usr/lib/libcares.a(ares.o)
"""
SYMBOLS = """0000000000001000 0000000000000010 T oobm::core::f(int)
0000000000001010 0000000000000008 W std::vector<asio::x, oobm::hal::A>::push_back(oobm::hal::A)
0000000000001018 0000000000000004 t asio::detail::g()
0000000000002000 0000000000009000 b oobm::core::zeroed
                                 U malloc
"""


class Sizes(unittest.TestCase):
    def test_the_gate(self):
        ipk = build(self.enterContext(tempfile.TemporaryDirectory()), "1.2.3-r1")
        size, total = ipk.stat().st_size, sum(size for size, _ in sizes.installed(ipk))
        self.assertEqual([], sizes.passed_limits(ipk, {"ipk": size, "installed": total}))
        self.assertRegex(sizes.passed_limits(ipk, {"ipk": size - 1, "installed": total})[0], "ipk is .* the limit is")
        self.assertRegex(sizes.passed_limits(ipk, {"ipk": size, "installed": total - 1})[0], "installed is")

    def test_the_gate_of_the_static_program(self):
        program = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()), "oobm-static")
        program.write_bytes(b"x" * 1000)
        self.assertEqual([], sizes.passed_static_limit(program, 1000))
        self.assertEqual(["oobm-static: 1,000 bytes, the limit is 999"], sizes.passed_static_limit(program, 999))
        self.assertEqual("oobm-static: 1,000 bytes\n", sizes.static_report(program))

    def test_every_file_is_listed(self):
        ipk = build(self.enterContext(tempfile.TemporaryDirectory()), "1.2.3-r1")
        report = "\n".join(sizes.package_report(ipk))
        for path in ("/usr/sbin/oobm", "/etc/config/oobm", "/usr/lib/oobm/board/openwrt"):
            self.assertIn(f"| {path} |", report)

    def test_libraries_by_the_map(self):
        self.assertEqual(sizes.by_library(MAP), {"this project": 0x14, "c-ares": 0x20, "Paho C": 0x8})

    def test_parts_by_the_symbols(self):
        self.assertEqual(sizes.by_part(SYMBOLS), {"oobm::core": 0x10, "oobm::hal": 0x8, "asio::": 0x4})


if __name__ == "__main__":
    unittest.main()
