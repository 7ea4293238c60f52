//! The client of others at work on the service, from below a chroot: reads and writes whose history is checked.

use std::time::Duration;

use history::WatchKind;
use host::random::Stream;
use rand::Rng;
use serde_json::{Value, json};
use zookeeper_client::{Acls, AddWatchMode, Client, CreateMode, CreateOptions, Error};

use super::seat::{PAUSE, Seat, is_over};
use super::{multi, watching};
use crate::service::calls::{Call, Calls};

/// Below this znode a worker sees the service: it calls it `/`.
pub const CHROOT: &str = "/app";

const ZNODES: u32 = 3;

/// What a worker works with in one life of its process.
pub struct Worker {
    /// Its node's name.
    pub name: String,
    /// How it opens its sessions.
    pub seat: Seat,
    /// Its dice.
    pub random: Stream,
    /// What is wrong with it, on purpose.
    pub bug: Option<super::Bug>,
    calls: Calls,
    written: u64,
}

/// A plain znode that anybody may do anything with.
pub const PLAIN: CreateOptions<'static> = CreateMode::Persistent.with_acls(Acls::anyone_all());

impl Worker {
    /// A worker at the beginning of its life.
    pub fn new(name: &str, seat: Seat, bug: Option<super::Bug>) -> Worker {
        Worker {
            name: name.to_owned(),
            seat,
            bug,
            random: host::random::stream("work"),
            calls: Calls::default(),
            written: host::random::bits("values") >> 44 << 12,
        }
    }

    /// Works for ever, through as many sessions as it takes.
    pub async fn work(mut self) {
        loop {
            let Some(client) = self.sit_down().await else {
                host::sleep(PAUSE).await;
                continue;
            };
            let desk = self.seat.desk.clone();
            let follower = watching::Follower::new(&desk, &client, self.bug);
            let sees_all = self.random.gen_bool(0.5);
            tokio::select! {
                biased;
                () = follower.follow(sees_all) => unreachable!("it follows for ever"),
                () = self.work_in(&client) => {}
            }
            host::sleep(PAUSE).await;
        }
    }

    /// Opens a session below the chroot.
    async fn sit_down(&mut self) -> Option<Client> {
        let client = self.seat.open().await;
        while !is_over(client.state()) {
            match client.mkdir(CHROOT, &PLAIN).await {
                Ok(()) | Err(Error::NodeExists) => return client.chroot(CHROOT).ok(),
                Err(_) => host::sleep(PAUSE).await,
            }
        }
        None
    }

    /// Works in one session, until that is over or no longer wanted.
    async fn work_in(&mut self, client: &Client) {
        while !is_over(client.state()) && !self.random.gen_bool(0.004) {
            self.act(client).await;
            let pause = if self.random.gen_bool(0.05) { 200..3_000 } else { 1..700 };
            host::sleep(Duration::from_millis(self.random.gen_range(pause))).await;
        }
    }

    async fn act(&mut self, client: &Client) {
        let znode = self.random.gen_range(0..ZNODES);
        let key = format!("/{znode}");
        match self.random.gen_range(0..100) {
            0..22 => {
                self.read(client, &key).await;
            }
            22..34 => self.look(client, &key).await,
            34..50 => self.write(client, &key, None).await,
            50..58 => {
                if let Some(version) = self.read(client, &key).await {
                    self.write(client, &key, Some(version)).await;
                }
            }
            58..66 => self.create(client, &key, CreateMode::Persistent).await,
            66..70 => self.create(client, &key, CreateMode::Ephemeral).await,
            70..76 => self.delete(client, &key).await,
            76..86 => watching::wait_once(self, client, &key).await,
            86..90 => multi::write_pair(self, client).await,
            90..95 => multi::read_pair(client).await,
            _ => self.write_in_order(client).await,
        }
    }

    /// A value that nobody else writes.
    pub fn value(&mut self) -> String {
        self.written += 1;
        format!("{}-{:x}", self.name, self.written)
    }

    fn call(&self, operation: &str, key: &str, argument: &Value) -> Call {
        self.calls.invoke(operation, &format!("{CHROOT}{key}"), argument)
    }

