//! Four-letter words: what a server says of itself to whoever connects and asks.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(5);

/// Asks a server, on a connection of its own.
///
/// # Errors
/// What the system says: nobody listens, or nothing came in time.
pub fn ask(address: SocketAddr, word: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.write_all(word.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// What a server says of its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// `leader`, `follower`, `observer` or `standalone`.
    pub mode: String,
    /// The last transaction that it has applied.
    pub zxid: i64,
}

impl Status {
    /// What `srvr` says; nothing, if the server serves nobody or is not there.
    #[must_use]
    pub fn of(address: SocketAddr) -> Option<Status> {
        let answer = ask(address, "srvr").ok()?;
        let zxid = i64::from_str_radix(&field(&answer, "Zxid: 0x")?, 16).ok()?;
        Some(Status { mode: field(&answer, "Mode: ")?, zxid })
    }

    /// The epoch in which that transaction was broadcast.
    #[must_use]
    pub fn epoch(&self) -> i64 {
        self.zxid >> 32
    }
}

/// What stands in the first line that begins so, behind the beginning.
#[must_use]
pub fn field(answer: &str, beginning: &str) -> Option<String> {
    answer.lines().find_map(|line| line.strip_prefix(beginning)).map(str::to_owned)
}
