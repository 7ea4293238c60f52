//! A connection: two kernels' views of it, and the two pipes between them.
//!
//! An end whose kernel does not know the connection (any more) answers whatever reaches it with a reset: because its
//! process closed it or died, because it was reset or given up, or because the machine lost power in between. Whether a
//! process has noticed yet is another matter: errors wait behind the bytes that arrived before them.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::task::Waker;

use history::{NetworkEvent, Time};

use super::medium::Medium;
use super::pipe::{Kind, Pipe};
use crate::sim::core::NodeIndex;

/// One of the two ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The one that connected.
    Connector = 0,
    /// The one that listened.
    Acceptor = 1,
}

impl Side {
    pub(super) const BOTH: [Side; 2] = [Side::Connector, Side::Acceptor];

    pub(super) fn other(self) -> Side {
        match self {
            Side::Connector => Side::Acceptor,
            Side::Acceptor => Side::Connector,
        }
    }
}

/// What one machine knows of a connection.
pub(super) struct End {
    pub(super) node: NodeIndex,
    pub(super) address: SocketAddr,
    /// The kernel knows the connection and takes what arrives.
    alive: bool,
    /// What the process gets once it has read everything.
    error: Option<ErrorKind>,
    /// How many halves the process holds.
    pub(super) halves: u8,
    reader: Waiting,
    writer: Waiting,
}

/// Somebody waiting, and the timers set for them last: they need not be set twice.
#[derive(Default)]
struct Waiting {
    waker: Option<Waker>,
    /// The waker is kept when the waiting is over: it is mostly the same one that waits again.
    active: bool,
    armed_for: Option<Time>,
    patience_armed_for: Option<Time>,
}

impl Waiting {
    /// Remembers who waits. Timers that are set for the same waker still hold.
    fn wait(&mut self, waker: &Waker) {
        self.active = true;
        if !self.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            self.waker = Some(waker.clone());
            self.armed_for = None;
            self.patience_armed_for = None;
        }
    }

    fn arm(&mut self, medium: &mut Medium, at: Time) {
        if let Some(waker) = self.waker.as_ref().filter(|_| self.active)
            && (self.armed_for != Some(at) || at <= medium.now())
        {
            medium.wake_at(at, waker);
            self.armed_for = Some(at);
        }
    }

    fn arm_patience(&mut self, medium: &mut Medium, at: Time) {
        if let Some(waker) = self.waker.as_ref().filter(|_| self.active)
            && self.patience_armed_for != Some(at)
        {
            medium.wake_at(at, waker);
            self.patience_armed_for = Some(at);
        }
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.as_ref().filter(|_| self.active) {
            waker.wake_by_ref();
        }
    }
}

/// What an attempt to read or write came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// This many bytes; 0 is the end of the stream.
    Bytes(usize),
    /// Nothing yet; the waker is kept.
    Pending,
    /// The connection is gone.
    Failed(ErrorKind),
}

/// A connection between two processes, or what remains of it.
pub(super) struct Connection {
    ends: [End; 2],
    /// By sending side.
    pipes: [Pipe; 2],
}

impl Connection {
    /// A connection as it stands when the connecting side has heard the listener. If the listener is gone by now,
    /// nobody knows the connection there.
    pub(super) fn establish(
        medium: &mut Medium,
        connector: (NodeIndex, SocketAddr),
        acceptor: (NodeIndex, SocketAddr),
        listening: bool,
    ) -> Connection {
        let now = medium.now();
        let end = |(node, address): (NodeIndex, SocketAddr), alive| End {
            node,
            address,
            alive,
            error: None,
            halves: 0,
            reader: Waiting::default(),
            writer: Waiting::default(),
        };
        let mut connection = Connection {
            pipes: [Pipe::new(connector.0, acceptor.0), Pipe::new(acceptor.0, connector.0)],
            ends: [end(connector, true), end(acceptor, listening)],
        };
        if listening {
            connection.pipes[0].send(medium, now, Kind::Established);
        } else {
            let heard = connection.pipes[0].dispatch(medium, now, 0);
            connection.pipes[1].answer(medium, heard);
        }
        connection
    }

    pub(super) fn end(&self, side: Side) -> &End {
        &self.ends[side as usize]
    }

    pub(super) fn end_mut(&mut self, side: Side) -> &mut End {
        &mut self.ends[side as usize]
    }

