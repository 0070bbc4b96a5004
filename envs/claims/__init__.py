"""What a player claims aloud, in English or Chinese, and whether it is true.

Only the public message is read. A sentence in the conditional, a question, a quotation, a joke or what somebody else
is said to have said is no claim; a pattern abstains before it guesses. Claims of rules are checked against the Laws
(`law_claims`), those of the position on the board, those of the result by the board itself, by exact knowledge of king
and pawn, or by an engine where there is one (`board_claims`). Nothing that a message says changes how it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import chess

from envs.claims.board_claims import state_claim
from envs.claims.clause import SEPARATORS, Clause, clauses, joined, refs, whole, with_subjects
from envs.claims.generality import Named
from envs.claims.halves import halves
from envs.claims.law_claims import (
    announced,
    apart_from_reason,
    asks,
    before_question,
    changed,
    denied,
    echoes,
    idle,
    invented,
    law_claim,
    named,
    told_by_a_rule,
    without_idle,
)
from envs.claims.nouns import Token
from envs.claims.reading import Sentence, read
from envs.claims.result_claims import Evaluate, result_claim
from envs.ruling import TRUE, Claim

__all__ = ["Evaluate", "claims"]

MAX_CLAIMS = 32
"""of one message"""
_TAKES_BACK = frozenset(
    ("but", "however", "although", "though", "yet", "except", "但", "但是", "不过", "然而", "可是", "只是")
)
_NO_CLAIM = frozenset(("joke", "deny", "hyp"))
_CASTLING = ("castle", "shortcastle", "longcastle", "castleright", "uncastle")
_CONDITIONAL = re.compile(r"(?<!\S)cond (?:\S+ )*(?:castle|shortcastle|longcastle|castleright)(?!\S)")
_FULFILLED = re.compile(
    r"cond return , castleright (?:\S+ )*return|cond (?:under )?(?:attack|attacked) , (?:neg )?(?:castle|longcastle|shortcastle) (?:be )?(?:illegal|legal)(?!\S)|"
    r"^cond (?:(?!castle|can |allow|legal)\S+ )*?(?:moved|waschecked|check)(?: when)?(?: ,)?(?: side| np)? (?:can|neg|must|castle)(?!\S)"
    r"|^cond waschecked (?:(?:w|num|this|,) ){0,6}nolonger castle(?!\S)"
)
"""`if the rook has moved you can't castle`"""
_OUTCOME = r"(?:win|lost|draw|twice|skip|claimed)(?!\S)"
_NOTHING_ELSE = re.compile(r"^(?:and )?neg (?:w )*np(?: w)*$|^np neg w$")
_INSTITUTED = re.compile(
    rf"^(?:but )?cond (?:(?!{_OUTCOME}|,)\S+ ){{0,5}}(?:stale|perpetual|nomoves|threefold|twofold|fivefold|perpetual|insufficient|repeat|flag|promote(?=.* twice))"
    rf" (?:(?!(?:win|lost|draw)\s)[^\s,]+ )*, (?:\S+ )*{_OUTCOME}"
    r"|^cond side (?:\S+ )+side (?:can|allow|must) (?:skip|pass)"
    r"|^cond (?:\S+ ){0,3}double (?:, )?(?:np |side |only )?must|^cond (?:\S+ ){0,2}nomoves (?:, )?(?:side )?(?:pass|skip|win|lost|draw)(?!\S)"
)
"""`if it is stalemate the stronger side wins`"""
_CONDITIONS = (
    "square",
    "check",
    "moved",
    "unmoved",
    "through",
    "attacked",
    "attack",
    "same",
    "waschecked",
    "traded",
    "among",
    "between",
    "jump",
    "return",
)
"""what may be said of castling in a clause of its own: `you may castle, even while in check`"""


_SAYING = (
    "can",
    "must",
    "be",
    "allow",
    "legal",
    "illegal",
    "neg",
    "automatic",
    "draw",
    "win",
    "lost",
    "ends",
    "decide",
    "removed",
)
"""what a rule that is told in two clauses has in one of them"""


def claims(
    before: chess.Board,
    after: chess.Board,
    speaker: chess.Color,
    message: str,
    evaluate: Evaluate | None = None,
) -> list[Claim]:
    """What can be checked of what `speaker` says with a move, in the order in which it is said.

    Args:
        before: the position in which the speaker was to move.
        after: the one its move led to; the same where it has not moved.
        speaker: who says it.
        message: what is said; anything at all.
        evaluate: White's expected score, for claims of results; without it most are unverifiable.
    """
    found: list[Claim] = []
    bare: Claim | None = None
    near: Named = Named.NOT
    """a rule was announced in the sentence before: `New rules! My king is immune.`"""
    heard = list(_heard(message))
    for sentence, after_it in zip(heard, [*heard[1:], None], strict=False):
        level = named(sentence)
        echoed = Named.RULE if after_it is not None and (echoes(after_it) or announced(after_it)) else Named.NOT
        both = halves(sentence)
        laws = _laws(sentence, max(level, near, echoed))
        if not laws and both is not None and "cond" not in both[0].symbols:
            laws = _laws(both[0], max(level, near, echoed))
        near = Named.NOT
        if laws:
            found += [law for law in laws if (law.sub, law.finding) not in {(c.sub, c.finding) for c in found}]
            for part in both[1] if both is not None and sentence.symbols.isdisjoint(_GUARDS) else ():
                found += _on_the_board(part, before, after, speaker, evaluate)
        elif level == Named.NEW:
            near = Named.RULE
            bare = bare or (
                changed(whole(sentence).quote) if announced(sentence) and "neg" not in sentence.symbols else None
            )
        elif sentence.symbols.isdisjoint(_GUARDS) and sentence.code.count("stale") < 2:  # that explains the word
            for part in clauses(sentence):
                told = _on_the_board(part, before, after, speaker, evaluate)
                found += [c for c in told if (c.sub, c.finding, c.en) not in {(f.sub, f.finding, f.en) for f in found}]
            if any(c.sub in ("result/won", "result/lost", "result/drawn") for c in found):
                found = [c for c in found if c.sub != "result/over"]  # `it's over, I won` is one claim
        if len(found) >= MAX_CLAIMS:
            break
    if bare is not None and not any(claim.kind == "rule" for claim in found):
        found.append(bare)
    return found[:MAX_CLAIMS]


_GUARDS = frozenset(("said", "instead", "cond", "soft"))
"""They may stand beside a rule that is named, and make nothing else a claim."""


def _heard(message: str) -> Iterator[Sentence]:
    """The sentences that may claim something: no question, no joke, nobody else's words."""
    for sentence in read(message):
        stated = before_question(sentence) if asks(sentence) else sentence
        if stated is None:
            continue
        # of `you may not know it yet, but the rules have changed` only the second half matters
        told = without_idle(stated)
        quoted = "said" in stated.symbols and "said" not in told.symbols and told.code.startswith("that ")
        if not (told.symbols & _NO_CLAIM or denied(told) or quoted) and told_by_a_rule(told):
            yield told


