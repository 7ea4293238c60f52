//! Which operation a request asks for.

use super::open_enum::{open_enum, total_conversion};

open_enum! {
    /// Which operation a request asks for (`ZooDefs.OpCode`).
    pub enum OpCode {
        /// A watch event; travels from server to client only, and only inside servers as a code.
        Notification = 0, "notification";
        /// Create a znode; answers with its path.
        Create = 1, "create";
        /// Delete a znode.
        Delete = 2, "delete";
        /// Ask for the metadata of a znode, and whether there is one.
        Exists = 3, "exists";
        /// Read data and metadata.
        GetData = 4, "getData";
        /// Write data.
        SetData = 5, "setData";
        /// Read the ACL.
        GetAcl = 6, "getACL";
        /// Write the ACL.
        SetAcl = 7, "setACL";
        /// List the children.
        GetChildren = 8, "getChildren";
        /// Catch up with the leader.
        Sync = 9, "sync";
        /// Keep the session alive.
        Ping = 11, "ping";
        /// List the children, with the parent's metadata.
        GetChildren2 = 12, "getChildren2";
        /// Check a version, inside a multi.
        Check = 13, "check";
        /// Several writes, all or none.
        Multi = 14, "multi";
        /// Create a znode; answers with its path and metadata.
        Create2 = 15, "create2";
        /// Change the ensemble.
        Reconfig = 16, "reconfig";
        /// Ask whether a watch is set.
        CheckWatches = 17, "checkWatches";
        /// Take a watch away.
        RemoveWatches = 18, "removeWatches";
        /// Create a container.
        CreateContainer = 19, "createContainer";
        /// Reap a container; servers only.
        DeleteContainer = 20, "deleteContainer";
        /// Create a znode with a time to live.
        CreateTtl = 21, "createTTL";
        /// Several reads, each for itself.
        MultiRead = 22, "multiRead";
        /// Authenticate the connection.
        Auth = 100, "auth";
        /// Restore watches after a reconnection.
        SetWatches = 101, "setWatches";
        /// A step of a SASL dialogue.
        Sasl = 102, "sasl";
        /// List the ephemeral znodes of the session.
        GetEphemerals = 103, "getEphemerals";
        /// Count all descendants.
        GetAllChildrenNumber = 104, "getAllChildrenNumber";
        /// Restore watches after a reconnection, persistent ones included.
        SetWatches2 = 105, "setWatches2";
        /// Add a persistent watch.
        AddWatch = 106, "addWatch";
        /// Ask who the server takes the caller for.
        WhoAmI = 107, "whoAmI";
        /// Open a session; servers only.
        CreateSession = -10, "createSession";
        /// Close the session.
        CloseSession = -11, "closeSession";
        /// A failed operation, in transactions and in the results of a multi.
        Error = -1, "error";
    }
}

total_conversion!(OpCode);
