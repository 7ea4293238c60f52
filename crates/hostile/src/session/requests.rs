//! Well-formed requests about few znodes, so that they meet each other.

use bytes::{Bytes, BytesMut};
use proto::request::write_request;
use proto::*;

use crate::choices::Choices;

const PATHS: [&str; 24] = [
    "/a",
    "/a/b",
    "/a/b/c",
    "/n-",
    "/n-0000000000",
    "/a/n-",
    "/b",
    "/",
    "/zookeeper",
    "/zookeeper/quota",
    "/zookeeper/quota/a",
    "/zookeeper/quota/a/zookeeper_limits",
    "/zookeeper/quota/a/zookeeper_stats",
    "/zookeeper/config",
    "",
    "a",
    "/a/",
    "//",
    "/a//b",
    "/.",
    "/a/..",
    "/\0",
    "/\u{fffd}",
    "/zookeeper/quota/zookeeper_limits",
];

const DATA: [Option<&[u8]>; 7] = [
    Some(b"data"),
    None,
    Some(b""),
    Some(b"count=9223372036854775807,bytes=9223372036854775807"),
    Some(b"count=-9223372036854775808,bytes=-9223372036854775808"),
    Some(b"count=2,bytes=5,countHardLimit=2,byteHardLimit=5"),
    Some(b"count=-1=;bytes=;;,countHardLimit=9223372036854775807"),
];

const CREDENTIALS: [(&str, &[u8]); 6] = [
    ("digest", b"alice:secret"),
    ("digest", b"root:secret"),
    ("digest", b"\xff"),
    ("ip", b"10.0.0.1"),
    ("x509", b""),
    ("sasl", b"token"),
];

/// A handshake: for a new session or one of those there are, with its password or a wrong one.
pub(super) fn handshake(choices: &mut Choices<'_>, sessions: &[Option<(SessionId, Password)>]) -> Vec<u8> {
    let (mut session_id, mut password) = match choices.byte() {
        byte @ 0..=127 => sessions[usize::from(byte) % sessions.len()].unwrap_or((SessionId::NONE, Password::NONE)),
        _ => (SessionId::NONE, Password::NONE),
    };
    match choices.byte() {
        1 => password = Password::NONE,
        2 => session_id = SessionId(choices.number()),
        _ => {}
    }
    let last_zxid_seen = if choices.byte() == 1 { Zxid(choices.number()) } else { Zxid::ZERO };
    let timeout_milliseconds = choices.small_number();
    let read_only = *choices.one_of(&[Some(false), None, Some(true)]);
    let mut frame = BytesMut::new();
    ConnectRequest { protocol_version: 0, last_zxid_seen, timeout_milliseconds, session_id, password, read_only }
        .encode(&mut frame);
    frame.to_vec()
}

/// A request: its header, and its body.
pub(super) fn request(choices: &mut Choices<'_>) -> Vec<u8> {
    let xid = choices.small_number();
    let request = choose(choices);
    let mut frame = BytesMut::new();
    write_request(&mut frame, xid, &request);
    frame[size_of::<i32>()..].to_vec()
}

fn choose(choices: &mut Choices<'_>) -> Request {
    match choices.byte() % 30 {
        0 => Request::Create(create(choices)),
        1 => Request::Create2(create(choices)),
        2 => Request::CreateContainer(CreateRequest { flags: CreateMode::Container.to_i32(), ..create(choices) }),
        3 => Request::CreateTtl(create_ttl(choices)),
        4 => Request::Delete(DeleteRequest { path: path(choices), version: version(choices) }),
        5 => Request::SetData(set_data(choices)),
        6 => Request::SetAcl(SetAclRequest { path: path(choices), acls: acls(choices), version: version(choices) }),
        7 => Request::Check(CheckRequest { path: path(choices), version: version(choices) }),
        8 | 9 => {
            let count = choices.byte() % 6;
            Request::Multi(MultiRequest { operations: (0..count).map(|_| operation(choices)).collect() })
        }
        10 => Request::MultiRead(MultiReadRequest {
            operations: (0..choices.byte() % 6).map(|_| read_operation(choices)).collect(),
        }),
        11 => Request::Exists(ExistsRequest { path: path(choices), watch: choices.flag() }),
        12 => Request::GetData(get_data(choices)),
        13 => Request::GetChildren(get_children(choices)),
        14 => Request::GetChildren2(get_children(choices)),
        15 => Request::GetAcl(GetAclRequest { path: path(choices) }),
        16 => Request::Sync(SyncRequest { path: path(choices) }),
        17 => Request::GetEphemerals(GetEphemeralsRequest { prefix_path: path(choices) }),
        18 => Request::GetAllChildrenNumber(GetAllChildrenNumberRequest { path: path(choices) }),
        19 => Request::AddWatch(AddWatchRequest { path: path(choices), mode: i32::from(choices.byte() % 3) }),
        20 => Request::CheckWatches(CheckWatchesRequest { path: path(choices), watcher_type: choices.small_number() }),
        21 => Request::RemoveWatches(RemoveWatchesRequest {
            path: path(choices),
            watcher_type: i32::from(choices.byte() % 7),
        }),
        22 => Request::SetWatches(SetWatchesRequest {
            relative_zxid: Zxid(choices.number()),
            data_watches: paths(choices),
            exist_watches: paths(choices),
            child_watches: paths(choices),
        }),
        23 => Request::SetWatches2(SetWatches2Request {
            relative_zxid: Zxid(choices.number()),
            data_watches: paths(choices),
            exist_watches: paths(choices),
            child_watches: paths(choices),
            persistent_watches: paths(choices),
            persistent_recursive_watches: paths(choices),
        }),
        24 => {
            let (scheme, credential) = *choices.one_of(&CREDENTIALS);
            let credential = Secret(Bytes::from_static(credential));
            Request::Auth(AuthRequest { auth_type: 0, scheme: scheme.to_owned(), credential })
        }
        25 => Request::Sasl(SaslRequest { token: Secret(Bytes::copy_from_slice(choices.bytes())) }),
        26 => Request::Reconfig(ReconfigRequest {
            joining_servers: choices.flag().then(|| path(choices)),
            leaving_servers: None,
            new_members: None,
            current_configuration: choices.number(),
        }),
        27 => Request::WhoAmI,
        28 => Request::CloseSession,
        _ => Request::Ping,
    }
}

