//! What a process holds of a connection: a stream, or its halves.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection::{Progress, Side};
use super::state::{Place, Shared};

/// A stream.
pub struct TcpStream {
    read: ReadHalf,
    write: WriteHalf,
}

/// The reading half of a stream.
pub struct ReadHalf(Half);

/// The writing half of a stream. Dropping it sends a FIN.
pub struct WriteHalf(Half);

struct Half {
    shared: Arc<Shared>,
    place: Place,
    side: Side,
}

impl TcpStream {
    /// The stream of a process that holds both halves of its side; the connection counts them already.
    pub(super) fn new(shared: &Arc<Shared>, place: Place, side: Side) -> TcpStream {
        let half = || Half { shared: shared.clone(), place, side };
        TcpStream { read: ReadHalf(half()), write: WriteHalf(half()) }
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        let Half { shared, place, side } = &self.read.0;
        Ok(shared.lock().connections.get(*place).end(*side).address)
    }

    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        let Half { shared, place, side } = &self.read.0;
        Ok(shared.lock().connections.get(*place).end(side.other()).address)
    }

    pub(crate) fn into_split(self) -> (ReadHalf, WriteHalf) {
        (self.read, self.write)
    }
}

impl Half {
    /// Lets go of this half; the last one closes the connection. Runs while madsim's locks are held, maybe on no node
    /// at all, maybe long after the process or its machine died: nothing happens then.
    fn let_go(&self, writes: bool) {
        let state = &mut *self.shared.lock();
        let connection = state.connections.get(self.place);
        let halves = &mut connection.end_mut(self.side).halves;
        *halves -= 1;
        if *halves == 0 {
            connection.close(&mut state.medium, self.side);
        } else if writes {
            connection.finish(&mut state.medium, self.side);
        }
        state.connections.release(self.place);
    }
}

impl Drop for ReadHalf {
    fn drop(&mut self) {
        self.0.let_go(false);
    }
}

impl Drop for WriteHalf {
    fn drop(&mut self) {
        self.0.let_go(true);
    }
}

impl AsyncRead for ReadHalf {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Half { shared, place, side } = &self.0;
        let room = buffer.remaining();
        if room == 0 {
            return Poll::Ready(Ok(()));
        }
        let state = &mut *shared.lock();
        let connection = state.connections.get(*place);
        let take = |bytes: &[u8]| buffer.put_slice(bytes);
        match connection.read(&mut state.medium, *side, room, context.waker(), take) {
            Progress::Bytes(_) => Poll::Ready(Ok(())),
            Progress::Pending => Poll::Pending,
            Progress::Failed(error) => Poll::Ready(Err(error.into())),
        }
    }
}

impl AsyncWrite for WriteHalf {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Half { shared, place, side } = &self.0;
        let state = &mut *shared.lock();
        let connection = state.connections.get(*place);
        match connection.write(&mut state.medium, *side, bytes, context.waker()) {
            Progress::Bytes(count) => Poll::Ready(Ok(count)),
            Progress::Pending => Poll::Pending,
            Progress::Failed(error) => Poll::Ready(Err(error.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Half { shared, place, side } = &self.0;
        let state = &mut *shared.lock();
        state.connections.get(*place).finish(&mut state.medium, *side);
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().read).poll_read(context, buffer)
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().write).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().write).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().write).poll_shutdown(context)
    }
}
