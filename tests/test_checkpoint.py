"""Model folders: read by `transformers` with the same logits, read back unchanged, and refused when anything is off."""

import json
import os
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch
import torch

from llm_policy.checkpoint import load_model, save_model
from llm_policy.model import ModelConfig, Transformer
from llm_policy.tokenizer import WORDS, decode, encode

SMALL = ModelConfig(layers=2, width=32, heads=4, kv_heads=2, hidden=48, context=64)
CONFIGS = [
    SMALL,
    ModelConfig(layers=1, width=48, heads=3, kv_heads=3, hidden=40, context=50),
    ModelConfig(layers=3, width=64, heads=4, kv_heads=1, hidden=96, context=80, rope_theta=500.0, norm_eps=1e-3),
]


def random_model(config: ModelConfig = SMALL) -> Transformer:
    """Every weight random, norms and value head too."""
    generator = torch.Generator().manual_seed(1)
    model = Transformer(config).initialise(generator)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name or name == "value_head":
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.3)
        model.lm_head.mul_(10)
    return model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_model(random_model(), tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.parametrize("config", CONFIGS)
def test_read_back_unchanged(config: ModelConfig, tmp_path: Path) -> None:
    model = random_model(config)
    save_model(model, tmp_path)
    again = load_model(tmp_path)
    assert again.config == config
    assert again.state_dict().keys() == model.state_dict().keys()
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, again.state_dict()[name]), name


