//! The zoo: bugs from the history of real elections and of ZooKeeper itself, planted one at a time. The monitors must catch
//! each.

mod broadcast;
mod elections;
mod sessions;
mod single_node;

pub use broadcast::{
    B1, B3, B4, B5, B9, B10, B11, B12, B16_GAP, B16_LESS, B16_MORE, B17, B19, B24, B25, B27, B27_LEADER, B28,
};
pub use elections::{A14, A17, A28, A29, A30};
pub use sessions::{C1, C14, C15, C17, C19};
pub use single_node::{A22, A23, A24, A26, A27, A32, A35};
