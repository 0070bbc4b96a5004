"""What a player behind a paid service may spend, and has spent; asked before every request, from any thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import NamedTuple

MILLION = 1e6


class BudgetSpentError(RuntimeError):
    """A reply might cost more than is left. The player's matches stop; resumed, it may spend as much again."""

    def __init__(self, text: str, player: str) -> None:
        super().__init__(text)
        self.player = player


class Tokens(NamedTuple):
    """Tokens of a prompt and of its reply."""

    prompt: int = 0
    reply: int = 0


@dataclass
class Bill:
    """The account of one player, for as long as the program runs.

    Whoever asks holds what the reply may cost at most, and settles what it did cost: several askers together never
    spend more than there is.

    Args:
        player: whose it is.
        budget: US dollars; 0: no bound.
        tokens: of prompts and replies together; 0: no bound.
        prices: US dollars a million tokens, of prompts and of replies.
    """

    player: str
    budget: float = 0.0
    tokens: int = 0
    prices: tuple[float, float] = (0.0, 0.0)
    spent: float = field(default=0.0, init=False)
    spent_tokens: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._held: list[Tokens] = []
        self._changed = threading.Condition()

    def cost(self, used: Tokens) -> float:
        """US dollars."""
        return (used.prompt * self.prices[0] + used.reply * self.prices[1]) / MILLION

    def hold(self, most: Tokens) -> None:
        """Set `most` aside for a request. Where only what others hold is in the way, they are waited for.

        Raises:
            BudgetSpentError: there is not so much left.
        """
        with self._changed:
            while not self._fits([*self._held, most]):
                if not self._fits([most]):
                    raise BudgetSpentError(self._lacks(most), self.player)
                self._changed.wait(1.0)
            self._held.append(most)

    def settle(self, most: Tokens, used: Tokens) -> float:
        """Give back what was held, and write down what was used; US dollars."""
        with self._changed:
            self._held.remove(most)
            self.spent += self.cost(used)
            self.spent_tokens += sum(used)
            self._changed.notify_all()
        return self.cost(used)

    def _fits(self, held: list[Tokens]) -> bool:
        tokens = self.spent_tokens + sum(map(sum, held))
        dollars = self.spent + sum(map(self.cost, held))
        return (not self.tokens or tokens <= self.tokens) and (not self.budget or dollars <= self.budget)

    def _lacks(self, most: Tokens) -> str:
        if self.tokens and self.spent_tokens + sum(most) > self.tokens:
            return (
                f"{self.player}: the next reply may take up to {sum(most):,} tokens, "
                f"and of {self.tokens:,} it has used {self.spent_tokens:,}"
            )
        return (
            f"{self.player}: the next reply may cost up to ${self.cost(most):.4f}, "
            f"and of its budget of ${self.budget:g} it has spent ${self.spent:.4f}"
        )
