//! The scenarios: elections, and the zoo of broken ones.
