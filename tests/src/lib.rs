//! End to end: determinism, replay, conformance with real clients, the command line.

// `clock_gettime` is sent through it: see the build script.
use host as _;
