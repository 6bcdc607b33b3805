"""What every Python that a test starts under guard loads first, and its children too: see `guard` in tests/conftest.py.

It refuses every address and name but this machine's own, and notes in the folder that `MIEN_GUARD` names what was
asked for (`contacts`), which files were opened for writing (`written`), and what was logged at any level (`log`).
Python's audit events tell it; what a library's own machine code does, only strace sees.
"""

import ipaddress
import logging
import os
import socket
import sys
from pathlib import Path

FOLDER = os.environ.get("MIEN_GUARD")
_OWN = {None, "", "localhost", "0.0.0.0", "::", socket.gethostname()}


def _note(kind, text):
    with open(Path(FOLDER) / kind, "a") as file:
        file.write(f"{text}\n")


def _is_own(host):
    host = host.decode() if isinstance(host, bytes) else host
    if host in _OWN:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or _is_of_this_machine(address)


def _is_of_this_machine(address):
    """A browser's stream may come by the address that this machine has among others; nobody can bind another's."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return not address.is_multicast


def _watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto"):
        if not isinstance(arguments[1], tuple):  # a socket of the file system
            return
        host = arguments[1][0]
    elif event == "open":
        path, mode, flags = arguments
        writes = (mode and set(mode) & set("wax+")) or flags & (os.O_WRONLY | os.O_RDWR)
        if writes and isinstance(path, str | bytes) and not os.fsdecode(path).startswith((FOLDER, "/dev/", "/proc/")):
            _note("written", Path(os.fsdecode(path)).absolute())
        return
    else:
        return
    if not _is_own(host):
        _note("contacts", f"{event} {arguments[1] if event.startswith('socket.c') else host}")
        raise OSError(f"refused: {event} {host}")


if FOLDER:
    logging.basicConfig(level=logging.DEBUG, filename=Path(FOLDER) / "log")
    sys.addaudithook(_watch)
