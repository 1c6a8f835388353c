/** A good one of every document of a project, with everything in it that there can be. */

export const DOCUMENTS: Readonly<Record<string, string>> = {
  '.autolab/state.json': `{
  "iteration_id": "iter1",
  "experiment_id": "e1",
  "stage": "launch",
  "stage_attempt": 0,
  "max_stage_attempts": 3,
  "last_run_id": "20261101T000000Z-abcdef",
  "pending_run_id": "",
  "sync_status": "ok",
  "max_total_iterations": 5,
  "history": [
    {"at": "2026-11-01T00:00:00Z", "code": "run.completed", "run_id": "r1"}
  ]
}
`,
  '.autolab/backlog.yaml': `# the plan
hypotheses:
  - id: h1
    status: open
    title: It learns
    success_metric: accuracy
    target_delta: 0.1
experiments:
  - id: e1 # the first
    hypothesis_id: h1
    status: open
    iteration_id: iter1
    type: study
`,
  '.autolab/launch.yaml': `host_mode: local
poll:
  min_seconds: 5
  max_seconds: 300
confirm:
  timeout_seconds: 300
submit:
  hold: true
  reconcile_seconds: 60
require_clean_tree: false
keep_temporary: false
`,
  '.autolab/remote_profiles.yaml': `default_profile: here
profiles:
  here:
    mode: shared_fs
  cluster:
    mode: rsync
    login_host: user@login.example.org
    remote_repo_root: /home/user/runs
    scratch: /scratch/user
    python: python3
    setup: module load git
    connect_timeout_seconds: 15
    exclude:
      - data/
      - "*.ckpt"
`,
  '.autolab/todo_focus.json': `{
  "generated_at": "2026-11-01T00:00:00Z",
  "stage": "design",
  "open_task_count": 1,
  "focus_tasks": [
    {"task_id": "t1", "stage": "design", "source": "user", "text": "Think", "status": "open", "done": false}
  ]
}
`,
  '.autolab/experiment_file_line_limits.yaml': `version: 1
line_limits:
  fixed_max_lines:
    launch/run_local.sh: 160
    launch/run_slurm.sbatch: 120
    runs/<RUN_ID>/notes.md: 50
  run_manifest_dynamic:
    target: runs/<RUN_ID>/run_manifest.json
    min_lines: 100
    max_lines: 4000
    base_lines: 100
    per_k_result_lines: 10
`,
  'docs/environment.md': `# Environment

## Activation

\`\`\`bash
# nothing to activate
\`\`\`

## Activation on Slurm

\`\`\`bash
module load python
\`\`\`
`,
  'experiments/iter1/design.yaml': `id: d1
iteration_id: iter1
hypothesis_id: h1
entrypoint:
  module: package.train
  args:
    epochs: 3
    use_amp: true
    out: "{{run_dir}}/x"
compute:
  location: slurm
  time: "00:05:00"
  memory: 1G
  cpus: 1
  gpu_count: 1
  gpu_type: a100
  partition: gpu,short
  qos: high
  account: 12345
  constraint: a100&nvlink
  nodes: 1
  ntasks: 1
  exclude: node[01-03]
  reservation: maint
  nice: 5
  requeue: false
artifacts:
  - metrics.json
  - path: "checkpoints/**"
    required: false
    from: "{{scratch}}/checkpoints"
`,
  'experiments/iter1/review_result.json': `{
  "status": "pass",
  "blocking_findings": [],
  "required_checks": {
    "tests": "pass",
    "dry_run": "pass",
    "schema": "pass",
    "env_smoke": "skip",
    "docs_target_update": "skip"
  },
  "reviewed_at": "2026-11-01T00:00:00Z"
}
`,
};
