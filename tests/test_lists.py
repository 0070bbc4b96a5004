"""The dashboard's lists: whole pages with a count, questions apart from games, flags of one kind together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fake_answers import WAYS, fake_answers
from tests.fake_run import episodes, fake_run
from tests.test_index import arena, arena_episode
from training.loggers import FileLogger
from training.run_folder import EPISODES
from xueba import index, lists
from xueba.lists import PAGE


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    run = fake_run(root)
    for step in range(6, 40):
        FileLogger(run).episodes(step, episodes())
    fake_answers(root, "sums")
    arena(root, "match", [arena_episode(0), arena_episode(1)])
    index.update(root)
    return root


def test_pages_are_whole_and_say_how_many_there_are(root: Path) -> None:
    first = lists.games(root, {"run": "fake"})
    assert (first["from"], first["of"], len(first["rows"])) == (0, 105, PAGE)
    pages = [first, *(lists.games(root, {"run": "fake", "from": str(at)}) for at in (50, 100, 150))]
    assert [len(page["rows"]) for page in pages] == [50, 50, 5, 0]
    assert [row["game"] for page in pages for row in page["rows"]] == list(range(105, 0, -1))
    assert lists.games(root, {"from": "-7"})["from"] == 0
    assert first["rows"][0]["step"] == 39


def test_questions_have_a_list_of_their_own(root: Path) -> None:
    assert {row["run"] for row in lists.games(root, {"run": "sums"})["rows"]} == set()
    assert lists.games(root, {})["of"] == 107
    rows = lists.problems(root, {"run": "sums"})["rows"]
    assert len(rows) == len(WAYS)
    right, false, guessed = (row["sheet"] for row in rows[::-1][:3])
    assert (right["grade"], right["flaw"]) == ("✓ right", "")
    assert "+" in right["question"]
    assert false["answer"] == "777"
    assert false["flaw"].endswith("=777")
    assert guessed["grade"] == "✗ guessed"
    assert lists.problems(root, {"run": "fake"})["rows"] == []


@pytest.mark.parametrize(("flag", "games"), [("wrong", [2, 4]), ("guessed", [3]), ("malformed", [5, 6])])
def test_wrong_guessed_and_malformed_are_three_things(root: Path, flag: str, games: list[int]) -> None:
    assert sorted(row["game"] for row in lists.problems(root, {"run": "sums", "flag": flag})["rows"]) == games


def test_a_question_whose_record_is_gone_is_only_not_told(root: Path, tmp_path: Path) -> None:
    run = fake_answers(tmp_path, "sums")
    index.update(tmp_path)
    (run.path / EPISODES).write_bytes(b"x" * 20)
    assert [row["sheet"] for row in lists.problems(tmp_path, {})["rows"]] == [None] * len(WAYS)


def test_choices_are_what_is_recorded(root: Path) -> None:
    all_ = lists.choices(root, {})
    assert sorted(all_["run"]) == ["fake", "match"]
    assert "addition" not in all_["world"]
    assert {"honest", "liar", "perfect", "stubborn"} <= set(all_["player"])
    assert {"missing_piece", "resurrected", "illegal"} <= set(all_["flag"])
    one = lists.choices(root, {"run": "match"})
    assert one["run"] == all_["run"]
    assert set(one["player"]) == {"honest", "liar"}
    assert "illegal" not in one["flag"]


def test_games_of_two_players_and_words_as_they_begin(root: Path) -> None:
    assert lists.games(root, {"player": "liar", "against": "honest"})["of"] == 2
    assert lists.games(root, {"player": "perfect", "against": "honest"})["of"] == 0
    assert lists.games(root, {"said": "51 wi"})["of"] == 35
    assert lists.games(root, {"said": "win"})["of"] == 35
    assert lists.games(root, {"said": "in"})["of"] == 0
    assert lists.games(root, {"said": '!?" -'})["of"] == 0


def test_flags_of_one_player_class_and_game_are_one_row(root: Path) -> None:
    found = lists.flags(root, {"run": "match"})
    assert (found["of"], found["count"]) == (4, 4)
    assert [(row["game"], row["player"], len(row["replies"])) for row in found["rows"]] == [
        *((2, "liar", 1), (2, "liar", 1), (1, "liar", 1), (1, "liar", 1))
    ]
    heads = {row["sub"].split("/")[0] for row in found["rows"] if row["kind"] == "false_claim"}
    assert {lists.flags(root, {"run": "match", "kind": head})["of"] for head in heads} == {2}
    wrong = lists.flags(root, {"run": "sums", "kind": "wrong"})["rows"]
    assert all("+" in row["sheet"]["question"] for row in wrong)
    assert sorted(lists.shares(root, {})["runs"]) == ["fake", "match", "sums"]
