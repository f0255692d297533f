"""A TCP relay that can be slow, mute, cut or half closed: a bad network between a host and a service.

It never changes a byte. It stands on the cable of a namespace and leads to a service on this machine's loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from stack.programs import StackError

CHUNK = 65536
#: Seconds that an order to the proxy may take.
WITHIN_S = 10.0
Address = tuple[str, int]
#: Linger, for no time: closing resets the connection instead of ending it in order.
RESET_AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class _Pair:
    """One connection of a client and the one to the service that belongs to it."""

    client: asyncio.StreamWriter
    service: asyncio.StreamWriter
    #: The client was told that the service has finished; what still comes is dropped.
    half_closed: bool = False


class FaultProxy:
    """Relays connections from `listen` to `target` in a thread of its own, until `stop`."""

    def __init__(self, listen: Address, target: Address) -> None:
        self.listen, self.target = listen, target
        #: Seconds that each piece waits, in both directions.
        self.delay_s = 0.0
        self._pairs: set[_Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        """Listen; returns once connections are taken."""
        self._thread.start()
        self._passing = asyncio.Event()
        self._passing.set()
        self._server = self._do(asyncio.start_server(self._serve, *self.listen))

    def stop(self) -> None:
        """Cut everything and end the thread."""
        self.cut()
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WITHIN_S)
        self._loop.close()

    @property
    def is_running(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._thread.is_alive()

    def hold(self) -> None:
        """From now on nothing passes; connections stay open and new ones are taken."""
        self._loop.call_soon_threadsafe(self._passing.clear)

    def let_pass(self) -> None:
        """What was held goes on its way."""
        self._loop.call_soon_threadsafe(self._passing.set)

    def cut(self) -> int:
        """Break every connection at both ends, with a reset that is said once; returns how many there were.

        Who is behind a cable that is out does not hear it, and will not be told again.
        """
        return self._do(self._cut())

    def half_close(self) -> int:
        """Tell every client that the service has finished, and the service nothing; returns how many there were."""
        return self._do(self._half_close())

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN_S)
        except OSError as error:
            raise StackError(f"el intermediario no puede escuchar en {self.listen}: {error}") from error

    async def _cut(self) -> int:
        pairs = list(self._pairs)
        for pair in pairs:
            for writer in (pair.client, pair.service):
                # One end may have gone by itself this moment.
                with contextlib.suppress(OSError):
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
                writer.transport.abort()
        return len(pairs)

    async def _half_close(self) -> int:
        pairs = [pair for pair in self._pairs if not pair.half_closed]
        for pair in pairs:
            pair.half_closed = True
            if pair.client.can_write_eof():
                pair.client.write_eof()
        return len(pairs)

    async def _end(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            back, service = await asyncio.open_connection(*self.target)
        except OSError:
            # The service is down: the client is to see that, and at once.
            writer.transport.abort()
            self._tasks.discard(task)
            return
        pair = _Pair(writer, service)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._pump(reader, service, pair), self._pump(back, writer, pair))
        except (OSError, asyncio.CancelledError):
            pass  # either end broke: the other is told below
        finally:
            self._pairs.discard(pair)
            self._tasks.discard(task)
            writer.transport.abort()
            service.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, pair: _Pair) -> None:
        while data := await source.read(CHUNK):
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            await self._passing.wait()
            if pair.half_closed and sink is pair.client:
                continue
            sink.write(data)
            await sink.drain()
        if not (pair.half_closed and sink is pair.client) and sink.can_write_eof():
            sink.write_eof()
