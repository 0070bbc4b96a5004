"""Names that nobody bears, however strange."""

from __future__ import annotations

from envs.lookup import did_you_mean, not_found


def test_what_was_probably_meant_is_said() -> None:
    said = "no game is called 'tic-tac-to' (there are: tic-tac-toe, go); did you mean 'tic-tac-toe'?"
    assert not_found("game", "tic-tac-to", ["tic-tac-toe", "go"]) == said
    assert not_found("game", "zzz", ["tic-tac-toe"]) == "no game is called 'zzz' (there are: tic-tac-toe)"
    assert not_found("run", "zzz", iter(())) == "no run is called 'zzz' (there are: none)"
    assert did_you_mean(3, ["4"]) == ""


def test_hostile_names_are_harmless_and_cut_short() -> None:
    said = not_found("game", "\x1b[2J\n\u202e\u200b" + "go" * 1_000_000, ["go"])
    assert said.isprintable()
    assert len(said) < 150
