//! The second attempt: somebody appoints a leader, which distributes the tasks and collects what is done.
//!
//! It notices when a worker does not answer, and gives the task to another. Nobody notices when the leader itself does not
//! answer: what it had in its hands is gone with its memory, and what the desk passes on meanwhile finds nobody. When it is
//! back it leads again, for it was appointed.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use check::{Monitors, Required};
use election::work::{Distributor, Input, Tasks, worker};
use history::{Event, LeadershipEvent, Term};
use host::net::{TcpListener, TcpStream, lookup};
use interregnum::schedule::Family;
use interregnum::{Bed, Parameters, Roles, Scenario, servers};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;

use super::desk::{self, Counter};
use super::{PATIENCE, add_worker, worker_at, worker_options};

/// The port on which the leader takes tasks from the desk: a line with the number, answered by the same line.
const LEADER_PORT: u16 = 7100;

/// The longest line, in bytes.
const LINE_BYTES_MAX: u64 = 32;

/// Whoever is appointed leads for good.
const TERM: Term = Term(1);

/// `ladder/appointed`.
pub static APPOINTED: Appointed = Appointed;

/// Tasks distributed by a fixed leader: the first of the nodes.
pub struct Appointed;

/// Passes each task to the leader, once.
struct ToLeader {
    leader: String,
}

impl Counter for ToLeader {
    fn pass_on(&mut self, task: u64) {
        let leader = self.leader.clone();
        host::spawn(async move { drop(host::timeout(PATIENCE, pass(&leader, task)).await) });
    }
}

async fn pass(leader: &str, task: u64) -> io::Result<()> {
    let target = lookup(leader).await?.into_iter().next().ok_or(io::ErrorKind::NotFound)?;
    let (mut reader, mut writer) = TcpStream::connect(target).await?.into_split();
    writer.write_all(format!("{task}\n").as_bytes()).await?;
    // That the leader has it is enough to know; until then the connection must stay.
    reader.read_u8().await.map(drop)
}

/// Takes tasks from the desk over one connection.
async fn take(stream: TcpStream, taken: mpsc::UnboundedSender<u64>) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    let mut reader = BufReader::new(reader.take(LINE_BYTES_MAX));
    host::timeout(PATIENCE, reader.read_line(&mut line)).await.map_err(|_| io::ErrorKind::TimedOut)??;
    let task = line.trim_end().parse().map_err(|_| io::ErrorKind::InvalidData)?;
    // If nobody takes it from here, the process is about to end.
    let _ = taken.send(task);
    writer.write_all(line.as_bytes()).await
}

/// Leads for ever.
async fn lead(workers: &[String]) -> io::Result<std::convert::Infallible> {
    let listener = TcpListener::bind(SocketAddr::from(([0, 0, 0, 0], LEADER_PORT))).await?;
    host::tell(Event::Leadership(LeadershipEvent::Elected { term: TERM }));
    let (sender, mut taken) = mpsc::unbounded_channel();
    let mut distributor = Distributor::new(TERM, PATIENCE);
    // It remembers nothing, and nobody has written anything down.
    distributor.take_in(Input::Recorded(Tasks::default()), || true);
    distributor.take_in(Input::Workers(workers.iter().map(|name| worker_at(name)).collect()), || true);
    loop {
        let input = tokio::select! {
            biased;
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    let sender = sender.clone();
                    host::spawn(async move { drop(take(stream, sender).await) });
                }
                continue;
            }
            task = taken.recv() => {
                let task = task.expect("this task holds a sender");
                Input::Submitted(task..=task)
            }
            input = distributor.next() => input,
        };
        distributor.take_in(input, || true);
    }
}

impl Scenario for Appointed {
    fn name(&self) -> &'static str {
        "ladder/appointed"
    }

    fn about(&self) -> &'static str {
        "the second attempt: an appointed leader distributes the tasks; when it dies nobody does"
    }

    fn parameters(&self) -> Parameters {
        super::parameters()
    }

    fn roles(&self, parameters: &Parameters) -> Roles {
        super::roles(parameters)
    }

    fn build(&self, bed: &Bed) {
        servers::add(bed, |config| config);
        let nodes = bed.roles().candidates.clone();
        let (leader, others) = nodes.split_first().expect("there is one node at least");
        for name in others {
            add_worker(bed, name);
        }
        let everybody = nodes.clone();
        bed.add_node(leader, move || {
            let everybody = everybody.clone();
            async move {
                let Err(error) = tokio::select! {
                    biased;
                    end = worker::run(worker_options()) => end,
                    end = lead(&everybody) => end,
                };
                tracing::info!(%error, "the leader ends");
            }
        });
        let leader = format!("{leader}:{LEADER_PORT}");
        desk::add(bed, move || ToLeader { leader: leader.clone() });
    }

    fn monitors(&self, _parameters: &Parameters, _families: &BTreeSet<Family>) -> Monitors {
        super::counted()
    }

    fn liveness_bound(&self, parameters: &Parameters) -> Duration {
        super::bound(parameters)
    }

    fn required_points(&self, families: &BTreeSet<Family>) -> Required {
        super::losses(families)
    }
}
