"""Opens a page in headless Chromium at several widths and in the dark: look.py PAGE FOLDER.

Over the DevTools protocol, by pipe: no port is opened. Fails on a console message, a failed or foreign
request, a refused policy, a page that is wider than the window, or a row that is not printed; takes a
screenshot of each."""
import base64
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

page, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
WIDTHS = ((390, 844, "light"), (390, 844, "dark"), (1280, 900, "light"))
PATIENCE = 60
# Chromium draws no larger picture, in pixels.
TALLEST = 16_000
ROWS_A_PAGE = 70

out_read, out_write = os.pipe()
in_read, in_write = os.pipe()


def pipes():
    # Read both before either of the fixed numbers is overwritten.
    first, second = os.dup(in_read), os.dup(out_write)
    os.dup2(first, 3)
    os.dup2(second, 4)


browser = subprocess.Popen(
    ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
     f"--user-data-dir={folder}/browser", "about:blank"],
    pass_fds=(3, 4), preexec_fn=pipes, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
os.close(in_read)
os.close(out_write)
answers = os.fdopen(out_read, "rb")
events, number = [], 0


def call(method, session=None, **parameters):
    global number
    number += 1
    message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
    os.write(in_write, json.dumps(message).encode() + b"\0")
    while True:
        found = read()
        if found.get("id") == number:
            assert "error" not in found, found
            return found["result"]
        events.append(found)


def read():
    text = bytearray()
    while (byte := answers.read(1)) != b"\0":
        assert byte, "the browser has ended"
        text += byte
    return json.loads(text)


def look():
    target = call("Target.createTarget", url="about:blank")["targetId"]
    session = call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Log", "Runtime", "Network"):
        call(f"{domain}.enable", session)
    for width, height, scheme in WIDTHS:
        events.clear()
        call("Emulation.setDeviceMetricsOverride", session, width=width, height=height, deviceScaleFactor=1,
             mobile=width < 600)
        call("Emulation.setEmulatedMedia", session,
             features=[{"name": "prefers-color-scheme", "value": scheme}])
        began = time.monotonic()
        call("Page.navigate", session, url=page.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in events):
            events.append(read())
        print(f"{width} {scheme}: loaded in {time.monotonic() - began:.2f} s")
        value = call("Runtime.evaluate", session, returnByValue=True, expression="""({
            wide: document.documentElement.scrollWidth, tall: document.documentElement.scrollHeight, window: document.documentElement.clientWidth,
            heading: document.querySelectorAll('h1').length, title: document.title,
            unnamed: [...document.querySelectorAll('svg')].filter(e => !e.getAttribute('aria-label')).length,
            ink: getComputedStyle(document.body).color, paper: getComputedStyle(document.body).backgroundColor})
            """)["result"]["value"]
        tall = min(value["tall"], TALLEST)
        shot = base64.b64decode(call(
            "Page.captureScreenshot", session, captureBeyondViewport=True,
            clip={"x": 0, "y": 0, "width": width, "height": tall, "scale": 1})["data"])
        (folder / f"{page.stem}-{width}-{scheme}.png").write_bytes(shot)
        assert shot[:4] == b"\x89PNG" and len(shot) > 10_000, "an empty screenshot"
        assert value["wide"] <= value["window"], f"{value['wide']} wide in a window of {value['window']}"
        assert value["heading"] == 1 and value["unnamed"] == 0 and value["title"] != "x", value
        assert (value["paper"] == "rgb(255, 255, 255)") == (scheme == "light"), value
        bad = [event for event in events if event.get("method") in (
            "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Network.loadingFailed")]
        assert not bad, bad
        foreign = [event for event in events if event.get("method") == "Network.requestWillBeSent"
                   and not event["params"]["request"]["url"].startswith(("file:", "data:"))]
        assert not foreign, foreign
    print_out(session)


def print_out(session):
    """On paper nothing can be opened: what is folded on the screen has to be there."""
    call("Emulation.setEmulatedMedia", session, media="print", features=[])
    rows = call("Runtime.evaluate", session, returnByValue=True, expression="""({
        all: document.querySelectorAll('tr').length,
        seen: [...document.querySelectorAll('tr')].filter(e => e.checkVisibility()).length})""")["result"]["value"]
    assert rows["seen"] == rows["all"], f"{rows['seen']} of {rows['all']} rows are printed"
    printed = base64.b64decode(call("Page.printToPDF", session, preferCSSPageSize=True)["data"])
    pages = len(re.findall(rb"/Type /Page\b", printed))
    print(f"{rows['all']} rows on {pages} pages")
    # No more of them have room on a page, at the size that they are printed in.
    assert pages * ROWS_A_PAGE >= rows["all"], f"{rows['all']} rows on {pages} pages"


try:
    import signal
    signal.alarm(PATIENCE)
    look()
finally:
    browser.kill()
    browser.wait()
