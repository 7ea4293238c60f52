//! The life of the process on a node, and of its machine.

use history::MachineEvent;

/// What a process does when it does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It runs.
    Runs,
    /// It stalls; its kernel goes on.
    Paused,
    /// It returned by itself.
    Exited,
    /// It was killed.
    Killed,
    /// Its machine has no power.
    WithoutPower,
}

impl Life {
    /// What an event makes of it.
    pub(super) const fn after(event: &MachineEvent) -> Life {
        match event {
            MachineEvent::Started | MachineEvent::Resumed => Life::Runs,
            MachineEvent::Paused => Life::Paused,
            MachineEvent::Exited => Life::Exited,
            MachineEvent::Killed => Life::Killed,
            MachineEvent::PowerLost => Life::WithoutPower,
        }
    }

    /// Whether an event ends what the process knew: a stall does not.
    pub(super) const fn forgets(event: &MachineEvent) -> bool {
        !matches!(event, MachineEvent::Paused | MachineEvent::Resumed)
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Life::Runs => "runs",
            Life::Paused => "stalled",
            Life::Exited => "exited",
            Life::Killed => "killed",
            Life::WithoutPower => "without power",
        }
    }
}
