//! Monitors over histories: pure, they see events and never the world.
