"""The day on which the tests take place, in this process and in those that they start.

    python -m tests.one_day streamlit run app.py        runs a module on that day

Records of a clinic reach back from today, so another day would be other records: one day, everywhere, from noon.
"""

import os
import runpy
import sys
import time

import time_machine

DAY = os.environ.get("TEST_DAY", "2026-11-25")


def begin() -> None:
    """The clock goes on from noon of the day, whatever the time zone of this machine."""
    noon = time.mktime(time.strptime(f"{DAY} 12", "%Y-%m-%d %H"))
    time_machine.travel(noon, tick=True).start()


if __name__ == "__main__":
    begin()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
