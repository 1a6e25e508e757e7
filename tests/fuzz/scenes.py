"""The interfaces as they are served, with the real parts behind them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from fastapi import FastAPI

from services.kit.probes import serve_http
from tests.engine import free_port
from tests.fuzz.asking import Interface
from tests.processes import running
from tests.single import single_environment


@contextmanager
def gateway_interface(folder: Path, database: str, **variables: str) -> Iterator[Interface]:
    """Serve the gateway, and behind it the whole engine in the same process."""
    environment = {**single_environment(folder, database), **variables}
    port = int(environment["OCTROI_GATEWAY_PORT"])
    with running("services.single", folder, environment) as process:
        process.ready(port)
        yield Interface(f"http://127.0.0.1:{port}", environment["KEY"])
        assert process.process.poll() is None, process.said()


@asynccontextmanager
async def served(application: FastAPI, key: str) -> AsyncIterator[Interface]:
    """Serve an application of this process. Ask it from a thread."""
    port, stop = free_port(), asyncio.Event()
    serving = asyncio.create_task(serve_http(application, host="127.0.0.1", port=port, stop=stop))
    try:
        yield Interface(f"http://127.0.0.1:{port}", key, without=("/v1/stream",))
    finally:
        stop.set()
        await serving
