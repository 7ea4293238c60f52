//! The lease itself: pure. One request is under way at a time, and its answer decides what comes next.

use std::time::Duration;

use history::{LeadershipEvent, Term};
use host::{Instant, WallTime};

/// So long it waits before it asks again what was not answered well.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// What stands in the znode: who holds the lease, and until when on the wall clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The holder: one life of one process.
    pub holder: String,
    /// The end, in milliseconds since 1970.
    pub end: i64,
}

impl Record {
    /// As the znode has it.
    #[must_use]
    pub fn to_data(&self) -> String {
        format!("{} {}", self.end, self.holder)
    }

    /// From what the znode has. What cannot be read is nobody's, and has ended.
    #[must_use]
    pub fn from_data(data: &[u8]) -> Record {
        let text = String::from_utf8_lossy(data);
        let parsed = text.split_once(' ').and_then(|(end, holder)| Some((end.parse().ok()?, holder.to_owned())));
        let (end, holder) = parsed.unwrap_or((0, String::new()));
        Record { holder, end }
    }
}

/// What is asked of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Read the znode.
    Read,
    /// Create the znode, and what lies above it.
    Create,
    /// Set the znode's data if it has this version.
    Write {
        /// The new data.
        record: Record,
        /// The version.
        version: i32,
    },
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The znode has this, in this version.
    Stands(Record, i32),
    /// The znode was written.
    Written {
        /// The transaction.
        mzxid: i64,
        /// The version since.
        version: i32,
    },
    /// The znode is missing.
    Missing,
    /// Somebody else was faster, or the znode was created, or nobody knows: the znode has to be read.
    ReadAgain,
    /// There was no answer.
    Unknown,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Time has passed.
    Tick,
    /// The request under way has ended.
    Answered(Answer),
    /// The user does not want to lead any more.
    Resign,
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask this. Nothing else is under way.
    Ask(Request),
    /// Tell the user and the monitors.
    Tell(LeadershipEvent),
    /// It leads until this wall time. Comes before `Elected`, and again with every renewal.
    Until(WallTime),
    /// It is over.
    Over,
}

/// What a leader holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    term: Term,
    until: WallTime,
}

/// One process's dealings with the lease.
pub struct Tenancy {
    me: String,
    path: String,
    duration: Duration,
    held: Option<Held>,
    /// The version last seen of the znode while it had this process's name.
    version: Option<i32>,
    asking: Option<Request>,
    /// When to ask next.
    next: Instant,
    resigning: bool,
    over: bool,
    effects: Vec<Effect>,
}

impl Tenancy {
    /// Nothing held yet. `me` names one life of one process.
    #[must_use]
    pub fn new(me: &str, path: &str, duration: Duration, now: Instant) -> Tenancy {
        Tenancy {
            me: me.to_owned(),
            path: path.to_owned(),
            duration,
            held: None,
            version: None,
            asking: None,
            next: now,
            resigning: false,
            over: false,
            effects: Vec::new(),
        }
    }

    /// Goes one step.
    pub fn step(&mut self, now: Instant, wall: WallTime, input: Input) -> Vec<Effect> {
        if self.held.is_some_and(|held| wall >= held.until) {
            self.depose("its lease ran out");
        }
        match input {
            Input::Tick => {}
            Input::Answered(answer) => self.answered(now, wall, answer),
            Input::Resign => {
                self.resigning = true;
                self.depose("it resigned");
                self.next = now;
            }
        }
        if self.asking.is_none() && !self.over && self.next <= now {
            self.ask_next(wall);
        }
        std::mem::take(&mut self.effects)
    }

    /// When the next `Tick` is due, if nothing happens before.
    #[must_use]
    pub fn deadline(&self, now: Instant, wall: WallTime) -> Instant {
        let end = self.held.map(|held| now + held.until.since_epoch().saturating_sub(wall.since_epoch()));
        match (&self.asking, end) {
            (None, Some(end)) => self.next.min(end),
            (None, None) => self.next,
            (Some(_), Some(end)) => end,
            // An answer will come, or the session will end: nothing is due.
            (Some(_), None) => now + self.duration,
        }
    }

