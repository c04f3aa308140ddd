"""What `make torture` calls survived: each kind of failure is noticed."""

import signal
import sys
import time

import pytest

from tests.torture import ends, runs
from tests.torture.ends import ended
from tests.torture.runs import start
from tests.torture.test_mutations import ROWS
from tests.tracked import ROOT

# Does something on Ctrl-C, and otherwise ends after 0.6 s, having done all.
RUN = """
import os, signal, sys, time
def die():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
def say(text): print(text, file=sys.stderr, flush=True)
def handle(*_):
    {}
signal.signal(signal.SIGINT, handle)
print("picture", flush=True)
open(sys.argv[1], "w").close()
for _ in range(12): time.sleep(0.05)
"""
AS_IT_SHOULD = "die()"
HANDLERS = {
    "ignored": ("pass", "status 0"),
    "another status": ("sys.exit(2)", "status 2"),
    "with a traceback": ("say('Traceback'); die()", "Traceback"),
    "late": ("time.sleep(0.4); die()", "it took"),
    "never": ("time.sleep(60)", "still ran"),
}


def interrupted(handler, folder):
    started = folder / "started"
    process = start([sys.executable, "-c", RUN.format(handler), str(started)])
    while not started.exists():
        time.sleep(0.01)
    return ended(process, signal.SIGINT, 0.0)


@pytest.mark.parametrize(("handler", "fault"), HANDLERS.values(), ids=HANDLERS)
def test_only_a_prompt_end_without_a_word_is_survived(tmp_path, monkeypatch, handler, fault):
    assert interrupted(AS_IT_SHOULD, tmp_path)
    (tmp_path / "started").unlink()
    monkeypatch.setattr(ends, "PROMPT_S", 0.3)
    monkeypatch.setattr(runs, "LIMIT_S", 1.5)
    with pytest.raises(AssertionError, match=fault):
        interrupted(handler, tmp_path)


def test_a_signal_after_the_end_is_not_counted():
    words = "print('fig1: 1 computed, 0 from the cache', flush=True)"
    for code in ("print('done')", f"import time; {words}; time.sleep(1)"):
        assert not ended(start([sys.executable, "-c", code]), signal.SIGINT, 0.5)


def test_every_mutation_can_be_made():
    """`make torture` finds the text that each is to replace, and the tests that must fail."""
    for row in ROWS:
        if not (ROOT / row["file"].partition("/")[0]).is_dir():
            continue  # Its room has been taken away.
        assert (ROOT / row["file"]).read_text().count(row["old"]) == 1, row
        files = [word for word in row["tests"].split() if word.endswith(".py")]
        assert files and all((ROOT / file).is_file() for file in files), row
    counted = f"| one line of code wrong | {len(ROWS)} ("
    assert counted in (ROOT / "docs" / "artifact.md").read_text()
