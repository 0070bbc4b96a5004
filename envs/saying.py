"""The form of a reply at the table of the arena, `<think>…</think><say>…</say><answer>…</answer>`.

Only the answer is compulsory. Nobody but its author sees the thinking; `say` goes to the other player. Where no
referee sits, `<ruling>accept</ruling>` or `<ruling>protest</ruling>` before the answer says what one thinks of the
other's move.
Strict and linear, as `envs.reply`: nothing is searched for in prose.
"""

from __future__ import annotations

from dataclasses import dataclass

STANCES = ("accept", "protest")
MAX_REPLY = 64 * 1024
"""bytes"""

_FIELDS = ("think", "say", "ruling", "answer")


@dataclass(frozen=True, slots=True)
class Saying:
    """What a reply says, or why it says nothing: `fault` is empty where the form is right."""

    think: str = ""
    say: str = ""
    stance: str = ""
    """`accept`, `protest` or nothing"""
    answer: str = ""
    fault: str = ""
    fault_zh: str = ""
    """the same in Chinese"""


def parse_said(text: object) -> Saying:
    """Read a reply: each field at most once, in their order, and nothing between them."""
    if not isinstance(text, str):
        return _fault("a reply is text, and this is none", "回答必须是文字")
    if len(text) > MAX_REPLY or (not text.isascii() and len(text.encode("utf-8", "surrogatepass")) > MAX_REPLY):
        return _fault(f"longer than {MAX_REPLY} bytes", f"回答超过 {MAX_REPLY} 字节")
    found: dict[str, str] = {}
    at, lowered = 0, text.lower()
    for name in _FIELDS:
        opening, closing = f"<{name}>", f"</{name}>"
        if lowered.count(opening) > 1 or lowered.count(closing) > 1:
            return _fault(f"{opening} and {closing} may stand once only", f"{opening} 和 {closing} 只能出现一次")
        start, end = text.find(opening), text.find(closing)
        if (start < 0) != (end < 0) or end < start or (start < 0 and opening in lowered):
            why = f"{opening} and {closing} belong together, in this order and these letters"
            return _fault(why, f"{opening} 和 {closing} 必须成对、按此顺序、用小写字母")
        if start < 0:
            continue
        if start < at or text[at:start].strip():
            why = f"{opening} must follow the field before it at once: think, say, ruling, answer"
            return _fault(why, f"{opening} 必须紧接在前一项之后，顺序为 think、say、ruling、answer")
        found[name], at = text[start + len(opening) : end].strip(), end + len(closing)
    if "answer" not in found:
        return _fault("there is no <answer>…</answer>", "没有 <answer>…</answer>")
    if text[at:].strip():
        return _fault("there is text behind the answer", "</answer> 后面还有文字")
    stance = found.get("ruling", "").lower()
    if stance and stance not in STANCES:
        why = f"<ruling> holds accept or protest, not {stance[:40]!r}"
        return _fault(why, f"<ruling> 只能是 accept 或 protest，而不是 {stance[:40]!r}")
    return Saying(found.get("think", ""), found.get("say", ""), stance, found["answer"])


def _fault(en: str, zh: str) -> Saying:
    return Saying(fault=en, fault_zh=zh)
