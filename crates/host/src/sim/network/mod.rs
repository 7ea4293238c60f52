//! Links between the nodes.
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::core::{Core, NodeIndex};

/// The links between all nodes.
pub struct Network {
    _core: Arc<Core>,
}

/// The quality of a directed link.
#[derive(Clone, Debug, PartialEq)]
pub struct Quality {}

#[allow(clippy::todo, clippy::unused_self)]
impl Network {
    pub(super) fn new(core: Arc<Core>) -> Network {
        Network { _core: core }
    }
    pub(super) fn add_node(&self, _node: NodeIndex) {}
    pub(super) fn process_ended(&self, _node: NodeIndex) {}
    pub(super) fn power_lost(&self, _node: NodeIndex) {}
    pub(super) fn power_restored(&self, _node: NodeIndex) {}
    pub(crate) fn lookup(&self, _host_and_port: &str) -> io::Result<Vec<SocketAddr>> {
        todo!()
    }
    pub(crate) fn bind(&self, _address: SocketAddr) -> io::Result<TcpListener> {
        todo!()
    }
    pub(crate) async fn connect(&self, _address: SocketAddr) -> io::Result<TcpStream> {
        todo!()
    }
    pub(crate) fn bind_datagrams(&self, _address: SocketAddr) -> io::Result<UdpSocket> {
        todo!()
    }
}

/// A listening socket.
pub struct TcpListener {}
#[allow(clippy::todo, clippy::unused_self)]
impl TcpListener {
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        todo!()
    }
    pub(crate) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        todo!()
    }
}

/// A stream.
pub struct TcpStream {}
/// Its reading half.
pub struct ReadHalf {}
/// Its writing half.
pub struct WriteHalf {}
/// A datagram socket.
pub struct UdpSocket {}

#[allow(clippy::todo, clippy::unused_self)]
impl TcpStream {
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        todo!()
    }
    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        todo!()
    }
    pub(crate) fn into_split(self) -> (ReadHalf, WriteHalf) {
        todo!()
    }
}

#[allow(clippy::todo, clippy::unused_self)]
impl UdpSocket {
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        todo!()
    }
    pub(crate) async fn send_to(&self, _bytes: &[u8], _address: SocketAddr) -> io::Result<usize> {
        todo!()
    }
    pub(crate) async fn recv_from(&self, _buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        todo!()
    }
}

macro_rules! stub {
    ($name:ident) => {
        #[allow(clippy::todo)]
        impl AsyncRead for $name {
            fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
                todo!()
            }
        }
        #[allow(clippy::todo)]
        impl AsyncWrite for $name {
            fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
                todo!()
            }
            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                todo!()
            }
            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                todo!()
            }
        }
    };
}
stub!(TcpStream);
stub!(ReadHalf);
stub!(WriteHalf);
