#!/usr/bin/env python3
"""A workflow that leaves its stage `launch` to another program, as docs/how-to/workflow.md says.

    workflow.py PROJECT COMMAND...

Runs the command once and says in one line of JSON what it does next. It knows nothing but the exit status and three
files: no output, no code, no sentence.
"""
import json
import os
import subprocess
import sys

SYNCED = ("ok", "completed", "success")


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            value = json.load(file)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def is_done(project, result, state):
    """Whether the stage is over: the result, the state and the manifest say so, and speak of one run."""
    run = result.get("run_id")
    if result.get("status") != "complete" or result.get("completion_token_seen") is not True:
        return False
    if result.get("run_open") is not False or not isinstance(run, str):
        return False
    if state.get("stage") != "extract_results" or state.get("last_run_id") != run:
        return False
    folder = os.path.join(project, "experiments", str(state.get("iteration_id")), "runs", run)
    manifest = read(os.path.join(folder, "run_manifest.json"))
    synced = (manifest.get("artifact_sync_to_local") or {}).get("status")
    return manifest.get("run_id") == run and manifest.get("status") == "completed" and synced in SYNCED


def next_step(project, status):
    if status in (1, 2, 12):
        return "stop"
    if status == 11:
        return "ask the operator"
    if status in (13, 14, 130) or status < 0:
        return "call again later"
    result = read(os.path.join(project, ".autolab", "agent_result.json"))
    state = read(os.path.join(project, ".autolab", "state.json"))
    if status == 10:
        stage = state.get("stage")
        return "fix, and call again" if stage == "launch" else "do %s" % stage
    if status != 0:
        return "stop"
    if is_done(project, result, state):
        return "do extract_results"
    return "call again later" if result.get("run_open") is True else "stay"


def main():
    project, command = sys.argv[1], sys.argv[2:]
    status = subprocess.call(command, cwd=project, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    print(json.dumps({"status": status, "next": next_step(project, status)}))


main()
