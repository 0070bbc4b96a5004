"""Questions put to a process that may be killed: for code that cannot be trusted to return.

A time-out by a signal inside our own process fails in threads and never interrupts a long call in C; a process that
is killed from outside always stops. Three processes: ours; a nursery, which imports what is needed once; and its
fork, which answers until it takes too long, uses too much memory or crashes. Then the nursery kills it and forks
another one in milliseconds, so that a bad question costs its time limit and the next one nothing. They speak JSON, one
line each way: nothing is ever unpickled. What is asked is a plain Python file with a function `answer(request)`.

Who answers has no environment but a few harmless names, no descriptor but its pipe, one thread for each library, a
limit on memory and on processor time, an alarm of its own, and a fence against files, sockets and processes (it stops
accidents and lazy tricks; it is no sandbox against native code). What it imports is imported before that.

Neither outlives us: idle, they see their pipe end or their parent change; busy, the kernel's alarm ends the fork soon
after its time. (`PR_SET_PDEATHSIG` is not used: it fires when the *thread* ends that started a process.)
Needs Linux or macOS (which does not enforce the limit on memory).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
"""All that is passed on of the environment; whatever else there is (keys, tokens) stays here."""
SET = {"PYTHONHASHSEED": "0", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
MAX_LINE = 1 << 20
START = 60.0
"""Seconds that the nursery may take to import what it needs, on a machine that is busy with other things."""
GRACE = 0.5
"""Seconds that the nursery has, beyond the time limit, to kill and to say so; then it is killed itself."""
TIME, MEMORY, FLOOD, CRASH = "time-out", "out of memory", "too much output", "crash"


class Answer(NamedTuple):
    """What `answer` returned, or why it did not: `time-out`, `out of memory`, `crash: SIGSEGV`, `error: ...`."""

    value: Any
    fault: str = ""


class Killable:
    """Asks `program` (a Python file with a function `answer(request)`), within `wait` seconds unless told otherwise.

    `memory` is in bytes; `words` are the program's `sys.argv[1:]`. Safe to use from several threads, which take turns.
    `counts` says how often it was asked and what went wrong, by cause.
    """

    def __init__(self, program: Path, wait: float = 1.0, memory: int = 1 << 30, words: Sequence[str] = ()) -> None:
        self.program, self.wait, self.memory, self.words = program, wait, memory, words
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._nurseries: list[subprocess.Popen[bytes]] = []
        weakref.finalize(self, _end_all, self._nurseries, self._owner)

    def __enter__(self) -> Killable:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; asking again starts new ones."""
        with self._lock:
            _end_all(self._nurseries, self._owner)

    def ask(self, request: Any, wait: float | None = None) -> Answer:
        """The answer to `request` (whatever JSON can hold).

        Raises:
            RuntimeError: the program does not start, e.g. for want of a package, and why; or we are a fork of the
                process that made this object.
        """
        if os.getpid() != self._owner:
            raise RuntimeError("these workers belong to the process that made them: make them anew in each process")
        wait = self.wait if wait is None else wait
        line = json.dumps([wait, request]).encode() + b"\n"
        with self._lock:
            into, out = self._nursery()
            reply, fault = _exchange(into, out, line, time.monotonic() + wait + GRACE)
            if fault:
                _end_all(self._nurseries, self._owner)
            fault = fault or reply.get("fault", "")
            self.counts["asked"] += 1
            if fault:
                self.counts[fault.split(":")[0]] += 1
            return Answer(None if fault else reply.get("value"), fault)

    def _nursery(self) -> tuple[int, int]:
        """The pipes to a nursery that waits for a question: one that died between two questions is replaced."""
        if self._nurseries and self._nurseries[0].poll() is not None:
            self.counts["nursery lost"] += 1
            _end_all(self._nurseries, self._owner)
        if not self._nurseries:
            process = subprocess.Popen(
                [sys.executable, "-P", __file__, str(self.program), str(self.memory), *self.words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env={name: os.environ[name] for name in KEPT if name in os.environ} | SET,
                cwd="/",
                start_new_session=True,
            )
            self._nurseries.append(process)
            reply, fault = _receive(_pipes(process)[1], time.monotonic() + START)
            fault = fault or reply.get("fault", "")
            if fault:
                _end_all(self._nurseries, self._owner)
                raise RuntimeError(f"{self.program.name} does not start: {fault}")
        return _pipes(self._nurseries[0])


def _pipes(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin.fileno(), process.stdout.fileno()


def _end_all(nurseries: list[subprocess.Popen[bytes]], owner: int) -> None:
    while nurseries and os.getpid() == owner:
        process = nurseries.pop()
        # the whole session: whatever was forked goes with it
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _exchange(into: int, out: int, line: bytes, deadline: float) -> tuple[dict[str, Any], str]:
    """The reply to a line, or what went wrong."""
    os.set_blocking(into, False)
    while line:
        if not _waits(into, select.POLLOUT, deadline):
            return {}, TIME
        try:
            line = line[os.write(into, line) :]
        except BlockingIOError:
            continue
        except BrokenPipeError:
            return {}, CRASH
    return _receive(out, deadline)


def _receive(out: int, deadline: float) -> tuple[dict[str, Any], str]:
    read = b""
    while not read.endswith(b"\n"):
        if not _waits(out, select.POLLIN, deadline):
            return {}, TIME
        part = os.read(out, 1 << 16)
        read += part
        if not part:
            return {}, CRASH
        if len(read) > MAX_LINE:
            return {}, FLOOD
    try:
        reply = json.loads(read)
    except (ValueError, RecursionError):
        return {}, f"{CRASH}: that is no answer"
    return (reply, "") if isinstance(reply, dict) else ({}, f"{CRASH}: that is no answer")


def _waits(descriptor: int, event: int, deadline: float) -> bool:
    """It can be read or written before the deadline."""
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))


