"""The command: what gives no network is no clean bill, and signals end it."""

import signal
import subprocess
import sys

import pytest

from snn_tools.doctor.__main__ import main

NO_NETWORKS = {
    "no function": ("own", "", 2, "expected module:function"),
    "ends": ("own:build", "def build(): raise SystemExit(0)", 2, "ended with status 0"),
    "ends as it is imported": ("own:build", "import sys; sys.exit(0)", 2, "ended with status 0"),
    "interrupted": ("own:build", "def build(): raise KeyboardInterrupt", 130, "no whole report"),
    "20 digits": ("own:build --seed 12345678901234567890", "", 2, "expected 0 to 2^32 - 1"),
    "a negative seed": ("own:build --seed=-1", "", 2, "expected 0 to 2^32 - 1"),
}


@pytest.mark.parametrize(("given", "code", "status", "said"), NO_NETWORKS.values(), ids=NO_NETWORKS)
def test_what_gives_no_network_is_no_clean_bill(
    given, code, status, said, monkeypatch, tmp_path, capsys
):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "own", raising=False)
    (tmp_path / "own.py").write_text(code)
    with pytest.raises(SystemExit) as ended:
        main(given.split())
    assert ended.value.code == status
    error = capsys.readouterr().err
    assert said in error and "Traceback" not in error


DEAF = """
import time
from snn_tools.doctor import __main__ as doctor
doctor.GRACE_S = 0.2
doctor.listen()
while True:
    try: print("ready", flush=True), time.sleep(60)
    except BaseException: pass
"""


def test_a_signal_that_is_swallowed_ends_the_command():
    process = subprocess.Popen([sys.executable, "-c", DEAF], stdout=-1, stderr=-1, text=True)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60)[1].splitlines() == [
        "",
        "interrupted: what was known is not reported in time",
    ]
    assert process.returncode == 143
