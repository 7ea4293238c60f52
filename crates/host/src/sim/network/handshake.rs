//! Handshakes: what kernels do between a process's `connect` and its outcome.
//!
//! They go on while the processes at both ends are stalled, so they are run by a task of the world, step by step from
//! a queue. The listening side holds nothing half-open: its end exists when the connecting side has heard it, and the
//! process there gets it when the last step of the handshake is there.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use history::{NetworkEvent, Time};

use super::TcpStream;
use super::connection::{Connection, Side};
use super::listener::BACKLOG_LIMIT;
use super::state::{Place, Shared, State};
use crate::sim::core::{Core, NodeIndex};

/// All attempts to connect, and what is due for them.
#[derive(Default)]
pub(super) struct Handshakes {
    attempts: BTreeMap<u64, Attempt>,
    /// By time, then in the order in which they were put here.
    steps: BTreeMap<(Time, u64), (u64, Step)>,
    /// For what instants the kernel's task has timers already.
    armed: BTreeSet<Time>,
    kernel: Option<Waker>,
}

/// One process's attempt to connect.
struct Attempt {
    from: NodeIndex,
    source: SocketAddr,
    target: SocketAddr,
    /// Nothing if no machine has the address.
    to: Option<NodeIndex>,
    /// The kernel gives up then.
    ends: Time,
    backoff: Duration,
    outcome: Option<Result<Place, ErrorKind>>,
    waker: Option<Waker>,
}

#[derive(Clone, Copy)]
enum Step {
    /// The connecting side sends, for the first time or again.
    Send,
    /// The other machine hears it.
    Knock,
    /// The connecting side hears that this listener took it.
    Welcome { listener: u64 },
    /// The connecting side hears that nobody listens.
    Refusal,
}

impl State {
    fn schedule(&mut self, at: Time, attempt: u64, step: Step) {
        let order = self.identity();
        self.handshakes.steps.insert((at, order), (attempt, step));
        self.arm_kernel();
    }

    /// Sees to it that the kernel's task wakes for the next step.
    fn arm_kernel(&mut self) {
        let Handshakes { steps, armed, kernel, .. } = &mut self.handshakes;
        if let (Some((&(at, _), _)), Some(kernel)) = (steps.first_key_value(), kernel)
            && armed.first().is_none_or(|earliest| at < *earliest)
        {
            armed.insert(at);
            self.medium.wake_at(at, kernel);
        }
    }

    fn begin_handshake(&mut self, from: NodeIndex, target: SocketAddr) -> io::Result<u64> {
        let port = self.host(from).free_port().ok_or(ErrorKind::AddrNotAvailable)?;
        // An unspecified address means this machine, as Linux has it.
        let loopback = target.ip().is_loopback() || target.ip().is_unspecified();
        let to = if loopback { Some(from) } else { self.medium.core().at_address(target.ip(), from) };
        let source_ip = if loopback { Core::LOOPBACK } else { Core::address(from) };
        let now = self.medium.now();
        let attempt = Attempt {
            from,
            source: SocketAddr::new(source_ip, port),
            target: if loopback { SocketAddr::new(Core::LOOPBACK, target.port()) } else { target },
            to,
            ends: now + self.medium.tcp.connect_limit,
            backoff: self.medium.tcp.connect_first,
            outcome: None,
            waker: None,
        };
        let identity = self.identity();
        self.handshakes.attempts.insert(identity, attempt);
        self.take_step(identity, Step::Send);
        Ok(identity)
    }

    /// Takes all steps that are due.
    fn take_due_steps(&mut self) {
        let now = self.medium.now();
        self.handshakes.armed = self.handshakes.armed.split_off(&(now + Duration::from_nanos(1)));
        while let Some(first) = self.handshakes.steps.first_entry() {
            if first.key().0 > now {
                break;
            }
            let (attempt, step) = first.remove();
            self.take_step(attempt, step);
        }
        self.arm_kernel();
    }

    fn take_step(&mut self, identity: u64, step: Step) {
        let now = self.medium.now();
        let Some(attempt) = self.handshakes.attempts.get_mut(&identity) else { return };
        if attempt.outcome.is_some() {
            return;
        }
        let (from, target, to) = (attempt.from, attempt.target, attempt.to);
        match (step, to) {
            (Step::Send, _) if now >= attempt.ends => self.finish_handshake(identity, Err(ErrorKind::TimedOut)),
            (Step::Send, to) => {
                let again = (now + attempt.backoff).min(attempt.ends);
                attempt.backoff = (attempt.backoff * 2).min(self.medium.tcp.connect_maximum);
                self.schedule(again, identity, Step::Send);
                if let Some(at) = to.and_then(|to| self.medium.transit_once(from, to, now, 0)) {
                    self.schedule(at, identity, Step::Knock);
                }
            }
            // Cut, or without power, since it was sent: it never came.
            (Step::Knock, Some(to)) if !self.medium.carries(from, to) => {}
            (Step::Knock, Some(to)) => {
                let listening = self.host(to).listening.get(&target.port());
                let answer = match listening.filter(|listening| !listening.private || from == to) {
                    Some(listening) if listening.backlog.len() >= BACKLOG_LIMIT => return,
                    Some(listening) => Step::Welcome { listener: listening.identity },
                    None => Step::Refusal,
                };
                if let Some(at) = self.medium.transit_once(to, from, now, 0) {
                    self.schedule(at, identity, answer);
                }
            }
            (Step::Welcome { .. } | Step::Refusal, Some(to)) if !self.medium.carries(to, from) => {}
            (Step::Welcome { listener }, Some(to)) => {
                let place = self.establish(identity, to, listener);
                self.finish_handshake(identity, Ok(place));
            }
            (Step::Refusal, _) => self.finish_handshake(identity, Err(ErrorKind::ConnectionRefused)),
            (Step::Knock | Step::Welcome { .. }, None) => unreachable!("nobody hears or answers at that address"),
        }
    }

