"""A real host for the stock MLflow client: started by the command a user types, on a free port, in a temporary folder."""

import os
import pathlib
import re
import signal
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NODE = os.environ.get("DAYBOOK_NODE", "node")
COMMAND = [NODE, str(ROOT / "electron" / "daybook.mjs")]


class Host:
    """One `daybook host`; restartable on the same port and workspace."""

    def __init__(self, workspace: pathlib.Path):
        self.workspace = workspace
        self.port = 0
        self.process: subprocess.Popen | None = None
        self.url = ""

    def start(self) -> "Host":
        environment = {**os.environ, "DAYBOOK_NO_BUILD": "1"}
        self.process = subprocess.Popen(
            [*COMMAND, "host", "--workspace", str(self.workspace), "--port", str(self.port), "--no-open"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        line = self.process.stdout.readline()
        ready = re.fullmatch(r"ready (http://127\.0\.0\.1:(\d+))\s*", line)
        assert ready, f"host said {line!r}"
        self.url, self.port = ready[1], int(ready[2])
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        return self

    def kill(self) -> None:
        """What a power cut leaves behind: no signal handler runs."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=30)


def verify(workspace: pathlib.Path) -> subprocess.CompletedProcess:
    return subprocess.run([*COMMAND, "verify", str(workspace), "--json"], capture_output=True, text=True, timeout=120)


@pytest.fixture
def host(tmp_path, monkeypatch):
    started = Host(tmp_path / "workspace").start()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", started.url)
    import mlflow

    mlflow.set_tracking_uri(started.url)
    yield started
    if mlflow.active_run():
        mlflow.end_run()
    if started.process.poll() is None:
        assert started.stop() == 0
    checked = verify(started.workspace)
    assert checked.returncode == 0, checked.stdout
