"""A UCI engine that misbehaves: `python fake_engine.py FAULT`. It speaks well until it is to search."""

import sys
import time


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def search(fault: str) -> None:
    if fault == "garbage":
        say("bestmove banana\x00\x1b[2J")
    elif fault == "illegal":
        say("bestmove e2e5")
    elif fault == "silent":
        pass
    elif fault == "dies":
        sys.exit(3)
    elif fault == "floods":
        # 200 MB without an end of line
        for _ in range(200):
            sys.stdout.write("x" * (1 << 20))
        sys.stdout.flush()
        time.sleep(60)
    elif fault == "chatters":
        for number in range(200_000):
            sys.stdout.write(f"info depth {number % 30} score cp 1 string {'y' * 80}\n")
        say("bestmove e2e4")
    elif fault == "null":
        say("bestmove 0000")
    else:
        say("bestmove e2e4")


def main() -> None:
    fault = sys.argv[1]
    if fault == "mute":
        time.sleep(60)
    if fault == "gone":
        return
    for line in sys.stdin:
        word = line.split()[0] if line.split() else ""
        if word == "uci":
            say("id name fake\noption name Hash type spin default 16 min 1 max 1024\nuciok")
        elif word == "isready":
            say("readyok")
        elif word == "go":
            search(fault)
        elif word == "stop" and fault != "silent":
            say("bestmove e2e4")
        elif word == "quit":
            return


if __name__ == "__main__":
    main()
