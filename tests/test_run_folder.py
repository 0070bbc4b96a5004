"""The run folder: names that stay inside, JSON that comes back, lines that are whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agents.search import SearchConfig
from llm_policy.model import ModelConfig
from training.config import Config, ExpertIterationConfig, OptimizerConfig, PlayConfig, PolicyGradientConfig
from training.config_check import check_config
from training.config_file import FREE, check_same, flat, from_data, to_data
from training.presets import PRESETS
from training.run_folder import EVENTS, METRICS, RunFolder, check_name, create_run, find_run, list_runs

CONFIG = Config(seed=7, play=PlayConfig(games=3))

HOSTILE = [
    "", ".", "..", "../up", "/etc", "a/b", "a\\b", "nul\0byte", "x" * 300, "\u202eevil", "a\u200bb", ".hidden", "-rf",
    "new\nline", "a b", "\x1b[2J", "ends.", "naïve", "COM¹",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_refused_and_make_nothing(tmp_path: Path, name: str) -> None:
    root = tmp_path / "runs"
    for act in (lambda: create_run(root, name, CONFIG), lambda: find_run(root, name)):
        with pytest.raises(ValueError, match="no name for a run") as caught:
            act()
        assert str(caught.value).isascii()
        assert str(caught.value).isprintable()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a", "tic-tac-toe", "run_1.2", "0", "x" * 80])
def test_plain_names_are_taken(name: str) -> None:
    check_name(name)


def test_a_run_that_exists_is_refused_and_untouched(tmp_path: Path) -> None:
    run = create_run(tmp_path, "one", CONFIG)
    before = {path: path.read_bytes() for path in run.path.iterdir() if path.is_file()}
    with pytest.raises(FileExistsError, match="resume it, or choose another name"):
        create_run(tmp_path, "one", Config())
    assert {path: path.read_bytes() for path in run.path.iterdir() if path.is_file()} == before


def test_what_a_new_run_holds(tmp_path: Path) -> None:
    run = create_run(tmp_path / "deep" / "runs", "one", CONFIG)
    assert sorted(p.name for p in run.path.iterdir()) == ["checkpoints", "config.json", "versions.json"]
    assert run.config() == CONFIG
    versions = json.loads((run.path / "versions.json").read_text())
    assert {
        "teacher",
        "rewards",
        "dtype",
        "python",
        "torch",
        "numpy",
        "platform",
        "cpu",
        "threads",
        "seed",
        "commit",
        "code",
        "dataset",
    } == versions.keys()
    assert (versions["seed"], versions["threads"]) == (7, CONFIG.threads)
    assert run.changes(CONFIG) == {}
    (run.path / "versions.json").write_text(json.dumps(versions | {"torch": "1.0"}))
    assert run.changes(CONFIG) == {"torch": f"torch was '1.0', is {versions['torch']!r}"}
    for damaged in ("{", "[1]", "[" * 100_000, "\x00"):
        (run.path / "versions.json").write_text(damaged)
        assert "code" in run.changes(CONFIG)
    (run.path / "versions.json").unlink()
    assert "cannot be read" in run.changes(CONFIG)["code"]
    run.remade(CONFIG)
    assert run.changes(CONFIG) == {}


def test_runs_are_listed_and_found(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "nowhere") == []
    with pytest.raises(FileNotFoundError, match="there is none yet"):
        find_run(tmp_path, "one")
    for name in ("zebra", "apple"):
        create_run(tmp_path, name, CONFIG)
    (tmp_path / "no-run").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "apple")
    assert {run.name for run in list_runs(tmp_path)} == {"zebra", "apple"}
    assert find_run(tmp_path, "apple").config() == CONFIG
    with pytest.raises(FileNotFoundError, match="did you mean 'zebra'"):
        find_run(tmp_path, "zebar")


@pytest.mark.parametrize("config", [*PRESETS.values(), CONFIG])
def test_configs_come_back_exactly(config: Config) -> None:
    assert from_data(json.loads(json.dumps(to_data(config)))) == config


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"gmae": "chess"}, "no field 'gmae'; did you mean 'game'"),
        ({"play": {"gams": 3}}, r"no field 'play\.gams'; did you mean 'games'"),
        ({"seed": "3"}, "seed: '3' where int is expected"),
        ({"seed": True}, "seed: True where int is expected"),
        ({"seed": 1.0}, "seed: 1.0 where int is expected"),
        ({"game": 3}, "game: 3 where str is expected"),
        ({"play": 3}, "play: 3 where an object is expected"),
        ({"optimizer": {"lr": "high"}}, r"optimizer\.lr: 'high' where float is expected"),
        ([1], "where an object is expected"),
    ],
)
def test_bad_configs_are_refused_by_name(data: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_data(data)


def test_fields_of_former_versions_are_read_where_they_said_what_is_now_always_so() -> None:
    assert from_data({"policy_gradient": {"divide": False, "group": 3}}).policy_gradient.group == 3
    with pytest.raises(ValueError, match=r"no field 'policy_gradient\.divide'"):
        from_data({"policy_gradient": {"divide": True}})


def test_whole_numbers_are_taken_for_floats() -> None:
    assert from_data({"optimizer": {"lr": 1}}).optimizer.lr == 1.0
    assert type(from_data({"optimizer": {"lr": 1}}).optimizer.lr) is float


def test_a_damaged_config_names_its_file(tmp_path: Path) -> None:
    run = create_run(tmp_path, "one", CONFIG)
    for text in ("{", "[" * 100_000, '{"gmae": 1}'):
        (run.path / "config.json").write_text(text)
        with pytest.raises(ValueError, match=r"config\.json"):
            run.config()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"game": "tictactoe"}, "no world is called 'tictactoe'.*did you mean 'tic-tac-toe'"),
        ({"algorithm": "poo"}, "no algorithm is called 'poo'.*did you mean 'ppo'"),
        ({"view": "bord"}, "no view is called 'bord'.*did you mean 'board'"),
        ({"iterations": 0}, "iterations is 0: it must be at least 1"),
        ({"seed": -1}, "seed is -1"),
        ({"threads": 100_000}, "threads is 100000"),
        ({"play": PlayConfig(past_share=1.5)}, r"play\.past_share is 1\.5"),
        ({"play": PlayConfig(past_share=0.6, random_share=0.6)}, "more than all games"),
        ({"play": PlayConfig(random_share=float("nan"))}, r"play\.random_share is nan"),
        ({"search": SearchConfig(rule="pucd")}, "no rule of search is called 'pucd'.*did you mean 'puct'"),
        ({"optimizer": OptimizerConfig(clip=0)}, r"optimizer\.clip is 0: it must be more than 0"),
        ({"expert_iteration": ExpertIterationConfig(rollout_share=3)}, r"rollout_share is 3: it must be between"),
        ({"policy_gradient": PolicyGradientConfig(max_new=0)}, r"policy_gradient\.max_new is 0"),
        ({"policy_gradient": PolicyGradientConfig(temperature=-1)}, r"policy_gradient\.temperature is -1"),
        ({"policy_gradient": PolicyGradientConfig(rewards={"process": 1.0})}, "'process' is for problems, and tic-tac"),
        ({"policy_gradient": PolicyGradientConfig(rewards={"outcome": 0.0})}, "nothing is worth anything"),
        ({"policy_gradient": PolicyGradientConfig(rewards={"outcome": float("nan")})}, "outcome nan is no finite"),
        ({"policy_gradient": PolicyGradientConfig(rewards={"language": 1.0})}, "nothing is worth anything"),
        (
            {"game": "addition", "algorithm": "grpo", "policy_gradient": PolicyGradientConfig(rewards={"lines": 1.0})},
            "'lines' is for games, and addition is none",
        ),
        ({"game": "words-zh", "algorithm": "grpo"}, "game is 'words-zh': the model spells printable ASCII"),
        ({"search": SearchConfig(line=18)}, r"max_new is 24: .*search\.line = 18 moves, take up to 25 tokens"),
        ({"policy_gradient": PolicyGradientConfig(rewards={"outcom": 1.0})}, "no reward is called 'outcom'.*'outcome'"),
        ({"policy_gradient": PolicyGradientConfig(baseline="leave-one")}, "no baseline of grpo.*mean 'leave-one-out'"),
        ({"policy_gradient": PolicyGradientConfig(scale="groups")}, "no scale of grpo.*did you mean 'group'"),
        ({"policy_gradient": PolicyGradientConfig(ratio="tokens")}, "no ratio of grpo.*did you mean 'token'"),
        ({"policy_gradient": PolicyGradientConfig(surrogate="clip")}, "no surrogate of grpo.*did you mean 'clipped'"),
        ({"policy_gradient": PolicyGradientConfig(average="tokens")}, "no average of grpo.*did you mean 'token'"),
        ({"policy_gradient": PolicyGradientConfig(clip_high=-0.1)}, r"clip_high is -0\.1: it must be at least 0"),
        ({"policy_gradient": PolicyGradientConfig(clip_high=0.5, ratio_cap=1.4)}, "ratio_cap is 1.4: it must be more"),
        ({"policy_gradient": PolicyGradientConfig(kl=-1.0)}, r"policy_gradient\.kl is -1\.0"),
        ({"policy_gradient": PolicyGradientConfig(top_entropy=1.5)}, r"top_entropy is 1\.5: it must be between 0"),
        ({"policy_gradient": PolicyGradientConfig(overlong=25)}, "overlong is 25: a reply has at most .*24 tokens"),
        ({"policy_gradient": PolicyGradientConfig(refills=-1)}, r"policy_gradient\.refills is -1"),
        ({"algorithm": "grpo", "play": PlayConfig(games=36)}, r"play\.games is 36.*multiple.*group, which is 8"),
        (
            {"algorithm": "ppo", "policy_gradient": PolicyGradientConfig(rewards={"outcome": 1.0, "form": 0.1})},
            "both_seats needs rewards that add up to 0 in every game, and form need not: turn it off",
        ),
        # <bos> and three lines of a board, and 24 tokens of reply
        ({"model": ModelConfig(context=27)}, r"model\.context is 27.*must be at least 28"),
        ({"model": ModelConfig(context=34), "view": "moves"}, r"model\.context is 34.*must be at least 35"),
    ],
)
def test_configs_without_sense_are_refused(changed: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_config(replace(Config(), **changed))


def test_what_troubles_one_algorithm_is_no_matter_to_others() -> None:
    rewards = PolicyGradientConfig(rewards={"outcome": 1.0, "form": 0.0, "legal": 0.1}, both_seats=False)
    check_config(replace(Config(), algorithm="ppo", policy_gradient=rewards, play=PlayConfig(games=36)))
    check_config(replace(Config(), algorithm="grpo", policy_gradient=replace(rewards, both_seats=True)))


@pytest.mark.parametrize("config", PRESETS.values())
def test_presets_make_sense(config: Config) -> None:
    check_config(config)


def changed(config: Config, name: str) -> Config:
    """`config` with the field of this dotted name as it was not."""
    data = to_data(config)
    inner = data
    *path, last = name.split(".")
    for part in path:
        inner = inner[part]
    value = inner[last]
    other = {bool: lambda: not value, int: lambda: value + 1, float: lambda: value + 0.5, str: lambda: value + "x"}
    inner[last] = other[type(value)]() if type(value) in other else {"other": 1.0}
    return from_data(data)


@pytest.mark.parametrize(
    "name", [n for n, _ in flat(CONFIG) if n not in ("model.width", "model.heads", "model.kv_heads")]
)
def test_every_other_field_is_noticed_when_a_run_goes_on(name: str) -> None:
    other = changed(CONFIG, name)
    assert other != CONFIG
    if name in FREE:
        check_same(CONFIG, other)
    else:
        with pytest.raises(ValueError, match=f"began with {name} = "):
            check_same(CONFIG, other)


def rows(run: RunFolder, file: str) -> list[int]:
    return [json.loads(line)["step"] for line in (run.path / file).read_text().splitlines()]


def test_a_half_written_line_is_cut_and_later_ones_dropped(tmp_path: Path) -> None:
    run = create_run(tmp_path, "one", CONFIG)
    for step in range(6):
        run.append(METRICS, [{"step": step, "loss": step / 3}])
        run.append(EVENTS, [{"step": step, "kind": "x", "text": "line\nbreak"}])
    whole = (run.path / METRICS).read_bytes()
    for half in (b'{"step":6,"lo', b'{"step":6}', b"{"):
        (run.path / METRICS).write_bytes(whole + half)
        assert [row["step"] for row in run.metrics()] == [0, 1, 2, 3, 4, 5]
        run.rewind(6)
        assert (run.path / METRICS).read_bytes() == whole
    run.rewind(3)
    assert rows(run, METRICS) == rows(run, EVENTS) == [0, 1, 2, 3]
    run.append(METRICS, [{"step": 4}])
    assert rows(run, METRICS) == [0, 1, 2, 3, 4]
    assert run.metrics()[1]["loss"] == 1 / 3
    run.rewind(-1)
    assert run.metrics() == run.events() == []


def test_lines_that_are_none_are_passed_over(tmp_path: Path) -> None:
    run = create_run(tmp_path, "one", CONFIG)
    bad = [
        b"\xff\xfe",
        b"[1]",
        b'{"no": 1}',
        b'{"step": "1"}',
        b"[" * 100_000,
        b'{"step":1,"x":"' + b"y" * 3_000_000 + b'"}',
    ]
    (run.path / METRICS).write_bytes(b"\n".join([*bad, b'{"step":2}', b""]))
    assert [row["step"] for row in run.metrics()] == [2]


def test_rows_that_json_does_not_know_are_refused(tmp_path: Path) -> None:
    run = create_run(tmp_path, "one", CONFIG)
    with pytest.raises(ValueError, match="JSON"):
        run.append(METRICS, [{"step": 1, "x": float("nan")}])
    assert run.metrics() == []
