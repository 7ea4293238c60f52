//! The session core at the bench: a hand-made server, a hand-moved clock.

mod calls;
mod connecting;
mod restoring;
mod time;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use history::ClientEvent;
use host::Instant;
use host::random::Stream;
use proto::frame::write_record;
use proto::response::{write_notification, write_reply};
use proto::{
    ConnectRequest, ConnectResponse, Decode, ErrorCode, EventType, FrameDecoder, GetDataRequest, KeeperState, OpCode,
    Password, Reader, ReplyHeader, Request, RequestHeader, Response, SessionId, SetDataRequest, WatcherEvent, Zxid,
};
use rand::SeedableRng;

use super::{Call, CallId, Effect, Input, Session, Settings, WatcherId};
use crate::{Error, Profile, SessionState};

/// The session timeout asked for and granted, in milliseconds.
const T: u64 = 6_000;
const SESSION: SessionId = SessionId(0x77);
const PASSWORD: Password = Password([7; 16]);

/// The reading `milliseconds` after the bench's beginning, which is not the clock's.
fn at(milliseconds: u64) -> Instant {
    Instant::from_reading(Duration::from_secs(1_000) + Duration::from_millis(milliseconds))
}

struct Bench {
    session: Session,
}

impl Bench {
    fn new(servers: &[&str]) -> Bench {
        Bench::with_profile(servers, Profile::default())
    }

    fn with_profile(servers: &[&str], profile: Profile) -> Bench {
        let settings = Settings {
            servers: servers.iter().map(|&server| server.to_owned()).collect(),
            timeout: Duration::from_millis(T),
            resume: None,
            profile,
            #[cfg(feature = "zoo")]
            mutant: None,
            stream: Stream::seed_from_u64(1),
        };
        Bench { session: Session::new(settings, at(0)) }
    }

    /// Connected at once, at the beginning of time.
    fn connected() -> Bench {
        Bench::connected_as(Profile::default())
    }

    fn connected_as(profile: Profile) -> Bench {
        let mut bench = Bench::with_profile(&["a:1"], profile);
        bench.step(0, Input::Tick);
        bench.step(0, Input::Opened);
        bench.step(0, Input::Received(grant(SESSION)));
        assert_eq!(bench.session.state(), SessionState::Connected);
        bench
    }

    fn step(&mut self, milliseconds: u64, input: Input) -> Vec<Effect> {
        self.session.step(at(milliseconds), input)
    }

    /// Ticks until the session dials, and answers that the connection stands. Gives when, and the handshake.
    fn reopened(&mut self) -> (Instant, ConnectRequest) {
        for _ in 0..100 {
            let due = self.session.deadline().expect("the session goes on");
            let effects = self.session.step(due, Input::Tick);
            if effects.iter().any(|effect| matches!(effect, Effect::Dial(_))) {
                let handshake = handshake(&self.session.step(due, Input::Opened));
                return (due, handshake);
            }
        }
        panic!("the session does not dial");
    }

    /// Brings a lost connection back, a moment later. Gives what happened at the server's grant.
    fn reconnected(&mut self) -> (Instant, Vec<Effect>) {
        let (when, _) = self.reopened();
        (when, self.session.step(when, Input::Received(grant(SESSION))))
    }

    fn deadline(&self) -> u64 {
        let deadline = self.session.deadline().expect("the session goes on");
        u64::try_from((deadline - at(0)).as_millis()).expect("the bench's time is short")
    }
}

fn grant(session_id: SessionId) -> Bytes {
    record(&ConnectResponse {
        protocol_version: 0,
        timeout_milliseconds: i32::try_from(T).expect("T is small"),
        session_id,
        password: PASSWORD,
        read_only: Some(false),
    })
}

fn record(record: &impl proto::Encode) -> Bytes {
    let mut bytes = BytesMut::new();
    write_record(&mut bytes, record);
    bytes.freeze()
}

fn reply(xid: i32, zxid: i64, response: Response) -> Input {
    let mut bytes = BytesMut::new();
    write_reply(&mut bytes, &ReplyHeader { xid, zxid: Zxid(zxid), error: None }, Some(&response));
    Input::Received(bytes.freeze())
}

fn refusal(xid: i32, zxid: i64, error: ErrorCode) -> Input {
    let mut bytes = BytesMut::new();
    write_reply(&mut bytes, &ReplyHeader { xid, zxid: Zxid(zxid), error: Some(error) }, None);
    Input::Received(bytes.freeze())
}

fn notification(zxid: i64, event_type: EventType, path: &str) -> Bytes {
    let mut bytes = BytesMut::new();
    let event = WatcherEvent { event_type, state: KeeperState::SyncConnected, path: path.to_owned() };
    write_notification(&mut bytes, Zxid(zxid), &event);
    bytes.freeze()
}

fn ask(id: u64, request: Request) -> Input {
    Input::Call(Call { id: CallId(id), request, watcher: None, deadline: None })
}

fn set_data(path: &str) -> Request {
    Request::SetData(SetDataRequest { path: path.to_owned(), data: None, version: -1 })
}

fn get_data(path: &str, watch: bool) -> Request {
    Request::GetData(GetDataRequest { path: path.to_owned(), watch })
}

fn got_data(mzxid: i64) -> Response {
    let stat = proto::Stat { mzxid: Zxid(mzxid), ..proto::Stat::default() };
    Response::GetData(proto::GetDataResponse { data: None, stat })
}

fn sent_frames(effects: &[Effect]) -> Vec<Bytes> {
    let mut decoder = FrameDecoder::default();
    for effect in effects {
        if let Effect::Send(bytes) = effect {
            decoder.push(bytes);
        }
    }
    std::iter::from_fn(|| decoder.next_frame().expect("the frames are whole")).collect()
}

/// What was sent, as xid and operation.
fn sent(effects: &[Effect]) -> Vec<(i32, OpCode)> {
    let header = |frame: &Bytes| RequestHeader::decode(&mut Reader::new(frame)).expect("a request has a header");
    sent_frames(effects).iter().map(header).map(|header| (header.xid, header.op_code)).collect()
}

fn handshake(effects: &[Effect]) -> ConnectRequest {
    let frames = sent_frames(effects);
    assert_eq!(frames.len(), 1, "the handshake goes alone");
    ConnectRequest::from_bytes(&frames[0]).expect("the first frame is a handshake")
}

fn completed(effects: &[Effect]) -> Vec<(u64, Result<(), Error>)> {
    let completed = effects.iter().filter_map(|effect| match effect {
        Effect::Complete { call, result } => Some((call.0, result.clone().map(|_| ()))),
        _ => None,
    });
    completed.collect()
}

fn states(effects: &[Effect]) -> Vec<SessionState> {
    let states = effects.iter().filter_map(|effect| match effect {
        Effect::State(state) => Some(*state),
        _ => None,
    });
    states.collect()
}

fn told(effects: &[Effect]) -> Vec<ClientEvent> {
    let told = effects.iter().filter_map(|effect| match effect {
        Effect::Tell(event) => Some(event.clone()),
        _ => None,
    });
    told.collect()
}
