//! What replicas say to each other about their clients, beside what is broadcast.
//!
//! A dispatch travels in the broadcast's own channel between a learner and its leader, in order with proposals and
//! commits: that is what makes a `sync` show everything that was committed before it. Requests are forwarded as they
//! came, with what their connection has proved (`Learner.request`); signs of life are gathered and relayed twice a tick,
//! as ZooKeeper does in its answers to the leader's pings (`LearnerSessionTracker`).
//!
//! The encoding is this project's own, in ZooKeeper's jute manner.

use bytes::{Bytes, BytesMut};
use proto::wire::encode_vector;
use proto::{Decode, DecodeError, Encode, Id, Reader, SessionId};

/// What a learner says to its leader. Numbers are those of the learner's tickets.
#[derive(Clone, derive_more::Debug, PartialEq, Eq)]
pub(crate) enum ToLeader {
    /// A client asks for a change (REQUEST).
    Request {
        number: u64,
        session: SessionId,
        /// What the client's connection has proved.
        identities: Vec<Id>,
        /// The frame as the client sent it.
        #[debug("{} bytes", frame.len())]
        frame: Bytes,
    },
    /// A client asks for a session (REQUEST with createSession).
    OpenSession { number: u64, session: SessionId, timeout_milliseconds: i32 },
    /// A client has come with a session it had before (REVALIDATE).
    Revalidate { number: u64, session: SessionId, timeout_milliseconds: i32 },
    /// A client wants to see all that is committed (SYNC).
    Sync { number: u64, session: SessionId },
    /// These sessions have given signs of life since the last such message.
    Touched { sessions: Vec<SessionId> },
}

/// What a leader says to a learner. Numbers are those of the learner's tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToLearner {
    /// Whether the session lives.
    Revalidated { number: u64, lives: bool },
    /// What was outstanding when the sync came is committed.
    Synced { number: u64 },
}

const REQUEST: i32 = 1;
const OPEN_SESSION: i32 = 2;
const REVALIDATE: i32 = 3;
const SYNC: i32 = 4;
const TOUCHED: i32 = 5;
const REVALIDATED: i32 = 6;
const SYNCED: i32 = 7;

impl ToLeader {
    pub(crate) fn encode(&self) -> Bytes {
        let mut buffer = BytesMut::new();
        match self {
            ToLeader::Request { number, session, identities, frame } => {
                put_head(REQUEST, *number, *session, &mut buffer);
                encode_vector(identities.iter(), &mut buffer);
                Some(frame.clone()).encode(&mut buffer);
            }
            ToLeader::OpenSession { number, session, timeout_milliseconds } => {
                put_head(OPEN_SESSION, *number, *session, &mut buffer);
                timeout_milliseconds.encode(&mut buffer);
            }
            ToLeader::Revalidate { number, session, timeout_milliseconds } => {
                put_head(REVALIDATE, *number, *session, &mut buffer);
                timeout_milliseconds.encode(&mut buffer);
            }
            ToLeader::Sync { number, session } => put_head(SYNC, *number, *session, &mut buffer),
            ToLeader::Touched { sessions } => {
                TOUCHED.encode(&mut buffer);
                encode_vector(sessions.iter(), &mut buffer);
            }
        }
        buffer.freeze()
    }

    pub(crate) fn decode(bytes: &Bytes) -> Result<ToLeader, DecodeError> {
        let reader = &mut Reader::new(bytes);
        let code = i32::decode(reader)?;
        if code == TOUCHED {
            return Ok(ToLeader::Touched { sessions: Decode::decode(reader)? });
        }
        let number = i64::decode(reader)?.cast_unsigned();
        let session = SessionId::decode(reader)?;
        Ok(match code {
            REQUEST => {
                let identities = Decode::decode(reader)?;
                let frame = Option::<Bytes>::decode(reader)?.unwrap_or_default();
                ToLeader::Request { number, session, identities, frame }
            }
            OPEN_SESSION => ToLeader::OpenSession { number, session, timeout_milliseconds: Decode::decode(reader)? },
            REVALIDATE => ToLeader::Revalidate { number, session, timeout_milliseconds: Decode::decode(reader)? },
            SYNC => ToLeader::Sync { number, session },
            _ => return Err(DecodeError::MisplacedOperation { what: "dispatch to a leader", offset: 0, code }),
        })
    }
}

impl ToLearner {
    pub(crate) fn encode(self) -> Bytes {
        let mut buffer = BytesMut::new();
        match self {
            ToLearner::Revalidated { number, lives } => {
                REVALIDATED.encode(&mut buffer);
                number.cast_signed().encode(&mut buffer);
                lives.encode(&mut buffer);
            }
            ToLearner::Synced { number } => {
                SYNCED.encode(&mut buffer);
                number.cast_signed().encode(&mut buffer);
            }
        }
        buffer.freeze()
    }

    pub(crate) fn decode(bytes: &Bytes) -> Result<ToLearner, DecodeError> {
        let reader = &mut Reader::new(bytes);
        let code = i32::decode(reader)?;
        let number = i64::decode(reader)?.cast_unsigned();
        match code {
            REVALIDATED => Ok(ToLearner::Revalidated { number, lives: Decode::decode(reader)? }),
            SYNCED => Ok(ToLearner::Synced { number }),
            _ => Err(DecodeError::MisplacedOperation { what: "dispatch to a learner", offset: 0, code }),
        }
    }
}

fn put_head(code: i32, number: u64, session: SessionId, buffer: &mut BytesMut) {
    code.encode(buffer);
    number.cast_signed().encode(buffer);
    session.encode(buffer);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dispatch_survives_the_way_through_bytes() {
        let session = SessionId(7);
        let identities = vec![Id { scheme: "ip".into(), id: "10.0.0.1".into() }];
        for dispatch in [
            ToLeader::Request { number: u64::MAX, session, identities, frame: Bytes::from_static(b"frame") },
            ToLeader::OpenSession { number: 1, session, timeout_milliseconds: 6000 },
            ToLeader::Revalidate { number: 2, session, timeout_milliseconds: 6000 },
            ToLeader::Sync { number: 3, session },
            ToLeader::Touched { sessions: vec![session, SessionId(8)] },
        ] {
            assert_eq!(ToLeader::decode(&dispatch.encode()), Ok(dispatch));
        }
        for dispatch in [ToLearner::Revalidated { number: 2, lives: true }, ToLearner::Synced { number: 3 }] {
            assert_eq!(ToLearner::decode(&dispatch.encode()), Ok(dispatch));
        }
    }

    #[test]
    fn what_goes_one_way_is_not_taken_for_what_goes_the_other() {
        assert!(ToLeader::decode(&ToLearner::Synced { number: 3 }.encode()).is_err());
        assert!(ToLearner::decode(&ToLeader::Sync { number: 3, session: SessionId(7) }.encode()).is_err());
    }
}
