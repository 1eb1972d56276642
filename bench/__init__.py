"""Measurements: ratios within one run, never absolute bounds (the machines are noisy)."""
