//! Transactions: what the leader makes of a request, and what every replica applies.
//!
//! A transaction is a result, not a question: sequence numbers are drawn, versions are decided, permissions are checked.
//! Applying it again changes nothing (`DataTree.processTxn`). A request that fails is a transaction too: it takes a zxid
//! and a place in the order (`ProposalRequestProcessor`).
//!
//! The encoding is this project's own, in ZooKeeper's jute manner; it is not the format of ZooKeeper's log files.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use proto::wire::encode_vector;
use proto::{Acl, Decode, DecodeError, Encode, ErrorCode, Reader, SessionId, Zxid};

use crate::owner::Owner;

/// An access control list, shared between the znodes that have it.
pub type Acls = Arc<[Acl]>;

/// Which server took a request, and under which number: by this it knows its own request when the transaction comes back
/// to be applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket {
    /// The server's id.
    pub server: u8,
    /// The server's own number for it, not given again in any of its lives.
    pub number: u64,
}

impl Ticket {
    /// Of what no client asked for: the service itself acts.
    pub const NONE: Ticket = Ticket { server: 0, number: 0 };
}

/// A change of the service's state, with its place in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Its place in the order.
    pub zxid: Zxid,
    /// Who asked for it; [`SessionId::NONE`] if the service itself did.
    pub session: SessionId,
    /// Whose request it was.
    pub ticket: Ticket,
    /// The leader's wall clock when it was prepared, in milliseconds since the Unix epoch.
    pub time: i64,
    /// What it changes.
    pub change: Change,
}

/// What a transaction changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A session begins.
    CreateSession {
        /// Its negotiated timeout, in milliseconds.
        timeout_milliseconds: i32,
    },
    /// The session of the transaction ends, and these znodes with it.
    CloseSession {
        /// Every znode it owns, prepared ones included.
        paths: Vec<Arc<str>>,
    },
    /// A new znode.
    Create(Create),
    /// One znode less.
    Delete {
        /// Which one.
        path: Arc<str>,
    },
    /// New data.
    SetData {
        /// Whose.
        path: Arc<str>,
        /// The data; null is not empty.
        data: Option<Bytes>,
        /// The version it has from now on.
        version: i32,
    },
    /// A new access control list.
    SetAcl {
        /// Whose.
        path: Arc<str>,
        /// The list.
        acls: Acls,
        /// The version it has from now on.
        version: i32,
    },
    /// Nothing: a condition that held.
    Check {
        /// The znode that met it.
        path: Arc<str>,
    },
    /// Nothing: a place in the order that a quorum has confirmed.
    Barrier,
    /// Several changes at once. If one is a [`Change::Failure`], none of them happens.
    Multi(Vec<Change>),
    /// Nothing: a request that failed.
    Failure(ErrorCode),
}

/// A new znode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its path, with the number if it has one.
    pub path: Arc<str>,
    /// Its data; null is not empty.
    pub data: Option<Bytes>,
    /// Who may do what.
    pub acls: Acls,
    /// What it lives and dies with.
    pub owner: Owner,
    /// How many children its parent had ever had, this one included (`CreateTxn.parentCVersion`).
    pub parent_cversion: i32,
    /// Whether the path ends in a number that the service drew.
    pub sequential: bool,
}

impl Create {
    /// The number at the end of the path, if the service drew it.
    #[must_use]
    pub fn sequence(&self) -> Option<i32> {
        self.sequential.then(|| self.parent_cversion.wrapping_sub(1))
    }
}

const CREATE_SESSION: i32 = -10;
const CLOSE_SESSION: i32 = -11;
const CREATE: i32 = 1;
const DELETE: i32 = 2;
const SET_DATA: i32 = 5;
const SET_ACL: i32 = 7;
const BARRIER: i32 = 9;
const CHECK: i32 = 13;
const MULTI: i32 = 14;
const FAILURE: i32 = -1;

impl Encode for Transaction {
    fn encode(&self, buffer: &mut BytesMut) {
        self.zxid.encode(buffer);
        self.session.encode(buffer);
        i32::from(self.ticket.server).encode(buffer);
        self.ticket.number.cast_signed().encode(buffer);
        self.time.encode(buffer);
        self.change.encode(buffer);
    }
}

impl Decode for Transaction {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Transaction {
            zxid: Decode::decode(reader)?,
            session: Decode::decode(reader)?,
            ticket: decode_ticket(reader)?,
            time: Decode::decode(reader)?,
            change: Change::decode_part(reader, true)?,
        })
    }
}

impl Encode for Change {
    fn encode(&self, buffer: &mut BytesMut) {
        match self {
            Change::CreateSession { timeout_milliseconds } => {
                CREATE_SESSION.encode(buffer);
                timeout_milliseconds.encode(buffer);
            }
            Change::CloseSession { paths } => {
                CLOSE_SESSION.encode(buffer);
                encode_vector(paths.iter().map(|path| &**path), buffer);
            }
            Change::Create(create) => {
                CREATE.encode(buffer);
                create.path.encode(buffer);
                create.data.encode(buffer);
                encode_vector(create.acls.iter(), buffer);
                create.owner.to_bits().encode(buffer);
                create.parent_cversion.encode(buffer);
                create.sequential.encode(buffer);
            }
            Change::Delete { path } => {
                DELETE.encode(buffer);
                path.encode(buffer);
            }
            Change::SetData { path, data, version } => {
                SET_DATA.encode(buffer);
                path.encode(buffer);
                data.encode(buffer);
                version.encode(buffer);
            }
            Change::SetAcl { path, acls, version } => {
                SET_ACL.encode(buffer);
                path.encode(buffer);
                encode_vector(acls.iter(), buffer);
                version.encode(buffer);
            }
            Change::Check { path } => {
                CHECK.encode(buffer);
                path.encode(buffer);
            }
            Change::Barrier => BARRIER.encode(buffer),
            Change::Multi(changes) => {
                MULTI.encode(buffer);
                encode_vector(changes.iter(), buffer);
            }
            Change::Failure(error) => {
                FAILURE.encode(buffer);
                Some(*error).encode(buffer);
            }
        }
    }
}

