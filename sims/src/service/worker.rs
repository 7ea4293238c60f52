//! A client of a scenario: its sessions, its dice, and how it calls.

use std::time::Duration;

use client::{Client, Config, CreateMode, Error, ErrorCode};
use host::random::Stream;
use rand::Rng;
use serde_json::{Value, json};

use super::calls::Calls;

/// What a client works with in one life of its process.
pub struct Worker {
    /// Its node's name.
    pub name: String,
    /// How it connects.
    pub config: Config,
    /// Its calls.
    pub calls: Calls,
    /// Its dice.
    pub random: Stream,
    written: u64,
}

impl Worker {
    /// A client at the beginning of its life.
    pub fn new(name: &str, servers: &str, session_timeout: Duration) -> Worker {
        let config = Config::new(servers).expect("the testbed writes right connect strings");
        Worker {
            name: name.to_owned(),
            config: config.with_session_timeout(session_timeout),
            calls: Calls::default(),
            random: host::random::stream("work"),
            written: host::random::bits("values") >> 44 << 12,
        }
    }

    /// A value that nobody else writes.
    pub fn value(&mut self) -> Value {
        self.written += 1;
        format!("{}-{:x}", self.name, self.written).into()
    }

    /// One of so many znodes below this one.
    pub fn key(&mut self, root: &str, count: u32) -> String {
        format!("{root}/{}", self.random.gen_range(0..count))
    }

    /// Rests for a while: mostly a moment, so that much is under way at once, and now and then for longer.
    pub async fn rest(&mut self) {
        let milliseconds =
            if self.random.gen_bool(0.05) { self.random.gen_range(200..3_000) } else { self.random.gen_range(1..700) };
        host::sleep(Duration::from_millis(milliseconds)).await;
    }

    /// Opens a session in which the root of the scenario is there.
    pub async fn open_session(&mut self, root: &str) -> Client {
        loop {
            let client = Client::connect(self.config.clone());
            loop {
                match client.create(root, "", CreateMode::Persistent).await {
                    Ok(_) => return client,
                    Err(error) if error.is(ErrorCode::NodeExists) => return client,
                    Err(error) if error.is_session_over() => break,
                    Err(_) => self.rest().await,
                }
            }
            self.rest().await;
        }
    }

    /// Acts through as many sessions as it takes: in each until the act says that it does not go on.
    pub async fn act_through_sessions(&mut self, root: &str, act: impl AsyncFn(&mut Worker, &Client) -> bool) {
        loop {
            let client = self.open_session(root).await;
            while act(self, &client).await {
                self.rest().await;
            }
            // Dropped here, if it was not closed: its session runs out.
        }
    }

    /// Reads a znode behind a sync.
    pub async fn read(&mut self, client: &Client, key: &str) -> Result<i32, Error> {
        let call = self.calls.invoke("get", key, &Value::Null);
        let (synced, got) = (client.sync(key), client.get_data(key));
        let (synced, got) = (synced.await, got.await);
        let read = call.read(synced.and(got), |(data, stat)| json!({"data": text(data), "version": stat.version}));
        read.map(|(_, stat)| stat.version)
    }

    /// Asks behind a sync whether a znode exists.
    pub async fn look(&mut self, client: &Client, key: &str) -> Result<bool, Error> {
        let call = self.calls.invoke("exists", key, &Value::Null);
        let (synced, seen) = (client.sync(key), client.exists(key));
        let (synced, seen) = (synced.await, seen.await);
        let seen = call.read(synced.and(seen), |stat| match stat {
            Some(stat) => json!({"version": stat.version}),
            None => Value::Null,
        });
        seen.map(|stat| stat.is_some())
    }

    /// A value as it is written: now and then with so much room behind it that it fills a packet or two. What one server
    /// sends another to make up for its absence then takes many.
    fn roomy(&mut self, value: &Value) -> Vec<u8> {
        let mut bytes = bytes(value);
        if self.random.gen_bool(0.15) {
            bytes.resize(bytes.len() + self.random.gen_range(500..2_500), b' ');
        }
        bytes
    }

    /// Writes a znode, over this version or over any.
    pub async fn write(&mut self, client: &Client, key: &str, version: Option<i32>) -> Result<i32, Error> {
        let value = self.value();
        let call = self.calls.invoke("set", key, &json!({"data": value, "version": version}));
        let written = client.set_data(key, self.roomy(&value), version).await;
        call.wrote(written, |stat| json!({"version": stat.version})).map(|stat| stat.version)
    }

    /// Creates a znode.
    pub async fn create(&mut self, client: &Client, key: &str) -> Result<(), Error> {
        let value = self.value();
        let call = self.calls.invoke("create", key, &value);
        let created = client.create(key, bytes(&value), CreateMode::Persistent).await;
        call.wrote(created, |_| Value::Null).map(drop)
    }

    /// Creates a znode that goes with this session.
    pub async fn create_ephemeral(&mut self, client: &Client, key: &str) -> Result<(), Error> {
        let value = self.value();
        let call = self.calls.invoke("create_ephemeral", key, &json!({"data": value, "owner": client.session_id().0}));
        let created = client.create(key, bytes(&value), CreateMode::Ephemeral).await;
        call.wrote(created, |_| Value::Null).map(drop)
    }

    /// Deletes a znode.
    pub async fn delete(&mut self, client: &Client, key: &str) -> Result<(), Error> {
        let call = self.calls.invoke("delete", key, &Value::Null);
        let deleted = client.delete(key, None).await;
        call.wrote(deleted, |()| Value::Null)
    }
}

/// What a znode holds, as a value of the model.
pub fn text(data: &[u8]) -> Value {
    String::from_utf8_lossy(data).trim_end().into()
}

/// A value, as a znode holds it.
pub fn bytes(value: &Value) -> Vec<u8> {
    value.as_str().unwrap_or_default().as_bytes().to_vec()
}

/// Whether the session in which this was said goes on.
pub fn goes_on<T>(result: &Result<T, Error>) -> bool {
    !matches!(result, Err(error) if error.is_session_over())
}
