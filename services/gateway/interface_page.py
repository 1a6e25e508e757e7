"""The page that describes the interface, by Swagger UI; all that it loads is served from here."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

SCRIPT: Final = "swagger-ui-bundle.js"
STYLE: Final = "swagger-ui.css"
MEDIA_TYPES: Final[Mapping[str, str]] = {SCRIPT: "text/javascript", STYLE: "text/css"}
HEADERS: Final[Mapping[str, str]] = {
    # Swagger UI is begun by a script within the page, and draws with inline styles and images of its own.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
KEEP_A_DAY: Final = {"Cache-Control": "public, max-age=86400"}
NO_ICON: Final = "data:,"


def interface_routes(title: str) -> list[BaseRoute]:
    """Return /docs and what belongs to it; the page reads /openapi.json."""
    # Addresses without a slash before them: they hold behind a proxy that serves all of this below a path.
    html = get_swagger_ui_html(
        openapi_url="openapi.json",
        title=title,
        swagger_js_url=f"docs/{SCRIPT}",
        swagger_css_url=f"docs/{STYLE}",
        swagger_favicon_url=NO_ICON,
    )
    html.headers.update(HEADERS)

    async def page(_: Request) -> Response:
        return html

    return [Route("/docs", page), *(_file_route(name) for name in MEDIA_TYPES)]


def _file_route(name: str) -> Route:
    path = Path(str(files("fastapi_offline") / "static" / name))

    async def file(_: Request) -> Response:
        return FileResponse(path, media_type=MEDIA_TYPES[name], headers={**HEADERS, **KEEP_A_DAY})

    return Route(f"/docs/{name}", file)
