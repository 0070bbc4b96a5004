"""What a rule that is told truly is told with.

False rules are told in true words: `a knight may leap over a piece, but not over two`. What a law's judge does not ask
about may turn it round, so a statement is called true only where every symbol of it is familiar: one that may stand in
any sentence, or beside this law (`_FAMILIAR`, by the claim's `sub`; from sentences that are true and were judged
so). Of what is false no such thing is asked: whatever stands beside it, false it remains.
"""

from __future__ import annotations

from envs.claims.telling import Told

_ANYWHERE = frozenset(
    "np w side this that be has can must neg legal illegal allow of to in on at by per with for and but link , : "
    "article rule fide referee said new latest special year inforce position poss turnof san sq".split()
)
_FAMILIAR = """
agreement: agree anytime draw ends num
announces_check: announce check mandatory optional when
any_direction: anydir move
any_number: anynumber diag like move square straight when
backward: back move
begins: begin
captures_own: capture ownpiece
castling: empty anytime return adjacent among attack attacked between castle castleright check chess960 cond ends file first from gone jump like long longcastle lost move moved nolonger num only over pass past possible same short shortcastle square stay through under unmoved up waschecked when
checkmate: checkmate ends immediately num when win
chess960: among chess960 first
diagonal: anytime capture diag forward move num only square straight up
double_check: double move onlyking respond when
en_passant: adjacent anytime capture captured doublestep enemy ep expire fut gone immediately jump lost mandatory move num only optional possible right same square when
forward: capture forward move only
ignores_check: enemy ownpiece first threeways respond num has answercheck attack attacked check expose fut givecheck ignorecheck immediately move num reach respond square stay
immune: captured
insufficient: automatic cannotwin checkmate draw insufficient only
jumps: from among besides between block forward jump nojump only over
king_captured: capture captured removed
king_captures: adjacent capture
kings_adjacent: reach adjacent enemy move square stay
mandatory: capture mandatory mustcapture optional
move_count: check givecheck automatic captured claimed draw ends fut gone halfmove move moverule num reach reset square turn when
moves_like: like lshape move num same square
moves_twice: alternate move num square turn twice
one_colour: attack color defend move num only past recolor same square stay
pawn_steps: only onlymove forward doublestep anydir diag first from immediately move moved num square when
pinned_check: check givecheck
promotes_to: immediately like limit mandatory move num only promote rank reach same through underpromote when
repetition: consecutive when automatic claimed draw ends fivefold like lost mandatory move num repeat same stops threefold
resign: anytime resign
revives: stay capture captured drop fut gone nolonger removed return revive when
sideways: anynumber diag move sideways square straight
skips_turn: pass skip
stalemate: uncheck check cond and move num draw ends like nomoves stale when win
straight: capture diag move straight
touch_move: cond move moved over touch touchrule
"""
_BESIDE = {
    name: frozenset(symbols.split())
    for name, _, symbols in (row.partition(": ") for row in _FAMILIAR.strip().splitlines())
}


def familiar(told: Told, sub: str) -> bool:
    """Whether nothing unfamiliar stands beside a rule of the kind `sub`."""
    return told.symbols <= _ANYWHERE | _BESIDE.get(sub, frozenset())
