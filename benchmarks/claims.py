"""The exams of the claims checker: sentences written by hand, by somebody who had not read it, and made by templates.

    python benchmarks/claims.py
    python benchmarks/claims.py --templates 30 [--held-out]

A claim found counts as right where the sentence holds one of its kind with the same finding. Recall is over the claims
that are labelled, precision over those that the checker calls true or false; what it leaves open is counted apart.
Of templates a sentence holds one claim, of state as of result, or none: whatever else is called in it is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import chess

from envs.claims import claims

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests" / "data"


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


def judged(sentences: Iterable[Any], faults: list[tuple[Any, str]] | None = None) -> dict[str, Counter[str]]:
    """Of sentences of `tests.claim_templates.told`, by kind and by fact, the same counts.

    Args:
        sentences: what to judge.
        faults: takes up what is missed or wrong, with what the checker said.
    """
    found: dict[str, Counter[str]] = {kind: Counter() for kind in ("rule", "state", "result", "none")}
    for told in sentences:
        said = claims(*told.scene, told.text)
        called = [claim for claim in said if claim.finding != "unverifiable"]
        right = [
            claim
            for claim in called
            if claim.finding == told.finding and (claim.kind == "rule") == (told.kind == "rule")
        ]
        for key in (told.kind, told.fact):
            counts = found.setdefault(key, Counter())
            counts["labelled"] += told.kind != "none"
            counts["found"] += bool(right)
            counts["called"] += len(called)
            counts["right"] += len(right)
            counts["open"] += len(said) - len(called)
        if faults is not None and (len(right) < len(called) or (told.kind != "none" and not right)):
            faults.append((told, ", ".join(f"{claim.sub} {claim.finding}" for claim in said) or "nothing"))
    return found


def by_templates() -> ModuleType:
    """`tests.claim_templates`; under its own name, which some package that is installed may have taken too."""
    tests = sys.modules["tests"] = ModuleType("tests")
    tests.__path__ = [str(ROOT / "tests")]
    from tests import claim_templates

    return claim_templates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--templates", type=int, metavar="N", help="N true and N false sentences of every fact")
    parser.add_argument("--held-out", action="store_true", help="in words that the checker was not mended by")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    print("| exam | kind | labelled | found | recall | called true or false | right | precision | left open |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    if args.templates:
        templates = by_templates()
        part = templates.HELD_OUT if args.held_out else ""
        exams = {tongue: judged(templates.told(tongue, args.seed, args.templates, part)) for tongue in ("en", "zh")}
    else:
        files = sorted(FOLDER.glob("claims_*.jsonl"))
        exams = {file.stem.removeprefix("claims_"): examined(file) for file in files}
    for name, exam in exams.items():
        for kind, n in exam.items():
            if not (n["labelled"] or n["called"] or kind == "none"):
                continue
            recall, precision = (
                f"{a / b:.1%}" if b else "–" for a, b in ((n["found"], n["labelled"]), (n["right"], n["called"]))
            )
            row = (name, kind, n["labelled"], n["found"], recall, n["called"], n["right"], precision, n["open"])
            print("| " + " | ".join(map(str, row)) + " |")


if __name__ == "__main__":
    main()
