"""Labelled sentences about chess, without end: wordings (`data/wordings_*.txt`) for facts of real positions.

Each wording is told of what is so and, flipped, of what is not, in English and Chinese; and put into forms that claim
nothing: conditions, questions, quotations, negations.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import chess

from tests import claim_facts
from tests.claim_facts import Facts, Slots
from tests.claim_scenes import Scene, scenes

DATA = Path(__file__).parent / "data"
HELD_OUT = "_held_out"
EN, ZH = "en", "zh"
ZH_PIECES = " 兵马象车后王"
NUMBERS = {
    EN: "zero one two three four five six seven eight nine ten".split(),
    ZH: "零 一 两 三 四 五 六 七 八 九 十".split(),
}
PERSONS = {  # owner: my, I, am, have, me, mine
    EN: {
        "I": "my I am have me mine".split(),
        "you": "your you are have you yours".split(),
        chess.WHITE: "White's White is has White White's".split(),
        chess.BLACK: "Black's Black is has Black Black's".split(),
    },
    ZH: {
        "I": "我的 我 我 我 我 我的".split(),
        "you": "你的 你 你 你 你 你的".split(),
        chess.WHITE: "白方的 白方 白方 白方 白方 白方的".split(),
        chess.BLACK: "黑方的 黑方 黑方 黑方 黑方 黑方的".split(),
    },
}
RESULTS = ("won", "drawn")
SPECIAL = ("CAPABLE", "ANNOUNCED", "CITED", "NONE", "LEADS")


class Told(NamedTuple):
    scene: Scene
    fact: str
    """what it is about: a section of the wordings, `rule`, or `none: ` with one of them"""
    kind: str
    """of the claim: rule, state or result; of what claims nothing: none"""
    text: str
    finding: str
    """true, false, or empty where nothing is claimed"""
    wording: str
    """what the text was made with"""


def wordings(language: str, part: str = "") -> dict[str, list[str]]:
    """By fact, and the forms around a sentence; `part` is HELD_OUT for those that the checker was not mended by."""
    found: dict[str, list[str]] = {}
    for line in (DATA / f"wordings_{language}{part}.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            here = found.setdefault(line[1:-1], [])
        else:
            here.append(line)
    return found


def told(language: str, seed: int, each: int, part: str = "") -> Iterator[Told]:
    """Of every fact `each` true and `each` false sentences, some of rules, and as much again that claims nothing.

    The wordings of a fact take turns, so that `each` of ten reaches them all.
    """
    chance, words = random.Random(f"{seed} {language}"), wordings(language, part)
    turns = {(fact, truth): _turns(words[fact], chance) for fact in FACTS for truth in (True, False)}
    none, left = _turns(words["NONE"], chance), Counter(dict.fromkeys(turns, each))
    some: list[Scene] = []
    for scene in islice(scenes(seed), 40 * each + 2000):
        some.append(scene)
        for fact, facts in FACTS.items():
            if not (left[fact, True] or left[fact, False]):
                continue
            found = list(facts(scene))
            for truth in (True, False):
                fitting = [slots for is_so, slots in found if is_so == truth]
                if not fitting or not left[fact, truth]:
                    continue
                left[fact, truth] -= 1
                wording = next(turns[fact, truth])
                said = _filled(wording, chance.choice(fitting), scene, language, chance)
                kind = "result" if fact in RESULTS else "state"
                text = _sentence(said, wording, language, words["LEADS"], chance)
                yield Told(scene, fact, kind, text, str(truth).lower(), wording)
                # of two clauses, only one would be denied or asked
                if not re.search("[!.！,:，：]", said) and chance.random() < 0.5:
                    form = next(none)
                    text = _sentence(form.format(said=said), form, language, [], chance)
                    yield Told(scene, f"none: {fact}", "none", text, "", f"{form} < {wording}")
        if not +left:
            break
    missing = sorted(+left)
    assert not missing, f"no position for {missing}"
    rules = [line.split("|") for line in (DATA / f"wordings_rules{part}.txt").read_text("utf-8").splitlines()]
    yield from _rules(language, words, rules, some, each, chance)


def _turns(lines: list[str], chance: random.Random) -> Iterator[str]:
    while True:
        yield from chance.sample(lines, len(lines))


def _rules(
    language: str,
    words: dict[str, list[str]],
    rules: list[list[str]],
    some: list[Scene],
    each: int,
    chance: random.Random,
) -> Iterator[Told]:
    """Rules of chess, cited, and such as are none, cited or announced as new."""
    forms = {name: _turns(words[name], chance) for name in ("CAPABLE", "ANNOUNCED", "CITED", "NONE")}
    for _ in range(max(1, each // 3)):
        for finding, name, *both in rules:
            do = both[(EN, ZH).index(language)]
            said, capable = do, do
            if name:
                piece = chess.PIECE_NAMES.index(name)
                capable = next(forms["CAPABLE"])
                slots = {"piece": name if language == EN else ZH_PIECES[piece], "pieces": f"{name}s", "do": do}
                said = capable.format(**slots)
            for form in ("CITED", *["ANNOUNCED"] * (finding == "false"), "NONE"):
                wording = next(forms[form])
                text = _sentence(wording.format(said=said), wording, language, words["LEADS"], chance)
                kind, label = ("rule", finding) if form != "NONE" else ("none", "")
                fact = "none: rule" if form == "NONE" else f"rule, {form.lower()}"
                yield Told(chance.choice(some), fact, kind, text, label, f"{wording} < {capable} < {do}")


def _filled(wording: str, slots: Slots, scene: Scene, language: str, chance: random.Random) -> str:
    """The wording with its slots filled, as in the middle of a sentence."""
    values: dict[str, str] = {}
    if "owner" in slots:
        owner = slots["owner"]
        named = chance.random() < 0.2
        for color, keys in ((owner, "my I am have me mine"), (not owner, "your you' are have' you yours")):
            person = color if named else "I" if color == scene.speaker else "you"
            values |= zip(keys.split(), PERSONS[language][person], strict=True)
        values["color"] = (chess.COLOR_NAMES[owner], "黑白"[owner])[language == ZH]
    for key in ("piece", "piece2", "piece3"):
        if key in slots:
            values[key] = (chess.PIECE_NAMES[slots[key]], ZH_PIECES[slots[key]])[language == ZH]
    if "piece" in slots:
        values["pieces"] = f"{values['piece']}s"
    for key in ("square", "square2"):
        if key in slots:
            values[key] = chess.square_name(slots[key])
    for key in ("san", "file", "half"):
        values[key] = str(slots.get(key))
    if "n" in slots:
        n = slots["n"]
        values["n"] = NUMBERS[language][n] if n < 11 and chance.random() < 0.6 else str(n)
        values["times"] = {2: "twice", 3: "three times"}.get(n, f"{n} times")
        values["nth"] = {2: "second", 3: "third"}.get(n, f"{n}th")
    if "short" in slots:
        short = slots["short"]
        values["castle"] = "O-O" if short else "O-O-O"
        sides = (("queenside", "kingside"), ("long", "short")) if language == EN else ("后王", "长短")
        told_short = language == ZH or "castle {side}" in wording
        side = sides[told_short and chance.random() < 0.5][short]
        values["side"] = f"{side}翼" if side in ("王", "后") else side
    said = re.sub(r"\{([^}]+)\}", lambda slot: values[slot[1]], wording)
    return said.replace("第两次", "第二次")


def _sentence(said: str, wording: str, language: str, leads: list[str], chance: random.Random) -> str:
    """As people write it: most with a capital and a full stop, some with neither, some with a word before it."""
    casual, ends = chance.random() < 0.15, said[-1] in "!.?！？。"
    # a move or a square is written alike wherever it stands
    named = re.match(r"\{(san|square|castle)", wording) or re.match(r"(O-O|[KQRBN]?[a-h]?x?[a-h][1-8])\b", said)
    if leads and not ends and chance.random() < 0.15:
        said, named = chance.choice(leads) + said, None
    stop = "" if ends or casual else "." if language == EN else "。"
    if language == EN and not casual and not named:
        said = said[0].upper() + said[1:]
    return said + stop


FACTS: dict[str, Callable[[Scene], Facts]] = {
    name: getattr(claim_facts, {"count": "number"}.get(name, name)) for name in wordings(EN) if name not in SPECIAL
}
