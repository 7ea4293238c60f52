//! getChildren2: the names of the children, and the metadata of their parent.

use crate::types::Stat;
use crate::wire::record;

/// What answers getChildren2; the request is that of getChildren.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetChildren2Response {
    /// Their names, in no order.
    pub children: Vec<String>,
    /// The metadata of the parent.
    pub stat: Stat,
}

record!(GetChildren2Response { children, stat });
