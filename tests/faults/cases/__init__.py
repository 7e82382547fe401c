"""The fault cases, a module for each theme; `tests.faults.case` says how to write one."""
