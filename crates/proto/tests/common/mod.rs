//! Strategies that make any value of any record.
//!
//! One restriction: strings are valid UTF-8, because decoding replaces what is not.

#![allow(dead_code)]

use bytes::Bytes;
use interregnum_proto::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Declares the strategy of a record from the strategies of its fields.
macro_rules! strategies {
    ($($function:ident: $record:ident { $($field:ident: $strategy:expr),+ $(,)? })+) => {
        $(pub fn $function() -> impl Strategy<Value = $record> + Clone {
            ($($strategy,)+).prop_map(|($($field,)+)| $record { $($field),+ })
        })+
    };
}

pub fn text() -> impl Strategy<Value = String> + Clone {
    prop_oneof![3 => "/[a-z/]{0,12}", 1 => "\\PC{0,8}"]
}

pub fn texts() -> impl Strategy<Value = Vec<String>> + Clone {
    vec(text(), 0..4)
}

pub fn data() -> impl Strategy<Value = Option<Bytes>> + Clone {
    option::of(vec(any::<u8>(), 0..40).prop_map(Bytes::from))
}

pub fn secret() -> impl Strategy<Value = Secret> + Clone {
    vec(any::<u8>(), 0..40).prop_map(|bytes| Secret(bytes.into()))
}

pub fn zxid() -> impl Strategy<Value = Zxid> + Clone {
    any::<i64>().prop_map(Zxid)
}

pub fn session_id() -> impl Strategy<Value = SessionId> + Clone {
    any::<i64>().prop_map(SessionId)
}

pub fn password() -> impl Strategy<Value = Password> + Clone {
    any::<[u8; 16]>().prop_map(Password)
}

/// A number: mostly a small one, where the known codes are.
pub fn code() -> impl Strategy<Value = i32> + Clone {
    prop_oneof![4 => -130..130, 1 => any::<i32>()]
}

pub fn error() -> impl Strategy<Value = Option<ErrorCode>> + Clone {
    code().prop_map(ErrorCode::from_i32)
}

pub fn op_code() -> impl Strategy<Value = OpCode> + Clone {
    code().prop_map(OpCode::from_i32)
}

pub fn acls() -> impl Strategy<Value = Vec<Acl>> + Clone {
    vec(acl(), 0..3)
}

pub fn client_info() -> impl Strategy<Value = ClientInfo> + Clone {
    id().prop_map(ClientInfo)
}

