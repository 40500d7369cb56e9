"""The hosts entry of a Python program that is not changed: with this folder in PYTHONPATH, api.kandy.io is the emulator at
KANDY_CONNECT_TO (HOST:PORT). The port is replaced, too, so that https://api.kandy.io needs no rights on port 443."""

import os
import socket

host, _, port = os.environ.get("KANDY_CONNECT_TO", "").rpartition(":")
if host:
    lookup = socket.getaddrinfo

    def getaddrinfo(name, *arguments, **options):
        if name in ("api.kandy.io", b"api.kandy.io"):
            arguments = (int(port), *arguments[1:])
            name = host
        return lookup(name, *arguments, **options)

    socket.getaddrinfo = getaddrinfo
