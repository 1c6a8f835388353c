import { describe, expect, it } from 'vitest';
import { inNewestShape } from '../../src/records/format-1/in-newest-shape.ts';
import { manifestSchemaOfFormat1 } from '../../src/records/format-1/manifest-schema.ts';
import { manifestSchemaOfFormat2 } from '../../src/records/format-2/manifest-schema.ts';
import { fromFormat2 } from '../../src/records/format-2/projection.ts';
import { parseJournal } from '../../src/records/journal.ts';
import { manifestSchema } from '../../src/records/manifest-schema.ts';
import { projectManifest, projectManifestText } from '../../src/records/projection.ts';
import { replay, type RunView } from '../../src/records/run-view.ts';
import { autolab, autolabJson } from '../support/autolab.ts';
import { CLOSED, recordOf } from '../support/old-records.ts';
import { makeProject, write } from '../support/project.ts';

/** Records of closed runs that older versions left: the same bytes, for ever (X3). */

function viewOf(journal: string): RunView {
  const read = parseJournal(journal);
  if (read.kind === 'corrupt') throw new Error(read.reason);
  const view = replay(read.entries, read.head);
  if (view === null) throw new Error('it opens no run');
  return view;
}

function inNewest(name: string, manifest: unknown): unknown {
  if (name.startsWith('format-1/')) return inNewestShape(manifestSchemaOfFormat1().parse(manifest));
  // What later formats add is left out of a record that has none of it.
  return name.startsWith('format-2/') ? fromFormat2(manifestSchemaOfFormat2().parse(manifest)) : manifest;
}

describe.each(CLOSED)('the record %s', (name) => {
  const { journal, manifest } = recordOf(name);

  it('projects to the bytes that its version wrote', () => {
    expect(projectManifestText(viewOf(journal))).toBe(manifest);
  });

  it('has the shape of its format, and can be read in the newest one', () => {
    const old = JSON.parse(manifest) as Record<string, unknown>;
    const expected = { run_id: old['run_id'], status: old['status'] };
    expect(manifestSchema.parse(inNewest(name, old))).toMatchObject(expected);
    expect(manifestSchema.parse(projectManifest(viewOf(journal)))).toMatchObject({
      ...expected,
      journal: { format: viewOf(journal).opened.format },
    });
  });

  it('is told, checked and listed by the program as it is', async () => {
    const root = makeProject();
    const { run_id: runId } = viewOf(journal).opened;
    write(root, `experiments/iter1/runs/${runId}/journal.jsonl`, journal);
    write(root, `experiments/iter1/runs/${runId}/run_manifest.json`, manifest);
    const checked = await autolab(root, ['manifest', runId, '--check']);
    expect([checked.status, checked.stderr]).toEqual([0, '']);
    const printed = await autolab(root, ['manifest', runId]);
    expect(printed.stdout).toBe(manifest);
    const inJson = await autolabJson(root, ['manifest', runId]);
    expect(inJson.json['manifest']).toEqual(JSON.parse(manifest));
    const runs = await autolabJson(root, ['runs']);
    expect(runs.json['runs']).toMatchObject([{ run_id: runId, status: viewOf(journal).closed?.status }]);
    const verified = await autolabJson(root, ['verify', runId]);
    const verifiers = verified.json['verifiers'] as { name: string; status: string }[];
    const passed = verifiers.filter(({ status }) => status === 'pass').map((verifier) => verifier.name);
    expect(passed).toEqual(expect.arrayContaining(['manifest_schema', 'projection', 'journal']));
  });
});