def _laws(sentence: Sentence, level: Named) -> list[Claim]:
    """The claims of rules in a sentence: one that is true and one that is false, however many clauses say so, but for those of other pieces."""
    sentence, why = apart_from_reason(sentence)
    symbols = sentence.symbols
    guards = symbols & _GUARDS - {"cond", "instead"}
    if level == Named.NOT and guards and not symbols & {"unmoved"} and "castle cond" not in sentence.code:
        return []
    conditional = _CONDITIONAL.search(sentence.code) and not _FULFILLED.search(sentence.code)
    if level == Named.NOT and not symbols & {"unmoved", "return"} and conditional:
        return []
    parts = _parts(sentence, level)
    found: dict[str, Claim] = {}
    subjects: set[tuple[int, str]] = set()
    for part in parts:
        if part.tokens[0].symbol == "otherwise":
            continue  # what follows from breaking the rule
        law = law_claim(part, level, present=sentence.present)
        if law is not None and (law.finding not in found or _apart(part, law, subjects)):
            found[law.finding if law.finding not in found else law.sub] = law
            subjects.add((next((ref.piece for ref in refs(part.tokens)), 0), law.sub))
    if TRUE in found and _restricted(sentence, level):
        del found[TRUE]
    everything = whole(sentence)
    if not found and level == Named.NOT and _INSTITUTED.search(sentence.code):
        kept = tuple(token for token in everything.tokens if token.symbol != "cond")
        law = law_claim(Clause(kept, everything.text), level, present=sentence.present)
        found = {law.finding: law} if law is not None else {}
    if not found and len(parts) > 1 and (level != Named.NOT or everything.has(*_SAYING)):
        law = law_claim(everything, level, present=sentence.present)
        found = {law.finding: law} if law is not None else {}
    if not found and why:
        law = law_claim(Clause(why, sentence.text), level, present=sentence.present)
        found = {law.finding: law} if law is not None else {}
    if not found and named(sentence) == Named.NEW:
        law = invented(everything.tokens, everything.quote)
        found = {law.finding: law} if law is not None else {}
    return list(found.values())


