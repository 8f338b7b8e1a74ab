"""Guards the direction of includes, after showing on made-up trees that the guard barks."""

import pathlib
import tempfile
import unittest

import includes


def violations_of(path, *lines):
    """What the rules say of a tree that holds one file with these lines."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, path)
        file.parent.mkdir(parents=True)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return includes.violations(pathlib.Path(folder))


class Refuses(unittest.TestCase):
    CASES = (
        ("agent/core/a.cpp", '#include "agent/alms/decode.hpp"'),
        ("agent/core/a.cpp", '#include "hal/at/text.hpp"'),
        ("agent/core/a.cpp", "#include <oobm/hal/radio.hpp>"),
        ("agent/core/a.cpp", "#include <unistd.h>"),
        ("agent/core/a.hpp", "#include <sys/socket.h>"),
        ("agent/core/a.hpp", "#include <stdint.h>"),
        ("agent/core/a.hpp", "#include <nlohmann/json.hpp>"),
        ("agent/core/a.hpp", "  #  include <asio.hpp>"),
        ("agent/core/a.hpp", '#include "time.hpp"'),
        ("agent/core/a.hpp", '#include "../alms/decode.hpp"'),
        ("agent/alms/a.cpp", '#include "agent/uplink/gate.hpp"'),
        ("agent/alms/a.cpp", '#include "agent/store/slots.hpp"'),
        ("agent/store/a.cpp", '#include "agent/alms/decode.hpp"'),
        ("agent/uplink/a.cpp", '#include "agent/core/time.hpp"'),
        ("agent/uplink/a.cpp", '#include "agent/alms/decode.hpp"'),
        ("agent/transfer/a.cpp", '#include "agent/core/time.hpp"'),
        ("agent/transfer/a.cpp", '#include "agent/uplink/unique_fd.hpp"'),
        ("agent/daemon/a.cpp", '#include "agent/transfer/download.hpp"'),
        ("agent/daemon/a.cpp", '#include "agent/ctl/ctl.hpp"'),
        ("agent/daemon/a.cpp", '#include "tests/modem-sim/modem.hpp"'),
        ("agent/ctl/a.cpp", '#include "agent/daemon/control_socket.hpp"'),
        ("agent/ctl/a.cpp", '#include "agent/core/agent.hpp"'),
        ("hal/at/a.cpp", '#include "agent/core/reason.hpp"'),
        ("hal/include/oobm/hal/a.hpp", '#include "agent/daemon/log.hpp"'),
        ("agent/daemon/main.cpp", '#include "agent/uplink/gate.hpp"'),
        ("agent/daemon/a.cpp", "#include <curl/curl.h>"),
        ("agent/elsewhere/a.cpp", "#include <vector>"),
    )

    def test_each_forbidden_include(self):
        for path, line in self.CASES:
            with self.subTest(path=path, line=line):
                self.assertEqual(1, len(violations_of(path, "#pragma once", line)))

    def test_every_offender_not_just_the_first(self):
        self.assertEqual(2, len(violations_of("agent/core/a.cpp", "#include <fcntl.h>", '#include "hal/at/text.hpp"')))


class Allows(unittest.TestCase):
    CASES = (
        ("agent/core/a.cpp", ("#include <expected>", '#include "agent/core/time.hpp"')),
        ("agent/alms/a.cpp", ('#include "agent/core/statement.hpp"', "#include <mbedtls/pk.h>")),
        ("agent/uplink/a.cpp", ('#include "agent/uplink/gate.hpp"', "#include <sys/socket.h>")),
        ("agent/daemon/a.cpp", ("#include <oobm/hal/radio.hpp>", '#include "hal/modem/profile.hpp"')),
        ("hal/modem/a.cpp", ('#include "agent/core/identity.hpp"', "#include <oobm/hal/radio.hpp>")),
        ("agent/ctl/a.cpp", ('#include "agent/core/status.hpp"',)),
        ("agent/daemon/a.cpp", ('#include "agent/transfer/protocol.hpp"',)),
        ("agent/daemon/main.cpp", ('#include "agent/daemon/daemon.hpp"', '#include "agent/ctl/ctl.hpp"')),
        ("agent/core/a.cpp", ("// #include <unistd.h> is what this room does without",)),
    )

    def test_each_include_along_an_arrow(self):
        for path, lines in self.CASES:
            with self.subTest(path=path, lines=lines):
                self.assertEqual([], violations_of(path, *lines))


class ThisTree(unittest.TestCase):
    def test_is_looked_at(self):
        self.assertGreater(includes.sources(includes.TOP), 20)

    def test_follows_the_arrows(self):
        self.assertEqual("", "\n".join(includes.violations(includes.TOP)))


if __name__ == "__main__":
    unittest.main()
