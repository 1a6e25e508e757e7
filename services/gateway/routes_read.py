"""Applications out: one, or a page of them."""

from functools import partial
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from services.gateway import application_documents as documents
from services.gateway.access import permitted
from services.gateway.parts import parts_of
from services.gateway.queries import Listing, Position
from services.gateway.reading import read_query
from services.gateway.rendering import json_response, whole_resource
from services.gateway.resources import ApplicationSummary, Page
from services.gateway.routes_events import follow_application, known_application
from services.kit.key_file import Role

ADDRESS: Final = "/v1/applications"


async def find_application(request: Request) -> Response:
    """Show an application: cells, state and, once there is one, its decision with reasons and lineage."""
    return json_response(whole_resource(await known_application(request)))


async def list_applications(request: Request) -> Response:
    """List applications, the newest first, or in another order.

    The list is cut into pages: go on with the address in `next`, which is also in the header Link, until
    there is none. Applications that come in meanwhile do not shift the pages. Only the order by time has an
    index: another order over many applications needs a filter by time, or takes long.
    """
    parts = parts_of(request)
    permitted(request, Role.READ)
    listing = read_query(request, Listing)
    found = await parts.states.page(listing, within=parts.settings.read_within.total_seconds())
    items = tuple(found[: listing.limit])
    further = _next_page(listing, items[-1]) if len(found) > listing.limit else None
    headers = {"Link": f'<{further}>; rel="next"'} if further else None
    return json_response(Page(items=items, next=further), headers=headers)


def _next_page(listing: Listing, last: ApplicationSummary) -> str:
    position = Position(worth=getattr(last, listing.sort), application_id=last.application_id)
    following = listing.model_copy(update={"cursor": position})
    query = following.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return f"{ADDRESS}?{urlencode(query)}"


def add_read_routes(router: APIRouter) -> None:
    """Add the routes for applications out."""
    add = partial(router.add_api_route, methods=["GET"], tags=["read"])
    add(ADDRESS, list_applications, **documents.list_applications())
    add(f"{ADDRESS}/{{application_id}}", find_application, **documents.find_application())
    add(f"{ADDRESS}/{{application_id}}/events", follow_application, **documents.follow_application())