def _apart(part: Clause, law: Claim, subjects: set[tuple[int, str]]) -> bool:
    """Whether a clause tells another rule of another piece: `bishops move like rooks, and kings jump`."""
    first = refs(part.tokens)[:1]
    begins = bool(first) and part.tokens[0].symbol == "np" and first[0].piece > 0
    return begins and all(piece not in (0, first[0].piece) and law.sub != sub for piece, sub in subjects)


def _parts(sentence: Sentence, level: Named) -> list[Clause]:
    """What of a sentence is judged at a time: its clauses, or what belongs together as one."""
    parts = with_subjects(clauses(sentence))
    parts = [part for part in parts if not part.has("besides")] or parts
    if "only" in sentence.symbols:  # `only pawns, no other piece`
        parts = [part for part in parts if not _NOTHING_ELSE.search(part.code)] or parts
    symbols = frozenset(token.symbol for part in parts for token in part.tokens)
    if not symbols.isdisjoint(_CASTLING) and not symbols.isdisjoint(_CONDITIONS):
        return [_of_castling(parts)]
    answers = [part for part in parts if part.has("double") and part.has("onlyking", "block", "capture")]
    if len(answers) == 1:
        return answers
    if not symbols.isdisjoint(("ep", "double")) and "cond" not in symbols:
        return [joined(part for part in parts if not idle(part))]
    if "cond" in symbols and symbols.isdisjoint(("announce", "touch")):
        return _unconditional(parts, level)
    return parts


def _restricted(sentence: Sentence, level: Named) -> bool:
    """Whether a clause that nothing is known of takes back some of what is said: `..., but no more than five squares`."""
    groups: dict[int, list[Token]] = {}
    for token, number in zip(sentence.tokens, sentence.clauses, strict=True):
        groups.setdefault(number, []).append(token)
    subject = tuple(token for token in sentence.tokens if token.symbol == "np")[:1]
    for tokens in groups.values():
        rest = tuple(token for token in tokens if token.symbol not in SEPARATORS)
        part = Clause(rest, sentence.text)
        takes_back = any(token.symbol == "but" and token.value in _TAKES_BACK for token in tokens)
        takes_back = takes_back or part.has("besides") or (bool(rest) and rest[0].symbol in ("only", "limit"))
        if takes_back and not idle(part) and not part.has(*_CASTLING):
            told = (law_claim(Clause(said, sentence.text), level) for said in (rest, subject + rest))
            excepted = any(token.value == "except" for token in tokens)
            if excepted or not any(claim is not None and claim.finding == TRUE for claim in told):
                return True
    return False


def _of_castling(parts: list[Clause]) -> Clause:
    """The clauses that speak of castling and of its conditions, as one."""
    about = (*_CASTLING, *_CONDITIONS, "chess960", "gone", "return", "nolonger", "illegal", "expire")
    told = joined(part for part in parts if part.has(*about))
    at = next((n for n, token in enumerate(told.tokens) if token.symbol == "cond"), 0)
    first = Clause(told.tokens[:at], told.text)
    return first if first.has(*_CASTLING) and first.has(*(set(_CONDITIONS) - {"square"})) else told


def _unconditional(parts: list[Clause], level: Named) -> list[Clause]:
    """What stands before the first condition; beside it, too, where a rule is named (`By the rules, if ..., you may ...`)."""
    found: list[Clause] = []
    for part in parts:
        at = next((n for n, token in enumerate(part.tokens) if token.symbol == "cond"), None)
        if at is None:
            found.append(part)
        elif at:
            found.append(Clause(part.tokens[:at], part.text))
        if at is not None and level == Named.NOT:
            break
    acts = any(part.has("can", "must", "allow", "legal", "move", "capture", "promote", "castle") for part in found)
    decides = level == Named.NEW or (len(found) == 1 and found[0].has("win", "lost"))
    return found if acts else parts if decides else []


def _on_the_board(
    clause: Clause, before: chess.Board, after: chess.Board, speaker: chess.Color, evaluate: Evaluate | None
) -> Iterator[Claim]:
    """The claim of state or of result that a clause makes, one at most."""
    if clause.has("when") or (clause.has("past") and not clause.has("threefold", "twofold", "fivefold")):
        return
    if not clause.has("fut"):
        state = state_claim(clause, before, after, speaker)
        if state is not None:
            yield state
            return
    result = result_claim(clause, after, speaker, evaluate)
    if result is not None and (not clause.has("fut") or clause.has("resign")):
        yield result
