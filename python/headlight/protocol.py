"""The messages between this package and a window: a prefix ("HDLT", bytes of the header as u32, of the payload as u64), a JSON header, the payload."""
import array
import fcntl
import json
import os
import socket
import struct
import time

from .errors import HeadlightError, NoWindow

VERSION = 1
MOST_HEADER_BYTES = 1 << 30  # answers of a window of the same user: the state of thousands of heads
MOST_PAYLOAD_BYTES = 1 << 36
_PREFIX = struct.Struct("<4sIQ")
_SEALS = 0x0002 | 0x0004 | 0x0008  # F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE
_CHUNK = 16 << 20


def runtime_folder():
    """Where windows have their sockets."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):
        return os.path.join(runtime, "headlight")
    return os.path.join(os.environ.get("TMPDIR", "/tmp"), f"headlight-{os.geteuid()}")


def window_sockets():
    """Sockets of windows, newest first; those of dead ones may be among them."""
    folder = runtime_folder()
    try:
        info = os.lstat(folder)
        if info.st_uid != os.geteuid() or info.st_mode & 0o77:
            return []
        paths = [os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("window-") and name.endswith(".sock")]
        return sorted(paths, key=lambda path: os.stat(path).st_mtime_ns, reverse=True)
    except OSError:
        return []


def shared_memory(head, parts, size):
    """Sealed memory that holds a dump; None where the system has none."""
    if not hasattr(os, "memfd_create"):
        return None
    number = os.memfd_create("headlight", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(number, size)
        for at, data in [(0, head), *((at, memoryview(data).cast("B")) for at, data in parts if data.size)]:
            while len(data):  # written, not mapped: the system fills each page once
                done = os.pwrite(number, data[:_CHUNK], at)
                at, data = at + done, data[done:]
        fcntl.fcntl(number, fcntl.F_ADD_SEALS if hasattr(fcntl, "F_ADD_SEALS") else 1033, _SEALS)
    except BaseException:
        os.close(number)
        raise
    return number


class Connection:
    """One client of a window. Raises NoWindow where nobody listens, HeadlightError with what the window says."""

    def __init__(self, path, timeout=660.0):
        self.path = path
        self._timeout = timeout
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(10.0)
        try:
            self._socket.connect(path)
            self._peer = struct.unpack("3i", self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0] if hasattr(socket, "SO_PEERCRED") else -1
            answer, _ = self.ask({"message": "hello", "version": VERSION, "program": "headlight-attention"}, timeout=10.0)
        except OSError as problem:
            self.close()
            raise NoWindow(f"no window answers at {path}: {problem.strerror or problem}", kind="missing") from problem
        except BaseException:
            self.close()
            raise
        self.program = answer.get("program", "")
        # A socket that ssh carries: shared memory does not come through.
        self._is_here = answer.get("process") == self._peer

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _receive(self, count, end):
        out = bytearray(count)
        view = memoryview(out)
        while len(view):
            left = end - time.monotonic()
            if left <= 0:
                raise HeadlightError("the window did not answer in time", kind="cancelled")
            self._socket.settimeout(left)
            got = self._socket.recv_into(view, min(len(view), _CHUNK))
            if got == 0:
                raise HeadlightError("the window hung up without an answer", kind="internal")
            view = view[got:]
        return out

    def _answer(self, end):
        mark, header_bytes, payload_bytes = _PREFIX.unpack(self._receive(_PREFIX.size, end))
        if mark != b"HDLT" or header_bytes > MOST_HEADER_BYTES or payload_bytes > MOST_PAYLOAD_BYTES:
            raise HeadlightError(f"what answers at {self.path} is no window of Headlight", kind="corrupt")
        header = json.loads(bytes(self._receive(header_bytes, end)).decode("utf-8", "replace"))
        payload = self._receive(payload_bytes, end)
        if not isinstance(header, dict) or header.get("ok") is not True:
            header = header if isinstance(header, dict) else {}
            raise HeadlightError(str(header.get("error", "the window refused without a reason")), str(header.get("details", "")), str(header.get("kind", "")),
                                 header.get("choices") or ())
        return header, payload

    def ask(self, header, timeout=None):
        """Sends a message without a payload and returns (header, payload) of the answer."""
        end = time.monotonic() + (timeout or self._timeout)
        text = json.dumps(header).encode()
        self._send([(_PREFIX.pack(b"HDLT", len(text), 0) + text)], None)
        return self._answer(end)

    def send_dump(self, header, head, parts, size):
        """Sends a dump, as shared memory where window and sender share one, else as bytes."""
        end = time.monotonic() + self._timeout
        number = shared_memory(head, parts, size) if self._is_here else None
        try:
            text = json.dumps(dict(header, memory=True) if number is not None else header).encode()
            prefix = _PREFIX.pack(b"HDLT", len(text), 0 if number is not None else size)
            bodies = [] if number is not None else [head, *(memoryview(data).cast("B") for _, data in parts if data.size)]
            self._send([prefix + text, *bodies], number)
        finally:
            if number is not None:
                os.close(number)
        return self._answer(end)

    def _send(self, bodies, number):
        self._socket.settimeout(self._timeout)
        try:
            if number is not None:
                rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [number]))]
                sent = self._socket.sendmsg([bodies[0]], rights)
                bodies[0] = bodies[0][sent:]
            for body in bodies:
                self._socket.sendall(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # a window that refuses says why before it hangs up


def chosen_socket(path=None):
    """`path`, else $HEADLIGHT_SOCKET, else the newest window's that answers; None: no window runs."""
    named = path or os.environ.get("HEADLIGHT_SOCKET")
    if named:
        return os.fspath(named)
    for candidate in window_sockets():
        probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        probe.settimeout(2.0)
        try:
            probe.connect(candidate)
            return candidate
        except OSError:
            continue
        finally:
            probe.close()
    return None
