"""The exam of the claims checker: sentences written by hand, by somebody who had not read it.

    python benchmarks/claims.py

A claim found counts as right where the sentence holds one of its kind with the same finding. Recall is over the claims
that are labelled, precision over those that the checker calls true or false; what it leaves open is counted apart.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import chess

from envs.claims import claims

FOLDER = Path(__file__).parent.parent / "tests" / "data"


def examined(path: Path) -> dict[str, Counter[str]]:
    """By kind: labelled, called (true or false), right, open."""
    found: dict[str, Counter[str]] = {kind: Counter() for kind in ("rule", "state", "result")}
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        board = chess.Board(case["fen"], chess960=bool(case.get("chess960")))
        moves = case.get("moves") or []
        before = board.copy()
        for move in moves.split() if isinstance(moves, str) else moves:
            before = board.copy()
            board.push_uci(move)
        wanted = Counter((claim["kind"], claim["finding"]) for claim in case["claims"])
        for kind, _ in wanted.elements():
            found[kind]["labelled"] += 1
        for claim in claims(before, board, case["speaker"] == "white", case["text"]):
            counts = found[claim.kind]
            if claim.finding == "unverifiable":
                counts["open"] += 1
            else:
                counts["called"] += 1
            key = (claim.kind, claim.finding)
            if wanted[key]:
                wanted[key] -= 1
                counts["found"] += 1
                counts["right"] += claim.finding != "unverifiable"
    return found


def main() -> None:
    print("| language | kind | labelled | found | recall | called true or false | right | precision | left open |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    for language in ("en", "zh"):
        for kind, n in examined(FOLDER / f"claims_{language}.jsonl").items():
            recall, precision = (
                f"{a / b:.1%}" if b else "–" for a, b in ((n["found"], n["labelled"]), (n["right"], n["called"]))
            )
            row = (language, kind, n["labelled"], n["found"], recall, n["called"], n["right"], precision, n["open"])
            print("| " + " | ".join(map(str, row)) + " |")


if __name__ == "__main__":
    main()
