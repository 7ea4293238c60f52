//! The steps of the ensemble's protocol, and of the elections on top of it, at which a fault may strike.

use std::fmt;
use std::str::FromStr;

use history::{ClientEvent, EnsembleEvent, Event, LeadershipEvent};

use crate::error::UserError;

/// A step of the protocol, as the server tells it that takes it; an fsync; or a step of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A server began from its disk.
    Recovered,
    /// A server settled on a leader.
    Elected,
    /// A leader chose its epoch.
    EpochProposed,
    /// A server promised itself to an epoch.
    EpochAccepted,
    /// A leader began to synchronise its learners.
    Synchronising,
    /// A server entered an epoch.
    EpochEntered,
    /// A leader decided how to bring a learner up.
    Synchronised,
    /// A leader was established.
    Established,
    /// A learner may serve.
    UpToDate,
    /// A leader broadcast a transaction.
    Broadcast,
    /// A server delivered a transaction.
    Delivered,
    /// A server took another's state.
    Restored,
    /// A server cut its log.
    Truncated,
    /// A server gave up leading or learning.
    Resigned,
    /// An fsync began on the machine: what it is to make safe is not safe yet.
    Fsync,
    /// The same, while the server is on its way to an epoch: its promise, or a part of its initial history.
    JoiningFsync,
    /// A candidate connected to the service, with a new session or an old one.
    Connected,
    /// A candidate lost its connection.
    Disconnected,
    /// A candidate learnt that its session is over, or decided so.
    Expired,
    /// A watch of a candidate fired.
    Notified,
    /// A candidate entered the election.
    Candidacy,
    /// A candidate waits for another one to go.
    Waiting,
    /// A candidate believes to lead.
    Leading,
    /// A candidate no longer believes to lead.
    Deposed,
}

impl Step {
    /// All steps.
    pub const ALL: [Step; 24] = [
        Step::Recovered,
        Step::Elected,
        Step::EpochProposed,
        Step::EpochAccepted,
        Step::Synchronising,
        Step::EpochEntered,
        Step::Synchronised,
        Step::Established,
        Step::UpToDate,
        Step::Broadcast,
        Step::Delivered,
        Step::Restored,
        Step::Truncated,
        Step::Resigned,
        Step::Fsync,
        Step::JoiningFsync,
        Step::Connected,
        Step::Disconnected,
        Step::Expired,
        Step::Notified,
        Step::Candidacy,
        Step::Waiting,
        Step::Leading,
        Step::Deposed,
    ];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Step::Recovered => "recovered",
            Step::Elected => "elected",
            Step::EpochProposed => "epoch_proposed",
            Step::EpochAccepted => "epoch_accepted",
            Step::Synchronising => "synchronising",
            Step::EpochEntered => "epoch_entered",
            Step::Synchronised => "synchronised",
            Step::Established => "established",
            Step::UpToDate => "up_to_date",
            Step::Broadcast => "broadcast",
            Step::Delivered => "delivered",
            Step::Restored => "restored",
            Step::Truncated => "truncated",
            Step::Resigned => "resigned",
            Step::Fsync => "fsync",
            Step::JoiningFsync => "joining_fsync",
            Step::Connected => "connected",
            Step::Disconnected => "disconnected",
            Step::Expired => "expired",
            Step::Notified => "notified",
            Step::Candidacy => "candidacy",
            Step::Waiting => "waiting",
            Step::Leading => "leading",
            Step::Deposed => "deposed",
        }
    }

    /// Whether candidates take it, and servers do not.
    pub const fn is_of_candidates(self) -> bool {
        matches!(
            self,
            Step::Connected
                | Step::Disconnected
                | Step::Expired
                | Step::Notified
                | Step::Candidacy
                | Step::Waiting
                | Step::Leading
                | Step::Deposed
        )
    }

    /// The step that any event tells of; nothing if it tells of none.
    pub const fn of(event: &Event) -> Option<Step> {
        match event {
            Event::Ensemble(event) => Step::told_by(event),
            Event::Client(ClientEvent::Connected { .. }) => Some(Step::Connected),
            Event::Client(ClientEvent::Disconnected { .. }) => Some(Step::Disconnected),
            Event::Client(ClientEvent::SessionExpired { .. }) => Some(Step::Expired),
            Event::Client(ClientEvent::Notified { .. }) => Some(Step::Notified),
            Event::Leadership(LeadershipEvent::Candidate { .. }) => Some(Step::Candidacy),
            Event::Leadership(LeadershipEvent::Waiting { .. }) => Some(Step::Waiting),
            Event::Leadership(LeadershipEvent::Elected { .. }) => Some(Step::Leading),
            Event::Leadership(LeadershipEvent::Deposed { .. }) => Some(Step::Deposed),
            _ => None,
        }
    }

    /// The step of the ensemble that an event of it tells of; nothing if it tells of none.
    pub const fn told_by(event: &EnsembleEvent) -> Option<Step> {
        Some(match event {
            EnsembleEvent::Recovered { .. } => Step::Recovered,
            EnsembleEvent::Elected { .. } => Step::Elected,
            EnsembleEvent::EpochProposed { .. } => Step::EpochProposed,
            EnsembleEvent::EpochAccepted { .. } => Step::EpochAccepted,
            EnsembleEvent::Synchronising { .. } => Step::Synchronising,
            EnsembleEvent::EpochEntered { .. } => Step::EpochEntered,
            EnsembleEvent::Synchronised { .. } => Step::Synchronised,
            EnsembleEvent::Established { .. } => Step::Established,
            EnsembleEvent::UpToDate { .. } => Step::UpToDate,
            EnsembleEvent::Broadcast { .. } => Step::Broadcast,
            EnsembleEvent::Delivered { .. } => Step::Delivered,
            EnsembleEvent::Restored { .. } => Step::Restored,
            EnsembleEvent::Truncated { .. } => Step::Truncated,
            EnsembleEvent::Resigned { .. } => Step::Resigned,
            EnsembleEvent::Digest { .. } => return None,
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Step {
    type Err = UserError;

    fn from_str(text: &str) -> Result<Step, UserError> {
        let step = Step::ALL.into_iter().find(|step| step.name() == text);
        step.ok_or_else(|| UserError::unknown("step", text, Step::ALL.map(Step::name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_found_by_its_name_alone() {
        for step in Step::ALL {
            assert_eq!(step.name().parse(), Ok(step));
        }
        let unknown = "broadcasts".parse::<Step>().unwrap_err();
        assert_eq!(unknown.to_string(), "there is no step `broadcasts`; did you mean `broadcast`?");
    }
}