    fn outgoing(&mut self, side: Side) -> &mut Pipe {
        &mut self.pipes[side as usize]
    }

    fn incoming(&mut self, side: Side) -> &mut Pipe {
        &mut self.pipes[side.other() as usize]
    }

    /// Whether the connection runs between these two nodes, either way around.
    pub(super) fn joins(&self, a: NodeIndex, b: NodeIndex) -> bool {
        let nodes = (self.ends[0].node, self.ends[1].node);
        nodes == (a, b) || nodes == (b, a)
    }

    /// When the last step of the handshake (or a reset in its stead) reaches the listener; nothing if it was lost with
    /// the machine that sent it.
    pub(super) fn established_at(&self) -> Option<Time> {
        self.pipes[0].segments.front().map(|first| first.due)
    }

    /// A process takes the connection that was waiting for it.
    pub(super) fn accept(&mut self) {
        let first = self.pipes[0].segments.front().map(|first| first.kind);
        debug_assert_ne!(first, Some(Kind::Data), "the handshake goes before all bytes");
        if first == Some(Kind::Established) {
            self.pipes[0].segments.pop_front();
        }
        self.end_mut(Side::Acceptor).halves = 2;
    }

    // What processes do.

    /// Reads into whatever `take` fills, at most `room` bytes.
    pub(super) fn read(
        &mut self,
        medium: &mut Medium,
        side: Side,
        room: usize,
        waker: &Waker,
        take: impl FnMut(&[u8]),
    ) -> Progress {
        let now = medium.now();
        self.check_patience(medium, now, side);
        let pipe = self.incoming(side);
        if pipe.has_unread(now) {
            let was_full = pipe.buffered() >= medium.tcp.window;
            let bytes = pipe.receive(now, room, take);
            let from = pipe.from;
            if was_full {
                self.open_window(medium, now, side.other());
            }
            let end = self.end_mut(side);
            end.reader.active = false;
            let node = end.node;
            let event = NetworkEvent::Delivered { from: medium.name(from), bytes: bytes as u32 };
            medium.tell(Some(node), event);
            return Progress::Bytes(bytes);
        }
        let head = pipe.segments.front().copied();
        match head {
            Some(head) if head.due <= now && head.kind == Kind::Fin => return Progress::Bytes(0),
            Some(head) if head.due <= now => {
                debug_assert!(head.kind.is_reset(), "data and the handshake were handled");
                let error = self.notice_reset(medium, side, ErrorKind::ConnectionReset);
                return Progress::Failed(error);
            }
            _ => {}
        }
        let end = self.end_mut(side);
        if let Some(error) = end.error {
            return Progress::Failed(error);
        }
        if !end.alive {
            return Progress::Failed(ErrorKind::NotConnected);
        }
        end.reader.wait(waker);
        if let Some(head) = head
            && head.due != Time::NEVER
        {
            end.reader.arm(medium, head.due);
        }
        self.arm_patience(medium, side);
        Progress::Pending
    }

    /// Writes as many of the bytes as the window takes.
    pub(super) fn write(&mut self, medium: &mut Medium, side: Side, bytes: &[u8], waker: &Waker) -> Progress {
        let now = medium.now();
        if let Some(error) = self.write_error(medium, now, side) {
            return Progress::Failed(error);
        }
        if bytes.is_empty() {
            return Progress::Bytes(0);
        }
        if !self.end(side.other()).alive {
            let heard = self.outgoing(side).dispatch(medium, now, bytes.len());
            self.answer_to(medium, side, heard);
            self.arm_patience(medium, side);
            return Progress::Bytes(bytes.len());
        }
        let room = medium.tcp.window.saturating_sub(self.outgoing(side).buffered());
        if room == 0 {
            self.end_mut(side).writer.wait(waker);
            self.arm_patience(medium, side);
            return Progress::Pending;
        }
        let bytes = &bytes[..bytes.len().min(room)];
        self.outgoing(side).send_data(medium, now, bytes);
        self.end_mut(side).writer.active = false;
        self.arm_reader(medium, side.other());
        self.arm_patience(medium, side);
        Progress::Bytes(bytes.len())
    }

