//! Stands in for the simulated machine in a build without `--cfg madsim`: there is none, and nothing ever makes one.

pub(crate) use crate::real::net::{ReadHalf, TcpListener, TcpStream, UdpSocket, WriteHalf};
