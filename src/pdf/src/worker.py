# Reads frames (4 bytes length, big-endian, and the bytes) from stdin. First the fonts, as pairs of
# frames name and bytes, ended by an empty frame; then pages. Answers each page with a frame whose
# first byte is 0 (PDF follows) or 1 (reason follows).
import logging
import struct
import sys

logging.disable(logging.CRITICAL)
stdin = sys.stdin.buffer
stdout = sys.stdout.buffer


def read_frame():
    head = stdin.read(4)
    if len(head) < 4:
        sys.exit(0)
    size = struct.unpack(">I", head)[0]
    body = stdin.read(size)
    if len(body) < size:
        sys.exit(0)
    return body


def write_frame(status, body):
    stdout.write(struct.pack(">I", len(body) + 1) + bytes([status]) + body)
    stdout.flush()


files = {}
while True:
    name = read_frame()
    if not name:
        break
    files[name.decode()] = read_frame()

import weasyprint
from weasyprint.text.fonts import FontConfiguration


def fetch(url, *args, **kwargs):
    if url.startswith("data:"):
        return weasyprint.default_url_fetcher(url)
    name = url.split(":", 1)[-1]
    if url.startswith("schwarm:") and name in files:
        return {"string": files[name], "mime_type": "font/woff2"}
    raise ValueError("nothing may be fetched")


# Font faces are read once: the style sheet of every notice is the same.
fonts = FontConfiguration()
weasyprint.CSS(string=files["fonts.css"].decode(), url_fetcher=fetch, font_config=fonts)
variant = "pdf/ua-1" if "pdf/ua-1" in getattr(weasyprint.pdf, "VARIANTS", {}) else None

while True:
    page = read_frame()
    try:
        html = weasyprint.HTML(string=page.decode(), url_fetcher=fetch, base_url="schwarm:")
        write_frame(0, html.write_pdf(font_config=fonts, variant=variant))
    except Exception as error:  # whatever a page does, the next one is served
        write_frame(1, type(error).__name__.encode())
