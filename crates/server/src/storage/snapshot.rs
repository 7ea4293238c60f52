//! Snapshots: the whole database as of one transaction.
//!
//! Consistent, not fuzzy as ZooKeeper's are: the core stops for as long as it takes to write the database into memory.
//! The file comes into being under another name and is renamed when it is safe, so one that is there is whole.

use bytes::{Bytes, BytesMut};
use proto::wire::encode_vector;
use proto::{Acl, Decode, DecodeError, Encode, Reader, SessionId, Zxid, path};

use super::record::{self, Read};
use crate::database::Database;
use crate::owner::Owner;
use crate::sessions::identity;
use crate::tree::Znode;

/// Writes the database down.
pub(crate) fn encode(database: &Database) -> Bytes {
    let mut buffer = BytesMut::new();
    record::write(&mut buffer, |body| {
        database.last_zxid.encode(body);
        encode_vector(database.highest_sessions.values(), body);
        i32::try_from(database.sessions.len()).expect("fewer sessions than i32::MAX").encode(body);
        for (session, timeout) in &database.sessions {
            session.encode(body);
            timeout.encode(body);
        }
        i32::try_from(database.tree.len()).expect("fewer znodes than i32::MAX").encode(body);
    });
    database.tree.walk(path::ROOT, &mut |path, node| {
        record::write(&mut buffer, |body| encode_node(path, node, body));
    });
    buffer.freeze()
}

/// Reads a database back.
///
/// # Errors
/// Where, and what is wrong with the file.
pub(crate) fn decode(file: &Bytes) -> Result<Database, (usize, &'static str)> {
    match decode_head_of(file)? {
        (database, end) if end == file.len() => Ok(database),
        (_, end) => Err((end, "there is more than there should be")),
    }
}

/// Reads a database back, and tells where it ends.
pub(super) fn decode_head_of(file: &Bytes) -> Result<(Database, usize), (usize, &'static str)> {
    let (head, mut offset) = next(file, 0)?;
    let malformed = |offset| move |_: DecodeError| (offset, "the record is malformed");
    let (mut database, count) = decode_head(&head).map_err(malformed(0))?;
    for _ in 0..count {
        let (body, behind) = next(file, offset)?;
        let (path, node) = decode_node(&body).map_err(malformed(offset))?;
        // A name that a parent and a child could have in common would make a ring of the tree.
        path::validate(&path).map_err(|_| (offset, "a znode has no name that one may have"))?;
        database.tree.restore(&path, node).map_err(|_| (offset, "a znode comes before its parent"))?;
        offset = behind;
    }
    Ok((database, offset))
}

fn next(file: &Bytes, offset: usize) -> Result<(Bytes, usize), (usize, &'static str)> {
    match record::read(file, offset) {
        Read::Record { body, next } => Ok((body, next)),
        Read::Damaged(what) => Err((offset, what)),
        Read::End | Read::Torn => Err((offset, "the end is missing")),
    }
}

fn decode_head(body: &Bytes) -> Result<(Database, i32), DecodeError> {
    let reader = &mut Reader::new(body);
    let mut database = Database { last_zxid: Zxid::decode(reader)?, ..Database::default() };
    let highest = Vec::<SessionId>::decode(reader)?;
    database.highest_sessions = highest.into_iter().map(|session| (identity::server_of(session), session)).collect();
    for _ in 0..i32::decode(reader)? {
        database.sessions.insert(SessionId::decode(reader)?, i32::decode(reader)?);
    }
    Ok((database, i32::decode(reader)?))
}

fn encode_node(path: &str, node: &Znode, body: &mut BytesMut) {
    path.encode(body);
    node.data.encode(body);
    encode_vector(node.acls.iter(), body);
    node.owner.to_bits().encode(body);
    for zxid in [node.czxid, node.mzxid, node.pzxid] {
        zxid.encode(body);
    }
    for time in [node.ctime, node.mtime] {
        time.encode(body);
    }
    for version in [node.version, node.cversion, node.aversion] {
        version.encode(body);
    }
}

fn decode_node(body: &Bytes) -> Result<(String, Znode), DecodeError> {
    let reader = &mut Reader::new(body);
    let path = String::decode(reader)?;
    let node = Znode {
        // The file is dropped once it is read: data must not keep it.
        data: Option::<Bytes>::decode(reader)?.map(|data| Bytes::copy_from_slice(&data)),
        acls: Vec::<Acl>::decode(reader)?.into(),
        owner: Owner::from_bits(i64::decode(reader)?),
        czxid: Decode::decode(reader)?,
        mzxid: Decode::decode(reader)?,
        pzxid: Decode::decode(reader)?,
        ctime: Decode::decode(reader)?,
        mtime: Decode::decode(reader)?,
        version: Decode::decode(reader)?,
        cversion: Decode::decode(reader)?,
        aversion: Decode::decode(reader)?,
        children: indexmap::IndexSet::new(),
    };
    Ok((path, node))
}
