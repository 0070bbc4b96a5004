"""What a run has played or answered, with its thinking, in the terminal: replayed, or followed. It only ever reads."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agents.episode import Episode
from envs.render import MARKS
from envs.render import text as board_text
from envs.visible import clean
from training.run_folder import EPISODES, RunFolder
from xueba import sheet, talk
from xueba.console import GREEN, RED, err, out
from xueba.keys import Keys
from xueba.recorded import Recorded
from xueba.scene import Scene, answered, badge, frames, large_board, mark, outcome, picture, plain, said, scenes
from xueba.sheet import Sheet
from xueba.talk import Talk

HELP = "←/→ step  ↑/↓ game  home/end  space play  n next fault  f follow  o overview  q quit"
OVERVIEW_HELP = "o games  f follow  q quit"


def replay(folder: RunFolder, wanted: int | None, speed: float, *, follow: bool, svg: Path | None) -> None:
    """Show a game of a run and whatever one turns to from there, on a terminal or as lines; or draw it into `svg`.

    Without a game that is `wanted` (1 the first, -1 the last), a terminal shows the run at a glance before.

    Raises:
        ValueError: there is no such game.
    """
    recorded = Recorded(folder.path / EPISODES)
    count, game = recorded.refresh(), -1 if wanted is None else wanted
    if not count and svg is not None:
        raise ValueError(f"run {folder.name} has recorded no game yet, so there is none to draw")
    if not count and not follow:
        raise ValueError(f"run {folder.name} has recorded no game yet; --follow waits for the first")
    if count:
        try:
            recorded.index_of(game)
        except ValueError as error:
            raise ValueError(f"--game is {game}, but run {folder.name} has games {error} (-1 is the last)") from None
    console = out()
    if svg is not None:
        _picture(folder.name, recorded, game, svg)
    elif console.is_terminal and not console.is_dumb_terminal:
        viewer = Viewer(folder.name, recorded, game, speed, follow=follow)
        _interactive(console, viewer, folder, glance=wanted is None and not follow)
    else:
        _plainly(recorded, game, follow=follow)


def overview(folder: RunFolder, console: Console) -> RenderableType:
    """The run at a glance, as its training shows it: how good it is, its rates, alarms and the newest game.

    Raises:
        ValueError: the run's config is damaged.
    """
    from xueba.live import ConsoleLogger  # brings torch along

    glance = ConsoleLogger(folder.config(), folder.name, Console(width=console.width, quiet=True))
    glance.remember(folder.metrics())
    rows = folder.metrics()
    glance.step = rows[-1]["step"] if rows else 0
    glance.stage = "not measured yet" if not rows else "as it stands"
    for event in folder.events():
        glance.event(event["step"], str(event.get("kind")), str(event.get("text")))
    return glance.render()


class Viewer:
    """Which game and which move of it is looked at, and how that looks."""

    def __init__(self, name: str, recorded: Recorded, game: int = -1, speed: float = 1.0, *, follow: bool = False):
        self.name, self.recorded, self.speed, self.follow = name, recorded, speed, follow
        self.playing = follow
        self.index = recorded.index_of(game) if recorded.starts else 0
        self.at = 0
        self._load()

    def _load(self) -> None:
        """Read the game at `index`."""
        self.episode: Episode | None = None
        self.scenes: Sequence[Scene | Sheet | Talk] = []
        self.step, self.trouble = 0, ""
        if not self.recorded.starts:
            self.trouble = "no game has been recorded yet"
            return
        try:
            self.step, self.episode = self.recorded.game(self.index)
            self.scenes = frames(self.episode)
        except ValueError as error:
            self.episode, self.trouble = None, f"this game cannot be shown: {clean(str(error))}"

    def go(self, index: int, at: int = 0) -> None:
        """Look at another game."""
        index = max(0, min(index, len(self.recorded.starts) - 1))
        if index != self.index or self.episode is None:
            self.index = index
            self._load()
        self.at = max(0, min(at, len(self.scenes) - 1))

    def press(self, key: str) -> bool:
        """Do what a key says; False to leave."""
        last = len(self.scenes) - 1
        if key == "q":
            return False
        if key == " ":
            self.playing = not self.playing
            self.at = 0 if self.playing and self.at == last else self.at
        elif key == "f":
            self.follow = not self.follow
            self.playing = self.follow or self.playing
        elif key == "n":
            self._next_fault()
        elif key in ("left", "right", "home", "end"):
            self.playing = self.follow = False
            self.at = max(0, min({"left": self.at - 1, "right": self.at + 1, "home": 0, "end": last}[key], last))
        elif key in ("up", "down"):
            self.follow = False
            self.go(self.index + (1 if key == "down" else -1))
        return True

    def _next_fault(self) -> None:
        """On to the next reply, in this game or a later one, that was refused, or less than right."""
        self.playing = self.follow = False
        here, at = self.index, self.at
        for index in range(here, len(self.recorded.starts)):
            self.go(index)
            for number, scene in enumerate(self.scenes):
                if (index > here or number > at) and scene.fault:
                    self.at = number
                    return
        self.go(here, at)

    def tick(self) -> None:
        """One move on, and after the last one to the next game or the newest."""
        if self.playing and self.at < len(self.scenes) - 1:
            self.at += 1
        elif self.follow and self.recorded.starts:
            newest = len(self.recorded.starts) - 1
            if self.index != newest or self.episode is None:
                self.go(newest)
        elif self.playing and self.index < len(self.recorded.starts) - 1:
            self.go(self.index + 1)

    def render(self, height: int = 24) -> RenderableType:
        """The whole screen, at most 80 columns wide and `height` high."""
        count = len(self.recorded.starts)
        mode = "following" if self.follow else "playing" if self.playing else ""
        what = "question" if self.scenes and isinstance(self.scenes[0], Sheet) else "game"
        number = self.recorded.numbers[self.index] if count else 0
        head = Text.assemble((clean(self.name, 40), "bold"), f"  {what} {number} of {count}  ", (mode, GREEN))
        if self.episode is None:
            return Group(head, Text(""), Text(self.trouble, RED), Text(""), Text(HELP, "dim"))
        return Group(head, show(self.episode, self.scenes, self.at, self.step, height - 2), Text(HELP, "dim"))


def show(
    episode: Episode, found: Sequence[Scene | Sheet | Talk], at: int, step: int, height: int = 22
) -> RenderableType:
    """One moment: of a game the board with all turns beside it, of a problem what is written so far."""
    boards = [scene for scene in found if isinstance(scene, Scene)]
    if boards:
        return _board(episode, boards, at, step, height)
    said_aloud = [here for here in found if isinstance(here, Talk)]
    if said_aloud:
        return talk.written(episode, said_aloud, at, height)
    asked = [page for page in found if isinstance(page, Sheet)]
    head = f"{clean(episode.players[0], 20)}, iteration {step}, {sheet.beginning(asked)}"
    return Padding(Group(Text(head, "dim"), Text(""), sheet.written(asked[at], height - 10)), (0, 0, 1, 0))


def _board(episode: Episode, found: list[Scene], at: int, step: int, height: int) -> RenderableType:
    """The board, every turn beside it, and in full what was just thought."""
    scene = found[at]
    names = Text.assemble(
        mark(0), f" {clean(episode.players[0], 20)} against ", mark(1), f" {clean(episode.players[1], 20)}",
        (f"   number {episode.number}, iteration {step}", "dim"),
    )  # fmt: skip
    board = large_board(scene)
    rows = board.plain.count("\n") + 1
    sides = Table.grid(padding=(0, 2, 0, 0))
    sides.add_column(no_wrap=True)
    sides.add_column(no_wrap=True, overflow="ellipsis", width=76 - scene.game.shape[1] * 4)
    sides.add_row(board, _turns(found, at, max(rows, min(len(found), height - 9)), episode))
    return Padding(Group(names, Text(""), sides, Text(""), _detail(scene, episode)), (0, 0, 1, 0))


def _turns(found: list[Scene], at: int, rows: int, episode: Episode) -> Text:
    """A line a turn, `rows` of them around the present one."""
    first = max(0, min(at - rows // 2, len(found) - rows))
    lines = Text(no_wrap=True, overflow="ellipsis")
    for number in range(first, min(len(found), first + rows)):
        turn = found[number].turn
        here = number == at
        lines.append("\n" if number > first else "").append("▸ " if here else "  ", "bold")
        if turn is None:
            opening = " ".join(found[number].game.moves[move] for move in episode.opening)
            lines.append(f"random opening {opening}" if opening else "the game begins", "dim")
            continue
        lines.append_text(mark(turn.seat)).append(f" {answered(turn):<3}", "bold" if here else "")
        if badge(turn):
            lines.append(f"{badge(turn)} ", f"bold {RED}")
        lines.append(said(turn), "italic" if here else "italic dim")
    return lines


def _detail(scene: Scene, episode: Episode) -> RenderableType:
    """What was thought at this move, how sure the player was, and what the rules said."""
    turn = scene.turn
    ended = not scene.turn or not scene.turn.verdict.legal or bool(scene.game.done(scene.state)[0])
    end = Text(outcome(episode), "bold") if ended and turn is not None else Text("")
    if turn is None:
        return Group(Text(""), Text(""), Text(""), end)
    reply = turn.reply
    verb = " wrote  " if turn.verdict.kind == "malformed" else " thinks  "
    first = Text.assemble(mark(turn.seat), (verb, "dim"), (clean(said(turn), 160), "italic"))
    numbers = Text("  ")
    if reply.value is not None:
        numbers.append(f"expects {reply.value:+.2f}  ", "dim")
    for share, move in sorted(zip(reply.policy, scene.game.moves, strict=False), reverse=True)[:4]:
        numbers.append(f" {move} ", "bold").append("█" * round(8 * max(0.0, min(1.0, share))) + f" {share:.0%} ", "dim")
    wrong = Text(f"{badge(turn)}: {clean(turn.verdict.reason, 150)}", f"bold {RED}") if badge(turn) else Text("")
    return Group(first, numbers, wrong, end)


def _interactive(console: Console, viewer: Viewer, folder: RunFolder, *, glance: bool) -> None:
    due = time.monotonic() + 1 / viewer.speed
    trained = (folder.path / "config.json").is_file()  # a tournament has no such overview
    glance = glance and trained
    with Keys() as keys, Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            shown = (
                Group(overview(folder, console), Text(OVERVIEW_HELP, "dim"))
                if glance
                else viewer.render(console.height)
            )
            live.update(shown, refresh=True)
            key = keys.read(max(0.0, min(1.0, due - time.monotonic())))
            if key == "o" and trained:
                glance = not glance
            elif key:
                glance = glance and key == " "
                if not viewer.press(key):
                    return
            if time.monotonic() >= due:
                viewer.recorded.refresh()
                if not glance:
                    viewer.tick()
                due = time.monotonic() + 1 / viewer.speed


def _plainly(recorded: Recorded, game: int, *, follow: bool) -> None:
    """For a file or a pipe: each game as text, move by move; with `follow`, for ever."""
    index = recorded.index_of(game) if recorded.starts else 0
    while True:
        while index < len(recorded.starts):
            try:
                print(as_text(*recorded.game(index)))
            except ValueError as error:
                print(f"game {recorded.numbers[index]} cannot be shown: {clean(str(error))}", file=sys.stderr)
            index += 1
            if not follow:
                return
        sys.stdout.flush()
        if not follow:
            return
        time.sleep(0.5)
        recorded.refresh()
        index = min(index, len(recorded.starts))


def as_text(step: int, episode: Episode) -> str:
    """An episode as plain lines: every board with its move and thinking, or a question and what was written to it."""
    if episode.game.startswith("arena:"):
        return talk.as_text(episode)
    if isinstance(frames(episode)[0], Sheet):
        page = sheet.sheets(episode)
        return f"iteration {step}, {sheet.beginning(page)}:\n{sheet.written(page[-1], 100).plain}\n"
    parts = [f"iteration {step}, {plain(episode)}"]
    for scene in scenes(episode):
        if scene.turn is not None:
            wrong = f"  {badge(scene.turn)}: {clean(scene.turn.verdict.reason)}" if badge(scene.turn) else ""
            parts.append(f"{MARKS[1 + scene.turn.seat]} {answered(scene.turn)}  {said(scene.turn)}{wrong}")
        parts.append(board_text(scene.game, scene.state, 0, scene.last))
    return "\n".join([*parts, outcome(episode), ""])


def _picture(name: str, recorded: Recorded, game: int, path: Path) -> int:
    """Write one game as an SVG picture."""
    from xueba.picture import write_svg

    index = recorded.index_of(game)
    step, episode = recorded.game(index)
    title = f"{name}, iteration {step}: {outcome(episode)}"
    write_svg(picture(episode), path, title)
    err().print(Text(f"written to {path}"))
    return 0
