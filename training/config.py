"""What a run is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.search import SearchConfig
from llm_policy.model_config import ModelConfig


@dataclass(frozen=True)
class WarmUpConfig:
    """Before any playing: replies of random legal moves, so that the form is known but no skill is."""

    steps: int = 60
    """gradient steps; 0 leaves it out"""
    batch: int = 128
    """replies a step"""
    lr: float = 0.0
    """learning rate at first, falling to nothing at the end; 0: as the optimizer has it"""
    value: bool = False
    """learn also how such random games end: the value of the policy that the warm-up teaches, a critic to begin with"""


@dataclass(frozen=True)
class PlayConfig:
    """Who plays whom while experience is gathered."""

    games: int = 256
    """games an iteration"""
    opening_plies: int = 4
    """up to so many random moves before a game begins, so that all of the game is met"""
    past_share: float = 0.0
    """share of games against a past checkpoint out of the pool"""
    random_share: float = 0.0
    """share of games against random moves"""
    search_share: float = 0.0
    """share of games against plain tree search with random rollouts"""
    search_rollouts: int = 50
    """rollouts a move of that search"""
    pool: int = 12
    """past checkpoints kept as opponents"""
    pool_every: int = 10
    """iterations between two that are kept"""


@dataclass(frozen=True)
class ProblemConfig:
    """Which questions are asked, where the world is a problem."""

    lowest: int = 1
    """lowest level asked; levels from here to `level` are equally likely"""
    level: int = 2
    """highest level asked, and the highest whose worked solutions are shown"""
    reach: int = 0
    """highest level that self-improvement may go on to, and that is measured; 0: none beyond `level`"""
    measured: int = 500
    """questions of each measurement, never asked while learning"""

    @property
    def levels(self) -> tuple[int, int]:
        """The lowest and the highest level that is shown."""
        return self.lowest, self.level

    @property
    def highest(self) -> int:
        """The highest level that is measured."""
        return max(self.level, self.reach)


@dataclass(frozen=True)
class DatasetConfig:
    """How questions of the user's own are read, where the world is a file of JSON lines."""

    validation: str = ""
    """a file of questions for the measurements; without, a sixteenth of the game's own"""
    test: str = ""
    """a file of questions for `xueba eval`; without, a sixteenth of the game's own"""
    compared: str = "literal"
    """answers are compared as literals, exactly; symbolic: by math-verify as well, for LaTeX (extra `symbolic`)"""
    skip_broken: bool = False
    """leave out lines that cannot be used, instead of refusing the file"""


@dataclass(frozen=True)
class OptimizerConfig:
    """AdamW, with a learning rate that rises in the first steps and falls along a cosine over the run."""

    lr: float = 2e-3
    """highest learning rate"""
    final: float = 0.05
    """share of it left at the end"""
    rise: int = 50
    """steps until it is reached"""
    weight_decay: float = 0.01
    """decoupled weight decay"""
    beta2: float = 0.95
    """decay of the second moment"""
    clip: float = 1.0
    """largest norm of the gradient"""


@dataclass(frozen=True)
class ExpertIterationConfig:
    """How search's findings are learned."""

    batch: int = 256
    """positions a gradient step"""
    reuse: float = 4.0
    """how often a position is learned from, on average"""
    buffer: int = 20_000
    """positions remembered"""
    spoken: float = 0.25
    """share of positions learned with the whole reply; the others up to the policy and the value"""
    outcome_share: float = 0.5
    """share of the game's result in the value learned; the rest is search's own value"""
    rollout_share: float = 0.0
    """share of a random game's result in the value of each position searched, at the beginning"""
    rollout_until: float = 0.5
    """share of the run after which that has fallen to nothing"""
    sampled_plies: int = 100
    """plies whose moves are drawn from the improved policy; later ones are the best found"""


