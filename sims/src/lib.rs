//! The scenarios: elections and a service that hold, and the zoo of those that are broken on purpose.

mod bounds;
mod election;
mod servers;
mod service;
mod single_node;
mod zoo;

use interregnum::Catalogue;

/// All scenarios.
pub const CATALOGUE: Catalogue = Catalogue(&[
    &election::DOCS,
    &election::SUPPORT,
    &single_node::HBASE_MASTER,
    &single_node::KAFKA,
    &single_node::HADOOP_ELECTOR,
    &service::REGISTER,
    &service::SEQUENCE,
    &service::EPHEMERAL,
    &service::WATCH,
    &service::SESSION,
    &zoo::A14,
    &zoo::A17,
    &zoo::A22,
    &zoo::A23,
    &zoo::A24,
    &zoo::A26,
    &zoo::A27,
    &zoo::A28,
    &zoo::A29,
    &zoo::A30,
    &zoo::A32,
    &zoo::A35,
    &zoo::B1,
    &zoo::B3,
    &zoo::B4,
    &zoo::B5,
    &zoo::B9,
    &zoo::B10,
    &zoo::B11,
    &zoo::B12,
    &zoo::B16_LESS,
    &zoo::B16_MORE,
    &zoo::B16_GAP,
    &zoo::B17,
    &zoo::B19,
    &zoo::B24,
    &zoo::B25,
    &zoo::B27,
    &zoo::B27_LEADER,
    &zoo::B28,
    &zoo::C1,
    &zoo::C14,
    &zoo::C15,
    &zoo::C17,
    &zoo::C19,
]);