    fn ask_next(&mut self, wall: WallTime) {
        match (self.resigning, self.version) {
            // A lease that ended long ago is free.
            (true, Some(version)) => {
                self.ask(Request::Write { record: Record { holder: self.me.clone(), end: 0 }, version })
            }
            (true, None) => {
                self.over = true;
                self.effects.push(Effect::Over);
            }
            (false, Some(version)) => self.write(wall, version),
            (false, None) => self.ask(Request::Read),
        }
    }

    fn write(&mut self, wall: WallTime, version: i32) {
        let end = wall.as_millis() + i64::try_from(self.duration.as_millis()).expect("a lease is short");
        self.ask(Request::Write { record: Record { holder: self.me.clone(), end }, version });
    }

    fn answered(&mut self, now: Instant, wall: WallTime, answer: Answer) {
        let request = self.asking.take().expect("an answer answers a request");
        match (request, answer) {
            (Request::Write { record, .. }, Answer::Written { version, .. }) if self.resigning => {
                // A renewal that was under way makes another version to give back.
                self.version = (record.end > 0).then_some(version);
                self.next = now;
            }
            (Request::Write { record, .. }, Answer::Written { mzxid, version }) => {
                self.version = Some(version);
                self.next = now + self.duration / 3;
                self.holds(wall, Term(mzxid), record.end);
            }
            (_, Answer::Stands(record, version)) => self.stands(now, wall, record, version),
            (_, Answer::Missing) => {
                self.lost("its lease is gone");
                self.ask(Request::Create);
            }
            (_, Answer::ReadAgain) => {
                self.lost("somebody else has its lease");
                self.next = now;
            }
            (_, Answer::Unknown | Answer::Written { .. }) => {
                // Whether the write was done, and which version it made, has to be read.
                self.version = None;
                self.next = now + RETRY_PAUSE;
            }
        }
    }

    fn stands(&mut self, now: Instant, wall: WallTime, record: Record, version: i32) {
        if record.holder == self.me {
            self.version = Some(version);
            self.next = now;
            return;
        }
        self.lost("somebody else has its lease");
        let left = record.end - wall.as_millis();
        if self.resigning {
            self.next = now;
        } else if left < 0 {
            self.write(wall, version);
        } else {
            self.effects.push(Effect::Tell(LeadershipEvent::Waiting { on: self.path.clone() }));
            let left = Duration::from_millis(left.unsigned_abs() + 1);
            self.next = now + left.min(self.duration / 3);
        }
    }

    fn holds(&mut self, wall: WallTime, term: Term, end: i64) {
        let until = WallTime::from_epoch(Duration::from_millis(end.unsigned_abs()));
        if wall >= until {
            // The answer was too long on its way.
            return;
        }
        self.effects.push(Effect::Until(until));
        match &mut self.held {
            Some(held) => held.until = until,
            None => {
                self.held = Some(Held { term, until });
                self.effects.push(Effect::Tell(LeadershipEvent::Elected { term }));
            }
        }
    }

    fn lost(&mut self, reason: &str) {
        self.version = None;
        self.depose(reason);
    }

    fn depose(&mut self, reason: &str) {
        if let Some(Held { term, .. }) = self.held.take() {
            self.effects.push(Effect::Tell(LeadershipEvent::Deposed { term, reason: reason.to_owned() }));
        }
    }