strategies! {
    id: Id { scheme: text(), id: text() }
    acl: Acl { permissions: any::<i32>().prop_map(Permissions), id: id() }
    stat: Stat {
        czxid: zxid(),
        mzxid: zxid(),
        ctime: any::<i64>(),
        mtime: any::<i64>(),
        version: any::<i32>(),
        cversion: any::<i32>(),
        aversion: any::<i32>(),
        ephemeral_owner: session_id(),
        data_length: any::<i32>(),
        num_children: any::<i32>(),
        pzxid: zxid(),
    }
    connect_request: ConnectRequest {
        protocol_version: any::<i32>(),
        last_zxid_seen: zxid(),
        timeout_milliseconds: any::<i32>(),
        session_id: session_id(),
        password: password(),
        read_only: any::<Option<bool>>(),
    }
    connect_response: ConnectResponse {
        protocol_version: any::<i32>(),
        timeout_milliseconds: any::<i32>(),
        session_id: session_id(),
        password: password(),
        read_only: any::<Option<bool>>(),
    }
    request_header: RequestHeader { xid: any::<i32>(), op_code: op_code() }
    reply_header: ReplyHeader { xid: any::<i32>(), zxid: zxid(), error: error() }
    watcher_event: WatcherEvent {
        event_type: code().prop_map(EventType::from_i32),
        state: code().prop_map(KeeperState::from_i32),
        path: text(),
    }
    create_request: CreateRequest { path: text(), data: data(), acls: acls(), flags: any::<i32>() }
    create_ttl_request: CreateTtlRequest {
        path: text(),
        data: data(),
        acls: acls(),
        flags: any::<i32>(),
        ttl_milliseconds: any::<i64>(),
    }
    create_response: CreateResponse { path: text() }
    create2_response: Create2Response { path: text(), stat: stat() }
    delete_request: DeleteRequest { path: text(), version: any::<i32>() }
    exists_request: ExistsRequest { path: text(), watch: any::<bool>() }
    exists_response: ExistsResponse { stat: stat() }
    get_data_request: GetDataRequest { path: text(), watch: any::<bool>() }
    get_data_response: GetDataResponse { data: data(), stat: stat() }
    set_data_request: SetDataRequest { path: text(), data: data(), version: any::<i32>() }
    set_data_response: SetDataResponse { stat: stat() }
    get_acl_request: GetAclRequest { path: text() }
    get_acl_response: GetAclResponse { acls: acls(), stat: stat() }
    set_acl_request: SetAclRequest { path: text(), acls: acls(), version: any::<i32>() }
    set_acl_response: SetAclResponse { stat: stat() }
    get_children_request: GetChildrenRequest { path: text(), watch: any::<bool>() }
    get_children_response: GetChildrenResponse { children: texts() }
    get_children2_response: GetChildren2Response { children: texts(), stat: stat() }
    sync_request: SyncRequest { path: text() }
    sync_response: SyncResponse { path: text() }
    check_request: CheckRequest { path: text(), version: any::<i32>() }
    reconfig_request: ReconfigRequest {
        joining_servers: option::of(text()),
        leaving_servers: option::of(text()),
        new_members: option::of(text()),
        current_configuration: any::<i64>(),
    }
    check_watches_request: CheckWatchesRequest { path: text(), watcher_type: code() }
    remove_watches_request: RemoveWatchesRequest { path: text(), watcher_type: code() }
    auth_request: AuthRequest { auth_type: any::<i32>(), scheme: text(), credential: secret() }
    set_watches_request: SetWatchesRequest {
        relative_zxid: zxid(),
        data_watches: texts(),
        exist_watches: texts(),
        child_watches: texts(),
    }
    set_watches2_request: SetWatches2Request {
        relative_zxid: zxid(),
        data_watches: texts(),
        exist_watches: texts(),
        child_watches: texts(),
        persistent_watches: texts(),
        persistent_recursive_watches: texts(),
    }
    sasl_request: SaslRequest { token: secret() }
    sasl_response: SaslResponse { token: secret() }
    get_ephemerals_request: GetEphemeralsRequest { prefix_path: text() }
    get_ephemerals_response: GetEphemeralsResponse { ephemerals: texts() }
    get_all_children_number_request: GetAllChildrenNumberRequest { path: text() }
    get_all_children_number_response: GetAllChildrenNumberResponse { total_number: any::<i32>() }
    add_watch_request: AddWatchRequest { path: text(), mode: any::<i32>() }
    who_am_i_response: WhoAmIResponse { client_info: vec(client_info(), 0..3) }
    multi_request: MultiRequest { operations: vec(multi_operation(), 0..5) }
    multi_response: MultiResponse { results: vec(multi_result(), 0..5) }
    multi_read_request: MultiReadRequest { operations: vec(multi_read_operation(), 0..5) }
    multi_read_response: MultiReadResponse { results: vec(multi_read_result(), 0..5) }
    multi_header: MultiHeader { op_code: op_code(), done: any::<bool>(), error: error() }
}

pub fn multi_operation() -> impl Strategy<Value = MultiOperation> + Clone {
    prop_oneof![
        create_request().prop_map(MultiOperation::Create),
        create_request().prop_map(MultiOperation::Create2),
        create_request().prop_map(MultiOperation::CreateContainer),
        create_ttl_request().prop_map(MultiOperation::CreateTtl),
        delete_request().prop_map(MultiOperation::Delete),
        set_data_request().prop_map(MultiOperation::SetData),
        check_request().prop_map(MultiOperation::Check),
    ]
}

pub fn multi_result() -> impl Strategy<Value = MultiResult> + Clone {
    prop_oneof![
        create_response().prop_map(MultiResult::Create),
        create2_response().prop_map(MultiResult::Create2),
        Just(MultiResult::Delete),
        set_data_response().prop_map(MultiResult::SetData),
        Just(MultiResult::Check),
        error().prop_map(MultiResult::Error),
    ]
}

pub fn multi_read_operation() -> impl Strategy<Value = MultiReadOperation> + Clone {
    prop_oneof![
        get_data_request().prop_map(MultiReadOperation::GetData),
        get_children_request().prop_map(MultiReadOperation::GetChildren),
    ]
}

pub fn multi_read_result() -> impl Strategy<Value = MultiReadResult> + Clone {
    prop_oneof![
        get_data_response().prop_map(MultiReadResult::GetData),
        get_children_response().prop_map(MultiReadResult::GetChildren),
        error().prop_map(MultiReadResult::Error),
    ]
}

