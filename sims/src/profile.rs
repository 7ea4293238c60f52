//! How the clients of a scenario judge their sessions: with care, or as those of other libraries do.

use client::{Profile, TrustSince};
use interregnum::Parameters;

/// Whether trust is counted since the receiving of an answer.
const TRUST_SINCE_RECEIVING: &str = "trust_since_receiving";

/// Whether clients know by their own clocks that their sessions are over.
const EXPIRES_LOCALLY: &str = "expires_locally";

/// Adds the choice whether clients know by themselves that their sessions are over.
pub fn with_expires_locally(parameters: Parameters, on: bool) -> Parameters {
    parameters.with_switch(EXPIRES_LOCALLY, "whether clients that are cut off know when their session is over", on)
}

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
    let expires_locally = parameters.find_switch(EXPIRES_LOCALLY).unwrap_or(Profile::CAREFUL.expires_locally);
    Profile { trust_since, expires_locally }
}
