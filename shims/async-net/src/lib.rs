//! Stands in for the crate `async-net` where the machine may be a simulated one: its [`TcpStream`], over `host`.
//!
//! `[patch.crates-io]` puts it in the place of the real one, so that a crate which is wired to `async-net` runs unmodified on
//! simulated nodes: a host is the name of a node, and what happens to a connection is what faults make of it. On a real
//! machine the connections are tokio's, and want a tokio runtime. What passes over a connection is shown to the tap of the
//! guest that opened it, if that has one (`guest::tap`).
//!
//! Covered: connecting out, by name or address, reading, writing (vectored, too), closing, both addresses. Not covered, and
//! therefore not compiled: listeners, datagrams, Unix sockets, clones of a stream, and options of sockets other than
//! `TCP_NODELAY`, which is always on.

mod address;

use std::fmt;
use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use guest::tap::Tap;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

pub use address::AsyncToSocketAddrs;

/// A stream connection.
pub struct TcpStream {
    stream: host::net::TcpStream,
    tap: Option<Box<dyn Tap>>,
}

impl TcpStream {
    /// Connects to the first of the addresses that answers.
    ///
    /// # Errors
    /// Those of the last address, as a kernel gives them; `NotFound` if nobody has that name.
    pub async fn connect<A: AsyncToSocketAddrs>(addresses: A) -> io::Result<TcpStream> {
        let mut last = None;
        for address in addresses.addresses().await? {
            match host::net::TcpStream::connect(address).await {
                Ok(stream) => return Ok(TcpStream { stream, tap: guest::tap::open() }),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no address to connect to")))
    }

    /// This side's address.
    ///
    /// # Errors
    /// Whatever the operating system reports.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.stream.local_addr()
    }

    /// The other side's address.
    ///
    /// # Errors
    /// `NotConnected` once the connection is gone.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }

    /// Whether small writes are sent at once: always.
    ///
    /// # Errors
    /// None.
    pub fn nodelay(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Asks that small writes be sent at once, as they are.
    ///
    /// # Errors
    /// `Unsupported` for anything else.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        match nodelay {
            true => Ok(()),
            false => Err(io::Error::new(io::ErrorKind::Unsupported, "simulated streams have TCP_NODELAY always on")),
        }
    }

    /// Refused: a half is shut down by closing the stream.
    ///
    /// # Errors
    /// Always `Unsupported`.
    pub fn shutdown(&self, _how: Shutdown) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "this stand-in for async-net shuts a stream down by poll_close"))
    }

    fn show_sent(&mut self, bytes: &[u8]) {
        if let Some(tap) = &mut self.tap {
            tap.sent(bytes);
        }
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TcpStream").field("peer", &self.stream.peer_addr().ok()).finish_non_exhaustive()
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let mut unfilled = ReadBuf::new(buffer);
        ready!(Pin::new(&mut this.stream).poll_read(context, &mut unfilled))?;
        let read = unfilled.filled();
        if let Some(tap) = &mut this.tap {
            tap.received(read);
        }
        Poll::Ready(Ok(read.len()))
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write(context, bytes))?;
        this.show_sent(&bytes[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // As `writev` does: one segment, not one for each slice.
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        self.poll_write(context, &bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{AsyncReadExt, AsyncWriteExt};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn on_a_real_machine_it_is_a_stream_like_any_other() {
        let listener = host::net::TcpListener::bind(([127, 0, 0, 1], 0).into()).await.expect("a port can be had");
        let port = listener.local_addr().expect("it listens").port();
        let echo = host::spawn(async move {
            let (stream, _) = listener.accept().await.expect("somebody connects");
            let (mut reader, mut writer) = stream.into_split();
            let mut word = [0; 8];
            reader.read_exact(&mut word).await.expect("eight bytes come");
            writer.write_all(&word).await.expect("they go back");
        });
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("it connects");
        assert_eq!(stream.peer_addr().expect("it is connected").port(), port);
        let slices = [IoSlice::new(b"abcd"), IoSlice::new(b""), IoSlice::new(b"efgh")];
        assert_eq!(stream.write_vectored(&slices).await.expect("it takes bytes"), 8, "all slices at once");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it comes back");
        assert_eq!(answer, "abcdefgh");
        echo.await.expect("nothing fails");
    }

    #[tokio::test]
    async fn nobody_listens() {
        let listener = host::net::TcpListener::bind(([127, 0, 0, 1], 0).into()).await.expect("a port can be had");
        let address = listener.local_addr().expect("it listens");
        drop(listener);
        let error = TcpStream::connect(address).await.expect_err("nobody is there");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}
