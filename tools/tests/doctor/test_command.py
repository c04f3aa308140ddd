"""The command: what gives no network is no clean bill, and signals end it."""

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from snn_tools import command
from snn_tools.doctor import __main__ as doctor
from snn_tools.doctor.__main__ import main

NO_NETWORKS = {
    "no function": ("own", "", "expected module:function"),
    "ends as it is imported": ("own:build", "import sys; sys.exit(0)", "ended with status 0"),
    "raises": ("own:build", "def build(): raise RuntimeError('none')", "RuntimeError: none"),
    "raises without a word": ("own:build", "def build(): {}['x']", "KeyError: 'x' ("),
    "raises its own": ("own:build", "class E(BaseException): 0\ndef build(): raise E", "E: "),
    "is not Python": ("own:build", "def build(:", "SyntaxError: invalid syntax (own.py, line 1)"),
    "bad settings": (
        "own:build",
        "def build(): return 1, {}, print",
        "build: own:build() returned a tuple of 3 (int, dict, builtin_function_or_method), "
        "expected (program, params), or these and",
    ),
    "no tuple": ("own:build", "def build(): 0", "build: own:build() returned NoneType, exp"),
    "no folder": ("own:build --json none/a.json", "1/0", "--json: got none/a.json, expected"),
    "a folder": ("own:build --png .", "1/0", "--png: got ., expected a file that can be written"),
    "no format": ("own:build --png a.text", "1/0", "expected a name that ends in .png"),
    "a seed like 0": ("own:build --seed 4294967296", "", "got 4294967296, expected 0 to 2^32 - 1"),
    "a negative seed": ("own:build --seed=-1", "", "expected 0 to 2^32 - 1"),
}


@pytest.mark.parametrize(("arguments", "code", "message"), NO_NETWORKS.values(), ids=NO_NETWORKS)
def test_what_gives_no_network_is_no_clean_bill(
    arguments, code, message, monkeypatch, tmp_path, capsys
):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "own", raising=False)
    (tmp_path / "own.py").write_text(code)
    with pytest.raises(SystemExit) as ended:
        main(arguments.split())
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error


@pytest.mark.parametrize("step", ["examine", "show", "json", "png"])
@pytest.mark.parametrize("raised", [RuntimeError("no room"), SystemExit(0)], ids=repr)
def test_what_fails_behind_the_build_is_no_verdict(step, raised, monkeypatch, tmp_path, capsys):
    def fail(*_, **__):
        raise raised

    report = SimpleNamespace(verdict="healthy", to_json=lambda: "{}", plot=fail)
    if step == "json":
        report.to_json = fail
    monkeypatch.setattr(command, "built", lambda *_: (1, 2))
    monkeypatch.setattr(doctor, "examine", lambda *_, **__: report)
    monkeypatch.setattr(command, "show", lambda _: None)
    if step not in ("json", "png"):
        monkeypatch.setattr(doctor if step == "examine" else command, step, fail)
    with pytest.raises(SystemExit) as ended:
        main(["own:build", "--json", str(tmp_path / "a.json"), "--png", str(tmp_path / "a.png")])
    assert ended.value.code == 2
    failed_part = {"examine": "examination", "show": "report"}.get(step, f"--{step}")
    assert capsys.readouterr().err.startswith(
        f"{failed_part} {'failed' if raised.args[0] else 'ended'}"
    )


# JAX and the examination take most of a second to import, and no test of a process needs them.
LIGHT = """
import sys
from types import SimpleNamespace
report = SimpleNamespace(verdict="healthy")
examination = SimpleNamespace(examine=lambda program, *_, **__: program() or report)
sys.modules["jax"] = SimpleNamespace(random=SimpleNamespace(key=int))
sys.modules["snn_tools.doctor.examination"] = examination
from snn_tools.doctor import __main__ as doctor
"""


def ready(folder, code, stdout=-1, verdict="healthy"):
    """Start the command on a module whose networks are healthy, whatever they are."""
    (folder / "own.py").write_text(code)
    words = [
        sys.executable,
        "-c",
        LIGHT + f"report.verdict = {verdict!r}; doctor.run()",
        "own:build",
    ]
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        words, cwd=folder, stdout=stdout, stderr=-1, text=True, env=os.environ | path
    )


