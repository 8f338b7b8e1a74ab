"""The AirVantage application model of the agent: make_model.py write|check|zip OUT

The server ignores each datum that a system's application model does not declare, so the model is made from the tables that
the agent itself is made of: agent/alms/data_ids.hpp (data, settings, commands), agent/core/settings.cpp (bounds)
and agent/core/package.hpp (the name of what is installed).
`write` and `check` take the path of model.app; `zip` makes the archive that is uploaded, always of the same bytes.

Form: AirVantage's application model, namespace http://www.sierrawireless.com/airvantage/application/1.0; a variable goes to
the server, a setting both ways, a command to the router. Ids that begin with '_' are the platform's own, and declared by it.
"""

import pathlib
import re
import sys
import zipfile
from xml.sax.saxutils import quoteattr

TOP = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = re.compile(r"agent_package = \"([^\"]+)\"")
WORDS = {"boolean": "boolean", "int32": "int", "real": "double", "text": "string", "date": "date"}
DATUM = re.compile(r'DataRow\{DataId::(\w+),\s*"([^"]+)",\s*DataType::(\w+),\s*DataKind::(\w+),\s*"([^"]+)"\}')
ENUMERATORS = re.compile(r"enum class DataId : [^{]*\{(.*?)\};", re.DOTALL)
COMMAND = re.compile(r'CommandRow\{"([^"]+)",\s*"([^"]+)",\s*(?:detail::(\w+)|\{\})\}')
PARAMETERS = re.compile(r"inline constexpr std::array (\w+)\{(.*?)\};", re.DOTALL)
PARAMETER = re.compile(r'CommandParameter\{"([^"]+)",\s*DataType::(\w+),\s*(true|false)\}')
BOUNDS = re.compile(r'SettingRow\{"([^"]+)",\s*&Settings::\w+,\s*([\d\']+),\s*([\d\']+)\}')
PLATFORM = "_"


class ModelError(Exception):
    """The tables do not have the form that is read here, or contradict each other."""


class Tables:
    """What the sources declare."""

    def __init__(self, top=TOP):
        text = (top / "agent/alms/data_ids.hpp").read_text()
        self.data = DATUM.findall(text)  # (enumerator, id, type, kind, label)
        self.commands = COMMAND.findall(text)  # (id, label, name of its parameters)
        self.parameters = {name: PARAMETER.findall(body) for name, body in PARAMETERS.findall(text)}
        bounds = BOUNDS.findall((top / "agent/core/settings.cpp").read_text())
        self.bounds = {name: [int(number.replace("'", "")) for number in limits] for name, *limits in bounds}
        self.version = re.search(r"VERSION (\d+\.\d+\.\d+)", (top / "CMakeLists.txt").read_text())[1]
        # What a task swinstall names is what the agent takes for itself.
        self.package = PACKAGE.search((top / "agent/core/package.hpp").read_text())[1]
        self._check(text)

    def _check(self, text):
        enumerators = re.findall(r"^\s*(\w+),", ENUMERATORS.search(text)[1], re.MULTILINE)
        if [row[0] for row in self.data] != enumerators:
            raise ModelError("data_table and DataId do not have the same members in the same order")
        if len(self.commands) != text.count("CommandRow{"):
            raise ModelError("a command was not understood")
        if {row[1] for row in self.data if row[3] == "setting"} != set(self.bounds):
            raise ModelError("data_ids.hpp and settings.cpp do not name the same settings")


def element(name, **attributes):
    words = "".join(f" {key.replace('_', '-')}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{name}{words}"


def path_in(asset, wire):
    found, _, path = wire.partition(".")
    if found != asset or not path:
        raise ModelError(f"{wire} is not of the asset {asset}")
    return path


def data_lines(tables):
    for _, wire, kind_of_value, kind, label in tables.data:
        if wire.startswith(PLATFORM):
            continue
        if wire in tables.bounds:
            label += " ({} to {})".format(*tables.bounds[wire])
        yield element(kind, path=path_in("oobm", wire), type=WORDS[kind_of_value], default_label=label) + "/>"


def command_lines(tables):
    for wire, label, parameters in tables.commands:
        line = element("command", path=path_in("oobm", wire), default_label=label)
        rows = tables.parameters[parameters] if parameters else []
        if not rows:
            yield line + "/>"
            continue
        yield line + ">"
        for name, kind, _ in rows:
            yield "  " + element("parameter", id=name, type=WORDS[kind], default_label=name) + "/>"
        yield "</command>"


def model(tables):
    inner = "\n".join("          " + line for line in [*data_lines(tables), *command_lines(tables)])
    return f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<app:application xmlns:app="http://www.sierrawireless.com/airvantage/application/1.0"
    type="{tables.package}" name="AirLink OOBM agent" revision="{tables.version}">
  <capabilities>
    <communication>
      <protocol comm-id="SERIAL" type="MQTT">
        <parameter name="mqtt-security" value="x509"/>
      </protocol>
    </communication>
    <dm>
      <action impl="MQTT_SW_INSTALL"/>
    </dm>
    <data>
      <encoding type="MQTT">
        <asset default-label="Out-of-band management" id="oobm">
{inner}
        </asset>
      </encoding>
    </data>
  </capabilities>
  <application-manager use="MQTT_SW"/>
</app:application>
"""


def write_zip(text, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("model.app", (1980, 1, 1, 0, 0, 0)), text.encode("iso-8859-1"))


def main():
    action, path = sys.argv[1], pathlib.Path(sys.argv[2])
    text = model(Tables())
    if action == "write":
        path.write_text(text, encoding="iso-8859-1")
    elif action == "zip":
        write_zip(text, path)
    elif action == "check":
        if path.read_text(encoding="iso-8859-1") != text:
            print(f"{path} is not what the tables make. To make it anew: python3 {__file__} write {path}")
            return 1
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