# From here on: the nursery.


def _nurse(program: str, memory: int) -> None:
    import gc
    import runpy

    parent = os.getppid()
    questions, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    # what a library prints or reads is none of the conversation
    for standard in (0, 1):
        os.dup2(nothing, standard)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, START)
    sys.argv = [program, *sys.argv[3:]]
    try:
        answer = runpy.run_path(program)["answer"]
    except Exception as error:  # noqa: BLE001 (whatever it is, the user has to be told)
        _write(answers, {"fault": f"{type(error).__name__}: {error}"[:300]})
        return
    signal.setitimer(signal.ITIMER_REAL, 0)
    gc.collect()
    gc.freeze()  # the forks share what is there now
    _write(answers, {})
    fork: tuple[int, int, int] | None = None
    for line in _lines(questions, parent):
        if fork and _waits(fork[2], select.POLLIN, 0.0):  # it died, or spoke, without being asked
            _kill(fork)
            fork = None
        fork = fork or _fork(answer, memory, (questions, answers))
        reply, fault = _exchange(*fork[1:], line, time.monotonic() + json.loads(line)[0])
        if fault or reply.pop("ended", False):
            status = _kill(fork)
            fork = None
        if fault:
            reply = {"fault": _cause(status) if fault == CRASH else fault}
        _write(answers, reply)
    if fork:
        _kill(fork)


def _lines(source: int, parent: int) -> Iterator[bytes]:
    """The questions, until there are none, or nobody to ask them."""
    held = b""
    while True:
        while b"\n" not in held:
            while not _waits(source, select.POLLIN, time.monotonic() + 2.0):
                if os.getppid() != parent:  # another fork of the parent's may still hold the pipe open
                    return
            part = os.read(source, 1 << 16)
            if not part:
                return
            held += part
        line, _, held = held.partition(b"\n")
        yield line + b"\n"


def _write(into: int, reply: dict[str, Any]) -> None:
    line = json.dumps(reply).encode() + b"\n"
    while line:
        line = line[os.write(into, line) :]


def _kill(fork: tuple[int, int, int]) -> int:
    """Its exit status, or the signal that it died of before ours, negative."""
    process, into, out = fork
    os.close(into)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    os.close(out)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _cause(status: int) -> str:
    if -status in (signal.SIGXCPU, signal.SIGALRM):
        return TIME
    return f"{CRASH}: {signal.Signals(-status).name}" if status < 0 else f"{CRASH}: exit status {status}"


def _fork(answer: Any, memory: int, ours: tuple[int, int]) -> tuple[int, int, int]:
    """The process, and the pipes to it and from it."""
    (theirs_in, into), (out, theirs_out) = os.pipe(), os.pipe()
    nursery, process = os.getpid(), os.fork()
    if process:
        os.close(theirs_in)
        os.close(theirs_out)
        return process, into, out
    try:
        for descriptor in (*ours, into, out):
            os.close(descriptor)
        _answer_all(answer, memory, (theirs_in, theirs_out, nursery))
    finally:
        os._exit(1)


# From here on: the fork.

FORBIDDEN = (
    *(
        "subprocess.",
        "socket.",
        "shutil.",
        "ctypes.dlopen",
        "pty.",
        "os.system",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
    ),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.ch", "os.kill"),
    *(
        "os.spawn",
        "os.putenv",
        "os.unsetenv",
        "os.utime",
        "os.setxattr",
        "webbrowser.",
        "urllib.",
        "signal.pthread_kill",
    ),
)
"""How the names of Python's audit events (PEP 578) begin that a question may not cause."""
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _fence(event: str, args: tuple[Any, ...]) -> None:
    if event.startswith(FORBIDDEN) or (event == "open" and isinstance(args[2], int) and args[2] & WRITING):
        raise PermissionError(f"{event} is not allowed here")


def _answer_all(answer: Any, memory: int, pipes: tuple[int, int, int]) -> None:
    import resource

    questions, answers, nursery = pipes
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        with contextlib.suppress(ValueError, OSError):  # macOS has no such limit
            resource.setrlimit(kind, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.dont_write_bytecode = True
    sys.addaudithook(_fence)
    unit = 1 if sys.platform == "darwin" else 1024
    for line in _lines(questions, nursery):
        wait, request = json.loads(line)
        # Limits that need no interpreter, which may be deep inside one long call: of the clock, of the processor.
        signal.setitimer(signal.ITIMER_REAL, wait + GRACE)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + wait) + 2, resource.RLIM_INFINITY))
        reply = _reply(answer, request)
        # after half of the memory has been in use at some time, the next question had better find a fresh process
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
        _write(answers, reply | ({"ended": True} if used > memory / 2 or reply.get("fault") == MEMORY else {}))
        signal.setitimer(signal.ITIMER_REAL, 0)


def _reply(answer: Any, request: Any) -> dict[str, Any]:
    try:
        value = answer(request)
        json.dumps(value)  # what cannot be said in JSON is the program's fault, found here
        return {"value": value}
    except MemoryError:
        return {"fault": MEMORY}
    except Exception as error:  # noqa: BLE001 (what a question breaks is data)
        return {"fault": f"error: {type(error).__name__}: {error}"[:300]}


if __name__ == "__main__":
    _nurse(sys.argv[1], int(sys.argv[2]))
