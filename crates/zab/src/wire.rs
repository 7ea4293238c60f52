//! Messages between servers as bytes: a version, a kind, the fields in big-endian order.
//!
//! Our own format: real ZooKeeper servers cannot join. Decoding is total: any bytes give a message or an error. Framing
//! and checksums are the business of the connection.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use thiserror::Error;

use crate::durable::Proposal;
use crate::message::{Activity, Message, Notification, Packet, Vote};
use crate::zxid::{ServerId, Zxid};

/// The version of the format.
pub const VERSION: u8 = 1;

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// They end too early.
    #[error("the message ends within its fields")]
    Truncated,
    /// There is something after the end.
    #[error("{0} bytes after the end of the message")]
    Trailing(usize),
    /// Another version's.
    #[error("version {0} of the format is not known, only {VERSION}")]
    Version(u8),
    /// Nothing known begins so.
    #[error("{0} is no kind of message")]
    Kind(u8),
    /// A field has a value without a meaning.
    #[error("{value} is no {field}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What it holds.
        value: u8,
    },
}

const ELECTION: u8 = 0;
const LEARNER_INFO: u8 = 1;
const LEADER_INFO: u8 = 2;
const ACK_EPOCH: u8 = 3;
const DIFF: u8 = 4;
const TRUNCATE: u8 = 5;
const SNAPSHOT: u8 = 6;
const PROPOSAL: u8 = 7;
const COMMIT: u8 = 8;
const INFORM: u8 = 9;
const NEW_LEADER: u8 = 10;
const ACK_NEW_LEADER: u8 = 11;
const UP_TO_DATE: u8 = 12;
const ACK: u8 = 13;
const PING: u8 = 14;
const APPLICATION: u8 = 15;
const CLOSE: u8 = 16;
/// Added to the kind of a packet that goes to a learner.
const TO_LEARNER: u8 = 0x80;

impl Message {
    /// As bytes.
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(32);
        self.encode_to(&mut out);
        out.freeze()
    }

    /// Appends it as bytes.
    pub fn encode_to(&self, out: &mut BytesMut) {
        out.put_u8(VERSION);
        match self {
            Message::Election(notification) => {
                out.put_u8(ELECTION);
                put_notification(out, notification);
            }
            Message::ToLeader { attempt, packet } => {
                out.put_u8(kind(packet));
                out.put_u32(*attempt);
                put_packet(out, packet);
            }
            Message::ToLearner { attempt, packet } => {
                out.put_u8(kind(packet) | TO_LEARNER);
                out.put_u32(*attempt);
                put_packet(out, packet);
            }
        }
    }

    /// From bytes: all of them.
    ///
    /// # Errors
    /// If they are not exactly one message of this version.
    pub fn decode(mut bytes: Bytes) -> Result<Message, DecodeError> {
        let input = &mut bytes;
        let version = byte(input)?;
        if version != VERSION {
            return Err(DecodeError::Version(version));
        }
        let kind = byte(input)?;
        let message = if kind == ELECTION {
            Message::Election(notification(input)?)
        } else {
            let attempt = word(input)?;
            let packet = packet(kind & !TO_LEARNER, input)?;
            if kind & TO_LEARNER == 0 {
                Message::ToLeader { attempt, packet }
            } else {
                Message::ToLearner { attempt, packet }
            }
        };
        if bytes.is_empty() { Ok(message) } else { Err(DecodeError::Trailing(bytes.len())) }
    }
}

fn kind(packet: &Packet) -> u8 {
    match packet {
        Packet::LearnerInfo { .. } => LEARNER_INFO,
        Packet::LeaderInfo { .. } => LEADER_INFO,
        Packet::AckEpoch { .. } => ACK_EPOCH,
        Packet::Diff { .. } => DIFF,
        Packet::Truncate { .. } => TRUNCATE,
        Packet::Snapshot { .. } => SNAPSHOT,
        Packet::Proposal(_) => PROPOSAL,
        Packet::Commit { .. } => COMMIT,
        Packet::Inform(_) => INFORM,
        Packet::NewLeader { .. } => NEW_LEADER,
        Packet::AckNewLeader { .. } => ACK_NEW_LEADER,
        Packet::UpToDate { .. } => UP_TO_DATE,
        Packet::Ack { .. } => ACK,
        Packet::Ping => PING,
        Packet::Application(_) => APPLICATION,
        Packet::Close => CLOSE,
    }
}

