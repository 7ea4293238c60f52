//! Logs for people: through `tracing`, with virtual time and node in each line, or, outside a simulation, with the time of
//! day. Quiet by default.

use std::fmt;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};

/// The variable that holds the filter, such as `debug` or `client=trace,server=info`.
pub const VARIABLE: &str = "INTERREGNUM_LOG";

/// Shows where and when a line comes from.
struct Origin;

impl FormatTime for Origin {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        match host::sim::World::try_current() {
            Some(world) => write!(writer, "{} {:>10}", world.now(), world.node_name()),
            None => SystemTime.format_time(writer),
        }
    }
}

/// Sends logs to standard error, as [`VARIABLE`] or `fallback` filters them. Nothing happens if somebody else already
/// collects them.
pub fn init(fallback: &str) {
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(fallback));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_timer(Origin).with_writer(std::io::stderr);
    let _ = subscriber.try_init();
}
