"""The entry point on the toy project: python run.py ROOT [arguments]."""

import sys
from pathlib import Path

if __name__ == "__main__":
    root = Path(sys.argv[1])
    sys.path.insert(0, str(root))

    from experiments.engine.errors import guarded
    from experiments.engine.registry import Project
    from experiments.run import main

    project = Project(root, experiments="toylab", figures="toyfigs", libraries=("toylib",))
    sys.exit(guarded(lambda arguments: main(arguments, project), sys.argv[2:]))
