"""Checkpoints: whole or absent, never damaged without a word, and the learner comes back bit by bit."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from llm_policy.model import ModelConfig
from training import checkpoints
from training.checkpoints import CheckpointError
from training.config import Config
from training.examples import Examples
from training.learner import Learner, new_learner

CONFIG = Config(model=ModelConfig(layers=1, width=16, heads=2, kv_heads=1, hidden=16), threads=1)


def learner_at(iteration: int, seed: int = 0) -> Learner:
    """A learner with something in every one of its drawers."""
    learner = new_learner(CONFIG)
    random = torch.Generator().manual_seed(seed)
    for parameter in learner.model.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=random)
    learner.optimizer.param_groups[0]["lr"] = 0.1 / 3
    learner.optimizer.step()
    learner.optimizer.zero_grad()
    learner.iteration, learner.games, learner.steps, learner.solved = iteration, 17, 29, 2
    learner.baselines = {"first": 1 / 3, "second": -0.1}
    learner.buffer = Examples(
        np.array([[1, 2, -1], [0, -1, -1]], np.int8),
        np.random.default_rng(seed).random((2, 9), np.float32),
        np.array([0.25, -1 / 3], np.float32),
        np.array([1.0, 0.0], np.float32),
        np.array([[3, -1], [4, 5]], np.int8),
    )
    learner.pool = [new_learner(CONFIG).model.eval() for _ in range(2)]
    learner.reference = new_learner(replace(CONFIG, seed=seed + 1)).model.eval()
    return learner


def same(one: Learner, other: Learner) -> None:
    for name in ("iteration", "games", "steps", "solved", "baselines"):
        assert getattr(one, name) == getattr(other, name)
    assert one.reference is not None
    assert other.reference is not None
    for mine, theirs in zip(
        [one.model, one.reference, *one.pool], [other.model, other.reference, *other.pool], strict=True
    ):
        for (name, a), (_, b) in zip(mine.state_dict().items(), theirs.state_dict().items(), strict=True):
            assert torch.equal(a, b), name
    for a, b in zip(one.model.parameters(), other.model.parameters(), strict=True):
        mine, theirs = one.optimizer.state[a], other.optimizer.state[b]
        assert mine.keys() == theirs.keys() != set()
        assert all(torch.equal(mine[key], theirs[key]) for key in mine)
    assert one.optimizer.param_groups[0]["lr"] == other.optimizer.param_groups[0]["lr"]
    assert (one.buffer is None) == (other.buffer is None)
    for mine, theirs in zip(one.buffer or (), other.buffer or (), strict=True):
        assert mine.dtype == theirs.dtype
        assert np.array_equal(mine, theirs)


def test_everything_comes_back(tmp_path: Path) -> None:
    learner = learner_at(5)
    path = checkpoints.save(learner, tmp_path, 0.5)
    same(learner, checkpoints.load(path, CONFIG))
    assert checkpoints.score_of(path) == 0.5
    fresh = new_learner(CONFIG)
    same_path = checkpoints.save(fresh, tmp_path / "fresh")
    assert checkpoints.load(same_path, CONFIG).buffer is None


def test_the_copies_are_no_aliases(tmp_path: Path) -> None:
    path = checkpoints.save(learner_at(5), tmp_path)
    loaded = checkpoints.load(path, CONFIG)
    before = loaded.pool[0].lm_head.clone()
    with torch.no_grad():
        loaded.model.lm_head += 1
    assert torch.equal(loaded.pool[0].lm_head, before)


def test_the_next_step_after_loading_is_the_same_bit_by_bit(tmp_path: Path) -> None:
    learner = learner_at(5)
    loaded = checkpoints.load(checkpoints.save(learner, tmp_path), CONFIG)
    for one in (learner, loaded):
        random = torch.Generator().manual_seed(7)
        for parameter in one.model.parameters():
            parameter.grad = torch.randn(parameter.shape, generator=random)
        one.optimizer.step()
        one.optimizer.zero_grad()
    same(learner, loaded)


def files_of(path: Path) -> list[str]:
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())


def damages(size: int, random: np.random.Generator) -> list[tuple[str, int]]:
    bits = [("flip", int(bit)) for bit in random.integers(0, 8 * size, 4)] + [("flip", 0), ("flip", 8 * size - 1)]
    return [*bits, ("cut", size - 1), ("cut", size // 2), ("cut", 0), ("grow", 1), ("remove", 0)]


def damage(file: Path, kind: str, where: int) -> None:
    data = bytearray(file.read_bytes())
    if kind == "flip":
        data[where // 8] ^= 1 << where % 8
    elif kind == "cut":
        del data[where:]
    elif kind == "grow":
        data += b"\0"
    file.unlink()
    if kind != "remove":
        file.write_bytes(data)


def test_every_damage_to_every_file_is_noticed_and_named_and_the_one_before_is_used(tmp_path: Path) -> None:
    before = checkpoints.save(learner_at(5), tmp_path)
    newest = checkpoints.save(learner_at(10, seed=1), tmp_path)
    random = np.random.default_rng(0)
    files = files_of(newest)
    assert len(files) == 11
    tried = 0
    for name in files:
        whole = (newest / name).read_bytes()
        for kind, where in damages(len(whole), random):
            damage(newest / name, kind, where)
            said: list[str] = []
            assert checkpoints.last(tmp_path, said.append) == before, (name, kind, where)
            assert len(said) == 1
            assert name.removesuffix(".sha256") in said[0]
            assert "damaged" in said[0]
            with pytest.raises(CheckpointError, match="damaged"):
                checkpoints.load(newest, CONFIG)
            assert checkpoints.score_of(newest) is None
            (newest / name).write_bytes(whole)
            tried += 1
    assert tried == 11 * 11
    assert checkpoints.last(tmp_path) == newest


def test_all_damaged_is_an_error_and_none_is_none(tmp_path: Path) -> None:
    assert checkpoints.last(tmp_path) is None
    assert checkpoints.last(tmp_path / "nowhere") is None
    path = checkpoints.save(learner_at(5), tmp_path)
    damage(path / "state.json", "cut", 10)
    with pytest.raises(CheckpointError, match=r"no checkpoint.*intact.*state\.json"):
        checkpoints.last(tmp_path)


def test_a_file_that_does_not_belong_and_links_are_noticed(tmp_path: Path) -> None:
    path = checkpoints.save(learner_at(5), tmp_path)
    (path / "extra.pkl").write_bytes(b"\x80\x04.")
    with pytest.raises(CheckpointError, match=r"extra\.pkl does not belong"):
        checkpoints.verify(path)
    (path / "extra.pkl").unlink()
    (path / "model" / "config.json").rename(tmp_path / "elsewhere.json")
    (path / "model" / "config.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(CheckpointError, match="is a link"):
        checkpoints.verify(path)
    (tmp_path / "000099").symlink_to(path)
    assert [p.name for p in checkpoints.numbered(tmp_path)] == ["000005"]


def test_a_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    path = checkpoints.save(learner_at(5), tmp_path)
    other = Config(model=ModelConfig(layers=1, width=32, heads=2, kv_heads=1, hidden=16))
    for read in (checkpoints.load, checkpoints.load_policy):
        with pytest.raises(CheckpointError, match=r"width=16.*width=32"):
            read(path, other)


def forge(path: Path, name: str, data: bytes) -> None:
    """Replace a file together with its sums, as somebody malicious would."""
    (path / name).write_bytes(data)
    manifest = json.loads((path / "manifest.json").read_bytes())
    manifest[name] = {"size": len(data), "sha256": checkpoints._sha256(path / name)}
    (path / "manifest.json").write_text(json.dumps(manifest))
    (path / "manifest.json.sha256").write_text(f"{checkpoints._sha256(path / 'manifest.json')}  manifest.json\n")


def test_a_checkpoint_of_another_game_is_refused(tmp_path: Path) -> None:
    path = checkpoints.save(learner_at(1), tmp_path / "c")
    for read in (checkpoints.load, checkpoints.load_policy):
        with pytest.raises(CheckpointError, match="it learned tic-tac-toe, and the run learns addition"):
            read(path, replace(CONFIG, game="addition"))


def test_a_folder_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / ".part-1").mkdir(parents=True)
    (tmp_path / "c").symlink_to(elsewhere)
    for asked in (checkpoints.numbered, checkpoints.last, checkpoints.best):
        with pytest.raises(CheckpointError, match="is a link to"):
            asked(tmp_path / "c")
    with pytest.raises(CheckpointError, match="is a link to"):
        checkpoints.save(learner_at(1), tmp_path / "c")
    assert [path.name for path in elsewhere.iterdir()] == [".part-1"]


def test_the_best_one_too_is_not_passed_over_without_a_word(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    checkpoints.save(learner_at(1), folder, score=0.5)
    better = checkpoints.save(learner_at(2), folder, score=0.7)
    (better / "state.json").write_text("{}")
    said: list[str] = []
    found = checkpoints.best(folder, said.append)
    assert found is not None
    assert found.name == "000001"
    assert len(said) == 1
    assert "000002" in said[0]


@pytest.mark.parametrize("name", ["model/model.safetensors", "optimizer.safetensors", "pool.safetensors"])
def test_a_forged_pickle_is_never_opened(tmp_path: Path, name: str) -> None:
    path = checkpoints.save(learner_at(5), tmp_path)
    canary = tmp_path / "executed"
    code = f"cposix\nsystem\n(S'touch {canary}'\ntR.".encode()
    forge(path, name, code)
    checkpoints.verify(path)  # the sums are right
    with pytest.raises(CheckpointError):
        checkpoints.load(path, CONFIG)
    assert not canary.exists()


def test_forged_names_lead_nowhere(tmp_path: Path) -> None:
    path = checkpoints.save(learner_at(5), tmp_path)
    (tmp_path / "outside").write_bytes(b"x")
    forge(path, "../outside", b"x")
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoints.verify(path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_never_saved(tmp_path: Path, value: float) -> None:
    old = checkpoints.save(learner_at(5), tmp_path)

    def weights(learner: Learner) -> None:
        learner.model.layers[0].o.data[0, 0] = value  # type: ignore[union-attr]

    def moments(learner: Learner) -> None:
        learner.optimizer.state[learner.model.lm_head]["exp_avg"][0, 0] = value

    def baseline(learner: Learner) -> None:
        learner.baselines["first"] = value

    def buffer(learner: Learner) -> None:
        assert learner.buffer is not None
        learner.buffer.value[1] = value

    places = {"layers.0.o": weights, "lm_head/exp_avg": moments, "first": baseline, "buffer/value": buffer}
    for name, poison in places.items():
        learner = learner_at(10)
        poison(learner)
        with pytest.raises(FloatingPointError, match=name):
            checkpoints.save(learner, tmp_path)
        assert checkpoints.numbered(tmp_path) == [old]
    assert os.listdir(tmp_path).count(old.name) == 1


def _save_with_little_room(folder: Path, room: int) -> None:
    import resource

    whole = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, whole[1]))
    try:
        checkpoints.save(learner_at(10), folder)
    except CheckpointError as error:
        resource.setrlimit(resource.RLIMIT_FSIZE, whole)
        (folder.parent / "said").write_text(str(error))


@pytest.mark.parametrize("room", [100, 10_000, 55_000])
def test_a_full_disk_leaves_the_old_checkpoint(tmp_path: Path, room: int) -> None:
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    old = checkpoints.save(learner_at(5), folder)
    pid = os.fork()
    if pid == 0:
        try:
            _save_with_little_room(folder, room)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    said = (tmp_path / "said").read_text()
    assert "iteration 10 could not be written" in said
    assert "the one of iteration 5 stands" in said
    assert sorted(p.name for p in folder.iterdir()) == ["000005", "last"]
    same(learner_at(5), checkpoints.load(old, CONFIG))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_leaves_the_old_checkpoint(tmp_path: Path) -> None:
    old = checkpoints.save(learner_at(5), tmp_path)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(CheckpointError, match=r"Permission.*iteration 5 stands"):
            checkpoints.save(learner_at(10), tmp_path)
    finally:
        tmp_path.chmod(0o700)
    assert checkpoints.last(tmp_path) == old


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("a file where the folder should be")
    with pytest.raises(CheckpointError, match="there is none before it"):
        checkpoints.save(learner_at(10), tmp_path / "checkpoints")


def test_what_is_kept(tmp_path: Path) -> None:
    scores = {5: 0.1, 10: 0.9, 50: 0.3, 55: None, 60: 0.9, 65: 0.2, 70: 0.1, 75: None}
    for iteration, score in scores.items():
        checkpoints.save(learner_at(iteration), tmp_path, score)
    # the last two, the best (the newer of two equals), every fiftieth
    assert [int(p.name) for p in checkpoints.numbered(tmp_path)] == [50, 60, 70, 75]
    assert (tmp_path / "last").resolve().name == "000075"
    assert (tmp_path / "best").resolve().name == "000060"
    assert checkpoints.best_score(tmp_path) == 0.9
    best = checkpoints.best(tmp_path)
    assert best is not None
    damage(best / "pool.safetensors", "flip", 100)
    assert checkpoints.best(tmp_path) == tmp_path / "000050"


def test_what_a_crash_left_is_cleared_away(tmp_path: Path) -> None:
    old = checkpoints.save(learner_at(5), tmp_path)
    shutil.copytree(old, tmp_path / ".part-123-000010")
    assert checkpoints.last(tmp_path) == old
    checkpoints.save(learner_at(10), tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["000005", "000010", "last"]


def test_a_damaged_one_of_the_same_iteration_is_replaced(tmp_path: Path) -> None:
    path = checkpoints.save(learner_at(5), tmp_path)
    damage(path / "state.json", "cut", 3)
    checkpoints.save(learner_at(5), tmp_path)
    assert checkpoints.last(tmp_path) == path