fn put_notification(out: &mut BytesMut, notification: &Notification) {
    out.put_u64(notification.round);
    out.put_u8(match notification.activity {
        Activity::Looking => 0,
        Activity::Following => 1,
        Activity::Leading => 2,
        Activity::Observing => 3,
    });
    match notification.vote {
        None => out.put_u8(0),
        Some(vote) => {
            out.put_u8(1);
            out.put_u8(vote.leader.0);
            out.put_u64(vote.zxid.to_bits());
            out.put_u32(vote.epoch);
        }
    }
}

fn notification(input: &mut Bytes) -> Result<Notification, DecodeError> {
    let round = long(input)?;
    let activity = match byte(input)? {
        0 => Activity::Looking,
        1 => Activity::Following,
        2 => Activity::Leading,
        3 => Activity::Observing,
        value => return Err(DecodeError::Field { field: "activity", value }),
    };
    let vote = if flag(input)? {
        Some(Vote { leader: ServerId(byte(input)?), zxid: zxid(input)?, epoch: word(input)? })
    } else {
        None
    };
    Ok(Notification { vote, round, activity })
}

fn put_packet(out: &mut BytesMut, packet: &Packet) {
    match packet {
        Packet::LearnerInfo { accepted_epoch, voting } => {
            out.put_u32(*accepted_epoch);
            out.put_u8(u8::from(*voting));
        }
        Packet::LeaderInfo { epoch } | Packet::NewLeader { epoch } => out.put_u32(*epoch),
        Packet::AckEpoch { current_epoch, last } => {
            out.put_u8(u8::from(current_epoch.is_some()));
            out.put_u32(current_epoch.unwrap_or(0));
            out.put_u64(last.to_bits());
        }
        Packet::Diff { to: zxid }
        | Packet::Truncate { to: zxid }
        | Packet::Commit { zxid }
        | Packet::AckNewLeader { last: zxid }
        | Packet::UpToDate { committed: zxid }
        | Packet::Ack { zxid } => out.put_u64(zxid.to_bits()),
        Packet::Snapshot { zxid, state: payload }
        | Packet::Proposal(Proposal { zxid, payload })
        | Packet::Inform(Proposal { zxid, payload }) => {
            out.put_u64(zxid.to_bits());
            put_blob(out, payload);
        }
        Packet::Application(payload) => put_blob(out, payload),
        Packet::Ping | Packet::Close => {}
    }
}

fn packet(kind: u8, input: &mut Bytes) -> Result<Packet, DecodeError> {
    Ok(match kind {
        LEARNER_INFO => Packet::LearnerInfo { accepted_epoch: word(input)?, voting: flag(input)? },
        LEADER_INFO => Packet::LeaderInfo { epoch: word(input)? },
        ACK_EPOCH => {
            let counted = flag(input)?;
            let epoch = word(input)?;
            Packet::AckEpoch { current_epoch: counted.then_some(epoch), last: zxid(input)? }
        }
        DIFF => Packet::Diff { to: zxid(input)? },
        TRUNCATE => Packet::Truncate { to: zxid(input)? },
        SNAPSHOT => Packet::Snapshot { zxid: zxid(input)?, state: blob(input)? },
        PROPOSAL => Packet::Proposal(Proposal { zxid: zxid(input)?, payload: blob(input)? }),
        COMMIT => Packet::Commit { zxid: zxid(input)? },
        INFORM => Packet::Inform(Proposal { zxid: zxid(input)?, payload: blob(input)? }),
        NEW_LEADER => Packet::NewLeader { epoch: word(input)? },
        ACK_NEW_LEADER => Packet::AckNewLeader { last: zxid(input)? },
        UP_TO_DATE => Packet::UpToDate { committed: zxid(input)? },
        ACK => Packet::Ack { zxid: zxid(input)? },
        PING => Packet::Ping,
        APPLICATION => Packet::Application(blob(input)?),
        CLOSE => Packet::Close,
        other => return Err(DecodeError::Kind(other)),
    })
}

