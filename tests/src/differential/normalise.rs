//! Answers as text, without what two servers cannot have in common: transactions are counted from the creation of the
//! case's top znode, sessions from the first of the case; times are judged, not shown; lists without an order are sorted.

use bytes::{Bytes, BytesMut};
use proto::{
    Acl, Decode, Encode, ErrorCode, MultiReadResult, MultiResult, OpCode, Reader, ReplyHeader, Response, SessionId,
    Stat, WatcherEvent, Zxid,
};

use super::encode::Place;

/// What is needed to read the answers of one server.
#[derive(Debug)]
pub struct Normaliser {
    /// What `~` stands for.
    pub place: Place,
    /// The sessions of the case, in the order in which they were opened.
    pub sessions: Vec<SessionId>,
}

impl Normaliser {
    /// A path with `~` in place of the top znode.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        path.replace(&self.place.top, "~")
    }

    /// A transaction, counted from the creation of the top znode.
    #[must_use]
    pub fn zxid(&self, zxid: Zxid) -> String {
        match zxid.0 {
            before if before <= 0 => before.to_string(),
            before if before < self.place.base => "before".to_owned(),
            zxid => format!("+{}", zxid - self.place.base),
        }
    }

    fn session(&self, session: SessionId) -> String {
        match self.sessions.iter().position(|known| *known == session) {
            Some(index) => format!("session {index}"),
            None if session.is_none() => "nobody".to_owned(),
            None => format!("stranger {:#x}", session.0),
        }
    }

    /// A reply to `op_code`, from behind its header on.
    #[must_use]
    pub fn reply(&self, op_code: OpCode, header: &ReplyHeader, body: &[u8]) -> String {
        let body = Bytes::copy_from_slice(body);
        let mut reader = Reader::new(&body);
        let head = format!("xid {} zxid {}", header.xid, self.zxid(header.zxid));
        let decoded = match Response::decode(op_code, header, &mut reader) {
            Err(error) => return format!("{head}: {error}: {}", hexadecimal(&body)),
            Ok(decoded) => decoded,
        };
        let left = reader.remaining();
        let tail = if left == 0 { String::new() } else { format!(", and {left} bytes more: {}", hexadecimal(&body)) };
        match decoded {
            Err(error) => format!("{head}: {}{tail}", self.error(error)),
            Ok(response) => {
                let mut again = BytesMut::new();
                response.encode(&mut again);
                let exact = if again[..] == body[..] || left > 0 {
                    String::new()
                } else {
                    format!(", spelt {}", hexadecimal(&body))
                };
                format!("{head}: {}{tail}{exact}", self.response(&response))
            }
        }
    }

    /// A watch event.
    #[must_use]
    pub fn event(&self, header: &ReplyHeader, event: &WatcherEvent) -> String {
        let WatcherEvent { event_type, state, path } = event;
        format!("event {event_type:?} {state:?} {:?} zxid {}", self.path(path), self.zxid(header.zxid))
    }

    fn error(&self, error: ErrorCode) -> String {
        format!("{error} ({})", error.to_i32())
    }

    /// What an operation gave.
    #[must_use]
    pub fn response(&self, response: &Response) -> String {
        match response {
            Response::Empty => "done".to_owned(),
            Response::Create(body) => format!("created {:?}", self.path(&body.path)),
            Response::Create2(body) => format!("created {:?} {}", self.path(&body.path), self.stat(&body.stat)),
            Response::Exists(body) => self.stat(&body.stat),
            Response::GetData(body) => format!("{} {}", self.data(body.data.as_ref()), self.stat(&body.stat)),
            Response::Reconfig(body) => format!("configured {:?}", body.data),
            Response::SetData(body) => self.stat(&body.stat),
            Response::GetAcl(body) => format!("{} {}", acls(&body.acls), self.stat(&body.stat)),
            Response::SetAcl(body) => self.stat(&body.stat),
            Response::GetChildren(body) => self.names(&body.children),
            Response::GetChildren2(body) => format!("{} {}", self.names(&body.children), self.stat(&body.stat)),
            Response::Sync(body) => format!("synced {:?}", self.path(&body.path)),
            Response::Multi(body) => {
                let parts = body.results.iter().map(|result| match result {
                    MultiResult::Create(body) => format!("created {:?}", self.path(&body.path)),
                    MultiResult::Create2(body) => {
                        format!("created {:?} {}", self.path(&body.path), self.stat(&body.stat))
                    }
                    MultiResult::Delete => "deleted".to_owned(),
                    MultiResult::SetData(body) => self.stat(&body.stat),
                    MultiResult::Check => "checked".to_owned(),
                    MultiResult::Error(error) => self.part(*error),
                });
                format!("[{}]", parts.collect::<Vec<_>>().join(" | "))
            }
            Response::MultiRead(body) => {
                let parts = body.results.iter().map(|result| match result {
                    MultiReadResult::GetData(body) => {
                        format!("{} {}", self.data(body.data.as_ref()), self.stat(&body.stat))
                    }
                    MultiReadResult::GetChildren(body) => self.names(&body.children),
                    MultiReadResult::Error(error) => self.part(*error),
                });
                format!("[{}]", parts.collect::<Vec<_>>().join(" | "))
            }
            Response::Sasl(_) => "a token".to_owned(),
            Response::GetEphemerals(body) => self.names(&body.ephemerals),
            Response::GetAllChildrenNumber(body) => format!("{} below", body.total_number),
            Response::AddWatch(_) => "watched".to_owned(),
            Response::WhoAmI(body) => {
                let who = body.client_info.iter().map(|info| format!("{}:{}", info.0.scheme, info.0.id));
                let mut who: Vec<String> = who.collect();
                who.sort();
                who.join(", ")
            }
        }
    }

    fn part(&self, error: Option<ErrorCode>) -> String {
        error.map_or("ok".to_owned(), |error| self.error(error))
    }

    fn data(&self, data: Option<&Bytes>) -> String {
        data.map_or("null".to_owned(), |data| format!("{:?}", String::from_utf8_lossy(data)))
    }

    /// Of the root those that the case made.
    fn names(&self, names: &[String]) -> String {
        let is_other = |name: &&String| !(name.starts_with("case") && **name != self.place.top[1..]);
        let mut names: Vec<String> = names.iter().filter(is_other).map(|name| self.path(name)).collect();
        names.sort();
        format!("{names:?}")
    }

    /// Times cannot be compared, but what must be true of them can.
    fn stat(&self, stat: &Stat) -> String {
        let times = match (stat.ctime, stat.mtime) {
            (0, 0) => "no times",
            (created, modified) if modified < created => "modified before it was created",
            (created, modified) if stat.czxid == stat.mzxid && created != modified => "two times of one transaction",
            _ => "times",
        };
        // What all cases share has a history, and it has been the same on both servers.
        format!(
            "{{czxid {} mzxid {} pzxid {} version {} cversion {} aversion {} owner {} bytes {} children {} {times}}}",
            self.zxid(stat.czxid),
            self.zxid(stat.mzxid),
            self.zxid(stat.pzxid),
            stat.version,
            stat.cversion,
            stat.aversion,
            self.session(stat.ephemeral_owner),
            stat.data_length,
            stat.num_children,
        )
    }
}

fn acls(acls: &[Acl]) -> String {
    let entries = acls.iter().map(|acl| format!("{}:{}={}", acl.id.scheme, acl.id.id, acl.permissions.0));
    format!("[{}]", entries.collect::<Vec<_>>().join(" "))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A frame's header.
///
/// # Errors
/// It is none.
pub fn header(reader: &mut Reader<'_>) -> Result<ReplyHeader, proto::DecodeError> {
    ReplyHeader::decode(reader)
}
