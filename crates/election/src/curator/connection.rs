//! The states of a connection as Curator's users see them (`ConnectionStateManager`).
//!
//! A lost connection is *suspended*. If it is not back in time, it is *lost*, and so is the session, whatever the
//! service thinks. That time is counted on the wall clock, `System.currentTimeMillis()`, as there.

use std::time::Duration;

use host::{Instant, WallTime};

use crate::protocol::{Input, Moment};

/// A state that begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Connected for the first time.
    Connected,
    /// Connected again.
    Reconnected,
    /// Not connected. The session may live.
    Suspended,
    /// The session is over, or taken to be so. It takes another one.
    Lost,
}

/// How the connection stands.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    percent: u32,
    state: Option<State>,
    suspended: Option<Suspended>,
}

/// Since when a connection is suspended, and when that is looked at next.
#[derive(Clone, Copy, Debug)]
struct Suspended {
    since: WallTime,
    look_at: Instant,
}

impl Connection {
    /// Not connected yet. It will be lost after this part of the session timeout, in percent.
    pub(crate) fn new(percent: u32) -> Connection {
        Connection { percent, state: None, suspended: None }
    }

    /// Whether it is up.
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.state, Some(State::Connected | State::Reconnected))
    }

    /// Takes in what happened; gives the state that begins with it, if one does.
    pub(crate) fn observe(&mut self, moment: Moment, input: &Input) -> Option<State> {
        let next = match input {
            Input::Connected { .. } if self.state.is_none() => State::Connected,
            Input::Connected { .. } => State::Reconnected,
            Input::Disconnected if self.is_up() => State::Suspended,
            Input::SessionOver if self.state != Some(State::Lost) => State::Lost,
            Input::Tick if self.has_run_out(moment) => State::Lost,
            _ => return None,
        };
        self.suspended = (next == State::Suspended)
            .then(|| Suspended { since: moment.wall, look_at: moment.now + self.patience(moment) });
        self.state = Some(next);
        Some(next)
    }

    /// When it is looked at next.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.suspended.map(|suspended| suspended.look_at)
    }

    fn patience(&self, moment: Moment) -> Duration {
        moment.session_timeout * self.percent / 100
    }

    /// `checkSessionExpiration`.
    fn has_run_out(&mut self, moment: Moment) -> bool {
        let patience = self.patience(moment);
        let Some(suspended) = &mut self.suspended else { return false };
        if moment.now < suspended.look_at {
            return false;
        }
        let elapsed = moment.wall.since_epoch().saturating_sub(suspended.since.since_epoch());
        if elapsed >= patience {
            return true;
        }
        suspended.look_at = moment.now + (patience - elapsed);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use client::SessionId;

    fn moment(monotonic: u64, wall: u64) -> Moment {
        Moment {
            now: Instant::from_reading(Duration::from_secs(monotonic)),
            wall: WallTime::from_epoch(Duration::from_secs(wall)),
            session_timeout: Duration::from_secs(6),
        }
    }

    #[test]
    fn what_is_suspended_too_long_is_lost() {
        let mut connection = Connection::new(100);
        let connected = Input::Connected { session: SessionId(1) };
        assert_eq!(connection.observe(moment(0, 100), &Input::Disconnected), None, "there was none yet");
        assert_eq!(connection.observe(moment(1, 101), &connected), Some(State::Connected));
        assert_eq!(connection.observe(moment(2, 102), &Input::Disconnected), Some(State::Suspended));
        assert_eq!(connection.observe(moment(7, 107), &Input::Tick), None);
        assert_eq!(connection.observe(moment(8, 108), &Input::Tick), Some(State::Lost));
        assert_eq!(connection.observe(moment(9, 109), &Input::SessionOver), None, "it is lost already");
        assert_eq!(connection.observe(moment(9, 109), &connected), Some(State::Reconnected));
        assert_eq!(connection.deadline(), None);
    }

    #[test]
    fn a_wall_clock_that_goes_back_makes_it_late() {
        let mut connection = Connection::new(100);
        let connected = Input::Connected { session: SessionId(1) };
        connection.observe(moment(1, 101), &connected);
        connection.observe(moment(2, 102), &Input::Disconnected);
        assert_eq!(connection.observe(moment(8, 90), &Input::Tick), None);
        assert_eq!(connection.deadline(), Some(moment(14, 0).now));
    }
}
