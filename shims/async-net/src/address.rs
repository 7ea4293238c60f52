//! What one can connect to.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

/// Names and addresses, as `async-net` takes them. Names are asked of `host`: in a simulation they are those of nodes.
pub trait AsyncToSocketAddrs {
    /// The addresses.
    ///
    /// # Errors
    /// `NotFound` if nobody has that name, `InvalidInput` if there is no port.
    fn addresses(&self) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;
}

impl AsyncToSocketAddrs for SocketAddr {
    async fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        Ok(vec![*self])
    }
}

impl AsyncToSocketAddrs for str {
    async fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        host::net::lookup(self).await
    }
}

impl AsyncToSocketAddrs for String {
    async fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        host::net::lookup(self).await
    }
}

impl AsyncToSocketAddrs for (&str, u16) {
    async fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        let (name, port) = self;
        // An IPv6 address needs its brackets to be told from its port.
        let is_v6 = name.contains(':') && !name.starts_with('[');
        let host_and_port = if is_v6 { format!("[{name}]:{port}") } else { format!("{name}:{port}") };
        host::net::lookup(&host_and_port).await
    }
}

impl AsyncToSocketAddrs for (String, u16) {
    async fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        (self.0.as_str(), self.1).addresses().await
    }
}

impl<T: AsyncToSocketAddrs + ?Sized + Sync> AsyncToSocketAddrs for &T {
    async fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        (**self).addresses().await
    }
}
