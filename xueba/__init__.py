"""The front door: what `import xueba` offers. It tells Gymnasium of every game and problem, and loads nothing heavy."""

import os

from envs.gymnasium_adapter import register as _register_games
from envs.gymnasium_problems import register as _register_problems

# Torch's threads wait for each other by spinning: where anything else uses the cores, small operations on two threads
# then take 20 times as long. Asleep they cost a little more on an idle machine. It counts only before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

_register_games()
_register_problems()
