"""Claims about the rules: is one told at all, and do the Laws say so.

A sentence tells a rule where it names one (`per new rule`, `fide change`), or where it is general: pieces of nobody in
particular, on no square. How firmly a rule is named (`named`) decides how much is taken for one: what is told of a
`new` rule, and is nothing that the Laws know, is invented; the Laws do not change during a game.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from envs.claims.clause import Clause
from envs.claims.familiar import familiar
from envs.claims.generality import Named, tells
from envs.claims.laws_told import LAWS, Law
from envs.claims.nouns import Token
from envs.claims.reading import Sentence
from envs.claims.telling import Told
from envs.ruling import FALSE, TRUE, UNVERIFIABLE, Claim

_W = r"(?:\S+ ){0,2}"
_NEW = re.compile(
    r"(?<!\S)(?:newrule|inforce|year rule"
    rf"|(?:new|latest|special|year) (?:\S+ ){{0,3}}(?:rule|article|variant|newrule)"
    rf"|(?:fide|referee|rule|article) (?:(?:w|has|be|by|past|new|year|change|this|of|in|to) ){{0,3}}(?:change|inforce|year)"
    rf"|(?:referee|fide) (?:(?:w|has|by) ){{0,2}}(?:allow|said|can|legal|agree)|(?:allow|said|can|by|per) referee"
    rf"|change {_W}(?:rule|fide|article)|per year|but year|in year|change (?:w ){{0,2}}(?:by|in) (?:rule|fide)"
    rf"|(?:fide|per) (?:w ){{0,2}}year|(?:new|latest) (?:w |fide ){{0,2}}change)(?!\S)"
)
_RULE = re.compile(r"(?<!move )(?<!\S)(?:rule|article|fide|variant|per referee|chess960)(?!\S)")
_ANNOUNCED = re.compile(
    r"(?<!\S)(?:newrule|fide new rule|(?:fide|referee) (?:\S+ ){0,3}change (?:\S+ ){0,4}(?:rule|article)"
    r"|(?:rule|article) (?:\S+ ){0,3}change|change (?:\S+ ){0,3}(?:rule|article)"
    r"|new (?:w ){0,2}rule (?:\S+ ){0,2}(?:inforce|change)|(?:this|has|be) (?:\S+ ){0,3}(?:newrule|new rule))(?!\S)"
)
_SUPPOSED = re.compile(
    r"^(?:(?:w|but|and|link|,) )*cond (?:(?:w|this|has|latest|new) ){0,2}(?:rule|referee|fide|newrule)(?!\S)"
)
_VOICES = frozenset(("rule", "article", "fide", "referee", "newrule", "change"))
_DENIED = re.compile(
    r"(?<!\S)neg (?:(?:w|det|such|has|new|latest|special|this|fide|year|official) ){0,4}(?:rule|newrule|article|variant)(?!\S)"
)
_ECHO = re.compile(
    r"^(?:article|rule|fide) (?:article )?(?:said|allow)|^(?:this|that) .*year|^(?:(?:w|and|link|,) ){0,2}(?:this|that) (?:be |past |has )+(?:\S+ ){0,2}(?:rule|newrule|inforce)|^(?:this|that) .*(?:in|by|per) (?:\S+ )?rule"
)
_IDLE = frozenset(
    "soft , : but why link w side poss said hyp neg fut num must this that link be has and of in to deny for with when past".split()
)
_DELICATE = frozenset(
    "ep castle castleright shortcastle longcastle threefold fivefold twofold fourfold repeat moverule halfmove stale "
    "insufficient underpromote promote touch agree claimed resign offer checkmate draw points chess960 begin illegal "
    "nolonger cond points takeback check".split()
)
"""Of these the Laws say so much that what isn't understood may well be right."""
_INSTITUTIONS = frozenset(
    "stale threefold fivefold repeat moverule halfmove insufficient checkmate agree resign touch illegal cond".split()
)


@lru_cache(maxsize=64)
def _named(code: str) -> Named:
    return Named.NEW if _NEW.search(code) else Named.RULE if _RULE.search(code) else Named.NOT


def named(sentence: Sentence) -> Named:
    """How firmly a rule is named in it."""
    return _named(sentence.code)