    /// Makes the connection, now that the connecting side has heard the listener.
    fn establish(&mut self, identity: u64, to: NodeIndex, listener: u64) -> Place {
        let attempt = &self.handshakes.attempts[&identity];
        let (connector, acceptor) = ((attempt.from, attempt.source), (to, attempt.target));
        let listening = self.hosts[to.position()].listening.get_mut(&attempt.target.port());
        let listening = listening.filter(|listening| listening.identity == listener);
        let mut connection = Connection::establish(&mut self.medium, connector, acceptor, listening.is_some());
        connection.end_mut(Side::Connector).halves = 2;
        let established_at = connection.established_at();
        let Some(listening) = listening else { return self.connections.insert(connection, 2) };
        let place = self.connections.insert(connection, 3);
        listening.backlog.push_back(place);
        if let Some(established_at) = established_at.filter(|at| *at != Time::NEVER)
            && let Some(waker) = &listening.waker
        {
            self.medium.wake_at(established_at, waker);
        }
        place
    }

    fn finish_handshake(&mut self, identity: u64, outcome: Result<Place, ErrorKind>) {
        let Some(attempt) = self.handshakes.attempts.get_mut(&identity) else { return };
        attempt.outcome = Some(outcome);
        if let Some(waker) = attempt.waker.take() {
            waker.wake();
        }
        let (from, port) = (attempt.from, attempt.target.port());
        self.handshakes.steps.retain(|_, (whose, _)| *whose != identity);
        let Some(to) = self.handshakes.attempts[&identity].to else { return };
        let to = self.medium.name(to);
        let event = match outcome {
            Ok(_) => NetworkEvent::Connected { to, port },
            Err(ErrorKind::ConnectionRefused) => NetworkEvent::Refused { to, port },
            Err(_) => NetworkEvent::TimedOut { peer: to },
        };
        self.medium.tell(Some(from), event);
    }

    /// The process is gone: its kernel, if there still is one, stops trying.
    pub(super) fn abandon_handshakes(&mut self, node: NodeIndex) {
        for attempt in self.handshakes.attempts.values_mut().filter(|attempt| attempt.from == node) {
            attempt.outcome.get_or_insert(Err(ErrorKind::NotConnected));
        }
        let Handshakes { attempts, steps, .. } = &mut self.handshakes;
        steps.retain(|_, (whose, _)| attempts.get(whose).is_some_and(|attempt| attempt.outcome.is_none()));
    }
}

impl Handshakes {
    pub(super) fn take_wakers(&mut self) -> Vec<Waker> {
        let attempts = self.attempts.values_mut().filter_map(|attempt| attempt.waker.take());
        attempts.chain(self.kernel.take()).collect()
    }
}

/// The task that takes the steps. It never ends.
pub(super) async fn run_kernel(shared: Arc<Shared>) {
    poll_fn(|context| {
        let state = &mut *shared.lock();
        state.handshakes.kernel.get_or_insert_with(|| context.waker().clone());
        state.take_due_steps();
        Poll::<()>::Pending
    })
    .await;
}

/// A process's wait for the outcome.
pub(super) struct Connect {
    shared: Arc<Shared>,
    identity: u64,
}

impl Connect {
    pub(super) fn begin(shared: &Arc<Shared>, from: NodeIndex, target: SocketAddr) -> io::Result<Connect> {
        let identity = shared.lock().begin_handshake(from, target)?;
        Ok(Connect { shared: shared.clone(), identity })
    }
}

impl Future for Connect {
    type Output = io::Result<TcpStream>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let state = &mut *self.shared.lock();
        let attempts = &mut state.handshakes.attempts;
        let attempt = attempts.get_mut(&self.identity).expect("the future is polled before it is done only");
        match attempt.outcome {
            None => {
                attempt.waker = Some(context.waker().clone());
                Poll::Pending
            }
            Some(outcome) => {
                attempts.remove(&self.identity);
                Poll::Ready(match outcome {
                    Ok(place) => Ok(TcpStream::new(&self.shared, place, Side::Connector)),
                    Err(error) => Err(error.into()),
                })
            }
        }
    }
}

impl Drop for Connect {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let Some(attempt) = state.handshakes.attempts.remove(&self.identity) else { return };
        let identity = self.identity;
        state.handshakes.steps.retain(|_, (whose, _)| *whose != identity);
        drop(state);
        if let Some(Ok(place)) = attempt.outcome {
            drop(TcpStream::new(&self.shared, place, Side::Connector));
        }
    }
}
