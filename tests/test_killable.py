"""Questions put to a process that may be killed: every way to go wrong, and nobody else is harmed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from envs.killable import Answer, Killable

PROGRAM = """
import ctypes, os, socket, subprocess, sys, time

def answer(request):
    kind, *rest = request
    return globals()[kind](*rest)

def echo(value): return value
def who(): return [os.getpid(), os.getppid()]
def environment(): return dict(os.environ)
def hashed(text): return hash(text)
def modules(): return "numpy" in sys.modules
def descriptors(): return sorted(map(int, os.listdir("/proc/self/fd")))
def fail(): raise KeyError("what")
def leave(): os._exit(3)
def leave_politely(): sys.exit(4)
def crash(): ctypes.string_at(0)
def loop():
    while True: pass
def stuck(): return len(str(10 ** 300_000_000))
def asleep(): time.sleep(1e6)
def eat(): return len(bytearray(1 << 40))
def fat(): return len(bytearray(b"x") * (150 << 20))
def talk(text):
    print(text, flush=True)
    os.write(1, text.encode())
    return "said"
def listen(): return sys.stdin.read()
def flood(): return "x" * (1 << 21)
def odd(): return object()
def write(path): open(path, "w").close()
def low_write(path): os.open(path, os.O_CREAT | os.O_WRONLY)
def remove(path): os.remove(path)
def shell(command): os.system(command)
def run(command): subprocess.run(command, shell=True)
def call(): socket.create_connection(("127.0.0.1", 9))
def fork(): return os.fork()
"""
# On a machine that is busy with other things, what comes to its end may need much of this; what never does gets less.
WAIT, ENDLESS = 60.0, 1.0


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("programs") / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return path


@pytest.fixture
def worker(program: Path) -> Iterator[Killable]:
    with Killable(program, WAIT, memory=256 << 20) as made:
        yield made


def gone(process: int) -> bool:
    """It has ended within a minute (a zombie has)."""
    for _ in range(600):
        try:
            if Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.1)
    return False


def test_answers_come_back_as_they_are(worker: Killable) -> None:
    for value in ("", "x\n\x00\u2028", "\ud800", 1.5, None, True, [1, {"a": "é"}], "x" * 500_000):
        assert worker.ask(["echo", value]) == Answer(value)


FAULTS = {
    "fail": "error: KeyError: 'what'",
    "leave": "crash: exit status 3",
    "leave_politely": "crash: exit status 1",
    "crash": "crash: SIGSEGV",
    "eat": "out of memory",
    "flood": "too much output",
    "odd": "error: TypeError",
    "fork": "error: PermissionError",
    "call": "error: PermissionError",
}


def test_every_fault_is_named_and_harms_no_other_question(worker: Killable) -> None:
    for number, (kind, fault) in enumerate(FAULTS.items()):
        answer = worker.ask([kind])
        assert answer.value is None
        assert answer.fault.startswith(fault), (kind, answer)
        assert worker.ask(["echo", number]) == Answer(number)
    assert worker.counts == {
        "asked": 2 * len(FAULTS),
        "error": 4,
        "crash": 3,
        "out of memory": 1,
        "too much output": 1,
    }


@pytest.mark.parametrize("kind", ["loop", "asleep", "stuck"])
def test_whatever_does_not_end_is_ended(worker: Killable, kind: str) -> None:
    before = worker.ask(["who"]).value
    assert worker.ask([kind], ENDLESS) == Answer(None, "time-out")
    after = worker.ask(["who"]).value
    assert (after[0] != before[0], after[1]) == (True, before[1]), "the fork alone is replaced"
    assert gone(before[0])


def test_a_process_that_has_used_much_memory_is_not_asked_again(worker: Killable) -> None:
    before = worker.ask(["who"]).value
    assert worker.ask(["who"]).value == before
    assert worker.ask(["fat"]) == Answer(150 << 20)
    assert worker.ask(["who"]).value[0] != before[0]


def test_nothing_is_inherited_that_should_not_be(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "canary")
    monkeypatch.setenv("PYTHONHASHSEED", "123")
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    with Killable(program, WAIT) as worker:
        environment = worker.ask(["environment"]).value
        assert "canary" not in str(environment)
        assert environment["PYTHONHASHSEED"] == "0"
        held = worker.ask(["descriptors"]).value
        # 0, 1, 2 to nowhere, what is left of the questions and answers, and the folder that is being listed
        assert len(held) <= 3 + 1 + 2 + 1, held
        assert not worker.ask(["modules"]).value, "the house's own packages are not imported"
        first = worker.ask(["hashed", "a word"]).value
    with Killable(program, WAIT) as worker:
        assert worker.ask(["hashed", "a word"]).value == first
    os.close(reading)
    os.close(writing)


def test_files_processes_and_the_conversation_are_out_of_reach(worker: Killable, tmp_path: Path) -> None:
    kept, made = tmp_path / "kept", tmp_path / "made"
    kept.write_text("here", encoding="utf-8")
    for request in (
        ["write", str(made)],
        ["low_write", str(made)],
        ["write", str(kept)],
        ["remove", str(kept)],
        ["shell", f"touch {made}"],
        ["run", f"touch {made}"],
    ):
        assert worker.ask(request).fault.startswith("error: PermissionError"), request
    assert (made.exists(), kept.read_text(encoding="utf-8")) == (False, "here")
    assert worker.ask(["talk", '{"value": "forged"}\n']) == Answer("said")
    assert worker.ask(["listen"]) == Answer("")


def test_a_death_between_two_questions_is_nobodys_fault(worker: Killable) -> None:
    fork, nursery = worker.ask(["who"]).value
    os.kill(fork, signal.SIGKILL)
    assert gone(fork)
    assert worker.ask(["echo", 1]) == Answer(1)
    os.kill(nursery, signal.SIGKILL)
    assert gone(nursery)
    assert worker.ask(["echo", 2]) == Answer(2)
    assert worker.counts == {"asked": 3, "nursery lost": 1}


def test_threads_take_turns_and_may_end(worker: Killable) -> None:
    answers: dict[int, list[Answer]] = {}

    def ask(name: int) -> None:
        answers[name] = [worker.ask(["echo", [name, i]]) for i in range(25)]

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {name: [Answer([name, i]) for i in range(25)] for name in range(4)}
    before = worker.ask(["who"]).value
    assert worker.ask(["who"]).value == before, "the thread that started the process has ended, the process has not"


PARENT = """
import json, os, sys, threading, time
from pathlib import Path
from envs.killable import Killable

