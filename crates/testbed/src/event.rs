//! The vocabulary of events: what monitors see, and what an outcome keeps.

pub use history::{
    CallEvent, ClientEvent, ClockEvent, DiskEvent, EnsembleEvent, Event, FaultEvent, Keep, LeadershipEvent,
    MachineEvent, NetworkEvent, NodeName, Phase, Record, ResourceEvent, ServiceEvent, Term, Time, WorkEvent,
};
