//! The connections between the members of an ensemble: one for each pair, dialled by the one with the higher id
//! (`QuorumCnxManager`), which dials again whenever it ends.
//!
//! A connection begins with a greeting that names both ends. Then messages go both ways in frames; an empty frame is a
//! sign of life, sent when there has been nothing else for half a tick. Who hears nothing for as long as a learner may be
//! silent (`syncLimit` ticks) gives the connection up: nobody else would notice that the other machine is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use host::net::{ReadHalf, TcpListener, TcpStream, WriteHalf, lookup};
use proto::FrameDecoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use zab::{Input, Message, ServerId};

use super::connection::{fill, take_frames};
use super::{ACCEPT_PAUSE, Task};
use crate::config::{Config, Ensemble};

/// The first bytes of a connection: what it is, and the version of the greeting.
const GREETING: [u8; 5] = *b"IRGN\x01";
/// The greeting, and the ids of the two ends.
const GREETING_LENGTH: usize = GREETING.len() + 2;
/// The pauses between attempts to dial: members that start together miss each other by little.
const PAUSE_SHORTEST: Duration = Duration::from_millis(5);
const PAUSE_LONGEST: Duration = Duration::from_secs(1);
/// How many messages may wait for the core before readers wait too.
const INBOX: usize = 1024;
/// The longest frame: a whole state is in one.
const FRAME_LIMIT: usize = i32::MAX as usize;

/// What the mesh has to tell.
pub(super) enum Heard {
    /// There is a connection.
    Joined { from: ServerId, stream: TcpStream, ended: Option<oneshot::Sender<()>> },
    /// It brought messages.
    Messages { from: ServerId, number: u64, messages: Vec<Message> },
    /// It has ended.
    Ended { from: ServerId, number: u64 },
}

/// The connections with the other members.
pub(super) struct Mesh {
    links: BTreeMap<ServerId, Link>,
    next: u64,
    silence: Duration,
    sign_of_life: Duration,
    inbox: mpsc::Sender<Heard>,
    _tasks: Vec<Task>,
}

/// One connection.
struct Link {
    number: u64,
    /// Frames that are about to be handed to the writer.
    gathered: BytesMut,
    outgoing: mpsc::UnboundedSender<Bytes>,
    _reader: Task,
    _writer: Task,
    /// Dropped with the link: the dialler takes that as its sign.
    _ended: Option<oneshot::Sender<()>>,
}

impl Mesh {
    /// Begins to accept and to dial.
    pub(super) fn start(
        config: &Arc<Config>,
        ensemble: &Ensemble,
        listener: TcpListener,
    ) -> (Mesh, mpsc::Receiver<Heard>) {
        let (inbox, heard) = mpsc::channel(INBOX);
        let own = ServerId(config.server_id);
        let callers: BTreeSet<ServerId> =
            ensemble.members.keys().map(|id| ServerId(*id)).filter(|id| *id > own).collect();
        let accepting = accept(listener, own, Arc::new(callers), config.handshake_timeout, inbox.clone());
        let mut tasks = vec![Task(host::spawn(accepting))];
        for (id, member) in ensemble.members.range(..config.server_id) {
            let address = format!("{}:{}", member.host, member.port);
            tasks.push(Task(host::spawn(dial(own, ServerId(*id), address, config.tick, inbox.clone()))));
        }
        let mesh = Mesh {
            links: BTreeMap::new(),
            next: 1,
            silence: config.tick * ensemble.sync_limit,
            sign_of_life: config.tick / 2,
            inbox,
            _tasks: tasks,
        };
        (mesh, heard)
    }

    /// What the broadcast should know of what was heard, in order.
    pub(super) fn take(&mut self, heard: Heard) -> Vec<Input> {
        match heard {
            Heard::Joined { from, stream, ended } => self.join(from, stream, ended),
            Heard::Messages { from, number, messages } if self.is_current(from, number) => {
                messages.into_iter().map(|message| Input::Message { from, message }).collect()
            }
            Heard::Ended { from, number } if self.is_current(from, number) => {
                tracing::info!(server = from.0, "the connection with another server has ended");
                self.links.remove(&from);
                vec![Input::PeerLost(from)]
            }
            // Of a connection that is gone already.
            Heard::Messages { .. } | Heard::Ended { .. } => Vec::new(),
        }
    }

    fn join(&mut self, from: ServerId, stream: TcpStream, ended: Option<oneshot::Sender<()>>) -> Vec<Input> {
        let number = self.next;
        self.next += 1;
        let (read_half, write_half) = stream.into_split();
        let (outgoing, to_write) = mpsc::unbounded_channel();
        let reader = read((from, number), read_half, self.silence, self.inbox.clone());
        let writer = write((from, number), write_half, to_write, self.sign_of_life, self.inbox.clone());
        let link = Link {
            number,
            gathered: BytesMut::new(),
            outgoing,
            _reader: Task(host::spawn(reader)),
            _writer: Task(host::spawn(writer)),
            _ended: ended,
        };
        tracing::info!(server = from.0, "there is a connection with another server");
        let before = self.links.insert(from, link);
        before.map(|_| Input::PeerLost(from)).into_iter().chain([Input::PeerConnected(from)]).collect()
    }

