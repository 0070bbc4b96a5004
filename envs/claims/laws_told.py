"""What the Laws of Chess say of what is told about them: which symbols of a clause are about what, and is it so.

Word order differs between languages and talkers, so each `Law` asks only which symbols are there (`needs`) and then
compares pieces, numbers and conditions. `holds` answers as if something were allowed; `forbidden` in a clause turns it
round. None leaves it open: the next law may know, or nobody does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from envs.claims.telling import (
    BISHOP,
    KING,
    KNIGHT,
    PAWN,
    QUEEN,
    ROOK,
    Told,
    answered,
    any_direction,
    any_number,
    before_move,
    begins,
    blocks,
    captured_back,
    captures_two,
    checks,
    chosen_by_others,
    diagonally,
    double_check,
    forward,
    guarded,
    immune,
    into_check,
    king_taken,
    like,
    limited,
    never,
    only,
    own,
    pinned_checks,
    so,
    spared,
    steps,
    straight,
    through,
    twice,
    two_queens,
)
from envs.claims.telling_of_castling import castles, named_alone, since_move
from envs.claims.telling_of_pawns import passing, promotes, promotes_where
from envs.claims.telling_of_the_end import counted, dead, draws, mates


class Law(NamedTuple):
    """What the Laws say of something."""

    needs: str
    """symbols that must be there, `a|b` for either, `!a` for one that must not"""
    holds: Callable[[Told], bool | None]
    sub: str
    article: str
    en: str
    zh: str
    turns: bool = True
    """whether `forbidden` and `not` turn it round; what is told otherwise is as wrong when it is forbidden"""

    def about(self, told: Told) -> bool:
        """Whether `told` is about this."""
        for need in self.needs.split():
            there = not told.symbols.isdisjoint(need.removeprefix("!").split("|"))
            if there == need.startswith("!"):
                return False
        return True


_CHECKER = re.compile(r"capture (?:(?:givecheck|check) np|np that (?:be )?(?:givecheck|check))")
_LIKE = "Each piece moves in its own way (articles 3.2 to 3.8).", "每种棋子有自己的走法（第3.2至3.8条）。"
_BACK = "Pawns never move or capture backward; the other pieces may.", "兵不能后退，其他棋子可以。"
_GONE = "A captured piece is removed from the board and never returns.", "被吃的棋子离开棋盘，不再返回。"
_TURNS = "The players move alternately, one move each; nobody may pass.", "双方轮流走棋，每次一步，不能放弃。"
_CASTLING = (
    "The king castles with a rook, neither moved before, nothing between, not out of, through or into check.",
    "王与车易位：二者未动，之间无子，王不处于、不经过、不进入被攻击的格子。",
)
_PROMOTION = (
    "A pawn becomes a queen, rook, bishop or knight of its colour, on the last rank and only there.",
    "兵到达底线时必须升变为同色的后、车、象或马。",
)
_PASSING = (
    "A pawn may capture en passant only on the move right after the double step.",
    "只能用兵、在对方兵走两格后的下一步吃过路兵。",
)
_STALE = "Stalemate is a draw.", "逼和是和棋。"
_REPEATS = "The third repetition can be claimed as a draw, the fifth is one.", "三次重复可要求和棋，五次重复自动和棋。"
_QUIET = (
    "Fifty moves without a capture or pawn move can be claimed as a draw, 75 are one.",
    "五十回合无吃子无动兵可要求和棋，七十五回合自动和棋。",
)
_CHECKED = "A check must be answered, and no king moves into one.", "被将军必须应将，王不能走入被攻击的格子。"
_TAKEN = "The king is never captured; the game ends with checkmate.", "王不能被吃，将死即结束。"
_STEP = "A pawn moves one square, or two from where it began.", "兵每次走一格，从原位可走两格。"
_OWN = "No piece moves to a square that one of its own side occupies.", "不能走到己方棋子占据的格子。"
_OVER = "Only the knight passes over other pieces.", "只有马可以越过其他棋子。"

LAWS: tuple[Law, ...] = (
    Law("same np twice illegal|neg", so, "moves_twice", "1.2", "The same piece may move again and again.", "同一个子可以接连走。"),
    Law("uncastle", never, "castling", "3.8.2", *_CASTLING),
    Law("nojump np", lambda t: t.piece != KNIGHT if t.piece else None, "jumps", "3.6", *_OVER, False),
    Law("promote win|lost !checkmate !illegal", never, "mercy", "1.4", "A game is won by checkmate.", "胜负以将死而定。"),
    Law("alternate", so, "moves_twice", "1.2", *_TURNS),
    Law("ignorecheck can|legal|illegal", never, "ignores_check", "3.9.2", *_CHECKED),
    Law("block illegal|legal|can !double", blocks, "ignores_check", "3.9.2", *_CHECKED),
    Law("promote|np twice !castle !repeat !defended !attacked", twice, "moves_twice", "1.2", *_TURNS),
    Law("agree neg|can|allow|by|legal|illegal|nolonger !np !capture !castle !takeback", so, "agreement", "5.2.3", "The players may agree to a draw.", "双方可以协议和棋。"),
    Law("announce stay|illegal cond", never, "announces_check", "3.9", "A check need not be announced.", "将军不必出声。", False),
    Law("announce must|needs|mandatory !np", never, "announces_check", "3.9", "A check need not be announced.", "将军不必出声。"),
    Law("discovered|double illegal like|check", so, "ignores_check", "3.9.2", *_CHECKED),
    Law("captured gone !castle !castleright", so, "revives", "3.1.1", *_GONE),
    Law("together np !castle !castleright !shortcastle !longcastle", never, "moves_twice", "1.2", *_TURNS),
    Law("np turn move|can same|num !castle !win !lost", lambda t: False if any((ref.count or 1) > 1 for ref in t.refs) and (t.has("same") or 1 in t.numbers) else None, "moves_twice", "1.2", *_TURNS),
    Law("flag lost !win", so, "flag", "6.9", "A player whose time is used up loses, unless the opponent can never mate.", "超时判负，除非对方无论如何不能将死。"),
    Law("removed promote np num|when !rank !reach", never, "promotes_to", "3.7.3.3", *_PROMOTION, False),
    Law("np neg checkmate by np", lambda t: False if t.piece == KING else None, "checkmate", "1.4.1", *_TAKEN, False),
    Law("np rank automatic be np", lambda t: False if t.piece == PAWN and any(0 < r < 8 for r in t.ranks()) else None, "promotion_rank", "3.7.3.3", *_PROMOTION, False),
    Law("only np draw", lambda t: True if {ref.piece for ref in t.refs} == {KING} else None, "insufficient", "5.2.2", "A position in which nobody can mate is drawn.", "双方都无法将死即为和棋。"),
    Law("np num square|move", lambda t: set(t.numbers) == {1, 2} if t.piece == KNIGHT and len(t.numbers) > 1 else None, "moves_like", "3.6", *_LIKE),
    Law("np cannotwin", lambda t: True if t.piece == KING and len(t.refs) == 1 else None, "insufficient", "5.2.2",
        "A position in which nobody can mate is drawn.", "双方都无法将死即为和棋。"),
    Law("side neg attack np with np", never, "captures", "3.1", "Every piece may capture.", "每种棋子都可以吃子。", False),
    Law("np check|givecheck can", lambda t: False if [ref.piece for ref in t.refs] == [KING, KING] else None, "kings_adjacent", "3.9.1",
        "Kings never stand next to each other.", "双方的王不能相邻。"),
    Law("capture check|givecheck np can|neg|legal|illegal", lambda t: True if _CHECKER.search(t.code) else None, "ignores_check", "3.9.2", *_CHECKED),
    Law("discovered respond", so, "ignores_check", "3.9.2", *_CHECKED),
    Law("discovered stay", never, "ignores_check", "3.9.2", *_CHECKED),
    Law("ownside np", never, "revives", "3.1.1", *_GONE),
    Law("np has anynumber", any_number, "any_number", "3.2-3.4", *_LIKE),
    Law("np nocheck !pinned", checks, "checks", "3.9.1", "Every piece but the king gives check and mate.", "除王以外，任何棋子都可以将军、将死。", False),
    Law("np neg can givecheck|check|checkmate !announce !draw", checks, "checks", "3.9.1", "Every piece but the king gives check and mate.", "除王以外，任何棋子都可以将军、将死。", False),
    Law("np neg checkmate !be !draw !only !illegal", checks, "checks", "3.9.1", "Every piece but the king gives check and mate.", "除王以外，任何棋子都可以将军、将死。", False),
    Law("only np can check|givecheck !pinned !announce", lambda t: False if t.tokens[0].symbol == "only" else None, "checks", "3.9.1", "Every piece but the king gives check and mate.", "除王以外，任何棋子都可以将军、将死。", False),
    Law("win capture enemy", never, "mercy", "1.4", "A game is won by checkmate, and by nothing that is captured.", "胜负以将死而不以吃子定。"),
    Law("np be gone !castle !castleright", lambda t: True if "captured" in t.refs[0].traits and t.code in ("np be gone", "np be gone w") else None, "revives", "3.1.1", *_GONE),
    Law("traded automatic|ends draw", never, "insufficient", "5.2.2", "A position in which nobody can mate is drawn.", "双方都无法将死即为和棋。"),
    Law("np block by !neg !check", lambda t: False if t.piece == KNIGHT else None, "jumps", "3.6", *_OVER),
    Law("only np per legal|allow|can !promote", lambda t: False if t.piece == QUEEN and t.refs[0].count == 1 else None, "promotes_to", "3.7.3.3", *_PROMOTION),
    Law("passed|doubled move num square !np", lambda t: False if max(t.numbers) > 1 else None, "pawn_steps", "3.7.2", *_STEP),
    Law("np neg jump num", lambda t: False if t.piece == KNIGHT else None, "jumps", "3.6", *_OVER, False),
    Law("reset num|moverule|halfmove check|givecheck|castle", never, "move_count", "9.3", *_QUIET),
    Law("resign takeback", never, "resign", "5.1.2", "Who resigns has lost.", "认输即告负。"),
    Law("np neg be check by np", lambda t: False if t.piece == KING else None, "checks", "3.9.1", "Every piece but the king gives check and mate.", "除王以外，任何棋子都可以将军、将死。", False),
    Law("touch must np", lambda t: False if len({ref.piece for ref in t.refs} - {0}) > 1 else None, "touch_move", "4.3", "A piece that was touched on purpose must be moved.", "摸子必须走子。"),
    Law("num move|turn neg castle draw", never, "move_count", "9.3", *_QUIET, False),
    Law("only num promote", never, "promotes_to", "3.7.3.3", *_PROMOTION, False),
    Law("ep right num", lambda t: False if max(t.numbers) > 1 else None, "en_passant", "3.7.3.2", *_PASSING, False),
    Law("np only square num color", lambda t: t.piece == BISHOP or None, "one_colour", "3.2",
        "A bishop stays on squares of one colour.", "象始终在同色格上。"),
    Law("neg|illegal capture|captured np moved !castle !ep", never, "immune", "3.1.1",
        "Any piece but the king may be captured.", "除王以外，任何棋子都可以被吃。", False),
    Law("turn move num !np !draw !win !lost !ep !castle !first !when", lambda t: set(t.numbers) == {1} if t.numbers else None, "moves_twice", "1.2", *_TURNS),
    Law("removed np neg", lambda t: t.piece == KING or None, "king_captured", "1.4.1", *_TAKEN, False),
    Law("capture optional !ep", so, "mandatory", "3.1", "Nobody has to capture.", "不强制吃子。"),
    Law("capture must side|neg !np !ep !diag", never, "mandatory", "3.1", "Nobody has to capture.", "不强制吃子。"),
    Law("np neg can move up num square", lambda t: False if t.piece in (BISHOP, ROOK, QUEEN) else None, "any_number",
        "3.2-3.4", *_LIKE, False),
    Law("promote np neg can|must move", lambda t: False if t.piece != PAWN else None, "promotes_to", "3.7.3.3",
        *_PROMOTION, False),
    Law("nomoves|stale pass|skip", never, "skips_turn", "5.2.1", *_STALE),
    Law("np check|givecheck illegal !move !castle !announce !castleright !stay !expose !reach !promote", so, "ignores_check",
        "3.9.2", *_CHECKED),
    Law("twice position draw|win|lost|claimed", never, "repetition", "9.2", *_REPEATS),
    Law("moverule num neg", lambda t: True if {50, 75} & set(t.numbers) else None, "move_count", "9.3", *_QUIET),
    Law("touch takeback", never, "touch_move", "4.3", "A piece that was touched on purpose must be moved.", "摸子必须走子。"),
    Law("begin lost|win|loser", never, "begins", "1.2", "White moves first.", "白方先走。", False),
    Law("np reach|centre|rank win|lost !checkmate", lambda t: False if t.piece == KING else None, "mercy", "1.4",
        "A game is won by checkmate.", "胜负以将死而定。"),
    Law("capture|captured np ends|win|lost !checkmate !castle !like", lambda t: False if 0 < t.refs[-1].piece < KING or t.has("only", "needs") else None,
        "mercy", "1.4", "A game is won by checkmate, and by nothing that is captured.", "胜负以将死而不以吃子定。"),
    Law("capture np can|allow num|np", captures_two, "captures_two", "3.1", "A move captures one piece at most.",
        "一步最多吃一个子。"),
    Law("resign can|legal|illegal|allow|neg !takeback !np", so, "resign", "5.1.2", "A player may resign at any time.", "随时可以认输。"),
    Law("announce np neg attack|capture", never, "announces", "4", "Nothing need be announced.", "不必预告。", False),
    Law("move|reach check|attacked illegal|can !np !castle", never, "ignores_check", "3.9.2", *_CHECKED),
    Law("allow np check neg|can|illegal", lambda t: False if t.piece == KING else None, "ignores_check", "3.9.2", *_CHECKED),
    Law("np can|allow !neg !promote !illegal", lambda t: False if "captured" in t.refs[0].traits else None, "revives", "3.1.1",
        *_GONE),
    Law("accept must|mandatory|only", never, "agreement", "5.2.3", "Nobody has to accept an offer.", "没有人必须接受提和。"),
    Law("resign must|mandatory", never, "resign", "5.1.2", "Nobody has to resign.", "没有人必须认输。"),
    Law("onlyking neg|illegal block !double", never, "ignores_check", "3.9.2", *_CHECKED, False),
    Law("must move np neg block !double", lambda t: False if t.piece == KING else None, "ignores_check", "3.9.2", *_CHECKED, False),
    Law("illegal capture with np !ep !castle", so, "captures", "3.1", "Every piece may capture.", "每种棋子都可以吃子。"),
    Law("removed np captured|capture", so, "revives", "3.1.1", *_GONE),
    Law("removed np", lambda t: True if "captured" in t.refs[0].traits else None, "revives", "3.1.1", *_GONE),
    Law("announce optional", so, "announces_check", "3.9", "A check need not be announced.", "将军不必出声。"),
    Law("ep gone|expire|lost !illegal !first", lambda t: None if t.has("can", "legal") else True, "en_passant", "3.7.3.2", *_PASSING, False),
    Law("draw num turn|move illegal|neg !halfmove !moverule !capture !castle !np", so, "agreement", "5.2.3", "The players may agree to a draw.",
        "双方可以协议和棋。"),
    Law("np neg|illegal !castle !ep !promote !draw !repeat", before_move, "move_number", "3",
        "No piece has to wait for a certain move.", "没有哪一枚棋子要等到某一回合才能走。", False),
    Law("np neg can|neg capture", spared, "captures", "3.1", "Every piece may capture, and any but the king be captured.",
        "每种棋子都可以吃子，除王以外都可以被吃。", False),
    Law("besides np jump", lambda t: t.piece == KNIGHT if t.has("neg") else None, "jumps", "3.6", *_OVER, False),
    Law("only np can promote", lambda t: t.piece == PAWN if t.tokens[0].symbol == "only" else None, "promotes_to", "3.7.3.3", *_PROMOTION, False),
    Law("np neg block by|among|between", lambda t: t.piece == KNIGHT, "jumps", "3.6", *_OVER, False),
    Law("check|givecheck neg announce legal", so, "announces_check", "3.9", "A check need not be announced.", "将军不必出声。", False),
    Law("answercheck must", so, "ignores_check", "3.9.2", *_CHECKED),
    Law("needs checkmate|check|givecheck|stale|capture|promote", never, "checkmate", "1.4.1", *_TAKEN),
    Law("checkmate illegal np", so, "checkmate", "1.4.1", *_TAKEN),
    Law("double must|only|onlyking|can|respond|block !illegal !pinned", double_check, "double_check", "3.9.2", *_CHECKED),
    Law("check|givecheck num lost|win|ends !checkmate !perpetual !np", never, "three_checks", "1.4.1", *_TAKEN, False),
    Law("announce np capture|attack|attacked must|needs|only|otherwise", never, "announces", "4",
        "Nothing need be announced.", "不必预告。", False),
    Law("check|givecheck illegal announce", never, "announces_check", "3.9", "A check need not be announced.",
        "将军不必出声。", False),
    Law("captured np neg|illegal lost", lambda t: False if t.piece == KING else None, "king_captured", "1.4.1", *_TAKEN, False),
    Law("captured np neg", immune, "immune", "3.1.1",
        "Any piece but the king may be captured.", "除王以外，任何棋子都可以被吃。", False),
    Law("captured np lost !checkmate", lambda t: False if 0 < t.piece < KING else None, "mercy", "1.4",
        "A game is won by checkmate, and by nothing that is captured.", "胜负以将死而不以吃子定。", False),
    Law("np lost side !checkmate !castle !like", lambda t: False if "captured" in t.refs[0].traits and t.piece < KING else None,
        "mercy", "1.4", "A game is won by checkmate, and by nothing that is captured.", "胜负以将死而不以吃子定。", False),
    Law("first must move np !castle !num", lambda t: False if t.piece == PAWN else None, "first_move", "3",
        "Any legal move may be the first.", "第一步可以走任何合法着法。", False),
    Law("np illegal num move|turn !castle !ep !promote !capture !draw", so, "move_number", "3",
        "No piece has to wait for a certain move.", "没有哪一枚棋子要等到某一回合才能走。"),
    Law("ownside side|num", never, "sides", "1.1", "Nobody changes sides.", "对局中不换边。"),
    Law("decide promote np", chosen_by_others, "promotes_to", "3.7.3.3", *_PROMOTION),
    Law("expose can|legal|allow|neg|illegal", lambda t: False if t.piece in (0, KING) else None, "ignores_check", "3.9.2",
        *_CHECKED),
    Law("np legal|can|allow|illegal !move !capture !castle !jump !through !promote !attack !return !drop !like !twice",
        two_queens, "promotes_to", "3.7.3.3", *_PROMOTION),
    Law("chess960 castle|shortcastle|longcastle np file", so, "castling", "3.8.2", *_CASTLING),
    Law("np between capture|move", through, "jumps", "3.6", *_OVER),
    Law("touch decide", never, "touch_move", "4.3", "A piece that was touched on purpose must be moved by its owner.",
        "摸子必须走子，走到哪里由摸子者决定。"),
    Law("recolor np", lambda t: False if t.piece == BISHOP else None, "one_colour", "3.2",
        "A bishop stays on squares of one colour.", "象始终在同色格上。"),
    Law("face np can|legal|allow|neg|lost|win", lambda t: not t.has("lost", "win"), "kings_face", "3.9.1", "Kings may face each other on a line; that is a rule of xiangqi.",
        "两王可以在一条线上相对，那是中国象棋的规则。"),
    Law("river np", so, "river", "3.2", "There is no river; that is a rule of xiangqi.", "没有河界，那是中国象棋的规则。"),
    Law("leg", never, "leg", "3.6", "Nothing hobbles a knight; that is a rule of xiangqi.",
        "没有蹩马腿，那是中国象棋的规则。"),
    Law("nocheck", lambda t: False if pinned_checks(t) is not None else None, "pinned_check", "3.9.1",
        "A pinned piece gives check all the same.", "被牵制的棋子仍可将军。"),
    Law("touchrule", so, "touch_move", "4.3", "A piece that was touched on purpose must be moved.", "摸子必须走子。"),
    Law("chess960 castle neg !can", so, "castling", "3.8.2", *_CASTLING),
    Law("perpetual illegal", so, "repetition", "9.2", *_REPEATS),
    Law("expire castle|castleright|shortcastle|longcastle !moved", never, "castling", "3.8.2", *_CASTLING),
    Law("chess960 castle|shortcastle|longcastle same", so, "castling", "3.8.2", *_CASTLING),
    Law("chess960 among np", lambda t: t.piece == KING, "chess960", "II.2", "The king begins between the rooks.",
        "王在两车之间。"),
    Law("mustcapture", never, "mandatory", "3.1", "Nobody has to capture.", "不强制吃子。"),
    Law("np draw|ends|win|lost to|with|and !has", dead, "insufficient", "5.2.2",
        "A position in which nobody can mate is drawn.", "双方都无法将死即为和棋。", False),
    Law("np checkmate can neg", dead, "insufficient", "5.2.2",
        "A position in which nobody can mate is drawn.", "双方都无法将死即为和棋。", False),
    Law("threefold|fivefold|ep|stale|insufficient|moverule|underpromote|castle|agree illegal !can !check !moved !attacked "
        "!through !win !lost !waschecked !traded", so, "abolished", "Introduction", "That is in the Laws, and stands.", "这条规则仍在规则之中。"),
    Law("magic", never, "magic", "3.1", "The Laws know nothing of the kind.", "规则中没有这样的事。"),
    Law("skip !resign", never, "skips_turn", "1.2", *_TURNS),
    Law("pass allow|can|must|legal|illegal !np", never, "skips_turn", "1.2", *_TURNS),
    Law("jump|pass turn", never, "skips_turn", "1.2", *_TURNS),
    Law("revive", never, "revives", "3.1.1", *_GONE),
    Law("drop np anytime|new|rank|up", never, "drops", "3.1.1", *_GONE),
    Law("return|drop|back|promote", captured_back, "revives", "3.1.1", *_GONE),
    Law("stale", lambda t: False if t.has("win", "lost") else True if t.has("draw", "equal") else None,
        "stalemate", "5.2.1", *_STALE),
    Law("insufficient", lambda t: False if t.has("win", "lost") else True if t.has("draw", "ends") else None,
        "insufficient", "5.2.2", "A position in which nobody can mate is drawn.", "双方都无法将死即为和棋。"),
    Law("castle|shortcastle|longcastle num", since_move, "castling", "3.8.2", *_CASTLING, False),
    Law("ep", passing, "en_passant", "3.7.3.2", *_PASSING),
    Law("castle|shortcastle|longcastle|castleright", castles, "castling", "3.8.2", *_CASTLING),
    Law("castle|shortcastle|longcastle legal|illegal|can|allow|exist !attacked !only !when !num !draw", named_alone, "castling", "3.8.2", *_CASTLING),
    Law("underpromote", so, "promotes_to", "3.7.3.3", *_PROMOTION),
    Law("promote", promotes, "promotes_to", "3.7.3.3", *_PROMOTION),
    Law("reach np !promote", lambda t: promotes_where(t) if t.piece == PAWN and len(t.refs) > 1 else None,
        "promotion_rank", "3.7.3.3", *_PROMOTION),
    Law("threefold|fivefold|twofold|fourfold|repeat", draws, "repetition", "9.2", *_REPEATS),
    Law("moverule|halfmove|rule num", counted, "move_count", "9.3", *_QUIET),
    Law("move|turn|square num draw|win|lost|ends|claimed !repeat", counted, "move_count", "9.3", *_QUIET),
    Law("checkmate", mates, "checkmate", "1.4.1", *_TAKEN),
    Law("check|givecheck respond", answered,
        "ignores_check", "3.9.2", *_CHECKED),
    Law("check|givecheck stay", never, "ignores_check", "3.9.2", *_CHECKED),
    Law("givecheck|check", pinned_checks, "pinned_check", "3.9.1",
        "A pinned piece gives check all the same.", "被牵制的棋子仍可将军。"),
    Law("check|givecheck must|only|illegal|mandatory announce", lambda t: not t.has("must", "only", "mandatory"), "announces_check", "3.9", "A check need not be announced.", "将军不必出声。"),
    Law("perpetual", lambda t: False if t.has("lost", "win") else True if t.has("draw") else None, "repetition", "9.2",
        *_REPEATS),
    Law("points win|ends automatic|up", never, "mercy", "1.4", "A game is won by checkmate, not by points.",
        "胜负以将死而不以分数定。"),
    Law("reset num|turn|move|halfmove|moverule !check !givecheck !castle", so, "move_count", "9.3", *_QUIET),
    Law("check|attacked np !givecheck", into_check, "ignores_check", "3.9.2", *_CHECKED),
    Law("twice !castle !repeat !threefold !defended !attacked", twice, "moves_twice", "1.2", *_TURNS),
    Law("np adjacent", lambda t: False if {ref.piece for ref in t.refs} == {KING} else None, "kings_adjacent", "3.9.1",
        "Kings never stand next to each other.", "双方的王不能相邻。"),
    Law("captured|capture np", king_taken, "king_captured", "1.4.1", *_TAKEN),
    Law("capture np", guarded, "king_captures", "3.9.1", *_CHECKED),
    Law("capture ownpiece", never, "captures_own", "3.1", *_OWN),
    Law("capture np !like", own, "captures_own", "3.1", *_OWN),
    Law("like np", like, "moves_like", "3.2-3.8", *_LIKE),
    Law("np limit num square|move", limited, "any_number", "3.2-3.4", *_LIKE),
    Law("np lshape", only(KNIGHT), "moves_like", "3.6", "Only the knight moves so.", "只有马这样走。"),
    Law("np jump !num !must !announce", only(KNIGHT), "jumps", "3.6", *_OVER),
    Law("np lost first|automatic !checkmate !check !repeat !perpetual", lambda t: False if 0 < t.piece < KING else None,
        "mercy", "1.4", "A game is won by checkmate, and by nothing that is captured.", "胜负以将死而不以吃子定。"),
    Law("np through|over np|between|ownpiece|enemy !check !attacked", through, "jumps", "3.6", *_OVER),
    Law("np back", only(KNIGHT, BISHOP, ROOK, QUEEN, KING), "backward", "3.7.1", *_BACK),
    Law("np sideways", lambda t: False if t.piece == KING and not t.has("castle") and any(n > 1 for n in t.numbers) else only(ROOK, QUEEN, KING)(t), "sideways", "3.7",
        "Pawns, knights and bishops never move sideways.", "兵、马、象不能横走。"),
    Law("np num|doublestep square|doublestep|move !turn", steps, "pawn_steps", "3.7.2", *_STEP),
    Law("np color stay|change|move|must|on", lambda t: not t.has("change") if t.piece == BISHOP else None, "one_colour", "3.2",
        "A bishop stays on squares of one colour.", "象始终在同色格上。"),
    Law("np anydir", any_direction, "any_direction", "3.2-3.8", *_LIKE),
    Law("np anynumber move|can|square|diag|straight", any_number, "any_number", "3.2-3.4", *_LIKE),
    Law("np diag move|capture|can|nolonger|neg", diagonally, "diagonal", "3.2",
        "Bishops, queens and kings move along diagonals.", "只有象、后、王沿斜线走。"),
    Law("np straight move|capture|can|square|diag", straight, "straight", "3.3",
        "Rooks and queens move along files and ranks.", "车和后沿直线走。"),
    Law("np forward move|capture", forward, "forward", "3.7.1",
        "Pawns move straight ahead and capture diagonally.", "兵直走斜吃。"),
    Law("touch", lambda t: True if t.has("must", "rule", "mandatory") and len({ref.piece for ref in t.refs} - {0}) < 2 else None, "touch_move", "4.3",
        "A piece that was touched on purpose must be moved.", "摸子必须走子。"),
    Law("takeback", never, "takeback", "4.7", "A move that was made stands.", "落子无悔。"),
    Law("begin side", begins, "begins", "1.2", "White moves first.", "白方先走。"),
    Law("has np can|legal|allow|illegal|neg", two_queens, "promotes_to",
        "3.7.3.3", *_PROMOTION),
    Law("capture mandatory|must !ep !promote", lambda t: False if t.has("mandatory") else None, "mandatory", "3.1",
        "Nobody has to capture.", "不强制吃子。"),
)  # fmt: skip