impl Change {
    /// A multi has no multi inside it, so that what is read cannot nest without bound.
    fn decode_part(reader: &mut Reader<'_>, is_outermost: bool) -> Result<Self, DecodeError> {
        let offset = reader.position();
        let code = i32::decode(reader)?;
        Ok(match code {
            CREATE_SESSION => Change::CreateSession { timeout_milliseconds: Decode::decode(reader)? },
            CLOSE_SESSION => {
                let paths = Vec::<String>::decode(reader)?;
                Change::CloseSession { paths: paths.into_iter().map(Arc::from).collect() }
            }
            CREATE => Change::Create(Create {
                path: decode_path(reader)?,
                data: Decode::decode(reader)?,
                acls: Vec::<Acl>::decode(reader)?.into(),
                owner: Owner::from_bits(i64::decode(reader)?),
                parent_cversion: Decode::decode(reader)?,
                sequential: Decode::decode(reader)?,
            }),
            DELETE => Change::Delete { path: decode_path(reader)? },
            SET_DATA => Change::SetData {
                path: decode_path(reader)?,
                data: Decode::decode(reader)?,
                version: Decode::decode(reader)?,
            },
            SET_ACL => Change::SetAcl {
                path: decode_path(reader)?,
                acls: Vec::<Acl>::decode(reader)?.into(),
                version: Decode::decode(reader)?,
            },
            CHECK => Change::Check { path: decode_path(reader)? },
            BARRIER => Change::Barrier,
            MULTI if is_outermost => {
                let count = i32::decode(reader)?;
                let mut changes = Vec::new();
                for _ in 0..count {
                    changes.push(Change::decode_part(reader, false)?);
                }
                Change::Multi(changes)
            }
            FAILURE => {
                let error = Option::<ErrorCode>::decode(reader)?;
                Change::Failure(error.unwrap_or(ErrorCode::SystemError))
            }
            _ => return Err(DecodeError::MisplacedOperation { what: "transaction", offset, code }),
        })
    }
}

fn decode_ticket(reader: &mut Reader<'_>) -> Result<Ticket, DecodeError> {
    let offset = reader.position();
    let code = i32::decode(reader)?;
    let Ok(server) = u8::try_from(code) else {
        return Err(DecodeError::MisplacedOperation { what: "server id", offset, code });
    };
    Ok(Ticket { server, number: i64::decode(reader)?.cast_unsigned() })
}

fn decode_path(reader: &mut Reader<'_>) -> Result<Arc<str>, DecodeError> {
    String::decode(reader).map(Arc::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_changes() -> Vec<Change> {
        let acls: Acls = vec![Acl::open(), Acl::new(proto::Permissions::READ, "ip", "10.0.0.0/8")].into();
        vec![
            Change::CreateSession { timeout_milliseconds: 6000 },
            Change::CloseSession { paths: vec!["/a".into(), "/b/c".into()] },
            Change::Create(Create {
                path: "/n-0000000007".into(),
                data: Some(Bytes::from_static(b"data")),
                acls: acls.clone(),
                owner: Owner::Session(SessionId(5)),
                parent_cversion: 8,
                sequential: true,
            }),
            Change::Delete { path: "/a".into() },
            Change::SetData { path: "/a".into(), data: None, version: 3 },
            Change::SetAcl { path: "/a".into(), acls, version: 1 },
            Change::Check { path: "/a".into() },
            Change::Barrier,
            Change::Failure(ErrorCode::NoNode),
        ]
    }

    #[test]
    fn every_change_survives_the_way_through_bytes() {
        let mut changes = all_changes();
        changes.push(Change::Multi(all_changes()));
        for change in changes {
            let transaction = Transaction {
                zxid: Zxid(9),
                session: SessionId(5),
                ticket: Ticket { server: 3, number: u64::MAX },
                time: 1,
                change,
            };
            let mut buffer = BytesMut::new();
            transaction.encode(&mut buffer);
            assert_eq!(Transaction::from_bytes(&buffer.freeze()), Ok(transaction));
        }
    }

    #[test]
    fn the_number_drawn_is_the_parents_count_before() {
        let Change::Create(create) = all_changes().remove(2) else { panic!("the third change is a create") };
        assert_eq!(create.sequence(), Some(7));
    }

    #[test]
    fn a_multi_inside_a_multi_is_refused() {
        let change = Change::Multi(vec![Change::Multi(vec![])]);
        let transaction = Transaction { zxid: Zxid(1), session: SessionId(1), ticket: Ticket::NONE, time: 1, change };
        let mut buffer = BytesMut::new();
        transaction.encode(&mut buffer);
        assert!(Transaction::from_bytes(&buffer.freeze()).is_err());
    }
}