    /// Why nothing can be written, if so.
    fn write_error(&mut self, medium: &mut Medium, now: Time, side: Side) -> Option<ErrorKind> {
        self.check_patience(medium, now, side);
        let pipe = self.incoming(side);
        if pipe.segments.back().is_some_and(|last| last.kind.is_reset() && last.due <= now) {
            // Linux: a reset after the peer's FIN is EPIPE, any other is ECONNRESET (tcp_reset in tcp_input.c).
            let kind = if pipe.finished { ErrorKind::BrokenPipe } else { ErrorKind::ConnectionReset };
            return Some(self.notice_reset(medium, side, kind));
        }
        let finished = self.outgoing(side).finished;
        let end = self.end(side);
        match end.error {
            Some(error) => Some(error),
            None if finished || !end.alive => Some(ErrorKind::BrokenPipe),
            None => None,
        }
    }

    /// The process will write nothing more.
    pub(super) fn finish(&mut self, medium: &mut Medium, side: Side) {
        let now = medium.now();
        if !self.end(side).alive || self.outgoing(side).finished {
            return;
        }
        if self.end(side.other()).alive {
            self.outgoing(side).send(medium, now, Kind::Fin);
            self.arm_reader(medium, side.other());
        } else {
            // A peer that closed in good order takes our FIN; one that knows nothing answers it.
            let peer_finished = self.incoming(side).finished;
            let heard = self.outgoing(side).dispatch(medium, now, 0);
            self.outgoing(side).finished = true;
            if !peer_finished {
                self.answer_to(medium, side, heard);
            }
        }
        self.arm_patience(medium, side);
    }

    /// The process lets go of the connection, or is gone.
    pub(super) fn close(&mut self, medium: &mut Medium, side: Side) {
        let now = medium.now();
        if !self.end(side).alive {
            return;
        }
        if self.incoming(side).has_unread(now) {
            self.outgoing(side).send(medium, now, Kind::Reset);
        } else {
            self.finish(medium, side);
        }
        self.forget(medium, now, side);
    }

    /// The kernel ends a connection that no process ever had.
    pub(super) fn refuse(&mut self, medium: &mut Medium, side: Side) {
        let now = medium.now();
        if self.end(side).alive {
            self.outgoing(side).send(medium, now, Kind::Reset);
            self.forget(medium, now, side);
        }
    }

    /// The kernel no longer knows the connection: what is still on its way to it will be answered with a reset.
    fn forget(&mut self, medium: &mut Medium, now: Time, side: Side) {
        self.end_mut(side).alive = false;
        let unarrived = self.incoming(side).first_unarrived_data(now);
        self.incoming(side).clear();
        if let Some(heard) = unarrived
            && self.end(side.other()).alive
        {
            self.answer_to(medium, side.other(), heard);
        }
        self.arm_reader(medium, side.other());
        self.end(side.other()).writer.wake();
    }

    /// What `side` sent reaches, at `heard`, a kernel that does not know the connection.
    fn answer_to(&mut self, medium: &mut Medium, side: Side, heard: Time) {
        self.incoming(side).answer(medium, heard);
        self.arm_reader(medium, side);
    }

    /// A reset has arrived; gives the error the process gets.
    fn notice_reset(&mut self, medium: &Medium, side: Side, kind: ErrorKind) -> ErrorKind {
        let peer = medium.name(self.end(side.other()).node);
        let end = self.end_mut(side);
        let node = end.node;
        let first = end.error.is_none();
        let error = *end.error.get_or_insert(kind);
        end.alive = false;
        if first {
            medium.tell(Some(node), NetworkEvent::Reset { peer });
        }
        self.outgoing(side).settle();
        error
    }

    // What the kernels do by themselves.

    /// Gives the connection up if its bytes stayed unacknowledged for too long.
    fn check_patience(&mut self, medium: &mut Medium, now: Time, side: Side) {
        let Some(end) = self.outgoing(side).patience_ends(medium) else { return };
        if end > now {
            return;
        }
        self.outgoing(side).lose_unarrived(now);
        self.outgoing(side).settle();
        let unarrived = self.incoming(side).first_unarrived_data(now);
        self.incoming(side).lose_unarrived(now);
        if let Some(heard) = unarrived {
            self.answer_to(medium, side.other(), heard);
        }
        let peer = medium.name(self.end(side.other()).node);
        let end = self.end_mut(side);
        if end.alive {
            end.alive = false;
            end.error = Some(ErrorKind::TimedOut);
            medium.tell(Some(end.node), NetworkEvent::TimedOut { peer });
        }
    }