    fn ask(&mut self, request: Request) {
        assert!(self.asking.is_none() && !self.over, "one request at a time");
        self.asking = Some(request.clone());
        self.effects.push(Effect::Ask(request));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DURATION: Duration = Duration::from_secs(6);

    fn at(seconds: u64) -> Instant {
        Instant::from_reading(Duration::from_secs(seconds))
    }

    fn wall(seconds: u64) -> WallTime {
        WallTime::from_epoch(Duration::from_secs(seconds))
    }

    fn answered(answer: Answer) -> Input {
        Input::Answered(answer)
    }

    fn another(end_seconds: i64) -> Record {
        Record { holder: "another".to_owned(), end: end_seconds * 1000 }
    }

    fn mine(end_seconds: i64) -> Record {
        Record { holder: "me".to_owned(), end: end_seconds * 1000 }
    }

    /// A tenancy that leads since second 10, by transaction 7.
    fn leading() -> Tenancy {
        let mut tenancy = Tenancy::new("me", "/lease", DURATION, at(10));
        assert_eq!(tenancy.step(at(10), wall(10), Input::Tick), [Effect::Ask(Request::Read)]);
        let effects = tenancy.step(at(10), wall(10), answered(Answer::Stands(another(9), 3)));
        assert_eq!(effects, [Effect::Ask(Request::Write { record: mine(16), version: 3 })]);
        let effects = tenancy.step(at(10), wall(10), answered(Answer::Written { mzxid: 7, version: 4 }));
        let elected = Effect::Tell(LeadershipEvent::Elected { term: Term(7) });
        assert_eq!(effects, [Effect::Until(wall(16)), elected]);
        tenancy
    }

    fn is_deposed(effects: &[Effect]) -> bool {
        effects.iter().any(|effect| matches!(effect, Effect::Tell(LeadershipEvent::Deposed { term: Term(7), .. })))
    }

    #[test]
    fn records_come_back_as_they_went_and_nonsense_has_ended() {
        assert_eq!(Record::from_data(mine(5).to_data().as_bytes()), mine(5));
        assert_eq!(Record::from_data(b"nonsense"), Record { holder: String::new(), end: 0 });
    }

    #[test]
    fn a_lease_that_has_not_ended_on_my_clock_is_left_alone() {
        let mut tenancy = Tenancy::new("me", "/lease", DURATION, at(10));
        tenancy.step(at(10), wall(10), Input::Tick);
        let effects = tenancy.step(at(10), wall(10), answered(Answer::Stands(another(11), 3)));
        assert_eq!(effects, [Effect::Tell(LeadershipEvent::Waiting { on: "/lease".to_owned() })]);
        assert_eq!(tenancy.deadline(at(10), wall(10)), at(11) + Duration::from_millis(1));
    }

    #[test]
    fn a_renewal_keeps_the_term_and_moves_the_end() {
        let mut tenancy = leading();
        let effects = tenancy.step(at(12), wall(12), Input::Tick);
        assert_eq!(effects, [Effect::Ask(Request::Write { record: mine(18), version: 4 })]);
        let effects = tenancy.step(at(12), wall(12), answered(Answer::Written { mzxid: 9, version: 5 }));
        assert_eq!(effects, [Effect::Until(wall(18))]);
    }

    #[test]
    fn a_leader_steps_down_when_its_own_clock_says_so() {
        let mut tenancy = leading();
        tenancy.step(at(12), wall(12), Input::Tick);
        assert!(!is_deposed(&tenancy.step(at(15), wall(15), Input::Tick)));
        assert!(is_deposed(&tenancy.step(at(16), wall(16), Input::Tick)));
    }

    #[test]
    fn a_leader_whose_version_was_overtaken_steps_down() {
        let mut tenancy = leading();
        tenancy.step(at(12), wall(12), Input::Tick);
        let effects = tenancy.step(at(12), wall(12), answered(Answer::ReadAgain));
        assert!(is_deposed(&effects));
    }

    #[test]
    fn an_unanswered_renewal_is_read_back_before_the_next() {
        let mut tenancy = leading();
        tenancy.step(at(12), wall(12), Input::Tick);
        assert_eq!(tenancy.step(at(13), wall(13), answered(Answer::Unknown)), []);
        assert_eq!(tenancy.step(at(14), wall(14), Input::Tick), [Effect::Ask(Request::Read)]);
        let effects = tenancy.step(at(14), wall(14), answered(Answer::Stands(mine(18), 5)));
        assert_eq!(effects, [Effect::Ask(Request::Write { record: mine(20), version: 5 })]);
    }

    #[test]
    fn who_resigns_gives_the_lease_back() {
        let mut tenancy = leading();
        let effects = tenancy.step(at(11), wall(11), Input::Resign);
        assert!(is_deposed(&effects));
        assert_eq!(effects.last(), Some(&Effect::Ask(Request::Write { record: mine(0), version: 4 })));
        let effects = tenancy.step(at(11), wall(11), answered(Answer::Written { mzxid: 9, version: 5 }));
        assert_eq!(effects, [Effect::Over]);
    }
}
