//! The canary: a run in which two nodes say at once that they lead, always. If nobody reports it, nothing that the zoo says
//! of other bugs means anything.

use std::collections::BTreeSet;
use std::time::Duration;

use check::{Belief, Monitors, Sometimes};
use history::{Event, LeadershipEvent, Term};
use interregnum::schedule::Family;
use interregnum::{Bed, Control, Parameters, Planted, Roles, Scenario, bounds, servers};

/// Every candidate says that it leads, from the first instant on and for ever.
pub struct Canary;

/// `zoo/canary`.
pub static CANARY: Canary = Canary;

impl Scenario for Canary {
    fn name(&self) -> &'static str {
        "zoo/canary"
    }

    fn about(&self) -> &'static str {
        "planted: every candidate says that it leads, always; what does not catch this catches nothing"
    }

    fn roles(&self, parameters: &Parameters) -> Roles {
        Roles { resources: Vec::new(), ..Roles::election(parameters) }
    }

    fn build(&self, bed: &Bed) {
        servers::add(bed, |config| config);
        for (term, candidate) in (1..).map(Term).zip(&bed.roles().candidates) {
            bed.add_node(candidate, move || async move {
                host::tell(Event::Leadership(LeadershipEvent::Elected { term }));
                std::future::pending().await
            });
        }
    }

    fn monitors(&self, _parameters: &Parameters, _families: &BTreeSet<Family>) -> Monitors {
        Monitors::new().with(Belief::new()).with(Sometimes::new())
    }

    fn liveness_bound(&self, parameters: &Parameters) -> Duration {
        bounds::of_election(parameters).failover
    }

    fn planted(&self) -> Option<Planted> {
        Some(Planted { id: "canary", caught_by: &["single-leader/belief"] })
    }

    fn control(&self) -> Control {
        Control::CannotBe { why: "it is a control itself" }
    }
}
