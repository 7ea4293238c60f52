//! The scenarios: elections that hold, and the zoo of those that are broken on purpose.

mod bounds;
mod election;
mod servers;
mod zoo;

use interregnum::Catalogue;

/// All scenarios.
pub const CATALOGUE: Catalogue =
    Catalogue(&[&election::DOCS, &zoo::A14, &zoo::A17, &zoo::A28, &zoo::A29, &zoo::A30, &zoo::C14, &zoo::C17]);
