#!/usr/bin/env python3
"""Keeps the ledger of Slurm jobs: passes its arguments to `autolab slurm-job-list`.

    ./venv/bin/python scripts/slurm_job_list.py append --manifest MANIFEST --doc docs/slurm_job_list.md

Made by `autolab init --with-scripts`, which leaves it alone from then on.
"""
import os
import shutil
import sys

# The program that made this file. One in the project's node_modules comes first, one on PATH last: another program may
# have that name.
MADE_BY = ["@NODE@", "@AUTOLAB@"]


def program():
    project = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    own = os.path.join(project, "node_modules", ".bin", "autolab")
    if os.access(own, os.X_OK):
        return [own]
    if all(os.path.isfile(path) for path in MADE_BY):
        return list(MADE_BY)
    found = shutil.which("autolab")
    return [] if found is None else [found]


def main():
    argv = program()
    if not argv:
        sys.stderr.write(
            "slurm_job_list.py: autolab was not found: not in node_modules/.bin, not at %s, not on PATH. "
            "Install it, or correct MADE_BY in %s.\n" % (MADE_BY[-1], __file__)
        )
        return 127
    argv = argv + ["slurm-job-list"] + sys.argv[1:]
    try:
        os.execv(argv[0], argv)
    except OSError as error:
        sys.stderr.write("slurm_job_list.py: %s cannot be run: %s\n" % (argv[0], error))
        return 126


if __name__ == "__main__":
    sys.exit(main())
