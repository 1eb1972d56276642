"""Measurements: ratios within one run, never absolute bounds (the machines are noisy)."""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before anything imports numpy: one thread for everybody
