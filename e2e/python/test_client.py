"""What a training script does, with the stock client and nothing but `set_tracking_uri`."""

import json
import math
import os
import random
import subprocess
import sys
import time

import mlflow
import pytest
from conftest import verify
from mlflow import MlflowClient


def test_a_script_logs_everything(host, tmp_path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    mlflow.set_tracking_uri(host.url)
    experiment = mlflow.set_experiment("first light")
    with mlflow.start_run(run_name="parent") as parent:
        mlflow.log_params({"lr": 0.01, "layers": 3, "note": "two\nlines"})
        mlflow.log_param("optimizer", "adam")
        for step in range(50):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"acc": 0.5, "f1": 0.4}, step=1)
        mlflow.log_metrics({"acc": 0.75, "f1": 0.6}, step=2)
        mlflow.log_metric("diverged", float("nan"))
        mlflow.log_metric("huge", float("inf"))
        mlflow.set_tags({"team": "vision", "stage": "draft"})
        mlflow.set_tag("stage", "final")
        local = tmp_path / "notes.txt"
        local.write_text("hello")
        folder = tmp_path / "plots"
        (folder / "deep").mkdir(parents=True)
        (folder / "a.csv").write_text("x,y\n1,2\n")
        (folder / "deep" / "b.json").write_text("{}")
        mlflow.log_artifact(str(local))
        mlflow.log_artifact(str(local), artifact_path="docs")
        mlflow.log_artifacts(str(folder), artifact_path="plots")
        mlflow.log_dict({"a": [1, 2, 3]}, "config/settings.json")
        mlflow.log_text("some text — ünïcödé", "text/ü ß.txt")
        figure, axes = plt.subplots()
        axes.plot([0, 1], [1, 0])
        mlflow.log_figure(figure, "figures/line.png")
        with mlflow.start_run(run_name="child", nested=True) as child:
            mlflow.log_metric("loss", 0.1)

    client = MlflowClient()
    run = client.get_run(parent.info.run_id)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "parent"
    assert run.data.params == {"lr": "0.01", "layers": "3", "note": "two\nlines", "optimizer": "adam"}
    assert run.data.metrics["loss"] == pytest.approx(1 / 50)
    assert run.data.metrics["acc"] == 0.75
    assert math.isnan(run.data.metrics["diverged"])
    assert run.data.tags["stage"] == "final"
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [(point.step, point.value) for point in history] == [(step, 1 / (step + 1)) for step in range(50)]

    found = mlflow.search_runs([experiment.experiment_id], filter_string="metrics.acc > 0.7 and params.optimizer = 'adam'")
    assert list(found["run_id"]) == [run.info.run_id]
    nested = mlflow.search_runs([experiment.experiment_id], filter_string=f"tags.mlflow.parentRunId = '{run.info.run_id}'")
    assert list(nested["run_id"]) == [child.info.run_id]

    def files(path=None):
        for entry in client.list_artifacts(run.info.run_id, path):
            if entry.is_dir:
                yield from files(entry.path)
            else:
                yield entry.path, entry.file_size

    assert dict(files()).keys() == {
        "notes.txt",
        "docs/notes.txt",
        "plots/a.csv",
        "plots/deep/b.json",
        "config/settings.json",
        "text/ü ß.txt",
        "figures/line.png",
    }
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/text/ü ß.txt") == "some text — ünïcödé"
    assert mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/config/settings.json") == {"a": [1, 2, 3]}
    copied = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="plots", dst_path=str(tmp_path / "back"))
    assert open(f"{copied}/a.csv").read() == "x,y\n1,2\n"


def test_experiments_and_runs_are_found_changed_deleted_and_restored(host):
    client = MlflowClient()
    first = client.create_experiment("alpha", tags={"owner": "vision"})
    client.create_experiment("beta")
    assert {experiment.name for experiment in client.search_experiments()} == {"alpha", "beta", "Default"}
    assert [e.name for e in client.search_experiments(filter_string="tags.owner = 'vision'")] == ["alpha"]
    client.rename_experiment(first, "gamma")
    client.set_experiment_tag(first, "owner", "speech")
    assert client.get_experiment(first).tags["owner"] == "speech"
    runs = [client.create_run(first, run_name=f"run {number}") for number in range(5)]
    client.log_batch(runs[0].info.run_id, metrics=[mlflow.entities.Metric("m", 1.0, 1, 0)], params=[mlflow.entities.Param("p", "1")])
    client.delete_run(runs[1].info.run_id)
    assert len(client.search_runs([first])) == 4
    assert len(client.search_runs([first], run_view_type=mlflow.entities.ViewType.ALL)) == 5
    client.restore_run(runs[1].info.run_id)
    client.set_tag(runs[2].info.run_id, "k", "v")
    client.delete_tag(runs[2].info.run_id, "k")
    assert "k" not in client.get_run(runs[2].info.run_id).data.tags
    client.update_run(runs[3].info.run_id, name="renamed")
    assert client.get_run(runs[3].info.run_id).info.run_name == "renamed"
    client.delete_experiment(first)
    assert client.get_experiment(first).lifecycle_stage == "deleted"
    with pytest.raises(mlflow.exceptions.MlflowException):
        client.log_metric(runs[0].info.run_id, "m", 2.0)
    client.restore_experiment(first)
    assert len(client.search_runs([first])) == 5


