"""Claims about the result: won, drawn, lost, `you should resign`.

The board decides where the game is over, exact knowledge where a king and a pawn are left or nobody can mate, and else
an engine, if there is one; without it such claims are unverifiable, and say so.
"""

from __future__ import annotations

from collections.abc import Callable

import chess

from envs.claims import facts
from envs.claims.clause import Clause
from envs.claims.scene import Scene
from envs.king_and_pawn import cannot_lose
from envs.ruling import FALSE, TRUE, UNVERIFIABLE, Claim

Evaluate = Callable[[chess.Board], float | None]
"""White's expected score in a position, 0 to 1; None where it abstains."""
WON, LOST, DRAWN = 0.85, 0.15, (0.35, 0.65)
"""Expected scores from which a position is called won, lost or drawn; between them nobody is called a liar."""
NO_ENGINE = ("No engine is here to judge a result.", "没有引擎可以判断结果。")

RESULTS: tuple[tuple[str, str], ...] = (
    ("lost", r"side (?:has )?lost(?: position)?|side be lost|position be lost for side|side (?:fut |can |must )?resign|side cannotwin|side has lost position"),
    ("won", r"(?:position )?side has win by checkmate|side be win|side (?:has )?win(?: position| this| w)?|position be win for side|side cannotlose|side has win(?: position)?"),
    ("drawn", r"(?:this|position|side) be (?:w )?draw(?: position)?|(?:this|position) draw|side has draw|position has ends in draw"),
    ("decided", r"(?:this|position) be (?:win|lost)"),
    ("over", r"(?:this|position) (?:be )?ends"),
)  # fmt: skip


def result_claim(clause: Clause, after: chess.Board, speaker: chess.Color, evaluate: Evaluate | None) -> Claim | None:
    """What a clause says of the result, if anything."""
    for sub, pattern in RESULTS:
        tokens = clause.found(pattern, whole=True)
        if tokens is None:
            continue
        scene = Scene(after, speaker, tokens)
        side = scene.side()
        if side is None:
            if sub in ("won", "lost"):
                continue
            side = speaker
        holds, en, zh = _result(after, side, sub, evaluate)
        finding = UNVERIFIABLE if holds is None else TRUE if holds else FALSE
        return Claim("result", f"result/{sub}", clause.quote, finding, en, zh)
    return None


def _result(board: chess.Board, side: chess.Color, sub: str, evaluate: Evaluate | None) -> tuple[bool | None, str, str]:
    """Whether the position is won, lost, drawn or decided for `side`: by the board, by knowledge, or by an engine."""
    en, zh = facts.side(side)
    outcome = board.outcome()
    if sub == "over":
        told = ("The game is over.", "对局已结束。") if outcome else ("The game goes on.", "对局没有结束。")
        return outcome is not None, *told
    if outcome is not None:
        score = 0.5 if outcome.winner is None else float(outcome.winner == side)
        said = (f"The game is over: {outcome.result()}.", f"对局已结束：{outcome.result()}。")
    else:
        safe = [cannot_lose(board, color) for color in (side, not side)]
        known = 0.5 if all(safe) else 0.0 if safe[0] is False else 1.0 if safe[1] is False else None
        if known is None and sub == "lost" and safe[0]:
            return False, f"{en} cannot lose this: the other side cannot mate.", f"{zh}不会输：对方无法将死。"
        white = evaluate(board) if known is None and evaluate is not None else None
        if known is None and white is None:
            return None, *NO_ENGINE
        score = known if known is not None else (white or 0.0) if side else 1 - (white or 0.0)
        said = (f"{en} can expect {score:.0%} of the point.", f"{zh}的预期得分为{score:.0%}。")
    drawn = DRAWN[0] <= score <= DRAWN[1]
    clear = {"won": score >= WON, "lost": score <= LOST, "drawn": drawn, "decided": score >= WON or score <= LOST}
    against = {"won": drawn or score <= LOST, "lost": drawn or score >= WON, "decided": drawn}
    against["drawn"] = score >= WON or score <= LOST
    return (True if clear[sub] else False if against[sub] else None), *said
