//! Elections with the project's own client, server and resource: on the real machine, and in simulated worlds.

mod real;
#[cfg(madsim)]
mod simulated;
