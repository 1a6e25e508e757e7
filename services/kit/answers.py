"""Answers as they are written to a connection: head and body together."""

import asyncio


class Answering:
    """A transport for one answer, whose head goes out with what is written next.

    uvicorn writes them one after the other, and each time the system is asked and the client woken. A body
    that takes its time is not waited for.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None

    def write(self, data: bytes) -> None:
        """Keep the head; write it with the first part of the body, and then what comes as it comes."""
        if self._head is None:
            self._head = data
            asyncio.get_running_loop().call_soon(self._send_head)
        else:
            head, self._head = self._head, b""
            self._transport.write(head + data if head else data)

    def close(self) -> None:
        """Close the connection once all is written."""
        self._send_head()
        self._transport.close()

    def is_closing(self) -> bool:
        """Tell whether the connection is closed, or about to be."""
        return self._transport.is_closing()

    def _send_head(self) -> None:
        if self._head and not self._transport.is_closing():
            self._transport.write(self._head)
            self._head = b""
