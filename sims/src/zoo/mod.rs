//! The zoo: bugs from the history of real elections and of ZooKeeper itself, planted one at a time. The monitors must catch
//! each.

mod broadcast;
mod canary;
mod candidacies;
mod clients;
mod elections;
mod recipes;
mod sessions;
mod single_node;
mod work;

pub use broadcast::{
    B1, B3, B4, B5, B9, B10, B11, B12, B16_GAP, B16_LESS, B16_MORE, B17, B19, B24, B25, B27, B27_LEADER, B28,
};
pub use canary::CANARY;
pub use candidacies::{A7, A7_SYNC, A13};
pub use clients::{C5, C6, C10, C11, C12, C18};
pub use elections::{A14, A17, A28, A29, A30};
pub use recipes::{A1, A2, A5, A8, A9, A10, A12, A15, A19, A20, A21, A31};
pub use sessions::{C1, C14, C15, C17, C19};
pub use single_node::{A22, A23, A24, A26, A27, A32, A35};
pub use work::{WORK_RECORD, WORK_TERMS};