def denied(sentence: Sentence) -> bool:
    """Whether it says that there is no such rule, or supposes one."""
    return _DENIED.search(sentence.code) is not None or _SUPPOSED.search(sentence.code) is not None


def echoes(sentence: Sentence) -> bool:
    """`That's the new rule`: what was said just before is meant."""
    return _ECHO.search(sentence.code) is not None


def asks(sentence: Sentence) -> bool:
    """Whether it is a question, and no rule with one hung on to it (`..., got it?`)."""
    tag = [
        token.symbol for token, at in zip(sentence.tokens, sentence.clauses, strict=True) if at == sentence.clauses[-1]
    ]
    hung = len(tag) < 5 and sentence.clauses[-1] > 0 and _IDLE.issuperset(tag) and named(sentence) == Named.NEW
    return sentence.question and not hung


_ASKED = re.compile(r"[吗呢谁哪]|什么|怎么|多少|几[个步]|是不是|能不能|可不可以|难道|要不|有没有")
_WHOEVER = re.compile(r"谁[^，,]{1,4}谁")
_TAG = re.compile(r"对|是|好|行|可以|没错|真的|难道")


def before_question(sentence: Sentence) -> Sentence | None:
    """What is said before a question that stands by itself at the end: `你已经被将死啦，再来一盘？`."""
    numbers, tokens = sentence.clauses, sentence.tokens
    last = next((t for t, at in zip(tokens, numbers, strict=True) if at == numbers[-1] and t.symbol != ","), None)
    if numbers[-1] == 0 or last is None or not any(token.chinese for token in tokens):
        return None
    said, asked = sentence.text[tokens[0].start : last.start], sentence.text[last.start : tokens[-1].end]
    if len(asked) < 3 or _TAG.match(asked) or _ASKED.search(_WHOEVER.sub("", said)):
        return None
    kept = tuple(token for token, at in zip(tokens, numbers, strict=True) if at != numbers[-1])
    return replace(sentence, tokens=kept, question=False)


def without_idle(sentence: Sentence) -> Sentence:
    """Without the clauses that hold nothing of chess: `you may not know it yet`."""
    full = {at for at, token in zip(sentence.clauses, sentence.tokens, strict=True) if token.symbol not in _IDLE}
    kept = tuple(t for at, t in zip(sentence.clauses, sentence.tokens, strict=True) if at in full)
    return replace(sentence, tokens=kept)


def apart_from_reason(sentence: Sentence) -> tuple[Sentence, tuple[Token, ...]]:
    """A statement, and the words of its reason: `..., because the king never crosses b1`."""
    why = {at for at, token in zip(sentence.clauses, sentence.tokens, strict=True) if token.symbol == "why" and at}
    kept = tuple(t for at, t in zip(sentence.clauses, sentence.tokens, strict=True) if at not in why)
    reason = (t for at, t in zip(sentence.clauses, sentence.tokens, strict=True) if at in why and t.symbol != "why")
    return (replace(sentence, tokens=kept), tuple(reason)) if kept else (sentence, ())


def idle(clause: Clause) -> bool:
    """Whether it holds nothing of chess."""
    return _IDLE.issuperset(token.symbol for token in clause.tokens)


def announced(sentence: Sentence) -> bool:
    """Whether it says that rules have changed."""
    return _ANNOUNCED.search(sentence.code) is not None


def told_by_a_rule(sentence: Sentence) -> bool:
    """Whether whatever `says` in it is a rule, FIDE or an arbiter, and nobody who is quoted."""
    codes = [token.symbol for token in sentence.tokens]
    for at, symbol in enumerate(codes):
        if symbol == "said":
            around = codes[:at] + (codes[at + 1 : at + 6] if codes[at - 1 : at] == ["this"] else [])
            if _VOICES.isdisjoint(around):
                return False
    return True


def law_claim(clause: Clause, level: Named, *, present: bool = False) -> Claim | None:
    """The claim of rules that a clause makes, if it makes one that can be judged.

    Args:
        clause: what is said.
        level: how firmly a rule is named.
        present: it speaks of this position, of `now` and `here`.
    """
    told = Told.of(_first_half(clause.tokens))
    if not tells(told, level, present=present):
        return None
    told, law, holds = next(_judged(told), (told, None, None))
    if law is None or holds is None:
        return None
    true = _turned(told, holds) if law.turns else holds
    if true is None or (true and not familiar(told, law.sub)):
        return None
    return Claim("rule", f"rule/{law.sub}", clause.quote, TRUE if true else FALSE, law.en, law.zh, law.article)


