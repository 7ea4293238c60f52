//! What a monitor is, and a set of them as one observer of a run.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use history::{Event, NetworkEvent, Observer, Record, Time};

use crate::retelling::{Retelling, Verdict};
use crate::{Counters, Report, Violation};

/// Watches a history as it happens and says what is wrong with it.
///
/// It sees every event once, in true time order, and nothing else: it takes no part in the run, draws no random
/// number and cannot ask the world anything.
pub trait Monitor: Send {
    /// Its name, such as `single-leader/belief`.
    fn name(&self) -> &'static str;

    /// Sees one event.
    fn observe(&mut self, record: &Record, report: &mut Report);

    /// Sees an event that was told before, by another server or by the same one in a former life. Only who follows the
    /// servers one by one has anything to do here: what was told before did not happen twice.
    fn retold(&mut self, record: &Record, report: &mut Report) {
        let _ = (record, report);
    }

    /// All transactions above this one are gone: the only server there is came back without them, or an ensemble got a
    /// leader without them. Told before the event by which that is known.
    fn lost_above(&mut self, zxid: i64) {
        let _ = zxid;
    }

    /// Whether it wants to see each delivery of bytes. They outnumber all other events and concern few: it is shown
    /// none unless it says so.
    fn wants_deliveries(&self) -> bool {
        false
    }

    /// How long after the last fault has ended something may still be missing without a word from it. A run that is to be
    /// judged by it must go on for longer than that.
    fn patience(&self) -> Duration {
        Duration::ZERO
    }

    /// The run ended at `now`: what was due by then and did not come is wrong.
    fn finish(&mut self, now: Time, report: &mut Report) {
        let _ = (now, report);
    }
}

/// A set of monitors on one run. Clones share the set: one goes into the log as its observer, another stays with the
/// runner, who reads the findings while the run goes on.
#[derive(Clone, Default)]
pub struct Monitors(Arc<Mutex<Panel>>);

#[derive(Default)]
struct Panel {
    names: Vec<&'static str>,
    /// Gone when the run has ended: what they remember is of no use to anybody, and a campaign has many runs.
    monitors: Vec<Box<dyn Monitor>>,
    report: Report,
    retelling: Retelling,
    now: Time,
    finished: bool,
    /// Whether any of the monitors wants deliveries.
    wants_deliveries: bool,
}

impl Monitors {
    /// An empty set.
    pub fn new() -> Monitors {
        Monitors::default()
    }

    /// The set with one monitor more.
    pub fn with(self, monitor: impl Monitor + 'static) -> Monitors {
        self.add(Box::new(monitor));
        self
    }

    /// Adds a monitor. It sees the events from now on: add all of them before the run begins.
    pub fn add(&self, monitor: Box<dyn Monitor>) {
        let panel = &mut *self.panel();
        panel.wants_deliveries |= monitor.wants_deliveries();
        panel.names.push(monitor.name());
        panel.monitors.push(monitor);
    }

    /// The names of the monitors, in the order in which they were added.
    pub fn names(&self) -> Vec<&'static str> {
        self.panel().names.clone()
    }

    /// Tells all monitors that the run ended at `now`. Said twice, it counts once.
    pub fn finish(&self, now: Time) {
        let panel = &mut *self.panel();
        if std::mem::replace(&mut panel.finished, true) {
            return;
        }
        assert!(now >= panel.now, "the run ended at {now}, before its last event at {}", panel.now);
        for mut monitor in std::mem::take(&mut panel.monitors) {
            monitor.finish(now, &mut panel.report);
        }
        panel.retelling = Retelling::default();
    }

    /// Whether nothing is wrong so far. Cheap: to be asked often by whoever wants to stop at the first violation.
    pub fn is_clean(&self) -> bool {
        self.panel().report.is_clean()
    }

    /// What was found wrong so far.
    pub fn violations(&self) -> Vec<Violation> {
        self.panel().report.violations().to_vec()
    }

    /// The `sometimes` counters so far.
    pub fn counters(&self) -> Counters {
        self.panel().report.counters().clone()
    }

    /// The interregna so far: how long nobody led, for every change of leader that a [`Failover`](crate::Failover)
    /// monitor in the set has seen.
    pub fn failover_times(&self) -> Vec<Duration> {
        self.panel().report.failover_times().to_vec()
    }

    /// All findings so far.
    pub fn report(&self) -> Report {
        self.panel().report.clone()
    }

    fn panel(&self) -> MutexGuard<'_, Panel> {
        // A panic elsewhere in the run must not hide what was found before it.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Observer for Monitors {
    fn observe(&mut self, record: &Record) {
        let panel = &mut *self.panel();
        debug_assert!(record.at >= panel.now, "history goes back from {} to {}", panel.now, record.at);
        // What is told after the end (by processes that are being torn down) is no part of the history judged.
        if panel.finished {
            return;
        }
        panel.now = record.at;
        match panel.retelling.judge(record) {
            Verdict::News => {}
            Verdict::Retold => {
                for monitor in &mut panel.monitors {
                    monitor.retold(record, &mut panel.report);
                }
                return;
            }
            Verdict::LostAbove(zxid) => panel.monitors.iter_mut().for_each(|monitor| monitor.lost_above(zxid)),
        }
        let is_delivery = matches!(record.event, Event::Network(NetworkEvent::Delivered { .. }));
        if is_delivery && !panel.wants_deliveries {
            return;
        }
        for monitor in &mut panel.monitors {
            if is_delivery && !monitor.wants_deliveries() {
                continue;
            }
            monitor.observe(record, &mut panel.report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{elected, secs};
    use crate::{Belief, Failover};
    use history::{Keep, Log};

    #[test]
    fn findings_can_be_read_while_the_log_owns_the_observer() {
        let monitors = Monitors::new().with(Belief::new()).with(Failover::within(Duration::from_secs(1)));
        let mut log = Log::new(Keep::Nothing);
        log.observe_with(Box::new(monitors.clone()));
        log.append(Record { at: secs(1.0), node: Some("a".into()), event: elected(1) });
        assert!(monitors.is_clean());
        log.append(Record { at: secs(2.0), node: Some("b".into()), event: elected(2) });
        assert_eq!(monitors.violations().len(), 1);
        assert_eq!(monitors.names(), ["single-leader/belief", "failover"]);
        monitors.finish(secs(3.0));
        log.append(Record { at: secs(3.0), node: Some("c".into()), event: elected(3) });
        assert_eq!(monitors.violations().len(), 1, "what comes after the end is not judged");
    }

    #[test]
    fn deliveries_are_shown_to_who_wants_them() {
        struct Counts(bool);
        impl Monitor for Counts {
            fn name(&self) -> &'static str {
                "counts"
            }
            fn observe(&mut self, _: &Record, report: &mut Report) {
                report.sometimes(if self.0 { "wanted" } else { "unwanted" });
            }
            fn wants_deliveries(&self) -> bool {
                self.0
            }
        }
        let monitors = Monitors::new().with(Counts(true)).with(Counts(false));
        let delivered = Event::Network(NetworkEvent::Delivered { from: "a".into(), bytes: 1 });
        monitors.clone().observe(&Record { at: Time::ZERO, node: Some("b".into()), event: delivered });
        assert_eq!(monitors.counters().iter().collect::<Vec<_>>(), [("wanted", 1)]);
    }
}