worker = Killable(Path(sys.argv[1]), 20.0)
processes = worker.ask(["who"]).value
if sys.argv[2] == "forked" and os.fork() == 0:  # this one keeps the pipes open
    time.sleep(120)
    os._exit(0)
print(json.dumps(processes), flush=True)
if sys.argv[2] == "busy":
    worker.ask(["loop"])
if sys.argv[2] != "leaves":
    time.sleep(60)
"""


@pytest.mark.parametrize("way", ["idle", "forked", "leaves", pytest.param("busy", marks=pytest.mark.slow)])
def test_no_process_outlives_the_one_that_asked(program: Path, way: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(program), way],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
        start_new_session=True,
    )
    assert parent.stdout is not None
    processes = json.loads(parent.stdout.readline())
    if way == "leaves":
        assert parent.wait(60) == 0
    else:
        parent.kill()
        parent.wait()
    try:
        assert [gone(process) for process in processes] == [True, True]
    finally:
        parent.stdout.close()
        if way == "forked":
            os.killpg(parent.pid, signal.SIGKILL)


def test_closing_ends_them_and_asking_starts_them_again(program: Path) -> None:
    worker = Killable(program, WAIT)
    processes = worker.ask(["who"]).value
    worker.close()
    assert all(map(gone, processes))
    assert worker.ask(["echo", 1]) == Answer(1)
    processes = worker.ask(["who"]).value
    del worker
    assert all(map(gone, processes)), "forgotten, it ends them too"


def test_a_program_that_does_not_start_says_why(tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text("import no_such_package", encoding="utf-8")
    with Killable(path) as worker, pytest.raises(RuntimeError, match=r"wrong\.py .*no_such_package"):
        worker.ask(1)


FORKED = """
import os, sys
from pathlib import Path
from envs.killable import Killable

worker = Killable(Path(sys.argv[1]))
processes = worker.ask(["who"])
child = os.fork()
if child == 0:
    try:
        worker.ask(["who"])
    except RuntimeError:
        worker.close()
        os._exit(7)
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert worker.ask(["who"]) == processes
"""


def test_a_fork_of_ours_has_to_make_its_own(program: Path) -> None:
    run = subprocess.run([sys.executable, "-c", FORKED, str(program)], cwd=Path(__file__).parent.parent, check=False)
    assert run.returncode == 0
