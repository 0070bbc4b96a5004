"""A UCI engine that misbehaves: `python fake_engine.py FAULT [FILE]`. It speaks well until it is to search."""

import json
import os
import sys
import time

import chess

START = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"
FLOOD = 200
"""megabytes"""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def flood(line: str) -> None:
    for _ in range((FLOOD << 20) // len(line)):
        sys.stdout.write(line)
    sys.stdout.flush()
    time.sleep(60)


def chatter() -> None:
    for number in range(4000):
        sys.stdout.write(f"info depth {number % 30} score cp 1 string {'y' * 80}\nwhat is this\n")
    say("bestmove e2e4")


def homesick(fen: str) -> None:
    """White is worth 30 less for each of its pawns that has left home, and 30 more for each of Black's."""
    ranks, turn = fen.split()[:2]
    white = 30 * (ranks.split("/")[6].count("P") - ranks.split("/")[1].count("p"))
    say(f"info depth 1 score cp {white if turn == 'w' else -white}")
    say(f"bestmove {next(iter(chess.Board(fen).legal_moves))}")


LINES = {
    "garbage": "bestmove banana\x00\x1b[2J",
    "illegal": "bestmove e2e5",
    "null": "bestmove 0000",
    "none": "bestmove (none)",
    "not-text": "info string \udcff\udcfe\nbestmove \udcff",
}
FLOODS = {
    "floods": "x" * (1 << 20),
    "floods-lines": f"info depth 1 multipv 1 score cp 1 string {'y' * 1000}\n",
    "many-lines": "info depth 900000000000 multipv 900000000\n" * 1000,
}


def search(fault: str, fen: str) -> None:
    if fault in LINES:
        say(LINES[fault])
    elif fault in FLOODS:
        flood(FLOODS[fault])
    elif fault == "dies":
        sys.exit(3)
    elif fault == "chatters":
        chatter()
    elif fault == "homesick":
        homesick(fen)
    elif fault != "silent":
        say("info depth 1 score cp 12\nbestmove e2e4")
        if fault == "dies-later":
            sys.exit(3)


def begin(fault: str) -> None:
    """What it does before it is spoken to."""
    sys.stdout.reconfigure(errors="surrogateescape")  # type: ignore[attr-defined]
    if fault == "mute":
        time.sleep(60)
    if fault == "gone":
        sys.exit()
    if fault == "floods-first":
        flood("x" * (1 << 20))
    if fault == "tells":
        with open(sys.argv[2], "w") as file:
            json.dump({"environment": dict(os.environ), "session": os.getsid(0)}, file)
        sys.stderr.write("\x1b[2J a warning\n" * 600_000)  # what is said here does not count
        sys.stdout.write("\x1b[2J what is this\n" * 1000)


def main() -> None:
    fault, fen = sys.argv[1], START
    begin(fault)
    for line in sys.stdin:
        if len(sys.argv) > 2:
            with open(f"{sys.argv[2]}.lines", "a") as file:
                file.write(line)
        word = line.split()[0] if line.split() else ""
        if word == "uci":
            say("id name fake\noption name Hash type spin default 16 min 1 max 1024")
            say("option name Threads type spin default 1 min 1 max 512")
            if fault == "bad-option":
                say("option name Speed type spin default fast min slow max faster")
            say("uciok")
        elif word == "isready":
            say("readyok")
        elif word == "position":
            fen = line.partition("fen ")[2].partition(" moves")[0].strip() or START
        elif word == "go":
            search(fault, fen)
        elif word == "stop" and fault != "silent":
            say("bestmove e2e4")
        elif word == "quit":
            return


if __name__ == "__main__":
    main()