@dataclass(frozen=True)
class PolicyGradientConfig:
    """How rewards are learned, for reinforce, ppo and grpo."""

    rewards: dict[str, float] = field(default_factory=dict)
    """what is worth how much, name and weight in turns: outcome, form, legal and lines in games; process, r1zero,
    binary, answer, reasoning, progress, length, language with problems; 0: only shown. Where none is named, outcome or
    process alone"""
    refused: float = 1.0
    """what a refused reply costs beside the game: where that is lost anyhow, nothing else speaks for legality"""
    rehearsal: int = 64
    """random replies a gradient step by which the form and the legal moves are kept in mind; 0: none"""
    epochs: int = 2
    """passes over each iteration's replies (reinforce always makes one)"""
    batch: int = 512
    """replies a gradient step"""
    clip: float = 0.2
    """PPO's and GRPO's range of the probability ratio"""
    divergence: float = 0.0
    """end an iteration's passes where a batch lies so far, in nats a reply, from the policy before them; 0: never"""
    value_weight: float = 0.5
    """weight of the value's squared error (ppo)"""
    entropy: float = 0.05
    """weight of the entropy of the move (of the first token that names one), at first"""
    final_entropy: float = 0.005
    """the same at the end of the run"""
    discount: float = 0.99
    """what a return keeps from one decision to the next"""
    gae_lambda: float = 0.9
    """generalised advantage estimation: 0 trusts the next value, 1 the result (ppo)"""
    both_seats: bool = True
    """in a game against itself, credit runs through the decisions of both seats (ppo), for rewards that add up to 0"""
    baseline_decay: float = 0.9
    """of the running mean return of each seat (reinforce)"""
    group: int = 8
    """games from one opening (grpo); play.games is a multiple of it"""
    baseline: str = "group"
    """what a game is compared with: mean of its group, of the others in it (leave-one-out) or of the batch (grpo)"""
    scale: str = "none"
    """standard deviation that the difference is divided by: none, of the group, or of the batch (grpo)"""
    ratio: str = "token"
    """probability ratio of each token, or of the whole reply (GSPO) (grpo)"""
    surrogate: str = "clipped"
    """how the ratio is bounded: clipped, cispo, soft (SAPO) or gamma (VESPO) (grpo)"""
    average: str = "sum"
    """tokens are added up to a reply (sum), averaged in each reply, over all tokens (DAPO), or as if all replies were
    max_new long (fixed: Dr. GRPO) (grpo)"""
    clip_high: float = 0.0
    """upper end of the ratio's range, 1 + this; 0: as `clip` (grpo)"""
    ratio_cap: float = 0.0
    """largest ratio that counts against a reply of negative advantage; 0: none (grpo)"""
    kl: float = 0.0
    """weight of the divergence from the policy that the warm-up made; 0: none (grpo)"""
    kl_corrected: bool = True
    """multiply that by the probability ratio, which makes its gradient unbiased (grpo)"""
    off_policy: float = 0.0
    """leave out replies of negative advantage that were so many nats a token likelier when written; 0: none (grpo)"""
    top_entropy: float = 1.0
    """share of the tokens learned from, those of the highest entropy (grpo)"""
    overlong: int = 0
    """so many tokens before max_new a reply begins to cost, rising to `overlong_cost`; 0: never (grpo)"""
    overlong_cost: float = 1.0
    """what a reply of max_new tokens costs"""
    length_margin: int = 16
    """so many tokens before max_new a right answer begins to cost, where `length` is among the rewards"""
    mask_truncated: bool = False
    """leave out replies that were cut off at max_new tokens, instead of calling them wrong"""
    drop: bool = True
    """leave out groups whose games all have the same reward (grpo)"""
    credit: str = "reply"
    """on which tokens a reply's advantage falls: all of the reply, or where it is negative and the rules name the line
    at fault, those of that line (grpo)"""
    refills: int = 0
    """how often new groups are played in the place of such groups, before the update (grpo)"""
    temperature: float = 1.0
    """of sampling; anything but 1 is off-policy"""
    mask: bool = False
    """sample only well-formed, legal replies: a cold start without warm-up"""
    max_new: int = 24
    """longest reply, in tokens"""


@dataclass(frozen=True)
class SelfImprovementConfig:
    """How far the model goes by its own solutions; sampling and batches are those of `policy_gradient`."""

    rise: float = 0.8
    """share of the questions at the frontier that must be right for it to rise"""
    learn: bool = True
    """learn its own right solutions; without, only worked ones are read, in as many steps: the control"""


@dataclass(frozen=True)
class DistillationConfig:
    """From whom and how the student learns; sampling and batches are those of `policy_gradient`."""

    teacher: str = ""
    """a run of the same world (runs/NAME: its best checkpoint), or the folder of a model"""
    divergence: str = "reverse"
    """what is made small at each token: forward KL(teacher || student), reverse, or jensen-shannon"""
    own: float = 1.0
    """share of the replies that the student writes itself (on-policy); the others are the teacher's"""


@dataclass(frozen=True)
class MeasureConfig:
    """How good it is, and when that is looked at."""

    every: int = 5
    """iterations between two measurements"""
    games: int = 100
    """games against each opponent"""
    solved: int = 3
    """stop after so many perfect measurements in a row; 0 never stops early"""


@dataclass(frozen=True)
class Config:
    """One training run. The same config and seed give the same weights, bit by bit, on the same machine."""

    game: str = "tic-tac-toe"
    """which world: a name, a file of JSON lines, or reasoning-gym:TASK"""
    algorithm: str = "expert-iteration"
    """expert-iteration, ppo, reinforce, grpo, reading, self-improvement or distillation"""
    view: str = "board"
    """what the model is shown: board, moves or both"""
    seed: int = 0
    """of everything that is random"""
    iterations: int = 80
    """rounds of playing and learning"""
    threads: int = 2
    """parts of the games that are played side by side, and threads that compute"""
    checkpoint_every: int = 5
    """iterations between two checkpoints"""
    model: ModelConfig = field(default_factory=lambda: ModelConfig(layers=3, width=64, heads=4, kv_heads=4, hidden=192))
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    warm_up: WarmUpConfig = field(default_factory=WarmUpConfig)
    play: PlayConfig = field(default_factory=PlayConfig)
    problem: ProblemConfig = field(default_factory=ProblemConfig)
    dataset: DatasetConfig = field(default_factory=DatasetConfig)
    search: SearchConfig = field(default_factory=lambda: SearchConfig(simulations=24, noise=0.25))
    expert_iteration: ExpertIterationConfig = field(default_factory=ExpertIterationConfig)
    policy_gradient: PolicyGradientConfig = field(default_factory=PolicyGradientConfig)
    self_improvement: SelfImprovementConfig = field(default_factory=SelfImprovementConfig)
    distillation: DistillationConfig = field(default_factory=DistillationConfig)
    measure: MeasureConfig = field(default_factory=MeasureConfig)