fn put_blob(out: &mut BytesMut, blob: &Bytes) {
    out.put_u32(u32::try_from(blob.len()).expect("a payload is shorter than 4 GiB"));
    out.extend_from_slice(blob);
}

fn blob(input: &mut Bytes) -> Result<Bytes, DecodeError> {
    let length = word(input)? as usize;
    if input.len() < length { Err(DecodeError::Truncated) } else { Ok(input.split_to(length)) }
}

fn byte(input: &mut Bytes) -> Result<u8, DecodeError> {
    if input.is_empty() { Err(DecodeError::Truncated) } else { Ok(input.get_u8()) }
}

fn word(input: &mut Bytes) -> Result<u32, DecodeError> {
    if input.len() < 4 { Err(DecodeError::Truncated) } else { Ok(input.get_u32()) }
}

fn long(input: &mut Bytes) -> Result<u64, DecodeError> {
    if input.len() < 8 { Err(DecodeError::Truncated) } else { Ok(input.get_u64()) }
}

fn zxid(input: &mut Bytes) -> Result<Zxid, DecodeError> {
    long(input).map(Zxid::from_bits)
}

fn flag(input: &mut Bytes) -> Result<bool, DecodeError> {
    match byte(input)? {
        0 => Ok(false),
        1 => Ok(true),
        value => Err(DecodeError::Field { field: "flag", value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Message> {
        let vote = Vote { leader: ServerId(3), zxid: Zxid::new(2, 7), epoch: 2 };
        let proposal = Proposal { zxid: Zxid::new(4, 1), payload: Bytes::from_static(b"set /a") };
        let state = Bytes::from_static(b"the tree");
        let zxid = Zxid::new(9, 8);
        let elections = [Some(vote), None].into_iter().flat_map(|vote| {
            [Activity::Looking, Activity::Following, Activity::Leading, Activity::Observing]
                .map(|activity| Message::Election(Notification { vote, round: 5, activity }))
        });
        let packets = [
            Packet::LearnerInfo { accepted_epoch: 3, voting: true },
            Packet::LeaderInfo { epoch: 4 },
            Packet::AckEpoch { current_epoch: Some(2), last: zxid },
            Packet::AckEpoch { current_epoch: None, last: zxid },
            Packet::Diff { to: zxid },
            Packet::Truncate { to: zxid },
            Packet::Snapshot { zxid, state: state.clone() },
            Packet::Proposal(proposal.clone()),
            Packet::Commit { zxid },
            Packet::Inform(proposal),
            Packet::NewLeader { epoch: 4 },
            Packet::AckNewLeader { last: zxid },
            Packet::UpToDate { committed: zxid },
            Packet::Ack { zxid },
            Packet::Ping,
            Packet::Application(state),
            Packet::Close,
        ];
        let to_leader = packets.clone().map(|packet| Message::ToLeader { attempt: 11, packet });
        let to_learner = packets.map(|packet| Message::ToLearner { attempt: 12, packet });
        elections.chain(to_leader).chain(to_learner).collect()
    }

    #[test]
    fn every_message_comes_back() {
        for message in samples() {
            assert_eq!(Message::decode(message.encode()), Ok(message));
        }
    }

    #[test]
    fn no_prefix_and_no_extension_is_a_message() {
        for message in samples() {
            let whole = message.encode();
            for length in 0..whole.len() {
                assert_eq!(Message::decode(whole.slice(..length)), Err(DecodeError::Truncated), "{message:?}");
            }
            let mut longer = BytesMut::from(&whole[..]);
            longer.put_u8(0);
            assert_eq!(Message::decode(longer.freeze()), Err(DecodeError::Trailing(1)));
        }
    }

    #[test]
    fn nonsense_is_named() {
        assert_eq!(Message::decode(Bytes::from_static(&[2, 0])), Err(DecodeError::Version(2)));
        assert_eq!(Message::decode(Bytes::from_static(&[1, 99, 0, 0, 0, 0])), Err(DecodeError::Kind(99)));
        let activity = Bytes::from_static(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0]);
        assert_eq!(Message::decode(activity), Err(DecodeError::Field { field: "activity", value: 7 }));
    }
}
