//! Connections and datagrams.
//!
//! Streams implement tokio's `AsyncRead` and `AsyncWrite` on both machines. Errors are `std::io::Error` with the kinds
//! that a real kernel gives: `ConnectionRefused`, `ConnectionReset`, `TimedOut`, `AddrInUse`, `BrokenPipe`.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::real;
use crate::sim;

/// A thing of either machine. Without `--cfg madsim` the simulated one is a type without values.
enum Machine<R, S> {
    Real(R),
    #[cfg_attr(not(madsim), allow(dead_code, reason = "nothing makes one in this build"))]
    Simulated(S),
}

/// Applies the same expression to whichever machine it is.
macro_rules! on_machine {
    ($machine:expr, $inner:ident => $body:expr) => {
        match $machine {
            Machine::Real($inner) => $body,
            Machine::Simulated($inner) => $body,
        }
    };
}

/// Resolves `host:port`. Inside a simulation a host is the name of a node or an address.
///
/// # Errors
/// `NotFound` if nobody has that name, `InvalidInput` if there is no port.
pub async fn lookup(host_and_port: &str) -> io::Result<Vec<SocketAddr>> {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        return world.network().lookup(host_and_port);
    }
    Ok(tokio::net::lookup_host(host_and_port).await?.collect())
}

/// A listening socket.
pub struct TcpListener(Machine<real::net::TcpListener, sim::TcpListener>);

impl TcpListener {
    /// Listens on an address; port 0 takes a free one.
    ///
    /// # Errors
    /// `AddrInUse` if somebody listens there, `AddrNotAvailable` if the address is not this node's.
    pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
        #[cfg(madsim)]
        if let Some(world) = sim::World::try_current() {
            return Ok(TcpListener(Machine::Simulated(world.network().bind(address)?)));
        }
        Ok(TcpListener(Machine::Real(tokio::net::TcpListener::bind(address).await?)))
    }

    /// The address listened on.
    ///
    /// # Errors
    /// Whatever the operating system reports.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        on_machine!(&self.0, listener => listener.local_addr())
    }

    /// Waits for the next connection.
    ///
    /// # Errors
    /// Whatever the operating system reports, such as too many open files.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        match &self.0 {
            Machine::Real(listener) => {
                let (stream, peer) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok((TcpStream(Machine::Real(stream)), peer))
            }
            Machine::Simulated(listener) => {
                let (stream, peer) = listener.accept().await?;
                Ok((TcpStream(Machine::Simulated(stream)), peer))
            }
        }
    }
}

/// A stream connection. Small writes are sent at once (`TCP_NODELAY`).
pub struct TcpStream(Machine<real::net::TcpStream, sim::TcpStream>);

impl TcpStream {
    /// Connects to an address. There is no time limit but the kernel's (about two minutes): wrap it in
    /// [`crate::timeout`].
    ///
    /// # Errors
    /// `ConnectionRefused` if the machine is up and nobody listens there, `TimedOut` at the kernel's limit. A machine
    /// that is down or cut off answers nothing at all.
    pub async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
        #[cfg(madsim)]
        if let Some(world) = sim::World::try_current() {
            let stream = world.network().connect(address).await?;
            return Ok(TcpStream(Machine::Simulated(stream)));
        }
        let stream = tokio::net::TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(TcpStream(Machine::Real(stream)))
    }

    /// This side's address.
    ///
    /// # Errors
    /// Whatever the operating system reports.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        on_machine!(&self.0, stream => stream.local_addr())
    }

    /// The other side's address.
    ///
    /// # Errors
    /// `NotConnected` once the connection is gone.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        on_machine!(&self.0, stream => stream.peer_addr())
    }

    /// Splits the stream into halves that can live in two tasks. Dropping the write half sends a FIN.
    pub fn into_split(self) -> (ReadHalf, WriteHalf) {
        match self.0 {
            Machine::Real(stream) => {
                let (read, write) = stream.into_split();
                (ReadHalf(Machine::Real(read)), WriteHalf(Machine::Real(write)))
            }
            Machine::Simulated(stream) => {
                let (read, write) = stream.into_split();
                (ReadHalf(Machine::Simulated(read)), WriteHalf(Machine::Simulated(write)))
            }
        }
    }
}

/// The reading half of a stream.
pub struct ReadHalf(Machine<real::net::ReadHalf, sim::ReadHalf>);

/// The writing half of a stream.
pub struct WriteHalf(Machine<real::net::WriteHalf, sim::WriteHalf>);

macro_rules! implement_read {
    ($name:ident) => {
        impl AsyncRead for $name {
            fn poll_read(
                self: Pin<&mut Self>,
                context: &mut Context<'_>,
                buffer: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                on_machine!(&mut self.get_mut().0, stream => Pin::new(stream).poll_read(context, buffer))
            }
        }
    };
}

macro_rules! implement_write {
    ($name:ident) => {
        impl AsyncWrite for $name {
            fn poll_write(
                self: Pin<&mut Self>,
                context: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                on_machine!(&mut self.get_mut().0, stream => Pin::new(stream).poll_write(context, bytes))
            }

            fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
                on_machine!(&mut self.get_mut().0, stream => Pin::new(stream).poll_flush(context))
            }

            fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
                on_machine!(&mut self.get_mut().0, stream => Pin::new(stream).poll_shutdown(context))
            }
        }
    };
}

implement_read!(TcpStream);
implement_write!(TcpStream);
implement_read!(ReadHalf);
implement_write!(WriteHalf);

/// A datagram socket: what is sent may be lost, reordered, duplicated.
pub struct UdpSocket(Machine<real::net::UdpSocket, sim::UdpSocket>);

impl UdpSocket {
    /// Opens a socket on an address; port 0 takes a free one.
    ///
    /// # Errors
    /// `AddrInUse` if somebody has it.
    pub async fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
        #[cfg(madsim)]
        if let Some(world) = sim::World::try_current() {
            return Ok(UdpSocket(Machine::Simulated(world.network().bind_datagrams(address)?)));
        }
        Ok(UdpSocket(Machine::Real(tokio::net::UdpSocket::bind(address).await?)))
    }

    /// The address it is open on.
    ///
    /// # Errors
    /// Whatever the operating system reports.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        on_machine!(&self.0, socket => socket.local_addr())
    }

    /// Sends one datagram. Success says nothing about its arrival.
    ///
    /// # Errors
    /// Whatever the operating system reports.
    pub async fn send_to(&self, bytes: &[u8], address: SocketAddr) -> io::Result<usize> {
        on_machine!(&self.0, socket => socket.send_to(bytes, address).await)
    }

    /// Waits for a datagram. What does not fit into `buffer` is lost.
    ///
    /// # Errors
    /// Whatever the operating system reports.
    pub async fn recv_from(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        on_machine!(&self.0, socket => socket.recv_from(buffer).await)
    }
}
