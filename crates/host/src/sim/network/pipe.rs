//! One direction of a connection: segments on their way, with the instant each is there.
//!
//! Nothing moves by itself here: a segment's arrival is decided when it is sent, and decided anew when the link stops
//! or starts to carry. Acknowledgements are not sent at all; when the last one would be back is all that matters.

use std::collections::VecDeque;

use history::Time;

use super::medium::Medium;
use crate::sim::core::NodeIndex;

/// The most bytes that travel together: what an Ethernet frame has room for.
const PACKET: usize = 1448;

/// What a segment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Bytes, which lie in the pipe's buffer.
    Data,
    /// The last step of the handshake: the connecting side has heard the listener.
    Established,
    /// The sender will send nothing more.
    Fin,
    /// The sender's kernel ended the connection.
    Reset,
    /// The sender's kernel does not know the connection: a reset in answer to what it received.
    Answer,
}

impl Kind {
    /// Whether it ends the connection for its receiver.
    pub(super) fn is_reset(self) -> bool {
        matches!(self, Kind::Reset | Kind::Answer)
    }
}

/// A part of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    /// When it is there; [`Time::NEVER`] while it is held, its sender trying in vain.
    pub(super) due: Time,
    pub(super) kind: Kind,
    /// How many bytes, 0 unless data.
    pub(super) length: u32,
}

/// A time without acknowledgements for bytes that wait for one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stall {
    /// When acknowledgements ceased to come.
    pub(super) since: Time,
    /// When they come again; [`Time::NEVER`] as long as nothing is healed.
    ends: Time,
}

/// One direction of a connection.
pub(super) struct Pipe {
    pub(super) from: NodeIndex,
    pub(super) to: NodeIndex,
    /// In order of sending, which is the order of arrival: held ones are the last.
    pub(super) segments: VecDeque<Segment>,
    /// The bytes of all data segments.
    bytes: VecDeque<u8>,
    /// No later segment arrives before.
    last_due: Time,
    /// When everything sent is acknowledged.
    acknowledged_at: Time,
    pub(super) stall: Option<Stall>,
    /// A FIN was sent.
    pub(super) finished: bool,
    /// Something on the way takes all bytes, acknowledges them and passes none on.
    pub(super) swallowed: bool,
}

impl Pipe {
    pub(super) fn new(from: NodeIndex, to: NodeIndex) -> Pipe {
        Pipe {
            from,
            to,
            segments: VecDeque::new(),
            bytes: VecDeque::new(),
            last_due: Time::ZERO,
            acknowledged_at: Time::ZERO,
            stall: None,
            finished: false,
            swallowed: false,
        }
    }

    /// Bytes written and not read yet.
    pub(super) fn buffered(&self) -> usize {
        self.bytes.len()
    }

    /// Sends bytes to a receiver whose kernel takes them.
    pub(super) fn send_data(&mut self, medium: &mut Medium, now: Time, bytes: &[u8]) {
        debug_assert!(!self.finished && !bytes.is_empty(), "a stream that is finished carries nothing more");
        if self.swallowed {
            return;
        }
        self.bytes.extend(bytes);
        // What does not fit into one packet travels in several, each with its own luck: the first of them may be there
        // long before the last, or alone.
        for packet in bytes.chunks(PACKET) {
            let due = self.dispatch(medium, now, packet.len());
            let length = u32::try_from(packet.len()).expect("a packet is small");
            self.segments.push_back(Segment { due, kind: Kind::Data, length });
        }
    }

    /// When what is sent at `at` arrives, after all that went before; never as long as the link does not carry.
    fn arrival(&mut self, medium: &mut Medium, at: Time, bytes: usize) -> Time {
        if at == Time::NEVER || !medium.carries(self.from, self.to) {
            return Time::NEVER;
        }
        self.last_due = medium.transit(self.from, self.to, at, bytes).max(self.last_due);
        self.last_due
    }

    /// Puts a packet on its way and waits for its acknowledgement; tells when it is there.
    pub(super) fn dispatch(&mut self, medium: &mut Medium, now: Time, bytes: usize) -> Time {
        let due = self.arrival(medium, now, bytes);
        if due != Time::NEVER && medium.carries(self.to, self.from) {
            self.acknowledged_at = due + medium.floor(self.to, self.from);
        } else {
            self.wait_in_vain(now);
        }
        due
    }

    /// Sends a segment without bytes.
    pub(super) fn send(&mut self, medium: &mut Medium, now: Time, kind: Kind) {
        debug_assert!(kind != Kind::Data && kind != Kind::Answer, "these are sent in their own ways");
        self.finished |= kind == Kind::Fin;
        if self.swallowed {
            return;
        }
        // Nobody acknowledges the last step of a handshake, nor a reset.
        let due = if kind == Kind::Fin { self.dispatch(medium, now, 0) } else { self.arrival(medium, now, 0) };
        self.segments.push_back(Segment { due, kind, length: 0 });
    }

    /// The receiver of something that arrived at `heard` does not know the connection and says so. It cannot hear if
    /// `heard` is never, and is not heard if this pipe does not carry; either waits for a heal.
    pub(super) fn answer(&mut self, medium: &mut Medium, heard: Time) {
        if self.segments.back().is_some_and(|last| last.kind.is_reset()) {
            return;
        }
        let due = self.arrival(medium, heard, 0);
        self.segments.push_back(Segment { due, kind: Kind::Answer, length: 0 });
    }

