"""What `import xueba` does besides registering the games (see test_gymnasium_adapter)."""

from __future__ import annotations

import os
import subprocess
import sys


def test_threads_wait_asleep_unless_the_user_says_otherwise() -> None:
    code = "import os, xueba; print(os.environ['OMP_WAIT_POLICY'])"
    for own, expected in ((None, "passive"), ("active", "active")):
        environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
        environment |= {"OMP_WAIT_POLICY": own} if own else {}
        said = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        assert said.stdout.strip() == expected


def test_who_reads_no_further_is_no_failure() -> None:
    listing = subprocess.Popen(
        [sys.executable, "-m", "xueba", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert listing.stdout is not None
    assert listing.stderr is not None
    listing.stdout.close()
    assert listing.wait(60) == 0
    assert listing.stderr.read() == ""
