//! The coordination service: znode tree, sessions, watches, access control, storage.