    /// Puts in a reset that comes from neither end: all that is on its way is lost.
    pub(super) fn inject_reset(&mut self, now: Time) {
        self.lose_unarrived(now);
        if !self.segments.back().is_some_and(|last| last.kind.is_reset()) {
            self.segments.push_back(Segment { due: now, kind: Kind::Reset, length: 0 });
        }
        self.settle();
    }

    /// Takes the bytes of due data segments, as many as `room` holds, and hands them to `take` in order.
    pub(super) fn receive(&mut self, now: Time, room: usize, mut take: impl FnMut(&[u8])) -> usize {
        let mut taken = 0;
        while taken < room {
            let Some(head) = self.segments.front_mut() else { break };
            if head.kind != Kind::Data || head.due > now {
                break;
            }
            let length = (room - taken).min(head.length as usize);
            head.length -= length as u32;
            taken += length;
            if head.length == 0 {
                self.segments.pop_front();
            }
        }
        let (front, back) = self.bytes.as_slices();
        let from_front = taken.min(front.len());
        take(&front[..from_front]);
        if taken > from_front {
            take(&back[..taken - from_front]);
        }
        self.bytes.drain(..taken);
        taken
    }

    /// Whether bytes arrived that nobody read.
    pub(super) fn has_unread(&self, now: Time) -> bool {
        self.segments.front().is_some_and(|head| head.kind == Kind::Data && head.due <= now)
    }

    /// When the first bytes arrive that are still on their way, if there are any.
    pub(super) fn first_unarrived_data(&self, now: Time) -> Option<Time> {
        let unarrived = self.segments.iter().find(|segment| segment.kind == Kind::Data && segment.due > now);
        unarrived.map(|segment| segment.due)
    }

    /// Whether something was sent that no acknowledgement has come back for.
    pub(super) fn is_unacknowledged(&self, now: Time) -> bool {
        self.acknowledged_at > now
    }

    /// Forgets what has not arrived.
    pub(super) fn lose_unarrived(&mut self, now: Time) {
        while let Some(last) = self.segments.back() {
            if last.due <= now {
                break;
            }
            let kept = self.bytes.len() - last.length as usize;
            self.bytes.truncate(kept);
            self.segments.pop_back();
        }
        self.last_due = self.last_due.min(now);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.segments.clear();
        self.bytes = VecDeque::new();
    }

    /// Nothing waits for an acknowledgement any more.
    pub(super) fn settle(&mut self) {
        self.acknowledged_at = Time::ZERO;
        self.stall = None;
    }

    /// Something waits for an acknowledgement that cannot come as things stand.
    pub(super) fn wait_in_vain(&mut self, now: Time) {
        self.acknowledged_at = Time::NEVER;
        match &mut self.stall {
            Some(stall) if stall.ends > now => stall.ends = Time::NEVER,
            stall => *stall = Some(Stall { since: now, ends: Time::NEVER }),
        }
    }

    /// When the sender's patience ends, unless something heals before.
    pub(super) fn patience_ends(&self, medium: &Medium) -> Option<Time> {
        let stall = self.stall.filter(|stall| stall.ends == Time::NEVER)?;
        Some(stall.since + medium.tcp.retransmission_limit)
    }

    /// The link of this direction ceased to carry: what is in the air is lost and will have to be sent again.
    pub(super) fn halt(&mut self, now: Time) {
        for segment in self.segments.iter_mut().rev() {
            if segment.due <= now {
                break;
            }
            segment.due = Time::NEVER;
        }
        self.last_due = self.last_due.min(now);
        self.halt_acknowledgements(now);
    }

    /// The link of the other direction ceased to carry.
    pub(super) fn halt_acknowledgements(&mut self, now: Time) {
        if self.is_unacknowledged(now) {
            self.wait_in_vain(now);
        }
    }

    /// When the sender next tries, now that something healed.
    pub(super) fn next_attempt(&self, medium: &Medium, now: Time) -> Time {
        let Some(stall) = self.stall.filter(|stall| stall.ends == Time::NEVER) else { return now };
        let end = stall.since + medium.tcp.retransmission_limit;
        medium.tcp.next_retransmission(stall.since, now).min(end.max(now))
    }

    /// One of the two links may carry again: what is held goes out with the sender's next attempt. `heard` is when the
    /// other side's next attempt would arrive here, for the answers to it.
    pub(super) fn resume(&mut self, medium: &mut Medium, now: Time, heard: Time) {
        if !medium.carries(self.from, self.to) {
            return;
        }
        let acknowledges = medium.carries(self.to, self.from);
        let attempt = self.next_attempt(medium, now);
        for segment in self.segments.iter_mut().filter(|segment| segment.due == Time::NEVER) {
            let sent = match segment.kind {
                Kind::Answer if !acknowledges => continue,
                Kind::Answer => attempt.max(heard),
                _ => attempt,
            };
            let arrival = medium.transit(self.from, self.to, sent, segment.length as usize);
            segment.due = arrival.max(self.last_due);
            self.last_due = segment.due;
        }
        if acknowledges && self.acknowledged_at == Time::NEVER {
            let arrival = self.last_due.max(attempt + medium.floor(self.from, self.to));
            self.acknowledged_at = arrival + medium.floor(self.to, self.from);
            if let Some(stall) = &mut self.stall {
                stall.ends = self.acknowledged_at;
            }
        }
    }
}
