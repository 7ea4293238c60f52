//! How the clients of a scenario judge their sessions: with care, or as those of other libraries do.

use client::{Profile, TrustSince};
use interregnum::Parameters;

/// Whether trust is counted since the receiving of an answer.
const TRUST_SINCE_RECEIVING: &str = "trust_since_receiving";

/// Adds the choice since when trust counts.
pub fn with_trust_since_receiving(parameters: Parameters, on: bool) -> Parameters {
    let about = "whether clients trust their session since an answer came, not since it was asked for";
    parameters.with_switch(TRUST_SINCE_RECEIVING, about, on)
}

/// The profile that the parameters ask for; the careful one in scenarios that leave no choice.
pub fn of_clients(parameters: &Parameters) -> Profile {
    let trust_since = match parameters.find_switch(TRUST_SINCE_RECEIVING) {
        Some(true) => TrustSince::Receiving,
        Some(false) | None => TrustSince::Sending,
    };
    Profile { trust_since, ..Profile::CAREFUL }
}
