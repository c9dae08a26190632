"""Logs the sample workspace's runs to a running host, with the stock MLflow client.

    python make_sample.py DATA URL

DATA is a folder with the three public data sets named in sample/SOURCES.md; URL is the host. Needs mlflow-skinny,
wandb (to read its run files) and pyyaml. Run by make_sample.mjs, which writes the notes and packs the workspace.
"""

import json
import pathlib
import sys

import yaml
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from wandb.proto import wandb_internal_pb2
from wandb.sdk.internal.datastore import DataStore

GEOM3D_PARAMS = """model_name target_name lr batch_size max_epochs lr_scheduler lr_decay_factor lr_decay_patience min_lr emb_dim
decay seed train_ratio valid_ratio split num_molecules number_of_fragement mixed_precision""".split()
START = 1_706_000_000_000


def batches(items, size):
    for at in range(0, len(items), size):
        yield items[at : at + size]


def log(client, run_id, metrics, params, tags=()):
    client.log_batch(run_id, params=[Param(k, str(v)) for k, v in params.items()], tags=[RunTag(k, v) for k, v in tags])
    for part in batches(metrics, 1000):
        client.log_batch(run_id, metrics=part)


def history(file):
    """Rows of a W&B run file, in order."""
    store = DataStore()
    store.open_for_scan(str(file))
    while True:
        data = store.scan_data()
        if data is None:
            return
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data)
        if record.WhichOneof("record_type") == "history":
            yield {item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}


def geom3d(client, data):
    experiment = client.create_experiment("Molecule energies (Geom3D)")
    for folder in sorted((data / "wandb" / "geom3d").glob("*/wandb/run-2024*")):
        file = next(folder.glob("*.wandb"), None)
        if not file or file.stat().st_size == 0:
            continue
        rows = list(history(file))
        if not 600 < len(rows) < 5000:
            continue
        config = yaml.safe_load((folder / "files" / "config.yaml").read_text())
        params = {key: config[key]["value"] for key in GEOM3D_PARAMS if key in config and config[key]["value"] is not None}
        start, end = (int(rows[at]["_timestamp"] * 1000) for at in (0, -1))
        run = client.create_run(experiment, start_time=start, run_name=f"{params['model_name']}-{folder.name.split('-')[-1][:4]}")
        names = {"train_loss": "loss/train", "val_loss": "loss/validation", "lr": "optimizer/lr"}
        metrics = [
            Metric(name, float(row[key]), int(row["_timestamp"] * 1000), int(row["trainer/global_step"]))
            for row in rows
            for key, name in names.items()
            if isinstance(row.get(key), (int, float)) and "trainer/global_step" in row
        ]
        log(client, run.info.run_id, metrics, params, [("mlflow.source.name", "pl_trainer.py"), ("source.run", folder.name)])
        client.set_terminated(run.info.run_id, "FINISHED", end)


def dopamine(client, data):
    experiment = client.create_experiment("Atari baselines (Dopamine)")
    for game_number, game in enumerate(("breakout", "seaquest")):
        rows = json.loads((data / "tables" / "dopamine-seeds" / "atari" / "data" / f"{game}.json").read_text())
        seeds = {}
        for row in rows:  # each agent's seeds follow one another, iteration by iteration
            runs = seeds.setdefault(row["Agent"], {})
            seed = runs.setdefault(("count", row["Iteration"]), 0)
            runs[("count", row["Iteration"])] = seed + 1
            runs.setdefault(("points", seed), []).append((row["Iteration"], float(row["Value"])))
        for number, (agent, runs) in enumerate(seeds.items()):
            for seed in range(5):
                start = START + (seed * 12 + number * 2 + game_number) * 60_000
                name = f"{game} {agent.split(' (')[0].lower()}{' jax' if 'JAX' in agent else ''} s{seed}"
                run = client.create_run(experiment, start_time=start, run_name=name)
                metrics = [Metric(f"return/{game}", value, start + step * 1000, step) for step, value in runs[("points", seed)]]
                log(client, run.info.run_id, metrics, {"game": game, "agent": agent, "seed": seed})
                client.set_terminated(run.info.run_id, "FINISHED", start + 200_000)


def main():
    data, url = pathlib.Path(sys.argv[1]), sys.argv[2]
    client = MlflowClient(url)
    geom3d(client, data)
    dopamine(client, data)


if __name__ == "__main__":
    main()