    /// Sends messages, each if there is a connection. What goes to one server goes together.
    pub(super) fn send(&mut self, messages: impl Iterator<Item = (ServerId, Message)>) {
        for (to, message) in messages {
            if let Some(link) = self.links.get_mut(&to) {
                put_frame(&mut link.gathered, &message);
            }
        }
        for link in self.links.values_mut().filter(|link| !link.gathered.is_empty()) {
            // A writer that failed has told so itself.
            let _ = link.outgoing.send(link.gathered.split().freeze());
        }
    }

    fn is_current(&self, server: ServerId, number: u64) -> bool {
        self.links.get(&server).is_some_and(|link| link.number == number)
    }
}

fn put_frame(buffer: &mut BytesMut, message: &Message) {
    let start = buffer.len();
    buffer.put_u32(0);
    message.encode_to(buffer);
    let length = u32::try_from(buffer.len() - start - 4).expect("a message is shorter than 4 GiB");
    buffer[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

async fn accept(
    listener: TcpListener,
    own: ServerId,
    callers: Arc<BTreeSet<ServerId>>,
    patience: Duration,
    inbox: mpsc::Sender<Heard>,
) {
    loop {
        match listener.accept().await {
            Ok((mut stream, peer)) => {
                let (inbox, callers) = (inbox.clone(), callers.clone());
                // Whoever does not greet holds up nobody but itself.
                host::spawn(async move {
                    let Ok(Some((from, to))) = host::timeout(patience, greeting_of(&mut stream)).await else { return };
                    if to == own && callers.contains(&from) {
                        let _ = inbox.send(Heard::Joined { from, stream, ended: None }).await;
                    } else {
                        tracing::warn!(%peer, from = from.0, to = to.0, "a server called that should not: settings differ");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept another server's connection");
                host::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Reads a greeting: who calls, and whom.
async fn greeting_of(stream: &mut TcpStream) -> Option<(ServerId, ServerId)> {
    let mut greeting = [0; GREETING_LENGTH];
    stream.read_exact(&mut greeting).await.ok()?;
    let (head, ends) = greeting.split_at(GREETING.len());
    (head == GREETING).then_some((ServerId(ends[0]), ServerId(ends[1])))
}

/// Dials until the end, one connection at a time.
async fn dial(own: ServerId, to: ServerId, address: String, patience: Duration, inbox: mpsc::Sender<Heard>) {
    let mut pause = PAUSE_SHORTEST;
    loop {
        if let Ok(Some(stream)) = host::timeout(patience, connect(own, to, &address)).await {
            let since = host::now();
            let (ended, end) = oneshot::channel();
            if inbox.send(Heard::Joined { from: to, stream, ended: Some(ended) }).await.is_err() {
                return;
            }
            let _ = end.await;
            // One that ends at once was not wanted at the other end.
            if host::now() - since > PAUSE_LONGEST {
                pause = PAUSE_SHORTEST;
            }
        }
        host::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_LONGEST);
    }
}

async fn connect(own: ServerId, to: ServerId, address: &str) -> Option<TcpStream> {
    for address in lookup(address).await.ok()? {
        if let Ok(mut stream) = TcpStream::connect(address).await {
            let mut greeting = GREETING.to_vec();
            greeting.extend([own.0, to.0]);
            stream.write_all(&greeting).await.ok()?;
            return Some(stream);
        }
    }
    None
}

async fn read((from, number): (ServerId, u64), mut stream: ReadHalf, silence: Duration, inbox: mpsc::Sender<Heard>) {
    let mut decoder = FrameDecoder::new(FRAME_LIMIT);
    while let Ok(Some(())) = host::timeout(silence, fill(&mut stream, &mut decoder)).await {
        let Some(frames) = take_frames(&mut decoder) else { break };
        let mut messages = Vec::with_capacity(frames.len());
        let mut confusion = None;
        for frame in frames.into_iter().filter(|frame| !frame.is_empty()) {
            match Message::decode(frame) {
                Ok(message) => messages.push(message),
                Err(error) => {
                    confusion = Some(error);
                    break;
                }
            }
        }
        // What came before something that nobody understands still counts.
        if !messages.is_empty() && inbox.send(Heard::Messages { from, number, messages }).await.is_err() {
            return;
        }
        if let Some(error) = confusion {
            tracing::warn!(server = from.0, %error, "a server says what nobody understands");
            break;
        }
    }
    let _ = inbox.send(Heard::Ended { from, number }).await;
}

async fn write(
    (from, number): (ServerId, u64),
    mut stream: WriteHalf,
    mut outgoing: mpsc::UnboundedReceiver<Bytes>,
    sign_of_life: Duration,
    inbox: mpsc::Sender<Heard>,
) {
    loop {
        let mut bytes = match host::timeout(sign_of_life, outgoing.recv()).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return,
            Err(host::Elapsed) => Bytes::from_static(&[0; 4]),
        };
        // What has gathered meanwhile goes out with it.
        if let Ok(more) = outgoing.try_recv() {
            let mut gathered = BytesMut::from(&bytes[..]);
            gathered.extend_from_slice(&more);
            while let Ok(more) = outgoing.try_recv() {
                gathered.extend_from_slice(&more);
            }
            bytes = gathered.freeze();
        }
        if stream.write_all(&bytes).await.is_err() {
            let _ = inbox.send(Heard::Ended { from, number }).await;
            return;
        }
    }
}
