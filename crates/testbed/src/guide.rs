//! Pages for those who write tests. All code in them is compiled and run.

#[doc = include_str!("../../../docs/first-test.md")]
pub mod first_test {}

#[doc = include_str!("../../../docs/determinism.md")]
pub mod determinism {}

#[doc = include_str!("../../../docs/bring-your-own-client.md")]
pub mod bring_your_own_client {}
