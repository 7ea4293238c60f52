//! A deterministic simulation testbed for leader election.
