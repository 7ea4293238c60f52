//! The records of the protocol, a file each.
//!
//! A request and the body of its answer share a file. An operation without a record here has an
//! empty body: ping and closeSession as requests; delete, check, auth, setWatches, setWatches2,
//! checkWatches, removeWatches, ping and closeSession as answers.

mod add_watch;
mod auth;
mod check;
mod check_watches;
mod connect;
mod create;
mod delete;
mod exists;
mod get_acl;
mod get_all_children_number;
mod get_children;
mod get_children2;
mod get_data;
mod get_ephemerals;
mod header;
mod multi;
mod multi_header;
mod multi_read;
mod reconfig;
mod remove_watches;
mod sasl;
mod set_acl;
mod set_data;
mod set_watches;
mod set_watches2;
mod sync;
mod watcher_event;
mod who_am_i;

pub use add_watch::{AddWatchRequest, AddWatchResponse};
pub use auth::AuthRequest;
pub use check::CheckRequest;
pub use check_watches::CheckWatchesRequest;
pub use connect::{ConnectRequest, ConnectResponse};
pub use create::{Create2Response, CreateRequest, CreateResponse, CreateTtlRequest};
pub use delete::DeleteRequest;
pub use exists::{ExistsRequest, ExistsResponse};
pub use get_acl::{GetAclRequest, GetAclResponse};
pub use get_all_children_number::{GetAllChildrenNumberRequest, GetAllChildrenNumberResponse};
pub use get_children::{GetChildrenRequest, GetChildrenResponse};
pub use get_children2::GetChildren2Response;
pub use get_data::{GetDataRequest, GetDataResponse};
pub use get_ephemerals::{GetEphemeralsRequest, GetEphemeralsResponse};
pub use header::{ReplyHeader, RequestHeader};
pub use multi::{MultiOperation, MultiRequest, MultiResponse, MultiResult};
pub use multi_header::MultiHeader;
pub use multi_read::{MultiReadOperation, MultiReadRequest, MultiReadResponse, MultiReadResult};
pub use reconfig::ReconfigRequest;
pub use remove_watches::RemoveWatchesRequest;
pub use sasl::{SaslRequest, SaslResponse};
pub use set_acl::{SetAclRequest, SetAclResponse};
pub use set_data::{SetDataRequest, SetDataResponse};
pub use set_watches::SetWatchesRequest;
pub use set_watches2::SetWatches2Request;
pub use sync::{SyncRequest, SyncResponse};
pub use watcher_event::WatcherEvent;
pub use who_am_i::{ClientInfo, WhoAmIResponse};
