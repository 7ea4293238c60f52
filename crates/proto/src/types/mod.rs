//! The base types: what the fields of records mean.

mod acl;
mod create_mode;
mod error_code;
mod event_type;
mod keeper_state;
mod op_code;
mod open_enum;
mod password;
mod permissions;
mod secret;
mod session_id;
mod stat;
mod watch_mode;
mod watcher_type;
pub mod xid;
mod zxid;

pub use acl::{Acl, Id};
pub use create_mode::CreateMode;
pub use error_code::ErrorCode;
pub use event_type::EventType;
pub use keeper_state::KeeperState;
pub use op_code::OpCode;
pub use open_enum::UnknownCode;
pub use password::Password;
pub use permissions::Permissions;
pub use secret::Secret;
pub use session_id::SessionId;
pub use stat::Stat;
pub use watch_mode::WatchMode;
pub use watcher_type::WatcherType;
pub use zxid::Zxid;
