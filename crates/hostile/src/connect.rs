//! The first bytes of a connection: a four-letter word, or a handshake, or neither.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use host::{Instant, WallTime};
use proto::frame::DEFAULT_LIMIT;
use proto::{ConnectRequest, ConnectResponse, Decode, Encode, FrameDecoder};
use server::fuzzing::{FOUR_LETTER_WORDS, First, answer_word, first};
use server::{Clocks, Config, ConnectionId, Database, Effects, Entrance, Input, Replica};

use crate::memory::within_means;

/// The length of a handshake without the flag for reading only, and with it.
const LENGTHS: [usize; 2] = [44, 45];

/// Checks all that a connection says.
///
/// # Panics
/// If something does not hold.
pub fn check_connect(input: &[u8]) {
    match within_means(input.len(), || first(input, DEFAULT_LIMIT)) {
        First::Nothing => {}
        First::Word(word) => {
            assert!(input.starts_with(word.as_bytes()) && FOUR_LETTER_WORDS.contains(&word));
            let (mut replica, clocks) = replica();
            assert!(!answer_word(&mut replica, word, clocks).is_empty());
        }
        First::Frames(frames) => {
            if let Some(handshake) = frames.first() {
                check_handshake(handshake);
            }
            check_answer(&frames);
        }
    }
}

fn check_handshake(frame: &Bytes) {
    let Ok(request) = ConnectRequest::from_bytes(frame) else { return };
    let mut written = BytesMut::new();
    request.encode(&mut written);
    assert_eq!(written.len(), LENGTHS[usize::from(request.read_only.is_some())]);
    assert_eq!(
        ConnectRequest::from_bytes(&written.freeze()),
        Ok(request),
        "what is read is written, and read as the same"
    );
}

/// Whatever is said, the server closes the connection, or grants a session and goes on.
fn check_answer(frames: &[Bytes]) {
    const CONNECTION: ConnectionId = ConnectionId(1);
    let (mut replica, clocks) = replica();
    let config = Config::default();
    let mut effects = Effects::new(true);
    let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1000));
    replica.step(clocks, Input::Opened { connection: CONNECTION, peer, entrance: Entrance::Plain }, &mut effects);
    for frame in frames {
        replica.step(clocks, Input::Frame { connection: CONNECTION, frame: frame.clone() }, &mut effects);
    }
    let outputs: Vec<_> = effects.take_outputs().collect();
    let [output] = &outputs[..] else { panic!("the connection is answered, or closed: {outputs:?}") };
    let mut decoder = FrameDecoder::new(usize::MAX);
    decoder.push(&output.bytes);
    let Some(answer) = decoder.next_frame().expect("frames are whole") else {
        return assert!(output.closes, "who is not answered is not kept waiting");
    };
    let asked = frames.first().map(ConnectRequest::from_bytes).expect("something was said").expect("it was answered");
    let answer = ConnectResponse::from_bytes(&answer).expect("a handshake is answered with one");
    assert_eq!(answer.read_only, asked.read_only.map(|_| false), "only who sent the flag expects it");
    if answer.is_refused() {
        return assert!(output.closes && !asked.session_id.is_none(), "only an old session can be refused");
    }
    let granted = Duration::from_millis(u64::try_from(answer.timeout_milliseconds).expect("it is positive"));
    assert!((config.timeout_minimum()..=config.timeout_maximum()).contains(&granted));
    assert!(
        asked.session_id.is_none() && replica.database().sessions.contains_key(&answer.session_id) || output.closes
    );
}

fn replica() -> (Replica, Clocks) {
    let now = Instant::from_reading(Duration::from_secs(1000));
    let clocks = Clocks { now, wall: WallTime::from_epoch(Duration::from_secs(1_600_000_000)) };
    let config = Config { words: vec!["*".to_owned()], ..Config::default() };
    (Replica::new(Arc::new(config), Database::default(), clocks, 1), clocks)
}
