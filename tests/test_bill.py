"""Bills: nobody spends more than there is, alone or together."""

from __future__ import annotations

import threading
import time

import pytest

from agents.bill import Bill, BudgetSpentError, Tokens


def test_what_is_held_and_settled() -> None:
    bill = Bill("p", budget=1.0, prices=(1000.0, 10_000.0))
    most = Tokens(100, 50)
    assert bill.cost(most) == pytest.approx(0.6)
    bill.hold(most)
    assert bill.settle(most, Tokens(100, 10)) == pytest.approx(0.2)
    bill.hold(most)
    bill.settle(most, Tokens())
    assert bill.spent == pytest.approx(0.2)
    assert bill.spent_tokens == 110
    bill.hold(most)
    bill.settle(most, most)
    with pytest.raises(
        BudgetSpentError, match=r"^p: the next reply may cost up to \$0\.6000, .* \$1 .* \$0\.8000$"
    ) as caught:
        bill.hold(most)
    assert caught.value.player == "p"
    bill.hold(Tokens(200, 0))


def test_tokens_have_a_bound_of_their_own() -> None:
    bill = Bill("p", tokens=100)
    bill.hold(Tokens(60, 40))
    bill.settle(Tokens(60, 40), Tokens(60, 0))
    with pytest.raises(BudgetSpentError, match="up to 41 tokens, and of 100 it has used 60"):
        bill.hold(Tokens(40, 1))


def test_without_a_bound_there_is_none() -> None:
    bill = Bill("p", prices=(1e6, 1e6))
    for _ in range(5):
        bill.hold(Tokens(10**9, 10**9))
    bill.settle(Tokens(10**9, 10**9), Tokens(1, 1))
    assert bill.spent == 2.0


@pytest.mark.parametrize("used", [Tokens(0, 1), Tokens(0, 60)])
def test_what_others_hold_is_waited_for(used: Tokens) -> None:
    bill, most, ends = Bill("p", tokens=100), Tokens(0, 60), []
    bill.hold(most)

    def ask() -> None:
        try:
            bill.hold(most)
            ends.append("held")
        except BudgetSpentError:
            ends.append("spent")

    other = threading.Thread(target=ask)
    other.start()
    time.sleep(0.05)
    assert not ends, "it neither goes over nor gives up while it may still fit"
    bill.settle(most, used)
    other.join(5)
    assert ends == ["held" if used.reply == 1 else "spent"]
