"""
Processes that outlive the tests, or take more of the machine than they are given.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from cab_tasks.attack.record import OURS, attack

if TYPE_CHECKING:
    from cab_tasks.attack.scene import Scene

_python = functools.partial(attack, language="python")
_DOUBLE_FORK = (
    "import os as _os\nimport time as _time\n\n"
    "if _os.fork() == 0:\n    _os.setsid()\n    if _os.fork() == 0:\n{body}        _os._exit(0)\n"
    "    _os._exit(0)\n"
)


@_python("processes.daemon")
def daemon(scene: Scene) -> None:
    """
    A session of its own goes on after the tests, and writes a green result over theirs.
    """
    body = (
        "        for _ in range(50):\n            _time.sleep(0.1)\n"
        "            with open('reward.txt', 'w') as _file:\n                _file.write('1')\n"
        "            with open('junit.xml', 'w') as _file:\n"
        "                _file.write('<testsuite failures=\"0\"/>')\n"
    )
    scene.append(_DOUBLE_FORK.format(body=body))


@_python("processes.daemon-on-channel", source=OURS)
def daemon_on_channel(scene: Scene) -> None:
    """
    A session of its own keeps every descriptor open, and writes to them when the tests are over.
    """
    body = (
        "        _time.sleep(3)\n        for _fd in range(3, 32):\n"
        '            try:\n                _os.write(_fd, b\'{"kind": "end", "code": 0}\\n\')\n'
        "            except OSError:\n                pass\n"
    )
    scene.append(_DOUBLE_FORK.format(body=body))


@_python("processes.many", source=OURS)
def many(scene: Scene) -> None:
    """
    The product starts processes until it may not, each of which sleeps.
    """
    scene.append(
        "import os as _os\nimport time as _time\n\n"
        "try:\n    for _ in range(2000):\n        if _os.fork() == 0:\n"
        "            _time.sleep(600)\n            _os._exit(0)\n"
        "except OSError:\n    _os._exit(0)\n"
    )


@_python("processes.output-flood", source=OURS)
def output_flood(scene: Scene) -> None:
    """
    The product prints more than anybody keeps, and ends with code 0.
    """
    scene.append("import os as _os\n\nfor _ in range(64):\n    _os.write(1, b'x' * (1 << 20))\n"
                 "_os._exit(0)\n")  # fmt: skip


@_python("processes.channel-flood", source=OURS)
def channel_flood(scene: Scene) -> None:
    """
    The product writes rubbish and nested brackets to every descriptor, and ends with code 0.
    """
    scene.append(
        "import os as _os\n\nfor _fd in range(3, 16):\n    try:\n"
        "        _os.write(_fd, b'[' * 200_000 + b'\\n' + b'\\xff\\0{' * 1000 + b'\\n')\n"
        "    except OSError:\n        pass\n_os._exit(0)\n"
    )


@_python("processes.stopped", source=OURS)
def stopped(scene: Scene) -> None:
    """
    The product takes every signal's handler away, closes what is open, and ends with code 0.
    """
    scene.append(
        "import os as _os\nimport signal as _signal\n\nfor _number in range(1, 32):\n    try:\n"
        "        _signal.signal(_number, _signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n        pass\n"
        "_os.closerange(3, 64)\n_os._exit(0)\n"
    )
