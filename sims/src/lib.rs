//! The scenarios: the ladder of attempts, elections and a service that hold, and the zoo of those that are broken on purpose.

mod bounds;
mod election;
mod finding;
mod janitor;
pub mod ladder;
mod profile;
mod servers;
mod service;
mod strategies;
mod zoo;

use interregnum::Catalogue;

/// All scenarios.
pub const CATALOGUE: Catalogue = Catalogue(&[
    &ladder::BY_HAND,
    &ladder::APPOINTED,
    &ladder::ELECTED,
    &election::DOCS,
    &strategies::SUPPORT,
    &strategies::SUPPORT_RESTARTING,
    &strategies::LATCH,
    &strategies::LATCH_SESSION,
    &strategies::SELECTOR,
    &strategies::SELECTOR_SESSION,
    &strategies::KAZOO,
    &strategies::KAZOO_LISTENING,
    &strategies::MULTILOCK,
    &strategies::LEASE,
    &finding::FOLLOWER_ANSWERS_ALONE,
    &finding::SLOW_ANSWERS,
    &service::REGISTER,
    &service::SEQUENCE,
    &service::EPHEMERAL,
    &service::WATCH,
    &service::SESSION,
    &zoo::A1,
    &zoo::A2,
    &zoo::A5,
    &zoo::A7,
    &zoo::A7_SYNC,
    &zoo::A8,
    &zoo::A9,
    &zoo::A10,
    &zoo::A12,
    &zoo::A13,
    &zoo::A14,
    &zoo::A15,
    &zoo::A17,
    &zoo::A19,
    &zoo::A20,
    &zoo::A21,
    &zoo::A28,
    &zoo::A29,
    &zoo::A30,
    &zoo::A31,
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
    &zoo::C5,
    &zoo::C6,
    &zoo::C10,
    &zoo::C11,
    &zoo::C12,
    &zoo::C14,
    &zoo::C15,
    &zoo::C17,
    &zoo::C18,
    &zoo::C19,
    &zoo::CANARY,
    &zoo::WORK_RECORD,
    &zoo::WORK_TERMS,
]);
