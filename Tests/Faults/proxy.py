"""A TLS front of the lab, which is a mitmproxy, and a forward proxy that notes what it is asked for.

proxy.py FOLDER URL: the folder gets `ports` (the front's and the proxy's), `asked`, and the authority.
"""
import asyncio
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from mitmproxy import ctx
from mitmproxy.tools.main import mitmdump

FOLDER = Path(os.environ.get("PROXY_FOLDER", "."))


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """CONNECT (RFC 9110, 9.3.6), and one plain request in its absolute form (RFC 9112, 3.2.2) a connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    method, place, _ = head.decode().split(" ", 2)
    with (FOLDER / "asked").open("a") as file:
        file.write(f"{method} {place}\n")
    if method == "CONNECT":
        await tunnel(place, reader, writer)
    else:
        await forward(head, place, reader, writer)


async def forward(head: bytes, place: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    far = urlsplit(place)
    far_reader, far_writer = await asyncio.open_connection(far.hostname, far.port or 80)
    origin = (far.path or "/") + (f"?{far.query}" if far.query else "")
    lines = head.replace(place.encode(), origin.encode(), 1).split(b"\r\n")[:-2]
    length = next((int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    kept = [line for line in lines if not line.lower().startswith((b"connection:", b"proxy-"))]
    far_writer.write(b"\r\n".join([*kept, b"Connection: close", b"", b""]) + await reader.readexactly(length))
    await far_writer.drain()
    await pump(far_reader, writer)
    far_writer.close()


async def tunnel(place: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    host, _, port = place.rpartition(":")
    far_reader, far_writer = await asyncio.open_connection(host, int(port))
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))


class Front:
    async def running(self) -> None:
        self.proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
        (_, front, *_), = ctx.master.addons.get("proxyserver").listen_addrs()
        (FOLDER / "part").write_text(f"{front} {self.proxy.sockets[0].getsockname()[1]}")
        (FOLDER / "part").rename(FOLDER / "ports")


addons = [Front()]


def main(folder: str, url: str) -> None:
    os.environ["PROXY_FOLDER"] = folder
    mitmdump(["-q", "-s", __file__, "--mode", f"reverse:{url}", "--listen-host", "127.0.0.1", "--listen-port", "0",
              "--set", f"confdir={folder}", "--set", "keep_host_header=true"])


if __name__ == "__main__":
    main(*sys.argv[1:])