@torch.no_grad()
@pytest.mark.parametrize("config", CONFIGS)
def test_transformers_loads_it_and_gives_the_same_logits(config: ModelConfig, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    model = random_model(config)
    save_model(model, tmp_path)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    assert theirs.num_parameters() == model.number_of_parameters() - config.width  # all but the value head
    tokens = torch.randint(8, 380, (5, 40), generator=torch.Generator().manual_seed(2))
    lengths = torch.tensor([40, 1, 17, 33, 40])
    there = torch.arange(40) < lengths[:, None]
    expected = theirs(tokens, attention_mask=there.long()).logits
    difference = (model.logits(model(tokens)) - expected)[there].abs().max()
    assert difference <= 1e-5
    assert expected.std() > 0.5


def test_their_tokenizer_says_the_same(folder: Path) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    texts = [
        "<bos>5127\nx.o\n.o.\nx..\n<think>519 draw</think><answer>5</answer><eos>",
        "xxoo..\nxo....\n......\n<think>44 loss</think>",
        "plain words, and what is not ASCII: é",
    ]
    for text in texts:
        assert theirs(text)["input_ids"] == encode(text)
        assert theirs.decode(encode(text), skip_special_tokens=False) == "".join(WORDS[token] for token in encode(text))
    assert decode(encode(texts[1])) == texts[1]
    assert (theirs.bos_token, theirs.eos_token, theirs.pad_token) == ("<bos>", "<eos>", "<pad>")
    assert (theirs.bos_token_id, theirs.eos_token_id, theirs.pad_token_id) == (1, 2, 0)


def test_what_transformers_saves_in_half_precision_is_read(folder: Path, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    theirs.save_pretrained(tmp_path / "theirs")
    for name in ("tokenizer.json", "value_head.safetensors"):
        (tmp_path / "theirs" / name).write_bytes((folder / name).read_bytes())
    again = load_model(tmp_path / "theirs")
    assert again.config == SMALL
    assert torch.equal(again.lm_head, random_model().lm_head.bfloat16().float())


def rewrite(path: Path, **changes: object) -> None:
    tensors = safetensors.torch.load_file(path)
    safetensors.torch.save_file({**tensors, **changes}, path)  # type: ignore[dict-item]


def change_config(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))


@pytest.mark.parametrize("name", ["model.safetensors", "value_head.safetensors", "config.json", "tokenizer.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        load_model(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no model folder .*nowhere"):
        load_model(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["model.safetensors", "value_head.safetensors", "config.json", "tokenizer.json"])
def test_a_file_cut_anywhere_is_refused(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    for length in (0, 1, 7, 8, 9, 60, len(whole) // 2, len(whole) - 3):
        if length < len(whole) - 2:
            (folder / name).write_bytes(whole[:length])
            with pytest.raises(ValueError, match=name):
                load_model(folder)
    (folder / name).write_bytes(whole)
    load_model(folder)


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("echo exploded > exploded",)


@pytest.mark.parametrize("name", ["model.safetensors", "value_head.safetensors"])
def test_a_pickle_is_never_opened(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (folder / name).write_bytes(pickle.dumps(Bomb()) + bytes(1000))
    with pytest.raises(ValueError, match="pickle"):
        load_model(folder)
    torch.save({"weight": torch.zeros(3)}, folder / name)
    with pytest.raises(ValueError, match="pickle"):
        load_model(folder)
    assert not (folder / "exploded").exists()


@pytest.mark.parametrize("length", [2**63, 2**40, (1 << 20) + 1, 10**6])
def test_an_oversized_header_is_refused_before_it_is_read(folder: Path, length: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(length.to_bytes(8, "little") + path.read_bytes()[8:])
    for size in (path.stat().st_size, 1 << 22):
        os.truncate(path, size)
        if length > min(1 << 20, size):
            with pytest.raises(ValueError, match=f"header of {length} bytes"):
                load_model(folder)


def test_an_oversized_file_is_refused_before_it_is_read(folder: Path) -> None:
    path = folder / "model.safetensors"
    size = path.stat().st_size
    os.truncate(path, 1 << 33)
    with pytest.raises(ValueError, match=f"{1 << 33} bytes instead of {size}"):
        load_model(folder)


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b"{}",
        b'{"a": 3}',
        b'{"a": {"dtype": "F32"}}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"a":{"dtype":[],"shape":7}}',
    ],
)
def test_a_nonsense_header_is_refused(folder: Path, header: bytes) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(100))
    with pytest.raises(ValueError, match=r"model\.safetensors"):
        load_model(folder)


def test_a_flipped_offset_is_refused(folder: Path) -> None:
    path = folder / "model.safetensors"
    data = path.read_bytes()
    at = data.index(b'"data_offsets":[') + len(b'"data_offsets":[')
    path.write_bytes(data[:at] + b"9" + data[at + 1 :])
    with pytest.raises(ValueError, match=r"model\.safetensors: damaged"):
        load_model(folder)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize(
    ("name", "tensor"), [("model.safetensors", "model.norm.weight"), ("value_head.safetensors", "weight")]
)
def test_what_is_not_finite_is_refused(folder: Path, value: float, name: str, tensor: str) -> None:
    weight = safetensors.torch.load_file(folder / name)[tensor]
    weight.view(-1)[3] = value
    rewrite(folder / name, **{tensor: weight})
    with pytest.raises(ValueError, match=f"{tensor} holds values that are not finite"):
        load_model(folder)


def test_another_models_weights_are_refused_by_name_shape_and_type(folder: Path, tmp_path: Path) -> None:
    save_model(random_model(replace(SMALL, layers=3)), tmp_path / "deeper")
    save_model(random_model(replace(SMALL, hidden=64)), tmp_path / "wider")
    own = (folder / "model.safetensors").read_bytes()
    for other, message in (
        ("deeper", r"another model's checkpoint: 'model\.layers\.2\..*' is not expected"),
        ("wider", r"has shape \(\d+, \d+\), config.json says"),
    ):
        (folder / "model.safetensors").write_bytes((tmp_path / other / "model.safetensors").read_bytes())
        with pytest.raises(ValueError, match=message):
            load_model(folder)
    (folder / "model.safetensors").write_bytes(own)
    rewrite(folder / "model.safetensors", **{"model.norm.weight": torch.zeros(32, dtype=torch.float64)})
    with pytest.raises(ValueError, match=r"model\.norm\.weight is of type 'F64'"):
        load_model(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_type": "gpt2"}, "model_type is 'gpt2'"),
        ({"hidden_act": "gelu"}, "hidden_act is 'gelu'"),
        ({"tie_word_embeddings": True}, "tied embeddings"),
        ({"rope_scaling": {"type": "linear"}}, "scaled rotary"),
        ({"rope_parameters": {"rope_type": "linear", "rope_theta": 1e4}}, "scaled rotary"),
        ({"rope_parameters": {"rope_theta": 1e4, "factor": 8.0}}, "scaled rotary"),
        ({"num_hidden_layers": 10**9}, "num_hidden_layers is 1000000000"),
        ({"num_hidden_layers": "2"}, "num_hidden_layers is '2'"),
        ({"num_attention_heads": True}, "num_attention_heads is True"),
        ({"num_attention_heads": 5}, "multiple of heads 5"),
        ({"hidden_size": -32}, "hidden_size is -32"),
        ({"rms_norm_eps": None}, "rms_norm_eps is None"),
        ({"head_dim": 16}, "head_dim is 16"),
    ],
)
def test_a_config_of_something_else_is_refused(folder: Path, changes: dict[str, object], message: str) -> None:
    change_config(folder, **changes)
    with pytest.raises(ValueError, match=message):
        load_model(folder)


def test_another_vocabulary_is_refused(folder: Path) -> None:
    path = folder / "tokenizer.json"
    for text in (path.read_text().replace('" win"', '" won"'), '{"model": null}', '{"model": ["vocab"]}', "{}"):
        path.write_text(text)
        with pytest.raises(ValueError, match="another vocabulary"):
            load_model(folder)


def test_a_pipe_in_place_of_a_file_does_not_hang(folder: Path) -> None:
    (folder / "config.json").unlink()
    os.mkfifo(folder / "config.json")
    with pytest.raises(ValueError, match="not a plain file"):
        load_model(folder)
