//! What one test works with.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use zookeeper_client::{Acls, Client, CreateMode, CreateOptions, Error};

/// Longer than any test.
pub const LONG: Duration = Duration::from_secs(10);

/// Persistent, and open to everybody.
pub const PERSISTENT: CreateOptions<'static> = CreateMode::Persistent.with_acls(Acls::anyone_all());

/// Ephemeral, and open to everybody.
pub const EPHEMERAL: CreateOptions<'static> = CreateMode::Ephemeral.with_acls(Acls::anyone_all());

/// Where the servers are: the one that is tested first, then the rest of its ensemble.
#[derive(Debug)]
pub struct Place {
    pub mode: String,
    pub servers: Vec<String>,
}

/// A test and its name.
pub type Named = (String, Box<dyn FnOnce(Bed) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>);

/// Names tests as they are called: `tests![group: one, another]`.
#[macro_export]
macro_rules! tests {
    ($group:ident: $($name:ident),+ $(,)?) => {
        pub fn tests() -> Vec<$crate::bed::Named> {
            vec![$((
                concat!(stringify!($group), "::", stringify!($name)).to_owned(),
                Box::new(|bed| Box::pin($name(bed))),
            )),+]
        }
    };
}

/// What one test works with: a znode of its own, and a client.
#[derive(Debug)]
pub struct Bed {
    pub place: Arc<Place>,
    pub client: Client,
    root: String,
}

impl Bed {
    pub async fn prepare(place: Arc<Place>, name: &str) -> Bed {
        let client = connect(&place.servers[0], LONG).await;
        let root = format!("/{}-{}-{}", name.replace("::", "-"), place.mode, client.session_id());
        client.create(&root, b"", &PERSISTENT).await.expect("the znode of the test");
        Bed { place, client, root }
    }

    /// What lies below the znode of the test.
    pub fn path(&self, below: &str) -> String {
        format!("{}{below}", self.root)
    }

    /// Creates a persistent znode.
    pub async fn create(&self, below: &str) -> String {
        let path = self.path(below);
        self.client.create(&path, b"data", &PERSISTENT).await.expect("a znode");
        path
    }

    /// Another client at the server that is tested.
    pub async fn connect(&self) -> Client {
        connect(&self.place.servers[0], LONG).await
    }
}

/// A client that is connected. The crate gives a connection no more time than the session, which a busy machine may need.
pub async fn connect(servers: &str, timeout: Duration) -> Client {
    loop {
        match Client::connector().with_session_timeout(timeout).connect(servers).await {
            Err(Error::Timeout) => {}
            other => return other.expect("a connection"),
        }
    }
}

/// Asks until the answer is yes.
pub async fn eventually<Answer: Future<Output = bool>>(mut question: impl FnMut() -> Answer) {
    while !question().await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
