"""Two parts of one mitmproxy: a TLS front of the lab, and a forward proxy that notes what it is asked for.

proxy.py FOLDER URL: the folder gets `ports` (the front's and the proxy's), `asked`, and the authority.
"""
import os
import socket
import sys
from pathlib import Path

from mitmproxy import ctx, http
from mitmproxy.tools.main import mitmdump

FOLDER = Path(os.environ.get("PROXY_FOLDER", "."))


class Notes:
    def running(self) -> None:
        ports = {server.mode.type_name: server.listen_addrs[0][1]
                 for server in ctx.master.addons.get("proxyserver").servers}
        (FOLDER / "part").write_text(f"{ports['reverse']} {ports['regular']}")
        (FOLDER / "part").rename(FOLDER / "ports")

    def http_connect(self, flow: http.HTTPFlow) -> None:
        with (FOLDER / "asked").open("a") as file:
            file.write(f"{flow.request.method} {flow.request.host}:{flow.request.port}\n")

    def request(self, flow: http.HTTPFlow) -> None:
        if flow.client_conn.proxy_mode.type_name == "regular":
            self.http_connect(flow)


addons = [Notes()]


def main(folder: str, url: str) -> None:
    os.environ["PROXY_FOLDER"] = folder
    # mitmproxy takes "any port" only once.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mitmdump(["-q", "-s", __file__, "--mode", f"reverse:{url}@127.0.0.1:{port}", "--mode", "regular@127.0.0.1:0",
              "--set", f"confdir={folder}", "--set", "keep_host_header=true", "--set", "ssl_insecure=true"])


if __name__ == "__main__":
    main(*sys.argv[1:])
