"""How each long run of this folder reads its command line, and leaves when it is told to."""

import argparse
import os
import signal
import sys

TERMINATED = 128 + signal.SIGTERM


class Command(argparse.ArgumentParser):
    """`page` is the module's own docstring."""

    def __init__(self, page):
        super().__init__(description=page, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.add_argument("--build-dir", help="where the programs were built (build/debug)")

    def with_help_of_a_technician(self):
        self.add_argument("--helped", action="store_true", help="short, with a technician: as the tests have it")
        return self

    def read(self):
        """The options. From here on SIGTERM unwinds, so that namespaces and programs go with us."""
        options = self.parse_args()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
        if options.build_dir:
            os.environ["OOBM_BUILD_DIR"] = options.build_dir
        return options
