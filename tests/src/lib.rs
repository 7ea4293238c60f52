//! End to end: determinism, replay, conformance with real clients, the command line.