    /// Reads a znode behind a sync; gives its version.
    async fn read(&mut self, client: &Client, key: &str) -> Option<i32> {
        let call = self.call("get", key, &Value::Null);
        let (synced, got) = (client.sync(key), client.get_data(key));
        let (synced, got) = (synced.await, got.await);
        end_read(call, synced.and(got), |(data, stat)| json!({"data": text(data), "version": stat.version}))
            .map(|(_, stat)| stat.version)
    }

    /// Asks behind a sync whether a znode exists.
    async fn look(&mut self, client: &Client, key: &str) {
        let call = self.call("exists", key, &Value::Null);
        let (synced, seen) = (client.sync(key), client.check_stat(key));
        let (synced, seen) = (synced.await, seen.await);
        end_read(call, synced.and(seen), |stat| {
            stat.as_ref().map_or(Value::Null, |stat| json!({"version": stat.version}))
        });
    }

    async fn write(&mut self, client: &Client, key: &str, version: Option<i32>) {
        let value = self.value();
        let call = self.call("set", key, &json!({"data": value, "version": version}));
        let written = client.set_data(key, value.as_bytes(), version).await;
        end_write(call, written, |stat| json!({"version": stat.version}));
    }

    async fn create(&mut self, client: &Client, key: &str, mode: CreateMode) {
        let value = self.value();
        let call = match mode {
            CreateMode::Ephemeral => {
                let owner = client.session_id().0;
                self.call("create_ephemeral", key, &json!({"data": value, "owner": owner}))
            }
            _ => self.call("create", key, &json!(value)),
        };
        let created = client.create(key, value.as_bytes(), &mode.with_acls(Acls::anyone_all())).await;
        end_write(call, created, |_| Value::Null);
    }

    async fn delete(&mut self, client: &Client, key: &str) {
        let call = self.call("delete", key, &Value::Null);
        let deleted = client.delete(key, None).await;
        end_write(call, deleted, |()| Value::Null);
    }

    /// Writes twice and reads, without waiting in between: what was asked first is done first.
    async fn write_in_order(&mut self, client: &Client) {
        let key = format!("/own-{}", self.name);
        let (first, second) = (self.value(), self.value());
        let wrote_first = client.set_data(&key, first.as_bytes(), None);
        let wrote_second = client.set_data(&key, second.as_bytes(), None);
        let read = client.get_data(&key);
        // And waited for in another order than asked.
        let (read, wrote_second, wrote_first) = (read.await, wrote_second.await, wrote_first.await);
        match (read, wrote_first, wrote_second) {
            (Ok((data, _)), Ok(_), Ok(_)) if data != second.as_bytes() => {
                super::word::is_broken("of two writes and a read, asked for in this order, the read saw another value");
            }
            (_, Err(Error::NoNode), _) => drop(client.create(&key, b"", &PLAIN).await),
            _ => {}
        }
    }
}

fn text(data: &[u8]) -> Value {
    String::from_utf8_lossy(data).into()
}

/// A refusal that tells of the znode, in the words of the model.
fn refusal(error: &Error) -> Option<Value> {
    let name = match error {
        Error::NoNode => "NoNode",
        Error::NodeExists => "NodeExists",
        Error::BadVersion => "BadVersion",
        _ => return None,
    };
    Some(json!({ "error": name }))
}

/// The end of a write, by what the client says: whatever is no answer leaves it in doubt.
fn end_write<T>(call: Call, result: Result<T, Error>, answer: impl FnOnce(&T) -> Value) {
    match result {
        Ok(value) => call.returned(&answer(&value)),
        Err(error) => match refusal(&error) {
            Some(refusal) => call.returned(&refusal),
            None => call.in_doubt(),
        },
    }
}

/// The end of a read: one without an answer is as if it had not been.
fn end_read<T>(call: Call, result: Result<T, Error>, answer: impl FnOnce(&T) -> Value) -> Option<T> {
    match result {
        Ok(value) => {
            call.returned(&answer(&value));
            Some(value)
        }
        Err(error) => {
            match refusal(&error) {
                Some(refusal) => call.returned(&refusal),
                None => call.failed(),
            }
            None
        }
    }
}

/// The kinds of lasting watches, in the words of the monitors.
pub fn kind_of(mode: AddWatchMode) -> WatchKind {
    match mode {
        AddWatchMode::Persistent => WatchKind::Persistent,
        AddWatchMode::PersistentRecursive => WatchKind::Recursive,
    }
}
