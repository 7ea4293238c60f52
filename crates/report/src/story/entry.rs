//! One thing that happened, in words.

use history::{NodeName, Time};

/// How much an entry matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// To be looked up.
    Detail,
    /// Worth reading.
    Notable,
    /// The story turns here: faults, changes of leader, sessions lost.
    Turning,
    /// A rule was broken.
    Violation,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A fault of the schedule.
    Fault,
    /// Who believes to lead.
    Belief,
    /// Who leads in truth.
    Truth,
    /// A session.
    Session,
    /// The life of a process or machine.
    Life,
    /// The ensemble's own leader.
    Ensemble,
    /// A link.
    Network,
    /// A clock.
    Clock,
    /// A disk.
    Disk,
    /// The service's history.
    Service,
    /// The fenced resource.
    Resource,
    /// Tasks.
    Work,
    /// The run itself.
    Run,
    /// A broken rule.
    Violation,
}

impl About {
    /// Its name, in one lowercase word.
    pub const fn name(self) -> &'static str {
        match self {
            About::Fault => "fault",
            About::Belief => "belief",
            About::Truth => "truth",
            About::Session => "session",
            About::Life => "life",
            About::Ensemble => "ensemble",
            About::Network => "network",
            About::Clock => "clock",
            About::Disk => "disk",
            About::Service => "service",
            About::Resource => "resource",
            About::Work => "work",
            About::Run => "run",
            About::Violation => "violation",
        }
    }

    /// One and many of it, for summaries.
    pub const fn counted(self) -> (&'static str, &'static str) {
        match self {
            About::Fault => ("line about faults", "lines about faults"),
            About::Belief => ("change of belief", "changes of belief"),
            About::Truth => ("change of who leads", "changes of who leads"),
            About::Session => ("line about sessions", "lines about sessions"),
            About::Life => ("life of a process", "lives of processes"),
            About::Ensemble => ("step of the ensemble", "steps of the ensemble"),
            About::Network => ("line about links", "lines about links"),
            About::Clock => ("line about clocks", "lines about clocks"),
            About::Disk => ("line about disks", "lines about disks"),
            About::Service => ("change of znodes", "changes of znodes"),
            About::Resource => ("act refused", "acts refused"),
            About::Work => ("line about tasks", "lines about tasks"),
            About::Run => ("remark", "remarks"),
            About::Violation => ("violation", "violations"),
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Time,
    /// Where, if on one node.
    pub node: Option<NodeName>,
    /// What it is about.
    pub about: About,
    /// How much it matters.
    pub weight: Weight,
    /// What, without the node's name.
    pub words: String,
}
