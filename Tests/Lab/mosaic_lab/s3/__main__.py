"""Started with a folder; writes FOLDER/s3-env when it is ready. See docs/testing.md."""
import os
import signal
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

from .buckets import Buckets
from .front import Front


def main(folder: Path, weed: str) -> None:
    buckets = Buckets(folder, weed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        buckets.prepare()
        Front.buckets = buckets
        server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        buckets.url = f"http://127.0.0.1:{server.server_port}"
        if not buckets.reset()["settled"]:
            raise SystemExit("the replica does not catch up")
        env = folder / "s3-env.new"
        env.write_text(f"export AWS_ENDPOINT_URL={buckets.url}\nexport AWS_ACCESS_KEY_ID={buckets.key}\n"
                       f"export AWS_SECRET_ACCESS_KEY={buckets.secret}\nexport MOSAIC_S3_LAB={buckets.url}\n")
        os.rename(env, folder / "s3-env")
        signal.pause()
    finally:
        buckets.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), str(Path(sys.executable).with_name("weed")))
