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
