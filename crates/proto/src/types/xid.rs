//! The numbers that tie a reply to its request, where they are not the client's own count.

/// In a reply header: not a reply but a watch event.
pub const NOTIFICATION: i32 = -1;
/// A ping.
pub const PING: i32 = -2;
/// An authentication.
pub const AUTH: i32 = -4;
/// Watches restored after a reconnection.
pub const SET_WATCHES: i32 = -8;