    /// The reader took bytes out of a full window: the writer hears of it, unless the link is cut.
    fn open_window(&mut self, medium: &mut Medium, now: Time, writing: Side) {
        let pipe = self.outgoing(writing);
        let (writer, reader) = (pipe.from, pipe.to);
        if medium.carries(reader, writer) {
            let at = now + medium.floor(reader, writer);
            self.end_mut(writing).writer.arm(medium, at);
        }
    }

    /// Sees to it that a waiting reader wakes when the next segment is there.
    fn arm_reader(&mut self, medium: &mut Medium, side: Side) {
        let [head, last] = {
            let segments = &self.incoming(side).segments;
            [segments.front().copied(), segments.back().copied()]
        };
        let end = self.end_mut(side);
        if let Some(head) = head
            && head.due != Time::NEVER
        {
            end.reader.arm(medium, head.due);
        }
        if let Some(last) = last
            && last.kind.is_reset()
            && last.due != Time::NEVER
        {
            end.writer.arm(medium, last.due);
        }
    }

    /// Sees to it that whoever waits wakes when the kernel's patience ends.
    fn arm_patience(&mut self, medium: &mut Medium, side: Side) {
        let Some(at) = self.outgoing(side).patience_ends(medium) else { return };
        let end = self.end_mut(side);
        end.reader.arm_patience(medium, at);
        end.writer.arm_patience(medium, at);
    }

    // What the world does.

    /// The link no longer carries.
    pub(super) fn halt(&mut self, medium: &mut Medium, from: NodeIndex, to: NodeIndex) {
        let now = medium.now();
        for pipe in &mut self.pipes {
            if (pipe.from, pipe.to) == (from, to) {
                pipe.halt(now);
            } else if (pipe.from, pipe.to) == (to, from) {
                pipe.halt_acknowledgements(now);
            }
        }
        for side in Side::BOTH {
            self.arm_patience(medium, side);
        }
    }

    /// A link between the two nodes, or the power of one of them, is back.
    pub(super) fn resume(&mut self, medium: &mut Medium) {
        let now = medium.now();
        for side in Side::BOTH {
            self.check_patience(medium, now, side);
        }
        let heard = Side::BOTH.map(|side| {
            let pipe = self.incoming(side);
            pipe.next_attempt(medium, now) + medium.floor(pipe.from, pipe.to)
        });
        for side in Side::BOTH {
            self.outgoing(side).resume(medium, now, heard[side as usize]);
        }
        for side in Side::BOTH {
            self.arm_reader(medium, side);
            self.arm_patience(medium, side);
            self.end(side).writer.wake();
        }
    }

    /// The machine of this end lost power: it will not even remember that there was a connection.
    pub(super) fn lose_power(&mut self, medium: &mut Medium, side: Side) {
        let now = medium.now();
        self.end_mut(side).alive = false;
        self.outgoing(side).lose_unarrived(now);
        self.outgoing(side).settle();
        let unacknowledged = self.incoming(side).is_unacknowledged(now);
        self.incoming(side).clear();
        if unacknowledged {
            self.incoming(side).wait_in_vain(now);
            self.answer_to(medium, side.other(), Time::NEVER);
            self.arm_patience(medium, side.other());
        }
    }

    /// Something in between sends a reset to both sides and lets through nothing that was under way.
    pub(super) fn inject_reset(&mut self, medium: &mut Medium) {
        let now = medium.now();
        for pipe in &mut self.pipes {
            pipe.inject_reset(now);
        }
        for side in Side::BOTH {
            self.end_mut(side).alive = false;
            self.arm_reader(medium, side);
        }
    }

    /// Something in between takes all further bytes from a node, acknowledges them and passes none on.
    pub(super) fn swallow(&mut self, medium: &Medium, from: NodeIndex) {
        let now = medium.now();
        for pipe in self.pipes.iter_mut().filter(|pipe| pipe.from == from) {
            pipe.lose_unarrived(now);
            pipe.settle();
            pipe.swallowed = true;
        }
    }

    /// Whether either kernel still knows the connection.
    pub(super) fn is_alive(&self) -> bool {
        self.ends.iter().any(|end| end.alive)
    }

    /// Takes out everybody who waits.
    pub(super) fn take_wakers(&mut self) -> Vec<Waker> {
        let waiting = self.ends.iter_mut().flat_map(|end| [&mut end.reader, &mut end.writer]);
        waiting.filter_map(|waiting| std::mem::take(waiting).waker).collect()
    }
}