def _turned(told: Told, holds: bool) -> bool | None:
    """Whether it is so, as it is told: denied, or forbidden; None where both are."""
    # `when no move suits me` denies nothing of what may be done then
    first = next(
        (n for n, t in enumerate(told.tokens) if n and t.symbol in ("when", "cond") and not t.chinese), len(told.tokens)
    )
    begins = max((n + 1 for n, t in enumerate(told.tokens) if t.symbol == "when" and t.chinese), default=0)
    begins = 0 if told.tokens[0].symbol == "neg" or begins == len(told.tokens) else begins
    negs = sum(token.symbol == "neg" for token in told.tokens[begins:first])
    if negs and not _denies(told):
        return None
    if (told.has("illegal", "nolonger") and negs) or (told.has("illegal") and told.has("legal", "can")):
        return None
    return holds != (negs > 0 or told.has("illegal", "nolonger"))


def _judged(told: Told) -> Iterator[tuple[Told, Law, bool]]:
    """What the first law that knows says of it, then of what follows a `when`: `双方没有后了以后，王一次走两格`."""
    after = [n for n, token in enumerate(told.tokens) if token.symbol == "when"]
    for part in (told, *(Told.of(told.tokens[n + 1 :]) for n in after)):
        for law in LAWS:
            holds = law.holds(part) if law.about(part) else None
            if holds is not None:
                yield part, law, holds


def _first_half(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """What stands before `and nothing else does`."""
    codes = [token.symbol for token in tokens]
    ends = (
        at
        for at in range(1, len(codes) - 1)
        if codes[at] == "otherwise"
        or (codes[at] == "and" and codes[at + 1] in ("neg", "this") and "neg" not in codes[:at])
    )
    return tokens[: next(ends, len(tokens))]


def invented(tokens: tuple[Token, ...], quote: str) -> Claim | None:
    """What a new rule lets somebody do, and no law knows."""
    told = Told.of(tokens)
    moves = told.has("move", "capture", "return", "drop", "jump", "ownpiece")
    acts = told.has("can", "must", "allow", "legal") or moves
    decides = told.has("win", "lost", "decide", "illegal") and told.symbols.isdisjoint(_INSTITUTIONS)
    moves = acts and (told.refs or (told.has("side") and moves)) and told.symbols.isdisjoint(_DELICATE)
    if not (decides or moves):
        return None
    en = "The rules do not change during a game; the Laws in force, FIDE's of 2023, say nothing of the kind."
    zh = "对局中规则不会改变；现行的国际棋联2023年规则中没有这样的规定。"
    return Claim("rule", "rule/invented", quote, FALSE, en, zh, "Introduction")


def changed(quote: str) -> Claim:
    """A bare announcement: it says nothing of which rule, and nobody here can look it up."""
    return Claim("rule", "rule/changed", quote, UNVERIFIABLE)


_ALLOWED = ("can", "legal", "allow", "must", "mandatory", "mustcapture", "win", "lost", "side")
_NEVER = ("能", "可以", "可", "准", "许", "会", "never", "从来不", "从不", "没法", "没办法")


def _denies(told: Told) -> bool:
    """Whether its one `neg` belongs to what is allowed or done."""
    codes = ["", *(token.symbol for token in told.tokens), ""]
    at = codes.index("neg")
    before, behind = codes[at - 1], codes[at + 1]
    said = next(str(token.value) for token in told.tokens if token.symbol == "neg")
    does = at > 1 and str(told.tokens[at - 2].value) in ("do", "does")
    beside = before in ("can", "must", "be", "np") or behind in _ALLOWED or does
    beside = beside or (behind == "np" and said == "no")
    beside = beside or (behind in ("castle", "ep", "num") and said in ("没有", "no")) or said.endswith(_NEVER)
    neither = codes[1:5] == ["neg", "np", "neg", "np"]
    return neither or (codes.count("neg") == 1 and beside)
