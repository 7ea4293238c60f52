//! getChildren: the names of the children.

use crate::wire::record;

/// Lists the children of a znode: the body of getChildren and getChildren2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetChildrenRequest {
    /// Which znode.
    pub path: String,
    /// Whether to set a watch.
    pub watch: bool,
}

record!(GetChildrenRequest { path, watch });

/// What answers getChildren.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetChildrenResponse {
    /// Their names, in no order.
    pub children: Vec<String>,
}

record!(GetChildrenResponse { children });
