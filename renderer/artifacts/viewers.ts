/** How a file is shown, decided by its name and size alone: a file's bytes never choose what runs. */
import type { Artifact } from '#model';
import { hostPaths } from '#contract';

export type ViewerKind = 'text' | 'json' | 'table' | 'image' | 'markdown' | 'none';

/** Larger files are only offered for download. */
export const largestPreview = 50_000_000;
/** How much of a text is read at a time. */
export const textStep = 1_000_000;

const kinds: Record<Exclude<ViewerKind, 'none'>, readonly string[]> = {
  image: ['png', 'jpg', 'jpeg', 'gif', 'webp', 'svg'],
  json: ['json', 'geojson', 'ipynb'],
  table: ['csv', 'tsv'],
  markdown: ['md', 'markdown'],
  // HTML among them: it is shown as its source and never run.
  text: 'txt log out err py pyi ipy r jl sh bash zsh ps1 bat js mjs cjs ts tsx jsx css scss html htm xml yaml yml toml ini cfg conf env properties c h cc cpp hpp cu cuh java kt scala go rs rb pl lua sql tex bib rst jsonl ndjson diff patch dockerfile makefile gitignore lock prototxt graphql proto'.split(' '),
};
/** Names without an ending that are text all the same. */
const textNames = new Set(['mlmodel', 'dockerfile', 'makefile', 'mlproject', 'license', 'readme', 'requirements', 'procfile']);

export function viewerOf({ path, size }: Pick<Artifact, 'path' | 'size'>): ViewerKind {
  if (size > largestPreview) return 'none';
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (textNames.has(name)) return 'text';
  const ending = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : '';
  for (const [kind, endings] of Object.entries(kinds)) if (endings.includes(ending)) return kind as ViewerKind;
  return 'none';
}

/** Where the host serves the bytes. Each part of the path is escaped, so a name can hold `?`, `#` or `%`. */
export function artifactUrl(runId: string, path: string): string {
  const escaped = path.split('/').map(encodeURIComponent).join('/');
  return `${hostPaths.artifact}/${encodeURIComponent(runId)}/${escaped}?view=1`;
}