pub fn request() -> BoxedStrategy<Request> {
    let creating = prop_oneof![
        create_request().prop_map(Request::Create),
        create_request().prop_map(Request::Create2),
        create_request().prop_map(Request::CreateContainer),
        create_ttl_request().prop_map(Request::CreateTtl),
        delete_request().prop_map(Request::Delete),
        set_data_request().prop_map(Request::SetData),
        set_acl_request().prop_map(Request::SetAcl),
        check_request().prop_map(Request::Check),
        multi_request().prop_map(Request::Multi),
    ];
    let reading = prop_oneof![
        exists_request().prop_map(Request::Exists),
        get_data_request().prop_map(Request::GetData),
        get_acl_request().prop_map(Request::GetAcl),
        get_children_request().prop_map(Request::GetChildren),
        get_children_request().prop_map(Request::GetChildren2),
        sync_request().prop_map(Request::Sync),
        multi_read_request().prop_map(Request::MultiRead),
        get_ephemerals_request().prop_map(Request::GetEphemerals),
        get_all_children_number_request().prop_map(Request::GetAllChildrenNumber),
    ];
    let watching = prop_oneof![
        check_watches_request().prop_map(Request::CheckWatches),
        remove_watches_request().prop_map(Request::RemoveWatches),
        set_watches_request().prop_map(Request::SetWatches),
        set_watches2_request().prop_map(Request::SetWatches2),
        add_watch_request().prop_map(Request::AddWatch),
    ];
    let connection = prop_oneof![
        auth_request().prop_map(Request::Auth),
        sasl_request().prop_map(Request::Sasl),
        reconfig_request().prop_map(Request::Reconfig),
        Just(Request::Ping),
        Just(Request::WhoAmI),
        Just(Request::CloseSession),
    ];
    prop_oneof![creating, reading, watching, connection].boxed()
}

/// A response, with the code of an operation it answers.
pub fn response() -> BoxedStrategy<(OpCode, Response)> {
    let bare = proptest::sample::select(vec![
        OpCode::Delete,
        OpCode::Check,
        OpCode::Ping,
        OpCode::Auth,
        OpCode::SetWatches,
        OpCode::SetWatches2,
        OpCode::CheckWatches,
        OpCode::RemoveWatches,
        OpCode::CloseSession,
    ])
    .prop_map(|op_code| (op_code, Response::Empty));
    let extended = proptest::sample::select(vec![OpCode::Create2, OpCode::CreateContainer, OpCode::CreateTtl]);
    let writing = prop_oneof![
        create_response().prop_map(|body| (OpCode::Create, Response::Create(body))),
        (extended, create2_response()).prop_map(|(op_code, body)| (op_code, Response::Create2(body))),
        set_data_response().prop_map(|body| (OpCode::SetData, Response::SetData(body))),
        set_acl_response().prop_map(|body| (OpCode::SetAcl, Response::SetAcl(body))),
        multi_response().prop_map(|body| (OpCode::Multi, Response::Multi(body))),
        get_data_response().prop_map(|body| (OpCode::Reconfig, Response::Reconfig(body))),
    ];
    let reading = prop_oneof![
        exists_response().prop_map(|body| (OpCode::Exists, Response::Exists(body))),
        get_data_response().prop_map(|body| (OpCode::GetData, Response::GetData(body))),
        get_acl_response().prop_map(|body| (OpCode::GetAcl, Response::GetAcl(body))),
        get_children_response().prop_map(|body| (OpCode::GetChildren, Response::GetChildren(body))),
        get_children2_response().prop_map(|body| (OpCode::GetChildren2, Response::GetChildren2(body))),
        sync_response().prop_map(|body| (OpCode::Sync, Response::Sync(body))),
        multi_read_response().prop_map(|body| (OpCode::MultiRead, Response::MultiRead(body))),
        get_ephemerals_response().prop_map(|body| (OpCode::GetEphemerals, Response::GetEphemerals(body))),
        get_all_children_number_response()
            .prop_map(|body| (OpCode::GetAllChildrenNumber, Response::GetAllChildrenNumber(body))),
    ];
    let connection = prop_oneof![
        sasl_response().prop_map(|body| (OpCode::Sasl, Response::Sasl(body))),
        who_am_i_response().prop_map(|body| (OpCode::WhoAmI, Response::WhoAmI(body))),
        Just((OpCode::AddWatch, Response::AddWatch(AddWatchResponse))),
    ];
    prop_oneof![bare, writing, reading, connection].boxed()
}
