"""The operators' page: its files and the chart library, served from here and from nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from gzip import compress
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

INDEX: Final = "index.html"
CHARTS: Final = "plotly-cartesian.min.js"
"""plotly.js, as Plotly publishes it for flat charts: a browser reads the whole of it for 0.7 s longer."""
MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
ASK_AGAIN: Final = "no-cache"
"""The page may be kept, but whether it is still the same is asked each time."""
KEEP_A_DAY: Final = "public, max-age=86400"
"""The chart library changes with a release at most."""
HEADERS: Final = {
    # Charts draw with inline styles and images made on the spot; a report's own page is shown in a frame.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; connect-src 'self'; frame-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file in memory: they are few, and none changes while the process runs."""

    body: bytes
    packed: bytes
    """The same, compressed once and for all: the chart library takes a tenth of a second."""
    media_type: str
    keep: str
    """How long a browser may keep it, as Cache-Control says it."""
    etag: str

    def response(self, request: Request) -> Response:
        """Return the file, or that the one the browser holds is still the same."""
        headers = {**HEADERS, "Cache-Control": self.keep, "ETag": self.etag}
        if self.etag in _tags(request.headers.get("if-none-match", "")):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            packing = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            return Response(self.packed, media_type=self.media_type, headers=headers | packing)
        return Response(self.body, media_type=self.media_type, headers=headers)


def page_routes() -> list[BaseRoute]:
    """Return the routes / and /static/{name}; files are read now, so that a missing one shows at start."""
    found = _page_files()
    index = _with_modules(found.pop(INDEX), found)

    async def page(request: Request) -> Response:
        return index.response(request)

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in found:
            return PlainTextResponse("There is no such file.", HTTPStatus.NOT_FOUND, headers=HEADERS)
        return found[name].response(request)

    return [Route("/", page), Route("/static/{name}", static)]


def _page_files() -> dict[str, PageFile]:
    page = files("services.monitoring") / "page"
    read: Mapping[str, bytes] = {each.name: each.read_bytes() for each in page.iterdir() if each.is_file()}
    return {
        name: _page_file(name, body, KEEP_A_DAY if name == CHARTS else ASK_AGAIN)
        for name, body in read.items()
        if _ending(name) in MEDIA_TYPES
    }


def _page_file(name: str, body: bytes, keep: str) -> PageFile:
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    return PageFile(body, compress(body, mtime=0), MEDIA_TYPES[_ending(name)], keep, etag)


def _with_modules(index: PageFile, found: Mapping[str, PageFile]) -> PageFile:
    """Return the page with the names of all its modules, which are otherwise found one after the other."""
    modules = sorted(name for name in found if name.endswith(".js") and name != CHARTS)
    links = "".join(f'  <link rel="modulepreload" href="/static/{name}">\n' for name in modules)
    return _page_file(INDEX, index.body.replace(b"</head>", f"{links}</head>".encode(), 1), index.keep)


def _ending(name: str) -> str:
    return name[name.rfind(".") :]


def _tags(header: str) -> set[str]:
    """Return the tags a browser holds; a proxy that compressed the file calls its tag weak."""
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
