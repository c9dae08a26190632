/** The Python lines that teach: ready to paste, with this host's own address filled in. Pure. */

/** A first script for an empty workspace or experiment. */
export function firstRun(trackingUri: string, experiment: string): string {
  return `import mlflow

mlflow.set_tracking_uri(${quote(trackingUri)})
mlflow.set_experiment(${quote(experiment)})

with mlflow.start_run():
    mlflow.log_params({"lr": 3e-4, "batch_size": 64})
    for step in range(100):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)`;
}

/** The lines that send an existing script's runs here. */
export function connect(trackingUri: string, experiment: string): string {
  return `import mlflow

mlflow.set_tracking_uri(${quote(trackingUri)})
mlflow.set_experiment(${quote(experiment)})`;
}

/** A Python string literal: JSON's escapes are Python's too, except that Python knows no lone surrogates worth keeping. */
function quote(text: string): string {
  return JSON.stringify(text);
}
