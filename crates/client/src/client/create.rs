//! What kind of znode to create, for whom, for how long.

use std::time::Duration;

use bytes::Bytes;
use proto::{Acl, CreateMode, CreateRequest, CreateTtlRequest, Stat};

use crate::Error;

/// How to create a znode. A bare [`CreateMode`] will do: everything to everybody, then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateOptions {
    mode: CreateMode,
    acls: Vec<Acl>,
    time_to_live: Option<Duration>,
}

impl From<CreateMode> for CreateOptions {
    fn from(mode: CreateMode) -> CreateOptions {
        CreateOptions { mode, acls: vec![Acl::open()], time_to_live: None }
    }
}

impl CreateOptions {
    /// With this access control list.
    #[must_use]
    pub fn with_acls(mut self, acls: Vec<Acl>) -> CreateOptions {
        self.acls = acls;
        self
    }

    /// To be deleted by the service when it had neither children nor writes for so long, in whole milliseconds. For
    /// the modes with TTL only, and they need one.
    #[must_use]
    pub fn with_time_to_live(mut self, time_to_live: Duration) -> CreateOptions {
        self.time_to_live = Some(time_to_live);
        self
    }
}

/// A znode that was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its path, with its number if it has one.
    pub path: String,
    /// Its metadata. `stat.czxid` is the fencing token of whoever leads by this znode.
    pub stat: Stat,
}

/// A create, for a request of its own or for a part of a multi: the operation depends on the mode.
pub(super) enum Creation {
    Plain(CreateRequest),
    Container(CreateRequest),
    Ttl(CreateTtlRequest),
}

impl Creation {
    /// `path` is the server's own.
    pub(super) fn new(path: String, data: Bytes, options: CreateOptions) -> Result<Creation, Error> {
        let CreateOptions { mode, acls, time_to_live } = options;
        let (data, flags) = (Some(data), mode.to_i32());
        if mode.has_ttl() {
            let ttl_milliseconds = time_to_live.map_or(0, |time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
            if !(1..=CreateMode::TTL_MILLISECONDS_MAX).contains(&ttl_milliseconds) {
                return Err(Error::BadArgument("this mode needs a time to live, from 1 ms to 2^40 - 1 ms"));
            }
            return Ok(Creation::Ttl(CreateTtlRequest { path, data, acls, flags, ttl_milliseconds }));
        }
        if time_to_live.is_some() {
            return Err(Error::BadArgument("only the modes with TTL have a time to live"));
        }
        let request = CreateRequest { path, data, acls, flags };
        Ok(if mode.is_container() { Creation::Container(request) } else { Creation::Plain(request) })
    }
}

/// Whether the mode appends a number to the name.
pub(super) fn is_sequential(options: &CreateOptions) -> bool {
    options.mode.is_sequential()
}
