//! The command line of Interregnum.

fn main() {}
