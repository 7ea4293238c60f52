//! The seam between a process and its machine: simulated or real.
