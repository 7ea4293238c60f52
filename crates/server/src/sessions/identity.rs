//! Session ids and passwords, as ZooKeeper computes them.
//!
//! The password is a function of the id, so that any server of an ensemble can verify it. It keeps accidents out, not
//! attackers.

use proto::{Password, SessionId};

/// `ZooKeeperServer.superSecret`.
const SECRET: i64 = 0xB341_5C00;

/// The first id that a server gives (`SessionTrackerImpl.initializeNextSessionId`): the server's id on top, then the
/// time, so that a restarted server does not give the ids of its former life.
#[must_use]
pub fn first_session(server: u8, milliseconds: i64) -> SessionId {
    let time = ((milliseconds << 24).cast_unsigned() >> 8).cast_signed();
    SessionId(time | (i64::from(server) << 56))
}

/// The server that gave an id.
#[must_use]
pub fn server_of(session: SessionId) -> u8 {
    (session.0.cast_unsigned() >> 56) as u8
}

/// The password of a session: 16 bytes of `java.util.Random(id ^ secret)` (`ZooKeeperServer.generatePasswd`).
#[must_use]
pub fn password(session: SessionId) -> Password {
    const MULTIPLIER: i64 = 0x5_DEEC_E66D;
    const MASK: i64 = (1 << 48) - 1;
    let mut state = (session.0 ^ SECRET ^ MULTIPLIER) & MASK;
    let mut bytes = [0; Password::LENGTH];
    for word in bytes.chunks_exact_mut(4) {
        state = state.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        // `nextInt` is the upper 32 of the 48 bits; its bytes come lowest first.
        word.copy_from_slice(&((state >> 16) as i32).to_le_bytes());
    }
    Password(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_id_is_on_top() {
        // Of the milliseconds the lower 40 bits are kept, with room below for 65 536 sessions each.
        assert_eq!(first_session(1, 0x0123_4567_89ab), SessionId(0x0123_4567_89ab_0000));
        assert_eq!(server_of(first_session(254, 7)), 254);
        assert_eq!(first_session(254, 0).0.cast_unsigned(), 0xfe00_0000_0000_0000);
    }

    #[test]
    fn a_password_is_javas() {
        // new Random(0).nextInt() is -1155484576, as in Java's documentation of many a bug report.
        let first = password(SessionId(SECRET)).0;
        assert_eq!(first[..4], (-1_155_484_576_i32).to_le_bytes());
    }

    #[test]
    fn sessions_differ_in_their_passwords() {
        assert_ne!(password(SessionId(1)), password(SessionId(2)));
        assert_eq!(password(SessionId(1)), password(SessionId(1)));
    }
}
