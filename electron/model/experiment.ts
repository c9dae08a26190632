export interface Experiment {
  /** Digits only, as MLflow clients expect; never parsed as a number. See `experimentIdOf`. */
  id: string;
  name: string;
  /** `mlflow-artifacts:/<id>` unless the client asked for another place. */
  artifactLocation: string;
  createdAt: number;
  updatedAt: number;
  tags: Readonly<Record<string, string>>;
  deletedAt?: number;
}
