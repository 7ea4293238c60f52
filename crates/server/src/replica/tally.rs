//! What is counted of requests and answers: of a server and of each of its connections (`ServerStats`, `ServerCnxn`).

use std::time::Duration;

use host::Instant;
use proto::{OpCode, Zxid, xid};

/// What is counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) received: u64,
    pub(crate) sent: u64,
    pub(crate) latency: Latency,
}

/// How long requests waited for their outcome. What needs none takes no time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Latency {
    pub(crate) last: Duration,
    pub(crate) least: Option<Duration>,
    pub(crate) most: Duration,
    total: Duration,
    count: u64,
}

impl Latency {
    pub(crate) fn note(&mut self, latency: Duration) {
        self.last = latency;
        self.least = Some(self.least.map_or(latency, |least| least.min(latency)));
        self.most = self.most.max(latency);
        self.total += latency;
        self.count += 1;
    }

    /// In milliseconds, with four digits behind the point.
    pub(crate) fn average(&self) -> f64 {
        let average = self.total.as_secs_f64() * 1000.0 / self.count.max(1) as f64;
        (average * 10_000.0).round() / 10_000.0
    }
}

/// What a connection asked and was answered last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    pub(crate) op_code: Option<OpCode>,
    pub(crate) xid: i32,
    pub(crate) zxid: Zxid,
    pub(crate) answered: Instant,
}

impl Last {
    /// The operation as `cons` names it (`FinalRequestProcessor`).
    pub(crate) fn operation(&self) -> &'static str {
        let Some(op_code) = self.op_code else { return "SESS" };
        match op_code {
            OpCode::Ping => "PING",
            OpCode::Multi => "MULT",
            OpCode::MultiRead => "MLTR",
            OpCode::Create | OpCode::Create2 | OpCode::CreateTtl | OpCode::CreateContainer => "CREA",
            OpCode::Delete | OpCode::DeleteContainer => "DELE",
            OpCode::SetData => "SETD",
            OpCode::Reconfig => "RECO",
            OpCode::SetAcl => "SETA",
            OpCode::CloseSession => "CLOS",
            OpCode::Sync => "SYNC",
            OpCode::Check => "CHEC",
            OpCode::Exists => "EXIS",
            OpCode::GetData => "GETD",
            OpCode::SetWatches => "SETW",
            OpCode::SetWatches2 => "STW2",
            OpCode::AddWatch => "ADDW",
            OpCode::GetAcl => "GETA",
            OpCode::GetChildren | OpCode::GetChildren2 => "GETC",
            OpCode::GetAllChildrenNumber => "GETACN",
            OpCode::CheckWatches => "CHKW",
            OpCode::RemoveWatches => "REMW",
            OpCode::GetEphemerals => "GETE",
            OpCode::WhoAmI => "HOMI",
            _ => "NA",
        }
    }

    /// Whether the xid is the client's own count, and no sign of something special.
    pub(crate) fn is_counted(&self) -> bool {
        self.xid >= 0 && self.xid != xid::NOTIFICATION
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_have_bounds_and_an_average() {
        let mut latency = Latency::default();
        assert_eq!((latency.average(), latency.least), (0.0, None));
        for milliseconds in [4, 2, 6, 1] {
            latency.note(Duration::from_millis(milliseconds));
        }
        assert_eq!((latency.last, latency.most), (Duration::from_millis(1), Duration::from_millis(6)));
        assert_eq!((latency.average(), latency.least), (3.25, Some(Duration::from_millis(1))));
    }
}
