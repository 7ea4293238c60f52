//! The real network: tokio's own types.

pub(crate) use tokio::net::tcp::{OwnedReadHalf as ReadHalf, OwnedWriteHalf as WriteHalf};
pub(crate) use tokio::net::{TcpListener, TcpStream, UdpSocket};
