//! The scenarios: elections, and the zoo of broken ones.

// `clock_gettime` is sent through it: see the build script.
use host as _;