THREAD = """
import threading, time
def build():
    threading.Thread(target=time.sleep, args=(100,)).start()
    print("ready", flush=True)
    return DONE
"""


def test_ctrl_c_ends_the_command_also_beside_a_thread_of_the_users(tmp_path):
    process = ready(tmp_path, THREAD.replace("DONE", "time.sleep(100)"))
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=60)[1]
    assert error == "interrupted: there is no whole report\n"
    assert process.returncode == 130


def test_a_verdict_does_not_wait_for_a_thread_of_the_users(tmp_path):
    process = ready(tmp_path, THREAD.replace("DONE", "(lambda: None, 0)"))
    try:
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    assert output == "ready\nnamespace(verdict='healthy')\n"


def test_a_report_that_nobody_reads_is_no_verdict(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    process = ready(tmp_path, "def build(): return (lambda: None), 0", stdout=writing)
    os.close(writing)
    error = process.communicate(timeout=60)[1]
    assert (process.returncode, error.splitlines()[0].split()[0]) == (2, "report")


EARLY = """
import os, runpy, signal, threading
threading.Thread.start = lambda _: os.kill(os.getpid(), signal.SIGINT)
runpy.run_module("snn_tools.doctor", run_name="__main__")
"""


def test_a_signal_as_the_command_begins_to_listen_ends_it():
    # As it is typed, with all that it imports.
    words = [sys.executable, "-c", EARLY]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (130, "interrupted: there is no whole report\n")


LATE = """
import os, signal
end = doctor.END
def late(status):
    for number in (signal.SIGINT, signal.SIGTERM): os.kill(os.getpid(), number)
    end(status)
doctor.END, doctor.main = late, lambda: 1
doctor.run()
"""


def test_a_signal_after_the_report_leaves_the_verdict():
    words = [sys.executable, "-c", LIGHT + LATE]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")


DEAF = """
import time
doctor.GRACE_S = 0.2
doctor.listen()
while True:
    try: print("ready", flush=True), time.sleep(60)
    except BaseException: pass
"""


def test_a_signal_that_is_swallowed_ends_the_command():
    process = subprocess.Popen(
        [sys.executable, "-c", LIGHT + DEAF], stdout=-1, stderr=-1, text=True
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60)[1].splitlines() == [
        "",
        "interrupted: the results so far could not be reported in time",
    ]
    assert process.returncode == 143


EXITS = {
    "as it is imported": "import os; os._exit(0)",
    "as it is built": "import os\ndef build(): os._exit(0)",
    "by an early name": "from os import _exit\ndef build(): return (lambda: _exit(0)), 0",
}


@pytest.mark.parametrize("code", EXITS.values(), ids=EXITS)
def test_a_network_that_ends_the_process_is_no_clean_bill(code, tmp_path):
    process = ready(tmp_path, code)
    output, error = process.communicate(timeout=60)
    assert (process.returncode, output) == (2, "")
    assert error.startswith("the network's code called os._exit(0), so that there is no verdict")


VERDICTS = {
    "healthy": (0, ""),
    "healthy, direction not measured": (0, ""),
    "faults": (1, ""),
    "interrupted": (2, "interrupted: see the report"),
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_status_follows_from_the_verdict(verdict, tmp_path):
    process = ready(tmp_path, "def build(): return (lambda: None), 0", verdict=verdict)
    error = process.communicate(timeout=60)[1]
    status, words = VERDICTS[verdict]
    assert process.returncode == status and error.startswith(words) and bool(error) == bool(words)


HIDDEN = """
import runpy, sys
sys.modules["PACKAGE"] = None
sys.argv = ["-m", "own:build"]
runpy.run_module("snn_tools.COMMAND", run_name="__main__")
"""


@pytest.mark.parametrize(
    ("command", "package", "extra"),
    [
        ("doctor", "jax", '. "./tools[doctor]"'),
        ("doctor", "scipy", '. "./tools[doctor]"'),
        ("torch", "torch", '"./tools[torch]"'),
    ],
)
def test_a_package_that_is_not_installed_is_named_in_one_line(command, package, extra):
    code = HIDDEN.replace("PACKAGE", package).replace("COMMAND", command)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == (
        f"snn_tools.{command}: {package} is not installed. Type: pip install {extra}\n"
    )
