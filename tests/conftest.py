"""What every test process is given before anything is imported."""

import os

from hypothesis import settings

# Workers of pytest-xdist share the cores, and small models are fastest on one thread. The same figure with one
# worker or many also keeps floating-point sums the same.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Nothing is drawn on a screen and nothing fetched from a hub.
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# The same examples each time: what is found by chance belongs to whoever looks for it, and not to whoever lands next.
settings.register_profile("the same", derandomize=True, database=None)
settings.load_profile("the same")
