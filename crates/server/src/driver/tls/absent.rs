//! In place of TLS, in builds without it: nothing makes a connection secure, and a server that is told to does not start.

use std::io;

use host::net::TcpStream;

use super::Error;
use crate::secure::Secure;

/// No connection is encrypted here.
pub(super) type Stream = TcpStream;

/// There is none.
pub(super) enum Acceptor {}

impl Acceptor {
    /// Refuses.
    pub(super) async fn load(_: &Secure) -> Result<Acceptor, Error> {
        Err(Error::Config("this build has no TLS: it comes with the feature `tls`"))
    }

    /// Is never called.
    pub(super) async fn accept(&self, _: TcpStream) -> io::Result<(Stream, Option<String>)> {
        match *self {}
    }
}
