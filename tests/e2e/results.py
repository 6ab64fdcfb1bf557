"""Output files of every format, read by programs that are not ours where there are any.

READERS has a function for each format: a path to the sorted (protocol, port, address) it reports as
open. Each fails on a file that is not whole."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree

from lab import found
from tap import check, equal, masscan

# option: the format's name, which tests give their files too
FORMATS = {"-oX": "xml", "-oJ": "json", "-oD": "ndjson", "-oL": "list", "-oG": "grepable", "-oB": "binary",
           "-oU": "unicornscan", "-oH": "hostonly"}


def judge(*command):
    """Runs a command that must succeed; returns its output."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)
    equal(done.returncode, 0, f"{command}: {done.stderr}")
    return done.stdout


def _of_xml(path):
    judge("xmllint", "--noout", path)
    root = xml.etree.ElementTree.parse(path).getroot()
    ports = [(port.get("protocol"), port.get("portid"), host.find("address").get("addr"))
             for host in root.iter("host") for port in host.iter("port")]
    total = int(root.find("runstats/hosts").get("total"))
    equal(total, sum(protocol == "tcp" for protocol, _, _ in ports), f"{path}: total of <hosts>:")
    return sorted(ports)


def _of_json(path):
    rows = json.loads(judge("jq", ".", path))
    return sorted((p["proto"], str(p["port"]), row["ip"]) for row in rows for p in row["ports"])


def _of_ndjson(path):
    rows = [json.loads(line) for line in judge("jq", "-c", ".", path).splitlines()]
    return sorted((row["proto"], str(row["port"]), row["ip"]) for row in rows)


def _of_list(path):
    return sorted(found(path, "open"))


def _of_binary(path):
    with tempfile.TemporaryDirectory() as folder:
        listed = os.path.join(folder, "listed")
        done = masscan("--readscan", path, "-oL", listed)
        check(b"torn" not in done.stderr, done.stderr)
        return _of_list(listed)


def _lines(path, first, last, form):
    """The groups of `form` in all lines but the `first` and `last` ones, which begin with #."""
    lines = pathlib.Path(path).read_text().splitlines()
    comments = [i for i, line in enumerate(lines) if line.startswith("#")]
    equal(comments, [*range(first), *range(len(lines) - last, len(lines))], f"{path}: comments:")
    matches = [re.fullmatch(form, line) for line in lines if not line.startswith("#")]
    check(all(matches), path, "has odd lines")
    return [match.groups() for match in matches]


def _of_grepable(path):
    form = r"Timestamp: \d+\tHost: (\S+) \(\)\tPorts: (\d+)/open/(\w+)//\S+//"
    return sorted((protocol, port, host) for host, port, protocol in _lines(path, 2, 1, form))


def _of_unicornscan(path):
    form = r"([A-Z]+) open\t *\S+\[ *(\d+)\]\t\tfrom (\S+)  ttl \d+ *"
    return sorted((protocol.lower(), port, host) for protocol, port, host in _lines(path, 1, 1, form))


def _of_hostonly(path):
    return sorted(address for address, in _lines(path, 0, 0, r"([0-9a-f.:]+)"))


def services(path):
    """What an NDJSON file tells of services: by (address, port) the banners of each name, as text whose
    code points are the bytes. A port that is told as open has an entry; one told twice is an error."""
    told, ports = {}, []
    for line in judge("jq", "-c", ".", path).splitlines():
        row = json.loads(line)
        place = row["ip"], row["port"]
        banners = told.setdefault(place, {})
        if row["rec_type"] == "banner":
            banners.setdefault(row["data"]["service_name"], []).append(row["data"]["banner"])
        else:
            ports.append(place)
    equal(len(ports), len(set(ports)), f"{path}: ports told twice:")
    equal(set(told), set(ports), f"{path}: banners of ports that are not told as open:")
    return told


READERS = {"xml": _of_xml, "json": _of_json, "ndjson": _of_ndjson, "list": _of_list,
           "grepable": _of_grepable, "binary": _of_binary, "unicornscan": _of_unicornscan,
           "hostonly": _of_hostonly}


def outputs(folder, formats=None):
    """The options that write these formats (all of them) to files of their names in the folder."""
    return [word for flag, name in FORMATS.items() if formats is None or name in formats
            for word in (flag, os.path.join(folder, name))]


def as_format_tells(name, rows):
    """What the format's reader is to return for these (protocol, port, address)."""
    return sorted(address for _, _, address in rows) if name == "hostonly" else sorted(rows)


def binary(rows):
    """A file of results of the format that -oB writes, of TCP ports that are open."""
    def record(address, port):
        return bytes([6, 13]) + (1700000000).to_bytes(4, "big") + bytes(map(int, address.split("."))) + \
            bytes([6]) + int(port).to_bytes(2, "big") + bytes([18, 64])
    magic = b"masscan/1.1"
    records = b"".join(record(address, port) for _, port, address in rows)
    return (magic + b"\ns:1700000000\n").ljust(99, b"\0") + records + magic.ljust(99, b"\0")
