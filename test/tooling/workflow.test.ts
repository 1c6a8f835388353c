import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const workflow = parse(readFileSync('.github/workflows/ci.yml', 'utf8'));
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

function commandsOf(job: string): readonly string[] {
  return workflow.jobs[job].steps.flatMap((step: { readonly run?: string }) => step.run ?? []);
}

describe('the workflow', () => {
  it('runs .ci/run, and nothing else, on Node 20, 22 and 24, as root on Debian', () => {
    const { test } = workflow.jobs;
    expect(commandsOf('test')).toEqual(['.ci/run']);
    expect(test.strategy.matrix.node).toEqual([20, 22, 24]);
    expect(test.container.image).toBe('node:${{ matrix.node }}-bookworm');
    expect(statSync('.ci/run').mode & 0o111).toBe(0o111);
    expect(readFileSync('.ci/run', 'utf8')).toContain('\nexec npm test --silent </dev/null\n');
  });

  it('begins with the oldest Node that the package allows', () => {
    expect(manifest.engines.node).toBe(`>=${String(workflow.jobs.test.strategy.matrix.node[0])}.19`);
  });

  it('publishes tags with their provenance, and only after the tests', () => {
    const { release } = workflow.jobs;
    expect(workflow.on.push.tags).toEqual(['v*']);
    expect(release).toMatchObject({
      if: "startsWith(github.ref, 'refs/tags/v')",
      needs: 'test',
      permissions: { contents: 'read', 'id-token': 'write' },
    });
    expect(commandsOf('release').at(-1)).toBe('npm publish --provenance --access public');
  });

  it('may only read the repository, ends in bounded time, and names the version of each action', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(workflow.concurrency.group).toContain('github.ref');
    for (const job of Object.values<any>(workflow.jobs)) {
      expect(job['timeout-minutes']).toBeGreaterThan(0);
      for (const step of job.steps) if (step.uses !== undefined) expect(step.uses).toMatch(/^actions\/[\w-]+@v\d+$/);
    }
  });
});

describe('where the project is', () => {
  it('is said once: the issues and the reports of vulnerabilities go to the repository', () => {
    const home: string = manifest.repository.url.replace(/^git\+(.*)\.git$/, '$1');
    expect(home).toMatch(/^https:\/\/github\.com\/[\w-]+\/[\w-]+$/);
    expect(manifest.bugs).toBe(`${home}/issues`);
    expect(readFileSync('SECURITY.md', 'utf8')).toContain(`<${home}/security/advisories/new>`);
    expect(existsSync('.editorconfig')).toBe(true);
  });
});
