//! What happened in a run: the typed event vocabulary, the log, and its trace hash.
