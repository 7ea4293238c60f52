//! A leader's handle on the resource: one connection, made when it is needed and again when it broke.

use std::io;
use std::time::Duration;

use history::Term;
use host::net::{ReadHalf, TcpStream, WriteHalf, lookup};
use tokio::io::{AsyncWriteExt, BufReader};

use super::protocol::{Act, FenceOff, Verdict, read_line};

/// A leader's handle on the resource.
pub struct ResourceHandle {
    address: String,
    patience: Duration,
    connection: Option<(BufReader<ReadHalf>, WriteHalf)>,
}

impl ResourceHandle {
    /// The resource at `host:port`; connecting and acting may take this long together.
    #[must_use]
    pub fn new(address: &str, patience: Duration) -> ResourceHandle {
        ResourceHandle { address: address.to_owned(), patience, connection: None }
    }

    /// Acts. `act` without line breaks.
    ///
    /// # Errors
    /// If there was no answer in time, or none at all: the act may have taken effect, or may yet. The same act may be
    /// done again; done twice in a row it takes effect once.
    pub async fn act(&mut self, term: Term, act: &str) -> io::Result<Verdict> {
        self.say(Act { term, by: host::node_name(), act: act.to_owned() }.to_line()).await
    }

    /// Fences off all terms below this one. It may be said again and again.
    ///
    /// # Errors
    /// If there was no answer in time, or none at all: the fence may have been raised, or may yet be.
    pub async fn fence(&mut self, term: Term) -> io::Result<Verdict> {
        self.say(FenceOff { term, by: host::node_name() }.to_line()).await
    }

    async fn say(&mut self, line: String) -> io::Result<Verdict> {
        // Whatever happens, a conversation without its answer is not gone on with: the answer might be to another act.
        let connection = self.connection.take();
        let (connection, verdict) = host::timeout(self.patience, converse(&self.address, connection, &line))
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        self.connection = Some(connection);
        Ok(verdict)
    }
}

type Connection = (BufReader<ReadHalf>, WriteHalf);

async fn converse(address: &str, connection: Option<Connection>, line: &str) -> io::Result<(Connection, Verdict)> {
    let (mut reader, mut writer) = match connection {
        Some(connection) => connection,
        None => connect(address).await?,
    };
    writer.write_all(line.as_bytes()).await?;
    let line = read_line(&mut reader).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let verdict = Verdict::from_line(&line).ok_or(io::ErrorKind::InvalidData)?;
    Ok(((reader, writer), verdict))
}

async fn connect(address: &str) -> io::Result<Connection> {
    let mut failure = io::Error::from(io::ErrorKind::NotFound);
    for address in lookup(address).await? {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                let (reader, writer) = stream.into_split();
                return Ok((BufReader::new(reader), writer));
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}