def test_bad_input_names_the_field_and_changes_nothing(host):
    client = MlflowClient()
    run = client.create_run("0")
    run_id = run.info.run_id
    client.log_param(run_id, "lr", "0.1")
    with pytest.raises(mlflow.exceptions.MlflowException, match="lr"):
        client.log_param(run_id, "lr", "0.2")
    with pytest.raises(mlflow.exceptions.MlflowException):
        client.log_metric("f" * 32, "m", 1.0)
    with pytest.raises(mlflow.exceptions.MlflowException):
        client.search_runs(["0"], filter_string="metrics.m >> 1")
    with pytest.raises(mlflow.exceptions.MlflowException):
        client.get_experiment("123456")
    assert client.get_run(run_id).data.params == {"lr": "0.1"}
    assert client.get_run(run_id).data.metrics == {}


def test_sklearn_autologging_and_a_fit(host):
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    mlflow.set_experiment("autolog")
    mlflow.sklearn.autolog()
    try:
        features, labels = load_iris(return_X_y=True)
        with mlflow.start_run() as run:
            LogisticRegression(max_iter=200).fit(features, labels)
        with mlflow.start_run() as search:
            GridSearchCV(LogisticRegression(max_iter=200), {"C": [0.1, 1.0]}, cv=2).fit(features, labels)
    finally:
        mlflow.sklearn.autolog(disable=True)
    logged = MlflowClient().get_run(run.info.run_id)
    assert logged.info.status == "FINISHED"
    assert logged.data.params["max_iter"] == "200"
    assert logged.data.metrics["training_accuracy_score"] > 0.9
    names = {entry.path for entry in MlflowClient().list_artifacts(run.info.run_id)}
    assert "estimator.html" in names
    children = mlflow.search_runs(filter_string=f"tags.mlflow.parentRunId = '{search.info.run_id}'")
    assert len(children) == 2


SCRIPT = """
import json, os, sys
import mlflow
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("survivor")
with mlflow.start_run(run_name="survivor") as run:
    print("run", run.info.run_id, flush=True)
    step = 0
    while not os.path.exists(sys.argv[2]):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
        print("acked", step, flush=True)
        if step % 10 == 0:
            mlflow.log_param(f"p{step}", step)
        if step % 25 == 0:
            mlflow.log_text(f"checkpoint {step}", f"checkpoints/{step}.txt")
        step += 1
print("finished", flush=True)
"""


def test_nothing_acknowledged_is_lost_when_the_host_is_killed(host, tmp_path):
    """25 random kills while the client logs; its own retries carry the script through."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    stop = tmp_path / "stop"
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    log = open(tmp_path / "train.log", "w+")
    # The client's own retries, only with shorter pauses so that most kills meet a request.
    environment = {**os.environ, "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1", "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0.1"}
    child = subprocess.Popen(
        [sys.executable, str(script), host.url, str(stop)], stdout=log, stderr=subprocess.STDOUT, env=environment
    )

    def wait_for_more(than):
        deadline = time.monotonic() + 60
        while (tmp_path / "train.log").read_text().count("acked ") <= than:
            assert child.poll() is None and time.monotonic() < deadline, (tmp_path / "train.log").read_text()[-2000:]
            time.sleep(0.01)

    try:
        for _ in range(25):
            wait_for_more((tmp_path / "train.log").read_text().count("acked "))
            time.sleep(dice.uniform(0.0, 0.2))
            host.kill()
            host.start()
        wait_for_more((tmp_path / "train.log").read_text().count("acked "))
        stop.touch()
        assert child.wait(timeout=300) == 0, (tmp_path / "train.log").read_text()[-2000:]
    finally:
        if child.poll() is None:
            child.kill()
    lines = (tmp_path / "train.log").read_text().splitlines()
    assert lines[-1] == "finished", f"seed {seed}"
    acked = [int(line.split()[1]) for line in lines if line.startswith("acked ")]
    assert len(acked) > 20, f"seed {seed}"
    client = MlflowClient()
    runs = mlflow.search_runs(search_all_experiments=True, filter_string="attributes.run_name = 'survivor'")
    assert len(runs) == 1, f"seed {seed}: the retried create made a second run"
    run_id = runs["run_id"][0]
    assert [line.split()[1] for line in lines if line.startswith("run ")] == [run_id]
    history = [(point.step, point.value) for point in client.get_metric_history(run_id, "loss")]
    assert history == [(step, 1 / (step + 1)) for step in acked], f"seed {seed}"
    params = client.get_run(run_id).data.params
    assert params == {f"p{step}": str(step) for step in acked if step % 10 == 0}, f"seed {seed}"
    files = {entry.path for entry in client.list_artifacts(run_id, "checkpoints")}
    assert files == {f"checkpoints/{step}.txt" for step in acked if step % 25 == 0}, f"seed {seed}"
    assert host.stop() == 0
    checked = verify(host.workspace)
    assert checked.returncode == 0, f"seed {seed}: {checked.stdout}"
    json.loads(checked.stdout)
