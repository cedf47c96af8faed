"""gk under inputs that somebody mutated: definitions, gk.yaml, built folders, revisions, and what a
Grafana answers.

    python -m tests.fuzz --inputs 10000 --seed 1

Each input goes through gk build, gk diff in its four forms, or gk push --dry-run, as far as it can.
What is looked for is a traceback, an exit code that is none of 0, 1 and 2, a run that takes longer
than ten seconds of a processor, and a file that is written outside the folder. What is found is
kept in a folder, with the seed and the number that make it again: `--only NUMBER`.
"""
