import { markup } from '../markup.ts';
import type { RunRecord } from '../read-record.ts';
import { pageText } from './shell.ts';
import { hintOf, pageVerdict, proseOf, verdictOfManifest } from './verdict.ts';

/** A run on one page: what a person wants to see of its record. Pure. */
export function renderRunPage({ manifest, view }: RunRecord): string {
  const about = markup`${manifest.iteration_id} <b>${manifest.run_id}</b>`;
  const message = manifest.message ?? '';
  const head = pageVerdict({
    ...verdictOfManifest(manifest),
    about,
    message,
    lines: [proseOf(hintOf(view, manifest))],
  });
  return pageText({ title: manifest.run_id, head, sections: [], foot: markup`${manifest.run_id}` });
}
