"""A network cable to a local port that a test can cut, and plug in again."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Cable:
    """Listens on a port of its own and passes everything on."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._listening: socket.socket | None = None
        self._joined: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self.port = 0
        self.accept()

    def accept(self) -> None:
        """Take connections (again)."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listening.getsockname()[1]
        self._run(self._take, self._listening)

    def refuse(self) -> None:
        """Cut, and take no more connections."""
        if self._listening is not None:
            with suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._listening = None
        self.cut()

    def cut(self) -> None:
        """Break the connections there are."""
        with self._lock:
            for end in self._joined:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            self._joined.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refuse()
        for thread in self._threads:
            thread.join(10)

    def _run(self, work: object, *given: socket.socket) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def _take(self, listening: socket.socket) -> None:
        while True:
            try:
                caller, _ = listening.accept()
                called = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                return
            with self._lock:
                self._joined += [caller, called]
            self._run(_pass_on, caller, called)
            self._run(_pass_on, called, caller)


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