fn operation(choices: &mut Choices<'_>) -> MultiOperation {
    match choices.byte() % 7 {
        0 => MultiOperation::Create(create(choices)),
        1 => MultiOperation::Create2(create(choices)),
        2 => MultiOperation::CreateContainer(create(choices)),
        3 => MultiOperation::CreateTtl(create_ttl(choices)),
        4 => MultiOperation::Delete(DeleteRequest { path: path(choices), version: version(choices) }),
        5 => MultiOperation::SetData(set_data(choices)),
        _ => MultiOperation::Check(CheckRequest { path: path(choices), version: version(choices) }),
    }
}

fn read_operation(choices: &mut Choices<'_>) -> MultiReadOperation {
    if choices.flag() {
        MultiReadOperation::GetData(get_data(choices))
    } else {
        MultiReadOperation::GetChildren(get_children(choices))
    }
}

fn create(choices: &mut Choices<'_>) -> CreateRequest {
    let flags = i32::from(choices.byte() % 9);
    CreateRequest { path: path(choices), data: data(choices), acls: acls(choices), flags }
}

fn create_ttl(choices: &mut Choices<'_>) -> CreateTtlRequest {
    let CreateRequest { path, data, acls, flags } = create(choices);
    CreateTtlRequest { path, data, acls, flags, ttl_milliseconds: choices.number() }
}

fn set_data(choices: &mut Choices<'_>) -> SetDataRequest {
    SetDataRequest { path: path(choices), data: data(choices), version: version(choices) }
}

fn get_data(choices: &mut Choices<'_>) -> GetDataRequest {
    GetDataRequest { path: path(choices), watch: choices.flag() }
}

fn get_children(choices: &mut Choices<'_>) -> GetChildrenRequest {
    GetChildrenRequest { path: path(choices), watch: choices.flag() }
}

fn path(choices: &mut Choices<'_>) -> String {
    match choices.byte() {
        255 => String::from_utf8_lossy(choices.bytes()).into_owned(),
        byte => PATHS[usize::from(byte) % PATHS.len()].to_owned(),
    }
}

fn paths(choices: &mut Choices<'_>) -> Vec<String> {
    (0..choices.byte() % 3).map(|_| path(choices)).collect()
}

fn data(choices: &mut Choices<'_>) -> Option<Bytes> {
    match choices.byte() {
        255 => Some(Bytes::copy_from_slice(choices.bytes())),
        byte => DATA[usize::from(byte) % DATA.len()].map(Bytes::from_static),
    }
}

fn version(choices: &mut Choices<'_>) -> i32 {
    match choices.byte() {
        byte @ 0..=127 => [-1, 0, 1, -1][usize::from(byte) % 4],
        _ => choices.small_number(),
    }
}

fn acls(choices: &mut Choices<'_>) -> Vec<Acl> {
    let byte = choices.byte();
    match byte % 10 {
        0..=3 => vec![Acl::open()],
        4 => vec![Acl::creator()],
        5 => vec![Acl::read_only()],
        6 => vec![Acl::new(Permissions(choices.small_number()), "digest", "alice:digest=")],
        7 => vec![Acl::new(Permissions::ALL, "ip", "10.0.0.0/8"), Acl::open()],
        8 => vec![Acl::new(Permissions::ALL, "x509", String::from_utf8_lossy(choices.bytes()))],
        _ => Vec::new(),
    }
}
