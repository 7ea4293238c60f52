//! reconfig: another ensemble.

use crate::wire::record;

/// Changes the members of the ensemble: by joining and leaving, or by naming all of them.
///
/// What answers it is a [`GetDataResponse`](super::GetDataResponse) with the new configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconfigRequest {
    /// Who joins, separated by commas.
    pub joining_servers: Option<String>,
    /// Who leaves, separated by commas.
    pub leaving_servers: Option<String>,
    /// All members, separated by commas; excludes the other two.
    pub new_members: Option<String>,
    /// The version of the configuration expected; -1 for any.
    pub current_configuration: i64,
}

record!(ReconfigRequest { joining_servers, leaving_servers, new_members, current_configuration });
